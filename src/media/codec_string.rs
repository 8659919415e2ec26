//! The `codecs` value of RFC 6381: what a player asks its decoder about before it loads anything.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::color::ColorInfo;

/// The `codecs` value of RFC 6381, made from the real parameter sets.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CodecString(String);

/// Profile, tier and level of an HEVC stream, as `general_…` of profile_tier_level (ITU-T H.265 § 7.3.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HevcProfile {
    /// general_profile_space.
    pub space: u8,
    /// general_tier_flag: the High tier.
    pub high_tier: bool,
    /// general_profile_idc: 1 is Main, 2 is Main 10.
    pub profile: u8,
    /// general_profile_compatibility_flags, the flag of profile 0 in the highest bit.
    pub compatibility: u32,
    /// The six bytes of constraint flags.
    pub constraints: [u8; 6],
    /// general_level_idc: thirty times the level.
    pub level: u8,
}

/// What an AV1 codec string says of a sequence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Av1Profile {
    /// seq_profile: 0 is Main, 1 High, 2 Professional.
    pub profile: u8,
    /// seq_level_idx of the first operating point.
    pub level: u8,
    /// The High tier.
    pub high_tier: bool,
    /// Bits per sample.
    pub bit_depth: u8,
    /// No chroma planes.
    pub monochrome: bool,
    /// Chroma has half the width.
    pub subsampling_x: bool,
    /// Chroma has half the height.
    pub subsampling_y: bool,
    /// chroma_sample_position.
    pub chroma_position: u8,
    /// Colour, as the sequence header says it.
    pub color: ColorInfo,
}

/// What a VP9 codec string says of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Vp9Profile {
    /// Profile, 0 to 3.
    pub profile: u8,
    /// Ten times the level.
    pub level: u8,
    /// Bits per sample.
    pub bit_depth: u8,
    /// chromaSubsampling: 1 is 4:2:0 with chroma beside luma, 2 is 4:2:2, 3 is 4:4:4.
    pub chroma: u8,
    /// Colour.
    pub color: ColorInfo,
}

impl CodecString {
    /// `avc1.PPCCLL` from profile, constraint flags and level of the SPS (RFC 6381 § 3.3).
    pub fn avc1(profile: u8, constraints: u8, level: u8) -> Self {
        Self(format!("avc1.{profile:02X}{constraints:02X}{level:02X}"))
    }

    /// `hvc1.P.C.TLL.constraints` (ISO/IEC 14496-15:2022 § E.3): the compatibility flags with their bits
    /// turned round, and the constraint bytes up to the last that is not zero.
    pub fn hvc1(profile: HevcProfile) -> Self {
        let space = ["", "A", "B", "C"][usize::from(profile.space & 3)];
        let tier = if profile.high_tier { 'H' } else { 'L' };
        let flags = profile.compatibility.reverse_bits();
        let mut text = format!("hvc1.{space}{}.{flags:X}.{tier}{}", profile.profile, profile.level);
        let used = profile.constraints.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
        for byte in &profile.constraints[..used] {
            text += &format!(".{byte:X}");
        }
        Self(text)
    }

    /// `av01.P.LLT.DD`, and `.M.CCC.cp.tc.mc.F` behind it where one of them is not the default
    /// (AV1-ISOBMFF § 5): BT.709, narrow range, 4:2:0. A colour that is not known counts as the default.
    pub fn av01(profile: Av1Profile) -> Self {
        let tier = if profile.high_tier { 'H' } else { 'M' };
        let short = format!("av01.{}.{:02}{tier}.{:02}", profile.profile, profile.level, profile.bit_depth);
        // The position says something of 4:2:0 alone.
        let position = if profile.subsampling_x && profile.subsampling_y { profile.chroma_position } else { 0 };
        let chroma = (u8::from(profile.subsampling_x), u8::from(profile.subsampling_y), position);
        let usual_chroma = matches!(chroma, (1, 1, 0)) && !profile.monochrome;
        if usual_chroma && is_default(profile.color) {
            return Self(short);
        }
        let (x, y, position) = chroma;
        let range = u8::from(profile.color.full_range);
        Self(format!("{short}.{}.{x}{y}{position}.{}.{range}", u8::from(profile.monochrome), codes(profile.color)))
    }

    /// `vp09.PP.LL.DD`, and `.CC.cp.tc.mc.FF` behind it where one of them is not the default (VP Codec ISO
    /// Media File Format Binding, "Codecs Parameter String"). A colour that is not known counts as the
    /// default.
    pub fn vp09(profile: Vp9Profile) -> Self {
        let short = format!("vp09.{:02}.{:02}.{:02}", profile.profile, profile.level, profile.bit_depth);
        if profile.chroma == 1 && is_default(profile.color) {
            return Self(short);
        }
        let range = u8::from(profile.color.full_range);
        Self(format!("{short}.{:02}.{}.{range:02}", profile.chroma, codes(profile.color)))
    }

