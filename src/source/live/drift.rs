//! A source whose clock runs a little faster or slower than this machine's: the programme follows the latter.

use std::time::Duration;

/// How late packets come is measured over so much time: the one that came fastest tells best.
const WINDOW: Duration = Duration::from_secs(60);

/// Clocks that are so far apart, in microseconds, are brought together again.
const APART_US: i64 = 50_000;

/// By so many microseconds in a second, which is twice what clocks of computers are off at worst. Sound is stretched by
/// that much, and nobody hears it.
const PER_SECOND_US: i64 = 200;

/// What comes so much sooner or later than in the window before, in microseconds, no clock has done: a source that is
/// read as fast as it gives, or a way that has become longer.
const NO_CLOCK_US: i64 = 100_000;

/// How far the clock of a source has run away from ours.
#[derive(Debug, Default)]
pub struct Drift {
    /// How late packets came at first, in microseconds: the clock of the machine minus the source's.
    first_us: Option<i64>,
    /// When what is measured now was begun, and the least that packets were late since.
    window: Option<(Duration, i64)>,
    /// How much later than at first they come now.
    wanted_us: i64,
    /// How much later than the source says they are put.
    moved_us: i64,
    /// What was still to be mended when it began anew.
    owed_us: i64,
    /// It is being mended.
    moving: bool,
    /// When the latest packet came, and how many microseconds have passed of which nothing was made yet.
    latest: Option<Duration>,
    unused_us: i64,
}

impl Drift {
    /// The source has another clock, and the programme goes on from where it is: what was measured says nothing of what
    /// comes, but what was not mended yet still is to be.
    pub fn begin_anew(&mut self) {
        let owed_us = self.owed_us.saturating_add(self.wanted_us).saturating_sub(self.moved_us);
        *self = Self { owed_us, ..Self::default() };
    }

    /// A packet was put at `at_us` of the programme and came at `now`; says how many microseconds later those after it
    /// shall be put.
    pub fn see(&mut self, at_us: i64, now: Duration) -> i64 {
        let late = (now.as_micros() as i64).saturating_sub(at_us.saturating_sub(self.moved_us));
        let (begun, least) = self.window.get_or_insert((now, late));
        *least = late.min(*least);
        if now.saturating_sub(*begun) >= WINDOW {
            let least = *least;
            self.window = None;
            self.measured(least);
        }
        let passed = now.saturating_sub(self.latest.replace(now).unwrap_or(now));
        self.step((passed.as_micros() as i64).clamp(0, 1_000_000))
    }

    fn measured(&mut self, late_us: i64) {
        let owed_us = std::mem::take(&mut self.owed_us);
        let first = *self.first_us.get_or_insert(late_us.saturating_sub(owed_us));
        let wanted = late_us.saturating_sub(first);
        let changed = wanted.saturating_sub(self.wanted_us.saturating_add(owed_us));
        if changed.saturating_abs() > NO_CLOCK_US {
            // Nor has it done what was measured on the way here.
            (self.wanted_us, self.first_us) = (self.moved_us, Some(late_us.saturating_sub(self.moved_us)));
        } else {
            self.wanted_us = wanted;
        }
    }

