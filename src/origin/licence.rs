//! Keys for tries, from a key file: licences of Clear Key, and the keys of whole segments. Where there is a token, both
//! are for whoever shows it.

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};

use super::headers;
use super::site::Site;
use crate::crypt::{self, Token};
use crate::media::KeyId;

/// Where players ask for a licence.
pub(super) const PATH: &str = "/_licence/clearkey";

/// Where players get the key of whole segments.
pub(super) const KEY_PATH: &str = "/_licence/aes-128/{kid}";

/// The paths of both, for pages that this machine serves. A listener that only this machine reaches answers under its own
/// names alone: a page of somebody else, whose name is made to lead here, asks under that one.
pub(super) fn routes(site: Arc<Site>, local: bool) -> Router {
    let routes = Router::new().route(PATH, post(licence)).route(KEY_PATH, get(key));
    let routes = if local { routes.layer(middleware::from_fn(under_own_name)) } else { routes };
    headers::with_headers(routes.with_state(site), headers::loopback_origins())
}

async fn under_own_name(request: Request, next: Next) -> Response {
    let asked = request.headers().get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let authority = request.uri().authority().map_or(asked, |authority| authority.as_str());
    if headers::is_address_or_localhost(authority) {
        next.run(request).await
    } else {
        StatusCode::MISDIRECTED_REQUEST.into_response()
    }
}

/// What is answered to whoever does not show the token: in the query or as `Authorization: Bearer` (RFC 6750). What was shown is told
/// nowhere.
fn refusal(token: &Token, uri: &Uri, headers: &HeaderMap) -> Option<Response> {
    let shown = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    // The name of a scheme has no case (RFC 9110 § 11.1).
    let bearer =
        shown.and_then(|value| value.split_once(' ')).filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
    let bearer = bearer.map(|(_, shown)| shown.trim_start_matches(' '));
    // Nothing that a token consists of is written otherwise in a query.
    let query = uri.query().and_then(|query| query.split('&').find_map(|pair| pair.strip_prefix("token=")));
    match bearer.or(query) {
        None => Some((StatusCode::UNAUTHORIZED, [(header::WWW_AUTHENTICATE, "Bearer")]).into_response()),
        Some(shown) if !token.is(shown) => Some(StatusCode::FORBIDDEN.into_response()),
        Some(_) => None,
    }
}

/// The key with this id (RFC 8216bis § 4.4.4.4: 16 bytes and nothing else). Without a token to ask for nobody gets one.
async fn key(State(site): State<Arc<Site>>, Path(kid): Path<String>, uri: Uri, headers: HeaderMap) -> Response {
    let Some((keys, token)) = site.keys.as_ref().zip(site.token.as_ref()) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    if let Some(refusal) = refusal(token, &uri, &headers) {
        return refusal;
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
async fn licence(State(site): State<Arc<Site>>, uri: Uri, headers: HeaderMap, request: Bytes) -> Response {
    let Some(keys) = &site.keys else { return StatusCode::NOT_FOUND.into_response() };
    if let Some(refusal) = site.token.as_ref().and_then(|token| refusal(token, &uri, &headers)) {
        return refusal;
    }
    match crypt::licence(keys, &request) {
        Some(licence) => {
            let headers = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")];
            (headers, licence.as_bytes().to_vec()).into_response()
        }
        None => StatusCode::BAD_REQUEST.into_response(),
    }
}
