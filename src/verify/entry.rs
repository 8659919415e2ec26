//! Sample entries: what is coded and how, and the codec string that follows from it (RFC 6381).

use mp4_atom::{
    Ac3SpecificBox, Av1c, Avcc, Colr, Dfla, Dops, Ec3SpecificBox, Esds, FlacMetadataBlock, Hvcc, Pasp, VpcC,
};

use super::boxes::{self, Place};
use super::color::Color;
use super::finding::Findings;
use super::nal::{Codec, Sps};
use super::rule::rules;

rules! {
    READ: Error "ISO 14496-12 8.5.2" "the sample entry can be read and holds the configuration of its codec";
    SAMPLE_ENTRY: Error "Apple 1.10" "parameter sets are in the header: avc1, hvc1 and dvh1, not avc3, hev1 or dvhe";
    COLOR: Error "CMAF 9.2.3" "colr of type nclx is there";
    PIXELS: Error "CMAF 9.2.3" "pasp is there";
    SQUARE: Warning "CMAF 9.2.3" "pixels are square";
    PARAMETER_SETS: Error "ISO 14496-15 5.3.3" "avcC and hvcC hold the parameter sets, and those can be read";
    PROFILE: Error "ISO 14496-15 5.3.3.1" "profile and level of avcC are those of the SPS";
    SIZE: Error "ISO 14496-12 12.1.3" "the size of the sample entry is that of the SPS, cropped";
    VUI: Error "CMAF A.2" "the VUI of the SPS says primaries, transfer and matrix";
    SAME_COLOR: Error "CMAF 9.2.3" "colr says what the VUI of the SPS says";
    H264_LEVEL: Error "Apple 1.3b" "H.264 is of High Profile Level 5.2 or below";
    H264_HIGH: Warning "Apple 1.4" "H.264 is of High Profile";
    HEVC_LEVEL: Error "Apple 1.6b" "HEVC is of Main 10, Level 5.1, High Tier or below";
    HDR_METADATA: Warning "Apple 1.35" "HEVC with PQ has mastering display metadata in its header";
    ES_ID: Error "CMAF 10.3.4.2.3" "ES_ID in esds is 0";
}

/// What is coded.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Media {
    Video {
        width: u32,
        height: u32,
        /// Width and height of a pixel.
        pixel: (u32, u32),
        color: Option<Color>,
    },
    Audio {
        rate: u32,
        channels: u32,
    },
    Text,
}

/// A sample entry.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Entry {
    /// The format, of encrypted media the one before encryption.
    pub(super) format: [u8; 4],
    /// The codec string; nothing when the codec is not known here.
    pub(super) codec: Option<String>,
    /// How samples are read.
    pub(super) units: Codec,
    /// Bytes of the length in front of each NAL unit.
    pub(super) nal_length: Option<usize>,
    /// The key that encrypted samples need.
    pub(super) key: Option<[u8; 16]>,
    /// Whether samples are encrypted.
    pub(super) encrypted: bool,
    /// By which scheme.
    pub(super) scheme: Option<[u8; 4]>,
    /// Bytes of the initialization vector that each encrypted sample has.
    pub(super) vector_length: usize,
    /// What is coded.
    pub(super) media: Media,
}

impl Entry {
    /// Reads the sample entry at `place` of a track with the handler `handler`.
    pub(super) fn read(
        file: &str,
        bytes: &[u8],
        place: Place,
        handler: [u8; 4],
        findings: &mut Findings<'_>,
    ) -> Option<Self> {
        let fields = match &handler {
            b"vide" => 78,
            b"soun" => 28,
            _ => 8,
        };
        let from = (place.body + fields).min(place.end);
        let inside =
            if &place.kind == b"stpp" { Vec::new() } else { boxes::walk(bytes, from, place.end).unwrap_or_default() };
        let fields = Fields { bytes, place, inside };
        let sinf = fields.child(b"sinf");
        let frma = sinf.and_then(|sinf| boxes::find(bytes, sinf, &[b"frma"]));
        let format = frma.and_then(|frma| boxes::word(bytes, frma, 0)).map_or(place.kind, u32::to_be_bytes);
        let tenc = sinf.and_then(|sinf| boxes::find(bytes, sinf, &[b"schi", b"tenc"]));
        let key = tenc.and_then(|tenc| bytes.get(tenc.body + 8..tenc.end)?.get(..16)?.try_into().ok());
        let scheme = sinf.and_then(|sinf| boxes::word(bytes, boxes::find(bytes, sinf, &[b"schm"])?, 4));
        let scheme = scheme.map(u32::to_be_bytes);
        let vector_length = tenc.and_then(|tenc| boxes::word(bytes, tenc, 4)).map_or(0, |said| said as usize & 0xff);
        let media = match &handler {
            b"vide" => fields.picture(file, findings),
            b"soun" => fields.sound(),
            _ => Media::Text,
        };
        let encrypted = matches!(&place.kind, b"encv" | b"enca" | b"enct" | b"encs");
        let (units, nal_length) = (Codec::Other, None);
        let entry = Self { format, codec: None, units, nal_length, key, encrypted, scheme, vector_length, media };
        fields.configured(file, entry, findings).map_err(|why| findings.breaks(READ, file, why)).ok()
    }
}

