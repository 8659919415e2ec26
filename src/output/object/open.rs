//! The store behind a location, with the credentials of this machine.

use std::fs;
use std::path::{Path as FilePath, PathBuf};
use std::sync::Arc;

use object_store::azure::MicrosoftAzureBuilder;
use object_store::gcp::GoogleCloudStorageBuilder;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{ClientOptions, ObjectStore, RetryConfig};

use super::aws::{self, Signer, is_true};
use super::error::{Refusal, explain};
use super::location::{Bucket, Location, Service};
use super::patience::{options, retry, retry_parts};
use crate::output::Error;

/// A store, and where in it the objects are.
pub(super) struct Opened {
    pub(super) store: Arc<dyn ObjectStore>,
    /// The same for uploads in parts: what fails once need not begin with the first part again.
    pub(super) parts: Arc<dyn ObjectStore>,
    pub(super) base: Path,
    pub(super) keeps_headers: bool,
    pub(super) signer: Option<Signer>,
}

/// Opens the store of a location.
pub(super) async fn open(location: &Location) -> Result<Opened, Error> {
    let bucket = match location {
        Location::Directory(path) => return directory(path),
        Location::Bucket(bucket) => bucket,
    };
    // The client asks for a process-wide provider of cryptography; when somebody has set one, that one is used.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let target = || location.to_string();
    let refused = |error| explain("open", target(), &error);
    let base = Path::parse(&bucket.prefix).map_err(|error| refused(error.into()))?;
    let (store, parts, signer): (Arc<dyn ObjectStore>, Arc<dyn ObjectStore>, _) = match bucket.service {
        Service::S3 => {
            let (store, parts, signer) = aws::open(bucket, &target()).await?;
            (Arc::new(store), Arc::new(parts), Some(signer))
        }
        Service::Gcs => {
            let open = |retry| gcs(bucket, retry).map_err(refused);
            (Arc::new(open(retry())?), Arc::new(open(retry_parts())?), None)
        }
        Service::Azure => {
            let open = |retry| azure(bucket, retry, &target());
            (Arc::new(open(retry())?), Arc::new(open(retry_parts())?), None)
        }
    };
    Ok(Opened { store, parts, base, keeps_headers: true, signer })
}

fn gcs(bucket: &Bucket, retry: RetryConfig) -> object_store::Result<impl ObjectStore + use<>> {
    GoogleCloudStorageBuilder::from_env()
        .with_bucket_name(&bucket.name)
        .with_client_options(options(ClientOptions::new().with_allow_http(is_true("GOOGLE_ALLOW_HTTP"))))
        .with_retry(retry)
        .build()
}

fn azure(bucket: &Bucket, retry: RetryConfig, target: &str) -> Result<impl ObjectStore + use<>, Error> {
    let builder = MicrosoftAzureBuilder::from_env()
        .with_container_name(&bucket.name)
        .with_client_options(options(ClientOptions::new().with_allow_http(is_true("AZURE_ALLOW_HTTP"))))
        .with_retry(retry);
    builder.build().map_err(|error| {
        let missing = error.to_string().contains("Account must be specified");
        let words = "set AZURE_STORAGE_ACCOUNT_NAME, and AZURE_STORAGE_ACCOUNT_KEY or another credential";
        let refusal = Refusal::NoCredentials(words.to_owned());
        let target = target.to_owned();
        if missing { Error::Store { action: "open", target, refusal } } else { explain("open", target, &error) }
    })
}

/// A directory is made with its parents, as one that is encoded into.
fn directory(path: &FilePath) -> Result<Opened, Error> {
    let failed = |source| Error::Io { target: path.display().to_string(), source };
    fs::create_dir_all(path).map_err(failed)?;
    let root: PathBuf = path.canonicalize().map_err(failed)?;
    let store = LocalFileSystem::new_with_prefix(root)
        .map_err(|error| explain("write", path.display().to_string(), &error))?
        .with_fsync(true)
        .with_automatic_cleanup(true);
    let store: Arc<dyn ObjectStore> = Arc::new(store);
    Ok(Opened { parts: Arc::clone(&store), store, base: Path::default(), keeps_headers: false, signer: None })
}
