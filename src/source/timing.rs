//! Presentation times of all frames in, the exact rate out, when there is one.

use super::VideoTiming;
use crate::media::FrameRate;

/// A frame lies on a rate's grid when it is off by at most this part of a frame (or the time base).
const ON_GRID: f64 = 0.2;

/// So many of the frames must lie on the grid for the rate to be exact.
const MOST: f64 = 0.98;

/// So many of the grid's slots must hold a frame; below, the rate is variable on a finer grid.
const FILLED: f64 = 0.9;

/// Half of NTSC's, which webcams have: measured in whole microseconds it would not come out exactly.
const HALF_NTSC: (u32, u32) = (15_000, 1001);

/// Sums up the presentation times (microseconds, any order) of one picture stream.
pub(super) fn sum_up(
    mut times: Vec<i64>,
    mut key_frames_us: Vec<i64>,
    tick_us: f64,
    declared: &[FrameRate],
    seekable: bool,
) -> VideoTiming {
    times.sort_unstable();
    key_frames_us.sort_unstable();
    key_frames_us.dedup();
    let frames = times.len() as u64;
    let span = times.last().zip(times.first()).map_or(0, |(last, first)| last - first);
    let mean_rate = if span > 0 { (frames - 1) as f64 * 1e6 / span as f64 } else { 0.0 };
    let measured = median_step(&times).and_then(|step| FrameRate::new(1_000_000, u32::try_from(step).ok()?));
    let common: Vec<_> = FrameRate::common().chain(FrameRate::new(HALF_NTSC.0, HALF_NTSC.1)).collect();
    // A common rate that the container declares, any common one, any declared one, what is measured:
    // a short clip fits several, and 30000/1001 is what a container means by 2700000/90089.
    let both = declared.iter().copied().filter(|rate| common.contains(rate));
    let candidates = both.chain(common.iter().copied()).chain(declared.iter().copied()).chain(measured);
    let mut fits = candidates.map(|rate| (rate, fit(&times, rate, tick_us)));
    let exact = fits.find(|(_, fit)| fit.on_grid >= MOST && fit.filled >= FILLED);
    VideoTiming {
        frames,
        mean_rate,
        constant: exact.is_some_and(|(_, fit)| fit.on_grid == 1.0 && fit.filled == 1.0),
        exact_rate: exact.map(|(rate, _)| rate),
        key_frames_us,
        seekable,
    }
}

#[derive(Clone, Copy)]
struct Fit {
    on_grid: f64,
    filled: f64,
}

impl Fit {
    const NONE: Self = Self { on_grid: 0.0, filled: 0.0 };
}

/// How well times lie on the grid of a rate that starts at the first of them.
fn fit(times: &[i64], rate: FrameRate, tick_us: f64) -> Fit {
    let (Some(first), true) = (times.first(), times.len() > 1) else { return Fit::NONE };
    let frame = 1e6 / rate.as_f64();
    let tolerance = (ON_GRID * frame).max(1.1 * tick_us).min(0.45 * frame);
    let (mut off_grid, mut slots, mut last) = (0u64, 0u64, -1.0);
    // Of most rates the first pictures show that they are not meant. One more, for the product is not exact.
    let most_off_grid = ((1.0 - MOST) * times.len() as f64) as u64 + 1;
    for time in times {
        let exact = (time - first) as f64 / frame;
        let slot = exact.round();
        off_grid += u64::from(((exact - slot) * frame).abs() > tolerance);
        if off_grid > most_off_grid {
            return Fit::NONE;
        }
        slots += u64::from(slot > last);
        last = slot.max(last);
    }
    Fit {
        on_grid: (times.len() as u64 - off_grid) as f64 / times.len() as f64,
        filled: slots as f64 / (last + 1.0) * (slots as f64 / times.len() as f64),
    }
}

fn median_step(times: &[i64]) -> Option<i64> {
    let mut steps: Vec<i64> = times.windows(2).map(|w| w[1] - w[0]).filter(|s| *s > 0).collect();
    let middle = steps.len() / 2;
    (!steps.is_empty()).then(|| *steps.select_nth_unstable(middle).1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ntsc_film() -> FrameRate {
        FrameRate::new(24_000, 1001).expect("positive")
    }

    fn timing(times: Vec<i64>, tick_us: f64, declared: &[FrameRate]) -> VideoTiming {
        sum_up(times, vec![0], tick_us, declared, true)
    }

    #[test]
    fn milliseconds_of_matroska_still_tell_ntsc_film() {
        let times = (0..2000).map(|i| (f64::from(i) * 1001.0 / 24.0).round() as i64 * 1000).collect();
        let found = timing(times, 1000.0, &[FrameRate::whole(24)]);
        assert_eq!((found.exact_rate, found.constant), (Some(ntsc_film()), true));
    }

    #[test]
    fn one_lost_frame_leaves_the_rate_exact_but_not_constant() {
        let times = (0..500).filter(|i| *i != 250).map(|i| i * 40_000).collect();
        let found = timing(times, 1.0, &[]);
        assert_eq!((found.exact_rate, found.constant), (Some(FrameRate::whole(25)), false));
    }

    #[test]
    fn a_screen_recording_with_pauses_has_no_exact_rate() {
        let times = (0..300i64).map(|i| if i % 3 == 0 { i * 50_000 } else { i * 50_000 + 17_000 }).collect();
        assert_eq!(timing(times, 1.0, &[FrameRate::whole(60)]).exact_rate, None);
    }

    #[test]
    fn an_odd_but_steady_rate_is_measured() {
        let times = (0..100).map(|i| i * 80_000).collect();
        assert_eq!(timing(times, 1.0, &[]).exact_rate, FrameRate::new(25, 2));
        let times = (0..100).map(|i| i * 62_500 * 3).collect();
        assert_eq!(timing(times, 1.0, &[]).exact_rate, FrameRate::new(16, 3));
    }

    #[test]
    fn a_single_frame_has_no_rate() {
        let found = timing(vec![0], 1.0, &[FrameRate::whole(25)]);
        assert_eq!((found.frames, found.mean_rate, found.exact_rate), (1, 0.0, None));
    }
}
