//! What can end a run early, and how it is told: one line on stderr.

use std::fmt;
use std::io::{self, Write};
use std::path::PathBuf;

use streampack::cancel::Cancelled;
use streampack::config;
use streampack::source::discover;
use streampack::{job, origin, verify};

use super::color::Paint;
use super::hook;
use super::signal::Caught;
use super::speke;

/// What ended a run early.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The command line cannot be read.
    #[error("{0}")]
    Usage(String),
    /// The settings cannot be used.
    #[error(transparent)]
    Config(#[from] config::Error),
    /// Our output has no reader, or no room.
    #[error("cannot write to standard output: {0}")]
    Stdout(#[source] io::Error),
    /// A signal asked us to stop.
    #[error("stopped by {signal}; run the same command again to {rerun}")]
    Stopped {
        /// The signal.
        signal: Caught,
        /// What the same command does next time.
        rerun: Rerun,
    },
    /// A signal ended a server, as servers are ended.
    #[error("ended by {0}")]
    Closed(Caught),
    /// The work was told to stop.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
    /// Signals cannot be watched.
    #[error("cannot watch signals: {0}")]
    Signals(#[source] io::Error),
    /// The work failed.
    #[error(transparent)]
    Job(#[from] job::Error),
    /// Nothing can be served.
    #[error(transparent)]
    Origin(#[from] origin::Error),
    /// A set cannot be checked.
    #[error(transparent)]
    Verify(#[from] verify::Error),
    /// A set breaks rules; each of them was told on stdout.
    #[error("{0}")]
    Violations(String),
    /// The inputs cannot be used as they were given.
    #[error(transparent)]
    Inputs(#[from] discover::Error),
    /// Some inputs of several failed; each was told when it did.
    #[error("{failed} of {all} inputs failed{}; {} says more, and the same command goes on with the rest", stopped(*open), report.display())]
    Partly {
        /// How many failed.
        failed: usize,
        /// How many were given up for them, or not begun.
        open: usize,
        /// How many there are.
        all: usize,
        /// The report.
        report: PathBuf,
    },
    /// The work is done, but somebody was not told.
    #[error("all is done, but a hook failed: {0}; run the same command again to tell it again")]
    Hook(#[source] hook::Error),
    /// A key server gives no keys.
    #[error(transparent)]
    KeyServer(#[from] speke::Error),
    /// This machine cannot do the work; each reason was told.
    #[error("{failed} of {all} checks failed; the lines above say what to do")]
    Unfit {
        /// How many failed.
        failed: usize,
        /// How many there are.
        all: usize,
    },
    /// The report for CI systems cannot be written.
    #[error("cannot write {}: {source}", path.display())]
    Junit {
        /// Where it should be.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A result cannot be written as JSON.
    #[error("cannot write the result as JSON: {0}")]
    Json(#[from] serde_json::Error),
}

fn stopped(open: usize) -> String {
    if open == 0 { String::new() } else { format!(", {open} were not finished for that (--keep-going goes on)") }
}

/// What a command does after it was stopped and is given again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rerun {
    /// It continues where it was.
    GoesOn,
    /// It has kept nothing.
    StartsOver,
}

impl fmt::Display for Rerun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::GoesOn => "go on",
            Self::StartsOver => "start over",
        })
    }
}

/// Tells an error: `streampack: error: WHAT…` on one line, and with `causes` one more line for each cause.
pub(crate) fn print_error(out: &mut dyn Write, paint: Paint, error: &dyn std::error::Error, causes: bool) {
    let mut text = format!("streampack: {} {}\n", paint.red("error:"), one_line(&error.to_string()));
    let mut cause = error.source();
    while let Some(error) = cause.filter(|_| causes) {
        text += &format!("  caused by: {}\n", one_line(&error.to_string()));
        cause = error.source();
    }
    // When stderr is gone there is nobody left to tell.
    let _ = out.write_all(text.as_bytes());
}

/// The usage error behind clap's paragraphs.
pub(crate) fn usage(error: &clap::Error) -> Error {
    let text = error.render().to_string();
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let mut message = String::new();
    for line in lines.take_while(|line| !line.starts_with("Usage:") && !line.starts_with("For more information")) {
        let line = line.strip_prefix("error: ").unwrap_or(line);
        match line.strip_prefix("tip: ") {
            // No value of ours begins with a dash.
            Some(tip) if tip.starts_with("to pass '") => {}
            Some(tip) => message += &format!("; {tip}"),
            None if message.is_empty() => message += line,
            None => message += &format!(" {line}"),
        }
    }
    Error::Usage(message + "; see --help")
}

/// Control characters written out, so that a file name can neither break the line nor move the cursor.
pub(crate) fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' => line.push(' '),
            c if c.is_control() => line.extend(c.escape_default()),
            c => line.push(c),
        }
    }
    line
}

impl Error {
    /// Whether the work stopped because it was told to.
    pub(crate) fn is_stop(&self) -> bool {
        match self {
            Self::Cancelled(_)
            | Self::KeyServer(speke::Error::Cancelled(_))
            | Self::Verify(verify::Error::Cancelled(_))
            | Self::Inputs(discover::Error::Cancelled(_)) => true,
            Self::Job(error) => error.is_cancelled(),
            _ => false,
        }
    }

    /// Whether people are told nothing: a closed pipe and the end of a server come without a word.
    pub(crate) fn is_silent(&self) -> bool {
        match self {
            Self::Stdout(error) => error.kind() == io::ErrorKind::BrokenPipe,
            Self::Closed(_) => true,
            _ => false,
        }
    }

    /// The error with its causes in one text, for reports.
    pub(crate) fn chain(&self) -> String {
        chain(self)
    }
}

/// An error with its causes in one text, for reports.
pub(crate) fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = one_line(&error.to_string());
    let mut cause = error.source();
    while let Some(error) = cause {
        let error_text = one_line(&error.to_string());
        if !text.contains(&error_text) {
            text += &format!(": {error_text}");
        }
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn printed(error: &Error, causes: bool) -> String {
        let mut out = Vec::new();
        print_error(&mut out, Paint::plain(), error, causes);
        String::from_utf8(out).expect("text")
    }

    #[test]
    fn an_error_is_one_line_and_its_causes_come_with_verbose() {
        let error = Error::Stdout(io::Error::other("no\nroom\u{1b}[2J"));
        let line = "streampack: error: cannot write to standard output: no room\\u{1b}[2J\n";
        assert_eq!(printed(&error, false), line);
        assert_eq!(printed(&error, true), format!("{line}  caused by: no room\\u{{1b}}[2J\n"));
    }
}
