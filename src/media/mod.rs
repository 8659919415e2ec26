//! The nouns of coded media. No I/O, no FFmpeg: every later stage speaks these types.

pub mod audio;
pub mod body;
pub mod caption;
pub mod codec;
pub mod codec_string;
pub mod color;
pub mod cue;
pub mod hdr;
pub mod id;
pub mod lang;
pub mod loudness;
pub mod protect;
pub mod rate;
pub mod sample;
pub mod time;
pub mod track;
pub mod utc;
pub mod video;

pub use audio::ChannelLayout;
pub use body::Body;
pub use caption::{CaptionService, ParseCaptionServiceError};
pub use codec::{AudioCodec, VideoCodec};
pub use codec_string::{Av1Profile, CodecString, HevcProfile, Vp9Profile};
pub use color::ColorInfo;
pub use cue::Cue;
pub use hdr::{ContentLight, HdrMetadata, MasteringDisplay};
pub use id::{RenditionId, RenditionKind, SegmentNumber, TrackIndex};
pub use lang::Language;
pub use loudness::{Decibels, Loudness};
pub use protect::{KeyId, Pattern, Protection, SampleProtection, Scheme, Subsample, VectorOf};
pub use rate::{Bitrate, FrameRate, lowest_terms};
pub use sample::{Sample, SampleSink};
pub use time::{Rounding, Span, Timescale, Timestamp};
pub use track::{AudioTrack, CodecConfig, TrackConfig, TrackMedia, VideoTrack};
pub use utc::Utc;
pub use video::{PixelAspect, Resolution};
