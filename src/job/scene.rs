//! What all work of a run shares, and what of it is finished.

use std::collections::BTreeMap;
use std::path::Path;

use super::Error;
use super::journal::{Damage, Journal, Surveyed};
use super::pool::Share;
use super::stills::StillFacts;
use super::text::{Text, TextDone};
use crate::crypt::{Encryptor, Vault};
use crate::media::{Loudness, RenditionId, TrackConfig};
use crate::output::{Dir, Stored};
use crate::package::{InitSegment, Segment};
use crate::plan::Plan;
use crate::source::{Scan, SourceInfo};

/// What all workers share.
pub(super) struct Scene<'a> {
    pub(super) input: &'a Path,
    pub(super) plan: &'a Plan,
    pub(super) info: &'a SourceInfo,
    /// What of the source is copied as it is.
    pub(super) coded: Option<&'a Scan>,
    /// The sound that may be copied as it is.
    pub(super) sounds: &'a Scan,
    pub(super) dir: &'a Dir,
    pub(super) journal: &'a Journal,
    /// What encrypts the media, unless it stays clear.
    pub(super) vault: Option<&'a Vault>,
    pub(super) text: &'a Text<'a>,
    pub(super) share: Share<'a>,
}

impl Scene<'_> {
    /// An encryptor for a run of segments of a track, unless the media stays clear.
    pub(super) fn encryptor(&self, id: &RenditionId, track: &TrackConfig) -> Result<Option<Encryptor>, Error> {
        encryptor(self.vault, id, track, self.plan.grid.segments())
    }
}

/// An encryptor for a track of so many segments, unless there is no vault.
pub(super) fn encryptor(
    vault: Option<&Vault>,
    rendition: &RenditionId,
    track: &TrackConfig,
    segments: u64,
) -> Result<Option<Encryptor>, Error> {
    let refused = |source| Error::Crypt { rendition: rendition.clone(), source };
    vault.map(|vault| vault.encryptor(rendition, track, segments)).transpose().map_err(refused)
}

/// A finished shard.
#[derive(Debug)]
pub(super) struct ShardDone {
    pub(super) segments: Vec<Stored<Segment>>,
    pub(super) stills: StillFacts,
    pub(super) damage: Damage,
}

/// A finished audio rendition.
#[derive(Debug)]
pub(super) struct AudioDone {
    pub(super) segments: Vec<Stored<Segment>>,
    pub(super) damage: Damage,
    pub(super) loudness: Option<Loudness>,
}

/// Everything that is finished.
#[derive(Debug, Default)]
pub(super) struct Done {
    pub(super) inits: Vec<Stored<InitSegment>>,
    pub(super) shards: BTreeMap<usize, ShardDone>,
    pub(super) audio: BTreeMap<RenditionId, AudioDone>,
    /// The segments of the rendition that is copied, and of its key frames.
    pub(super) copied: Option<Vec<Stored<Segment>>>,
    pub(super) loudness: BTreeMap<RenditionId, Loudness>,
    pub(super) surveys: BTreeMap<usize, Vec<Surveyed>>,
    pub(super) text: TextDone,
}

impl Done {
    /// All finished segments.
    pub(super) fn segments(&self) -> impl Iterator<Item = &Segment> {
        let video = self.shards.values().flat_map(|shard| &shard.segments);
        let audio = self.audio.values().flat_map(|audio| &audio.segments);
        video.chain(audio).chain(self.copied.iter().flatten()).map(Stored::facts)
    }
}

/// Believes the facts of an earlier run when all objects stand in the output.
pub(super) fn found(dir: &Dir, segments: Vec<Segment>) -> Result<Option<Vec<Stored<Segment>>>, Error> {
    let one = |segment: Segment| Stored::found(dir, &segment.key.clone(), segment.bytes, segment);
    Ok(segments.into_iter().map(one).collect::<Result<Option<Vec<_>>, _>>()?)
}
