//! The wall clock, behind a trait so that tests can hold it.

use std::time::{Duration, Instant};

/// Time since some start, for durations in reports and events.
pub trait Clock: Sync {
    /// Time since this clock started.
    fn elapsed(&self) -> Duration;
}

/// The real clock, started when made.
#[derive(Debug, Clone, Copy)]
pub struct SystemClock(Instant);

impl SystemClock {
    /// Starts the clock.
    pub fn start() -> Self {
        Self(Instant::now())
    }
}

impl Clock for SystemClock {
    fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }
}
