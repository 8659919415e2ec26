//! Samples in; CMAF headers, fragments and segments out, each as bytes and as facts about the bytes.

mod draft;
mod flat;
mod packager;
mod segmenter;
mod single;
pub mod text;
mod told;
mod verify;

use serde::{Deserialize, Serialize};

use crate::bmff;
use crate::bmff::HeaderProtection;
pub use crate::bmff::system_header;
use crate::crypt::{self, Encryptor, KeySignal, SegmentSignal, Signal};
use crate::media::{Body, CutNumber, FrameRate, RenditionId, SegmentNumber, Span, Timestamp, TrackConfig};
use crate::plan::{Layout, names};
pub use draft::Draft;
pub use flat::{Flat, FlatRendition, Piece, flat};
pub use packager::{Messages, Packager, Zero};
pub use segmenter::{OffGrid, Place, Segmenter};
pub use single::single_file;
pub use text::Page;
pub use told::Cut;
pub use verify::{Mismatch, verify};

/// One `moof`+`mdat` inside a segment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fragment {
    /// First byte of the `moof`, counted from the start of the segment.
    pub offset: u64,
    /// Bytes of `moof` and `mdat` together; of all of them, and what is between, where it is in chunks.
    pub bytes: u64,
    /// Bytes from the start of the `moof` to the end of the first sample, the key frame of video.
    pub key_bytes: u64,
    /// When it is presented (priming excluded).
    pub start: Timestamp,
    /// How long it is presented.
    pub duration: Span,
    /// Its GOP is open: pictures are shown before the key frame, which need the fragment before.
    #[serde(default)]
    pub open: bool,
}

/// The facts of one segment that was made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Segment {
    /// The rendition it belongs to.
    pub rendition: RenditionId,
    /// Its number, from 1.
    pub number: SegmentNumber,
    /// Where it begins among the cuts of the programme, by which keys change.
    pub cut: CutNumber,
    /// When it is presented (priming excluded), in the track's timescale.
    pub start: Timestamp,
    /// How long it is presented (priming excluded), in the track's timescale.
    pub duration: Span,
    /// Its size, `styp` included.
    pub bytes: u64,
    /// Where it is stored: its own file, or a temporary one in single-file layout.
    pub key: String,
    /// Its fragments, in order; they fill the segment to its end, but for messages in front of them.
    pub fragments: Vec<Fragment>,
}

/// The facts of one CMAF header (`ftyp` + `moov`) that was made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct InitSegment {
    /// The rendition it belongs to.
    pub rendition: RenditionId,
    /// Where it is stored.
    pub key: String,
    /// Its size.
    pub bytes: u64,
    /// What it says.
    pub track: TrackConfig,
    /// How its samples are protected; nothing when they are clear.
    #[serde(default)]
    pub protection: Option<Signal>,
    /// How its segments are encrypted as a whole; nothing when they are not.
    #[serde(default)]
    pub segment_keys: Option<SegmentSignal>,
}

/// Where the parts of a single-file rendition lie.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SingleFile {
    /// Where it is stored.
    pub key: String,
    /// Bytes of the CMAF header, from offset 0.
    pub init_bytes: u64,
    /// Bytes of the `sidx` that follows the header.
    pub index_bytes: u64,
    /// First byte of each segment, in order.
    pub segment_offsets: Vec<u64>,
    /// Size of the file.
    pub bytes: u64,
}

/// A segment that was made: its bytes and the facts about them.
#[derive(Clone, Debug, PartialEq)]
pub struct Packaged {
    /// The facts.
    pub facts: Segment,
    /// The bytes.
    pub body: Body,
}

/// One `moof` and `mdat` of a segment that is still made.
#[derive(Clone, Debug, PartialEq)]
pub struct Chunk {
    /// The rendition it belongs to.
    pub rendition: RenditionId,
    /// The segment it is a part of.
    pub segment: SegmentNumber,
    /// Its position in that, counted from 0.
    pub index: u64,
    /// When it is presented.
    pub start: Timestamp,
    /// How long.
    pub duration: Span,
    /// Decoding may begin with it.
    pub sync: bool,
    /// The segment ends with it.
    pub last: bool,
    /// The bytes; those of all chunks of a segment are the segment.
    pub body: Vec<u8>,
}

/// The CMAF header of rendition `id`, as facts and as bytes; `rate` is the frame rate of pictures, `encryptor` what
/// encrypts it. The header itself stays clear.
pub fn init(
    id: &RenditionId,
    track: &TrackConfig,
    rate: FrameRate,
    layout: Layout,
    encryptor: Option<&Encryptor>,
) -> Result<(InitSegment, Vec<u8>), Error> {
    let (protection, segment_keys) = match encryptor {
        None => (None, None),
        Some(Encryptor::Samples(samples)) => (Some(samples.signal()), None),
        Some(Encryptor::Segments(segments)) => (None, Some(segments.signal())),
    };
    let boxes = |source| Error::Boxes { rendition: id.clone(), source };
    let body = bmff::cmaf_header(track, rate, &header_protection(protection)).map_err(boxes)?;
    let facts = InitSegment {
        rendition: id.clone(),
        key: key(layout, names::init(id)),
        bytes: body.len() as u64,
        track: track.clone(),
        protection: protection.cloned(),
        segment_keys: segment_keys.cloned(),
    };
    Ok((facts, body))
}

