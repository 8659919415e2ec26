//! `ftyp`: which rules a CMAF header and its fragments obey.

use super::entry::{Avc1, Dolby, Hvc1, Mp4a, SampleEntry, Visual};
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

/// Adds a brand to a header, which begins with its `ftyp`. Nothing in a CMAF header counts from its beginning.
pub fn add_brand(header: &mut Vec<u8>, brand: [u8; 4]) {
    let Some(size) = header.first_chunk::<4>().map(|size| u32::from_be_bytes(*size)) else { return };
    let end = (size as usize).min(header.len());
    header.splice(end..end, brand);
    header[..4].copy_from_slice(&(size + 4).to_be_bytes());
}

/// The brands of the track that `entry` describes; `rate` is the frame rate of pictures. `iso6` covers
/// `tfdt` and offsets from the `moof`; `dash` is asked of self-initializing segments
/// (ISO/IEC 23009-1:2022 § 6.3.5).
pub(super) fn of(entry: &SampleEntry<'_>, rate: FrameRate) -> Vec<[u8; 4]> {
    /// `cmf2` (CMAF § 7.7) promises no edit list, signed composition offsets and sample defaults in the
    /// fragments.
    const PICTURES: [[u8; 4]; 4] = [*b"cmf2", *b"cmfc", *b"iso6", *b"dash"];
    const PLAIN: [[u8; 4]; 3] = [*b"cmfc", *b"iso6", *b"dash"];
    let (structural, media): (&[_], _) = match entry {
        SampleEntry::Avc1(entry) => (&PICTURES, avc(entry, rate)),
        SampleEntry::Hvc1(entry) => (&PICTURES, hevc(entry, rate)),
        // AV1-ISOBMFF § 3: the one brand of every AV1 track in CMAF.
        SampleEntry::Av01(_) => (&PICTURES, vec![*b"av01"]),
        SampleEntry::Mp4a(entry) => (&PLAIN, aac(entry)),
        SampleEntry::Eac3(entry) => (&PLAIN, eac3(entry)),
        // No media profile is registered for these.
        SampleEntry::Vp09(_) => (&PICTURES, Vec::new()),
        SampleEntry::Ac3(_) | SampleEntry::Opus(_) | SampleEntry::Flac(_) => (&PLAIN, Vec::new()),
        // CMAF § 11.2: WebVTT.
        SampleEntry::Wvtt(_) => (&PLAIN, vec![*b"cwvt"]),
    };
    structural.iter().copied().chain(media).collect()
}

fn avc(entry: &Avc1<'_>, rate: FrameRate) -> Vec<[u8; 4]> {
    let coded = Coded { visual: entry.visual(), profile: entry.profile(), level: entry.level(), rate };
    let fits = |profile: &&MediaProfile| coded.profile <= HIGH && profile.fits(&coded);
    AVC_PROFILES.iter().filter(fits).map(|profile| profile.brand).collect()
}

fn hevc(entry: &Hvc1<'_>, rate: FrameRate) -> Vec<[u8; 4]> {
    let coded = Coded { visual: entry.visual(), profile: entry.profile(), level: entry.level(), rate };
    let known = [(MAIN, HEVC_MAIN_PROFILES), (MAIN_10, HEVC_MAIN_10_PROFILES)];
    let Some((_, profiles)) = known.into_iter().find(|(profile, _)| *profile == coded.profile) else {
        return Vec::new();
    };
    let fits = |profile: &&MediaProfile| !entry.high_tier() && profile.fits(&coded);
    profiles.iter().filter(fits).map(|profile| profile.brand).collect()
}

/// `caac` when the stream is an AAC core one (CMAF § 10.4).
fn aac(entry: &Mp4a<'_>) -> Vec<[u8; 4]> {
    const AAC_LC: u8 = 2;
    const SBR: u8 = 5;
    const PARAMETRIC_STEREO: u8 = 29;
    let core = matches!(entry.object_type(), Some(AAC_LC | SBR | PARAMETRIC_STEREO));
    let core = core && entry.sound().channels() <= 2 && entry.sound().sample_rate() <= 48_000;
    if core { vec![*b"caac"] } else { Vec::new() }
}

/// `ceac` (ETSI TS 102 366 Annex J), whose tracks have 48 kHz.
fn eac3(entry: &Dolby<'_>) -> Vec<[u8; 4]> {
    if entry.sound().sample_rate() == 48_000 { vec![*b"ceac"] } else { Vec::new() }
}

/// What media profiles set limits to.
struct Coded<'a> {
    visual: &'a Visual<'a>,
    profile: u8,
    level: u8,
    rate: FrameRate,
}

/// A media profile of ISO/IEC 23000-19:2020 Tables A.1 and B.1. A track carries the brand of each profile it
/// fits, since all tracks of a switching set must share one (§ 7.3.4.1).
struct MediaProfile {
    brand: [u8; 4],
    largest: Resolution,
    level: u8,
    colors: fn(ColorInfo) -> bool,
}

const SD: Resolution = Resolution::new(864, 576);
const HD: Resolution = Resolution::new(1920, 1080);
const UHD: Resolution = Resolution::new(3840, 2160);

const AVC_PROFILES: &[MediaProfile] = &[
    MediaProfile { brand: *b"cfsd", largest: SD, level: 31, colors: is_sd_color },
    MediaProfile { brand: *b"cfhd", largest: HD, level: 40, colors: is_bt709 },
    MediaProfile { brand: *b"chdf", largest: HD, level: 42, colors: is_bt709 },
];

