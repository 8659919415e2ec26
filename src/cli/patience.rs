//! Waiting before something is tried again.

use std::time::Duration;

use streampack::cancel::{CancelToken, Cancelled};

/// How often it is looked whether the run should stop.
const POLL: Duration = Duration::from_millis(50);

/// Waits, unless the run is told to stop.
pub(super) fn rest(pause: Duration, cancel: &CancelToken) -> Result<(), Cancelled> {
    let mut left = pause;
    while !left.is_zero() {
        cancel.check()?;
        let step = left.min(POLL);
        std::thread::sleep(step);
        left -= step;
    }
    cancel.check()
}
