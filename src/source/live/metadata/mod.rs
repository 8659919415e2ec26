//! Timed metadata beside a live source: lines of JSON in, ID3 tags with their times out.

mod line;
mod lines;
mod tag;

use std::sync::Arc;
use std::time::Duration;

use crate::media::Utc;

pub use line::{MOST_TAG_BYTES, Malformed};
pub use lines::{Lines, Next, Unreadable};
pub use tag::Unwritten;

/// What one line asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// When it is for; without, for what comes next.
    pub at: Option<Utc>,
    /// How long it is for, where that is said.
    pub duration: Option<Duration>,
    /// An ID3 tag of version 2.4.
    pub tag: Arc<[u8]>,
}

impl Told {
    /// Reads one line.
    ///
    /// # Errors
    /// When it is not as it should be, in any part: nothing of it is told then.
    pub fn read(line: &[u8]) -> Result<Self, Malformed> {
        line::read(line)
    }
}
