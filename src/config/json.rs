//! Settings in JSON: the text forms of `text.rs`, numbers where a number says it, objects where a text
//! says too little. Each form stands beside its schema.

use std::borrow::Cow;
use std::fmt::{self, Display};
use std::marker::PhantomData;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::value::MapAccessDeserializer;
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::encodable::{EncodableAudio, EncodableVideo};
use super::setting::ParseSettingError;
use super::sound;
use super::text::{self, ENCODER_PRESETS};
use super::{AudioSpec, Channels, Poster, RateControlMode, Rung, RungName, Seconds, SoundEncoding, Speed, TopRung};
use crate::media::{Bitrate, FrameRate, Language};

/// A value written as text or as a number; a number is read as its text.
pub(super) fn scalar<'de, D, T>(deserializer: D, expected: &'static str) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: FromStr<Err: Display>,
{
    deserializer.deserialize_any(Scalar { expected, value: PhantomData })
}

struct Scalar<T> {
    expected: &'static str,
    value: PhantomData<T>,
}

impl<T: FromStr<Err: Display>> Visitor<'_> for Scalar<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.expected)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
        text.parse().map_err(E::custom)
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<T, E> {
        self.visit_str(&number.to_string())
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<T, E> {
        self.visit_str(&number.to_string())
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<T, E> {
        self.visit_str(&number.to_string())
    }
}

/// A value written as text or as the object `O`.
struct TextOrObject<O, T> {
    expected: &'static str,
    object: PhantomData<(O, T)>,
}

impl<'de, O, T> Visitor<'de> for TextOrObject<O, T>
where
    O: Deserialize<'de>,
    T: FromStr<Err: Display> + TryFrom<O, Error: Display>,
{
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.expected)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
        text.parse().map_err(E::custom)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
        let object = O::deserialize(MapAccessDeserializer::new(map))?;
        T::try_from(object).map_err(A::Error::custom)
    }
}

fn rate<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Bitrate, D::Error> {
    scalar(deserializer, "a bit rate like \"5000k\"")
}

fn named_audio_codec<'de, D: Deserializer<'de>>(deserializer: D) -> Result<EncodableAudio, D::Error> {
    sound::audio_codec(&String::deserialize(deserializer)?).map_err(D::Error::custom)
}

fn named_channels<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Channels>, D::Error> {
    let name = Option::<String>::deserialize(deserializer)?;
    name.map(|name| sound::channels(&name)).transpose().map_err(D::Error::custom)
}

fn maybe_rate<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Bitrate>, D::Error> {
    rate(deserializer).map(Some)
}

fn rate_schema(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "description": "Bits per second, or text like \"5000k\" or \"3.5M\".",
        "anyOf": [{ "type": "integer", "minimum": 1 }, { "type": "string", "pattern": "^[0-9]+(\\.[0-9]+)?[kKmM]?$" }]
    })
}

/// A rung that says more than its text can.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct RungObject {
    /// The shorter side of the picture in pixels.
    short_side: u32,
    /// The cap of capped CRF, the target of the other modes.
    #[serde(serialize_with = "shortest", deserialize_with = "rate")]
    #[schemars(schema_with = "rate_schema")]
    bitrate: Bitrate,
    /// Rate factor of this rung.
    #[serde(default)]
    crf: Option<f64>,
}

fn shortest<S: Serializer>(bitrate: &Bitrate, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(bitrate)
}

impl From<RungObject> for Rung {
    fn from(object: RungObject) -> Self {
        Self { short_side: object.short_side, bitrate: object.bitrate, crf: object.crf }
    }
}

impl<'de> Deserialize<'de> for Rung {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let expected = "a rung like \"1080p@5000k\"";
        deserializer.deserialize_any(TextOrObject::<RungObject, _> { expected, object: PhantomData })
    }
}

impl Serialize for Rung {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.crf {
            None => serializer.collect_str(self),
            Some(_) => {
                RungObject { short_side: self.short_side, bitrate: self.bitrate, crf: self.crf }.serialize(serializer)
            }
        }
    }
}

impl JsonSchema for Rung {
    fn schema_name() -> Cow<'static, str> {
        "Rung".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "One step of the ladder: \"1080p@5000k\", or an object when it has a rate factor of its own.",
            "anyOf": [
                { "type": "string", "pattern": "^[0-9]+[pP]?@[0-9]+(\\.[0-9]+)?[kKmM]?$" },
                RungObject::json_schema(generator)
            ]
        })
    }
}

impl<'de> Deserialize<'de> for RungName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        scalar(deserializer, "the name of a rung like \"720p\"")
    }
}

impl Serialize for RungName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl JsonSchema for RungName {
    fn schema_name() -> Cow<'static, str> {
        "RungName".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A rung by the shorter side of its picture: \"720p\".",
            "anyOf": [{ "type": "string", "pattern": "^[0-9]+[pP]?$" }, { "type": "integer", "minimum": 0 }]
        })
    }
}

/// An audio rendition, word by word.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct AudioObject {
    /// The codec.
    #[serde(deserialize_with = "named_audio_codec")]
    #[schemars(schema_with = "audio_codec_schema")]
    codec: EncodableAudio,
    /// How many channels; nothing means 5.1 of ac3 and eac3, where the source has it, and stereo of the others.
    #[serde(default, deserialize_with = "named_channels")]
    #[schemars(schema_with = "channels_schema")]
    channels: Option<Channels>,
    /// The bit rate; flac has none.
    #[serde(default, deserialize_with = "maybe_rate")]
    #[schemars(schema_with = "rate_schema")]
    bitrate: Option<Bitrate>,
}

