//! Which segments of a track are under which key.

use std::num::NonZeroU64;

use serde::{Deserialize, Serialize};

use crate::config::Encryption;
use crate::media::SegmentNumber;

/// Which segments of a track stay clear, and when keys change. All tracks of a set have the same one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schedule {
    /// So many segments stay clear, from the first on.
    pub clear: u64,
    /// So many segments are under one key, the clear ones counted; nothing where one key is for all.
    pub period: Option<NonZeroU64>,
    /// After so many periods the keys come again, from the first on; nothing where there are keys to the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub round: Option<NonZeroU64>,
}

impl Schedule {
    /// What is asked, in whole segments of `segment_s` seconds: never less than asked.
    pub(super) fn new(encryption: &Encryption, segment_s: f64) -> Self {
        let segments = |seconds: f64| (seconds / segment_s - 1e-6).ceil().max(0.0) as u64;
        let period = encryption.crypto_period_s.map(|seconds| segments(seconds).max(1));
        Self { clear: segments(encryption.clear_lead_s), period: period.and_then(NonZeroU64::new), round: None }
    }

    /// The same for a programme whose end is not known, with keys for so many periods.
    pub(super) fn endless(self, periods: u64) -> Self {
        Self { round: self.period.and(NonZeroU64::new(periods)), ..self }
    }

    /// The period whose key a segment is under, counted from 0; nothing where it stays clear.
    pub fn of(self, number: SegmentNumber) -> Option<usize> {
        let before = number.0.saturating_sub(1);
        let period = self.period.map_or(0, |segments| before / segments);
        let period = self.round.map_or(period, |round| period % round);
        (before >= self.clear).then_some(period as usize)
    }

    /// How many periods with a key of their own so many segments have.
    pub(super) fn periods(self, segments: u64) -> u32 {
        let periods = self.period.map_or(1, |period| segments.max(1).div_ceil(period.get()));
        u32::try_from(self.round.map_or(periods, |round| periods.min(round.get()))).unwrap_or(u32::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{EncryptionMode, Seconds};

    #[test]
    fn what_is_asked_is_rounded_up_to_whole_segments() {
        let schedule = |lead: f64, period: Option<f64>, segment: f64| {
            let base = crate::config::EncryptionLayer {
                mode: Some(EncryptionMode::Cbcs),
                clear_lead: (lead > 0.0).then(|| lead.to_string().parse::<Seconds>().expect("seconds")),
                crypto_period: period.map(|period| period.to_string().parse::<Seconds>().expect("seconds")),
                ..crate::config::EncryptionLayer::default()
            };
            Schedule::new(&base.resolve().expect("it fits").expect("encryption"), segment)
        };
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
