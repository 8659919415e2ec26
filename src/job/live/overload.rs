//! What is done when this machine does not keep up with a live source: it is measured how far encoding is behind, and
//! rungs are spared from the largest on.

use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering};
use std::time::Duration;

use super::Error;
use crate::av::frame::Frame;
use crate::cancel::CancelToken;
use crate::clock::LiveClock;
use crate::encode::pictures::Watch;
use crate::encode::{self, Rung, Slot};
use crate::event::{Control, Event, Warning};
use crate::media::{FrameRate, Sample};
use crate::origin::live::Metrics;

/// How often it is judged.
const EVERY: Duration = Duration::from_secs(2);

/// Over so much time its speed is measured.
const MEASURED: Duration = Duration::from_secs(1);

/// Encoding that is no more behind than this keeps up, in microseconds.
const CALM_US: i64 = 400_000;

/// Encoding that is more behind than this, and does not catch up, does not keep up, in microseconds.
const BEHIND_US: i64 = 1_500_000;

/// What it must have caught up with since it was judged last to be left alone, in microseconds.
const CATCHES_UP_US: i64 = 200_000;

/// Where the run shall fail: it has not caught up before it was so far behind, in microseconds.
const HOPELESS_US: i64 = 5_000_000;

/// For so long it must have kept up before a rung is spared less; twice as long each time that was too early.
const CALM: Duration = Duration::from_secs(20);
/// And for no longer than this.
const LONGEST_CALM: Duration = Duration::from_secs(320);

/// One picture of so many is shown where pictures are dropped. Of two it would save nothing: what lies between two that
/// are further apart costs as much as both (x264, measured).
const SHOWN_EVERY: u64 = 5;

/// What is done when the machine does not keep up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Overload {
    /// The largest rungs show every fifth picture alone, and if need be all of them.
    DropFrames,
    /// The largest rungs show the first picture of each group alone; the smallest one is spared nothing.
    DropRung,
    /// The programme ends.
    Fail,
}

impl Overload {
    /// All of them, the default first.
    pub const ALL: [Self; 3] = [Self::DropFrames, Self::DropRung, Self::Fail];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::DropFrames => "drop-frames",
            Self::DropRung => "drop-rung",
            Self::Fail => "fail",
        }
    }

    /// How many of so many rungs are spared at most.
    const fn most(self, rungs: usize) -> usize {
        match self {
            Self::DropFrames => rungs,
            Self::DropRung => rungs.saturating_sub(1),
            Self::Fail => 0,
        }
    }

    /// Whether a rung that is spared shows the picture before once more.
    const fn repeats(self, number: u64, key: bool) -> bool {
        match self {
            Self::DropFrames => !key && !number.is_multiple_of(SHOWN_EVERY),
            Self::DropRung => !key,
            Self::Fail => false,
        }
    }
}

/// No such thing can be done.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is nothing that can be done; choose drop-frames, drop-rung or fail")]
pub struct UnknownOverload(String);

impl FromStr for Overload {
    type Err = UnknownOverload;

    fn from_str(name: &str) -> Result<Self, UnknownOverload> {
        Self::ALL.into_iter().find(|overload| overload.name() == name).ok_or_else(|| UnknownOverload(name.to_owned()))
    }
}

/// How much there is to do, as its parts know it.
#[derive(Debug)]
pub(super) struct Load {
    /// What is done when it is too much; nothing where the source comes as fast as it is taken.
    pub(super) policy: Option<Overload>,
    /// How far the source is, in microseconds of the programme.
    reached_us: AtomicI64,
    /// How many rungs are spared, the largest first.
    spared: AtomicUsize,
    failed: AtomicBool,
}

impl Load {
    /// Nothing to do yet.
    pub(super) fn new(policy: Option<Overload>) -> Self {
        Self { policy, reached_us: AtomicI64::new(0), spared: AtomicUsize::new(0), failed: AtomicBool::new(false) }
    }

    /// The source has come to this microsecond of the programme.
    pub(super) fn reached(&self, us: i64) {
        self.reached_us.store(us, Ordering::Relaxed);
    }

    /// Whether it was too much, where that ends the run.
    pub(super) fn has_failed(&self) -> bool {
        self.failed.load(Ordering::Relaxed)
    }
}

/// Judges before each picture how far encoding is behind.
pub(super) struct Judge<'a> {
    pub(super) load: &'a Load,
    pub(super) clock: &'a dyn LiveClock,
    pub(super) rate: FrameRate,
    pub(super) rungs: usize,
    pub(super) metrics: Option<&'a Metrics>,
    pub(super) control: Control<'a>,
    pub(super) state: State,
}

