//! Settings as people write them in flags, variables and presets: `1080p@5000k`, `vbr`, `auto`.

use std::fmt;
use std::str::FromStr;

use super::encodable::EncodableVideo;
use super::nearest::nearest;
use super::setting::ParseSettingError;
use super::{Poster, RateControlMode, Rung, Seconds, Speed, TopRung};
use crate::media::{Bitrate, Language};

/// The preset names of x264, fastest first (`x264 --fullhelp`, "Presets").
/// Its `fast` is missing because [`Speed::Fast`] bears that name.
pub const ENCODER_PRESETS: [&str; 9] =
    ["ultrafast", "superfast", "veryfast", "faster", "medium", "slow", "slower", "veryslow", "placebo"];

/// The video codec of this name, if this version writes it.
pub fn video_codec(text: &str) -> Result<EncodableVideo, ParseSettingError> {
    EncodableVideo::ALL.into_iter().find(|codec| codec.name() == text).ok_or_else(|| {
        let names = EncodableVideo::ALL.map(EncodableVideo::name).join(", ");
        ParseSettingError::new(text, "a video codec of this version", format!("it writes {names}"))
    })
}

/// A language that exists, or `und` for tracks that name none.
pub fn language(text: &str) -> Result<Language, ParseSettingError> {
    let language = Language::parse(text);
    if language.is_undetermined() && text != "und" {
        let remedy = "write a code like en, deu or pt-BR, or und for tracks without one";
        return Err(ParseSettingError::new(text, "a language", remedy));
    }
    Ok(language)
}

/// `true`, `false` and the usual other words for them.
pub(super) fn yes_or_no(text: &str) -> Result<bool, ParseSettingError> {
    match text.to_ascii_lowercase().as_str() {
        "1" | "true" | "yes" | "on" => Ok(true),
        "0" | "false" | "no" | "off" => Ok(false),
        _ => Err(ParseSettingError::new(text, "a yes or no", "write true or false")),
    }
}

/// Values parted by commas; an empty text is an empty list.
pub(super) fn list<T, E>(text: &str, read: impl Fn(&str) -> Result<T, E>) -> Result<Vec<T>, E> {
    text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(read).collect()
}

impl FromStr for Rung {
    type Err = ParseSettingError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let refuse = || ParseSettingError::new(text, "a rung", "write it like 1080p@5000k");
        let (side, rate) = text.split_once('@').ok_or_else(refuse)?;
        let side = side.strip_suffix(['p', 'P']).unwrap_or(side);
        if !side.bytes().all(|b| b.is_ascii_digit()) {
            return Err(refuse());
        }
        let short_side = side.parse().map_err(|_| refuse())?;
        let bitrate = rate.parse::<Bitrate>().map_err(|_| refuse())?;
        Ok(Self { short_side, bitrate, crf: None })
    }
}

/// The short form; a rate factor of the rung's own is not in it.
impl fmt::Display for Rung {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}p@{}", self.short_side, self.bitrate)
    }
}

impl RateControlMode {
    /// Every mode.
    pub const ALL: [Self; 3] = [Self::CappedCrf, Self::Vbr, Self::TwoPass];

    /// The name in flags and presets.
    pub const fn name(self) -> &'static str {
        match self {
            Self::CappedCrf => "capped-crf",
            Self::Vbr => "vbr",
            Self::TwoPass => "two-pass",
        }
    }
}

impl FromStr for RateControlMode {
    type Err = ParseSettingError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|mode| mode.name() == text).ok_or_else(|| {
            let names = Self::ALL.map(Self::name).join(", ");
            ParseSettingError::new(text, "a rate control", format!("choose one of {names}"))
        })
    }
}

impl fmt::Display for RateControlMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl TopRung {
    /// Every choice.
    pub const ALL: [Self; 3] = [Self::Auto, Self::Copy, Self::Encode];

    /// The name in flags and presets.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Copy => "copy",
            Self::Encode => "encode",
        }
    }
}

impl FromStr for TopRung {
    type Err = ParseSettingError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|choice| choice.name() == text).ok_or_else(|| {
            let names = Self::ALL.map(Self::name).join(", ");
            ParseSettingError::new(text, "a choice for the largest rung", format!("choose one of {names}"))
        })
    }
}

impl fmt::Display for TopRung {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Speed {
    /// Our own points, fastest first.
    pub const POINTS: [Self; 5] = [Self::Draft, Self::Fast, Self::Balanced, Self::Quality, Self::Archive];

    /// The name in flags and presets.
    pub fn name(&self) -> &str {
        match self {
            Self::Draft => "draft",
            Self::Fast => "fast",
            Self::Balanced => "balanced",
            Self::Quality => "quality",
            Self::Archive => "archive",
            Self::Encoder(name) => name,
        }
    }
}

impl FromStr for Speed {
    type Err = ParseSettingError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Some(point) = Self::POINTS.into_iter().find(|point| point.name() == text) {
            return Ok(point);
        }
        if ENCODER_PRESETS.contains(&text) {
            return Ok(Self::Encoder(text.to_owned()));
        }
        let names: Vec<&str> = Self::POINTS.iter().map(Self::name).chain(ENCODER_PRESETS).collect();
        let remedy = match nearest(text, names.iter().copied()) {
            Some(name) => format!("did you mean {name}?"),
            None => format!("choose one of {}", names.join(", ")),
        };
        Err(ParseSettingError::new(text, "a speed", remedy))
    }
}

impl fmt::Display for Speed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Poster {
    type Err = ParseSettingError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "auto" {
            return Ok(Self::Auto);
        }
        let refuse = |_| ParseSettingError::new(text, "a poster", "write auto, or a time like 12.5 or 1:30");
        text.parse::<Seconds>().map(|at| Self::At(at.as_f64())).map_err(refuse)
    }
}

impl fmt::Display for Poster {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auto => f.write_str("auto"),
            Self::At(seconds) => seconds.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rungs_print_the_way_they_are_read() {
        for text in ["1080p@5000k", "360p@800k", "144p@90500"] {
            assert_eq!(text.parse::<Rung>().map(|r| r.to_string()), Ok(text.to_owned()));
        }
        assert_eq!("1080@5M".parse::<Rung>().map(|r| r.to_string()), Ok("1080p@5000k".to_owned()));
    }

    #[test]
    fn malformed_rungs_are_refused_with_an_example() {
        for text in ["", "1080p", "p@5000k", "1080p@", "+1080p@5000k", "1080p@fast", "-1@3k", "9999999999p@3k"] {
            let error = text.parse::<Rung>().expect_err(text);
            assert!(error.to_string().contains("1080p@5000k"), "{error}");
        }
    }

    #[test]
    fn a_codec_that_is_not_written_lists_those_that_are() {
        let message = video_codec("hevc").map_err(|e| e.to_string());
        assert_eq!(message, Err("`hevc` is not a video codec of this version; it writes h264".to_owned()));
    }

    #[test]
    fn speeds_are_our_points_or_the_presets_of_the_encoder() {
        assert_eq!("fast".parse(), Ok(Speed::Fast));
        assert_eq!("veryfast".parse(), Ok(Speed::Encoder("veryfast".to_owned())));
        let error = "veryfats".parse::<Speed>().expect_err("misspelt");
        assert!(error.to_string().ends_with("did you mean veryfast?"), "{error}");
    }

    #[test]
    fn languages_must_exist() {
        assert_eq!(language("ger").map(|l| l.tag().to_owned()), Ok("de".to_owned()));
        assert!(language("und").is_ok());
        assert!(language("klingonese").is_err());
    }
}
