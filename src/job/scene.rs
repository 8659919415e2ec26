//! What all work of a run shares, and what of it is finished.

use std::collections::BTreeMap;
use std::path::Path;

use super::Error;
use super::journal::{Damage, Journal, Surveyed};
use super::stills::StillFacts;
use crate::media::{Loudness, RenditionId};
use crate::output::{Dir, Stored};
use crate::package::{InitSegment, Segment};
use crate::plan::Plan;
use crate::source::SourceInfo;

/// What all workers share.
pub(super) struct Scene<'a> {
    pub(super) input: &'a Path,
    pub(super) plan: &'a Plan,
    pub(super) info: &'a SourceInfo,
    pub(super) dir: &'a Dir,
    pub(super) journal: &'a Journal,
    pub(super) jobs: usize,
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
    pub(super) loudness: BTreeMap<RenditionId, Loudness>,
    pub(super) surveys: BTreeMap<usize, Vec<Surveyed>>,
}

impl Done {
    /// All finished segments.
    pub(super) fn segments(&self) -> impl Iterator<Item = &Segment> {
        let video = self.shards.values().flat_map(|shard| &shard.segments);
        video.chain(self.audio.values().flat_map(|audio| &audio.segments)).map(Stored::facts)
    }
}

/// Believes the facts of an earlier run when all objects stand in the output.
pub(super) fn found(dir: &Dir, segments: Vec<Segment>) -> Result<Option<Vec<Stored<Segment>>>, Error> {
    let one = |segment: Segment| Stored::found(dir, &segment.key.clone(), segment.bytes, segment);
    Ok(segments.into_iter().map(one).collect::<Result<Option<Vec<_>>, _>>()?)
}
