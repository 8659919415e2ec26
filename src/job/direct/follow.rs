//! A live set into a store: what is stored in a directory of this machine goes there at once, in the same order, and
//! what is removed here is removed there.

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use sha2::{Digest, Sha256};

use super::mirror::{self, Ours};
use super::{REQUESTS, Staging, at_destination};
use crate::cancel::CancelToken;
use crate::event::{Control, Silent};
use crate::job::report::Report;
use crate::job::sync::compare::{Delete, There};
use crate::job::sync::items::{CacheControl, Item, items};
use crate::job::sync::local::{self, LocalFile};
use crate::job::sync::publish::{Terms, publish};
use crate::job::sync::state::Put;
use crate::job::sync::transfer;
use crate::job::{Error, lock};
use crate::output::Objects;
use crate::output::object::{Location, hex};
use crate::plan::{delivery, names};

/// Brings a live set to a store while it grows.
pub(in crate::job) struct Follower<'a> {
    objects: &'a Objects,
    /// The directory that it follows.
    set: &'a Path,
    cache_control: CacheControl,
    /// What an earlier run put there.
    before: Vec<String>,
    /// What this one put there and did not remove; nothing before it began.
    made: Mutex<Option<Ours>>,
    /// Never cancelled: a run that is told to stop still has to say that nothing follows.
    never: CancelToken,
}

/// Makes a live set with `work`, which writes it into the directory that it is given: `output` itself, or when that is
/// the URL of a bucket one that stands for it, with the one who brings what it stores to the bucket.
pub(in crate::job) fn follow(
    output: &Path,
    control: Control<'_>,
    work: impl FnOnce(&Path, Option<&Follower<'_>>) -> Result<Report, Error>,
) -> Result<Report, Error> {
    let destination = match Location::parse(output.as_os_str())? {
        Location::Directory(directory) => return work(&directory, None),
        destination @ Location::Bucket(_) => destination,
    };
    let staging = Staging::of(&destination)?;
    let set = staging.set();
    let result = lock::hold(
        staging.root(),
        || false,
        || {
            // Nothing of an earlier run is used again.
            staging.clear()?;
            let result = bring(&set, &destination, control, work);
            staging.clear()?;
            result
        },
    );
    staging.remove_if_empty()?;
    result.map_err(|error| at_destination(error, &destination, &set))
}

fn bring(
    set: &Path,
    destination: &Location,
    control: Control<'_>,
    work: impl FnOnce(&Path, Option<&Follower<'_>>) -> Result<Report, Error>,
) -> Result<Report, Error> {
    let never = CancelToken::default();
    let objects = Objects::open(destination, REQUESTS, &never)?;
    let there = There::look(&objects)?;
    let ours = mirror::ours(&there, REQUESTS, control)?;
    mirror::make(set, &there, &ours)?;
    let follower = Follower {
        objects: &objects,
        set,
        cache_control: CacheControl {
            manifest: Some(delivery::Caching::Growing.header().to_owned()),
            ..CacheControl::default()
        },
        before: ours.into_keys().collect(),
        made: Mutex::default(),
        never: never.clone(),
    };
    let result = work(set, Some(&follower));
    let Some(made) = follower.made.into_inner().unwrap_or_else(PoisonError::into_inner) else { return result };
    // Also a set whose source was lost is complete.
    let finished = if set.join(names::REPORT).exists() {
        complete(set, &objects, made, Control { observer: control.observer, cancel: &never })
    } else {
        remove(&objects, made.into_keys().collect(), &never)
    };
    let report = result?;
    finished.map(|()| report)
}

/// Brings the end of the set there: headers of manifests too, which do not change any more.
fn complete(set: &Path, objects: &Objects, made: Ours, control: Control<'_>) -> Result<(), Error> {
    let files = local::files(set, false)?.files;
    let items = items(files, &CacheControl::default(), |_| None, control)?;
    let mut there = There::look(objects)?;
    let delete = Delete::Among(made.keys().cloned().collect());
    there.own(made);
    let terms = Terms { force: true, delete, max_delete: None, dry_run: false, invalidate: None, jobs: REQUESTS };
    publish(&terms, &items, there, control).map(drop)
}

fn remove(objects: &Objects, mut keys: Vec<String>, cancel: &CancelToken) -> Result<(), Error> {
    keys.sort_by_key(|key| !names::names_others(key));
    transfer::remove(objects, &keys, Control { observer: &Silent, cancel })
}

impl Follower<'_> {
    /// Begins: what an earlier run left there goes, what names others first.
    pub(in crate::job) fn begin(&self) -> Result<(), Error> {
        remove(self.objects, self.before.clone(), &self.never)?;
        self.noted(|_| ());
        Ok(())
    }

    /// Puts what was stored in the directory with this body.
    pub(in crate::job) fn put(&self, key: &str, body: &[u8]) -> Result<(), Error> {
        let file = LocalFile { key: key.to_owned(), path: self.set.join(key), bytes: body.len() as u64 };
        let item = Item::new(file, hex(&Sha256::digest(body)), &self.cache_control);
        let put = Put::of(&item.sha256, item.bytes, &item.wanted);
        // Noted before: what stands there in part is to be removed as well.
        self.noted(|made| made.insert(key.to_owned(), put));
        transfer::put_quietly(self.objects, &item, Control { observer: &Silent, cancel: &self.never })
    }

    /// Removes what was removed from the directory.
    pub(in crate::job) fn delete(&self, key: &str) -> Result<(), Error> {
        self.objects.remove(&[key.to_owned()])?;
        self.noted(|made| made.remove(key));
        Ok(())
    }

    fn noted<T>(&self, note: impl FnOnce(&mut Ours) -> T) -> T {
        note(self.made.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert_default())
    }
}
