//! Media time: integer ticks of a named timescale. Seconds in floating point exist only for print.

use std::cmp::Ordering;
use std::fmt;
use std::num::NonZeroU32;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Ticks per second of a track (`mdhd.timescale`, ISO/IEC 14496-12:2022 § 8.4.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Timescale(NonZeroU32);

impl Timescale {
    /// A timescale of `hz` ticks per second.
    ///
    /// # Panics
    /// When `hz` is zero; callers hold rates that were checked where they were parsed.
    pub const fn new(hz: u32) -> Self {
        match NonZeroU32::new(hz) {
            Some(hz) => Self(hz),
            None => panic!("a timescale has at least one tick per second"),
        }
    }

    /// Ticks per second.
    pub const fn hz(self) -> u32 {
        self.0.get()
    }
}

/// How a conversion that does not come out even is rounded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rounding {
    /// To the nearest tick, halves away from zero.
    Nearest,
    /// Towards minus infinity.
    Down,
    /// Towards plus infinity.
    Up,
}

fn rescale(ticks: i128, from: u32, to: u32, rounding: Rounding) -> i128 {
    let numerator = ticks * i128::from(to);
    let from = i128::from(from);
    match rounding {
        Rounding::Down => numerator.div_euclid(from),
        Rounding::Up => -(-numerator).div_euclid(from),
        Rounding::Nearest => {
            let half = from / 2;
            if numerator >= 0 { (numerator + half) / from } else { (numerator - half) / from }
        }
    }
}

fn seconds(ticks: i128, scale: Timescale) -> f64 {
    ticks as f64 / f64::from(scale.hz())
}

/// An instant on a track's timeline.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Timestamp {
    ticks: i64,
    scale: Timescale,
}

impl Timestamp {
    /// The instant `ticks` after (or before) the timeline's zero.
    pub const fn new(ticks: i64, scale: Timescale) -> Self {
        Self { ticks, scale }
    }

    /// The timeline's zero.
    pub const fn zero(scale: Timescale) -> Self {
        Self { ticks: 0, scale }
    }

    /// Ticks since the timeline's zero.
    pub const fn ticks(self) -> i64 {
        self.ticks
    }

    /// The scale the ticks are counted in.
    pub const fn scale(self) -> Timescale {
        self.scale
    }

    /// The same instant counted in `scale`.
    pub fn rescale(self, scale: Timescale, rounding: Rounding) -> Self {
        let ticks = rescale(self.ticks.into(), self.scale.hz(), scale.hz(), rounding);
        Self { ticks: ticks.clamp(i64::MIN.into(), i64::MAX.into()) as i64, scale }
    }

    /// The instant `span` later, in this timestamp's scale.
    pub fn after(self, span: Span) -> Self {
        let span = span.rescale(self.scale, Rounding::Nearest);
        Self { ticks: self.ticks.saturating_add_unsigned(span.ticks), scale: self.scale }
    }

    /// The length since `earlier`, or nothing when `earlier` is later; in this timestamp's scale.
    pub fn since(self, earlier: Self) -> Option<Span> {
        let earlier = earlier.rescale(self.scale, Rounding::Nearest);
        let ticks = u64::try_from(self.ticks.checked_sub(earlier.ticks)?).ok()?;
        Some(Span { ticks, scale: self.scale })
    }

    /// Which of two instants is earlier, exactly, whatever their scales.
    pub fn cmp_time(self, other: Self) -> Ordering {
        let a = i128::from(self.ticks) * i128::from(other.scale.hz());
        let b = i128::from(other.ticks) * i128::from(self.scale.hz());
        a.cmp(&b)
    }

    /// Seconds, for printing.
    pub fn as_seconds(self) -> f64 {
        seconds(self.ticks.into(), self.scale)
    }
}

impl PartialEq for Timestamp {
    fn eq(&self, other: &Self) -> bool {
        self.cmp_time(*other) == Ordering::Equal
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.3} s", self.as_seconds())
    }
}

/// A length on a track's timeline.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Span {
    /// How many ticks of `scale`.
    ticks: u64,
    /// Ticks per second.
    scale: Timescale,
}

impl Span {
    /// A length of `ticks`.
    pub const fn new(ticks: u64, scale: Timescale) -> Self {
        Self { ticks, scale }
    }

    /// No length at all.
    pub const fn zero(scale: Timescale) -> Self {
        Self { ticks: 0, scale }
    }

    /// Ticks in this length.
    pub const fn ticks(self) -> u64 {
        self.ticks
    }

    /// The scale the ticks are counted in.
    pub const fn scale(self) -> Timescale {
        self.scale
    }

    /// The same length counted in `scale`.
    pub fn rescale(self, scale: Timescale, rounding: Rounding) -> Self {
        let ticks = rescale(self.ticks.into(), self.scale.hz(), scale.hz(), rounding);
        Self { ticks: ticks.clamp(0, u64::MAX.into()) as u64, scale }
    }

    /// Both lengths together, in this span's scale.
    pub fn plus(self, other: Self) -> Self {
        let other = other.rescale(self.scale, Rounding::Nearest);
        Self { ticks: self.ticks.saturating_add(other.ticks), scale: self.scale }
    }

    /// Which of two lengths is shorter, exactly, whatever their scales.
    pub fn cmp_span(self, other: Self) -> Ordering {
        let a = u128::from(self.ticks) * u128::from(other.scale.hz());
        let b = u128::from(other.ticks) * u128::from(self.scale.hz());
        a.cmp(&b)
    }

    /// Seconds, for printing and for ratios that need no exactness.
    pub fn as_seconds(self) -> f64 {
        seconds(self.ticks.into(), self.scale)
    }
}

impl PartialEq for Span {
    fn eq(&self, other: &Self) -> bool {
        self.cmp_span(*other) == Ordering::Equal
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.3} s", self.as_seconds())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILM: Timescale = Timescale::new(24_000);
    const AUDIO: Timescale = Timescale::new(48_000);

    #[test]
    fn one_ntsc_frame_is_two_thousand_and_two_audio_samples() {
        let frame = Timestamp::new(1001, FILM);
        assert_eq!(frame.rescale(AUDIO, Rounding::Nearest).ticks(), 2002);
    }

    #[test]
    fn rounding_has_the_direction_of_its_name() {
        let scale = Timescale::new(10);
        let at = |ticks, rounding| Timestamp::new(ticks, Timescale::new(100)).rescale(scale, rounding).ticks();
        assert_eq!([at(15, Rounding::Down), at(15, Rounding::Nearest), at(15, Rounding::Up)], [1, 2, 2]);
        assert_eq!([at(-15, Rounding::Down), at(-15, Rounding::Nearest), at(-15, Rounding::Up)], [-2, -2, -1]);
    }

    #[test]
    fn instants_compare_across_scales_without_rounding() {
        assert_eq!(Timestamp::new(24_000, FILM), Timestamp::new(48_000, AUDIO));
        assert_eq!(Timestamp::new(24_001, FILM).cmp_time(Timestamp::new(48_001, AUDIO)), Ordering::Greater);
    }

    #[test]
    fn since_refuses_a_later_start() {
        assert_eq!(Timestamp::new(1, FILM).since(Timestamp::new(2, FILM)), None);
    }
}
