//! Coded files in, one finished set out, without encoding: scan → plan → copy → manifests.

mod copy;
mod odd;
mod report;

use std::path::PathBuf;
use std::time::Duration;

use super::assemble::Assembly;
use super::journal::Journal;
use super::key::{Identity, package_key};
use super::owner::Owned;
use super::report::{Report, Timings, WarningReport};
use super::{Error, direct, lock, vod};
use crate::cancel::CancelToken;
use crate::clock::Clock;
use crate::config::Settings;
use crate::event::{Control, Event, Expected, Warning};
use crate::output::Dir;
use crate::plan::names;
use crate::plan::package::{Alignment, PackagePlan};
use crate::source::Scan;
use crate::source::scan::scan;
use copy::Work;

/// What is asked of one run.
#[derive(Debug, Clone)]
pub struct Request {
    /// The files, each with pictures, sound, or both.
    pub inputs: Vec<PathBuf>,
    /// The directory of the set, or the URL of a bucket and a prefix.
    pub output: PathBuf,
    /// Every decision of the user; those about encoding do not matter.
    pub settings: Settings,
    /// Whether the key frames of renditions of one codec must align.
    pub alignment: Alignment,
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
    /// What will be made.
    pub plan: PackagePlan,
    /// What is odd about it.
    pub warnings: Vec<Warning>,
}

/// Looks at the files and decides what would be done with them. Fails when one of their tracks cannot be packaged.
pub fn plan(request: &Request, cancel: &CancelToken) -> Result<Planned, Error> {
    let (mut scans, mut warnings) = (Vec::new(), Vec::new());
    for input in &request.inputs {
        let (found, odd) = scan(input, cancel)?;
        scans.push(found);
        warnings.extend(odd);
    }
    let plan = PackagePlan::new(&scans, &request.settings, request.alignment)?;
    warnings.extend(odd::of_plan(&scans, &plan, request.settings.segment_duration));
    for header in copy::headers(&scans, &plan)? {
        warnings.extend(odd::of_header(&header.id, &header.track, &plan));
    }
    Ok(Planned { scans, plan, warnings })
}

/// Packages coded files. On success the set is complete and the work directory gone; on failure no manifest names an
/// object that is missing, and the next run begins anew.
pub fn package(request: &Request, clock: &dyn Clock, control: Control<'_>) -> Result<Report, Error> {
    direct::place(&request.output, request.force, control, |output, control| {
        package_into(&Request { output: output.to_owned(), ..request.clone() }, clock, control)
    })
}

/// The same where the output is a directory.
fn package_into(request: &Request, clock: &dyn Clock, control: Control<'_>) -> Result<Report, Error> {
    let planned = plan(request, control.cancel)?;
    for warning in &planned.warnings {
        control.observer.on(&Event::Warned(warning));
    }
    let planned_at = clock.elapsed();
    let identity = |input: &PathBuf| Identity::of(input)?.ok_or_else(|| Error::NotAFile(input.clone()));
    let identities = request.inputs.iter().map(identity).collect::<Result<Vec<_>, Error>>()?;
    let asked = serde_json::json!({ "plan": planned.plan, "settings": request.settings });
    let key = package_key(&asked, &identities, &vod::versions_text());
    let dir = Dir::create(&request.output, names::WORK)?;
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
        let Self { request, planned: Planned { scans, plan, warnings }, key, dir, planned_at } = self;
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

        let work = Work { inputs: &request.inputs, scans, plan, dir, jobs: request.jobs.max(1) };
        let made = work.run(control)?;
        let mut warnings = warnings.clone();
        for warning in made.warnings {
            control.observer.on(&Event::Warned(&warning));
            warnings.push(warning);
        }
        let copied_at = clock.elapsed();
        let at = (*dir, &journal);
        let assembly = Assembly::of_media(at, plan.layout, made.inits, made.segments.into_iter(), control)?;
        let counts = assembly.segment_counts();
        let set = assembly.finish(&plan.offer(|id| counts.get(id).copied().unwrap_or(0)))?;
        let timings = Timings {
            plan_ms: planned_at.as_millis() as u64,
            encode_ms: (copied_at - *planned_at).as_millis() as u64,
            finish_ms: (clock.elapsed() - copied_at).as_millis() as u64,
        };
        let infos: Vec<_> = scans.iter().map(|scan| &scan.info).collect();
        let begun = Report::begin(key, &infos, &request.settings, plan.duration)?;
        let report = report::of_set(begun, plan, &set);
        let report = Report { warnings: WarningReport::all(warnings), timings, ..report };
        control.cancel.check()?;
        report.write(dir)?;
        set.publish(dir, control)?;
        Journal::remove(dir)?;
        Ok(report)
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
