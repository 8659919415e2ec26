//! Which rungs of the ladder fit the source.

use std::cmp::Reverse;

use super::shape::Shape;
use crate::config::Rung;
use crate::media::{Bitrate, Resolution};

/// The ladder proper begins here; rungs above are for sources that have so many pixels.
const FIRST_RUNG: u32 = 1080;
/// A source at most this much larger than a rung takes its place: two rungs so close are a waste.
const CLOSE: f64 = 1.1;
/// How the bit rate of equal quality grows with the number of pixels.
const PIXEL_EXPONENT: f64 = 0.75;
/// Bit rates that are computed are rounded to this.
const RATE_STEP: f64 = 10_000.0;
/// The least that a computed bit rate may be: below it the buffer does not hold one key frame.
const LOWEST_RATE: f64 = 50_000.0;

/// A rung that fits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Fitted {
    /// Size of the pictures.
    pub(super) resolution: Resolution,
    /// Its bit rate.
    pub(super) bitrate: Bitrate,
    /// Its rate factor, when the ladder gives one.
    pub(super) crf: Option<f64>,
}

/// The rungs that fit `shape`, widest first, without two of one size. A source smaller than the
/// first rung (the widest up to 1080p) gets a rung of its own size on top, so something always fits.
/// Nothing comes of an empty ladder.
pub(super) fn fit(shape: Shape, ladder: &[Rung]) -> Vec<Fitted> {
    let mut ladder = ladder.to_vec();
    ladder.sort_by_key(|rung| Reverse(rung.short_side));
    let source = shape.own();
    let (above, below) = ladder.split_at(ladder.partition_point(|rung| rung.short_side > source.short_side()));

    let mut fitted: Vec<Fitted> = below
        .iter()
        .map(|rung| Fitted { resolution: shape.with_short_side(rung.short_side), bitrate: rung.bitrate, crf: rung.crf })
        .collect();
    let first = ladder.iter().find(|rung| rung.short_side <= FIRST_RUNG).or(ladder.last());
    if first.is_some_and(|first| first.short_side > source.short_side()) {
        let own = Fitted {
            resolution: source,
            bitrate: interpolated(source, above.last(), below.first()),
            crf: below.first().or(above.last()).and_then(|neighbour| neighbour.crf),
        };
        let replaced = below.first().is_some_and(|rung| is_close(source.short_side(), rung.short_side));
        fitted.splice(..usize::from(replaced), [own]);
    }
    fitted.dedup_by_key(|rung| rung.resolution.short_side());
    fitted
}

fn is_close(source: u32, rung: u32) -> bool {
    f64::from(source) <= f64::from(rung) * CLOSE
}

/// The bit rate of a picture between two rungs, or below the smallest. Between them it lies on the
/// straight line of logarithms; over the short side or over the pixels is the same line there. Below,
/// the pixels are compared with those of the rung at 16:9, for which ladders are written.
fn interpolated(source: Resolution, above: Option<&Rung>, below: Option<&Rung>) -> Bitrate {
    let side = |rung: &Rung| f64::from(rung.short_side.max(1));
    let bps = |rung: &Rung| rung.bitrate.as_bps() as f64;
    let exact = match (above, below) {
        (Some(above), Some(below)) => {
            let position = (f64::from(source.short_side()) / side(below)).ln() / (side(above) / side(below)).ln();
            bps(below) * (bps(above) / bps(below)).powf(position)
        }
        (Some(above), None) => {
            let nominal = side(above) * side(above) * 16.0 / 9.0;
            bps(above) * (source.pixels() as f64 / nominal).powf(PIXEL_EXPONENT)
        }
        (None, Some(below)) => bps(below),
        (None, None) => LOWEST_RATE,
    };
    Bitrate::from_bps(((exact / RATE_STEP).round() * RATE_STEP).max(LOWEST_RATE) as u64)
}
