//! A URL that the notice is posted to, again and again until it was taken.

use std::fmt;
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use sha2::{Digest, Sha256};
use streampack::cancel::CancelToken;
use ureq::http::Uri;
use ureq::http::header::{AUTHORIZATION, CONTENT_TYPE, USER_AGENT};

use super::super::patience::rest;
use super::Error;

/// How long one attempt may take.
const TIMEOUT: Duration = Duration::from_secs(20);
/// How long to wait before the next attempt; each time twice as long as the time before.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
/// How often it is tried: for about half a minute when nobody answers.
const ATTEMPTS: u32 = 7;

/// An address, and what opens it.
#[derive(Clone)]
pub(crate) struct Url {
    uri: Uri,
    authorization: Option<String>,
    shown: String,
}

impl Url {
    /// Reads a URL; nothing when the text is none.
    pub(super) fn parse(text: &str) -> Option<Result<Self, String>> {
        let (scheme, rest) = text.split_once("://")?;
        let is_scheme = !scheme.is_empty() && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
        if !is_scheme {
            return None;
        }
        if !scheme.eq_ignore_ascii_case("http") && !scheme.eq_ignore_ascii_case("https") {
            return Some(Err(format!(
                "{scheme}:// is not a way to tell; give an http:// or https:// URL, or a command"
            )));
        }
        Some(Self::of(scheme, rest))
    }

    fn of(scheme: &str, rest: &str) -> Result<Self, String> {
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        let path = path.split('#').next().unwrap_or_default();
        let (user, host) = authority.rsplit_once('@').map_or((None, authority), |(user, host)| (Some(user), host));
        if host.is_empty() || host.starts_with(':') {
            return Err("the URL names no host; write it like https://example.com/done".to_owned());
        }
        let slash = if path.starts_with('/') { "" } else { "/" };
        let uri = format!("{scheme}://{host}{slash}{path}").parse::<Uri>();
        let uri = uri.map_err(|why| format!("the URL cannot be read: {why}"))?;
        let decoded = |user| percent_encoding::percent_decode_str(user).collect::<Vec<u8>>();
        let authorization = user.map(|user| format!("Basic {}", BASE64_STANDARD.encode(decoded(user))));
        Ok(Self { uri, authorization, shown: format!("{scheme}://{host}/…") })
    }

    /// Posts `body` until it is taken. What may pass is tried again: no answer, 408, 425, 429, and 5xx. The key in
    /// the header is the same in each attempt, so that the other side can tell a repetition.
    pub(super) fn post(&self, body: &str, cancel: &CancelToken) -> Result<(), Error> {
        let key: String = Sha256::digest(body).iter().map(|byte| format!("{byte:02x}")).collect();
        let mut pause = FIRST_PAUSE;
        for attempt in 1.. {
            let why = match self.attempt(body, &key) {
                Ok(200..=299) => return Ok(()),
                Ok(status @ (408 | 425 | 429 | 500..)) => format!("it answered {status}"),
                Ok(status) => return Err(Error::Refused { url: self.shown.clone(), status }),
                Err(why) => why,
            };
            if attempt == ATTEMPTS {
                return Err(Error::Unreachable { url: self.shown.clone(), attempts: ATTEMPTS, why });
            }
            rest(pause, cancel)?;
            pause *= 2;
        }
        Ok(())
    }

    /// The status of the answer, or why there is none.
    fn attempt(&self, body: &str, key: &str) -> Result<u16, String> {
        let config = ureq::Agent::config_builder()
            .timeout_global(Some(TIMEOUT))
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .build();
        let request = ureq::Agent::from(config).post(self.uri.clone());
        let request = request.header(CONTENT_TYPE, "application/json").header("Idempotency-Key", key);
        let request = request.header(USER_AGENT, concat!("streampack/", env!("CARGO_PKG_VERSION")));
        let request = match &self.authorization {
            Some(authorization) => request.header(AUTHORIZATION, authorization),
            None => request,
        };
        request.send(body).map(|answer| answer.status().as_u16()).map_err(|error| error.to_string())
    }
}

impl fmt::Display for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}
