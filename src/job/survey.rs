//! The first pass of rate controls that aim at an average, and what it gives each shard to spend.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use rayon::ThreadPool;

use super::journal::{Entry, Surveyed};
use super::scene::{Done, Scene};
use super::stretch::Stretch;
use super::{Error, crew};
use crate::encode::pictures::{ShardPictures, graph, sizes};
use crate::encode::rung::VideoRung;
use crate::encode::{self, Lane};
use crate::event::{Control, Event};
use crate::media::{RenditionId, Sample, SampleSink};
use crate::output;
use crate::plan::passes::{Options, Taken, shares};
use crate::plan::{RateControl, Shard, VideoPlan, VideoRendition};
use crate::source::feed::PictureFeed;

/// Directory of the statistics that encoders keep from one pass to the next, in the work directory.
const STATS: &str = "passes";
/// The highest average of a shard, in maximum rates: an encoder that aims at those has nothing to even out.
const SUSTAINED: f64 = 0.9;
/// What x264 adds to the name of its statistics for the file of its macroblock-tree.
const SUFFIXES: [&str; 2] = ["", ".mbtree"];

/// What each rendition of each shard is to be encoded with.
#[derive(Debug, Default)]
pub(super) struct Budgets(BTreeMap<(usize, RenditionId), Options>);

impl Budgets {
    /// The options of the last pass.
    pub(super) fn options<'a>(&'a self, shard: Shard, rendition: &'a VideoRendition) -> &'a [(String, String)] {
        self.0.get(&(shard.index, rendition.id.clone())).unwrap_or(&rendition.encoding.options)
    }
}

/// Does the first passes that are not done yet, unless every shard is finished anyway.
pub(super) fn run(
    scene: &Scene<'_>,
    video: &VideoPlan,
    done: &mut Done,
    pool: &ThreadPool,
    workers: usize,
    control: Control<'_>,
) -> Result<Budgets, Error> {
    let renditions = video.first_passes();
    if renditions.is_empty() || video.shards.iter().all(|shard| done.shards.contains_key(&shard.index)) {
        return Ok(Budgets::default());
    }
    let survey = Survey { scene, video, renditions, pool };
    fs::create_dir_all(survey.directory()).map_err(failed(&survey.directory()))?;
    // The last pass of a finished shard needs no statistics any more, but its bits count.
    done.surveys.retain(|index, found| done.shards.contains_key(index) || survey.stands(*index, found));
    for (shard, found) in video.shards.iter().filter_map(|shard| Some((shard, done.surveys.get(&shard.index)?))) {
        for one in found {
            control.observer.on(&Event::Encoded { rendition: &one.rendition, frames: survey.frames(*shard) });
        }
    }
    let open: Vec<Shard> = video.shards.iter().filter(|s| !done.surveys.contains_key(&s.index)).copied().collect();
    let found = Mutex::new(std::mem::take(&mut done.surveys));
    crew::run(workers, Stretch::all(scene, video, open), control, |stretch, control| {
        stretch.read(scene, video, control.cancel, |shard, feed| {
            let one = survey.shard(shard, feed, control)?;
            scene.journal.done(&Entry::Survey { index: shard.index, found: one.clone() })?;
            found.lock().unwrap_or_else(PoisonError::into_inner).insert(shard.index, one);
            Ok(())
        })?;
        Ok(())
    })?;
    survey.budgets(&found.into_inner().unwrap_or_else(PoisonError::into_inner))
}

/// Removes the statistics of a finished shard: an hour of 1080p has gigabytes of them.
pub(super) fn forget(scene: &Scene<'_>, video: &VideoPlan, shard: Shard) -> Result<(), Error> {
    for rendition in video.first_passes().into_iter().filter(|r| keeps_stats(r)) {
        for suffix in SUFFIXES {
            let path = scene.dir.work().join(STATS).join(name(shard.index, &rendition.id) + suffix);
            match fs::remove_file(&path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(&path)(error)),
                _ => {}
            }
        }
    }
    Ok(())
}

fn keeps_stats(rendition: &VideoRendition) -> bool {
    matches!(rendition.encoding.rate_control, RateControl::TwoPass)
}

fn name(shard: usize, rendition: &RenditionId) -> String {
    format!("{shard}_{}.log", rendition.name())
}

fn failed(path: &std::path::Path) -> impl Fn(io::Error) -> Error + '_ {
    |source| output::Error::Io { target: path.display().to_string(), source }.into()
}

