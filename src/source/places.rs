//! Where the packets of a file lie in it: those that stand there as they are can be read again without a demuxer.

use std::collections::BTreeMap;
use std::fs::{File, Metadata};
use std::io;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::Path;

use super::lying::Lying;
use super::packets::{AccessUnit, Coded};
use crate::av::Error;
use crate::av::demux::{self, Packet};
use crate::av::streams::{Container, Stream};
use crate::cancel::CancelToken;
use crate::codec::is_sample;
use crate::media::{Extent, TrackIndex, VideoCodec};

/// The container whose packets are runs of bytes of the file, by FFmpeg's name.
const WHOLE_PACKETS: &str = "mov,mp4,m4a,3gp,3g2,mj2";
/// So many packets of each track are held against the file before it is believed of the others.
const PROVEN: u64 = 8;
/// What lies so near behind is read with what is wanted, up to so many bytes at once: a call takes longer than they do.
const GAP: u64 = 4 * 1024;
const AT_ONCE: u64 = 256 * 1024;
/// So much of the front of each packet the demuxer reads for certain.
const READ: usize = demux::READ;
/// What is read of the front of a packet that is left: its headers, and the messages before its pictures.
const HEAD: u32 = 1024;
/// From so many bytes on a packet is not read where it need not be: to hold a smaller one costs less than to read it again.
pub(super) const LARGE: u32 = 2 * 1024;

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
    /// It is a sample as it is, by its front.
    whole: bool,
}

impl Places {
    /// Reads packets of the file, of which all this was found, one after another.
    pub fn read<E: From<Error>>(
        &self,
        Reading { path, file, tracks, left, fronts }: Reading<'_>,
        cancel: &CancelToken,
        mut take: impl FnMut(AccessUnit<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let refuse = |error: io::Error| refuse(path, &error);
        let opened = File::open(path).map_err(refuse)?;
        self.check_version(path, opened.metadata())?;
        let mut ahead = Ahead { file: &opened, offset: 0, bytes: Vec::new() };
        let is_left = |place: &Place| place.bytes >= LARGE && left.contains(&place.track());
        let head = |place: &Place| if fronts || !place.whole { place.bytes.min(HEAD) } else { 0 };
        // Of what is left no more than its front is read.
        let span = |place: &Place| Span {
            offset: place.offset,
            bytes: if is_left(place) { head(place) } else { place.bytes },
        };
        let mut wanted = self.places.iter().filter(|place| tracks.contains(&place.track()));
        while let Some(place) = wanted.next() {
            cancel.check().map_err(Error::from)?;
            let read = ahead.read(span(place), wanted.clone().map(span)).map_err(refuse)?;
            let data = if is_left(place) {
                let extent = Extent { file, offset: place.offset, bytes: place.bytes as usize };
                Coded::There(Lying::of(&opened, path, extent, read.to_vec(), place.whole))
            } else {
                Coded::Here(read.into())
            };
            take(AccessUnit { track: place.track(), at_us: place.at_us, key: place.key, data })?;
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
    /// The fronts of all that is left are wanted, and not only of what may be no sample as it is.
    pub fronts: bool,
}

impl Place {
    fn track(&self) -> TrackIndex {
        TrackIndex(self.track.into())
    }
}

/// A run of bytes of a file.
#[derive(Clone, Copy, Debug)]
struct Span {
    offset: u64,
    bytes: u32,
}

impl Span {
    fn end(self) -> u64 {
        self.offset + u64::from(self.bytes)
    }
}

/// What was read of a file, for packets that lie near each other.
#[derive(Debug)]
struct Ahead<'a> {
    file: &'a File,
    /// Where it lies in the file.
    offset: u64,
    bytes: Vec<u8>,
}

impl Ahead<'_> {
    /// The bytes of `span`. When they were not read yet, those of `soon` that lie near behind them are, too.
    fn read(&mut self, span: Span, soon: impl Iterator<Item = Span>) -> io::Result<&[u8]> {
        let last = self.offset + self.bytes.len() as u64;
        if span.offset < self.offset || span.end() > last {
            let mut end = span.end();
            for next in soon {
                if !(end..=end + GAP).contains(&next.offset) || next.end() - span.offset > AT_ONCE {
                    break;
                }
                end = next.end();
            }
            self.bytes.resize((end - span.offset) as usize, 0);
            self.offset = span.offset;
            self.file.read_exact_at(&mut self.bytes, span.offset)?;
        }
        let from = (span.offset - self.offset) as usize;
        Ok(&self.bytes[from..from + span.bytes as usize])
    }
}

/// The codec of pictures whose NAL units are behind lengths of four bytes, as the configuration record says it.
pub(super) fn units(stream: &Stream) -> Option<VideoCodec> {
    // AVCDecoderConfigurationRecord and HEVCDecoderConfigurationRecord begin with their version, 1.
    let four = |at: usize| stream.config.first() == Some(&1) && stream.config.get(at).is_some_and(|b| b & 3 == 3);
    match stream.codec.as_str() {
        "h264" if four(4) => Some(VideoCodec::H264),
        "hevc" if four(21) => Some(VideoCodec::Hevc),
        _ => None,
    }
}

/// Whether a picture of so many `bytes` is a sample as it is, by what was `read` of it: behind its front a demuxer that skims
/// gives zeros.
fn is_whole(codec: VideoCodec, read: &[u8], bytes: usize) -> bool {
    is_sample(codec, read.get(..READ).unwrap_or(read), bytes)
}

/// Notes where packets lie while they go by, as long as that is certain.
#[derive(Debug)]
pub(super) struct Surveyor {
    file: Option<(File, Version)>,
    /// The tracks of pictures whose NAL units are behind lengths of four bytes.
    units: BTreeMap<TrackIndex, VideoCodec>,
    proven: BTreeMap<TrackIndex, u64>,
    places: Vec<Place>,
}

impl Surveyor {
    /// Of the file at `path`; of most containers there is nothing to note.
    pub(super) fn of(path: &Path, container: &Container) -> Self {
        let opened = || {
            let file = File::open(path).ok()?;
            let version = Version::of(&file.metadata().ok()?);
            Some((file, version))
        };
        let file = (container.name == WHOLE_PACKETS).then(opened).flatten();
        let units = container.streams.iter().filter_map(|stream| Some((stream.track, units(stream)?))).collect();
        Self { file, units, proven: BTreeMap::new(), places: Vec::new() }
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
            let mut read = vec![0; packet.bytes()];
            file.read_exact_at(&mut read, offset).ok().filter(|()| read == packet.data())?;
            *proven += 1;
        }
        let of_units = self.units.get(&unit.track);
        let whole = of_units.is_some_and(|codec| is_whole(*codec, packet.data(), packet.bytes()));
        let track = u16::try_from(unit.track.0).ok()?;
        Some(Place { at_us: unit.at_us, offset, bytes, track, key: unit.key, whole })
    }

