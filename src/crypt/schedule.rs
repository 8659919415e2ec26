//! Which segments of a track are under which key.

use std::num::NonZeroU64;

use serde::{Deserialize, Serialize};

use crate::config::Encryption;
use crate::media::SegmentNumber;

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

/// Times of the same cut in tracks of one set are no further apart, in seconds: sound is cut at its nearest packet.
const ONE_CUT_S: f64 = 0.05;

impl Schedule {
    /// What is asked, in whole segments of `segment_s` seconds: never less than asked.
    pub fn new(encryption: &Encryption, segment_s: f64) -> Self {
        let segments = |seconds: f64| (seconds / segment_s - 1e-6).ceil().max(0.0) as u64;
        let period = encryption.crypto_period_s.map(|seconds| segments(seconds).max(1));
        let (clear, period) = (segments(encryption.clear_lead_s), period.and_then(NonZeroU64::new));
        Self { clear, period, round: None, changes: None }
    }

    /// The same for media that is cut where it can be: its segments begin at `own`, and those of the track that the
    /// others go by at `first`, in seconds. A period begins at the first cut that leaves the one before it as long as
    /// asked.
    pub fn on_cuts(encryption: &Encryption, first: &[f64], own: &[f64]) -> Self {
        const ROUNDING_S: f64 = 0.001;
        let begin = first.first().copied().unwrap_or(0.0);
        let cut = |after: f64| first.iter().copied().find(|start| *start >= after - ROUNDING_S);
        let before = |cut: f64| own.partition_point(|start| *start < cut - ONE_CUT_S) as u64;
        let lead = encryption.clear_lead_s;
        let clear = if lead > 0.0 { cut(begin + lead).map_or(own.len() as u64, before) } else { 0 };
        let changes = encryption.crypto_period_s.map(|seconds| {
            // Never twice at one place, however short the period.
            let least = seconds.max(2.0 * ROUNDING_S);
            std::iter::successors(cut(begin + least), |last| cut(last + least)).map(before).collect()
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

    /// The period whose key a segment is under, counted from 0; nothing where it stays clear.
    pub fn of(&self, number: SegmentNumber) -> Option<usize> {
        let before = number.0.saturating_sub(1);
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
        let first = [0.0, 4.0, 7.0, 15.0, 16.0, 27.0, 28.0, 29.0];
        let periods =
            |schedule: &Schedule| (1..=8).map(|number| schedule.of(SegmentNumber(number))).collect::<Vec<_>>();
        let schedule = Schedule::on_cuts(&asked(6.5, Some(12.0)), &first, &first);
        let wanted = [None, None, Some(0), Some(1), Some(1), Some(2), Some(2), Some(2)];
        assert_eq!(periods(&schedule), wanted);
        assert_eq!((schedule.periods(8), schedule.periods(3), schedule.rotates()), (3, 1, true));
        // Sound is cut at packets near to the same times, and another switching set has segments of its own.
        let sound = first.map(|start| start - 0.02);
        assert_eq!(periods(&Schedule::on_cuts(&asked(6.5, Some(12.0)), &first, &sound)), wanted);
        let other = Schedule::on_cuts(&asked(6.5, Some(12.0)), &first, &[0.0, 10.0, 20.0]);
        assert_eq!([1, 2, 3].map(|number| other.of(SegmentNumber(number))), [None, Some(0), Some(1)]);
        let all_clear = Schedule::on_cuts(&asked(99.0, None), &first, &first);
        assert_eq!((periods(&all_clear), all_clear.periods(8)), (vec![None; 8], 1));
        assert_eq!(Schedule::on_cuts(&asked(0.0, None), &first, &first), Schedule::default());
    }

    #[test]
    fn what_is_asked_is_rounded_up_to_whole_segments() {
        let schedule = |lead, period, segment| Schedule::new(&asked(lead, period), segment);
        assert_eq!(schedule(0.0, None, 6.0), Schedule::default());
        let rotating = schedule(7.0, Some(30.0), 6.0);
        assert_eq!((rotating.clear, rotating.period.map(NonZeroU64::get)), (2, Some(5)));
        let periods: Vec<_> = [1, 2, 3, 5, 6, 10, 11].map(|number| rotating.of(SegmentNumber(number))).into();
        assert_eq!(periods, [None, None, Some(0), Some(0), Some(1), Some(1), Some(2)]);
        assert_eq!((rotating.periods(10), rotating.periods(11), schedule(0.0, None, 6.0).periods(99)), (2, 3, 1));
        let endless = rotating.endless(2);
        let periods: Vec<_> = [3, 6, 11, 16, 21].map(|number| endless.of(SegmentNumber(number))).into();
        assert_eq!(periods, [0, 1, 0, 1, 0].map(Some));
        assert_eq!((endless.periods(u64::MAX), schedule(0.0, None, 6.0).endless(2)), (2, Schedule::default()));
    }
}
