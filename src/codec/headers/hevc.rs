//! HEVC: NAL unit and slice segment headers.

use super::position::bytes_read;
use super::{Part, units};
use crate::codec::Error;
use crate::codec::bits::HEVC_HEADER;
use crate::codec::hevc::SliceHeaders;

/// Reads the headers of slices by the parameter sets of the record.
#[derive(Debug)]
pub(super) struct Slices {
    headers: SliceHeaders,
}

impl Slices {
    pub(super) fn new(record: &[u8]) -> Result<Self, Error> {
        Ok(Self { headers: SliceHeaders::new(record)? })
    }

    pub(super) fn parts(&self, front: &[u8], bytes: usize) -> Result<Vec<Part>, Error> {
        units::parts(front, bytes, |unit| {
            if !SliceHeaders::is_slice(unit) {
                return Ok(None);
            }
            bytes_read(unit, HEVC_HEADER, |r| self.headers.skip(r, unit)).map(Some)
        })
    }
}
