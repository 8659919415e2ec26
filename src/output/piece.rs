//! What an object is put together of.

use std::fs::File;
use std::io::{self, ErrorKind};
use std::os::unix::fs::FileExt;
use std::path::Path;

use super::Error;
use crate::media::Change;

/// So many bytes are changed at once, or those of one sample: the processor has them at hand until they are written.
const AT_ONCE: usize = 256 * 1024;

/// Bytes of an object.
#[derive(Clone, Debug)]
pub enum Piece<'a> {
    /// In memory.
    Bytes(&'a [u8]),
    /// A run of another file's.
    Run(Run<'a>),
    /// Runs that are changed on their way.
    Changed(ChangedRuns<'a>),
}

/// Samples of other files that are changed on their way.
#[derive(Clone, Debug)]
pub struct ChangedRuns<'a> {
    /// Each of them.
    pub runs: Vec<Run<'a>>,
    /// The number of the first in its fragment.
    pub first: usize,
    /// What becomes of them.
    pub change: &'a dyn Change,
}

impl ChangedRuns<'_> {
    /// Gives all bytes as they become, some at a time; `buffer` is where they are made.
    pub(super) fn each<E: From<Error>>(
        &self,
        buffer: &mut Vec<u8>,
        mut take: impl FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        let (mut first, mut left) = (self.first, self.runs.as_slice());
        while !left.is_empty() {
            let mut bytes = 0;
            let fits = left.iter().take_while(|run| {
                bytes += run.bytes;
                bytes <= AT_ONCE
            });
            let (now, later) = left.split_at(fits.count().max(1));
            let bytes = now.iter().map(|run| run.bytes).sum();
            if buffer.len() < bytes {
                buffer.resize(bytes, 0);
            }
            let mut rest = &mut buffer[..bytes];
            let mut samples = Vec::with_capacity(now.len());
            for run in now {
                let (sample, behind) = std::mem::take(&mut rest).split_at_mut(run.bytes);
                run.read(0, sample)?;
                samples.push(sample);
                rest = behind;
            }
            self.change.apply(first, &mut samples);
            take(&buffer[..bytes])?;
            (first, left) = (first + now.len(), later);
        }
        Ok(())
    }
}

/// A run of bytes of an open file.
#[derive(Clone, Copy, Debug)]
pub struct Run<'a> {
    /// The file.
    pub file: &'a File,
    /// Where it is, to speak of it.
    pub path: &'a Path,
    /// Its first byte.
    pub offset: u64,
    /// How many there are.
    pub bytes: usize,
}

impl Run<'_> {
    /// Reads the bytes from `from` of the run on into `buffer`, as far as they go.
    ///
    /// # Errors
    /// When the file does not have them any more.
    pub(super) fn read(&self, from: usize, buffer: &mut [u8]) -> Result<usize, Error> {
        let length = buffer.len().min(self.bytes - from);
        let read = self.file.read_exact_at(&mut buffer[..length], self.offset + from as u64);
        read.map_err(|error| self.unreadable(error))?;
        Ok(length)
    }

    /// Lets the kernel copy bytes from `from` of the run on to the end of `to`; nothing when it cannot. Says how many
    /// they were, fewer where the run is long.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    pub(super) fn copy(&self, from: usize, to: &File) -> Option<usize> {
        let mut offset = self.offset + from as u64;
        // What it refuses, also for want of room, is told by whoever then reads and writes.
        let copied = rustix::fs::copy_file_range(self.file, Some(&mut offset), to, None, self.bytes - from);
        copied.ok().filter(|copied| *copied > 0)
    }

    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    pub(super) fn copy(&self, _from: usize, _to: &File) -> Option<usize> {
        None
    }

    fn unreadable(&self, error: io::Error) -> Error {
        let target = self.path.display().to_string();
        if error.kind() == ErrorKind::UnexpectedEof {
            Error::Changed { target }
        } else {
            Error::Unreadable { target, source: error }
        }
    }
}

/// All pieces in one run.
pub(super) fn joined(pieces: &[Piece<'_>]) -> Result<Vec<u8>, Error> {
    let mut all = Vec::new();
    for piece in pieces {
        match piece {
            Piece::Bytes(bytes) => all.extend_from_slice(bytes),
            Piece::Run(run) => {
                let begin = all.len();
                all.resize(begin + run.bytes, 0);
                run.read(0, &mut all[begin..])?;
            }
            Piece::Changed(changed) => changed.each(&mut Vec::new(), |bytes| {
                all.extend_from_slice(bytes);
                Ok::<_, Error>(())
            })?,
        }
    }
    Ok(all)
}
