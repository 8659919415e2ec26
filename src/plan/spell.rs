//! The spells of a live programme: in each of them it was made without a break, and between two nothing was made.

use serde::{Deserialize, Serialize};

use crate::media::{Rounding, SegmentNumber, Timescale, Timestamp, Utc};

const MICROSECONDS: Timescale = Timescale::new(1_000_000);

/// A spell. Media goes on without a gap from one to the next; only the wall clock does not.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Spell {
    /// How many breaks came before it, from the begin of the programme on.
    pub breaks: u64,
    /// Its first segment.
    pub first: SegmentNumber,
    /// When that begins, on the timeline of the programme.
    pub from: Timestamp,
    /// When the zero of the programme would have been, had there never been a break.
    pub zero: Utc,
}

impl Spell {
    /// When its first segment begins, in microseconds.
    pub fn from_us(&self) -> i64 {
        self.from.rescale(MICROSECONDS, Rounding::Nearest).ticks()
    }
}

/// The spells of a programme that players must know: the one in which it began, and those of what they are offered.
#[derive(Clone, Debug, PartialEq)]
pub struct Spells {
    start: Utc,
    first: Spell,
    /// Those after it, in order.
    later: Vec<Spell>,
}

impl Spells {
    /// A programme without a break, whose zero was at `start`.
    pub fn unbroken(start: Utc, zero: Timestamp) -> Self {
        Self::of(start, Spell { breaks: 0, first: SegmentNumber(1), from: zero, zero: start }, [])
    }

    /// A programme that began at `start`, and went on with these spells, in order.
    pub fn of(start: Utc, first: Spell, later: impl IntoIterator<Item = Spell>) -> Self {
        Self { start, first, later: later.into_iter().collect() }
    }

    /// When the zero of the programme was.
    pub fn start(&self) -> Utc {
        self.start
    }

    /// All of them that segments from `first` to `last` belong to, in order, each with the first segment after it;
    /// nothing follows the last one.
    pub fn between(
        &self,
        first: SegmentNumber,
        last: SegmentNumber,
    ) -> impl Iterator<Item = (Spell, Option<SegmentNumber>)> {
        let next = self.later.iter().map(|spell| Some(spell.first)).chain(std::iter::once(None));
        let all = std::iter::once(&self.first).chain(&self.later).copied().zip(next);
        all.filter(move |(spell, next)| spell.first <= last && next.is_none_or(|next| next > first))
    }

    /// The spell of a segment.
    pub fn spell(&self, segment: SegmentNumber) -> Spell {
        self.later.iter().rev().find(|spell| spell.first <= segment).copied().unwrap_or(self.first)
    }

    /// The spell of an instant of the programme.
    pub fn spell_at(&self, at: Timestamp) -> Spell {
        self.later.iter().rev().find(|spell| spell.from.cmp_time(at).is_le()).copied().unwrap_or(self.first)
    }

    /// The spell behind so many breaks; where nobody asks for that any more, the first one that is known.
    pub fn behind(&self, breaks: u64) -> Spell {
        self.later.iter().rev().find(|spell| spell.breaks <= breaks).copied().unwrap_or(self.first)
    }

    /// Where the programme was at a time of day, in microseconds: in a break, where it went on. Nothing where that was in a
    /// spell that nobody asks for any more.
    pub fn place(&self, date: Utc) -> Option<i64> {
        let begun = |spell: &&Spell| date.since_us(spell.zero) >= spell.from_us();
        let at = self.later.iter().rposition(|spell| begun(&spell)).map_or(0, |later| later + 1);
        let own = at.checked_sub(1).map_or(self.first, |later| self.later[later]);
        let until = self.later.get(at).map_or(i64::MAX, Spell::from_us);
        let known = at > 0 || own.breaks == 0 || begun(&&own);
        known.then(|| date.since_us(own.zero).min(until))
    }

    /// Whether a break lies before this segment.
    pub fn breaks_before(&self, segment: SegmentNumber) -> bool {
        let spell = self.spell(segment);
        spell.breaks > 0 && spell.first == segment
    }

    /// How many breaks a playlist that begins with `first` tells of no longer (RFC 8216bis § 6.2.2): the tag of a break
    /// goes with the segment behind it.
    pub fn gone_before(&self, first: SegmentNumber) -> u64 {
        self.spell(first).breaks - u64::from(self.breaks_before(first))
    }

    /// Whether there ever was a break.
    pub fn is_broken(&self) -> bool {
        self.later.last().unwrap_or(&self.first).breaks > 0
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn an_instant_of_a_break_is_where_the_programme_went_on() {
        let start = Utc::since_1970(Duration::from_secs(1_763_000_000));
        let (second, seconds) = (Timescale::new(1), |us: i64| start.after_us(us * 1_000_000));
        let spell = |breaks, from, zero| Spell {
            breaks,
            first: SegmentNumber(breaks * 10 + 1),
            from: Timestamp::new(from, second),
            zero: seconds(zero),
        };
        let spells = Spells::of(start, spell(0, 0, 0), [spell(1, 10, 30), spell(2, 20, 90)]);
        let places =
            [-5, 9, 10, 39, 40, 49, 50, 111].map(|date| spells.place(seconds(date)).expect("known") / 1_000_000);
        assert_eq!(places, [-5, 9, 10, 10, 10, 19, 20, 21]);
        assert_eq!([0, 1, 7].map(|breaks| spells.behind(breaks).breaks), [0, 1, 2]);
        let spells = Spells::of(start, spell(1, 10, 30), [spell(2, 20, 90)]);
        assert_eq!([39, 40].map(|date| spells.place(seconds(date))), [None, Some(10_000_000)]);
        assert_eq!([0, 1, 7].map(|breaks| spells.behind(breaks).breaks), [1, 1, 2]);
    }

    #[test]
    fn a_break_is_gone_once_the_segment_behind_it_is() {
        let start = Utc::since_1970(Duration::from_secs(1_763_000_000));
        let spell = |breaks, first: u64| Spell {
            breaks,
            first: SegmentNumber(first),
            from: Timestamp::new(first as i64 - 1, Timescale::new(1)),
            zero: start.after_us(breaks as i64 * 30_000_000),
        };
        let spells = Spells::of(start, spell(0, 1), [spell(1, 4), spell(2, 6)]);
        let gone: Vec<u64> = (1..=8).map(|first| spells.gone_before(SegmentNumber(first))).collect();
        assert_eq!(gone, [0, 0, 0, 0, 1, 1, 2, 2]);
        let before: Vec<u64> = (1..=8).filter(|number| spells.breaks_before(SegmentNumber(*number))).collect();
        assert_eq!(before, [4, 6]);
        let of = |first, last| -> Vec<(u64, Option<u64>)> {
            let between = spells.between(SegmentNumber(first), SegmentNumber(last));
            between.map(|(spell, next)| (spell.breaks, next.map(|next| next.0))).collect()
        };
        assert_eq!(of(2, 5), [(0, Some(4)), (1, Some(6))]);
        assert_eq!(of(4, 4), [(1, Some(6))]);
        assert_eq!(of(6, 9), [(2, None)]);
    }
}
