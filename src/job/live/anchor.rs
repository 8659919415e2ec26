//! Where the zero of a live programme stands on the wall clock, from each break on anew.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::media::{SegmentNumber, Timescale, Timestamp, Utc};
use crate::package::Zero;
use crate::plan::{Spell, Spells};

const ZERO: Timestamp = Timestamp::zero(Timescale::new(1_000_000));

/// The earliest that the programme's zero can have been: media is never there before it was made, so of all packets
/// the one that came fastest tells best. One anchor holds for all tracks, and once it was told it stays, until a break:
/// while the source was away the wall clock went on, and the programme did not.
#[derive(Debug)]
pub(super) struct Anchor(Mutex<State>);

#[derive(Debug)]
struct State {
    /// When the zero of the programme was, once that was told.
    start: Option<Utc>,
    /// Those that somebody can ask for, in order.
    spells: Vec<Stands>,
}

/// One spell, and what is known of its place.
#[derive(Debug, Clone, Copy)]
struct Stands {
    breaks: u64,
    first: SegmentNumber,
    from: Timestamp,
    earliest: Option<Utc>,
    told: Option<Utc>,
}

impl Default for Anchor {
    fn default() -> Self {
        let first = Stands { breaks: 0, first: SegmentNumber(1), from: ZERO, earliest: None, told: None };
        Self(Mutex::new(State { start: None, spells: vec![first] }))
    }
}

impl Anchor {
    /// That of a programme that began at `start` and had these spells, and goes on after a break with this segment,
    /// which begins then.
    pub(super) fn after(
        start: Utc,
        spells: impl Iterator<Item = Spell>,
        first: SegmentNumber,
        from: Timestamp,
    ) -> Self {
        let stands =
            |Spell { breaks, first, from, zero }| Stands { breaks, first, from, earliest: None, told: Some(zero) };
        let anchor = Self(Mutex::new(State { start: Some(start), spells: spells.map(stands).collect() }));
        anchor.rest(first, from);
        anchor
    }

    /// A packet that is shown at `at_us` of the programme has come at `now`.
    pub(super) fn arrived(&self, at_us: i64, now: Utc) {
        if let Some(last) = self.lock().spells.last_mut().filter(|last| last.told.is_none()) {
            let zero = now.after_us(at_us.saturating_neg());
            last.earliest = Some(last.earliest.map_or(zero, |earlier| earlier.min(zero)));
        }
    }

    /// The programme goes on after a break with this segment, which begins then.
    pub(super) fn rest(&self, first: SegmentNumber, from: Timestamp) {
        let spells = &mut self.lock().spells;
        // Nothing has come of the one before.
        if spells.len() > 1 {
            spells.pop_if(|last| last.first == first && last.told.is_none());
        }
        let breaks = spells.last().map_or(0, |last| last.breaks) + 1;
        spells.push(Stands { breaks, first, from, earliest: None, told: None });
    }

    /// The segment with which the programme will go on, where none after `last` is made.
    pub(super) fn resting(&self, last: SegmentNumber) -> Option<SegmentNumber> {
        self.lock().spells.last().map(|spell| spell.first).filter(|first| *first > last)
    }

    /// How many breaks the programme has had.
    pub(super) fn breaks(&self) -> u64 {
        self.lock().spells.last().map_or(0, |spell| spell.breaks)
    }

    /// When the zero of the segment was, from here on for good; `now` if nothing has come.
    pub(super) fn tell(&self, segment: SegmentNumber, now: Utc) -> Utc {
        self.spells(segment, now).spell(segment).zero
    }

    /// The spells of a programme that has come to this segment, from here on for good.
    pub(super) fn spells(&self, last: SegmentNumber, now: Utc) -> Spells {
        let State { start, spells } = &mut *self.lock();
        let mut before: Option<Utc> = None;
        let mut told = Vec::new();
        for (at, spell) in spells.iter_mut().enumerate() {
            if at > 0 && spell.first > last {
                break;
            }
            // No instant comes twice, also where what comes first was kept for those who come late.
            let zero = spell.told.unwrap_or_else(|| {
                let zero = spell.earliest.unwrap_or(now);
                before.map_or(zero, |before| before.max(zero))
            });
            spell.told = Some(zero);
            before = Some(zero);
            told.push(Spell { breaks: spell.breaks, first: spell.first, from: spell.from, zero });
        }
        let mut told = told.into_iter();
        let Some(first) = told.next() else { return Spells::unbroken(*start.get_or_insert(now), ZERO) };
        Spells::of(*start.get_or_insert(first.zero), first, told)
    }