/// What a judge remembers.
#[derive(Debug, Default)]
pub(super) struct State {
    judged: Duration,
    /// When speed was measured last, and at which picture.
    measured: Option<(Duration, u64)>,
    behind_us: Option<i64>,
    calm_since: Option<Duration>,
    /// How much longer than [`CALM`] it must be calm, as a power of two.
    relapses: u32,
    told: bool,
}

impl Judge<'_> {
    /// Tells how encoding goes.
    fn measure(&mut self, number: u64, now: Duration) {
        let Some(metrics) = self.metrics else { return };
        let (since, from) = *self.state.measured.get_or_insert((now, number));
        let (elapsed, pictures) = (now.saturating_sub(since), number.saturating_sub(from));
        if elapsed >= MEASURED {
            self.state.measured = Some((now, number));
            metrics.encoding(self.behind_us(number), pictures as f64 / self.rate.as_f64() / elapsed.as_secs_f64());
        }
    }

    /// How far the source is ahead of this picture.
    fn behind_us(&self, number: u64) -> i64 {
        let position = (number as f64 / self.rate.as_f64() * 1e6) as i64;
        self.load.reached_us.load(Ordering::Relaxed).saturating_sub(position)
    }

    fn judge(&mut self, number: u64) {
        let now = self.clock.elapsed();
        self.measure(number, now);
        let Some(policy) = self.load.policy else { return };
        if now.saturating_sub(self.state.judged) < EVERY {
            return;
        }
        let behind = self.behind_us(number);
        let before = self.state.behind_us.replace(behind);
        self.state.judged = now;
        // What came in a burst is worked off.
        let catches_up = before.is_none_or(|before| behind + CATCHES_UP_US <= before);
        if policy == Overload::Fail && behind > HOPELESS_US && !catches_up {
            self.load.failed.store(true, Ordering::Relaxed);
        }
        let spared = self.load.spared.load(Ordering::Relaxed);
        if behind > BEHIND_US && !catches_up {
            self.state.calm_since = None;
            self.spare((spared + 1).min(policy.most(self.rungs)), spared, behind);
        } else if behind > CALM_US {
            self.state.calm_since = None;
        } else if spared > 0 {
            let since = *self.state.calm_since.get_or_insert(now);
            let enough = (CALM * 2_u32.pow(self.state.relapses.min(4))).min(LONGEST_CALM);
            if now.saturating_sub(since) >= enough {
                self.state.calm_since = None;
                self.spare(spared - 1, spared, behind);
            }
        }
    }

    fn spare(&mut self, spared: usize, before: usize, behind_us: i64) {
        self.load.spared.store(spared, Ordering::Relaxed);
        self.metrics.into_iter().for_each(|metrics| metrics.spared(spared as u64));
        let behind = behind_us as f64 / 1e6;
        if spared > before || (before == 0 && !self.state.told) {
            self.state.relapses += u32::from(self.state.told && before == 0);
            let done = match self.load.policy {
                _ if spared == 0 => "nothing can be spared".to_owned(),
                Some(Overload::DropFrames) => {
                    format!("the largest {spared} of {} rungs show one picture of five", self.rungs)
                }
                Some(Overload::DropRung) => {
                    format!("the largest {spared} of {} rungs show one picture of each group", self.rungs)
                }
                Some(Overload::Fail) | None => String::new(),
            };
            self.state.told = true;
            let message = format!(
                "this machine does not keep up, encoding is {behind:.1} s behind: {done}; choose fewer or smaller rungs, \
                 or a faster --speed"
            );
            self.warn("overload", message);
        } else if spared == 0 && before > 0 {
            self.warn("overload_over", "this machine keeps up again, and all rungs are whole".to_owned());
        }
    }

    fn warn(&self, code: &'static str, message: String) {
        self.control.observer.on(&Event::Warned(&Warning { code, message }));
    }
}

impl Watch for Judge<'_> {
    type Error = Error;

    fn see(&mut self, slot: &Slot) -> Result<(), Error> {
        self.judge(slot.number);
        Ok(())
    }
}

/// A rung that may be spared: what it shows again costs an encoder little.
pub(super) struct Spared<R> {
    pub(super) rung: R,
    pub(super) load: Arc<Load>,
    /// Its place among the rungs, the largest first.
    pub(super) at: usize,
    pub(super) shown: Option<Frame>,
}

