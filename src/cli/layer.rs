//! Flags in, a layer of settings out.

use streampack::config::{Environment, Error, Job, Layer, Preset, Resolved, Setting, Stack};

use super::args::{
    AudioFlags, OutputFlags, PictureFlags, QualityFlags, RangeFlags, SegmentFlags, SettingFlags, TextFlags, Thumbnails,
};

/// The settings of a run: defaults < preset < job < environment < flags.
pub(crate) fn resolve(flags: &SettingFlags, job: Option<&Job>) -> Result<Resolved, Error> {
    resolve_over(Preset::DEFAULT, flags, job)
}

/// The same with another preset when none is named.
pub(crate) fn resolve_over(usual: &str, flags: &SettingFlags, job: Option<&Job>) -> Result<Resolved, Error> {
    let environment = Environment::read(std::env::vars_os())?;
    let mut stack = Stack::new()?;
    let preset = flags.preset.as_deref().or(environment.preset.as_deref());
    let preset = preset.or(job.and_then(|job| job.preset.as_deref()));
    stack.preset(preset.unwrap_or(usual))?;
    if let (Some(job), Some(path)) = (job, &flags.job) {
        stack.job(job, path);
    }
    stack.environment(environment);
    let layer = Layer::from(flags);
    let from_interval = layer.thumbnail_interval.is_some();
    let wanted = layer.thumbnails == Some(true);
    let subtitles = layer.subtitles == Some(true);
    stack.flags(layer, |setting| match setting {
        Setting::Subtitles if subtitles => flag(Setting::SubtitleLanguages),
        Setting::Thumbnails if wanted && from_interval => flag(Setting::ThumbnailInterval),
        Setting::Thumbnails if wanted => flag(Setting::ThumbnailWidth),
        other => flag(other),
    });
    stack.resolve()
}

/// The settings of `thumbnails`: defaults < environment < flags, and thumbnails in any case. Presets are
/// about encoding; none is asked.
pub(crate) fn resolve_thumbnails(flags: &Thumbnails) -> Result<Resolved, Error> {
    let environment = Environment::read(std::env::vars_os())?;
    let mut stack = Stack::new()?;
    stack.environment(environment);
    let RangeFlags { start, end } = flags.range;
    let PictureFlags { thumbnail_interval, thumbnail_width, poster } = flags.pictures;
    let layer = Layer {
        start,
        end,
        thumbnail_interval,
        thumbnail_width,
        poster,
        thumbnails: Some(true),
        no_video: Some(false),
        subtitles: Some(false),
        ..Layer::default()
    };
    stack.flags(layer, |setting| match setting {
        Setting::Thumbnails | Setting::NoVideo | Setting::Subtitles => "thumbnails",
        other => flag(other),
    });
    stack.resolve()
}

/// The flag that decides a setting. Those without a flag are never in a layer made of flags.
pub(crate) fn flag(setting: Setting) -> &'static str {
    match setting {
        Setting::Ladder => "--ladder",
        Setting::VideoCodecs => "--video-codec",
        Setting::RateControl => "--rate-control",
        Setting::Crf => "--crf",
        Setting::Speed => "--speed",
        Setting::TopRung => "--top-rung",
        Setting::SegmentDuration => "--segment-duration",
        Setting::Gop => "--gop",
        Setting::Audio => "--audio",
        Setting::Loudness => "--loudness",
        Setting::AudioLanguages => "--audio-language",
        Setting::Subtitles => "--no-subtitles",
        Setting::SubtitleLanguages => "--subtitle-language",
        Setting::Start => "--start",
        Setting::End => "--end",
        Setting::Thumbnails => "--no-thumbnails",
        Setting::ThumbnailInterval => "--thumbnail-interval",
        Setting::ThumbnailWidth => "--thumbnail-width",
        Setting::Poster => "--poster",
        Setting::Progressive => "--progressive",
        Setting::Hls => "--no-hls",
        Setting::Dash => "--no-dash",
        Setting::SingleFile => "--single-file",
        Setting::Encryption => "--encrypt",
        Setting::MaxFrameRate | Setting::AudioOnly | Setting::NoVideo => "a flag",
    }
}

