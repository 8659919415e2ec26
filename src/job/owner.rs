//! Whose file it is. What the report or the journal of an earlier run lists is ours, and may be replaced or
//! removed; everything else is somebody else's.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::Error;
use super::journal::Journal;
use crate::event::{Control, Event, Warning};
use crate::output::{Dir, Output, Workspace, stale};
use crate::plan::names;

/// How every report of ours says who wrote it.
pub(super) const TOOL: &str = "streampack ";

/// The part of a report that tells what is ours. Reports of all versions have it.
#[derive(Debug, Deserialize)]
struct Listing {
    tool: String,
    files: Vec<Listed>,
}

/// An object that a report lists.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(super) struct Listed {
    pub(super) key: String,
    /// Its size, when the report says it.
    pub(super) bytes: Option<u64>,
}

/// What the report `text` lists, in the order in which it was stored; nothing when it is none of ours.
pub(super) fn listed(text: &[u8]) -> Option<Vec<Listed>> {
    let listing: Listing = serde_json::from_slice(text).ok()?;
    listing.tool.starts_with(TOOL).then_some(listing.files)
}

/// Whether the report `text`, of whatever kind, is one of ours.
pub(super) fn is_signed(text: &[u8]) -> bool {
    #[derive(Deserialize)]
    struct Signed {
        tool: String,
    }
    serde_json::from_slice(text).is_ok_and(|signed: Signed| signed.tool.starts_with(TOOL))
}

/// What earlier runs over an output have made.
#[derive(Debug, Default)]
pub(super) struct Owned {
    /// What the report lists, in the order in which it was stored.
    reported: Vec<String>,
    /// All of ours, the report too.
    all: BTreeSet<String>,
}

impl Owned {
    /// What report and journal in an output list.
    pub(super) fn read(dir: &Dir) -> Result<Self, Error> {
        let mut all: BTreeSet<String> = Journal::keys(dir)?.into_iter().collect();
        let Some(files) = read_listed(dir)? else { return Ok(Self { reported: Vec::new(), all }) };
        let reported: Vec<String> = files.into_iter().map(|file| file.key).collect();
        all.extend(reported.iter().cloned());
        all.insert(names::REPORT.to_owned());
        Ok(Self { reported, all })
    }

    /// Whether the report is that of a whole set, and not of thumbnails alone.
    pub(super) fn holds_set(&self) -> bool {
        self.reported.iter().any(|key| key == names::MASTER || key == names::MPD)
    }

    /// Refuses to go on when somebody else's file stands where one of the `planned` objects will. With
    /// `force` it is removed instead: whatever stands there later is ours.
    pub(super) fn clear_the_way(&self, dir: &Dir, planned: &[String], force: bool) -> Result<(), Error> {
        for key in planned {
            // We make plain files only.
            let foreign = dir.kind(key)?.is_some_and(|kind| !kind.is_file() || !self.all.contains(key));
            if foreign && !force {
                return Err(Error::Foreign(dir.root().join(key)));
            }
            if foreign {
                dir.delete(key)?;
            }
        }
        Ok(())
    }

    /// Removes what names others, as long as it names something that is missing.
    pub(super) fn withdraw(&self, dir: &Dir) -> Result<(), Error> {
        let entries: Vec<String> = self.reported.iter().filter(|key| names::names_others(key)).cloned().collect();
        stale::remove_listed(dir.root(), &entries, &BTreeSet::new())?;
        Ok(())
    }

    /// Removes what the report lists, manifests first, and then the report.
    pub(super) fn remove(&self, dir: &Dir, control: Control<'_>) -> Result<(), Error> {
        if !self.all.contains(names::REPORT) {
            return Ok(());
        }
        let removed = stale::remove_listed(dir.root(), &self.reported, &BTreeSet::new())?;
        dir.delete(names::REPORT)?;
        for key in removed.refused {
            let message =
                format!("`{key}`, which an earlier report lists, was left alone: it is not a plain file in the output");
            control.observer.on(&Event::Warned(&Warning { code: "stale_object_kept", message }));
        }
        Ok(())
    }
}

