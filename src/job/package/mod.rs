//! Coded files in, one finished set out, without encoding: scan → plan → copy → manifests.

mod copy;
mod key_cuts;
mod odd;
mod report;
mod stills;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::assemble::Assembly;
use super::direct::{self, Manner};
use super::finish::sheets_stored;
use super::journal::Journal;
use super::key::{Identity, package_key, versions};
use super::owner::Owned;
use super::report::{Report, Timings, WarningReport};
use super::sync::Delivery;
use super::text::{self, Text, TextFile};
use super::{Error, crew, keys, lock, vod};
use crate::av::caps::Libraries;
use crate::cancel::CancelToken;
use crate::clock::Clock;
use crate::config::{Encryption, Settings, SubtitleFile};
use crate::crypt::{Schedule, TrackType, Vault};
use crate::event::{Control, Event, Expected, Silent, Warning};
use crate::output::Dir;
use crate::output::object::Location;
use crate::plan::names;
use crate::plan::package::{Alignment, PackagePlan};
use crate::source::scan::scan;
use crate::source::{Scan, Sidecar};
use crate::thumbs::vtt;
use copy::Work;
use key_cuts::key_cuts;

/// What is asked of one run.
#[derive(Debug, Clone)]
pub struct Request {
    /// The files, each with pictures, sound, or both.
    pub inputs: Vec<PathBuf>,
    /// The directory of the set, or the URL of a bucket and a prefix.
    pub output: PathBuf,
    /// Files of subtitles.
    pub subtitles: Vec<SubtitleFile>,
    /// Every decision of the user; those about encoding do not matter.
    pub settings: Settings,
    /// The keys, where the media shall be encrypted.
    pub keys: Option<keys::KeySource>,
    /// Whether the key frames of renditions of one codec must align.
    pub alignment: Alignment,
    /// How it is delivered, where the output is in a bucket.
    pub delivery: Delivery,
    /// How many files are worked on at once; the bytes do not depend on it.
    pub jobs: usize,
    /// Do finished work again, and replace files of others.
    pub force: bool,
}

/// What was found of the files, and what will be made of them.
#[derive(Debug)]
pub struct Planned {
    /// What each file holds.
    pub scans: Vec<Scan>,
    /// The files of subtitles.
    pub sidecars: Vec<Sidecar>,
    /// What will be made.
    pub plan: PackagePlan,
    /// What is odd about it.
    pub warnings: Vec<Warning>,
    /// What encrypts the media, unless it stays clear.
    vault: Option<Vault>,
}

/// Looks at the files and decides what would be done with them. Fails when one of their tracks cannot be packaged.
pub fn plan(request: &Request, cancel: &CancelToken) -> Result<Planned, Error> {
    let (scans, mut warnings) = scan_all(request, cancel)?;
    let (sidecars, tracks, odd) = text::sidecars(&request.subtitles, cancel)?;
    warnings.extend(scans.iter().flat_map(|scan| text::left_out(&scan.info, &request.settings)));
    warnings.extend(odd);
    let plan = PackagePlan::new(&scans, &tracks, &request.settings, request.alignment)?;
    warnings.extend(odd::of_plan(&scans, &plan, request.settings.segment_duration));
    warnings.extend(keys::odd(&request.settings));
    let headers = copy::headers(&scans, &plan)?;
    // Without keys it is only told what would be done.
    let vault = match &request.keys {
        Some(keys) => keys::vault(&request.settings, Some(keys), wanted(request, &plan, &headers), cancel)?,
        None => None,
    };
    for header in headers {
        copy::encryptor_of(vault.as_ref(), &plan, &header.id, &header.track)?;
        warnings.extend(odd::of_header(&header.id, &header.track, &plan));
    }
    Ok(Planned { scans, sidecars, plan, warnings, vault })
}

/// The types of the tracks, and the key periods of the one that has the most; nothing where keys do not change.
fn wanted(request: &Request, plan: &PackagePlan, headers: &[copy::Header]) -> (BTreeSet<TrackType>, Option<u32>) {
    let tracks = headers.iter().filter_map(|header| TrackType::of(&header.track.media)).collect();
    let periods = |encryption: &Encryption, header: &copy::Header| {
        let schedule = Schedule::on_cuts(encryption, &key_cuts(plan, &header.id));
        schedule.rotates().then(|| schedule.periods(plan.segments_of(&header.id)))
    };
    let encryption = request.settings.encryption.as_ref();
    let periods = encryption.and_then(|encryption| headers.iter().filter_map(|one| periods(encryption, one)).max());
    (tracks, periods)
}

