//! A local directory: an object is written beside, made durable and then renamed.

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use super::{Error, Output, Part, Piece, Stored, Workspace, check_key, piece};
use crate::cancel::CancelToken;

/// How the names of files that are still being written end.
const UNFINISHED: &str = "part";

/// A buffer with room for more than this is not kept: one sample was large.
const MOST_KEPT: usize = 4 * 1024 * 1024;

/// A directory of finished objects. What is not finished stays in a private directory inside it, so
/// that nobody ever sees half an object under its own name, and renaming never crosses file systems.
#[derive(Debug)]
pub struct Dir {
    root: PathBuf,
    work: PathBuf,
    writes: AtomicU64,
    /// An object is on the disk before it has its name.
    durable: bool,
    /// Where bytes are gathered, for whoever writes next.
    buffers: Mutex<Vec<Vec<u8>>>,
}

impl Dir {
    /// The directory `root`, made with its parents if need be, and the private directory `work` (one
    /// name) inside it. From here on a directory that is missing is an error: it was taken away.
    pub fn create(root: &Path, work: &str) -> Result<Self, Error> {
        check_key(work)?;
        let (work, writes, buffers) = (root.join(work), AtomicU64::new(0), Mutex::default());
        let dir = Self { root: root.to_owned(), work, writes, durable: true, buffers };
        fs::create_dir_all(root).map_err(failed(root))?;
        create_one(&dir.work).map_err(failed(&dir.work))?;
        Ok(dir)
    }

    /// The same, which does not wait for the disk: an object is whole when it has its name, and stands after a power
    /// failure once the system has written it. For what is made again faster than it is waited for.
    pub fn without_sync(self) -> Self {
        Self { durable: false, ..self }
    }

    /// The directory.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The private directory inside it.
    pub fn work(&self) -> &Path {
        &self.work
    }

    /// Lets the object `key` of the directory `of` stand here as well, as the same file. What stood here before is
    /// replaced.
    ///
    /// # Errors
    /// When the two are not in one file system, or it knows no links.
    pub fn link(&self, of: &Self, key: &str) -> Result<(), Error> {
        let (source, target) = (of.path(key)?, self.path(key)?);
        let number = self.writes.fetch_add(1, Ordering::Relaxed);
        let path = self.work.join(format!("{number}.{UNFINISHED}"));
        fs::hard_link(&source, &path).map_err(failed(&target))?;
        let linked = File::open(&path).map(|file| Unfinished { file, path, stays: false }).map_err(failed(&target))?;
        // Where the object is this file already, nothing is renamed, and the link goes like one that failed.
        self.rename(&linked, key, &target)
    }

    /// Removes files that a killed run was still writing. Only for the holder of the output's lock.
    pub fn sweep(&self) -> Result<(), Error> {
        for entry in walkdir::WalkDir::new(&self.work).min_depth(1).max_depth(1) {
            let entry = entry.map_err(|error| failed(&self.work)(error.into()))?;
            if entry.file_type().is_file() && entry.path().extension().is_some_and(|end| end == UNFINISHED) {
                fs::remove_file(entry.path()).map_err(failed(entry.path()))?;
            }
        }
        Ok(())
    }

    /// What stands under `key`, links not followed; nothing when there is nothing.
    pub fn kind(&self, key: &str) -> Result<Option<fs::FileType>, Error> {
        Ok(metadata(&self.path(key)?)?.map(|metadata| metadata.file_type()))
    }

    /// The path of an object. A link on the way would lead to files that are nobody's to replace or remove.
    fn path(&self, key: &str) -> Result<PathBuf, Error> {
        check_key(key)?;
        for (at, _) in key.match_indices('/') {
            let parent = self.root.join(&key[..at]);
            if metadata(&parent)?.is_some_and(|metadata| metadata.is_symlink()) {
                let why = "it is a symbolic link to elsewhere; put a directory in its place";
                return Err(failed(&parent)(io::Error::other(why)));
            }
        }
        Ok(self.root.join(key))
    }

