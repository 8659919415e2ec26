//! Telling CloudFront that its copies are old.

use std::collections::BTreeSet;
use std::fmt::Write;

use http::Method;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use sha2::{Digest, Sha256};

use super::aws::endpoint;
use super::upload::hex;
use super::{Location, Objects, Refusal};
use crate::cancel::CancelToken;
use crate::output::Error;

/// What a path spells out: what is not ASCII, and what RFC 1738 § 2.2 calls unsafe. "Do not URL-encode any other
/// characters in the path, or CloudFront will not invalidate the old version of the updated file" (Amazon CloudFront
/// Developer Guide, "Specify the objects to invalidate"). A `?` of a name is no query.
const ESCAPED: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// So many paths an invalidation may have; more become one with a wildcard.
const PATHS: usize = 3000;

/// CloudFront is a global service, which is signed for as if it were in this region.
const REGION: &str = "us-east-1";

/// What is asked of CloudFront.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invalidation {
    /// The distribution.
    pub distribution: String,
    /// The paths, as a viewer asks for them.
    pub paths: Vec<String>,
    /// The same for the same request, and only for it: CloudFront does one of these once.
    pub reference: String,
}

impl Invalidation {
    /// Of objects whose paths begin with `root`. `versions` tells the present objects from those of other times.
    pub fn new(distribution: &str, root: &str, keys: &BTreeSet<String>, versions: &[String]) -> Self {
        let root = root.trim_matches('/');
        let path = |key: &str| {
            let full = if root.is_empty() { format!("/{key}") } else { format!("/{root}/{key}") };
            let escaped = |text: &str| utf8_percent_encode(text, ESCAPED).to_string();
            // A star ends a path and stands for all that begins like it. One of a name cannot be told from that, and
            // a tilde is refused.
            match full.find(['~', '*']) {
                Some(end) => escaped(&full[..end]) + "*",
                None => escaped(&full),
            }
        };
        let mut paths: Vec<String> = match keys.len() <= PATHS {
            true => keys.iter().map(|key| path(key)).collect(),
            false => vec![path("*")],
        };
        paths.dedup();
        let mut hash = Sha256::new();
        for text in paths.iter().chain(versions) {
            hash.update(text.len().to_be_bytes());
            hash.update(text.as_bytes());
        }
        let reference = format!("streampack-{}", &hex(&hash.finalize())[..32]);
        Self { distribution: distribution.to_owned(), paths, reference }
    }

    /// The body of the request (CloudFront API 2020-05-31, CreateInvalidation).
    fn body(&self) -> String {
        let mut paths = String::new();
        for path in &self.paths {
            let _ = write!(paths, "<Path>{}</Path>", quick_xml::escape::partial_escape(path.as_str()));
        }
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<InvalidationBatch \
             xmlns=\"http://cloudfront.amazonaws.com/doc/2020-05-31/\"><Paths><Quantity>{}</Quantity>\
             <Items>{paths}</Items></Paths><CallerReference>{}</CallerReference></InvalidationBatch>",
            self.paths.len(),
            self.reference
        )
    }
}

impl Objects {
    /// What the paths of the objects begin with on a distribution that serves the bucket from its root.
    pub fn root(&self) -> &str {
        match &self.location {
            Location::Bucket(bucket) => &bucket.prefix,
            Location::Directory(_) => "",
        }
    }

    /// Makes an invalidation, and gives its number.
    pub fn invalidate(&self, wanted: &Invalidation, cancel: &CancelToken) -> Result<String, Error> {
        let distribution = &wanted.distribution;
        let target = format!("the copies of distribution {distribution}");
        let refused = |refusal| Error::Store { action: "invalidate", target: target.clone(), refusal };
        let Some(signer) = &self.signer else {
            let words = "CloudFront is asked with the credentials of S3; give an s3:// destination";
            return Err(refused(Refusal::Settings(words.to_owned())));
        };
        let endpoint = endpoint("CLOUDFRONT").unwrap_or_else(|| "https://cloudfront.amazonaws.com".to_owned());
        let url = format!("{}/2020-05-31/distribution/{distribution}/invalidation", endpoint.trim_end_matches('/'));
        let ask = || signer.send("cloudfront", REGION, Method::POST, &url, wanted.body());
        let answer = self.persist("invalidate", target.clone(), cancel, ask)?;
        let id = answer.split_once("<Id>").and_then(|(_, rest)| rest.split_once("</Id>")).map(|(id, _)| id.to_owned());
        id.ok_or_else(|| refused(Refusal::Other("the answer names no invalidation".to_owned())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(keys: &[&str]) -> BTreeSet<String> {
        keys.iter().map(|&key| key.to_owned()).collect()
    }

    fn of(root: &str, list: &[&str], versions: &[&str]) -> Invalidation {
        let versions: Vec<String> = versions.iter().map(|&version| version.to_owned()).collect();
        Invalidation::new("E1", root, &keys(list), &versions)
    }

    #[test]
    fn paths_begin_with_a_slash_and_are_escaped() {
        let made = of("films/b & c", &["master.m3u8", "video/ü.m3u8"], &[]);
        assert_eq!(made.paths, ["/films/b%20&%20c/master.m3u8", "/films/b%20&%20c/video/%C3%BC.m3u8"]);
        assert!(made.body().contains("<Path>/films/b%20&amp;%20c/master.m3u8</Path>"), "{}", made.body());
        assert_eq!(of("", &["a"], &[]).paths, of("/", &["a"], &[]).paths);
        assert_eq!(of("", &["a(b),'+;=:@!$c", "x?y#%"], &[]).paths, ["/a(b),'+;=:@!$c", "/x%3Fy%23%25"]);
        assert_eq!(of("", &["a~1", "a~2", "b*c"], &[]).paths, ["/a*", "/b*"], "no path can say these");
    }

    #[test]
    fn more_paths_than_one_invalidation_takes_become_a_wildcard() {
        let many: Vec<String> = (0..=PATHS).map(|n| format!("{n}.m3u8")).collect();
        let many = many.iter().map(String::as_str).collect::<Vec<_>>();
        assert_eq!(of("films", &many[..PATHS], &[]).paths.len(), PATHS);
        assert_eq!(of("films", &many, &[]).paths, ["/films/*"]);
    }

    /// CloudFront answers a reference that it knows with the invalidation of that time, and does nothing.
    #[test]
    fn the_reference_is_the_same_for_the_same_change_and_new_for_the_next_one() {
        let reference = |list: &[&str], versions: &[&str]| of("", list, versions).reference;
        assert_eq!(reference(&["a", "b"], &["t1"]), reference(&["b", "a"], &["t1"]));
        assert_ne!(reference(&["a"], &["t1"]), reference(&["a"], &["t2"]));
        assert_ne!(reference(&["ab"], &["c"]), reference(&["a"], &["bc"]));
        assert!(reference(&["a"], &[]).len() <= 128);
    }

    #[test]
    fn the_body_is_what_the_api_takes() {
        let body =
            Invalidation { distribution: "E1".into(), paths: vec!["/a".into(), "/b".into()], reference: "r".into() }
                .body();
        assert!(body.contains("<Quantity>2</Quantity><Items><Path>/a</Path><Path>/b</Path></Items>"), "{body}");
        assert!(body.contains("<CallerReference>r</CallerReference>"), "{body}");
    }
}
