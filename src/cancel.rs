//! Stopping early: one token for the whole run, and one below it for each part that may fail on its own.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// The run was told to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("stopped before the end")]
pub struct Cancelled;

/// Says, to everybody who holds a clone, whether the run should stop.
#[derive(Debug, Clone, Default)]
pub struct CancelToken(Arc<Node>);

#[derive(Debug, Default)]
struct Node {
    cancelled: Arc<AtomicBool>,
    parent: Option<CancelToken>,
}

impl CancelToken {
    /// A token that is cancelled with this one, and can be cancelled without it.
    pub fn child(&self) -> Self {
        Self(Arc::new(Node { cancelled: Arc::default(), parent: Some(self.clone()) }))
    }

    /// Asks every holder, and the holders of children, to stop at their next check.
    pub fn cancel(&self) {
        self.0.cancelled.store(true, Ordering::Relaxed);
    }

    /// Whether [`cancel`](Self::cancel) was called on this token or one above it.
    pub fn is_cancelled(&self) -> bool {
        self.0.cancelled.load(Ordering::Relaxed) || self.0.parent.as_ref().is_some_and(Self::is_cancelled)
    }

    /// The flag itself, for a signal handler that sets it.
    pub fn to_flag(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.0.cancelled)
    }

    /// `Err(Cancelled)` once the run should stop.
    pub fn check(&self) -> Result<(), Cancelled> {
        if self.is_cancelled() { Err(Cancelled) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_child_stops_with_its_parent_but_not_the_other_way_round() {
        let parent = CancelToken::default();
        let (one, other) = (parent.child(), parent.child());
        one.cancel();
        assert_eq!([parent.is_cancelled(), one.is_cancelled(), other.is_cancelled()], [false, true, false]);
        parent.cancel();
        assert!(other.is_cancelled());
    }
}
