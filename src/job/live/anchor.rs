//! Where the zero of a live programme stands on the wall clock.

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use crate::media::Utc;

/// The earliest that the programme's zero can have been: media is never there before it was made, so of all packets
/// the one that came fastest tells best. One anchor holds for all tracks, and once it was told it stays.
#[derive(Debug, Default)]
pub(super) struct Anchor {
    earliest: Mutex<Option<Utc>>,
    told: Arc<OnceLock<Utc>>,
}

impl Anchor {
    /// A packet that is shown at `at_us` of the programme has come at `now`.
    pub(super) fn arrived(&self, at_us: i64, now: Utc) {
        if self.told.get().is_none() {
            let zero = now.after_us(at_us.saturating_neg());
            let mut earliest = self.lock();
            *earliest = Some(earliest.map_or(zero, |earlier| earlier.min(zero)));
        }
    }

    /// When the zero was, from here on for good; `now` if nothing has come.
    pub(super) fn tell(&self, now: Utc) -> Utc {
        *self.told.get_or_init(|| self.lock().unwrap_or(now))
    }

    /// What it tells, once it has told it.
    pub(super) fn told(&self) -> Arc<OnceLock<Utc>> {
        Arc::clone(&self.told)
    }

    fn lock(&self) -> MutexGuard<'_, Option<Utc>> {
        self.earliest.lock().unwrap_or_else(PoisonError::into_inner)
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
