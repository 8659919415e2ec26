//! Uploads in parts that nobody will finish: the store keeps their parts, and bills them, until they are removed.

use std::collections::BTreeSet;
use std::sync::atomic::Ordering;

use http::Method;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use quick_xml::Reader;
use quick_xml::events::Event;

use super::aws::Signer;
use super::{Location, Objects, Refusal, wait};
use crate::cancel::CancelToken;
use crate::output::Error;

/// What is spelled out in the path and the query of a signed request (RFC 3986 § 2.3 is not).
const QUERY: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
const PATH: &AsciiSet = &QUERY.remove(b'/');

/// One upload that was begun.
#[derive(Debug, Default, PartialEq, Eq)]
struct Begun {
    key: String,
    id: String,
}

impl Objects {
    /// Removes what is left of uploads to `keys` that were begun and never finished: by a run that was killed, or
    /// when the answer to a beginning was lost. Only where it can be asked for (S3), and only after this run sent
    /// something in parts. Nothing may be under way. Gives how many there were.
    pub fn sweep_uploads(&self, keys: &BTreeSet<String>, cancel: &CancelToken) -> Result<usize, Error> {
        let (Some(signer), Location::Bucket(bucket)) = (&self.signer, &self.location) else { return Ok(0) };
        if !self.in_parts.load(Ordering::Relaxed) {
            return Ok(0);
        }
        let swept = async {
            let prefix = if bucket.prefix.is_empty() { String::new() } else { bucket.path("") + "/" };
            let mut swept = 0;
            for begun in list(signer, &prefix).await? {
                if begun.key.strip_prefix(&prefix).is_some_and(|key| keys.contains(key)) {
                    let (key, id) = (utf8_percent_encode(&begun.key, PATH), utf8_percent_encode(&begun.id, QUERY));
                    match signer.ask_bucket(Method::DELETE, &format!("/{key}?uploadId={id}")).await {
                        Ok(_) => swept += 1,
                        Err(Refusal::Other(text)) if text.starts_with("NoSuchUpload") => {}
                        Err(refusal) => return Err(refusal),
                    }
                }
            }
            Ok(swept)
        };
        let refused = |refusal| Error::Store { action: "list", target: self.url(""), refusal };
        wait(&self.runtime, cancel, swept)?.map_err(refused)
    }
}

/// All uploads below a prefix.
async fn list(signer: &Signer, prefix: &str) -> Result<Vec<Begun>, Refusal> {
    let mut found = Vec::new();
    let mut markers = String::new();
    loop {
        let prefix = utf8_percent_encode(prefix, QUERY);
        let page = signer.ask_bucket(Method::GET, &format!("?prefix={prefix}&uploads={markers}")).await?;
        let page =
            Page::read(&page).map_err(|why| Refusal::Other(format!("the list of uploads cannot be read: {why}")))?;
        found.extend(page.uploads);
        let Some((key, id)) = page.next else { return Ok(found) };
        let (key, id) = (utf8_percent_encode(&key, QUERY), utf8_percent_encode(&id, QUERY));
        markers = format!("&key-marker={key}&upload-id-marker={id}");
    }
}

/// One page of the list.
#[derive(Debug, Default, PartialEq, Eq)]
struct Page {
    uploads: Vec<Begun>,
    /// Where the next page begins.
    next: Option<(String, String)>,
}

impl Page {
    fn read(text: &str) -> Result<Self, quick_xml::Error> {
        let mut reader = Reader::from_str(text);
        let (mut page, mut value) = (Self::default(), String::new());
        let (mut begun, mut next, mut truncated) = (Begun::default(), (String::new(), String::new()), false);
        loop {
            match reader.read_event()? {
                Event::Start(_) => value.clear(),
                Event::Text(text) => value += &text,
                Event::GeneralRef(reference) => {
                    let number = reference.resolve_char_ref()?.map(String::from);
                    let known = quick_xml::escape::resolve_predefined_entity(&reference).map(str::to_owned);
                    value += &number.or(known).unwrap_or_default();
                }
                Event::End(end) => {
                    match end.local_name().as_ref() {
                        "Key" => begun.key.clone_from(&value),
                        "UploadId" => begun.id.clone_from(&value),
                        "Upload" => page.uploads.push(std::mem::take(&mut begun)),
                        "NextKeyMarker" => next.0.clone_from(&value),
                        "NextUploadIdMarker" => next.1.clone_from(&value),
                        "IsTruncated" => truncated = value == "true",
                        _ => {}
                    }
                    value.clear();
                }
                Event::Eof => break,
                _ => {}
            }
        }
        page.next = truncated.then_some(next);
        Ok(page)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_of_uploads_is_read_with_where_the_next_begins() {
        let text = "<?xml version=\"1.0\"?><ListMultipartUploadsResult><NextKeyMarker>b</NextKeyMarker>\
            <NextUploadIdMarker>9</NextUploadIdMarker><IsTruncated>true</IsTruncated>\
            <Upload><Key>a &amp; b/&#252;</Key><UploadId>7</UploadId><Owner><ID>o</ID></Owner></Upload>\
            </ListMultipartUploadsResult>";
        let page = Page::read(text).expect("XML");
        assert_eq!(page.uploads, [Begun { key: "a & b/\u{fc}".to_owned(), id: "7".to_owned() }]);
        assert_eq!(page.next, Some(("b".to_owned(), "9".to_owned())));
        assert_eq!(Page::read("<ListMultipartUploadsResult/>").expect("XML"), Page::default());
    }
}
