//! Rates: bits per second and exact frames per second.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use super::time::{Span, Timescale};

/// A text that is not a rate; the message shows an accepted form.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a {what}; write it like {example}")]
pub struct ParseRateError {
    text: String,
    what: &'static str,
    example: &'static str,
}

/// Bits per second.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Bitrate(u64);

impl Bitrate {
    /// `bps` bits per second.
    pub const fn from_bps(bps: u64) -> Self {
        Self(bps)
    }

    /// `kbps` thousand bits per second.
    pub const fn from_kbps(kbps: u64) -> Self {
        Self(kbps * 1000)
    }

    /// Bits per second.
    pub const fn as_bps(self) -> u64 {
        self.0
    }

    /// Thousands of bits per second, rounded to the nearest.
    pub const fn as_kbps(self) -> u64 {
        (self.0 + 500) / 1000
    }

    /// This rate times `factor`, to the nearest bit per second.
    pub fn scaled(self, factor: f64) -> Self {
        Self((self.0 as f64 * factor).round().max(0.0) as u64)
    }
}

impl FromStr for Bitrate {
    type Err = ParseRateError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let refuse = || ParseRateError { text: text.to_owned(), what: "bit rate", example: "5000k, 3.5M or 800000" };
        let (digits, unit) = match text.char_indices().last() {
            Some((at, 'k' | 'K')) => (&text[..at], 1e3),
            Some((at, 'm' | 'M')) => (&text[..at], 1e6),
            _ => (text, 1.0),
        };
        let number: f64 = digits.parse().map_err(|_| refuse())?;
        let bps = (number * unit).round();
        if !(1.0..=1e12).contains(&bps) {
            return Err(refuse());
        }
        Ok(Self(bps as u64))
    }
}

impl fmt::Display for Bitrate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_multiple_of(1000) { write!(f, "{}k", self.0 / 1000) } else { write!(f, "{}", self.0) }
    }
}

/// The rates of film, television and computer screens, the commonest first.
const COMMON: [(u32, u32); 15] = [
    (24_000, 1001),
    (24, 1),
    (25, 1),
    (30_000, 1001),
    (30, 1),
    (48, 1),
    (50, 1),
    (60_000, 1001),
    (60, 1),
    (25, 2),
    (15, 1),
    (12, 1),
    (10, 1),
    (120_000, 1001),
    (120, 1),
];

/// Frames per second as an exact ratio in lowest terms: 24000/1001 stays 24000/1001.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FrameRate {
    num: u32,
    den: u32,
}

fn gcd(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// Two numbers of the same ratio as `a` and `b`, as small as they can be.
pub fn lowest_terms(a: u64, b: u64) -> (u64, u64) {
    let common = gcd(a, b).max(1);
    (a / common, b / common)
}

impl FrameRate {
    /// `num / den` frames per second, reduced; nothing when either is zero.
    pub fn new(num: u32, den: u32) -> Option<Self> {
        if num == 0 || den == 0 {
            return None;
        }
        let (num, den) = lowest_terms(num.into(), den.into());
        Some(Self { num: num as u32, den: den as u32 })
    }

    /// A whole number of frames per second.
    ///
    /// # Panics
    /// When `fps` is zero.
    pub const fn whole(fps: u32) -> Self {
        assert!(fps > 0, "a frame rate is positive");
        Self { num: fps, den: 1 }
    }

    /// The rates that sources commonly have, the commonest first.
    pub fn common() -> impl Iterator<Item = Self> {
        COMMON.into_iter().filter_map(|(num, den)| Self::new(num, den))
    }

    /// The numerator in lowest terms.
    pub const fn num(self) -> u32 {
        self.num
    }

    /// The denominator in lowest terms.
    pub const fn den(self) -> u32 {
        self.den
    }

    /// Frames per second, for comparing and printing.
    pub fn as_f64(self) -> f64 {
        f64::from(self.num) / f64::from(self.den)
    }

    /// This rate divided by a whole number: every `divisor`-th frame is kept.
    pub fn divided(self, divisor: u32) -> Option<Self> {
        Self::new(self.num, self.den.checked_mul(divisor)?)
    }

    /// The timescale in which every frame lasts the same whole number of ticks.
    /// It is fine enough for players that round to milliseconds.
    pub fn timescale(self) -> Timescale {
        Timescale::new(self.num * self.tick_factor())
    }

    /// The length of one frame in [`timescale`](Self::timescale).
    pub fn frame(self) -> Span {
        Span::new(u64::from(self.den * self.tick_factor()), self.timescale())
    }

    fn tick_factor(self) -> u32 {
        let mut factor = 1;
        while self.num * factor < 10_000 && u64::from(self.num) * u64::from(factor) * 10 <= u64::from(u32::MAX) {
            factor *= 10;
        }
        factor
    }
}

impl FromStr for FrameRate {
    type Err = ParseRateError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let refuse =
            || ParseRateError { text: text.to_owned(), what: "frame rate", example: "25, 30000/1001 or 23.976" };
        if let Some((num, den)) = text.split_once('/') {
            let parse = |part: &str| part.parse::<u32>().ok();
            return parse(num).zip(parse(den)).and_then(|(n, d)| Self::new(n, d)).ok_or_else(refuse);
        }
        let fps: f64 = text.parse().map_err(|_| refuse())?;
        if !(0.01..=1000.0).contains(&fps) {
            return Err(refuse());
        }
        let ntsc = (fps * 1.001).round();
        if (fps - ntsc / 1.001).abs() < 0.002 && (fps - fps.round()).abs() > 0.002 {
            return Self::new(ntsc as u32 * 1000, 1001).ok_or_else(refuse);
        }
        Self::new((fps * 1000.0).round() as u32, 1000).ok_or_else(refuse)
    }
}

impl fmt::Display for FrameRate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.den == 1 { write!(f, "{}", self.num) } else { write!(f, "{}/{}", self.num, self.den) }
    }
}

impl Serialize for FrameRate {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl JsonSchema for FrameRate {
    fn schema_name() -> Cow<'static, str> {
        "FrameRate".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "Frames per second, exact: \"25\" or \"30000/1001\".",
            "type": "string",
            "pattern": "^[0-9]+(/[0-9]+)?$"
        })
    }
}

impl<'de> Deserialize<'de> for FrameRate {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bit_rates_read_the_way_people_write_them() {
        let read = |text: &str| text.parse::<Bitrate>().map(Bitrate::as_bps);
        assert_eq!(read("5000k"), Ok(5_000_000));
        assert_eq!(read("3.5M"), Ok(3_500_000));
        assert_eq!(read("800000"), Ok(800_000));
        assert!(read("fast").is_err() && read("-3k").is_err() && read("0").is_err() && read("").is_err());
    }

    #[test]
    fn ntsc_decimals_become_their_exact_ratio() {
        let read = |text: &str| text.parse::<FrameRate>().map(|r| r.to_string());
        assert_eq!(read("23.976"), Ok("24000/1001".into()));
        assert_eq!(read("29.97"), Ok("30000/1001".into()));
        assert_eq!(read("25"), Ok("25".into()));
        assert_eq!(read("12.5"), Ok("25/2".into()));
    }

    #[test]
    fn every_frame_is_a_whole_number_of_ticks() {
        for (num, den) in [(24_000, 1001), (25, 1), (25, 2), (60, 1), (15, 1), (1, 10), (4_000_000_000, 7)] {
            let rate = FrameRate::new(num, den).expect("the list holds positive rates");
            let frame = rate.frame();
            assert_eq!(frame.ticks() * u64::from(num), u64::from(den) * u64::from(rate.timescale().hz()));
        }
    }
}
