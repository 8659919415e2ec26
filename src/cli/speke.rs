//! Keys of a key server: SPEKE v2, a CPIX document over HTTP (AWS, Secure Packager and Encoder Key Exchange).

use std::io::Read;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use streampack::cancel::CancelToken;
use streampack::config::{DrmSystem, Encryption, EncryptionMode};
use streampack::crypt::{Keys, KeysWanted, SPEKE_VERSION, answered, request};
use streampack::event::Warning;
use streampack::job::keys::{KeyServer, ServerError};
use streampack::media::Scheme;
use ureq::http::Uri;
use ureq::http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue, USER_AGENT};
use zeroize::Zeroizing;

use super::patience::rest;

/// What the server is shown, as the value of the header Authorization. Secrets are taken from the environment alone.
const CREDENTIALS: &str = "STREAMPACK_SPEKE_AUTHORIZATION";
/// What gateways are shown besides, as the value of the header X-Api-Key.
const API_KEY: &str = "STREAMPACK_SPEKE_API_KEY";

/// How long one attempt may take.
const TIMEOUT: Duration = Duration::from_secs(20);
/// How long to wait before the next attempt; each time twice as long as the time before.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
/// How often it is tried: for about eight seconds when nobody is there, and for less than two minutes when somebody is
/// who says nothing.
const ATTEMPTS: u32 = 5;
/// No answer has more bytes: it would be something else.
const LARGEST: u64 = 16 << 20;

/// A key server gives no keys.
#[derive(Clone, Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The address is none.
    #[error(
        "the key server cannot be asked: {0}; write it like https://keys.example/speke, and put what it is shown into \
         STREAMPACK_SPEKE_AUTHORIZATION"
    )]
    Url(String),
    /// What it would be shown is no header.
    #[error("what {0} holds cannot be the value of a header: it must be one line of visible ASCII characters")]
    Credentials(&'static str),
    /// Nobody knows how many there will be.
    #[error(
        "a key server is not asked for the key periods of a live programme, which has no known end; take keys of periods \
         from a file, or leave --crypto-period out"
    )]
    Periods,
    /// It does not answer, or not as it should, however often it is asked.
    #[error("the key server {host} gives no keys ({why}), and was asked {attempts} times")]
    Unreachable {
        /// The host.
        host: String,
        /// Why.
        why: String,
        /// How often it was asked.
        attempts: u32,
    },
    /// It says no.
    #[error("the key server {host} answers {status}; is what {CREDENTIALS} holds right, and the content id known?")]
    Refused {
        /// The host.
        host: String,
        /// What it says.
        status: u16,
    },
    /// Its answer cannot be used.
    #[error("cannot use the answer of the key server {host}: {source}")]
    Answer {
        /// The host.
        host: String,
        /// Why.
        source: streampack::crypt::CpixError,
    },
    /// The run was told to stop.
    #[error(transparent)]
    Cancelled(#[from] streampack::cancel::Cancelled),
}

/// Answers that are about what was asked: another question may be answered.
const ABOUT_THE_QUESTION: [u16; 3] = [400, 413, 422];

/// What a key server has shown.
enum Known {
    /// Nothing so far.
    Nothing,
    /// It answers. Where it does not later, it may come back.
    Answers,
    /// It gives no keys.
    Closed(Error),
}

impl Known {
    /// Whether nothing more is to be had of the server after this.
    fn ends_with(&self, error: &Error) -> bool {
        match error {
            Error::Unreachable { .. } => matches!(self, Self::Nothing),
            Error::Refused { status, .. } => !ABOUT_THE_QUESTION.contains(status),
            Error::Url(_) | Error::Credentials(_) | Error::Periods | Error::Answer { .. } | Error::Cancelled(_) => {
                false
            }
        }
    }
}

/// A key server, and what it is asked for besides keys.
pub(crate) struct Server {
    known: Mutex<Known>,
    uri: Uri,
    content_id: String,
    credentials: Vec<Credential>,
    scheme: Scheme,
    systems: Vec<DrmSystem>,
}

impl Server {
    /// The server at `url`, which is not asked yet, by how media shall be encrypted; where it is only served or checked,
    /// the keys alone matter.
    pub(crate) fn new(url: &str, content_id: &str, encryption: Option<&Encryption>) -> Result<Self, Error> {
        let scheme = match encryption.map(|encryption| encryption.mode) {
            Some(EncryptionMode::Cenc) => Scheme::Cenc,
            Some(EncryptionMode::Cbcs | EncryptionMode::Aes128) | None => Scheme::Cbcs,
        };
        let systems = encryption.map_or(Vec::new(), |encryption| encryption.drm.clone());
        let content_id = content_id.to_owned();
        let (known, uri) = (Mutex::new(Known::Nothing), address(url)?);
        Ok(Self { known, uri, content_id, credentials: credentials()?, scheme, systems })
    }

