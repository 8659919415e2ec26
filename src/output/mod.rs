//! Finished objects in, durable objects out.

use std::io;

use crate::cancel::Cancelled;

/// An object could not be stored.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The operating system or the store refused.
    #[error("cannot write {target}: {source}")]
    Io {
        /// The path or URL.
        target: String,
        /// Why.
        source: io::Error,
    },
    /// The run was told to stop.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
}

/// A place for finished objects. Keys are relative paths with `/`, made by `plan::names`.
pub trait Output: Sync {
    /// Stores `body` under `key`, whole or not at all; replaces what was there.
    fn put(&self, key: &str, body: &[u8]) -> Result<(), Error>;
    /// Removes `key`; absent is fine.
    fn delete(&self, key: &str) -> Result<(), Error>;
}

/// Facts about an object that stands in the output. Only [`store`] makes one.
#[derive(Debug, Clone, PartialEq)]
pub struct Stored<T>(T);

impl<T> Stored<T> {
    /// The facts.
    pub fn facts(&self) -> &T {
        &self.0
    }

    /// The facts, owned.
    pub fn into_facts(self) -> T {
        self.0
    }
}

/// Stores `body` under `key`; only then are the facts about it believed.
pub fn store<T>(output: &dyn Output, key: &str, body: &[u8], facts: T) -> Result<Stored<T>, Error> {
    output.put(key, body)?;
    Ok(Stored(facts))
}
