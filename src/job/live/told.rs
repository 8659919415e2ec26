//! The markers that players are told of, each for as long as it is a part of what they are offered.

use std::collections::VecDeque;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::media::{Marker, Marking, Rounding, SegmentNumber, Timescale, Timestamp, Utc};
use crate::plan::{Marked, MarkedEnd, Spells};

const MICROSECONDS: Timescale = Timescale::new(1_000_000);

/// Players are told of no more at a time: they load all of them with every playlist.
const MOST: usize = 200;

/// So many are remembered of those that have left.
const MOST_GONE: usize = 4 * MOST;

/// What has changed of a marker.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Change {
    /// It is so now.
    Marked(Marked),
    /// It is the same at a time of day, and another one in the programme, which was away.
    Moved(Marked),
    /// It will not be.
    Withdrawn(String),
}

impl Change {
    /// What it takes to keep it in memory, but for what is as long in all of them.
    pub(super) fn bytes(&self) -> usize {
        match self {
            Self::Marked(marked) | Self::Moved(marked) => {
                let end = marked.end.as_ref().and_then(|end| end.section.as_ref()).map_or(0, Vec::len);
                marked.marker.id.len() + marked.marker.says.bytes() + end
            }
            Self::Withdrawn(id) => id.len(),
        }
    }

    /// Brings what was noted of markers to where it was after this.
    pub(super) fn apply(self, marked: &mut Vec<Marked>) {
        match self {
            Self::Marked(new) | Self::Moved(new) => {
                match marked.iter_mut().find(|marked| marked.marker.id == new.marker.id) {
                    Some(marked) => *marked = new,
                    None => marked.push(new),
                }
            }
            Self::Withdrawn(id) => marked.retain(|marked| marked.marker.id != id),
        }
    }
}

/// What was marked, in the spell behind so many breaks: its times are those that the programme would have had, had it gone on
/// from there for good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Noted {
    pub(super) breaks: u64,
    pub(super) marking: Marking,
}

/// The markers of a programme.
#[derive(Debug, Default)]
pub(super) struct ToldMarkers {
    marked: Vec<Marked>,
    /// What is not told yet: its place on the wall clock is not known.
    waiting: VecDeque<Noted>,
    /// Those that players were told of and are no longer, and since when.
    gone: VecDeque<(Duration, String)>,
    /// Where what players are offered begins, in microseconds.
    first_us: i64,
    /// How many players were not told of, for they were too many.
    left_out: u64,
}

impl ToldMarkers {
    /// Those that an earlier run has told of.
    pub(super) fn of(marked: Vec<Marked>) -> Self {
        Self { marked, ..Self::default() }
    }

    pub(super) fn all(&self) -> &[Marked] {
        &self.marked
    }

    /// How many were too many so far.
    pub(super) fn left_out(&self) -> u64 {
        self.left_out
    }

    /// These were marked, in this order. Of too many the first ones are told of; what ends them, or takes them back, is
    /// never left out.
    pub(super) fn add_all(&mut self, noted: Vec<Noted>) {
        for noted in noted {
            if self.waiting.len() < MOST || !matches!(noted.marking, Marking::Begin(_)) {
                self.waiting.push_back(noted);
            } else {
                self.left_out += 1;
            }
        }
    }

    /// Puts what was told of where it is by now: what was to come at a time of day is earlier in a programme that was away
    /// meanwhile. Gives what has changed.
    pub(super) fn settle(&mut self, spells: &Spells) -> Vec<Change> {
        let mut changes = Vec::new();
        for marked in &mut self.marked {
            let before = marked.clone();
            marked.marker.at_us = settled(spells, marked.marker.at_us, marked.date);
            if let Some(end) = &mut marked.end {
                end.at_us = settled(spells, end.at_us, end.date);
            }
            if *marked != before {
                changes.push(Change::Moved(marked.clone()));
            }
        }
        changes
    }

