//! SourceInfo and Settings in, [`Plan`] out: everything that will be done, decided before it is done.
//! Pure: the same facts and wishes give the same plan, which `streampack plan` prints.

mod audio;
mod buffer;
mod captions;
mod copied;
mod cuts;
pub mod delivery;
mod error;
pub mod grid;
mod ladder;
mod live;
mod live_copy;
mod loudness;
mod made;
mod marked;
mod metadata;
pub mod names;
mod objects;
mod offer;
mod pace;
pub mod package;
pub mod passes;
mod picture;
mod progressive;
mod shape;
pub mod shard;
mod speed;
mod spell;
mod taken;
mod text;
mod thumbs;
mod timing;
mod top_rung;
mod video;

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::config::{Settings, TopRung};
use crate::media::{
    AudioCodec, Bitrate, ChannelLayout, ColorInfo, Decibels, FrameRate, Language, RenditionId, Resolution, Rounding,
    SegmentNumber, Span, Timescale, TrackIndex, VideoCodec,
};
use crate::source::{SoundScan, SourceInfo, VideoInfo};
pub use captions::CaptionTrack;
pub use copied::{CopiedRendition, Rendition};
pub use cuts::Cuts;
pub use error::Error;
pub use grid::{AudioUnits, SegmentGrid};
pub use live::{MESSAGE_BITS, Parts, Window};
pub use live_copy::Cutter;
pub use loudness::{Levelled, LoudnessPlan};
pub use marked::{MESSAGES, Marked, MarkedEnd, Marks};
pub use metadata::{ChapterPlan, Metadata};
pub use names::Layout;
pub use offer::{AudioOffer, Close, LiveOffer, Offer, Promise, TextOffer, TrickOffer, VideoOffer};
pub use picture::{PictureSteps, ToneMap};
pub use progressive::ProgressivePlan;
pub use shard::Shard;
pub use spell::{Spell, Spells};
pub use text::{SidecarTrack, TextCuts, TextRendition, TextSource};
pub use top_rung::Coded;

/// Everything that will be done to one input.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Plan {
    /// Where segments begin; audio-only sources get a virtual frame rate.
    pub grid: SegmentGrid,
    /// The instant of the source, in microseconds of its own timeline, that becomes 0.
    pub origin_us: i64,
    /// The pictures, unless there are none.
    pub video: Option<VideoPlan>,
    /// The sound renditions, the default one first.
    pub audio: Vec<AudioRendition>,
    /// What loudness all sound is brought to, when it is.
    pub loudness: Option<LoudnessPlan>,
    /// Sound that was asked for and that the source cannot give.
    pub left_out: Vec<SoundLeftOut>,
    /// The subtitles, the default one first.
    pub text: Vec<TextRendition>,
    /// Closed captions in the pictures of every rendition.
    pub captions: Vec<CaptionTrack>,
    /// What is told of the programme besides its media.
    pub metadata: Metadata,
    /// Plain files for download.
    pub progressive: Vec<ProgressivePlan>,
    /// How the media is stored.
    pub layout: Layout,
    /// Write HLS playlists.
    pub hls: bool,
    /// Write a DASH MPD.
    pub dash: bool,
    /// Offer an audio-only variant in HLS.
    pub audio_only_variant: bool,
}

/// How pictures become renditions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct VideoPlan {
    /// The source stream.
    pub track: TrackIndex,
    /// What is done to every decoded picture before it is scaled.
    pub picture: PictureSteps,
    /// Colour of every rendition (one colour space per presentation).
    pub color: ColorInfo,
    /// The largest rung, when it is the source's own pictures.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub copied: Option<CopiedRendition>,
    /// Why the largest rung is not the source's own pictures, when it was to be if possible.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_copied: Vec<String>,
    /// Renditions that are encoded, widest first.
    pub renditions: Vec<VideoRendition>,
    /// The key frames of the smallest rendition once more, alone, for DASH trick mode.
    pub trick: Option<TrickRendition>,
    /// Runs of whole segments that are encoded on their own.
    pub shards: Vec<Shard>,
    /// Thumbnails, when asked for.
    pub thumbnails: Option<ThumbnailPlan>,
    /// The poster, when asked for.
    pub poster: Option<PosterPlan>,
}

/// One video rendition.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct VideoRendition {
    /// Its name: `1080p_h264`.
    pub id: RenditionId,
    /// Size of the pictures; pixels are square.
    pub resolution: Resolution,
    /// How it is encoded.
    pub encoding: VideoEncoding,
}

