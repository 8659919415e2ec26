//! `ludt`: how loud a track is (ISO/IEC 14496-12:2022 § 12.2.7), in the numbers of ISO/IEC 23003-4:2020 § 7.3. Apple's
//! rule 2.19 asks for it.

use super::writer::BoxWriter;
use crate::media::{Decibels, Loudness};

/// methodDefinition: of the whole programme; loudness range.
const PROGRAMME: u8 = 1;
const RANGE: u8 = 6;
/// measurementSystem: EBU R 128; ITU-R BS.1770-4.
const EBU_R128: u8 = 1;
const BS_1770: u8 = 2;
/// reliability: a lossy codec adds a little to peaks; loudness stays.
const UNVERIFIED: u8 = 1;
const ACCURATE: u8 = 3;

/// LoudnessBox with one TrackLoudnessInfo, of the track as it is: no downmix, no dynamic range control.
pub(super) fn write(w: &mut BoxWriter<'_>, loudness: &Loudness) {
    w.boxed(b"ludt", |w| {
        w.full(b"tlou", 0, 0, |w| {
            w.u16(0); // reserved, downmix_ID, DRC_set_ID
            // bs_sample_peak_level is not known, bs_true_peak_level is: 12 bits each.
            w.bytes(&u32::from(peak(loudness.true_peak_dbtp)).to_be_bytes()[1..]);
            w.u8(BS_1770 << 4 | UNVERIFIED);
            let measured = [(PROGRAMME, level(loudness.integrated_lufs)), (RANGE, range(loudness.range_lu))];
            w.u8(measured.len() as u8);
            for (method, value) in measured {
                w.bytes(&[method, value, EBU_R128 << 4 | ACCURATE]);
            }
        });
    });
}

/// Thirty-seconds of a decibel below 20 dB; 0 would mean that it is not known.
fn peak(peak: Decibels) -> u16 {
    ((20.0 - peak.as_f64()) * 32.0).round().clamp(1.0, 4095.0) as u16
}

/// Quarters of a loudness unit above -57.75 LKFS.
fn level(level: Decibels) -> u8 {
    ((level.as_f64() + 57.75) * 4.0).round().clamp(0.0, 255.0) as u8
}

/// Quarters of a loudness unit up to 32, halves up to 70, whole ones above.
fn range(range: Decibels) -> u8 {
    let range = range.as_f64().max(0.0);
    let value = match range {
        range if range <= 32.0 => range * 4.0,
        range if range <= 70.0 => (range - 32.0) * 2.0 + 128.0,
        range => range - 70.0 + 204.0,
    };
    value.round().min(255.0) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_box_says_loudness_range_and_peak() {
        let level = Decibels::from_hundredths;
        let loudness = Loudness { integrated_lufs: level(-1600), range_lu: level(700), true_peak_dbtp: level(-100) };
        let mut out = Vec::new();
        write(&mut BoxWriter::new(&mut out), &loudness);
        // 21 dB are 672 steps (0x2a0); 41.75 and 7 LU are 167 and 28 quarters.
        let expected = [
            &b"\0\0\0\x21ludt\0\0\0\x19tlou\0\0\0\0"[..],
            &[0, 0, 0x00, 0x02, 0xa0, 0x21, 2, 1, 167, 0x13, 6, 28, 0x13],
        ];
        assert_eq!(out, expected.concat());
    }

    #[test]
    fn silence_and_wide_ranges_fit() {
        assert_eq!((level(Decibels::SILENCE), peak(Decibels::SILENCE)), (0, 2880));
        assert_eq!([32.0, 33.0, 70.0, 71.0].map(|lu| range(Decibels::from_f64(lu))), [128, 130, 204, 205]);
    }
}
