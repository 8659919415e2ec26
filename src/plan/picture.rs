//! What is done to every decoded picture before it is scaled, and the colour it ends up in.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::media::{ColorInfo, Resolution};
use crate::source::{FieldOrder, HdrInfo, VideoInfo};

/// What is done to every decoded picture before it is scaled, in this order. The colour it has
/// afterwards is the one that all renditions share.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PictureSteps {
    /// Pictures that the decoder marks as interlaced are made of their two fields, one of each, so the
    /// rate stays; others pass unchanged.
    pub deinterlace: bool,
    /// Colour of the decoded samples, nothing left unspecified; matrix 0 means RGB.
    pub source_color: ColorInfo,
    /// High dynamic range is brought down to standard range.
    pub tone_map: Option<ToneMap>,
    /// Mirror left to right, before turning.
    pub mirrored: bool,
    /// Turn clockwise by this many degrees: 0, 90, 180 or 270.
    pub rotation: u16,
    /// Size after all this, with square pixels; no rendition is larger.
    pub display: Resolution,
}

/// How high dynamic range becomes standard range.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ToneMap {
    /// The brightest light in the source, in cd/m².
    pub peak: f64,
}

/// Codecs that know no fields, and whose containers do not say so.
const PROGRESSIVE_ONLY: [&str; 9] = ["vp8", "vp9", "av1", "theora", "gif", "apng", "png", "webp", "vvc"];

/// Smaller pictures are not deinterlaced: FFmpeg's bwdif wants 3 by 4 samples in each plane, and those
/// of colour have down to a quarter of each side.
const SMALLEST_WITH_FIELDS: u32 = 16;

/// What mastering displays reach most often; also the nominal peak of HLG (ITU-R BT.2100 Table 5, note 5f).
const USUAL_PEAK: f64 = 1000.0;
/// The darkest and the brightest peak that is believed; 10 000 is the end of PQ (SMPTE ST 2084).
const BELIEVABLE_PEAK: (f64, f64) = (100.0, 10_000.0);

impl PictureSteps {
    pub(super) fn new(video: &VideoInfo, display: Resolution) -> Self {
        let source_color = source_color(video);
        Self {
            deinterlace: deinterlace(video),
            source_color,
            tone_map: source_color.is_hdr().then(|| ToneMap { peak: peak(source_color, video.hdr.as_ref()) }),
            mirrored: video.mirrored,
            rotation: video.rotation,
            display,
        }
    }
}

fn deinterlace(video: &VideoInfo) -> bool {
    if video.resolution.short_side() < SMALLEST_WITH_FIELDS {
        return false;
    }
    match video.field_order {
        FieldOrder::Progressive => false,
        FieldOrder::Tff | FieldOrder::Bff => true,
        FieldOrder::Unknown => !PROGRESSIVE_ONLY.contains(&video.codec.as_str()),
    }
}

fn peak(color: ColorInfo, hdr: Option<&HdrInfo>) -> f64 {
    if color.transfer == ColorInfo::TRANSFER_HLG {
        return USUAL_PEAK;
    }
    let content = hdr.and_then(|hdr| hdr.content_light).map(|[brightest, _]| f64::from(brightest));
    let display = hdr.and_then(|hdr| hdr.mastering_luminance).map(|[_, highest]| highest);
    let told = [content, display].into_iter().flatten().find(|peak| *peak >= BELIEVABLE_PEAK.0);
    told.map_or(USUAL_PEAK, |peak| peak.min(BELIEVABLE_PEAK.1))
}

/// The source's colour with what players assume in place of what is unspecified, reserved, or not to be
/// converted. The matrix follows the primaries where only those are known, and the pixel format decides
/// what is RGB.
fn source_color(video: &VideoInfo) -> ColorInfo {
    let said = video.color;
    let rgb = is_rgb(&video.pixel_format);
    let primaries = match said.primaries {
        code @ (1 | 4..=12 | 22) => code,
        // PQ and HLG are curves of BT.2100, whose primaries are those of BT.2020.
        _ if said.is_hdr() => 9,
        _ if rgb => 1,
        _ => unsaid_primaries(video.resolution),
    };
    ColorInfo {
        primaries,
        transfer: match (said.transfer, primaries) {
            // zimg has no curve for BT.1361 (12), which is BT.709 in its range, nor for SMPTE ST 428 (17).
            (code @ (1 | 4..=11 | 13..=16 | 18), _) => code,
            // The same curve under the name that goes with BT.601.
            (_, 5 | 6) => 6,
            (_, _) => 1,
        },
        matrix: if rgb { 0 } else { source_matrix(said, primaries) },
        full_range: said.full_range || rgb || video.pixel_format.starts_with("yuvj"),
    }
}

