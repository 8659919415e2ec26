//! One run per output: a lock file in the work directory, held by the operating system. It goes with the
//! process that holds it, so a lock file left behind is no obstacle.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};

use crate::plan::names;

/// The lock could not be had.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Another run writes to the same output.
    #[error("{} is being written by another run{}; wait for it or choose another output", output.display(), by(*holder))]
    Held {
        /// The output directory.
        output: PathBuf,
        /// The process that holds the lock, when it has said so.
        holder: Option<u32>,
    },
    /// The operating system refused.
    #[error("cannot lock {}: {source}", path.display())]
    Io {
        /// The file or directory.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

fn by(holder: Option<u32>) -> String {
    holder.map_or_else(String::new, |pid| format!(" (process {pid})"))
}

/// Does `work` with the output locked. After it the work directory goes, unless `unfinished` says that
/// something is in it to go on with.
pub fn hold<T, E: From<Error>>(
    output: &Path,
    unfinished: impl FnOnce() -> bool,
    work: impl FnOnce() -> Result<T, E>,
) -> Result<T, E> {
    let lock = Lock::acquire(output)?;
    let result = work();
    if unfinished() {
        return result;
    }
    // What went wrong first is what is told.
    let finished = lock.finish();
    let result = result?;
    finished?;
    Ok(result)
}

/// Fails while a run writes to the directory `output`. Makes and changes nothing.
pub fn check_free(output: &Path) -> Result<(), Error> {
    let path = output.join(names::WORK).join("lock");
    let failed = |source| Error::Io { path: path.clone(), source };
    let mut file = match File::open(&path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(failed(error)),
    };
    match file.try_lock_shared() {
        Ok(()) => Ok(()),
        Err(TryLockError::WouldBlock) => Err(Error::Held { output: output.to_owned(), holder: holder(&mut file) }),
        Err(TryLockError::Error(source)) => Err(failed(source)),
    }
}

/// The right to write to an output, until it is dropped or the process ends.
#[derive(Debug)]
pub struct Lock {
    work: PathBuf,
    path: PathBuf,
    file: File,
}

impl Lock {
    /// Takes the lock of the directory `output` without waiting. The directory must exist.
    pub fn acquire(output: &Path) -> Result<Self, Error> {
        let work = output.join(names::WORK);
        let path = work.join("lock");
        let failed = |source| Error::Io { path: path.clone(), source };
        loop {
            let mut file = open(&work, &path).map_err(failed)?;
            match file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => {
                    return Err(Error::Held { output: output.to_owned(), holder: holder(&mut file) });
                }
                Err(TryLockError::Error(source)) => return Err(failed(source)),
            }
            // A run that finished between our opening and locking has removed the file: what we hold
            // is then a lock nobody else can see.
            if stands_at(&file, &path).map_err(failed)? {
                sign(&mut file).map_err(failed)?;
                return Ok(Self { work, path, file });
            }
        }
    }

    /// Ends a run that leaves nothing to go on with: removes the work directory and everything in it, and
    /// lets the lock go.
    pub fn finish(self) -> Result<(), Error> {
        let failed = |path: &Path| {
            let path = path.to_owned();
            move |source| Error::Io { path, source }
        };
        // When the output was moved away, another run may have begun in its place.
        if !stands_at(&self.file, &self.path).map_err(failed(&self.path))? {
            return Ok(());
        }
        for entry in fs::read_dir(&self.work).map_err(failed(&self.work))? {
            let entry = entry.map_err(failed(&self.work))?;
            let path = entry.path();
            if path != self.path {
                let directory = entry.file_type().map_err(failed(&path))?.is_dir();
                if directory { fs::remove_dir_all(&path) } else { fs::remove_file(&path) }.map_err(failed(&path))?;
            }
        }
        // The lock file goes last: up to here no other run can have put anything into the directory.
        fs::remove_file(&self.path).map_err(failed(&self.path))?;
        match fs::remove_dir(&self.work) {
            // The next run has already begun, or has even ended.
            Err(error) if matches!(error.kind(), io::ErrorKind::DirectoryNotEmpty | io::ErrorKind::NotFound) => Ok(()),
            other => other.map_err(failed(&self.work)),
        }
    }
}

/// Opens the lock file and makes the work directory for it. A run that finishes may remove the directory
/// in between.
fn open(work: &Path, path: &Path) -> io::Result<File> {
    loop {
        match fs::create_dir(work) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
            Ok(()) | Err(_) => {}
        }
        match OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path) {
            // A link that leads nowhere is there for ever.
            Err(error) if error.kind() == io::ErrorKind::NotFound && !work.is_symlink() => {}
            opened => return opened,
        }
    }
}