impl TryFrom<AudioObject> for AudioSpec {
    type Error = ParseSettingError;

    /// By way of its text, which has the rules.
    fn try_from(object: AudioObject) -> Result<Self, ParseSettingError> {
        let AudioObject { codec, channels, bitrate } = object;
        let channels = channels.unwrap_or(Channels::usual(codec));
        Self::Encode(SoundEncoding { codec, channels, bitrate }).to_string().parse()
    }
}

impl<'de> Deserialize<'de> for AudioSpec {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let expected = "an audio rendition like \"aac@128k\"";
        deserializer.deserialize_any(TextOrObject::<AudioObject, _> { expected, object: PhantomData })
    }
}

impl Serialize for AudioSpec {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl JsonSchema for AudioSpec {
    fn schema_name() -> Cow<'static, str> {
        "Audio".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let (with, without): (Vec<_>, Vec<_>) =
            EncodableAudio::ALL.into_iter().partition(|codec| sound::has_bitrate(*codec));
        let names =
            |codecs: Vec<EncodableAudio>| codecs.into_iter().map(EncodableAudio::name).collect::<Vec<_>>().join("|");
        let channels = Channels::ALL.map(|channels| channels.name().replace('.', "\\.")).join("|");
        let (with, without, rate) = (names(with), names(without), "[0-9]+(\\.[0-9]+)?[kKmM]?");
        json_schema!({
            "description": "One audio rendition of each track: \"aac@128k\", \"aac:5.1@384k\", \"flac\", \"copy\".",
            "anyOf": [
                {
                    "type": "string",
                    "pattern": format!("^(({with})(:({channels}))?@{rate}|({without})(:({channels}))?|copy)$")
                },
                AudioObject::json_schema(generator)
            ]
        })
    }
}

fn channels_schema(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "enum": [Channels::Stereo.name(), Channels::Surround.name(), null] })
}

fn audio_codec_schema(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "string", "enum": EncodableAudio::ALL.map(EncodableAudio::name) })
}

impl<'de> Deserialize<'de> for RateControlMode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

impl<'de> Deserialize<'de> for TopRung {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

impl<'de> Deserialize<'de> for Speed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

impl JsonSchema for Speed {
    fn schema_name() -> Cow<'static, str> {
        "Speed".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let names: Vec<String> =
            Speed::POINTS.iter().map(Speed::name).chain(ENCODER_PRESETS).map(str::to_owned).collect();
        json_schema!({
            "description": "How much time the encoder may take: one of our measured points, or a preset of x264.",
            "type": "string",
            "enum": names
        })
    }
}

impl Serialize for Seconds {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let seconds = self.as_f64();
        if seconds.fract() == 0.0 {
            serializer.serialize_u64(seconds as u64)
        } else {
            serializer.serialize_f64(seconds)
        }
    }
}

impl<'de> Deserialize<'de> for Seconds {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        scalar(deserializer, "seconds, or a time like \"1:30\"")
    }
}

impl JsonSchema for Seconds {
    fn schema_name() -> Cow<'static, str> {
        "Seconds".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "Seconds, or a time like \"90s\", \"1:30\" or \"00:01:30.5\".",
            "anyOf": [{ "type": "number", "minimum": 0 }, { "type": "string", "pattern": "^[0-9:.]+(ms|s|m|min|h)?$" }]
        })
    }
}

impl<'de> Deserialize<'de> for Poster {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        scalar(deserializer, "\"auto\" or a time in seconds")
    }
}

impl JsonSchema for Poster {
    fn schema_name() -> Cow<'static, str> {
        "Poster".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({ "anyOf": [{ "const": "auto" }, Seconds::json_schema(generator)] })
    }
}

/// Text or a number, or nothing: for types that read only text from JSON elsewhere.
pub(super) fn frame_rate<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<FrameRate>, D::Error> {
    struct Rate(FrameRate);
    impl<'de> Deserialize<'de> for Rate {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            scalar(deserializer, "a frame rate like 60 or \"30000/1001\"").map(Self)
        }
    }
    Ok(Option::<Rate>::deserialize(deserializer)?.map(|rate| rate.0))
}

pub(super) fn frame_rate_schema(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "anyOf": [
            { "type": "number", "exclusiveMinimum": 0 },
            { "type": "string", "pattern": "^[0-9]+(\\.[0-9]+|/[0-9]+)?$" },
            { "type": "null" }
        ]
    })
}

/// A list of texts, each read by `read`, or nothing.
fn texts<'de, D, T>(deserializer: D, read: fn(&str) -> Result<T, ParseSettingError>) -> Result<Option<Vec<T>>, D::Error>
where
    D: Deserializer<'de>,
{
    let texts = Option::<Vec<String>>::deserialize(deserializer)?;
    texts.map(|texts| texts.iter().map(|text| read(text)).collect()).transpose().map_err(D::Error::custom)
}

pub(super) fn video_codecs<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Vec<EncodableVideo>>, D::Error> {
    texts(deserializer, text::video_codec)
}

pub(super) fn video_codecs_schema(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": ["array", "null"],
        "items": { "type": "string", "enum": EncodableVideo::ALL.map(EncodableVideo::name) }
    })
}

pub(super) fn languages<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<Language>>, D::Error> {
    texts(deserializer, text::language)
}

pub(super) fn languages_schema(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": ["array", "null"], "items": { "type": "string", "pattern": "^[A-Za-z0-9_-]+$" } })
}
