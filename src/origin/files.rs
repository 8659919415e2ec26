//! One file as an answer: ranges, conditions and HEAD are tower-http's; type and caching are the set's.

use std::io;
use std::path::{Path, PathBuf};

use axum::body::Body;
use axum::http::request::Parts;
use axum::http::{HeaderValue, Request, StatusCode, header};
use axum::response::{IntoResponse, Response};
use tower_http::services::ServeFile;

use super::place::{self, Place};
use crate::plan::delivery::{self, Caching};
use crate::plan::names;

/// So many bytes of a file are read at once, which takes a thread that may block each time.
const AT_ONCE: usize = 128 * 1024;

/// The file under `key` as an answer to a request; 404 when there is none.
pub(super) async fn object(root: &Path, key: &str, request: Parts) -> Response {
    match locate(root, key).await {
        Some(Place::File(path)) => object_at(root, &path, key, request).await,
        Some(Place::Directory(_)) | None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// What stands under `key`, looked up where blocking hurts nobody.
pub(super) async fn locate(root: &Path, key: &str) -> Option<Place> {
    let (root, key) = (root.to_owned(), key.to_owned());
    tokio::task::spawn_blocking(move || place::find(&root, &key)).await.ok().flatten()
}

/// The file at `path` as an answer, which stands under `key` in or below a set in `root`.
pub(super) async fn object_at(root: &Path, path: &Path, key: &str, request: Parts) -> Response {
    let (root, full) = (root.to_owned(), key.to_owned());
    let within = move || delivery::within(&full, |report| root.join(report).is_file()).to_owned();
    let within = tokio::task::spawn_blocking(within).await;
    deliver(path, within.as_deref().unwrap_or(key), Caching::header, request).await
}

/// The file at `path` as an answer, known to its set as `key`.
pub(super) async fn deliver(
    path: &Path,
    key: &str,
    cache_control: fn(Caching) -> &'static str,
    request: Parts,
) -> Response {
    let mut response = answer(path, request).await;
    let status = response.status();
    let headers = response.headers_mut();
    if status.is_success()
        && let Some(media_type) = delivery::media_type(key)
    {
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    }
    if status.is_success() || status == StatusCode::NOT_MODIFIED {
        let caching = if goes_on(path).await { Caching::Growing } else { delivery::caching(key) };
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache_control(caching)));
    }
    response
}

/// Whether the file is a manifest of a programme that goes on: it says so, or is in a set that is being written.
async fn goes_on(path: &Path) -> bool {
    let text = |path: &Path| std::fs::read_to_string(path).unwrap_or_default();
    let playlist = move |path: &Path| {
        let text = text(path);
        let media = text.contains("#EXTINF");
        let written = || path.parent().is_some_and(|set| set.join(names::WORK).is_dir());
        if media { !text.contains("#EXT-X-ENDLIST") } else { written() }
    };
    let (path, extension) = (path.to_owned(), path.extension().and_then(|extension| extension.to_str()));
    let looked = match extension {
        Some("m3u8") => tokio::task::spawn_blocking(move || playlist(&path)),
        Some("mpd") => tokio::task::spawn_blocking(move || text(&path).contains("type=\"dynamic\"")),
        _ => return false,
    };
    looked.await.unwrap_or(false)
}

/// Serves the file. With `If-Range`, a range of it only if it is still the file that the client has a part of
/// (RFC 9110 § 13.1.5), which tower-http does not look at.
async fn answer(path: &Path, mut request: Parts) -> Response {
    let Some(validator) = request.headers.remove(header::IF_RANGE) else { return send(path, request).await };
    let part = send(path, request.clone()).await;
    let same = [header::ETAG, header::LAST_MODIFIED].iter().any(|name| part.headers().get(name) == Some(&validator));
    if same {
        return part;
    }
    request.headers.remove(header::RANGE);
    send(path, request).await
}

async fn send(path: &Path, request: Parts) -> Response {
    let path: PathBuf = path.to_owned();
    // Of several ranges at once the whole file is the answer, as RFC 9110 § 14.2 allows.
    let mut file = ServeFile::new(path).ignore_multi_range_requests(true).with_buf_chunk_size(AT_ONCE);
    match file.try_call(Request::from_parts(request, Body::empty())).await {
        Ok(response) => response.map(Body::new),
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => StatusCode::FORBIDDEN.into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}
