//! The settings by name, and what a text is that none of them takes.

use std::fmt;

use serde::Serialize;

/// Names a field of [`Settings`](super::Settings), where each is described, in the order of that type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Setting {
    Ladder,
    VideoCodecs,
    RateControl,
    Crf,
    Speed,
    MaxFrameRate,
    TopRung,
    SegmentDuration,
    Gop,
    Audio,
    Loudness,
    AudioLanguages,
    Subtitles,
    SubtitleLanguages,
    AudioOnly,
    NoVideo,
    Start,
    End,
    Thumbnails,
    ThumbnailInterval,
    ThumbnailWidth,
    Poster,
    Progressive,
    Hls,
    Dash,
    SingleFile,
    Encryption,
}

impl Setting {
    /// Every setting.
    pub const ALL: [Self; 27] = [
        Self::Ladder,
        Self::VideoCodecs,
        Self::RateControl,
        Self::Crf,
        Self::Speed,
        Self::MaxFrameRate,
        Self::TopRung,
        Self::SegmentDuration,
        Self::Gop,
        Self::Audio,
        Self::Loudness,
        Self::AudioLanguages,
        Self::Subtitles,
        Self::SubtitleLanguages,
        Self::AudioOnly,
        Self::NoVideo,
        Self::Start,
        Self::End,
        Self::Thumbnails,
        Self::ThumbnailInterval,
        Self::ThumbnailWidth,
        Self::Poster,
        Self::Progressive,
        Self::Hls,
        Self::Dash,
        Self::SingleFile,
        Self::Encryption,
    ];

    /// The name in presets and reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ladder => "ladder",
            Self::VideoCodecs => "video_codecs",
            Self::RateControl => "rate_control",
            Self::Crf => "crf",
            Self::Speed => "speed",
            Self::MaxFrameRate => "max_frame_rate",
            Self::TopRung => "top_rung",
            Self::SegmentDuration => "segment_duration",
            Self::Gop => "gop",
            Self::Audio => "audio",
            Self::Loudness => "loudness",
            Self::AudioLanguages => "audio_languages",
            Self::Subtitles => "subtitles",
            Self::SubtitleLanguages => "subtitle_languages",
            Self::AudioOnly => "audio_only",
            Self::NoVideo => "no_video",
            Self::Start => "start",
            Self::End => "end",
            Self::Thumbnails => "thumbnails",
            Self::ThumbnailInterval => "thumbnail_interval",
            Self::ThumbnailWidth => "thumbnail_width",
            Self::Poster => "poster",
            Self::Progressive => "progressive",
            Self::Hls => "hls",
            Self::Dash => "dash",
            Self::SingleFile => "single_file",
            Self::Encryption => "encryption",
        }
    }

    /// The variable of the environment: `STREAMPACK_SEGMENT_DURATION`.
    pub fn variable(self) -> String {
        format!("STREAMPACK_{}", self.name().to_ascii_uppercase())
    }

    /// The setting of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|setting| setting.name() == name)
    }
}

impl fmt::Display for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A text that is not the value of a setting; the message says what is accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not {what}; {remedy}")]
pub struct ParseSettingError {
    text: String,
    what: &'static str,
    remedy: String,
}

impl ParseSettingError {
    pub(super) fn new(text: &str, what: &'static str, remedy: impl Into<String>) -> Self {
        Self { text: text.to_owned(), what, remedy: remedy.into() }
    }
}
