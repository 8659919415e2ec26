//! The directory of this machine that stands for a destination while a set is made: in the user's cache, under a name
//! of the destination's own.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::job::Error;
use crate::job::journal::Journal;
use crate::output::Error as OutputError;
use crate::output::object::{Location, hex};

/// The set that is made.
const SET: &str = "set";
/// Says that the set is whole, and only has to be brought to its destination.
const MADE: &str = "made";

/// The directory.
#[derive(Debug)]
pub(in crate::job) struct Staging {
    root: PathBuf,
}

/// Where these directories are.
pub(in crate::job) fn cache() -> PathBuf {
    let variable = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    // XDG Base Directory Specification: relative paths are to be ignored.
    let cache = variable("XDG_CACHE_HOME").or_else(|| variable("HOME").map(|home| home.join(".cache")));
    cache.unwrap_or_else(std::env::temp_dir).join("streampack")
}

impl Staging {
    /// The directory for `destination`, made if need be.
    pub(in crate::job) fn of(destination: &Location) -> Result<Self, Error> {
        let name = &hex(&Sha256::digest(destination.to_string().as_bytes()))[..32];
        let root = cache().join(name);
        fs::create_dir_all(&root).map_err(failed(&root))?;
        Ok(Self { root })
    }

    /// The directory itself.
    pub(in crate::job) fn root(&self) -> &Path {
        &self.root
    }

    /// The directory of the set.
    pub(in crate::job) fn set(&self) -> PathBuf {
        self.root.join(SET)
    }

    /// Whether an earlier run left something to go on with.
    pub(in crate::job) fn holds_work(&self) -> bool {
        Journal::stands_below(&self.set()) || self.is_made()
    }

    /// Whether the set is whole.
    pub(in crate::job) fn is_made(&self) -> bool {
        self.root.join(MADE).exists()
    }

    /// Says that the set is whole.
    pub(in crate::job) fn made(&self) -> Result<(), Error> {
        let path = self.root.join(MADE);
        Ok(fs::write(&path, "").map_err(failed(&path))?)
    }

    /// Removes the set.
    pub(in crate::job) fn clear(&self) -> Result<(), Error> {
        let set = self.set();
        absent_is_fine(fs::remove_dir_all(&set)).map_err(failed(&set))?;
        let made = self.root.join(MADE);
        absent_is_fine(fs::remove_file(&made)).map_err(failed(&made))?;
        Ok(())
    }

    /// Removes the directory when nothing is in it, not even another run.
    pub(in crate::job) fn remove_if_empty(&self) -> Result<(), Error> {
        match fs::remove_dir(&self.root) {
            Err(error) if error.kind() == io::ErrorKind::DirectoryNotEmpty => Ok(()),
            other => Ok(absent_is_fine(other).map_err(failed(&self.root))?),
        }
    }
}

fn absent_is_fine(result: io::Result<()>) -> io::Result<()> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

fn failed(path: &Path) -> impl Fn(io::Error) -> OutputError + '_ {
    |source| OutputError::Io { target: path.display().to_string(), source }
}
