//! Keys for tries, from a key file: licences of Clear Key, and the keys of whole segments for whoever has a token.

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};

use super::site::Site;
use crate::crypt;
use crate::media::KeyId;

/// Where players ask for a licence.
pub(super) const PATH: &str = "/_licence/clearkey";

/// Where players get the key of whole segments.
pub(super) const KEY_PATH: &str = "/_licence/aes-128/{kid}";

/// The paths of both.
pub(super) fn routes() -> Router<Arc<Site>> {
    Router::new().route(PATH, post(licence)).route(KEY_PATH, get(key))
}

/// The key with this id (RFC 8216bis § 4.4.4.4: 16 bytes and nothing else), for whoever shows the token: in the query or
/// as `Authorization: Bearer` (RFC 6750). Without a token to ask for nobody gets one. What was shown is told nowhere.
async fn key(State(site): State<Arc<Site>>, Path(kid): Path<String>, uri: Uri, headers: HeaderMap) -> Response {
    let Some((keys, token)) = site.keys.as_ref().zip(site.token.as_ref()) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let bearer = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let bearer = bearer.and_then(|value| value.strip_prefix("Bearer "));
    // Nothing that a token consists of is written otherwise in a query.
    let query = uri.query().and_then(|query| query.split('&').find_map(|pair| pair.strip_prefix("token=")));
    match bearer.or(query) {
        None => return (StatusCode::UNAUTHORIZED, [(header::WWW_AUTHENTICATE, "Bearer")]).into_response(),
        Some(shown) if !token.is(shown) => return StatusCode::FORBIDDEN.into_response(),
        Some(_) => {}
    }
    match kid.parse().ok().and_then(|kid: KeyId| keys.secret_of(kid)) {
        Some(key) => {
            let headers = [(header::CONTENT_TYPE, "application/octet-stream"), (header::CACHE_CONTROL, "no-store")];
            (headers, key.to_vec()).into_response()
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
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
