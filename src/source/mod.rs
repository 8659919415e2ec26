//! A locator in, facts and frames out.

mod captions;
pub mod discover;
pub mod feed;
pub mod filter;
mod headers;
pub mod live;
pub mod locator;
mod lying;
pub mod packets;
mod pass;
mod pictures;
pub mod places;
pub mod probe;
pub mod scan;
pub mod secret;
pub mod sidecar;
pub mod takeover;
pub mod text;
mod timing;

pub use pictures::{Gop, PictureScan};
pub use scan::{Scan, SoundScan};
pub use sidecar::Sidecar;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::media::{CaptionService, ColorInfo, FrameRate, Language, PixelAspect, Resolution, TrackIndex};

/// What a source holds: the container's word, corrected by one pass over its packets.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SourceInfo {
    /// The path or URL as it was given.
    pub input: String,
    /// The container, by FFmpeg's name: `mov,mp4,m4a,3gp,3g2,mj2`.
    pub container: String,
    /// Size of the file in bytes, when it has one.
    pub bytes: Option<u64>,
    /// Length that the container declares, in microseconds.
    pub declared_duration_us: Option<i64>,
    /// The earliest presentation time over all streams that will be used, in microseconds.
    pub start_us: i64,
    /// The latest end over all streams that will be used, in microseconds.
    pub end_us: i64,
    /// Title from the container's metadata.
    pub title: Option<String>,
    /// Language of the whole, when the container says one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
    /// Picture streams; attached pictures are not among them.
    pub video: Vec<VideoInfo>,
    /// Sound streams.
    pub audio: Vec<AudioInfo>,
    /// Subtitles that are text.
    #[serde(default)]
    pub text: Vec<TextInfo>,
    /// Everything else: subtitles that are pictures, data, attached pictures.
    pub other: Vec<OtherInfo>,
    /// Chapters, in order.
    #[serde(default)]
    pub chapters: Vec<Chapter>,
    /// Where timestamps jump, and what mends it; the source is then read once from the start.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shifts: Vec<Shift>,
}

/// From its `packet`-th packet on (counted from 0), a track's timestamps are moved by `us`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Shift {
    /// The track.
    pub track: TrackIndex,
    /// Its first moved packet.
    pub packet: u64,
    /// By how many microseconds.
    pub us: i64,
}

impl SourceInfo {
    /// What moves the timestamps of a track, in the order of its packets.
    pub fn shifts_of(&self, track: TrackIndex) -> Vec<Shift> {
        self.shifts.iter().filter(|s| s.track == track).copied().collect()
    }
}

/// One picture stream.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct VideoInfo {
    /// Position in the source.
    pub track: TrackIndex,
    /// FFmpeg's codec name: `h264`, `hevc`, `mpeg2video`.
    pub codec: String,
    /// Profile by name.
    pub profile: Option<String>,
    /// Level as the codec counts it.
    pub level: Option<i32>,
    /// Coded size, before rotation and pixel aspect.
    pub resolution: Resolution,
    /// Shape of a pixel.
    pub pixel_aspect: PixelAspect,
    /// Clockwise turn that shows the picture upright: 0, 90, 180 or 270 degrees.
    pub rotation: u16,
    /// The picture is mirrored left to right before it is turned.
    pub mirrored: bool,
    /// FFmpeg's pixel format: `yuv420p10le`.
    pub pixel_format: String,
    /// Bits per component.
    pub bit_depth: u8,
    /// Colour description.
    pub color: ColorInfo,
    /// Mastering display and content light level, when the source has them.
    pub hdr: Option<HdrInfo>,
    /// `progressive`, `tff`, `bff` or `unknown`.
    pub field_order: FieldOrder,
    /// The rate the container declares.
    pub declared_rate: Option<FrameRate>,
    /// Seconds per tick of its timestamps, as `[num, den]`.
    pub time_base: [u32; 2],
    /// First presentation time in microseconds.
    pub start_us: i64,
    /// End of the last frame in microseconds.
    pub end_us: i64,
    /// What one pass over the packets found; nothing after a probe of the header only.
    pub timing: Option<VideoTiming>,
    /// Declared bit rate in bits per second.
    pub bitrate: Option<u64>,
    /// Language of the stream.
    pub language: Language,
    /// Marked as default.
    pub default: bool,
    /// Closed captions in the pictures that say something; none after a probe of the header only.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub captions: Vec<CaptionService>,
}