/// The bytes of a sample entry.
struct Fields<'b> {
    bytes: &'b [u8],
    place: Place,
    inside: Vec<Place>,
}

impl Fields<'_> {
    fn child(&self, kind: &[u8; 4]) -> Option<Place> {
        self.inside.iter().find(|place| place.kind == *kind).copied()
    }

    fn config<T: mp4_atom::Atom>(&self, kind: &[u8; 4]) -> Result<T, String> {
        let missing = || format!("{} holds no {}", self.place.name(), boxes::name(*kind));
        boxes::decode(self.bytes, self.child(kind).ok_or_else(missing)?)
    }

    fn short(&self, at: usize) -> u32 {
        boxes::word(self.bytes, self.place, at).unwrap_or(0) >> 16
    }

    fn picture(&self, file: &str, findings: &mut Findings<'_>) -> Media {
        let colors = self.inside.iter().filter(|place| &place.kind == b"colr");
        let color = colors.filter_map(|place| boxes::decode::<Colr>(self.bytes, *place).ok()).find_map(nclx);
        findings.check(color.is_some(), COLOR, file, || "colr of type nclx is missing");
        let pixel = self.config::<Pasp>(b"pasp").ok().map(|pasp| (pasp.h_spacing.max(1), pasp.v_spacing.max(1)));
        if findings.check(pixel.is_some(), PIXELS, file, || "pasp is missing") {
            let (across, down) = pixel.unwrap_or((1, 1));
            findings.check(across == down, SQUARE, file, || format!("pixels are {across}:{down}"));
        }
        Media::Video { width: self.short(24), height: self.short(26), pixel: pixel.unwrap_or((1, 1)), color }
    }

    fn sound(&self) -> Media {
        Media::Audio { rate: self.short(24), channels: self.short(16) }
    }

    /// The entry with what its configuration record says.
    fn configured(&self, file: &str, mut entry: Entry, findings: &mut Findings<'_>) -> Result<Entry, String> {
        let kept = !matches!(&entry.format, b"avc3" | b"hev1" | b"dvhe" | b"dvav" | b"avc4");
        findings.check(kept, SAMPLE_ENTRY, file, || format!("the sample entry is {}", boxes::name(entry.format)));
        entry.codec = match &entry.format {
            b"avc1" | b"avc3" => Some(self.avc(file, &mut entry, findings)?),
            b"hvc1" | b"hev1" | b"dvh1" | b"dvhe" => Some(self.hevc(file, &mut entry, findings)?),
            b"av01" => Some(av1(&self.config(b"av1C")?)),
            b"vp09" | b"vp08" => Some(vp9(&entry.format, &self.config(b"vpcC")?)),
            b"mp4a" => Some(self.aac(file, &mut entry, findings)?),
            b"ac-3" => {
                let record: Ac3SpecificBox = self.config(b"dac3")?;
                set_channels(&mut entry, dolby_channels(record.acmod, record.lfeon));
                Some("ac-3".to_owned())
            }
            b"ec-3" => {
                let record: Ec3SpecificBox = self.config(b"dec3")?;
                if let [only] = &record.substreams[..]
                    && only.num_dep_sub == 0
                {
                    set_channels(&mut entry, dolby_channels(only.acmod, only.lfeon));
                }
                Some("ec-3".to_owned())
            }
            b"Opus" => {
                let record: Dops = self.config(b"dOps")?;
                entry.media = Media::Audio { rate: 48_000, channels: record.output_channel_count.into() };
                Some("Opus".to_owned())
            }
            b"fLaC" => {
                let record: Dfla = self.config(b"dfLa")?;
                for block in &record.blocks {
                    if let FlacMetadataBlock::StreamInfo { sample_rate, num_channels_minus_one, .. } = block {
                        let channels = u32::from(*num_channels_minus_one) + 1;
                        entry.media = Media::Audio { rate: *sample_rate, channels };
                    }
                }
                Some("fLaC".to_owned())
            }
            b"wvtt" => self.child(b"vttC").map(|_| "wvtt".to_owned()).ok_or("wvtt holds no vttC").map(Some)?,
            b"stpp" => Some("stpp".to_owned()),
            _ => None,
        };
        Ok(entry)
    }

    fn avc(&self, file: &str, entry: &mut Entry, findings: &mut Findings<'_>) -> Result<String, String> {
        let record: Avcc = self.config(b"avcC")?;
        entry.units = Codec::Avc;
        entry.nal_length = Some(record.length_size.into());
        let stated = [record.avc_profile_indication, record.profile_compatibility, record.avc_level_indication];
        let held = !record.sequence_parameter_sets.is_empty() && !record.picture_parameter_sets.is_empty();
        findings.check(held || &entry.format == b"avc3", PARAMETER_SETS, file, || "avcC holds no SPS or no PPS");
        // Baseline, Main and High; the level is ten times its number.
        let known = matches!(stated[0], 66 | 77 | 88 | 100);
        findings.check(known && stated[2] <= 52, H264_LEVEL, file, || {
            format!("the profile is {} at level {}.{}", stated[0], stated[2] / 10, stated[2] % 10)
        });
        findings.check(stated[0] == 100, H264_HIGH, file, || format!("the profile is {}", stated[0]));
        for unit in &record.sequence_parameter_sets {
            match Sps::read(unit) {
                Ok(sps) => check_sps(file, entry, &sps, stated, findings),
                Err(why) => findings.breaks(PARAMETER_SETS, file, why),
            }
        }
        let format = boxes::name(entry.format);
        Ok(format!("{format}.{:02X}{:02X}{:02X}", stated[0], stated[1], stated[2]))
    }

    fn hevc(&self, file: &str, entry: &mut Entry, findings: &mut Findings<'_>) -> Result<String, String> {
        let record: Hvcc = self.config(b"hvcC")?;
        entry.units = Codec::Hevc;
        entry.nal_length = Some(usize::from(record.length_size_minus_one) + 1);
        let sets =
            |kind: u8| record.arrays.iter().any(|array| array.nal_unit_type & 0x3f == kind && !array.nalus.is_empty());
        let held = sets(32) && sets(33) && sets(34);
        let in_header = matches!(&entry.format, b"hvc1" | b"dvh1");
        findings.check(held || !in_header, PARAMETER_SETS, file, || "hvcC lacks a VPS, SPS or PPS");
        let (profile, level) = (record.general_profile_idc, record.general_level_idc);
        // The level is thirty times its number.
        findings.check(profile <= 2 && level <= 153, HEVC_LEVEL, file, || {
            format!("the profile is {profile} at level {:.1}", f64::from(level) / 30.0)
        });
        if let Media::Video { color: Some(Color { transfer: 16, .. }), .. } = entry.media {
            let told = self.child(b"mdcv").is_some() || sets(39);
            findings.check(told, HDR_METADATA, file, || "PQ without mastering display metadata");
        }
        let format = boxes::name(entry.format);
        Ok(hevc_codec(&format, &record))
    }

    fn aac(&self, file: &str, entry: &mut Entry, findings: &mut Findings<'_>) -> Result<String, String> {
        let esds: Esds = self.config(b"esds")?;
        findings.equal(ES_ID, file, "ES_ID", esds.es_desc.es_id, 0);
        let config = &esds.es_desc.dec_config;
        if config.object_type_indication != 0x40 {
            return Ok(format!("mp4a.{:02X}", config.object_type_indication));
        }
        let specific = config.dec_specific.as_ref().ok_or("esds holds no AudioSpecificConfig")?;
        if let Media::Audio { channels, .. } = &mut entry.media
            && let 1..=7 = specific.chan_conf
        {
            *channels = if specific.chan_conf == 7 { 8 } else { specific.chan_conf.into() };
        }
        Ok(format!("mp4a.40.{}", specific.profile))
    }
}

