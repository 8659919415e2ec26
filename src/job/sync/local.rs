//! What is published of a directory: the objects that the reports of its sets list, and the reports.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use walkdir::{DirEntry, WalkDir};

use super::error::Error as Refused;
use crate::job::journal::Journal;
use crate::job::owner::{self, Listed};
use crate::job::{Error, lock};
use crate::output::object::hex;
use crate::output::{Error as OutputError, is_key};
use crate::plan::{delivery, names};

/// Bytes that are read at once to be hashed.
const PIECE: usize = 1 << 18;

/// A file that is published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::job) struct LocalFile {
    /// Its path below the directory, with `/`.
    pub(in crate::job) key: String,
    pub(in crate::job) path: PathBuf,
    pub(in crate::job) bytes: u64,
    /// Its key in its own set: the same, when there is one set.
    pub(in crate::job) within: String,
}

/// The files of a directory.
#[derive(Debug, Default, PartialEq, Eq)]
pub(in crate::job) struct LocalFiles {
    /// Those that are published, by key.
    pub(in crate::job) files: Vec<LocalFile>,
    /// Keys of those that no report lists.
    pub(in crate::job) others: Vec<String>,
}

/// The files of every set in `root`; with `all` every other file too, but for hidden ones. Fails when a set is being
/// written, was not finished, or lacks something.
pub(in crate::job) fn files(root: &Path, all: bool) -> Result<LocalFiles, Error> {
    let (sets, found) = walk(root, all)?;
    if sets.is_empty() {
        return Err(Refused::NoSet(root.to_owned()).into());
    }
    let mut files = BTreeMap::new();
    for (prefix, listed) in &sets {
        let report = Listed { key: names::REPORT.to_owned(), bytes: None };
        for Listed { key: within, bytes } in listed.iter().chain([&report]) {
            let (key, within) = (format!("{prefix}{within}"), within.clone());
            let path = root.join(&key);
            let size = is_key(&key).then(|| size(&path)).transpose()?.flatten();
            let size = size.filter(|size| bytes.is_none_or(|bytes| bytes == *size));
            let Some(bytes) = size else { return Err(Refused::Incomplete(path).into()) };
            files.insert(key.clone(), LocalFile { key, path, bytes, within });
        }
    }
    // The report of a batch stands beside its sets, and in a bucket a batch puts it there itself.
    let batch = root.join(names::BATCH_REPORT);
    if let Some(bytes) = size(&batch)?.filter(|_| fs::read(&batch).is_ok_and(|text| owner::is_signed(&text))) {
        let key = names::BATCH_REPORT.to_owned();
        files.insert(key.clone(), LocalFile { within: key.clone(), key, path: batch, bytes });
    }
    let mut others: BTreeSet<String> = found.into_iter().filter(|key| !files.contains_key(key)).collect();
    if all {
        for key in std::mem::take(&mut others) {
            let path = root.join(&key);
            let Some(bytes) = size(&path)? else { continue };
            let report = |report: &str| report.strip_suffix(names::REPORT).is_some_and(|set| sets.contains_key(set));
            let within = delivery::within(&key, report).to_owned();
            files.insert(key.clone(), LocalFile { key, path, bytes, within });
        }
    }
    Ok(LocalFiles { files: files.into_values().collect(), others: others.into_iter().collect() })
}

/// What each set lists, by the beginning of its keys; and the keys of all files that are not hidden. A file whose name
/// is no key is listed by no report: it is one of the others, unless those are to be published, too.
type Walked = (BTreeMap<String, Vec<Listed>>, Vec<String>);

fn walk(root: &Path, all: bool) -> Result<Walked, Error> {
    let (mut sets, mut found) = (BTreeMap::new(), Vec::new());
    let hidden = |entry: &DirEntry| entry.depth() > 0 && entry.file_name().to_string_lossy().starts_with('.');
    for entry in WalkDir::new(root).sort_by_file_name().into_iter().filter_entry(|entry| !hidden(entry)) {
        let entry = entry.map_err(|error| unreadable(root)(error.into()))?;
        if entry.file_type().is_dir() {
            check_finished(entry.path())?;
            continue;
        }
        let key = key(root, entry.path());
        let unnamed = || Refused::Name(entry.path().to_owned());
        if entry.file_name() == names::REPORT {
            let text = fs::read(entry.path()).map_err(unreadable(entry.path()))?;
            if let Some(listed) = owner::listed(&text) {
                let key = key.as_deref().ok_or_else(unnamed)?;
                sets.insert(key.trim_end_matches(names::REPORT).to_owned(), listed);
            }
        }
        match key {
            Some(key) => found.push(key),
            None if all => return Err(unnamed().into()),
            None => found.push(entry.path().strip_prefix(root).unwrap_or(entry.path()).display().to_string()),
        }
    }
    Ok((sets, found))
}

/// Fails when a run writes to the directory, or one that did was stopped.
fn check_finished(directory: &Path) -> Result<(), Error> {
    lock::check_free(directory)?;
    if Journal::stands_below(directory) { Err(Refused::Unfinished(directory.to_owned()).into()) } else { Ok(()) }
}

/// `path` below `root` with `/`; nothing when that is no key.
fn key(root: &Path, path: &Path) -> Option<String> {
    let parts = path.strip_prefix(root).ok()?.components().map(|part| part.as_os_str().to_str());
    let key = parts.collect::<Option<Vec<_>>>()?.join("/");
    is_key(&key).then_some(key)
}

