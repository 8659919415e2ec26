//! Date ranges: what the source of a programme has marked (RFC 8216bis § 4.4.5.1).

use std::fmt::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::manifest::stored::Media;
use crate::media::{Rounding, Says, SegmentNumber, Timescale, Utc};
use crate::package::Segment;
use crate::plan::{MESSAGES, Marked, Marks};

use super::playlist::Playlist;
use super::tag::Tag;

const MICROSECONDS: Timescale = Timescale::new(1_000_000);

/// A tag, and the segment before which it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Dated {
    before: SegmentNumber,
    tag: String,
}

/// The date ranges of a playlist that are not written yet.
#[derive(Debug)]
pub(super) struct Dates(std::iter::Peekable<std::vec::IntoIter<Dated>>);

impl Dates {
    /// Those of the playlist of a rendition. One that grows keeps each where players have seen it first (RFC 8216bis
    /// § 6.2.1: lines are added at its end); in that of a whole programme it stands before the segment that it is in.
    pub(super) fn of(marks: &Marks, media: &Media<'_>) -> Self {
        let inside = |at_us: i64| {
            let end =
                |segment: &Segment| segment.start.after(segment.duration).rescale(MICROSECONDS, Rounding::Nearest);
            let mut segments = media.stored.segments.values();
            segments.find(|segment| end(segment).ticks() > at_us).map_or(SegmentNumber(u64::MAX), |own| own.number)
        };
        let begin = |marked: &Marked| Dated {
            before: marks.start.map_or(marked.before, |_| inside(marked.marker.at_us)),
            tag: begin(marked),
        };
        let end = |marked: &Marked| {
            let ended = marked.end.as_ref()?;
            Some(Dated { before: marks.start.map_or(ended.before, |_| inside(ended.at_us)), tag: end(marked)? })
        };
        let begins = marks.marked.iter().map(begin);
        let mut dated: Vec<_> = begins.chain(marks.marked.iter().filter_map(end)).collect();
        dated.sort_by_key(|dated| dated.before);
        Self(dated.into_iter().peekable())
    }

    /// Writes those that stand before a segment.
    pub(super) fn before(&mut self, playlist: &mut Playlist, segment: SegmentNumber) {
        while let Some(dated) = self.0.next_if(|dated| dated.before <= segment) {
            playlist.line(dated.tag);
        }
    }

    /// Writes those that stand behind all segments so far.
    pub(super) fn rest(self, playlist: &mut Playlist) {
        self.0.for_each(|dated| playlist.line(dated.tag));
    }
}

/// The tag that tells of a marker first.
pub(super) fn begin(marked: &Marked) -> String {
    let marker = &marked.marker;
    let tag = Tag::new("EXT-X-DATERANGE").quoted("ID", &marker.id);
    let tag = match &marker.says {
        Says::Out(_) | Says::Command(_) => tag,
        Says::Message { .. } => tag.quoted("CLASS", MESSAGES),
    };
    let tag = tag.quoted("START-DATE", &marked.date.to_string());
    let tag = match marker.planned_us {
        Some(us) => tag.plain("PLANNED-DURATION", seconds((us + 500).div_euclid(1000))),
        None => tag,
    };
    let tag = match &marker.says {
        Says::Out(section) => tag.plain("SCTE35-OUT", hex(section)),
        Says::Command(section) => tag.plain("SCTE35-CMD", hex(section)),
        // A quoted string has no quotation marks, which JSON is full of.
        Says::Message { name, json } => {
            tag.quoted("X-STREAMPACK-MESSAGE", name).quoted("X-STREAMPACK-DATA", &STANDARD.encode(json))
        }
    };
    tag.to_string()
}

/// The tag that tells how a marker has ended. What it repeats is what it was (RFC 8216bis § 4.4.5.1).
pub(super) fn end(marked: &Marked) -> Option<String> {
    let end = marked.end.as_ref()?;
    let lasted = milliseconds(end.date) - milliseconds(marked.date);
    let tag = Tag::new("EXT-X-DATERANGE")
        .quoted("ID", &marked.marker.id)
        .quoted("START-DATE", &marked.date.to_string())
        .quoted("END-DATE", &end.date.to_string())
        .plain("DURATION", seconds(lasted.max(0)));
    let tag = match &end.section {
        Some(section) => tag.plain("SCTE35-IN", hex(section)),
        None => tag,
    };
    Some(tag.to_string())
}

const fn milliseconds(date: Utc) -> i64 {
    date.since_1970_us().div_euclid(1000)
}

fn seconds(milliseconds: i64) -> String {
    format!("{}.{:03}", milliseconds / 1000, milliseconds % 1000)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold("0x".to_owned(), |mut text, byte| {
        let _ = write!(text, "{byte:02X}");
        text
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::media::Marker;
    use crate::plan::MarkedEnd;

    fn marked(says: Says) -> Marked {
        let marker = Marker { id: "splice-7-20000".to_owned(), at_us: 20_000_000, planned_us: Some(30_033_367), says };
        let date = Utc::since_1970(Duration::from_millis(1_763_000_020_040));
        Marked { marker, date, before: SegmentNumber(3), end: None }
    }

    #[test]
    fn a_break_is_told_of_twice_and_says_the_same() {
        let mut out = marked(Says::Out(vec![0xFC, 0x30]));
        let wanted = "#EXT-X-DATERANGE:ID=\"splice-7-20000\",START-DATE=\"2025-11-13T02:13:40.040Z\",\
                      PLANNED-DURATION=30.033,SCTE35-OUT=0xFC30";
        assert_eq!((begin(&out), end(&out)), (wanted.to_owned(), None));
        let date = Utc::since_1970(Duration::from_millis(1_763_000_045_000));
        let ended = MarkedEnd { at_us: 44_960_000, date, before: SegmentNumber(9), section: Some(vec![0xFC, 0x0A]) };
        out.end = Some(ended);
        let wanted = "#EXT-X-DATERANGE:ID=\"splice-7-20000\",START-DATE=\"2025-11-13T02:13:40.040Z\",\
                      END-DATE=\"2025-11-13T02:14:05.000Z\",DURATION=24.960,SCTE35-IN=0xFC0A";
        assert_eq!(end(&out).as_deref(), Some(wanted));
    }

    #[test]
    fn a_message_is_of_a_class_of_ours_and_cannot_break_out() {
        let says = Says::Message { name: "onCuePoint".to_owned(), json: r#"{"a":"b"}"#.to_owned() };
        let wanted = "#EXT-X-DATERANGE:ID=\"splice-7-20000\",CLASS=\"urn:streampack:amf:2026\",\
                      START-DATE=\"2025-11-13T02:13:40.040Z\",PLANNED-DURATION=30.033,\
                      X-STREAMPACK-MESSAGE=\"onCuePoint\",X-STREAMPACK-DATA=\"eyJhIjoiYiJ9\"";
        assert_eq!(begin(&marked(says)), wanted);
    }
}
