//! Frames of a stretch of the programme's grid, in presentation order: each source frame once, with the
//! slots of the grid in which it is shown.

use std::ops::Range;
use std::path::{Path, PathBuf};

use super::Shift;
use super::packets::PacketReader;
use crate::av::Error;
use crate::av::decode::{AudioDecoder, Sound, VideoDecoder};
use crate::av::filter::PictureGraph;
use crate::av::frame::Frame;
use crate::cancel::CancelToken;
use crate::media::{FrameRate, TrackIndex};

/// After so many key frames that did not lead to the wanted picture, reading starts at the beginning.
const SEEK_ATTEMPTS: usize = 4;

/// Where pictures come from, and the grid they are put on.
#[derive(Debug, Clone)]
pub struct PictureSource {
    /// The file.
    pub path: PathBuf,
    /// The picture stream.
    pub track: TrackIndex,
    /// Time of the source that is slot 0, in microseconds.
    pub origin_us: i64,
    /// Slots per second.
    pub rate: FrameRate,
    /// Make whole pictures of interlaced ones, one of each.
    pub deinterlace: bool,
    /// Presentation times of key frames; empty when the source must be read from the start.
    pub key_frames_us: Vec<i64>,
    /// What mends jumping timestamps.
    pub shifts: Vec<Shift>,
    /// Decode key frames only: between two of them the first is shown.
    pub keys_only: bool,
}

impl PictureSource {
    /// The slot in which a picture is first shown: the nearest one, so that neither a time base of
    /// milliseconds nor a rate that is slightly off makes frames come twice.
    pub fn slot(&self, at_us: i64) -> i64 {
        slot_of(at_us - self.origin_us, self.rate)
    }
}

/// The slot nearest to an instant of the programme.
pub(super) fn slot_of(at_us: i64, rate: FrameRate) -> i64 {
    let ticks = i128::from(at_us) * i128::from(rate.num());
    let slot = i128::from(rate.den()) * 1_000_000;
    (2 * ticks + slot).div_euclid(2 * slot) as i64
}

/// Gives the pictures of a stretch of the grid in order.
pub trait HeldPictures: Send {
    /// The next picture that is shown before slot `end`; nothing once `end` is reached, or the source has ended.
    fn read_until(&mut self, end: u64) -> Result<Option<Held>, Error>;
    /// Whether the next one can be read without waiting for the source.
    fn is_ready(&mut self) -> Result<bool, Error>;
}

/// What is heard, and when.
#[derive(Debug)]
pub struct Heard {
    /// A block of sound; nothing where only silence comes before `at_us`.
    pub sound: Option<Sound>,
    /// When it is heard, in microseconds of the programme.
    pub at_us: Option<i64>,
    /// Whether silence before it comes at once: else what is less than a second waits for what follows it.
    pub at_once: bool,
}

/// Gives the sound of one track in order.
pub trait Sounds: Send {
    /// What is heard next; nothing at the end.
    fn read(&mut self) -> Result<Option<Heard>, Error>;
    /// After the end: where it is, when that was not known before.
    fn end(&mut self) -> Option<Ending>;
}

/// Where sound has ended: at so many slots.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// With the programme.
    Programme(u64),
    /// With a segment: the programme goes on with another encoder.
    Segment(u64),
}

/// One whole picture out for each picture in; those that are not marked as interlaced pass unchanged.
pub(super) fn deinterlacer() -> PictureGraph {
    PictureGraph::new("[in]bwdif=mode=send_frame:parity=auto:deint=interlaced[out0]".to_owned(), 1)
}

/// A decoded picture and the slots in which it is shown.
#[derive(Debug, Clone)]
pub struct Held {
    /// The picture.
    pub frame: Frame,
    /// Its slots; at least one.
    pub slots: Range<u64>,
    /// Closed captions as triplets of CEA-708 that are due with the first of its slots: those of pictures that are
    /// not shown are among them, and none that an earlier slot has had.
    pub captions: Vec<u8>,
}

/// Decoded pictures in order, each with the slot it starts in.
struct Pictures {
    source: PictureSource,
    reader: PacketReader,
    decoder: VideoDecoder,
    fields: Option<PictureGraph>,
    stage: Stage,
    last_us: Option<i64>,
    /// The slots of packets that could not be decoded.
    refused: Vec<i64>,
}

/// How far the chain of demuxer, decoder and deinterlacer has been drained.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    Reading,
    DecoderDraining,
    FieldsDraining,
}

