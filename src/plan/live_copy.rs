//! The plan of a live programme whose pictures and sound stay as they come, and where it is cut.

use std::time::Duration;

use super::audio::{self, Unique, default_of, label, role};
use super::live::possible;
use super::picture::{self, PictureSteps};
use super::shape::Shape;
use super::taken::layout;
use super::{
    AudioReason, AudioRendition, CopiedRendition, Error, Layout, Metadata, Plan, SegmentGrid, VideoPlan, nothing_to_do,
    seconds, shard, timing, video,
};
use crate::config::Settings;
use crate::media::{AudioCodec, Bitrate, FrameRate, RenditionId, RenditionKind, Rounding, Timescale, VideoCodec};
use crate::source::{AudioInfo, SourceInfo, VideoInfo};

/// No source has more pictures in a second: its own rate stays.
const FASTEST: FrameRate = FrameRate::whole(1000);

/// Rates that differ by less are the same: of 29.97 and 30 the nearer one.
const SAME_RATE: f64 = 0.0005;

/// FFmpeg has no encoder of this name: packets stay what they are.
const COPY: &str = "copy";

impl Plan {
    /// What will be done to a live source of which nothing is encoded: one rendition of its pictures, and one of each of
    /// its sound tracks.
    ///
    /// # Errors
    /// When a track is coded in a way that has no place in the set, and for all that [`Plan::live`] refuses.
    pub fn live_copy(info: &SourceInfo, settings: &Settings, in_parts: bool) -> Result<Self, Error> {
        possible(settings, in_parts)?;
        let (picture, sounds) = (video::choose(info, settings), audio::choose(info, settings)?);
        if picture.is_none() && sounds.is_empty() {
            return Err(nothing_to_do(info, settings));
        }
        let rate = picture.map_or(timing::SOUND_ONLY, |video| usual(timing::output_rate(video, FASTEST)));
        let segment = seconds("segment_duration", settings.segment_duration)?;
        seconds("gop", settings.gop)?;
        // Key frames lie where the source has them: the grid tells how long a segment is at least.
        let grid = SegmentGrid::endless(rate, segment, segment);
        Ok(Self {
            grid,
            origin_us: 0,
            video: picture.map(|video| pictures(info, video, &grid)).transpose()?,
            audio_only_variant: settings.audio_only && !sounds.is_empty(),
            audio: renditions(info, &sounds)?,
            loudness: None,
            left_out: Vec::new(),
            text: Vec::new(),
            captions: Vec::new(),
            metadata: Metadata::of(info, 0, 0),
            progressive: Vec::new(),
            layout: Layout::SegmentFiles,
            hls: settings.hls,
            dash: settings.dash,
        })
    }

    /// Whether nothing of it is encoded.
    pub fn is_copy(&self) -> bool {
        let encoded = self.video.iter().any(|video| !video.renditions.is_empty());
        !encoded && self.audio.iter().all(AudioRendition::is_copy)
    }
}

/// The rate as it is meant: what comes in milliseconds is not told exactly.
fn usual(rate: FrameRate) -> FrameRate {
    let standard = timing::nearest_standard(rate.as_f64());
    if (rate.as_f64() / standard.as_f64() - 1.0).abs() < SAME_RATE { standard } else { rate }
}

fn pictures(info: &SourceInfo, video: &VideoInfo, grid: &SegmentGrid) -> Result<VideoPlan, Error> {
    let refuse = |why| Err(Error::Track { input: info.input.clone(), track: video.track, why });
    let codec = match VideoCodec::named(&video.codec) {
        Some(codec @ (VideoCodec::H264 | VideoCodec::Hevc)) => codec,
        Some(VideoCodec::Av1 | VideoCodec::Vp9) | None => {
            return Err(not_copied(info, ("pictures", &video.codec), "H.264 and HEVC"));
        }
    };
    if video.rotation != 0 || video.mirrored {
        return refuse("it is shown turned or mirrored, which CMAF cannot say (ISO/IEC 23000-19 § 7.5.4); encode it");
    }
    let picture = PictureSteps::new(video, Shape::of(video).own());
    let rate = video.bitrate.map_or(Bitrate::from_bps(0), Bitrate::from_bps);
    let copied = CopiedRendition {
        id: RenditionId::new(RenditionKind::Video, &format!("{}p_{codec}", video.resolution.short_side())),
        track: video.track,
        codec,
        resolution: video.resolution,
        bitrate: rate,
        maxrate: rate,
        bufsize: 0,
        first_gop: 0,
        gops: 0,
        first_us: 0,
    };
    Ok(VideoPlan {
        track: video.track,
        color: picture::output_color(picture.source_color),
        picture,
        copied: Some(copied),
        not_copied: Vec::new(),
        renditions: Vec::new(),
        trick: None,
        shards: vec![shard::endless(grid)],
        thumbnails: None,
        poster: None,
    })
}

