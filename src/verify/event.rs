//! Messages in front of fragments (ISO/IEC 23009-1 § 5.10.3.3; AOM, "Carriage of ID3 Timed Metadata in CMAF").

use mp4_atom::{Emsg, EmsgTimestamp};

use super::boxes;
use super::files::Object;
use super::finding::Findings;
use super::rule::rules;
use super::stream::{self, Span};

rules! {
    KINDS: Warning "ISO 23009-1 5.10.3.3" "a track has no more than 64 kinds of messages; others are not looked at";
    READ: Error "ISO 23009-1 5.10.3.3" "emsg can be read, and has a scheme, a timescale and names that a line can hold";
    BEFORE: Error "CMAF 7.4.5" "emsg stands in front of a moof";
    VERSION: Error "AOM ID3 2.2.1" "emsg with ID3 has version 1";
    TAG: Error "AOM ID3 2.2.3" "emsg with ID3 holds a whole tag of ID3v2.4, and frames fill it";
    WITHIN: Warning "AOM ID3 2.2.3" "the time of emsg with ID3 lies in the fragment behind it";
    SAME: Warning "ISO 23009-1 5.10.3.3" "the representations of a set have the same messages";
}

/// The scheme of ID3.
const ID3: &str = "https://aomedia.org/emsg/ID3";

/// What more kinds there are is not looked at.
const MOST_KINDS: usize = 64;

/// No scheme and no value is longer.
const MOST_NAME: usize = 1024;

/// What is kept of the messages of a track.
#[derive(Debug, Default)]
pub(super) struct Messages {
    /// What kinds there are: scheme and value.
    kinds: Vec<(String, String)>,
    events: Vec<Event>,
    /// So many stand in front of fragments that were read.
    placed: usize,
    /// There are more kinds than are looked at.
    too_many: bool,
}

/// One of them.
#[derive(Debug, Clone, PartialEq)]
struct Event {
    /// The place of its kind among those of the track.
    kind: usize,
    id: u32,
    /// When it is for, in seconds of the presentation; nothing where it is counted from its segment.
    at: Option<f64>,
}

impl Messages {
    /// Scheme and value of what there is.
    pub(super) fn kinds(&self) -> &[(String, String)] {
        &self.kinds
    }

    /// Reads one.
    pub(super) fn read(&mut self, file: &str, object: &mut Object, span: Span, findings: &mut Findings<'_>) {
        let here = format!("emsg at byte {}", span.start);
        let read = stream::read(object, span).and_then(|(bytes, place)| boxes::decode::<Emsg>(&bytes, place));
        let emsg = match read {
            Ok(emsg) => emsg,
            Err(why) => return findings.breaks(READ, file, format!("{here}: {why}")),
        };
        let (scheme, value) = (emsg.scheme_id_uri, emsg.value);
        let named = !scheme.is_empty() && scheme.len() <= MOST_NAME && value.len() <= MOST_NAME;
        if !findings.check(named && emsg.timescale > 0, READ, file, || {
            let (scheme, value) = (scheme.len(), value.len());
            format!("{here}: names of {scheme} and {value} bytes, {} ticks per second", emsg.timescale)
        }) {
            return;
        }
        let at = match emsg.presentation_time {
            EmsgTimestamp::Absolute(ticks) => Some(ticks as f64 / f64::from(emsg.timescale)),
            EmsgTimestamp::Relative(_) => None,
        };
        if scheme == ID3 {
            findings.check(at.is_some(), VERSION, file, || format!("{here} has version 0"));
            if let Err(why) = check_tag(&emsg.message_data) {
                findings.breaks(TAG, file, format!("{here}: {why}"));
            }
        }
        let kind = (scheme, value);
        let known = self.kinds.iter().position(|known| *known == kind);
        if known.is_none() && self.kinds.len() == MOST_KINDS {
            if !std::mem::replace(&mut self.too_many, true) {
                findings.breaks(KINDS, file, here);
            }
            return;
        }
        let place = known.unwrap_or(self.kinds.len());
        if known.is_none() {
            self.kinds.push(kind);
        }
        self.events.push(Event { kind: place, id: emsg.id, at });
    }

