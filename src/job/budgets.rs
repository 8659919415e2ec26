//! What each rendition of each shard may spend, from what its first pass took.

use std::collections::BTreeMap;

use super::journal::Surveyed;
use super::statistics::Statistics;
use crate::media::RenditionId;
use crate::output::Dir;
use crate::plan::passes::{Options, Taken, shares};
use crate::plan::{Plan, Shard, VideoPlan, VideoRendition};

/// The highest average of a shard, in maximum rates: an encoder that aims at those has nothing to even out.
const SUSTAINED: f64 = 0.9;

/// The options of every last pass.
#[derive(Debug, Default)]
pub(super) struct Budgets(BTreeMap<(usize, RenditionId), Options>);

impl Budgets {
    /// Shares the bits of every rendition out; `surveys` hold what was found of each shard.
    pub(super) fn new(plan: &Plan, video: &VideoPlan, dir: &Dir, surveys: &BTreeMap<usize, Vec<Surveyed>>) -> Self {
        let mut budgets = Self::default();
        let rate = plan.grid.rate();
        for rendition in &video.renditions {
            let encoding = &rendition.encoding;
            let found = |shard: &Shard| {
                let found = surveys.get(&shard.index)?;
                // The smallest rendition stands for those that have no first pass of their own.
                found.iter().find(|one| one.rendition == rendition.id).or_else(|| found.first())
            };
            let taken = |shard: &Shard| {
                let (found, frames) = (found(shard), shard.frame_count(&plan.grid));
                let overhead = found.and_then(|one| one.statistics.as_ref()).map_or(0, |facts| facts.overhead);
                Taken { bits: found.map_or(0, |one| one.bits), overhead, frames }
            };
            let taken: Vec<Taken> = video.shards.iter().map(taken).collect();
            let shares = shares(&taken, rate, encoding.bitrate, encoding.maxrate.scaled(SUSTAINED));
            for ((shard, taken), share) in video.shards.iter().zip(taken).zip(shares) {
                let kept = found(shard).is_some_and(|one| one.statistics.is_some());
                let read = kept && taken.plannable_at(share, rate);
                let statistics = read.then(|| Statistics::of(dir.work(), shard.index, &rendition.id).name());
                let options = encoding.last_pass(share, statistics.as_deref());
                budgets.0.insert((shard.index, rendition.id.clone()), options);
            }
        }
        budgets
    }

    /// The options of the last pass, or of the only one.
    pub(super) fn options<'a>(&'a self, shard: Shard, rendition: &'a VideoRendition) -> &'a [(String, String)] {
        self.0.get(&(shard.index, rendition.id.clone())).unwrap_or(&rendition.encoding.options)
    }
}