    /// Tells of all that waits, before the segment `before`. Gives what has changed.
    pub(super) fn tell(&mut self, spells: &Spells, before: SegmentNumber, now: Duration) -> Vec<Change> {
        let mut changes = Vec::new();
        for Noted { breaks, marking } in std::mem::take(&mut self.waiting) {
            let zero = spells.behind(breaks).zero;
            let date = |at_us: i64| zero.after_us(at_us).to_millisecond();
            match marking {
                Marking::Begin(_) if self.marked.len() >= MOST && !self.forget_endless(now) => self.left_out += 1,
                Marking::Begin(marker) => {
                    let date = date(marker.at_us);
                    let at_us = settled(spells, marker.at_us, date);
                    let marked = Marked { date, marker: Marker { at_us, ..marker }, before, end: None };
                    self.marked.push(marked.clone());
                    changes.push(Change::Marked(marked));
                }
                Marking::End(id, end) => {
                    let own = self.marked.iter_mut().find(|marked| marked.marker.id == id && marked.end.is_none());
                    changes.extend(own.map(|own| {
                        let planned = own.marker.planned_us.filter(|_| end.planned);
                        let planned = planned.map(|length| own.date.after_us(length).to_millisecond());
                        let date = planned.unwrap_or_else(|| date(end.at_us).max(own.date));
                        let at_us = settled(spells, end.at_us, date).max(own.marker.at_us);
                        own.end = Some(MarkedEnd { at_us, date, before, section: end.section });
                        Change::Marked(own.clone())
                    }));
                }
                Marking::Withdraw(id) => {
                    if self.take(|marked| marked.marker.id == id, now) {
                        changes.push(Change::Withdrawn(id));
                    }
                }
            }
        }
        changes
    }

    /// What players are offered begins at `first`: what was over before is told no longer (RFC 8216bis § 6.2.1).
    pub(super) fn leave(&mut self, first: Timestamp, now: Duration) {
        let first_us = first.rescale(MICROSECONDS, Rounding::Down).ticks();
        self.first_us = first_us;
        // What was before the programme is a part of it for as long as its begin is.
        self.take(|marked| marked.over_us().is_some_and(|over| over.max(0) < first_us), now);
    }

    /// Those that have left since so long ago.
    pub(super) fn gone_since(&mut self, since: Duration) -> Vec<String> {
        self.gone.retain(|(at, _)| *at >= since);
        self.gone.iter().map(|(_, id)| id.clone()).collect()
    }

    /// Makes room: the oldest that nobody has ended, and that has no length or should be over, is told no longer. Whether
    /// there was one.
    fn forget_endless(&mut self, now: Duration) -> bool {
        let first_us = self.first_us;
        let due = |marked: &Marked| marked.planned_end_us().is_none_or(|end| end < first_us);
        let oldest = self.marked.iter().find(|marked| marked.over_us().is_none() && due(marked));
        let oldest = oldest.map(|marked| marked.marker.id.clone());
        oldest.is_some_and(|oldest| self.take(|marked| marked.marker.id == oldest, now))
    }

    fn take(&mut self, which: impl Fn(&Marked) -> bool, now: Duration) -> bool {
        let before = self.marked.len();
        self.marked.retain(|marked| {
            let gone = which(marked);
            if gone {
                self.gone.push_back((now, marked.marker.id.clone()));
            }
            !gone
        });
        // Players who were away for longer load all.
        let surplus = self.gone.len().saturating_sub(MOST_GONE);
        self.gone.drain(..surplus);
        self.marked.len() < before
    }
}

