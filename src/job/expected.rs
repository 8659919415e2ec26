//! What a run will take, and what of it an earlier one did, for those who watch.

use std::collections::{BTreeMap, BTreeSet};

use super::scene::Done;
use super::work;
use crate::event::{Control, Event, Expected};
use crate::media::RenditionId;
use crate::plan::{Plan, VideoPlan};

/// What an earlier run did.
#[derive(Default)]
pub(super) struct Resumed {
    /// Seconds of each rendition that are encoded and stored.
    seconds: BTreeMap<RenditionId, f64>,
    /// Frames of which the first pass is done.
    surveyed: u64,
    /// Audio renditions whose tracks are measured.
    measured: BTreeSet<RenditionId>,
}

impl Resumed {
    /// Of the work that is finished.
    pub(super) fn of(plan: &Plan, done: &Done) -> Self {
        let mut resumed = Self::default();
        for segment in done.segments() {
            *resumed.seconds.entry(segment.rendition.clone()).or_default() += segment.duration.as_seconds();
        }
        let finished = plan.measured().into_iter().map(|r| &r.id).filter(|id| done.audio.contains_key(id));
        resumed.measured = done.loudness.keys().chain(finished).cloned().collect();
        let shards = plan.video.iter().flat_map(|video| &video.shards);
        let surveyed = shards.filter(|shard| done.surveys.contains_key(&shard.index));
        resumed.surveyed = surveyed.map(|shard| shard.frame_count(&plan.grid)).sum();
        resumed
    }

    /// Everything.
    pub(super) fn all(plan: &Plan) -> Self {
        let video = plan.video.iter().flat_map(VideoPlan::all).map(|r| r.id);
        let ids = video.chain(plan.audio.iter().map(|r| &r.id));
        let seconds = ids.map(|id| (id.clone(), plan.duration().as_seconds())).collect();
        let measured = plan.measured().into_iter().map(|r| r.id.clone()).collect();
        Self { seconds, surveyed: plan.grid.frames(), measured }
    }

    /// Of so many frames of a rendition in its last pass.
    fn frames(&self, id: &RenditionId, all: u64, plan: &Plan) -> u64 {
        let part = self.seconds.get(id).copied().unwrap_or(0.0) / plan.duration().as_seconds();
        ((all as f64 * part).round() as u64).min(all)
    }
}

/// Tells what the run will take, first passes too.
pub(super) fn announce(plan: &Plan, earlier: &Resumed, control: Control<'_>) {
    let expect = |id: &RenditionId, frames: u64| {
        let resumed = earlier.frames(id, frames, plan);
        Expected { rendition: id.clone(), frames, resumed }
    };
    let video = plan.video.iter().flat_map(|video| {
        let twice = video.first_passes();
        video.all().map(move |r| {
            let mut expected = expect(r.id, plan.grid.frames());
            if twice.iter().any(|twice| twice.id == *r.id) {
                expected.frames += plan.grid.frames();
                expected.resumed += earlier.surveyed;
            }
            expected
        })
    });
    let measured = plan.measured();
    let audio = plan.audio.iter().map(|r| {
        let mut expected = expect(&r.id, work::expected_packets(plan, r));
        if measured.iter().any(|measured| measured.id == r.id) {
            expected.frames += work::expected_packets(plan, r);
            if earlier.measured.contains(&r.id) {
                expected.resumed += work::expected_packets(plan, r);
            }
        }
        expected
    });
    let expected: Vec<Expected> = video.chain(audio).collect();
    let media_seconds = plan.duration().as_seconds();
    control.observer.on(&Event::Planned { expected: &expected, media_seconds });
}
