//! Defaults, preset, job file, environment and flags in, [`Settings`] out: every decision of the user, nothing unset.
//!
//! Every source of wishes becomes a [`Layer`]; a [`Stack`] lays the stronger over the weaker, remembers
//! where each setting came from, and [`resolve`](Stack::resolve) checks what comes out. The JSON of
//! [`Settings`] is a valid preset.

mod check;
mod document;
mod encodable;
mod encryption;
mod environment;
mod job;
mod json;
mod layer;
mod nearest;
mod origin;
mod preset;
mod publish;
mod rung_name;
mod seconds;
mod setting;
mod sidecar;
mod sound;
mod stack;
mod text;

pub use check::Rejected;
pub use encodable::{EncodableAudio, EncodableVideo};
pub use encryption::{DrmSystem, Encryption, EncryptionLayer, EncryptionMode, HdcpLevel};
pub use environment::Environment;
pub use job::Job;
pub use layer::Layer;
pub use origin::Origin;
pub use preset::Preset;
pub use publish::Publish;
pub use rung_name::RungName;
pub use seconds::Seconds;
pub use setting::{ParseSettingError, Setting};
pub use sidecar::SubtitleFile;
pub use sound::{AudioSpec, Channels, SoundEncoding, audio_codec};
pub use stack::{Resolved, Stack};
pub use text::{ENCODER_PRESETS, language, video_codec};

use schemars::JsonSchema;
use serde::Serialize;

use crate::media::{Bitrate, FrameRate, Language};

/// Every decision of the user.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Settings {
    /// The video rungs, widest first; those that do not fit the source are left out by the plan.
    pub ladder: Vec<Rung>,
    /// One set of video renditions per codec.
    pub video_codecs: Vec<EncodableVideo>,
    /// How bits are spent.
    pub rate_control: RateControlMode,
    /// The rate factor of every rung; nothing means each rung's own.
    pub crf: Option<f64>,
    /// How much time the encoder may take.
    pub speed: Speed,
    /// Frame rates above this are divided by a whole number.
    pub max_frame_rate: FrameRate,
    /// Whether the largest rung may be the source's own pictures.
    pub top_rung: TopRung,
    /// Length of a segment in seconds.
    pub segment_duration: f64,
    /// Time from one key frame to the next in seconds.
    pub gop: f64,
    /// The audio renditions made of each chosen source track.
    pub audio: Vec<AudioSpec>,
    /// The integrated loudness in LUFS that sound is brought to; nothing leaves it as it is.
    pub loudness: Option<f64>,
    /// Only tracks in these languages; empty means all.
    pub audio_languages: Vec<Language>,
    /// Take the text tracks of the source as subtitles.
    pub subtitles: bool,
    /// Only text tracks in these languages; empty means all.
    pub subtitle_languages: Vec<Language>,
    /// Offer an audio-only variant in HLS.
    pub audio_only: bool,
    /// No pictures at all, even when the source has some.
    pub no_video: bool,
    /// Begin this many seconds into the source.
    pub start: Option<f64>,
    /// End this many seconds into the source.
    pub end: Option<f64>,
    /// Make thumbnails.
    pub thumbnails: bool,
    /// Seconds from one thumbnail to the next.
    pub thumbnail_interval: f64,
    /// Width of one thumbnail in pixels.
    pub thumbnail_width: u32,
    /// Which frame becomes the poster.
    pub poster: Poster,
    /// Rungs that are also written as one plain file, for download.
    pub progressive: Vec<RungName>,
    /// Write HLS playlists.
    pub hls: bool,
    /// Write a DASH MPD.
    pub dash: bool,
    /// One file per rendition instead of one per segment.
    pub single_file: bool,
    /// Encrypt the media; nothing means that it stays clear.
    pub encryption: Option<Encryption>,
}

/// One step of the ladder: `1080p@5000k`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rung {
    /// The shorter side of the picture in pixels.
    pub short_side: u32,
    /// Bit rate for H.264: the cap of capped CRF, the target of the other modes.
    pub bitrate: Bitrate,
    /// Rate factor of this rung; nothing means the speed's own.
    pub crf: Option<f64>,
}

/// How bits are spent, as the user says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RateControlMode {
    /// Constant quality under a cap.
    CappedCrf,
    /// One pass towards an average.
    Vbr,
    /// Two passes towards an average.
    TwoPass,
}

/// Whether the largest rung may be the source's own pictures, as they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum TopRung {
    /// Where they keep every rule and cost no more than the rung does.
    Auto,
    /// In any case; a source that breaks a rule is refused.
    Copy,
    /// In no case.
    Encode,
}

/// How much time the encoder may take: one of our measured points, or a preset of the encoder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Speed {
    /// To look at, not to deliver.
    Draft,
    /// Less time for a few more bits.
    Fast,
    /// The default.
    Balanced,
    /// More time for fewer bits.
    Quality,
    /// As good as the encoder can.
    Archive,
    /// A preset of the encoder by its own name: `veryfast`.
    #[serde(untagged)]
    Encoder(String),
}

/// Which frame becomes the poster.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Poster {
    /// The most representative one.
    Auto,
    /// The one shown this many seconds into the programme.
    #[serde(untagged)]
    At(f64),
}

/// What the user asked for cannot be done; nothing was started.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A preset could not be used.
    #[error(transparent)]
    Preset(#[from] preset::Error),
    /// A job file could not be used.
    #[error(transparent)]
    Job(#[from] document::Error),
    /// A variable of the environment could not be used.
    #[error(transparent)]
    Environment(#[from] environment::Error),
    /// A setting breaks a rule.
    #[error(transparent)]
    Rejected(#[from] Rejected),
}
