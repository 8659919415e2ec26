//! What is at a destination, as a directory that a run can look at: documents whole, media as files that stand for it.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use walkdir::WalkDir;

use super::hollow;
use crate::event::Control;
use crate::job::sync::compare::There;
use crate::job::sync::of_set::of_set;
use crate::job::sync::state::Put;
use crate::job::{Error, crew, owner};
use crate::output::Error as OutputError;
use crate::plan::names;

/// Objects that streampack put there, by key.
pub(super) type Ours = BTreeMap<String, Put>;

/// The objects of a set that are ours: those of the notes, and those that carry the mark.
pub(super) fn ours(there: &There<'_>, jobs: usize, control: Control<'_>) -> Result<Ours, Error> {
    let ours = Mutex::new(Ours::new());
    let keys: Vec<&String> = of_set(&there.listed, "").collect();
    crew::run(jobs, keys, control, |key, control| {
        if let Some(put) = there.ours(key, control)? {
            ours.lock().unwrap_or_else(PoisonError::into_inner).insert(key.clone(), put);
        }
        Ok(())
    })?;
    Ok(ours.into_inner().unwrap_or_else(PoisonError::into_inner))
}

/// Lets the directory `set` show what is there: the set that its report lists, and whatever of others stands in the
/// way. What else of ours is there, no run is to find.
pub(super) fn make(set: &Path, there: &There<'_>, ours: &Ours) -> Result<(), Error> {
    fs::create_dir_all(set).map_err(failed(set))?;
    let report = if ours.contains_key(names::REPORT) { there.objects.read(names::REPORT)? } else { None };
    let listed = report.as_deref().and_then(owner::listed).unwrap_or_default();
    for (key, put) in listed.iter().filter_map(|listed| Some((&listed.key, ours.get(&listed.key)?))) {
        let (path, bytes) = (set.join(key), put.bytes);
        parents(&path)?;
        if hollow::fits(bytes) && !names::names_others(key) {
            hollow::write(&path, bytes, &put.sha256).map_err(failed(&path))?;
        } else if let Some(body) = there.objects.read(key)? {
            fs::write(&path, body).map_err(failed(&path))?;
        }
    }
    for key in of_set(&there.listed, "").filter(|key| !ours.contains_key(*key)) {
        let path = set.join(key);
        parents(&path)?;
        fs::write(&path, "").map_err(failed(&path))?;
    }
    if let Some(report) = report {
        let path = set.join(names::REPORT);
        fs::write(&path, report).map_err(failed(&path))?;
    }
    Ok(())
}

/// Removes from the directory `set` what stands for an object that is no longer there.
pub(super) fn check(set: &Path, ours: &Ours) -> Result<(), Error> {
    for entry in WalkDir::new(set).min_depth(1) {
        let entry = entry.map_err(|error| failed(set)(error.into()))?;
        let Ok(metadata) = entry.metadata() else { continue };
        let Some(hash) = metadata.is_file().then(|| hollow::sha256(entry.path(), metadata.len())).flatten() else {
            continue;
        };
        let key = entry.path().strip_prefix(set).ok().and_then(Path::to_str);
        let stands = key.and_then(|key| ours.get(key)).is_some_and(|p| p.sha256 == hash && p.bytes == metadata.len());
        if !stands {
            fs::remove_file(entry.path()).map_err(failed(entry.path()))?;
        }
    }
    Ok(())
}

fn parents(path: &Path) -> Result<(), Error> {
    let parent = path.parent().unwrap_or(path);
    Ok(fs::create_dir_all(parent).map_err(failed(parent))?)
}

fn failed(path: &Path) -> impl Fn(io::Error) -> OutputError + '_ {
    |source| OutputError::Io { target: path.display().to_string(), source }
}
