//! Progress for people, on stderr: bars on a terminal, plain lines elsewhere.

use std::io::Write;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle, TermLike};
use streampack::clock::Clock;
use streampack::event::{Event, Observer, Warning};

use super::color::Paint;
use super::error::one_line;
use super::moving::Moving;
use super::screen::Screen;
use super::tally::{Row, Tally, clock_time};

/// Steps of the bar over all; finer than any terminal is wide.
const STEPS: u64 = 10_000;
/// How wide a bar is where there is room, and when it is rather left out.
const WIDEST_BAR: usize = 28;
const NARROWEST_BAR: usize = 8;
/// Columns for what is said beside a bar: `100% 12.3x realtime, 12:03 left`.
const FIGURES: usize = 31;
/// As often as indicatif draws on its own.
const DRAWS_PER_SECOND: u8 = 20;
/// Time between two plain lines.
const LINE_EVERY: Duration = Duration::from_secs(10);

/// One bar over all and one for each rendition.
pub(crate) struct Bars<'c> {
    clock: &'c dyn Clock,
    paint: Paint,
    columns: usize,
    multi: MultiProgress,
    state: Mutex<BarState>,
}

#[derive(Default)]
struct BarState {
    tally: Tally,
    overall: Option<ProgressBar>,
    renditions: Vec<ProgressBar>,
    moving: Option<(Moving, ProgressBar)>,
}

impl<'c> Bars<'c> {
    /// Bars on a terminal.
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

    /// A line that never wraps: on a narrow terminal the bar is shorter or missing, and what does not fit
    /// is cut off.
    fn style(&self, name: usize) -> ProgressStyle {
        let name = name.min(self.columns.saturating_sub(2));
        let width = self.columns.saturating_sub(name + FIGURES + 2).min(WIDEST_BAR);
        let color = if self.paint.is_colored() { ".cyan" } else { "" };
        let bar = if width < NARROWEST_BAR { String::new() } else { format!("{{bar:{width}{color}}} ") };
        ProgressStyle::with_template(&format!("{{prefix:{name}!}} {bar}{{wide_msg}}"))
            .expect("the template is made of known keys")
            .progress_chars("━╸─")
    }

    fn show(&self, state: &mut BarState, tally: Tally) {
        let width = tally.rows().iter().map(|row| row.rendition.to_string().len()).max().unwrap_or(0).max(5);
        let style = self.style(width);
        let overall = self.multi.add(ProgressBar::new(STEPS).with_style(style.clone()).with_prefix("total"));
        let bar = |row: &Row| {
            let bar = ProgressBar::new(row.total).with_style(style.clone()).with_prefix(row.rendition.to_string());
            let bar = self.multi.add(bar);
            bar.set_message(figures(row));
            bar.set_position(row.done);
            bar
        };
        state.renditions = tally.rows().iter().map(bar).collect();
        overall.set_message(overall_figures(&tally, self.clock.elapsed()));
        overall.set_position((tally.fraction() * STEPS as f64) as u64);
        state.overall = Some(overall);
        state.tally = tally;
    }

    /// One bar for the bytes that are moved now, in the place of that for the last ones.
    fn begin_moving(&self, state: &mut BarState, what: &'static str, bytes: u64) {
        if let Some((_, bar)) = state.moving.take() {
            bar.finish_and_clear();
        }
        if bytes == 0 {
            return;
        }
        let moving = Moving::begin(what, bytes, self.clock.elapsed());
        let bar = ProgressBar::new(STEPS).with_style(self.style(what.len())).with_prefix(what);
        let bar = self.multi.add(bar);
        bar.set_message(moving.figures(self.clock.elapsed()));
        state.moving = Some((moving, bar));
    }

    fn move_on(&self, state: &mut BarState, bytes: i64) {
        let Some((moving, bar)) = &mut state.moving else { return };
        moving.add(bytes);
        bar.set_message(moving.figures(self.clock.elapsed()));
        bar.set_position((moving.fraction() * STEPS as f64) as u64);
    }

