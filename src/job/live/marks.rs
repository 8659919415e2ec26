//! What a source marks, put on the timeline of its programme.

use std::collections::VecDeque;

use crate::event::{Control, Event, Warning};
use crate::media::{Marker, Marking};
use crate::source::live::marks::{Sighted, Sighting};
use crate::source::live::pairs::{Pairs, Told, later_us};

/// What comes with a mark is no further from it than this, in microseconds of the source: else its timestamps have jumped
/// between the two.
const NEAR_US: i64 = 10_000_000;

/// A mark waits for so many packets of the main track that are near it.
const PATIENCE: u32 = 50;

/// More marks do not wait.
const WAITING: usize = 256;

/// Marks that wait for the next packet of the main track, which tells where they belong, and what is known of those before.
pub(super) struct Marks<'a> {
    waiting: VecDeque<(Sighting, u32)>,
    /// The latest packet of the main track: when it was for the source, and in the programme.
    latest: Option<(i64, i64)>,
    pairs: Pairs,
    unfit: u64,
    far: u64,
    control: Control<'a>,
}

impl<'a> Marks<'a> {
    pub(super) fn new(control: Control<'a>) -> Self {
        Self { waiting: VecDeque::new(), latest: None, pairs: Pairs::default(), unfit: 0, far: 0, control }
    }

    /// The same behind an earlier run, which told of these.
    pub(super) fn going_on(mut self, markers: Vec<Marker>) -> Self {
        self.pairs.going_on(markers);
        self
    }

    /// One has come.
    pub(super) fn see(&mut self, sighting: Sighting) {
        if self.waiting.len() >= WAITING {
            return self.unfit("more came at a time than any programme has");
        }
        self.waiting.push_back((sighting, 0));
    }

    /// The source has ended, or is gone: what waits belongs behind the latest packet that it gave.
    pub(super) fn gone(&mut self) -> Vec<Marking> {
        let waiting = std::mem::take(&mut self.waiting);
        let Some((source_us, at_us)) = self.latest.take() else { return Vec::new() };
        let near = |sighting: &Sighting| sighting.at_us.is_none_or(|own| is_near(later(own, source_us)));
        let mut markings = Vec::new();
        for (sighting, _) in waiting.into_iter().filter(|(sighting, _)| near(sighting)) {
            let later = sighting.at_us.map_or(0, |own| later(own, source_us));
            markings.extend(self.place(sighting.sighted, at_us.saturating_add(later), (source_us, at_us)));
        }
        markings
    }

    /// Nothing was made for so long, in microseconds.
    pub(super) fn away(&mut self, us: i64) {
        self.pairs.away(us.max(0));
    }

    /// The programme has come to here without its source. Gives what has ended by now.
    pub(super) fn reached(&mut self, at_us: i64) -> Vec<Marking> {
        self.pairs.reached(at_us)
    }

    /// A packet of the main track, which is shown at `source_us` of the source, belongs to `at_us` of the programme. Gives
    /// what is marked by now.
    pub(super) fn main(&mut self, source_us: i64, at_us: i64) -> Vec<Marking> {
        self.latest = Some((source_us, at_us));
        let mut markings = Vec::new();
        for (sighting, waited) in std::mem::take(&mut self.waiting) {
            let later = sighting.at_us.map(|own| later(own, source_us));
            let near = later.is_none_or(is_near);
            if !near && waited < PATIENCE {
                self.waiting.push_back((sighting, waited + 1));
                continue;
            }
            let now_us = at_us.saturating_add(later.filter(|_| near).unwrap_or(0));
            markings.extend(self.place(sighting.sighted, now_us, (source_us, at_us)));
        }
        markings.extend(self.pairs.reached(at_us));
        markings
    }

    fn place(&mut self, sighted: Sighted, now_us: i64, (source_us, at_us): (i64, i64)) -> Vec<Marking> {
        match sighted {
            Sighted::Section(bytes) => {
                let place = |ticks| at_us.saturating_add(later_us(ticks, source_us));
                match self.pairs.section(&bytes, now_us, place) {
                    Ok(Told { markings, far }) => {
                        self.far(far);
                        markings
                    }
                    Err(damage) => {
                        self.unfit(&damage.to_string());
                        Vec::new()
                    }
                }
            }
            Sighted::Message { name, length_us, json } => vec![self.pairs.message(now_us, length_us, name, json)],
            Sighted::Unfit(why) => {
                self.unfit(why);
                Vec::new()
            }
        }
    }

