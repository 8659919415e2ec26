//! Sprite sheets that are encoded while the next ones are drawn.

use std::thread::{Scope, ScopedJoinHandle};

use super::Error;
use crate::thumbs;
use crate::thumbs::sheet::{Drawn, Made};

/// Encodes sheets on another thread, one at a time.
pub(super) struct Press<'scope, 'env> {
    scope: &'scope Scope<'scope, 'env>,
    pending: Option<ScopedJoinHandle<'scope, Result<Made, thumbs::Error>>>,
}

impl<'scope, 'env> Press<'scope, 'env> {
    /// One whose threads end before this scope does.
    pub(super) fn new(scope: &'scope Scope<'scope, 'env>) -> Self {
        Self { scope, pending: None }
    }

    /// Begins with the next sheet, and gives the one before it.
    pub(super) fn take(&mut self, drawn: Drawn) -> Result<Option<Made>, Error> {
        let before = self.finish()?;
        self.pending = Some(self.scope.spawn(move || drawn.encode()));
        Ok(before)
    }

    /// The sheet that was taken last.
    pub(super) fn finish(&mut self) -> Result<Option<Made>, Error> {
        let made = self.pending.take().map(|pending| pending.join().map_err(|_| Error::Panicked));
        Ok(made.transpose()?.transpose()?)
    }
}
