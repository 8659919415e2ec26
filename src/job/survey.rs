//! The first passes of rate controls that aim at an average: what each shard takes at one quality.

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use super::Error;
use super::budgets::Budgets;
use super::journal::{Entry, Surveyed};
use super::pool;
use super::scene::{Done, Scene};
use super::statistics::Statistics;
use super::stretch::Stretch;
use crate::encode::pictures::{ShardPictures, graph, sizes};
use crate::encode::rung::VideoRung;
use crate::encode::{self, Lane};
use crate::event::Control;
use crate::media::{Sample, SampleSink};
use crate::output::Dir;
use crate::plan::{Plan, RateControl, Shard, VideoPlan, VideoRendition};
use crate::source::feed::PictureFeed;

/// Fails when the encoder cannot be given the names of its statistics below `output`, for they are text.
pub(super) fn require_names(plan: &Plan, output: &Path) -> Result<(), Error> {
    let kept = plan.video.iter().flat_map(VideoPlan::first_passes).any(keeps_statistics);
    if kept && output.to_str().is_none() { Err(Error::NotUnicode(output.to_owned())) } else { Ok(()) }
}

/// Forgets the first passes of an earlier run whose statistics are gone or damaged. The last pass of a
/// finished shard needs none any more, but its bits count.
pub(super) fn retain_usable(plan: &Plan, dir: &Dir, done: &mut Done) {
    let Some(video) = &plan.video else { return };
    let stands = |index: &usize, found: &Vec<Surveyed>| {
        let Some(shard) = video.shards.get(*index) else { return false };
        let frames = shard.frame_count(&plan.grid);
        let stands = |one: &Surveyed| match &one.statistics {
            Some(kept) => Statistics::of(dir.work(), *index, &one.rendition).stand(frames, kept),
            None => true,
        };
        done.shards.contains_key(index) || found.iter().all(stands)
    };
    done.surveys.retain(|index, found| stands(index, found));
}

/// Does the first passes that are not done yet, unless every shard is finished anyway.
pub(super) fn run(
    scene: &Scene<'_>,
    video: &VideoPlan,
    done: &mut Done,
    control: Control<'_>,
) -> Result<Budgets, Error> {
    let renditions = video.first_passes();
    if renditions.is_empty() || video.shards.iter().all(|shard| done.shards.contains_key(&shard.index)) {
        return Ok(Budgets::default());
    }
    Statistics::create_directory(scene.dir.work())?;
    let survey = Survey { scene, video, renditions };
    let open: Vec<Shard> = video.shards.iter().filter(|s| !done.surveys.contains_key(&s.index)).copied().collect();
    let surveys = Mutex::new(&mut done.surveys);
    let load = pool::shard(scene.plan, scene.info);
    scene.share.run(
        Stretch::all(scene, video, open),
        control,
        |_| load,
        |stretch, control| {
            stretch.read(scene, video, control.cancel, |shard, feed| {
                let found = survey.shard(shard, feed, control)?;
                scene.journal.done(&Entry::Survey { index: shard.index, found: found.clone() })?;
                surveys.lock().unwrap_or_else(PoisonError::into_inner).insert(shard.index, found);
                Ok(())
            })?;
            Ok(())
        },
    )?;
    Ok(Budgets::new(scene.plan, video, scene.dir, &done.surveys))
}

/// Removes the statistics of a finished shard.
pub(super) fn forget(scene: &Scene<'_>, video: &VideoPlan, shard: Shard) -> Result<(), Error> {
    let kept = video.first_passes().into_iter().filter(|rendition| keeps_statistics(rendition));
    for rendition in kept {
        Statistics::of(scene.dir.work(), shard.index, &rendition.id).remove()?;
    }
    Ok(())
}

fn keeps_statistics(rendition: &VideoRendition) -> bool {
    matches!(rendition.encoding.rate_control, RateControl::TwoPass)
}

struct Survey<'a> {
    scene: &'a Scene<'a>,
    video: &'a VideoPlan,
    renditions: Vec<&'a VideoRendition>,
}

impl Survey<'_> {
    /// Where the encoder keeps its statistics, when it keeps any.
    fn statistics(&self, shard: Shard, rendition: &VideoRendition) -> Option<Statistics> {
        keeps_statistics(rendition).then(|| Statistics::of(self.scene.dir.work(), shard.index, &rendition.id))
    }

    fn shard(&self, shard: Shard, feed: &mut PictureFeed, control: Control<'_>) -> Result<Vec<Surveyed>, Error> {
        let surveyed = self.encode(shard, feed, control).and_then(|bits| self.keep(shard, &bits));
        surveyed.map_err(|error| {
            if error.is_cancelled() {
                return error;
            }
            // x264 does not say that its statistics could not be written, only that it failed, if that.
            let written = self.renditions.iter().filter_map(|rendition| self.statistics(shard, rendition));
            let full = written.map(|statistics| statistics.try_room()).find_map(Result::err);
            full.map_or_else(|| error.in_pass("first", shard), Error::from)
        })
    }

    /// The bits that each rendition takes.
    fn encode(&self, shard: Shard, feed: &mut PictureFeed, control: Control<'_>) -> Result<Vec<u64>, Error> {
        let grid = &self.scene.plan.grid;
        let frames = shard.frames(grid);
        let sizes = sizes(self.renditions.iter().map(|rendition| rendition.resolution));
        let mut lanes = Vec::new();
        for rendition in &self.renditions {
            let statistics = self.statistics(shard, rendition).map(|statistics| statistics.name());
            let options = rendition.encoding.first_pass(statistics.as_deref());
            let rung = VideoRung::open(rendition, &options, grid, frames.start)?;
            let size = sizes.iter().position(|size| *size == rendition.resolution).unwrap_or(0);
            lanes.push(Lane { id: rendition.id.clone(), size, rung: Box::new(rung), sink: Bits(0) });
        }
        let graph = graph(&self.video.picture, self.video.color, &sizes)?;
        let mut pictures = ShardPictures::new(feed, frames.end, graph, sizes.len(), None);
        encode::run(&mut pictures, &mut lanes, grid, self.scene.share.threads(), control)?;
        Ok(lanes.into_iter().map(|lane| lane.sink.0).collect())
    }

    /// Keeps what the encoders wrote, which is all there only now that they are closed.
    fn keep(&self, shard: Shard, bits: &[u64]) -> Result<Vec<Surveyed>, Error> {
        let frames = shard.frame_count(&self.scene.plan.grid);
        let one = |(rendition, bits): (&&VideoRendition, &u64)| {
            let statistics = self.statistics(shard, rendition);
            let statistics = statistics.map(|written| written.keep(frames)).transpose()?;
            Ok(Surveyed { rendition: rendition.id.clone(), bits: *bits, statistics })
        };
        self.renditions.iter().zip(bits).map(one).collect()
    }
}

/// Counts the bits of samples.
struct Bits(u64);

impl SampleSink for Bits {
    type Error = Error;

    fn push(&mut self, sample: Sample) -> Result<(), Error> {
        self.0 += 8 * sample.data.len() as u64;
        Ok(())
    }
}
