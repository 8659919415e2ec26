//! How far the work is: frames done of frames expected, per rendition and together.

use std::time::Duration;

use streampack::event::Expected;
use streampack::media::{RenditionId, RenditionKind};

/// What an audio packet weighs beside a video frame: encoding one costs a few per cent of a small picture.
const AUDIO_WEIGHT: f64 = 0.02;

/// The progress of one rendition.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Row {
    /// The rendition.
    pub(crate) rendition: RenditionId,
    /// Frames it will hold in the end.
    pub(crate) total: u64,
    /// Of these, how many an earlier run finished.
    pub(crate) resumed: u64,
    /// Of these, how many are finished now; never more than `total`.
    pub(crate) done: u64,
}

impl Row {
    /// Nothing is left to do.
    pub(crate) fn is_done(&self) -> bool {
        self.done >= self.total
    }

    /// Frames per second of this run.
    pub(crate) fn fps(&self, elapsed: Duration) -> f64 {
        per_second((self.done - self.resumed) as f64, elapsed)
    }

    /// Seconds until it is done, once there is a pace to judge by.
    pub(crate) fn remaining(&self, elapsed: Duration) -> Option<f64> {
        let left = (self.total - self.done) as f64;
        if left == 0.0 { Some(0.0) } else { Some(left / self.fps(elapsed)).filter(|seconds| seconds.is_finite()) }
    }

    fn weight(&self) -> f64 {
        match self.rendition.kind() {
            RenditionKind::Video => 1.0,
            RenditionKind::Audio => AUDIO_WEIGHT,
            RenditionKind::Text => 0.0,
        }
    }
}

/// The progress of a run.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Tally {
    rows: Vec<Row>,
    media_seconds: f64,
    started: Duration,
}

impl Tally {
    /// The work as it stands when the plan is made, at `now` of the run's clock.
    pub(crate) fn new(expected: &[Expected], media_seconds: f64, now: Duration) -> Self {
        let row = |expected: &Expected| {
            let resumed = expected.resumed.min(expected.frames);
            Row { rendition: expected.rendition.clone(), total: expected.frames, resumed, done: resumed }
        };
        Self { rows: expected.iter().map(row).collect(), media_seconds, started: now }
    }

    /// Adds frames to a rendition and says where that one is; nothing when the plan does not have it.
    pub(crate) fn add(&mut self, rendition: &RenditionId, frames: u64) -> Option<(usize, &Row)> {
        let index = self.rows.iter().position(|row| row.rendition == *rendition)?;
        let row = &mut self.rows[index];
        row.done = row.done.saturating_add(frames).min(row.total);
        Some((index, row))
    }

    /// The renditions, in the order of the plan.
    pub(crate) fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// Time since the plan was made.
    pub(crate) fn elapsed(&self, now: Duration) -> Duration {
        now.saturating_sub(self.started)
    }

    /// The part of all work that is done, 0 to 1.
    pub(crate) fn fraction(&self) -> f64 {
        self.weigh(|row| row.done)
    }

    /// The part of all work that an earlier run did, 0 to 1.
    pub(crate) fn resumed_fraction(&self) -> f64 {
        self.weigh(|row| row.resumed)
    }

    /// Length of the programme in seconds.
    pub(crate) const fn media_seconds(&self) -> f64 {
        self.media_seconds
    }

    /// Seconds of the programme done in each second of this run.
    pub(crate) fn speed(&self, now: Duration) -> f64 {
        let fraction = self.fraction() - self.resumed_fraction();
        per_second(fraction * self.media_seconds, self.elapsed(now))
    }

    /// Time until everything is done, once there is a pace to judge by.
    pub(crate) fn remaining(&self, now: Duration) -> Option<Duration> {
        let seconds = (1.0 - self.fraction()) * self.media_seconds / self.speed(now);
        Duration::try_from_secs_f64(seconds).ok()
    }

    fn weigh(&self, frames: impl Fn(&Row) -> u64) -> f64 {
        let sum = |frames: &dyn Fn(&Row) -> u64| self.rows.iter().map(|row| row.weight() * frames(row) as f64).sum();
        let total: f64 = sum(&|row| row.total);
        let part: f64 = sum(&frames);
        if total > 0.0 { part / total } else { 1.0 }
    }
}

fn per_second(amount: f64, elapsed: Duration) -> f64 {
    let seconds = elapsed.as_secs_f64();
    if seconds > 0.0 { amount / seconds } else { 0.0 }
}

/// `1:02:03` or `2:03`.
pub(crate) fn clock_time(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 { format!("{hours}:{minutes:02}:{seconds:02}") } else { format!("{minutes}:{seconds:02}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expected(kind: RenditionKind, name: &str, frames: u64, resumed: u64) -> Expected {
        Expected { rendition: RenditionId::new(kind, name), frames, resumed }
    }

    fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn resumed_frames_count_as_done_but_not_as_speed() {
        let plan = [expected(RenditionKind::Video, "a", 100, 50)];
        let mut tally = Tally::new(&plan, 10.0, seconds(5));
        assert_eq!((tally.fraction(), tally.speed(seconds(6)), tally.remaining(seconds(6))), (0.5, 0.0, None));
        tally.add(&plan[0].rendition, 25);
        assert_eq!((tally.fraction(), tally.speed(seconds(6))), (0.75, 2.5));
        assert_eq!(tally.remaining(seconds(6)), Some(seconds(1)));
    }

    #[test]
    fn audio_weighs_little_beside_video_and_everything_alone() {
        let audio = expected(RenditionKind::Audio, "a", 100, 0);
        let mut both = Tally::new(&[expected(RenditionKind::Video, "v", 98, 0), audio.clone()], 1.0, seconds(0));
        both.add(&audio.rendition, 100);
        assert_eq!(both.fraction(), 0.02);
        let mut alone = Tally::new(std::slice::from_ref(&audio), 1.0, seconds(0));
        alone.add(&audio.rendition, 50);
        assert_eq!(alone.fraction(), 0.5);
    }

    #[test]
    fn more_frames_than_expected_are_no_more_than_all() {
        let plan = [expected(RenditionKind::Video, "a", 10, 20)];
        let mut tally = Tally::new(&plan, 1.0, seconds(0));
        tally.add(&plan[0].rendition, u64::MAX);
        assert_eq!(tally.fraction(), 1.0);
        assert!(tally.add(&RenditionId::new(RenditionKind::Video, "b"), 1).is_none());
    }

    #[test]
    fn a_plan_without_frames_is_done() {
        assert_eq!(Tally::new(&[], 0.0, seconds(0)).fraction(), 1.0);
    }
}
