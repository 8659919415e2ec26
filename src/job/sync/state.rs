//! What streampack knows of the objects at a destination: an object beside them that lists what it put there.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::error::Error as Refused;
use super::items::Wanted;
use crate::event::Control;
use crate::job::Error;
use crate::output::Objects;
use crate::output::object::{Headers, Listed, Source, hex};

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
    /// Nothing when it was put and not listed yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    modified: Option<String>,
}

impl Seen {
    fn tag(&self) -> Option<&str> {
        tag(&self.etag)
    }
}

/// An entity tag without the quotes that it has (RFC 9110 § 8.8.3): listings of Azure leave them out.
fn tag(etag: &Option<String>) -> Option<&str> {
    etag.as_ref().map(|etag| etag.trim_matches('"'))
}

impl Put {
    /// An object that is about to be put.
    pub(in crate::job) fn of(sha256: &str, bytes: u64, wanted: &Wanted) -> Self {
        let Wanted { content_type, cache_control, .. } = wanted.clone();
        Self { sha256: sha256.to_owned(), bytes, content_type, cache_control, seen: None }
    }

    /// The same, as a listing shows it that was made when nobody else can have stored another.
    pub(in crate::job) fn seen(self, listed: &Listed) -> Self {
        let Listed { etag, modified, .. } = listed.clone();
        Self { seen: Some(Seen { etag, modified: Some(modified) }), ..self }
    }

    /// The same, with what the store answered when it was put.
    pub(in crate::job) fn stored(self, etag: Option<String>) -> Self {
        Self { seen: etag.map(|etag| Seen { etag: Some(etag), modified: None }), ..self }
    }

    /// The same, as a listing shows it, unless what that shows is another writer's.
    pub(in crate::job) fn listed(self, listed: &Listed) -> Self {
        let stored = self.seen.as_ref().is_some_and(|seen| seen.modified.is_none());
        match self.stands_as(listed) || (stored && self.holds_body_of(listed)) {
            true => self.seen(listed),
            false => Self { seen: None, ..self },
        }
    }

    /// Whether the object in a listing is still the one that was put, with its headers.
    pub(in crate::job) fn stands_as(&self, listed: &Listed) -> bool {
        let same = |seen: &Seen| seen.tag() == tag(&listed.etag) && seen.modified.as_ref() == Some(&listed.modified);
        self.bytes == listed.bytes && self.seen.as_ref().is_some_and(same)
    }

    /// Whether at least the body in a listing is still the one that was put.
    pub(super) fn holds_body_of(&self, listed: &Listed) -> bool {
        let same = |seen: &Seen| seen.etag.is_some() && seen.tag() == tag(&listed.etag);
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
        // With the hash a lost answer to the end of an upload in parts is known for what it is.
        let headers = Headers {
            content_type: Some("application/json".to_owned()),
            cache_control: Some("private, no-store".to_owned()),
            sha256: Some(hex(&Sha256::digest(&text))),
        };
        objects.store(KEY, Source::Bytes(&text), &headers, control.cancel, &|_| {})?;
        written.clone_from(self);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(etag: &str, modified: &str) -> Listed {
        Listed { bytes: 3, etag: Some(etag.to_owned()), modified: modified.to_owned() }
    }

    /// Between a put and the listing after it another writer may have put something else there.
    #[test]
    fn only_what_was_stored_is_taken_for_what_is_listed() {
        let wanted = Wanted { content_type: "a/b".to_owned(), cache_control: "no-cache".to_owned() };
        let put = || Put::of("ab", 3, &wanted);
        let stored = || put().stored(Some("1".to_owned()));
        let stands = |put: Put, shown: &Listed| put.listed(shown).stands_as(shown);
        assert!(stands(stored(), &listed("1", "t1")));
        assert!(!stands(stored(), &listed("2", "t1")), "another's");
        assert!(!stands(put().stored(None), &listed("1", "t1")), "nobody said which");
        assert!(!stands(put(), &listed("1", "t1")), "not even put yet");
        let seen = || put().seen(&listed("1", "t1"));
        assert!(stands(seen(), &listed("1", "t1")));
        assert!(!stands(seen(), &listed("1", "t2")), "touched since");
        assert!(stands(put().stored(Some("\"1\"".to_owned())), &listed("1", "t1")), "as Azure lists it");
    }
}
