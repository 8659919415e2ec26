//! Credentials of a profile, as the `aws` command gives them out: it knows every kind of profile, single sign-on
//! and assumed roles too.

use std::fmt;
use std::io;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use object_store::CredentialProvider;
use object_store::aws::AwsCredential;
use serde::Deserialize;

use super::error::Refusal;
use crate::clock::{Clock, SystemClock};

/// How long given credentials are used. The command renews what would end within ten minutes.
const FRESH: Duration = Duration::from_secs(300);

/// What the command prints for `--format process`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Printed {
    access_key_id: String,
    secret_access_key: String,
    session_token: Option<String>,
}

/// Asks the `aws` command, again from time to time.
pub(super) struct Exported {
    /// Which profile; nothing for the default one.
    profile: Option<String>,
    clock: SystemClock,
    kept: Mutex<Option<(Duration, Arc<AwsCredential>)>>,
}

impl fmt::Debug for Exported {
    /// The profile alone.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exported").field("profile", &self.profile).finish_non_exhaustive()
    }
}

impl Exported {
    pub(super) fn new(profile: Option<String>) -> Self {
        Self { profile, clock: SystemClock::start(), kept: Mutex::default() }
    }

    /// Whether there are credentials.
    pub(super) fn check(&self) -> Result<(), Refusal> {
        self.credential().map(drop)
    }

    fn credential(&self) -> Result<Arc<AwsCredential>, Refusal> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.clock.elapsed();
        if let Some((_, credential)) = kept.as_ref().filter(|(since, _)| now.saturating_sub(*since) < FRESH) {
            return Ok(Arc::clone(credential));
        }
        let text = self.run(&["configure", "export-credentials", "--format", "process"])?;
        let printed: Printed = serde_json::from_slice(&text)
            .map_err(|_| self.refused("`aws configure export-credentials` printed none; update the aws command"))?;
        let Printed { access_key_id: key_id, secret_access_key: secret_key, session_token: token } = printed;
        let credential = Arc::new(AwsCredential { key_id, secret_key, token });
        *kept = Some((now, Arc::clone(&credential)));
        Ok(credential)
    }

    fn run(&self, words: &[&str]) -> Result<Vec<u8>, Refusal> {
        match command(words, self.profile.as_deref()) {
            Ok(output) if output.status.success() => Ok(output.stdout),
            Ok(output) => {
                let said = String::from_utf8_lossy(&output.stderr);
                let said = said.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or("it failed").to_owned();
                Err(self.refused(&format!("`aws configure export-credentials` says: {said}")))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(self.refused(
                "the aws command, which reads profiles, is not installed; install it, or set AWS_ACCESS_KEY_ID and \
                 AWS_SECRET_ACCESS_KEY",
            )),
            Err(error) => Err(self.refused(&format!("the aws command cannot be run: {error}"))),
        }
    }

    fn refused(&self, why: &str) -> Refusal {
        let name = self.profile.as_deref().unwrap_or("default");
        Refusal::NoCredentials(format!("profile {name}: {why}"))
    }
}

/// The region of a profile, when the `aws` command knows one.
pub(super) fn region(profile: Option<&str>) -> Option<String> {
    let output = command(&["configure", "get", "region"], profile).ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    Some(text.trim().to_owned()).filter(|region| !region.is_empty())
}

fn command(words: &[&str], profile: Option<&str>) -> io::Result<std::process::Output> {
    let profile = profile.into_iter().flat_map(|profile| ["--profile", profile]);
    Command::new("aws").args(words).args(profile).stdin(Stdio::null()).output()
}

#[async_trait]
impl CredentialProvider for Exported {
    type Credential = AwsCredential;

    async fn get_credential(&self) -> object_store::Result<Arc<AwsCredential>> {
        self.credential()
            .map_err(|refusal| object_store::Error::Generic { store: "S3", source: refusal.to_string().into() })
    }
}
