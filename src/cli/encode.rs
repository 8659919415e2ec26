//! `streampack encode`: one file into the output, or several into directories below it.

use std::fs;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::Value;
use streampack::av;
use streampack::clock::Clock;
use streampack::event::{Control, Event, Observer, Warning};
use streampack::job::batch::report::{BatchReport, Status};
use streampack::job::batch::{self, Ended, junit};
use streampack::job::{self, Request, vod};
use streampack::plan::names;
use streampack::source::discover::{Discovery, Reason, discover};

use super::Run;
use super::args::Encode;
use super::asked::Asked;
use super::error::{Error, one_line};
use super::exit::Code;
use super::report::bytes;
use super::run::{self, close, processors, start};
use super::tally::clock_time;
use super::view::{Subject, View};
use super::{keys, notify, publishing};

/// Encodes what is not encoded yet, and tells the hooks.
pub(crate) fn encode(encode: &Encode, asked: &Asked, run: &Run, view: &View<'_>) -> Result<(), Error> {
    start(run);
    av::give_memory_back();
    av::expect_filters();
    let mut report = None;
    let result = work(encode, asked, run, view, &mut report);
    view.close();
    let result = result.and_then(|()| match &asked.publishing.request {
        Some(request) => publishing::publish(request, encode.telling, run, view),
        None => Ok(()),
    });
    // What a run over one file has made before something else failed is no end of it.
    let report = report.filter(|_| matches!(result, Ok(()) | Err(Error::Partly { .. })));
    notify::notify(result, report, (&asked.hooks, &asked.about()), run, view)
}

/// Encodes; `report` becomes what is known of it in the end.
fn work(encode: &Encode, asked: &Asked, run: &Run, view: &View<'_>, report: &mut Option<Value>) -> Result<(), Error> {
    let Some(output) = &asked.output else {
        return Err(Error::Usage("encode needs an output directory; pass -o DIR".to_owned()));
    };
    match asked.subject() {
        Subject::One(input) => one(input, output, (encode, asked), run, view, report),
        Subject::Several(_) => {
            let inputs = discover(&asked.inputs, &asked.filter, Some(output), &run.cancel)?;
            several(inputs, output, (encode, asked), run, view, report)
        }
    }
}

/// Shows what `encode` would do with each input.
pub(crate) fn plan(asked: &Asked, json: bool, run: &Run) -> Result<(), Error> {
    start(run);
    let delivery = asked.publishing.destined.as_ref();
    let inputs = match asked.subject() {
        Subject::One(input) => return run::plan(&input, &asked.subtitles, (asked, delivery), json, run),
        Subject::Several(_) => discover(&asked.inputs, &asked.filter, asked.output.as_deref(), &run.cancel)?,
    };
    for (number, found) in inputs.found.iter().enumerate() {
        if !json {
            let output = asked.output.as_deref().unwrap_or(Path::new("")).join(&found.name);
            let (path, output) = (found.path.display().to_string(), output.display().to_string());
            let gap = if number > 0 { "\n" } else { "" };
            run.terminal.print(&format!("{gap}{} -> {}\n\n", one_line(&path), one_line(&output)))?;
        }
        // What is published when all is made goes there as one.
        let own = delivery.filter(|_| asked.publishing.request.is_none()).map(|delivery| delivery.below(&found.name));
        run::plan(&found.path, &[], (asked, own.as_ref().or(delivery)), json, run)?;
    }
    tell_skipped(&inputs, run);
    Ok(())
}

type Wanted<'a> = (&'a Encode, &'a Asked);

fn one(
    input: PathBuf,
    output: &Path,
    (encode, asked): Wanted<'_>,
    run: &Run,
    view: &View<'_>,
    told: &mut Option<Value>,
) -> Result<(), Error> {
    let request = Request {
        input,
        output: output.to_owned(),
        subtitles: asked.subtitles.clone(),
        settings: asked.resolved.settings.clone(),
        keys: keys::source(&encode.keys, asked.resolved.settings.encryption.as_ref(), view)?,
        delivery: asked.publishing.delivery.clone(),
        jobs: encode.jobs.map_or_else(processors, NonZeroUsize::get),
        force: encode.force,
    };
    let result = vod::encode(&request, &run.clock, Control { observer: view, cancel: &run.cancel });
    view.close();
    let written = asked.junit.as_ref().map_or(Ok(()), |path| {
        write_junit(path, &BatchReport::of_one(&request.input, &result, exit_code, run.clock.elapsed()))
    });
    let report = match result {
        Ok(report) => report,
        Err(failed) => {
            also_failed(written, run);
            return Err(failed.into());
        }
    };
    *told = Some(serde_json::to_value(&report)?);
    written?;
    close(&report, &request.output, "encodes", encode.telling, run);
    Ok(())
}

