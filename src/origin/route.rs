//! Which request is answered by what.

use std::path::Path;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Path as Captured, Request, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;

use super::place::Place;
use super::preview::Page;
use super::site::Site;
use super::{Config, files, headers, licence, preview};

/// The files below `root`, with the pages of the preview or without, and a licence server when there are keys; with a
/// token, one for the keys of whole segments. `local` says that only this machine reaches it.
pub(super) fn routes(root: &Path, config: &Config, local: bool) -> Router {
    let Config { preview, keys, token, .. } = config;
    let (preview, with_keys) = (*preview, keys.is_some());
    let site = Arc::new(Site { root: root.into(), preview, keys: keys.clone(), token: token.clone() });
    let mut routes = Router::new().route("/", get(top)).route("/{*path}", get(below));
    if preview {
        routes = routes.merge(preview::routes());
    }
    let mut all = headers::with_headers(routes.with_state(site.clone()), headers::every_origin());
    if with_keys {
        // Keys are not for pages that somebody else made and that happen to be open in the same browser.
        all = all.merge(licence::routes(site, local));
    }
    all
}

async fn top(State(site): State<Arc<Site>>, request: Request) -> Response {
    directory(&site, "", request.into_parts().0).await
}

async fn below(State(site): State<Arc<Site>>, Captured(path): Captured<String>, request: Request) -> Response {
    let request = request.into_parts().0;
    match path.strip_suffix('/') {
        Some(key) => directory(&site, key, request).await,
        None => match files::locate(&site.root, &path).await {
            Some(Place::File(file)) => files::object_at(&site.root, &file, &path, request).await,
            Some(Place::Directory(_)) if directory_is_shown(&site, &path).await => {
                Redirect::permanent(&format!("{}/", request.uri.path())).into_response()
            }
            Some(Place::Directory(_)) | None => StatusCode::NOT_FOUND.into_response(),
        },
    }
}

/// The name that a web server gives the page of a directory.
const INDEX: &str = "index.html";

/// A directory shows the page that lies in it; else the preview, when it holds a set. It never lists its files.
async fn directory(site: &Site, key: &str, request: Parts) -> Response {
    let index = if key.is_empty() { INDEX.to_owned() } else { format!("{key}/{INDEX}") };
    if let Some(Place::File(file)) = files::locate(&site.root, &index).await {
        return files::object_at(&site.root, &file, &index, request).await;
    }
    match page(site, key).await {
        Some(page) => page.into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn directory_is_shown(site: &Site, key: &str) -> bool {
    matches!(files::locate(&site.root, &format!("{key}/{INDEX}")).await, Some(Place::File(_)))
        || page(site, key).await.is_some()
}

async fn page(site: &Site, key: &str) -> Option<Page> {
    if site.preview { preview::page(&site.root, key).await } else { None }
}
