//! Amazon's S3 and CloudFront on this machine, by moto (`make test` installs it), and a plain client of it.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use super::server::{Answer, Server};

/// A server of its own, which ends with this value; or with the process, however that ends.
#[derive(Debug)]
pub struct Moto(Server);

impl Moto {
    /// Starts a server on a free port.
    pub fn start() -> Self {
        Self::serving(&[])
    }

    /// The same that speaks like Google's Cloud Storage to those who speak so.
    pub fn google() -> Self {
        Self::serving(&["google"])
    }

    fn serving(words: &[&str]) -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/store");
        let python = root.join(".venv/bin/python");
        assert!(python.exists(), "moto is not installed; run scripts/setup.sh test");
        Self(Server::start(Command::new(python).arg(root.join("serve.py")).args(words)))
    }

    /// `HOST:PORT`.
    pub fn address(&self) -> &str {
        self.0.address()
    }

    /// Makes a request whose signature moto does not look at; without one it takes the caller for anybody.
    pub fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        let signed = headers.iter().any(|(name, _)| *name == S3.0);
        let headers: Vec<_> = headers.iter().chain((!signed).then_some(&S3)).copied().collect();
        self.0.ask(method, path, &headers, body)
    }

    /// Makes a bucket.
    pub fn bucket(&self, name: &str) {
        assert_eq!(self.ask("PUT", &format!("/{name}"), &[], b"").status, 200);
    }

    /// The headers of an object.
    pub fn head(&self, bucket: &str, key: &str) -> Answer {
        self.ask("HEAD", &format!("/{bucket}/{key}"), &[], b"")
    }

    /// The body of an object.
    pub fn get(&self, bucket: &str, key: &str) -> Vec<u8> {
        let answer = self.ask("GET", &format!("/{bucket}/{}", utf8_percent_encode(key, NAME)), &[], b"");
        assert_eq!(answer.status, 200, "{key}");
        answer.body
    }

    /// Every object of a bucket with its size, but for streampack's own notes.
    pub fn list(&self, bucket: &str) -> BTreeMap<String, u64> {
        let page = self.ask("GET", &format!("/{bucket}?list-type=2"), &[], b"");
        let sizes = page.all("Size").into_iter().map(|size| size.parse().expect("a number"));
        let keys = page.all("Key").into_iter();
        let keys = keys.map(|key| quick_xml::escape::unescape(&key).expect("XML").into_owned());
        let found = keys.zip(sizes);
        found.filter(|(key, _)| !key.ends_with(".streampack-sync.json")).collect()
    }

    /// Uploads in parts that were begun and neither completed nor aborted.
    pub fn dangling(&self, bucket: &str) -> Vec<String> {
        self.ask("GET", &format!("/{bucket}?uploads"), &[], b"").all("UploadId")
    }

    /// Makes a distribution of CloudFront, and gives its name.
    pub fn distribution(&self, reference: &str) -> String {
        let origin = "<Items><Origin><Id>o</Id><DomainName>films.s3.amazonaws.com</DomainName>\
            <S3OriginConfig><OriginAccessIdentity></OriginAccessIdentity></S3OriginConfig></Origin></Items>";
        let behaviour = "<DefaultCacheBehavior><TargetOriginId>o</TargetOriginId>\
            <ViewerProtocolPolicy>allow-all</ViewerProtocolPolicy></DefaultCacheBehavior>";
        let body = format!(
            "<DistributionConfig xmlns=\"http://cloudfront.amazonaws.com/doc/2020-05-31/\">\
             <CallerReference>{reference}</CallerReference><Origins><Quantity>1</Quantity>{origin}</Origins>{behaviour}\
             <Comment></Comment><Enabled>true</Enabled></DistributionConfig>"
        );
        let answer = self.ask("POST", "/2020-05-31/distribution", &CLOUDFRONT, body.as_bytes());
        assert_eq!(answer.status, 201, "{}", answer.text());
        answer.all("Id")[0].clone()
    }

    /// The paths of every invalidation of a distribution.
    pub fn invalidations(&self, distribution: &str) -> Vec<Vec<String>> {
        let base = format!("/2020-05-31/distribution/{distribution}/invalidation");
        let ids = self.ask("GET", &base, &CLOUDFRONT, b"").all("Id");
        ids.iter().map(|id| self.ask("GET", &format!("{base}/{id}"), &CLOUDFRONT, b"").all("Path")).collect()
    }
}

/// What the name of an object spells out in a path.
const NAME: &AsciiSet = &CONTROLS.add(b' ').add(b'#').add(b'?').add(b'%').add(b'+');

/// moto looks here for the service that is meant.
const S3: (&str, &str) = (
    "authorization",
    "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0",
);
const CLOUDFRONT: [(&str, &str); 2] = [
    (
        "authorization",
        "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/cloudfront/aws4_request, SignedHeaders=host, Signature=0",
    ),
    ("content-type", "application/xml"),
];