/// Reads all files, several at a time; gives what is found in their order.
fn scan_all(request: &Request, cancel: &CancelToken) -> Result<(Vec<Scan>, Vec<Warning>), Error> {
    let found = Mutex::new(BTreeMap::new());
    let files = request.inputs.iter().enumerate().collect();
    crew::run(request.jobs.max(1), files, Control { observer: &Silent, cancel }, |(file, input), control| {
        let one = scan(input, control.cancel)?;
        found.lock().unwrap_or_else(PoisonError::into_inner).insert(file, one);
        Ok(())
    })?;
    let found = found.into_inner().unwrap_or_else(PoisonError::into_inner);
    let (scans, warnings): (Vec<Scan>, Vec<Vec<Warning>>) = found.into_values().unzip();
    Ok((scans, warnings.into_iter().flatten().collect()))
}

/// What of FFmpeg takes part: nothing but thumbnails and the poster is filtered.
fn libraries(plan: &PackagePlan) -> Libraries {
    if plan.stills.is_some() { Libraries::All } else { Libraries::WithoutFilters }
}

/// Packages coded files. On success the set is complete and the work directory gone; on failure no manifest names an
/// object that is missing, and the next run begins anew.
pub fn package(request: &Request, clock: &dyn Clock, control: Control<'_>) -> Result<Report, Error> {
    let manner = Manner { force: request.force, reads_segments: false, delivery: &request.delivery };
    direct::place(&Location::parse(request.output.as_os_str())?, manner, control, |output, control| {
        package_into(&Request { output: output.to_owned(), ..request.clone() }, clock, control)
    })
}

/// The same where the output is a directory.
fn package_into(request: &Request, clock: &dyn Clock, control: Control<'_>) -> Result<Report, Error> {
    keys::check(&request.settings, request.keys.as_ref())?;
    let identity = |input: &PathBuf| Identity::of(input)?.ok_or_else(|| Error::NotAFile(input.clone()));
    let identities = || request.inputs.iter().map(identity).collect::<Result<Vec<_>, Error>>();
    let (planned, identities) = std::thread::scope(|scope| {
        let identities = scope.spawn(identities);
        let planned = plan(request, control.cancel);
        (planned, identities.join().unwrap_or(Err(Error::Panicked)))
    });
    let (planned, identities) = (planned?, identities?);
    for warning in &planned.warnings {
        control.observer.on(&Event::Warned(warning));
    }
    let planned_at = clock.elapsed();
    let keys = planned.vault.as_ref().map(Vault::fingerprint);
    let sidecars: Vec<_> = planned.sidecars.iter().map(|sidecar| &sidecar.script.cues).collect();
    let (plan, settings) = (&planned.plan, &request.settings);
    let asked = serde_json::json!({ "plan": plan, "sidecars": sidecars, "settings": settings, "keys": keys });
    let key = package_key(&asked, &identities, &vod::versions_text(libraries(plan))?);
    let inputs = format!("{key} {}", versions(&request.inputs)?);
    let planned = Planned { vault: planned.vault.map(|vault| vault.of_inputs(inputs)), ..planned };
    // A run that is cut off begins anew, and is quick: nobody needs to wait for the disk.
    let dir = Dir::create(&request.output, names::WORK)?.without_sync();
    let task = Task { request, planned, key, dir: &dir, planned_at };
    lock::hold(&request.output, || Journal::stands_in(&dir), || task.run(clock, control))
}

/// One run, planned.
struct Task<'a> {
    request: &'a Request,
    planned: Planned,
    /// What the bytes depend on.
    key: String,
    dir: &'a Dir,
    /// When the plan stood.
    planned_at: Duration,
}