    /// Those that were read last stand in front of a fragment that is shown from `begin` to `end`, in seconds, where that
    /// is known.
    pub(super) fn check_time(&mut self, file: &str, shown: Option<(f64, f64)>, findings: &mut Findings<'_>) {
        let placed = std::mem::replace(&mut self.placed, self.events.len());
        let Some((begin, end)) = shown else { return };
        for Event { kind, id, at } in self.events.get(placed..).unwrap_or_default() {
            let Some(at) = at.filter(|_| self.kinds.get(*kind).is_some_and(|(scheme, _)| scheme == ID3)) else {
                continue;
            };
            let kept = at >= begin - 1e-6 && at < end + 1e-6;
            findings.check(kept, WITHIN, file, || {
                format!("the message {id} is for {at:.6} s, the fragment lasts from {begin:.6} to {end:.6} s")
            });
        }
    }

    /// Those that were read last have no fragment behind them.
    pub(super) fn check_end(&mut self, file: &str, findings: &mut Findings<'_>) {
        let left = self.events.len() - std::mem::replace(&mut self.placed, self.events.len());
        findings.check(left == 0, BEFORE, file, || format!("{left} emsg stand behind the last fragment"));
    }
}

/// Whether all tracks of a set, each with its name, have the messages of the first one.
pub(super) fn check_set(tracks: &[(&str, &Messages)], findings: &mut Findings<'_>) {
    let Some(((main_name, main), rest)) = tracks.split_first() else { return };
    for (name, own) in rest {
        let (count, main_count) = (own.events.len(), main.events.len());
        let same = count == main_count
            && own.events.iter().zip(&main.events).all(|(one, other)| {
                own.kinds.get(one.kind) == main.kinds.get(other.kind) && one.id == other.id && near(one.at, other.at)
            });
        findings.check(same, SAME, name, || format!("{count} messages are not the {main_count} of {main_name}"));
    }
}

/// Times are rounded to ticks of their own.
fn near(one: Option<f64>, other: Option<f64>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => (one - other).abs() < 1e-3,
        (None, None) => true,
        (Some(_), None) | (None, Some(_)) => false,
    }
}

/// A number of seven bits in each byte (ID3v2.4.0 § 6.2).
fn syncsafe(bytes: &[u8]) -> Option<usize> {
    let bytes: [u8; 4] = bytes.get(..4)?.try_into().ok()?;
    let safe = bytes.iter().all(|byte| byte & 0x80 == 0);
    safe.then(|| bytes.iter().fold(0, |sum, byte| sum << 7 | usize::from(*byte)))
}

/// ID3v2.4.0 § 3.1 and § 4.
fn check_tag(data: &[u8]) -> Result<(), String> {
    let Some((b"ID3\x04", _)) = data.split_first_chunk::<4>() else {
        return Err("it does not begin with ID3 and the version 2.4".to_owned());
    };
    let size = data.get(6..).and_then(syncsafe);
    if size != data.len().checked_sub(10) {
        return Err(format!("its size is not that of the {} bytes that are there", data.len()));
    }
    // An extended header or a footer is as good, and not looked into.
    if data.get(5) != Some(&0) {
        return Ok(());
    }
    let mut rest = data.get(10..).unwrap_or_default();
    while !rest.is_empty() && !rest.iter().all(|byte| *byte == 0) {
        let id = rest.get(..4).filter(|id| id.iter().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit()));
        let end = rest.get(4..).and_then(syncsafe).map(|size| size + 10);
        let next = id.zip(end).and_then(|(_, end)| rest.get(end..));
        rest = next.ok_or_else(|| format!("{} bytes at its end are no frame", rest.len()))?;
    }
    Ok(())
}
