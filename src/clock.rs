//! The wall clock, behind traits so that tests can hold it.

use std::time::{Duration, Instant, SystemTime};

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

/// A clock that live work goes by: it also knows the time of day, and how to wait.
pub trait LiveClock: Clock {
    /// UTC, as the time since the start of 1970.
    fn utc(&self) -> Duration;
    /// Lets so much time pass.
    fn pause(&self, time: Duration);
}

impl LiveClock for SystemClock {
    fn utc(&self) -> Duration {
        // A machine whose clock stands before 1970 has lost it.
        SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default()
    }

    fn pause(&self, time: Duration) {
        std::thread::sleep(time);
    }
}

/// A clock that started later than another one.
#[derive(Clone, Copy)]
pub struct Since<'c> {
    clock: &'c dyn Clock,
    start: Duration,
}

impl<'c> Since<'c> {
    /// Starts now.
    pub fn now(clock: &'c dyn Clock) -> Self {
        Self { clock, start: clock.elapsed() }
    }
}

impl Clock for Since<'_> {
    fn elapsed(&self) -> Duration {
        self.clock.elapsed().saturating_sub(self.start)
    }
}

impl std::fmt::Debug for Since<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Since").field("start", &self.start).finish_non_exhaustive()
    }
}
