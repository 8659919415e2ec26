//! Instants of the wall clock.

use std::fmt;
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

/// An instant of UTC, in microseconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Utc(i64);

impl Utc {
    /// The instant so long after the start of 1970.
    pub fn since_1970(time: Duration) -> Self {
        Self(i64::try_from(time.as_micros()).unwrap_or(i64::MAX))
    }

    /// The instant so many microseconds later, or earlier.
    pub const fn after_us(self, us: i64) -> Self {
        Self(self.0.saturating_add(us))
    }

    /// The nearest millisecond.
    pub const fn to_millisecond(self) -> Self {
        Self(self.0.saturating_add(500).div_euclid(1000).saturating_mul(1000))
    }

    /// Microseconds since the start of 1970.
    pub const fn since_1970_us(self) -> i64 {
        self.0
    }

    /// Microseconds since `earlier`; below 0 when that is later.
    pub const fn since_us(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }
}

impl fmt::Display for Utc {
    /// As RFC 3339 and ISO 8601 have it, in milliseconds: `2026-11-25T22:30:00.040Z`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let millis = u64::try_from(self.0.saturating_add(500) / 1000).unwrap_or(0);
        humantime::format_rfc3339_millis(SystemTime::UNIX_EPOCH + Duration::from_millis(millis)).fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_written_to_the_nearest_millisecond() {
        let at = Utc::since_1970(Duration::from_micros(951_782_399_999_600));
        assert_eq!(at.to_string(), "2000-02-29T00:00:00.000Z");
        assert_eq!(at.after_us(40_000).to_string(), "2000-02-29T00:00:00.040Z");
        assert_eq!(at.after_us(40_000).since_us(at), 40_000);
    }
}
