//! Samples in; CMAF headers, fragments and segments out, each as bytes and as facts about the bytes.

use serde::{Deserialize, Serialize};

use crate::media::{RenditionId, SegmentNumber, Span, Timestamp, TrackConfig};

/// One `moof`+`mdat` inside a segment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fragment {
    /// First byte of the `moof`, counted from the start of the segment.
    pub offset: u64,
    /// Bytes of `moof` and `mdat` together.
    pub bytes: u64,
    /// Bytes from the start of the `moof` to the end of the first sample, the key frame of video.
    pub key_bytes: u64,
    /// When it is presented (priming excluded).
    pub start: Timestamp,
    /// How long it is presented.
    pub duration: Span,
}

/// The facts of one segment that was made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Segment {
    /// The rendition it belongs to.
    pub rendition: RenditionId,
    /// Its number, from 1.
    pub number: SegmentNumber,
    /// When it is presented (priming excluded), in the track's timescale.
    pub start: Timestamp,
    /// How long it is presented (priming excluded), in the track's timescale.
    pub duration: Span,
    /// Its size, `styp` included.
    pub bytes: u64,
    /// Where it is stored: its own file, or a temporary one in single-file layout.
    pub key: String,
    /// Its fragments, in order; they fill the segment to its end.
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
