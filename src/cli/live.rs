//! `streampack live`: flags in, a set that players can follow out.

use std::num::NonZeroUsize;
use std::path::Path;
use std::time::Duration;

use streampack::config::{Preset, Seconds};
use streampack::event::Control;
use streampack::job::live::{self as job, Request};
use streampack::output::object::Location;

use super::Run;
use super::args::{Live, SettingFlags};
use super::error::Error;
use super::run::{close, processors, start};
use super::view::View;
use super::{layer, serve};

/// Segments that players are offered at a time.
const WINDOW: u64 = 6;

/// A source that gives nothing for so long has gone.
const PATIENCE: Duration = Duration::from_secs(10);

/// Makes a live set until the source ends or a signal comes.
pub(crate) fn live(live: Live, run: &Run, view: &View<'_>) -> Result<(), Error> {
    start(run);
    let Live {
        input,
        output,
        preset,
        quality,
        segments,
        window,
        audio,
        source,
        serve: address,
        no_hls,
        no_dash,
        force,
        ..
    } = live;
    let mut flags = SettingFlags { preset, quality, segments, audio, ..SettingFlags::default() };
    (flags.output.no_hls, flags.output.no_dash) = (no_hls, no_dash);
    let duration = |seconds: Seconds| Duration::from_secs_f64(seconds.as_f64());
    Location::parse(output.as_os_str()).map_err(|error| Error::Usage(error.to_string()))?;
    let request = Request {
        input,
        output,
        settings: layer::resolve_over(Preset::LIVE, &flags, None)?.settings,
        window: window.window.unwrap_or(WINDOW),
        back: window.dvr.map(duration),
        paced: source.realtime,
        patience: source.timeout.map_or(PATIENCE, duration),
        jobs: live.jobs.map_or_else(processors, NonZeroUsize::get),
        force,
        serve: address,
    };
    let control = Control { observer: view, cancel: &run.cancel };
    let (hls, dash) = (request.settings.hls, request.settings.dash);
    let served = |address| serve::tell_live(address, (hls, dash), &request.output, run, view);
    let report = job::run(&request, &run.clock, control, served)?;
    view.close();
    close(&report, Path::new(&request.output), "makes", live.telling, run);
    run.signals.caught().map_or(Ok(()), |signal| Err(Error::Closed(signal)))
}
