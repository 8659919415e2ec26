//! How loud a programme is (EBU R 128).

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Decibels or loudness units, exact to a hundredth, so that what was measured once compares equal for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Decibels(i32);

impl Decibels {
    /// No difference.
    pub const ZERO: Self = Self(0);
    /// What measures less than this is silence: the absolute gate of ITU-R BS.1770-4.
    pub const SILENCE: Self = Self(-7000);

    /// So many hundredths.
    pub const fn from_hundredths(hundredths: i32) -> Self {
        Self(hundredths)
    }

    /// `value` to the nearest hundredth; what is no number, or less than silence, is silence.
    pub fn from_f64(value: f64) -> Self {
        let hundredths = (value * 100.0).round();
        if hundredths >= f64::from(Self::SILENCE.0) { Self(hundredths as i32) } else { Self::SILENCE }
    }

    /// As a number.
    pub fn as_f64(self) -> f64 {
        f64::from(self.0) / 100.0
    }

    /// This and that.
    pub const fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// How much more than `other` this is.
    pub const fn above(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl fmt::Display for Decibels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.2}", self.as_f64())
    }
}

impl Serialize for Decibels {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.as_f64())
    }
}

impl<'de> Deserialize<'de> for Decibels {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        f64::deserialize(deserializer).map(Self::from_f64)
    }
}

impl JsonSchema for Decibels {
    fn schema_name() -> Cow<'static, str> {
        "Decibels".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "description": "Decibels or loudness units, to a hundredth.", "type": "number" })
    }
}

/// How loud a whole programme is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Loudness {
    /// Integrated loudness in LUFS (ITU-R BS.1770-4).
    pub integrated_lufs: Decibels,
    /// Loudness range in LU (EBU Tech 3342).
    pub range_lu: Decibels,
    /// The highest true peak of any channel in dBTP (ITU-R BS.1770-4).
    pub true_peak_dbtp: Decibels,
}

impl Loudness {
    /// There is nothing to hear.
    pub fn is_silence(&self) -> bool {
        self.integrated_lufs <= Decibels::SILENCE
    }

    /// The same programme, made louder by `gain`.
    pub fn amplified(self, gain: Decibels) -> Self {
        Self {
            integrated_lufs: self.integrated_lufs.plus(gain),
            true_peak_dbtp: self.true_peak_dbtp.plus(gain),
            ..self
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hundredths_survive_json() {
        for hundredths in [-2301, -1, 0, 7, 1250] {
            let level = Decibels::from_hundredths(hundredths);
            let text = serde_json::to_string(&level).expect("a number");
            assert_eq!(serde_json::from_str::<Decibels>(&text).expect("a number"), level, "{text}");
        }
    }

    #[test]
    fn silence_has_no_level() {
        for level in [f64::NEG_INFINITY, f64::NAN, -123.0] {
            assert_eq!(Decibels::from_f64(level), Decibels::SILENCE);
        }
    }
}