impl From<&SettingFlags> for Layer {
    fn from(flags: &SettingFlags) -> Self {
        let SettingFlags {
            job: _,
            preset: _,
            quality,
            segments,
            audio,
            text,
            range,
            pictures,
            no_thumbnails,
            progressive,
            output,
            encryption,
        } = flags;
        let QualityFlags { ladder, video_codec, crf, rate_control, speed, top_rung } = quality;
        let SegmentFlags { segment_duration, gop } = segments;
        let AudioFlags { audio, loudness, audio_language } = audio;
        let TextFlags { subtitle_language, no_subtitles } = text;
        let RangeFlags { start, end } = range;
        let PictureFlags { thumbnail_interval, thumbnail_width, poster } = pictures;
        let OutputFlags { no_hls, no_dash, single_file } = output;
        // Whoever asks for an interval or a width asks for thumbnails, even over a preset that makes none.
        let thumbnails_wanted = thumbnail_interval.is_some() || thumbnail_width.is_some();
        Self {
            ladder: ladder.clone(),
            video_codecs: video_codec.clone(),
            rate_control: *rate_control,
            crf: *crf,
            speed: speed.clone(),
            max_frame_rate: None,
            top_rung: *top_rung,
            segment_duration: *segment_duration,
            gop: *gop,
            audio: audio.clone(),
            loudness: *loudness,
            audio_languages: audio_language.clone(),
            // Whoever names languages asks for subtitles, even over a preset that takes none.
            subtitles: if *no_subtitles { Some(false) } else { subtitle_language.as_ref().map(|_| true) },
            subtitle_languages: subtitle_language.clone(),
            audio_only: None,
            no_video: None,
            start: *start,
            end: *end,
            thumbnails: if *no_thumbnails { Some(false) } else { thumbnails_wanted.then_some(true) },
            thumbnail_interval: *thumbnail_interval,
            thumbnail_width: *thumbnail_width,
            poster: *poster,
            progressive: progressive.clone(),
            hls: no_hls.then_some(false),
            dash: no_dash.then_some(false),
            single_file: single_file.then_some(true),
            encryption: encryption.layer(),
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::super::args::{CommandLine, Verb};
    use super::*;

    fn layer(flags: &[&str]) -> Layer {
        let words = ["streampack", "encode", "in.mp4", "-o", "out"].iter().chain(flags);
        match CommandLine::try_parse_from(words).expect("valid flags").verb {
            Verb::Encode(encode) => Layer::from(&encode.settings),
            other => panic!("encode became {other:?}"),
        }
    }

    #[test]
    fn no_flag_says_nothing() {
        assert_eq!(layer(&[]), Layer::default());
    }

    #[test]
    fn every_flag_says_one_setting_and_is_named_after_it() {
        let cases = [
            (Setting::Ladder, "720p@2800k"),
            (Setting::VideoCodecs, "h264"),
            (Setting::RateControl, "vbr"),
            (Setting::Crf, "20"),
            (Setting::Speed, "fast"),
            (Setting::TopRung, "copy"),
            (Setting::SegmentDuration, "4"),
            (Setting::Gop, "1"),
            (Setting::Audio, "aac@96k"),
            (Setting::Loudness, "-16"),
            (Setting::AudioLanguages, "en"),
            (Setting::Subtitles, ""),
            (Setting::SubtitleLanguages, "en,de"),
            (Setting::Start, "1"),
            (Setting::End, "1:00"),
            (Setting::Thumbnails, ""),
            (Setting::ThumbnailInterval, "2"),
            (Setting::ThumbnailWidth, "160"),
            (Setting::Poster, "auto"),
            (Setting::Progressive, "720p"),
            (Setting::Hls, ""),
            (Setting::Dash, ""),
            (Setting::SingleFile, ""),
            (Setting::Encryption, "cenc"),
        ];
        for (setting, value) in cases {
            let words: Vec<&str> = [flag(setting), value].into_iter().filter(|word| !word.is_empty()).collect();
            assert!(layer(&words).says(setting), "{words:?} does not say {setting}");
        }
    }

    #[test]
    fn an_interval_asks_for_thumbnails() {
        assert_eq!(layer(&["--thumbnail-interval", "2"]).thumbnails, Some(true));
        assert_eq!(layer(&["--no-thumbnails"]).thumbnails, Some(false));
    }
}
