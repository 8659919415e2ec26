//! What thumbnails and the poster of a packaged set are made of.

use serde::{Deserialize, Serialize};

use super::{PictureCopy, Track};
use crate::config::Settings;
use crate::media::{ColorInfo, Span};
use crate::plan::picture::{self, PictureSteps};
use crate::plan::shape::Shape;
use crate::plan::{Error, PosterPlan, SegmentGrid, ThumbnailPlan, seconds, thumbs};
use crate::source::{Scan, VideoInfo};

/// Thumbnails and poster: the only pictures of a packaged set that are decoded.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StillsPlan {
    /// The smallest rendition, whose key frames become thumbnails.
    pub small: StillSource,
    /// The largest, of which the poster is taken.
    pub large: StillSource,
    /// The frames that tiles and poster are counted in.
    pub grid: SegmentGrid,
    /// The thumbnails.
    pub thumbnails: ThumbnailPlan,
    /// The poster.
    pub poster: PosterPlan,
}

/// Pictures that are decoded.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct StillSource {
    /// Where they come from.
    pub track: Track,
    /// When the programme begins, in microseconds of its file.
    pub origin_us: i64,
    /// What is done to each before it is scaled.
    pub picture: PictureSteps,
    /// The colour it ends up in.
    pub color: ColorInfo,
}

/// Of the first switching set; nothing where no thumbnails are asked for, or there are no pictures.
pub(super) fn plan(
    scans: &[Scan],
    video: &[PictureCopy],
    duration: Span,
    settings: &Settings,
) -> Result<Option<StillsPlan>, Error> {
    let set = || video.iter().filter(|picture| picture.set == 0);
    let large = set().max_by_key(|picture| picture.resolution.pixels());
    let small = set().min_by_key(|picture| picture.resolution.pixels());
    let (Some(large), Some(small)) = (large, small) else { return Ok(None) };
    let (Some(large_info), Some(small_info)) = (info(scans, large), info(scans, small)) else { return Ok(None) };
    if !settings.thumbnails {
        return Ok(None);
    }
    let rate = small.frame_rate;
    let frames = (duration.as_seconds() * rate.as_f64()).round().max(1.0) as u64;
    let segment = seconds("segment_duration", settings.segment_duration)?;
    let grid = SegmentGrid::new(rate, seconds("gop", settings.gop)?, segment, frames);
    let shape = Shape::of(large_info);
    let Some(thumbnails) = thumbs::thumbnails(Shape::of(small_info), &grid, settings)? else { return Ok(None) };
    Ok(Some(StillsPlan {
        small: source(small, small_info),
        large: source(large, large_info),
        thumbnails,
        poster: thumbs::poster(shape.own(), shape, &grid, settings)?,
        grid,
    }))
}

fn info<'a>(scans: &'a [Scan], picture: &PictureCopy) -> Option<&'a VideoInfo> {
    scans[picture.track.file].info.video.iter().find(|info| info.track == picture.track.index)
}

fn source(copy: &PictureCopy, info: &VideoInfo) -> StillSource {
    let picture = PictureSteps::new(info, Shape::of(info).own());
    let color = picture::output_color(picture.source_color);
    StillSource { track: copy.track, origin_us: copy.origin_us, picture, color }
}
