//! What a live source marks, as it comes: sections of SCTE 35 and data messages of RTMP.

use super::LiveSource;
use super::rtmp::script;
use super::sniff::{ScriptTag, Scripts};
use crate::av::demux::Packet;
use crate::av::marks::MarkKind;

/// The longest data message that is handed on, in bytes of JSON: players load it with every playlist.
const LONGEST_MESSAGE: usize = 4096;

const TOO_MANY: &str = "more came at a time than any programme has";

/// Something that a source has marked.
#[derive(Clone, Debug, PartialEq)]
pub struct Sighting {
    /// When it came, in microseconds of the source; nothing where that is not known.
    pub at_us: Option<i64>,
    /// What it is.
    pub sighted: Sighted,
}

/// What a source has marked with.
#[derive(Clone, Debug, PartialEq)]
pub enum Sighted {
    /// A section of SCTE 35.
    Section(Vec<u8>),
    /// A data message.
    Message {
        /// Its name.
        name: String,
        /// How long it says that what it marks lasts, in microseconds.
        length_us: Option<i64>,
        /// What it holds, as JSON.
        json: String,
    },
    /// One that cannot be handed on, for this reason.
    Unfit(&'static str),
}

/// What was read of a source.
#[derive(Debug)]
pub enum Read {
    /// The next packet of its media.
    Packet(Packet),
    /// A mark.
    Mark(Sighting),
    /// What is of no use.
    Nothing,
}

impl LiveSource {
    /// Tells marks from media.
    pub(super) fn sort(&self, packet: Packet) -> Read {
        let Some(kind) = self.demuxer.marks(&packet) else { return Read::Packet(packet) };
        let sighted = match kind {
            MarkKind::Splice => Some(Sighted::Section(packet.data().to_vec())),
            // It was seen on its way.
            MarkKind::Script if self.scripts.as_ref().is_some_and(Scripts::follows) => None,
            MarkKind::Script => message(packet.data()),
        };
        let at_us = packet.at_us().or(packet.decode_us());
        sighted.map_or(Read::Nothing, |sighted| Read::Mark(Sighting { at_us, sighted }))
    }

    /// The next mark that was seen on its way.
    pub(super) fn script(&self) -> Option<Read> {
        let scripts = self.scripts.as_ref()?;
        let found = std::iter::from_fn(|| scripts.next()).find_map(|ScriptTag { time, body }| {
            Some(Sighting { at_us: Some(i64::from(time) * 1000), sighted: message(&body)? })
        });
        let too_many = || Sighting { at_us: None, sighted: Sighted::Unfit(TOO_MANY) };
        found.or_else(|| scripts.left_out().then(too_many)).map(Read::Mark)
    }
}

fn message(bytes: &[u8]) -> Option<Sighted> {
    let name = script::marking(bytes)?;
    // What is nested takes many times its room when it is read.
    if bytes.len() > 4 * LONGEST_MESSAGE {
        return Some(Sighted::Unfit("it is longer than 4096 bytes"));
    }
    let Some(value) = script::value(bytes) else { return Some(Sighted::Unfit("it is no AMF0")) };
    // XML has no room for these two (XML 1.0 § 2.2).
    let json = value.to_string().replace('\u{FFFE}', "\\ufffe").replace('\u{FFFF}', "\\uffff");
    if json.len() > LONGEST_MESSAGE {
        return Some(Sighted::Unfit("it is longer than 4096 bytes"));
    }
    let length = [&value["duration"], &value["parameters"]["duration"]].into_iter().find_map(|said| {
        let seconds = said.as_f64().or_else(|| said.as_str()?.trim().parse().ok())?;
        (seconds > 0.0 && seconds < 1e6).then_some((seconds * 1e6).round() as i64)
    });
    Some(Sighted::Message { name: name.to_owned(), length_us: length, json })
}

#[cfg(test)]
mod tests {
    use super::*;

    const CUE_POINT: &[u8] = b"\x02\0\x0aonCuePoint\x03\0\x04name\x02\0\x05break\0\x04time\0\x40\x28\0\0\0\0\0\0\0\x0a\
                               parameters\x08\0\0\0\x01\0\x08duration\x02\0\x0230\0\0\x09\0\0\x09";

    #[test]
    fn a_cue_point_is_a_message_with_what_it_holds() {
        let json = r#"{"name":"break","parameters":{"duration":"30"},"time":12}"#.to_owned();
        let name = "onCuePoint".to_owned();
        let message_of = |length_us| Sighted::Message { name: name.clone(), length_us, json: json.clone() };
        assert_eq!(message(CUE_POINT), Some(message_of(Some(30_000_000))));
        let metadata = [b"\x02\0\x0aonMetaData".as_slice(), &CUE_POINT[13..]].concat();
        assert_eq!(message(&metadata), None);
    }

    #[test]
    fn a_message_holds_nothing_that_xml_has_not() {
        let text = "a\u{FFFF}b\u{FFFE}";
        let cue = [b"\x02\0\x0aonCuePoint\x02\0".as_slice(), &[text.len() as u8], text.as_bytes()].concat();
        let Some(Sighted::Message { json, .. }) = message(&cue) else { panic!("a message") };
        assert_eq!(json, r#""a\uffffb\ufffe""#);
    }

    #[test]
    fn a_message_that_grows_or_is_long_is_not_handed_on() {
        let deep = [&CUE_POINT[..13], &b"\x0a\0\0\0\x01".repeat(20)].concat();
        assert_eq!(message(&deep), Some(Sighted::Unfit("it is no AMF0")));
        let text = [b"\x02\x20\x00".as_slice(), &[b'x'; 0x2000]].concat();
        let long = [&CUE_POINT[..13], b"\x03\0\x01a", &text, b"\0\0\x09"].concat();
        assert_eq!(message(&long), Some(Sighted::Unfit("it is longer than 4096 bytes")));
        assert!(matches!(message(&CUE_POINT[..13]), Some(Sighted::Message { json, .. }) if json == "null"));
    }
}