    /// Asks for keys. What may pass is tried again: no answer, 408, 429 and 5xx. The document is the same each time, and
    /// names keys by what they are for, so that a server that has made them gives the same ones.
    pub(crate) fn ask(&self, wanted: &KeysWanted, cancel: &CancelToken) -> Result<Keys, Error> {
        let host = self.uri.authority().map_or_else(String::new, ToString::to_string);
        let body = request(&self.content_id, self.scheme, &self.systems, wanted);
        let mut pause = FIRST_PAUSE;
        let mut attempts = 0;
        let why = loop {
            attempts += 1;
            let why = match attempt(&self.uri, &body, &self.credentials) {
                Ok(answer) => {
                    let keys = answered(&self.content_id, wanted, &answer);
                    return keys.map_err(|source| Error::Answer { host, source });
                }
                Err(Failure::Status(status @ (408 | 429 | 500..))) => format!("it answers {status}"),
                Err(Failure::Status(status)) => return Err(Error::Refused { host, status }),
                Err(Failure::Broken(why)) => why,
            };
            if attempts == ATTEMPTS {
                break why;
            }
            rest(pause, cancel)?;
            pause *= 2;
        };
        Err(Error::Unreachable { host, why, attempts })
    }
}

impl KeyServer for Server {
    /// Of several that ask at once the first one finds out for all whether it is of any use.
    fn keys(&self, wanted: &KeysWanted, cancel: &CancelToken) -> Result<Keys, ServerError> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Known::Closed(error) = &*known {
            return Err(ServerError::Closed(error.clone().into()));
        }
        match self.ask(wanted, cancel) {
            Err(Error::Cancelled(cancelled)) => Err(ServerError::Cancelled(cancelled)),
            Err(error) if known.ends_with(&error) => {
                *known = Known::Closed(error.clone());
                Err(ServerError::Closed(error.into()))
            }
            asked => {
                *known = Known::Answers;
                asked.map_err(|error| ServerError::Failed(error.into()))
            }
        }
    }
}

/// What is no address for keys is refused without being repeated: it may hold a password.
fn address(url: &str) -> Result<Uri, Error> {
    let refuse = |why: &str| Err(Error::Url(why.to_owned()));
    let Ok(uri) = url.parse::<Uri>() else { return refuse("its URL cannot be read") };
    if !matches!(uri.scheme_str(), Some("https" | "http")) || uri.host().is_none_or(str::is_empty) {
        return refuse("its URL is neither https:// nor http://");
    }
    if uri.authority().is_some_and(|authority| authority.as_str().contains('@')) {
        return refuse("its URL holds a password, which others can see");
    }
    Ok(uri)
}

/// What must be said of a way that others can read.
pub(crate) fn exposed(url: &str) -> Option<Warning> {
    let uri = address(url).ok()?;
    let host = uri.host().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
    let here = host == "localhost" || host.parse().is_ok_and(|address: IpAddr| address.is_loopback());
    let message = format!("keys come from {host} unencrypted, and others can read them on the way; use https://");
    (uri.scheme_str() == Some("http") && !here).then_some(Warning { code: "keys_unencrypted", message })
}

enum Failure {
    Status(u16),
    Broken(String),
}

/// A header, and the secret that is its value.
type Credential = (&'static str, Zeroizing<String>);

/// What the environment holds for the server to be shown.
fn credentials() -> Result<Vec<Credential>, Error> {
    let mut found = Vec::new();
    for (variable, header) in [(CREDENTIALS, AUTHORIZATION.as_str()), (API_KEY, "x-api-key")] {
        let Some(value) = std::env::var_os(variable) else { continue };
        let value = value.into_string().map(Zeroizing::new).map_err(|_| Error::Credentials(variable))?;
        // Files end with the end of a line.
        let value = Zeroizing::new(value.trim().to_owned());
        if HeaderValue::from_str(&value).is_err() {
            return Err(Error::Credentials(variable));
        }
        found.push((header, value));
    }
    Ok(found)
}

fn attempt(uri: &Uri, body: &str, credentials: &[Credential]) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let config = ureq::Agent::config_builder()
        .timeout_global(Some(TIMEOUT))
        .http_status_as_error(false)
        // Whoever is sent elsewhere would show its credentials there.
        .max_redirects(0)
        .max_redirects_will_error(false)
        .build();
    let agent = concat!("streampack/", env!("CARGO_PKG_VERSION"));
    let mut request = ureq::Agent::from(config)
        .post(uri.clone())
        .header(CONTENT_TYPE, "application/xml")
        .header(ACCEPT, "application/xml")
        .header(USER_AGENT, agent)
        .header("X-Speke-Version", SPEKE_VERSION)
        .header("X-Speke-User-Agent", agent);
    for (header, value) in credentials {
        request = request.header(*header, value.as_str());
    }
    let mut answer = request.send(body).map_err(|error| Failure::Broken(error.to_string()))?;
    match answer.status().as_u16() {
        200..=299 => {}
        status => return Err(Failure::Status(status)),
    }
    // Room for all of it: a text that grows leaves copies behind.
    let mut text = Zeroizing::new(Vec::with_capacity(LARGEST as usize + 1));
    let read = answer.body_mut().as_reader().take(LARGEST + 1).read_to_end(&mut text);
    match read {
        Ok(_) if text.len() as u64 > LARGEST => {
            Err(Failure::Broken(format!("its answer has more than {LARGEST} bytes")))
        }
        Ok(_) => Ok(text),
        Err(error) => Err(Failure::Broken(error.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_with_a_password_is_refused_without_being_repeated() {
        for url in ["https://user:secret@keys.example/", "ftp://keys.example/secret", "secret", "https:///secret"] {
            let error = address(url).expect_err(url).to_string();
            assert!(!error.contains("secret"), "{error}");
        }
        assert!(address("https://keys.example/speke?a=1").is_ok());
    }
}
