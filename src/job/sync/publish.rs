//! What differs is put, what went is removed, and both are written down at the destination.

use std::collections::BTreeSet;

use super::compare::{Delete, There};
use super::error::Error as Refused;
use super::items::Item;
use super::state::Put;
use super::{Distribution, Done, transfer};
use crate::event::{Control, Event, Transfer, Warning, Why};
use crate::job::Error;
use crate::output::object::Invalidation;
use crate::plan::delivery::{self, Caching};

/// What a publication may do besides putting what is missing.
#[derive(Clone, Debug)]
pub(in crate::job) struct Terms {
    /// Replace objects of others.
    pub(in crate::job) force: bool,
    pub(in crate::job) delete: Delete,
    /// How many objects may be removed; nothing for any number.
    pub(in crate::job) max_delete: Option<usize>,
    /// Only find out what would be done.
    pub(in crate::job) dry_run: bool,
    /// A distribution of CloudFront whose copies of what changed are to go.
    pub(in crate::job) invalidate: Option<Distribution>,
    /// How many requests are under way at once.
    pub(in crate::job) jobs: usize,
    /// It was said already that media changes under known names.
    pub(in crate::job) told: bool,
}

/// Brings `items` to where they go.
pub(in crate::job) fn publish(
    terms: &Terms,
    items: &[Item],
    there: There<'_>,
    control: Control<'_>,
) -> Result<Done, Error> {
    let objects = there.objects;
    let to_put = there.to_put(items, terms.force, terms.jobs, control)?;
    let to_remove = there.to_remove(items, &terms.delete, control)?;
    if let Some(most) = terms.max_delete.filter(|most| to_remove.len() > *most) {
        return Err(Refused::TooManyDeletions { count: to_remove.len(), most }.into());
    }
    let mut state = there.state.clone();
    let stale = stale(terms, &to_put, &to_remove, &there);
    let invalidated = |stale: &BTreeSet<String>, versions: &[String]| {
        let distribution = terms.invalidate.as_ref().filter(|_| !stale.is_empty())?;
        let root = distribution.root.as_deref().unwrap_or_else(|| objects.root());
        Some(Invalidation::new(&distribution.id, root, stale, versions))
    };
    let mut done = Done {
        put: to_put.iter().map(|(item, why)| (item.key.clone(), item.bytes, *why)).collect(),
        same: items.len() - to_put.len(),
        removed: to_remove.clone(),
        invalidated: invalidated(&stale, &[]).map_or_else(Vec::new, |invalidation| invalidation.paths),
    };
    tell(&done, control);
    if terms.delete == Delete::Nothing {
        warn_of_what_is_left(&there.left(items), control);
    }
    if terms.dry_run {
        return Ok(done);
    }
    if !terms.told {
        warn_of_replaced_media(&to_put, control);
    }
    // Known before it begins: what an interrupted run put is ours, and what it made stale is still to be told.
    for (item, _) in &to_put {
        state.objects.insert(item.key.clone(), Put::of(&item.sha256, item.bytes, &item.wanted));
    }
    if let Some(distribution) = terms.invalidate.as_ref().filter(|_| !stale.is_empty()) {
        state.stale.insert(distribution.id.clone(), stale.clone());
    }
    let mut written = there.written.clone();
    state.write_over(&mut written, objects, control)?;
    let put = transfer::put(objects, &to_put, terms.jobs, control)?;
    transfer::sweep(objects, items, control)?;
    transfer::remove(objects, &to_remove, |key| delivery::stage(there.within(key)), control)?;
    let before = there.listed;
    let listed = if to_put.is_empty() && to_remove.is_empty() { before.clone() } else { objects.list()? };
    for key in &to_remove {
        state.objects.remove(key);
    }
    state.objects.retain(|key, _| listed.contains_key(key));
    for item in items {
        let Some(shown) = listed.get(&item.key) else { continue };
        let known = Put::of(&item.sha256, item.bytes, &item.wanted);
        // Somebody else may have put another one there since.
        let known = match put.get(&item.key) {
            Some(etag) => known.stored(etag.clone()).listed(shown),
            None if before.get(&item.key) == Some(shown) => known.seen(shown),
            None => known,
        };
        state.objects.insert(item.key.clone(), known);
    }
    // With the versions of what is there now, the same change is told once, however often it is tried.
    let version = |key: &String| listed.get(key).or_else(|| before.get(key)).map(|listed| listed.modified.clone());
    let versions: Vec<String> = stale.iter().filter_map(version).collect();
    let told = match invalidated(&stale, &versions) {
        Some(invalidation) => objects.invalidate(&invalidation, control.cancel).map(|id| {
            state.stale.remove(&invalidation.distribution);
            let paths = &invalidation.paths;
            control.observer.on(&Event::Invalidated { distribution: &invalidation.distribution, id: &id, paths });
            done.invalidated.clone_from(paths);
        }),
        None => Ok(()),
    };
    state.write_over(&mut written, objects, control)?;
    told?;
    Ok(done)
}

/// The objects of which a distribution may have old copies: what stood there and changed or went, now or in a run
/// that could not tell it.
fn stale(terms: &Terms, to_put: &[(&Item, Why)], to_remove: &[String], there: &There<'_>) -> BTreeSet<String> {
    let Some(distribution) = &terms.invalidate else { return BTreeSet::new() };
    let earlier = there.state.stale.get(&distribution.id).into_iter().flatten().cloned();
    let changed =
        to_put.iter().filter(|(item, why)| item.mutable && *why != Why::New).map(|(item, _)| item.key.clone());
    let mutable = |key: &&String| delivery::caching(there.within(key)) == Caching::Revalidated;
    let gone = to_remove.iter().filter(mutable).cloned();
    earlier.chain(changed).chain(gone).collect()
}

/// Tells what will be done.
pub(super) fn tell(done: &Done, control: Control<'_>) {
    control.observer.on(&Event::TransferPlanned(&Transfer {
        put: &done.put,
        same: done.same,
        remove: &done.removed,
        invalidate: &done.invalidated,
    }));
}

/// Caches keep media for good, so other media under a known name meets old copies.
fn warn_of_replaced_media(to_put: &[(&Item, Why)], control: Control<'_>) {
    let count = to_put.iter().filter(|(item, why)| !item.mutable && *why == Why::Body).count();
    if count > 0 {
        let objects = if count == 1 { "media object" } else { "media objects" };
        let message = format!(
            "{count} {objects} changed under a name that caches keep for a year; viewers may get old ones: publish \
             what was encoded again under another prefix"
        );
        control.observer.on(&Event::Warned(&Warning { code: "media_replaced", message }));
    }
}

/// Players find nothing that leads to it, but it costs, and who has the address still gets it.
fn warn_of_what_is_left(left: &[&String], control: Control<'_>) {
    const NAMED: usize = 3;
    if left.is_empty() {
        return;
    }
    let named = left.iter().take(NAMED).map(|key| key.as_str()).collect::<Vec<_>>().join(", ");
    let (count, more) = (left.len(), if left.len() > NAMED { ", …" } else { "" });
    let objects = if count == 1 { "object of an earlier set stays" } else { "objects of an earlier set stay" };
    let message = format!("{count} {objects} at the destination ({named}{more}); --delete removes them");
    control.observer.on(&Event::Warned(&Warning { code: "left_at_destination", message }));
}