/// The matrix that is said, where one can convert from it; else the one that goes with the primaries.
/// Constant luminance needs a camera's curve, ICtCp one of BT.2100, and matrices that are derived
/// from the primaries other ones than XYZ.
fn source_matrix(said: ColorInfo, primaries: u8) -> u8 {
    let camera = matches!(said.transfer, 1 | 6 | 14 | 15);
    match (said.matrix, primaries) {
        (code @ (1 | 4..=9), _) => code,
        (code @ (10 | 13), ..=9 | 11..) if camera => code,
        (12, ..=9 | 11..) => 12,
        (14, _) if said.is_hdr() => 14,
        (_, 5 | 6) => primaries,
        (_, 9) => 9,
        (_, _) => 1,
    }
}

/// What players take pictures for that do not say their colour: BT.601 up to the sizes of standard
/// television, with 576 lines the European primaries, BT.709 above.
fn unsaid_primaries(size: Resolution) -> u8 {
    match size {
        Resolution { width: 1280.., .. } | Resolution { height: 577.., .. } => 1,
        Resolution { height: 576, .. } => 5,
        Resolution { .. } => 6,
    }
}

/// FFmpeg's names of formats that hold red, green and blue: `gbrp10le`, `bgra`, `0rgb`, `x2rgb10le`, `pal8`.
fn is_rgb(pixel_format: &str) -> bool {
    ["rgb", "bgr", "gbr", "pal8", "bayer"].iter().any(|part| pixel_format.contains(part))
}

/// The colour of every rendition: the source's where 8-bit H.264 and players know it, else BT.709,
/// always in the narrow range. BT.709 and both BT.601 stay, with the transfer curves that screens
/// treat alike; high dynamic range, wide gamut and RGB are converted.
pub(super) fn output_color(source: ColorInfo) -> ColorInfo {
    let stays = matches!(source.primaries, 1 | 5 | 6)
        && matches!(source.matrix, 1 | 5 | 6)
        && matches!(source.transfer, 1 | 4 | 5 | 6 | 13);
    if stays { ColorInfo { full_range: false, ..source } } else { ColorInfo::BT709 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn color(primaries: u8, transfer: u8, matrix: u8) -> ColorInfo {
        ColorInfo { primaries, transfer, matrix, full_range: true }
    }

    #[test]
    fn standard_colours_stay_and_all_others_become_bt709_in_the_narrow_range() {
        let pal = color(5, 6, 5);
        assert_eq!(output_color(pal), ColorInfo { full_range: false, ..pal });
        assert_eq!(output_color(color(1, 1, 1)), ColorInfo::BT709);
        assert_eq!(output_color(color(9, 16, 9)), ColorInfo::BT709, "HDR10");
        assert_eq!(output_color(color(9, 14, 9)), ColorInfo::BT709, "BT.2020 with a standard curve");
        assert_eq!(output_color(color(1, 13, 0)), ColorInfo::BT709, "RGB");
        assert_eq!(output_color(color(12, 1, 1)), ColorInfo::BT709, "P3");
    }

    #[test]
    fn a_matrix_that_nothing_converts_gives_way_to_that_of_the_primaries() {
        assert_eq!(source_matrix(color(9, 14, 10), 9), 10, "constant luminance with its curve");
        assert_eq!(source_matrix(color(9, 4, 10), 9), 9, "without it");
        assert_eq!(source_matrix(color(9, 16, 14), 9), 14, "ICtCp of PQ");
        assert_eq!(source_matrix(color(9, 1, 14), 9), 9, "of no such curve");
        assert_eq!(source_matrix(color(10, 1, 12), 10), 1, "derived from XYZ");
        assert_eq!(source_matrix(color(6, 1, 3), 6), 6, "reserved");
    }

    #[test]
    fn the_peak_is_the_contents_then_the_displays_then_the_usual_one() {
        let hdr = |content, display| HdrInfo {
            content_light: Some([content, 100]),
            mastering_luminance: Some([0.005, display]),
            dolby_vision_profile: None,
        };
        let pq = color(9, ColorInfo::TRANSFER_PQ, 9);
        assert_eq!(peak(pq, Some(&hdr(1200, 4000.0))), 1200.0);
        assert_eq!(peak(pq, Some(&hdr(0, 4000.0))), 4000.0);
        assert_eq!(peak(pq, Some(&hdr(0, f64::NAN))), 1000.0);
        assert_eq!(peak(pq, None), 1000.0);
        assert_eq!(peak(color(9, ColorInfo::TRANSFER_HLG, 9), Some(&hdr(400, 400.0))), 1000.0);
    }
}
