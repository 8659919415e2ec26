//! One partial opinion about the settings.

use std::fmt::Display;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::check::{self, Rejected};
use super::{
    AudioSpec, EncodableVideo, EncryptionLayer, Poster, RateControlMode, Rung, RungName, Seconds, Setting, Settings,
    Speed, TopRung, json, text,
};
use crate::media::{FrameRate, Language};

/// What one source of wishes says; what is absent is left to the layers below.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Layer {
    /// The video rungs; those that do not fit the source are left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ladder: Option<Vec<Rung>>,
    /// One set of video renditions per codec.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "json::video_codecs")]
    #[schemars(schema_with = "json::video_codecs_schema")]
    pub video_codecs: Option<Vec<EncodableVideo>>,
    /// How bits are spent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate_control: Option<RateControlMode>,
    /// The rate factor of every rung, 0 to 51; lower is better.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 51))]
    pub crf: Option<f64>,
    /// How much time the encoder may take.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub speed: Option<Speed>,
    /// Frame rates above this are divided by a whole number.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "json::frame_rate")]
    #[schemars(schema_with = "json::frame_rate_schema")]
    pub max_frame_rate: Option<FrameRate>,
    /// Whether the largest rung may be the source's own pictures.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub top_rung: Option<TopRung>,
    /// Length of a segment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub segment_duration: Option<Seconds>,
    /// Time from one key frame to the next.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gop: Option<Seconds>,
    /// The audio renditions made of each chosen track.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audio: Option<Vec<AudioSpec>>,
    /// The integrated loudness in LUFS that sound is brought to, -40 to -5.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = -40, max = -5))]
    pub loudness: Option<f64>,
    /// Only tracks in these languages; empty means all.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "json::languages")]
    #[schemars(schema_with = "json::languages_schema")]
    pub audio_languages: Option<Vec<Language>>,
    /// Take the text tracks of the source as subtitles.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subtitles: Option<bool>,
    /// Only text tracks in these languages; empty means all.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "json::languages")]
    #[schemars(schema_with = "json::languages_schema")]
    pub subtitle_languages: Option<Vec<Language>>,
    /// Offer an audio-only variant in HLS.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audio_only: Option<bool>,
    /// No pictures at all, even when the source has some.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub no_video: Option<bool>,
    /// Begin this far into the source.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start: Option<Seconds>,
    /// End this far into the source.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end: Option<Seconds>,
    /// Make thumbnails.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thumbnails: Option<bool>,
    /// Time from one thumbnail to the next.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thumbnail_interval: Option<Seconds>,
    /// Width of one thumbnail in pixels.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 16, max = 1280))]
    pub thumbnail_width: Option<u32>,
    /// Which frame becomes the poster.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub poster: Option<Poster>,
    /// Rungs that are also written as one plain file, for download.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub progressive: Option<Vec<RungName>>,
    /// Write HLS playlists.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hls: Option<bool>,
    /// Write a DASH MPD.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dash: Option<bool>,
    /// One file per rendition instead of one per segment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub single_file: Option<bool>,
    /// Encrypt the media. The keys are no setting: they come from a file, a command or a service.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encryption: Option<EncryptionLayer>,
}

/// What is done to all settings alike, but for encryption, whose parts are merged each for itself. A field that is not
/// in the list does not compile.
macro_rules! all_alike {
    ($($field:ident: $setting:ident),* $(,)?) => {
        impl Layer {
            /// This layer where `over` is silent, `over` where it speaks.
            pub fn under(self, over: Self) -> Self {
                let encryption = EncryptionLayer::lay(self.encryption, over.encryption);
                Self { encryption, $($field: over.$field.or(self.$field)),* }
            }

            /// Whether this layer speaks about a setting.
            pub fn says(&self, setting: Setting) -> bool {
                match setting {
                    Setting::Encryption => self.encryption.is_some(),
                    $(Setting::$setting => self.$field.is_some()),*
                }
            }
        }
    };
}

