//! Runs of whole segments that are encoded on their own.

use std::ops::Range;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::SegmentGrid;
use super::buffer;
use crate::media::{Rounding, SegmentNumber, Timescale};
use crate::source::VideoTiming;

/// A run of whole segments that one worker encodes without knowing of the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Shard {
    /// Position among the shards, counted from 0.
    pub index: usize,
    /// Its first segment.
    pub first: SegmentNumber,
    /// Its last segment.
    pub last: SegmentNumber,
    /// How full its encoder's buffer is when it begins, in per cent, whatever the shards before it were.
    pub buffer_percent: u32,
}

impl Shard {
    /// Its frames of the grid.
    pub fn frames(&self, grid: &SegmentGrid) -> Range<u64> {
        grid.frames_of(self.first).start..grid.frames_of(self.last).end
    }

    /// How many they are.
    pub fn frame_count(&self, grid: &SegmentGrid) -> u64 {
        let frames = self.frames(grid);
        frames.end - frames.start
    }
}

/// A programme is cut into this many shards, to keep many cores busy, unless they are too short or long.
const ENOUGH_SHARDS: u64 = 8;
/// Shorter shards waste much on pre-roll, and the one behind them begins with an emptier buffer. A short
/// programme is cut in two all the same.
const SHORTEST_TARGET_S: f64 = 12.0;
/// Longer shards hold more back from the other workers and lose more when a run is interrupted.
const LONGEST_TARGET_S: f64 = 24.0;
/// A border may lie this many segments before its target, or twice as many after it.
const SLACK: u64 = 1;
/// Pre-rolls that differ by less cost alike: a shard does not leave its target for a few frames.
const PREROLL_STEP_US: i64 = 500_000;

const MICROSECONDS: Timescale = Timescale::new(1_000_000);

/// Cuts the grid into shards. A worker begins to decode at the source's key frame before its first
/// segment, so each border lies, of those near the target length, where the least is decoded in vain.
/// The cut depends on the source and the grid alone, never on how many workers there are.
pub(super) fn cut(grid: &SegmentGrid, origin_us: i64, timing: Option<&VideoTiming>) -> Vec<Shard> {
    let segments = grid.segments();
    let in_segments = |seconds: f64| (seconds / grid.segment_duration().as_seconds()).ceil() as u64;
    let shortest = in_segments(SHORTEST_TARGET_S).min(segments / 2).max(1);
    let target = (segments / ENOUGH_SHARDS).clamp(shortest, in_segments(LONGEST_TARGET_S).max(shortest));
    let borders = Borders { grid, origin_us, timing: timing.filter(|timing| timing.seekable) };
    let mut shards = Vec::new();
    let mut start = 0;
    while start < segments {
        let end = if segments - start <= target { segments } else { borders.best(start, target) };
        let (first, last) = (SegmentNumber(start + 1), SegmentNumber(end));
        let fullness = shards.last().map_or(buffer::FIRST, |before| buffer::after(seconds(grid, before)));
        let buffer_percent = ((100.0 * fullness) as u32).max(1);
        shards.push(Shard { index: shards.len(), first, last, buffer_percent });
        start = end;
    }
    shards
}

/// The one shard of a programme whose end is not known.
pub(super) fn endless(grid: &SegmentGrid) -> Shard {
    let buffer_percent = (100.0 * buffer::FIRST) as u32;
    Shard { index: 0, first: SegmentNumber(1), last: SegmentNumber(grid.segments()), buffer_percent }
}

fn seconds(grid: &SegmentGrid, shard: &Shard) -> f64 {
    grid.span_of(shard.frame_count(grid)).as_seconds()
}

/// What it costs to begin a shard at a segment.
struct Borders<'a> {
    grid: &'a SegmentGrid,
    origin_us: i64,
    timing: Option<&'a VideoTiming>,
}

