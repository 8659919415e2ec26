//! One file in, one finished set out: probe → plan → shards → lanes → manifests.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::expected::{Resumed, announce};
use super::journal::{Entry, Journal};
use super::key::{Identity, key};
use super::lock::Lock;
use super::report::{Report, Timings};
use super::scene::{self, Done, Scene};
use super::{Error, finish, survey, work};
use crate::av::caps;
use crate::clock::Clock;
use crate::config::Settings;
use crate::event::{Control, Event, Warning};
use crate::output::{Dir, Output, Workspace, stale};
use crate::plan::{Plan, names};
use crate::source::SourceInfo;
use crate::source::probe::{self, Depth};

/// What is asked of one run.
#[derive(Debug, Clone)]
pub struct Request {
    /// The file to encode.
    pub input: PathBuf,
    /// The directory of the set.
    pub output: PathBuf,
    /// Every decision of the user.
    pub settings: Settings,
    /// How many threads work; the bytes do not depend on it.
    pub jobs: usize,
    /// Ignore finished work and do it again.
    pub force: bool,
}

/// Looks at a source and decides what would be done with it.
pub fn plan(
    input: &Path,
    settings: &Settings,
    control: Control<'_>,
) -> Result<(SourceInfo, Plan, Vec<Warning>), Error> {
    let (info, warnings) = probe::probe(input, Depth::Packets, control.cancel)?;
    for warning in &warnings {
        control.observer.on(&Event::Warned(warning));
    }
    let plan = Plan::new(&info, settings)?;
    Ok((info, plan, warnings))
}

/// Encodes and packages one input. On success the set is complete and the work directory gone; on
/// failure no manifest names an object that is missing, and the next run goes on where this one ended.
pub fn encode(request: &Request, clock: &dyn Clock, control: Control<'_>) -> Result<Report, Error> {
    let (info, plan, mut warnings) = self::plan(&request.input, &request.settings, control)?;
    require_encoders(&plan)?;
    let planned = clock.elapsed();
    survey::require_names(&plan, &request.output)?;
    let identity = Identity::of(&request.input)?.ok_or_else(|| Error::NotAFile(request.input.clone()))?;
    let key = key(&key_material(&plan, request, &work::signatures(&plan)?), &identity, &versions_text());

    let dir = Dir::create(&request.output, names::WORK)?;
    let lock = Lock::acquire(&request.output)?;
    dir.sweep()?;
    let earlier = Report::read(&dir)?;
    if !request.force
        && let Some(report) = earlier.as_ref().filter(|report| report.key == key)
        && report.stands_in(&dir)?
    {
        announce(&plan, &Resumed::all(&plan), control);
        lock.finish()?;
        return Ok(Report { up_to_date: true, ..report.clone() });
    }
    let same = earlier.as_ref().is_some_and(|report| report.key == key) && !request.force;
    if !same {
        if let Err(refusal) = refuse_foreign(&dir, earlier.as_ref(), request) {
            // There is no journal, so the work directory has nothing to go on with.
            lock.finish()?;
            return Err(refusal);
        }
        remove_earlier(&dir, earlier, control)?;
    }
    let (journal, entries) = Journal::open(&dir, &key, request.force)?;
    let resumed = resume(&dir, &plan, entries)?;
    announce(&plan, &Resumed::of(&plan, &resumed), control);

    let scene = Scene {
        input: &request.input,
        plan: &plan,
        info: &info,
        dir: &dir,
        journal: &journal,
        jobs: request.jobs.max(1),
    };
    let (done, found) = work::run(&scene, resumed, control)?;
    for warning in found {
        control.observer.on(&Event::Warned(&warning));
        warnings.push(warning);
    }
    let encoded = clock.elapsed();
    let set = finish::finish(&scene, done, control)?;
    let timings = Timings {
        plan_ms: planned.as_millis() as u64,
        encode_ms: (encoded - planned).as_millis() as u64,
        finish_ms: (clock.elapsed() - encoded).as_millis() as u64,
    };
    let report = Report::new(key, &info, &request.settings, &plan, &set, warnings, timings)?;
    control.cancel.check()?;
    report.write(&dir)?;
    set.publish(&dir, control)?;
    lock.finish()?;
    Ok(report)
}

/// Everything that shapes the bytes and is known before encoding.
fn key_material(plan: &Plan, request: &Request, encoders: &[String]) -> serde_json::Value {
    serde_json::json!({ "plan": plan, "settings": request.settings, "encoders": encoders })
}

fn versions_text() -> String {
    caps::versions().iter().map(|(name, version)| format!("{name} {version}")).collect::<Vec<_>>().join(", ")
}

fn require_encoders(plan: &Plan) -> Result<(), Error> {
    let video = plan.video.iter().flat_map(|video| &video.renditions).map(|r| r.encoding.encoder.as_str());
    let audio = plan.audio.iter().map(|r| r.encoder.as_str());
    let encoders: BTreeSet<&str> = video.chain(audio).collect();
    encoders.into_iter().try_for_each(caps::require_encoder)?;
    Ok(())
}

/// Takes away the set of an earlier run with other settings, manifests first; nothing else.
fn remove_earlier(dir: &Dir, earlier: Option<Report>, control: Control<'_>) -> Result<(), Error> {
    let Some(earlier) = earlier else { return Ok(()) };
    let keys: Vec<String> = earlier.files.iter().map(|file| file.key.clone()).collect();
    let removed = stale::remove_listed(dir.root(), &keys, &BTreeSet::new())?;
    dir.delete(names::REPORT)?;
    for key in removed.refused {
        let message =
            format!("`{key}`, which an earlier report lists, was left alone: it is not a plain file in the output");
        control.observer.on(&Event::Warned(&Warning { code: "stale_object_kept", message }));
    }
    Ok(())
}

/// Refuses to replace somebody else's file that stands where an object of the set will.
fn refuse_foreign(dir: &Dir, earlier: Option<&Report>, request: &Request) -> Result<(), Error> {
    if request.force || Journal::stands_in(dir) {
        return Ok(());
    }
    let ours = |name: &str| earlier.is_some_and(|report| report.files.iter().any(|file| file.key == name));
    for name in [names::MASTER, names::MPD, names::POSTER] {
        if dir.size(name)?.is_some() && !ours(name) {
            return Err(Error::Foreign(request.output.join(name)));
        }
    }
    if earlier.is_none() && dir.size(names::REPORT)?.is_some() {
        return Err(Error::Foreign(request.output.join(names::REPORT)));
    }
    Ok(())
}

/// What an earlier run finished and what of it still stands.
fn resume(dir: &Dir, plan: &Plan, entries: Vec<Entry>) -> Result<Done, Error> {
    let mut done = Done::default();
    for entry in entries {
        match entry {
            Entry::Shard { index, segments, extra } => {
                if let (Some(segments), Ok(stills)) = (scene::found(dir, segments)?, serde_json::from_value(extra)) {
                    done.shards.insert(index, scene::ShardDone { segments, stills });
                }
            }
            Entry::Audio { rendition, segments, .. } => {
                if let Some(segments) = scene::found(dir, segments)? {
                    done.audio.insert(rendition, segments);
                }
            }
            Entry::Survey { index, found } => {
                done.surveys.insert(index, found);
            }
        }
    }
    done.shards.retain(|_, shard| shard.stills.stand_in(dir));
    survey::retain_usable(plan, dir, &mut done);
    Ok(done)
}
