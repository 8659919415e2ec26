//! AAC: the AudioSpecificConfig (ISO/IEC 14496-3:2019 § 1.6.2.1).

use std::io;

use bitstream_io::BitRead;

use super::Error;
use super::bits::{Bits, bits, invalid};
use crate::media::{AudioTrack, ChannelLayout, CodecString};

/// Audio object types of ISO/IEC 14496-3:2019 Table 1.17.
const LONG_TERM_PREDICTION: u8 = 4;
const SBR: u8 = 5;
const PARAMETRIC_STEREO: u8 = 29;
const ESCAPE: u8 = 31;
/// The first sign of a backward compatible extension, Table 1.15.
const SYNC_EXTENSION_SBR: u16 = 0x2b7;
const SYNC_EXTENSION_PS: u16 = 0x548;

/// samplingFrequencyIndex, Table 1.18.
pub(super) const SAMPLE_RATES: [u32; 13] =
    [96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000, 7_350];

/// What a configuration says.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Specific {
    /// The object type that a decoder must know: 5 with SBR, 29 with parametric stereo, else that of the core.
    object_type: u8,
    /// PCM samples per second of the core.
    core_rate: u32,
    /// PCM samples per second of what is put out.
    rate: u32,
    /// PCM samples per frame of the core.
    core_length: u32,
    layout: ChannelLayout,
}

impl Specific {
    pub(super) fn parse(config: &[u8]) -> Result<Self, Error> {
        let specific = read(config).map_err(|_| Error::Damaged { what: "AudioSpecificConfig" })?;
        if (1..=LONG_TERM_PREDICTION).contains(&specific.object_type) || specific.extended() {
            Ok(specific)
        } else {
            Err(Error::Unsupported { what: "AAC of an object type without fixed frames" })
        }
    }

    fn extended(&self) -> bool {
        matches!(self.object_type, SBR | PARAMETRIC_STEREO)
    }

    /// `mp4a.40.N`. SBR that is signalled counts, also where the signal is one that old decoders pass over.
    pub(super) fn codec_string(&self) -> CodecString {
        CodecString::mp4a(self.object_type)
    }

    /// The sound facts. Parametric stereo makes two channels of one.
    pub(super) fn track(&self) -> AudioTrack {
        let stereo = self.object_type == PARAMETRIC_STEREO && self.layout == ChannelLayout::Mono;
        let frame_length = u64::from(self.core_length) * u64::from(self.rate) / u64::from(self.core_rate);
        AudioTrack {
            sample_rate: self.rate,
            layout: if stereo { ChannelLayout::Stereo } else { self.layout },
            frame_length: u32::try_from(frame_length).unwrap_or(self.core_length),
            priming: 0,
            joint_objects: None,
            loudness: None,
        }
    }
}

/// audioObjectType, with the escape for those above 30.
fn object_type(r: &mut Bits<'_>) -> io::Result<u8> {
    let short = r.read::<5, u8>()?;
    if short == ESCAPE { Ok(32 + r.read::<6, u8>()?) } else { Ok(short) }
}

fn sample_rate(r: &mut Bits<'_>) -> io::Result<u32> {
    const ESCAPE: u8 = 15;
    let rate = match r.read::<4, u8>()? {
        ESCAPE => r.read::<24, u32>()?,
        index => *SAMPLE_RATES.get(usize::from(index)).ok_or_else(invalid)?,
    };
    if rate > 0 { Ok(rate) } else { Err(invalid()) }
}

fn read(config: &[u8]) -> io::Result<Specific> {
    let mut r = bits(config);
    let mut outer = object_type(&mut r)?;
    let core_rate = sample_rate(&mut r)?;
    let channels = r.read::<4, u8>()?;
    let (mut core, mut rate) = (outer, core_rate);
    if matches!(outer, SBR | PARAMETRIC_STEREO) {
        rate = sample_rate(&mut r)?;
        core = object_type(&mut r)?;
    }
    // GASpecificConfig, § 4.4.1; other object types have other parts, and end here.
    let mut specific = Specific { object_type: outer, core_rate, rate, core_length: 1024, layout: layout(channels) };
    if !matches!(core, 1..=LONG_TERM_PREDICTION) {
        specific.object_type = core;
        return Ok(specific);
    }
    if r.read_bit()? {
        specific.core_length = 960; // frameLengthFlag
    }
    if r.read_bit()? {
        r.skip(14)?; // coreCoderDelay
    }
    r.skip(1)?; // extensionFlag, which these object types have nothing behind
    if channels == 0 {
        specific.layout = program_config(&mut r)?;
    }
    if outer == core {
        // Nothing has to follow.
        if let Ok(Some((extension, extended_rate))) = sync_extension(&mut r) {
            (outer, rate) = (extension, extended_rate);
        }
    }
    Ok(Specific { object_type: outer, rate, ..specific })
}

/// The extension that decoders without SBR pass over: object type and rate.
fn sync_extension(r: &mut Bits<'_>) -> io::Result<Option<(u8, u32)>> {
    if r.read::<11, u16>()? != SYNC_EXTENSION_SBR || object_type(r)? != SBR || !r.read_bit()? {
        return Ok(None);
    }
    let rate = sample_rate(r)?;
    let parametric = || -> io::Result<bool> { Ok(r.read::<11, u16>()? == SYNC_EXTENSION_PS && r.read_bit()?) };
    Ok(Some((if { parametric }().unwrap_or(false) { PARAMETRIC_STEREO } else { SBR }, rate)))
}