/// What one pass over the packets of a picture stream found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct VideoTiming {
    /// Number of frames.
    pub frames: u64,
    /// Mean frames per second, measured from first to last frame: `(frames - 1) / (last - first)`.
    pub mean_rate: f64,
    /// Every frame lasts equally long, within the precision of the time base.
    pub constant: bool,
    /// The exact rate on whose grid the frames lie, when it could be told; a few may be missing from it.
    pub exact_rate: Option<FrameRate>,
    /// Presentation times of the key frames in microseconds, ascending.
    pub key_frames_us: Vec<i64>,
    /// A reader can jump to a key frame; otherwise the source is read once from the start.
    pub seekable: bool,
}

/// Mastering display colour volume (SMPTE ST 2086) and content light level (CTA-861.3).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct HdrInfo {
    /// MaxCLL and MaxFALL in cd/m².
    pub content_light: Option<[u32; 2]>,
    /// Lowest and highest luminance of the mastering display in cd/m².
    pub mastering_luminance: Option<[f64; 2]>,
    /// Dolby Vision profile, when the stream declares one.
    pub dolby_vision_profile: Option<u8>,
}

/// In which order the fields of a picture were taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum FieldOrder {
    /// Whole pictures.
    Progressive,
    /// Top field first.
    Tff,
    /// Bottom field first.
    Bff,
    /// Nothing is said.
    Unknown,
}

impl FieldOrder {
    /// The pictures hold two fields taken at different times.
    pub const fn is_interlaced(self) -> bool {
        matches!(self, Self::Tff | Self::Bff)
    }
}

/// One sound stream.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AudioInfo {
    /// Position in the source.
    pub track: TrackIndex,
    /// FFmpeg's codec name: `aac`, `ac3`.
    pub codec: String,
    /// Profile by name.
    pub profile: Option<String>,
    /// PCM samples per second.
    pub sample_rate: u32,
    /// Number of channels.
    pub channels: u16,
    /// FFmpeg's name of the layout: `5.1(side)`.
    pub channel_layout: String,
    /// First presentation time in microseconds.
    pub start_us: i64,
    /// End in microseconds.
    pub end_us: i64,
    /// Declared bit rate in bits per second.
    pub bitrate: Option<u64>,
    /// Language of the stream.
    pub language: Language,
    /// Title of the stream.
    pub title: Option<String>,
    /// Marked as default.
    pub default: bool,
    /// Marked as commentary.
    pub commentary: bool,
    /// Marked as audio description (visually impaired).
    pub description: bool,
    /// Marked as a dub, or not marked as the original where another stream is.
    pub dub: bool,
}

/// One stream of subtitles that are text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TextInfo {
    /// Position in the source.
    pub track: TrackIndex,
    /// FFmpeg's codec name: `subrip`, `ass`, `mov_text`, `webvtt`.
    pub codec: String,
    /// Language of the stream.
    pub language: Language,
    /// Title of the stream.
    pub title: Option<String>,
    /// Marked as default.
    pub default: bool,
    /// Marked as forced: shown to those who have not asked for subtitles too.
    pub forced: bool,
    /// Marked as for the hearing impaired.
    pub hearing_impaired: bool,
    /// Marked as commentary.
    pub commentary: bool,
    /// Number of its packets; nothing after a probe of the header only.
    pub packets: Option<u64>,
}

/// One chapter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Chapter {
    /// When it begins, in microseconds of the source.
    pub start_us: i64,
    /// When it ends, in microseconds of the source.
    pub end_us: i64,
    /// Its title.
    pub title: Option<String>,
}

/// A stream that is neither picture nor sound nor text.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct OtherInfo {
    /// Position in the source.
    pub track: TrackIndex,
    /// `subtitle`, `picture`, `attachment` or `data`; a track that cannot be decoded counts as `data`.
    pub kind: String,
    /// FFmpeg's codec name, when it has one.
    pub codec: Option<String>,
    /// Language of the stream.
    pub language: Language,
    /// Title of the stream.
    pub title: Option<String>,
}