impl<R: Rung> Rung for Spared<R> {
    fn encode(&mut self, frame: &Frame, number: u64, key: bool, done: &mut Vec<Sample>) -> Result<(), encode::Error> {
        let spared = self.at < self.load.spared.load(Ordering::Relaxed);
        let repeats = spared && self.load.policy.is_some_and(|policy| policy.repeats(number, key));
        match &self.shown {
            Some(shown) if repeats => self.rung.encode(shown, number, key, done),
            Some(_) | None => {
                self.shown = Some(frame.clone());
                self.rung.encode(frame, number, key, done)
            }
        }
    }

    fn finish(&mut self, done: &mut Vec<Sample>, cancel: &CancelToken) -> Result<(), encode::Error> {
        self.rung.finish(done, cancel)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;
    use crate::event::Observer;
    use crate::job::live::tests::ManualClock;

    #[derive(Default)]
    struct Told(Mutex<Vec<&'static str>>);

    impl Observer for Told {
        fn on(&self, event: &Event<'_>) {
            if let Event::Warned(warning) = event {
                self.0.lock().expect("no test panics with it").push(warning.code);
            }
        }
    }

    /// How many of three rungs are spared every two seconds while encoding is behind by so many seconds, and what is
    /// told of it.
    fn spared(policy: Overload, behind: impl IntoIterator<Item = f64>) -> (Vec<usize>, Vec<&'static str>, bool) {
        let (clock, told, cancel) = (ManualClock::default(), Told::default(), CancelToken::default());
        let load = Load::new(Some(policy));
        let control = Control { observer: &told, cancel: &cancel };
        let (rate, state) = (FrameRate::whole(25), State::default());
        let mut judge = Judge { load: &load, clock: &clock, rate, rungs: 3, metrics: None, control, state };
        let mut steps = Vec::new();
        for (second, behind) in (0_i64..).step_by(2).zip(behind) {
            clock.pause(EVERY);
            load.reached(second * 1_000_000 + (behind * 1e6) as i64);
            judge.judge(second as u64 * 25);
            steps.push(load.spared.load(Ordering::Relaxed));
        }
        let codes = std::mem::take(&mut *told.0.lock().expect("no test panics with it"));
        (steps, codes, load.has_failed())
    }

    #[test]
    fn rungs_are_spared_while_encoding_falls_behind_and_not_while_it_catches_up() {
        let behind = [3.0, 2.0, 1.9, 2.0, 2.5, 1.7, 1.0];
        let (steps, told, failed) = spared(Overload::DropFrames, behind);
        assert_eq!(steps, [0, 0, 1, 2, 3, 3, 3]);
        assert!(!failed && told.first() == Some(&"overload"));
        assert_eq!(spared(Overload::DropRung, behind).0, [0, 0, 1, 2, 2, 2, 2], "one rung stays whole");
        assert_eq!(spared(Overload::DropFrames, [5.0, 4.0, 3.0, 2.0, 1.0, 0.2]).0, [0; 6], "a burst is worked off");
    }

    #[test]
    fn a_rung_is_whole_again_when_the_machine_has_kept_up_for_a_while() {
        let calm = [2.0; 2].into_iter().chain([0.1; 12]);
        let (steps, told, _) = spared(Overload::DropFrames, calm);
        assert_eq!((steps[1], steps[11], steps[12]), (1, 1, 0));
        assert_eq!(told, ["overload", "overload_over"]);
        // What was too early takes twice as long the next time.
        let relapse = [2.0; 2].into_iter().chain([0.1; 11]).chain([2.0]).chain([0.1; 22]);
        let (steps, ..) = spared(Overload::DropFrames, relapse);
        assert_eq!([12, 13, 33, 34].map(|step| steps[step]), [0, 1, 1, 0]);
    }

    #[test]
    fn a_run_that_shall_fail_does_when_there_is_no_hope() {
        assert!(!spared(Overload::Fail, [2.0, 3.0, 4.0, 4.9]).2);
        assert!(spared(Overload::Fail, [2.0, 3.0, 4.0, 5.1]).2);
    }

    #[test]
    fn spared_rungs_keep_their_key_frames() {
        let shown = |policy: Overload| {
            let fresh = (0..12).filter(|number| !policy.repeats(*number, *number % 8 == 0));
            fresh.collect::<Vec<u64>>()
        };
        assert_eq!(shown(Overload::DropFrames), [0, 5, 8, 10]);
        assert_eq!(shown(Overload::DropRung), [0, 8]);
        assert_eq!(shown(Overload::Fail), (0..12).collect::<Vec<_>>());
    }
}
