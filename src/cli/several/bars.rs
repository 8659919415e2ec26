//! Several inputs in bars: one over all and one for each that is being worked on.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle, TermLike};
use streampack::clock::Clock;
use streampack::event::{Event, Observer};

use super::super::color::Paint;
use super::super::error::one_line;
use super::super::screen::Screen;
use super::Several;

/// Steps of a bar; finer than any terminal is wide.
const STEPS: u64 = 10_000;
/// How wide a bar is where there is room, and when it is rather left out.
const WIDEST_BAR: usize = 28;
const NARROWEST_BAR: usize = 8;
/// Columns for what is said beside a bar: `100%  123 of 123, 12.3x realtime, 12:03 left`.
const FIGURES: usize = 43;
/// Columns for the name of an input, the end of which says most.
const NAME: usize = 32;
/// As often as indicatif draws on its own.
const DRAWS_PER_SECOND: u8 = 20;

/// Bars on a terminal.
pub(crate) struct Bars<'c> {
    clock: &'c dyn Clock,
    paint: Paint,
    columns: usize,
    multi: MultiProgress,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    several: Several,
    overall: Option<ProgressBar>,
    inputs: BTreeMap<usize, ProgressBar>,
}

impl<'c> Bars<'c> {
    pub(crate) fn new(clock: &'c dyn Clock, paint: Paint, terminal: impl TermLike + 'static) -> Self {
        let columns = terminal.width().into();
        let target = ProgressDrawTarget::term_like_with_hz(Box::new(Screen::new(terminal)), DRAWS_PER_SECOND);
        Self { clock, paint, columns, multi: MultiProgress::with_draw_target(target), state: Mutex::default() }
    }

    /// Takes the bars away.
    pub(crate) fn close(&self) {
        // Only drawing can fail here, and then there is nothing to take away.
        let _ = self.multi.clear();
    }

    fn name_width(&self) -> usize {
        NAME.min(self.columns / 3).max(5)
    }

    /// A bar whose line never wraps.
    fn bar(&self, name: &str) -> ProgressBar {
        let name_width = self.name_width();
        let width = self.columns.saturating_sub(name_width + FIGURES + 2).min(WIDEST_BAR);
        let color = if self.paint.is_colored() { ".cyan" } else { "" };
        let bar = if width < NARROWEST_BAR { String::new() } else { format!("{{bar:{width}{color}}} ") };
        let style = ProgressStyle::with_template(&format!("{{prefix:{name_width}!}} {bar}{{wide_msg}}"))
            .expect("the template is made of known keys")
            .progress_chars("━╸─");
        ProgressBar::new(STEPS).with_style(style).with_prefix(ending(name, name_width))
    }

    fn draw(&self, state: &State) {
        let Some(overall) = &state.overall else { return };
        let several = &state.several;
        let (done, all) = (several.ended(), several.inputs.len());
        let text = format!("{}  {done} of {all}, {}", percent(several.fraction()), several.pace(self.clock.elapsed()));
        overall.set_message(text.trim_end_matches([' ', ',']).to_owned());
        overall.set_position(steps(several.fraction()));
        for (input, bar) in &state.inputs {
            let fraction = several.inputs.get(*input).map_or(0.0, super::One::fraction);
            bar.set_message(percent(fraction));
            bar.set_position(steps(fraction));
        }
    }

    /// Printed above the bars. When the terminal is gone there is nobody to tell.
    fn say(&self, line: &str) {
        let _ = self.multi.println(format!("streampack: {line}"));
    }
}