    /// The first one, and then ever fewer: whatever a source sends.
    fn unfit(&mut self, why: &str) {
        self.unfit += 1;
        if self.unfit.is_power_of_two() {
            let message = format!("{} left out, the last one because {why}", count(self.unfit));
            self.control.observer.on(&Event::Warned(&Warning { code: "marker_left_out", message }));
        }
    }

    fn far(&mut self, far: bool) {
        self.far += u64::from(far);
        if far && self.far.is_power_of_two() {
            let message = format!(
                "{} taken to be at once: the splice time is more than an hour from the programme, as of another clock",
                count(self.far)
            );
            self.control.observer.on(&Event::Warned(&Warning { code: "marker_far", message }));
        }
    }
}

/// Milliseconds of FLV have 32 bits, which FFmpeg counts on and who reads them himself does not. Microseconds.
const WRAP_US: i64 = (1 << 32) * 1000;

/// How much later a mark says that it is than a packet of its source.
const fn later(own_us: i64, source_us: i64) -> i64 {
    let half = WRAP_US / 2;
    own_us.saturating_sub(source_us).saturating_add(half).rem_euclid(WRAP_US) - half
}

const fn is_near(later_us: i64) -> bool {
    later_us.saturating_abs() <= NEAR_US
}

/// How many of its marks something has become of.
fn count(number: u64) -> String {
    if number == 1 { "a mark of the source was".to_owned() } else { format!("{number} marks of the source were") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cancel::CancelToken;
    use crate::event::Silent;
    use crate::media::{Marker, Says};

    const SECOND: i64 = 1_000_000;

    fn message(at_us: Option<i64>) -> Sighting {
        let sighted = Sighted::Message { name: "onCuePoint".to_owned(), length_us: None, json: "{}".to_owned() };
        Sighting { at_us, sighted }
    }

    fn times(markings: Vec<Marking>) -> Vec<i64> {
        let time = |marking| match marking {
            Marking::Begin(Marker { at_us, says: Says::Message { .. }, .. }) => at_us,
            other => panic!("{other:?}"),
        };
        markings.into_iter().map(time).collect()
    }

    #[test]
    fn a_mark_belongs_where_the_pictures_of_its_time_do() {
        let cancel = CancelToken::default();
        let mut marks = Marks::new(Control { observer: &Silent, cancel: &cancel });
        marks.see(message(Some(3600 * SECOND)));
        marks.see(message(None));
        assert_eq!(times(marks.main(3601 * SECOND, 20 * SECOND)), [19 * SECOND, 20 * SECOND]);
        // Its timestamps have jumped, and those of the pictures will.
        marks.see(message(Some(5 * SECOND)));
        assert_eq!(times(marks.main(3602 * SECOND, 21 * SECOND)), [0_i64; 0]);
        assert_eq!(times(marks.main(6 * SECOND, 22 * SECOND)), [21 * SECOND]);
        // They never do.
        marks.see(message(Some(-7200 * SECOND)));
        let placed: Vec<i64> = (7..100).flat_map(|at| times(marks.main(at * SECOND, (at + 16) * SECOND))).collect();
        assert_eq!(placed, [(7 + i64::from(PATIENCE) + 16) * SECOND]);
    }

    #[test]
    fn what_a_source_has_marked_last_is_behind_its_last_picture() {
        let cancel = CancelToken::default();
        let mut marks = Marks::new(Control { observer: &Silent, cancel: &cancel });
        marks.see(message(Some(3 * SECOND)));
        assert_eq!(marks.gone(), [], "nobody knows where that is");
        assert_eq!(marks.main(4 * SECOND, 20 * SECOND), []);
        marks.see(message(Some(5 * SECOND)));
        marks.see(message(Some(5000 * SECOND)));
        assert_eq!(times(marks.gone()), [21 * SECOND]);
        assert_eq!(marks.main(6 * SECOND, 22 * SECOND), []);
    }

    #[test]
    fn a_clock_of_32_bits_is_the_one_that_is_counted_on() {
        for (own, source) in [(7_000, WRAP_US + 5_000), (WRAP_US - 3_000, -5_000), (9_000, 7_000)] {
            assert_eq!(later(own, source), 2_000);
        }
        assert_eq!(later(-WRAP_US / 4, 0), -WRAP_US / 4, "12 days are far");
        // Nothing overflows.
        let _ = (later(i64::MIN, i64::MAX), later(i64::MAX, i64::MIN));
    }
}
