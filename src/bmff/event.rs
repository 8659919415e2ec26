//! EventMessageBox: what is told at a time of the programme besides its media (ISO/IEC 23009-1:2022 § 5.10.3.3).

use super::writer::BoxWriter;

/// The event lasts for a time that is not said (§ 5.10.3.3.3).
const UNKNOWN_DURATION: u32 = u32::MAX;

/// A message to those who play.
#[derive(Debug, Clone, Copy)]
pub struct EventMessage<'a> {
    /// What kind of message it is, as a URI without a NUL.
    pub scheme: &'a str,
    /// What kind within the scheme, without a NUL.
    pub value: &'a str,
    /// Ticks per second of the times below.
    pub timescale: u32,
    /// When it happens, in presented time of the track.
    pub at: u64,
    /// How long it lasts, when that is known.
    pub duration: Option<u32>,
    /// Messages of one kind with the same number are the same.
    pub id: u32,
    /// What it says.
    pub data: &'a [u8],
}

/// Appends a message. It stands in front of a `moof` (ISO/IEC 23000-19:2020 § 7.4.5), and in version 1, whose time does not
/// depend on where it stands.
pub fn event_message(out: &mut Vec<u8>, message: &EventMessage<'_>) {
    BoxWriter::new(out).full(b"emsg", 1, 0, |w| {
        w.u32(message.timescale);
        w.u64(message.at);
        w.u32(message.duration.unwrap_or(UNKNOWN_DURATION));
        w.u32(message.id);
        for text in [message.scheme, message.value] {
            w.bytes(text.as_bytes());
            w.u8(0);
        }
        w.bytes(message.data);
    });
}

#[cfg(test)]
mod tests {
    use mp4_atom::{Decode, Emsg, EmsgTimestamp};

    use super::*;

    #[test]
    fn a_message_has_its_time_and_its_kind() {
        let message = EventMessage {
            scheme: "urn:x",
            value: "1",
            timescale: 90_000,
            at: 5 << 32,
            duration: None,
            id: 7,
            data: b"ID3",
        };
        let mut out = Vec::new();
        event_message(&mut out, &message);
        let golden = [
            &[0, 0, 0, 43][..],
            b"emsg\x01\0\0\0",
            &[0, 1, 0x5f, 0x90],
            &[0, 0, 0, 5, 0, 0, 0, 0],
            &[0xff; 4],
            &[0, 0, 0, 7],
            b"urn:x\x001\0ID3",
        ]
        .concat();
        assert_eq!(out, golden);
        let seen = Emsg::decode(&mut &out[..]).expect("another reader reads it");
        assert_eq!(
            seen,
            Emsg {
                timescale: 90_000,
                presentation_time: EmsgTimestamp::Absolute(5 << 32),
                event_duration: u32::MAX,
                id: 7,
                scheme_id_uri: "urn:x".to_owned(),
                value: "1".to_owned(),
                message_data: b"ID3".to_vec(),
            }
        );
    }
}
