//! Files of settings: a layer, and beside its keys those of a header. Presets and jobs are such files.

use std::collections::BTreeSet;
use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::marker::PhantomData;
use std::path::Path;

use serde::de::value::{MapAccessDeserializer, StrDeserializer};
use serde::de::{DeserializeOwned, DeserializeSeed, Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::nearest::nearest;
use super::{Layer, Setting};

/// A file of settings is a page of text; what is larger is something else.
const LARGEST_FILE: u64 = 1 << 20;

/// A file of settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It cannot be read.
    #[error("cannot read {kind} {path}: {source}; give the path of a JSON file{}", or_name(kind))]
    Read {
        /// What it should be: `preset`, `job`.
        kind: &'static str,
        /// The file.
        path: String,
        /// Why.
        source: io::Error,
    },
    /// It is not what it should be.
    #[error("{kind} {path}:{line}:{column}: {problem}")]
    Syntax {
        /// What it should be: `preset`, `job`.
        kind: &'static str,
        /// The file, or the name of a built-in preset.
        path: String,
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
        /// What is wrong there.
        problem: String,
    },
}

fn or_name(kind: &str) -> &'static str {
    if kind == "preset" { ", or a name of `streampack presets`" } else { "" }
}

/// Reads the file at `path`.
pub(super) fn load<T: DeserializeOwned>(kind: &'static str, path: &Path) -> Result<T, Error> {
    let named = path.display().to_string();
    let text = read_file(path).map_err(|source| Error::Read { kind, path: named.clone(), source })?;
    parse(kind, &named, &text)
}

/// Reads its text; `path` is for the error.
pub(super) fn parse<T: DeserializeOwned>(kind: &'static str, path: &str, text: &str) -> Result<T, Error> {
    serde_json::from_str(text.trim_start_matches('\u{feff}')).map_err(|error| {
        let place = format!(" at line {} column {}", error.line(), error.column());
        let problem = error.to_string();
        Error::Syntax {
            kind,
            path: path.to_owned(),
            line: error.line(),
            column: error.column(),
            problem: problem.strip_suffix(&place).unwrap_or(&problem).to_owned(),
        }
    })
}

fn read_file(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    let bytes = File::open(path)?.take(LARGEST_FILE + 1).read_to_string(&mut text)?;
    if bytes as u64 > LARGEST_FILE {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "it is larger than 1 MiB"));
    }
    Ok(text)
}

/// The keys of a file that are not settings.
pub(super) trait Header: Default {
    /// Their names.
    const KEYS: &'static [&'static str];

    /// Takes the value of one of them, which comes next in `map`.
    fn set<'de, A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error>;
}

/// Header and layer of a file. By hand, because serde's `flatten` loses the place of an error and lets unknown keys
/// pass.
pub(super) fn read<'de, H: Header, D: Deserializer<'de>>(deserializer: D) -> Result<(H, Layer), D::Error> {
    deserializer.deserialize_map(Document(PhantomData))
}

struct Document<H>(PhantomData<H>);

impl<'de, H: Header> Visitor<'de> for Document<H> {
    type Value = (H, Layer);

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of settings")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<(H, Layer), A::Error> {
        let mut header = H::default();
        let entries = SettingsOnly { map, header: &mut header, seen: BTreeSet::new() };
        let layer = Layer::deserialize(MapAccessDeserializer::new(entries))?;
        Ok((header, layer))
    }
}

/// The entries of a file without those of the header, which are kept aside.
struct SettingsOnly<'h, A, H> {
    map: A,
    header: &'h mut H,
    seen: BTreeSet<String>,
}

impl<'de, A: MapAccess<'de>, H: Header> MapAccess<'de> for SettingsOnly<'_, A, H> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, A::Error> {
        while let Some(key) = self.map.next_key::<String>()? {
            if !H::KEYS.contains(&key.as_str()) {
                if Setting::named(&key).is_none() {
                    return Err(A::Error::custom(unknown_key(&key, H::KEYS)));
                }
                return seed.deserialize(StrDeserializer::new(&key)).map(Some);
            }
            if self.seen.contains(&key) {
                return Err(A::Error::custom(format!("`{key}` is there twice")));
            }
            self.header.set(&key, &mut self.map)?;
            self.seen.insert(key);
        }
        Ok(None)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, A::Error> {
        self.map.next_value_seed(seed)
    }
}

fn unknown_key(key: &str, header: &[&'static str]) -> String {
    match nearest(key, Setting::ALL.into_iter().map(Setting::name).chain(header.iter().copied())) {
        Some(known) => format!("no setting is called `{key}`; did you mean `{known}`?"),
        None => format!("no setting is called `{key}`; `streampack presets show web` prints all of them"),
    }
}
