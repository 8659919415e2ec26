//! What is below a location. S3 is asked in words of our own: `object_store` refuses a whole page of a listing for one
//! name on it that is no path to its mind (`a//b`), and anybody can put such an object there.

use std::collections::BTreeMap;

use futures_util::TryStreamExt;
use http::Method;
use object_store::path::Path;
use percent_encoding::{percent_decode_str, utf8_percent_encode};

use super::aws::Signer;
use super::dangling::QUERY;
use super::error::Refused;
use super::{Bucket, Listed, Location, Objects, Refusal, xml};
use crate::output::{Error, is_key};

impl Objects {
    /// Every object, by key. A name that is no key of ours (with `//`, say) is left out.
    pub fn list(&self) -> Result<BTreeMap<String, Listed>, Error> {
        match (&self.signer, &self.location) {
            (Some(signer), Location::Bucket(bucket)) => {
                self.persist("list", self.url(""), &self.cancel, || of_bucket(signer, bucket))
            }
            _ => self.persist("list", self.url(""), &self.cancel, || self.of_store()),
        }
    }

    async fn of_store(&self) -> object_store::Result<BTreeMap<String, Listed>> {
        let prefix = Some(&self.base).filter(|base| !base.as_ref().is_empty());
        let mut found = BTreeMap::new();
        let mut objects = self.store.list(prefix);
        while let Some(object) = objects.try_next().await? {
            let Some(key) = self.key(&object.location) else { continue };
            let modified = object.last_modified.to_rfc3339();
            found.insert(key, Listed { bytes: object.size, etag: object.e_tag, modified });
        }
        Ok(found)
    }

    /// The key of what the store calls `path`.
    fn key(&self, path: &Path) -> Option<String> {
        let base = self.base.as_ref();
        let rest = path.as_ref().strip_prefix(base)?;
        let key = if base.is_empty() { rest } else { rest.strip_prefix('/')? };
        is_key(key).then(|| key.to_owned())
    }
}

async fn of_bucket(signer: &Signer, bucket: &Bucket) -> Result<BTreeMap<String, Listed>, Refused> {
    let prefix = if bucket.prefix.is_empty() { String::new() } else { bucket.path("") + "/" };
    let asked = format!("?encoding-type=url&list-type=2&prefix={}", utf8_percent_encode(&prefix, QUERY));
    let (mut found, mut next) = (BTreeMap::new(), String::new());
    loop {
        let page = signer.ask_bucket(Method::GET, &format!("{asked}{next}")).await?;
        let page = Page::read(&page).map_err(|why| Refusal::Other(format!("the listing cannot be read: {why}")))?;
        for (key, listed) in page.objects {
            if let Some(key) = key.strip_prefix(&prefix).filter(|key| is_key(key)) {
                found.insert(key.to_owned(), listed);
            }
        }
        let Some(token) = page.next else { return Ok(found) };
        next = format!("&continuation-token={}", utf8_percent_encode(&token, QUERY));
    }
}

/// One page of a listing (S3 API 2006-03-01, ListObjectsV2).
#[derive(Debug, Default, PartialEq, Eq)]
struct Page {
    objects: Vec<(String, Listed)>,
    /// What the next page is asked for with.
    next: Option<String>,
}

impl Page {
    fn read(text: &str) -> Result<Self, quick_xml::Error> {
        let (mut objects, mut next, mut truncated, mut encoded) = (Vec::new(), String::new(), false, false);
        let (mut key, mut listed) = (String::new(), Listed::default());
        xml::each(text, |name, value| match name {
            "Key" => value.clone_into(&mut key),
            "Size" => listed.bytes = value.parse().unwrap_or_default(),
            "ETag" => listed.etag = Some(value.to_owned()),
            "LastModified" => value.clone_into(&mut listed.modified),
            "Contents" => objects.push((std::mem::take(&mut key), std::mem::take(&mut listed))),
            "EncodingType" => encoded = value == "url",
            "NextContinuationToken" => value.clone_into(&mut next),
            "IsTruncated" => truncated = value == "true",
            _ => {}
        })?;
        if encoded {
            objects.iter_mut().for_each(|(key, _)| *key = decoded(key));
        }
        Ok(Self { objects, next: Some(next).filter(|next| truncated && !next.is_empty()) })
    }
}

/// A key as it is, of one that is spelled like a field of a form: names may hold what XML cannot.
fn decoded(key: &str) -> String {
    percent_decode_str(&key.replace('+', " ")).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_of_objects_is_read_with_what_the_next_is_asked_for_with() {
        let text = "<ListBucketResult><IsTruncated>true</IsTruncated><EncodingType>url</EncodingType>\
            <NextContinuationToken>1/x=</NextContinuationToken>\
            <Contents><Key>films/a+b%2Bc%26/%C3%A4%01</Key><LastModified>2026-01-02T03:04:05.000Z</LastModified>\
            <ETag>&quot;7&quot;</ETag><Size>12</Size></Contents>\
            <Contents><Key>films//x</Key><Size>0</Size></Contents></ListBucketResult>";
        let page = Page::read(text).expect("XML");
        let listed =
            Listed { bytes: 12, etag: Some("\"7\"".to_owned()), modified: "2026-01-02T03:04:05.000Z".to_owned() };
        let odd = ("films//x".to_owned(), Listed::default());
        assert_eq!(page.objects, [("films/a b+c&/\u{e4}\u{1}".to_owned(), listed), odd]);
        assert_eq!(page.next.as_deref(), Some("1/x="));
        assert_eq!(Page::read("<ListBucketResult/>").expect("XML"), Page::default());
    }
}
