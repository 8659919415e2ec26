//! H.264 and HEVC inside samples and headers: parameter sets and NAL units.

use h264_reader::nal::sps::SeqParameterSet;
use h264_reader::nal::{Nal, RefNal};

use super::color::Color;

/// How NAL units are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Codec {
    Avc,
    Hevc,
    /// Samples are no NAL units.
    Other,
}

/// What a sequence parameter set of H.264 says.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Sps {
    /// Profile, constraints and level: the six digits of the codec string.
    pub(super) profile: [u8; 3],
    /// Pixels across and down that are shown.
    pub(super) size: (u32, u32),
    /// The colour, when the VUI says it.
    pub(super) color: Option<Color>,
}

impl Sps {
    /// Reads a NAL unit.
    pub(super) fn read(unit: &[u8]) -> Result<Self, String> {
        if unit.is_empty() {
            return Err("an SPS is empty".to_owned());
        }
        let sps = SeqParameterSet::from_bits(RefNal::new(unit, &[], true).rbsp_bits())
            .map_err(|why| format!("an SPS cannot be read: {why:?}"))?;
        let size = sps.pixel_dimensions().map_err(|why| format!("an SPS has no size: {why:?}"))?;
        let signal = sps.vui_parameters.as_ref().and_then(|vui| vui.video_signal_type.as_ref());
        let color = signal.and_then(|signal| {
            let codes = signal.colour_description.as_ref()?;
            Some(Color {
                primaries: codes.colour_primaries.into(),
                transfer: codes.transfer_characteristics.into(),
                matrix: codes.matrix_coefficients.into(),
                full_range: Some(signal.video_full_range_flag),
            })
        });
        let profile = unit.get(1..4).map_or([0; 3], |bytes| [bytes[0], bytes[1], bytes[2]]);
        Ok(Self { profile, size, color })
    }
}

/// What the NAL units of a sample are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Units {
    /// A slice of a picture at which decoding can start.
    pub(super) key: bool,
    /// A slice of another picture.
    pub(super) other: bool,
    /// A parameter set.
    pub(super) parameter_set: bool,
}

impl Units {
    /// Adds the NAL unit whose first byte is `byte`.
    pub(super) fn add(&mut self, codec: &Codec, byte: u8) {
        match codec {
            Codec::Hevc => match byte >> 1 & 0x3f {
                // IRAP pictures: BLA, IDR and CRA (ITU-T H.265 table 7-1).
                16..=21 => self.key = true,
                0..=9 => self.other = true,
                32..=34 => self.parameter_set = true,
                _ => {}
            },
            Codec::Avc | Codec::Other => match byte & 0x1f {
                5 => self.key = true,
                1..=4 => self.other = true,
                7 | 8 => self.parameter_set = true,
                _ => {}
            },
        }
    }
}
