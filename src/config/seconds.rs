//! Time as people type it: `6`, `2.5`, `90s`, `1:30`, `00:01:30.5`.

use std::fmt;
use std::str::FromStr;

use super::setting::ParseSettingError;

/// Nothing that is encoded lasts longer; what is above it is a slip of the finger.
const LONGEST: f64 = 1e7;

/// A time or a length in seconds: finite, not negative, at most 1e7.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Seconds(f64);

impl Seconds {
    /// The number of seconds.
    pub const fn as_f64(self) -> f64 {
        self.0
    }

    /// `value` seconds; the caller has computed it from others.
    pub(super) fn computed(value: f64) -> Self {
        Self(value.clamp(0.0, LONGEST))
    }
}

/// Digits with at most one point: the forms of `f64` that are meant as a time (not `1e3`, `inf`, `+2`).
fn decimal(text: &str) -> Option<f64> {
    let plain = text.bytes().all(|b| b.is_ascii_digit() || b == b'.') && text.starts_with(|c: char| c.is_ascii_digit());
    text.parse().ok().filter(|_| plain)
}

fn below_sixty(text: &str) -> Option<f64> {
    decimal(text).filter(|value| *value < 60.0)
}

fn whole(text: &str) -> Option<f64> {
    text.parse::<u32>().ok().filter(|_| text.bytes().all(|b| b.is_ascii_digit())).map(f64::from)
}

fn read(text: &str) -> Option<f64> {
    match text.split(':').collect::<Vec<_>>()[..] {
        [single] => {
            let (number, unit) = match single.find(|c: char| c.is_ascii_alphabetic()) {
                Some(at) => single.split_at(at),
                None => (single, "s"),
            };
            let scale = match unit {
                "ms" => 0.001,
                "s" => 1.0,
                "m" | "min" => 60.0,
                "h" => 3600.0,
                _ => return None,
            };
            Some(decimal(number)? * scale)
        }
        [minutes, seconds] => Some(whole(minutes)? * 60.0 + below_sixty(seconds)?),
        [hours, minutes, seconds] => {
            let minutes = whole(minutes).filter(|value| *value < 60.0)?;
            Some(whole(hours)? * 3600.0 + minutes * 60.0 + below_sixty(seconds)?)
        }
        _ => None,
    }
}

impl FromStr for Seconds {
    type Err = ParseSettingError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        read(text.trim())
            .filter(|value| *value <= LONGEST)
            .map(Self)
            .ok_or_else(|| ParseSettingError::new(text, "a time", "write it like 6, 2.5, 90s, 1:30 or 00:01:30.5"))
    }
}

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(text: &str) -> Option<f64> {
        text.parse().ok().map(Seconds::as_f64)
    }

    #[test]
    fn times_read_the_way_people_type_them() {
        let cases = [
            ("6", 6.0),
            ("2.5", 2.5),
            ("90s", 90.0),
            ("1:30", 90.0),
            ("00:01:30.5", 90.5),
            ("500ms", 0.5),
            ("2h", 7200.0),
        ];
        for (text, value) in cases {
            assert_eq!(seconds(text), Some(value), "{text}");
        }
    }

    #[test]
    fn what_is_not_a_time_is_refused() {
        for text in ["", "-1", "1e3", "inf", "nan", "1:75", "1:2:3:4", "1.5:30", "s", "5 apples", "99999999", "+2", "."]
        {
            assert_eq!(seconds(text), None, "{text}");
        }
    }
}