    fn advance(&self, state: &mut BarState, rendition: &streampack::media::RenditionId, frames: u64) {
        let Some((index, row)) = state.tally.add(rendition, frames) else { return };
        let bar = &state.renditions[index];
        bar.set_message(figures(row));
        bar.set_position(row.done);
        if let Some(overall) = &state.overall {
            overall.set_message(overall_figures(&state.tally, self.clock.elapsed()));
            overall.set_position((state.tally.fraction() * STEPS as f64) as u64);
        }
    }
}

impl Observer for Bars<'_> {
    fn on(&self, event: &Event<'_>) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match event {
            Event::Planned { expected, media_seconds } => {
                let tally = Tally::new(expected, *media_seconds, self.clock.elapsed());
                self.show(&mut state, tally);
            }
            Event::Encoded { rendition, frames } => self.advance(&mut state, rendition, *frames),
            Event::LiveStarted { .. } => {
                let line = ProgressBar::no_length().with_style(status_style());
                state.overall = Some(self.multi.add(line).with_message("waiting for the first segment"));
            }
            Event::LiveAdvanced { segment, edge_seconds, behind_seconds, .. } => {
                if let Some(overall) = &state.overall {
                    overall.set_message(on_air(segment.0, *edge_seconds, *behind_seconds));
                }
            }
            // Printed above the bars. When the terminal is gone there is nobody to warn.
            Event::Warned(warning) => drop(self.multi.println(warning_line(self.paint, warning))),
            Event::Moving { what, bytes } => self.begin_moving(&mut state, what, *bytes),
            Event::Moved { bytes } => self.move_on(&mut state, *bytes),
            Event::SegmentStored { .. } | Event::ManifestStored { .. } => {}
            // What a newer library tells, bars need not show.
            _ => {}
        }
    }
}

/// One line that says how it stands.
fn status_style() -> ProgressStyle {
    ProgressStyle::with_template("{wide_msg}").expect("the template is made of known keys")
}

/// `live 0:01:20, segment 40, 1.2 s behind the source`.
fn on_air(segment: u64, edge_seconds: f64, behind_seconds: f64) -> String {
    format!(
        "live {}, segment {segment}, {behind_seconds:.1} s behind the source",
        clock_time(Duration::from_secs_f64(edge_seconds.max(0.0)))
    )
}

/// `328/720`, and how much of it is not of this run.
fn figures(row: &Row) -> String {
    let resumed = if row.resumed > 0 { format!(" ({} from an earlier run)", row.resumed) } else { String::new() };
    format!("{}/{}{resumed}", row.done, row.total)
}

/// ` 46% 3.1x realtime, 1:20 left`.
fn overall_figures(tally: &Tally, now: Duration) -> String {
    format!("{:>3.0}% {}", (tally.fraction() * 100.0).floor(), pace(tally, now)).trim_end().to_owned()
}

/// One line every ten seconds, one at the end of each rendition, one for each warning; no control characters.
pub(crate) struct Lines<'c, W> {
    clock: &'c dyn Clock,
    paint: Paint,
    progress: bool,
    state: Mutex<LineState<W>>,
}

struct LineState<W> {
    out: W,
    tally: Tally,
    moving: Moving,
    last: Duration,
}

impl<'c, W: Write + Send> Lines<'c, W> {
    /// Lines on `out`; without `progress` only the warnings.
    pub(crate) fn new(clock: &'c dyn Clock, paint: Paint, progress: bool, out: W) -> Self {
        let state = LineState { out, tally: Tally::default(), moving: Moving::default(), last: clock.elapsed() };
        Self { clock, paint, progress, state: Mutex::new(state) }
    }
}

impl<W: Write> LineState<W> {
    fn say(&mut self, line: &str) {
        // When stderr is gone there is nobody left to tell; the work goes on.
        let _ = self.out.write_all(format!("{line}\n").as_bytes());
    }

    fn advance(&mut self, rendition: &streampack::media::RenditionId, frames: u64, now: Duration) {
        let before = self.tally.rows().iter().find(|row| row.rendition == *rendition).is_some_and(Row::is_done);
        let Some((_, row)) = self.tally.add(rendition, frames) else { return };
        if row.is_done() && !before {
            let line = format!("streampack: {rendition} done, {} frames", row.total);
            self.say(&line);
        }
        if now.saturating_sub(self.last) >= LINE_EVERY {
            self.last = now;
            let line = format!("streampack: {:.0}% {}", self.tally.fraction() * 100.0, pace(&self.tally, now));
            self.say(line.trim_end());
        }
    }
}

