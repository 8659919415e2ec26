//! Takes the packets of a live source, puts them on the timeline of the programme, and hands them to the lanes of their
//! tracks. While the source is away the lanes are told how far the programme is without it.

use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender};
use std::time::Duration;

use super::anchor::Anchor;
use super::connection::Connection;
use super::keep::Made;
use super::marks::Marks;
use super::overload::Load;
use super::reader::{Back, Come};
use super::refusals::Refusals;
use super::rest::Rest;
use super::told::Noted;
use super::{Ended, Error, Loss, OnLoss};
use crate::av::demux::Packet;
use crate::cancel::Cancelled;
use crate::clock::LiveClock;
use crate::event::{Control, Event, Warning};
use crate::media::{Marking, TrackIndex, Utc};
use crate::origin::live::Metrics;
use crate::plan::SegmentGrid;
use crate::source::live::Fed;
use crate::source::live::drift::Drift;
use crate::source::live::timeline::{Begin, Timeline};

/// A lane that gets no packets is told how far the others are in steps of this, in microseconds.
const TOLD_EVERY_US: i64 = 250_000;

/// The longest that a paced source waits before it looks whether it should stop.
const PACE: Duration = Duration::from_millis(20);

/// How often it is looked whether a source is there, and how far the programme is without it.
const TICK: Duration = Duration::from_millis(40);

/// The programme goes on without a source that has given nothing for so long, also while it is not lost yet.
const STALL: Duration = Duration::from_secs(1);

/// A packet that is so much earlier than what stood in for it came too late, in microseconds.
const TOO_LATE_US: i64 = 500_000;

/// A source that has given nothing and then goes on where it was has so much time to catch up. Then it is taken for
/// one that was stopped, and all that follows is as much later.
const CATCH_UP: Duration = Duration::from_secs(2);

/// An attempt to open a source again is given up after so much time, and the next one begins.
const ATTEMPT: Duration = Duration::from_secs(15);

/// The lane of one track.
pub(super) struct Outlet {
    /// Its track; nothing when the source has it no longer.
    pub(super) track: Option<TrackIndex>,
    pub(super) lane: SyncSender<Fed>,
    /// How far it knows the programme to be.
    pub(super) told_us: i64,
    /// Whether it is the main one, by which the programme is placed.
    pub(super) main: bool,
}

/// What is read, and how.
pub(super) struct Ingest<'a> {
    pub(super) come: Receiver<Come>,
    pub(super) timeline: Timeline,
    pub(super) outlets: Vec<Outlet>,
    /// Hand out packets no faster than they are shown.
    pub(super) paced: bool,
    /// Whether the source can fall silent: a file cannot.
    pub(super) watched: bool,
    /// Whether it is opened again when it is lost.
    pub(super) again: bool,
    /// Whether it comes evenly, so that a pause is one.
    pub(super) even: bool,
    /// How far its clock runs away from ours, where the programme follows ours.
    pub(super) drift: Option<Drift>,
    pub(super) loss: Loss,
    pub(super) load: &'a Load,
    pub(super) anchor: &'a Anchor,
    /// Who must know that nothing is made for a while.
    pub(super) made: SyncSender<Made>,
    pub(super) grid: SegmentGrid,
    /// Who tells where a programme rests of which nothing is encoded, in microseconds; nothing where it is encoded.
    pub(super) rested: Option<Receiver<i64>>,
    /// Where the programme begins, or goes on after an earlier run, in microseconds.
    pub(super) begin_us: i64,
    /// Tells of publishers that are not let in.
    pub(super) refusals: &'a Refusals<'a>,
    pub(super) clock: &'a dyn LiveClock,
    pub(super) connection: &'a Connection,
    /// Whose token stops the run.
    pub(super) control: Control<'a>,
    /// What the source marks.
    pub(super) marks: Marks<'a>,
    /// Counts what comes.
    pub(super) metrics: Option<&'a Metrics>,
    pub(super) state: State,
}

/// How it stands with the source.
#[derive(Debug, Default)]
pub(super) struct State {
    /// When the latest packet came.
    latest: Duration,
    /// How far the programme was, and when: from there it goes on with the clock. Nothing before it has begun.
    base: Option<(i64, Duration)>,
    /// How far it has gone on without the source, since that gave its latest packet.
    filled_us: Option<i64>,
    /// When a packet came too late first, since all came in time.
    late_since: Option<Duration>,
    /// Since when the source is lost, and how.
    lost: Option<(Duration, Ended)>,
    jumps: u64,
    /// How far what was handed out is shown.
    shown_us: i64,
    rest: Rest,
}

