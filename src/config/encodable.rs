//! What can be asked of an encode: fewer codecs than a rendition can hold.

use std::fmt;

use schemars::JsonSchema;
use serde::Serialize;

use crate::media::{AudioCodec, VideoCodec};

/// A video codec that can be encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum EncodableVideo {
    /// ITU-T H.264.
    H264,
}

impl EncodableVideo {
    /// All of them.
    pub const ALL: [Self; 1] = [Self::H264];

    /// The codec.
    pub const fn codec(self) -> VideoCodec {
        match self {
            Self::H264 => VideoCodec::H264,
        }
    }

    /// The name in flags, presets and rendition names.
    pub const fn name(self) -> &'static str {
        self.codec().name()
    }
}

impl fmt::Display for EncodableVideo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// An audio codec that can be encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum EncodableAudio {
    /// MPEG-4 AAC-LC.
    Aac,
    /// Dolby Digital.
    Ac3,
    /// Dolby Digital Plus.
    Eac3,
    /// Opus.
    Opus,
    /// FLAC, 16 bits deep.
    Flac,
}

impl EncodableAudio {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Aac, Self::Ac3, Self::Eac3, Self::Opus, Self::Flac];

    /// The codec.
    pub const fn codec(self) -> AudioCodec {
        match self {
            Self::Aac => AudioCodec::Aac,
            Self::Ac3 => AudioCodec::Ac3,
            Self::Eac3 => AudioCodec::Eac3,
            Self::Opus => AudioCodec::Opus,
            Self::Flac => AudioCodec::Flac,
        }
    }

    /// The name in flags, presets and rendition names.
    pub const fn name(self) -> &'static str {
        self.codec().name()
    }
}

impl fmt::Display for EncodableAudio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