/// The size of a plain file; nothing when there is none.
fn size(path: &Path) -> Result<Option<u64>, Error> {
    match fs::metadata(path) {
        Ok(metadata) => Ok(metadata.is_file().then_some(metadata.len())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(unreadable(path)(error).into()),
    }
}

/// The SHA-256 of a file in hexadecimal. Tells `read` how many more bytes were read.
pub(in crate::job) fn sha256(path: &Path, mut read: impl FnMut(u64) -> Result<(), Error>) -> Result<String, Error> {
    let mut file = File::open(path).map_err(unreadable(path))?;
    let (mut hash, mut piece) = (Sha256::new(), vec![0; PIECE]);
    loop {
        match file.read(&mut piece).map_err(unreadable(path))? {
            0 => return Ok(hex(&hash.finalize())),
            bytes => {
                hash.update(&piece[..bytes]);
                read(bytes as u64)?;
            }
        }
    }
}

fn unreadable(path: &Path) -> impl Fn(io::Error) -> OutputError + '_ {
    |source| OutputError::Unreadable { target: path.display().to_string(), source }
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    fn tree(files: &[(&str, &str)]) -> TempDir {
        let temp = TempDir::new().expect("a temporary directory");
        for (file, body) in files {
            let path = temp.path().join(file);
            fs::create_dir_all(path.parent().expect("inside the directory")).expect("writable");
            fs::write(path, body).expect("writable");
        }
        temp
    }

    const REPORT: &str = r#"{"tool":"streampack 1","files":[{"key":"master.m3u8","bytes":1}]}"#;

    fn keys(temp: &TempDir, all: bool) -> (Vec<String>, Vec<String>) {
        let found = files(temp.path(), all).expect("a set");
        (found.files.into_iter().map(|file| file.key).collect(), found.others)
    }

    #[test]
    fn what_reports_list_is_published_and_other_files_only_when_asked_for() {
        let temp = tree(&[
            ("streampack.json", REPORT),
            ("master.m3u8", "x"),
            ("notes.txt", "x"),
            ("deep/set/streampack.json", REPORT),
            ("deep/set/master.m3u8", "x"),
            (".hidden", "x"),
            (".git/x", "x"),
        ]);
        let set = ["deep/set/master.m3u8", "deep/set/streampack.json", "master.m3u8", "streampack.json"];
        assert_eq!(keys(&temp, false), (set.map(str::to_owned).to_vec(), vec!["notes.txt".to_owned()]));
        let (all, others) = keys(&temp, true);
        assert!(all.contains(&"notes.txt".to_owned()) && all.len() == 5 && others.is_empty(), "{all:?}");
    }

    #[test]
    fn what_is_no_finished_set_is_refused() {
        let refused = |files_: &[(&str, &str)]| {
            let temp = tree(files_);
            files(temp.path(), true).expect_err("no set").to_string()
        };
        assert!(refused(&[("master.m3u8", "x")]).contains("holds no finished set"));
        assert!(refused(&[("streampack.json", "{}")]).contains("holds no finished set"));
        assert!(refused(&[("streampack.json", REPORT)]).contains("master.m3u8 is not there"));
        assert!(
            refused(&[("streampack.json", REPORT), ("master.m3u8", "longer")]).contains("is not there in the size")
        );
        let outside = r#"{"tool":"streampack 1","files":[{"key":"../x","bytes":1}]}"#;
        assert!(refused(&[("a/streampack.json", outside), ("x", "1")]).contains("is not there"));
        let journal =
            refused(&[("streampack.json", REPORT), ("master.m3u8", "x"), ("b/.streampack/journal.ndjson", "")]);
        assert!(journal.contains("b is not finished"), "{journal}");
    }

    #[test]
    fn the_report_of_a_batch_goes_with_its_sets_when_it_is_ours() {
        let set = [("a/streampack.json", REPORT), ("a/master.m3u8", "x")];
        let temp = tree(&[set[0], set[1], ("streampack-batch.json", r#"{"tool":"streampack 1"}"#)]);
        let (found, others) = keys(&temp, false);
        assert!(found.contains(&"streampack-batch.json".to_owned()) && others.is_empty(), "{found:?} {others:?}");
        let temp = tree(&[set[0], set[1], ("streampack-batch.json", "{}")]);
        assert_eq!(keys(&temp, false).1, ["streampack-batch.json"]);
    }

    #[cfg(unix)]
    #[test]
    fn a_name_that_is_no_text_matters_only_where_it_is_to_be_published() {
        use std::ffi::OsStr;
        use std::os::unix::ffi::OsStrExt;
        let odd = OsStr::from_bytes(b"caf\xe9");
        let temp = tree(&[("streampack.json", REPORT), ("master.m3u8", "x")]);
        fs::write(temp.path().join(odd), "x").expect("writable");
        assert_eq!(keys(&temp, false).1, ["caf\u{fffd}"]);
        assert!(files(temp.path(), true).expect_err("no key").to_string().contains("not valid Unicode"));
        let temp = tree(&[("streampack.json", REPORT), ("master.m3u8", "x")]);
        fs::create_dir(temp.path().join(odd)).expect("writable");
        fs::write(temp.path().join(odd).join("streampack.json"), REPORT).expect("writable");
        assert!(files(temp.path(), false).is_err(), "a whole set cannot be published");
    }

    #[test]
    fn a_set_that_is_being_written_is_refused_and_nothing_is_made_in_it() {
        let temp = tree(&[("streampack.json", REPORT), ("master.m3u8", "x")]);
        files(temp.path(), false).expect("free");
        assert!(!temp.path().join(".streampack").exists());
        let _lock = lock::Lock::acquire(temp.path()).expect("free");
        assert!(matches!(files(temp.path(), false), Err(Error::Lock(lock::Error::Held { .. }))));
    }
}
