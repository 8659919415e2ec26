//! The objects of a directory: what they hold, and how and when they are to be delivered.

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use super::CacheControl;
use super::local::{self, LocalFile};
use crate::event::{Control, Event};
use crate::job::{Error, crew};
use crate::output::object::Headers;
use crate::plan::delivery::{self, Caching, Stage};

/// How an object is to be delivered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::job) struct Wanted {
    pub(super) content_type: String,
    pub(super) cache_control: String,
}

impl From<Headers> for Wanted {
    /// How an object is delivered already.
    fn from(headers: Headers) -> Self {
        let Headers { content_type, cache_control, sha256: _ } = headers;
        Self { content_type: content_type.unwrap_or_default(), cache_control: cache_control.unwrap_or_default() }
    }
}

/// One object of the source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::job) struct Item {
    pub(in crate::job) key: String,
    pub(in crate::job) path: PathBuf,
    pub(in crate::job) bytes: u64,
    pub(in crate::job) sha256: String,
    /// The file only stands for the object, which holds the body alone.
    pub(in crate::job) hollow: bool,
    pub(super) stage: Stage,
    /// Another run may put something else under this name.
    pub(super) mutable: bool,
    pub(in crate::job) wanted: Wanted,
}

/// The objects in these files, in the order in which they are put. `known` tells the hashes of those whose content is
/// not here any more.
pub(in crate::job) fn items(
    files: Vec<LocalFile>,
    cache_control: &CacheControl,
    known: impl Fn(&LocalFile) -> Option<String> + Sync,
    control: Control<'_>,
) -> Result<Vec<Item>, Error> {
    control.observer.on(&Event::Moving { what: "comparing", bytes: files.iter().map(|file| file.bytes).sum() });
    let items = Mutex::new(Vec::with_capacity(files.len()));
    let processors = std::thread::available_parallelism().map_or(1, |n| n.get());
    crew::run(processors, files, control, |file, control| {
        let moved = |bytes: u64| control.observer.on(&Event::Moved { bytes: bytes as i64 });
        let item = match known(&file) {
            Some(sha256) => {
                moved(file.bytes);
                Item { hollow: true, ..Item::new(file, sha256, cache_control) }
            }
            None => {
                let sha256 = local::sha256(&file.path, |bytes| {
                    moved(bytes);
                    Ok(control.cancel.check()?)
                })?;
                Item::new(file, sha256, cache_control)
            }
        };
        items.lock().unwrap_or_else(PoisonError::into_inner).push(item);
        Ok(())
    })?;
    let mut items = items.into_inner().unwrap_or_else(PoisonError::into_inner);
    items.sort_by(|a: &Item, b: &Item| (a.stage, &a.key).cmp(&(b.stage, &b.key)));
    Ok(items)
}

impl Item {
    /// The object in a file with this hash.
    pub(in crate::job) fn new(file: LocalFile, sha256: String, cache_control: &CacheControl) -> Self {
        let LocalFile { key, path, bytes, within } = file;
        let caching = delivery::caching(&within);
        let asked = match caching {
            Caching::Immutable => &cache_control.media,
            Caching::Growing | Caching::Revalidated => &cache_control.manifest,
        };
        let guessed = || mime_guess::from_path(&key).first_raw().unwrap_or("application/octet-stream");
        let wanted = Wanted {
            content_type: delivery::media_type(&within).unwrap_or_else(guessed).to_owned(),
            cache_control: asked.clone().unwrap_or_else(|| caching.header().to_owned()),
        };
        let (stage, mutable) = (delivery::stage(&within), caching == Caching::Revalidated);
        Self { key, path, bytes, sha256, hollow: false, stage, mutable, wanted }
    }
}
