//! Thumbnails and poster of a packaged set, from the key frames of its smallest rendition.

use std::path::PathBuf;

use super::super::finish::Poster;
use super::super::journal::Journal;
use super::super::press::Press;
use super::super::stills::Stills;
use super::super::{Error, assemble::File};
use crate::encode::pictures::{ShardPictures, Watch, graph};
use crate::encode::{Slot, Slots};
use crate::event::{Control, Event, Warning};
use crate::output::{Dir, Output};
use crate::plan::PosterPlan;
use crate::plan::package::{StillSource, StillsPlan};
use crate::source::Scan;
use crate::source::feed::{PictureFeed, PictureSource};
use crate::thumbs::sheet::{Drawn, Made as MadeSheet, SheetWriter};
use crate::thumbs::{Sheet, Sheets};

/// Where pictures come from, and where what is made of them goes.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    pub(super) inputs: &'a [PathBuf],
    pub(super) scans: &'a [Scan],
    pub(super) dir: &'a Dir,
    pub(super) journal: &'a Journal,
}

/// What was made: the sheets stand in the output, the poster is JPEG bytes.
pub(super) struct Made {
    pub(super) sheets: Sheets,
    pub(super) files: Vec<File>,
    pub(super) poster: Option<(Poster, Vec<u8>)>,
}

/// Makes them. What this FFmpeg cannot decode is packaged without: the warning says why.
pub(super) fn make(place: Place<'_>, plan: &StillsPlan, control: Control<'_>) -> Result<Result<Made, Warning>, Error> {
    std::thread::scope(|scope| {
        let mut sink = SheetSink::new(place, plan, Press::new(scope), control);
        match sheets(place, plan, &mut sink, control) {
            Err(error @ (Error::Av(_) | Error::Encode(_))) if !error.is_cancelled() => {
                sink.forget()?;
                let message = format!("neither thumbnails nor a poster are made: {error}");
                return Ok(Err(Warning { code: "no_thumbnails", message }));
            }
            other => other?,
        }
        sink.end()?;
        let poster = match sink.poster_frame() {
            Some(frame) => poster(place, plan, frame, control)?,
            None => None,
        };
        let stored = sink.finish()?;
        Ok(Ok(made(plan, stored, poster)))
    })
}

fn made(plan: &StillsPlan, stored: Vec<Sheet>, poster: Option<(Poster, Vec<u8>)>) -> Made {
    let files = stored.iter().map(|sheet| File { key: sheet.key.clone(), bytes: sheet.bytes }).collect();
    Made { sheets: Sheets::new(&plan.thumbnails, stored), files, poster }
}

/// Looks at the key frames of the smallest rendition.
fn sheets(
    place: Place<'_>,
    plan: &StillsPlan,
    sink: &mut SheetSink<'_, '_, '_>,
    control: Control<'_>,
) -> Result<(), Error> {
    let mut feed = PictureFeed::from_start(&source(place, plan, &plan.small, true), control.cancel)?;
    let graph = graph(&plan.small.picture, plan.small.color, &[plan.thumbnails.tile])?;
    let mut slots = ShardPictures::new(&mut feed, plan.grid.frames(), graph, 1, Some(sink));
    while slots.next()?.is_some() {
        control.cancel.check()?;
    }
    Ok(())
}

/// The picture that is shown at a frame, of the largest rendition that can be decoded.
fn poster(
    place: Place<'_>,
    plan: &StillsPlan,
    frame: u64,
    control: Control<'_>,
) -> Result<Option<(Poster, Vec<u8>)>, Error> {
    let of = |from: &StillSource| -> Result<Option<Vec<u8>>, Error> {
        let mut feed = PictureFeed::from_slot(&source(place, plan, from, false), frame, control.cancel)?;
        let graph = graph(&from.picture, from.color, &[plan.poster.resolution])?;
        let mut slots = ShardPictures::<Error>::new(&mut feed, frame + 1, graph, 1, None);
        let Some(slot) = slots.next()? else { return Ok(None) };
        let wanted = PosterPlan { frame: Some(slot.number), ..plan.poster };
        let mut stills = Stills::new(None, Some(wanted), &plan.grid, from.picture.display);
        stills.look(&slot)?;
        Ok(stills.poster()?.map(|(_, jpeg)| jpeg))
    };
    let jpeg = match of(&plan.large) {
        Err(error) if error.is_cancelled() => return Err(error),
        Ok(Some(jpeg)) => Some(jpeg),
        Ok(None) | Err(_) => of(&plan.small)?,
    };
    Ok(jpeg.map(|jpeg| (Poster { frame }, jpeg)))
}

