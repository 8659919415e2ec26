//! Opus: the OpusSpecificBox (Encapsulation of Opus in ISO Base Media File Format § 4.3.2) made of the
//! identification header of Ogg and WebM (RFC 7845 § 5.1), which has the same fields the other way round.

use super::Error;
use crate::media::{AudioTrack, ChannelLayout};

const MAGIC: &[u8] = b"OpusHead";
/// Opus counts in this rate whatever the input had (RFC 7845 § 5.1).
const SAMPLE_RATE: u32 = 48_000;
/// The longest packet, 120 ms (RFC 6716 § 3.2.5).
const LONGEST: u32 = 5760;
const DAMAGED: Error = Error::Damaged { what: "OpusHead" };

/// The payload of `dOps`, of `OpusHead` or of another `dOps`.
pub(super) fn record(config: &[u8]) -> Result<Vec<u8>, Error> {
    if config.is_empty() {
        return Err(Error::Missing { what: "OpusHead" });
    }
    let record = match config.strip_prefix(MAGIC) {
        Some(&[version, channels, p0, p1, r0, r1, r2, r3, g0, g1, ref mapping @ ..]) if version < 16 => {
            let mut record = vec![0, channels, p1, p0, r3, r2, r1, r0, g1, g0];
            record.extend_from_slice(mapping);
            record
        }
        Some(_) => return Err(DAMAGED),
        None => config.to_vec(),
    };
    let &[0, channels, _, _, _, _, _, _, _, _, family, ref table @ ..] = record.as_slice() else {
        return Err(DAMAGED);
    };
    // Family 0 has no table; the others count streams, and name one for each channel.
    let used = if family == 0 { 0 } else { 2 + usize::from(channels) };
    let fits = channels > 0 && table.len() >= used && (family != 0 || channels <= 2);
    if fits { Ok(record[..11 + used].to_vec()) } else { Err(DAMAGED) }
}

/// The sound facts of a record whose first packet has this length.
pub(super) fn track(record: &[u8], frame_length: u32) -> Result<AudioTrack, Error> {
    const VORBIS_ORDER: u8 = 1;
    let &[_, channels, p0, p1, _, _, _, _, _, _, family, ..] = record else { return Err(DAMAGED) };
    let channels = u16::from(channels);
    let layout =
        if family <= VORBIS_ORDER { ChannelLayout::of_vorbis(channels) } else { ChannelLayout::Discrete(channels) };
    let priming = u16::from_be_bytes([p0, p1]).into();
    Ok(AudioTrack { sample_rate: SAMPLE_RATE, layout, frame_length, priming, joint_objects: None, loudness: None })
}

/// PCM samples of a packet (RFC 6716 § 3.1): so many frames of the length that its first byte says.
pub(super) fn length(packet: &[u8]) -> Result<u32, Error> {
    let damaged = Error::Damaged { what: "Opus packet" };
    let Some((&first, rest)) = packet.split_first() else { return Err(damaged) };
    let frame = match first >> 3 {
        config @ 0..12 => [480, 960, 1920, 2880][usize::from(config & 3)],
        config @ 12..16 => [480, 960][usize::from(config & 1)],
        config => [120, 240, 480, 960][usize::from(config & 3)],
    };
    let frames = match (first & 3, rest.first()) {
        (0, _) => 1,
        (1 | 2, _) => 2,
        (_, Some(count)) => u32::from(count & 0x3f),
        (_, None) => return Err(damaged),
    };
    match frame * frames {
        length @ 1..=LONGEST => Ok(length),
        _ => Err(damaged),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// libopus: stereo, 312 samples of pre-skip, 48 kHz.
    const STEREO: &[u8] = b"OpusHead\x01\x02\x38\x01\x80\xbb\x00\x00\x00\x00\x00";

    #[test]
    fn the_byte_order_is_turned() {
        let made = record(STEREO).expect("a header");
        assert_eq!(made, [0, 2, 0x01, 0x38, 0, 0, 0xbb, 0x80, 0, 0, 0]);
        assert_eq!(record(&made), Ok(made.clone()));
        let track = track(&made, 960).expect("a record");
        assert_eq!((track.layout, track.priming, track.sample_rate), (ChannelLayout::Stereo, 312, 48_000));
    }

    #[test]
    fn the_mapping_of_surround_stays() {
        let surround = b"OpusHead\x01\x06\x38\x01\x80\xbb\x00\x00\x00\x00\x01\x04\x02\x00\x04\x01\x02\x03\x05";
        let made = record(surround).expect("a header");
        assert_eq!(made[10..], [1, 4, 2, 0, 4, 1, 2, 3, 5]);
        assert_eq!(track(&made, 960).map(|track| track.layout), Ok(ChannelLayout::Surround51));
        assert_eq!(record(&surround[..25]), Err(DAMAGED));
    }

    #[test]
    fn packets_say_how_long_they_are() {
        assert_eq!(length(&[0xfc]), Ok(960)); // CELT, 20 ms, one frame
        assert_eq!(length(&[0xfd]), Ok(1920));
        assert_eq!(length(&[0x0b, 2]), Ok(1920)); // SILK, 20 ms, counted
        assert_eq!(length(&[0xe3, 63]), Err(Error::Damaged { what: "Opus packet" })); // 157 ms
        assert_eq!(length(&[0x1b, 3]), Err(Error::Damaged { what: "Opus packet" }));
        assert_eq!(length(&[0x03]), Err(Error::Damaged { what: "Opus packet" }));
        assert_eq!(length(&[]), Err(Error::Damaged { what: "Opus packet" }));
    }

    #[test]
    fn no_header_is_told_from_a_damaged_one() {
        assert_eq!(record(&[]), Err(Error::Missing { what: "OpusHead" }));
        assert_eq!(record(&STEREO[..15]), Err(DAMAGED));
    }
}