const HEVC_MAIN_PROFILES: &[MediaProfile] = &[
    MediaProfile { brand: *b"chhd", largest: HD, level: 123, colors: is_bt709 },
    MediaProfile { brand: *b"cud8", largest: UHD, level: 150, colors: is_bt709 },
];

const HEVC_MAIN_10_PROFILES: &[MediaProfile] = &[
    MediaProfile { brand: *b"chh1", largest: HD, level: 123, colors: is_bt709 },
    MediaProfile { brand: *b"cud1", largest: UHD, level: 153, colors: is_bt709 },
    MediaProfile { brand: *b"chd1", largest: UHD, level: 153, colors: is_pq },
    MediaProfile { brand: *b"clg1", largest: UHD, level: 153, colors: is_hlg },
];

/// The highest frame rate of every profile in the tables.
const HIGHEST_RATE: f64 = 60.0;
/// The highest profile_idc of AVC in its table: High.
const HIGH: u8 = 100;
/// general_profile_idc of HEVC.
const MAIN: u8 = 1;
const MAIN_10: u8 = 2;

impl MediaProfile {
    fn fits(&self, coded: &Coded<'_>) -> bool {
        let resolution = coded.visual.resolution();
        coded.level <= self.level
            && resolution.width <= self.largest.width
            && resolution.height <= self.largest.height
            && coded.rate.as_f64() <= HIGHEST_RATE
            && (self.colors)(coded.visual.color())
    }
}

fn is_sd_color(color: ColorInfo) -> bool {
    matches!(color.primaries, 1 | 5 | 6) && matches!(color.transfer, 1 | 6) && matches!(color.matrix, 1 | 5 | 6)
}

fn is_bt709(color: ColorInfo) -> bool {
    (color.primaries, color.transfer, color.matrix) == (1, 1, 1)
}

fn is_pq(color: ColorInfo) -> bool {
    (color.primaries, color.transfer, color.matrix) == (9, ColorInfo::TRANSFER_PQ, 9)
}

fn is_hlg(color: ColorInfo) -> bool {
    (color.primaries, color.transfer, color.matrix) == (9, ColorInfo::TRANSFER_HLG, 9)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::{CodecConfig, CodecString, Language, Timescale, TrackConfig, TrackMedia, VideoTrack};

    fn profiles(resolution: Resolution, level: u8, fps: u32, color: ColorInfo) -> Vec<String> {
        of_record(CodecConfig::Avc(vec![1, 100, 0, level, 0xff, 0xe0, 0]), resolution, fps, color)
    }

    fn hevc_profiles(profile: u8, resolution: Resolution, level: u8, color: ColorInfo) -> Vec<String> {
        let mut record = vec![0; 23];
        (record[0], record[1], record[12]) = (1, profile, level);
        of_record(CodecConfig::Hevc(record), resolution, 60, color)
    }

    /// The brands behind the four structural ones.
    fn of_record(codec: CodecConfig, resolution: Resolution, fps: u32, color: ColorInfo) -> Vec<String> {
        let track = TrackConfig {
            timescale: Timescale::new(fps),
            language: Language::undetermined(),
            codec,
            codec_string: CodecString::avc1(100, 0, 30),
            media: TrackMedia::Video(VideoTrack::new(resolution, color)),
        };
        let entry = SampleEntry::new(&track).expect("a record that is long enough");
        let names = of(&entry, FrameRate::whole(fps)).into_iter().skip(4);
        names.map(|brand| String::from_utf8_lossy(&brand).into_owned()).collect()
    }

    #[test]
    fn a_brand_is_added_to_the_others() {
        let mut header = Vec::new();
        write(&mut BoxWriter::new(&mut header), &[*b"cmfc"]);
        header.extend(b"moov");
        add_brand(&mut header, *b"aid3");
        assert_eq!(header, b"\0\0\0\x18ftypcmfc\0\0\0\0cmfcaid3moov");
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
    fn hevc_has_profiles_of_its_own() {
        let (hd, uhd) = (Resolution::new(1920, 1080), Resolution::new(3840, 2160));
        let pq = ColorInfo { primaries: 9, transfer: 16, matrix: 9, full_range: false };
        let hlg = ColorInfo { transfer: 18, ..pq };
        assert_eq!(hevc_profiles(1, hd, 123, ColorInfo::BT709), ["chhd", "cud8"]);
        assert_eq!(hevc_profiles(1, uhd, 150, ColorInfo::BT709), ["cud8"]);
        assert_eq!(hevc_profiles(2, hd, 123, ColorInfo::BT709), ["chh1", "cud1"]);
        assert_eq!(hevc_profiles(2, uhd, 153, pq), ["chd1"]);
        assert_eq!(hevc_profiles(2, uhd, 153, hlg), ["clg1"]);
    }

    #[test]
    fn hevc_of_the_high_tier_or_another_profile_has_no_brand() {
        const HIGH_TIER: u8 = 0x20;
        const RANGE_EXTENSIONS: u8 = 4;
        let (none, hd): ([&str; 0], _) = ([], Resolution::new(1920, 1080));
        assert_eq!(hevc_profiles(2 | HIGH_TIER, hd, 120, ColorInfo::BT709), none);
        assert_eq!(hevc_profiles(RANGE_EXTENSIONS, hd, 120, ColorInfo::BT709), none);
        assert_eq!(hevc_profiles(1, hd, 153, ColorInfo::BT709), none);
    }

    #[test]
    fn only_standard_definition_may_have_the_colors_of_bt601() {
        let bt601 = ColorInfo { primaries: 6, transfer: 6, matrix: 6, full_range: false };
        assert_eq!(profiles(Resolution::new(640, 360), 30, 25, bt601), ["cfsd"]);
    }
}
