//! What a CMAF header says about its one track.

use serde::{Deserialize, Serialize};

use super::audio::ChannelLayout;
use super::codec_string::CodecString;
use super::color::ColorInfo;
use super::hdr::HdrMetadata;
use super::lang::Language;
use super::loudness::Loudness;
use super::time::Timescale;
use super::video::{PixelAspect, Resolution};

/// The codec configuration record that a sample entry carries, and what it means.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum CodecConfig {
    /// AVCDecoderConfigurationRecord (ISO/IEC 14496-15:2022 § 5.3.3.1), the payload of `avcC`.
    Avc(Vec<u8>),
    /// HEVCDecoderConfigurationRecord (ISO/IEC 14496-15:2022 § 8.3.3.1), the payload of `hvcC`.
    Hevc(Vec<u8>),
    /// AV1CodecConfigurationRecord (AV1-ISOBMFF § 2.3), the payload of `av1C`.
    Av1(Vec<u8>),
    /// VPCodecConfigurationRecord (VP Codec ISO Media File Format Binding), the payload of `vpcC` behind
    /// version and flags.
    Vp9(Vec<u8>),
    /// AudioSpecificConfig (ISO/IEC 14496-3:2019 § 1.6.2.1), carried in `esds`.
    Aac(Vec<u8>),
    /// AC3SpecificBox (ETSI TS 102 366 § F.4), the payload of `dac3`.
    Ac3(Vec<u8>),
    /// EC3SpecificBox (ETSI TS 102 366 § F.6), the payload of `dec3`.
    Eac3(Vec<u8>),
    /// OpusSpecificBox (Encapsulation of Opus in ISO Base Media File Format § 4.3.2), the payload of `dOps`.
    Opus(Vec<u8>),
    /// The metadata blocks of FLACSpecificBox (Encapsulation of FLAC in ISO Base Media File Format
    /// § 3.3.2), STREAMINFO first: the payload of `dfLa` behind version and flags.
    Flac(Vec<u8>),
    /// MP3, which has no record: the objectTypeIndication of its `esds` (ISO/IEC 14496-1:2010 Table 5),
    /// 0x6b for MPEG-1 and 0x69 for the lower rates of MPEG-2.
    Mp3(u8),
    /// What stands in front of the first cue of a WebVTT file (ISO/IEC 14496-30:2018 § 7.5), the payload of `vttC`.
    WebVtt(String),
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
    /// What only one kind of media has.
    pub media: TrackMedia,
}

/// What only one kind of media has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TrackMedia {
    /// Pictures.
    Video(VideoTrack),
    /// Sound.
    Audio(AudioTrack),
    /// Text.
    Text,
}

/// Picture facts of a CMAF header.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VideoTrack {
    /// Size of the decoded pictures, without what is cropped.
    pub resolution: Resolution,
    /// Shape of the pixels.
    pub pixel_aspect: PixelAspect,
    /// Colour, as VUI and `colr` say it.
    pub color: ColorInfo,
    /// What HDR10 adds to the colour.
    pub hdr: HdrMetadata,
}

impl VideoTrack {
    /// Pictures with square pixels and no static HDR metadata.
    pub fn new(resolution: Resolution, color: ColorInfo) -> Self {
        Self { resolution, pixel_aspect: PixelAspect::SQUARE, color, hdr: HdrMetadata::default() }
    }

    /// The size on a display of square pixels: the height stays, the width follows the pixels' shape.
    pub fn display(&self) -> Resolution {
        let PixelAspect { num, den } = self.pixel_aspect;
        let (width, num, den) = (u64::from(self.resolution.width), u64::from(num), u64::from(den.max(1)));
        let width = (width * num + den / 2) / den;
        Resolution::new(u32::try_from(width).unwrap_or(u32::MAX), self.resolution.height)
    }
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
    /// The complexity index of Dolby Atmos in E-AC-3 (ETSI TS 103 420 § 8.3): manifests name it.
    pub joint_objects: Option<u8>,
    /// How loud it is, where that was measured.
    pub loudness: Option<Loudness>,
}
