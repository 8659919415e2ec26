//! One file in, one finished set out: probe → plan → shards → lanes → manifests.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::direct::{self, Manner};
use super::expected::{Resumed, announce};
use super::journal::{Entry, Journal};
use super::key::{Identity, key};
use super::owner::Owned;
use super::pool::{self, Pool, Share};
use super::report::{About, Report, Timings};
use super::scene::{self, AudioDone, Done, Scene, ShardDone};
use super::sync::Delivery;
use super::text::{self, Text, TextFile};
use super::{Error, copied, damage, finish, keys, lock, loudness, survey, work};
use crate::av::caps::{self, Libraries};
use crate::clock::Clock;
use crate::config::{AudioSpec, Settings, SubtitleFile};
use crate::crypt::Vault;
use crate::event::{Control, Event, Warning};
use crate::output::Dir;
use crate::output::object::Location;
use crate::plan::{AudioRendition, Plan, ProgressivePlan, SoundLeftOut, names};
use crate::source::probe::{self, Depth, Probed};
use crate::source::{Scan, Sidecar, SoundScan, SourceInfo, scan};

/// What is asked of one run.
#[derive(Debug, Clone)]
pub struct Request {
    /// The file to encode.
    pub input: PathBuf,
    /// The directory of the set, or the URL of a bucket and a prefix.
    pub output: PathBuf,
    /// Files of subtitles.
    pub subtitles: Vec<SubtitleFile>,
    /// Every decision of the user.
    pub settings: Settings,
    /// The keys, where the media shall be encrypted.
    pub keys: Option<keys::KeySource>,
    /// How it is delivered, where the output is in a bucket.
    pub delivery: Delivery,
    /// How many threads work; the bytes do not depend on it.
    pub jobs: usize,
    /// Ignore finished work and do it again, and replace files of others.
    pub force: bool,
}

/// What was found of a source, and what will be made of it.
#[derive(Debug)]
pub struct Planned {
    /// What the source holds.
    pub info: SourceInfo,
    /// The files of subtitles.
    pub sidecars: Vec<Sidecar>,
    /// What will be made.
    pub plan: Plan,
    /// What is odd about the source; it was told already.
    pub warnings: Vec<Warning>,
    /// What of it is copied as it is.
    pub coded: Option<Scan>,
    /// The sound that may be copied, when that is asked for.
    pub sounds: Vec<SoundScan>,
}

/// Looks at a source and files of subtitles, and decides what would be done with them.
pub fn plan(
    input: &Path,
    subtitles: &[SubtitleFile],
    settings: &Settings,
    control: Control<'_>,
) -> Result<Planned, Error> {
    let Probed { info, pictures, mut warnings } = probe::probe(input, Depth::Packets, control.cancel)?;
    let (sidecars, tracks, odd) = text::sidecars(subtitles, control.cancel)?;
    warnings.extend(text::left_out(&info, settings));
    warnings.extend(odd);
    let tell = |warnings: &[Warning]| warnings.iter().for_each(|warning| control.observer.on(&Event::Warned(warning)));
    tell(&warnings);
    let asked = settings.audio.contains(&AudioSpec::Copy);
    let sounds = if asked { scan::scan(input, control.cancel)?.0.audio } else { Vec::new() };
    let (plan, coded) = copied::plan(input, &info, (&pictures, &sounds), settings, control)?;
    let plan = plan.with_sidecars(&info, &tracks, settings);
    let smaller = plan.progressive.iter().filter(|plain| plain.is_smaller()).map(smaller);
    let copied = plan.audio.iter().filter(|rendition| plan.loudness.is_some() && rendition.is_copy()).map(keeps_level);
    let odd: Vec<Warning> = plan.left_out.iter().map(left_out).chain(copied).chain(smaller).collect();
    tell(&odd);
    warnings.extend(odd);
    Ok(Planned { info, sidecars, plan, warnings, coded, sounds })
}

