//! A manifest as it is sent: made once for each version, however many ask for it.

use std::io::Write;
use std::sync::OnceLock;

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use flate2::Compression;
use flate2::write::GzEncoder;

/// One version of a manifest.
#[derive(Debug)]
pub(super) struct Text {
    body: Bytes,
    compressed: OnceLock<Bytes>,
    tag: String,
}

impl Text {
    /// A version of these lines.
    pub(super) fn new(body: String) -> Self {
        let tag = format!("\"{}\"", &blake3::hash(body.as_bytes()).to_hex()[..16]);
        Self { body: body.into(), compressed: OnceLock::new(), tag }
    }

    /// The answer to a request with these headers, which copies may be kept of for so many seconds.
    pub(super) fn answer(&self, media_type: &'static str, seconds: u64, request: &HeaderMap) -> Response {
        let text = |name| request.get(name).and_then(|value: &HeaderValue| value.to_str().ok()).unwrap_or_default();
        let compressed = accepts_gzip(text(header::ACCEPT_ENCODING));
        // Compressed bytes are not the same bytes (RFC 9110 § 8.8.3.3).
        let tag = if compressed { format!("W/{}", self.tag) } else { self.tag.clone() };
        let known = text(header::IF_NONE_MATCH).split(',').any(|known| {
            let known = known.trim();
            known == "*" || known.trim_start_matches("W/") == self.tag
        });
        let headers = [
            (header::CACHE_CONTROL, format!("public, max-age={seconds}")),
            (header::ETAG, tag),
            (header::VARY, "accept-encoding".to_owned()),
        ];
        if known {
            return (StatusCode::NOT_MODIFIED, headers).into_response();
        }
        let kind = [(header::CONTENT_TYPE, media_type)];
        if !compressed {
            return (headers, kind, Body::from(self.body.clone())).into_response();
        }
        let body = self.compressed.get_or_init(|| gzip(&self.body)).clone();
        (headers, kind, [(header::CONTENT_ENCODING, "gzip")], Body::from(body)).into_response()
    }
}

fn gzip(body: &Bytes) -> Bytes {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    let written = encoder.write_all(body).and_then(|()| encoder.finish());
    written.expect("a vector takes everything").into()
}

/// Whether a client takes gzip (RFC 9110 § 12.5.3).
fn accepts_gzip(accepted: &str) -> bool {
    accepted.split(',').any(|coding| {
        let mut parts = coding.split(';').map(str::trim);
        let named = matches!(parts.next(), Some("gzip" | "*"));
        let weight = parts.find_map(|part| part.strip_prefix("q=")?.parse::<f64>().ok());
        named && weight.is_none_or(|weight| weight > 0.0)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gzip_is_sent_to_those_who_take_it() {
        for (accepted, takes) in
            [("gzip, deflate, br", true), ("br;q=1.0, gzip;q=0.8", true), ("*", true), ("gzip;q=0", false), ("", false)]
        {
            assert_eq!(accepts_gzip(accepted), takes, "{accepted}");
        }
    }

    #[test]
    fn a_client_that_has_this_version_gets_no_other() {
        let text = Text::new("#EXTM3U\n".to_owned());
        let status = |known: &str| {
            let headers = HeaderMap::from_iter([(header::IF_NONE_MATCH, known.parse().expect("a header"))]);
            text.answer("text/plain", 1, &headers).status()
        };
        assert_eq!(status(&text.tag), StatusCode::NOT_MODIFIED);
        assert_eq!(status(&format!("\"other\", W/{}", text.tag)), StatusCode::NOT_MODIFIED);
        assert_eq!(status("\"other\""), StatusCode::OK);
    }
}
