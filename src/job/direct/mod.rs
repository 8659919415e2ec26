//! A set straight into a store: it is made in a directory of this machine, from which each segment goes up as soon as
//! it is finished; manifests follow when everything else stands.

mod beside;
mod follow;
mod hollow;
mod mirror;
mod staging;

use std::path::Path;
use std::sync::PoisonError;
use std::sync::atomic::Ordering;

use super::report::Report;
use super::sync::compare::{Delete, There};
use super::sync::items::items;
use super::sync::local;
use super::sync::publish::{Terms, publish};
use super::sync::{Delivery, Error as Refused};
use super::{Error, lock};
use crate::event::Control;
use crate::output::Objects;
use crate::output::object::Location;
use beside::Carrier;
pub(super) use follow::{Follower, follow};
pub(super) use staging::{Staging, cache};

/// Requests under way at once. Encoding keeps the processors busy meanwhile.
const REQUESTS: usize = 8;

/// How a set is made.
#[derive(Clone, Copy, Debug)]
pub(super) struct Manner<'a> {
    /// Replace objects of others.
    pub(super) force: bool,
    /// The work reads segments again when all of them stand, so that they have to stay here until then.
    pub(super) reads_segments: bool,
    /// How it is delivered from a bucket.
    pub(super) delivery: &'a Delivery,
}

/// Makes a set with `work`, which writes it into the directory that it is given: `output` itself, or when that is the
/// URL of a bucket one that stands for it, from which it goes there. What is there counts as if it stood in that
/// directory: finished work is not done again, and with `force` alone objects of others are replaced. A run that was
/// stopped goes on.
pub(super) fn place(
    output: &Location,
    manner: Manner<'_>,
    control: Control<'_>,
    work: impl FnOnce(&Path, Control<'_>) -> Result<Report, Error>,
) -> Result<Report, Error> {
    match output {
        Location::Directory(directory) => work(directory, control),
        Location::Bucket(_) => into(output, manner, control, work),
    }
}

fn into(
    destination: &Location,
    manner: Manner<'_>,
    control: Control<'_>,
    work: impl FnOnce(&Path, Control<'_>) -> Result<Report, Error>,
) -> Result<Report, Error> {
    let staging = Staging::of(destination)?;
    let result = lock::hold(
        staging.root(),
        || false,
        || {
            let result = bring(&staging, destination, manner, control, work);
            if result.is_ok() || !staging.holds_work() {
                staging.clear()?;
            }
            result
        },
    );
    staging.remove_if_empty()?;
    result.map_err(|error| at_destination(error, destination, &staging.set()))
}

/// Does it, with the directory locked.
fn bring(
    staging: &Staging,
    destination: &Location,
    manner: Manner<'_>,
    control: Control<'_>,
    work: impl FnOnce(&Path, Control<'_>) -> Result<Report, Error>,
) -> Result<Report, Error> {
    let (set, cache_control) = (staging.set(), &manner.delivery.cache_control);
    let objects = Objects::open(destination, REQUESTS, control.cancel)?;
    let there = There::look(&objects)?;
    let ours = mirror::ours(&there, REQUESTS, control)?;
    if staging.holds_work() {
        mirror::check(&set, &ours)?;
    } else {
        staging.clear()?;
        mirror::make(&set, &there, &ours)?;
    }
    let carrier = Carrier::new(&set, &there, manner);
    let report = beside::work(&carrier, REQUESTS, control, |control| work(&set, control))?;
    staging.made()?;
    let files = local::files(&set, false)?.files;
    let items = items(files, cache_control, |file| hollow::sha256(&file.path, file.bytes), control)?;
    let told = carrier.replaces.load(Ordering::Relaxed);
    let carried = carrier.carried.into_inner().unwrap_or_else(PoisonError::into_inner);
    let mut there = There::look(&objects)?;
    let delete = Delete::Among(ours.keys().cloned().collect());
    there.own(ours);
    there.own(carried);
    let terms = Terms {
        force: manner.force,
        delete,
        max_delete: None,
        dry_run: false,
        invalidate: manner.delivery.invalidate.clone(),
        jobs: REQUESTS,
        told,
    };
    publish(&terms, &items, there, control)?;
    Ok(report)
}

/// Names the destination where an error names the directory that stands for it.
fn at_destination(error: Error, destination: &Location, set: &Path) -> Error {
    match error {
        Error::Foreign(path) => match path.strip_prefix(set).ok().and_then(Path::to_str) {
            Some(key) => Refused::Foreign(destination.join(key).to_string()).into(),
            None => Error::Foreign(path),
        },
        Error::Lock(lock::Error::Held { holder, .. }) => {
            Error::Lock(lock::Error::Held { output: destination.to_string().into(), holder })
        }
        other => other,
    }
}
