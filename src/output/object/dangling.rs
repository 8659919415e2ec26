//! Uploads in parts that nobody will finish: the store keeps their parts, and bills them, until they are removed.

use std::collections::BTreeSet;
use std::sync::PoisonError;
use std::time::Duration;

use http::Method;
use object_store::ObjectStoreExt;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::aws::Signer;
use super::error::Refused;
use super::{Location, Objects, Refusal, wait, xml};
use crate::cancel::CancelToken;
use crate::output::Error;

/// What is spelled out in the path and the query of a signed request (RFC 3986 § 2.3 is not).
pub(super) const QUERY: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
const PATH: &AsciiSet = &QUERY.remove(b'/');

/// An upload that was begun so long ago is nobody's any more.
const FORGOTTEN: Duration = Duration::from_secs(24 * 60 * 60);

/// One upload that was begun.
#[derive(Debug, Default, PartialEq, Eq)]
struct Begun {
    key: String,
    id: String,
    /// When (RFC 3339).
    at: String,
}

impl Objects {
    /// Removes what is left of uploads to `keys` that were begun and never finished: by a run that was killed a day
    /// ago, or when the answer to a beginning was lost, so that no part ever came. Others may be under way elsewhere.
    /// Only where it can be asked for (S3), and only after this run sent something in parts. Nothing of this run may
    /// be under way. Gives how many there were.
    pub fn sweep_uploads(&self, keys: &BTreeSet<String>, cancel: &CancelToken) -> Result<usize, Error> {
        let (Some(signer), Location::Bucket(bucket)) = (&self.signer, &self.location) else { return Ok(0) };
        let sent = self.in_parts.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let Some(sent) = sent else { return Ok(0) };
        // The clock of the store: what was just put there tells it.
        let put = wait(&self.runtime, cancel, self.store.head(&sent))?;
        let now = put.map_err(|error| super::error::explain("read", self.url(""), &error))?.last_modified;
        let old = (now - FORGOTTEN).to_rfc3339();
        let prefix = if bucket.prefix.is_empty() { String::new() } else { bucket.path("") + "/" };
        let begun = self.persist("list", self.url(""), cancel, || list(signer, &prefix))?;
        let ours = |begun: &Begun| begun.key.strip_prefix(&prefix).is_some_and(|key| keys.contains(key));
        let mut swept = 0;
        for begun in begun.iter().filter(|begun| ours(begun)) {
            swept += usize::from(self.persist("delete", self.url(""), cancel, || remove(signer, begun, &old))?);
        }
        Ok(swept)
    }
}

/// Removes an upload that was begun before `old`, or of which nothing ever came; tells whether it did.
async fn remove(signer: &Signer, begun: &Begun, old: &str) -> Result<bool, Refused> {
    let (key, id) = (utf8_percent_encode(&begun.key, PATH), utf8_percent_encode(&begun.id, QUERY));
    let gone = |refused: &Refused| matches!(&refused.refusal, Refusal::Other(text) if text.starts_with("NoSuchUpload"));
    if !is_before(&begun.at, old) {
        match signer.ask_bucket(Method::GET, &format!("/{key}?max-parts=1&uploadId={id}")).await {
            Ok(parts) if !holds_parts(&parts)? => {}
            Ok(_) => return Ok(false),
            Err(refused) if gone(&refused) => return Ok(false),
            Err(refused) => return Err(refused),
        }
    }
    match signer.ask_bucket(Method::DELETE, &format!("/{key}?uploadId={id}")).await {
        Ok(_) => Ok(true),
        Err(refused) if gone(&refused) => Ok(false),
        Err(refused) => Err(refused),
    }
}

/// Whether one time is before another, to the second; both of UTC.
fn is_before(one: &str, other: &str) -> bool {
    const SECOND: usize = "2026-01-02T03:04:05".len();
    matches!((one.get(..SECOND), other.get(..SECOND)), (Some(one), Some(other)) if one < other)
}

fn holds_parts(text: &str) -> Result<bool, Refused> {
    let mut some = false;
    xml::each(text, |name, _| some |= name == "Part").map_err(unreadable)?;
    Ok(some)
}

fn unreadable(why: quick_xml::Error) -> Refused {
    Refusal::Other(format!("the list of uploads cannot be read: {why}")).into()
}

/// All uploads below a prefix.
async fn list(signer: &Signer, prefix: &str) -> Result<Vec<Begun>, Refused> {
    let mut found = Vec::new();
    let mut markers = String::new();
    loop {
        let prefix = utf8_percent_encode(prefix, QUERY);
        let page = signer.ask_bucket(Method::GET, &format!("?prefix={prefix}&uploads={markers}")).await?;
        let page = Page::read(&page).map_err(unreadable)?;
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
        let (mut page, mut begun) = (Self::default(), Begun::default());
        let (mut next, mut truncated) = ((String::new(), String::new()), false);
        xml::each(text, |name, value| match name {
            "Key" => value.clone_into(&mut begun.key),
            "UploadId" => value.clone_into(&mut begun.id),
            "Initiated" => value.clone_into(&mut begun.at),
            "Upload" => page.uploads.push(std::mem::take(&mut begun)),
            "NextKeyMarker" => value.clone_into(&mut next.0),
            "NextUploadIdMarker" => value.clone_into(&mut next.1),
            "IsTruncated" => truncated = value == "true",
            _ => {}
        })?;
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
            <Upload><Key>a &amp; b/&#252;</Key><UploadId>7</UploadId><Owner><ID>o</ID></Owner>\
            <Initiated>2026-01-02T03:04:05.678Z</Initiated></Upload>\
            </ListMultipartUploadsResult>";
        let page = Page::read(text).expect("XML");
        let at = "2026-01-02T03:04:05.678Z".to_owned();
        assert!(is_before(&at, "2026-01-02T03:04:06+00:00") && !is_before(&at, "2026-01-02T03:04:05+00:00"));
        assert_eq!(page.uploads, [Begun { key: "a & b/\u{fc}".to_owned(), id: "7".to_owned(), at }]);
        assert_eq!(page.next, Some(("b".to_owned(), "9".to_owned())));
        assert_eq!(Page::read("<ListMultipartUploadsResult/>").expect("XML"), Page::default());
    }

    #[test]
    fn an_upload_that_grows_has_parts() {
        assert!(
            !holds_parts("<ListPartsResult><PartNumberMarker>0</PartNumberMarker></ListPartsResult>").expect("XML")
        );
        assert!(holds_parts("<R><Part><PartNumber>1</PartNumber></Part></R>").expect("XML"));
    }
}
