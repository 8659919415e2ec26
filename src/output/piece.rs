//! What an object is put together of.

use std::fs::File;
use std::io::{self, ErrorKind};
use std::os::unix::fs::FileExt;
use std::path::Path;

use super::Error;

/// Bytes of an object.
#[derive(Clone, Copy, Debug)]
pub enum Piece<'a> {
    /// In memory.
    Bytes(&'a [u8]),
    /// A run of another file's.
    Run(Run<'a>),
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
        }
    }
    Ok(all)
}
