//! How the shards of a source are read: each from its own key frame, or all from the start.

use super::Error;
use super::scene::Scene;
use crate::cancel::CancelToken;
use crate::plan::{Shard, ThumbnailPlan, VideoPlan};
use crate::source::feed::{PictureFeed, PictureSource};

/// Shards that are read one after another.
pub(super) struct Stretch {
    shards: Vec<Shard>,
    seek: bool,
}

impl Stretch {
    /// The stretches that hold `shards`.
    pub(super) fn all(scene: &Scene<'_>, video: &VideoPlan, shards: Vec<Shard>) -> Vec<Self> {
        if shards.is_empty() {
            Vec::new()
        } else if sought(scene, video) {
            shards.into_iter().map(|shard| Self { shards: vec![shard], seek: true }).collect()
        } else {
            vec![Self { shards, seek: false }]
        }
    }

    /// Whether the source is read from its start, which takes longest.
    pub(super) const fn reads_all(&self) -> bool {
        !self.seek
    }

    /// Hands each shard to `each` with a feed that gives its pictures next.
    pub(super) fn read(
        &self,
        scene: &Scene<'_>,
        video: &VideoPlan,
        cancel: &CancelToken,
        mut each: impl FnMut(Shard, &mut PictureFeed) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let source = picture_source(scene, video);
        let first = |shard: &Shard| shard.frames(&scene.plan.grid).start;
        let mut feed = match self.shards.first() {
            Some(shard) if self.seek => PictureFeed::from_slot(&source, first(shard), cancel)?,
            _ => PictureFeed::from_start(&source, cancel)?,
        };
        for shard in &self.shards {
            if !self.seek {
                feed.skip_to(first(shard));
            }
            each(*shard, &mut feed)?;
        }
        Ok(())
    }
}

/// Whether each shard is read from its own key frame.
pub(super) fn sought(scene: &Scene<'_>, video: &VideoPlan) -> bool {
    !key_frames(scene, video).is_empty()
}

/// `segment 3`, `segments 1 to 4`.
pub(super) fn segments(shard: Shard) -> String {
    if shard.first == shard.last {
        format!("segment {}", shard.first)
    } else {
        format!("segments {} to {}", shard.first, shard.last)
    }
}

/// Whether key frames alone are decoded: nothing is encoded, and there is one in each interval of the thumbnails.
fn keys_only(scene: &Scene<'_>, video: &VideoPlan) -> bool {
    let often = |thumbnails: &ThumbnailPlan| thumbnails.interval_frames >= scene.plan.grid.gop_frames();
    video.renditions.is_empty()
        && video.thumbnails.as_ref().is_none_or(often)
        && video.poster.is_none_or(|poster| poster.frame.is_none())
}

fn key_frames(scene: &Scene<'_>, video: &VideoPlan) -> Vec<i64> {
    let info = scene.info.video.iter().find(|info| info.track == video.track);
    let timing = info.and_then(|info| info.timing.as_ref()).filter(|timing| timing.seekable);
    timing.map_or_else(Vec::new, |timing| timing.key_frames_us.clone())
}

fn picture_source(scene: &Scene<'_>, video: &VideoPlan) -> PictureSource {
    PictureSource {
        path: scene.input.to_owned(),
        track: video.track,
        origin_us: scene.plan.origin_us,
        rate: scene.plan.grid.rate(),
        deinterlace: video.picture.deinterlace,
        key_frames_us: key_frames(scene, video),
        shifts: scene.info.shifts_of(video.track),
        keys_only: keys_only(scene, video),
    }
}