fn renditions(info: &SourceInfo, sounds: &[&AudioInfo]) -> Result<Vec<AudioRendition>, Error> {
    let mut ordered = sounds.to_vec();
    if let Some(up_to_default) = ordered.get_mut(..=default_of(sounds)).filter(|_| !sounds.is_empty()) {
        up_to_default.rotate_right(1);
    }
    let (mut ids, mut labels) = (Unique::default(), Unique::default());
    let rendition = |(position, track): (usize, &AudioInfo)| {
        if AudioCodec::named(&track.codec) != Some(AudioCodec::Aac) {
            return Err(not_copied(info, ("sound", &track.codec), "AAC"));
        }
        // How many bits it takes is not known before it comes.
        let name = ids.claim(&format!("{}_{}", track.language.tag(), AudioCodec::Aac), "_");
        Ok(AudioRendition {
            id: RenditionId::new(RenditionKind::Audio, &name),
            track: track.track,
            language: track.language.clone(),
            label: labels.claim(&label(track), " "),
            default: position == 0,
            role: role(track),
            codec: AudioCodec::Aac,
            encoder: COPY.to_owned(),
            bitrate: track.bitrate.map_or(Bitrate::from_bps(0), Bitrate::from_bps),
            sample_rate: track.sample_rate,
            layout: layout(track),
            reason: AudioReason::Asked,
        })
    };
    ordered.into_iter().enumerate().map(rendition).collect()
}

fn not_copied(info: &SourceInfo, (what, codec): (&'static str, &str), copied: &'static str) -> Error {
    Error::NotCopied { input: info.input.clone(), what, codec: codec.to_owned(), copied }
}

/// Where segments begin that follow the key frames of their source: with the first one that comes when the segment
/// before it is long enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cutter {
    /// A segment is so long at least, in ticks.
    least: i64,
    /// None is longer.
    most: i64,
    /// When the segment begins that is being made.
    start: i64,
}

impl Cutter {
    /// For ticks of `scale`, of a programme that begins at the tick 0. Half a frame is what times are rounded by.
    pub fn new(scale: Timescale, grid: &SegmentGrid, most: Duration) -> Self {
        let least = grid.segment_duration().rescale(scale, Rounding::Nearest).ticks() as i64;
        let half = grid.rate().frame().rescale(scale, Rounding::Up).ticks() as i64 / 2;
        let most = (most.as_secs_f64() * f64::from(scale.hz())) as i64;
        Self { least: least - half, most, start: 0 }
    }

    /// A key frame is shown at this tick: whether a segment begins with it.
    pub fn key(&mut self, tick: i64) -> bool {
        let begins = tick - self.start >= self.least;
        if begins {
            self.start = tick;
        }
        begins
    }

    /// A segment begins at this tick, whatever is there.
    pub fn begin(&mut self, tick: i64) {
        self.start = tick;
    }

    /// From now on no segment is longer than so many ticks.
    pub fn allow(&mut self, most: i64) {
        self.most = most;
    }

    /// Whether a segment that goes on to this tick is too long.
    pub fn is_late(&self, tick: i64) -> bool {
        tick - self.start > self.most
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The segments of key frames at these milliseconds, cut by segments of 2 s.
    fn cut(keys: &[i64]) -> Vec<i64> {
        let grid = SegmentGrid::endless(FrameRate::whole(25), 2 * SECOND, 2 * SECOND);
        let mut cutter = Cutter::new(Timescale::new(1000), &grid, 4 * SECOND);
        keys.iter().copied().filter(|key| cutter.key(*key)).collect()
    }

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn a_segment_ends_at_the_first_key_frame_when_it_is_long_enough() {
        assert_eq!(cut(&[0, 1000, 2000, 3000, 4000]), [2000, 4000]);
        // Longer than a segment, with one where the scene changes, and rounded.
        assert_eq!(cut(&[0, 5000, 10_000]), [5000, 10_000]);
        assert_eq!(cut(&[0, 1500, 2300, 3500, 4400]), [2300, 4400]);
        assert_eq!(cut(&[0, 1999, 3998, 5997]), [1999, 3998, 5997]);
    }

    #[test]
    fn a_key_frame_that_does_not_come_is_missed() {
        let grid = SegmentGrid::endless(FrameRate::whole(25), 2 * SECOND, 2 * SECOND);
        let mut cutter = Cutter::new(Timescale::new(1000), &grid, 4 * SECOND);
        assert!(!cutter.is_late(4000) && cutter.is_late(4001));
        assert!(cutter.key(2000));
        assert!(!cutter.is_late(6000) && cutter.is_late(6001));
    }
}