all_alike! {
    ladder: Ladder,
    video_codecs: VideoCodecs,
    rate_control: RateControl,
    crf: Crf,
    speed: Speed,
    max_frame_rate: MaxFrameRate,
    top_rung: TopRung,
    segment_duration: SegmentDuration,
    gop: Gop,
    audio: Audio,
    loudness: Loudness,
    audio_languages: AudioLanguages,
    subtitles: Subtitles,
    subtitle_languages: SubtitleLanguages,
    audio_only: AudioOnly,
    no_video: NoVideo,
    start: Start,
    end: End,
    thumbnails: Thumbnails,
    thumbnail_interval: ThumbnailInterval,
    thumbnail_width: ThumbnailWidth,
    poster: Poster,
    progressive: Progressive,
    hls: Hls,
    dash: Dash,
    single_file: SingleFile,
}

impl Layer {
    /// Sets one setting from its text form, lists parted by commas. The error is why the text does not do.
    pub fn set(&mut self, setting: Setting, text: &str) -> Result<(), String> {
        fn plain<T: std::str::FromStr<Err: Display>>(text: &str) -> Result<T, String> {
            text.parse().map_err(|e: T::Err| format!("`{text}`: {e}"))
        }
        fn own<T, E: Display>(result: Result<T, E>) -> Result<Option<T>, String> {
            result.map(Some).map_err(|e| e.to_string())
        }
        match setting {
            Setting::Ladder => self.ladder = own(text::list(text, str::parse::<Rung>))?,
            Setting::VideoCodecs => self.video_codecs = own(text::list(text, text::video_codec))?,
            Setting::RateControl => self.rate_control = own(text.parse::<RateControlMode>())?,
            Setting::Crf => self.crf = Some(plain(text)?),
            Setting::Speed => self.speed = own(text.parse::<Speed>())?,
            Setting::MaxFrameRate => self.max_frame_rate = own(text.parse::<FrameRate>())?,
            Setting::TopRung => self.top_rung = own(text.parse::<TopRung>())?,
            Setting::SegmentDuration => self.segment_duration = own(text.parse::<Seconds>())?,
            Setting::Gop => self.gop = own(text.parse::<Seconds>())?,
            Setting::Audio => self.audio = own(text::list(text, str::parse::<AudioSpec>))?,
            Setting::Loudness => self.loudness = Some(plain(text)?),
            Setting::AudioLanguages => self.audio_languages = own(text::list(text, text::language))?,
            Setting::Subtitles => self.subtitles = own(text::yes_or_no(text))?,
            Setting::SubtitleLanguages => self.subtitle_languages = own(text::list(text, text::language))?,
            Setting::AudioOnly => self.audio_only = own(text::yes_or_no(text))?,
            Setting::NoVideo => self.no_video = own(text::yes_or_no(text))?,
            Setting::Start => self.start = own(text.parse::<Seconds>())?,
            Setting::End => self.end = own(text.parse::<Seconds>())?,
            Setting::Thumbnails => self.thumbnails = own(text::yes_or_no(text))?,
            Setting::ThumbnailInterval => self.thumbnail_interval = own(text.parse::<Seconds>())?,
            Setting::ThumbnailWidth => self.thumbnail_width = Some(plain(text)?),
            Setting::Poster => self.poster = own(text.parse::<Poster>())?,
            Setting::Progressive => self.progressive = own(text::list(text, str::parse::<RungName>))?,
            Setting::Hls => self.hls = own(text::yes_or_no(text))?,
            Setting::Dash => self.dash = own(text::yes_or_no(text))?,
            Setting::SingleFile => self.single_file = own(text::yes_or_no(text))?,
            Setting::Encryption => {
                self.encryption = Some(EncryptionLayer { mode: own(text.parse())?, ..EncryptionLayer::default() });
            }
        }
        Ok(())
    }

