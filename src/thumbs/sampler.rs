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

/// The tile that shows `frame`, counted from 0; nothing when it is not sampled.
pub fn tile_of(plan: &ThumbnailPlan, frame: u64) -> Option<u64> {
    frame.is_multiple_of(interval(plan)).then(|| frame / interval(plan))
}

/// When the interval of a tile begins.
pub fn start_of(tile: u64, interval: Span) -> Timestamp {
    Timestamp::new(i64::try_from(tile.saturating_mul(interval.ticks())).unwrap_or(i64::MAX), interval.scale())
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
    fn only_the_first_frame_of_an_interval_is_sampled() {
        let plan = every(125);
        assert_eq!([0, 1, 124, 125, 250].map(|frame| tile_of(&plan, frame)), [Some(0), None, None, Some(1), Some(2)]);
    }
}
