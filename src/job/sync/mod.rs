//! A finished directory in, the same objects at a destination out: what differs is put there, in an order in which
//! no manifest ever names an object that is missing.

pub(super) mod compare;
mod delivery;
mod error;
pub(super) mod items;
pub(super) mod local;
pub(super) mod of_set;
pub(super) mod publish;
pub(super) mod state;
pub(super) mod transfer;

use std::path::{Path, PathBuf};

use super::Error as JobError;
use super::apart::is_within;
use crate::event::{Control, Event, Warning, Why};
use crate::output::Objects;
use crate::output::object::Location;
use compare::{Delete, There};
pub use delivery::{CacheControl, Delivery, Distribution};
pub use error::Error;
use items::items;
use local::LocalFiles;
use publish::{Terms, publish, tell};

/// So many files that are left out are named.
const NAMED: usize = 3;

/// What is asked of one run.
#[derive(Clone, Debug)]
pub struct Request {
    /// A directory with one finished set or several.
    pub source: PathBuf,
    /// Where its objects go.
    pub destination: Location,
    /// Publish files too that no report lists.
    pub all: bool,
    /// How they are delivered from there.
    pub delivery: Delivery,
    /// Remove what streampack put there and is gone from the source.
    pub delete: bool,
    /// How many objects may be removed; nothing for any number.
    pub max_delete: Option<usize>,
    /// Replace objects of others.
    pub force: bool,
    /// Only find out what would be done.
    pub dry_run: bool,
    /// How many requests are under way at once.
    pub jobs: usize,
}

/// What was done, or with `dry_run` would be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Done {
    /// Objects that were put, with the bytes of each and why.
    pub put: Vec<(String, u64, Why)>,
    /// Objects that were there already.
    pub same: usize,
    /// Objects that were removed.
    pub removed: Vec<String>,
    /// The paths that a distribution was told of.
    pub invalidated: Vec<String>,
}

/// Publishes a directory. When it fails, or is stopped, the destination still holds what its manifests name, and the
/// next run goes on.
pub fn sync(request: &Request, control: Control<'_>) -> Result<Done, JobError> {
    check_apart(&request.source, &request.destination)?;
    let LocalFiles { files, others } = local::files(&request.source, request.all)?;
    if !others.is_empty() {
        control.observer.on(&Event::Warned(&left_out(&others)));
    }
    let items = items(files, &request.delivery.cache_control, |_| None, control)?;
    let empty = is_absent(&request.destination) && request.dry_run;
    if empty {
        let done = Done { put: items.iter().map(|i| (i.key.clone(), i.bytes, Why::New)).collect(), ..Done::default() };
        tell(&done, control);
        return Ok(done);
    }
    let objects = Objects::open(&request.destination, request.jobs, control.cancel)?;
    let terms = Terms {
        force: request.force,
        delete: if request.delete { Delete::All } else { Delete::Nothing },
        max_delete: request.max_delete,
        dry_run: request.dry_run,
        invalidate: request.delivery.invalidate.clone(),
        jobs: request.jobs,
        told: false,
    };
    publish(&terms, &items, There::look(&objects)?, control)
}

fn left_out(others: &[String]) -> Warning {
    let named = others.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
    let more = if others.len() > NAMED { ", …" } else { "" };
    let (count, files) = (others.len(), if others.len() == 1 { "file is" } else { "files are" });
    let message = format!("{count} {files} not of a set and left out ({named}{more}); --all publishes them too");
    Warning { code: "not_of_a_set", message }
}

fn is_absent(destination: &Location) -> bool {
    matches!(destination, Location::Directory(path) if !path.exists())
}

/// Refuses a destination in the source: each run would publish what the last one made.
fn check_apart(source: &Path, destination: &Location) -> Result<(), JobError> {
    let Location::Directory(to) = destination else { return Ok(()) };
    if is_within(to, source) {
        return Err(Error::Overlap { from: source.to_owned(), to: to.clone() }.into());
    }
    Ok(())
}