impl<W: Write> LineState<W> {
    fn move_on(&mut self, bytes: i64, now: Duration) {
        self.moving.add(bytes);
        if now.saturating_sub(self.last) >= LINE_EVERY {
            self.last = now;
            let (what, percent) = (self.moving.what, self.moving.fraction() * 100.0);
            let line = format!("streampack: {what} {percent:.0}%, {}", self.moving.figures(now));
            self.say(&line);
        }
    }
}

impl<W: Write + Send> Observer for Lines<'_, W> {
    fn on(&self, event: &Event<'_>) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.clock.elapsed();
        match event {
            Event::Warned(warning) => state.say(&warning_line(self.paint, warning)),
            Event::Planned { expected, media_seconds } if self.progress => {
                state.tally = Tally::new(expected, *media_seconds, now);
                state.last = now;
                let resumed = state.tally.fraction() * 100.0;
                if state.tally.rows().iter().any(|row| row.resumed > 0) {
                    state.say(&format!("streampack: {resumed:.0}% done by an earlier run"));
                }
            }
            Event::Encoded { rendition, frames } if self.progress => state.advance(rendition, *frames, now),
            Event::LiveAdvanced { segment, edge_seconds, behind_seconds, .. }
                if self.progress && (segment.0 == 1 || now.saturating_sub(state.last) >= LINE_EVERY) =>
            {
                state.last = now;
                let line = on_air(segment.0, *edge_seconds, *behind_seconds);
                state.say(&format!("streampack: {line}"));
            }
            Event::Moving { what, bytes } if self.progress => {
                state.moving = Moving::begin(what, *bytes, now);
                state.last = now;
            }
            Event::Moved { bytes } if self.progress => state.move_on(*bytes, now),
            Event::Planned { .. } | Event::Encoded { .. } | Event::Moving { .. } | Event::Moved { .. } => {}
            Event::SegmentStored { .. } | Event::ManifestStored { .. } => {}
            Event::LiveStarted { .. } | Event::LiveAdvanced { .. } => {}
            // What a newer library tells, lines need not show.
            _ => {}
        }
    }
}

/// `3.1x realtime, 1:20 left`, as far as it can be told.
fn pace(tally: &Tally, now: Duration) -> String {
    match tally.remaining(now) {
        Some(left) => format!("{:.1}x realtime, {} left", tally.speed(now), clock_time(left)),
        None => String::new(),
    }
}

