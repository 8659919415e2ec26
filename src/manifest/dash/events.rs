//! Event streams of a Period (ISO/IEC 23009-1 § 5.10.2): what the source of a programme has marked in it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::media::{Says, Utc};
use crate::plan::{MESSAGES, Marked, Marks, Spell};

use super::element::Element;

/// Sections of SCTE 35 in Base64 (ANSI/SCTE 214-1 § 6.7.4).
const SECTIONS: &str = "urn:scte:scte35:2014:xml+bin";
const SIGNAL: &str = "http://www.scte.org/schemas/35/2016";

/// Ticks per second of all event streams.
const TIMESCALE: u32 = 1_000_000;

/// One section or message: when it is, and how long what it tells of lasts by the wall clock, as the timeline of Periods has
/// it.
struct Told<'m> {
    at_us: i64,
    date: Utc,
    length_us: Option<i64>,
    /// Nobody has ended it, which may be longer than it was meant to be.
    open: bool,
    says: What<'m>,
}

#[derive(Clone, Copy, PartialEq)]
enum What<'m> {
    Section(&'m [u8]),
    Message(&'m str, &'m str),
}

/// The Period of a spell of a live programme.
#[derive(Clone, Copy, Debug)]
pub(super) struct Within {
    pub(super) spell: Spell,
    pub(super) next: Option<Spell>,
    /// It is the first one of the MPD.
    pub(super) first: bool,
}

/// The event streams of a Period that begins with a spell and lasts until the next one; of a programme that is told of as a
/// whole, of its only one. What begins before the Period is in the one before; where that is in the MPD no longer, what of
/// it lasts on begins with the Period.
pub(super) fn streams(marks: &Marks, within: Option<Within>) -> Vec<Element> {
    let begin = Begin(within.map(|within| within.spell));
    let until_us = within.and_then(|within| within.next).map(|next| next.from_us());
    let here = |told: &Told<'_>| {
        // Before the first of all there is none.
        let lasts_on = |within: Within| within.spell.breaks == 0 || (within.first && told.lasts_into(begin));
        let begun = told.at_us >= begin.us() || within.is_none_or(lasts_on);
        begun && until_us.is_none_or(|until| told.at_us < until)
    };
    let told: Vec<Told<'_>> = all(&marks.marked).into_iter().filter(here).collect();
    let mut streams = Vec::new();
    let sections = told.iter().filter(|told| matches!(told.says, What::Section(_)));
    streams.extend(stream(SECTIONS, None, sections.map(|told| told.element(begin))));
    let mut names: Vec<&str> = told.iter().filter_map(Told::name).collect();
    names.sort_unstable();
    names.dedup();
    for name in names {
        let own = told.iter().filter(|told| told.name() == Some(name));
        streams.extend(stream(MESSAGES, Some(name), own.map(|told| told.element(begin))));
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
        let (at_us, date, open) = (marker.at_us, marked.date, marked.over_us().is_none());
        let lasted = marked.end.as_ref().map(|end| exact(end.at_us.saturating_sub(at_us), end.date.since_us(date)));
        told.push(Told { at_us, date, length_us: lasted.or(marker.planned_us), open, says });
        if let Some((end, section)) = marked.end.as_ref().and_then(|end| Some((end, end.section.as_ref()?))) {
            let says = What::Section(section);
            told.push(Told { at_us: end.at_us, date: end.date, length_us: None, open: false, says });
        }
    }
    let mut once: Vec<Told<'_>> = Vec::new();
    for one in told {
        let same = |other: &&mut Told<'_>| other.at_us == one.at_us && other.says == one.says;
        match once.iter_mut().find(same) {
            Some(other) => (other.length_us, other.open) = (other.length_us.max(one.length_us), other.open || one.open),
            None => once.push(one),
        }
    }
    once.sort_by_key(|told| told.at_us);
    once
}

/// How long something lasts by the wall clock, whose dates are rounded: as long as in the programme, where that was not away
/// meanwhile.
fn exact(programme_us: i64, wall_us: i64) -> i64 {
    if wall_us.saturating_sub(programme_us).saturating_abs() <= 1000 { programme_us } else { wall_us }
}

/// Where a Period begins: with a spell, or with the programme.
#[derive(Clone, Copy)]
struct Begin(Option<Spell>);

impl Begin {
    fn us(self) -> i64 {
        self.0.map_or(0, |spell| spell.from_us())
    }

    /// How much of something is before it, by the wall clock.
    fn before(self, told: &Told<'_>) -> i64 {
        let in_programme = self.us().saturating_sub(told.at_us);
        let wall = self.0.filter(|spell| spell.breaks > 0);
        let wall = wall.map(|spell| spell.zero.after_us(spell.from_us()).since_us(told.date));
        wall.map_or(in_programme, |wall| exact(in_programme, wall)).max(0)
    }
}

impl Told<'_> {
    /// Whether it goes on in the Period.
    fn lasts_into(&self, begin: Begin) -> bool {
        self.open || self.length_us.is_some_and(|length| length > begin.before(self))
    }

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

    fn element(&self, begin: Begin) -> Element {
        let at = self.at_us.saturating_sub(begin.us()).max(0);
        let event = Element::new("Event").attribute("presentationTime", at);
        // What has begun before is as much shorter.
        let before = begin.before(self);
        let left = self.length_us.map(|length| length.saturating_sub(before).max(0));
        let event = match left.filter(|left| *left > 0 || before == 0 || !self.open) {
            Some(left) => event.attribute("duration", left),
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