impl Observer for Bars<'_> {
    fn on(&self, event: &Event<'_>) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match event {
            Event::Inputs { inputs } => {
                state.several = Several::new(inputs, self.clock.elapsed());
                state.overall = Some(self.multi.add(self.bar("total")));
            }
            Event::Of { input, event: Event::Warned(warning) } => {
                let text = state.several.about(*input, &warning.message);
                self.say(&format!("{} {text}", self.paint.yellow("warning:")));
            }
            Event::Of { input, event } => {
                let noted = state.several.note(*input, event, self.clock.elapsed());
                if noted {
                    if matches!(event, Event::Planned { .. }) {
                        let bar = self.multi.add(self.bar(state.several.name(*input)));
                        state.inputs.insert(*input, bar);
                    }
                    self.draw(&state);
                }
            }
            Event::Ended { input, end, error } => {
                state.several.end(*input, *end);
                if let Some(bar) = state.inputs.remove(input) {
                    self.multi.remove(&bar);
                }
                self.draw(&state);
                // Whatever is drawn comes on the terminal with the line.
                self.say(&match error {
                    Some(error) => format!("{} {}", self.paint.red("error:"), state.several.failure(*input, *error)),
                    None => state.several.end_line(*input, *end),
                });
            }
            Event::Warned(warning) => {
                self.say(&format!("{} {}", self.paint.yellow("warning:"), one_line(&warning.message)));
            }
            // What else is about no input, bars need not show.
            _ => {}
        }
    }
}

fn steps(fraction: f64) -> u64 {
    (fraction * STEPS as f64) as u64
}

/// ` 46%`
fn percent(fraction: f64) -> String {
    format!("{:>3.0}%", (fraction * 100.0).floor())
}

/// The end of a name that is too long: `…eason1/e01.mp4`.
fn ending(name: &str, columns: usize) -> String {
    let length = name.chars().count();
    if length <= columns {
        return name.to_owned();
    }
    format!("…{}", name.chars().skip(length - columns + 1).collect::<String>())
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::time::Duration;

    use indicatif::InMemoryTerm;
    use streampack::event::{End, Input};

    use super::super::tests::{expected, inputs, rendition};
    use super::*;

    #[derive(Default)]
    struct ManualClock(AtomicU64);

    impl Clock for ManualClock {
        fn elapsed(&self) -> Duration {
            Duration::from_secs(self.0.load(Ordering::Relaxed))
        }
    }

    fn shown(columns: u16) -> String {
        let (terminal, clock) = (InMemoryTerm::new(24, columns), ManualClock::default());
        let bars = Bars::new(&clock, Paint::plain(), terminal.clone());
        let third = Input { path: "a/long/directory/of/shows/season1/e01.mp4".into(), output: "x".into(), bytes: 100 };
        bars.on(&Event::Inputs { inputs: &[inputs(), vec![third]].concat() });
        let expected = [expected(0)];
        for input in 0..3 {
            bars.on(&Event::Of { input, event: &Event::Planned { expected: &expected, media_seconds: 10.0 } });
        }
        clock.0.fetch_add(5, Ordering::Relaxed);
        for input in [0, 2] {
            bars.on(&Event::Of { input, event: &Event::Encoded { rendition: &rendition(), frames: 50 } });
        }
        let error = std::io::Error::other("no room");
        bars.on(&Event::Ended { input: 1, end: End::Failed, error: Some(&error) });
        let contents = terminal.contents();
        bars.close();
        assert!(!terminal.contents().contains("total"), "{}", terminal.contents());
        contents
    }

    #[test]
    fn each_input_at_work_has_a_bar_and_what_ended_a_line() {
        let expected = "\
streampack: error: b.mp4: no room
total                            ━━━━━━━━━━━━━━━━╸───────────  60%  1 of 3, 2.0x realtime, 0:05 left
a.mp4                            ━━━━━━━━━━━━━━╸─────────────  50%
…ectory/of/shows/season1/e01.mp4 ━━━━━━━━━━━━━━╸─────────────  50%";
        assert_eq!(shown(110), expected);
    }

    #[test]
    fn no_line_wraps_on_a_narrow_terminal() {
        for columns in [70, 40, 20] {
            let contents = shown(columns);
            let bars: Vec<&str> = contents.lines().rev().take(3).collect();
            assert!(bars[0].starts_with('…') && bars[1].starts_with('a') && bars[2].starts_with("total"), "{contents}");
        }
    }
}
