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
use crate::job::sync::state::{KEY, Put};
use crate::job::{Error, crew, owner};
use crate::media::RenditionKind;
use crate::output::Error as OutputError;
use crate::plan::names;

/// Objects that streampack put there, by key.
pub(super) type Ours = BTreeMap<String, Put>;

/// So many bytes a part of a path may have here.
const LONGEST_PART: usize = 255;

/// Whether the set itself may have an object of this name; one of a set below it has a longer one.
fn may_be_of_the_set(key: &str) -> bool {
    let kinds = [RenditionKind::Video, RenditionKind::Audio, RenditionKind::Text].map(RenditionKind::name);
    let documents = [names::MASTER, names::MPD, names::REPORT];
    let of_a_set =
        |file| documents.contains(&file) || [names::POSTER, names::CHAPTERS_JSON, names::CHAPTERS_VTT].contains(&file);
    let parts: Vec<&str> = key.split('/').collect();
    if parts.iter().any(|part| part.len() > LONGEST_PART || part.starts_with('.')) {
        return false;
    }
    match parts[..] {
        [file] => of_a_set(file),
        ["thumbnails" | "progressive", file] => !of_a_set(file),
        [kind, _, file] => kinds.contains(&kind) && !of_a_set(file),
        _ => false,
    }
}

/// The keys that the set itself may have. What is below a report or notes of its own belongs to those.
fn of_the_set<'t>(there: &'t There<'_>) -> impl Iterator<Item = &'t String> {
    let holds = |directory: &str, name: &str| there.listed.contains_key(&format!("{directory}{name}"));
    let of_another = move |key: &str| {
        let mut directories = key.match_indices('/').map(|(at, _)| &key[..=at]);
        directories.any(|directory| holds(directory, names::REPORT) || holds(directory, KEY))
    };
    there.listed.keys().filter(move |key| may_be_of_the_set(key) && !of_another(key))
}

/// The objects of a set that are ours: those of the notes, and those that carry the mark.
pub(super) fn ours(there: &There<'_>, jobs: usize, control: Control<'_>) -> Result<Ours, Error> {
    let ours = Mutex::new(Ours::new());
    let keys: Vec<&String> = of_the_set(there).collect();
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
    for key in of_the_set(there).filter(|key| !ours.contains_key(*key)) {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cancel::CancelToken;
    use crate::output::{Objects, Output};

    /// `encode trailer -o s3://b/video/trailer`, and then `encode film -o s3://b`.
    #[test]
    fn a_set_below_another_is_none_of_its_objects() {
        let objects = Objects::in_memory("", &CancelToken::default());
        let own = ["master.m3u8", "video/360p_h264/init.mp4", "thumbnails/sprite_00001.jpg", "subtitles/en/x.vtt"];
        let others = [
            "video/trailer/streampack.json",
            "video/trailer/master.m3u8",
            "video/trailer/init.mp4",
            "video/trailer/video/360p_h264/init.mp4",
            "audio/.streampack-sync.json",
            "audio/thumbnails/sprite_00001.jpg",
            "progressive/poster.jpg",
            "thumbnails/deep/sprite_00001.jpg",
            "notes/x/y.mp4",
            "x.txt",
        ];
        for key in own.iter().chain(&others) {
            objects.put(key, b"x").expect("stored");
        }
        let there = There::look(&objects).expect("readable");
        let found: Vec<&str> = of_the_set(&there).map(String::as_str).collect();
        let mut own = own;
        own.sort_unstable();
        assert_eq!(found, own);
        assert!(!may_be_of_the_set(&format!("video/{}/init.mp4", "x".repeat(256))), "no file has such a name");
    }
}
