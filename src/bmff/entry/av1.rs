//! `av01` (AV1-ISOBMFF § 2.2).

use super::Visual;
use crate::bmff::Error;
use crate::bmff::writer::BoxWriter;
use crate::media::VideoTrack;

/// The sample entry of an AV1 track.
#[derive(Debug)]
pub(in crate::bmff) struct Av01<'a> {
    visual: Visual<'a>,
    record: &'a [u8],
}

impl<'a> Av01<'a> {
    /// The entry with `record`, the AV1CodecConfigurationRecord, verbatim in its `av1C`.
    pub(super) fn new(video: &'a VideoTrack, record: &'a [u8]) -> Result<Self, Error> {
        // AV1-ISOBMFF § 2.3.3: a marker bit and version 1, three more bytes, then OBUs.
        if record.len() < 4 || record[0] != 0x81 {
            return Err(Error::CodecRecord { record: "AV1CodecConfigurationRecord", bytes: record.len() });
        }
        Ok(Self { visual: Visual::new(video)?, record })
    }

    pub(super) fn write(&self, w: &mut BoxWriter<'_>) {
        self.visual.write(w, b"av01", "AOM Coding", |w| w.boxed(b"av1C", |w| w.bytes(self.record)));
    }
}