/// How one video rendition is encoded.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct VideoEncoding {
    /// The codec.
    pub codec: VideoCodec,
    /// The encoder of FFmpeg: `libx264`.
    pub encoder: String,
    /// The profile: `high`.
    pub profile: String,
    /// The bit rate of the rung: the cap of capped CRF, the target of the others.
    pub bitrate: Bitrate,
    /// VBV: the fastest that the decoder's buffer is filled.
    pub maxrate: Bitrate,
    /// VBV: the size of the decoder's buffer, in bits.
    pub bufsize: u64,
    /// How bits are spent.
    pub rate_control: RateControl,
    /// Frames that the encoder holds back to look ahead.
    pub lookahead: u32,
    /// The encoder's own options in the order they are set, each a name and a value.
    pub options: Vec<(String, String)>,
}

/// How the encoder spends bits.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", tag = "mode")]
pub enum RateControl {
    /// Constant quality under a VBV cap.
    CappedCrf {
        /// The encoder's rate factor; lower is better.
        crf: f64,
    },
    /// One pass towards the average bit rate, after a first pass of the smallest rendition alone.
    Vbr,
    /// Two passes towards the average bit rate.
    TwoPass,
}

/// The key frames of a rendition as a track of their own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TrickRendition {
    /// Its name: `360p_h264_trick`.
    pub id: RenditionId,
    /// The rendition whose key frames it holds.
    pub of: RenditionId,
}

/// One audio rendition.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AudioRendition {
    /// Its name: `en_aac_128k`.
    pub id: RenditionId,
    /// The source stream.
    pub track: TrackIndex,
    /// Its language.
    pub language: Language,
    /// What a player's menu shows; one for all renditions of a track, and unique among the tracks.
    pub label: String,
    /// Played when the viewer has not chosen.
    pub default: bool,
    /// What it is for.
    pub role: AudioRole,
    /// The codec.
    pub codec: AudioCodec,
    /// The encoder of FFmpeg: `aac`; `copy` when its packets are those of the source.
    pub encoder: String,
    /// The target bit rate.
    pub bitrate: Bitrate,
    /// PCM samples per second.
    pub sample_rate: u32,
    /// The channels.
    pub layout: ChannelLayout,
    /// Why it is made.
    pub reason: AudioReason,
}

/// Why an audio rendition is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AudioReason {
    /// The settings ask for it.
    Asked,
    /// Every player needs AAC with at most two channels (Apple's rule 2.3), and nothing else is that.
    PlaysEverywhere,
    /// Dolby Digital Plus comes with Dolby Digital (Apple's rule 2.6), and nothing else is that.
    BesideDolbyPlus,
}

/// Sound that was asked for and that its track cannot give.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SoundLeftOut {
    /// The source stream.
    pub track: TrackIndex,
    /// What was asked for: `aac:5.1@384k`, `copy`.
    pub asked: String,
    /// Why it is not made.
    pub why: String,
}

/// What an audio rendition is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AudioRole {
    /// The sound of the programme, in a language of which nothing says that it is not the original.
    Main,
    /// The same programme dubbed.
    Dub,
    /// Somebody talks about the programme.
    Commentary,
    /// Narration for the visually impaired.
    Description,
}

/// Thumbnails: every `interval` one tile.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ThumbnailPlan {
    /// Frames of the grid from one tile to the next.
    pub interval_frames: u64,
    /// Time from one tile to the next.
    pub interval: Span,
    /// Size of one tile.
    pub tile: Resolution,
    /// Tiles across a sheet.
    pub columns: u32,
    /// Tiles down a sheet.
    pub rows: u32,
}

/// The poster picture.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PosterPlan {
    /// This frame of the grid; nothing means the most representative one.
    pub frame: Option<u64>,
    /// Its size.
    pub resolution: Resolution,
}

impl Plan {
    /// What will be done to a source with these settings, whose coded pictures nobody looked at.
    pub fn new(info: &SourceInfo, settings: &Settings) -> Result<Self, Error> {
        Self::of(info, settings, Coded::Unseen, &[])
    }

