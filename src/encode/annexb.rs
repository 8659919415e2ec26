//! H.264 from Annex B (start codes, parameter sets in band) to the form of ISO BMFF: length-prefixed
//! NAL units, parameter sets in the configuration record.

use crate::codec::annex_b;
use crate::media::{CodecConfig, CodecString};

/// nal_unit_type values of ITU-T H.264 Table 7-1.
const SEI: u8 = 6;
const SPS: u8 = 7;
const PPS: u8 = 8;
const ACCESS_UNIT_DELIMITER: u8 = 9;
const FILLER: u8 = 12;

/// The UUID under which x264 writes its version and options into an SEI message; they belong in the
/// report, not into each shard.
const X264_SEI: [u8; 16] =
    [0xdc, 0x45, 0xe9, 0xbd, 0xe6, 0xd9, 0x48, 0xb7, 0x96, 0x2c, 0xd8, 0x20, 0xd9, 0x23, 0xee, 0xef];

fn kind(unit: &[u8]) -> u8 {
    unit[0] & 0x1f
}

fn is_encoder_signature(unit: &[u8]) -> bool {
    kind(unit) == SEI && unit.get(1) == Some(&5) && unit.windows(16).any(|w| w == X264_SEI)
}

/// One access unit as a sample: every NAL unit behind its length in four bytes. Parameter sets, which
/// stand in the configuration record, and what no player needs are left out.
pub fn to_sample(stream: &[u8]) -> Vec<u8> {
    let mut sample = Vec::with_capacity(stream.len() + 16);
    for unit in annex_b(stream) {
        if matches!(kind(unit), SPS | PPS | ACCESS_UNIT_DELIMITER | FILLER) || is_encoder_signature(unit) {
            continue;
        }
        sample.extend_from_slice(&(unit.len() as u32).to_be_bytes());
        sample.extend_from_slice(unit);
    }
    sample
}

/// AVCDecoderConfigurationRecord (ISO/IEC 14496-15:2022 § 5.3.3.1) and codec string of an encoder's
/// global headers, for 8-bit 4:2:0 pictures. Nothing when a parameter set is missing.
pub fn configuration(extradata: &[u8]) -> Option<(CodecConfig, CodecString)> {
    let of = |wanted| annex_b(extradata).filter(move |u| kind(u) == wanted).collect::<Vec<_>>();
    let (sps, pps) = (of(SPS), of(PPS));
    let [_, profile, constraints, level, ..] = **sps.first()? else { return None };
    if pps.is_empty() || sps.len() > 31 || pps.len() > 255 {
        return None;
    }
    // Four length bytes; the high bits of both fields are reserved ones.
    let mut record = vec![1, profile, constraints, level, 0xfc | 3, 0xe0 | sps.len() as u8];
    let append = |record: &mut Vec<u8>, unit: &[u8]| {
        record.extend_from_slice(&(unit.len() as u16).to_be_bytes());
        record.extend_from_slice(unit);
    };
    sps.iter().for_each(|unit| append(&mut record, unit));
    record.push(pps.len() as u8);
    pps.iter().for_each(|unit| append(&mut record, unit));
    if matches!(profile, 100 | 110 | 122 | 144) {
        // chroma_format 4:2:0, 8 bits for luma and chroma, no SPS extensions.
        record.extend_from_slice(&[0xfc | 1, 0xf8, 0xf8, 0]);
    }
    Some((CodecConfig::Avc(record), CodecString::avc1(profile, constraints, level)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn start_codes_of_both_lengths_and_trailing_zeros_are_removed() {
        let stream = [0, 0, 0, 1, 0x65, 1, 2, 0, 0, 0, 1, 0x41, 0, 0, 3, 0, 0, 1, 0x41, 9, 0, 0];
        assert_eq!(
            to_sample(&stream),
            [&[0, 0, 0, 3, 0x65, 1, 2][..], &[0, 0, 0, 4, 0x41, 0, 0, 3], &[0, 0, 0, 2, 0x41, 9]].concat()
        );
    }

    #[test]
    fn parameter_sets_move_to_the_record() {
        let stream = [0, 0, 0, 1, 0x67, 100, 0, 31, 7, 0, 0, 1, 0x68, 8, 0, 0, 1, 0x65, 5];
        assert_eq!(to_sample(&stream), [0, 0, 0, 2, 0x65, 5]);
        let (config, codec) = configuration(&stream).expect("both sets are there");
        assert_eq!(codec.as_str(), "avc1.64001F");
        let record = [1, 100, 0, 31, 0xff, 0xe1, 0, 5, 0x67, 100, 0, 31, 7, 1, 0, 2, 0x68, 8, 0xfd, 0xf8, 0xf8, 0];
        assert_eq!(config, CodecConfig::Avc(record.to_vec()));
    }

    #[test]
    fn the_signature_of_x264_is_dropped_but_captions_stay() {
        let mut stream = vec![0, 0, 1, 0x06, 5, 20];
        stream.extend_from_slice(&X264_SEI);
        stream.extend_from_slice(&[b'x', b'2', b'6', b'4', 0x80, 0, 0, 1, 0x06, 4, 1, 0xb5, 0x80]);
        assert_eq!(to_sample(&stream), [0, 0, 0, 5, 0x06, 4, 1, 0xb5, 0x80]);
    }

    #[test]
    fn headers_without_a_picture_parameter_set_are_refused() {
        assert_eq!(configuration(&[0, 0, 0, 1, 0x67, 100, 0, 31, 7]), None);
        assert_eq!(configuration(&[]), None);
    }
}