/// Whether `file` is what `path` names.
#[cfg(unix)]
fn stands_at(file: &File, path: &Path) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt;
    let held = file.metadata()?;
    match fs::metadata(path) {
        Ok(named) => Ok((named.dev(), named.ino()) == (held.dev(), held.ino())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// Whether `file` is what `path` names: always, where an open file cannot be removed.
#[cfg(not(unix))]
fn stands_at(_file: &File, _path: &Path) -> io::Result<bool> {
    Ok(true)
}

fn sign(file: &mut File) -> io::Result<()> {
    file.set_len(0)?;
    writeln!(file, "{}", std::process::id())
}

fn holder(file: &mut File) -> Option<u32> {
    let mut text = String::new();
    file.rewind().ok()?;
    file.take(32).read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    fn output() -> TempDir {
        TempDir::new().expect("a temporary directory")
    }

    #[test]
    fn a_second_run_is_refused_and_told_by_whom() {
        let output = output();
        let _first = Lock::acquire(output.path()).expect("free");
        let message = Lock::acquire(output.path()).expect_err("held").to_string();
        assert!(message.contains(&output.path().display().to_string()), "{message}");
        assert!(message.contains(&format!("process {}", std::process::id())), "{message}");
    }

    #[test]
    fn a_lock_left_by_a_dead_process_is_no_obstacle() {
        let output = output();
        fs::create_dir(output.path().join(names::WORK)).expect("writable");
        fs::write(output.path().join(names::WORK).join("lock"), "4000000000 and more\n").expect("writable");
        drop(Lock::acquire(output.path()).expect("nobody holds it"));
        let lock = Lock::acquire(output.path()).expect("let go");
        assert_eq!(fs::read_to_string(&lock.path).expect("readable"), format!("{}\n", std::process::id()));
    }

    #[test]
    fn finishing_removes_the_work_directory_and_frees_the_output() {
        let output = output();
        fs::write(output.path().join("master.m3u8"), "x").expect("writable");
        let lock = Lock::acquire(output.path()).expect("free");
        fs::create_dir_all(lock.work.join("parts/video")).expect("writable");
        fs::write(lock.work.join("parts/video/1"), "x").expect("writable");
        fs::write(lock.work.join("journal.ndjson"), "x").expect("writable");
        lock.finish().expect("removable");
        let left: Vec<_> =
            fs::read_dir(output.path()).expect("exists").map(|e| e.expect("readable").file_name()).collect();
        assert_eq!(left, ["master.m3u8"]);
        Lock::acquire(output.path()).expect("free again");
    }

    /// One thread finishes while the other begins: the directory is removed under the hands of the latter.
    #[test]
    fn a_run_may_begin_while_another_one_finishes() {
        let output = output();
        let again_and_again = || {
            for _ in 0..3000 {
                match Lock::acquire(output.path()) {
                    Ok(lock) => lock.finish().expect("removable"),
                    Err(Error::Held { .. }) => {}
                    Err(Error::Io { path, source }) => panic!("{}: {source}", path.display()),
                }
            }
        };
        std::thread::scope(|scope| (0..3).for_each(|_| drop(scope.spawn(again_and_again))));
    }

    #[cfg(unix)]
    #[test]
    fn a_work_directory_that_leads_nowhere_is_an_error() {
        let output = output();
        std::os::unix::fs::symlink("/nowhere/at/all", output.path().join(names::WORK)).expect("writable");
        assert!(matches!(Lock::acquire(output.path()), Err(Error::Io { .. })));
    }

    #[test]
    fn finishing_leaves_the_lock_of_another_run_alone() {
        let (output, gone) = (output(), TempDir::new().expect("a temporary directory"));
        let first = Lock::acquire(output.path()).expect("free");
        fs::rename(&first.work, gone.path().join("moved")).expect("movable");
        let other = Lock::acquire(output.path()).expect("free");
        first.finish().expect("nothing to remove");
        assert!(other.path.exists());
    }

    #[test]
    fn whatever_the_work_came_to_the_work_directory_goes_unless_something_is_unfinished() {
        let output = output();
        let work = output.path().join(names::WORK);
        hold::<(), Error>(output.path(), || false, || Ok(())).expect("free");
        assert!(!work.exists());
        let failed = || Err(Error::Held { output: output.path().to_owned(), holder: Some(7) });
        let error = hold::<(), _>(output.path(), || false, failed).expect_err("the work failed");
        assert!(error.to_string().contains("process 7") && !work.exists(), "{error}");
        hold::<(), _>(output.path(), || true, failed).expect_err("the work failed");
        assert!(work.exists());
    }

    #[test]
    fn a_file_that_lost_its_name_is_no_lock() {
        let output = output();
        let path = output.path().join("lock");
        let file = File::create(&path).expect("writable");
        assert!(stands_at(&file, &path).expect("readable"));
        fs::remove_file(&path).expect("removable");
        assert!(!stands_at(&file, &path).expect("readable"));
        fs::write(&path, "").expect("writable");
        assert!(!stands_at(&file, &path).expect("readable"));
    }

    #[test]
    fn an_output_that_is_not_there_cannot_be_locked() {
        let output = output();
        let message = Lock::acquire(&output.path().join("absent")).expect_err("not there").to_string();
        assert!(message.starts_with("cannot lock") && message.contains("absent"), "{message}");
    }
}
