//! Thumbnails and poster candidates of one shard, from frames that are decoded anyway.

use serde::{Deserialize, Serialize};

use super::Error;
use crate::av::filter::PictureGraph;
use crate::av::frame::Frame;
use crate::encode::pictures::Watch;
use crate::encode::{self, Slot};
use crate::media::Resolution;
use crate::output::{Dir, Output, Workspace};
use crate::plan::{PosterPlan, SegmentGrid, ThumbnailPlan, names};
use crate::thumbs::picture::Picture;
use crate::thumbs::poster::{self, Candidate, Features};
use crate::thumbs::sampler;

/// Width of the picture that a poster candidate is judged by, when there are no thumbnails.
const JUDGED_WIDTH: u32 = 320;

/// What is known of a shard's stills; the pictures themselves stand in the work directory.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct StillFacts {
    /// Tiles that were stored.
    pub(super) tiles: Vec<u64>,
    /// The candidate whose picture was stored, as the best of the shard.
    pub(super) best: Option<Candidate>,
}

fn tile_key(tile: u64) -> String {
    format!("{}/tiles/{tile:07}.png", names::WORK)
}

fn poster_key(frame: u64) -> String {
    format!("{}/posters/{frame:09}.jpg", names::WORK)
}

impl StillFacts {
    /// Whether every picture still stands.
    pub(super) fn stand_in(&self, dir: &Dir) -> bool {
        let there = |key: String| matches!(dir.size(&key), Ok(Some(bytes)) if bytes > 0);
        self.tiles.iter().all(|tile| there(tile_key(*tile)))
            && self.best.iter().all(|candidate| there(poster_key(candidate.frame)))
    }
}

/// Reads a stored tile back.
pub(super) fn tile(dir: &Dir, tile: u64) -> Result<Picture, Error> {
    Ok(Picture::from_png(&dir.get(&tile_key(tile))?)?)
}

/// Reads a stored poster candidate back: JPEG bytes.
pub(super) fn poster(dir: &Dir, frame: u64) -> Result<Vec<u8>, Error> {
    Ok(dir.get(&poster_key(frame))?)
}

/// Makes tiles of the slots that a tile is due in, and keeps the one that may become the poster.
pub(super) struct Stills {
    thumbnails: Option<ThumbnailPlan>,
    poster: Option<PosterPlan>,
    /// Poster candidates are looked for once in so many frames.
    step: u64,
    small: PictureGraph,
    small_size: Resolution,
    /// The picture that was looked at last, small, and whether it was considered as the poster: where pictures are held it
    /// comes again.
    last: Option<Seen>,
    best: Option<(f32, Candidate, Frame)>,
}

struct Seen {
    frame: Frame,
    small: Option<Picture>,
    considered: bool,
}

/// A graph from one picture of a slot to packed RGB.
fn to_rgb(size: Resolution) -> PictureGraph {
    let Resolution { width, height } = size;
    PictureGraph::new(format!("[in]scale={width}:{height}:flags=area+accurate_rnd+bitexact,format=rgb24[out0]"), 1)
}

fn render(graph: &mut PictureGraph, frame: &Frame, size: Resolution) -> Result<Option<Picture>, encode::Error> {
    graph.push(frame)?;
    Ok(graph.pull(0)?.and_then(|rgb| Picture::new(size, rgb.to_rgb()).ok()))
}

impl Stills {
    /// Stills of slots whose largest picture has the size `display`.
    pub(super) fn new(
        thumbnails: Option<ThumbnailPlan>,
        poster: Option<PosterPlan>,
        grid: &SegmentGrid,
        display: Resolution,
    ) -> Self {
        let judged = Resolution::new(JUDGED_WIDTH, (JUDGED_WIDTH * display.height / display.width.max(1)).max(2) & !1);
        let small_size = thumbnails.map_or(judged, |t| t.tile);
        Self {
            thumbnails,
            poster,
            step: (grid.gop_frames() / 2).max(1),
            small: to_rgb(small_size),
            small_size,
            last: None,
            best: None,
        }
    }

