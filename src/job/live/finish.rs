//! The end of a live programme: its set says that nothing follows, and its report lists what stands.

use std::collections::BTreeMap;

use super::publish::Published;
use super::{Error, Run};
use crate::av::caps::Libraries;
use crate::event::Warning;
use crate::job::assemble::Set;
use crate::job::journal::Journal;
use crate::job::key;
use crate::job::report::{About, Report, Timings};
use crate::job::vod;
use crate::media::{RenditionId, Rounding, Span, Timescale};
use crate::plan::{Plan, VideoPlan};
use crate::source::SourceInfo;

/// Every rendition, pictures first.
pub(super) fn ids(plan: &Plan) -> Vec<RenditionId> {
    let pictures = plan.video.iter().flat_map(VideoPlan::all).map(|rendition| rendition.id);
    pictures.chain(plan.audio.iter().map(|rendition| &rendition.id)).cloned().collect()
}

/// The key of a live run: no other has the same.
pub(super) fn key(run: &Run<'_>, info: &SourceInfo) -> Result<String, Error> {
    let asked = serde_json::json!({
        "plan": run.plan,
        "settings": run.request.settings,
        "source": info,
        "at": run.clock.utc().as_micros().to_string(),
    });
    Ok(key::live_key(&asked, &vod::versions_text(Libraries::All)?))
}

/// Writes the last manifests and the report. After that nothing of the run is left to do.
///
/// # Errors
/// Also when the directory has not all of the programme.
pub(super) fn finish(
    run: &Run<'_>,
    info: &SourceInfo,
    published: Published,
    warnings: Vec<Warning>,
) -> Result<Report, Error> {
    let Published { presentation, documents, behind, duration, start: _, failed: _, unstored } = published;
    if let Some(source) = unstored {
        return Err(Error::Unstored { output: run.request.output.clone(), source: source.into() });
    }
    let plan = ended(run.plan, duration);
    let set = Set::of_live(run.dir, presentation, documents, behind)?;
    let report = report(run, info, &plan, &set, warnings)?;
    report.write(run.dir)?;
    set.publish(run.dir, run.control)?;
    Journal::remove(run.dir)?;
    Ok(report)
}

/// The plan of a programme that has turned out to last so long.
pub(super) fn ended(plan: &Plan, duration: Span) -> Plan {
    let seconds = duration.rescale(Timescale::new(1_000_000), Rounding::Nearest).as_seconds();
    let frames = (seconds * plan.grid.rate().as_f64()).round() as u64;
    Plan { grid: plan.grid.ending_at(frames), ..plan.clone() }
}

/// What is told of a set that this run has made.
pub(super) fn report(
    run: &Run<'_>,
    info: &SourceInfo,
    plan: &Plan,
    set: &Set,
    warnings: Vec<Warning>,
) -> Result<Report, Error> {
    let now = run.clock.elapsed();
    let key = key(run, info)?;
    let (settings, loudness) = (&run.request.settings, &BTreeMap::new());
    let about = About { key: &key, info, settings, plan, text: Vec::new(), loudness };
    let timings = Timings {
        plan_ms: run.started.as_millis() as u64,
        encode_ms: (now.saturating_sub(run.started)).as_millis() as u64,
        finish_ms: 0,
    };
    Report::of_set(&about, set, None, warnings, timings)
}
