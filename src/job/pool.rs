//! The threads and the memory of a run, which all its inputs share: while the last shards of one input are
//! worked on, the first of the next one keep the other threads busy.

use rayon::ThreadPool;

use super::gate::Gate;
pub(super) use super::gate::{Load, Place};
use super::{Error, crew};
use crate::cancel::{CancelToken, Cancelled};
use crate::event::Control;
use crate::plan::{Plan, VideoRendition};
use crate::source::SourceInfo;

/// Memory that shards may take together, in bytes: for each job, at least and at most. One of them is
/// encoded in any case.
const MEMORY_PER_JOB: u64 = 300 << 20;
const MEMORY_AT_LEAST: u64 = 1_400 << 20;
const MEMORY_AT_MOST: u64 = 3_600 << 20;

/// Bytes that a shard in flight is reckoned to take for each pixel of its source and of its renditions
/// (references and batches), and for each pixel of a frame in an encoder's lookahead.
const BYTES_PER_PIXEL: u64 = 64;
const BYTES_PER_PIXEL_AHEAD: u64 = 4;

/// What it costs to decode and scale a pixel of the source, where encoding a pixel of a rendition costs 1.
const DECODING: f64 = 0.3;

/// Of the threads that a shard could keep busy if its work could be dealt out freely, so many it does.
const DEALT: f64 = 0.95;

/// What sound or text in flight is reckoned to take, for each rendition.
pub(super) const SOUND: Load = Load { threads: 1.0, memory: 16 << 20 };

/// What a shard in flight is reckoned to take. Its renditions are encoded side by side, so that it keeps as many
/// threads busy as the dearest of them goes into the whole.
pub(super) fn shard(plan: &Plan, info: &SourceInfo) -> Load {
    let Some(video) = &plan.video else { return SOUND };
    let source = info.video.iter().find(|info| info.track == video.track).map_or(0, |v| v.resolution.pixels());
    let of = |r: &VideoRendition| {
        r.resolution.pixels() * (BYTES_PER_PIXEL + u64::from(r.encoding.lookahead) * BYTES_PER_PIXEL_AHEAD)
    };
    let memory = source * BYTES_PER_PIXEL + video.renditions.iter().map(of).sum::<u64>();
    let costs = || {
        let renditions = video.renditions.iter().map(|rendition| rendition.resolution.pixels() as f64);
        renditions.chain(std::iter::once(DECODING * source as f64))
    };
    let threads = costs().sum::<f64>() / costs().fold(1.0, f64::max) / DEALT;
    Load { threads: threads.max(1.0), memory }
}

/// The threads and the memory of a run.
#[derive(Debug)]
pub(super) struct Pool {
    jobs: usize,
    threads: ThreadPool,
    gate: Gate,
}

impl Pool {
    /// Of so many threads.
    pub(super) fn new(jobs: usize) -> Result<Self, Error> {
        let jobs = jobs.max(1);
        let threads = rayon::ThreadPoolBuilder::new()
            .num_threads(jobs)
            .thread_name(|index| format!("lane-{index}"))
            .build()
            .map_err(|e| Error::Internal(format!("starting worker threads failed: {e}")))?;
        let memory = (jobs as u64 * MEMORY_PER_JOB).clamp(MEMORY_AT_LEAST, MEMORY_AT_MOST);
        Ok(Self { jobs, threads, gate: Gate::new(jobs, memory) })
    }

    /// How many threads there are.
    pub(super) const fn jobs(&self) -> usize {
        self.jobs
    }

    /// The part of an input; those with a lower number go first.
    pub(super) const fn share(&self, input: usize) -> Share<'_> {
        Share { pool: self, input }
    }
}

/// What one input may take of the pool.
#[derive(Clone, Copy, Debug)]
pub(super) struct Share<'p> {
    pool: &'p Pool,
    input: usize,
}

impl<'p> Share<'p> {
    /// The threads that encode.
    pub(super) const fn threads(self) -> &'p ThreadPool {
        &self.pool.threads
    }

    /// Waits until there is room for a piece of work. No two pieces of an input that are worked on or wait at one
    /// time may have the same number.
    pub(super) fn enter(self, number: usize, load: Load, cancel: &CancelToken) -> Result<Place<'p>, Cancelled> {
        self.pool.gate.enter((self.input, number), load, cancel)
    }

    /// Does the items in their order, each as soon as there is room for its load; the first failure stops all.
    pub(super) fn run<T: Send>(
        self,
        items: Vec<T>,
        control: Control<'_>,
        load: impl Fn(&T) -> Load + Sync,
        work: impl Fn(T, Control<'_>) -> Result<(), Error> + Sync,
    ) -> Result<(), Error> {
        let numbered = items.into_iter().enumerate().collect();
        crew::run(self.pool.jobs, numbered, control, |(number, item), control| {
            let _place = self.enter(number, load(&item), control.cancel)?;
            work(item, control)
        })
    }
}
