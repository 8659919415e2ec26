//! The markers that players are told of, each for as long as it is a part of what they are offered.

use std::collections::VecDeque;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::media::{Marking, Rounding, SegmentNumber, Timescale, Timestamp, Utc};
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
    /// It will not be.
    Withdrawn(String),
}

impl Change {
    /// Brings what was noted of markers to where it was after this.
    pub(super) fn apply(self, marked: &mut Vec<Marked>) {
        match self {
            Self::Marked(new) => match marked.iter_mut().find(|marked| marked.marker.id == new.marker.id) {
                Some(marked) => *marked = new,
                None => marked.push(new),
            },
            Self::Withdrawn(id) => marked.retain(|marked| marked.marker.id != id),
        }
    }
}

/// The markers of a programme.
#[derive(Debug, Default)]
pub(super) struct ToldMarkers {
    marked: Vec<Marked>,
    /// What is not told yet: its place on the wall clock is not known.
    waiting: VecDeque<Marking>,
    /// Those that players were told of and are no longer, and since when.
    gone: VecDeque<(Duration, String)>,
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

    /// Something was marked.
    pub(super) fn add(&mut self, marking: Marking) {
        if self.waiting.len() >= MOST {
            self.left_out += 1;
            return;
        }
        self.waiting.push_back(marking);
    }

    /// Tells of all that waits, before the segment `before`. Gives what has changed.
    pub(super) fn tell(&mut self, spells: &Spells, before: SegmentNumber, now: Duration) -> Vec<Change> {
        let date = |at_us: i64| {
            let zero: Utc = spells.spell_at(Timestamp::new(at_us, MICROSECONDS)).zero;
            zero.after_us(at_us).to_millisecond()
        };
        let mut changes = Vec::new();
        for marking in std::mem::take(&mut self.waiting) {
            match marking {
                Marking::Begin(_) if self.marked.len() >= MOST && !self.forget_endless(now) => self.left_out += 1,
                Marking::Begin(marker) => {
                    let marked = Marked { date: date(marker.at_us), marker, before, end: None };
                    self.marked.push(marked.clone());
                    changes.push(Change::Marked(marked));
                }
                Marking::End(id, end) => {
                    let own = self.marked.iter_mut().find(|marked| marked.marker.id == id && marked.end.is_none());
                    changes.extend(own.map(|own| {
                        let date = date(end.at_us).max(own.date);
                        own.end = Some(MarkedEnd { at_us: end.at_us, date, before, section: end.section });
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
        self.take(|marked| marked.over_us().is_some_and(|over| over < first_us), now);
    }

    /// Those that have left since so long ago.
    pub(super) fn gone_since(&mut self, since: Duration) -> Vec<String> {
        self.gone.retain(|(at, _)| *at >= since);
        self.gone.iter().map(|(_, id)| id.clone()).collect()
    }

    /// Makes room: the oldest that nobody has ended and that has no length is told no longer. Whether there was one.
    fn forget_endless(&mut self, now: Duration) -> bool {
        let oldest =
            self.marked.iter().find(|marked| marked.over_us().is_none()).map(|marked| marked.marker.id.clone());
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

    #[test]
    fn a_marker_stays_while_it_overlaps_what_is_offered() {
        let spells = Spells::unbroken(start(), Timestamp::zero(MICROSECONDS));
        let (out, command) = (Says::Out(vec![0xFC]), Says::Command(vec![0xFC]));
        let mut told = ToldMarkers::default();
        for marking in [
            marker("point", 10, None, command.clone()),
            marker("long", 10, Some(20), command),
            marker("break", 10, Some(40), out.clone()),
            marker("unknown", 10, None, out),
        ] {
            told.add(marking);
        }
        assert_eq!(told.tell(&spells, SegmentNumber(4), NOW).len(), 4);
        told.add(Marking::End("break".to_owned(), MarkerEnd { at_us: 35_000_000, section: None }));
        let changed = told.tell(&spells, SegmentNumber(8), NOW);
        let [Change::Marked(Marked { end: Some(end), date, .. })] = &changed[..] else { panic!("{changed:?}") };
        assert_eq!((end.date.since_us(*date), end.before), (25_000_000, SegmentNumber(8)));
        assert_eq!(left_at(&mut told, 10), ["point", "long", "break", "unknown"]);
        assert_eq!(left_at(&mut told, 11), ["long", "break", "unknown"]);
        assert_eq!(left_at(&mut told, 31), ["break", "unknown"]);
        assert_eq!(left_at(&mut told, 3600), ["unknown"]);
        assert_eq!(told.gone_since(Duration::ZERO), ["point", "long", "break"]);
        assert_eq!(told.gone_since(NOW + Duration::from_secs(1)), [""; 0]);
    }

    #[test]
    fn what_is_withdrawn_was_told_of_and_what_is_too_much_is_not() {
        let spells = Spells::unbroken(start(), Timestamp::zero(MICROSECONDS));
        let mut told = ToldMarkers::default();
        (0..=MOST).for_each(|at| told.add(marker(&at.to_string(), 5, None, Says::Command(Vec::new()))));
        assert_eq!((told.tell(&spells, SegmentNumber(4), NOW).len(), told.left_out()), (MOST, 1));
        ["7", "none"].into_iter().for_each(|id| told.add(Marking::Withdraw(id.to_owned())));
        assert_eq!(told.tell(&spells, SegmentNumber(4), NOW), [Change::Withdrawn("7".to_owned())]);
        assert_eq!(told.gone_since(Duration::ZERO), ["7"]);
    }

    #[test]
    fn its_date_is_that_of_its_spell() {
        let second = Timescale::new(1);
        let spell = |breaks, first, from| Spell {
            breaks,
            first: SegmentNumber(first),
            from: Timestamp::new(from, second),
            zero: start().after_us(breaks as i64 * 30_000_000),
        };
        let spells = Spells::of(start(), spell(0, 1, 0), [spell(1, 4, 6)]);
        let mut told = ToldMarkers::default();
        for at in [-2, 5, 6, 60] {
            told.add(marker(&at.to_string(), at, None, Says::Command(Vec::new())));
        }
        told.tell(&spells, SegmentNumber(5), NOW);
        let dates: Vec<i64> = told.all().iter().map(|marked| marked.date.since_us(start()) / 1_000_000).collect();
        assert_eq!(dates, [-2, 5, 36, 90]);
    }
}
