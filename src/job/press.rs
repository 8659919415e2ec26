//! Sprite sheets that are encoded while the next ones are drawn.

use std::sync::Arc;
use std::thread::{Builder, Scope, ScopedJoinHandle};

use super::Error;
use crate::thumbs;
use crate::thumbs::sheet::{Drawn, Made};

/// Encodes sheets on another thread, one at a time.
pub(super) struct Press<'scope, 'env> {
    scope: &'scope Scope<'scope, 'env>,
    pending: Option<Pending<'scope>>,
}

enum Pending<'scope> {
    There(ScopedJoinHandle<'scope, Result<Made, thumbs::Error>>),
    Here(Result<Made, thumbs::Error>),
}

impl<'scope, 'env> Press<'scope, 'env> {
    /// One whose threads end before this scope does.
    pub(super) fn new(scope: &'scope Scope<'scope, 'env>) -> Self {
        Self { scope, pending: None }
    }

    /// Begins with the next sheet, and gives the one before it.
    pub(super) fn take(&mut self, drawn: Drawn) -> Result<Option<Made>, Error> {
        let before = self.finish()?;
        let drawn = Arc::new(drawn);
        let shared = Arc::clone(&drawn);
        let spawned = Builder::new().spawn_scoped(self.scope, move || shared.encode());
        // Where there is no room for a thread, it is done here.
        self.pending = Some(spawned.map_or_else(|_| Pending::Here(drawn.encode()), Pending::There));
        Ok(before)
    }

    /// The sheet that was taken last.
    pub(super) fn finish(&mut self) -> Result<Option<Made>, Error> {
        match self.pending.take() {
            Some(Pending::There(thread)) => Ok(Some(thread.join().map_err(|_| Error::Panicked)??)),
            Some(Pending::Here(made)) => Ok(Some(made?)),
            None => Ok(None),
        }
    }
}

impl Drop for Press<'_, '_> {
    fn drop(&mut self) {
        // A scope passes on the panic of a thread that nobody has waited for.
        let _ = self.finish();
    }
}
