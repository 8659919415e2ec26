//! One line: an object whose keys are all known.

use std::collections::BTreeMap;
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use chrono::DateTime;
use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::Told;
use super::tag::{self, Frame, Unwritten};
use crate::media::Utc;

/// No tag is larger: it goes into every rendition of the pictures.
pub const MOST_TAG_BYTES: usize = 4096;

/// No message is for a longer time: its ticks fit the 32 bits of `event_duration`.
const MOST_SECONDS: f64 = 12.0 * 3600.0;

/// Why a line is none.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Malformed {
    /// It is no object.
    #[error("it is no JSON object")]
    Object,
    /// It is no JSON, or has other keys than there are.
    #[error("{0}")]
    Json(#[from] serde_json::Error),
    /// It says nothing, or more than one thing.
    #[error("it holds {0}; give exactly one of `text`, `data` and `id3`")]
    Content(&'static str),
    /// A name goes with what has names itself.
    #[error("`id` names `text` or `data`; the frames of `id3` have names of their own")]
    Id,
    /// The time is none.
    #[error("`at` is {text:?}: {source}; give a time of RFC 3339, as 2026-11-26T20:15:00.5Z")]
    At {
        /// What stands there.
        text: String,
        /// Why.
        source: chrono::ParseError,
    },
    /// The duration is none.
    #[error("`duration` is {0}; give seconds, more than 0 and at most {MOST_SECONDS}")]
    Duration(f64),
    /// There is no such frame, or it holds something else.
    #[error("`id3` holds {0}; there are TXXX and PRIV, and frames of text (TIT2, TPE1, …)")]
    Frame(String),
    /// Private data is not base64.
    #[error("`PRIV` of {owner:?} is no base64: {source}")]
    Base64 {
        /// Whose it is.
        owner: String,
        /// Why.
        source: base64::DecodeError,
    },
    /// It is too large.
    #[error("its tag has {0} bytes, at most {MOST_TAG_BYTES} are told")]
    Large(usize),
    /// Its frames are none.
    #[error(transparent)]
    Tag(#[from] Unwritten),
}

/// A line as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    id: Option<String>,
    text: Option<String>,
    #[serde(default, deserialize_with = "present")]
    data: Option<Value>,
    id3: Option<BTreeMap<String, Content>>,
    at: Option<String>,
    duration: Option<f64>,
}

/// What stands there, null too.
fn present<'de, D: Deserializer<'de>>(value: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(value).map(Some)
}

/// What a kind of frames holds.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Content {
    Text(String),
    Named(BTreeMap<String, String>),
    Other(IgnoredAny),
}

pub(super) fn read(line: &[u8]) -> Result<Told, Malformed> {
    // serde would take a list for the values of a struct.
    if line.trim_ascii_start().first() != Some(&b'{') {
        return Err(Malformed::Object);
    }
    let Line { id, text, data, id3, at, duration } = serde_json::from_slice(line)?;
    let named = |value| Frame::Named { name: id.clone().unwrap_or_default(), value };
    let frames = match (text, data, id3) {
        (Some(text), None, None) => vec![named(text)],
        (None, Some(data), None) => vec![named(data.to_string())],
        (None, None, Some(_)) if id.is_some() => return Err(Malformed::Id),
        (None, None, Some(kinds)) => frames(kinds)?,
        (None, None, None) => return Err(Malformed::Content("none of them")),
        (Some(_), Some(_), _) | (Some(_), _, Some(_)) | (_, Some(_), Some(_)) => {
            return Err(Malformed::Content("several of them"));
        }
    };
    let tag = tag::write(&frames)?;
    if tag.len() > MOST_TAG_BYTES {
        return Err(Malformed::Large(tag.len()));
    }
    let at = at.map(|text| instant(&text).map_err(|source| Malformed::At { text, source })).transpose()?;
    let duration = duration.map(lasting).transpose()?;
    Ok(Told { at, duration, tag: tag.into() })
}

fn instant(text: &str) -> Result<Utc, chrono::ParseError> {
    let at = DateTime::parse_from_rfc3339(text)?;
    Ok(Utc::since_1970(Duration::ZERO).after_us(at.timestamp_micros()))
}

fn lasting(seconds: f64) -> Result<Duration, Malformed> {
    let kept = seconds > 0.0 && seconds <= MOST_SECONDS;
    if kept { Ok(Duration::from_secs_f64(seconds)) } else { Err(Malformed::Duration(seconds)) }
}

/// The frames of `id3`, in the order of their names.
fn frames(kinds: BTreeMap<String, Content>) -> Result<Vec<Frame>, Malformed> {
    let mut frames = Vec::new();
    for (kind, content) in kinds {
        match (&kind[..], content) {
            ("TXXX", Content::Named(texts)) => {
                frames.extend(texts.into_iter().map(|(name, value)| Frame::Named { name, value }));
            }
            ("PRIV", Content::Named(all)) => {
                for (owner, data) in all {
                    match BASE64_STANDARD.decode(&data) {
                        Ok(data) => frames.push(Frame::Private { owner, data }),
                        Err(source) => return Err(Malformed::Base64 { owner, source }),
                    }
                }
            }
            ("TXXX" | "PRIV", Content::Text(_) | Content::Other(_)) => {
                return Err(Malformed::Frame(format!("{kind} that is no object of names and strings")));
            }
            (_, Content::Text(text)) if is_text(&kind) => frames.push(Frame::Text { kind, text }),
            (_, Content::Named(_) | Content::Other(_)) if is_text(&kind) => {
                return Err(Malformed::Frame(format!("{kind} that is no string")));
            }
            (_, Content::Text(_) | Content::Named(_) | Content::Other(_)) => {
                return Err(Malformed::Frame(format!("{kind:?}")));
            }
        }
    }
    if frames.is_empty() { Err(Malformed::Frame("no frame".to_owned())) } else { Ok(frames) }
}

