//! The rung that is the source's own pictures, and how it stands among those that are encoded.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::package::{Clock, PictureCopy, Track};
use super::{Cuts, Plan, VideoPlan};
use crate::media::{Bitrate, RenditionId, Resolution, TrackIndex, VideoCodec};

/// The largest rung, when it is the source's own pictures: whole GOPs of it, as they are.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CopiedRendition {
    /// Its name: `1080p_h264`.
    pub id: RenditionId,
    /// The source stream.
    pub track: TrackIndex,
    /// The codec.
    pub codec: VideoCodec,
    /// Size of the pictures; pixels are square.
    pub resolution: Resolution,
    /// Measured bit rate.
    pub bitrate: Bitrate,
    /// VBV: the fastest that the decoder's buffer is filled, in the rung that it stands for.
    pub maxrate: Bitrate,
    /// VBV: the size of the decoder's buffer, in bits.
    pub bufsize: u64,
    /// The first GOP that is taken, counted from 0.
    pub first_gop: usize,
    /// How many GOPs are taken.
    pub gops: usize,
    /// When the first picture is shown, in microseconds of the source's timeline.
    pub first_us: i64,
}

/// What is alike of a rendition that is copied and of one that is encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rendition<'a> {
    /// Its name.
    pub id: &'a RenditionId,
    /// The codec.
    pub codec: VideoCodec,
    /// Size of the pictures.
    pub resolution: Resolution,
}

impl VideoPlan {
    /// Every rendition, widest first: the one that is copied, if any, then those that are encoded.
    pub fn all(&self) -> impl Iterator<Item = Rendition<'_>> + Clone {
        let copied = self.copied.iter().map(|r| Rendition { id: &r.id, codec: r.codec, resolution: r.resolution });
        let encoded = self.renditions.iter();
        copied.chain(encoded.map(|r| Rendition { id: &r.id, codec: r.encoding.codec, resolution: r.resolution }))
    }
}

impl Plan {
    /// How the pictures are copied that are one of the renditions: cut where the others are.
    pub fn picture_copy(&self) -> Option<PictureCopy> {
        let copied = self.video.as_ref()?.copied.as_ref()?;
        let grid = &self.grid;
        let per_segment = (grid.segment_frames() / grid.gop_frames()) as usize;
        let fragments: Vec<i64> = (0..grid.fragments()).map(|n| grid.time_of(grid.fragment_start(n)).ticks()).collect();
        let segments = (0..grid.segments() as usize).map(|n| n * per_segment).collect();
        Some(PictureCopy {
            id: copied.id.clone(),
            track: Track { file: 0, index: copied.track },
            codec: copied.codec,
            set: 0,
            resolution: copied.resolution,
            frame_rate: grid.rate(),
            bitrate: copied.bitrate,
            origin_us: self.origin_us,
            clock: Clock::of_rate(grid.rate()).starting(copied.first_us, self.origin_us),
            end: grid.time_of(grid.frames()).ticks(),
            cuts: Cuts::new(grid.rate().timescale(), fragments, segments, 0),
            open: false,
        })
    }
}
