//! Sets of short-term reference pictures (ITU-T H.265 § 7.3.7).

use h264_reader::rbsp::BitRead;

use super::limit::{Invalid, limit};

/// The most pictures of a set.
const MOST: usize = 16;

/// A st_ref_pic_set: each picture by its distance in output order, and whether the current one refers to it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct References {
    /// Pictures shown before, the nearest first.
    before: Vec<(i32, bool)>,
    /// Pictures shown after, the nearest first.
    after: Vec<(i32, bool)>,
}

impl References {
    /// Pictures that the current one refers to.
    pub(super) fn used(&self) -> usize {
        self.before.iter().chain(&self.after).filter(|(_, used)| *used).count()
    }

    /// The next set behind `known`; one `in_slice` may be predicted from any of those.
    pub(super) fn read<R: BitRead>(r: &mut R, known: &[Self], in_slice: bool) -> Result<Self, Invalid> {
        if !known.is_empty() && r.read_bit("inter_ref_pic_set_prediction_flag")? {
            return Self::predicted(r, known, in_slice);
        }
        let most = MOST as u32;
        let before = limit(r.read_ue("num_negative_pics")?, most)?;
        let after = limit(r.read_ue("num_positive_pics")?, most - before)?;
        let mut set = Self::default();
        for (count, sign, list) in [(before, -1, &mut set.before), (after, 1, &mut set.after)] {
            let mut distance = 0;
            for _ in 0..count {
                distance += sign * (limit(r.read_ue("delta_poc_minus1")?, 0x7fff)? as i32 + 1);
                list.push((distance, r.read_bit("used_by_curr_pic_flag")?));
            }
        }
        Ok(set)
    }

    /// A set that another one is shifted into, (7-61) and (7-62).
    fn predicted<R: BitRead>(r: &mut R, known: &[Self], in_slice: bool) -> Result<Self, Invalid> {
        let back = if in_slice { limit(r.read_ue("delta_idx_minus1")?, 63)? as usize } else { 0 };
        let from = known.len().checked_sub(back + 1).and_then(|at| known.get(at)).ok_or(Invalid)?;
        let negative = r.read_bit("delta_rps_sign")?;
        let shift = limit(r.read_ue("abs_delta_rps_minus1")?, 0x7fff)? as i32 + 1;
        let shift = if negative { -shift } else { shift };
        let mut set = Self::default();
        // In the order of the bits: pictures before, after, and the one that the other set belongs to.
        let distances = from.before.iter().chain(&from.after).map(|(distance, _)| *distance).chain([0]);
        for distance in distances {
            let used = r.read_bit("used_by_curr_pic_flag")?;
            let kept = used || r.read_bit("use_delta_flag")?;
            let distance = distance + shift;
            match distance {
                _ if !kept => {}
                ..0 => set.before.push((distance, used)),
                0 => {}
                1.. => set.after.push((distance, used)),
            }
        }
        set.before.sort_by_key(|(distance, _)| -distance);
        set.after.sort_by_key(|(distance, _)| *distance);
        if set.before.len() + set.after.len() > MOST { Err(Invalid) } else { Ok(set) }
    }
}

#[cfg(test)]
mod tests {
    use h264_reader::rbsp::BitReader;

    use super::*;

    #[test]
    fn a_predicted_set_loses_the_current_picture() {
        // One picture before (distance -1, used); then the same shifted by -1, all used; padding.
        let bits = [0b0101_1111, 0b0110_1110, 0];
        let mut r = BitReader::new(&bits[..]);
        let Ok(first) = References::read(&mut r, &[], false) else { panic!("one before") };
        assert_eq!((first.before.as_slice(), first.after.as_slice()), (&[(-1, true)][..], &[][..]));
    }
}
