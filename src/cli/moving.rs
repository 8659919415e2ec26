//! Bytes on their way, and how people are told of them.

use std::time::Duration;

use super::report::bytes;
use super::tally::clock_time;

/// How far a move of bytes is.
#[derive(Clone, Debug, Default)]
pub(crate) struct Moving {
    /// What is done with them: `uploading`.
    pub(crate) what: &'static str,
    /// How many there are.
    pub(crate) total: u64,
    /// How many of them are done, never more than all.
    pub(crate) done: u64,
    started: Duration,
}

impl Moving {
    /// A move that begins now.
    pub(crate) fn begin(what: &'static str, total: u64, now: Duration) -> Self {
        Self { what, total, done: 0, started: now }
    }

    /// So many more bytes are done; fewer when some have to be sent again.
    pub(crate) fn add(&mut self, bytes: i64) {
        self.done = self.done.saturating_add_signed(bytes).min(self.total);
    }

    /// Nothing is left.
    pub(crate) fn is_done(&self) -> bool {
        self.done >= self.total
    }

    /// The part that is done, 0 to 1.
    pub(crate) fn fraction(&self) -> f64 {
        if self.total == 0 { 1.0 } else { self.done as f64 / self.total as f64 }
    }

    /// Seconds that the rest will take, once there is a pace to judge by.
    pub(crate) fn remaining(&self, now: Duration) -> Option<f64> {
        let left = (self.total - self.done) as f64 / self.pace(now);
        if self.is_done() { Some(0.0) } else { Some(left).filter(|seconds| seconds.is_finite()) }
    }

    fn pace(&self, now: Duration) -> f64 {
        let seconds = now.saturating_sub(self.started).as_secs_f64();
        if seconds > 0.0 { self.done as f64 / seconds } else { 0.0 }
    }

    /// `3.4 MB of 12.0 MB, 1.7 MB/s, 0:05 left`.
    pub(crate) fn figures(&self, now: Duration) -> String {
        let mut text = format!("{} of {}", bytes(self.done), bytes(self.total));
        if let Some(left) = self.remaining(now).and_then(|left| Duration::try_from_secs_f64(left).ok()) {
            text += &format!(", {}/s, {} left", bytes(self.pace(now) as u64), clock_time(left));
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_move_tells_pace_and_what_is_left() {
        let mut moving = Moving::begin("uploading", 4_000_000, Duration::from_secs(10));
        assert_eq!(moving.figures(Duration::from_secs(10)), "0 B of 4.0 MB");
        moving.add(3_000_000);
        moving.add(-2_000_000);
        assert_eq!(moving.figures(Duration::from_secs(12)), "1.0 MB of 4.0 MB, 500.0 kB/s, 0:06 left");
        moving.add(i64::MAX);
        assert!(moving.is_done() && moving.fraction() == 1.0);
        assert_eq!(Moving::begin("comparing", 0, Duration::ZERO).fraction(), 1.0);
    }
}
