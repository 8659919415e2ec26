//! What the sample entries of all video codecs share.

use super::sample_entry;
use crate::bmff::Error;
use crate::bmff::writer::BoxWriter;
use crate::media::{ColorInfo, ContentLight, MasteringDisplay, PixelAspect, Resolution, VideoTrack};

/// A picture track whose size a sample entry can say.
#[derive(Clone, Copy, Debug)]
pub(in crate::bmff) struct Visual<'a> {
    width: u16,
    height: u16,
    track: &'a VideoTrack,
}

impl<'a> Visual<'a> {
    /// Checks the size.
    pub(super) fn new(track: &'a VideoTrack) -> Result<Self, Error> {
        let picture = |_| Error::Picture { resolution: track.resolution };
        let Resolution { width, height } = track.resolution;
        Ok(Self {
            width: u16::try_from(width).map_err(picture)?,
            height: u16::try_from(height).map_err(picture)?,
            track,
        })
    }

    /// Size of the pictures.
    pub(in crate::bmff) fn resolution(&self) -> Resolution {
        self.track.resolution
    }

    /// Colour of the pictures.
    pub(in crate::bmff) fn color(&self) -> ColorInfo {
        self.track.color
    }

    /// The entry `kind` with the codec's own box, which `configuration` writes. `compressor` is the name that
    /// the codec's binding recommends.
    pub(super) fn write(
        &self,
        w: &mut BoxWriter<'_>,
        kind: &[u8; 4],
        compressor: &str,
        configuration: impl FnOnce(&mut BoxWriter<'_>),
    ) {
        w.boxed(kind, |w| {
            sample_entry(w);
            // VisualSampleEntry, ISO/IEC 14496-12:2022 § 12.1.3.2
            w.zeros(16);
            w.u16(self.width);
            w.u16(self.height);
            w.u32(72 << 16); // horizresolution, dots per inch
            w.u32(72 << 16); // vertresolution
            w.zeros(4);
            w.u16(1); // frame_count per sample
            compressor_name(w, compressor);
            w.u16(0x0018); // depth: colour without alpha
            w.u16(0xffff); // pre_defined = -1
            configuration(w);
            color(w, self.track.color);
            pixel_aspect(w, self.track.pixel_aspect);
            self.track.hdr.mastering.iter().for_each(|display| mastering(w, display));
            self.track.hdr.light.iter().for_each(|light| content_light(w, *light));
        });
    }
}

/// `compressorname`, a Pascal string in 32 bytes.
fn compressor_name(w: &mut BoxWriter<'_>, name: &str) {
    w.u8(u8::try_from(name.len()).expect("the names of this module have a few letters"));
    w.bytes(name.as_bytes());
    w.zeros(31 - name.len());
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

/// MasteringDisplayColourVolumeBox, ISO/IEC 14496-12:2022 § 12.1.7.
fn mastering(w: &mut BoxWriter<'_>, display: &MasteringDisplay) {
    w.boxed(b"mdcv", |w| {
        display.primaries.iter().chain([&display.white]).flatten().for_each(|&value| w.u16(value));
        w.u32(display.max_luminance);
        w.u32(display.min_luminance);
    });
}

/// ContentLightLevelBox, ISO/IEC 14496-12:2022 § 12.1.6.
fn content_light(w: &mut BoxWriter<'_>, light: ContentLight) {
    w.boxed(b"clli", |w| {
        w.u16(light.max_content);
        w.u16(light.max_average);
    });
}
