//! Frames of a shard in, samples out: one decode feeds every rung.

pub mod annexb;
pub mod audio;
pub mod copy;
mod frames;
pub mod live_pictures;
pub mod live_sound;
pub mod loudness;
pub mod pictures;
pub mod rung;

use rayon::ThreadPool;

use crate::av;
use crate::av::frame::Frame;
use crate::cancel::{CancelToken, Cancelled};
use crate::codec;
use crate::event::{Control, Event};
use crate::media::{RenditionId, Sample, SampleSink, TrackIndex};
use crate::plan::SegmentGrid;

/// An encode could not be done.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// FFmpeg refused.
    #[error(transparent)]
    Av(#[from] av::Error),
    /// The encoder's headers hold no complete parameter sets.
    #[error("the encoder {encoder} of {rendition} gave no usable parameter sets")]
    ParameterSets {
        /// The encoder.
        encoder: String,
        /// The rendition.
        rendition: String,
    },
    /// The encoder did not put its key frames where the grid wants them.
    #[error(
        "the encoder of {rendition} put a key frame at frame {frame}, where the grid has none, or the other way round"
    )]
    OffGrid {
        /// The rendition.
        rendition: String,
        /// The frame.
        frame: i64,
    },
    /// The encoder gave another number of samples than it was sent frames.
    #[error("the encoder of {rendition} gave {given} samples for {sent} frames")]
    Count {
        /// The rendition.
        rendition: String,
        /// Samples given.
        given: u64,
        /// Frames sent.
        sent: u64,
    },
    /// The filter graph did not make every size of a picture.
    #[error("the filters gave {given} of {wanted} sizes of the picture at frame {frame}")]
    Sizes {
        /// The first frame of the grid in which it is shown.
        frame: u64,
        /// Sizes given.
        given: usize,
        /// Sizes wanted.
        wanted: usize,
    },
    /// A track that was encoded elsewhere breaks off being what its headers say.
    #[error("track {} of {input} cannot be packaged, at {seconds:.3} s: {source}", track.0)]
    Coded {
        /// The file.
        input: String,
        /// The track.
        track: TrackIndex,
        /// Where, on the timeline of the file.
        seconds: f64,
        /// Why, and what to do.
        source: codec::Error,
    },
    /// A live source cannot be copied any further.
    #[error("cannot copy {input} any further: {why}")]
    Uncopied {
        /// The source.
        input: String,
        /// Why, and what to do.
        why: String,
    },
    /// The loudness of sound cannot be measured.
    #[error("the loudness of {rendition} cannot be measured: {why}")]
    Loudness {
        /// The rendition.
        rendition: String,
        /// Why.
        why: String,
    },
    /// A file holds less than a moment ago.
    #[error("{input} has changed while it was read; run again")]
    Gone {
        /// The file.
        input: String,
    },
    /// The run was told to stop.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
}

/// Frames that are decoded ahead while a batch is encoded: enough to keep the lanes busy, few enough to
/// bound memory and the time until a cancel is seen.
const BATCH: usize = 2;

/// One slot of the grid: the picture shown in it, in every size that a lane wants.
#[derive(Debug, Clone)]
pub struct Slot {
    /// The frame of the grid.
    pub number: u64,
    /// The picture, by size.
    pub sizes: Vec<Frame>,
}

/// Gives the slots of a shard in order.
pub trait Slots: Send {
    /// Why no slot could be given.
    type Error;
    /// The next slot; nothing at the end of the shard.
    fn next(&mut self) -> Result<Option<Slot>, Self::Error>;
    /// Whether the next slot can be had without waiting for the source: a batch ends where it cannot.
    fn is_ready(&mut self) -> Result<bool, Self::Error>;
}

/// Encodes the pictures of one rendition.
pub trait Rung: Send {
    /// Takes the next picture; hands finished samples on.
    fn encode(&mut self, frame: &Frame, number: u64, key: bool, done: &mut Vec<Sample>) -> Result<(), Error>;
    /// Hands on what the encoder held back, which takes a while: the token is looked at in between.
    fn finish(&mut self, done: &mut Vec<Sample>, cancel: &CancelToken) -> Result<(), Error>;
}

/// A rung and the sink of its samples.
pub struct Lane<S> {
    /// The rendition.
    pub id: RenditionId,
    /// Which size of a slot it takes.
    pub size: usize,
    /// The encoder.
    pub rung: Box<dyn Rung>,
    /// Where samples go.
    pub sink: S,
}

impl<S> std::fmt::Debug for Lane<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Lane").field("id", &self.id).field("size", &self.size).finish_non_exhaustive()
    }
}