impl Task<'_> {
    /// Does it, with the output locked.
    fn run(&self, clock: &dyn Clock, control: Control<'_>) -> Result<Report, Error> {
        let Self { request, planned: Planned { scans, sidecars, plan, warnings, vault }, key, dir, planned_at } = self;
        let vault = vault.as_ref();
        dir.sweep()?;
        let same = Report::read(dir)?.filter(|report| report.key == *key && !request.force);
        if let Some(report) = &same
            && report.stands_in(dir)?
        {
            self.announce(true, control);
            Journal::remove(dir)?;
            return Ok(Report { up_to_date: true, ..report.clone() });
        }
        let owned = Owned::read(dir)?;
        owned.clear_the_way(dir, &plan.objects(), request.force)?;
        if same.is_some() { owned.withdraw(dir) } else { owned.remove(dir, control) }?;
        let (journal, _) = Journal::open(dir, key, request.force)?;
        journal.claim(plan.objects())?;
        self.announce(false, control);

        let jobs = request.jobs.max(1);
        let work = Work { inputs: &request.inputs, scans, plan, dir, journal: &journal, vault, jobs };
        let made = work.run(control)?;
        let text = self.text().run(dir, &journal, control)?;
        let mut warnings = warnings.clone();
        for warning in made.warnings.into_iter().chain(text.warnings) {
            control.observer.on(&Event::Warned(&warning));
            warnings.push(warning);
        }
        let copied_at = clock.elapsed();
        let at = (*dir, &journal);
        let inits = made.inits.into_iter().chain(text.inits).collect();
        let segments = made.segments.into_iter().chain(text.segments);
        let mut assembly = Assembly::of_media(at, plan.layout, inits, segments, control)?;
        assembly.add_text(text.pages, &text.whole)?;
        let mut poster = None;
        if let Some(stills) = made.stills {
            assembly.list(stills.files);
            assembly.put(names::THUMBNAILS, vtt::vtt(&stills.sheets, plan.duration).as_bytes())?;
            assembly.presentation.set_sheets(sheets_stored(dir, stills.sheets)?);
            if let Some((frame, jpeg)) = stills.poster {
                assembly.put(names::POSTER, &jpeg)?;
                poster = Some(frame);
            }
        }
        let counts = assembly.segment_counts();
        let mut offer = plan.offer(|id| counts.get(id).copied().unwrap_or(0));
        offer.text.retain(|one| text.cues.contains_key(&one.rendition.id));
        let set = assembly.finish(&offer)?;
        let timings = Timings {
            plan_ms: planned_at.as_millis() as u64,
            encode_ms: (copied_at - *planned_at).as_millis() as u64,
            finish_ms: (clock.elapsed() - copied_at).as_millis() as u64,
        };
        let infos: Vec<_> = scans.iter().map(|scan| &scan.info).collect();
        let begun = Report::begin(key, &infos, &request.settings, libraries(plan), plan.duration)?;
        let report = report::of_set(begun, plan, &set, poster);
        let text = text::report(&plan.text, &text.cues, sidecars);
        let (captions, metadata) = (plan.captions.clone(), plan.metadata.clone());
        let report = Report { text, captions, metadata, warnings: WarningReport::all(warnings), timings, ..report };
        control.cancel.check()?;
        report.write(dir)?;
        set.publish(dir, control)?;
        Journal::remove(dir)?;
        Ok(report)
    }

    /// What is made of which words.
    fn text(&self) -> Text<'_> {
        let Self { request, planned: Planned { scans, sidecars, plan, .. }, .. } = self;
        let files = request.inputs.iter().zip(scans).zip(&plan.origins_us);
        let first = plan.origins_us.first().zip(scans.first());
        Text {
            renditions: &plan.text,
            files: files
                .map(|((path, scan), origin)| TextFile { path, shifts: &scan.info.shifts, origin_us: *origin })
                .collect(),
            sidecars,
            sidecar_origin_us: first.map_or(0, |(origin, scan)| origin.saturating_sub(scan.info.start_us)),
            cuts: plan.text_cuts(),
            layout: plan.layout,
            hls: plan.hls,
            dash: plan.dash,
        }
    }

    fn announce(&self, all: bool, control: Control<'_>) {
        let Planned { scans, plan, .. } = &self.planned;
        let expect = |rendition: &crate::media::RenditionId, frames: u64| Expected {
            rendition: rendition.clone(),
            frames,
            resumed: if all { frames } else { 0 },
        };
        let video = plan.video.iter().map(|picture| {
            let scan = scans[picture.track.file].video.iter().find(|scan| scan.track == picture.track.index);
            expect(&picture.id, scan.map_or(0, |scan| scan.gops.iter().map(|gop| gop.pictures).sum()))
        });
        let audio = plan.audio.iter().map(|sound| {
            let scan = scans[sound.track.file].audio.iter().find(|scan| scan.track == sound.track.index);
            expect(&sound.id, scan.map_or(0, |scan| scan.times_us.len() as u64))
        });
        let expected: Vec<Expected> = video.chain(audio).collect();
        control.observer.on(&Event::Planned { expected: &expected, media_seconds: plan.duration.as_seconds() });
    }
}
