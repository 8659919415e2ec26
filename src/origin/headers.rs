//! Headers that every answer has, and which answers are compressed.

use std::net::IpAddr;
use std::time::Duration;

use axum::Router;
use axum::http::uri::Authority;
use axum::http::{HeaderName, HeaderValue, Method, Uri, header};
use axum::response::Response;
use tower_http::compression::{CompressionLayer, Predicate};
use tower_http::cors::{AllowHeaders, AllowOrigin, Any, CorsLayer};
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

/// Pages of any origin may ask and read.
pub(super) fn every_origin() -> CorsLayer {
    cors().allow_origin(Any)
}

/// Pages that this machine serves may ask and read.
pub(super) fn loopback_origins() -> CorsLayer {
    // What stands for all headers does not stand for Authorization (Fetch, CORS non-wildcard request-header name).
    cors()
        .allow_origin(AllowOrigin::predicate(|origin, _| origin.to_str().is_ok_and(is_loopback)))
        .allow_headers(AllowHeaders::mirror_request())
}

/// Whether an origin (RFC 6454 § 6.1) is one of this machine.
fn is_loopback(origin: &str) -> bool {
    let Ok(uri) = origin.parse::<Uri>() else { return false };
    let host = uri.host().unwrap_or_default();
    host == "localhost" || address(host).is_some_and(|address| address.is_loopback())
}

/// Whether an authority (RFC 3986 § 3.2) names this machine, or is no name at all: no name can be made to lead here then.
pub(super) fn is_address_or_localhost(authority: &str) -> bool {
    let Ok(authority) = authority.parse::<Authority>() else { return false };
    authority.host().eq_ignore_ascii_case("localhost") || address(authority.host()).is_some()
}

fn address(host: &str) -> Option<IpAddr> {
    host.trim_start_matches('[').trim_end_matches(']').parse().ok()
}

fn cors() -> CorsLayer {
    CorsLayer::new()
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
        .max_age(PREFLIGHT)
}

/// Lets the pages play that `cors` allows, compresses texts, and says what must be said of everything.
pub(super) fn with_headers(routes: Router, cors: CorsLayer) -> Router {
    let fixed = |name, value| SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_of_this_machine_are_told_from_others() {
        for own in ["http://localhost:3000", "http://127.0.0.1:8080", "https://[::1]:9", "http://127.8.0.1"] {
            assert!(is_loopback(own), "{own}");
        }
        for foreign in ["null", "https://example.com", "https://localhost.example.com", "https://127.0.0.1.nip.io", ""]
        {
            assert!(!is_loopback(foreign), "{foreign}");
        }
    }

    #[test]
    fn a_name_that_somebody_made_lead_here_is_none_of_ours() {
        for own in ["localhost:8080", "LOCALHOST", "127.0.0.1:8080", "[::1]:8080", "192.0.2.1"] {
            assert!(is_address_or_localhost(own), "{own}");
        }
        for foreign in ["evil.example:8080", "localhost.evil.example", "127.0.0.1.nip.io", ""] {
            assert!(!is_address_or_localhost(foreign), "{foreign}");
        }
    }
}
