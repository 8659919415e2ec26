//! `hvc1` (ISO/IEC 14496-15:2022 § 8.4.1): HEVC whose parameter sets stand in the entry alone. Apple plays
//! no `hev1`.

use super::Visual;
use crate::bmff::Error;
use crate::bmff::writer::BoxWriter;
use crate::media::VideoTrack;

/// The sample entry of an HEVC track.
#[derive(Debug)]
pub(in crate::bmff) struct Hvc1<'a> {
    visual: Visual<'a>,
    record: &'a [u8],
}

impl<'a> Hvc1<'a> {
    /// The entry with `record`, the HEVCDecoderConfigurationRecord, verbatim in its `hvcC`.
    pub(super) fn new(video: &'a VideoTrack, record: &'a [u8]) -> Result<Self, Error> {
        // ISO/IEC 14496-15:2022 § 8.3.3.1.2: version 1, and 22 more bytes before the arrays.
        if record.len() < 23 || record[0] != 1 {
            return Err(Error::CodecRecord { record: "HEVCDecoderConfigurationRecord", bytes: record.len() });
        }
        Ok(Self { visual: Visual::new(video)?, record })
    }

    /// The pictures.
    pub(in crate::bmff) fn visual(&self) -> &Visual<'a> {
        &self.visual
    }

    /// general_profile_idc.
    pub(in crate::bmff) fn profile(&self) -> u8 {
        self.record[1] & 0x1f
    }

    /// The High tier.
    pub(in crate::bmff) fn high_tier(&self) -> bool {
        self.record[1] & 0x20 != 0
    }

    /// general_level_idc: thirty times the level.
    pub(in crate::bmff) fn level(&self) -> u8 {
        self.record[12]
    }

    pub(super) fn write(&self, w: &mut BoxWriter<'_>) {
        self.visual.write(w, b"hvc1", "HEVC Coding", |w| w.boxed(b"hvcC", |w| w.bytes(self.record)));
    }
}