    /// What will be done to a source with these settings. Its own pictures, `coded`, may become the largest rung, and
    /// sound whose packets were looked at may be copied.
    pub fn of(info: &SourceInfo, settings: &Settings, coded: Coded<'_>, sounds: &[SoundScan]) -> Result<Self, Error> {
        let picture = video::choose(info, settings);
        let sound = audio::choose(info, settings)?;
        if picture.is_none() && sound.is_empty() {
            return Err(nothing_to_do(info, settings));
        }
        let programme = timing::Programme::new(info, picture, &sound, settings)?;
        let rate = picture.map_or(timing::SOUND_ONLY, |video| timing::output_rate(video, settings.max_frame_rate));
        let programme = picture.map_or(programme, |video| programme.on_pictures(video, rate));
        let gop = seconds("gop", settings.gop)?;
        let segment = seconds("segment_duration", settings.segment_duration)?;
        let copied = match picture {
            Some(video) => top_rung::Candidate::new(video, programme, rate, settings)?.decide(coded),
            None => Err(vec!["it has no pictures".to_owned()]),
        };
        if let (TopRung::Copy, Err(reasons)) = (settings.top_rung, &copied)
            && !(settings.no_video || reasons.is_empty())
        {
            return Err(Error::TopRung { input: info.input.clone(), reasons: reasons.clone() });
        }
        let (grid, origin_us) = match &copied {
            Ok(fit) => (SegmentGrid::of_gops(rate, fit.gop_frames, segment, fit.frames), fit.origin_us),
            Err(_) => (SegmentGrid::new(rate, gop, segment, programme.frames(rate)), programme.origin_us),
        };
        let copied = copied.map(|fit| fit.rendition);
        let video = picture.map(|video| video::plan(video, &grid, origin_us, copied, settings)).transpose()?;
        let whole = taken::Programme::of(&grid, origin_us);
        let (audio, left_out) = audio::renditions(&sound, &settings.audio, |track| taken::look(track, sounds, whole));
        Ok(Self {
            grid,
            origin_us,
            progressive: progressive::files(settings, video.as_ref(), &audio)?,
            video,
            audio_only_variant: settings.audio_only && !audio.is_empty(),
            audio,
            loudness: settings.loudness.map(|target| LoudnessPlan::new(Decibels::from_f64(target))),
            left_out,
            text: text::renditions([info], &[], settings),
            captions: picture.map_or_else(Vec::new, |video| captions::tracks(info, video)),
            metadata: Metadata::of(info, origin_us, microseconds(grid.duration())),
            layout: if settings.single_file { Layout::SingleFile } else { Layout::SegmentFiles },
            hls: settings.hls,
            dash: settings.dash,
        })
    }

    /// The same with the words of these files as well.
    pub fn with_sidecars(self, info: &SourceInfo, sidecars: &[SidecarTrack], settings: &Settings) -> Self {
        Self { text: text::renditions([info], sidecars, settings), ..self }
    }

    /// Where text is cut: on the grid.
    pub fn text_cuts(&self) -> TextCuts {
        let frame = self.grid.rate().frame();
        let tick = |number: u64| number.saturating_mul(frame.ticks()) as i64;
        let starts = (1..=self.grid.segments()).map(|number| tick(self.grid.frames_of(SegmentNumber(number)).start));
        TextCuts { scale: frame.scale(), starts: starts.collect(), end: tick(self.grid.frames()) }
    }

    /// Length of the programme.
    pub fn duration(&self) -> Span {
        self.grid.duration()
    }

    /// The frame rate of the pictures.
    pub fn frame_rate(&self) -> Option<FrameRate> {
        self.video.as_ref().map(|_| self.grid.rate())
    }
}

/// The picture stream that a plan takes with these settings, if any.
pub fn chosen_pictures<'a>(info: &'a SourceInfo, settings: &Settings) -> Option<&'a VideoInfo> {
    video::choose(info, settings)
}

/// Why neither pictures nor sound are left.
fn nothing_to_do(info: &SourceInfo, settings: &Settings) -> Error {
    let input = info.input.clone();
    let pictures_left_out = settings.no_video && !info.video.is_empty();
    if settings.audio.is_empty() && !info.audio.is_empty() {
        Error::Empty { setting: "audio" }
    } else if pictures_left_out {
        Error::NoSound { input }
    } else {
        Error::NoMedia { input }
    }
}

fn microseconds(span: Span) -> i64 {
    span.rescale(Timescale::new(1_000_000), Rounding::Down).ticks() as i64
}

/// A length that the user gave, within what makes sense for any of them.
fn seconds(setting: &'static str, value: f64) -> Result<Duration, Error> {
    if !(0.001..=86_400.0).contains(&value) {
        let allowed = "a number of seconds from 0.001 to 86400";
        return Err(Error::OutOfRange { setting, value, allowed });
    }
    Ok(Duration::from_secs_f64(value))
}
