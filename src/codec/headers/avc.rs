//! H.264: NAL unit and slice headers (ITU-T H.264 § 7.3.3).

use h264_reader::Context;
use h264_reader::nal::NalHeader;
use h264_reader::nal::pps::PicParameterSet;
use h264_reader::nal::slice::SliceHeader;
use h264_reader::nal::sps::SeqParameterSet;

use super::position::bytes_read;
use super::{Part, units};
use crate::codec::Error;
use crate::codec::avc::Record;
use crate::codec::bits::{self, AVC_HEADER};

/// nal_unit_type values of ITU-T H.264 Table 7-1: slices that are not partitioned.
const SLICE: u8 = 1;
const IDR_SLICE: u8 = 5;

/// Reads the headers of slices by the parameter sets of the record.
pub(super) struct Slices {
    sets: Context,
}

impl std::fmt::Debug for Slices {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Slices")
    }
}

impl Slices {
    pub(super) fn new(record: &[u8]) -> Result<Self, Error> {
        let damaged = |what| Error::Damaged { what };
        let record = Record::parse(record)?;
        let mut sets = Context::new();
        for sps in &record.sps {
            let sps = SeqParameterSet::from_bits(bits::rbsp(sps, AVC_HEADER));
            sets.put_seq_param_set(sps.map_err(|_| damaged("sequence parameter set"))?);
        }
        for pps in &record.pps {
            let pps = PicParameterSet::from_bits(&sets, bits::rbsp(pps, AVC_HEADER));
            let pps = pps.map_err(|_| damaged("picture parameter set"))?;
            sets.put_pic_param_set(pps);
        }
        Ok(Self { sets })
    }

    pub(super) fn parts(&self, front: &[u8], bytes: usize) -> Result<Vec<Part>, Error> {
        units::parts(front, bytes, |unit| {
            let Some(&first) = unit.first() else { return Ok(None) };
            if !matches!(first & 0x1f, SLICE | IDR_SLICE) {
                return Ok(None);
            }
            let damaged = Error::Damaged { what: "header of a slice" };
            let Ok(header) = NalHeader::new(first) else { return Err(damaged) };
            let read =
                bytes_read(unit, AVC_HEADER, |r| SliceHeader::from_bits(&self.sets, r, header, None).map(|_| ()));
            read.map(Some).map_err(|_| damaged)
        })
    }
}
