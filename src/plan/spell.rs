//! The spells of a live programme: in each of them it was made without a break, and between two nothing was made.

use serde::{Deserialize, Serialize};

use crate::media::{SegmentNumber, Timestamp, Utc};

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
    use crate::media::Timescale;

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
