//! Sample entries: one per codec.

mod aac;
mod avc;

use super::Error;
use super::writer::BoxWriter;
use crate::media::{CodecConfig, TrackConfig, TrackMedia};
pub(super) use aac::Mp4a;
pub(super) use avc::Avc1;

/// The one sample entry of a track, checked to be writable.
#[derive(Debug)]
pub(super) enum SampleEntry<'a> {
    /// H.264 with its parameter sets out of band.
    Avc1(Avc1<'a>),
    /// MPEG-4 audio.
    Mp4a(Mp4a<'a>),
}

impl<'a> SampleEntry<'a> {
    /// The sample entry that describes `track`.
    pub(super) fn new(track: &'a TrackConfig) -> Result<Self, Error> {
        match (&track.media, &track.codec) {
            (TrackMedia::Video(video), CodecConfig::Avc(record)) => Avc1::new(video, record).map(Self::Avc1),
            (TrackMedia::Audio(audio), CodecConfig::Aac(config)) => Mp4a::new(audio, config).map(Self::Mp4a),
            (TrackMedia::Video(_), CodecConfig::Aac(_)) => Err(Error::ForeignCodec { media: "video" }),
            (TrackMedia::Audio(_), CodecConfig::Avc(_)) => Err(Error::ForeignCodec { media: "audio" }),
        }
    }

    /// Writes the entry, a child of `stsd`.
    pub(super) fn write(&self, w: &mut BoxWriter<'_>) {
        match self {
            Self::Avc1(entry) => entry.write(w),
            Self::Mp4a(entry) => entry.write(w),
        }
    }
}

/// The start of every sample entry (ISO/IEC 14496-12:2022 § 8.5.2.2): the first data reference.
fn sample_entry(w: &mut BoxWriter<'_>) {
    w.zeros(6);
    w.u16(1);
}
