//! Amazon's S3 and CloudFront on this machine, by moto (`make test` installs it), and a plain client of it.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use ureq::Agent;
use ureq::http::{HeaderMap, Request};

/// A server of its own, which ends with this value; or with the process, however that ends.
#[derive(Debug)]
pub struct Moto {
    child: Child,
    address: String,
    agent: Agent,
}

/// What a server answered.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    /// A header as text; empty when there is none.
    pub fn header(&self, name: &str) -> String {
        self.headers.get(name).map_or_else(String::new, |value| value.to_str().expect("ASCII").to_owned())
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8(self.body.clone()).expect("text")
    }

    /// What stands between the tags `name`, each time.
    pub fn all(&self, name: &str) -> Vec<String> {
        let (text, tag) = (self.text(), format!("<{name}>"));
        let parts = text.split(&tag).skip(1);
        parts.map(|part| part.split("</").next().unwrap_or_default().to_owned()).collect()
    }
}

impl Moto {
    /// Starts a server on a free port.
    pub fn start() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/store");
        let python = root.join(".venv/bin/python");
        assert!(python.exists(), "moto is not installed; run scripts/setup.sh test");
        let mut child = Command::new(python)
            .arg(root.join("serve.py"))
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("Python was installed");
        let mut log = BufReader::new(child.stderr.take().expect("stderr is piped"));
        let mut said = String::new();
        let address = loop {
            let start = said.len();
            assert_ne!(log.read_line(&mut said).expect("text"), 0, "moto ended: {said}");
            if let Some((_, address)) = said[start..].split_once("Running on http://") {
                break address.trim().to_owned();
            }
        };
        // It tells every request; a pipe that nobody reads would stop it.
        std::thread::spawn(move || log.read_to_end(&mut Vec::new()));
        let agent = Agent::config_builder().http_status_as_error(false).build().into();
        Self { child, address, agent }
    }

    /// `HOST:PORT`.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Makes a request whose signature moto does not look at; without one it takes the caller for anybody.
    pub fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        let mut request = Request::builder().method(method).uri(format!("http://{}{path}", self.address));
        let signed = headers.iter().any(|(name, _)| *name == S3.0);
        for (name, value) in headers.iter().chain((!signed).then_some(&S3)) {
            request = request.header(*name, *value);
        }
        let request = request.body(body).expect("a request");
        let mut answer = self.agent.run(request).unwrap_or_else(|error| panic!("{method} {path}: {error}"));
        let body = answer.body_mut().with_config().limit(100 << 20).read_to_vec().expect("a body");
        Answer { status: answer.status().as_u16(), headers: answer.headers().clone(), body }
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

impl Drop for Moto {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
