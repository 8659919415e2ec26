//! The workers of one run: each reads a file once, for all tracks that are taken of it.

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use super::super::backlog::{self, Backlog};
use super::super::journal::Journal;
use super::super::keep::{Keep, Trick};
use super::super::scene::encryptor;
use super::super::sources::Sources;
use super::super::{Error, crew};
use super::key_cuts::key_cuts;
use super::{odd, stills};
use crate::crypt::{Encryptor, Vault};
use crate::encode::copy::{PictureCopier, SoundCopier};
use crate::event::{Control, Event, Warning};
use crate::media::{FrameRate, RenditionId, TrackConfig, TrackIndex};
use crate::output::{Dir, Stored, store};
use crate::package::{self, InitSegment, Packager, Segment};
use crate::plan::package::{PackagePlan, PictureCopy, SoundCopy, StillsPlan};
use crate::source::Scan;
use crate::source::packets::{AccessUnit, PacketReader};
use crate::source::places::Reading;

/// Events are told once for so many packets.
const EVENT_PACKETS: u64 = 250;

/// What a CMAF header is made of.
#[derive(Debug)]
pub(super) struct Header {
    pub(super) id: RenditionId,
    pub(super) track: TrackConfig,
    pub(super) rate: FrameRate,
}

/// Reads the headers of every track that is taken, and fails where one cannot be packaged.
pub(super) fn headers(scans: &[Scan], plan: &PackagePlan) -> Result<Vec<Header>, Error> {
    let mut headers = Vec::new();
    for picture in &plan.video {
        let copier = PictureCopier::open(&scans[picture.track.file], picture)?;
        let rate = copier.frame_rate();
        for trick in plan.trick.iter().filter(|trick| trick.of == picture.id) {
            headers.push(Header { id: trick.id.clone(), track: copier.track(), rate });
        }
        headers.push(Header { id: picture.id.clone(), track: copier.track(), rate });
    }
    for sound in &plan.audio {
        let copier = SoundCopier::open(&scans[sound.track.file], sound)?;
        headers.push(Header { id: sound.id.clone(), track: copier.track(), rate: FrameRate::whole(1) });
    }
    Ok(headers)
}

/// What all workers share.
pub(super) struct Work<'a> {
    pub(super) inputs: &'a [PathBuf],
    pub(super) scans: &'a [Scan],
    pub(super) plan: &'a PackagePlan,
    pub(super) dir: &'a Dir,
    pub(super) journal: &'a Journal,
    /// What encrypts the media, unless it stays clear.
    pub(super) vault: Option<&'a Vault>,
    pub(super) jobs: usize,
}

/// What was made.
#[derive(Default)]
pub(super) struct Made {
    pub(super) inits: Vec<Stored<InitSegment>>,
    pub(super) segments: Vec<Stored<Segment>>,
    pub(super) stills: Option<stills::Made>,
    pub(super) warnings: Vec<Warning>,
}

/// One piece of work that a worker takes.
enum Item<'a> {
    File(usize),
    Stills(&'a StillsPlan),
}