    /// The smallest picture that is not smaller than a tile, so that nothing is scaled up.
    fn source<'a>(&self, slot: &'a Slot) -> Option<&'a Frame> {
        let fits = |frame: &&Frame| {
            let size = frame.resolution();
            size.width >= self.small_size.width && size.height >= self.small_size.height
        };
        slot.sizes.iter().rev().find(fits).or(slot.sizes.first())
    }

    fn consider(&mut self, slot: &Slot, poster: PosterPlan, small: Option<&Picture>) {
        let (Some(frame), Some(small)) = (slot.sizes.first(), small) else { return };
        let candidate = Candidate { frame: slot.number, features: Features::of(small) };
        let wanted = poster.frame == Some(slot.number);
        let score = if wanted { f32::INFINITY } else { poster::score(&candidate.features) };
        if self.best.as_ref().is_none_or(|(best, ..)| score > *best) {
            self.best = Some((score, candidate, frame.clone()));
        }
    }

    /// Looks at a slot; gives its tile and the tile's number when one is due.
    pub(super) fn look(&mut self, slot: &Slot) -> Result<Option<(u64, Picture)>, encode::Error> {
        let tile = self.thumbnails.as_ref().and_then(|plan| sampler::tile_of(plan, slot.number));
        let poster = self.poster.filter(|plan| match plan.frame {
            Some(frame) => frame == slot.number,
            None => slot.number.is_multiple_of(self.step),
        });
        if tile.is_none() && poster.is_none() {
            return Ok(None);
        }
        let Some(frame) = self.source(slot).cloned() else { return Ok(None) };
        let mut seen = match self.last.take().filter(|last| last.frame.is_same_as(&frame)) {
            Some(again) => again,
            None => {
                let small = render(&mut self.small, &frame, self.small_size)?;
                Seen { frame, small, considered: false }
            }
        };
        if let Some(plan) = poster.filter(|_| !seen.considered) {
            self.consider(slot, plan, seen.small.as_ref());
            seen.considered = true;
        }
        let small = seen.small.clone().filter(|_| tile.is_some());
        self.last = Some(seen);
        Ok(tile.zip(small))
    }

    /// The frame of the best poster candidate.
    pub(super) fn best_frame(&self) -> Option<u64> {
        self.best.as_ref().map(|(_, candidate, _)| candidate.frame)
    }

    /// Renders the best poster candidate: the frame and its JPEG bytes.
    pub(super) fn poster(&self) -> Result<Option<(Candidate, Vec<u8>)>, Error> {
        let Some(((_, candidate, frame), plan)) = self.best.as_ref().zip(self.poster) else { return Ok(None) };
        let picture = render(&mut to_rgb(plan.resolution), frame, plan.resolution)?;
        picture.map(|picture| Ok((candidate.clone(), poster::jpeg(&picture)?))).transpose()
    }
}

/// The stills of one shard; pictures stand in the work directory as soon as they are made.
pub(super) struct ShardStills<'a> {
    stills: Stills,
    dir: &'a Dir,
    tiles: Vec<u64>,
}

impl<'a> ShardStills<'a> {
    pub(super) fn new(stills: Stills, dir: &'a Dir) -> Self {
        Self { stills, dir, tiles: Vec::new() }
    }

    /// Stores the best poster candidate too, and gives the facts.
    pub(super) fn finish(self) -> Result<StillFacts, Error> {
        let best = self.stills.poster()?.map(|(candidate, jpeg)| {
            self.dir.put(&poster_key(candidate.frame), &jpeg)?;
            Ok::<_, Error>(candidate)
        });
        Ok(StillFacts { tiles: self.tiles, best: best.transpose()? })
    }
}

impl Watch for ShardStills<'_> {
    type Error = Error;

    fn see(&mut self, slot: &Slot) -> Result<(), Error> {
        if let Some((tile, picture)) = self.stills.look(slot)? {
            self.dir.put(&tile_key(tile), &picture.to_png()?)?;
            self.tiles.push(tile);
        }
        Ok(())
    }
}
