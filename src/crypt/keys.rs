//! The keys of a run, and the JSON file that holds them.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Deserializer};
use zeroize::Zeroizing;

use super::cpix::SystemData;
use super::key::{ContentKey, Key, SixteenBytes};
use super::track_type::TrackType;
use crate::media::protect::hex;
use crate::media::{KeyId, Scheme};

/// A key, and what it is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Tracks of this type; nothing means all that no other key is for.
    pub track: Option<TrackType>,
    /// This period of a rotation, counted from 0; nothing means all that no other key is for.
    pub period: Option<u32>,
    /// The key.
    pub content: ContentKey,
}

/// The keys of a run. They are wiped when they are dropped, and are never printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keys {
    entries: Vec<Entry>,
    systems: Vec<SystemData>,
    schemes: Vec<(KeyId, String)>,
}

/// Keys that cannot be used. No message holds a part of one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeysError {
    /// The text is not the JSON that is expected.
    #[error(
        "line {line}, column {column} is not what a key file has there; it is {{\"keys\": [{{\"kid\": 32 hexadecimal digits, \"key\": 32 hexadecimal digits}}]}}, with \"iv\", \"type\" and \"period\" where wanted"
    )]
    Json {
        /// Counted from 1.
        line: usize,
        /// Counted from 1.
        column: usize,
    },
    /// There is none.
    #[error("it holds no key")]
    Empty,
    /// Two are for the same tracks and the same time.
    #[error("two keys are for {what}; leave one of them out")]
    Twice {
        /// For what.
        what: String,
    },
    /// A key server means them for another scheme.
    #[error(
        "of the key {kid} it says {said}, and samples shall be protected by {scheme} ({}); ask the key server for that, or \
         encrypt as it says", scheme.hls_method()
    )]
    Scheme {
        /// The key.
        kid: KeyId,
        /// What it says.
        said: String,
        /// What is wanted.
        scheme: Scheme,
    },
    /// One name stands for two keys.
    #[error("the key id {kid} has two different keys; give each key an id of its own")]
    Ambiguous {
        /// The name.
        kid: KeyId,
    },
}

/// The file as it is read.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    keys: Vec<Line>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    kid: KeyId,
    key: Key,
    #[serde(default, deserialize_with = "vector")]
    iv: Option<[u8; 16]>,
    #[serde(default, rename = "type")]
    track: Option<TrackType>,
    #[serde(default)]
    period: Option<u32>,
}

fn vector<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<[u8; 16]>, D::Error> {
    deserializer.deserialize_str(SixteenBytes).map(Some)
}

impl Keys {
    /// Checks that every key is for something of its own.
    pub fn new(entries: Vec<Entry>) -> Result<Self, KeysError> {
        if entries.is_empty() {
            return Err(KeysError::Empty);
        }
        let mut known = BTreeSet::new();
        let mut named = BTreeMap::new();
        for entry in &entries {
            if !known.insert((entry.track, entry.period)) {
                let tracks = entry.track.map_or("every track".to_owned(), |track| format!("{track} tracks"));
                let period = entry.period.map_or(String::new(), |period| format!(" in period {period}"));
                return Err(KeysError::Twice { what: tracks + &period });
            }
            let (kid, key) = (entry.content.kid, &entry.content.key);
            if named.insert(kid, key).is_some_and(|other| other != key) {
                return Err(KeysError::Ambiguous { kid });
            }
        }
        Ok(Self { entries, systems: Vec::new(), schemes: Vec::new() })
    }

    /// Reads a key file.
    pub fn from_json(text: &[u8]) -> Result<Self, KeysError> {
        // What serde says of the text may repeat it.
        let refused = |error: serde_json::Error| KeysError::Json { line: error.line(), column: error.column() };
        let file: File = serde_json::from_slice(text).map_err(refused)?;
        let entry = |line: Line| {
            let content = ContentKey { kid: line.kid, key: line.key, vector: line.iv };
            Entry { track: line.track, period: line.period, content }
        };
        Self::new(file.keys.into_iter().map(entry).collect())
    }