impl<S: SampleSink> Lane<S>
where
    S::Error: From<Error>,
{
    fn encode(&mut self, batch: &[Slot], grid: &SegmentGrid, control: Control<'_>) -> Result<(), S::Error> {
        let mut done = Vec::new();
        for slot in batch {
            control.cancel.check().map_err(Error::from)?;
            let key = grid.starts_fragment(slot.number);
            self.rung.encode(&slot.sizes[self.size], slot.number, key, &mut done)?;
            done.drain(..).try_for_each(|sample| self.sink.push(sample))?;
        }
        control.observer.on(&Event::Encoded { rendition: &self.id, frames: batch.len() as u64 });
        Ok(())
    }

    fn finish(&mut self, control: Control<'_>) -> Result<(), S::Error> {
        let mut done = Vec::new();
        self.rung.finish(&mut done, control.cancel)?;
        done.into_iter().try_for_each(|sample| self.sink.push(sample))
    }
}

fn batch<E>(slots: &mut dyn Slots<Error = E>) -> Result<Vec<Slot>, E> {
    let mut batch = Vec::with_capacity(BATCH);
    while batch.len() < BATCH && (batch.is_empty() || slots.is_ready()?) {
        match slots.next()? {
            Some(slot) => batch.push(slot),
            None => break,
        }
    }
    Ok(batch)
}

/// Encodes a shard: while the lanes encode one batch side by side, the next one is decoded and scaled.
/// Work enters the pool one batch at a time, so that a worker waiting for its neighbours can help with
/// another shard's batch, but never begins another shard.
pub fn run<S>(
    slots: &mut dyn Slots<Error = S::Error>,
    lanes: &mut [Lane<S>],
    grid: &SegmentGrid,
    pool: &ThreadPool,
    control: Control<'_>,
) -> Result<(), S::Error>
where
    S: SampleSink + Send,
    S::Error: From<Error> + Send,
{
    let mut current = pool.install(|| batch(slots))?;
    while !current.is_empty() {
        let mut next = Ok(Vec::new());
        let read = || next = batch(slots);
        beside(lanes, Some(read), pool, |lane| lane.encode(&current, grid, control))?;
        current = next?;
    }
    beside(lanes, None::<fn()>, pool, |lane| lane.finish(control))
}

/// Does `work` for every lane, side by side, and `other` beside them. The dearest begins first (lanes are in falling
/// order of their size, and decoding costs less than the first), which leaves the least for one thread to do alone.
fn beside<S>(
    lanes: &mut [Lane<S>],
    other: Option<impl FnOnce() + Send>,
    pool: &ThreadPool,
    work: impl Fn(&mut Lane<S>) -> Result<(), S::Error> + Sync,
) -> Result<(), S::Error>
where
    S: SampleSink + Send,
    S::Error: Send,
{
    let mut results: Vec<Result<(), S::Error>> = lanes.iter().map(|_| Ok(())).collect();
    let (work, mut other) = (&work, other);
    pool.scope_fifo(|scope| {
        for (lane, result) in lanes.iter_mut().zip(&mut results) {
            scope.spawn_fifo(move |_| *result = work(lane));
            if let Some(other) = other.take() {
                scope.spawn_fifo(|_| other());
            }
        }
        // Without lanes there is still something to decode.
        if let Some(other) = other.take() {
            scope.spawn_fifo(|_| other());
        }
    });
    results.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Silent;
    use crate::media::FrameRate;

    /// Counts slots, of which it has twenty, and those that are asked for outside of the pool.
    #[derive(Default)]
    struct Asked {
        slots: u64,
        outside: u64,
    }

    impl Slots for Asked {
        type Error = Error;

        fn next(&mut self) -> Result<Option<Slot>, Error> {
            self.slots += 1;
            self.outside += u64::from(rayon::current_thread_index().is_none());
            Ok((self.slots <= 20).then(|| Slot { number: self.slots - 1, sizes: Vec::new() }))
        }

        fn is_ready(&mut self) -> Result<bool, Error> {
            Ok(true)
        }
    }

    struct Nowhere;

    impl SampleSink for Nowhere {
        type Error = Error;

        fn push(&mut self, _: Sample) -> Result<(), Error> {
            Ok(())
        }
    }

    /// The first batch was decoded beside the pool: more threads were busy than were asked for.
    #[test]
    fn every_picture_is_decoded_in_the_pool() {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("threads can be made");
        let (mut asked, cancel) = (Asked::default(), CancelToken::default());
        let second = std::time::Duration::from_secs(1);
        let grid = SegmentGrid::new(FrameRate::whole(25), second, second, 20);
        let control = Control { observer: &Silent, cancel: &cancel };
        run::<Nowhere>(&mut asked, &mut [], &grid, &pool, control).expect("nothing fails");
        assert!(asked.slots > 20);
        assert_eq!(asked.outside, 0);
    }
}
