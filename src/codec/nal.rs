//! NAL units: found by their start codes, or by the length in front of each.

use super::Error;

/// How NAL units follow each other in a sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Framing {
    /// Start codes (ITU-T H.264 § B.1, H.265 § B.2).
    AnnexB,
    /// A length of so many bytes before each (ISO/IEC 14496-15:2022 § 4.3.3).
    Length(u8),
}

impl Framing {
    /// The NAL units of a sample.
    pub(super) fn units(self, sample: &[u8]) -> Result<Vec<&[u8]>, Error> {
        match self {
            Self::AnnexB => Ok(annex_b(sample).collect()),
            Self::Length(size) => match length_prefixed(sample, size.into()) {
                (units, []) => Ok(units),
                _ => Err(Error::Damaged { what: "length of a NAL unit" }),
            },
        }
    }

    /// The NAL units that lie whole in the front of a sample.
    pub(super) fn units_of_front(self, front: &[u8]) -> Vec<&[u8]> {
        match self {
            Self::AnnexB => annex_b(front).collect(),
            Self::Length(size) => length_prefixed(front, size.into()).0,
        }
    }
}

/// The NAL units of an Annex B byte stream (ITU-T H.264 § B.1), without start codes; none is empty.
pub fn annex_b(stream: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut starts = Vec::new();
    let mut at = 0;
    while let Some(found) = find_start_code(&stream[at..]) {
        starts.push(at + found);
        at += found + 3;
    }
    let ends: Vec<usize> = starts.iter().skip(1).copied().chain([stream.len()]).collect();
    starts.into_iter().zip(ends).filter_map(|(start, end)| {
        let unit = &stream[start + 3..end];
        // The zero bytes before the next start code are not part of the unit.
        let length = unit.iter().rposition(|b| *b != 0)? + 1;
        Some(&unit[..length])
    })
}

/// Offset of the next `00 00 01`.
fn find_start_code(bytes: &[u8]) -> Option<usize> {
    let mut at = 0;
    while at + 3 <= bytes.len() {
        match bytes[at + 2] {
            0 => at += 1,
            1 if bytes[at] == 0 && bytes[at + 1] == 0 => return Some(at),
            _ => at += 3,
        }
    }
    None
}

/// The NAL units behind lengths of `size` bytes, and what is left where one is not whole; empty ones are left out.
fn length_prefixed(mut sample: &[u8], size: usize) -> (Vec<&[u8]>, &[u8]) {
    let mut units = Vec::new();
    while let Some((unit, rest)) = first_unit(sample, size) {
        units.extend(Some(unit).filter(|unit| !unit.is_empty()));
        sample = rest;
    }
    (units, sample)
}

fn first_unit(sample: &[u8], size: usize) -> Option<(&[u8], &[u8])> {
    let (length, rest) = sample.split_at_checked(size)?;
    rest.split_at_checked(length.iter().fold(0, |length, byte| length << 8 | usize::from(*byte)))
}

/// Bytes of a length in front of a NAL unit of ours.
pub(super) const LENGTH: usize = 4;

/// Appends `unit` behind its length in four bytes.
pub(super) fn append(sample: &mut Vec<u8>, unit: &[u8]) {
    let length = u32::try_from(unit.len()).expect("a NAL unit of 4 GiB is in no sample");
    sample.extend_from_slice(&length.to_be_bytes());
    sample.extend_from_slice(unit);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn start_codes_of_both_lengths_and_trailing_zeros_are_removed() {
        let stream = [0, 0, 0, 1, 0x65, 1, 2, 0, 0, 0, 1, 0x41, 0, 0, 3, 0, 0, 1, 0x41, 9, 0, 0];
        let expected: [&[u8]; 3] = [&[0x65, 1, 2], &[0x41, 0, 0, 3], &[0x41, 9]];
        assert_eq!(annex_b(&stream).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn lengths_of_every_size_are_read() {
        let expected: [&[u8]; 2] = [&[7, 8], &[9]];
        for (size, sample) in [(1, vec![2, 7, 8, 0, 1, 9]), (2, vec![0, 2, 7, 8, 0, 1, 9])] {
            assert_eq!(Framing::Length(size).units(&sample).expect("whole units"), expected);
        }
    }

    #[test]
    fn a_length_beyond_the_sample_is_an_error() {
        for sample in [&[0, 0, 0, 3, 1, 2][..], &[0, 0, 0]] {
            assert_eq!(Framing::Length(4).units(sample), Err(Error::Damaged { what: "length of a NAL unit" }));
        }
    }

    #[test]
    fn of_a_front_the_units_before_the_cut_are_told() {
        let sample = [0, 0, 0, 2, 7, 8, 0, 0, 0, 3, 1, 2, 3];
        for (front, units) in [(0, 0), (5, 0), (6, 1), (9, 1), (12, 1), (13, 2)] {
            assert_eq!(Framing::Length(4).units_of_front(&sample[..front]).len(), units, "{front}");
        }
    }
}
