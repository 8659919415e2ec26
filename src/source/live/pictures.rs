//! Packets of a live picture track in, pictures on the slots of the grid out. A picture is given out as soon as it is
//! decoded, not when the next one tells how long it is shown: what is missing between two is filled with the first.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError};

use super::{Fed, LiveSource};
use crate::av::Error;
use crate::av::decode::VideoDecoder;
use crate::av::filter::PictureGraph;
use crate::av::frame::Frame;
use crate::media::{FrameRate, TrackIndex};
use crate::source::feed::{Held, HeldPictures, deinterlacer, slot_of};

/// A picture may come so much later than sound of its time before its place is filled, in microseconds.
const LATE_US: i64 = 1_000_000;

/// A picture goes into the slot that comes next when it is nearer to it than this, in slots: where the source's clock or
/// rate is a little off, its pictures come ever nearer to the middle between two slots, and times that are rounded would
/// fall on this side and on that of it for seconds.
const NEAR: f64 = 0.75;

/// While the source is away its last picture stands for so long, in microseconds; then it is dark.
const STILL_US: i64 = 5_000_000;

/// Pictures of a live source.
pub struct LivePictures {
    fed: Receiver<Fed>,
    decoder: VideoDecoder,
    fields: Option<PictureGraph>,
    grid: OnSlots,
    ended: bool,
    /// Nothing is made until the source is back.
    resting: bool,
    /// Who must know where the programme has ended.
    ending: Vec<SyncSender<u64>>,
    refused: u64,
}

impl std::fmt::Debug for LivePictures {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LivePictures").field("position", &self.grid.position).finish_non_exhaustive()
    }
}

/// Which picture is shown in which slot.
struct OnSlots {
    rate: FrameRate,
    /// The slot that is filled next.
    position: u64,
    shown: Option<Frame>,
    /// The first slot that the source was away for, while it is.
    away: Option<u64>,
    ready: VecDeque<Held>,
    late: u64,
}

impl LivePictures {
    /// Pictures of `track` from the slot `first` on, whose packets come by `fed`. At the end `ending` gets the number of
    /// slots.
    pub fn open(
        source: &LiveSource,
        track: TrackIndex,
        (rate, deinterlace, first): (FrameRate, bool, u64),
        fed: Receiver<Fed>,
        ending: Vec<SyncSender<u64>>,
    ) -> Result<Self, Error> {
        let decoder = VideoDecoder::open(source.demuxer(), track)?;
        let grid = OnSlots { rate, position: first, shown: None, away: None, ready: VecDeque::new(), late: 0 };
        Ok(Self {
            fed,
            decoder,
            fields: deinterlace.then(deinterlacer),
            grid,
            ended: false,
            resting: false,
            ending,
            refused: 0,
        })
    }

    /// The slot that comes next.
    pub fn position(&self) -> u64 {
        self.grid.ready.front().map_or(self.grid.position, |held| held.slots.start)
    }

    /// Waits for what comes after what has seemed the end: whether there is more.
    pub fn goes_on(&mut self) -> Result<bool, Error> {
        self.resting = false;
        while self.grid.ready.is_empty() && !self.ended {
            // The source may go again before a picture has come.
            self.resting = false;
            match self.fed.recv() {
                Ok(fed) => self.take(fed)?,
                Err(_) => self.end()?,
            }
        }
        Ok(!self.grid.ready.is_empty())
    }

    /// How many packets could not be decoded.
    pub fn refused(&self) -> u64 {
        self.refused
    }

    /// How many pictures came too late, or for a slot that another one has.
    pub fn late(&self) -> u64 {
        self.grid.late
    }

    fn take(&mut self, fed: Fed) -> Result<(), Error> {
        match fed {
            Fed::Packet(packet) => {
                self.decoder.send(Some(&packet));
                self.decoded()
            }
            Fed::Reached(us) => {
                self.grid.fill(slot_of(us.saturating_sub(LATE_US), self.grid.rate));
                Ok(())
            }
            Fed::Away(us) => self.grid.stand_in(slot_of(us, self.grid.rate)),
            Fed::Rest(us) => {
                self.drain()?;
                self.grid.fill(slot_of(us, self.grid.rate));
                self.resting = true;
                Ok(())
            }
            Fed::Pictures(decoder) => {
                self.decoder = decoder;
                Ok(())
            }
            // They are for other lanes.
            Fed::Sound(_) | Fed::Copied(_) => Ok(()),
        }
    }

    fn decoded(&mut self) -> Result<(), Error> {
        while let Some(frame) = self.decoder.receive() {
            match &mut self.fields {
                Some(fields) => fields.push(&frame)?,
                None => self.grid.show(frame),
            }
        }
        self.refused += self.decoder.take_refused().len() as u64;
        self.progressive()
    }

    fn progressive(&mut self) -> Result<(), Error> {
        let Some(fields) = &mut self.fields else { return Ok(()) };
        while let Some(frame) = fields.pull(0)? {
            self.grid.show(frame);
        }
        Ok(())
    }

