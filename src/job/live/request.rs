//! What is asked of a live run.

use std::path::PathBuf;
use std::time::Duration;

use super::loss::Loss;
use super::overload::Overload;
use crate::config::Settings;
use crate::job::keys::KeySource;
use crate::job::sync::CacheControl;
use crate::origin::live::Address;
use crate::plan::{self, Parts, Plan, Window};
use crate::source::SourceInfo;
use crate::source::locator::Locator;

/// What is asked of a live run.
#[derive(Debug, Clone)]
pub struct Request {
    /// Where media comes from.
    pub input: Locator,
    /// The directory of the set, or the URL of a bucket and a prefix.
    pub output: PathBuf,
    /// Every decision of the user about the media.
    pub settings: Settings,
    /// Encode nothing.
    pub copy: bool,
    /// The keys, where the media shall be encrypted.
    pub keys: Option<KeySource>,
    /// Segments that players are offered at a time.
    pub window: u64,
    /// As much time, if that is more.
    pub back: Option<Duration>,
    /// Read no faster than the media is shown.
    pub paced: bool,
    /// When the source is lost, and what is done then.
    pub loss: Loss,
    /// What is done when the machine does not keep up with a source that comes in real time.
    pub overload: Overload,
    /// How many processors there are for it.
    pub jobs: usize,
    /// How long caches keep it, where the output is in a bucket.
    pub cache_control: CacheControl,
    /// Replace files of others.
    pub force: bool,
    /// Go on with the programme that an earlier run has begun there, if there is one.
    pub resume: bool,
    /// Where to serve it.
    pub serve: Option<Address>,
    /// Keep all of it in this directory, as a set of its own.
    pub record: Option<PathBuf>,
    /// Where lines of timed metadata come from: a named pipe, a file, or standard input (`-`).
    pub metadata: Option<PathBuf>,
    /// Serve it in parts of about so much time as well.
    pub part: Option<Duration>,
}

impl Request {
    /// What will be done to a source.
    pub(super) fn plan(&self, info: &SourceInfo) -> Result<Plan, plan::Error> {
        match self.copy {
            true => Plan::live_copy(info, &self.settings, self.part.is_some()),
            false => Plan::live(info, &self.settings, self.jobs, self.part.is_some()),
        }
    }

    /// What players are offered of it at a time.
    pub(super) fn windowed(&self, plan: &Plan) -> Result<Window, plan::Error> {
        let window = Window::new(plan, self.window, self.back)?;
        let gop = Duration::from_secs_f64(self.settings.gop);
        Ok(if self.copy && plan.video.is_some() { window.to_the_next_key(gop) } else { window })
    }

    /// The parts in which they are offered it, at low latency.
    pub(super) fn parts(&self, plan: &Plan) -> Result<Option<Parts>, plan::Error> {
        let parts = self.part.map(|part| Parts::new(plan, part)).transpose()?;
        Ok(parts.map(|parts| if self.copy { parts.of_copies(plan) } else { parts }))
    }
}
