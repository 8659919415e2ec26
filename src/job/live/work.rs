//! The threads of a live run: who reads, who places what comes, who encodes, who publishes.

use std::sync::Arc;
use std::sync::mpsc::{channel, sync_channel};

use super::anchor::Anchor;
use super::board::Board;
use super::ended::Ended;
use super::ingest::{Ingest, State};
use super::lanes::{Lanes, wanted};
use super::marks::Marks;
use super::messages::{Listener, Written};
use super::opening::is_watched;
use super::overload::Load;
use super::publish::{Published, Publisher};
use super::reader::Reader;
use super::thread::{join, spawn};
use super::{Read, Run, tracks};
use crate::cancel::CancelToken;
use crate::event::Control;
use crate::job::Error;
use crate::media::{RenditionId, Rounding, SegmentNumber, Timescale, TrackConfig, TrackIndex};
use crate::origin::live::Stage;
use crate::package::Zero;
use crate::source::live::drift::Drift;
use crate::source::live::timeline::Timeline;

/// Packets that may wait until they are placed.
const PACKETS_WAITING: usize = 64;

/// Segments that may wait to be stored.
const SEGMENTS_WAITING: usize = 16;

/// What cannot be: a part of the run failed and did not say why.
const LOST: &str = "a part of the live run ended without a reason";

impl Run<'_> {
    /// Runs every part of it from the segment `first` on, until the source has ended and all that came of it is published; or until a part of it
    /// fails, and then gives what was published as well.
    pub(super) fn work(
        &self,
        (source, written): Read,
        tracks: Vec<(RenditionId, TrackConfig)>,
        publisher: Publisher<'_>,
        (anchor, first): (&Arc<Anchor>, SegmentNumber),
    ) -> Result<(Result<Ended, Error>, Option<Published>), Error> {
        let begin = self.plan.grid.time_of(self.plan.grid.frames_of(first).start);
        let begin_us = begin.rescale(Timescale::new(1_000_000), Rounding::Nearest).ticks();
        let standing = publisher.unended(begin_us);
        let written = match written {
            Some(written) if first > SegmentNumber(1) => Some(written.going_on()?),
            written => written,
        };
        let (connection, work) = (self.connection, CancelToken::default());
        let (made, segments) = sync_channel(SEGMENTS_WAITING);
        let (sender, come) = sync_channel(PACKETS_WAITING);
        let (rests, rested) = channel();
        let control = Control { observer: self.control.observer, cancel: &work };
        let board = written.as_ref().map(|_| self.board(anchor));
        let load = Arc::new(Load::new(self.real_time().then_some(self.request.overload)));
        let metrics = self.stage.map(Stage::metrics);
        let lanes = Lanes {
            plan: self.plan,
            vault: self.vault,
            tracks,
            parts: self.parts,
            window: self.window,
            rests,
            first,
            anchor: Arc::clone(anchor),
            board: board.clone(),
            made: made.clone(),
            work: &work,
            control,
            load: Arc::clone(&load),
            clock: self.clock,
            metrics,
        };
        let load = &load;
        // What fails stops the others.
        let stop = || {
            connection.stop().cancel();
            work.cancel();
        };
        std::thread::scope(|scope| {
            let closing = written.as_ref().map(Written::closing);
            if let Some((written, board)) = written.zip(board) {
                let listener = Listener { written, board, clock: self.clock, control: self.control };
                spawn(scope, "metadata", &stop, || {
                    listener.run();
                    Ok(())
                })?;
            }
            let (outlets, running) = match self.request.copy {
                true => lanes.start_copies(scope, &source, &stop)?,
                false => lanes.start(scope, &source, self.request.jobs, &stop)?,
            };
            drop(lanes);
            let input = &self.request.input;
            let again = input.can_come_back();
            let reader = Reader {
                opener: self.opener,
                info: source.info().clone(),
                wanted: wanted(self.plan),
                copy: self.request.copy,
                connection,
                clock: self.clock,
                again,
                come: sender,
            };
            let reading = spawn(scope, "reader", &stop, || {
                reader.run(source);
                Ok(())
            })?;
            // Nothing that is copied can be stretched.
            let follows_clock = input.comes_by_clock() && !self.request.paced && !self.request.copy;
            let ingest = Ingest {
                come,
                timeline: Timeline::from(self.main_track(), begin_us),
                outlets,
                paced: self.request.paced,
                watched: is_watched(input),
                again,
                even: input.comes_evenly(),
                drift: follows_clock.then(Drift::default),
                loss: self.request.loss,
                load,
                anchor,
                made,
                refusals: self.refusals,
                grid: self.plan.grid,
                rested: self.request.copy.then_some(rested),
                begin_us,
                clock: self.clock,
                connection,
                control: self.control,
                marks: Marks::new(self.control).going_on(standing),
                metrics,
                state: State::from(begin_us),
            };
            let ingest = spawn(scope, "ingest", &stop, || {
                let ended = ingest.run();
                connection.stop().cancel();
                ended
            })?;
            let publishing = spawn(scope, "publish", &stop, || publisher.run(segments))?;
            let (ended, lanes, published) =
                (join(ingest), running.into_iter().map(join).collect::<Vec<_>>(), join(publishing));
            drop(closing);
            let mut failures: Vec<Error> = lanes.into_iter().filter_map(Result::err).collect();
            failures.extend(join(reading).err());
            let ended = ended.map_err(|error| failures.push(error)).ok();
            let mut published = published.map_err(|error| failures.push(error)).ok().flatten();
            failures.extend(published.as_mut().and_then(|published| published.failed.take()));
            // The first real failure stopped the others, which then report only that they were stopped.
            let (cancelled, real): (Vec<_>, Vec<_>) = failures.into_iter().partition(Error::is_cancelled);
            let failed = real.into_iter().chain(cancelled).next();
            let lost = || Error::Internal(LOST.to_owned());
            Ok((failed.map_or_else(|| ended.ok_or_else(lost), Err), published))
        })
    }

    /// Where messages wait for their time. All pictures carry them, or all sound where there are none.
    fn board(&self, anchor: &Arc<Anchor>) -> Arc<Board> {
        let carriers = self.plan.video.as_ref().map_or(self.plan.audio.len(), |video| video.all().count());
        let zero: Arc<dyn Zero> = anchor.clone();
        // An earlier run may have had some: players know them by their numbers.
        let first_id = self.clock.utc().as_millis() as u32;
        Board::new(self.window, zero, carriers, first_id)
    }

    /// The track by which the programme is placed.
    fn main_track(&self) -> TrackIndex {
        tracks(self.plan).first().copied().unwrap_or(TrackIndex(0))
    }
}