    /// The object under `key`, to be read in parts.
    pub fn open(&self, key: &str) -> Result<File, Error> {
        let path = self.path(key)?;
        File::open(&path).map_err(unreadable(&path))
    }

    /// Stores a whole object without waiting for the disk. For what is replaced soon, and is made again where a power
    /// failure leaves nothing of it.
    pub fn put_for_now(&self, key: &str, body: &[u8]) -> Result<(), Error> {
        let target = self.path(key)?;
        self.publish(key, false, |file| file.write_all(body).map_err(failed(&target)))
    }

    /// Begins an object, which appears under `key` only when it is finished.
    pub fn start(&self, key: &str) -> Result<Writing<'_>, Error> {
        let target = self.path(key)?;
        let unfinished = self.begin(&target)?;
        Ok(Writing { dir: self, key: key.to_owned(), target, unfinished })
    }

    /// Lets `write` fill a new file, which appears under `key` only when it is complete, and durable where that is asked.
    fn publish<T>(
        &self,
        key: &str,
        durable: bool,
        write: impl FnOnce(&mut File) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let mut writing = self.start(key)?;
        let written = write(&mut writing.unfinished.file)?;
        writing.end(durable)?;
        Ok(written)
    }

    fn begin(&self, target: &Path) -> Result<Unfinished, Error> {
        let number = self.writes.fetch_add(1, Ordering::Relaxed);
        let path = self.work.join(format!("{number}.{UNFINISHED}"));
        match File::create(&path) {
            Ok(file) => Ok(Unfinished { file, path, stays: false }),
            // The private directory was there when we began. Without it, this is not our directory.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Err(Error::Vanished { target: target.display().to_string() })
            }
            Err(error) => Err(failed(target)(error)),
        }
    }

    fn rename(&self, unfinished: &Unfinished, key: &str, target: &Path) -> Result<(), Error> {
        let first = fs::rename(&unfinished.path, target);
        let renamed = match first {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                self.create_parents(key).and_then(|()| fs::rename(&unfinished.path, target))
            }
            Ok(()) | Err(_) => first,
        };
        match renamed {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Err(Error::Vanished { target: target.display().to_string() })
            }
            other => other.map_err(failed(target)),
        }
    }

    /// Makes the directories between the root and an object; never the root itself.
    fn create_parents(&self, key: &str) -> io::Result<()> {
        key.match_indices('/').try_for_each(|(at, _)| create_one(&self.root.join(&key[..at])))
    }
}

/// An object on its way into a directory. It goes when it is dropped before it is finished.
#[derive(Debug)]
pub struct Writing<'d> {
    dir: &'d Dir,
    key: String,
    target: PathBuf,
    unfinished: Unfinished,
}

impl Writing<'_> {
    /// Takes room for so many bytes, which are all that will be appended.
    pub fn reserve(&self, bytes: u64) -> Result<(), Error> {
        reserve(&self.unfinished.file, bytes).map_err(failed(&self.target))
    }

    /// Appends bytes.
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.unfinished.file.write_all(bytes).map_err(failed(&self.target))
    }

    /// Lets the object stand under its key; only then are the facts about it believed.
    pub fn finish<T>(self, facts: T) -> Result<Stored<T>, Error> {
        let durable = self.dir.durable;
        self.end(durable)?;
        Ok(Stored(facts))
    }

    fn end(self, durable: bool) -> Result<(), Error> {
        let Self { dir, key, target, mut unfinished } = self;
        // Data before name: after a power failure the name must not stand for an empty file.
        if durable {
            unfinished.file.sync_data().map_err(failed(&target))?;
        }
        dir.rename(&unfinished, &key, &target)?;
        unfinished.stays = true;
        Ok(())
    }
}

/// What is known of a path itself, links not followed; nothing when nothing is there.
fn metadata(path: &Path) -> Result<Option<fs::Metadata>, Error> {
    match fs::symlink_metadata(path) {
        Ok(metadata) => Ok(Some(metadata)),
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => Ok(None),
        Err(error) => Err(unreadable(path)(error)),
    }
}

