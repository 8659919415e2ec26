//! `streampack-batch.json`: what became of every input.

use std::error::Error as _;
use std::path::Path;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::super::Error;
use super::super::owner::TOOL;
use super::super::report::Report;
use crate::event::End;
use crate::plan::names;
use crate::source::discover::{Reason, Skipped};

/// What became of every input of a run.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct BatchReport {
    /// The version of the format, 1.
    #[schemars(range(min = 1, max = 1))]
    pub v: u32,
    /// Name and version of the tool.
    pub tool: String,
    /// How it ended.
    pub status: Status,
    /// How many inputs ended in which way.
    pub totals: Totals,
    /// How long it took, in milliseconds.
    pub elapsed_ms: u64,
    /// The inputs, in the order in which they were begun.
    pub inputs: Vec<Entry>,
    /// What was left out of directories.
    pub skipped: Vec<Left>,
}

/// How a run over several inputs ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Every set is there.
    Ok,
    /// Some inputs failed.
    Failed,
    /// A signal stopped it; the same command goes on.
    Interrupted,
}

/// How many inputs ended in which way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, JsonSchema)]
pub struct Totals {
    /// Sets that were made.
    pub done: usize,
    /// Sets that stood already.
    pub up_to_date: usize,
    /// Inputs that failed.
    pub failed: usize,
    /// Inputs that were stopped on the way.
    pub stopped: usize,
    /// Inputs that were not begun.
    pub not_started: usize,
    /// Bytes of all sets.
    pub bytes: u64,
    /// Length of all programmes in seconds.
    pub duration_s: f64,
}

/// One input.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Entry {
    /// The file, as it was given or found.
    pub input: String,
    /// The directory of its set, below that of this report.
    pub output: String,
    /// How it ended.
    pub status: End,
    /// Its own report, below the directory of this one; null when it has none.
    pub report: Option<String>,
    /// Length of the programme in seconds; null when it is not known.
    pub duration_s: Option<f64>,
    /// Bytes of its set; null when there is none.
    pub bytes: Option<u64>,
    /// Codes of its warnings.
    pub warnings: Vec<String>,
    /// How long it was worked on, in milliseconds; others were worked on at the same time.
    pub elapsed_ms: u64,
    /// Why it failed; null when it did not.
    pub error: Option<Failure>,
}

/// Why an input failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Failure {
    /// The exit code that it alone would have had.
    pub exit_code: u8,
    /// One sentence for people.
    pub message: String,
}

/// Something in a directory that was left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Left {
    /// Where it is.
    pub path: String,
    /// Why.
    pub reason: Reason,
}

impl Failure {
    /// Of an error and its causes.
    pub(super) fn of(error: &Error, exit_code: fn(&Error) -> u8) -> Self {
        let mut message = error.to_string();
        let mut cause = error.source();
        while let Some(error) = cause {
            let text = error.to_string();
            if !message.contains(&text) {
                message += &format!(": {text}");
            }
            cause = error.source();
        }
        Self { exit_code: exit_code(error), message }
    }
}

impl End {
    /// How work ended that came to this.
    pub(super) fn of(result: &Result<Report, Error>) -> Self {
        match result {
            Ok(report) if report.up_to_date => Self::UpToDate,
            Ok(_) => Self::Done,
            Err(error) if error.is_cancelled() => Self::Stopped,
            Err(_) => Self::Failed,
        }
    }
}

impl Entry {
    /// Of an input, before more is known of it.
    pub(super) fn named(input: &Path, output: &Path, status: End) -> Self {
        Self {
            input: input.display().to_string(),
            output: output.display().to_string(),
            status,
            report: None,
            duration_s: None,
            bytes: None,
            warnings: Vec::new(),
            elapsed_ms: 0,
            error: None,
        }
    }

    /// Adds what the report of its set says.
    pub(super) fn add(&mut self, report: &Report) {
        self.report = Some(Path::new(&self.output).join(names::REPORT).display().to_string());
        self.duration_s = Some(report.duration_s);
        self.bytes = Some(report.files.iter().map(|file| file.bytes).sum());
        self.warnings = report.warnings.iter().map(|warning| warning.code.clone()).collect();
    }
}

impl BatchReport {
    pub(super) fn of(inputs: Vec<Entry>, skipped: &[Skipped], elapsed: Duration, interrupted: bool) -> Self {
        let mut totals = Totals::default();
        for input in &inputs {
            *match input.status {
                End::Done => &mut totals.done,
                End::UpToDate => &mut totals.up_to_date,
                End::Failed => &mut totals.failed,
                End::Stopped => &mut totals.stopped,
                End::NotStarted => &mut totals.not_started,
            } += 1;
            totals.bytes += input.bytes.unwrap_or(0);
            totals.duration_s += input.duration_s.unwrap_or(0.0);
        }
        let complete = totals.done + totals.up_to_date == inputs.len();
        let status = match interrupted {
            _ if complete => Status::Ok,
            true => Status::Interrupted,
            false => Status::Failed,
        };
        let left = |skipped: &Skipped| Left { path: skipped.path.display().to_string(), reason: skipped.reason };
        Self {
            v: 1,
            tool: format!("{TOOL}{}", env!("CARGO_PKG_VERSION")),
            status,
            totals,
            elapsed_ms: elapsed.as_millis() as u64,
            inputs,
            skipped: skipped.iter().map(left).collect(),
        }
    }

    /// Of a run over one input, whose set is the output itself.
    pub fn of_one(
        input: &Path,
        result: &Result<Report, Error>,
        exit_code: fn(&Error) -> u8,
        elapsed: Duration,
    ) -> Self {
        let end = End::of(result);
        let mut entry = Entry::named(input, Path::new(""), end);
        entry.elapsed_ms = elapsed.as_millis() as u64;
        match result {
            Ok(report) => entry.add(report),
            Err(error) => entry.error = (end == End::Failed).then(|| Failure::of(error, exit_code)),
        }
        Self::of(vec![entry], &[], elapsed, end == End::Stopped)
    }

    /// As the file holds it.
    pub(super) fn text(&self) -> Result<String, Error> {
        let text = serde_json::to_string_pretty(self);
        Ok(text.map_err(|e| Error::Internal(format!("writing the report failed: {e}")))? + "\n")
    }
}
