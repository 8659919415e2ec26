//! Packets that are left where they lie in their file.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;

use crate::av::Error;
use crate::media::{Extent, Fronted, Payload};

/// A packet that was not read but for its front.
#[derive(Debug)]
pub struct Lying<'a> {
    /// Where it lies.
    pub extent: Extent,
    file: &'a File,
    path: &'a Path,
    head: Vec<u8>,
    whole: bool,
}

impl<'a> Lying<'a> {
    /// The packet at `extent` of the open `file` at `path`, of which `head` was read. It may be known that it is a sample as
    /// it is.
    pub(super) fn of(file: &'a File, path: &'a Path, extent: Extent, head: Vec<u8>, whole: bool) -> Self {
        Self { extent, file, path, head, whole }
    }

    /// Whether it is known to be a sample of `avc1` or `hvc1` as it is.
    pub fn is_whole(&self) -> bool {
        self.whole
    }

    /// Some bytes of it, from `at` on; nothing where it does not have them, or they cannot be read.
    pub fn peek<const BYTES: usize>(&self, at: usize) -> Option<[u8; BYTES]> {
        if let Some(bytes) = self.head.get(at..).and_then(|rest| rest.first_chunk()) {
            return Some(*bytes);
        }
        let mut bytes = [0; BYTES];
        let inside = at.checked_add(BYTES).is_some_and(|end| end <= self.extent.bytes);
        (inside && self.file.read_exact_at(&mut bytes, self.extent.offset + at as u64).is_ok()).then_some(bytes)
    }

    /// What was read of its front.
    pub fn front(&self) -> &[u8] {
        &self.head
    }

    /// As a sample has it.
    pub fn into_payload(self) -> Payload {
        Payload::There(Fronted { extent: self.extent, front: self.head })
    }

    /// All of it.
    pub fn read(&self) -> Result<Vec<u8>, Error> {
        let mut bytes = vec![0; self.extent.bytes];
        let read = self.file.read_exact_at(&mut bytes, self.extent.offset);
        read.map_err(|error| Error::Input { target: self.path.display().to_string(), why: error.to_string() })?;
        Ok(bytes)
    }
}
