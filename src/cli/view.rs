//! Who watches a run: bars, plain lines, JSON lines or nobody.

use std::io::{self, IsTerminal, Stderr, Stdout};

use console::Term;
use streampack::cancel::CancelToken;
use streampack::clock::Clock;
use streampack::event::{Event, Observer};
use streampack::verify::Finding;

use super::args::Telling;
use super::exit::Code;
use super::json::Json;
use super::progress::{Bars, Lines};
use super::terminal::Terminal;

/// The observer that the flags ask for.
pub(crate) enum View<'c> {
    /// Bars on a terminal.
    Bars(Bars<'c>),
    /// Lines elsewhere.
    Lines(Lines<'c, Stderr>),
    /// Events for scripts.
    Json(Json<'c, Stdout>),
    /// Nothing.
    Silent,
}

impl<'c> View<'c> {
    /// Chooses: `--json` before `-q` before `--no-progress`.
    pub(crate) fn new(
        telling: Telling,
        terminal: &Terminal,
        clock: &'c dyn Clock,
        cancel: &'c CancelToken,
        input: String,
    ) -> Self {
        let paint = terminal.stderr;
        if telling.json {
            Self::Json(Json::new(clock, cancel, Some(input), io::stdout()))
        } else if terminal.quiet {
            Self::Silent
        } else if !telling.no_progress && io::stderr().is_terminal() {
            Self::Bars(Bars::new(clock, paint, Term::buffered_stderr()))
        } else {
            Self::Lines(Lines::new(clock, paint, !telling.no_progress, io::stderr()))
        }
    }

    /// Ends the progress, before anything else is printed.
    pub(crate) fn close(&self) {
        match self {
            Self::Bars(bars) => bars.close(),
            Self::Json(json) => json.close(),
            Self::Lines(_) | Self::Silent => {}
        }
    }

    /// Why events could not be told, if that is so.
    pub(crate) fn take_failure(&self) -> Option<io::Error> {
        match self {
            Self::Json(json) => json.take_failure(),
            Self::Bars(_) | Self::Lines(_) | Self::Silent => None,
        }
    }

    /// Tells a broken rule to scripts; gives back whether it did.
    pub(crate) fn violation(&self, finding: &Finding) -> bool {
        match self {
            Self::Json(json) => {
                json.violation(finding);
                true
            }
            Self::Bars(_) | Self::Lines(_) | Self::Silent => false,
        }
    }

    /// Tells the end of the run to scripts.
    pub(crate) fn summary(&self, code: Code, error: Option<String>) {
        match self {
            Self::Json(json) => json.summary(code, error),
            Self::Bars(_) | Self::Lines(_) | Self::Silent => {}
        }
    }
}

impl Observer for View<'_> {
    fn on(&self, event: &Event<'_>) {
        match self {
            Self::Bars(bars) => bars.on(event),
            Self::Lines(lines) => lines.on(event),
            Self::Json(json) => json.on(event),
            Self::Silent => {}
        }
    }
}
