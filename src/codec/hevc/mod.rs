//! HEVC: the HEVCDecoderConfigurationRecord (ISO/IEC 14496-15:2022 § 8.3.3.1), made or mended, and samples of
//! `hvc1`.

mod limit;
mod pps;
mod record;
mod references;
mod slice;
mod sps;

use std::ops::RangeInclusive;

use h264_reader::rbsp::BitRead;

use super::bits::HEVC_HEADER;
use super::nal::{self, Framing};
use super::sets::{Kind, OutOfBand};
use super::{Error, sei};
use crate::media::{CodecString, VideoTrack};
use pps::Pps;
use record::Record;
use slice::Sets;
use sps::Sps;

/// nal_unit_type values of ITU-T H.265 Table 7-1: slice segments, those of pictures at which a decoder can start, and
/// those that need no other picture.
const SLICES: [RangeInclusive<u8>; 2] = [0..=9, 16..=21];
const IRAP: RangeInclusive<u8> = 16..=23;
const IDR: RangeInclusive<u8> = 19..=20;
/// The others that are told apart here.
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

pub(super) fn role(unit: &[u8]) -> Kind {
    match kind(unit) {
        VPS | SPS | PPS => Kind::ParameterSet,
        ACCESS_UNIT_DELIMITER | FILLER => Kind::Dropped,
        _ => Kind::Kept,
    }
}

/// Reads the headers of slice segments by the parameter sets of a record.
#[derive(Debug)]
pub(super) struct SliceHeaders {
    sps: Vec<Sps>,
    pps: Vec<Pps>,
}

impl SliceHeaders {
    pub(super) fn new(record: &[u8]) -> Result<Self, Error> {
        let record = Record::parse(record)?;
        let of = |wanted| record.units().filter(move |unit| kind(unit) == wanted);
        Ok(Self {
            sps: of(SPS).map(Sps::parse).collect::<Result<_, _>>()?,
            pps: of(PPS).map(Pps::parse).collect::<Result<_, _>>()?,
        })
    }

    /// Whether a NAL unit is a slice segment of the base layer.
    pub(super) fn is_slice(unit: &[u8]) -> bool {
        SLICES.iter().any(|slices| slices.contains(&kind(unit)))
    }

    /// Reads the header of `unit`, a slice segment, whose bits behind the header of a NAL unit `r` has.
    pub(super) fn skip<R: BitRead>(&self, r: &mut R, unit: &[u8]) -> Result<(), Error> {
        let sets = |id| {
            let pps = self.pps.iter().find(|pps| pps.id == id)?;
            let sps = self.sps.iter().find(|sps| sps.tools.id == pps.sps)?;
            Some(Sets { sps, pps })
        };
        slice::skip_header(r, kind(unit), sets).map_err(|_| Error::Damaged { what: "header of a slice" })
    }
}
