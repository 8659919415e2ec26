//! A part of a live run on a thread of its own.

use std::thread::{Scope, ScopedJoinHandle};

use crate::job::Error;

/// Starts a part of the run, whose failure stops the others.
pub(super) fn spawn<'scope, T: Send + 'scope>(
    scope: &'scope Scope<'scope, '_>,
    name: &str,
    stop: &'scope (impl Fn() + Sync),
    part: impl FnOnce() -> Result<T, Error> + Send + 'scope,
) -> Result<ScopedJoinHandle<'scope, Result<T, Error>>, Error> {
    let body = move || part().inspect_err(|_| stop());
    let failed = |error| {
        stop();
        Error::Internal(format!("starting a thread failed: {error}"))
    };
    std::thread::Builder::new().name(name.to_owned()).spawn_scoped(scope, body).map_err(failed)
}

/// Waits for a part and gives what it gives.
pub(super) fn join<T>(handle: ScopedJoinHandle<'_, Result<T, Error>>) -> Result<T, Error> {
    handle.join().unwrap_or_else(|_| Err(Error::Internal("a thread of the live run panicked".to_owned())))
}
