//! Samples of one rendition into stored segments.

use super::Error;
use crate::event::{Control, Event};
use crate::media::{Sample, SampleSink};
use crate::output::{Dir, Stored, store};
use crate::package::{Packaged, Packager, Segment};
use crate::plan::SegmentGrid;

/// Packages samples and stores each segment as soon as it is complete.
pub(super) struct Keep<'a> {
    packager: Packager,
    /// The key frames once more, for the trick rendition.
    trick: Option<Packager>,
    grid: SegmentGrid,
    dir: &'a Dir,
    control: Control<'a>,
    stored: Vec<Stored<Segment>>,
}

impl<'a> Keep<'a> {
    pub(super) fn new(
        packager: Packager,
        trick: Option<Packager>,
        grid: &SegmentGrid,
        dir: &'a Dir,
        control: Control<'a>,
    ) -> Self {
        Self { packager, trick, grid: *grid, dir, control, stored: Vec::new() }
    }

    fn store(&mut self, packaged: Option<Packaged>) -> Result<(), Error> {
        let Some(Packaged { facts, body }) = packaged else { return Ok(()) };
        let key = facts.key.clone();
        let stored = store(self.dir, &key, &body, facts)?;
        let segment = stored.facts();
        self.control.observer.on(&Event::SegmentStored {
            rendition: &segment.rendition,
            key: &key,
            bytes: segment.bytes,
            seconds: segment.duration.as_seconds(),
        });
        self.stored.push(stored);
        Ok(())
    }

    /// Ends the last segment and gives all that were stored.
    pub(super) fn finish(mut self) -> Result<Vec<Stored<Segment>>, Error> {
        let last = self.packager.finish()?;
        self.store(last)?;
        if let Some(trick) = &mut self.trick {
            let last = trick.finish()?;
            self.store(last)?;
        }
        Ok(self.stored)
    }
}

/// A key frame that is shown until the next one.
fn lasting_its_gop(key_frame: &Sample, grid: &SegmentGrid) -> Sample {
    let first = key_frame.dts.ticks() as u64 / key_frame.duration.ticks().max(1);
    let end = grid.fragment_start(first / grid.gop_frames() + 1);
    Sample { duration: grid.span_of(end - first), ..key_frame.clone() }
}

impl SampleSink for Keep<'_> {
    type Error = Error;

    fn push(&mut self, sample: Sample) -> Result<(), Error> {
        if let Some(trick) = &mut self.trick
            && sample.sync
        {
            let packaged = trick.push(lasting_its_gop(&sample, &self.grid))?;
            self.store(packaged)?;
        }
        let packaged = self.packager.push(sample)?;
        self.store(packaged)
    }
}
