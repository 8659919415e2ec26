//! Where the report of several inputs goes: into the directory of their sets, or into the bucket of them.

use sha2::{Digest, Sha256};

use super::super::direct::Staging;
use super::super::journal::Journal;
use super::super::owner::is_signed;
use super::super::sync::Error as Refused;
use super::super::{Error, lock};
use crate::cancel::CancelToken;
use crate::output::object::{Headers, Location, Source, hex};
use crate::output::{Dir, Objects, Output, Workspace};
use crate::plan::{delivery, names};

/// The place.
pub(super) enum Place {
    /// A directory.
    Here(Dir),
    /// A bucket, and the directory of this machine that says who writes to it.
    Away(Box<Objects>, Staging),
}

impl Place {
    /// The place of a run into `output`. A directory is made.
    pub(super) fn of(output: &Location, cancel: &CancelToken) -> Result<Self, Error> {
        match output {
            Location::Directory(directory) => Ok(Self::Here(Dir::create(directory, names::WORK)?)),
            Location::Bucket(_) => Ok(Self::Away(Objects::open(output, 1, cancel)?.into(), Staging::of(output)?)),
        }
    }

    /// Does `work` while nobody else writes there.
    pub(super) fn hold<T>(&self, work: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
        match self {
            Self::Here(dir) => lock::hold(dir.root(), || Journal::stands_in(dir), work),
            Self::Away(objects, staging) => {
                let result = lock::hold(staging.root(), || false, work);
                staging.remove_if_empty()?;
                result.map_err(|error| match error {
                    Error::Lock(lock::Error::Held { output, holder }) if output == staging.root() => {
                        Error::Lock(lock::Error::Held { output: objects.url("").into(), holder })
                    }
                    other => other,
                })
            }
        }
    }

    /// Removes the report of an earlier run, which would tell of this one if it were killed. A file of somebody else
    /// is refused unless `force` says to replace it.
    pub(super) fn clear_the_way(&self, force: bool) -> Result<(), Error> {
        let key = names::BATCH_REPORT;
        match self {
            Self::Here(dir) => {
                let Some(kind) = dir.kind(key)? else { return Ok(()) };
                let ours = kind.is_file() && is_signed(&dir.get(key)?);
                if !ours && !force {
                    return Err(Error::Foreign(dir.root().join(key)));
                }
                Ok(dir.delete(key)?)
            }
            Self::Away(objects, _) => {
                let Some(text) = objects.read(key)? else { return Ok(()) };
                if !force && !is_signed(&text) {
                    return Err(Refused::Foreign(objects.url(key)).into());
                }
                Ok(objects.delete(key)?)
            }
        }
    }

    /// Writes the report, whether the run was told to stop or not; caches of what is in a bucket are told this, or else
    /// our own.
    pub(super) fn write(&self, text: &str, cache_control: Option<&str>) -> Result<(), Error> {
        let key = names::BATCH_REPORT;
        match self {
            Self::Here(dir) => Ok(dir.put(key, text.as_bytes())?),
            Self::Away(objects, _) => {
                let headers = Headers {
                    content_type: delivery::media_type(key).map(str::to_owned),
                    cache_control: Some(cache_control.unwrap_or(delivery::caching(key).header()).to_owned()),
                    sha256: Some(hex(&Sha256::digest(text.as_bytes()))),
                };
                objects.store(key, Source::Bytes(text.as_bytes()), &headers, &CancelToken::default(), &|_| {})?;
                Ok(())
            }
        }
    }
}
