//! Finished objects in, durable objects out.

#[cfg(test)]
mod contract;
pub mod dir;
pub mod memory;
pub mod object;
pub mod piece;
mod run;
pub mod stale;

use std::io;

use crate::cancel::{CancelToken, Cancelled};
pub use dir::{Dir, Writing};
pub use memory::Memory;
pub use object::{Objects, Refusal};
pub use piece::{ChangedRuns, Piece};
pub use run::Run;

/// An object could not be stored, read or removed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The operating system or the store refused to write.
    #[error("cannot write {target}: {source}{}", remedy(source))]
    Io {
        /// The path or URL.
        target: String,
        /// Why.
        source: io::Error,
    },
    /// The operating system or the store refused to read.
    #[error("cannot read back {target}: {source}")]
    Read {
        /// The path or URL.
        target: String,
        /// Why.
        source: io::Error,
    },
    /// The output directory is not where it was when the run began.
    #[error("cannot write {target}: the output directory was moved or deleted during the run; run again to start over")]
    Vanished {
        /// The path.
        target: String,
    },
    /// A key that is absolute or could lead out of the output.
    #[error("`{key}` cannot name an object of an output; a key is a relative path without `.` and `..`")]
    Key {
        /// The key.
        key: String,
    },
    /// A store behind the network refused.
    #[error("cannot {action} {target}: {refusal}")]
    Store {
        /// What it was asked to do: `write`.
        action: &'static str,
        /// The URL.
        target: String,
        /// Why.
        refusal: Refusal,
    },
    /// A file that is to be stored elsewhere cannot be read.
    #[error("cannot read {target}: {source}")]
    Unreadable {
        /// The path.
        target: String,
        /// Why.
        source: io::Error,
    },
    /// A file is not what it was a moment ago.
    #[error("{target} changed while it was read; run again when nothing writes to it")]
    Changed {
        /// The path.
        target: String,
    },
    /// The run was told to stop.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
}

/// What a user can do about a failed write, to end a message with.
fn remedy(error: &io::Error) -> &'static str {
    use io::ErrorKind as Kind;
    match error.kind() {
        Kind::StorageFull | Kind::QuotaExceeded => "; make room and run again to continue",
        Kind::PermissionDenied | Kind::ReadOnlyFilesystem => "; choose another output or make it writable",
        Kind::AlreadyExists | Kind::NotADirectory => {
            "; a file stands where a directory is needed, choose another output"
        }
        Kind::IsADirectory => "; a directory stands where a file is needed, choose another output",
        // io::ErrorKind is not ours and grows.
        _ => "",
    }
}

/// A place for finished objects. Keys are relative paths with `/`, made by `plan::names`.
pub trait Output: Sync {
    /// Stores `body` under `key`, whole or not at all; replaces what was there.
    fn put(&self, key: &str, body: &[u8]) -> Result<(), Error>;
    /// The same with a body in pieces that follow each other.
    fn put_pieces(&self, key: &str, pieces: &[Piece<'_>]) -> Result<(), Error> {
        self.put(key, &piece::joined(pieces)?)
    }
    /// Removes `key`; absent is fine.
    fn delete(&self, key: &str) -> Result<(), Error>;
}

/// A stored object, or a run of its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The object.
    pub key: String,
    /// Its first byte and how many there are; nothing means all of it.
    pub range: Option<(u64, u64)>,
}

impl Part {
    /// All of an object.
    pub fn whole(key: impl Into<String>) -> Self {
        Self { key: key.into(), range: None }
    }
}

/// An output that a run can also read: where it keeps what is not finished, and finds it again.
pub trait Workspace: Output {
    /// The whole object under `key`, for small ones.
    fn get(&self, key: &str) -> Result<Vec<u8>, Error>;
    /// Bytes of the object under `key`; nothing when there is none.
    fn size(&self, key: &str) -> Result<Option<u64>, Error>;
    /// Stores `head` and `parts` of objects one after another under `key`, whole or not at all, in
    /// memory that does not grow with their size. Gives the number of bytes. Looks at `cancel` before
    /// each part. The objects stay.
    fn concat(&self, key: &str, head: &[u8], parts: &[Part], cancel: &CancelToken) -> Result<u64, Error>;

    /// Whether an object of just this size stands under `key`, as it does after an earlier run stored it.
    fn exists_with_size(&self, key: &str, bytes: u64) -> Result<bool, Error> {
        Ok(self.size(key)? == Some(bytes))
    }
}

/// Whether `key` can name an object: a relative path that cannot lead out of an output.
pub fn is_key(key: &str) -> bool {
    check_key(key).is_ok()
}

/// Refuses keys that are absolute, empty or could lead out of the output.
fn check_key(key: &str) -> Result<(), Error> {
    let named = |part: &str| !matches!(part, "" | "." | "..") && !part.contains(['\\', '\0']);
    if key.split('/').all(named) { Ok(()) } else { Err(Error::Key { key: key.to_owned() }) }
}

/// Facts about an object that stands in the output: [`store`] has stored it, or [`found`](Self::found)
/// has seen it there, or whoever asks for it has it from memory meanwhile ([`held`](Self::held)).
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

    /// Facts about an object that is in the memory from which it is served, until it stands on the disk as well.
    pub fn held(facts: T) -> Self {
        Self(facts)
    }

    /// Believes the facts of an object that an earlier run stored, when it stands there in its size.
    pub fn found(workspace: &dyn Workspace, key: &str, bytes: u64, facts: T) -> Result<Option<Self>, Error> {
        Ok(workspace.exists_with_size(key, bytes)?.then_some(Self(facts)))
    }
}

/// Stores `body` under `key`; only then are the facts about it believed.
pub fn store<T>(output: &dyn Output, key: &str, body: &[u8], facts: T) -> Result<Stored<T>, Error> {
    output.put(key, body)?;
    Ok(Stored(facts))
}

/// The same of a body in pieces.
pub fn store_pieces<T>(output: &dyn Output, key: &str, pieces: &[Piece<'_>], facts: T) -> Result<Stored<T>, Error> {
    output.put_pieces(key, pieces)?;
    Ok(Stored(facts))
}
