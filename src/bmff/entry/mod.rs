//! Sample entries: one per codec.

mod ac3;
mod av1;
mod avc;
mod flac;
mod hevc;
mod mp4a;
mod opus;
mod sound;
mod visual;
mod vp9;
mod wvtt;

use super::Error;
use super::writer::BoxWriter;
use crate::media::{AudioTrack, CodecConfig, TrackConfig, TrackMedia, VideoTrack};
pub(super) use ac3::Dolby;
pub(super) use av1::Av01;
pub(super) use avc::Avc1;
pub(super) use flac::Flac;
pub(super) use hevc::Hvc1;
pub(super) use mp4a::Mp4a;
pub(super) use opus::Opus;
use sound::Sound;
pub(super) use visual::Visual;
pub(super) use vp9::Vp09;
pub(super) use wvtt::Wvtt;

/// The one sample entry of a track, checked to be writable.
#[derive(Debug)]
pub(super) enum SampleEntry<'a> {
    /// H.264 with its parameter sets out of band.
    Avc1(Avc1<'a>),
    /// HEVC with its parameter sets out of band.
    Hvc1(Hvc1<'a>),
    /// AV1.
    Av01(Av01<'a>),
    /// VP9.
    Vp09(Vp09<'a>),
    /// AAC and MP3.
    Mp4a(Mp4a<'a>),
    /// AC-3.
    Ac3(Dolby<'a>),
    /// E-AC-3.
    Eac3(Dolby<'a>),
    /// Opus.
    Opus(Opus<'a>),
    /// FLAC.
    Flac(Flac<'a>),
    /// WebVTT.
    Wvtt(Wvtt<'a>),
}

impl<'a> SampleEntry<'a> {
    /// The sample entry that describes `track`.
    pub(super) fn new(track: &'a TrackConfig) -> Result<Self, Error> {
        match &track.media {
            TrackMedia::Video(video) => Self::video(video, &track.codec),
            TrackMedia::Audio(audio) => Self::audio(audio, &track.codec),
            TrackMedia::Text => match &track.codec {
                CodecConfig::WebVtt(header) => Ok(Self::Wvtt(Wvtt::new(header))),
                _ => Err(Error::ForeignCodec { media: "text" }),
            },
        }
    }

    fn video(video: &'a VideoTrack, codec: &'a CodecConfig) -> Result<Self, Error> {
        match codec {
            CodecConfig::Avc(record) => Avc1::new(video, record).map(Self::Avc1),
            CodecConfig::Hevc(record) => Hvc1::new(video, record).map(Self::Hvc1),
            CodecConfig::Av1(record) => Av01::new(video, record).map(Self::Av01),
            CodecConfig::Vp9(record) => Vp09::new(video, record).map(Self::Vp09),
            CodecConfig::Aac(_)
            | CodecConfig::Ac3(_)
            | CodecConfig::Eac3(_)
            | CodecConfig::Opus(_)
            | CodecConfig::Flac(_)
            | CodecConfig::Mp3(_)
            | CodecConfig::WebVtt(_) => Err(Error::ForeignCodec { media: "video" }),
        }
    }

    fn audio(audio: &'a AudioTrack, codec: &'a CodecConfig) -> Result<Self, Error> {
        match codec {
            CodecConfig::Aac(config) => Mp4a::aac(audio, config).map(Self::Mp4a),
            CodecConfig::Mp3(object_type) => Ok(Self::Mp4a(Mp4a::mp3(audio, *object_type))),
            CodecConfig::Ac3(record) => Dolby::ac3(audio, record).map(Self::Ac3),
            CodecConfig::Eac3(record) => Dolby::eac3(audio, record).map(Self::Eac3),
            CodecConfig::Opus(record) => Opus::new(audio, record).map(Self::Opus),
            CodecConfig::Flac(blocks) => Flac::new(audio, blocks).map(Self::Flac),
            CodecConfig::Avc(_)
            | CodecConfig::Hevc(_)
            | CodecConfig::Av1(_)
            | CodecConfig::Vp9(_)
            | CodecConfig::WebVtt(_) => Err(Error::ForeignCodec { media: "audio" }),
        }
    }

    /// Writes the entry, a child of `stsd`.
    pub(super) fn write(&self, w: &mut BoxWriter<'_>) {
        match self {
            Self::Avc1(entry) => entry.write(w),
            Self::Hvc1(entry) => entry.write(w),
            Self::Av01(entry) => entry.write(w),
            Self::Vp09(entry) => entry.write(w),
            Self::Mp4a(entry) => entry.write(w),
            Self::Ac3(entry) | Self::Eac3(entry) => entry.write(w),
            Self::Opus(entry) => entry.write(w),
            Self::Flac(entry) => entry.write(w),
            Self::Wvtt(entry) => entry.write(w),
        }
    }
}

/// The start of every sample entry (ISO/IEC 14496-12:2022 § 8.5.2.2): the first data reference.
fn sample_entry(w: &mut BoxWriter<'_>) {
    w.zeros(6);
    w.u16(1);
}
