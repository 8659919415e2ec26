//! Sprites, WebVTT and poster of one input, without encoding it.

use std::path::Path;

use super::Error;
use super::journal::Journal;
use super::lock::Lock;
use super::report::Report;
use super::stills::Stills;
use super::vod;
use crate::config::Settings;
use crate::encode::pictures::{ShardPictures, Watch, graph};
use crate::encode::{Slot, Slots};
use crate::event::{Control, Event};
use crate::output::{Dir, Output};
use crate::plan::{Plan, ThumbnailPlan, VideoPlan, names};
use crate::source::SourceInfo;
use crate::source::feed::{PictureFeed, PictureSource};
use crate::thumbs::sheet::{Made as MadeSheet, SheetWriter};
use crate::thumbs::{Sheet, Sheets, vtt};

/// What was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Made {
    /// Number of sheets.
    pub sheets: usize,
    /// Only key frames were decoded.
    pub key_frames_only: bool,
}

/// Makes sprites, WebVTT and poster of `input` in the directory `output`. Where key frames are not
/// farther apart than the thumbnails, nothing else is decoded.
pub fn thumbnails(input: &Path, output: &Path, settings: &Settings, control: Control<'_>) -> Result<Made, Error> {
    let (info, plan, _) = vod::plan(input, settings, control)?;
    let no_pictures = || Error::NoPictures(input.to_owned());
    let video = plan.video.as_ref().ok_or_else(no_pictures)?;
    let thumbnails = video.thumbnails.ok_or_else(no_pictures)?;
    let source = picture_source(input, &info, &plan, video, &thumbnails);
    let dir = Dir::create(output, names::WORK)?;
    // What an unfinished encode keeps in the work directory stays for its next run.
    let unfinished = Journal::stands_in(&dir);
    let lock = Lock::acquire(output)?;
    if Report::read(&dir)?.is_some() {
        if !unfinished {
            lock.finish()?;
        }
        return Err(Error::Finished(output.to_owned()));
    }

    let mut sizes = vec![video.poster.map_or(thumbnails.tile, |poster| poster.resolution)];
    if sizes[0].pixels() > thumbnails.tile.pixels() {
        sizes.push(thumbnails.tile);
    }
    let mut feed = PictureFeed::from_slot(&source, 0, control.cancel)?;
    let mut sink = SheetSink {
        stills: Stills::new(Some(thumbnails), video.poster, &plan.grid, video.picture.display),
        writer: SheetWriter::new(&thumbnails),
        sheets: Vec::new(),
    };
    let graph = graph(&video.picture, video.color, &sizes)?;
    let mut slots = ShardPictures::new(&mut feed, plan.grid.frames(), graph, sizes.len(), Some(&mut sink));
    while slots.next()?.is_some() {
        control.cancel.check()?;
    }
    let made = store(&dir, &plan, &thumbnails, sink, control)?;
    if !unfinished {
        lock.finish()?;
    }
    Ok(Made { sheets: made, key_frames_only: source.keys_only })
}

fn picture_source(
    input: &Path,
    info: &SourceInfo,
    plan: &Plan,
    video: &VideoPlan,
    thumbnails: &ThumbnailPlan,
) -> PictureSource {
    let timing = info.video.iter().find(|v| v.track == video.track).and_then(|v| v.timing.as_ref());
    let keys = timing.map_or(&[][..], |timing| &timing.key_frames_us);
    let end_us = plan.origin_us + (plan.duration().as_seconds() * 1e6) as i64;
    let interval_us = (thumbnails.interval.as_seconds() * 1e6) as i64;
    let borders: Vec<i64> = keys.iter().copied().filter(|key| *key < end_us).chain([end_us]).collect();
    PictureSource {
        path: input.to_owned(),
        track: video.track,
        origin_us: plan.origin_us,
        rate: plan.grid.rate(),
        deinterlace: video.picture.deinterlace,
        key_frames_us: timing
            .filter(|timing| timing.seekable)
            .map_or_else(Vec::new, |timing| timing.key_frames_us.clone()),
        shifts: info.shifts_of(video.track),
        // A poster that was asked for may lie between key frames, and fields of two key frames don't mix.
        keys_only: video.poster.is_none_or(|poster| poster.frame.is_none())
            && !video.picture.deinterlace
            && !keys.is_empty()
            && borders.windows(2).all(|pair| pair[1] - pair[0] <= interval_us),
    }
}

/// Puts tiles into sheets as they come. Sheets are small once they are JPEG: they wait in memory.
struct SheetSink {
    stills: Stills,
    writer: SheetWriter,
    sheets: Vec<MadeSheet>,
}

impl Watch for SheetSink {
    type Error = Error;

    fn see(&mut self, slot: &Slot) -> Result<(), Error> {
        if let Some((_, picture)) = self.stills.look(slot)? {
            self.sheets.extend(self.writer.push(Some(&picture))?);
        }
        Ok(())
    }
}

fn store(
    dir: &Dir,
    plan: &Plan,
    thumbnails: &ThumbnailPlan,
    sink: SheetSink,
    control: Control<'_>,
) -> Result<usize, Error> {
    let SheetSink { stills, writer, mut sheets } = sink;
    sheets.extend(writer.finish()?);
    let put = |key: &str, body: &[u8]| -> Result<(), Error> {
        dir.put(key, body)?;
        control.observer.on(&Event::ManifestStored { key });
        Ok(())
    };
    for MadeSheet { facts, jpeg } in &sheets {
        put(&facts.key, jpeg)?;
    }
    if let Some((_, jpeg)) = stills.poster()? {
        put(names::POSTER, &jpeg)?;
    }
    let facts: Vec<Sheet> = sheets.into_iter().map(|made| made.facts).collect();
    let count = facts.len();
    put(names::THUMBNAILS, vtt::vtt(&Sheets::new(thumbnails, facts), plan.duration()).as_bytes())?;
    Ok(count)
}
