//! Sections of SCTE 35 in, markers out: what leads out of a programme and back to it is paired, what is sent several times is
//! one (RFC 8216bis § 4.4.5.1.1; ANSI/SCTE 35 2023r1 § 9.7.3, § 10.3.3).

use std::collections::VecDeque;

use crate::codec::scte35::{self, CLOCK, Command, Damage, Insert, Section, Segmentation};
use crate::media::{Marker, MarkerEnd, Marking, Says};

/// What is sent again says the same time, up to a picture or two, in microseconds.
const SAME_US: i64 = 100_000;

/// The same of what was begun before the source was away: where that is by now is known by the wall clock alone.
const ABOUT_US: i64 = 5_000_000;

/// The same bytes are the same section for so long, in microseconds: where it says no time, it is the first one that counts.
const REPEATED_US: i64 = 60_000_000;

/// No splice is announced so long before, or told of so much later, in microseconds: its time is of another clock.
const FAR_US: i64 = 3_600_000_000;

/// What leads back to the programme may come so much later than the next break, in microseconds.
const LATE_US: i64 = 5_000_000;

/// So many are remembered of those that have begun, that have ended, and that were sent.
const REMEMBERED: usize = 64;

/// What begins and ends is told apart by this.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    /// An event of `splice_insert`.
    Splice(u32),
    /// A segmentation event, and the type that it begins with.
    Segment(u32, u8),
}

impl What {
    /// What a marker of this name begins with.
    fn named(id: &str) -> Option<Self> {
        let number = |text: &str| u32::from_str_radix(text, 16).ok();
        let mut parts = id.split('-');
        match (parts.next()?, parts.next()?, parts.next()?) {
            ("splice", event, _) => Some(Self::Splice(number(event)?)),
            ("segment", event, kind) => Some(Self::Segment(number(event)?, u8::from_str_radix(kind, 16).ok()?)),
            _ => None,
        }
    }
}

/// What has begun.
#[derive(Clone, Debug)]
struct Open {
    what: What,
    id: String,
    at_us: i64,
    /// When it is meant to end.
    planned_us: Option<i64>,
    /// It ends by itself then.
    returns: bool,
    /// It begins within so much of `at_us`.
    within_us: i64,
}

impl Open {
    /// Whether both begin and end in the same way.
    fn is_like(&self, what: What) -> bool {
        match (self.what, what) {
            (What::Splice(_), What::Splice(_)) => true,
            (What::Segment(_, own), What::Segment(_, kind)) => own == kind,
            (What::Splice(_), What::Segment(..)) | (What::Segment(..), What::Splice(_)) => false,
        }
    }
}

/// What a section has led to.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// What is marked.
    pub markings: Vec<Marking>,
    /// Its time is far from the programme, and was not believed.
    pub far: bool,
}

/// What is known of the marks of a programme.
#[derive(Debug, Default)]
pub struct Pairs {
    open: VecDeque<Open>,
    /// What has ended, and when.
    closed: VecDeque<(What, i64)>,
    /// Names that were given, and how many of each.
    named: VecDeque<(String, u32)>,
    /// Sections, and when the programme was where they came.
    seen: VecDeque<(i64, Vec<u8>)>,
}

/// The length of so many ticks in microseconds.
const fn us(ticks: i64) -> i64 {
    (ticks * 100 + 4) / 9
}

impl Pairs {
    /// Goes on with what an earlier run has told of and nobody has ended, which is there in this one by the wall clock.
    pub fn going_on(&mut self, markers: impl IntoIterator<Item = Marker>) {
        for Marker { id, at_us, planned_us, says } in markers {
            remember(&mut self.named, (id.clone(), 1));
            let Says::Out(bytes) = says else { continue };
            let Some(what) = What::named(&id) else { continue };
            let returns = matches!(
                scte35::section(&bytes).map(|section| section.command),
                Ok(Command::Insert { insert: Insert::Splice { length: Some((_, true)), .. }, .. })
            );
            let planned_us = planned_us.map(|length| at_us.saturating_add(length));
            remember(&mut self.open, Open { what, id, at_us, planned_us, returns, within_us: ABOUT_US });
        }
    }

    /// The programme was away for so long, in microseconds, and goes on where it was: what happens at a time of day is as
    /// much earlier in it.
    pub fn away(&mut self, us: i64) {
        for open in &mut self.open {
            open.at_us = open.at_us.saturating_sub(us);
            open.planned_us = open.planned_us.map(|end| end.saturating_sub(us));
            open.within_us = ABOUT_US;
        }
        self.closed.iter_mut().for_each(|(_, at)| *at = at.saturating_sub(us));
        self.seen.iter_mut().for_each(|(at, _)| *at = at.saturating_sub(us));
    }