/// Takes room for a new file of so many bytes, which stays as long as what was written: after a power failure a file must not
/// be whole by its size alone. File systems then have less to do for each write, keep the file in one piece, and say at once
/// when there is no room left; one that compresses may say so too early.
fn reserve(file: &File, bytes: u64) -> io::Result<()> {
    #[cfg(target_os = "linux")]
    {
        use rustix::fs::{FallocateFlags, fallocate};
        use rustix::io::Errno;
        /// Smaller ones are written as soon.
        const LEAST: u64 = 256 * 1024;
        if bytes >= LEAST
            && let Err(error @ (Errno::NOSPC | Errno::DQUOT | Errno::FBIG)) =
                fallocate(file, FallocateFlags::KEEP_SIZE, 0, bytes)
        {
            return Err(error.into());
        }
    }
    // Where it cannot be taken before, writes take it.
    let _ = (file, bytes);
    Ok(())
}

/// Makes one directory; one that is there is fine, anything else under its name is not.
fn create_one(path: &Path) -> io::Result<()> {
    match fs::create_dir(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && fs::symlink_metadata(path)?.is_dir() => Ok(()),
        other => other,
    }
}

fn failed(target: &Path) -> impl Fn(io::Error) -> Error + '_ {
    |source| Error::Io { target: target.display().to_string(), source }
}

fn unreadable(target: &Path) -> impl Fn(io::Error) -> Error + '_ {
    |source| Error::Read { target: target.display().to_string(), source }
}

/// A file without a final name; it goes when it is dropped before it was renamed.
#[derive(Debug)]
struct Unfinished {
    file: File,
    path: PathBuf,
    /// It was renamed.
    stays: bool,
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        if !self.stays {
            // When this fails, the next run sweeps.
            let _ = fs::remove_file(&self.path);
        }
    }
}

impl Output for Dir {
    fn put(&self, key: &str, body: &[u8]) -> Result<(), Error> {
        self.put_pieces(key, &[Piece::Bytes(body)])
    }

    fn put_pieces(&self, key: &str, pieces: &[Piece<'_>]) -> Result<(), Error> {
        let target = self.path(key)?;
        let buffers = || self.buffers.lock().unwrap_or_else(PoisonError::into_inner);
        let mut buffer = buffers().pop().unwrap_or_default();
        self.publish(key, self.durable, |file| {
            reserve(file, pieces.iter().map(|piece| piece.len() as u64).sum()).map_err(failed(&target))?;
            piece::each(pieces, &mut buffer, |bytes| file.write_all(bytes).map_err(failed(&target)))
        })?;
        if buffer.capacity() <= MOST_KEPT {
            buffers().push(buffer);
        }
        Ok(())
    }

    fn delete(&self, key: &str) -> Result<(), Error> {
        let target = self.path(key)?;
        match fs::remove_file(&target) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            other => other.map_err(failed(&target)),
        }
    }
}

impl Workspace for Dir {
    fn get(&self, key: &str) -> Result<Vec<u8>, Error> {
        let path = self.path(key)?;
        fs::read(&path).map_err(unreadable(&path))
    }

    fn size(&self, key: &str) -> Result<Option<u64>, Error> {
        let metadata = metadata(&self.path(key)?)?;
        Ok(metadata.filter(fs::Metadata::is_file).map(|metadata| metadata.len()))
    }

    fn concat(&self, key: &str, head: &[u8], parts: &[Part], cancel: &CancelToken) -> Result<u64, Error> {
        let target = self.path(key)?;
        self.publish(key, self.durable, |file| {
            file.write_all(head).map_err(failed(&target))?;
            let mut bytes = head.len() as u64;
            for part in parts {
                cancel.check()?;
                let path = self.path(&part.key)?;
                let mut from = File::open(&path).map_err(unreadable(&path))?;
                let Some((first, length)) = part.range else {
                    bytes += io::copy(&mut from, file).map_err(failed(&target))?;
                    continue;
                };
                from.seek(SeekFrom::Start(first)).map_err(unreadable(&path))?;
                let copied = io::copy(&mut from.take(length), file).map_err(failed(&target))?;
                if copied < length {
                    return Err(unreadable(&path)(io::ErrorKind::UnexpectedEof.into()));
                }
                bytes += copied;
            }
            Ok(bytes)
        })
    }
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    fn dir() -> (TempDir, Dir) {
        let temp = TempDir::new().expect("a temporary directory");
        let dir = Dir::create(&temp.path().join("deep/out"), ".work").expect("writable");
        (temp, dir)
    }

