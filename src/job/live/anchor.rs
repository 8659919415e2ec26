//! Where the zero of a live programme stands on the wall clock.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::media::Utc;

/// The earliest that the programme's zero can have been: media is never there before it was made, so of all packets
/// the one that came fastest tells best. One anchor holds for all tracks, and once it was told it stays.
#[derive(Debug, Default)]
pub(super) struct Anchor(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    zero: Option<Utc>,
    told: bool,
}

impl Anchor {
    /// A packet that is shown at `at_us` of the programme has come at `now`.
    pub(super) fn arrived(&self, at_us: i64, now: Utc) {
        let mut state = self.lock();
        let zero = now.after_us(at_us.saturating_neg());
        if !state.told {
            state.zero = Some(state.zero.map_or(zero, |earlier| earlier.min(zero)));
        }
    }

    /// When the zero was, from here on for good; `now` if nothing has come.
    pub(super) fn tell(&self, now: Utc) -> Utc {
        let mut state = self.lock();
        state.told = true;
        *state.zero.get_or_insert(now)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn the_packet_that_came_fastest_tells_until_the_anchor_was_told() {
        let at = |seconds: u64| Utc::since_1970(Duration::from_secs(seconds));
        let anchor = Anchor::default();
        // A burst of what the server had kept, then one packet that was held up, then one on time.
        anchor.arrived(0, at(100));
        anchor.arrived(6_000_000, at(100));
        anchor.arrived(7_000_000, at(104));
        assert_eq!(anchor.tell(at(110)), at(94));
        anchor.arrived(20_000_000, at(105));
        assert_eq!(anchor.tell(at(111)), at(94));
    }
}