/// The SPS against the boxes around it.
fn check_sps(file: &str, entry: &mut Entry, sps: &Sps, stated: [u8; 3], findings: &mut Findings<'_>) {
    let hex = |bytes: [u8; 3]| format!("{:02X}{:02X}{:02X}", bytes[0], bytes[1], bytes[2]);
    findings.equal(PROFILE, file, "avcC", hex(stated), hex(sps.profile));
    findings.check(sps.color.is_some(), VUI, file, || "the SPS says no colour");
    let Media::Video { width, height, color, .. } = &mut entry.media else { return };
    let text = |size: (u32, u32)| format!("{}x{}", size.0, size.1);
    findings.equal(SIZE, file, "the size of the sample entry", text((*width, *height)), text(sps.size));
    if let (Some(boxed), Some(coded)) = (*color, sps.color) {
        findings.check(boxed == coded, SAME_COLOR, file, || {
            format!("colr says {}, the SPS {}", boxed.text(), coded.text())
        });
    }
}

fn nclx(colr: Colr) -> Option<Color> {
    let Colr::Nclx { colour_primaries, transfer_characteristics, matrix_coefficients, full_range_flag } = colr else {
        return None;
    };
    Some(Color {
        primaries: colour_primaries,
        transfer: transfer_characteristics,
        matrix: matrix_coefficients,
        full_range: Some(full_range_flag),
    })
}