    /// `mp4a.40.N` from the audio object type of the AudioSpecificConfig.
    pub fn mp4a(audio_object_type: u8) -> Self {
        Self(format!("mp4a.40.{audio_object_type}"))
    }

    /// `mp4a.6B` or `mp4a.69` from the object type of `esds`, which RFC 6381 § 3.3 asks for: MP3 is an
    /// object of its own there, not one of MPEG-4 (`mp4a.40.34`).
    pub fn mp3(object_type: u8) -> Self {
        Self(format!("mp4a.{object_type:02X}"))
    }

    /// `ac-3` (ETSI TS 102 366 § F.3).
    pub fn ac3() -> Self {
        Self("ac-3".to_owned())
    }

    /// `ec-3` (ETSI TS 102 366 § F.5), with Atmos or without.
    pub fn eac3() -> Self {
        Self("ec-3".to_owned())
    }

    /// `Opus`, the code of the sample entry. Safari knows only this spelling for MP4 (and `opus` only for
    /// WebM); Chromium, hls.js and Shaka Player know both.
    pub fn opus() -> Self {
        Self("Opus".to_owned())
    }

    /// `fLaC`, the code of the sample entry and what Apple's authoring specification writes. hls.js and
    /// Shaka Player turn it into what a browser knows.
    pub fn flac() -> Self {
        Self("fLaC".to_owned())
    }

    /// `wvtt`, the code of the sample entry (ISO/IEC 14496-30:2018 annex A).
    pub fn wvtt() -> Self {
        Self("wvtt".to_owned())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether `color` is what a codec string without colour stands for.
fn is_default(color: ColorInfo) -> bool {
    color == ColorInfo::BT709 || color == ColorInfo::UNSPECIFIED
}

/// The three code points with two digits each.
fn codes(color: ColorInfo) -> String {
    format!("{:02}.{:02}.{:02}", color.primaries, color.transfer, color.matrix)
}

impl fmt::Display for CodecString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAIN: HevcProfile = HevcProfile {
        space: 0,
        high_tier: false,
        profile: 1,
        compatibility: 0x6000_0000,
        constraints: [0xb0, 0, 0, 0, 0, 0],
        level: 93,
    };
    const PQ: ColorInfo = ColorInfo { primaries: 9, transfer: 16, matrix: 9, full_range: false };

    #[test]
    fn hevc_strings_are_those_of_the_specification() {
        assert_eq!(CodecString::hvc1(MAIN).as_str(), "hvc1.1.6.L93.B0");
        let high = HevcProfile { space: 1, high_tier: true, constraints: [0xb0, 0x23, 0, 0, 0, 0], ..MAIN };
        assert_eq!(CodecString::hvc1(high).as_str(), "hvc1.A1.6.H93.B0.23");
        assert_eq!(CodecString::hvc1(HevcProfile { constraints: [0; 6], ..MAIN }).as_str(), "hvc1.1.6.L93");
    }

    #[test]
    fn av1_strings_are_long_only_where_the_default_does_not_do() {
        let main = Av1Profile {
            profile: 0,
            level: 4,
            high_tier: false,
            bit_depth: 10,
            monochrome: false,
            subsampling_x: true,
            subsampling_y: true,
            chroma_position: 0,
            color: ColorInfo::BT709,
        };
        assert_eq!(CodecString::av01(main).as_str(), "av01.0.04M.10");
        assert_eq!(CodecString::av01(Av1Profile { color: PQ, ..main }).as_str(), "av01.0.04M.10.0.110.09.16.09.0");
        let gray = Av1Profile { monochrome: true, high_tier: true, level: 13, ..main };
        assert_eq!(CodecString::av01(gray).as_str(), "av01.0.13H.10.1.110.01.01.01.0");
        let colocated = Av1Profile { chroma_position: 2, ..main };
        assert_eq!(CodecString::av01(colocated).as_str(), "av01.0.04M.10.0.112.01.01.01.0");
    }

    #[test]
    fn vp9_strings_are_long_only_where_the_default_does_not_do() {
        let main = Vp9Profile { profile: 0, level: 31, bit_depth: 8, chroma: 1, color: ColorInfo::UNSPECIFIED };
        assert_eq!(CodecString::vp09(main).as_str(), "vp09.00.31.08");
        let hdr = Vp9Profile { profile: 2, level: 51, bit_depth: 10, color: PQ, ..main };
        assert_eq!(CodecString::vp09(hdr).as_str(), "vp09.02.51.10.01.09.16.09.00");
    }
}
