//! How far the edge of a live programme is behind the wall clock. Pure.

use crate::event::Warning;

/// The programme has fallen behind when its edge is so many segments later than it was.
const BEHIND: i64 = 3;

/// How far it is, and what was said of it.
#[derive(Debug, Default)]
pub(super) struct Delay {
    least_us: Option<i64>,
    told: bool,
}

impl Delay {
    /// What must be said of an edge that is so far behind the wall clock: once, until it has caught up.
    pub(super) fn judge(&mut self, behind_us: i64, segment_us: i64) -> Option<Warning> {
        let least = self.least_us.map_or(behind_us, |least| least.min(behind_us));
        self.least_us = Some(least);
        let grown = behind_us.saturating_sub(least);
        let told = self.told;
        self.told = grown > segment_us * if told { 1 } else { BEHIND };
        (self.told && !told).then(|| Warning {
            code: "behind",
            message: format!(
                "the programme has fallen {:.1} s behind: this machine does not keep up, or the source came late; \
                 choose fewer or smaller rungs, or a faster --speed",
                grown as f64 / 1e6
            ),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_programme_that_falls_behind_is_told_once_until_it_has_caught_up() {
        let mut delay = Delay::default();
        let told = [2, 1, 3, 5, 7, 9, 3, 2, 8].map(|seconds: i64| delay.judge(seconds * 1_000_000, 1_000_000));
        let told = told.map(|warning| warning.is_some());
        assert_eq!(told, [false, false, false, true, false, false, false, false, true]);
    }
}
