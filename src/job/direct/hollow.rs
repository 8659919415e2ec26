//! Files that stand for objects at the destination: as long as these, with their hash in front, and nothing else. They
//! take no room, and tell a run that goes on what is finished.

use std::fs::{self, File, FileTimes};
use std::io::{self, Read, Write};
use std::path::Path;
use std::time::{Duration, SystemTime};

/// What such a file begins with, before the hash.
const MAGIC: &str = "streampack: this object is at its destination ";
/// Length of a SHA-256 in hexadecimal.
const HASH: usize = 64;

/// When such a file was written, as it says itself: no other file of ours is of 1970.
const WRITTEN: SystemTime = SystemTime::UNIX_EPOCH;

/// Whether an object of this size can be stood for.
pub(super) fn fits(bytes: u64) -> bool {
    bytes >= (MAGIC.len() + HASH) as u64
}

/// Puts such a file in the place of whatever is at `path`.
pub(super) fn write(path: &Path, bytes: u64, sha256: &str) -> io::Result<()> {
    let beside = path.with_extension("hollow");
    let made = || {
        let mut file = File::create(&beside)?;
        file.write_all(format!("{MAGIC}{sha256}").as_bytes())?;
        file.set_len(bytes)?;
        file.set_times(FileTimes::new().set_modified(WRITTEN + Duration::from_secs(1)))?;
        file.sync_all()?;
        fs::rename(&beside, path)
    };
    made().inspect_err(|_| drop(fs::remove_file(&beside)))
}

/// The hash of the object that the file at `path` stands for; nothing when it is a file like others.
pub(super) fn sha256(path: &Path, bytes: u64) -> Option<String> {
    let written = fs::metadata(path).ok()?.modified().ok()?;
    if !fits(bytes) || written != WRITTEN + Duration::from_secs(1) {
        return None;
    }
    let mut head = [0; MAGIC.len() + HASH];
    File::open(path).ok()?.read_exact(&mut head).ok()?;
    std::str::from_utf8(&head).ok()?.strip_prefix(MAGIC).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    #[test]
    fn a_file_that_stands_for_an_object_is_as_long_and_knows_its_hash() {
        let temp = TempDir::new().expect("a temporary directory");
        let (path, hash) = (temp.path().join("segment_00002.m4s"), "ab".repeat(32));
        fs::write(&path, vec![7; 5000]).expect("writable");
        assert_eq!(sha256(&path, 5000), None);
        write(&path, 5000, &hash).expect("writable");
        assert_eq!(sha256(&path, 5000), Some(hash.clone()));
        assert_eq!(fs::metadata(&path).expect("there").len(), 5000);
        assert_eq!(fs::read_dir(temp.path()).expect("readable").count(), 1);
        // Written again, it is a file like others, whatever it holds.
        let copied = fs::read(&path).expect("readable");
        fs::write(&path, copied).expect("writable");
        assert_eq!(sha256(&path, 5000), None);
        assert!(!fits(20));
    }
}
