//! Objects on their way, several at a time, stage after stage.

use std::collections::BTreeSet;

use super::items::Item;
use crate::cancel::CancelToken;
use crate::event::{Control, Event, Warning, Why};
use crate::job::{Error, crew};
use crate::output::Objects;
use crate::output::object::{Headers, Source};
use crate::plan::names;

/// Puts items, those of a stage when all of the stages before stand. `to_put` is in the order of stages.
pub(super) fn put(objects: &Objects, to_put: &[(&Item, Why)], jobs: usize, control: Control<'_>) -> Result<(), Error> {
    control.observer.on(&Event::Moving { what: "uploading", bytes: to_put.iter().map(|(item, _)| item.bytes).sum() });
    to_put.chunk_by(|(a, _), (b, _)| a.stage == b.stage).try_for_each(|stage| {
        crew::run(jobs, stage.to_vec(), control, |(item, why), control| {
            put_one(objects, item, control.cancel, &|bytes| control.observer.on(&Event::Moved { bytes }))?;
            control.observer.on(&Event::ObjectPut { key: &item.key, bytes: item.bytes, why });
            Ok(())
        })
    })
}

/// Removes what is left of uploads in parts that were broken off.
pub(super) fn sweep(objects: &Objects, items: &[Item], control: Control<'_>) -> Result<(), Error> {
    let keys: BTreeSet<String> = items.iter().map(|item| item.key.clone()).collect();
    if let Err(error) = objects.sweep_uploads(&keys, control.cancel) {
        control.cancel.check()?;
        let message = format!("parts of uploads that were broken off may be left at the destination: {error}");
        control.observer.on(&Event::Warned(&Warning { code: "uploads_not_swept", message }));
    }
    Ok(())
}

/// Puts one item and tells nothing of the bytes.
pub(in crate::job) fn put_quietly(objects: &Objects, item: &Item, control: Control<'_>) -> Result<(), Error> {
    put_one(objects, item, control.cancel, &|_| {})
}

fn put_one(objects: &Objects, item: &Item, cancel: &CancelToken, told: &(dyn Fn(i64) + Sync)) -> Result<(), Error> {
    let headers = Headers {
        content_type: Some(item.wanted.content_type.clone()),
        cache_control: Some(item.wanted.cache_control.clone()),
        sha256: Some(item.sha256.clone()),
    };
    Ok(objects.store(&item.key, Source::File(&item.path, item.bytes), &headers, cancel, told)?)
}

/// Removes objects, those that name others first.
pub(in crate::job) fn remove(objects: &Objects, keys: &[String], control: Control<'_>) -> Result<(), Error> {
    for keys in keys.chunk_by(|a, b| names::names_others(a) == names::names_others(b)) {
        control.cancel.check()?;
        objects.remove(keys)?;
        for key in keys {
            control.observer.on(&Event::ObjectRemoved { key });
        }
    }
    Ok(())
}
