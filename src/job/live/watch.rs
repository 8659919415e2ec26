//! Whether a live source still gives something. FFmpeg's own time-outs are not kept for every protocol, and none of
//! them for standard input.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use crate::cancel::CancelToken;
use crate::clock::LiveClock;

/// How often it is looked.
const POLL: Duration = Duration::from_millis(100);

/// Nobody waits for the source.
const NOBODY: u64 = u64::MAX;

/// Knows since when the source is waited for.
#[derive(Debug)]
pub(super) struct Watch {
    since_ms: AtomicU64,
    stalled: AtomicBool,
    over: AtomicBool,
}

impl Watch {
    /// Nobody waits yet.
    pub(super) fn new() -> Self {
        Self { since_ms: AtomicU64::new(NOBODY), stalled: AtomicBool::new(false), over: AtomicBool::new(false) }
    }

    /// Does something that waits for the source.
    pub(super) fn waiting<T>(&self, clock: &dyn LiveClock, wait: impl FnOnce() -> T) -> T {
        self.since_ms.store(clock.elapsed().as_millis() as u64, Ordering::Release);
        let result = wait();
        self.since_ms.store(NOBODY, Ordering::Release);
        result
    }

    /// Whether the source was given up.
    pub(super) fn has_stalled(&self) -> bool {
        self.stalled.load(Ordering::Acquire)
    }

    /// The source is read no longer.
    pub(super) fn end(&self) {
        self.over.store(true, Ordering::Release);
    }

    /// Cancels `input` once it was waited for so long; returns then, or when the source is read no longer.
    pub(super) fn guard(&self, most: Duration, clock: &dyn LiveClock, input: &CancelToken) {
        while !self.over.load(Ordering::Acquire) {
            let since = self.since_ms.load(Ordering::Acquire);
            let now = clock.elapsed().as_millis() as u64;
            if since != NOBODY && now.saturating_sub(since) >= most.as_millis() as u64 {
                self.stalled.store(true, Ordering::Release);
                input.cancel();
                return;
            }
            clock.pause(POLL);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::job::live::tests::ManualClock;

    #[test]
    fn a_source_that_gives_nothing_is_given_up_and_one_that_nobody_reads_is_not() {
        let (watch, clock, input) = (Watch::new(), ManualClock::default(), CancelToken::default());
        watch.waiting(&clock, || watch.guard(Duration::from_secs(10), &clock, &input));
        assert!(watch.has_stalled() && input.is_cancelled());

        let (watch, input) = (Watch::new(), CancelToken::default());
        watch.end();
        watch.guard(Duration::ZERO, &clock, &input);
        assert!(!watch.has_stalled() && !input.is_cancelled());
    }
}
