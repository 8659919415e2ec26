//! Objects on their way, several at a time, stage after stage.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use super::items::Item;
use super::state::KEY;
use crate::cancel::CancelToken;
use crate::event::{Control, Event, Warning, Why};
use crate::job::{Error, crew};
use crate::output::Objects;
use crate::output::object::{Headers, Source};
use crate::plan::delivery::{self, Stage};

/// What tells the version of each object that was put, by key, where the store says it.
pub(super) type Versions = BTreeMap<String, Option<String>>;

/// Puts items, those of a stage when all of the stages before stand. `to_put` is in the order of stages.
pub(super) fn put(
    objects: &Objects,
    to_put: &[(&Item, Why)],
    jobs: usize,
    control: Control<'_>,
) -> Result<Versions, Error> {
    let versions = Mutex::new(Versions::new());
    control.observer.on(&Event::Moving { what: "uploading", bytes: to_put.iter().map(|(item, _)| item.bytes).sum() });
    to_put.chunk_by(|(a, _), (b, _)| a.stage == b.stage).try_for_each(|stage| {
        crew::run(jobs, stage.to_vec(), control, |(item, why), control| {
            let etag = put_one(objects, item, control.cancel, &|bytes| control.observer.on(&Event::Moved { bytes }))?;
            control.observer.on(&Event::ObjectPut { key: &item.key, bytes: item.bytes, why });
            versions.lock().unwrap_or_else(PoisonError::into_inner).insert(item.key.clone(), etag);
            Ok(())
        })
    })?;
    Ok(versions.into_inner().unwrap_or_else(PoisonError::into_inner))
}

/// Removes what is left of uploads in parts that were broken off.
pub(super) fn sweep(objects: &Objects, items: &[Item], control: Control<'_>) -> Result<(), Error> {
    let keys: BTreeSet<String> = items.iter().map(|item| item.key.clone()).chain([KEY.to_owned()]).collect();
    if let Err(error) = objects.sweep_uploads(&keys, control.cancel) {
        control.cancel.check()?;
        let message = format!("parts of uploads that were broken off may be left at the destination: {error}");
        control.observer.on(&Event::Warned(&Warning { code: "uploads_not_swept", message }));
    }
    Ok(())
}

/// Puts one item and tells nothing of the bytes. Gives what tells its version, where the store says it.
pub(in crate::job) fn put_quietly(
    objects: &Objects,
    item: &Item,
    control: Control<'_>,
) -> Result<Option<String>, Error> {
    put_one(objects, item, control.cancel, &|_| {})
}

fn put_one(
    objects: &Objects,
    item: &Item,
    cancel: &CancelToken,
    told: &(dyn Fn(i64) + Sync),
) -> Result<Option<String>, Error> {
    if item.hollow {
        // Only its headers differ, and no store changes these alone: what it holds comes here and goes back.
        objects.fetch(&item.key, &item.path, cancel)?;
    }
    let headers = Headers {
        content_type: Some(item.wanted.content_type.clone()),
        cache_control: Some(item.wanted.cache_control.clone()),
        sha256: Some(item.sha256.clone()),
    };
    Ok(objects.store(&item.key, Source::File(&item.path, item.bytes), &headers, cancel, told)?)
}

/// Removes objects, each when all that leads to it has gone: `stage` tells when they were put.
pub(in crate::job) fn remove(
    objects: &Objects,
    keys: &[String],
    stage: impl Fn(&str) -> Stage,
    control: Control<'_>,
) -> Result<(), Error> {
    let mut stages: BTreeMap<Reverse<Stage>, Vec<String>> = BTreeMap::new();
    for key in keys {
        stages.entry(Reverse(stage(key))).or_default().push(key.clone());
    }
    for keys in stages.values() {
        control.cancel.check()?;
        objects.remove(keys)?;
        for key in keys {
            control.observer.on(&Event::ObjectRemoved { key });
        }
    }
    Ok(())
}

/// The same for the objects of one set.
pub(in crate::job) fn remove_of_set(objects: &Objects, keys: &[String], control: Control<'_>) -> Result<(), Error> {
    remove(objects, keys, delivery::stage, control)
}
