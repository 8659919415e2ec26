//! The preview: a page that plays a set, a page that lists several, and what these need.

mod assets;

use std::path::Path;
use std::sync::Arc;

use axum::extract::{Path as Captured, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde_json::json;

use super::files;
use super::licence;
use super::place::{self, Place};
use super::sets;
use super::site::Site;

/// The path of the preview of everything. Below it is what the preview needs; a set of this name could not be
/// reached.
const TOP: &str = "/_preview/";

/// Everything comes from this server. Players make their sources with blobs, and `data:` is what hls.js
/// probes codecs with.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; \
    media-src 'self' blob: data:; connect-src 'self'; worker-src 'self' blob:; font-src 'self'; \
    base-uri 'none'; form-action 'none'; frame-ancestors 'self'";

/// Where a person finds the preview: on top, unless a page of their own is there.
pub(super) fn entry(root: &Path) -> &'static str {
    match place::find(root, "index.html") {
        Some(Place::File(_)) => TOP,
        Some(Place::Directory(_)) | None => "/",
    }
}

/// What a page shows.
#[derive(Clone, Copy, Debug)]
pub(super) enum Page {
    /// One set.
    Player,
    /// A list of sets.
    Sets,
}

impl IntoResponse for Page {
    fn into_response(self) -> Response {
        let text = match self {
            Self::Player => assets::PLAYER,
            Self::Sets => assets::SETS,
        };
        let headers = [
            (header::CONTENT_TYPE, "text/html; charset=utf-8"),
            (header::CONTENT_SECURITY_POLICY, POLICY),
            (header::REFERRER_POLICY, "no-referrer"),
        ];
        (headers, text).into_response()
    }
}

/// The page of the directory `key`: of a set, or of the root, which always has one.
pub(super) async fn page(root: &Path, key: &str) -> Option<Page> {
    let Some(Place::Directory(directory)) = files::locate(root, key).await else { return None };
    let holds_one = tokio::task::spawn_blocking(move || sets::holds_one(&directory)).await.unwrap_or(false);
    match holds_one {
        true => Some(Page::Player),
        false => key.is_empty().then_some(Page::Sets),
    }
}

/// The paths of the preview.
pub(super) fn routes() -> Router<Arc<Site>> {
    Router::new()
        .route("/_preview", get(async || Redirect::permanent(TOP)))
        .route(TOP, get(top))
        .route("/_preview/play/{*path}", get(play))
        .route("/_preview/sets.json", get(list))
        .route("/_preview/at/{version}/{*path}", get(at))
        .route("/_preview/assets/{*name}", get(asset))
}

async fn top(State(site): State<Arc<Site>>) -> Response {
    shown(page(&site.root, "").await)
}

async fn play(State(site): State<Arc<Site>>, Captured(path): Captured<String>) -> Response {
    shown(page(&site.root, path.trim_end_matches('/')).await)
}

fn shown(page: Option<Page>) -> Response {
    page.map_or_else(|| StatusCode::NOT_FOUND.into_response(), IntoResponse::into_response)
}

/// The sets that are there now, and how the server calls itself.
async fn list(State(site): State<Arc<Site>>) -> Response {
    let root = site.root.clone();
    let sets = tokio::task::spawn_blocking(move || sets::find(&root)).await.unwrap_or_default();
    let name = site.root.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let licence = site.keys.as_ref().map(|_| licence::PATH);
    let version = env!("CARGO_PKG_VERSION");
    Json(json!({ "name": name, "version": version, "licence": licence, "sets": sets })).into_response()
}

/// A file under a path that changes with the version of its set, so that a browser that keeps media for good
/// never mixes what was there before a set was encoded again with what is there now.
async fn at(
    State(site): State<Arc<Site>>,
    Captured((_version, path)): Captured<(String, String)>,
    request: Request,
) -> Response {
    files::object(&site.root, &path, request.into_parts().0).await
}

async fn asset(Captured(name): Captured<String>) -> Response {
    match assets::find(&name) {
        Some(asset) => ([(header::CONTENT_TYPE, asset.media_type)], asset.body).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
