//! Amazon: where the credentials and the region come from, and requests that `object_store` has no words for,
//! signed with its own signature.

use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use http::{Method, Request};
use object_store::aws::{AmazonS3, AmazonS3Builder, AwsAuthorizer, AwsCredentialProvider, resolve_bucket_region};
use object_store::client::{HttpClient, HttpConnector, HttpRequestBody, ReqwestConnector};
use object_store::{Certificate, ClientOptions};

use super::error::{Refusal, Refused, explain, of_answer};
use super::location::Bucket;
use super::patience::{options, retry, retry_parts};
use super::profile::{self, Exported};
use crate::output::Error;

/// Where an instance asks for the credentials of its role, and how long that takes at most where there is one.
const METADATA: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::new(169, 254, 169, 254)), 80);
const METADATA_ANSWERS: Duration = Duration::from_secs(1);

/// A variable of the environment that says something.
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// The endpoint of a service, when the environment says one.
pub(super) fn endpoint(service: &str) -> Option<String> {
    variable(&format!("AWS_ENDPOINT_URL_{service}")).or_else(|| variable("AWS_ENDPOINT_URL"))
}

/// Opens a bucket: for requests, for parts of uploads, and for requests of ours.
pub(super) async fn open(bucket: &Bucket, target: &str) -> Result<(AmazonS3, AmazonS3, Signer), Error> {
    let refused = |refusal| Error::Store { action: "open", target: target.to_owned(), refusal };
    let endpoint = endpoint("S3");
    let client = client_options(endpoint.as_deref()).map_err(refused)?;
    let mut builder = AmazonS3Builder::from_env()
        .with_bucket_name(&bucket.name)
        .with_client_options(client.clone())
        .with_retry(retry());
    let profile = match Source::of_environment() {
        Source::Client => None,
        Source::Profile(profile) => {
            let exported = Exported::new(profile.clone());
            exported.check().map_err(refused)?;
            builder = builder.with_credentials(Arc::new(exported));
            profile
        }
        Source::Default => match Exported::new(None) {
            exported if exported.check().is_ok() => {
                builder = builder.with_credentials(Arc::new(exported));
                None
            }
            _ => instance().map(|()| None).map_err(refused)?,
        },
        Source::Instance => instance().map(|()| None).map_err(refused)?,
    };
    let mut region = variable("AWS_REGION").or_else(|| variable("AWS_DEFAULT_REGION"));
    if region.is_none() && endpoint.is_none() {
        region = match resolve_bucket_region(&bucket.name, &client).await {
            Ok(region) => Some(region),
            Err(error) if error.to_string().contains("not found") => return Err(refused(Refusal::NoBucket)),
            Err(_) => profile::region(profile.as_deref()),
        };
    }
    let region = region.unwrap_or_else(|| "us-east-1".to_owned());
    let failed = |error| explain("open", target.to_owned(), &error);
    let builder = builder.with_region(&region);
    let parts = builder.clone().with_retry(retry_parts()).build().map_err(failed)?;
    let store = builder.build().map_err(failed)?;
    let bucket_url = match &endpoint {
        Some(endpoint) if is_true("AWS_VIRTUAL_HOSTED_STYLE_REQUEST") => endpoint.trim_end_matches('/').to_owned(),
        Some(endpoint) => format!("{}/{}", endpoint.trim_end_matches('/'), bucket.name),
        None => format!("https://s3.{region}.amazonaws.com/{}", bucket.name),
    };
    let client = ReqwestConnector::default().connect(&client).map_err(failed)?;
    let signer = Signer { credentials: Arc::clone(store.credentials()), client, region, bucket_url };
    Ok((store, parts, signer))
}

/// Where credentials come from, in words; nothing when this machine names none.
pub(super) fn credentials() -> Result<Option<String>, Refusal> {
    let of_profile = |profile: Option<String>| {
        let exported = Exported::new(profile.clone());
        exported.check().map(|()| Some(format!("profile {}", profile.as_deref().unwrap_or("default"))))
    };
    match Source::of_environment() {
        Source::Client => {
            let named = ["AWS_ACCESS_KEY_ID", "AWS_SKIP_SIGNATURE", "AWS_WEB_IDENTITY_TOKEN_FILE"];
            let named = named.into_iter().find(|name| variable(name).is_some());
            Ok(Some(named.unwrap_or("the role of this container").to_owned()))
        }
        Source::Profile(profile) => of_profile(profile),
        Source::Default => of_profile(None),
        Source::Instance => Ok(instance().is_ok().then(|| "the role of this instance".to_owned())),
    }
}

pub(super) fn is_true(name: &str) -> bool {
    variable(name).is_some_and(|value| matches!(value.to_ascii_lowercase().as_str(), "1" | "true" | "on" | "yes" | "y"))
}

fn client_options(endpoint: Option<&str>) -> Result<ClientOptions, Refusal> {
    let plain = endpoint.is_some_and(|endpoint| endpoint.starts_with("http://"));
    let client = options(ClientOptions::new().with_allow_http(plain || is_true("AWS_ALLOW_HTTP")));
    let Some(bundle) = variable("AWS_CA_BUNDLE") else { return Ok(client) };
    let unusable = |why: String| Refusal::Settings(format!("AWS_CA_BUNDLE is {bundle}, which cannot be used: {why}"));
    let text = std::fs::read(&bundle).map_err(|error| unusable(error.to_string()))?;
    let certificates =
        Certificate::from_pem_bundle(&text).map_err(|_| unusable("it holds no certificates".to_owned()))?;
    Ok(certificates.into_iter().fold(client, ClientOptions::with_root_certificate))
}