/// What the report in an output lists, when it is one of ours.
fn read_listed(dir: &Dir) -> Result<Option<Vec<Listed>>, Error> {
    Ok(if dir.size(names::REPORT)?.is_some() { listed(&dir.get(names::REPORT)?) } else { None })
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;
    use crate::cancel::CancelToken;
    use crate::event::Silent;

    fn output(objects: &[(&str, &str)]) -> (TempDir, Dir) {
        let temp = TempDir::new().expect("a temporary directory");
        let dir = Dir::create(temp.path(), names::WORK).expect("writable");
        objects.iter().for_each(|(key, body)| dir.put(key, body.as_bytes()).expect("writable"));
        (temp, dir)
    }

    fn clear(dir: &Dir, planned: &[&str], force: bool) -> Result<(), Error> {
        let planned: Vec<String> = planned.iter().map(|&key| key.to_owned()).collect();
        Owned::read(dir).expect("readable").clear_the_way(dir, &planned, force)
    }

    /// Of another version, with fields that this one does not know and without those that it does.
    const REPORT: &str =
        r#"{"v":7,"tool":"streampack 9.1","files":[{"key":"a.m3u8","sum":"9f"},{"key":"a/b"}],"odd":1}"#;

    #[test]
    fn what_any_report_of_ours_lists_is_ours_and_the_report_too() {
        let (_temp, dir) = output(&[("streampack.json", REPORT), ("a.m3u8", "x"), ("a/b", "x"), ("a/c", "mine")]);
        clear(&dir, &["a.m3u8", "a/b", "streampack.json", "absent"], false).expect("ours");
        assert!(matches!(clear(&dir, &["a/b", "a/c"], false), Err(Error::Foreign(path)) if path.ends_with("a/c")));
        let cancel = CancelToken::default();
        let control = Control { observer: &Silent, cancel: &cancel };
        Owned::read(&dir).expect("readable").remove(&dir, control).expect("removable");
        let left = ["streampack.json", "a.m3u8", "a/b", "a/c"].map(|key| dir.size(key).expect("readable").is_some());
        assert_eq!(left, [false, false, false, true]);
    }

    #[test]
    fn a_report_of_another_tool_is_a_foreign_file() {
        for report in ["mine", r#"{"tool":"other 1","files":[{"key":"a"}]}"#, r#"{"files":[{"key":"a"}]}"#] {
            let (_temp, dir) = output(&[("streampack.json", report), ("a", "x")]);
            for key in ["streampack.json", "a"] {
                assert!(matches!(clear(&dir, &[key], false), Err(Error::Foreign(_))), "{report}: {key}");
            }
        }
    }

    #[test]
    fn with_force_only_what_is_in_the_way_goes() {
        let (_temp, dir) = output(&[("streampack.json", REPORT), ("a/b", "x"), ("a/c", "mine"), ("a/d", "mine")]);
        clear(&dir, &["a/b", "a/c"], true).expect("removable");
        let left = ["a/b", "a/c", "a/d"].map(|key| dir.size(key).expect("readable").is_some());
        assert_eq!(left, [true, false, true]);
    }

    #[test]
    fn a_directory_in_the_place_of_an_object_is_never_ours() {
        let (temp, dir) = output(&[("streampack.json", REPORT), ("a.m3u8/precious", "mine")]);
        assert!(matches!(clear(&dir, &["a.m3u8"], false), Err(Error::Foreign(_))));
        clear(&dir, &["a.m3u8"], true).expect_err("a directory is no file");
        assert!(temp.path().join("a.m3u8/precious").exists());
    }

    #[test]
    fn what_names_others_goes_before_them() {
        let (_temp, dir) = output(&[("streampack.json", REPORT), ("a.m3u8", "x"), ("a/b", "x")]);
        Owned::read(&dir).expect("readable").withdraw(&dir).expect("removable");
        let left = ["streampack.json", "a.m3u8", "a/b"].map(|key| dir.size(key).expect("readable").is_some());
        assert_eq!(left, [true, false, true]);
    }
}
