//! Removing what an earlier run made and this one does not want.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::{Error, check_key};

/// What became of a list of keys.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Removed {
    /// Objects that were there and are gone.
    pub objects: u64,
    /// Keys that name something we cannot have made: outside the directory, behind a symbolic link, or
    /// no plain file. They were left alone.
    pub refused: Vec<String>,
}

/// Removes from the directory `root` the objects that `keys` lists and `keep` does not, and the
/// directories that become empty by it. Nothing else is touched. `keys` come in the order in which the
/// objects were stored and go in the opposite one: manifests first, so that at no time one names an
/// object that is gone.
pub fn remove_listed(root: &Path, keys: &[String], keep: &BTreeSet<String>) -> Result<Removed, Error> {
    let mut removed = Removed::default();
    let mut parents = BTreeSet::new();
    for key in keys.iter().rev().filter(|key| !keep.contains(*key)) {
        match remove_one(root, key)? {
            Found::Object => {
                removed.objects += 1;
                parents.extend(key.match_indices('/').map(|(at, _)| root.join(&key[..at])));
            }
            Found::Nothing => {}
            Found::Foreign => removed.refused.push(key.clone()),
        }
    }
    prune(&parents)?;
    Ok(removed)
}

/// What stood under a key.
enum Found {
    Object,
    Nothing,
    Foreign,
}

fn remove_one(root: &Path, key: &str) -> Result<Found, Error> {
    if check_key(key).is_err() {
        return Ok(Found::Foreign);
    }
    for (at, _) in key.match_indices('/') {
        match kind(&root.join(&key[..at]))? {
            Some(kind) if kind.is_dir() => {}
            Some(_) => return Ok(Found::Foreign),
            None => return Ok(Found::Nothing),
        }
    }
    let path = root.join(key);
    match kind(&path)? {
        Some(kind) if kind.is_file() => match fs::remove_file(&path) {
            Ok(()) => Ok(Found::Object),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Found::Nothing),
            Err(error) => Err(failed(&path, error)),
        },
        Some(_) => Ok(Found::Foreign),
        None => Ok(Found::Nothing),
    }
}

/// What a path itself is, links not followed.
fn kind(path: &Path) -> Result<Option<fs::FileType>, Error> {
    match fs::symlink_metadata(path) {
        Ok(metadata) => Ok(Some(metadata.file_type())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(Error::Read { target: path.display().to_string(), source }),
    }
}

/// Removes those of `directories` that are empty, the deepest first.
fn prune(directories: &BTreeSet<PathBuf>) -> Result<(), Error> {
    // A path sorts behind its parents.
    for directory in directories.iter().rev() {
        match fs::remove_dir(directory) {
            Err(error) if !matches!(error.kind(), io::ErrorKind::DirectoryNotEmpty | io::ErrorKind::NotFound) => {
                return Err(failed(directory, error));
            }
            Ok(()) | Err(_) => {}
        }
    }
    Ok(())
}

fn failed(path: &Path, source: io::Error) -> Error {
    Error::Io { target: path.display().to_string(), source }
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    fn tree(files: &[&str]) -> TempDir {
        let temp = TempDir::new().expect("a temporary directory");
        for file in files {
            let path = temp.path().join(file);
            fs::create_dir_all(path.parent().expect("inside the directory")).expect("writable");
            fs::write(path, file).expect("writable");
        }
        temp
    }

    fn files(root: &Path) -> Vec<String> {
        let relative =
            |entry: walkdir::DirEntry| entry.path().strip_prefix(root).expect("inside").display().to_string();
        walkdir::WalkDir::new(root)
            .min_depth(1)
            .sort_by_file_name()
            .into_iter()
            .map(|e| relative(e.expect("readable")))
            .collect()
    }

    fn keys(list: &[&str]) -> Vec<String> {
        list.iter().map(|&key| key.to_owned()).collect()
    }

    #[test]
    fn only_listed_objects_go_and_the_directories_they_leave_empty() {
        let temp = tree(&["video/1080p/init.mp4", "video/720p/init.mp4", "video/720p/mine.txt", "a.m3u8", "b.m3u8"]);
        fs::create_dir(temp.path().join("empty")).expect("writable");
        let listed = keys(&["video/1080p/init.mp4", "video/720p/init.mp4", "video/480p/init.mp4", "a.m3u8", "b.m3u8"]);
        let removed = remove_listed(temp.path(), &listed, &keys(&["b.m3u8"]).into_iter().collect()).expect("removable");
        assert_eq!(removed, Removed { objects: 3, refused: vec![] });
        assert_eq!(files(temp.path()), ["b.m3u8", "empty", "video", "video/720p", "video/720p/mine.txt"]);
    }

    #[test]
    fn the_directory_itself_stays() {
        let temp = tree(&["a"]);
        remove_listed(temp.path(), &keys(&["a"]), &BTreeSet::new()).expect("removable");
        assert!(temp.path().is_dir());
    }

    #[cfg(unix)]
    #[test]
    fn a_list_cannot_reach_out_of_the_directory() {
        let outside = tree(&["video/precious", "precious"]);
        let temp = tree(&["dir/file"]);
        let link = |from: &str, to: &Path| std::os::unix::fs::symlink(to, temp.path().join(from)).expect("writable");
        link("video", &outside.path().join("video"));
        link("link", &outside.path().join("precious"));
        let absolute = outside.path().join("precious").display().to_string();
        let upwards = format!("../{}/precious", outside.path().file_name().expect("has one").display());
        let listed = keys(&[&absolute, &upwards, "video/precious", "link", "dir", "dir/file/x", ""]);

        let removed = remove_listed(temp.path(), &listed, &BTreeSet::new()).expect("refusing is no error");

        assert_eq!(removed.objects, 0);
        assert_eq!(removed.refused.len(), listed.len());
        assert_eq!(files(outside.path()), ["precious", "video", "video/precious"]);
        assert_eq!(files(temp.path()), ["dir", "dir/file", "link", "video"]);
    }
}