    #[test]
    fn a_directory_keeps_the_contract() {
        let (_temp, dir) = dir();
        crate::output::contract::check(&dir);
        assert_eq!(fs::read_dir(dir.work()).expect("exists").count(), 0, "nothing unfinished is left");
    }

    #[test]
    fn a_vanished_root_is_an_error_and_does_not_come_back() {
        let (_temp, dir) = dir();
        dir.put("a/b", b"x").expect("writable");
        fs::remove_dir_all(dir.root()).expect("removable");
        for key in ["a/b", "c"] {
            assert!(matches!(dir.put(key, b"x"), Err(Error::Vanished { .. })), "{key}");
        }
        assert!(!dir.root().exists());
    }

    #[test]
    fn another_directory_in_the_place_of_the_root_is_not_written_to() {
        let (_temp, dir) = dir();
        fs::remove_dir_all(dir.root()).expect("removable");
        fs::create_dir(dir.root()).expect("writable");
        let message = dir.put("a", b"x").expect_err("not the same directory").to_string();
        assert!(message.contains("out/a") && message.contains("moved or deleted"), "{message}");
        assert_eq!(fs::read_dir(dir.root()).expect("exists").count(), 0);
    }

    #[test]
    fn a_failed_write_leaves_the_old_object_and_nothing_else() {
        let (_temp, dir) = dir();
        dir.put("file", b"old").expect("writable");
        let message = dir.put("file/below", b"x").expect_err("a file is no directory").to_string();
        assert!(message.contains("file/below"), "{message}");
        let parts = ["file", "absent"].map(Part::whole);
        assert!(dir.concat("file", b"new", &parts, &CancelToken::default()).is_err());
        assert_eq!(dir.get("file").expect("stands"), b"old");
        assert_eq!(fs::read_dir(dir.work()).expect("exists").count(), 0);
    }

    #[test]
    fn sweeping_takes_what_a_killed_run_left_unfinished_and_nothing_else() {
        let (_temp, dir) = dir();
        for name in ["7.part", "journal.ndjson", "notes.txt"] {
            fs::write(dir.work().join(name), b"x").expect("writable");
        }
        dir.put(".work/parts/1.part", b"x").expect("writable");
        dir.sweep().expect("removable");
        let mut left: Vec<_> =
            fs::read_dir(dir.work()).expect("exists").map(|e| e.expect("readable").file_name()).collect();
        left.sort();
        assert_eq!(left, ["journal.ndjson", "notes.txt", "parts"]);
    }

    #[cfg(unix)]
    #[test]
    fn nothing_is_written_or_removed_behind_a_link() {
        let (temp, dir) = dir();
        let elsewhere = temp.path().join("elsewhere");
        fs::create_dir(&elsewhere).expect("writable");
        fs::write(elsewhere.join("theirs"), b"x").expect("writable");
        std::os::unix::fs::symlink(&elsewhere, dir.root().join("video")).expect("writable");
        let message = dir.put("video/ours", b"y").expect_err("it leads elsewhere").to_string();
        assert!(message.contains("symbolic link"), "{message}");
        assert!(dir.delete("video/theirs").is_err() && dir.put("video/theirs", b"y").is_err());
        assert_eq!(fs::read_dir(&elsewhere).expect("exists").count(), 1);
        assert_eq!(fs::read(elsewhere.join("theirs")).expect("stands"), b"x");
    }

    #[cfg(unix)]
    #[test]
    fn a_private_directory_that_leads_elsewhere_is_refused() {
        let temp = TempDir::new().expect("a temporary directory");
        std::os::unix::fs::symlink("/", temp.path().join(".work")).expect("writable");
        assert!(Dir::create(temp.path(), ".work").is_err());
    }
}
