//! Headers that every answer has, and which answers are compressed.

use std::time::Duration;

use axum::Router;
use axum::http::{HeaderName, HeaderValue, Method, header};
use axum::response::Response;
use tower_http::compression::{CompressionLayer, Predicate};
use tower_http::cors::{Any, CorsLayer};
use tower_http::set_header::SetResponseHeaderLayer;

/// What is text, and is small when compressed (Apple's HLS authoring specification 10.1). Media is not: it is
/// compressed already.
const TEXTS: [&str; 8] = [
    "application/vnd.apple.mpegurl",
    "application/dash+xml",
    "application/json",
    "text/vtt",
    "text/html",
    "text/css",
    "text/javascript",
    "text/plain",
];

/// A text this small fits one packet as it is.
const WORTHWHILE: u64 = 256;

/// How long a browser may remember what pages of other origins may ask.
const PREFLIGHT: Duration = Duration::from_secs(24 * 60 * 60);

/// Lets pages of any origin play, compresses texts, and says what must be said of everything.
pub(super) fn with_headers(routes: Router) -> Router {
    let fixed = |name, value| SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value));
    let cors = CorsLayer::new()
        .allow_origin(Any)
        .allow_methods([Method::GET, Method::HEAD, Method::POST, Method::OPTIONS])
        .allow_headers(Any)
        .expose_headers([
            header::CONTENT_LENGTH,
            header::CONTENT_RANGE,
            header::ACCEPT_RANGES,
            header::CONTENT_ENCODING,
            header::DATE,
            header::ETAG,
        ])
        .max_age(PREFLIGHT);
    routes
        .layer(CompressionLayer::new().compress_when(Texts))
        .layer(axum::middleware::map_response(weaken))
        .layer(fixed(header::CACHE_CONTROL, "no-cache"))
        .layer(fixed(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        // Players measure bandwidth by resource timing, which other origins hide otherwise.
        .layer(fixed(HeaderName::from_static("timing-allow-origin"), "*"))
        .layer(fixed(HeaderName::from_static("cross-origin-resource-policy"), "cross-origin"))
        .layer(cors)
}

/// Says which answers are compressed.
#[derive(Clone, Copy, Debug)]
struct Texts;

impl Predicate for Texts {
    fn should_compress<B: axum::body::HttpBody>(&self, response: &axum::http::Response<B>) -> bool {
        let headers = response.headers();
        let media_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let essence = media_type.split(';').next().unwrap_or_default().trim();
        let length = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
        TEXTS.contains(&essence) && length.is_none_or(|length: u64| length >= WORTHWHILE)
    }
}

/// A strong tag promises the same bytes, which compressed ones are not (RFC 9110 § 8.8.3.3).
async fn weaken(mut response: Response) -> Response {
    let headers = response.headers_mut();
    if headers.contains_key(header::CONTENT_ENCODING)
        && let Some(tag) = headers.get(header::ETAG).and_then(|tag| tag.to_str().ok())
        && tag.starts_with('"')
        && let Ok(weak) = HeaderValue::from_str(&format!("W/{tag}"))
    {
        headers.insert(header::ETAG, weak);
    }
    response
}
