//! One file in, one finished set out: probe → plan → shards → lanes → manifests.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::expected::{Resumed, announce};
use super::journal::{Entry, Journal};
use super::key::{Identity, key};
use super::owner::Owned;
use super::report::{About, Report, Timings};
use super::scene::{self, AudioDone, Done, Scene, ShardDone};
use super::{Error, damage, direct, finish, lock, survey, work};
use crate::av::caps;
use crate::clock::Clock;
use crate::config::Settings;
use crate::event::{Control, Event, Warning};
use crate::output::Dir;
use crate::plan::{Plan, SoundLeftOut, names};
use crate::source::SourceInfo;
use crate::source::probe::{self, Depth};

/// What is asked of one run.
#[derive(Debug, Clone)]
pub struct Request {
    /// The file to encode.
    pub input: PathBuf,
    /// The directory of the set, or the URL of a bucket and a prefix.
    pub output: PathBuf,
    /// Every decision of the user.
    pub settings: Settings,
    /// How many threads work; the bytes do not depend on it.
    pub jobs: usize,
    /// Ignore finished work and do it again, and replace files of others.
    pub force: bool,
}

/// Looks at a source and decides what would be done with it.
pub fn plan(
    input: &Path,
    settings: &Settings,
    control: Control<'_>,
) -> Result<(SourceInfo, Plan, Vec<Warning>), Error> {
    let (info, mut warnings) = probe::probe(input, Depth::Packets, control.cancel)?;
    let tell = |warnings: &[Warning]| warnings.iter().for_each(|warning| control.observer.on(&Event::Warned(warning)));
    tell(&warnings);
    let plan = Plan::new(&info, settings)?;
    let odd: Vec<Warning> = plan.left_out.iter().map(no_surround).collect();
    tell(&odd);
    warnings.extend(odd);
    Ok((info, plan, warnings))
}

/// Encodes and packages one input. On success the set is complete and the work directory gone; on
/// failure no manifest names an object that is missing, and the next run goes on where this one ended.
pub fn encode(request: &Request, clock: &dyn Clock, control: Control<'_>) -> Result<Report, Error> {
    direct::place(&request.output, request.force, control, |output, control| {
        encode_into(&Request { output: output.to_owned(), ..request.clone() }, clock, control)
    })
}

/// The same where the output is a directory.
fn encode_into(request: &Request, clock: &dyn Clock, control: Control<'_>) -> Result<Report, Error> {
    let (info, plan, warnings) = self::plan(&request.input, &request.settings, control)?;
    require_encoders(&plan)?;
    let planned = clock.elapsed();
    survey::require_names(&plan, &request.output)?;
    let identity = Identity::of(&request.input)?.ok_or_else(|| Error::NotAFile(request.input.clone()))?;
    let key = key(&key_material(&plan, request, &work::signatures(&plan)?), &identity, &versions_text());
    let dir = Dir::create(&request.output, names::WORK)?;
    let task = Task { request, info: &info, plan: &plan, key, dir: &dir, planned };
    lock::hold(&request.output, || Journal::stands_in(&dir), || task.run(warnings, clock, control))
}

/// One run, planned.
struct Task<'a> {
    request: &'a Request,
    info: &'a SourceInfo,
    plan: &'a Plan,
    /// What the bytes depend on.
    key: String,
    dir: &'a Dir,
    /// When the plan stood.
    planned: Duration,
}

impl Task<'_> {
    /// Does it, with the output locked; `warnings` have come up so far.
    fn run(&self, mut warnings: Vec<Warning>, clock: &dyn Clock, control: Control<'_>) -> Result<Report, Error> {
        let &Self { request, info, plan, ref key, dir, planned } = self;
        dir.sweep()?;
        let same = Report::read(dir)?.filter(|report| report.key == *key && !request.force);
        if let Some(report) = &same
            && report.stands_in(dir)?
        {
            announce(plan, &Resumed::all(plan), control);
            Journal::remove(dir)?;
            return Ok(Report { up_to_date: true, ..report.clone() });
        }
        let owned = Owned::read(dir)?;
        owned.clear_the_way(dir, &plan.objects(), request.force)?;
        if same.is_some() { owned.withdraw(dir) } else { owned.remove(dir, control) }?;
        let (journal, entries) = Journal::open(dir, key, request.force)?;
        let resumed = resume(dir, plan, entries)?;
        announce(plan, &Resumed::of(plan, &resumed), control);

        let scene = Scene { input: &request.input, plan, info, dir, journal: &journal, jobs: request.jobs.max(1) };
        let done = work::run(&scene, resumed, control)?;
        for warning in damage::warnings(&scene, &done) {
            control.observer.on(&Event::Warned(&warning));
            warnings.push(warning);
        }
        let encoded = clock.elapsed();
        let (set, poster) = finish::finish(&scene, done, control)?;
        let timings = Timings {
            plan_ms: planned.as_millis() as u64,
            encode_ms: (encoded - planned).as_millis() as u64,
            finish_ms: (clock.elapsed() - encoded).as_millis() as u64,
        };
        let about = About { key, info, settings: &request.settings, plan };
        let report = Report::of_set(&about, &set, poster, warnings, timings)?;
        control.cancel.check()?;
        report.write(dir)?;
        set.publish(dir, control)?;
        Journal::remove(dir)?;
        Ok(report)
    }
}

fn no_surround(left_out: &SoundLeftOut) -> Warning {
    let SoundLeftOut { track, asked } = left_out;
    let message = format!("track {} has no surround, {asked} is left out", track.0);
    Warning { code: "no_surround", message }
}

/// Everything that shapes the bytes and is known before encoding.
fn key_material(plan: &Plan, request: &Request, encoders: &[String]) -> serde_json::Value {
    serde_json::json!({ "plan": plan, "settings": request.settings, "encoders": encoders })
}

/// The versions of the libraries that the bytes depend on.
pub(super) fn versions_text() -> String {
    caps::versions().iter().map(|(name, version)| format!("{name} {version}")).collect::<Vec<_>>().join(", ")
}

fn require_encoders(plan: &Plan) -> Result<(), Error> {
    let video = plan.video.iter().flat_map(|video| &video.renditions).map(|r| r.encoding.encoder.as_str());
    let audio = plan.audio.iter().map(|r| r.encoder.as_str());
    let encoders: BTreeSet<&str> = video.chain(audio).collect();
    encoders.into_iter().try_for_each(caps::require_encoder)?;
    Ok(())
}

/// What an earlier run finished and what of it still stands.
fn resume(dir: &Dir, plan: &Plan, entries: Vec<Entry>) -> Result<Done, Error> {
    let mut done = Done::default();
    for entry in entries {
        match entry {
            Entry::Shard { index, segments, extra, damage } => {
                if let (Some(segments), Ok(stills)) = (scene::found(dir, segments)?, serde_json::from_value(extra)) {
                    done.shards.insert(index, ShardDone { segments, stills, damage });
                }
            }
            Entry::Audio { rendition, segments, damage } => {
                if let Some(segments) = scene::found(dir, segments)? {
                    done.audio.insert(rendition, AudioDone { segments, damage });
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