    /// Takes what the decoder still holds.
    fn drain(&mut self) -> Result<(), Error> {
        self.decoder.send(None);
        self.decoded()?;
        self.decoder.flush();
        if let Some(fields) = &mut self.fields {
            fields.finish()?;
            self.progressive()?;
            self.fields = Some(deinterlacer());
        }
        Ok(())
    }

    fn end(&mut self) -> Result<(), Error> {
        self.ended = true;
        self.drain()?;
        for ending in self.ending.drain(..) {
            // A lane of sound that has failed needs no end.
            let _ = ending.send(self.grid.position);
        }
        Ok(())
    }
}

impl HeldPictures for LivePictures {
    fn read_until(&mut self, _end: u64) -> Result<Option<Held>, Error> {
        loop {
            if let Some(held) = self.grid.ready.pop_front() {
                return Ok(Some(held));
            }
            if self.ended || self.resting {
                return Ok(None);
            }
            match self.fed.recv() {
                Ok(fed) => self.take(fed)?,
                Err(_) => self.end()?,
            }
        }
    }

    fn is_ready(&mut self) -> Result<bool, Error> {
        while self.grid.ready.is_empty() && !self.ended && !self.resting {
            match self.fed.try_recv() {
                Ok(fed) => self.take(fed)?,
                Err(TryRecvError::Empty) => return Ok(false),
                Err(TryRecvError::Disconnected) => self.end()?,
            }
        }
        Ok(true)
    }
}

impl OnSlots {
    /// Shows a picture in the slot of its time. Slots before it that are still empty show the one before, or for
    /// want of one the picture itself.
    fn show(&mut self, frame: Frame) {
        let slot = frame.at_us().map_or(self.position as i64, |at| slot_near(at, self.rate, self.position));
        let Some(slot) = u64::try_from(slot).ok().filter(|slot| *slot >= self.position) else {
            self.late += 1;
            return;
        };
        self.fill(slot as i64);
        self.ready.push_back(held(&frame, self.position..slot + 1));
        self.position = slot + 1;
        self.shown = Some(frame);
        self.away = None;
    }

    /// Shows what stands in for a source that is away up to `slot`: its last picture, and then none.
    fn stand_in(&mut self, slot: i64) -> Result<(), Error> {
        let Some(shown) = &self.shown else { return Ok(()) };
        let dark_from = *self.away.get_or_insert(self.position) as i64 + slot_of(STILL_US, self.rate);
        if self.position as i64 >= dark_from || slot <= dark_from {
            self.fill(slot);
            return Ok(());
        }
        let dark = shown.dark()?;
        self.fill(dark_from);
        self.shown = Some(dark);
        self.fill(slot);
        Ok(())
    }

    /// Shows the latest picture up to `slot`.
    fn fill(&mut self, slot: i64) {
        let (Some(shown), Ok(slot)) = (&self.shown, u64::try_from(slot)) else { return };
        if slot > self.position {
            self.ready.push_back(held(shown, self.position..slot));
            self.position = slot;
        }
    }
}

/// The slot of a picture that is shown then, where `next` is the first that is empty.
fn slot_near(at_us: i64, rate: FrameRate, next: u64) -> i64 {
    let from_next = at_us as f64 * rate.as_f64() / 1e6 - next as f64;
    if from_next.abs() < NEAR { next as i64 } else { slot_of(at_us, rate) }
}

/// A picture without its captions: which services they hold is known only at the end of a programme, and manifests
/// must say it from the start.
fn held(frame: &Frame, slots: Range<u64>) -> Held {
    Held { frame: frame.clone(), slots, captions: Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many slots stay empty, and how many pictures find theirs taken.
    fn missed(rate: u32, times_us: impl Iterator<Item = i64>) -> (i64, u64) {
        let (mut next, mut empty, mut taken) = (0, 0, 0);
        for at_us in times_us {
            let slot = slot_near(at_us, FrameRate::whole(rate), next);
            if slot < next as i64 {
                taken += 1;
                continue;
            }
            empty += slot - next as i64;
            next = slot as u64 + 1;
        }
        (empty, taken)
    }

    #[test]
    fn a_clock_that_is_off_costs_one_picture_at_a_time() {
        // Whole milliseconds, an hour, a clock that is 100 millionths off: 0.36 s, which are 11 pictures.
        let times = |off: i64| (0..3600 * 30).map(move |n| (n * (1_000_000 + off) / 30 + 500) / 1000 * 1000);
        assert!(matches!(missed(30, times(100)), (10..=11, 0)), "{:?}", missed(30, times(100)));
        assert!(matches!(missed(30, times(-100)), (0, 10..=11)), "{:?}", missed(30, times(-100)));
        assert_eq!(missed(30, times(0)), (0, 0));
    }

    #[test]
    fn other_rates_are_spread_over_the_slots() {
        assert_eq!(missed(30, (0..501).map(|n| n * 20_000)), (0, 200));
        assert_eq!(missed(30, (0..601).map(|n| n * 1_000_000 / 60)), (0, 300));
        assert_eq!(missed(30, (0..150).map(|n| n * 1_000_000 / 15)), (149, 0));
        // 10 ms late or early at random, as some cameras are.
        assert_eq!(missed(30, (0..3000).map(|n| n * 1_000_000 / 30 + n * 7919 % 20_000 - 10_000)), (0, 0));
    }
}
