//! Who watches a run: bars, plain lines, JSON lines or nobody.

use std::io::{self, IsTerminal, Stderr, Stdout};
use std::path::PathBuf;

use console::Term;
use streampack::cancel::CancelToken;
use streampack::clock::Clock;
use streampack::event::{Event, Observer};
use streampack::verify::Finding;

use super::args::Telling;
use super::exit::Code;
use super::json::Json;
use super::progress::{Bars, Lines};
use super::several::{self, Loudness};
use super::terminal::Terminal;

/// What a run is about.
#[derive(Clone, Debug)]
pub(crate) enum Subject {
    /// One input, as it was given.
    One(PathBuf),
    /// Several, or what a directory holds, which is named if it is the only one.
    Several(Option<PathBuf>),
}

impl Subject {
    /// What JSON lines name where they are about all of it.
    fn input(&self) -> Option<String> {
        match self {
            Self::One(path) => Some(path.display().to_string()),
            Self::Several(path) => path.as_ref().map(|path| path.display().to_string()),
        }
    }
}

/// The observer that the flags ask for.
pub(crate) enum View<'c> {
    /// Bars on a terminal.
    Bars(Bars<'c>),
    /// Lines elsewhere.
    Lines(Lines<'c, Stderr>),
    /// Bars for several inputs.
    ManyBars(several::Bars<'c>),
    /// Lines for several inputs.
    ManyLines(several::Lines<'c, Stderr>),
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
        subject: &Subject,
    ) -> Self {
        let paint = terminal.stderr;
        let bars = !telling.no_progress && io::stderr().is_terminal();
        let lines = |loudness| Self::ManyLines(several::Lines::new(clock, paint, loudness, io::stderr()));
        match subject {
            _ if telling.json => Self::Json(Json::new(clock, cancel, subject.input(), io::stdout())),
            // What fails is not the end of the run, and is told nowhere else.
            Subject::Several(_) if terminal.quiet => lines(Loudness::Errors),
            Subject::One(_) if terminal.quiet => Self::Silent,
            Subject::Several(_) if bars => Self::ManyBars(several::Bars::new(clock, paint, Term::buffered_stderr())),
            Subject::One(_) if bars => Self::Bars(Bars::new(clock, paint, Term::buffered_stderr())),
            Subject::Several(_) => lines(if telling.no_progress { Loudness::Warnings } else { Loudness::Progress }),
            Subject::One(_) => Self::Lines(Lines::new(clock, paint, !telling.no_progress, io::stderr())),
        }
    }

    /// Ends the progress, before anything else is printed.
    pub(crate) fn close(&self) {
        match self {
            Self::Bars(bars) => bars.close(),
            Self::ManyBars(bars) => bars.close(),
            Self::Json(json) => json.close(),
            Self::Lines(_) | Self::ManyLines(_) | Self::Silent => {}
        }
    }

    /// Why events could not be told, if that is so.
    pub(crate) fn take_failure(&self) -> Option<io::Error> {
        match self {
            Self::Json(json) => json.take_failure(),
            Self::Bars(_) | Self::Lines(_) | Self::ManyBars(_) | Self::ManyLines(_) | Self::Silent => None,
        }
    }

    /// Tells a broken rule to scripts; gives back whether it did.
    pub(crate) fn violation(&self, finding: &Finding) -> bool {
        match self {
            Self::Json(json) => {
                json.violation(finding);
                true
            }
            Self::Bars(_) | Self::Lines(_) | Self::ManyBars(_) | Self::ManyLines(_) | Self::Silent => false,
        }
    }

    /// Tells the end of the run to scripts.
    pub(crate) fn summary(&self, code: Code, error: Option<String>) {
        match self {
            Self::Json(json) => json.summary(code, error),
            Self::Bars(_) | Self::Lines(_) | Self::ManyBars(_) | Self::ManyLines(_) | Self::Silent => {}
        }
    }
}

impl Observer for View<'_> {
    fn on(&self, event: &Event<'_>) {
        match self {
            Self::Bars(bars) => bars.on(event),
            Self::Lines(lines) => lines.on(event),
            Self::ManyBars(bars) => bars.on(event),
            Self::ManyLines(lines) => lines.on(event),
            Self::Json(json) => json.on(event),
            Self::Silent => {}
        }
    }
}