/// Encodes and packages one input. On success the set is complete and the work directory gone; on
/// failure no manifest names an object that is missing, and the next run goes on where this one ended.
pub fn encode(request: &Request, clock: &dyn Clock, control: Control<'_>) -> Result<Report, Error> {
    encode_in(Pool::new(request.jobs)?.share(0), request, clock, control)
}

/// The same with a share of the threads of others, whatever the request says of jobs.
pub(super) fn encode_in(
    share: Share<'_>,
    request: &Request,
    clock: &dyn Clock,
    control: Control<'_>,
) -> Result<Report, Error> {
    encode_at(share, &Location::parse(request.output.as_os_str())?, request, clock, control)
}

/// The same into another place than the request says.
pub(super) fn encode_at(
    share: Share<'_>,
    output: &Location,
    request: &Request,
    clock: &dyn Clock,
    control: Control<'_>,
) -> Result<Report, Error> {
    let manner = Manner {
        force: request.force,
        reads_segments: !request.settings.progressive.is_empty(),
        delivery: &request.delivery,
    };
    direct::place(output, manner, control, |output, control| {
        encode_into(share, &Request { output: output.to_owned(), ..request.clone() }, clock, control)
    })
}

/// The same where the output is a directory.
fn encode_into(share: Share<'_>, request: &Request, clock: &dyn Clock, control: Control<'_>) -> Result<Report, Error> {
    keys::check(&request.settings, request.keys.as_ref())?;
    let planned = self::plan(&request.input, &request.subtitles, &request.settings, control)?;
    let Planned { info, sidecars, plan, mut warnings, coded, sounds } = planned;
    let (settings, wanted) = (&request.settings, (keys::tracks(&plan), keys::periods(&request.settings, &plan)));
    let vault = keys::vault(settings, request.keys.as_ref(), wanted, control.cancel)?;
    // Whole pictures make segments a little longer or shorter than asked.
    let vault = vault.map(|vault| vault.of_segments(plan.grid.segment_duration().as_seconds()));
    let sounds = Scan { info: info.clone(), video: Vec::new(), audio: sounds, places: None };
    if let Some(odd) = keys::odd(&request.settings) {
        control.observer.on(&Event::Warned(&odd));
        warnings.push(odd);
    }
    vault.as_ref().map_or(Ok(()), |vault| keys::require(vault, &plan))?;
    require_encoders(&plan)?;
    let planned = clock.elapsed();
    survey::require_names(&plan, &request.output)?;
    let identity = Identity::of(&request.input)?.ok_or_else(|| Error::NotAFile(request.input.clone()))?;
    let signatures = {
        let _place = share.enter(0, pool::shard(&plan, &info), control.cancel)?;
        work::signatures(&plan)?
    };
    let (coded, vault) = (coded.as_ref(), vault.as_ref());
    let material = key_material(&plan, &sidecars, request, vault, &signatures);
    let key = key(&material, &identity, &versions_text(Libraries::All)?);
    let dir = Dir::create(&request.output, names::WORK)?;
    let (info, sidecars, plan, sounds, dir) = (&info, &sidecars[..], &plan, &sounds, &dir);
    let task = Task { share, request, info, sidecars, plan, coded, sounds, vault, key, dir, planned };
    lock::hold(&request.output, || Journal::stands_in(dir), || task.run(warnings, clock, control))
}

/// One run, planned.
struct Task<'a> {
    share: Share<'a>,
    request: &'a Request,
    info: &'a SourceInfo,
    sidecars: &'a [Sidecar],
    plan: &'a Plan,
    coded: Option<&'a Scan>,
    sounds: &'a Scan,
    /// What encrypts the media, unless it stays clear.
    vault: Option<&'a Vault>,
    /// What the bytes depend on.
    key: String,
    dir: &'a Dir,
    /// When the plan stood.
    planned: Duration,
}

