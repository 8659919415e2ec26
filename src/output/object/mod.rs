//! Objects of a bucket, or of a directory that is written like one: keys, bodies and headers in, stored objects
//! out. The async runtime that the stores need is owned here and never leaves.

mod aws;
mod credentials;
mod dangling;
mod error;
mod fetch;
mod invalidation;
mod list;
mod location;
mod open;
mod patience;
mod persist;
mod profile;
mod upload;
mod xml;

use std::io;
use std::sync::atomic::{AtomicBool, AtomicUsize};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::StreamExt;
use object_store::path::Path;
use object_store::{Attribute, AttributeValue, Attributes, GetOptions, GetResult, ObjectStore};
use tokio::runtime::Runtime;
use tokio::sync::Semaphore;

use super::{Error, Output, Part, Workspace, check_key};
use crate::cancel::CancelToken;
use aws::Signer;
pub use credentials::credentials;
pub use error::Refusal;
pub use invalidation::Invalidation;
pub use location::{Bucket, Location, LocationError, Service};
use patience::{OUTAGE, Tries};
use persist::{cancelled, pause_for, wait};
pub use upload::Source;
pub(crate) use upload::hex;

/// The name of the metadata that says an object was put here by streampack; its value is the SHA-256 of the body.
/// Letters alone: Azure takes no hyphens, and proxies drop underscores.
const MARK: &str = "streampack";

/// How an object is delivered, and what it holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Headers {
    /// The value of `Content-Type`.
    pub content_type: Option<String>,
    /// The value of `Cache-Control`.
    pub cache_control: Option<String>,
    /// The SHA-256 of the body in hexadecimal, which marks the object as one of ours.
    pub sha256: Option<String>,
}

/// An object as a listing shows it. Whoever stores or changes it, changes this too.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listed {
    /// Its size in bytes.
    pub bytes: u64,
    /// What tells its versions apart.
    pub etag: Option<String>,
    /// When it was stored, or its headers changed, by the clock of the store (RFC 3339).
    pub modified: String,
}

/// The objects below a location; several threads may use them.
pub struct Objects {
    location: Location,
    base: Path,
    store: Arc<dyn ObjectStore>,
    /// The same store for uploads in parts.
    parts: Arc<dyn ObjectStore>,
    /// Whether the store keeps headers beside a body. A directory does not.
    keeps_headers: bool,
    signer: Option<Signer>,
    runtime: Runtime,
    /// One for each request that may hold a body in memory.
    requests: Arc<Semaphore>,
    /// How many of them there are.
    width: AtomicUsize,
    /// An object that was put in parts.
    in_parts: Mutex<Option<Path>>,
    /// How long an outage is waited out.
    patience: Duration,
    /// The store has answered something.
    answered: AtomicBool,
    cancel: CancelToken,
}

impl std::fmt::Debug for Objects {
    /// Without the store: it holds credentials.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Objects").field("location", &self.location).finish_non_exhaustive()
    }
}

