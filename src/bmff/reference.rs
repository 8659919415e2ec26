//! ProducerReferenceTimeBox: when on the wall clock the media after it was (ISO/IEC 14496-12:2022 § 8.16.5).

use super::TRACK_ID;
use super::writer::BoxWriter;
use crate::media::Utc;

/// Seconds from 1900, where NTP begins to count (RFC 5905 § 6), to 1970.
const NTP_EPOCH_S: u64 = 2_208_988_800;

/// The time is when the sample went into the encoder.
const ENCODER_INPUT: u32 = 0;

/// Appends that the sample which is decoded at `media_time`, in ticks of the track, went into the encoder at `at`. It
/// stands in front of the `moof` that begins with this sample.
pub fn reference_time(out: &mut Vec<u8>, media_time: u64, at: Utc) {
    BoxWriter::new(out).full(b"prft", 1, ENCODER_INPUT, |w| {
        w.u32(TRACK_ID);
        w.u64(ntp(at));
        w.u64(media_time);
    });
}

/// An instant as NTP has it: seconds since 1900 and 2^-32 of a second.
fn ntp(at: Utc) -> u64 {
    let micros = u64::try_from(at.since_1970_us()).unwrap_or(0);
    let (seconds, micros) = (micros / 1_000_000 + NTP_EPOCH_S, micros % 1_000_000);
    // Its era of 136 years is not said: the field has 32 bits of seconds.
    ((seconds & u64::from(u32::MAX)) << 32) | ((micros << 32) / 1_000_000)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn half_a_second_after_1970_is_half_of_the_fraction() {
        let at = Utc::since_1970(Duration::from_millis(1500));
        assert_eq!(ntp(at), ((NTP_EPOCH_S + 1) << 32) | (1 << 31));
        let mut out = Vec::new();
        reference_time(&mut out, 7, at);
        assert_eq!(
            (out.len(), &out[4..8], &out[8..12], &out[24..]),
            (32, &b"prft"[..], &[1, 0, 0, 0][..], &[0, 0, 0, 0, 0, 0, 0, 7][..])
        );
    }
}
