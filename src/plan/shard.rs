//! Runs of whole segments that are encoded on their own.

use serde::{Deserialize, Serialize};

use crate::media::SegmentNumber;

/// A run of whole segments that one worker encodes without knowing of the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shard {
    /// Position among the shards, counted from 0.
    pub index: usize,
    /// Its first segment.
    pub first: SegmentNumber,
    /// Its last segment.
    pub last: SegmentNumber,
}
