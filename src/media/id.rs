//! Names and numbers that tell things apart.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Position of an elementary stream in its source, counted from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct TrackIndex(pub usize);

/// Number of a segment, counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct SegmentNumber(pub u64);

impl fmt::Display for SegmentNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The number of the cut of the programme at which a segment begins, counted from 1. It is that of the segment, but in a
/// track that begins late or has a gap.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CutNumber(pub u64);

impl CutNumber {
    /// Of a track that has a segment at each cut.
    pub const fn of(number: SegmentNumber) -> Self {
        Self(number.0)
    }
}

/// What a rendition carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum RenditionKind {
    /// Pictures.
    Video,
    /// Sound.
    Audio,
    /// Text.
    Text,
}

impl RenditionKind {
    /// The directory of this kind in the output.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Video => "video",
            Self::Audio => "audio",
            Self::Text => "subtitles",
        }
    }
}

/// The name of a rendition, unique in one output: `1080p_h264`, `en_aac_128k`.
/// It is a directory name and a DASH Representation@id, so only `[A-Za-z0-9._-]` occur.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct RenditionId {
    /// What it carries, which is its directory in the output.
    kind: RenditionKind,
    /// The name without that directory.
    name: String,
}

impl RenditionId {
    /// The rendition `name` of `kind`; characters that a path or an XML id cannot hold become `-`.
    pub fn new(kind: RenditionKind, name: &str) -> Self {
        let clean = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-') { c } else { '-' };
        Self { kind, name: name.chars().map(clean).collect() }
    }

    /// What the rendition carries.
    pub const fn kind(&self) -> RenditionKind {
        self.kind
    }

    /// The name without its directory.
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl fmt::Display for RenditionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.kind.name(), self.name)
    }
}