    /// Nobody asks for what was before this segment.
    pub(super) fn forget_before(&self, first: SegmentNumber) {
        let spells = &mut self.lock().spells;
        let gone = spells.iter().skip(1).take_while(|next| next.first <= first).count();
        spells.drain(..gone);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Zero for Anchor {
    fn zero_of(&self, segment: SegmentNumber) -> Option<Utc> {
        self.lock().spells.iter().rev().find(|spell| spell.first <= segment)?.told
    }

    /// What comes first waits for the end of its segment, which nobody is offered before. After a break players wait for
    /// the first part.
    fn settle(&self, segment: SegmentNumber, ends: bool) -> Option<Utc> {
        let spell = self.lock().spells.iter().rev().find(|spell| spell.first <= segment).copied()?;
        let known = spell.earliest.filter(|_| ends || spell.breaks > 0);
        spell.told.or_else(|| known.map(|known| self.tell(segment, known)))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const FIRST: SegmentNumber = SegmentNumber(1);

    #[test]
    fn a_programme_that_was_gone_on_with_has_one_more_break() {
        let (second, third) = (SegmentNumber(4), SegmentNumber(9));
        let second_at = Spell { breaks: 1, first: second, from: Timestamp::new(6, Timescale::new(1)), zero: at(130) };
        let anchor = Anchor::after(at(100), [second_at].into_iter(), third, Timestamp::new(16, Timescale::new(1)));
        assert_eq!((anchor.resting(SegmentNumber(8)), anchor.zero_of(third)), (Some(third), None));
        // A burst from before the break.
        anchor.arrived(16_000_000, at(140));
        let spells = anchor.spells(third, at(150));
        assert_eq!((spells.start(), spells.spell(third).breaks, spells.spell(third).zero), (at(100), 2, at(130)));
        assert_eq!((spells.spell(SegmentNumber(8)).zero, spells.gone_before(SegmentNumber(5))), (at(130), 1));
    }

    fn at(seconds: u64) -> Utc {
        Utc::since_1970(Duration::from_secs(seconds))
    }

    #[test]
    fn the_packet_that_came_fastest_tells_until_the_anchor_was_told() {
        let anchor = Anchor::default();
        // A burst of what the server had kept, then one packet that was held up, then one on time.
        anchor.arrived(0, at(100));
        anchor.arrived(6_000_000, at(100));
        anchor.arrived(7_000_000, at(104));
        assert_eq!(anchor.tell(FIRST, at(110)), at(94));
        anchor.arrived(20_000_000, at(105));
        assert_eq!(anchor.tell(FIRST, at(111)), at(94));
    }

    /// Two breaks; nothing comes of the first return.
    #[test]
    fn after_a_break_the_zero_is_later_by_what_was_not_made() {
        let (anchor, second) = (Anchor::default(), SegmentNumber(4));
        anchor.arrived(0, at(100));
        assert_eq!(anchor.tell(FIRST, at(102)), at(100));
        let from = Timestamp::new(6, Timescale::new(1));
        anchor.rest(second, from);
        assert_eq!((anchor.resting(SegmentNumber(3)), anchor.zero_of(second)), (Some(second), None));
        anchor.rest(second, from);
        anchor.arrived(6_000_000, at(136));
        let spells = anchor.spells(SegmentNumber(3), at(136));
        assert!(!spells.is_broken(), "no segment of it is there yet");
        let spells = anchor.spells(second, at(140));
        assert_eq!((spells.start(), spells.spell(second).zero, spells.spell(second).breaks), (at(100), at(130), 1));
        assert_eq!((anchor.zero_of(SegmentNumber(3)), anchor.zero_of(second)), (Some(at(100)), Some(at(130))));
        assert_eq!(anchor.resting(second), None);
        anchor.forget_before(second);
        let spells = anchor.spells(second, at(150));
        assert_eq!((spells.start(), spells.gone_before(SegmentNumber(5))), (at(100), 1));
    }

    #[test]
    fn who_says_when_a_segment_was_waits_for_the_end_of_the_first_one_alone() {
        let (anchor, second) = (Anchor::default(), SegmentNumber(2));
        assert_eq!(anchor.settle(FIRST, true), None, "nothing has come");
        anchor.arrived(0, at(101));
        assert_eq!((anchor.settle(FIRST, false), anchor.zero_of(FIRST)), (None, None));
        anchor.arrived(1_000_000, at(101));
        assert_eq!((anchor.settle(FIRST, true), anchor.zero_of(FIRST)), (Some(at(100)), Some(at(100))));
        anchor.arrived(2_000_000, at(101));
        assert_eq!(anchor.settle(FIRST, false), Some(at(100)), "it stays");
        anchor.rest(second, Timestamp::new(2, Timescale::new(1)));
        anchor.arrived(2_000_000, at(110));
        assert_eq!((anchor.settle(second, false), anchor.zero_of(second)), (Some(at(108)), Some(at(108))));
    }

    /// A server that keeps the latest seconds for those who come sends them at once.
    #[test]
    fn no_instant_comes_twice() {
        let anchor = Anchor::default();
        anchor.arrived(0, at(100));
        anchor.tell(FIRST, at(102));
        anchor.rest(SegmentNumber(2), Timestamp::new(2, Timescale::new(1)));
        anchor.arrived(7_000_000, at(103));
        assert_eq!(anchor.tell(SegmentNumber(2), at(104)), at(100));
    }
}