impl Pictures {
    fn open(source: &PictureSource, cancel: &CancelToken) -> Result<Self, Error> {
        let reader = PacketReader::open(&source.path, &[source.track], &source.shifts, cancel)?;
        let decoder = VideoDecoder::open(reader.demuxer(), source.track)?;
        let fields = source.deinterlace.then(deinterlacer);
        Ok(Self {
            source: source.clone(),
            reader,
            decoder,
            fields,
            stage: Stage::Reading,
            last_us: None,
            refused: Vec::new(),
        })
    }

    fn decoded(&mut self) -> Result<Option<Frame>, Error> {
        loop {
            if let Some(frame) = self.decoder.receive() {
                return Ok(Some(frame));
            }
            self.note_refused();
            if self.stage >= Stage::DecoderDraining {
                return Ok(None);
            }
            let packet = self.reader.read()?;
            if self.source.keys_only && packet.as_ref().is_some_and(|packet| !packet.is_key()) {
                continue;
            }
            self.decoder.send(packet.as_ref());
            if packet.is_none() {
                self.stage = Stage::DecoderDraining;
            }
        }
    }

    fn note_refused(&mut self) {
        for at in self.decoder.take_refused() {
            let at = at.or(self.last_us).unwrap_or(self.source.origin_us);
            self.refused.push(self.source.slot(at));
        }
    }

    fn progressive(&mut self) -> Result<Option<Frame>, Error> {
        loop {
            if let Some(fields) = &mut self.fields
                && let Some(frame) = fields.pull(0)?
            {
                return Ok(Some(frame));
            }
            if self.stage == Stage::FieldsDraining {
                return Ok(None);
            }
            let frame = self.decoded()?;
            match (&mut self.fields, frame) {
                (None, frame) => return Ok(frame),
                (Some(fields), Some(frame)) => fields.push(&frame)?,
                (Some(fields), None) => {
                    fields.finish()?;
                    self.stage = Stage::FieldsDraining;
                }
            }
        }
    }

    /// The next picture and its slot. A picture without a time follows the one before it by a slot.
    fn next(&mut self) -> Result<Option<(Frame, i64)>, Error> {
        let Some(frame) = self.progressive()? else { return Ok(None) };
        let step = (1e6 / self.source.rate.as_f64()).round() as i64;
        let at = frame.at_us().unwrap_or_else(|| self.last_us.map_or(self.source.origin_us, |last| last + step));
        self.last_us = Some(at);
        let slot = self.source.slot(at);
        Ok(Some((frame, slot)))
    }
}

/// Pictures of one stretch after another.
pub struct PictureFeed {
    pictures: Pictures,
    current: Option<(Frame, i64)>,
    ahead: Option<(Frame, i64)>,
    ended: bool,
    /// Where what was asked for begins.
    first: u64,
    position: u64,
    /// Captions of pictures that are not shown.
    captions: Vec<u8>,
    late: u64,
    refused: u64,
    patched: u64,
}

impl std::fmt::Debug for PictureFeed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PictureFeed").field("position", &self.position).finish_non_exhaustive()
    }
}

impl PictureFeed {
    /// Pictures from the start of the source.
    pub fn from_start(source: &PictureSource, cancel: &CancelToken) -> Result<Self, Error> {
        Ok(Self::at(0, Pictures::open(source, cancel)?, None))
    }

    /// Pictures from slot `first` on, decoded from the key frame at or before it.
    pub fn from_slot(source: &PictureSource, first: u64, cancel: &CancelToken) -> Result<Self, Error> {
        let before = source.key_frames_us.partition_point(|key| source.slot(*key) <= first as i64);
        // The first key frame is where reading starts anyway.
        for key in source.key_frames_us[..before].iter().skip(1).rev().take(SEEK_ATTEMPTS) {
            let mut pictures = Pictures::open(source, cancel)?;
            // One microsecond more, for the demuxer rounds into its own time base.
            if pictures.reader.seek(key + 1).is_err() {
                break;
            }
            let start = pictures.next()?;
            if start.as_ref().is_some_and(|(_, slot)| *slot <= first as i64) {
                return Ok(Self::at(first, pictures, start));
            }
        }
        Ok(Self::at(first, Pictures::open(source, cancel)?, None))
    }

    fn at(first: u64, pictures: Pictures, ahead: Option<(Frame, i64)>) -> Self {
        Self {
            pictures,
            current: None,
            ahead,
            ended: false,
            first,
            position: first,
            captions: Vec::new(),
            late: 0,
            refused: 0,
            patched: 0,
        }
    }

    /// Goes on at slot `first` without handing out what lies before it.
    pub fn skip_to(&mut self, first: u64) {
        self.first = first;
        self.position = self.position.max(first);
    }