fn set_channels(entry: &mut Entry, count: u32) {
    if let Media::Audio { channels, .. } = &mut entry.media {
        *channels = count;
    }
}

/// ETSI TS 102 366 § 4.4.2.3: full-range channels by acmod, and the LFE.
fn dolby_channels(acmod: u8, lfe: bool) -> u32 {
    let full = [2, 1, 2, 3, 3, 4, 4, 5].get(usize::from(acmod)).copied().unwrap_or(0);
    full + u32::from(lfe)
}

/// ISO/IEC 14496-15 Annex E.3.
fn hevc_codec(format: &str, record: &Hvcc) -> String {
    let space = ["", "A", "B", "C"][usize::from(record.general_profile_space & 3)];
    let compatibility = u32::from_be_bytes(record.general_profile_compatibility_flags).reverse_bits();
    let tier = if record.general_tier_flag { 'H' } else { 'L' };
    let mut text =
        format!("{format}.{space}{}.{compatibility:X}.{tier}{}", record.general_profile_idc, record.general_level_idc);
    let constraints = &record.general_constraint_indicator_flags;
    let last = constraints.iter().rposition(|byte| *byte != 0).map_or(0, |at| at + 1);
    for byte in &constraints[..last] {
        text += &format!(".{byte:X}");
    }
    text
}

/// AV1 Codec ISO Media File Format Binding § 5, the required part.
fn av1(record: &Av1c) -> String {
    let depth = if record.twelve_bit {
        12
    } else if record.high_bitdepth {
        10
    } else {
        8
    };
    let tier = if record.seq_tier_0 { 'H' } else { 'M' };
    format!("av01.{}.{:02}{tier}.{depth:02}", record.seq_profile, record.seq_level_idx_0)
}

/// VP Codec ISO Media File Format Binding, the required part.
fn vp9(format: &[u8; 4], record: &VpcC) -> String {
    format!("{}.{:02}.{:02}.{:02}", boxes::name(*format), record.profile, record.level, record.bit_depth)
}

/// Whether a codec string that a manifest declares means `actual`: AV1, VP9 and TTML may say more than they must,
/// and hexadecimal digits and the names of Opus and FLAC come in both cases.
pub(super) fn same_codec(declared: &str, actual: &str) -> bool {
    let declared = declared.trim();
    let optional = ["av01.", "vp09.", "stpp"].iter().any(|prefix| actual.starts_with(prefix));
    if optional {
        let rest = declared.strip_prefix(actual);
        return rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
    }
    declared.eq_ignore_ascii_case(actual)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codec_strings_may_say_more_than_they_must() {
        assert!(same_codec("avc1.64001f", "avc1.64001F"));
        assert!(same_codec("av01.0.04M.08.0.110.01.01.01.0", "av01.0.04M.08"));
        assert!(same_codec("stpp.ttml.im1t", "stpp") && same_codec("flac", "fLaC"));
        for (declared, actual) in
            [("avc1.64001E", "avc1.64001F"), ("av01.0.04M.10", "av01.0.04M.08"), ("hev1.1.6.L93", "hvc1.1.6.L93")]
        {
            assert!(!same_codec(declared, actual), "{declared}");
        }
    }

    #[test]
    fn surround_of_dolby_has_six_channels() {
        assert_eq!((dolby_channels(7, true), dolby_channels(2, false), dolby_channels(9, false)), (6, 2, 0));
    }
}