    /// Where they all lie, when that is certain.
    pub(super) fn finish(self) -> Option<Places> {
        self.file.map(|(_, version)| Places { version, places: self.places })
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn of_a_picture_that_was_skimmed_nothing_behind_its_front_counts() {
        let unit = |header: u8, bytes: usize| [&(bytes as u32).to_be_bytes()[..], &vec![header; bytes]].concat();
        let told = |first: usize, header: u8| {
            let picture = [unit(0x41, first), unit(header, 30_000)].concat();
            let mut skimmed = vec![0; picture.len()];
            skimmed[..READ].copy_from_slice(&picture[..READ]);
            // As much as lies before the header of the second unit may have been read with another packet.
            skimmed[..first + 8].copy_from_slice(&picture[..first + 8]);
            is_whole(VideoCodec::H264, &skimmed, picture.len())
        };
        const FILLER: u8 = 12;
        assert!(told(READ - 20, 0x41), "both begin in the front");
        for first in READ - 20..READ + 20 {
            assert!(!told(first, FILLER), "{first}");
        }
    }

    #[test]
    fn packets_come_as_they_lie_however_far_apart() {
        let all: Vec<u8> = (0..3 * AT_ONCE).map(|at| (at / 3) as u8).collect();
        let mut file = tempfile::tempfile().expect("room");
        file.write_all(&all).expect("room");
        let span = |(offset, bytes): &(u64, u32)| Span { offset: *offset, bytes: *bytes };
        let spans: Vec<Span> = [
            (0, 9),
            (9, 0),
            (9, 100),
            // As far as is read at once, and a byte more.
            (109 + GAP, 5),
            (115 + 2 * GAP, 5),
            // Before it, within it, over its end, and long ones.
            (3, 7),
            (5, 2),
            (9, 4000),
            (100_000, 9),
            (100_009, AT_ONCE as u32),
            (100_009 + AT_ONCE, 1),
        ]
        .iter()
        .map(span)
        .collect();
        let mut ahead = Ahead { file: &file, offset: 0, bytes: Vec::new() };
        for (at, span) in spans.iter().enumerate() {
            let read = ahead.read(*span, spans[at + 1..].iter().copied()).expect("they are there");
            assert!(read == &all[span.offset as usize..span.end() as usize], "{span:?}");
        }
        assert!(ahead.read(span(&(3 * AT_ONCE - 1, 2)), [].into_iter()).is_err());
    }
}
