//! Samples of one rendition into stored segments.

use super::Error;
use super::backlog::{Backlog, put};
use super::sources::Sources;
use crate::event::Control;
use crate::media::{Rounding, Sample, SampleSink, Span};
use crate::output::{Dir, Stored};
use crate::package::{Draft, Packager, Segment};
use crate::plan::{Cuts, SegmentGrid};

/// Packages samples and stores each segment as soon as it is complete.
pub(super) struct Keep<'a> {
    packager: Packager,
    trick: Option<Trick<'a>>,
    shelf: Shelf<'a>,
    stored: Vec<Stored<Segment>>,
}

/// What becomes of a segment that is complete.
enum Shelf<'a> {
    /// It is stored at once.
    Here(&'a Dir, Control<'a>),
    /// Others store it.
    Behind(&'a Backlog),
}

/// The key frames once more, for the trick rendition.
pub(super) struct Trick<'a> {
    packager: Packager,
    /// What becomes of a key frame; nothing of those that begin no fragment.
    alone: Box<Alone<'a>>,
}

type Alone<'a> = dyn FnMut(&Sample) -> Option<Sample> + Send + 'a;

impl<'a> Trick<'a> {
    /// Of a rendition that is cut on the grid.
    pub(super) fn on_grid(packager: Packager, grid: SegmentGrid) -> Self {
        Self { packager, alone: Box::new(move |key_frame| Some(lasting_its_gop(key_frame, &grid))) }
    }

    /// Of a rendition that is cut where the list says and ends at the tick `end`.
    pub(super) fn at(packager: Packager, cuts: &'a Cuts, end: i64) -> Self {
        let mut next = 0;
        let alone = move |key_frame: &Sample| {
            let fragment = cuts.fragment_of(key_frame.dts.ticks());
            (fragment >= next).then(|| {
                next = fragment + 1;
                let end = cuts.fragment_start(next).unwrap_or(end);
                let duration = end.saturating_sub(key_frame.dts.ticks()).max(1).unsigned_abs();
                // What is shown before it is not here.
                Sample { cts_offset: 0, duration: Span::new(duration, cuts.scale()), ..key_frame.clone() }
            })
        };
        Self { packager, alone: Box::new(alone) }
    }
}

impl<'a> Keep<'a> {
    pub(super) fn new(packager: Packager, trick: Option<Trick<'a>>, dir: &'a Dir, control: Control<'a>) -> Self {
        Self { packager, trick, shelf: Shelf::Here(dir, control), stored: Vec::new() }
    }

    /// Leaves it to a backlog to store segments, and to give them back.
    pub(super) fn behind(packager: Packager, trick: Option<Trick<'a>>, backlog: &'a Backlog) -> Self {
        Self { packager, trick, shelf: Shelf::Behind(backlog), stored: Vec::new() }
    }

    fn store(&mut self, complete: Option<Draft>) -> Result<(), Error> {
        match (complete, &self.shelf) {
            (Some(draft), Shelf::Here(dir, control)) => {
                self.stored.push(put(dir, draft, &Sources::default(), *control)?)
            }
            (Some(draft), Shelf::Behind(backlog)) => backlog.push(draft)?,
            (None, _) => (),
        }
        Ok(())
    }

    /// Ends the last segment and gives all that were stored here.
    pub(super) fn finish(mut self) -> Result<Vec<Stored<Segment>>, Error> {
        let last = self.packager.finish()?;
        self.store(last)?;
        if let Some(trick) = &mut self.trick {
            let last = trick.packager.finish()?;
            self.store(last)?;
        }
        Ok(self.stored)
    }
}

/// A key frame that is shown until the next one.
fn lasting_its_gop(key_frame: &Sample, grid: &SegmentGrid) -> Sample {
    // Its own length says nothing: the last picture of what is copied may be held for longer than a frame.
    let frame = grid.span_of(1).rescale(key_frame.dts.scale(), Rounding::Nearest).ticks().max(1);
    let first = key_frame.dts.ticks().max(0).unsigned_abs() / frame;
    let end = grid.fragment_start(first / grid.gop_frames() + 1);
    Sample { duration: grid.span_of(end - first), ..key_frame.clone() }
}

impl SampleSink for Keep<'_> {
    type Error = Error;

    fn push(&mut self, sample: Sample) -> Result<(), Error> {
        if let Some(trick) = &mut self.trick
            && sample.sync
            && let Some(alone) = (trick.alone)(&sample)
        {
            let complete = trick.packager.push(alone)?;
            self.store(complete)?;
        }
        let complete = self.packager.push(sample)?;
        self.store(complete)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::media::{FrameRate, Timestamp};

    #[test]
    fn a_key_frame_that_is_held_still_lasts_to_the_end_of_its_gop() {
        let (gop, segment) = (Duration::from_secs(2), Duration::from_secs(6));
        let grid = SegmentGrid::new(FrameRate::whole(25), gop, segment, 108);
        let scale = grid.rate().timescale();
        let held = Sample {
            dts: Timestamp::new(100 * grid.span_of(1).ticks() as i64, scale),
            cts_offset: 0,
            duration: grid.span_of(8),
            sync: true,
            data: vec![0].into(),
        };
        assert_eq!(lasting_its_gop(&held, &grid).duration, grid.span_of(8));
        let usual = Sample { duration: grid.span_of(1), ..held };
        assert_eq!(lasting_its_gop(&usual, &grid).duration, grid.span_of(8));
    }
}
