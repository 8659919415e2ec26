//! A header, segment or part as it is sent: ranges of it, or its chunks as they come.

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use http_range_header::parse_range_header;

use super::growing::Grown;
use crate::plan::delivery::LIVE_MEDIA;

/// An object that is kept in memory.
#[derive(Debug, Clone)]
pub(super) struct Whole {
    body: Bytes,
    tag: HeaderValue,
}

impl Whole {
    pub(super) fn new(body: Bytes) -> Self {
        let tag = format!("\"{}\"", &blake3::hash(&body).to_hex()[..16]);
        Self { body, tag: HeaderValue::try_from(tag).expect("hexadecimal digits are a header") }
    }
}

/// The answer to a request with these headers for a whole object.
pub(super) fn whole(Whole { body, tag }: Whole, media_type: &'static str, request: &HeaderMap) -> Response {
    let length = body.len() as u64;
    let known = request.get_all(header::IF_NONE_MATCH).iter().filter_map(|known| known.to_str().ok());
    let mut known = known.flat_map(|known| known.split(',')).map(|known| known.trim().trim_start_matches("W/"));
    let is_known = known.any(|known| known == "*" || known.as_bytes() == tag.as_bytes());
    let fixed = HeaderValue::from_static;
    let headers = [
        (header::CONTENT_TYPE, fixed(media_type)),
        (header::CACHE_CONTROL, fixed(LIVE_MEDIA)),
        (header::ACCEPT_RANGES, fixed("bytes")),
        (header::ETAG, tag),
    ];
    if is_known {
        return (StatusCode::NOT_MODIFIED, headers).into_response();
    }
    // There is only one version of it, so a condition on the version always holds.
    let Some(asked) = request.get(header::RANGE).and_then(|value| value.to_str().ok()) else {
        return (headers, Body::from(body)).into_response();
    };
    let Ok(parsed) = parse_range_header(asked) else { return (headers, Body::from(body)).into_response() };
    match parsed.validate(length).as_deref() {
        Ok([range]) => {
            let said = format!("bytes {}-{}/{length}", range.start(), range.end());
            let part = body.slice(*range.start() as usize..=*range.end() as usize);
            (StatusCode::PARTIAL_CONTENT, headers, [(header::CONTENT_RANGE, said)], Body::from(part)).into_response()
        }
        // Of several ranges at once the whole object is the answer, as RFC 9110 § 14.2 allows.
        Ok(_) => (headers, Body::from(body)).into_response(),
        Err(_) => {
            let said = format!("bytes */{length}");
            (StatusCode::RANGE_NOT_SATISFIABLE, [(header::CONTENT_RANGE, said)]).into_response()
        }
    }
}

/// The answer to a request for an object that is still made: what is there of it at once, the rest as it comes. Its
/// length is not known, so a range of it cannot be given; without one the whole object is a right answer too
/// (RFC 9110 § 14.2).
pub(super) fn growing(grown: Grown, media_type: &'static str) -> Response {
    let headers = [(header::CONTENT_TYPE, media_type), (header::CACHE_CONTROL, LIVE_MEDIA)];
    (headers, Body::from_stream(grown.into_stream())).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(range: &str) -> (u16, String, String) {
        let headers = HeaderMap::from_iter([(header::RANGE, range.parse().expect("a header"))]);
        let response = whole(Whole::new(Bytes::from_static(b"0123456789")), "video/mp4", &headers);
        let text = |name| response.headers().get(name).map_or("", |value| value.to_str().expect("text")).to_owned();
        (response.status().as_u16(), text(header::CONTENT_RANGE), text(header::CACHE_CONTROL))
    }

    #[test]
    fn a_range_is_sent_alone_and_one_outside_is_refused() {
        assert_eq!(answer("bytes=2-4"), (206, "bytes 2-4/10".to_owned(), LIVE_MEDIA.to_owned()));
        assert_eq!(answer("bytes=-3"), (206, "bytes 7-9/10".to_owned(), LIVE_MEDIA.to_owned()));
        assert_eq!(answer("bytes=8-"), (206, "bytes 8-9/10".to_owned(), LIVE_MEDIA.to_owned()));
        assert_eq!(answer("bytes=10-"), (416, "bytes */10".to_owned(), String::new()));
        assert_eq!(answer("bytes=0-1,4-5").0, 200);
        assert_eq!(answer("lines=1-2").0, 200);
    }

    #[test]
    fn a_client_that_has_it_gets_it_no_more() {
        let object = Whole::new(Bytes::from_static(b"0123456789"));
        let status = |known: &HeaderValue| {
            let headers = HeaderMap::from_iter([(header::IF_NONE_MATCH, known.clone())]);
            whole(object.clone(), "video/mp4", &headers).status()
        };
        assert_eq!(status(&object.tag), StatusCode::NOT_MODIFIED);
        assert_eq!(status(&HeaderValue::from_static("\"another\"")), StatusCode::OK);
    }
}
