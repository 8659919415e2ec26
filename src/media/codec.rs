//! Codecs by name, and the codec strings of RFC 6381.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A video codec that streampack can write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum VideoCodec {
    /// ITU-T H.264, ISO/IEC 14496-10.
    H264,
}

impl VideoCodec {
    /// The name in flags, presets and rendition names.
    pub const fn name(self) -> &'static str {
        match self {
            Self::H264 => "h264",
        }
    }
}

impl fmt::Display for VideoCodec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// An audio codec that streampack can write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum AudioCodec {
    /// MPEG-4 AAC-LC, ISO/IEC 14496-3.
    Aac,
}

impl AudioCodec {
    /// The name in flags, presets and rendition names.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Aac => "aac",
        }
    }
}

impl fmt::Display for AudioCodec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The `codecs` value of RFC 6381, made from the real parameter sets.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CodecString(String);

impl CodecString {
    /// `avc1.PPCCLL` from profile, constraint flags and level of the SPS (RFC 6381 § 3.3).
    pub fn avc1(profile: u8, constraints: u8, level: u8) -> Self {
        Self(format!("avc1.{profile:02X}{constraints:02X}{level:02X}"))
    }

    /// `mp4a.40.N` from the audio object type of the AudioSpecificConfig.
    pub fn mp4a(audio_object_type: u8) -> Self {
        Self(format!("mp4a.40.{audio_object_type}"))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CodecString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
