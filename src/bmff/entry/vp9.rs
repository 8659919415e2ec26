//! `vp09` (VP Codec ISO Media File Format Binding, "VP Codec Sample Entry").

use super::Visual;
use crate::bmff::Error;
use crate::bmff::writer::BoxWriter;
use crate::media::VideoTrack;

/// The sample entry of a VP9 track.
#[derive(Debug)]
pub(in crate::bmff) struct Vp09<'a> {
    visual: Visual<'a>,
    record: &'a [u8],
}

impl<'a> Vp09<'a> {
    /// The entry with `record`, the VPCodecConfigurationRecord, verbatim in its `vpcC`.
    pub(super) fn new(video: &'a VideoTrack, record: &'a [u8]) -> Result<Self, Error> {
        // Six bytes and the length of initialization data, which VP9 has none of.
        if record.len() != 8 {
            return Err(Error::CodecRecord { record: "VPCodecConfigurationRecord", bytes: record.len() });
        }
        Ok(Self { visual: Visual::new(video)?, record })
    }

    pub(super) fn write(&self, w: &mut BoxWriter<'_>) {
        self.visual.write(w, b"vp09", "VPC Coding", |w| w.full(b"vpcC", 1, 0, |w| w.bytes(self.record)));
    }
}