/// Where in the programme something is at a time of day that was taken to be here: to the microsecond, as it was said, where
/// that is the same.
fn settled(spells: &Spells, at_us: i64, date: Utc) -> i64 {
    spells.place(date).filter(|place| place.saturating_sub(at_us).saturating_abs() > 1000).unwrap_or(at_us)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::{Marker, MarkerEnd, Says};
    use crate::plan::Spell;

    const NOW: Duration = Duration::from_secs(9);

    fn start() -> Utc {
        Utc::since_1970(Duration::from_secs(1_763_000_000))
    }

    fn marker(id: &str, at: i64, planned: Option<i64>, says: Says) -> Marking {
        let planned_us = planned.map(|seconds| seconds * 1_000_000);
        Marking::Begin(Marker { id: id.to_owned(), at_us: at * 1_000_000, planned_us, says })
    }

    fn ids(told: &ToldMarkers) -> Vec<&str> {
        told.all().iter().map(|marked| &marked.marker.id[..]).collect()
    }

    fn left_at(told: &mut ToldMarkers, seconds: i64) -> Vec<String> {
        told.leave(Timestamp::new(seconds, Timescale::new(1)), NOW);
        ids(told).into_iter().map(str::to_owned).collect()
    }

    /// In the first spell.
    fn add(told: &mut ToldMarkers, marking: Marking) {
        told.add_all(vec![Noted { breaks: 0, marking }]);
    }

    fn end(id: &str, at: i64, planned: bool) -> Marking {
        Marking::End(id.to_owned(), MarkerEnd { at_us: at * 1_000_000, planned, section: None })
    }

    #[test]
    fn a_marker_stays_while_it_overlaps_what_is_offered() {
        let spells = Spells::unbroken(start(), Timestamp::zero(MICROSECONDS));
        let (out, command) = (Says::Out(vec![0xFC]), Says::Command(vec![0xFC]));
        let mut told = ToldMarkers::default();
        for marking in [
            marker("point", 10, None, command.clone()),
            marker("long", 10, Some(20), command),
            marker("break", 10, Some(40), out.clone()),
            marker("unknown", 10, None, out.clone()),
            marker("overrun", 10, Some(5), out),
            marker("before", -1, None, Says::Command(Vec::new())),
        ] {
            add(&mut told, marking);
        }
        assert_eq!(told.tell(&spells, SegmentNumber(4), NOW).len(), 6);
        assert_eq!((left_at(&mut told, 0).len(), left_at(&mut told, 1).len()), (6, 5), "it goes with the begin");
        add(&mut told, end("break", 35, false));
        let changed = told.tell(&spells, SegmentNumber(8), NOW);
        let [Change::Marked(Marked { end: Some(ended), date, .. })] = &changed[..] else { panic!("{changed:?}") };
        assert_eq!((ended.date.since_us(*date), ended.before), (25_000_000, SegmentNumber(8)));
        assert_eq!(left_at(&mut told, 10), ["point", "long", "break", "unknown", "overrun"]);
        assert_eq!(left_at(&mut told, 11), ["long", "break", "unknown", "overrun"]);
        assert_eq!(left_at(&mut told, 31), ["break", "unknown", "overrun"]);
        assert_eq!(left_at(&mut told, 36), ["unknown", "overrun"]);
        assert_eq!(told.gone_since(Duration::ZERO), ["before", "point", "long", "break"]);
        assert_eq!(told.gone_since(NOW + Duration::from_secs(1)), [""; 0]);
        // Nobody has said that it was over, long after it was meant to be.
        assert_eq!(left_at(&mut told, 3600), ["unknown", "overrun"]);
        add(&mut told, end("overrun", 3602, false));
        let changed = told.tell(&spells, SegmentNumber(9), NOW);
        let [Change::Marked(Marked { end: Some(ended), date, .. })] = &changed[..] else { panic!("{changed:?}") };
        assert_eq!((ended.date.since_us(*date), ended.at_us), (3_592_000_000, 3_602_000_000));
        assert_eq!(left_at(&mut told, 3603), ["unknown"]);
    }

    #[test]
    fn what_is_withdrawn_was_told_of_and_what_is_too_much_is_not() {
        let spells = Spells::unbroken(start(), Timestamp::zero(MICROSECONDS));
        let mut told = ToldMarkers::default();
        (0..=MOST).for_each(|at| add(&mut told, marker(&at.to_string(), 5, None, Says::Command(Vec::new()))));
        assert_eq!((told.tell(&spells, SegmentNumber(4), NOW).len(), told.left_out()), (MOST, 1));
        ["7", "none"].into_iter().for_each(|id| add(&mut told, Marking::Withdraw(id.to_owned())));
        assert_eq!(told.tell(&spells, SegmentNumber(4), NOW), [Change::Withdrawn("7".to_owned())]);
        assert_eq!(told.gone_since(Duration::ZERO), ["7"]);
    }

    /// Of breaks that nobody ends, the oldest makes room that should be over.
    #[test]
    fn breaks_that_nobody_ends_do_not_keep_others_out() {
        let spells = Spells::unbroken(start(), Timestamp::zero(MICROSECONDS));
        let mut told = ToldMarkers::default();
        (0..MOST as i64).for_each(|at| add(&mut told, marker(&at.to_string(), at, Some(50), Says::Out(Vec::new()))));
        told.tell(&spells, SegmentNumber(4), NOW);
        add(&mut told, marker("early", 5, None, Says::Out(Vec::new())));
        assert_eq!((told.tell(&spells, SegmentNumber(4), NOW).len(), told.left_out()), (0, 1));
        assert_eq!(left_at(&mut told, 52).len(), MOST);
        add(&mut told, marker("late", 60, None, Says::Out(Vec::new())));
        assert_eq!((told.tell(&spells, SegmentNumber(4), NOW).len(), told.gone_since(NOW)), (1, vec!["0".to_owned()]));
    }

    fn away_for(seconds: i64) -> Spells {
        let spell = |breaks, first, from| Spell {
            breaks,
            first: SegmentNumber(first),
            from: Timestamp::new(from, Timescale::new(1)),
            zero: start().after_us(breaks as i64 * seconds * 1_000_000),
        };
        Spells::of(start(), spell(0, 1, 0), [spell(1, 4, 6)])
    }

    #[test]
    fn its_date_is_that_of_its_spell() {
        let mut told = ToldMarkers::default();
        for (breaks, at) in [(0, -2), (0, 5), (0, 60), (1, -24), (1, 6), (1, 60)] {
            let marking = marker(&format!("{breaks} {at}"), at, None, Says::Command(Vec::new()));
            told.add_all(vec![Noted { breaks, marking }]);
        }
        told.tell(&away_for(30), SegmentNumber(5), NOW);
        let second = |us: i64| us / 1_000_000;
        let places =
            told.all().iter().map(|marked| (second(marked.date.since_us(start())), second(marked.marker.at_us)));
        // What was to come after a minute of the first spell, comes while the second one is on; the fourth one was meanwhile.
        assert_eq!(places.collect::<Vec<_>>(), [(-2, -2), (5, 5), (60, 30), (6, 6), (36, 6), (90, 60)]);
    }

    /// Two breaks begin, one of them while nothing is made; the source comes back in both.
    #[test]
    fn a_break_that_the_source_is_lost_in_is_as_long_as_the_wall_clock_says() {
        let mut told = ToldMarkers::default();
        let unbroken = Spells::unbroken(start(), Timestamp::zero(MICROSECONDS));
        for (id, at) in [("itself", 4), ("cue", 4), ("ahead", 10), ("later", 40)] {
            add(&mut told, marker(id, at, Some(33), Says::Out(Vec::new())));
        }
        told.tell(&unbroken, SegmentNumber(2), NOW);
        let spells = away_for(30);
        let moved = told.settle(&spells);
        let ids = |changes: &[Change]| -> Vec<(String, i64)> {
            let id = |change: &Change| match change {
                Change::Moved(marked) => (marked.marker.id.clone(), marked.marker.at_us / 1_000_000),
                other => panic!("{other:?}"),
            };
            changes.iter().map(id).collect()
        };
        assert_eq!(ids(&moved), [("ahead".to_owned(), 6), ("later".to_owned(), 10)]);
        assert_eq!(told.settle(&spells), [], "they are where they are");
        // What ends by itself is told of where that is thought to be in the programme.
        for (id, at, planned) in [("itself", 8, true), ("cue", 9, false), ("ahead", 13, true)] {
            told.add_all(vec![Noted { breaks: 1, marking: end(id, at, planned) }]);
        }
        told.tell(&spells, SegmentNumber(5), NOW);
        let ends: Vec<_> = told.all().iter().filter_map(|marked| Some((marked, marked.end.as_ref()?))).collect();
        let ends = ends.iter().map(|(marked, end)| (end.date.since_us(marked.date) / 1_000_000, end.at_us / 1_000_000));
        assert_eq!(ends.collect::<Vec<_>>(), [(33, 7), (35, 9), (33, 13)]);
    }
}
