//! What is made of each sound track, as people write it: `aac@128k`, `aac:5.1@384k`, `ac3@448k`, `flac`, `copy`.

use std::fmt;
use std::str::FromStr;

use super::encodable::EncodableAudio;
use super::setting::ParseSettingError;
use crate::media::Bitrate;

/// How a track is taken as it is.
const COPY: &str = "copy";

/// One audio rendition of each track.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AudioSpec {
    /// Encoded.
    Encode(SoundEncoding),
    /// As the source has it.
    Copy,
}

/// How sound is encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SoundEncoding {
    /// The codec.
    pub codec: EncodableAudio,
    /// How many channels.
    pub channels: Channels,
    /// The bit rate; nothing where the codec has none to choose.
    pub bitrate: Option<Bitrate>,
}

/// How many channels a rendition has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channels {
    /// Two.
    Stereo,
    /// Those of the source, up to 5.1.
    Surround,
}

impl Channels {
    /// Every choice.
    pub const ALL: [Self; 2] = [Self::Stereo, Self::Surround];

    /// What a codec has when nobody says it: Dolby's are there for surround.
    pub const fn usual(codec: EncodableAudio) -> Self {
        match codec {
            EncodableAudio::Ac3 | EncodableAudio::Eac3 => Self::Surround,
            EncodableAudio::Aac | EncodableAudio::Opus | EncodableAudio::Flac => Self::Stereo,
        }
    }

    /// The name in flags and presets.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Stereo => "stereo",
            Self::Surround => "5.1",
        }
    }
}

impl AudioSpec {
    /// Encoded, with the usual channels of the codec.
    pub const fn new(codec: EncodableAudio, bitrate: Bitrate) -> Self {
        Self::Encode(SoundEncoding { codec, channels: Channels::usual(codec), bitrate: Some(bitrate) })
    }
}

/// Whether a bit rate can be chosen.
pub(super) const fn has_bitrate(codec: EncodableAudio) -> bool {
    match codec {
        EncodableAudio::Flac => false,
        EncodableAudio::Aac | EncodableAudio::Ac3 | EncodableAudio::Eac3 | EncodableAudio::Opus => true,
    }
}

/// The audio codec of this name, if this version writes it.
pub fn audio_codec(text: &str) -> Result<EncodableAudio, ParseSettingError> {
    EncodableAudio::ALL.into_iter().find(|codec| codec.name() == text).ok_or_else(|| {
        let names = EncodableAudio::ALL.map(EncodableAudio::name).join(", ");
        ParseSettingError::new(text, "an audio codec of this version", format!("it writes {names}"))
    })
}

/// The channels of this name.
pub(super) fn channels(text: &str) -> Result<Channels, ParseSettingError> {
    Channels::ALL.into_iter().find(|channels| channels.name() == text).ok_or_else(|| {
        let names = Channels::ALL.map(Channels::name).join(" or ");
        ParseSettingError::new(text, "a number of channels", format!("write {names}, as in aac:5.1@384k"))
    })
}

impl FromStr for AudioSpec {
    type Err = ParseSettingError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == COPY {
            return Ok(Self::Copy);
        }
        let refuse = |remedy: &str| ParseSettingError::new(text, "an audio rendition", remedy);
        let (name, rate) = text.split_once('@').map_or((text, None), |(name, rate)| (name, Some(rate)));
        let (codec, width) = name.split_once(':').map_or((name, None), |(codec, width)| (codec, Some(width)));
        let codec = audio_codec(codec)?;
        let channels = width.map_or(Ok(Channels::usual(codec)), channels)?;
        let bitrate = rate.map(str::parse).transpose().map_err(|_| refuse("write it like aac@128k"))?;
        match (has_bitrate(codec), bitrate) {
            (true, None) => Err(refuse("write it with its bit rate, like aac@128k")),
            (false, Some(_)) => Err(refuse("it is lossless, write it without a bit rate")),
            (true, Some(_)) | (false, None) => Ok(Self::Encode(SoundEncoding { codec, channels, bitrate })),
        }
    }
}

impl fmt::Display for AudioSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::Encode(SoundEncoding { codec, channels, bitrate }) = *self else { return f.write_str(COPY) };
        write!(f, "{codec}")?;
        if channels != Channels::usual(codec) {
            write!(f, ":{}", channels.name())?;
        }
        bitrate.map_or(Ok(()), |bitrate| write!(f, "@{bitrate}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(text: &str) -> String {
        text.parse::<AudioSpec>().expect_err(text).to_string()
    }

    #[test]
    fn renditions_print_the_way_they_are_read() {
        for text in ["aac@128k", "aac:5.1@384k", "ac3@448k", "ac3:stereo@192k", "opus@96k", "flac", "flac:5.1", "copy"]
        {
            assert_eq!(text.parse::<AudioSpec>().map(|spec| spec.to_string()), Ok(text.to_owned()));
        }
        assert_eq!("aac:stereo@64000".parse::<AudioSpec>().map(|spec| spec.to_string()), Ok("aac@64k".to_owned()));
    }

    #[test]
    fn what_is_no_rendition_is_refused_with_a_remedy() {
        assert_eq!(
            refusal("mp3@128k"),
            "`mp3` is not an audio codec of this version; it writes aac, ac3, eac3, opus, flac"
        );
        assert_eq!(refusal("aac"), "`aac` is not an audio rendition; write it with its bit rate, like aac@128k");
        assert_eq!(
            refusal("flac@900k"),
            "`flac@900k` is not an audio rendition; it is lossless, write it without a bit rate"
        );
        assert!(refusal("aac:7.1@1M").ends_with("write stereo or 5.1, as in aac:5.1@384k"));
        for text in ["", "@", "aac@", "aac@fast", ":5.1@3k", "copy@1k"] {
            refusal(text);
        }
    }
}
