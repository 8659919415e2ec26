//! Packets of a live sound track in, blocks of sound out, and silence where there are none.

use std::sync::mpsc::Receiver;

use super::{Fed, LiveSource};
use crate::av::Error;
use crate::av::decode::AudioDecoder;
use crate::media::{FrameRate, TrackIndex};
use crate::source::feed::{Ending, Heard, Sounds, slot_of};

/// Sound may come so much later than pictures of its time before its place is filled with silence, in microseconds.
/// Silence comes by the second, so it is late by up to a second more.
const LATE_US: i64 = 1_000_000;

/// Sound of a live source.
#[derive(Debug)]
pub struct LiveSound {
    fed: Receiver<Fed>,
    decoder: AudioDecoder,
    rate: FrameRate,
    /// Where the pictures have ended, once they have; without pictures sound ends by itself.
    ending: Option<Receiver<u64>>,
    reached_us: i64,
    ended: bool,
    /// From where on nothing is made, while that is so.
    resting: Option<i64>,
    /// The decoder was told that nothing follows.
    closed: bool,
    refused: u64,
}

impl LiveSound {
    /// Sound of `track`, whose packets come by `fed`, for a grid of `rate`.
    pub fn open(
        source: &LiveSource,
        track: TrackIndex,
        rate: FrameRate,
        fed: Receiver<Fed>,
        ending: Option<Receiver<u64>>,
    ) -> Result<Self, Error> {
        let decoder = AudioDecoder::open(source.demuxer(), track)?;
        Ok(Self { fed, decoder, rate, ending, reached_us: 0, ended: false, resting: None, closed: false, refused: 0 })
    }

    /// Whether it goes on after what has seemed its end: when the source is back, or with nothing.
    pub fn goes_on(&mut self) -> bool {
        self.resting.take().is_some()
    }

    /// Tells the decoder once that nothing follows.
    fn close(&mut self) {
        if !std::mem::replace(&mut self.closed, true) {
            self.decoder.send(None);
        }
    }

    /// How many packets could not be decoded.
    pub fn refused(&self) -> u64 {
        self.refused
    }
}

impl Sounds for LiveSound {
    fn read(&mut self) -> Result<Option<Heard>, Error> {
        loop {
            if let Some(sound) = self.decoder.receive() {
                let at_us = sound.at_us;
                return Ok(Some(Heard { sound: Some(sound), at_us, at_once: false }));
            }
            self.refused += self.decoder.take_refused().len() as u64;
            if self.ended || self.resting.is_some() {
                return Ok(None);
            }
            match self.fed.recv() {
                Ok(Fed::Packet(packet)) => {
                    let end = packet.at_us().map(|at| at.saturating_add(packet.duration_us()));
                    self.reached_us = self.reached_us.max(end.unwrap_or(0));
                    self.decoder.send(Some(&packet));
                }
                Ok(Fed::Reached(us)) => {
                    let at_us = Some(us.saturating_sub(LATE_US));
                    return Ok(Some(Heard { sound: None, at_us, at_once: false }));
                }
                Ok(Fed::Away(us)) => {
                    self.reached_us = self.reached_us.max(us);
                    return Ok(Some(Heard { sound: None, at_us: Some(us), at_once: true }));
                }
                Ok(Fed::Rest(us)) => {
                    self.reached_us = self.reached_us.max(us);
                    self.close();
                    self.resting = Some(us);
                }
                Ok(Fed::Sound(decoder)) => (self.decoder, self.closed) = (decoder, false),
                // They are for other lanes.
                Ok(Fed::Pictures(_) | Fed::Copied(_)) => {}
                Err(_) => {
                    self.ended = true;
                    self.close();
                }
            }
        }
    }

    fn end(&mut self) -> Option<Ending> {
        if let Some(slots) = self.resting.and_then(|us| u64::try_from(slot_of(us, self.rate)).ok()) {
            return Some(Ending::Segment(slots));
        }
        // The pictures tell in any case, unless their lane has failed, which ends the run.
        let pictures = self.ending.take().and_then(|ending| ending.recv().ok());
        pictures.or_else(|| u64::try_from(slot_of(self.reached_us, self.rate)).ok()).map(Ending::Programme)
    }
}
