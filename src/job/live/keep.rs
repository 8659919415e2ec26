//! Samples of one rendition into segments, which go to the one who stores them.

use std::sync::mpsc::SyncSender;

use super::Error;
use crate::cancel::Cancelled;
use crate::media::{Sample, SampleSink};
use crate::package::{Packaged, Packager};

/// Packages samples and hands each segment on as soon as it is complete.
#[derive(Debug)]
pub(super) struct Keep {
    packager: Packager,
    made: SyncSender<Packaged>,
}

impl Keep {
    /// Hands segments to `made`.
    pub(super) fn new(packager: Packager, made: SyncSender<Packaged>) -> Self {
        Self { packager, made }
    }

    fn hand_on(&self, packaged: Option<Packaged>) -> Result<(), Error> {
        // Who stores them has failed, and tells why.
        packaged.map_or(Ok(()), |packaged| self.made.send(packaged).map_err(|_| Error::Cancelled(Cancelled)))
    }

    /// Ends the last segment.
    pub(super) fn finish(mut self) -> Result<(), Error> {
        let last = self.packager.finish()?;
        self.hand_on(last)
    }
}

impl SampleSink for Keep {
    type Error = Error;

    fn push(&mut self, sample: Sample) -> Result<(), Error> {
        let packaged = self.packager.push(sample)?;
        self.hand_on(packaged)
    }
}