    /// Takes a section that came when the programme was at `now_us`; `place` says where a time of the section is.
    ///
    /// # Errors
    /// When it is damaged.
    pub fn section(&mut self, bytes: &[u8], now_us: i64, place: impl Fn(i64) -> i64) -> Result<Told, Damage> {
        let Section { command, segmentations } = scte35::section(bytes)?;
        let again = |(at, seen): &(i64, Vec<u8>)| now_us.saturating_sub(*at) < REPEATED_US && seen == bytes;
        if self.seen.iter().any(again) {
            return Ok(Told::default());
        }
        remember(&mut self.seen, (now_us, bytes.to_vec()));
        let mut far = false;
        let mut at = |ticks: Option<i64>| {
            let said = ticks.map(&place);
            let believed = said.filter(|said| said.saturating_sub(now_us).saturating_abs() <= FAR_US);
            far = said.is_some() && believed.is_none();
            believed.unwrap_or(now_us)
        };
        let markings = match command {
            // They say nothing, and are sent again and again.
            Command::Null | Command::Reservation if segmentations.is_empty() => Vec::new(),
            Command::Insert { event, insert: Insert::Cancelled } => {
                self.cancel(now_us, |what| what == What::Splice(event))
            }
            Command::Insert { event, insert: Insert::Splice { out, at: ticks, length } } => {
                let (what, at_us) = (What::Splice(event), at(ticks));
                let planned_us = length.map(|(ticks, _)| us(ticks));
                let returns = length.is_some_and(|(_, returns)| returns);
                if out {
                    self.begin((what, at_us, planned_us, returns), now_us, bytes)
                } else {
                    self.end(what, at_us, bytes).unwrap_or_else(|| self.command("splice", at_us, planned_us, bytes))
                }
            }
            Command::TimeSignal(ticks) if !segmentations.is_empty() => {
                let at_us = at(ticks);
                let mut markings = Vec::new();
                for segmentation in segmentations {
                    markings.extend(self.segment(segmentation, at_us, now_us, bytes));
                }
                markings
            }
            Command::TimeSignal(ticks) => self.command("signal", at(ticks), None, bytes),
            Command::Null | Command::Reservation | Command::Other => self.command("command", now_us, None, bytes),
        };
        Ok(Told { markings, far })
    }

    /// A data message that came when the programme was at `at_us`.
    pub fn message(&mut self, at_us: i64, planned_us: Option<i64>, name: String, json: String) -> Marking {
        let id = self.unique(format!("{name}-{}", milliseconds(at_us)));
        Marking::Begin(Marker { id, at_us, planned_us, says: Says::Message { name, json } })
    }

    /// The programme has come to this microsecond: what ends by itself has ended, and so has what was meant to end before
    /// the next one of its kind has begun. Not every source says when it is back; what is longer than it was meant to be
    /// goes on.
    pub fn reached(&mut self, us: i64) -> Vec<Marking> {
        let begun: Vec<(What, i64)> = self.open.iter().map(|open| (open.what, open.at_us)).collect();
        let followed = |open: &Open, end: i64| {
            let other = |what: What| what != open.what && open.is_like(what);
            let next = |(what, at): &(What, i64)| other(*what) && end <= *at && at.saturating_add(LATE_US) <= us;
            // A length of nothing is none.
            end > open.at_us && begun.iter().any(next)
        };
        let mut ended = Vec::new();
        self.open.retain(|open| {
            let over = |end: &i64| if open.returns { *end <= us } else { followed(open, *end) };
            let Some(at_us) = open.planned_us.filter(over) else { return true };
            remember(&mut self.closed, (open.what, at_us));
            ended.push(Marking::End(open.id.clone(), MarkerEnd { at_us, planned: true, section: None }));
            false
        });
        ended
    }

    fn segment(&mut self, segmentation: Segmentation, at_us: i64, now_us: i64, bytes: &[u8]) -> Vec<Marking> {
        let Segmentation { event, cancelled, kind, length } = segmentation;
        let planned_us = length.map(us);
        if cancelled {
            return self.cancel(now_us, |what| matches!(what, What::Segment(own, _) if own == event));
        }
        if leads_out(kind) {
            return self.begin((What::Segment(event, kind), at_us, planned_us, false), now_us, bytes);
        }
        let back = kind.checked_sub(1).filter(|begin| leads_out(*begin));
        if let Some(ended) = back.and_then(|begin| self.end(What::Segment(event, begin), at_us, bytes)) {
            return ended;
        }
        let id = format!("segment-{event:08X}-{kind:02X}-{}", milliseconds(at_us));
        if self.is_named(&id) {
            return Vec::new();
        }
        remember(&mut self.named, (id.clone(), 1));
        vec![Marking::Begin(Marker { id, at_us, planned_us, says: Says::Command(bytes.to_vec()) })]
    }

