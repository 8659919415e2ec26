//! `ftyp`: which rules a CMAF header and its fragments obey.

use super::entry::{Avc1, Mp4a, SampleEntry};
use super::writer::BoxWriter;
use crate::media::{ColorInfo, FrameRate, Resolution};

/// FileTypeBox (ISO/IEC 14496-12:2022 § 4.3). A structural brand of CMAF comes first, so the minor
/// version is 0 (ISO/IEC 23000-19:2020 § 7.2).
pub(super) fn write(w: &mut BoxWriter<'_>, brands: &[[u8; 4]]) {
    w.boxed(b"ftyp", |w| {
        w.bytes(&brands[0]);
        w.u32(0);
        for brand in brands {
            w.bytes(brand);
        }
    });
}

/// The brands of the track that `entry` describes; `rate` is the frame rate of pictures.
pub(super) fn of(entry: &SampleEntry<'_>, rate: FrameRate) -> Vec<[u8; 4]> {
    match entry {
        SampleEntry::Avc1(entry) => video(entry, rate),
        SampleEntry::Mp4a(entry) => audio(entry),
    }
}

/// The brands of a picture track. `cmf2` (CMAF § 7.7) promises no edit list, signed composition offsets
/// and sample defaults in the fragments; `iso6` covers `tfdt` and offsets from the `moof`; `dash` is
/// asked of self-initializing segments (ISO/IEC 23009-1:2022 § 6.3.5).
fn video(entry: &Avc1<'_>, rate: FrameRate) -> Vec<[u8; 4]> {
    let mut brands = vec![*b"cmf2", *b"cmfc", *b"iso6", *b"dash"];
    let fits = |profile: &&MediaProfile| profile.fits(entry, rate);
    brands.extend(AVC_PROFILES.iter().filter(fits).map(|profile| profile.brand));
    brands
}

/// The brands of a sound track: `cmfc`, and `caac` when the stream is an AAC core one (CMAF § 10.4).
fn audio(entry: &Mp4a<'_>) -> Vec<[u8; 4]> {
    const AAC_LC: u8 = 2;
    const SBR: u8 = 5;
    const PARAMETRIC_STEREO: u8 = 29;
    let mut brands = vec![*b"cmfc", *b"iso6", *b"dash"];
    let core = matches!(entry.object_type(), AAC_LC | SBR | PARAMETRIC_STEREO);
    if core && entry.channels() <= 2 && entry.sample_rate() <= 48_000 {
        brands.push(*b"caac");
    }
    brands
}

/// A media profile for AVC of ISO/IEC 23000-19:2020 Table A.1. A track carries the brand of each
/// profile it fits, since all tracks of a switching set must share one (§ 7.3.4.1).
struct MediaProfile {
    brand: [u8; 4],
    largest: Resolution,
    level: u8,
    colors: fn(ColorInfo) -> bool,
}

const AVC_PROFILES: [MediaProfile; 3] = [
    MediaProfile { brand: *b"cfsd", largest: Resolution::new(864, 576), level: 31, colors: is_sd_color },
    MediaProfile { brand: *b"cfhd", largest: Resolution::new(1920, 1080), level: 40, colors: is_bt709 },
    MediaProfile { brand: *b"chdf", largest: Resolution::new(1920, 1080), level: 42, colors: is_bt709 },
];

/// The highest frame rate of every profile in the table.
const HIGHEST_RATE: f64 = 60.0;
/// The highest profile_idc in the table: High.
const HIGH: u8 = 100;

impl MediaProfile {
    fn fits(&self, entry: &Avc1<'_>, rate: FrameRate) -> bool {
        entry.profile() <= HIGH
            && entry.level() <= self.level
            && entry.resolution().width <= self.largest.width
            && entry.resolution().height <= self.largest.height
            && rate.as_f64() <= HIGHEST_RATE
            && (self.colors)(entry.color())
    }
}

fn is_sd_color(color: ColorInfo) -> bool {
    matches!(color.primaries, 1 | 5 | 6) && matches!(color.transfer, 1 | 6) && matches!(color.matrix, 1 | 5 | 6)
}

fn is_bt709(color: ColorInfo) -> bool {
    (color.primaries, color.transfer, color.matrix) == (1, 1, 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::{CodecConfig, CodecString, Language, Timescale, TrackConfig, TrackMedia, VideoTrack};

    fn profiles(resolution: Resolution, level: u8, fps: u32, color: ColorInfo) -> Vec<String> {
        let track = TrackConfig {
            timescale: Timescale::new(fps),
            language: Language::undetermined(),
            codec: CodecConfig::Avc(vec![1, 100, 0, level, 0xff, 0xe0, 0]),
            codec_string: CodecString::avc1(100, 0, level),
            media: TrackMedia::Video(VideoTrack { resolution, color }),
        };
        let entry = SampleEntry::new(&track).expect("a record of seven bytes");
        let names = of(&entry, FrameRate::whole(fps)).into_iter().skip(4);
        names.map(|brand| String::from_utf8_lossy(&brand).into_owned()).collect()
    }

    #[test]
    fn a_track_carries_every_profile_it_fits() {
        let (sd, hd) = (Resolution::new(640, 360), Resolution::new(1920, 1080));
        assert_eq!(profiles(sd, 30, 25, ColorInfo::BT709), ["cfsd", "cfhd", "chdf"]);
        assert_eq!(profiles(Resolution::new(1280, 720), 31, 25, ColorInfo::BT709), ["cfhd", "chdf"]);
        assert_eq!(profiles(hd, 42, 60, ColorInfo::BT709), ["chdf"]);
    }

    #[test]
    fn a_track_outside_of_every_profile_carries_none() {
        let none: [&str; 0] = [];
        assert_eq!(profiles(Resolution::new(1080, 1920), 40, 30, ColorInfo::BT709), none);
        assert_eq!(profiles(Resolution::new(3840, 2160), 51, 30, ColorInfo::BT709), none);
        assert_eq!(profiles(Resolution::new(640, 360), 31, 100, ColorInfo::BT709), none);
        assert_eq!(profiles(Resolution::new(640, 360), 30, 25, ColorInfo::UNSPECIFIED), none);
    }

    #[test]
    fn only_standard_definition_may_have_the_colors_of_bt601() {
        let bt601 = ColorInfo { primaries: 6, transfer: 6, matrix: 6, full_range: false };
        assert_eq!(profiles(Resolution::new(640, 360), 30, 25, bt601), ["cfsd"]);
    }
}