impl State {
    /// A programme that begins at this microsecond.
    pub(super) fn from(us: i64) -> Self {
        Self { rest: Rest::of(us), ..Self::default() }
    }
}

impl Ingest<'_> {
    /// Reads to the end, whatever that is. The lanes end with it.
    pub(super) fn run(mut self) -> Result<Ended, Error> {
        let started = self.clock.elapsed();
        self.state.latest = started;
        loop {
            let come = self.come.recv_timeout(TICK);
            if self.control.cancel.is_cancelled() {
                return Ok(Ended::Stopped);
            }
            // A lane has failed, and tells why.
            self.connection.stop().check()?;
            if self.load.has_failed() {
                return Ok(Ended::Overloaded);
            }
            let ended = match come {
                Ok(Come::Packet(packet)) => self.packet(packet, started).map(|()| None),
                Ok(Come::Mark(sighting)) => {
                    if self.state.lost.is_none() {
                        self.marks.see(sighting);
                    }
                    Ok(None)
                }
                Ok(Come::Back(back)) => self.back(back).map(|()| None),
                Ok(Come::Gone(how)) => Ok(self.gone(how)),
                Ok(Come::Failed(error)) => Err(error),
                Err(RecvTimeoutError::Timeout) => Ok(self.look()),
                Err(RecvTimeoutError::Disconnected) => Err(Error::Internal(READER.to_owned())),
            }?;
            if let Some(ended) = ended {
                return Ok(ended);
            }
            self.stand_in()?;
            self.refusals.look(self.metrics);
        }
    }

    fn packet(&mut self, mut packet: Packet, started: Duration) -> Result<(), Error> {
        // What was under way when the connection was given up.
        if self.state.lost.is_some() {
            return Ok(());
        }
        self.state.latest = self.clock.elapsed();
        if let Some(metrics) = self.metrics {
            metrics.packet(packet.data().len());
        }
        let source_us = packet.at_us();
        if !self.timeline.take(&mut packet) {
            return Ok(());
        }
        if self.paced {
            self.wait_for(&packet, started);
        }
        if let Some(at_us) = packet.at_us() {
            self.anchor.arrived(at_us, Utc::since_1970(self.clock.utc()));
        }
        self.catch_up(&mut packet);
        let end_us = packet.at_us().map(|at| at.saturating_add(packet.duration_us()));
        self.state.shown_us = self.state.shown_us.max(end_us.unwrap_or(0));
        if self.timeline.jumps() > self.state.jumps {
            self.state.jumps = self.timeline.jumps();
            self.drift.as_mut().into_iter().for_each(Drift::begin_anew);
            self.metrics.into_iter().for_each(Metrics::jump);
            self.tell_jumps(self.state.jumps);
        }
        self.follow_clock(&packet);
        if let Some((source_us, at_us)) = source_us.zip(packet.at_us()).filter(|_| self.timeline.is_main(&packet)) {
            let markings = self.marks.main(source_us, at_us);
            self.tell_marked(markings);
        }
        self.hand_out(packet)
    }

    fn tell_marked(&self, markings: Vec<Marking>) {
        if markings.is_empty() {
            return;
        }
        let breaks = self.anchor.breaks();
        let noted = markings.into_iter().map(|marking| Noted { breaks, marking });
        // Who has gone tells why.
        let _ = self.made.send(Made::Marked(noted.collect()));
    }

    /// Judges a packet that follows a pause: all is well again when one comes in time.
    fn catch_up(&mut self, packet: &mut Packet) {
        let now = self.state.latest;
        let Some(filled) = self.state.filled_us else {
            self.state.base = Some((self.timeline.reached_us(), now));
            return;
        };
        let Some(at_us) = packet.decode_us().or(packet.at_us()) else { return };
        // Another publisher behind the same server does not catch up.
        let jumped = self.timeline.jumps() > self.state.jumps;
        if at_us.saturating_add(TOO_LATE_US) >= filled {
            (self.state.filled_us, self.state.late_since) = (None, None);
        } else if jumped || now.saturating_sub(*self.state.late_since.get_or_insert(now)) >= CATCH_UP {
            let late = self.now_us(now).map_or(0, |now_us| now_us.saturating_sub(at_us));
            self.timeline.delay(late);
            packet.shift(late);
            (self.state.filled_us, self.state.late_since) = (None, None);
        }
    }

    /// Puts what comes after a packet where the clock of this machine is, not the source's.
    fn follow_clock(&mut self, packet: &Packet) {
        let Some(drift) = self.drift.as_mut().filter(|_| self.timeline.is_main(packet)) else { return };
        if let Some(at_us) = packet.decode_us().or(packet.at_us()) {
            self.timeline.slew(drift.see(at_us, self.state.latest));
        }
    }

    fn wait_for(&self, packet: &Packet, started: Duration) {
        let shown = packet.decode_us().or(packet.at_us()).map(|us| us.saturating_sub(self.begin_us));
        let due = shown.and_then(|us| u64::try_from(us).ok()).unwrap_or(0);
        let due = started + Duration::from_micros(due);
        loop {
            let left = due.saturating_sub(self.clock.elapsed());
            if left.is_zero() || self.control.cancel.is_cancelled() || self.connection.stop().is_cancelled() {
                return;
            }
            self.clock.pause(left.min(PACE));
        }
    }

    /// Where the programme is at `now`, whether the source is there or not; nothing before it has begun.
    fn now_us(&self, now: Duration) -> Option<i64> {
        let (base, since) = self.state.base?;
        Some(base.saturating_add(now.saturating_sub(since).as_micros() as i64))
    }

    /// Looks whether a source that gives nothing is lost, or lost for good.
    fn look(&mut self) -> Option<Ended> {
        let now = self.clock.elapsed();
        if let Some((since, how)) = &self.state.lost {
            self.connection.cut_attempt(now, ATTEMPT);
            return (now.saturating_sub(*since) >= self.loss.at_most).then(|| how.clone());
        }
        if !self.watched || now.saturating_sub(self.state.latest) < self.loss.after {
            return None;
        }
        self.connection.cut();
        self.gone(Ended::Stalled)
    }

    /// The source is gone: the end of it, unless it may come back.
    fn gone(&mut self, how: Ended) -> Option<Ended> {
        if self.state.lost.is_some() {
            return None;
        }
        let markings = self.marks.gone();
        self.tell_marked(markings);
        // A playlist that ends says so.
        let over = how == Ended::Source && !self.even;
        if over || !self.again || self.loss.then == OnLoss::End {
            return Some(how);
        }
        let why = match &how {
            Ended::Source | Ended::Stopped | Ended::Overloaded => "it has ended".to_owned(),
            Ended::Stalled => format!("nothing came for {} s", self.loss.after.as_secs_f64()),
            Ended::Broken(why) => why.clone(),
        };
        let wait = self.loss.at_most.as_secs_f64();
        self.warn("source_lost", format!("the source was lost: {why}; it is waited for {wait} s"));
        self.metrics.into_iter().for_each(|metrics| metrics.connected(false));
        self.state.lost = Some((self.clock.elapsed(), how));
        None
    }

    /// The source is back: what comes now is now.
    fn back(&mut self, back: Back) -> Result<(), Error> {
        let now = self.clock.elapsed();
        let Some((since, _)) = self.state.lost.take() else { return Ok(()) };
        self.drift.as_mut().into_iter().for_each(Drift::begin_anew);
        let mut main = None;
        for (outlet, lane) in self.outlets.iter_mut().zip(back.lanes) {
            outlet.track = lane.as_ref().map(|(track, _)| *track);
            if outlet.main {
                main = outlet.track;
            }
            if let Some((_, fed)) = lane {
                send(outlet, fed)?;
            }
        }
        if let Some(main) = main {
            let rested = self.state.rest.over();
            // Lost before anything of it has come, or behind an earlier run: nothing is known of how long that was.
            if let Some((end_us, now_us)) = rested.zip(self.now_us(now)) {
                self.marks.away(now_us.saturating_sub(end_us));
            }
            self.timeline.go_on(
                main,
                match (rested, self.now_us(now), back.newest_us) {
                    (Some(end_us), _, _) => Begin::At(end_us),
                    (None, None, _) => Begin::At(self.begin_us),
                    (None, Some(now_us), Some(newest)) => Begin::Moved(now_us.saturating_sub(newest)),
                    (None, Some(now_us), None) => Begin::At(now_us),
                },
            );
            if let Some(end_us) = rested {
                (self.state.base, self.state.filled_us) = (Some((end_us, now)), None);
                // Its dates are those of now.
                self.drift = self.drift.take().map(|_| Drift::default());
            }
        }
        self.state.latest = now;
        self.state.late_since = None;
        let away = now.saturating_sub(since).as_secs_f64();
        self.warn("source_back", format!("the source is back after {away:.1} s"));
        self.metrics.into_iter().for_each(|metrics| metrics.connected(true));
        Ok(())
    }

    /// Tells the lanes how far the programme is while the source is away.
    fn stand_in(&mut self) -> Result<(), Error> {
        let now = self.clock.elapsed();
        let paused = self.even && now.saturating_sub(self.state.latest) >= STALL;
        let away = self.state.lost.is_some() || paused || self.state.filled_us.is_some();
        if !away || !self.again || self.loss.then == OnLoss::End {
            return Ok(());
        }
        let (Some(now_us), tick) = (self.now_us(now), TICK.as_micros() as i64) else { return Ok(()) };
        if self.rested.is_some() {
            return self.rest_at_once();
        }
        if self.state.filled_us.is_some_and(|filled| now_us.saturating_sub(filled) < tick) {
            return Ok(());
        }
        match self.loss.then {
            OnLoss::Slate | OnLoss::End => self.fill(now_us),
            OnLoss::Wait if self.state.lost.is_some() => self.rest(now_us),
            // It is filled when the source goes on.
            OnLoss::Wait => {
                self.state.filled_us = Some(now_us);
                Ok(())
            }
        }
    }

    fn fill(&mut self, us: i64) -> Result<(), Error> {
        self.state.filled_us = Some(us);
        self.load.reached(us);
        let markings = self.marks.reached(us);
        self.tell_marked(markings);
        for outlet in &mut self.outlets {
            outlet.told_us = outlet.told_us.max(us);
            send(outlet, Fed::Away(us))?;
        }
        Ok(())
    }

    /// Completes the segment that is being made, as the clock goes, and then nothing is made.
    fn rest(&mut self, now_us: i64) -> Result<(), Error> {
        let Some((end_us, first)) = self.state.rest.end(self.state.shown_us, &self.grid) else { return Ok(()) };
        self.fill(now_us.min(end_us))?;
        if now_us < end_us {
            return Ok(());
        }
        self.state.rest.begin(end_us);
        self.anchor.rest(first, self.grid.time_of(self.grid.frames_of(first).start));
        for outlet in &self.outlets {
            send(outlet, Fed::Rest(end_us))?;
        }
        // Who has gone tells why.
        let _ = self.made.send(Made::Rest);
        Ok(())
    }

    /// Nothing stands in for what is copied: the segment that is being made ends with what has come.
    fn rest_at_once(&mut self) -> Result<(), Error> {
        let Some(rested) = self.rested.as_ref().filter(|_| self.state.lost.is_some() && !self.state.rest.is_on())
        else {
            return Ok(());
        };
        for outlet in &self.outlets {
            send(outlet, Fed::Rest(self.state.shown_us))?;
        }
        let end_us = rested.recv().map_err(|_| Error::Cancelled(Cancelled))?;
        self.state.rest.begin(end_us);
        Ok(())
    }

    fn warn(&self, code: &'static str, message: String) {
        self.control.observer.on(&Event::Warned(&Warning { code, message }));
    }

    /// The first one, and then ever fewer: a source may jump with each packet.
    fn tell_jumps(&self, jumps: u64) {
        if jumps.is_power_of_two() {
            let times = if jumps == 1 { "have jumped".to_owned() } else { format!("have jumped {jumps} times") };
            self.warn(
                "timestamp_jump",
                format!("timestamps of the source {times}; the programme goes on without a gap"),
            );
        }
    }

    fn hand_out(&mut self, packet: Packet) -> Result<(), Error> {
        let (track, reached) = (Some(packet.track()), self.timeline.reached_us());
        self.load.reached(reached.max(self.state.filled_us.unwrap_or(0)));
        let mut packet = Some(packet);
        // Of several lanes of one track the last one gets the packet itself.
        let mut of_track = self.outlets.iter().filter(|outlet| outlet.track == track).count();
        for outlet in &mut self.outlets {
            let fed = if outlet.track == track {
                of_track -= 1;
                let own = if of_track == 0 { packet.take() } else { packet.as_ref().map(Packet::share) };
                own.map(Fed::Packet)
            } else {
                (reached - outlet.told_us >= TOLD_EVERY_US).then_some(Fed::Reached(reached))
            };
            if let Some(fed) = fed {
                outlet.told_us = reached;
                send(outlet, fed)?;
            }
        }
        Ok(())
    }
}

/// What cannot be: the thread that reads ended and did not say why.
const READER: &str = "the reader of the live source ended without a reason";

fn send(outlet: &Outlet, fed: Fed) -> Result<(), Error> {
    outlet.lane.send(fed).map_err(|_| Error::Cancelled(Cancelled))
}