    /// A key file with these keys, one a line.
    pub fn to_json(&self) -> Zeroizing<String> {
        // With room for all of it: a text that grows leaves copies behind.
        let mut text = Zeroizing::new(String::with_capacity(64 + 256 * self.entries.len()));
        text.push_str("{\n  \"keys\": [");
        for (at, Entry { track, period, content }) in self.entries.iter().enumerate() {
            text.push_str(if at == 0 { "\n    {" } else { ",\n    {" });
            if let Some(track) = track {
                text.push_str(&format!("\"type\": \"{track}\", "));
            }
            if let Some(period) = period {
                text.push_str(&format!("\"period\": {period}, "));
            }
            text.push_str(&format!("\"kid\": \"{}\", \"key\": \"", content.kid));
            text.push_str(&Zeroizing::new(hex(content.key.expose())));
            text.push('"');
            if let Some(vector) = content.vector {
                text.push_str(&format!(", \"iv\": \"{}\"", hex(&vector)));
            }
            text.push('}');
        }
        text.push_str("\n  ]\n}\n");
        text
    }

    /// The same, with what a key server says that systems are told of them, and by which schemes they are used.
    pub(super) fn with_systems(self, systems: Vec<SystemData>, schemes: Vec<(KeyId, String)>) -> Self {
        Self { systems, schemes, ..self }
    }

    /// Fails where a key server says that samples are protected by another scheme (ISO/IEC 23001-7:2023 § 4.2): players
    /// would be told two of them.
    pub fn require_scheme(&self, scheme: Scheme) -> Result<(), KeysError> {
        let refuse = |kid, said: &str| Err(KeysError::Scheme { kid, said: said.to_owned(), scheme });
        if let Some((kid, said)) = self.schemes.iter().find(|(_, said)| *said != scheme.to_string()) {
            return refuse(*kid, said);
        }
        let method = scheme.hls_method();
        for system in &self.systems {
            for line in [&system.media, &system.multivariant].into_iter().flatten().flat_map(|lines| lines.lines()) {
                let attributes = line.split_once(':').map_or("", |(_, attributes)| attributes);
                let said = attributes.split(',').find_map(|attribute| attribute.trim().strip_prefix("METHOD="));
                if said != Some(method) {
                    return refuse(system.kid, said.unwrap_or("no METHOD"));
                }
            }
        }
        Ok(())
    }

    /// What a key server says that systems are told.
    pub fn systems(&self) -> &[SystemData] {
        &self.systems
    }

    /// Every key.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The key with this name.
    pub fn named(&self, kid: KeyId) -> Option<&ContentKey> {
        self.entries.iter().map(|entry| &entry.content).find(|content| content.kid == kid)
    }

    /// The 16 bytes of the key with this name, for whoever it is given to.
    pub fn secret_of(&self, kid: KeyId) -> Option<Zeroizing<[u8; 16]>> {
        self.named(kid).map(|content| Zeroizing::new(*content.key.expose()))
    }

    /// The key for tracks of this type in this period: the one that is for nothing else first.
    pub fn of(&self, track: TrackType, period: u32) -> Option<&ContentKey> {
        let tracks = [Some(track), None];
        let wanted = tracks.into_iter().flat_map(|track| [Some(period), None].map(|period| (track, period)));
        wanted
            .filter_map(|wanted| self.entries.iter().find(|entry| (entry.track, entry.period) == wanted))
            .map(|entry| &entry.content)
            .next()
    }

    /// The key for tracks of this type in this period, and in no other.
    pub(super) fn of_period(&self, track: TrackType, period: u32) -> Option<&ContentKey> {
        let wanted = [Some(track), None].map(|track| (track, Some(period)));
        let entry = wanted.into_iter().find_map(|wanted| self.entries.iter().find(|e| (e.track, e.period) == wanted));
        entry.map(|entry| &entry.content)
    }