struct Survey<'a> {
    scene: &'a Scene<'a>,
    video: &'a VideoPlan,
    renditions: Vec<&'a VideoRendition>,
    pool: &'a ThreadPool,
}

impl Survey<'_> {
    fn directory(&self) -> PathBuf {
        self.scene.dir.work().join(STATS)
    }

    fn frames(&self, shard: Shard) -> u64 {
        let grid = &self.scene.plan.grid;
        grid.frames_of(shard.last).end - grid.frames_of(shard.first).start
    }

    /// Where the encoder keeps its statistics, when it keeps any.
    fn stats(&self, shard: usize, rendition: &VideoRendition) -> Result<Option<String>, Error> {
        if !keeps_stats(rendition) {
            return Ok(None);
        }
        let path = self.directory().join(name(shard, &rendition.id));
        let text = path.to_str().ok_or_else(|| Error::NotUnicode(path.clone()))?;
        Ok(Some(text.to_owned()))
    }

    /// Size of the statistics that an encoder has written.
    fn stats_size(&self, shard: usize, rendition: &VideoRendition) -> Result<Option<u64>, Error> {
        let Some(stats) = self.stats(shard, rendition)? else { return Ok(None) };
        let size = |suffix| fs::metadata(format!("{stats}{suffix}")).map_or(0, |meta| meta.len());
        Ok(Some(SUFFIXES.into_iter().map(size).sum()))
    }

    /// Whether what an earlier run found can still be used.
    fn stands(&self, shard: usize, found: &[Surveyed]) -> bool {
        let same = |(one, rendition): (&Surveyed, &&VideoRendition)| {
            one.rendition == rendition.id && self.stats_size(shard, rendition).is_ok_and(|size| size == one.stats)
        };
        found.len() == self.renditions.len() && found.iter().zip(&self.renditions).all(same)
    }

    fn shard(&self, shard: Shard, feed: &mut PictureFeed, control: Control<'_>) -> Result<Vec<Surveyed>, Error> {
        let grid = &self.scene.plan.grid;
        let (first, end) = (grid.frames_of(shard.first).start, grid.frames_of(shard.last).end);
        let sizes = sizes(self.renditions.iter().copied());
        let mut lanes = Vec::new();
        for rendition in &self.renditions {
            let options = rendition.encoding.first_pass(self.stats(shard.index, rendition)?.as_deref());
            let rung = VideoRung::open(rendition, &options, grid, first)?;
            let size = sizes.iter().position(|size| *size == rendition.resolution).unwrap_or(0);
            lanes.push(Lane { id: rendition.id.clone(), size, rung: Box::new(rung), sink: Bits(0) });
        }
        let graph = graph(&self.video.picture, self.video.color, &sizes)?;
        let mut pictures = ShardPictures::new(feed, end, graph, sizes.len(), None);
        encode::run(&mut pictures, &mut lanes, grid, self.pool, control)?;
        let bits: Vec<u64> = lanes.iter().map(|lane| lane.sink.0).collect();
        // x264 gives its statistics their names when it is closed.
        drop(lanes);
        let one = |(rendition, bits): (&&VideoRendition, u64)| {
            let stats = self.stats_size(shard.index, rendition)?;
            Ok(Surveyed { rendition: rendition.id.clone(), bits, stats })
        };
        self.renditions.iter().zip(bits).map(one).collect()
    }

    fn budgets(&self, found: &BTreeMap<usize, Vec<Surveyed>>) -> Result<Budgets, Error> {
        let mut budgets = Budgets::default();
        for rendition in &self.video.renditions {
            // The smallest rendition stands for those that have no first pass of their own.
            let surveyed = self.renditions.iter().position(|r| r.id == rendition.id).unwrap_or(0);
            let taken = |shard: &Shard| {
                let bits = found.get(&shard.index).and_then(|found| found.get(surveyed)).map_or(0, |one| one.bits);
                Taken { bits, frames: self.frames(*shard) }
            };
            let taken: Vec<_> = self.video.shards.iter().map(taken).collect();
            let encoding = &rendition.encoding;
            let cap = encoding.maxrate.scaled(SUSTAINED);
            let shares = shares(&taken, self.scene.plan.grid.rate(), encoding.bitrate, cap);
            for (shard, share) in self.video.shards.iter().zip(shares) {
                let options = encoding.last_pass(share, self.stats(shard.index, rendition)?.as_deref());
                budgets.0.insert((shard.index, rendition.id.clone()), options);
            }
        }
        Ok(budgets)
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
