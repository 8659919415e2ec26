//! Whether there are credentials on this machine, before a bucket is asked for anything.

use std::path::Path;

use object_store::azure::MicrosoftAzureBuilder;
use object_store::gcp::GoogleCloudStorageBuilder;

use super::aws;
use super::error::{Refusal, refusal};
use super::location::Service;

/// Where the credentials for a service come from, in words; nothing when this machine names none. Fails when it names
/// some that are not to be had.
pub fn credentials(service: Service) -> Result<Option<String>, Refusal> {
    match service {
        Service::S3 => aws::credentials(),
        Service::Gcs => google(),
        Service::Azure => azure(),
    }
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// In the order of `object_store`: what the environment names, and what `gcloud auth application-default login` left.
fn google() -> Result<Option<String>, Refusal> {
    let named = [
        "GOOGLE_APPLICATION_CREDENTIALS",
        "GOOGLE_SERVICE_ACCOUNT",
        "GOOGLE_SERVICE_ACCOUNT_PATH",
        "GOOGLE_SERVICE_ACCOUNT_KEY",
    ];
    let file = || {
        let path = Path::new(&variable("HOME")?).join(".config/gcloud/application_default_credentials.json");
        path.is_file().then(|| path.display().to_string())
    };
    let Some(from) = named.into_iter().find(|name| variable(name).is_some()).map(str::to_owned).or_else(file) else {
        return Ok(None);
    };
    match GoogleCloudStorageBuilder::from_env().with_bucket_name("any").build() {
        Ok(_) => Ok(Some(from)),
        Err(error) => Err(Refusal::NoCredentials(format!("{from}: {}", refusal(&error)))),
    }
}

fn azure() -> Result<Option<String>, Refusal> {
    let from = "AZURE_STORAGE_ACCOUNT_NAME";
    if variable(from).is_none() {
        return Ok(None);
    }
    match MicrosoftAzureBuilder::from_env().with_container_name("any").build() {
        Ok(_) => Ok(Some(from.to_owned())),
        Err(error) => Err(Refusal::NoCredentials(format!("{from}: {}", refusal(&error)))),
    }
}
