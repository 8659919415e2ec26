//! Which segments of a track are under which key.

use std::num::NonZeroU64;

use serde::{Deserialize, Serialize};

use crate::config::Encryption;
use crate::media::{CutNumber, Rounding, Span, Timescale, Timestamp};

/// Which segments of a track stay clear, and when keys change. All tracks of a set have the same one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schedule {
    /// So many segments stay clear, from the first on.
    pub clear: u64,
    /// So many segments are under one key, the clear ones counted; nothing where one key is for all.
    pub period: Option<NonZeroU64>,
    /// After so many periods the keys come again, from the first on; nothing where there are keys to the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub round: Option<NonZeroU64>,
    /// Where segments are not of one length: so many segments go before each period but the first, instead of `period`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    changes: Option<Vec<u64>>,
}

/// What is asked and the times of a file are compared in microseconds, and times are rounded by up to so many.
const MICROSECONDS: Timescale = Timescale::new(1_000_000);
const ROUNDED: i64 = 1000;

/// Where keys of a track may change that is cut where it can be.
#[derive(Clone, Debug, PartialEq)]
pub struct KeyCuts {
    /// Where the segments begin that all tracks go by, ascending.
    pub first: Vec<Timestamp>,
    /// Where those of the track begin: the same where it is cut together with those.
    pub own: Vec<Timestamp>,
    /// Times of the same cut in both are no further apart.
    pub apart: Span,
}

impl KeyCuts {
    /// The segments of the track before a cut of those that all go by: what is cut elsewhere goes on to its next one.
    fn before(&self, cut: Timestamp) -> u64 {
        let next = self.own.partition_point(|start| start.cmp_time(cut).is_lt());
        let same = next.checked_sub(1).filter(|last| {
            let early = cut.since(self.own[*last]).filter(|early| early.cmp_span(self.apart).is_le());
            let late = self.own.get(next).and_then(|start| start.since(cut));
            early.is_some_and(|early| late.is_none_or(|late| early.cmp_span(late).is_lt()))
        });
        same.unwrap_or(next) as u64
    }
}

impl Schedule {
    /// What is asked, in whole segments of `segment_s` seconds: never less than asked.
    pub fn new(encryption: &Encryption, segment_s: f64) -> Self {
        let segments = |seconds: f64| (seconds / segment_s - 1e-6).ceil().max(0.0) as u64;
        let period = encryption.crypto_period_s.map(|seconds| segments(seconds).max(1));
        let (clear, period) = (segments(encryption.clear_lead_s), period.and_then(NonZeroU64::new));
        Self { clear, period, round: None, changes: None }
    }

    /// The same for media that is cut where it can be. A period begins at the first cut that leaves the one before it as
    /// long as asked.
    pub fn on_cuts(encryption: &Encryption, cuts: &KeyCuts) -> Self {
        let micros = |start: &Timestamp| start.rescale(MICROSECONDS, Rounding::Nearest).ticks();
        let asked = |seconds: f64| (seconds * f64::from(MICROSECONDS.hz())).round() as i64;
        // The first cut that is so long after another one, or after the start.
        let cut = |length: i64, after: usize| {
            let begin = cuts.first.get(after).map_or(0, micros);
            let at = cuts.first.partition_point(|start| micros(start) < begin.saturating_add(length - ROUNDED));
            (at < cuts.first.len()).then_some(at)
        };
        let before = |at: usize| cuts.before(cuts.first[at]);
        let lead = asked(encryption.clear_lead_s);
        let clear = if lead > 0 { cut(lead, 0).map_or(cuts.own.len() as u64, before) } else { 0 };
        let changes = encryption.crypto_period_s.map(|seconds| {
            // Never twice at one place, however short the period.
            let least = asked(seconds).max(2 * ROUNDED);
            std::iter::successors(cut(least, 0), |last| cut(least, *last)).map(before).collect()
        });
        Self { clear, changes, ..Self::default() }
    }

    /// Keys change.
    pub fn rotates(&self) -> bool {
        self.period.is_some() || self.changes.is_some()
    }

    /// The same for a programme whose end is not known, with keys for so many periods.
    pub(super) fn endless(self, periods: u64) -> Self {
        Self { round: self.period.and(NonZeroU64::new(periods)), ..self }
    }

    /// The period whose key the segment at a cut is under, counted from 0; nothing where it stays clear.
    pub fn of(&self, cut: CutNumber) -> Option<usize> {
        let before = cut.0.saturating_sub(1);
        let even = || self.period.map_or(0, |segments| before / segments);
        let listed = |changes: &Vec<u64>| changes.partition_point(|change| *change <= before) as u64;
        let period = self.changes.as_ref().map_or_else(even, listed);
        let period = self.round.map_or(period, |round| period % round);
        (before >= self.clear).then_some(period as usize)
    }

