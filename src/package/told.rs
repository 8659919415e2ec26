//! Where fragments and segments of one track begin that is told while the track comes.

use std::collections::VecDeque;

use crate::media::{SegmentNumber, Timescale, Timestamp};

/// A fragment begins.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cut {
    /// When, on the decode timeline of the track.
    pub at: Timestamp,
    /// A segment begins with it.
    pub segment: bool,
}

/// What was told, and is not behind the track yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Told {
    scale: Timescale,
    /// A sample belongs where the tick so many behind its start lies.
    reach: i64,
    /// The fragment and the segment before the first of `cuts`.
    fragment: u64,
    segment: SegmentNumber,
    cuts: VecDeque<(i64, bool)>,
}

impl Told {
    /// A track whose first fragment and segment begin with its first sample.
    pub(super) fn new(scale: Timescale, reach: i64) -> Self {
        Self { scale, reach, fragment: 0, segment: SegmentNumber(1), cuts: VecDeque::new() }
    }

    pub(super) fn scale(&self) -> Timescale {
        self.scale
    }

    /// A fragment begins there, behind all that were told before.
    pub(super) fn tell(&mut self, tick: i64, segment: bool) {
        self.cuts.push_back((tick, segment));
    }

    /// The fragment and the segment of a sample at this tick.
    pub(super) fn place(&self, tick: i64) -> (SegmentNumber, u64) {
        let before = self.cuts.iter().take_while(|(cut, _)| *cut <= tick.saturating_add(self.reach));
        let (fragments, segments) =
            before.fold((0, 0), |(fragments, segments), (_, segment)| (fragments + 1, segments + u64::from(*segment)));
        (SegmentNumber(self.segment.0 + segments), self.fragment + fragments)
    }

    /// No sample before this tick is asked for any more.
    pub(super) fn pass(&mut self, tick: i64) {
        (self.segment, self.fragment) = self.place(tick);
        self.cuts.retain(|(cut, _)| *cut > tick.saturating_add(self.reach));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_belong_behind_the_cut_that_was_told_and_forgotten() {
        let mut told = Told::new(Timescale::new(1000), 10);
        told.tell(2000, false);
        told.tell(4000, true);
        let places = [0, 1989, 1990, 3990, 9000].map(|tick| (told.place(tick).0.0, told.place(tick).1));
        assert_eq!(places, [(1, 0), (1, 0), (1, 1), (2, 2), (2, 2)]);
        told.pass(3990);
        assert!(told.cuts.is_empty());
        told.tell(6000, true);
        assert_eq!([5989, 5990].map(|tick| (told.place(tick).0.0, told.place(tick).1)), [(2, 2), (3, 3)]);
    }
}