/// Says in a header that ID3 tags stand in front of its fragments (AOM, "Carriage of ID3 Timed Metadata in CMAF" § 2.3).
pub fn announce_messages(init: &mut InitSegment, header: &mut Vec<u8>) {
    bmff::add_brand(header, *b"aid3");
    init.bytes = header.len() as u64;
}

/// What a header says of the protection of its samples.
fn header_protection(signal: Option<&Signal>) -> HeaderProtection {
    signal.map_or(HeaderProtection::default(), |signal| HeaderProtection {
        default: Some(signal.first().protection),
        clear_entry: signal.schedule.clear > 0,
        system_headers: system_headers(signal.first()),
    })
}

/// Every `pssh` of a key.
fn system_headers(key: &KeySignal) -> Vec<Vec<u8>> {
    let header = |(system, keys, data): ([u8; 16], Vec<[u8; 16]>, &[u8])| bmff::system_header(&system, &keys, data);
    key.headers().into_iter().map(header).collect()
}

/// Where a header or segment is stored that is called `name` when it is a file of its own. In
/// single-file layout it waits in the work directory until the file is put together.
pub fn key(layout: Layout, name: String) -> String {
    match layout {
        Layout::SegmentFiles => name,
        Layout::SingleFile => format!("{}/{name}", names::WORK),
    }
}

/// Samples that cannot be packaged: the encoder or the plan broke a promise.
#[derive(Debug, thiserror::Error, PartialEq)]
#[non_exhaustive]
pub enum Error {
    /// A time does not lie on the grid.
    #[error("cannot package {rendition}: {source}")]
    OffGrid {
        /// The rendition.
        rendition: RenditionId,
        /// Why.
        source: OffGrid,
    },
    /// A sample lasts for no time, or is counted in a foreign timescale.
    #[error("cannot package {rendition}: the sample at {at} has no duration in the timescale of its track")]
    Duration {
        /// The rendition.
        rendition: RenditionId,
        /// Decode time of the sample.
        at: Timestamp,
    },
    /// A sample does not start where the one before it ends.
    #[error("cannot package {rendition}: a sample is decoded at tick {found} where {expected} comes next")]
    Gap {
        /// The rendition.
        rendition: RenditionId,
        /// Where the sample before it ends, in ticks.
        expected: i64,
        /// Where it starts, in ticks.
        found: i64,
    },
    /// Bytes are wanted in memory that were left in a file.
    #[error("cannot package {rendition}: its media was not read; this is a fault of streampack, please report it")]
    Elsewhere {
        /// The rendition.
        rendition: RenditionId,
    },
    /// A fragment starts with a sample at which no decoder can start.
    #[error("cannot package {rendition}: the fragment at {at} starts without a key frame")]
    NotSync {
        /// The rendition.
        rendition: RenditionId,
        /// Decode time of the sample.
        at: Timestamp,
    },
    /// A sample is shown outside of its fragment, or the first one later than it is decoded.
    #[error(
        "cannot package {rendition}: the sample decoded at {at} is shown {offset} ticks later, which          leaves the closed fragment at {fragment} or its first place"
    )]
    Composition {
        /// The rendition.
        rendition: RenditionId,
        /// Decode time of the sample.
        at: Timestamp,
        /// Decode time of the fragment.
        fragment: Timestamp,
        /// Composition offset of the sample, in ticks.
        offset: i32,
    },
    /// A sample belongs to another segment or fragment than the one that comes next.
    #[error("cannot package {rendition}: the sample at {at} does not belong where segment {segment} goes on")]
    Misplaced {
        /// The rendition.
        rendition: RenditionId,
        /// The segment that is filled or comes next.
        segment: SegmentNumber,
        /// Decode time of the sample.
        at: Timestamp,
    },
    /// The samples end inside of a segment that is not the last.
    #[error("cannot package {rendition}: the samples end inside of segment {segment}, before the planned end")]
    EndedEarly {
        /// The rendition.
        rendition: RenditionId,
        /// The segment that was being filled.
        segment: SegmentNumber,
    },
    /// A segment is missing, or out of its place, in a single file.
    #[error("cannot put {rendition} together: segment {found} stands where segment {expected} belongs")]
    Order {
        /// The rendition.
        rendition: RenditionId,
        /// The segment that belongs here.
        expected: SegmentNumber,
        /// The segment that stands here.
        found: SegmentNumber,
    },
    /// The samples cannot be encrypted.
    #[error("cannot encrypt {rendition}: {source}")]
    Crypt {
        /// The rendition.
        rendition: RenditionId,
        /// Why.
        source: crypt::Error,
    },
    /// Something that no box can say.
    #[error("cannot package {rendition}: {source}")]
    Boxes {
        /// The rendition.
        rendition: RenditionId,
        /// Why.
        source: bmff::Error,
    },
}

#[cfg(test)]
mod tests;
