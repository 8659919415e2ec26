//! Pictures at which everything begins anew: nothing behind them, in whichever order, needs what came before.

use super::nal::LENGTH;
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

#[cfg(test)]
mod tests {
    use super::*;

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
