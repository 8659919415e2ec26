//! Pictures of HEVC that are none: signs of bytes that no encoder has made.

use std::ops::Range;

/// A sample with the encryption taken off.
#[derive(Debug)]
pub(super) struct Sample {
    /// Where it lies.
    pub(super) bytes: Range<usize>,
    /// Where ranges begin that were encrypted.
    pub(super) ranges: Vec<usize>,
    /// Each of them begins with coded pictures, and no header.
    pub(super) exact: bool,
}

/// What was looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Looked {
    /// Ranges of samples.
    pub(super) ranges: u64,
    /// Signs of noise in them.
    pub(super) signs: u64,
}

impl Looked {
    /// Noise shows a sign in one range of 256 at least: in so many it stays hidden by a chance of one in two thousand.
    pub(super) fn enough(self) -> bool {
        self.ranges >= 2000
    }

    /// Looks at one more sample, whose NAL units have a length of so many bytes in front of them.
    pub(super) fn add(&mut self, file: &[u8], sample: &Sample, nal_length: usize) {
        self.ranges += sample.ranges.len() as u64;
        // ITU-T H.265 § 9.3.2.5: the first nine bits of a slice are not 510, nor 511.
        let begins = |at: &&usize| file.get(**at) == Some(&0xff);
        if sample.exact {
            self.signs += sample.ranges.iter().filter(begins).count() as u64;
        }
        let mut rest = file.get(sample.bytes.clone()).unwrap_or_default();
        while let Some((length, after)) = rest.split_at_checked(nal_length) {
            let length = length.iter().fold(0, |length, byte| length << 8 | usize::from(*byte));
            let Some((unit, after)) = after.split_at_checked(length) else { return };
            self.signs += signs(unit);
            rest = after;
        }
    }
}

/// How often a NAL unit has what none may have (ITU-T H.265 § 7.4.2): three bytes that begin another one, or a zero at
/// its end.
fn signs(unit: &[u8]) -> u64 {
    let starts = unit.windows(3).filter(|three| matches!(three, [0, 0, 0..=2])).count() as u64;
    starts + u64::from(unit.last() == Some(&0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn looked(file: &[u8], ranges: &[usize], exact: bool) -> Looked {
        let mut looked = Looked::default();
        looked.add(file, &Sample { bytes: 0..file.len(), ranges: ranges.to_vec(), exact }, 2);
        looked
    }

    #[test]
    fn what_no_encoder_makes_is_a_sign() {
        assert_eq!(looked(&[0, 4, 9, 0, 0, 3, 0, 1, 7], &[4], true), Looked { ranges: 1, signs: 0 });
        assert_eq!(looked(&[0, 4, 9, 0, 0, 1, 0, 1, 7], &[4], true), Looked { ranges: 1, signs: 1 });
        assert_eq!(looked(&[0, 3, 9, 1, 0, 0, 1, 7], &[], true), Looked { ranges: 0, signs: 1 });
        assert_eq!(looked(&[0, 3, 9, 0xff, 1], &[3], true), Looked { ranges: 1, signs: 1 });
        assert_eq!(looked(&[0, 3, 9, 0xff, 1], &[3], false), Looked { ranges: 1, signs: 0 });
        assert_eq!(looked(&[0, 9, 9], &[], true), Looked::default(), "a unit that is cut off is no matter of ours");
    }
}