impl Objects {
    /// The objects at `location`, with at most `requests` bodies under way at once. Asks the store nothing yet, but
    /// for the region of a bucket. A directory is made.
    pub fn open(location: &Location, requests: usize, cancel: &CancelToken) -> Result<Self, Error> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("objects")
            .enable_all()
            .build()
            .map_err(|source| Error::Io { target: location.to_string(), source })?;
        let opened = wait(&runtime, cancel, async { open::open(location).await })??;
        let width = requests.clamp(1, 1000);
        Ok(Self {
            location: location.clone(),
            base: opened.base,
            store: opened.store,
            parts: opened.parts,
            keeps_headers: opened.keeps_headers,
            signer: opened.signer,
            runtime,
            requests: Arc::new(Semaphore::new(width)),
            width: AtomicUsize::new(width),
            in_parts: Mutex::default(),
            patience: OUTAGE,
            answered: AtomicBool::new(false),
            cancel: cancel.clone(),
        })
    }

    /// The same, where an outage of the store is an error after so long.
    pub fn patient_for(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// Where they are.
    pub fn location(&self) -> &Location {
        &self.location
    }

    /// Whether the store keeps headers and marks. Where it does not, only the bodies tell what an object holds.
    pub fn keeps_headers(&self) -> bool {
        self.keeps_headers
    }

    /// The headers of the object under `key`; nothing when there is none.
    pub fn headers(&self, key: &str, cancel: &CancelToken) -> Result<Option<Headers>, Error> {
        let path = self.path(key)?;
        let head = || async {
            let options = GetOptions { head: true, ..GetOptions::default() };
            Ok::<_, object_store::Error>(self.store.get_opts(&path, options).await?.attributes)
        };
        Ok(found(self.persist("read", self.url(key), cancel, head))?.map(|attributes| Headers::of(&attributes)))
    }

    /// The whole object under `key`, for small ones; nothing when there is none.
    pub fn read(&self, key: &str) -> Result<Option<Vec<u8>>, Error> {
        let path = self.path(key)?;
        let get = || async { self.get(&path).await?.bytes().await };
        Ok(found(self.persist("read", self.url(key), &self.cancel, get))?.map(Vec::from))
    }

    /// Removes objects; those that are absent are fine.
    pub fn remove(&self, keys: &[String]) -> Result<(), Error> {
        let paths = keys.iter().map(|key| self.path(key)).collect::<Result<Vec<_>, Error>>()?;
        let once = || async {
            let paths = futures_util::stream::iter(paths.clone().into_iter().map(Ok)).boxed();
            let mut removed = self.store.delete_stream(paths);
            while let Some(one) = removed.next().await {
                match one {
                    Ok(_) | Err(object_store::Error::NotFound { .. }) => {}
                    Err(error) => return Err(error),
                }
            }
            Ok(())
        };
        let named = keys.first().map_or("", String::as_str);
        self.persist("delete", self.url(named), &self.cancel, once)
    }

    /// Where an object is, for people.
    pub fn url(&self, key: &str) -> String {
        if key.is_empty() { self.location.to_string() } else { self.location.join(key).to_string() }
    }

    async fn get(&self, path: &Path) -> object_store::Result<GetResult> {
        self.store.get_opts(path, GetOptions::default()).await
    }

    fn path(&self, key: &str) -> Result<Path, Error> {
        check_key(key)?;
        let base = self.base.as_ref();
        let full = if base.is_empty() { key.to_owned() } else { format!("{base}/{key}") };
        Path::parse(full).map_err(|_| Error::Key { key: key.to_owned() })
    }
}