    /// As much of what is to be mended as may be in so much time.
    fn step(&mut self, passed_us: i64) -> i64 {
        let left = self.wanted_us.saturating_sub(self.moved_us);
        self.moving = left != 0 && (self.moving || left.saturating_abs() >= APART_US);
        if !self.moving {
            self.unused_us = 0;
            return 0;
        }
        self.unused_us += passed_us;
        let most = self.unused_us * PER_SECOND_US / 1_000_000;
        self.unused_us -= most * 1_000_000 / PER_SECOND_US;
        let us = left.clamp(-most, most);
        self.moved_us = self.moved_us.saturating_add(us);
        us
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3600;

    /// Microseconds by which a programme is off its first place after each hour, of a source with 25 pictures a second
    /// whose clock is so many millionths slow. One packet in ten comes at once, the others up to 90 ms later.
    fn off(hours: i64, slow: i64, mut late_us: impl FnMut(i64) -> i64) -> Vec<i64> {
        let (mut drift, mut offset, mut off) = (Drift::default(), 0, Vec::new());
        for packet in 0..hours * HOUR * 25 {
            let said = packet * 40_000;
            let made = said + said * slow / 1_000_000;
            let came = made + (packet * 7 % 10) * 10_000 + late_us(packet);
            let at = said + offset;
            offset += drift.see(at, Duration::from_micros(came as u64));
            if packet % (HOUR * 25) == HOUR * 25 - 1 {
                off.push(made - at);
            }
        }
        off
    }

    #[test]
    fn the_programme_stays_with_the_clock_of_the_machine() {
        for slow in [-100, -20, 0, 20, 100] {
            let off = off(6, slow, |_| 0);
            // A window late, and as far as clocks may be apart.
            let most = APART_US + slow.abs() * 2 * 60 + 1000;
            assert!(off.iter().all(|off| off.abs() <= most), "{slow}: {off:?}");
        }
    }

    #[test]
    fn clocks_that_agree_are_left_alone() {
        let mut drift = Drift::default();
        let moves = (0..HOUR * 25).filter(|packet| {
            let came = packet * 40_000 + packet * 7 % 10 * 4_000;
            drift.see(packet * 40_000, Duration::from_micros(came as u64)) != 0
        });
        assert_eq!(moves.count(), 0);
    }

    #[test]
    fn it_never_moves_faster_than_nobody_hears() {
        for (rate, slow) in [(25, 1000), (400, 1000), (25, -1000)] {
            let (mut drift, mut offset) = (Drift::default(), 0);
            for packet in 0..HOUR * rate {
                let said = packet * 1_000_000 / rate;
                let us = drift.see(said + offset, Duration::from_micros((said + said * slow / 1_000_000) as u64));
                offset += us;
                assert!(us.abs() <= PER_SECOND_US / rate + 1, "{us}");
            }
            // All the time but for the first two windows, by either clock.
            let most = (HOUR - 115) * PER_SECOND_US;
            assert!(
                offset.abs() <= most && offset.abs() > most * 95 / 100 && offset * slow > 0,
                "{rate} {slow}: {offset}"
            );
        }
    }

    #[test]
    fn what_no_clock_can_have_done_is_not_followed() {
        // Read as fast as it gives.
        let mut drift = Drift::default();
        let packets = 0..10 * HOUR * 25;
        let moved: i64 =
            packets.map(|packet| drift.see(packet * 40_000, Duration::from_micros(packet as u64 * 400))).sum();
        assert_eq!(moved, 0);
        // A way that is longer by 0.3 s for an hour, and one on which more and more waits until it is free again.
        let longer = off(3, 0, |packet| if (HOUR..2 * HOUR).contains(&(packet / 25)) { 300_000 } else { 0 });
        assert!(longer.iter().all(|off| *off == 0), "{longer:?}");
        let jammed =
            off(3, 0, |packet| (packet / 25 - HOUR).clamp(0, 1200) * 1_000 * i64::from(packet / 25 < HOUR + 1200));
        assert!(jammed.iter().all(|off| off.abs() <= 1200 * PER_SECOND_US), "{jammed:?}");
        assert_eq!(jammed[1], jammed[2], "it does not go on afterwards");
        // A clock that is off goes on to be followed behind it.
        let both = off(4, 100, |packet| if packet > HOUR * 25 { 10_000_000 } else { 0 });
        assert!(both.iter().all(|off| off.abs() <= 2 * APART_US + 20_000), "{both:?}");
    }

    #[test]
    fn a_new_place_is_a_new_beginning_but_for_what_is_owed() {
        // 100 millionths, and another place with a time of its own every five minutes.
        let (mut drift, mut offset) = (Drift::default(), 0);
        for second in 0..6 * HOUR {
            if second % 300 == 0 {
                drift.begin_anew();
            }
            let came = second * 1_000_000 + second * 100 + second / 300 * 77_000_000;
            offset += drift.see(second * 1_000_000 + offset, Duration::from_micros(came as u64));
        }
        let off = 6 * HOUR * 100 - offset;
        assert!((0..6 * HOUR * 100 / 2).contains(&off), "{off} of {}", 6 * HOUR * 100);
        drift = Drift::default();
        let moved = (0..130).map(|second| drift.see(second * 1_000_000, Duration::from_secs(second as u64 + 5)));
        assert_eq!(moved.sum::<i64>(), 0);
    }
}