    /// Tells these keys from others, in 64 hexadecimal digits, without telling what they are: a hash of 128 random
    /// bits and more, which nobody can turn back.
    pub fn fingerprint(&self) -> String {
        let mut hasher = blake3::Hasher::new_derive_key("streampack 2026-11 fingerprint of keys");
        for Entry { track, period, content } in &self.entries {
            hasher.update(&[track.map_or(0xff, |track| track as u8)]);
            hasher.update(&period.map_or(u64::MAX, u64::from).to_be_bytes());
            hasher.update(&content.kid.0);
            hasher.update(content.key.expose());
            hasher.update(&[u8::from(content.vector.is_some())]);
            hasher.update(&content.vector.unwrap_or_default());
        }
        for system in &self.systems {
            hasher.update(&system.kid.0).update(&system.system.0);
            let texts = [&system.protection, &system.media, &system.multivariant].map(|text| text.as_deref());
            let parts = texts.map(|text| text.map(str::as_bytes)).into_iter().chain([system.pssh.as_deref()]);
            for part in parts {
                let part = part.unwrap_or_default();
                hasher.update(&(part.len() as u64).to_be_bytes()).update(part);
            }
        }
        hasher.finalize().to_hex().to_string()
    }

    /// The types of tracks that a key is for.
    pub fn tracks(&self) -> BTreeSet<Option<TrackType>> {
        self.entries.iter().map(|entry| entry.track).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TWO: &str = r#"{"keys": [
        {"type": "AUDIO", "kid": "00000000-0000-0000-0000-0000000000a0", "key": "00112233445566778899aabbccddeeff"},
        {"kid": "000000000000000000000000000000f0", "key": "ffeeddccbbaa99887766554433221100",
         "iv": "0123456789abcdef0123456789abcdef"}
    ]}"#;

    #[test]
    fn a_key_for_one_type_goes_before_the_key_for_all() {
        let keys = Keys::from_json(TWO.as_bytes()).expect("two keys");
        let last = |track| keys.of(track, 3).map(|key| key.kid.0[15]);
        assert_eq!([last(TrackType::Audio), last(TrackType::Hd)], [Some(0xa0), Some(0xf0)]);
    }

    #[test]
    fn what_is_written_is_read_again() {
        let keys = Keys::from_json(TWO.as_bytes()).expect("two keys");
        assert_eq!(Keys::from_json(keys.to_json().as_bytes()), Ok(keys));
    }

    #[test]
    fn no_error_repeats_a_key() {
        let texts = [
            TWO.replace("ccddeeff", "ccddeef"),
            TWO.replace("\"00112233445566778899aabbccddeeff\"", "112233445566778899"),
            TWO.replace("\"key\"", "\"00112233445566778899aabbccddeeff\""),
            TWO.replace("AUDIO", "00112233445566778899aabbccddeeff"),
        ];
        for text in texts {
            let error = Keys::from_json(text.as_bytes()).expect_err("broken");
            let message = format!("{error} {error:?}");
            assert!(matches!(error, KeysError::Json { line: 2, .. } | KeysError::Json { line: 3, .. }), "{message}");
            assert!(!message.contains("112233"), "{message}");
        }
    }

    #[test]
    fn two_keys_for_the_same_are_refused() {
        let same = TWO.replace("\"type\": \"AUDIO\", ", "");
        let error = Keys::from_json(same.as_bytes()).map_err(|error| error.to_string());
        assert_eq!(error, Err("two keys are for every track; leave one of them out".to_owned()));
        let one_name = TWO.replace("0000000000a0", "0000000000f0");
        assert!(matches!(Keys::from_json(one_name.as_bytes()), Err(KeysError::Ambiguous { .. })));
        assert_eq!(Keys::from_json(b"{\"keys\": []}"), Err(KeysError::Empty));
    }

    #[test]
    fn the_fingerprint_tells_keys_apart() {
        let print = |text: &str| Keys::from_json(text.as_bytes()).expect("keys").fingerprint();
        assert_eq!(print(TWO), print(TWO));
        assert_ne!(print(TWO), print(&TWO.replace("ccddeeff", "ccddeefe")));
    }
}