/// What was asked of an object; nothing when there is no such object.
fn found<T>(answer: Result<T, Error>) -> Result<Option<T>, Error> {
    match answer {
        Ok(found) => Ok(Some(found)),
        Err(Error::Store { refusal: Refusal::Absent, .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

impl Headers {
    fn of(attributes: &Attributes) -> Self {
        let text = |attribute: Attribute| attributes.get(&attribute).map(|value| value.as_ref().to_owned());
        Self {
            content_type: text(Attribute::ContentType),
            cache_control: text(Attribute::CacheControl),
            sha256: text(Attribute::Metadata(MARK.into())),
        }
    }

    fn to_attributes(&self) -> Attributes {
        let Self { content_type, cache_control, sha256 } = self.clone();
        let all = [
            (Attribute::ContentType, content_type),
            (Attribute::CacheControl, cache_control),
            (Attribute::Metadata(MARK.into()), sha256),
        ];
        all.into_iter().filter_map(|(name, value)| Some((name, AttributeValue::from(value?)))).collect()
    }
}

impl Output for Objects {
    fn put(&self, key: &str, body: &[u8]) -> Result<(), Error> {
        self.store(key, Source::Bytes(body), &Headers::default(), &self.cancel, &|_| {}).map(drop)
    }

    fn delete(&self, key: &str) -> Result<(), Error> {
        self.remove(&[key.to_owned()])
    }
}

impl Workspace for Objects {
    fn get(&self, key: &str) -> Result<Vec<u8>, Error> {
        let absent = || Error::Read { target: self.url(key), source: io::ErrorKind::NotFound.into() };
        self.read(key)?.ok_or_else(absent)
    }

    fn size(&self, key: &str) -> Result<Option<u64>, Error> {
        let path = self.path(key)?;
        let head = || async {
            let options = GetOptions { head: true, ..GetOptions::default() };
            Ok::<_, object_store::Error>(self.store.get_opts(&path, options).await?.meta.size)
        };
        found(self.persist("read", self.url(key), &self.cancel, head))
    }

    fn concat(&self, key: &str, head: &[u8], parts: &[Part], cancel: &CancelToken) -> Result<u64, Error> {
        let part = |part: &Part| Ok((self.path(&part.key)?, part.range));
        let parts = parts.iter().map(part).collect::<Result<Vec<_>, Error>>()?;
        self.join(key, head, &parts, cancel)
    }
}

#[cfg(test)]
mod tests {
    use object_store::memory::InMemory;
    use tempfile::TempDir;

    use super::*;

    impl Objects {
        /// In memory, for tests.
        pub(crate) fn in_memory(prefix: &str, cancel: &CancelToken) -> Self {
            let store: Arc<dyn ObjectStore> = Arc::new(InMemory::new());
            Self {
                location: Location::parse("s3://memory".as_ref()).expect("a place").join(prefix),
                base: Path::parse(prefix).expect("a path"),
                parts: Arc::clone(&store),
                store,
                keeps_headers: true,
                signer: None,
                runtime: tokio::runtime::Builder::new_multi_thread()
                    .worker_threads(1)
                    .enable_all()
                    .build()
                    .expect("runs"),
                requests: Arc::new(Semaphore::new(4)),
                width: AtomicUsize::new(4),
                in_parts: Mutex::default(),
                patience: OUTAGE,
                answered: AtomicBool::new(false),
                cancel: cancel.clone(),
            }
        }
    }

    #[test]
    fn a_bucket_keeps_the_contract() {
        for prefix in ["", "films/one"] {
            crate::output::contract::check(&Objects::in_memory(prefix, &CancelToken::default()));
        }
    }

    #[test]
    fn a_directory_keeps_the_contract() {
        let temp = TempDir::new().expect("a temporary directory");
        let location = Location::Directory(temp.path().join("deep/out"));
        let objects = Objects::open(&location, 4, &CancelToken::default()).expect("writable");
        crate::output::contract::check(&objects);
    }

    #[test]
    fn headers_and_mark_come_back_and_a_listing_tells_versions_apart() {
        let cancel = CancelToken::default();
        let objects = Objects::in_memory("films", &cancel);
        let headers = Headers {
            content_type: Some("video/mp4".to_owned()),
            cache_control: Some("no-cache".to_owned()),
            sha256: Some("ab".to_owned()),
        };
        objects.store("a/b", Source::Bytes(b"x"), &headers, &cancel, &|_| {}).expect("stored");
        assert_eq!(objects.headers("a/b", &cancel).expect("readable"), Some(headers));
        assert_eq!(objects.headers("a/c", &cancel).expect("readable"), None);
        let before = objects.list().expect("readable");
        assert_eq!(before.keys().collect::<Vec<_>>(), ["a/b"]);
        objects.put("a/b", b"y").expect("stored");
        assert_ne!(objects.list().expect("readable"), before);
    }

    #[test]
    fn a_cancelled_run_asks_nothing_more() {
        let cancel = CancelToken::default();
        let objects = Objects::in_memory("", &cancel);
        cancel.cancel();
        assert!(matches!(objects.put("a", b"x"), Err(Error::Cancelled(_))));
    }

    #[test]
    fn what_is_printed_of_it_holds_no_credentials() {
        let objects = Objects::in_memory("films", &CancelToken::default());
        assert_eq!(
            format!("{objects:?}"),
            "Objects { location: Bucket(Bucket { service: S3, name: \"memory\", prefix: \"films\" }), .. }"
        );
    }
}