    fn pull(&mut self) -> Result<Option<(Frame, i64)>, Error> {
        if let Some(ahead) = self.ahead.take() {
            return Ok(Some(ahead));
        }
        if self.ended {
            return Ok(None);
        }
        let next = self.pictures.next()?;
        self.ended = next.is_none();
        Ok(next)
    }

    /// Keeps the captions of a picture for the next slot. Those of a picture that is held on from before what was
    /// asked for have been said there.
    fn take_captions(&mut self, frame: &Frame, slot: i64) {
        if slot >= self.first as i64 {
            self.captions.extend(frame.captions());
        }
    }

    /// Counts what is damaged once, however many shards decode it: where it belongs on the grid.
    fn count_damage(&mut self, frame: &Frame, slot: i64, until: u64) {
        let first = self.first as i64;
        self.pictures.refused.retain(|refused| {
            let passed = *refused < until as i64;
            self.refused += u64::from(passed && *refused >= first);
            !passed
        });
        // The first shard holds its first picture back to the start.
        self.patched += u64::from(frame.is_patched() && (slot >= first || first == 0));
    }

    fn nothing(&self) -> Error {
        let target = format!("track {} of {}", self.pictures.source.track.0, self.pictures.reader.target());
        Error::Input { target, why: "no picture of it can be decoded".to_owned() }
    }

    /// How many pictures were left out because their times step back.
    pub fn late(&self) -> u64 {
        self.late
    }

    /// How many packets could not be decoded.
    pub fn refused(&self) -> u64 {
        self.refused
    }

    /// Of how many pictures the decoder had to make up a part.
    pub fn patched(&self) -> u64 {
        self.patched
    }
}

impl HeldPictures for PictureFeed {
    /// The next picture that is shown before slot `end`; nothing once `end` is reached. The first
    /// picture is held back to the start, the last one on to the end. Fails when the source has no
    /// picture that can be decoded.
    fn read_until(&mut self, end: u64) -> Result<Option<Held>, Error> {
        while self.position < end {
            let next = self.pull()?;
            let Some((frame, slot)) = self.current.clone() else {
                // Before the first picture nothing is shown yet: it is held back to the start.
                self.current = Some(next.ok_or_else(|| self.nothing())?);
                continue;
            };
            let until = match next {
                None => end,
                Some((_, following)) if following < slot => {
                    self.late += u64::from(slot >= self.first as i64 || self.first == 0);
                    continue;
                }
                // Two pictures in one slot: the later one is shown.
                Some((_, following)) if following == slot || following <= self.position as i64 => {
                    self.take_captions(&frame, slot);
                    self.current = next;
                    continue;
                }
                Some((_, following)) if following >= end as i64 => {
                    self.ahead = next;
                    end
                }
                Some((_, following)) => {
                    self.current = next;
                    following as u64
                }
            };
            let slots = self.position..until;
            self.position = until;
            self.count_damage(&frame, slot, until);
            self.take_captions(&frame, slot);
            return Ok(Some(Held { frame, slots, captions: std::mem::take(&mut self.captions) }));
        }
        Ok(None)
    }

    fn is_ready(&mut self) -> Result<bool, Error> {
        Ok(true)
    }
}

/// Decoded sound of one track, in order.
#[derive(Debug)]
pub struct SoundFeed {
    reader: PacketReader,
    decoder: AudioDecoder,
    origin_us: i64,
    draining: bool,
    refused: u64,
}

impl SoundFeed {
    /// Sound of `track`, timed from `origin_us` of the source.
    pub fn open(
        path: &Path,
        track: TrackIndex,
        origin_us: i64,
        shifts: &[Shift],
        cancel: &CancelToken,
    ) -> Result<Self, Error> {
        let reader = PacketReader::open(path, &[track], shifts, cancel)?;
        let decoder = AudioDecoder::open(reader.demuxer(), track)?;
        Ok(Self { reader, decoder, origin_us, draining: false, refused: 0 })
    }

    /// How many packets could not be decoded.
    pub fn refused(&self) -> u64 {
        self.refused
    }
}

impl Sounds for SoundFeed {
    fn read(&mut self) -> Result<Option<Heard>, Error> {
        loop {
            if let Some(sound) = self.decoder.receive() {
                let at_us = sound.at_us.map(|at| at - self.origin_us);
                return Ok(Some(Heard { sound: Some(sound), at_us, at_once: false }));
            }
            self.refused += self.decoder.take_refused().len() as u64;
            if self.draining {
                return Ok(None);
            }
            let packet = self.reader.read()?;
            self.draining = packet.is_none();
            self.decoder.send(packet.as_ref());
        }
    }

    fn end(&mut self) -> Option<Ending> {
        None
    }
}
