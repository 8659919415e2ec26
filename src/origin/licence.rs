//! A licence server for tries: Clear Key from a key file.

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;

use super::site::Site;
use crate::crypt;

/// Where players ask for a licence.
pub(super) const PATH: &str = "/_licence/clearkey";

/// The path of the licence server.
pub(super) fn routes() -> Router<Arc<Site>> {
    Router::new().route(PATH, post(licence))
}

/// The keys that are asked for (W3C, Encrypted Media Extensions § 9.1). No cache may keep them.
async fn licence(State(site): State<Arc<Site>>, request: Bytes) -> Response {
    let Some(keys) = &site.keys else { return StatusCode::NOT_FOUND.into_response() };
    match crypt::licence(keys, &request) {
        Some(licence) => {
            let headers = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")];
            (headers, licence.as_bytes().to_vec()).into_response()
        }
        None => StatusCode::BAD_REQUEST.into_response(),
    }
}
