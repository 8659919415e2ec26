//! What a CMAF header says about its one track.

use serde::{Deserialize, Serialize};

use super::audio::ChannelLayout;
use super::codec::CodecString;
use super::color::ColorInfo;
use super::lang::Language;
use super::time::Timescale;
use super::video::Resolution;

/// The codec configuration record that a sample entry carries, and what it means.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum CodecConfig {
    /// AVCDecoderConfigurationRecord (ISO/IEC 14496-15:2022 § 5.3.3.1), the payload of `avcC`.
    Avc(Vec<u8>),
    /// AudioSpecificConfig (ISO/IEC 14496-3:2019 § 1.6.2.1), carried in `esds`.
    Aac(Vec<u8>),
}

/// Everything that is constant over a rendition and stands in its CMAF header.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrackConfig {
    /// Ticks per second of the track.
    pub timescale: Timescale,
    /// Language of the track.
    pub language: Language,
    /// The decoder's configuration.
    pub codec: CodecConfig,
    /// The codec string made from `codec`.
    pub codec_string: CodecString,
    /// What only pictures or only sound have.
    pub media: TrackMedia,
}

/// What only pictures or only sound have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TrackMedia {
    /// Pictures.
    Video(VideoTrack),
    /// Sound.
    Audio(AudioTrack),
}

/// Picture facts of a CMAF header.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VideoTrack {
    /// Size of the pictures; pixels are square.
    pub resolution: Resolution,
    /// Colour, as VUI and `colr` say it.
    pub color: ColorInfo,
}

/// Sound facts of a CMAF header.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AudioTrack {
    /// Samples per second and channel.
    pub sample_rate: u32,
    /// The channels.
    pub layout: ChannelLayout,
    /// PCM samples per coded frame (1024 for AAC-LC).
    pub frame_length: u32,
    /// PCM samples the decoder puts out before the first real one; the edit list skips them.
    pub priming: u32,
}