    /// The settings, checked; the ladder is put in order, widest first. Fails when a rule is broken or
    /// when no layer below said something that has no natural absence.
    pub fn resolve(self) -> Result<Settings, Rejected> {
        let mut ladder = said(self.ladder, Setting::Ladder)?;
        ladder.sort_by_key(|rung| std::cmp::Reverse(rung.short_side));
        let settings = Settings {
            ladder,
            video_codecs: said(self.video_codecs, Setting::VideoCodecs)?,
            rate_control: said(self.rate_control, Setting::RateControl)?,
            crf: self.crf,
            speed: said(self.speed, Setting::Speed)?,
            max_frame_rate: said(self.max_frame_rate, Setting::MaxFrameRate)?,
            top_rung: said(self.top_rung, Setting::TopRung)?,
            segment_duration: said(self.segment_duration, Setting::SegmentDuration)?.as_f64(),
            gop: said(self.gop, Setting::Gop)?.as_f64(),
            audio: said(self.audio, Setting::Audio)?,
            loudness: self.loudness,
            audio_languages: said(self.audio_languages, Setting::AudioLanguages)?,
            subtitles: said(self.subtitles, Setting::Subtitles)?,
            subtitle_languages: said(self.subtitle_languages, Setting::SubtitleLanguages)?,
            audio_only: said(self.audio_only, Setting::AudioOnly)?,
            no_video: said(self.no_video, Setting::NoVideo)?,
            start: self.start.map(Seconds::as_f64),
            end: self.end.map(Seconds::as_f64),
            thumbnails: said(self.thumbnails, Setting::Thumbnails)?,
            thumbnail_interval: said(self.thumbnail_interval, Setting::ThumbnailInterval)?.as_f64(),
            thumbnail_width: said(self.thumbnail_width, Setting::ThumbnailWidth)?,
            poster: said(self.poster, Setting::Poster)?,
            progressive: said(self.progressive, Setting::Progressive)?,
            hls: said(self.hls, Setting::Hls)?,
            dash: said(self.dash, Setting::Dash)?,
            single_file: said(self.single_file, Setting::SingleFile)?,
            encryption: self.encryption.unwrap_or_default().resolve()?,
        };
        check::check(&settings)?;
        Ok(settings)
    }
}

fn said<T>(value: Option<T>, setting: Setting) -> Result<T, Rejected> {
    value.ok_or_else(|| Rejected::new(setting, "nothing says what it is", "lay the layer over the default preset"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_upper_layer_says_wins_and_the_rest_shows_through() {
        let lower = Layer { crf: Some(20.0), hls: Some(true), ..Layer::default() };
        let upper = Layer { crf: Some(23.0), dash: Some(false), ..Layer::default() };
        let merged = Layer { crf: Some(23.0), hls: Some(true), dash: Some(false), ..Layer::default() };
        assert_eq!(lower.under(upper), merged);
    }

    #[test]
    fn every_setting_reads_its_text_form() {
        for setting in Setting::ALL {
            let text = match setting {
                Setting::Ladder => "720p@2800k,360p@800k",
                Setting::Encryption => "cbcs",
                Setting::VideoCodecs => "h264",
                Setting::Progressive => "720p,360p",
                Setting::RateControl => "vbr",
                Setting::Speed => "quality",
                Setting::TopRung => "copy",
                Setting::Audio => "aac@128k",
                Setting::Loudness => "-16",
                Setting::AudioLanguages | Setting::SubtitleLanguages => "en,de",
                Setting::Subtitles
                | Setting::AudioOnly
                | Setting::NoVideo
                | Setting::Thumbnails
                | Setting::Hls
                | Setting::Dash
                | Setting::SingleFile => "no",
                Setting::Crf
                | Setting::MaxFrameRate
                | Setting::SegmentDuration
                | Setting::Gop
                | Setting::Start
                | Setting::End
                | Setting::ThumbnailInterval
                | Setting::ThumbnailWidth
                | Setting::Poster => "20",
            };
            let mut layer = Layer::default();
            assert_eq!(layer.set(setting, text), Ok(()), "{setting}");
            assert_eq!(Setting::ALL.into_iter().filter(|s| layer.says(*s)).collect::<Vec<_>>(), [setting]);
            assert!(layer.set(setting, "@?").is_err(), "{setting} takes nonsense");
        }
    }
}
