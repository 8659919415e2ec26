//! Samples of H.264 and HEVC whose parameter sets stand in the record alone.

use std::borrow::Cow;

use super::Error;
use super::nal::{self, Framing};

/// What becomes of a NAL unit on its way into a sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// It stays.
    Kept,
    /// A parameter set: it goes, and the record must have it.
    ParameterSet,
    /// No player needs it: access unit delimiters and filler.
    Dropped,
}

/// Turns access units into samples of `avc1` or `hvc1`: four bytes of length before each NAL unit.
#[derive(Debug)]
pub(super) struct OutOfBand {
    /// How the source separates its NAL units.
    pub(super) framing: Framing,
    /// The codec's names for NAL units.
    pub(super) kind: fn(&[u8]) -> Kind,
    /// The parameter sets of the record.
    pub(super) sets: Vec<Vec<u8>>,
}

impl OutOfBand {
    /// One access unit as a sample. A parameter set that the record does not have is an error: the sample
    /// entries `avc1` and `hvc1` allow none in samples, so pictures would be decoded with the wrong one.
    pub(super) fn sample(&self, access_unit: Cow<'_, [u8]>) -> Result<Vec<u8>, Error> {
        let units = self.framing.units(&access_unit)?;
        let kept = units.iter().filter(|unit| (self.kind)(unit) == Kind::Kept);
        if self.framing == Framing::Length(4)
            && kept.map(|unit| nal::LENGTH + unit.len()).sum::<usize>() == access_unit.len()
        {
            return Ok(access_unit.into_owned());
        }
        let mut sample = Vec::with_capacity(access_unit.len() + 16);
        for unit in units {
            match (self.kind)(unit) {
                Kind::Kept => nal::append(&mut sample, unit),
                Kind::ParameterSet if !self.sets.iter().any(|set| set == unit) => {
                    return Err(Error::Changed { what: "parameter sets" });
                }
                Kind::ParameterSet | Kind::Dropped => (),
            }
        }
        Ok(sample)
    }
}
