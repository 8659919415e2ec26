//! Sources that come to us: publishers who are waited for.

use std::fmt;
use std::io::Read;

use crate::cancel::CancelToken;
use crate::source::secret::Secret;
use crate::source::takeover::Takeover;

/// Who may come in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Door {
    /// The application of the URL, without slashes around it.
    pub application: String,
    /// The stream key.
    pub key: Secret,
    /// What becomes of a second publisher.
    pub takeover: Takeover,
}

/// Publishers, one after the other.
pub(super) trait Publishers: fmt::Debug + Send + Sync {
    /// Waits for the next one, and gives the bytes of the stream that it sends; nothing when the token is cancelled.
    fn next(&self, cancel: &CancelToken) -> Option<Box<dyn Read + Send>>;
    /// Who was not let in so far.
    fn refused(&self) -> Refused;
}

/// Publishers that were not let in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Refused {
    /// How many.
    pub times: u64,
    /// Why the last one was not.
    pub why: &'static str,
}
