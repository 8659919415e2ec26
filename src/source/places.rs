//! Where the packets of a file lie in it: those that stand there as they are can be read again without a demuxer.

use std::collections::BTreeMap;
use std::fs::{File, Metadata};
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use super::lying::Lying;
use super::packets::{AccessUnit, Coded};
use crate::av::Error;
use crate::av::demux::Packet;
use crate::av::streams::Container;
use crate::cancel::CancelToken;
use crate::media::{Extent, TrackIndex};

/// The container whose packets are runs of bytes of the file, by FFmpeg's name.
const WHOLE_PACKETS: &str = "mov,mp4,m4a,3gp,3g2,mj2";
/// So many packets of each track are held against the file before it is believed of the others.
const PROVEN: u64 = 8;
/// From so many bytes on a packet is not read where it need not be; smaller ones are read faster than they are looked at.
pub(super) const LARGE: u32 = 16 * 1024;

/// Where all packets of pictures and sound lie in a file, in its order.
#[derive(Clone, Debug, PartialEq)]
pub struct Places {
    version: Version,
    places: Vec<Place>,
}

/// Tells a file from what it was before somebody wrote to it or put another one in its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Version {
    device: u64,
    inode: u64,
    bytes: u64,
    /// Seconds and nanoseconds since 1970.
    modified: (i64, i64),
}

impl Version {
    fn of(metadata: &Metadata) -> Self {
        let modified = (metadata.mtime(), metadata.mtime_nsec());
        Self { device: metadata.dev(), inode: metadata.ino(), bytes: metadata.len(), modified }
    }
}

/// One packet; there are hundreds of thousands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Place {
    at_us: i64,
    offset: u64,
    bytes: u32,
    track: u16,
    key: bool,
}

impl Places {
    /// Reads packets of the file, of which all this was found, one after another.
    pub fn read<E: From<Error>>(
        &self,
        Reading { path, file, tracks, left }: Reading<'_>,
        cancel: &CancelToken,
        mut take: impl FnMut(AccessUnit<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let refuse = |error: io::Error| refuse(path, &error);
        let mut opened = Sequential { file: File::open(path).map_err(refuse)?, at: 0 };
        self.check_version(path, opened.file.metadata())?;
        let beside = opened.file.try_clone().map_err(refuse)?;
        for place in &self.places {
            let track = TrackIndex(place.track.into());
            if !tracks.contains(&track) {
                continue;
            }
            cancel.check().map_err(Error::from)?;
            let data = if place.bytes >= LARGE && left.contains(&track) {
                let extent = Extent { file, offset: place.offset, bytes: place.bytes as usize };
                Coded::There(Lying::of(&beside, path, extent).map_err(refuse)?)
            } else {
                Coded::Here(opened.read(place.offset, place.bytes).map_err(refuse)?.into())
            };
            take(AccessUnit { track, at_us: place.at_us, key: place.key, data })?;
        }
        Ok(())
    }

    /// Fails when the file at `path` is no longer the one of which all this was found.
    pub fn check(&self, path: &Path) -> Result<(), Error> {
        self.check_version(path, std::fs::metadata(path))
    }

    fn check_version(&self, path: &Path, found: io::Result<Metadata>) -> Result<(), Error> {
        match found {
            Ok(found) if Version::of(&found) == self.version => Ok(()),
            Ok(_) => Err(refuse(path, &"it has changed while it was read; run again")),
            Err(error) => Err(refuse(path, &error)),
        }
    }
}

fn refuse(path: &Path, why: &dyn std::fmt::Display) -> Error {
    Error::Input { target: path.display().to_string(), why: why.to_string() }
}

/// What is to be read of a file.
#[derive(Clone, Copy, Debug)]
pub struct Reading<'a> {
    /// Where it is.
    pub path: &'a Path,
    /// Its number among the inputs.
    pub file: usize,
    /// The tracks whose packets are wanted.
    pub tracks: &'a [TrackIndex],
    /// Those of them whose large packets are left where they lie.
    pub left: &'a [TrackIndex],
}

/// A file that is mostly read from front to back.
#[derive(Debug)]
struct Sequential {
    file: File,
    at: u64,
}

impl Sequential {
    fn read(&mut self, offset: u64, bytes: u32) -> io::Result<Vec<u8>> {
        if self.at != offset {
            self.file.seek(SeekFrom::Start(offset))?;
        }
        // Not `read_exact`, which wants memory that was filled before.
        let mut data = Vec::with_capacity(bytes as usize);
        if (&self.file).take(bytes.into()).read_to_end(&mut data)? < bytes as usize {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.at = offset + u64::from(bytes);
        Ok(data)
    }
}

/// Notes where packets lie while they go by, as long as that is certain.
#[derive(Debug)]
pub(super) struct Surveyor {
    file: Option<(Sequential, Version)>,
    proven: BTreeMap<TrackIndex, u64>,
    places: Vec<Place>,
}

impl Surveyor {
    /// Of the file at `path`; of most containers there is nothing to note.
    pub(super) fn of(path: &Path, container: &Container) -> Self {
        let opened = || {
            let file = File::open(path).ok()?;
            let version = Version::of(&file.metadata().ok()?);
            Some((Sequential { file, at: 0 }, version))
        };
        let file = (container.name == WHOLE_PACKETS).then(opened).flatten();
        Self { file, proven: BTreeMap::new(), places: Vec::new() }
    }

    /// Packets of all `tracks` were held against the file, which so far has each as it is.
    pub(super) fn is_proven(&self, tracks: &[TrackIndex]) -> bool {
        let proven = |track| self.proven.get(track).is_some_and(|packets| *packets >= PROVEN);
        self.file.is_some() && tracks.iter().all(proven)
    }

    /// Takes the next packet, with its time mended.
    pub(super) fn see(&mut self, packet: &Packet) {
        let Some(unit) = AccessUnit::of(packet) else { return };
        match self.place(packet, &unit) {
            Some(place) => self.places.push(place),
            None => (self.file, self.places) = (None, Vec::new()),
        }
    }

    fn place(&mut self, packet: &Packet, unit: &AccessUnit<'_>) -> Option<Place> {
        let (file, _) = self.file.as_mut()?;
        let offset = packet.offset()?;
        let bytes = u32::try_from(packet.bytes()).ok()?;
        let proven = self.proven.entry(unit.track).or_default();
        if *proven < PROVEN {
            file.read(offset, bytes).ok().filter(|read| read == packet.data())?;
            *proven += 1;
        }
        let track = u16::try_from(unit.track.0).ok()?;
        Some(Place { at_us: unit.at_us, offset, bytes, track, key: unit.key })
    }

    /// Where they all lie, when that is certain.
    pub(super) fn finish(self) -> Option<Places> {
        self.file.map(|(_, version)| Places { version, places: self.places })
    }
}