impl Task<'_> {
    /// Does it, with the output locked; `warnings` have come up so far.
    fn run(&self, mut warnings: Vec<Warning>, clock: &dyn Clock, control: Control<'_>) -> Result<Report, Error> {
        let &Self { share, request, info, plan, coded, sounds, vault, ref key, dir, planned, .. } = self;
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

        let (input, journal, text) = (&request.input, &journal, &self.text());
        let scene = Scene { input, plan, info, coded, sounds, dir, journal, vault, text, share };
        let done = work::run(&scene, resumed, control)?;
        let (cues, loudness) = (done.text.cues.clone(), loudness::reports(plan, &done));
        let damaged = damage::warnings(&scene, &done).into_iter().chain(loudness::warnings(plan, &done));
        for warning in damaged.chain(done.text.warnings.clone()) {
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
        let text = text::report(&plan.text, &cues, self.sidecars);
        let about = About { key, info, settings: &request.settings, plan, text, loudness: &loudness };
        let report = Report::of_set(&about, &set, poster, warnings, timings)?;
        control.cancel.check()?;
        report.write(dir)?;
        set.publish(dir, control)?;
        Journal::remove(dir)?;
        Ok(report)
    }

    /// What is made of which words.
    fn text(&self) -> Text<'_> {
        let &Self { request, info, plan, sidecars, .. } = self;
        Text {
            renditions: &plan.text,
            files: vec![TextFile { path: &request.input, shifts: &info.shifts, origin_us: plan.origin_us }],
            sidecars,
            sidecar_origin_us: plan.origin_us.saturating_sub(info.start_us),
            cuts: plan.text_cuts(),
            layout: plan.layout,
            hls: plan.hls,
            dash: plan.dash,
        }
    }
}

pub(super) fn left_out(left_out: &SoundLeftOut) -> Warning {
    let SoundLeftOut { track, asked, why } = left_out;
    let message = format!("{asked} of track {} is left out: {why}", track.0);
    Warning { code: "sound_left_out", message }
}

fn keeps_level(rendition: &AudioRendition) -> Warning {
    let message = format!("the sound of {} is copied, its loudness stays", rendition.id);
    Warning { code: "copied_loudness", message }
}

fn smaller(plain: &ProgressivePlan) -> Warning {
    let ProgressivePlan { file, asked, .. } = plain;
    let message = format!("the source is smaller than {asked}, the file for download is {file}");
    Warning { code: "smaller_download", message }
}

/// Everything that shapes the bytes and is known before encoding. Of the keys it is a fingerprint.
fn key_material(
    plan: &Plan,
    sidecars: &[Sidecar],
    request: &Request,
    vault: Option<&Vault>,
    encoders: &[String],
) -> serde_json::Value {
    let sidecars: Vec<_> = sidecars.iter().map(|sidecar| &sidecar.script.cues).collect();
    let (settings, keys) = (&request.settings, vault.map(Vault::fingerprint));
    serde_json::json!({
        "plan": plan, "sidecars": sidecars, "settings": settings, "keys": keys, "encoders": encoders,
    })
}

/// The versions of the libraries that the bytes depend on.
pub(super) fn versions_text(libraries: Libraries) -> Result<String, Error> {
    let versions = caps::versions(libraries)?;
    Ok(versions.iter().map(|(name, version)| format!("{name} {version}")).collect::<Vec<_>>().join(", "))
}

pub(super) fn require_encoders(plan: &Plan) -> Result<(), Error> {
    let video = plan.video.iter().flat_map(|video| &video.renditions).map(|r| r.encoding.encoder.as_str());
    let audio = plan.audio.iter().filter(|r| !r.is_copy()).map(|r| r.encoder.as_str());
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
            Entry::Audio { rendition, segments, damage, loudness } => {
                if let Some(segments) = scene::found(dir, segments)? {
                    done.audio.insert(rendition, AudioDone { segments, damage, loudness });
                }
            }
            Entry::Copy { segments, .. } => done.copied = scene::found(dir, segments)?,
            Entry::Loudness { rendition, measured } => {
                done.loudness.insert(rendition, measured);
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
