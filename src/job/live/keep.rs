//! Samples of one rendition into segments, which go to the one who stores them.

use std::sync::mpsc::SyncSender;

use super::Error;
use super::told::Noted;
use crate::cancel::Cancelled;
use crate::media::{Sample, SampleSink, SegmentNumber};
use crate::package::{Chunk, Cut, Draft, Packaged, Packager};

/// What comes of the samples of a rendition, in order.
#[derive(Debug)]
pub(super) enum Made {
    /// A part of a segment, where a programme is offered in parts.
    Chunk(Chunk),
    /// A segment; all of its parts came before it.
    Segment(Packaged),
    /// No more for now: the source is away.
    Rest,
    /// Its source has marked something, in this order.
    Marked(Vec<Noted>),
}

/// Packages samples and hands each segment on as soon as it is complete.
#[derive(Debug)]
pub(super) struct Keep {
    packager: Packager,
    made: SyncSender<Made>,
}

impl Keep {
    /// Hands segments to `made`.
    pub(super) fn new(packager: Packager, made: SyncSender<Made>) -> Self {
        Self { packager, made }
    }

    /// Tells where the next fragment begins, where that is not known before.
    pub(super) fn tell(&mut self, cut: Cut) -> Result<(), Error> {
        Ok(self.packager.tell(cut)?)
    }

    /// Nothing is made for now: ends the segment that is being made. Gives the number of the next one.
    pub(super) fn rest(&mut self) -> Result<SegmentNumber, Error> {
        let last = self.packager.finish()?;
        self.hand_on(last)?;
        Ok(self.packager.number())
    }

    /// Those who publish must know that nothing comes for now.
    pub(super) fn tell_rest(&self) {
        // Who has gone tells why.
        let _ = self.made.send(Made::Rest);
    }

    fn hand_on(&mut self, complete: Option<Draft>) -> Result<(), Error> {
        let packaged = complete.map(Draft::write).transpose()?;
        let chunks = self.packager.take_chunks().into_iter().map(Made::Chunk);
        for made in chunks.chain(packaged.map(Made::Segment)) {
            // Who stores them has failed, and tells why.
            self.made.send(made).map_err(|_| Cancelled)?;
        }
        Ok(())
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
        let complete = self.packager.push(sample)?;
        self.hand_on(complete)
    }
}
