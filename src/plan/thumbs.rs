//! Thumbnails and the poster: which frames, how large.

use super::shape::Shape;
use super::{Error, PosterPlan, SegmentGrid, ThumbnailPlan};
use crate::config::{Poster, Settings};
use crate::media::Resolution;

/// Tiles across and down a full sheet.
const SHEET: (u32, u32) = (5, 4);
/// The longest side of a sheet: what the image decoders of weak devices take as one texture.
const LARGEST_SHEET: u32 = 4096;
/// The narrowest tile that shows anything.
const NARROWEST_TILE: u32 = 16;
/// The longest side of the poster.
const LARGEST_POSTER: u32 = 1920;

/// The thumbnails, unless they are not asked for. The longer side of a tile is the width asked for,
/// so that portrait tiles are no larger than landscape ones. A short programme has smaller sheets.
pub(super) fn thumbnails(
    shape: Shape,
    grid: &SegmentGrid,
    settings: &Settings,
) -> Result<Option<ThumbnailPlan>, Error> {
    if !settings.thumbnails {
        return Ok(None);
    }
    let width = settings.thumbnail_width;
    if !(NARROWEST_TILE..=LARGEST_SHEET).contains(&width) {
        let allowed = "a width from 16 to 4096 pixels";
        return Err(Error::OutOfRange { setting: "thumbnail_width", value: width.into(), allowed });
    }
    let interval = super::seconds("thumbnail_interval", settings.thumbnail_interval)?;
    let interval_frames = ((interval.as_secs_f64() * grid.rate().as_f64()).round() as u64).max(1);
    let tiles = u32::try_from(grid.frames().div_ceil(interval_frames)).unwrap_or(u32::MAX);
    let tile = shape.with_long_side(width);
    let columns = SHEET.0.min(LARGEST_SHEET / tile.width).min(tiles);
    let rows = SHEET.1.min(LARGEST_SHEET / tile.height).min(tiles.div_ceil(columns));
    Ok(Some(ThumbnailPlan { interval_frames, interval: grid.span_of(interval_frames), tile, columns, rows }))
}

/// The poster: the asked frame at the size of the `top` rendition, up to 1920 pixels.
pub(super) fn poster(
    top: Resolution,
    shape: Shape,
    grid: &SegmentGrid,
    settings: &Settings,
) -> Result<PosterPlan, Error> {
    let frame = match settings.poster {
        Poster::Auto => None,
        Poster::At(at) => Some(poster_frame(at, grid)?),
    };
    let long_side = top.width.max(top.height);
    let resolution = if long_side <= LARGEST_POSTER { top } else { shape.with_long_side(LARGEST_POSTER) };
    Ok(PosterPlan { frame, resolution })
}

/// The frame that is shown `at` seconds into the programme.
fn poster_frame(at: f64, grid: &SegmentGrid) -> Result<u64, Error> {
    if at.is_nan() || at < 0.0 {
        return Err(Error::OutOfRange { setting: "poster", value: at, allowed: "auto or a number of seconds from 0" });
    }
    // A frame's own time, printed and read again, may fall a little short of it.
    let frame = (at * grid.rate().as_f64() + 1e-3).floor() as u64;
    if frame >= grid.frames() {
        return Err(Error::PosterBeyondEnd { at, length: grid.duration().as_seconds() });
    }
    Ok(frame)
}
