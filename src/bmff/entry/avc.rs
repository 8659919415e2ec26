//! `avc1` (ISO/IEC 14496-15:2022 § 5.4.2.1): H.264 whose parameter sets stand in the entry alone.

use super::sample_entry;
use crate::bmff::Error;
use crate::bmff::writer::BoxWriter;
use crate::media::{ColorInfo, PixelAspect, Resolution, VideoTrack};

/// The sample entry of an H.264 track.
#[derive(Debug)]
pub(in crate::bmff) struct Avc1<'a> {
    width: u16,
    height: u16,
    color: ColorInfo,
    record: &'a [u8],
}

impl<'a> Avc1<'a> {
    /// The entry with `record`, the AVCDecoderConfigurationRecord, verbatim in its `avcC`.
    pub(super) fn new(video: &VideoTrack, record: &'a [u8]) -> Result<Self, Error> {
        // ISO/IEC 14496-15:2022 § 5.3.3.1.2: version 1, profile, constraints, level, and two counts.
        if record.len() < 7 || record[0] != 1 {
            return Err(Error::CodecRecord { record: "AVCDecoderConfigurationRecord", bytes: record.len() });
        }
        let picture = |_| Error::Picture { resolution: video.resolution };
        Ok(Self {
            width: u16::try_from(video.resolution.width).map_err(picture)?,
            height: u16::try_from(video.resolution.height).map_err(picture)?,
            color: video.color,
            record,
        })
    }

    /// Size of the pictures.
    pub(in crate::bmff) fn resolution(&self) -> Resolution {
        Resolution::new(self.width.into(), self.height.into())
    }

    /// Colour of the pictures.
    pub(in crate::bmff) fn color(&self) -> ColorInfo {
        self.color
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
        w.boxed(b"avc1", |w| {
            sample_entry(w);
            // VisualSampleEntry, ISO/IEC 14496-12:2022 § 12.1.3.2
            w.zeros(16);
            w.u16(self.width);
            w.u16(self.height);
            w.u32(72 << 16); // horizresolution, dots per inch
            w.u32(72 << 16); // vertresolution
            w.zeros(4);
            w.u16(1); // frame_count per sample
            compressor(w);
            w.u16(0x0018); // depth: colour without alpha
            w.u16(0xffff); // pre_defined = -1
            w.boxed(b"avcC", |w| w.bytes(self.record));
            color(w, self.color);
            pixel_aspect(w, PixelAspect::SQUARE);
        });
    }
}

/// `compressorname`, a Pascal string in 32 bytes; ISO/IEC 14496-15:2022 § 5.4.2.1.3 recommends this one.
fn compressor(w: &mut BoxWriter<'_>) {
    const NAME: &[u8] = b"\x0aAVC Coding";
    w.bytes(NAME);
    w.zeros(32 - NAME.len());
}

/// ColourInformationBox, ISO/IEC 14496-12:2022 § 12.1.5. CMAF § 9.2.3 wants it equal to the VUI.
fn color(w: &mut BoxWriter<'_>, color: ColorInfo) {
    w.boxed(b"colr", |w| {
        w.bytes(b"nclx");
        w.u16(color.primaries.into());
        w.u16(color.transfer.into());
        w.u16(color.matrix.into());
        w.u8(u8::from(color.full_range) << 7);
    });
}

/// PixelAspectRatioBox, ISO/IEC 14496-12:2022 § 12.1.4.
fn pixel_aspect(w: &mut BoxWriter<'_>, aspect: PixelAspect) {
    w.boxed(b"pasp", |w| {
        w.u32(aspect.num);
        w.u32(aspect.den);
    });
}
