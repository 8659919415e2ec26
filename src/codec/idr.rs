//! Pictures at which everything begins anew: nothing behind them, in whichever order, needs what came before.

use super::nal::LENGTH;
use super::{bits, sei};
use crate::media::VideoCodec;

/// Whether a sample of `avc1` or `hvc1` is an IDR picture (nal_unit_type of ITU-T H.264 Table 7-1, ITU-T H.265 Table 7-1).
/// Of other codecs it is not told.
pub fn is_idr(codec: VideoCodec, mut sample: &[u8]) -> bool {
    while let Some((length, rest)) = sample.split_first_chunk::<LENGTH>() {
        let idr = rest.first().is_some_and(|header| match codec {
            VideoCodec::H264 => header & 0x1f == 5,
            VideoCodec::Hevc => [19, 20].contains(&(header >> 1 & 0x3f)),
            VideoCodec::Av1 | VideoCodec::Vp9 => false,
        });
        if idr {
            return true;
        }
        sample = rest.get(u32::from_be_bytes(*length) as usize..).unwrap_or_default();
    }
    false
}

/// Whether FFmpeg calls a picture of `avc1` a key picture, by its front: an IDR picture, or one with a recovery point
/// (ITU-T H.264 § D.1.8). Nothing when no slice begins in the front, or a message in front of it is not whole.
pub fn is_avc_key(mut front: &[u8]) -> Option<bool> {
    const RECOVERY_POINT: usize = 6;
    let mut recovers = false;
    loop {
        let (length, rest) = front.split_first_chunk::<LENGTH>()?;
        let whole = rest.split_at_checked(u32::from_be_bytes(*length) as usize);
        match rest.first()? & 0x1f {
            5 => return Some(true),
            1 | 2 => return Some(recovers),
            6 => {
                let (unit, _) = whole?;
                recovers |= sei::messages(unit, bits::AVC_HEADER).iter().any(|(kind, _)| *kind == RECOVERY_POINT);
            }
            _ => (),
        }
        (_, front) = whole?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_front_of_a_picture_tells_whether_it_is_a_key_picture() {
        let unit = |bytes: &[u8]| [&(bytes.len() as u32).to_be_bytes()[..], bytes].concat();
        let recovery = unit(&[6, 6, 1, 0x80, 0x80]);
        let other = unit(&[6, 5, 1, 9, 0x80]);
        let slice = |header: u8| [0, 1, 0, 0, header, 9];
        for (before, header, key) in [
            (vec![], 0x65, true),
            (vec![], 0x41, false),
            (unit(&[9, 0xf0]), 0x65, true),
            (other.clone(), 0x41, false),
            (recovery.clone(), 0x41, true),
            ([other.clone(), recovery.clone()].concat(), 0x01, true),
        ] {
            assert_eq!(is_avc_key(&[&before[..], &slice(header)].concat()), Some(key), "{before:?}, {header}");
        }
        for untold in [&[][..], &recovery, &recovery[..6], &[0, 0, 0, 9], &[0, 0, 0, 0]] {
            assert_eq!(is_avc_key(untold), None, "{untold:?}");
        }
    }

    #[test]
    fn it_is_told_by_any_of_its_units() {
        let sample = |kinds: &[u8]| -> Vec<u8> { kinds.iter().flat_map(|kind| [0, 0, 0, 2, *kind, 9]).collect() };
        assert!(is_idr(VideoCodec::H264, &sample(&[6, 0x65])));
        assert!(!is_idr(VideoCodec::H264, &sample(&[6, 0x41])));
        assert!(is_idr(VideoCodec::Hevc, &sample(&[39 << 1, 20 << 1])));
        // A clean random access picture, which others are shown before.
        assert!(!is_idr(VideoCodec::Hevc, &sample(&[21 << 1])));
        assert!(!is_idr(VideoCodec::H264, &[255, 255, 255, 255, 0x41]) && !is_idr(VideoCodec::H264, &[]));
    }
}
