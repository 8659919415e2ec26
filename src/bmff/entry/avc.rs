//! `avc1` (ISO/IEC 14496-15:2022 § 5.4.2.1): H.264 whose parameter sets stand in the entry alone.

use super::Visual;
use crate::bmff::Error;
use crate::bmff::writer::BoxWriter;
use crate::media::VideoTrack;

/// The sample entry of an H.264 track.
#[derive(Debug)]
pub(in crate::bmff) struct Avc1<'a> {
    visual: Visual<'a>,
    record: &'a [u8],
}

impl<'a> Avc1<'a> {
    /// The entry with `record`, the AVCDecoderConfigurationRecord, verbatim in its `avcC`.
    pub(super) fn new(video: &'a VideoTrack, record: &'a [u8]) -> Result<Self, Error> {
        // ISO/IEC 14496-15:2022 § 5.3.3.1.2: version 1, profile, constraints, level, and two counts.
        if record.len() < 7 || record[0] != 1 {
            return Err(Error::CodecRecord { record: "AVCDecoderConfigurationRecord", bytes: record.len() });
        }
        Ok(Self { visual: Visual::new(video)?, record })
    }

    /// The pictures.
    pub(in crate::bmff) fn visual(&self) -> &Visual<'a> {
        &self.visual
    }

    /// AVCProfileIndication.
    pub(in crate::bmff) fn profile(&self) -> u8 {
        self.record[1]
    }

    /// AVCLevelIndication: ten times the level.
    pub(in crate::bmff) fn level(&self) -> u8 {
        self.record[3]
    }

    pub(super) fn write(&self, w: &mut BoxWriter<'_>) {
        self.visual.write(w, b"avc1", "AVC Coding", |w| w.boxed(b"avcC", |w| w.bytes(self.record)));
    }
}