    fn begin(
        &mut self,
        (what, at_us, planned_us, returns): (What, i64, Option<i64>, bool),
        now_us: i64,
        bytes: &[u8],
    ) -> Vec<Marking> {
        let mut markings = Vec::new();
        if self.was(what, at_us) {
            return markings;
        }
        if let Some(before) = self.open.iter().position(|open| open.what == what) {
            let open = &self.open[before];
            if open.at_us.saturating_sub(at_us).saturating_abs() <= open.within_us {
                return markings;
            }
            // It has moved, or comes again.
            markings.extend(self.open.remove(before).map(|open| match open.at_us > now_us {
                true => Marking::Withdraw(open.id),
                false => {
                    Marking::End(open.id, MarkerEnd { at_us: at_us.max(open.at_us), planned: false, section: None })
                }
            }));
        }
        let id = match what {
            What::Splice(event) => format!("splice-{event:08X}-{}", milliseconds(at_us)),
            What::Segment(event, kind) => format!("segment-{event:08X}-{kind:02X}-{}", milliseconds(at_us)),
        };
        let id = self.unique(id);
        let end_us = planned_us.map(|length| at_us.saturating_add(length));
        remember(&mut self.open, Open { what, id: id.clone(), at_us, planned_us: end_us, returns, within_us: SAME_US });
        markings.push(Marking::Begin(Marker { id, at_us, planned_us, says: Says::Out(bytes.to_vec()) }));
        markings
    }

    /// Ends what has begun: that of the same event, else the only one of its kind. Nothing when there is none.
    fn end(&mut self, what: What, at_us: i64, bytes: &[u8]) -> Option<Vec<Marking>> {
        if self.was(what, at_us) {
            return Some(Vec::new());
        }
        let own = self.open.iter().position(|open| open.what == what);
        // What has ended already is no other's end, and nothing ends before it begins.
        let over = self.closed.iter().any(|(own, _)| *own == what);
        let only = || {
            let begun = |open: &Open| open.is_like(what) && open.at_us <= at_us;
            let mut like = self.open.iter().enumerate().filter(|(_, open)| begun(open));
            like.next().filter(|_| !over && like.next().is_none()).map(|(at, _)| at)
        };
        let open = self.open.remove(own.or_else(only)?)?;
        remember(&mut self.closed, (what, at_us));
        let end = MarkerEnd { at_us: at_us.max(open.at_us), planned: false, section: Some(bytes.to_vec()) };
        Some(vec![Marking::End(open.id, end)])
    }

    /// Whether it has ended there, which is told once more.
    fn was(&self, what: What, at_us: i64) -> bool {
        self.closed.iter().any(|(own, at)| *own == what && at.saturating_sub(at_us).saturating_abs() <= SAME_US)
    }

    /// What has not begun yet will not be (RFC 8216bis § 4.4.5.1.1); it is too late for what has.
    fn cancel(&mut self, now_us: i64, which: impl Fn(What) -> bool) -> Vec<Marking> {
        let mut withdrawn = Vec::new();
        self.open.retain(|open| {
            let gone = which(open.what) && open.at_us > now_us;
            withdrawn.extend(gone.then(|| Marking::Withdraw(open.id.clone())));
            !gone
        });
        withdrawn
    }

    fn command(&mut self, name: &str, at_us: i64, planned_us: Option<i64>, bytes: &[u8]) -> Vec<Marking> {
        let id = self.unique(format!("{name}-{}", milliseconds(at_us)));
        vec![Marking::Begin(Marker { id, at_us, planned_us, says: Says::Command(bytes.to_vec()) })]
    }

    fn is_named(&self, id: &str) -> bool {
        self.named.iter().any(|(name, _)| name == id)
    }

    /// A name that no other one has: many may be of the same millisecond.
    fn unique(&mut self, id: String) -> String {
        let Some(at) = self.named.iter().position(|(name, _)| *name == id) else {
            remember(&mut self.named, (id.clone(), 1));
            return id;
        };
        loop {
            self.named[at].1 += 1;
            let other = format!("{id}-{}", self.named[at].1);
            if !self.is_named(&other) {
                return other;
            }
        }
    }
}

/// Types of segments that are something else than the programme: breaks, advertisements, promotions, and opportunities for
/// them (table 23). Each ends with the type after it.
const fn leads_out(kind: u8) -> bool {
    matches!(kind, 0x22 | 0x30 | 0x32 | 0x34 | 0x36 | 0x38 | 0x3A | 0x3C | 0x3E | 0x44 | 0x46)
}

const fn milliseconds(us: i64) -> i64 {
    us.div_euclid(1000)
}

fn remember<T>(queue: &mut VecDeque<T>, one: T) {
    if queue.len() >= REMEMBERED {
        queue.pop_front();
    }
    queue.push_back(one);
}

/// The nearest place of a time of a section, which wraps, to an instant of the same clock: how much later it is, in
/// microseconds.
pub fn later_us(ticks: i64, instant_us: i64) -> i64 {
    let instant = (instant_us as i128 * i128::from(CLOCK) + 500_000).div_euclid(1_000_000) as i64;
    let later = (ticks - instant).rem_euclid(scte35::WRAP);
    let later = if later >= scte35::WRAP / 2 { later - scte35::WRAP } else { later };
    (later * 100 + if later < 0 { -4 } else { 4 }) / 9
}

#[cfg(test)]
#[path = "pairs/tests.rs"]
mod tests;
