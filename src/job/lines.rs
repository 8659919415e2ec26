//! A file of lines of JSON that outlives its run: a line is durable once it was added, and one that was torn is never
//! continued.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use serde::Serialize;

use crate::output::Error;

/// The file of the present run; several threads may add to it.
#[derive(Debug)]
pub(super) struct Lines {
    path: PathBuf,
    tail: Mutex<Tail>,
}

/// The end of the file, behind the last whole line.
#[derive(Debug)]
struct Tail {
    file: File,
    bytes: u64,
}

/// The lines of a text that are whole.
pub(super) fn whole(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split_inclusive(|&byte| byte == b'\n').filter(|line| line.ends_with(b"\n"))
}

/// What an earlier run has left at `path`; nothing is an empty text.
pub(super) fn read(path: &Path) -> Result<Vec<u8>, Error> {
    match fs::read(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        read => read.map_err(|source| Error::Read { target: path.display().to_string(), source }),
    }
}

impl Lines {
    /// The file at `path`, cut after `bytes`.
    pub(super) fn at(path: PathBuf, bytes: u64) -> Result<Self, Error> {
        let open = || {
            let file = OpenOptions::new().append(true).create(true).open(&path)?;
            file.set_len(bytes)?;
            Ok(file)
        };
        let file = open().map_err(failed(&path))?;
        Ok(Self { path, tail: Mutex::new(Tail { file, bytes }) })
    }

    /// Adds lines; when this returns, they are durable.
    pub(super) fn add<L: Serialize>(&self, lines: impl IntoIterator<Item = L>) -> Result<(), Error> {
        let text = text_of(lines).map_err(failed(&self.path))?;
        // A thread that panicked in here left whole lines and at most a torn one behind `bytes`.
        let mut tail = self.tail.lock().unwrap_or_else(PoisonError::into_inner);
        tail.append(&text).map_err(failed(&self.path))
    }

    /// Begins the file anew with its first line and these. A run that is killed meanwhile leaves the one or the other.
    pub(super) fn restart<L: Serialize>(&self, lines: impl IntoIterator<Item = L>) -> Result<(), Error> {
        let mut tail = self.tail.lock().unwrap_or_else(PoisonError::into_inner);
        let begin = || {
            let mut text = whole(&fs::read(&self.path)?).next().unwrap_or_default().to_vec();
            text.extend(text_of(lines)?);
            let beside = self.path.with_extension("new");
            fs::write(&beside, &text)?;
            let file = OpenOptions::new().append(true).open(&beside)?;
            file.sync_data()?;
            fs::rename(&beside, &self.path)?;
            Ok(Tail { file, bytes: text.len() as u64 })
        };
        *tail = begin().map_err(failed(&self.path))?;
        Ok(())
    }
}

impl Tail {
    fn append(&mut self, text: &[u8]) -> io::Result<()> {
        let written = self.file.write_all(text).and_then(|()| self.file.sync_data());
        match written {
            Ok(()) => self.bytes += text.len() as u64,
            // On a full disk half a line may stand there; the next one must not continue it.
            Err(_) => self.file.set_len(self.bytes)?,
        }
        written
    }
}

fn text_of<L: Serialize>(lines: impl IntoIterator<Item = L>) -> io::Result<Vec<u8>> {
    let mut text = Vec::new();
    for line in lines {
        serde_json::to_writer(&mut text, &line)?;
        text.push(b'\n');
    }
    Ok(text)
}

fn failed(path: &Path) -> impl Fn(io::Error) -> Error + '_ {
    |source| Error::Io { target: path.display().to_string(), source }
}
