//! Reads a live source and hands its packets to the lanes of their tracks.

use std::sync::mpsc::SyncSender;
use std::time::Duration;

use super::anchor::Anchor;
use super::watch::Watch;
use super::{Ended, Error};
use crate::av::demux::Packet;
use crate::cancel::CancelToken;
use crate::clock::LiveClock;
use crate::event::{Control, Event, Warning};
use crate::media::{TrackIndex, Utc};
use crate::origin::live::Metrics;
use crate::source::live::{Fed, LiveSource};

/// A lane that gets no packets is told how far the others are in steps of this, in microseconds.
const TOLD_EVERY_US: i64 = 250_000;

/// The longest that a paced source waits before it looks whether it should stop.
const PACE: Duration = Duration::from_millis(20);

/// The lane of one track.
pub(super) struct Outlet {
    pub(super) track: TrackIndex,
    pub(super) lane: SyncSender<Fed>,
    /// How far it knows the programme to be.
    pub(super) told_us: i64,
}

/// What is read, and how.
pub(super) struct Ingest<'a> {
    pub(super) source: LiveSource,
    pub(super) outlets: Vec<Outlet>,
    /// Hand out packets no faster than they are shown.
    pub(super) paced: bool,
    pub(super) anchor: &'a Anchor,
    pub(super) watch: &'a Watch,
    pub(super) clock: &'a dyn LiveClock,
    /// Stops the reading alone.
    pub(super) input: &'a CancelToken,
    /// Whose token stops the run.
    pub(super) control: Control<'a>,
    /// Counts what comes.
    pub(super) metrics: Option<&'a Metrics>,
}

impl Ingest<'_> {
    /// Reads to the end, whatever that is. The lanes end with it.
    pub(super) fn run(mut self) -> Result<Ended, Error> {
        let started = self.clock.elapsed();
        let mut jumps = 0;
        loop {
            let read = self.watch.waiting(self.clock, || self.source.read());
            if self.control.cancel.is_cancelled() {
                return Ok(Ended::Stopped);
            }
            if self.watch.has_stalled() {
                return Ok(Ended::Stalled);
            }
            // A lane has failed, and tells why.
            self.input.check()?;
            let Some(packet) = read? else {
                return Ok(self.source.broken().map_or(Ended::Source, Ended::Broken));
            };
            if let Some(metrics) = self.metrics {
                metrics.packet(packet.data().len());
            }
            if self.paced {
                self.wait_for(&packet, started);
            }
            if let Some(at_us) = packet.at_us() {
                self.anchor.arrived(at_us, Utc::since_1970(self.clock.utc()));
            }
            if self.source.jumps() > jumps {
                jumps = self.source.jumps();
                self.metrics.into_iter().for_each(Metrics::jump);
                self.tell_jumps(jumps);
            }
            self.hand_out(packet)?;
        }
    }

    fn wait_for(&self, packet: &Packet, started: Duration) {
        let due = packet.decode_us().or(packet.at_us()).and_then(|us| u64::try_from(us).ok()).unwrap_or(0);
        let due = started + Duration::from_micros(due);
        loop {
            let left = due.saturating_sub(self.clock.elapsed());
            if left.is_zero() || self.control.cancel.is_cancelled() || self.input.is_cancelled() {
                return;
            }
            self.clock.pause(left.min(PACE));
        }
    }

    /// The first one, and then ever fewer: a source may jump with each packet.
    fn tell_jumps(&self, jumps: u64) {
        if jumps.is_power_of_two() {
            let times = if jumps == 1 { "have jumped".to_owned() } else { format!("have jumped {jumps} times") };
            let message = format!("timestamps of the source {times}; the programme goes on without a gap");
            self.control.observer.on(&Event::Warned(&Warning { code: "timestamp_jump", message }));
        }
    }

    fn hand_out(&mut self, packet: Packet) -> Result<(), Error> {
        let (track, reached) = (packet.track(), self.source.reached_us());
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
                outlet.lane.send(fed).map_err(|_| Error::Cancelled(crate::cancel::Cancelled))?;
            }
        }
        Ok(())
    }
}
