//! Which frames of the grid become tiles.
//!
//! A tile shows the first frame of its interval, not the one in the middle. A player shows the tile
//! whose interval holds the pointer, and after a seek to the start of a cue the viewer gets just the
//! picture that was promised. The last interval may be short and still has its frame, and a worker
//! that starts at a segment needs no frame of its neighbour. The price is a black first tile when a
//! programme fades in.

use crate::media::{Span, Timestamp};
use crate::plan::ThumbnailPlan;

/// Frames from one tile to the next; a plan without any counts as every frame.
fn interval(plan: &ThumbnailPlan) -> u64 {
    plan.interval_frames.max(1)
}

/// Tiles of a programme of `frames` frames.
pub fn tiles(plan: &ThumbnailPlan, frames: u64) -> u64 {
    frames.div_ceil(interval(plan))
}

/// The tile that shows `frame`, counted from 0; nothing when it is not sampled.
pub fn tile_of(plan: &ThumbnailPlan, frame: u64) -> Option<u64> {
    frame.is_multiple_of(interval(plan)).then(|| frame / interval(plan))
}

/// The frame that a tile shows.
pub fn frame_of(plan: &ThumbnailPlan, tile: u64) -> u64 {
    tile * interval(plan)
}

/// When the interval of a tile begins.
pub fn start_of(tile: u64, interval: Span) -> Timestamp {
    Timestamp::new(i64::try_from(tile.saturating_mul(interval.ticks())).unwrap_or(i64::MAX), interval.scale())
}

/// The tiles whose frames lie in `frames`, a range of the grid.
pub fn tiles_in(plan: &ThumbnailPlan, frames: std::ops::Range<u64>) -> std::ops::Range<u64> {
    tiles(plan, frames.start)..tiles(plan, frames.end.max(frames.start))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::{Resolution, Timescale};

    fn every(frames: u64) -> ThumbnailPlan {
        let interval = Span::new(frames, Timescale::new(25));
        ThumbnailPlan { interval_frames: frames, interval, tile: Resolution::new(32, 18), columns: 5, rows: 5 }
    }

    #[test]
    fn every_started_interval_has_a_tile() {
        let plan = every(125);
        assert_eq!([0, 1, 125, 126, 250].map(|frames| tiles(&plan, frames)), [0, 1, 1, 2, 2]);
    }

    #[test]
    fn only_the_first_frame_of_an_interval_is_sampled() {
        let plan = every(125);
        assert_eq!([0, 1, 124, 125, 250].map(|frame| tile_of(&plan, frame)), [Some(0), None, None, Some(1), Some(2)]);
        assert!((0..9).all(|tile| tile_of(&plan, frame_of(&plan, tile)) == Some(tile)));
    }

    #[test]
    fn neighbouring_ranges_share_no_tile_and_miss_none() {
        let plan = every(7);
        let cuts = [0, 3, 7, 8, 21, 22, 40];
        let all: Vec<u64> = cuts.windows(2).flat_map(|cut| tiles_in(&plan, cut[0]..cut[1])).collect();
        assert_eq!(all, (0..tiles(&plan, 40)).collect::<Vec<_>>());
        for cut in cuts.windows(2) {
            let sampled: Vec<u64> = (cut[0]..cut[1]).filter_map(|frame| tile_of(&plan, frame)).collect();
            assert_eq!(sampled, tiles_in(&plan, cut[0]..cut[1]).collect::<Vec<_>>());
        }
    }
}
