//! HEVCDecoderConfigurationRecord, ISO/IEC 14496-15:2022 § 8.3.3.1.

use super::sps::Sps;
use super::{PARAMETER_SETS, kind};
use crate::codec::Error;
use crate::media::HevcProfile;

/// Bytes before the arrays.
const FIXED: usize = 23;

/// A record in its parts.
#[derive(Debug)]
pub(super) struct Record {
    /// All before the arrays.
    fixed: [u8; FIXED],
    arrays: Vec<Array>,
    /// Bytes of the length before each NAL unit of a sample.
    pub(super) length_size: u8,
}

/// The NAL units of one type.
#[derive(Debug)]
struct Array {
    /// Samples have no more units of this type.
    complete: bool,
    kind: u8,
    units: Vec<Vec<u8>>,
}

impl Record {
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, Error> {
        let parsed = || {
            let (fixed, mut rest) = bytes.split_first_chunk::<FIXED>()?;
            let mut arrays = Vec::new();
            for _ in 0..fixed[22] {
                let (array, after) = Array::parse(rest)?;
                arrays.push(array);
                rest = after;
            }
            Some(Self { fixed: *fixed, arrays, length_size: (fixed[21] & 3) + 1 })
        };
        parsed().ok_or(Error::Damaged { what: "HEVCDecoderConfigurationRecord" })
    }

    /// The record with the parameter sets among `units`.
    pub(super) fn of_units<'a>(units: impl Iterator<Item = &'a [u8]> + Clone) -> Result<Self, Error> {
        let missing = ["video parameter set", "sequence parameter set", "picture parameter set"];
        let mut arrays = Vec::new();
        for (wanted, what) in PARAMETER_SETS.into_iter().zip(missing) {
            let mut found: Vec<Vec<u8>> = Vec::new();
            for unit in units.clone().filter(|unit| kind(unit) == wanted) {
                if !found.iter().any(|known| known == unit) {
                    found.push(unit.to_vec());
                }
            }
            if found.is_empty() {
                return Err(Error::Missing { what });
            }
            arrays.push(Array { complete: true, kind: wanted, units: found });
        }
        let sps = Sps::parse(&arrays[1].units[0])?;
        let mut fixed = [0; FIXED];
        fixed[0] = 1; // configurationVersion
        fixed[1..13].copy_from_slice(&sps.profile_tier_level);
        // Reserved bits are ones. Segments and parallelism are not known, which is 0; so is the average
        // frame rate.
        fixed[13] = 0xf0;
        fixed[15] = 0xfc;
        fixed[16] = 0xfc | sps.chroma_format;
        fixed[17] = 0xf8 | (sps.luma_depth - 8);
        fixed[18] = 0xf8 | (sps.chroma_depth - 8);
        fixed[21] = sps.temporal_layers << 3 | u8::from(sps.temporal_nesting) << 2 | 3;
        Ok(Self { fixed, arrays, length_size: 4 })
    }

    /// The same with the promise of `hvc1`: no parameter set stands in a sample (§ 8.4.1.1.1).
    pub(super) fn out_of_band(mut self) -> Self {
        for array in self.arrays.iter_mut().filter(|array| PARAMETER_SETS.contains(&array.kind)) {
            array.complete = true;
        }
        self
    }

    /// Whether it has units of this type.
    pub(super) fn has(&self, wanted: u8) -> bool {
        self.first(wanted).is_some()
    }

    /// The first unit of this type.
    pub(super) fn first(&self, wanted: u8) -> Option<&[u8]> {
        self.units().find(|unit| kind(unit) == wanted)
    }

    /// All units.
    pub(super) fn units(&self) -> impl Iterator<Item = &[u8]> {
        self.arrays.iter().flat_map(|array| array.units.iter().map(Vec::as_slice))
    }

    /// Profile, tier and level.
    pub(super) fn profile(&self) -> HevcProfile {
        let [_, first, a, b, c, d, constraints @ .., level] = *self.fixed.first_chunk::<13>().expect("23 bytes");
        HevcProfile {
            space: first >> 6,
            high_tier: first & 0x20 != 0,
            profile: first & 0x1f,
            compatibility: u32::from_be_bytes([a, b, c, d]),
            constraints,
            level,
        }
    }

    /// The bytes. Samples are written with lengths of four bytes.
    pub(super) fn write(&self) -> Result<Vec<u8>, Error> {
        let mut bytes = self.fixed.to_vec();
        bytes[21] |= 3;
        bytes[22] = u8::try_from(self.arrays.len()).map_err(|_| TOO_MANY)?;
        for array in &self.arrays {
            bytes.push(u8::from(array.complete) << 7 | array.kind);
            bytes.extend(u16::try_from(array.units.len()).map_err(|_| TOO_MANY)?.to_be_bytes());
            for unit in &array.units {
                bytes.extend(u16::try_from(unit.len()).map_err(|_| TOO_MANY)?.to_be_bytes());
                bytes.extend_from_slice(unit);
            }
        }
        Ok(bytes)
    }
}

const TOO_MANY: Error = Error::Unsupported { what: "HEVC with so many parameter sets" };

impl Array {
    fn parse(bytes: &[u8]) -> Option<(Self, &[u8])> {
        let (&[first, a, b], mut rest) = bytes.split_first_chunk()?;
        let mut units = Vec::new();
        for _ in 0..u16::from_be_bytes([a, b]) {
            let (length, after) = rest.split_first_chunk::<2>()?;
            let (unit, after) = after.split_at_checked(u16::from_be_bytes(*length).into())?;
            units.push(unit.to_vec());
            rest = after;
        }
        Some((Self { complete: first & 0x80 != 0, kind: first & 0x3f, units }, rest))
    }
}

#[cfg(test)]
mod tests {
    use super::super::SPS;
    use super::*;

    #[test]
    fn a_record_that_allows_sets_in_samples_no_longer_does() {
        let mut bytes = [0; FIXED].to_vec();
        bytes[0] = 1;
        bytes[22] = 1;
        bytes.extend([SPS, 0, 1, 0, 2, 0x42, 1]);
        let record = Record::parse(&bytes).expect("one array");
        assert_eq!(record.length_size, 1);
        let written = record.out_of_band().write().expect("a short one");
        assert_eq!(written[FIXED..], [0x80 | SPS, 0, 1, 0, 2, 0x42, 1]);
        assert_eq!(written[21] & 3, 3);
    }

    #[test]
    fn a_record_that_breaks_off_is_an_error() {
        let mut bytes = [0; FIXED].to_vec();
        bytes[22] = 1;
        assert!(Record::parse(&bytes).is_err() && Record::parse(&bytes[..20]).is_err());
    }
}
