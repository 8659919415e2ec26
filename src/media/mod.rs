//! The nouns of coded media. No I/O, no FFmpeg: every later stage speaks these types.

pub mod audio;
pub mod codec;
pub mod codec_string;
pub mod color;
pub mod hdr;
pub mod id;
pub mod lang;
pub mod loudness;
pub mod rate;
pub mod sample;
pub mod time;
pub mod track;
pub mod video;

pub use audio::ChannelLayout;
pub use codec::{AudioCodec, VideoCodec};
pub use codec_string::{Av1Profile, CodecString, HevcProfile, Vp9Profile};
pub use color::ColorInfo;
pub use hdr::{ContentLight, HdrMetadata, MasteringDisplay};
pub use id::{RenditionId, RenditionKind, SegmentNumber, TrackIndex};
pub use lang::Language;
pub use loudness::{Decibels, Loudness};
pub use rate::{Bitrate, FrameRate, lowest_terms};
pub use sample::{Sample, SampleSink};
pub use time::{Rounding, Span, Timescale, Timestamp};
pub use track::{AudioTrack, CodecConfig, TrackConfig, TrackMedia, VideoTrack};
pub use video::{PixelAspect, Resolution};