/// Tells of a second failure, beside the one that the run ends with.
fn also_failed(result: Result<(), Error>, run: &Run) {
    if let Err(error) = result {
        run.terminal.tell(&format!("warning: {}\n", one_line(&error.to_string())));
    }
}

fn several(
    inputs: Discovery,
    output: &Path,
    (encode, asked): Wanted<'_>,
    run: &Run,
    view: &View<'_>,
    told: &mut Option<Value>,
) -> Result<(), Error> {
    if encode.telling.json {
        for skipped in &inputs.skipped {
            let message = format!("{} is skipped: it {}", skipped.path.display(), skipped.reason.text());
            view.on(&Event::Warned(&Warning { code: "skipped_file", message }));
        }
    } else {
        tell_skipped(&inputs, run);
    }
    let request = batch::Request {
        inputs,
        output: output.to_owned(),
        settings: asked.resolved.settings.clone(),
        keys: keys::source(&encode.keys, asked.resolved.settings.encryption.as_ref(), view)?,
        delivery: asked.publishing.delivery.clone(),
        jobs: encode.jobs.map_or_else(processors, NonZeroUsize::get),
        force: encode.force,
        keep_going: asked.keep_going,
        exit_code,
    };
    let Ended { report, stopped } =
        batch::encode(&request, &run.clock, Control { observer: view, cancel: &run.cancel })?;
    *told = Some(serde_json::to_value(&report)?);
    view.close();
    let written = asked.junit.as_ref().map_or(Ok(()), |path| write_junit(path, &report));
    if !encode.telling.json {
        run.terminal.tell(&closing_line(&report, run.clock.elapsed()));
    }
    let totals = report.totals;
    if report.status == Status::Ok {
        return written;
    }
    also_failed(written, run);
    if let Some(error) = stopped {
        return Err(error.into());
    }
    match report.status {
        Status::Ok => Ok(()),
        Status::Interrupted => Ok(run.cancel.check()?),
        Status::Failed => Err(Error::Partly {
            failed: totals.failed,
            open: totals.stopped + totals.not_started,
            all: report.inputs.len(),
            report: output.join(names::BATCH_REPORT),
        }),
    }
}

fn exit_code(error: &job::Error) -> u8 {
    Code::from(error).number()
}

fn write_junit(path: &Path, report: &BatchReport) -> Result<(), Error> {
    let written = junit::xml(report).and_then(|text| fs::write(path, text));
    written.map_err(|source| Error::Junit { path: path.to_owned(), source })
}

/// `skipped 3 files: 2 not named like video or sound, 1 picture`, and with -v each of them.
fn tell_skipped(inputs: &Discovery, run: &Run) {
    if inputs.skipped.is_empty() {
        return;
    }
    if run.terminal.verbose > 0 {
        for skipped in &inputs.skipped {
            let path = one_line(&skipped.path.display().to_string());
            run.terminal.tell(&format!("streampack: skipped {path}: it {}\n", skipped.reason.text()));
        }
        return;
    }
    let mut reasons: Vec<(Reason, usize)> = Vec::new();
    for skipped in &inputs.skipped {
        match reasons.iter_mut().find(|(reason, _)| *reason == skipped.reason) {
            Some((_, count)) => *count += 1,
            None => reasons.push((skipped.reason, 1)),
        }
    }
    let one = |(reason, count): &(Reason, usize)| format!("{count} that {}", reason.text());
    let reasons: Vec<String> = reasons.iter().map(one).collect();
    run.terminal.tell(&format!("streampack: skipped {} (-v names them)\n", reasons.join(", ")));
}

/// `12 files: 9 encoded, 2 up to date, 1 failed; 1.2 GB in 5:03`.
fn closing_line(report: &BatchReport, elapsed: Duration) -> String {
    let totals = &report.totals;
    let counts = [
        (totals.done, "encoded"),
        (totals.up_to_date, "up to date"),
        (totals.failed, "failed"),
        (totals.stopped, "stopped"),
        (totals.not_started, "not begun"),
    ];
    let counts = counts.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}"));
    let (all, counts) = (report.inputs.len(), counts.collect::<Vec<_>>().join(", "));
    let plural = if all == 1 { "" } else { "s" };
    format!("{all} file{plural}: {counts}; {} in {}\n", bytes(totals.bytes), clock_time(elapsed))
}
