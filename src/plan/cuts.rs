//! Where fragments and segments of one track begin that was encoded elsewhere: a list, for its key frames
//! lie where they lie.

use serde::{Deserialize, Serialize};

use crate::media::{SegmentNumber, Span, Timescale};

/// Where the fragments and segments of one track begin, on its decode timeline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cuts {
    /// Ticks per second.
    scale: Timescale,
    /// Where fragments begin, ascending; the first takes all that comes before the second.
    fragments: Vec<i64>,
    /// The first fragment of each segment, ascending from 0.
    segments: Vec<usize>,
    /// A sample belongs where the tick so many behind its start lies: half a packet for sound, which is cut at
    /// the packet nearest to a boundary; none for pictures.
    reach: i64,
}

impl Cuts {
    /// Fragments that begin at these ticks, and which of them begin a segment. At least one of each.
    ///
    /// # Panics
    /// When there is none of either.
    pub fn new(scale: Timescale, fragments: Vec<i64>, segments: Vec<usize>, reach: i64) -> Self {
        assert!(!fragments.is_empty() && segments.first() == Some(&0), "a track has a first fragment and segment");
        Self { scale, fragments, segments, reach }
    }

    /// Ticks per second.
    pub const fn scale(&self) -> Timescale {
        self.scale
    }

    /// Where segments begin.
    pub fn segment_starts(&self) -> impl Iterator<Item = i64> {
        self.segments.iter().map(|first| self.fragments[*first])
    }

    /// Number of fragments.
    pub fn fragments(&self) -> u64 {
        self.fragments.len() as u64
    }

    /// Number of segments.
    pub fn segments(&self) -> u64 {
        self.segments.len() as u64
    }

    /// The longest segment of a track that ends at the tick `end`.
    pub fn longest_segment(&self, end: i64) -> Span {
        let starts: Vec<i64> = self.segments.iter().map(|first| self.fragments[*first]).collect();
        let ends = starts.iter().copied().skip(1).chain([end]);
        let longest = starts.iter().zip(ends).map(|(start, end)| end - start).max().unwrap_or(0);
        Span::new(longest.max(0).unsigned_abs(), self.scale)
    }

    /// The tick at which the fragment begins that is counted from 0.
    pub fn fragment_start(&self, fragment: u64) -> Option<i64> {
        self.fragments.get(usize::try_from(fragment).ok()?).copied()
    }

    /// The fragment, counted from 0, that a sample at this tick belongs to.
    pub fn fragment_of(&self, tick: i64) -> u64 {
        self.fragments.partition_point(|start| *start <= tick.saturating_add(self.reach)).saturating_sub(1) as u64
    }

    /// The segment that a fragment belongs to.
    pub fn segment_of(&self, fragment: u64) -> SegmentNumber {
        SegmentNumber(self.segments.partition_point(|first| *first as u64 <= fragment).max(1) as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_belong_to_the_fragment_and_segment_before_the_next_one() {
        let cuts = Cuts::new(Timescale::new(1000), vec![0, 2000, 3900, 6000], vec![0, 2], 0);
        let place = |tick| {
            let fragment = cuts.fragment_of(tick);
            (fragment, cuts.segment_of(fragment).0)
        };
        assert_eq!([0, 1999, 2000, 3899, 3900, 9000].map(place), [(0, 1), (0, 1), (1, 1), (1, 1), (2, 2), (3, 2)]);
    }

    #[test]
    fn sound_is_cut_at_the_packet_nearest_to_a_boundary() {
        let cuts = Cuts::new(Timescale::new(48_000), vec![0, 96_000], vec![0, 1], 512);
        assert_eq!([95_232, 95_487, 95_488, 96_256].map(|tick| cuts.fragment_of(tick)), [0, 0, 1, 1]);
    }
}
