//! The connection to a live source: what ends it alone, and what ends the reading for good.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::cancel::CancelToken;

/// One connection after the other, until the reading is stopped.
#[derive(Debug)]
pub(super) struct Connection {
    /// Stops the reading for good.
    stop: CancelToken,
    current: Mutex<Current>,
}

#[derive(Debug, Default)]
struct Current {
    token: CancelToken,
    /// Since when it is tried to make it, while that has not come to anything.
    trying_since: Option<Duration>,
}

impl Connection {
    /// None yet. `stop` stops the reading.
    pub(super) fn new(stop: CancelToken) -> Self {
        Self { stop, current: Mutex::default() }
    }

    /// Stops the reading.
    pub(super) fn stop(&self) -> &CancelToken {
        &self.stop
    }

    /// The token of a new connection, which is tried to make from `now` on.
    pub(super) fn begin(&self, now: Duration) -> CancelToken {
        self.next(Some(now))
    }

    /// The token of a new connection that somebody else will make. There is no end to the waiting: who comes just then
    /// would be sent away.
    pub(super) fn wait(&self) -> CancelToken {
        self.next(None)
    }

    fn next(&self, trying_since: Option<Duration>) -> CancelToken {
        let token = self.stop.child();
        *self.lock() = Current { token: token.clone(), trying_since };
        token
    }

    /// The one who was waited for has come: the attempt begins only now.
    pub(super) fn come(&self, now: Duration) {
        self.lock().trying_since = Some(now);
    }

    /// The connection stands.
    pub(super) fn made(&self) {
        self.lock().trying_since = None;
    }

    /// Ends the current connection.
    pub(super) fn cut(&self) {
        self.lock().token.cancel();
    }

    /// Ends an attempt that has come to nothing for so long.
    pub(super) fn cut_attempt(&self, now: Duration, most: Duration) {
        let current = self.lock();
        if current.trying_since.is_some_and(|since| now.saturating_sub(since) >= most) {
            current.token.cancel();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Current> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_attempt_that_takes_too_long_is_given_up() {
        let connection = Connection::new(CancelToken::default());
        let [now, later] = [1, 20].map(Duration::from_secs);
        let first = connection.begin(now);
        connection.made();
        connection.cut_attempt(later, now);
        assert!(!first.is_cancelled());
        connection.cut();
        let second = connection.begin(now);
        connection.cut_attempt(now, now);
        assert_eq!([first.is_cancelled(), second.is_cancelled()], [true, false]);
        connection.cut_attempt(later, now);
        assert_eq!([second.is_cancelled(), connection.stop().is_cancelled()], [true, false]);
    }

    /// A publisher who came at the end of an attempt was sent away.
    #[test]
    fn the_time_that_nobody_came_is_no_part_of_an_attempt() {
        let connection = Connection::new(CancelToken::default());
        let [begun, come, looked, most] = [1, 15, 17, 15].map(Duration::from_secs);
        let attempt = connection.wait();
        connection.cut_attempt(begun + most, most);
        assert!(!attempt.is_cancelled(), "nobody was there to be sent away");
        connection.come(come);
        connection.cut_attempt(looked, most);
        assert!(!attempt.is_cancelled());
        connection.cut_attempt(come + most, most);
        assert!(attempt.is_cancelled());
    }
}
