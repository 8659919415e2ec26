//! Samples of H.264 and HEVC whose parameter sets stand in the record alone.

use std::borrow::Cow;

use super::Error;
use super::nal::{self, Framing};

/// A length, and the header of a NAL unit behind it.
pub(super) const PEEKED: usize = nal::LENGTH + 2;

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
    /// Whether an access unit of so many `bytes` is a sample as it is. `peek` gives the first bytes of a NAL unit behind
    /// its length, from where that begins.
    pub(super) fn keeps(&self, bytes: usize, mut peek: impl FnMut(usize) -> Option<[u8; PEEKED]>) -> bool {
        let mut at = 0;
        while self.framing == Framing::Length(4) && at < bytes {
            let Some([a, b, c, d, header @ ..]) = peek(at) else { return false };
            let unit = u32::from_be_bytes([a, b, c, d]) as usize;
            let header = &header[..unit.min(header.len())];
            if unit == 0 || unit > bytes.saturating_sub(at + nal::LENGTH) || (self.kind)(header) != Kind::Kept {
                return false;
            }
            at += nal::LENGTH + unit;
        }
        bytes > 0 && at == bytes
    }

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

#[cfg(test)]
mod tests {
    use super::*;

    fn samples(framing: Framing) -> OutOfBand {
        let kind = |unit: &[u8]| match unit.first() {
            Some(9) => Kind::Dropped,
            Some(7) => Kind::ParameterSet,
            _ => Kind::Kept,
        };
        OutOfBand { framing, kind, sets: vec![vec![7, 7]] }
    }

    fn keeps(samples: &OutOfBand, unit: &[u8]) -> bool {
        samples.keeps(unit.len(), |at| unit.get(at..)?.first_chunk().copied())
    }

    /// It says so without reading more than headers, of all that reading would leave as it is.
    #[test]
    fn what_is_kept_is_what_reading_leaves_as_it_is() {
        let unit = |kind: u8, bytes: usize| [&(bytes as u32).to_be_bytes()[..], &vec![kind; bytes]].concat();
        let good = [unit(1, 2), unit(6, 9), unit(1, 300)];
        let cases = [
            (good.concat(), true),
            ([unit(9, 2), good.concat()].concat(), false),
            ([good.concat(), unit(7, 2)].concat(), false),
            ([good.concat(), unit(1, 0)].concat(), false),
            ([good.concat(), vec![0, 0, 0]].concat(), false),
            ([good.concat(), vec![0, 0, 0, 9, 1, 1]].concat(), false),
            ([good.concat(), vec![255, 255, 255, 255, 1, 1]].concat(), false),
        ];
        for (access_unit, kept) in cases {
            assert_eq!(keeps(&samples(Framing::Length(4)), &access_unit), kept, "{access_unit:?}");
            let same = samples(Framing::Length(4)).sample((&access_unit).into()).is_ok_and(|s| s == access_unit);
            assert_eq!(same, kept, "{access_unit:?}");
            assert!(
                !keeps(&samples(Framing::AnnexB), &access_unit) && !keeps(&samples(Framing::Length(2)), &access_unit)
            );
        }
        assert!(!keeps(&samples(Framing::Length(4)), &[]));
    }
}
