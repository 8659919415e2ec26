//! Supplemental enhancement information: its messages, and the static HDR metadata in them (ITU-T H.265 §§ D.2.28,
//! D.2.35; the same messages in H.264).

use std::io::Read;
use std::num::NonZeroUsize;

use super::bits;
use crate::media::{ContentLight, HdrMetadata, MasteringDisplay};

/// payloadType values of ITU-T H.265 § D.2.1.
const MASTERING_DISPLAY: usize = 137;
const CONTENT_LIGHT: usize = 144;

/// Takes what the messages of an SEI unit say over into `found`; its header has `header` bytes.
pub(super) fn read(unit: &[u8], header: NonZeroUsize, found: &mut HdrMetadata) {
    for (kind, payload) in messages(unit, header) {
        match kind {
            MASTERING_DISPLAY => found.mastering = mastering(&payload).or(found.mastering),
            CONTENT_LIGHT => found.light = light(&payload).or(found.light),
            _ => (),
        }
    }
}

/// The messages of an SEI unit, each with its type; its header has `header` bytes.
pub(super) fn messages(unit: &[u8], header: NonZeroUsize) -> Vec<(usize, Vec<u8>)> {
    let mut bytes = Vec::new();
    // A unit that breaks off still has the messages before.
    let _ = bits::payload(unit, header).read_to_end(&mut bytes);
    let (mut rest, mut messages) = (bytes.as_slice(), Vec::new());
    while let Some((kind, payload, after)) = message(rest) {
        messages.push((kind, payload.to_vec()));
        rest = after;
    }
    messages
}

/// The first message: type, payload, and what follows (ITU-T H.265 § 7.3.5).
fn message(bytes: &[u8]) -> Option<(usize, &[u8], &[u8])> {
    let (kind, bytes) = number(bytes)?;
    let (size, bytes) = number(bytes)?;
    let (payload, rest) = bytes.split_at_checked(size)?;
    Some((kind, payload, rest))
}

/// A number in bytes of 255 and a last one below.
fn number(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let full = bytes.iter().take_while(|byte| **byte == 0xff).count();
    let last = usize::from(*bytes.get(full)?);
    Some((full * 0xff + last, &bytes[full + 1..]))
}

fn mastering(payload: &[u8]) -> Option<MasteringDisplay> {
    let payload: &[u8; 24] = payload.first_chunk()?;
    let short = |at: usize| u16::from_be_bytes([payload[at], payload[at + 1]]);
    let long = |at: usize| u32::from(short(at)) << 16 | u32::from(short(at + 2));
    let point = |at: usize| [short(at), short(at + 2)];
    Some(MasteringDisplay {
        primaries: [point(0), point(4), point(8)],
        white: point(12),
        max_luminance: long(16),
        min_luminance: long(20),
    })
}

fn light(payload: &[u8]) -> Option<ContentLight> {
    let &[a, b, c, d] = payload.first_chunk()?;
    Some(ContentLight { max_content: u16::from_be_bytes([a, b]), max_average: u16::from_be_bytes([c, d]) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_after_others_are_found() {
        let unit = [0x4e, 1, 5, 2, 0xaa, 0xbb, 144, 4, 3, 0xe8, 1, 0x90, 0x80];
        let mut found = HdrMetadata::default();
        read(&unit, bits::HEVC_HEADER, &mut found);
        assert_eq!(found.light, Some(ContentLight { max_content: 1000, max_average: 400 }));
        assert_eq!(found.mastering, None);
    }

    #[test]
    fn a_message_that_breaks_off_says_nothing() {
        let mut found = HdrMetadata::default();
        read(&[0x4e, 1, 144, 4, 3, 0xe8], bits::HEVC_HEADER, &mut found);
        read(&[0x4e, 1, 255, 255], bits::HEVC_HEADER, &mut found);
        assert_eq!(found, HdrMetadata::default());
    }
}
