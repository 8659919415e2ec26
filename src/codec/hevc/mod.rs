//! HEVC: the HEVCDecoderConfigurationRecord (ISO/IEC 14496-15:2022 § 8.3.3.1), made or mended, and samples of
//! `hvc1`.

mod record;
mod sps;

use super::bits::HEVC_HEADER;
use super::nal::{self, Framing};
use super::sets::{Kind, OutOfBand};
use super::{Error, sei};
use crate::media::{CodecString, VideoTrack};
use record::Record;
use sps::Sps;

/// nal_unit_type values of ITU-T H.265 Table 7-1.
const VPS: u8 = 32;
const SPS: u8 = 33;
const PPS: u8 = 34;
const ACCESS_UNIT_DELIMITER: u8 = 35;
const FILLER: u8 = 38;
const PREFIX_SEI: u8 = 39;
/// The parameter sets, in the order in which a record has them.
const PARAMETER_SETS: [u8; 3] = [VPS, SPS, PPS];

/// An HEVC stream: its record, and what that means.
#[derive(Debug)]
pub(super) struct Hevc {
    pub(super) record: Vec<u8>,
    pub(super) codec_string: CodecString,
    pub(super) track: VideoTrack,
    pub(super) samples: OutOfBand,
}

impl Hevc {
    /// Of `config`, a record or Annex B headers or nothing, and the first access unit.
    pub(super) fn new(config: &[u8], key: &[u8]) -> Result<Self, Error> {
        let given = if config.first() == Some(&1) { Some(Record::parse(config)?) } else { None };
        let framing = given.as_ref().map_or(Framing::AnnexB, |record| Framing::Length(record.length_size));
        let units = framing.units(key)?;
        let headers: Vec<&[u8]> = if given.is_some() { Vec::new() } else { nal::annex_b(config).collect() };

        let given = given.filter(|record| PARAMETER_SETS.iter().all(|wanted| record.has(*wanted)));
        let record = match given {
            Some(record) => record.out_of_band(),
            None => Record::of_units(headers.iter().chain(&units).copied())?,
        };
        let sps = Sps::parse(record.first(SPS).ok_or(Error::Missing { what: "sequence parameter set" })?)?;
        let mut track = sps.track();
        let stored = record.units().filter(|unit| kind(unit) == PREFIX_SEI);
        let messages = stored.chain(units.iter().copied().filter(|unit| kind(unit) == PREFIX_SEI));
        messages.for_each(|unit| sei::read(unit, HEVC_HEADER, &mut track.hdr));
        let sets = record.units().filter(|unit| PARAMETER_SETS.contains(&kind(unit))).map(<[u8]>::to_vec).collect();
        Ok(Self {
            codec_string: CodecString::hvc1(record.profile()),
            record: record.write()?,
            track,
            samples: OutOfBand { framing, kind: role, sets },
        })
    }
}

/// nal_unit_type of the base layer; 255 for units of other layers, which are left as they are.
fn kind(unit: &[u8]) -> u8 {
    match *unit {
        [first, second, ..] if first & 1 == 0 && second >> 3 == 0 => first >> 1 & 0x3f,
        _ => 0xff,
    }
}

fn role(unit: &[u8]) -> Kind {
    match kind(unit) {
        VPS | SPS | PPS => Kind::ParameterSet,
        ACCESS_UNIT_DELIMITER | FILLER => Kind::Dropped,
        _ => Kind::Kept,
    }
}
