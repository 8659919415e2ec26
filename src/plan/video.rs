//! Which picture stream is taken, and how each rung of it is encoded.

use super::buffer::{BUFFER_S, ENCODER_BUFFER_S, HEADROOM};
use super::ladder::{self, Fitted};
use super::pace::Pace;
use super::passes::SHORT_AVERAGE;
use super::picture::{self, PictureSteps};
use super::shape::Shape;
use super::speed::Point;
use super::{
    CopiedRendition, Error, RateControl, SegmentGrid, TrickRendition, VideoEncoding, VideoPlan, VideoRendition, shard,
    thumbs,
};
use crate::config::{EncodableVideo, RateControlMode, Settings};
use crate::media::{ColorInfo, RenditionId, RenditionKind, Resolution, VideoCodec};
use crate::source::{SourceInfo, VideoInfo};

/// Fastest filling of the decoder's buffer, in bit rates of the rung, when the bit rate is a cap.
const CAPPED_MAXRATE: f64 = 1.0 + HEADROOM;
/// The same when the bit rate is an average: hard scenes take from easy ones, up to three quarters of
/// what a player must expect (Apple's authoring rules: a peak is at most twice the average).
const AVERAGE_MAXRATE: f64 = 1.5;
/// FFmpeg keeps the buffer size in an `int`.
const LARGEST_BUFFER: u64 = i32::MAX as u64;

/// In every encode, whatever the speed:
/// - the grid alone places key frames, each an IDR, so that all rungs and shards agree;
/// - `stitchable` keeps the parameter sets from depending on what a shard shows: all shards of a
///   rendition stand behind one CMAF header;
/// - `cpu-independent`, without which x264's macroblock-tree reads past the end of a row that is not a
///   multiple of eight macroblocks wide: the bytes then depend on what stood in memory before (seen by
///   running x264 under different values of `MALLOC_PERTURB_`);
/// - `nal-hrd=none` because no HRD fields are promised across shard joins.
const ALWAYS: &str = "open-gop=0:stitchable=1:nal-hrd=none:cpu-independent=1";

/// The picture stream that is taken: the one marked as default, of several the largest.
pub(super) fn choose<'a>(info: &'a SourceInfo, settings: &Settings) -> Option<&'a VideoInfo> {
    if settings.no_video {
        return None;
    }
    let usable = info.video.iter().filter(|video| video.resolution.width > 0 && video.resolution.height > 0);
    // `max_by_key` keeps the last of equals; the first is meant.
    usable.rev().max_by_key(|video| (video.default, video.resolution.pixels()))
}

/// Everything about the pictures of `video`; `copied` is its largest rung, or why it is not.
pub(super) fn plan(
    video: &VideoInfo,
    grid: &SegmentGrid,
    origin_us: i64,
    copied: Result<CopiedRendition, Vec<String>>,
    settings: &Settings,
) -> Result<VideoPlan, Error> {
    let shape = Shape::of(video);
    let picture = PictureSteps::new(video, shape.own());
    let color = picture::output_color(picture.source_color);
    let mut renditions = renditions(shape, color, grid, settings, Pace::Offline)?;
    let poster = thumbs::poster(renditions[0].resolution, shape, grid, settings)?;
    let (copied, not_copied) = match copied {
        Ok(copied) => (Some(copied), Vec::new()),
        Err(reasons) => (None, reasons),
    };
    let sizes: Vec<_> = renditions.iter().map(|r| (r.id.clone(), r.resolution)).collect();
    renditions.retain(|rendition| copied.as_ref().is_none_or(|copied| copied.id != rendition.id));
    Ok(VideoPlan {
        track: video.track,
        picture,
        color,
        // With one key frame there is nothing to step through.
        trick: (settings.dash && grid.fragments() > 1).then(|| trick(&sizes)).flatten(),
        copied,
        not_copied,
        renditions,
        shards: shard::cut(grid, origin_us, video.timing.as_ref()),
        thumbnails: thumbs::thumbnails(shape, grid, settings)?,
        poster: Some(poster),
    })
}

/// The renditions of `video` alone, encoded as it comes: nothing that looks at a whole programme.
pub(super) fn plan_live(
    video: &VideoInfo,
    grid: &SegmentGrid,
    settings: &Settings,
    pace: Pace,
) -> Result<VideoPlan, Error> {
    let shape = Shape::of(video);
    let picture = PictureSteps::new(video, shape.own());
    let color = picture::output_color(picture.source_color);
    Ok(VideoPlan {
        track: video.track,
        picture,
        color,
        copied: None,
        not_copied: Vec::new(),
        renditions: renditions(shape, color, grid, settings, pace)?,
        trick: None,
        shards: vec![shard::endless(grid)],
        thumbnails: None,
        poster: None,
    })
}

