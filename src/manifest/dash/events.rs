//! Event streams of a Period (ISO/IEC 23009-1 § 5.10.2): what the source of a programme has marked in it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::media::{Rounding, Says, Timescale};
use crate::plan::{MESSAGES, Marked, Marks, Spell};

use super::element::Element;

/// Sections of SCTE 35 in Base64 (ANSI/SCTE 214-1 § 6.7.4).
const SECTIONS: &str = "urn:scte:scte35:2014:xml+bin";
const SIGNAL: &str = "http://www.scte.org/schemas/35/2016";

/// Ticks per second of all event streams.
const TIMESCALE: u32 = 1_000_000;

/// One section or message: when it is, and how long what it tells of lasts.
struct Told<'m> {
    at_us: i64,
    length_us: Option<i64>,
    says: What<'m>,
}

#[derive(Clone, Copy, PartialEq)]
enum What<'m> {
    Section(&'m [u8]),
    Message(&'m str, &'m str),
}

/// The event streams of a Period that begins with a spell and lasts until the next one; of a programme that is told of as a
/// whole, of its only one. What begins before the Period is in the one before; before the first one there is none.
pub(super) fn streams(marks: &Marks, spell: Option<(Spell, Option<Spell>)>) -> Vec<Element> {
    let from = |spell: Spell| spell.from.rescale(Timescale::new(TIMESCALE), Rounding::Nearest).ticks();
    let from_us = spell.map_or(0, |(spell, _)| from(spell));
    let until_us = spell.and_then(|(_, next)| next).map(from);
    let first = spell.is_none_or(|(spell, _)| spell.breaks == 0);
    let here = |told: &Told<'_>| (first || told.at_us >= from_us) && until_us.is_none_or(|until| told.at_us < until);
    let told: Vec<Told<'_>> = all(&marks.marked).into_iter().filter(here).collect();
    let mut streams = Vec::new();
    let sections = told.iter().filter(|told| matches!(told.says, What::Section(_)));
    streams.extend(stream(SECTIONS, None, sections.map(|told| told.element(from_us))));
    let mut names: Vec<&str> = told.iter().filter_map(Told::name).collect();
    names.sort_unstable();
    names.dedup();
    for name in names {
        let own = told.iter().filter(|told| told.name() == Some(name));
        streams.extend(stream(MESSAGES, Some(name), own.map(|told| told.element(from_us))));
    }
    streams
}

fn stream(scheme: &str, value: Option<&str>, events: impl Iterator<Item = Element>) -> Option<Element> {
    let events: Vec<_> = events.collect();
    let stream = Element::new("EventStream").attribute("schemeIdUri", scheme);
    let stream = match value {
        Some(value) => stream.attribute("value", value),
        None => stream,
    };
    (!events.is_empty()).then(|| stream.attribute("timescale", TIMESCALE).children(events))
}

/// Every section once, also where it tells of several markers, in the order of their times.
fn all(marked: &[Marked]) -> Vec<Told<'_>> {
    let mut told: Vec<Told<'_>> = Vec::new();
    for marked in marked {
        let marker = &marked.marker;
        let says = match &marker.says {
            Says::Out(section) | Says::Command(section) => What::Section(section),
            Says::Message { name, json } => What::Message(name, json),
        };
        let lasted = marked.end.as_ref().map(|end| end.at_us.saturating_sub(marker.at_us));
        told.push(Told { at_us: marker.at_us, length_us: lasted.or(marker.planned_us), says });
        if let Some((end, section)) = marked.end.as_ref().and_then(|end| Some((end, end.section.as_ref()?))) {
            told.push(Told { at_us: end.at_us, length_us: None, says: What::Section(section) });
        }
    }
    let mut once: Vec<Told<'_>> = Vec::new();
    for one in told {
        let same = |other: &&mut Told<'_>| other.at_us == one.at_us && other.says == one.says;
        match once.iter_mut().find(same) {
            Some(other) => other.length_us = other.length_us.max(one.length_us),
            None => once.push(one),
        }
    }
    once.sort_by_key(|told| told.at_us);
    once
}

impl Told<'_> {
    fn name(&self) -> Option<&str> {
        match self.says {
            What::Message(name, _) => Some(name),
            What::Section(_) => None,
        }
    }

    /// A number of 32 bits, which is the same in every MPD, whatever else stands there.
    fn id(&self) -> u32 {
        let said = match self.says {
            What::Section(section) => section,
            What::Message(_, json) => json.as_bytes(),
        };
        let hash = blake3::Hasher::new().update(&self.at_us.to_be_bytes()).update(said).finalize();
        let [a, b, c, d, ..] = *hash.as_bytes();
        u32::from_be_bytes([a, b, c, d])
    }

    fn element(&self, from_us: i64) -> Element {
        let at = self.at_us.saturating_sub(from_us);
        let event = Element::new("Event").attribute("presentationTime", at.max(0));
        // What has begun before there was a programme is as much shorter.
        let event = match self.length_us.map(|length| length.saturating_add(at.min(0)).max(0)) {
            Some(length) => event.attribute("duration", length),
            None => event,
        };
        let event = event.attribute("id", self.id());
        match self.says {
            What::Section(section) => {
                let binary = Element::new("Binary").text(&STANDARD.encode(section));
                event.child(Element::new("Signal").attribute("xmlns", SIGNAL).child(binary))
            }
            What::Message(_, json) => event.text(json),
        }
    }
}
