//! `streampack package`: flags in, the plan as a table or the finished set out.

use std::fmt::Write;
use std::num::NonZeroUsize;

use streampack::av;
use streampack::config::{Environment, Layer, Origin, Settings, Stack};
use streampack::event::Control;
use streampack::job::package::{self as job, Planned, Request};
use streampack::plan::package::{Alignment, PackagePlan, StillsPlan, Track};
use streampack::plan::{TextSource, names};

use super::Run;
use super::args::{OutputFlags, Package, PictureFlags, TextFlags};
use super::delivery::{delivery, located, require_effect};
use super::document::Destined;
use super::error::{Error, one_line};
use super::layer::flag;
use super::notify::{self, About, Hooks};
use super::run::{close, processors, start};
use super::view::View;
use super::{keys, show};

/// Packages the files, or shows what would be made of them.
pub(crate) fn package(package: &Package, run: &Run, view: &View<'_>) -> Result<(), Error> {
    start(run);
    let hooks = Hooks::of(&package.hooks)?;
    av::keep_memory();
    let settings = settings(package)?;
    if settings.thumbnails && !package.dry_run {
        av::expect_filters();
    }
    let (output, delivery) = (package.output.clone().unwrap_or_default(), delivery(&package.delivery));
    require_effect(&delivery, &located(&output)?)?;
    let keys = match package.dry_run {
        true => None,
        false => keys::source(&package.keys, settings.encryption.as_ref(), view)?,
    };
    let request = Request {
        inputs: package.inputs.clone(),
        subtitles: package.subtitles.files.clone(),
        output,
        settings,
        keys,
        delivery,
        alignment: if package.allow_unaligned { Alignment::Wanted } else { Alignment::Required },
        jobs: package.jobs.map_or_else(processors, NonZeroUsize::get),
        force: package.force,
    };
    if package.dry_run {
        let planned = job::plan(&request, &run.cancel)?;
        view.close();
        for warning in &planned.warnings {
            run.terminal.tell(&format!("warning: {}\n", one_line(&warning.message)));
        }
        let (to, named) = (located(&request.output)?, Origin::Flag("--output"));
        // No job says anything of it.
        let destined = Destined::new(&to, named, &request.delivery, &package.delivery, &Origin::Default);
        return run.terminal.print(&(table(&planned) + &destined.map_or_else(String::new, |to| to.table())));
    }
    let made = job::package(&request, &run.clock, Control { observer: view, cancel: &run.cancel });
    view.close();
    if let Ok(report) = &made {
        close(report, &request.output, "packages", package.telling, run);
    }
    let report = made.as_ref().ok().map(serde_json::to_value).transpose()?;
    let about = About {
        inputs: request.inputs.iter().map(|input| input.display().to_string()).collect(),
        output: request.output.display().to_string(),
        report_path: Some(request.output.join(names::REPORT).display().to_string()),
    };
    notify::notify(made.map(drop).map_err(Error::from), report, (&hooks, &about), run, view)
}

/// The settings: defaults < environment < flags. Presets are about encoding; none is asked.
fn settings(package: &Package) -> Result<Settings, Error> {
    let environment = Environment::read(std::env::vars_os()).map_err(streampack::config::Error::from)?;
    let mut stack = Stack::new()?;
    stack.environment(environment);
    let OutputFlags { no_hls, no_dash, single_file } = package.written;
    let PictureFlags { thumbnail_interval, thumbnail_width, poster } = package.pictures;
    let wanted = thumbnail_interval.is_some() || thumbnail_width.is_some() || poster.is_some();
    let TextFlags { subtitle_language, no_subtitles } = &package.text;
    let layer = Layer {
        segment_duration: package.segment_duration,
        thumbnails: if package.no_thumbnails { Some(false) } else { wanted.then_some(true) },
        thumbnail_interval,
        thumbnail_width,
        poster,
        audio_languages: package.audio_language.clone(),
        subtitles: if *no_subtitles { Some(false) } else { subtitle_language.as_ref().map(|_| true) },
        subtitle_languages: subtitle_language.clone(),
        hls: no_hls.then_some(false),
        dash: no_dash.then_some(false),
        single_file: single_file.then_some(true),
        encryption: package.encryption.layer(),
        ..Layer::default()
    };
    stack.flags(layer, flag);
    Ok(stack.resolve()?.settings)
}

/// What would be made, one rendition a line.
fn table(planned: &Planned) -> String {
    let Planned { scans, plan, .. } = planned;
    let from = |track: Track| format!("track {} of {}", track.index.0, one_line(&scans[track.file].info.input));
    let mut out = String::new();
    let _ = writeln!(out, "length  {}", plan.duration);
    for picture in &plan.video {
        let longest = picture.cuts.longest_segment(picture.end);
        let _ = writeln!(
            out,
            "{}  {} at {} fps, {}, {} segments in {} fragments, the longest {longest}, {}",
            picture.id,
            picture.resolution,
            picture.frame_rate,
            picture.bitrate,
            picture.cuts.segments(),
            picture.cuts.fragments(),
            from(picture.track)
        );
    }
    for sound in &plan.audio {
        let default = if sound.default { ", default" } else { "" };
        let _ = writeln!(
            out,
            "{}  {} \"{}\"{default}, {}, {}",
            sound.id,
            sound.language,
            one_line(&sound.label),
            sound.bitrate,
            from(sound.track)
        );
    }
    if let Some(StillsPlan { thumbnails, .. }) = &plan.stills {
        let sheet = format!("{}x{} tiles", thumbnails.columns, thumbnails.rows);
        let _ = writeln!(out, "thumbnails  {} every {}, {sheet} a sheet", thumbnails.tile, thumbnails.interval);
    }
    for text in &plan.text {
        let from = match text.from {
            TextSource::Track { file, track } => from(Track { file, index: track }),
            TextSource::Sidecar { number } => {
                planned.sidecars.get(number).map_or_else(String::new, |sidecar| one_line(&sidecar.input))
            }
        };
        let _ = writeln!(out, "{}  {}, {from}", text.id, show::words(text));
    }
    let _ = writeln!(out, "switching sets  {}", sets(plan));
    out
}

/// `1080p_h264, 720p_h264 | 1080p_hevc`.
fn sets(plan: &PackagePlan) -> String {
    let sets = plan.video.chunk_by(|a, b| a.set == b.set);
    let names = |set: &[streampack::plan::package::PictureCopy]| {
        set.iter().map(|picture| picture.id.name().to_owned()).collect::<Vec<_>>().join(", ")
    };
    let text = sets.map(names).collect::<Vec<_>>().join(" | ");
    if text.is_empty() { "none".to_owned() } else { text }
}