fn source(place: Place<'_>, plan: &StillsPlan, of: &StillSource, keys_only: bool) -> PictureSource {
    let info = &place.scans[of.track.file].info;
    let timing = info.video.iter().find(|video| video.track == of.track.index).and_then(|video| video.timing.as_ref());
    let timing = timing.filter(|timing| timing.seekable);
    PictureSource {
        path: place.inputs[of.track.file].clone(),
        track: of.track.index,
        origin_us: of.origin_us,
        rate: plan.grid.rate(),
        // Fields of two key frames don't mix.
        deinterlace: of.picture.deinterlace && !keys_only,
        key_frames_us: timing.map_or_else(Vec::new, |timing| timing.key_frames_us.clone()),
        shifts: info.shifts_of(of.track.index),
        keys_only,
    }
}

/// Puts tiles into sheets as they come, and stores each sheet when it is full.
struct SheetSink<'a, 'scope, 'env> {
    place: Place<'a>,
    control: Control<'a>,
    asked: Option<u64>,
    stills: Stills,
    writer: Option<SheetWriter>,
    press: Press<'scope, 'env>,
    stored: Vec<Sheet>,
}

impl<'a, 'scope, 'env> SheetSink<'a, 'scope, 'env> {
    fn new(place: Place<'a>, plan: &StillsPlan, press: Press<'scope, 'env>, control: Control<'a>) -> Self {
        // A poster that was asked for need not be looked for.
        let asked = plan.poster.frame;
        let poster = asked.is_none().then_some(plan.poster);
        Self {
            place,
            control,
            asked,
            stills: Stills::new(Some(plan.thumbnails), poster, &plan.grid, plan.small.picture.display),
            writer: Some(SheetWriter::new(&plan.thumbnails)),
            press,
            stored: Vec::new(),
        }
    }

    fn keep(&mut self, made: Option<MadeSheet>) -> Result<(), Error> {
        let Some(MadeSheet { facts, jpeg }) = made else { return Ok(()) };
        self.place.journal.claim(vec![facts.key.clone()])?;
        self.place.dir.put(&facts.key, &jpeg)?;
        self.control.observer.on(&Event::ManifestStored { key: &facts.key });
        self.stored.push(facts);
        Ok(())
    }

    /// The frame that becomes the poster.
    fn poster_frame(&self) -> Option<u64> {
        self.asked.or_else(|| self.stills.best_frame())
    }

    /// Removes what was stored.
    fn forget(self) -> Result<(), Error> {
        Ok(self.stored.iter().try_for_each(|sheet| self.place.dir.delete(&sheet.key))?)
    }

    /// Takes a sheet, and stores the one before it.
    fn press(&mut self, drawn: Option<Drawn>) -> Result<(), Error> {
        let Some(drawn) = drawn else { return Ok(()) };
        let before = self.press.take(drawn)?;
        self.keep(before)
    }

    /// There are no more tiles.
    fn end(&mut self) -> Result<(), Error> {
        let last = self.writer.take().and_then(SheetWriter::finish);
        self.press(last)
    }

    /// All sheets, which are stored.
    fn finish(mut self) -> Result<Vec<Sheet>, Error> {
        let last = self.press.finish()?;
        self.keep(last)?;
        Ok(self.stored)
    }
}

impl Watch for SheetSink<'_, '_, '_> {
    type Error = Error;

    fn see(&mut self, slot: &Slot) -> Result<(), Error> {
        if let Some((_, picture)) = self.stills.look(slot)? {
            let drawn = self.writer.as_mut().map(|writer| writer.push(Some(&picture))).transpose()?;
            self.press(drawn.flatten())?;
        }
        Ok(())
    }
}
