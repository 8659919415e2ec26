//! Codecs by name.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A video codec that a rendition can hold. What can be *encoded* is for `config` to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum VideoCodec {
    /// ITU-T H.264, ISO/IEC 14496-10.
    H264,
    /// ITU-T H.265, ISO/IEC 23008-2.
    Hevc,
    /// AOMedia Video 1.
    Av1,
    /// VP9.
    Vp9,
}

impl VideoCodec {
    /// Every codec.
    pub const ALL: [Self; 4] = [Self::H264, Self::Hevc, Self::Av1, Self::Vp9];

    /// The codec of this name, which FFmpeg gives it too.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|codec| codec.name() == name)
    }

    /// The name in flags, presets and rendition names.
    pub const fn name(self) -> &'static str {
        match self {
            Self::H264 => "h264",
            Self::Hevc => "hevc",
            Self::Av1 => "av1",
            Self::Vp9 => "vp9",
        }
    }
}

impl fmt::Display for VideoCodec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// An audio codec that a rendition can hold. What can be *encoded* is for `config` to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum AudioCodec {
    /// MPEG-4 AAC, ISO/IEC 14496-3.
    Aac,
    /// Dolby Digital, ETSI TS 102 366.
    Ac3,
    /// Dolby Digital Plus, ETSI TS 102 366 Annex E; Dolby Atmos by its joint object coding.
    Eac3,
    /// Opus, RFC 6716.
    Opus,
    /// FLAC, RFC 9639.
    Flac,
    /// MPEG-1 and MPEG-2 audio layer III, ISO/IEC 11172-3 and 13818-3.
    Mp3,
}

impl AudioCodec {
    /// Every codec.
    pub const ALL: [Self; 6] = [Self::Aac, Self::Ac3, Self::Eac3, Self::Opus, Self::Flac, Self::Mp3];

    /// The codec of this name, which FFmpeg gives it too.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|codec| codec.name() == name)
    }

    /// The name in flags, presets and rendition names.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Aac => "aac",
            Self::Ac3 => "ac3",
            Self::Eac3 => "eac3",
            Self::Opus => "opus",
            Self::Flac => "flac",
            Self::Mp3 => "mp3",
        }
    }
}

impl fmt::Display for AudioCodec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