/// channelConfiguration, Table 1.19; those with a number of ISO/IEC 23091-3 bear the same one.
pub(super) fn layout(channels: u8) -> ChannelLayout {
    match channels {
        1..=7 | 11 | 12 => ChannelLayout::from_cicp(channels).expect("all of these have a layout"),
        13 => ChannelLayout::Discrete(24),
        14 => ChannelLayout::Discrete(8),
        _ => ChannelLayout::Discrete(0),
    }
}

/// program_config_element, § 4.4.1.1: elements of one or two channels before, beside and behind, and those of
/// low frequencies.
fn program_config(r: &mut Bits<'_>) -> io::Result<ChannelLayout> {
    r.skip(4 + 2 + 4)?; // element_instance_tag, object_type, sampling_frequency_index
    let [front, side, back] = [r.read::<4, u16>()?, r.read::<4, u16>()?, r.read::<4, u16>()?];
    let low = r.read::<2, u16>()?;
    r.skip(3 + 4)?; // num_assoc_data_elements, num_valid_cc_elements
    for (present, size) in [(r.read_bit()?, 4), (r.read_bit()?, 4), (r.read_bit()?, 3)] {
        if present {
            r.skip(size)?; // mono, stereo and matrix mixdown
        }
    }
    let mut count = [0; 3];
    for (channels, elements) in count.iter_mut().zip([front, side, back]) {
        for _ in 0..elements {
            *channels += 1 + u16::from(r.read_bit()?);
            r.skip(4)?; // element_tag_select
        }
    }
    Ok(match (count, low) {
        ([1, 0, 0], 0) => ChannelLayout::Mono,
        ([2, 0, 0], 0) => ChannelLayout::Stereo,
        ([3, 0, 0], 0) => ChannelLayout::Surround30,
        ([3, 0, 1], 0) => ChannelLayout::Surround40,
        ([2, 0, 2] | [2, 2, 0], 0) => ChannelLayout::Quad,
        ([3, 0, 2] | [3, 2, 0], 0) => ChannelLayout::Surround50,
        ([3, 0, 2] | [3, 2, 0], 1) => ChannelLayout::Surround51,
        ([3, 2, 1], 1) => ChannelLayout::Surround61,
        ([3, 2, 2], 1) => ChannelLayout::Surround71,
        ([5, 0, 2] | [5, 2, 0], 1) => ChannelLayout::Surround71Wide,
        ([front, side, back], low) => ChannelLayout::Discrete(front + side + back + low),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(config: &[u8]) -> (String, u32, String, u32) {
        let specific = Specific::parse(config).expect("a configuration");
        let track = specific.track();
        let codec = specific.codec_string().as_str().to_owned();
        (codec, track.sample_rate, track.layout.to_string(), track.frame_length)
    }

    fn said(codec: &str, rate: u32, layout: &str, length: u32) -> (String, u32, String, u32) {
        (codec.to_owned(), rate, layout.to_owned(), length)
    }

    #[test]
    fn plain_configurations_are_read() {
        assert_eq!(facts(&[0x11, 0x90]), said("mp4a.40.2", 48_000, "stereo", 1024));
        assert_eq!(facts(&[0x12, 0x08]), said("mp4a.40.2", 44_100, "mono", 1024));
        assert_eq!(facts(&[0x11, 0xb0]), said("mp4a.40.2", 48_000, "5.1", 1024));
        assert_eq!(facts(&[0x11, 0x94]), said("mp4a.40.2", 48_000, "stereo", 960));
    }

    #[test]
    fn sbr_is_known_by_either_signal() {
        // Hierarchical: object type 5, 24 kHz, stereo, 48 kHz, object type 2.
        assert_eq!(facts(&[0x2b, 0x11, 0x88, 0x00]), said("mp4a.40.5", 48_000, "stereo", 2048));
        // Backward compatible, as FFmpeg's `-profile:a aac_he` writes it, with and without parametric stereo.
        assert_eq!(facts(&[0x13, 0x10, 0x56, 0xe5, 0x98]), said("mp4a.40.5", 48_000, "stereo", 2048));
        let with_ps = [0x13, 0x08, 0x56, 0xe5, 0x9d, 0x48, 0x80];
        assert_eq!(facts(&with_ps), said("mp4a.40.29", 48_000, "stereo", 2048));
        assert_eq!(facts(&[0xeb, 0x09, 0x88, 0x00]), said("mp4a.40.29", 48_000, "stereo", 2048));
        // The rate 0 of an extension that FFmpeg appends to AAC-LC: SBR is not there.
        assert_eq!(facts(&[0x11, 0x90, 0x56, 0xe5, 0x00]), said("mp4a.40.2", 48_000, "stereo", 1024));
    }

    #[test]
    fn rates_without_an_index_are_read() {
        // Object type 2, rate escape, 37800 Hz, mono.
        let bits: u64 = 2 << 59 | 15 << 55 | 37_800 << 31 | 1 << 27;
        assert_eq!(facts(&bits.to_be_bytes()), said("mp4a.40.2", 37_800, "mono", 1024));
    }

    #[test]
    fn object_types_behind_the_escape_are_named_and_refused() {
        // Object type 42, xHE-AAC: 31 and ten.
        let refused = Specific::parse(&[0xf9, 0x46, 0x43, 0x22]);
        assert_eq!(refused, Err(Error::Unsupported { what: "AAC of an object type without fixed frames" }));
        assert_eq!(object_type(&mut bits(&[0xf9, 0x40])).ok(), Some(42));
    }

    #[test]
    fn a_configuration_that_breaks_off_is_an_error() {
        assert_eq!(Specific::parse(&[0x11]), Err(Error::Damaged { what: "AudioSpecificConfig" }));
        assert_eq!(Specific::parse(&[]), Err(Error::Damaged { what: "AudioSpecificConfig" }));
    }
}
