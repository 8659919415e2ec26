//! What streampack knows of the objects at a destination: an object beside them that lists what it put there.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::error::Error as Refused;
use super::items::Wanted;
use crate::event::Control;
use crate::job::Error;
use crate::output::Objects;
use crate::output::object::{Headers, Listed, Source};

/// The object that holds it. Hidden, so that no set can have one of this name.
pub(in crate::job) const KEY: &str = ".streampack-sync.json";

/// Version of the form.
const VERSION: u32 = 1;

/// What is known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::job) struct State {
    v: u32,
    /// Who wrote it.
    tool: String,
    /// What was put there and not removed again.
    pub(in crate::job) objects: BTreeMap<String, Put>,
    /// For each distribution of CloudFront, the objects of which it may have old copies.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) stale: BTreeMap<String, BTreeSet<String>>,
}

/// One object that was put, or was about to be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::job) struct Put {
    /// SHA-256 of the body.
    pub(in crate::job) sha256: String,
    pub(in crate::job) bytes: u64,
    pub(super) content_type: String,
    pub(super) cache_control: String,
    /// How a listing shows it as long as nobody else touches it; nothing before it was seen there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    seen: Option<Seen>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Seen {
    etag: Option<String>,
    modified: String,
}

impl Put {
    /// An object that is about to be put.
    pub(in crate::job) fn of(sha256: &str, bytes: u64, wanted: &Wanted) -> Self {
        let Wanted { content_type, cache_control, .. } = wanted.clone();
        Self { sha256: sha256.to_owned(), bytes, content_type, cache_control, seen: None }
    }

    /// The same, as a listing shows it.
    pub(in crate::job) fn seen(self, listed: &Listed) -> Self {
        let Listed { etag, modified, .. } = listed.clone();
        Self { seen: Some(Seen { etag, modified }), ..self }
    }

    /// Whether the object in a listing is still the one that was put, with its headers.
    pub(in crate::job) fn stands_as(&self, listed: &Listed) -> bool {
        let same = |seen: &Seen| seen.etag == listed.etag && seen.modified == listed.modified;
        self.bytes == listed.bytes && self.seen.as_ref().is_some_and(same)
    }

    /// Whether at least the body in a listing is still the one that was put.
    pub(super) fn holds_body_of(&self, listed: &Listed) -> bool {
        let same = |seen: &Seen| seen.etag.is_some() && seen.etag == listed.etag;
        self.bytes == listed.bytes && self.seen.as_ref().is_some_and(same)
    }
}

impl Default for State {
    fn default() -> Self {
        let tool = format!("streampack {}", env!("CARGO_PKG_VERSION"));
        Self { v: VERSION, tool, objects: BTreeMap::new(), stale: BTreeMap::new() }
    }
}

impl State {
    /// What is known of a destination. What cannot be read is as good as nothing: the objects are marked, too.
    pub(super) fn read(objects: &Objects) -> Result<Self, Error> {
        #[derive(Deserialize)]
        struct Version {
            v: u32,
        }
        let Some(text) = objects.read(KEY)? else { return Ok(Self::default()) };
        if serde_json::from_slice(&text).is_ok_and(|version: Version| version.v > VERSION) {
            return Err(Refused::Newer(objects.url(KEY)).into());
        }
        Ok(serde_json::from_slice(&text).unwrap_or_default())
    }

    /// Writes it down where something else was `written`. Nobody else is to keep a copy.
    pub(super) fn write_over(&self, written: &mut Self, objects: &Objects, control: Control<'_>) -> Result<(), Error> {
        if self == written {
            return Ok(());
        }
        let text = serde_json::to_vec(self).map_err(|error| Error::Internal(error.to_string()))?;
        let headers = Headers {
            content_type: Some("application/json".to_owned()),
            cache_control: Some("private, no-store".to_owned()),
            sha256: None,
        };
        objects.store(KEY, Source::Bytes(&text), &headers, control.cancel, &|_| {})?;
        written.clone_from(self);
        Ok(())
    }
}