fn warning_line(paint: Paint, warning: &Warning) -> String {
    format!("streampack: {} {}", paint.yellow("warning:"), one_line(&warning.message))
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use indicatif::InMemoryTerm;
    use streampack::event::Expected;
    use streampack::media::{RenditionId, RenditionKind};

    use super::super::args::ColorWhen;
    use super::*;

    #[derive(Default)]
    struct ManualClock(AtomicU64);

    impl Clock for ManualClock {
        fn elapsed(&self) -> Duration {
            Duration::from_secs(self.0.load(Ordering::Relaxed))
        }
    }

    fn said(progress: bool) -> String {
        let clock = ManualClock::default();
        let lines = Lines::new(&clock, Paint::plain(), progress, Vec::new());
        let rendition = RenditionId::new(RenditionKind::Video, "360p_h264");
        let expected = [Expected { rendition: rendition.clone(), frames: 1000, resumed: 200 }];
        lines.on(&Event::Planned { expected: &expected, media_seconds: 40.0 });
        for _ in 0..8 {
            clock.0.fetch_add(4, Ordering::Relaxed);
            lines.on(&Event::Encoded { rendition: &rendition, frames: 100 });
        }
        lines.on(&Event::Warned(&Warning { code: "odd", message: "a \u{1b}[31modd\nthing".into() }));
        String::from_utf8(lines.state.into_inner().expect("no panic").out).expect("text")
    }

    #[test]
    fn plain_lines_come_every_ten_seconds_and_at_the_end() {
        let expected = "\
streampack: 20% done by an earlier run
streampack: 50% 1.0x realtime, 0:20 left
streampack: 80% 1.0x realtime, 0:08 left
streampack: video/360p_h264 done, 1000 frames
streampack: warning: a \\u{1b}[31modd thing
";
        assert_eq!(said(true), expected);
    }

    /// What a terminal of so many columns shows of a run that is half done.
    fn shown(terminal: &InMemoryTerm, color: ColorWhen, at_work: impl FnOnce(&Bars<'_>)) {
        let clock = ManualClock::default();
        let bars = Bars::new(&clock, Paint::new(Some(color), true, |_| None), terminal.clone());
        let video = RenditionId::new(RenditionKind::Video, "360p_h264");
        let expected = [
            Expected { rendition: video.clone(), frames: 100, resumed: 20 },
            Expected { rendition: RenditionId::new(RenditionKind::Audio, "en_aac_128k"), frames: 50, resumed: 0 },
        ];
        bars.on(&Event::Warned(&Warning { code: "odd", message: "an early thing".into() }));
        bars.on(&Event::Planned { expected: &expected, media_seconds: 4.0 });
        clock.0.fetch_add(2, Ordering::Relaxed);
        bars.on(&Event::Encoded { rendition: &video, frames: 30 });
        bars.on(&Event::Warned(&Warning { code: "odd", message: "an odd thing".into() }));
        at_work(&bars);
        bars.close();
    }

    #[test]
    fn bars_follow_the_events_with_and_without_colour() {
        for color in [ColorWhen::Always, ColorWhen::Never] {
            let terminal = InMemoryTerm::new(24, 80);
            let expected = "\
streampack: warning: an early thing
streampack: warning: an odd thing
total             ━━━━━━━━━━━━━╸──────────────  49% 0.6x realtime, 0:03 left
video/360p_h264   ━━━━━━━━━━━━━━╸───────────── 50/100 (20 from an earlier run)
audio/en_aac_128k ──────────────────────────── 0/50";
            shown(&terminal, color, |_| assert_eq!(terminal.contents(), expected));
            assert_eq!(terminal.contents(), "streampack: warning: an early thing\nstreampack: warning: an odd thing");
        }
    }

    #[test]
    fn no_line_wraps_on_a_narrow_terminal() {
        for (columns, total) in [
            (60, "total             ━━━━╸─────  49% 0.6x realtime, 0:03 left"),
            (50, "total              49% 0.6x realtime, 0:03 left"),
            (30, "total              49% 0.6x re"),
            (12, "total"),
        ] {
            let terminal = InMemoryTerm::new(24, columns);
            shown(&terminal, ColorWhen::Never, |_| {
                let contents = terminal.contents();
                let bars: Vec<&str> = contents.lines().rev().take(3).collect();
                assert!(bars[0].starts_with("audio/en_a") && bars[1].starts_with("video/360p"), "{contents}");
                assert_eq!(bars[2], total);
            });
        }
    }

    /// The terminal shows `^C` where the cursor is.
    #[test]
    fn ctrl_c_leaves_nothing_of_the_bars() {
        for columns in [80, 40, 20] {
            let terminal = InMemoryTerm::new(24, columns);
            shown(&terminal, ColorWhen::Never, |_| terminal.write_str("^C").expect("in memory"));
            let left = terminal.contents();
            assert!(!left.contains("total") && !left.contains("^C") && !left.contains("video"), "{left}");
        }
    }

    /// One line of the terminal is not for bars.
    #[test]
    fn bars_that_do_not_fit_are_left_out() {
        let terminal = InMemoryTerm::new(4, 80);
        shown(&terminal, ColorWhen::Never, |_| {
            let contents = terminal.contents();
            assert_eq!(contents.lines().filter(|line| line.starts_with("total")).count(), 1, "{contents}");
        });
        assert!(!terminal.contents().contains("total"), "{}", terminal.contents());
    }

    #[test]
    fn without_progress_only_warnings_remain() {
        assert_eq!(said(false), "streampack: warning: a \\u{1b}[31modd thing\n");
    }
}