/// Whether frames of this name hold nothing but text (ID3v2.4.0 § 4.2).
fn is_text(kind: &str) -> bool {
    let letters = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
    kind.len() == 4 && kind.starts_with('T') && kind.bytes().all(letters)
}

#[cfg(test)]
mod tests {
    use id3::{Content as Seen, Tag};

    use super::*;

    fn told(line: &str) -> Told {
        read(line.as_bytes()).unwrap_or_else(|why| panic!("{line}: {why}"))
    }

    /// The frames of a tag, as the crate reads them back.
    fn seen(told: &Told) -> Vec<String> {
        let tag = Tag::read_from2(std::io::Cursor::new(&told.tag)).expect("a tag");
        assert_eq!((&told.tag[..5], tag.version()), (&b"ID3\x04\0"[..], id3::Version::Id3v24));
        let frames = tag.frames().map(|frame| match frame.content() {
            Seen::Text(text) => format!("{} {text}", frame.id()),
            Seen::ExtendedText(text) => format!("{} {}={}", frame.id(), text.description, text.value),
            Seen::Private(data) => format!("{} {}={:?}", frame.id(), data.owner_identifier, data.private_data),
            other => panic!("{other:?}"),
        });
        frames.collect()
    }

    #[test]
    fn text_and_data_are_told_under_their_name() {
        assert_eq!(seen(&told(r#"{"text": "hello"}"#)), ["TXXX =hello"]);
        assert_eq!(seen(&told(r#"{"id": "chat", "text": "Grüße, 世界"}"#)), ["TXXX chat=Grüße, 世界"]);
        let line = told(r#"{"id": "score", "data": {"home": 2, "away": [1, null]}}"#);
        assert_eq!(seen(&line), [r#"TXXX score={"home":2,"away":[1,null]}"#]);
        assert_eq!((line.at, line.duration), (None, None));
        assert_eq!(seen(&told(r#"{"id": "ad", "data": null}"#)), ["TXXX ad=null"]);
    }

    #[test]
    fn frames_of_id3_are_told_as_they_are() {
        let line = r#"{"id3": {"TIT2": "Song", "TXXX": {"a": "1", "b": "2"}, "PRIV": {"org.x": "AAEC"}}}"#;
        assert_eq!(seen(&told(line)), ["PRIV org.x=[0, 1, 2]", "TIT2 Song", "TXXX a=1", "TXXX b=2"]);
    }

    #[test]
    fn times_are_those_of_rfc_3339() {
        let line = told(r#"{"text": "x", "at": "2026-11-26T20:15:00.5+02:00", "duration": 2.5}"#);
        let at = line.at.expect("a time");
        assert_eq!(
            (at.to_string(), line.duration),
            ("2026-11-26T18:15:00.500Z".into(), Some(Duration::from_millis(2500)))
        );
        assert_eq!(told(r#"{"text": "x", "at": "2026-11-26T18:15:00Z"}"#).at, Some(at.after_us(-500_000)));
    }

    #[test]
    fn what_is_not_as_it_should_be_is_refused_with_the_reason() {
        let large = format!(r#"{{"text": "{}"}}"#, "x".repeat(MOST_TAG_BYTES));
        let refused = [
            ("[\"chat\", \"hello\", null, null, null, null]", "no JSON object"),
            ("{\"text\": \"hello\"", "EOF while parsing"),
            (r#"{"text": 5}"#, "invalid type: integer `5`, expected a string"),
            (r#"{"txt": "x"}"#, "unknown field `txt`, expected one of `id`, `text`, `data`, `id3`, `at`, `duration`"),
            (r#"{"text": "a", "text": "b"}"#, "duplicate field `text`"),
            (r#"{"text": "a"} {}"#, "trailing characters"),
            (r#"{"id": "chat"}"#, "none of them"),
            (r#"{"text": "a", "data": 1}"#, "several of them"),
            (r#"{"id": "a", "id3": {"TIT2": "b"}}"#, "names of their own"),
            (r#"{"text": "a", "at": "tomorrow"}"#, "`at` is \"tomorrow\""),
            (r#"{"text": "a", "duration": 0}"#, "`duration` is 0;"),
            (r#"{"text": "a", "duration": 1e9}"#, "`duration` is 1000000000;"),
            (r#"{"id3": {}}"#, "no frame"),
            (r#"{"id3": {"APIC": "x"}}"#, "`id3` holds \"APIC\";"),
            (r#"{"id3": {"TIT2": 1}}"#, "TIT2 that is no string"),
            (r#"{"id3": {"TXXX": "x"}}"#, "TXXX that is no object"),
            (r#"{"id3": {"PRIV": {"o": "?"}}}"#, "`PRIV` of \"o\" is no base64"),
            (r#"{"text": "a\u0000b"}"#, "holds a NUL"),
            (&large, "at most 4096"),
        ];
        for (line, why) in refused {
            let said = read(line.as_bytes()).expect_err(line).to_string();
            assert!(said.contains(why), "{line}: {said}");
        }
    }
}