    /// How many periods with a key of their own so many segments have.
    pub fn periods(&self, segments: u64) -> u32 {
        let even = || self.period.map_or(1, |period| segments.max(1).div_ceil(period.get()));
        let listed = |changes: &Vec<u64>| 1 + changes.partition_point(|change| *change < segments.max(1)) as u64;
        let periods = self.changes.as_ref().map_or_else(even, listed);
        u32::try_from(self.round.map_or(periods, |round| periods.min(round.get()))).unwrap_or(u32::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{EncryptionLayer, EncryptionMode, Seconds};

    fn asked(lead: f64, period: Option<f64>) -> Encryption {
        let seconds = |seconds: f64| seconds.to_string().parse::<Seconds>().expect("seconds");
        let layer = EncryptionLayer {
            mode: Some(EncryptionMode::Cbcs),
            clear_lead: (lead > 0.0).then(|| seconds(lead)),
            crypto_period: period.map(seconds),
            ..EncryptionLayer::default()
        };
        layer.resolve().expect("it fits").expect("encryption")
    }

    /// Key frames of a source lie where they lie: counted by segments of 6 s, 12 s would end at 7.
    #[test]
    fn what_is_asked_goes_by_the_cuts_of_the_media() {
        let at = |scale, ticks: &[i64]| -> Vec<Timestamp> {
            ticks.iter().map(|ticks| Timestamp::new(*ticks, Timescale::new(scale))).collect()
        };
        let first = at(1, &[0, 4, 7, 15, 16, 27, 28, 29]);
        let on_cuts = |encryption: Encryption, own: &[Timestamp]| {
            let apart = Span::new(1, Timescale::new(5));
            Schedule::on_cuts(&encryption, &KeyCuts { first: first.clone(), own: own.to_vec(), apart })
        };
        let periods = |schedule: &Schedule| (1..=8).map(|cut| schedule.of(CutNumber(cut))).collect::<Vec<_>>();
        let schedule = on_cuts(asked(6.5, Some(12.0)), &first);
        let wanted = [None, None, Some(0), Some(1), Some(1), Some(2), Some(2), Some(2)];
        assert_eq!(periods(&schedule), wanted);
        assert_eq!((schedule.periods(8), schedule.periods(3), schedule.rotates()), (3, 1, true));
        // Another switching set is cut at the same times, within a frame, or has segments of its own.
        let near = at(10, &[0, 38, 72, 148, 162, 268, 282, 288]);
        assert_eq!(periods(&on_cuts(asked(6.5, Some(12.0)), &near)), wanted);
        let other = on_cuts(asked(6.5, Some(12.0)), &at(1, &[0, 10, 20]));
        assert_eq!([1, 2, 3].map(|cut| other.of(CutNumber(cut))), [None, Some(0), Some(1)]);
        let all_clear = on_cuts(asked(99.0, None), &first);
        assert_eq!((periods(&all_clear), all_clear.periods(8)), (vec![None; 8], 1));
        assert_eq!(on_cuts(asked(0.0, None), &first), Schedule::default());
    }

    #[test]
    fn what_is_asked_is_rounded_up_to_whole_segments() {
        let schedule = |lead, period, segment| Schedule::new(&asked(lead, period), segment);
        assert_eq!(schedule(0.0, None, 6.0), Schedule::default());
        let rotating = schedule(7.0, Some(30.0), 6.0);
        assert_eq!((rotating.clear, rotating.period.map(NonZeroU64::get)), (2, Some(5)));
        let periods: Vec<_> = [1, 2, 3, 5, 6, 10, 11].map(|cut| rotating.of(CutNumber(cut))).into();
        assert_eq!(periods, [None, None, Some(0), Some(0), Some(1), Some(1), Some(2)]);
        assert_eq!((rotating.periods(10), rotating.periods(11), schedule(0.0, None, 6.0).periods(99)), (2, 3, 1));
        let endless = rotating.endless(2);
        let periods: Vec<_> = [3, 6, 11, 16, 21].map(|cut| endless.of(CutNumber(cut))).into();
        assert_eq!(periods, [0, 1, 0, 1, 0].map(Some));
        assert_eq!((endless.periods(u64::MAX), schedule(0.0, None, 6.0).endless(2)), (2, Schedule::default()));
    }
}