/// Who knows the credentials.
#[derive(Debug, PartialEq, Eq)]
enum Source {
    /// `object_store`: keys, web identity or a container's role, as the environment says.
    Client,
    /// The `aws` command, which was told a profile by the environment.
    Profile(Option<String>),
    /// The `aws` command, if the files of the default profile hold credentials; else the role of the instance.
    Default,
    /// The role of the instance.
    Instance,
}

impl Source {
    fn of_environment() -> Self {
        Self::of(&variable, |path| path.is_file())
    }

    /// In the order of Amazon's own tools.
    fn of(variable: &dyn Fn(&str) -> Option<String>, is_file: impl Fn(&PathBuf) -> bool) -> Self {
        let any = |names: &[&str]| names.iter().any(|name| variable(name).is_some());
        if any(&["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SKIP_SIGNATURE"]) {
            return Self::Client;
        }
        if let Some(profile) = variable("AWS_PROFILE").or_else(|| variable("AWS_DEFAULT_PROFILE")) {
            return Self::Profile(Some(profile));
        }
        let container = ["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI"];
        if any(&["AWS_WEB_IDENTITY_TOKEN_FILE"]) || any(&container) {
            return Self::Client;
        }
        let home = |name: &str| variable("HOME").map(|home| PathBuf::from(home).join(".aws").join(name));
        let files = [
            variable("AWS_SHARED_CREDENTIALS_FILE").map(PathBuf::from).or_else(|| home("credentials")),
            variable("AWS_CONFIG_FILE").map(PathBuf::from).or_else(|| home("config")),
        ];
        if files.into_iter().flatten().any(|path| is_file(&path)) { Self::Default } else { Self::Instance }
    }
}

/// Fails where no instance answers: the client would try for minutes before it said so.
fn instance() -> Result<(), Refusal> {
    let here = || (0..2).any(|_| TcpStream::connect_timeout(&METADATA, METADATA_ANSWERS).is_ok());
    let wanted = !is_true("AWS_EC2_METADATA_DISABLED");
    if wanted && (variable("AWS_METADATA_ENDPOINT").is_some() || here()) {
        return Ok(());
    }
    let words = "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE, or run where a role gives them";
    Err(Refusal::NoCredentials(words.to_owned()))
}

/// Makes signed requests.
pub(super) struct Signer {
    credentials: AwsCredentialProvider,
    client: HttpClient,
    region: String,
    /// The URL of the bucket, without a slash at its end.
    pub(super) bucket_url: String,
}

impl Signer {
    /// Makes a request to the bucket, and gives the body of the answer.
    pub(super) async fn ask_bucket(&self, method: Method, path_and_query: &str) -> Result<String, Refused> {
        let url = format!("{}{path_and_query}", self.bucket_url);
        self.send("s3", &self.region, method, &url, String::new()).await
    }

    /// Makes a request once, and gives the body of the answer.
    pub(super) async fn send(
        &self,
        service: &str,
        region: &str,
        method: Method,
        url: &str,
        body: String,
    ) -> Result<String, Refused> {
        let credential = self.credentials.get_credential().await.map_err(|_| Refusal::Credentials)?;
        let unusable = |why: String| Refusal::Settings(format!("{url} cannot be asked: {why}"));
        let mut request = Request::builder()
            .method(method)
            .uri(url)
            .header("content-type", "application/xml")
            .body(HttpRequestBody::from(body))
            .map_err(|error| unusable(error.to_string()))?;
        let authorizer = AwsAuthorizer::new(&credential, service, region);
        authorizer.try_authorize(&mut request, None).map_err(|error| unusable(error.to_string()))?;
        let answer = self.client.execute(request).await?;
        let status = answer.status();
        let text = answer.into_body().bytes().await?;
        let text = String::from_utf8_lossy(&text).into_owned();
        if status.is_success() { Ok(text) } else { Err(of_answer(status.as_u16(), &text).into()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(variables: &[(&str, &str)], files: &[&str]) -> Source {
        let variable =
            |name: &str| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
        Source::of(&variable, |path| files.iter().any(|file| *path == PathBuf::from(file)))
    }

    #[test]
    fn credentials_are_looked_for_in_the_order_of_amazons_tools() {
        let home = ("HOME", "/home/x");
        let keys = [("AWS_ACCESS_KEY_ID", "a"), ("AWS_PROFILE", "p"), home];
        assert_eq!(source(&keys, &["/home/x/.aws/config"]), Source::Client);
        assert_eq!(source(&[("AWS_PROFILE", "p"), home], &[]), Source::Profile(Some("p".to_owned())));
        let identity = [("AWS_WEB_IDENTITY_TOKEN_FILE", "/token"), home];
        assert_eq!(source(&identity, &["/home/x/.aws/config"]), Source::Client);
        assert_eq!(source(&[home], &["/home/x/.aws/credentials"]), Source::Default);
        assert_eq!(source(&[home, ("AWS_CONFIG_FILE", "/c")], &["/c"]), Source::Default);
        assert_eq!(source(&[home], &[]), Source::Instance);
    }
}