/// The renditions of every codec, widest first; never none.
fn renditions(
    shape: Shape,
    color: ColorInfo,
    grid: &SegmentGrid,
    settings: &Settings,
    pace: Pace,
) -> Result<Vec<VideoRendition>, Error> {
    let rungs = ladder::fit(shape, &settings.ladder);
    if rungs.is_empty() {
        return Err(Error::Empty { setting: "ladder" });
    }
    let mut codecs = settings.video_codecs.clone();
    codecs.sort();
    codecs.dedup();
    if codecs.is_empty() {
        return Err(Error::Empty { setting: "video_codecs" });
    }
    let mut renditions = Vec::new();
    for codec in codecs {
        for rung in &rungs {
            let name = format!("{}p_{codec}", rung.resolution.short_side());
            let id = RenditionId::new(RenditionKind::Video, &name);
            let encoding = encoding(codec, rung, color, grid, settings, pace)?;
            renditions.push(VideoRendition { id, resolution: rung.resolution, encoding });
        }
    }
    Ok(renditions)
}

fn trick(renditions: &[(RenditionId, Resolution)]) -> Option<TrickRendition> {
    let (smallest, _) = renditions.iter().min_by_key(|(_, resolution)| resolution.pixels())?;
    let id = RenditionId::new(RenditionKind::Video, &format!("{}_trick", smallest.name()));
    Some(TrickRendition { id, of: smallest.clone() })
}

fn encoding(
    codec: EncodableVideo,
    rung: &Fitted,
    color: ColorInfo,
    grid: &SegmentGrid,
    settings: &Settings,
    pace: Pace,
) -> Result<VideoEncoding, Error> {
    match codec {
        EncodableVideo::H264 => h264(rung, color, grid, settings, pace),
    }
}

fn h264(
    rung: &Fitted,
    color: ColorInfo,
    grid: &SegmentGrid,
    settings: &Settings,
    pace: Pace,
) -> Result<VideoEncoding, Error> {
    let point = Point::of(&settings.speed)?;
    let tuning = point.tuning(rung.resolution);
    let rate_control = rate_control(rung, point, settings)?;
    let fastest = fastest(settings.rate_control);
    let bufsize = |seconds| rung.bitrate.scaled(seconds).as_bps().min(LARGEST_BUFFER);
    let profile = "high";

    let mut options = Options::default();
    options.set("preset", tuning.preset);
    options.set("profile", profile);
    // The bytes depend on the number of threads, and with VBV differ from run to run at three and
    // more. One is reproducible; the cores are kept busy by shards and rungs. Of a live programme there is one
    // shard, and its largest rungs must keep up.
    options.set("threads", pace.threads(Point::is_small(rung.resolution)));
    match rate_control {
        RateControl::CappedCrf { crf } => options.set("crf", crf),
        RateControl::Vbr | RateControl::TwoPass => options.set("b", rung.bitrate.as_bps()),
    }
    options.set("maxrate", rung.bitrate.scaled(fastest - HEADROOM).as_bps());
    options.set("bufsize", bufsize(ENCODER_BUFFER_S));
    options.set("g", grid.gop_frames());
    options.set("keyint_min", grid.gop_frames());
    options.set("sc_threshold", 0);
    options.set("forced-idr", 1);
    let average = if rate_control == RateControl::Vbr { SHORT_AVERAGE } else { "" };
    let speed = pace.lookahead().map_or_else(|| tuning.params(), |most| tuning.params_in_time(most));
    let params: Vec<_> = [ALWAYS, &speed, average].into_iter().filter(|params| !params.is_empty()).collect();
    options.set("x264-params", params.join(":"));
    options.set_color(color);

    Ok(VideoEncoding {
        codec: VideoCodec::H264,
        encoder: "libx264".to_owned(),
        profile: profile.to_owned(),
        bitrate: rung.bitrate,
        maxrate: rung.bitrate.scaled(fastest),
        bufsize: bufsize(BUFFER_S),
        rate_control,
        lookahead: pace.lookahead().map_or(tuning.lookahead, |most| tuning.lookahead.min(most)),
        options: options.0,
    })
}

/// Fastest filling of the decoder's buffer, in bit rates of the rung.
pub(super) const fn fastest(rate_control: RateControlMode) -> f64 {
    match rate_control {
        RateControlMode::CappedCrf => CAPPED_MAXRATE,
        RateControlMode::Vbr | RateControlMode::TwoPass => AVERAGE_MAXRATE,
    }
}

fn rate_control(rung: &Fitted, point: Point, settings: &Settings) -> Result<RateControl, Error> {
    let crf = settings.crf.or(rung.crf).unwrap_or_else(|| point.crf(rung.resolution));
    if !(0.0..=51.0).contains(&crf) {
        return Err(Error::OutOfRange { setting: "crf", value: crf, allowed: "a number from 0 to 51" });
    }
    Ok(match settings.rate_control {
        RateControlMode::CappedCrf => RateControl::CappedCrf { crf },
        RateControlMode::Vbr => RateControl::Vbr,
        RateControlMode::TwoPass => RateControl::TwoPass,
    })
}

/// Options of an FFmpeg encoder in the order they are set.
#[derive(Debug, Default)]
struct Options(Vec<(String, String)>);

impl Options {
    fn set(&mut self, name: &str, value: impl ToString) {
        self.0.push((name.to_owned(), value.to_string()));
    }

    /// FFmpeg counts colours as H.273 does; its ranges are 1 (narrow) and 2 (full).
    fn set_color(&mut self, color: ColorInfo) {
        self.set("color_primaries", color.primaries);
        self.set("color_trc", color.transfer);
        self.set("colorspace", color.matrix);
        self.set("color_range", if color.full_range { 2 } else { 1 });
    }
}
