//! Where a programme stops to be made while its source is away: at the end of a segment. Pure.

use crate::media::{Rounding, SegmentNumber, Timescale};
use crate::plan::SegmentGrid;

/// How it stands with that. It begins where the programme does.
#[derive(Debug, Default)]
pub(super) struct Rest {
    /// Where nothing is made any more, while that is so.
    since_us: Option<i64>,
    /// Where the programme has gone on last: nothing has come since then, unless it is further.
    from_us: i64,
}

impl Rest {
    /// A programme that begins here.
    pub(super) fn of(from_us: i64) -> Self {
        Self { since_us: None, from_us }
    }

    /// Where the segment ends that is being made, and the one after it, for what was shown up to `shown_us`; nothing
    /// where that was reached already.
    pub(super) fn end(&self, shown_us: i64, grid: &SegmentGrid) -> Option<(i64, SegmentNumber)> {
        if self.since_us.is_some() {
            return None;
        }
        let at = shown_us.max(self.from_us).max(0);
        // The last slot that something is shown in; where nothing has come, that before the segment to come.
        let slots = i128::from(at) * i128::from(grid.rate().num()) + i128::from(grid.rate().den()) * 500_000;
        let slots = u64::try_from(slots / (i128::from(grid.rate().den()) * 1_000_000)).unwrap_or(0);
        let segment = slots.checked_sub(1).map_or(SegmentNumber(0), |last| grid.segment_of(last));
        let next = SegmentNumber(segment.0 + 1);
        let end = grid.time_of(grid.frames_of(next).start);
        Some((end.rescale(Timescale::new(1_000_000), Rounding::Nearest).ticks(), next))
    }

    /// Whether nothing is made.
    pub(super) fn is_on(&self) -> bool {
        self.since_us.is_some()
    }

    /// Nothing is made from here on.
    pub(super) fn begin(&mut self, end_us: i64) {
        self.since_us = Some(end_us);
    }

    /// The source is there again. Gives where the programme goes on, when it has stopped.
    pub(super) fn over(&mut self) -> Option<i64> {
        let since = self.since_us.take()?;
        self.from_us = since;
        Some(since)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::media::FrameRate;

    #[test]
    fn what_was_begun_is_completed_and_what_was_not_is_left() {
        let rate = FrameRate::new(30_000, 1001).expect("positive");
        let second = Duration::from_secs(1);
        let grid = SegmentGrid::endless(rate, second, 2 * second);
        let mut rest = Rest::default();
        let end = |rest: &Rest, us| rest.end(us, &grid).map(|(us, next)| (us, next.0));
        // Segments of 60 frames.
        assert_eq!(end(&rest, 33_367), Some((2_002_000, 2)));
        assert_eq!(end(&rest, 2_002_000), Some((2_002_000, 2)));
        assert_eq!(end(&rest, 2_023_000), Some((4_004_000, 3)));
        rest.begin(4_004_000);
        assert_eq!(end(&rest, 2_023_000), None);
        // Lost again before anything has come.
        assert_eq!(rest.over(), Some(4_004_000));
        assert_eq!(end(&rest, 2_023_000), Some((4_004_000, 3)));
        assert_eq!(end(&rest, 4_100_000), Some((6_006_000, 4)));
    }
}
