//! From microseconds of a source to ticks of a rendition, exactly.

use serde::{Deserialize, Serialize};

use crate::media::{FrameRate, Span, Timescale, Timestamp, lowest_terms};

/// Time bases finer than this (2.5 µs) are counted in microseconds, which is what times come in.
const FINEST: u32 = 400_000;
/// Renditions of a switching set share a timescale when it is not above this: players count in 32 bits.
const FINEST_COMMON: u64 = 10_000_000;

const MICROSECONDS: FrameRate = FrameRate::whole(1_000_000);

/// Counts the times of one track: on the grid of its frame rate where that is constant, which takes the
/// rounding of its container away; in steps of its own time base elsewhere, which keeps its times.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clock {
    /// Steps per second.
    steps: FrameRate,
    /// Ticks per second.
    scale: Timescale,
    /// A time of the source, of a picture that lies on a step, and that step.
    anchor_us: i64,
    anchor_step: i64,
}

impl Clock {
    /// The clock of a track with a constant rate.
    pub(in crate::plan) fn of_rate(rate: FrameRate) -> Self {
        Self { steps: rate, scale: rate.timescale(), anchor_us: 0, anchor_step: 0 }
    }

    /// The clock of a track whose container counts in steps of `seconds` (a fraction).
    pub fn of_time_base([num, den]: [u32; 2]) -> Self {
        let steps = FrameRate::new(den, num).filter(|steps| steps.num() <= FINEST).unwrap_or(MICROSECONDS);
        Self { steps, scale: Timescale::new(steps.num()), anchor_us: 0, anchor_step: 0 }
    }

    /// The same clock that says 0 at `origin_us`, or at the step nearest to it; the picture at `first_us` lies on
    /// a step.
    pub fn starting(self, first_us: i64, origin_us: i64) -> Self {
        let anchor_step = Self { anchor_us: origin_us, anchor_step: 0, ..self }.step(first_us);
        Self { anchor_us: first_us, anchor_step, ..self }
    }

    /// Clocks that count in one timescale, where there is one that suits them all.
    pub(super) fn agree(clocks: &mut [&mut Self]) {
        let multiple = |a: u64, b: u64| a / a.gcd(b) * b;
        let common = clocks.iter().fold(1, |common, clock| multiple(common, clock.scale.hz().into()));
        if let Some(scale) = u32::try_from(common).ok().filter(|_| common <= FINEST_COMMON) {
            clocks.iter_mut().for_each(|clock| clock.scale = Timescale::new(scale));
        }
    }

    /// Ticks per second.
    pub const fn scale(&self) -> Timescale {
        self.scale
    }

    /// The tick of a time of the source.
    pub fn tick(&self, us: i64) -> i64 {
        self.step(us) * self.ticks_per_step()
    }

    /// The shortest time between two pictures.
    pub fn ticks_per_step(&self) -> i64 {
        (u64::from(self.scale.hz()) * u64::from(self.steps.den()) / u64::from(self.steps.num())) as i64
    }

    /// The instant of a tick.
    pub fn at(&self, tick: i64) -> Timestamp {
        Timestamp::new(tick, self.scale)
    }

    /// The length of so many ticks.
    pub fn span(&self, ticks: i64) -> Span {
        Span::new(ticks.max(0) as u64, self.scale)
    }

    fn step(&self, us: i64) -> i64 {
        let steps = i128::from(us - self.anchor_us) * i128::from(self.steps.num());
        let unit = i128::from(self.steps.den()) * 1_000_000;
        self.anchor_step + (2 * steps + unit).div_euclid(2 * unit) as i64
    }
}

/// The greatest common divisor.
trait Gcd {
    fn gcd(self, other: Self) -> Self;
}

impl Gcd for u64 {
    fn gcd(self, other: Self) -> Self {
        self / lowest_terms(self, other).0.max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ntsc() -> FrameRate {
        FrameRate::new(30_000, 1001).expect("positive")
    }

    #[test]
    fn milliseconds_and_ninety_kilohertz_become_the_exact_rate() {
        for unit in [1000.0, 1e6 / 90_000.0] {
            let at = |frame: i64| ((1_480_000.0 + frame as f64 * 1e9 / 29_970.029_97) / unit).round() * unit;
            let clock = Clock::of_rate(ntsc()).starting(at(0) as i64, at(0) as i64);
            let found: Vec<i64> = [0, 1, 2, 1000, 107_892].map(|frame| clock.tick(at(frame).round() as i64)).into();
            assert_eq!(found, [0, 1001, 2002, 1_001_000, 107_892 * 1001]);
        }
    }

    #[test]
    fn ticks_of_a_time_base_come_back() {
        let clock = Clock::of_time_base([1, 90_000]).starting(1_400_000, 1_400_000);
        for tick in [0, 1, 2, 3001, 8_589_934_591_i64] {
            let us = 1_400_000 + (tick as f64 * 1e6 / 9e4).round() as i64;
            assert_eq!(clock.tick(us), tick);
        }
        let film = Clock::of_time_base([1001, 24_000]);
        assert_eq!([0, 41_708, 83_417].map(|us| film.tick(us)), [0, 1001, 2002]);
        assert_eq!(Clock::of_time_base([1, 1_000_000_000]).scale().hz(), 1_000_000);
    }

    #[test]
    fn a_track_that_begins_later_lies_on_the_nearest_step() {
        let late = Clock::of_rate(FrameRate::whole(25)).starting(90_000, 0);
        assert_eq!([90_000, 130_000].map(|us| late.tick(us)), [2000, 3000]);
    }

    #[test]
    fn half_the_rate_takes_every_second_tick() {
        let (mut fast, mut slow) = (Clock::of_rate(FrameRate::whole(60)), Clock::of_rate(FrameRate::whole(30)));
        Clock::agree(&mut [&mut fast, &mut slow]);
        assert_eq!((fast.scale(), fast.tick(33_333)), (slow.scale(), slow.tick(33_333)));
    }
}
