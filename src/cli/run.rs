//! The verbs that work on media. Each gets its flags and the run, and prints what it found out.

use std::num::NonZeroUsize;
use std::path::Path;
use std::time::Duration;

use streampack::av;
use streampack::clock::Clock;
use streampack::config::SubtitleFile;
use streampack::event::{Control, Silent};
use streampack::job::report::{Measured, Report};
use streampack::job::{thumbnails as stills, vod};
use streampack::source::probe::{self as source, Depth};

use super::Run;
use super::args::{Probe, Telling, Thumbnails};
use super::asked::Asked;
use super::document::Destined;
use super::error::{Error, one_line};
use super::report::{Row, table};
use super::view::View;
use super::{layer, show};

/// FFmpeg's own log is shown from `-vv` on.
const FFMPEG_LOG: u8 = 2;

pub(super) fn start(run: &Run) {
    av::init(run.logs_ffmpeg());
}

impl Run {
    /// Whether FFmpeg's own log is shown.
    pub(super) fn logs_ffmpeg(&self) -> bool {
        self.terminal.verbose >= FFMPEG_LOG
    }
}

pub(super) fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, NonZeroUsize::get)
}

/// Tells what was made; `again` is what --force does.
pub(super) fn close(report: &Report, root: &Path, again: &str, telling: Telling, run: &Run) {
    if telling.json {
        return;
    }
    let output = root.display();
    if report.up_to_date {
        run.terminal.tell(&format!("{output} is complete and up to date; --force {again} it again\n"));
        return;
    }
    let row = |kind: &str, id: &str, resolution: Option<String>, codec: &str, measured: &Measured| Row {
        rendition: format!("{kind}/{id}"),
        resolution,
        codec: codec.to_owned(),
        average_kbps: (measured.average_bps + 500) / 1000,
        peak_kbps: (measured.peak_bps + 500) / 1000,
        segments: measured.segments,
        bytes: measured.bytes,
    };
    let video = report.video.iter().map(|v| row("video", &v.id, Some(v.resolution.to_string()), &v.codec, &v.measured));
    let tricks = report.trick.iter();
    let tricks = tricks.map(|t| row("video", &t.id, Some(t.resolution.to_string()), &t.codec, &t.measured));
    let audio = report.audio.iter().map(|a| row("audio", &a.id, None, &a.codec, &a.measured));
    let rows: Vec<Row> = video.chain(tricks).chain(audio).collect();
    let total = report.files.iter().map(|file| file.bytes).sum();
    let elapsed: Duration = run.clock.elapsed();
    run.terminal.tell(&table(&rows, total, elapsed, run.terminal.stderr));
    let manifests = report.files.iter().filter(|f| f.key.ends_with(".mpd") || f.key == "master.m3u8");
    for manifest in manifests {
        run.terminal.tell(&format!("{}\n", root.join(&manifest.key).display()));
    }
}

/// The plan of one input, for people or as JSON.
pub(super) fn plan(
    input: &Path,
    subtitles: &[SubtitleFile],
    (asked, delivery): (&Asked, Option<&Destined>),
    json: bool,
    run: &Run,
) -> Result<(), Error> {
    let Asked { resolved, publishing, .. } = asked;
    let control = Control { observer: &Silent, cancel: &run.cancel };
    let planned = vod::plan(input, subtitles, &resolved.settings, control)?;
    for warning in &planned.warnings {
        run.terminal.tell(&format!("warning: {}\n", one_line(&warning.message)));
    }
    run.terminal.print(&if json {
        show::plan_json(&planned.info, &planned.plan, resolved, publishing.request.as_ref(), delivery)?
    } else {
        show::plan(&planned, resolved, publishing.request.as_ref(), delivery)
    })
}

/// `streampack probe`.
pub(crate) fn probe(probe: &Probe, run: &Run) -> Result<(), Error> {
    start(run);
    let source::Probed { info, warnings, .. } =
        source::probe(&probe.input, Depth::Packets, &run.cancel).map_err(streampack::job::Error::from)?;
    for warning in &warnings {
        run.terminal.tell(&format!("warning: {}\n", one_line(&warning.message)));
    }
    run.terminal.print(&if probe.json { show::source_json(&info)? } else { show::source(&info) })
}

/// `streampack thumbnails`.
pub(crate) fn thumbnails(thumbnails: &Thumbnails, run: &Run, view: &View<'_>) -> Result<(), Error> {
    start(run);
    av::give_memory_back();
    av::expect_filters();
    let settings = layer::resolve_thumbnails(thumbnails)?.settings;
    let request = stills::Request {
        input: thumbnails.input.clone(),
        output: thumbnails.output.clone(),
        settings,
        force: thumbnails.force,
    };
    let made = stills::thumbnails(&request, &run.clock, Control { observer: view, cancel: &run.cancel })?;
    view.close();
    if !thumbnails.telling.json {
        run.terminal.tell(&stills_line(&made, &request));
    }
    Ok(())
}

fn stills_line(made: &stills::Made, request: &stills::Request) -> String {
    let directory = request.output.join("thumbnails");
    let directory = directory.display();
    if made.report.up_to_date {
        return format!("{directory} is complete and up to date; --force makes it again\n");
    }
    let how = if made.key_frames_only { "key frames only" } else { "every frame, for key frames are rare" };
    let sheets = made.report.thumbnails.as_ref().map_or(0, |thumbnails| thumbnails.sheets);
    let plural = if sheets == 1 { "" } else { "s" };
    format!("{sheets} sheet{plural} in {directory} ({how})\n")
}