impl Work<'_> {
    /// Makes all headers and segments.
    pub(super) fn run(&self, control: Control<'_>) -> Result<Made, Error> {
        let mut made = Made::default();
        for Header { id, track, rate } in headers(self.scans, self.plan)? {
            let encryptor = encryptor_of(self.vault, self.plan, &id, &track)?;
            let (facts, body) = package::init(&id, &track, rate, self.plan.layout, encryptor.as_ref())?;
            let key = facts.key.clone();
            made.inits.push(store(self.dir, &key, &body, facts)?);
        }
        let made = Mutex::new(made);
        let sources = Sources::open(self.inputs)?;
        // What takes longest begins first.
        let mut files: Vec<usize> = (0..self.inputs.len()).collect();
        files.sort_by_key(|file| std::cmp::Reverse(self.scans[*file].info.bytes));
        let items = self.plan.stills.iter().map(Item::Stills).chain(files.into_iter().map(Item::File));
        let items = items.collect();
        let work = |backlog: &Backlog, control: Control<'_>| {
            crew::run(self.jobs, items, control, |item, control| {
                let done = match item {
                    Item::File(file) => Made { warnings: self.file(file, backlog, control)?, ..Made::default() },
                    Item::Stills(plan) => match stills::make(self.place(), plan, control)? {
                        Ok(stills) => Made { stills: Some(stills), ..Made::default() },
                        Err(warning) => Made { warnings: vec![warning], ..Made::default() },
                    },
                };
                let mut made = made.lock().unwrap_or_else(PoisonError::into_inner);
                made.warnings.extend(done.warnings);
                made.stills = made.stills.take().or(done.stills);
                Ok(())
            })
        };
        let ((), mut segments) = backlog::run(self.dir, &sources, control, work)?;
        for (input, scan) in self.inputs.iter().zip(self.scans) {
            scan.places.as_ref().map_or(Ok(()), |places| places.check(input))?;
        }
        let mut made = made.into_inner().unwrap_or_else(PoisonError::into_inner);
        // Which of the workers was done first is told nowhere.
        segments
            .sort_by(|a, b| (&a.facts().rendition, a.facts().number).cmp(&(&b.facts().rendition, b.facts().number)));
        made.warnings.sort_by(|a, b| (a.code, &a.message).cmp(&(b.code, &b.message)));
        Ok(Made { segments, ..made })
    }

    fn place(&self) -> stills::Place<'_> {
        stills::Place { inputs: self.inputs, scans: self.scans, dir: self.dir, journal: self.journal }
    }

    /// Whether samples are encrypted, and what is in them has to be known.
    fn takes_samples(&self) -> bool {
        self.vault.is_some_and(Vault::takes_samples)
    }

    /// The pictures that are taken of a file.
    fn pictures(&self, file: usize) -> impl Iterator<Item = &PictureCopy> {
        self.plan.video.iter().filter(move |picture| picture.track.file == file)
    }

    fn file(&self, file: usize, backlog: &Backlog, control: Control<'_>) -> Result<Vec<Warning>, Error> {
        let scan = &self.scans[file];
        let sounds = self.plan.audio.iter().filter(|sound| sound.track.file == file);
        let pictures = self.pictures(file).map(|picture| self.picture_lane(scan, picture, backlog));
        let mut lanes =
            pictures.chain(sounds.map(|s| self.sound_lane(scan, s, backlog))).collect::<Result<Vec<_>, _>>()?;
        let tracks: Vec<TrackIndex> = lanes.iter().map(|lane| lane.track).collect();
        if tracks.is_empty() {
            return Ok(Vec::new());
        }
        let mut take = |unit: AccessUnit<'_>| match lanes.iter_mut().find(|lane| lane.track == unit.track) {
            Some(lane) => lane.push(unit, control),
            None => Ok(()),
        };
        match &scan.places {
            Some(places) => {
                let left = self.pictures(file).map(|copy| copy.track.index).collect::<Vec<_>>();
                let fronts = self.takes_samples();
                let reading = Reading { path: &self.inputs[file], file, tracks: &tracks, left: &left, fronts };
                places.read(reading, control.cancel, take)?;
            }
            None => {
                let mut reader = PacketReader::open(&self.inputs[file], &tracks, &scan.info.shifts, control.cancel)?;
                while let Some(packet) = reader.read()? {
                    AccessUnit::of(&packet).map_or(Ok(()), &mut take)?;
                }
            }
        }
        let warnings = lanes.into_iter().map(|lane| lane.finish(control)).collect::<Result<Vec<_>, _>>()?;
        Ok(warnings.concat())
    }

    fn picture_lane<'s>(
        &'s self,
        scan: &'s Scan,
        copy: &'s PictureCopy,
        backlog: &'s Backlog,
    ) -> Result<Lane<'s>, Error> {
        let copier = PictureCopier::open(scan, copy)?;
        let copier = if self.takes_samples() { copier.to_be_encrypted()? } else { copier };
        let track = copier.track();
        let packager = |id: &RenditionId, open| -> Result<Packager, Error> {
            let packager = Packager::at(id.clone(), &track, copy.cuts.clone(), self.plan.layout, open);
            Ok(packager.encrypted(encryptor_of(self.vault, self.plan, id, &track)?))
        };
        let trick = self.plan.trick.as_ref().filter(|trick| trick.of == copy.id);
        let trick = trick.map(|trick| Ok::<_, Error>(Trick::at(packager(&trick.id, false)?, &copy.cuts, copy.end)));
        let keep = Keep::behind(packager(&copy.id, copy.open)?, trick.transpose()?, backlog);
        Ok(Lane { id: &copy.id, track: copy.track.index, copier: Copier::Pictures(copier), keep, packets: 0 })
    }

    fn sound_lane<'s>(&'s self, scan: &'s Scan, copy: &'s SoundCopy, backlog: &'s Backlog) -> Result<Lane<'s>, Error> {
        let copier = SoundCopier::open(scan, copy)?;
        let track = copier.track();
        let packager = Packager::at(copy.id.clone(), &track, copier.cuts(), self.plan.layout, false);
        let packager = packager.encrypted(encryptor_of(self.vault, self.plan, &copy.id, &track)?);
        let keep = Keep::behind(packager, None, backlog);
        Ok(Lane { id: &copy.id, track: copy.track.index, copier: Copier::Sound(copier), keep, packets: 0 })
    }
}

/// An encryptor for a rendition, whose keys change where it is cut; nothing where there is no vault.
pub(super) fn encryptor_of(
    vault: Option<&Vault>,
    plan: &PackagePlan,
    id: &RenditionId,
    track: &TrackConfig,
) -> Result<Option<Encryptor>, Error> {
    let vault = vault.map(|vault| vault.on_cuts(&key_cuts(plan, id)));
    encryptor(vault.as_ref(), id, track, plan.segments_of(id))
}

/// One track on its way into a rendition.
struct Lane<'a> {
    id: &'a RenditionId,
    track: TrackIndex,
    copier: Copier<'a>,
    keep: Keep<'a>,
    /// Packets of which nobody was told yet.
    packets: u64,
}

enum Copier<'a> {
    Pictures(PictureCopier<'a>),
    Sound(SoundCopier<'a>),
}

impl Lane<'_> {
    fn push(&mut self, unit: AccessUnit<'_>, control: Control<'_>) -> Result<(), Error> {
        match &mut self.copier {
            Copier::Pictures(copier) => copier.push(unit, &mut self.keep)?,
            Copier::Sound(copier) => copier.push(unit, &mut self.keep)?,
        }
        self.packets += 1;
        if self.packets == EVENT_PACKETS {
            self.tell(control);
        }
        Ok(())
    }

    fn tell(&mut self, control: Control<'_>) {
        let frames = std::mem::take(&mut self.packets);
        control.observer.on(&Event::Encoded { rendition: self.id, frames });
    }

    fn finish(mut self, control: Control<'_>) -> Result<Vec<Warning>, Error> {
        self.tell(control);
        let warnings = match self.copier {
            Copier::Pictures(copier) => copier.finish().map(|()| Vec::new())?,
            Copier::Sound(copier) => {
                let mended = copier.finish(&mut self.keep)?;
                odd::of_mended(self.id, mended)
            }
        };
        self.keep.finish()?;
        Ok(warnings)
    }
}
