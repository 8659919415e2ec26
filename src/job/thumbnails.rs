//! Sprites, WebVTT and poster of one input, without encoding it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::finish::Poster;
use super::journal::Journal;
use super::key::{Identity, key};
use super::owner::Owned;
use super::press::Press;
use super::report::{About, File, Report, Timings};
use super::stills::Stills;
use super::vod::Planned;
use super::{Error, lock, vod};
use crate::av::caps::Libraries;
use crate::clock::Clock;
use crate::config::{Settings, TopRung};
use crate::encode::pictures::{ShardPictures, Watch, graph};
use crate::encode::{Slot, Slots};
use crate::event::{Control, Event};
use crate::output::{Dir, Output};
use crate::plan::{Plan, ThumbnailPlan, VideoPlan, names};
use crate::source::SourceInfo;
use crate::source::feed::{PictureFeed, PictureSource};
use crate::thumbs::sheet::{Made as MadeSheet, SheetWriter};
use crate::thumbs::{Sheets, vtt};

/// What is asked of one run.
#[derive(Debug, Clone)]
pub struct Request {
    /// The file to look at.
    pub input: PathBuf,
    /// The directory of the thumbnails.
    pub output: PathBuf,
    /// Every decision of the user.
    pub settings: Settings,
    /// Make them again, and replace files of others.
    pub force: bool,
}

/// What was made.
#[derive(Debug, Clone, PartialEq)]
pub struct Made {
    /// What stands in the output.
    pub report: Report,
    /// Only key frames were decoded.
    pub key_frames_only: bool,
}

/// Makes sprites, WebVTT and poster of one input. Where key frames are not farther apart than the
/// thumbnails, nothing else is decoded. A run that is stopped leaves what was there before.
pub fn thumbnails(request: &Request, clock: &dyn Clock, control: Control<'_>) -> Result<Made, Error> {
    let settings = Settings { top_rung: TopRung::Encode, ..request.settings.clone() };
    let Planned { info, plan, warnings, .. } = vod::plan(&request.input, &[], &settings, control)?;
    let no_pictures = || Error::NoPictures(request.input.clone());
    let video = plan.video.as_ref().ok_or_else(no_pictures)?;
    let thumbnails = video.thumbnails.ok_or_else(no_pictures)?;
    let planned = clock.elapsed();
    let identity = Identity::of(&request.input)?.ok_or_else(|| Error::NotAFile(request.input.clone()))?;
    let material = serde_json::json!({ "thumbnails": plan, "settings": request.settings });
    let key = key(&material, &identity, &vod::versions_text(Libraries::All)?);
    let source = picture_source(&request.input, &info, &plan, video, &thumbnails);
    let key_frames_only = source.keys_only;
    let (settings, loudness) = (&request.settings, BTreeMap::new());
    let about = About { key: &key, info: &info, settings, plan: &plan, text: Vec::new(), loudness: &loudness };

    let dir = Dir::create(&request.output, names::WORK)?;
    // What an unfinished encode keeps in the work directory stays for its next run.
    let report = lock::hold(
        &request.output,
        || Journal::stands_in(&dir),
        || {
            let owned = Owned::read(&dir)?;
            if owned.holds_set() {
                return Err(Error::Finished(request.output.clone()));
            }
            let same = Report::read(&dir)?.filter(|report| report.key == key && !request.force);
            if let Some(report) = same
                && report.stands_in(&dir)?
            {
                return Ok(Report { up_to_date: true, ..report });
            }
            let objects = [plan.stills(), vec![names::REPORT.to_owned()]].concat();
            owned.clear_the_way(&dir, &objects, request.force)?;
            let stills = look(&plan, video, thumbnails, &source, control)?;
            let timings = Timings {
                plan_ms: planned.as_millis() as u64,
                encode_ms: 0,
                finish_ms: (clock.elapsed() - planned).as_millis() as u64,
            };
            let sheets = Sheets::new(&thumbnails, stills.sheets.iter().map(|made| made.facts.clone()).collect());
            let poster = stills.poster.as_ref().map(|(poster, _)| *poster);
            let report = Report::of_stills(&about, Some(&sheets), poster, warnings, timings)?;
            control.cancel.check()?;
            owned.remove(&dir, control)?;
            store(&dir, report, stills, &vtt::vtt(&sheets, plan.duration()), control)
        },
    )?;
    Ok(Made { report, key_frames_only })
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
struct SheetSink<'scope, 'env> {
    stills: Stills,
    writer: SheetWriter,
    press: Press<'scope, 'env>,
    sheets: Vec<MadeSheet>,
}

impl Watch for SheetSink<'_, '_> {
    type Error = Error;

    fn see(&mut self, slot: &Slot) -> Result<(), Error> {
        if let Some((_, picture)) = self.stills.look(slot)?
            && let Some(drawn) = self.writer.push(Some(&picture))?
        {
            self.sheets.extend(self.press.take(drawn)?);
        }
        Ok(())
    }
}

/// Pictures that were made, as JPEG.
struct Pictures {
    sheets: Vec<MadeSheet>,
    poster: Option<(Poster, Vec<u8>)>,
}

/// Looks through the source.
fn look(
    plan: &Plan,
    video: &VideoPlan,
    thumbnails: ThumbnailPlan,
    source: &PictureSource,
    control: Control<'_>,
) -> Result<Pictures, Error> {
    let mut sizes = vec![video.poster.map_or(thumbnails.tile, |poster| poster.resolution)];
    if sizes[0].pixels() > thumbnails.tile.pixels() {
        sizes.push(thumbnails.tile);
    }
    let mut feed = PictureFeed::from_slot(source, 0, control.cancel)?;
    let graph = graph(&video.picture, video.color, &sizes)?;
    std::thread::scope(|scope| {
        let mut sink = SheetSink {
            stills: Stills::new(Some(thumbnails), video.poster, &plan.grid, video.picture.display),
            writer: SheetWriter::new(&thumbnails),
            press: Press::new(scope),
            sheets: Vec::new(),
        };
        let mut slots = ShardPictures::new(&mut feed, plan.grid.frames(), graph, sizes.len(), Some(&mut sink));
        while slots.next()?.is_some() {
            control.cancel.check()?;
        }
        let SheetSink { stills, writer, mut press, mut sheets } = sink;
        if let Some(last) = writer.finish() {
            sheets.extend(press.take(last)?);
        }
        let poster = stills.poster()?.map(|(candidate, jpeg)| (Poster { frame: candidate.frame }, jpeg));
        sheets.extend(press.finish()?);
        Ok(Pictures { sheets, poster })
    })
}

/// Stores the report first: what it lists is ours, whenever the run ends. The WebVTT, which names the
/// sheets, comes last.
fn store(dir: &Dir, mut report: Report, pictures: Pictures, vtt: &str, control: Control<'_>) -> Result<Report, Error> {
    let sheets = pictures.sheets.into_iter().map(|made| (made.facts.key, made.jpeg));
    let poster = pictures.poster.into_iter().map(|(_, jpeg)| (names::POSTER.to_owned(), jpeg));
    let text = (names::THUMBNAILS.to_owned(), vtt.as_bytes().to_vec());
    let objects: Vec<(String, Vec<u8>)> = sheets.chain(poster).chain([text]).collect();
    report.files = objects.iter().map(|(key, body)| File { key: key.clone(), bytes: body.len() as u64 }).collect();
    report.write(dir)?;
    for (key, body) in &objects {
        dir.put(key, body)?;
        control.observer.on(&Event::ManifestStored { key });
    }
    Ok(report)
}