impl Borders<'_> {
    /// The number of segments before the next border, for a shard that begins after `start` of them.
    /// At least one segment is left for the shard after it.
    fn best(&self, start: u64, target: u64) -> u64 {
        let nearest = start + target.saturating_sub(SLACK).max(1);
        let farthest = (start + target + 2 * SLACK).min(self.grid.segments() - 1);
        let cost = |border: &u64| (self.preroll_us(*border) / PREROLL_STEP_US, border.abs_diff(start + target));
        (nearest..=farthest).min_by_key(cost).unwrap_or(start + target)
    }

    /// How much of the source is decoded in vain by a shard that begins after `border` segments;
    /// nothing where it is read from the start anyway.
    fn preroll_us(&self, border: u64) -> i64 {
        let Some(timing) = self.timing else { return 0 };
        let first_frame = self.grid.frames_of(SegmentNumber(border + 1)).start;
        let time = self.grid.time_of(first_frame).rescale(MICROSECONDS, Rounding::Nearest).ticks();
        let half_a_frame = self.grid.span_of(1).rescale(MICROSECONDS, Rounding::Down).ticks() / 2;
        let at = self.origin_us.saturating_add(time);
        // The key frame may come a little late on the grid and is still shown as this frame.
        let reach = at.saturating_add_unsigned(half_a_frame);
        let before = timing.key_frames_us.partition_point(|key| *key <= reach);
        let key = before.checked_sub(1).map_or(self.origin_us, |last| timing.key_frames_us[last]);
        at.saturating_sub(key).max(0)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::media::FrameRate;

    fn grid(segments: u64) -> SegmentGrid {
        SegmentGrid::new(FrameRate::whole(25), Duration::from_secs(2), Duration::from_secs(6), segments * 150)
    }

    fn key_frames(key_frames_us: Vec<i64>, seekable: bool) -> VideoTiming {
        VideoTiming { frames: 1000, mean_rate: 25.0, constant: true, exact_rate: None, key_frames_us, seekable }
    }

    fn lengths(shards: &[Shard]) -> Vec<u64> {
        shards.iter().map(|shard| shard.last.0 - shard.first.0 + 1).collect()
    }

    #[test]
    fn shards_are_12_to_24_seconds_long_and_short_clips_are_cut_in_two() {
        assert_eq!(lengths(&cut(&grid(5), 0, None)), [2, 2, 1]);
        assert_eq!(lengths(&cut(&grid(40), 0, None)), [4; 10]);
        assert_eq!(lengths(&cut(&grid(2), 0, None)), [1, 1]);
        assert_eq!(lengths(&cut(&grid(1), 0, None)), [1]);
    }

    #[test]
    fn a_shard_reckons_with_the_buffer_that_the_one_before_leaves_at_least() {
        let shards = cut(&grid(5), 0, None);
        assert_eq!(shards.iter().map(|shard| shard.buffer_percent).collect::<Vec<_>>(), [90, 50, 50]);
    }

    #[test]
    fn a_border_moves_to_where_the_source_has_a_key_frame() {
        let every_30_s = key_frames((0..10).map(|n| 500_000 + n * 30_000_000).collect(), true);
        assert_eq!(lengths(&cut(&grid(40), 500_000, Some(&every_30_s)))[..3], [5, 5, 5]);
    }

    #[test]
    fn a_source_that_is_read_from_the_start_is_cut_evenly() {
        let every_30_s = key_frames((0..10).map(|n| n * 30_000_000).collect(), false);
        assert_eq!(lengths(&cut(&grid(40), 0, Some(&every_30_s))), [4; 10]);
    }

    #[test]
    fn a_few_frames_of_pre_roll_do_not_move_a_border() {
        let mut keys: Vec<i64> = (0..40).map(|n| n * 6_000_000).collect();
        keys[4] -= 400_000;
        assert_eq!(lengths(&cut(&grid(40), 0, Some(&key_frames(keys, true)))), [4; 10]);
    }
}
