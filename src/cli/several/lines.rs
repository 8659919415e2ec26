//! Several inputs in plain lines: one every ten seconds and one at the end of each input; no control characters.

use std::io::Write;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use streampack::clock::Clock;
use streampack::event::{Event, Observer};

use super::super::color::Paint;
use super::super::error::one_line;
use super::Several;

/// Time between two lines.
const LINE_EVERY: Duration = Duration::from_secs(10);

/// How much is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Loudness {
    /// What failed.
    Errors,
    /// And what is odd.
    Warnings,
    /// And how far it all is.
    Progress,
}

/// Lines on `out`.
pub(crate) struct Lines<'c, W> {
    clock: &'c dyn Clock,
    paint: Paint,
    loudness: Loudness,
    state: Mutex<State<W>>,
}

struct State<W> {
    out: W,
    several: Several,
    last: Duration,
}

impl<'c, W: Write + Send> Lines<'c, W> {
    pub(crate) fn new(clock: &'c dyn Clock, paint: Paint, loudness: Loudness, out: W) -> Self {
        let state = State { out, several: Several::default(), last: clock.elapsed() };
        Self { clock, paint, loudness, state: Mutex::new(state) }
    }

    fn say(&self, state: &mut State<W>, at: Loudness, line: &str) {
        if self.loudness >= at {
            // When stderr is gone there is nobody left to tell; the work goes on.
            let _ = state.out.write_all(format!("streampack: {line}\n").as_bytes());
        }
    }
}

impl<W: Write + Send> Observer for Lines<'_, W> {
    fn on(&self, event: &Event<'_>) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.clock.elapsed();
        match event {
            Event::Inputs { inputs } => {
                state.several = Several::new(inputs, now);
                state.last = now;
            }
            Event::Of { input, event: Event::Warned(warning) } => {
                let text = state.several.about(*input, &warning.message);
                self.say(&mut state, Loudness::Warnings, &format!("{} {text}", self.paint.yellow("warning:")));
            }
            Event::Of { input, event } => {
                let noted = state.several.note(*input, event, now);
                if noted && now.saturating_sub(state.last) >= LINE_EVERY {
                    state.last = now;
                    let several = &state.several;
                    let (percent, done, all) = (several.fraction() * 100.0, several.ended(), several.inputs.len());
                    let line = format!("{:.0}%, {done} of {all} files done, {}", percent.floor(), several.pace(now));
                    self.say(&mut state, Loudness::Progress, line.trim_end_matches([' ', ',']));
                }
            }
            Event::Ended { input, end, error } => {
                state.several.end(*input, *end);
                let line = match error {
                    Some(error) => format!("{} {}", self.paint.red("error:"), state.several.failure(*input, *error)),
                    None => state.several.end_line(*input, *end),
                };
                let loudness = if error.is_some() { Loudness::Errors } else { Loudness::Progress };
                self.say(&mut state, loudness, &line);
            }
            Event::Warned(warning) => {
                let text = format!("{} {}", self.paint.yellow("warning:"), one_line(&warning.message));
                self.say(&mut state, Loudness::Warnings, &text);
            }
            // What else is about no input, lines need not show.
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use streampack::event::{End, Warning};

    use super::super::tests::{expected, inputs, rendition};
    use super::*;

    #[derive(Default)]
    struct ManualClock(AtomicU64);

    impl Clock for ManualClock {
        fn elapsed(&self) -> Duration {
            Duration::from_secs(self.0.load(Ordering::Relaxed))
        }
    }

    fn said(loudness: Loudness) -> String {
        let clock = ManualClock::default();
        let lines = Lines::new(&clock, Paint::plain(), loudness, Vec::new());
        lines.on(&Event::Inputs { inputs: &inputs() });
        let expected = [expected(0)];
        lines.on(&Event::Of { input: 0, event: &Event::Planned { expected: &expected, media_seconds: 40.0 } });
        let warning = Warning { code: "odd", message: "an odd thing".into() };
        lines.on(&Event::Of { input: 0, event: &Event::Warned(&warning) });
        for _ in 0..3 {
            clock.0.fetch_add(5, Ordering::Relaxed);
            lines.on(&Event::Of { input: 0, event: &Event::Encoded { rendition: &rendition(), frames: 25 } });
        }
        let error = std::io::Error::other("no room");
        lines.on(&Event::Ended { input: 1, end: End::Failed, error: Some(&error) });
        lines.on(&Event::Ended { input: 0, end: End::Done, error: None });
        String::from_utf8(lines.state.into_inner().expect("no panic").out).expect("text")
    }

    #[test]
    fn lines_say_as_much_as_they_are_asked_to() {
        let (warning, error) = ("streampack: warning: a.mp4: an odd thing\n", "streampack: error: b.mp4: no room\n");
        let progress = "streampack: 37%, 0 of 2 files done, 2.0x realtime, 0:16 left\n";
        assert_eq!(said(Loudness::Errors), error);
        assert_eq!(said(Loudness::Warnings), format!("{warning}{error}"));
        assert_eq!(said(Loudness::Progress), format!("{warning}{progress}{error}streampack: a.mp4 done (2 of 2)\n"));
    }
}
