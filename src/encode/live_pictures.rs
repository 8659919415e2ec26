//! Packets of a live picture track in, samples out, without decoding.

use super::Error;
use super::copy::{Held, timed};
use crate::av::demux::Packet;
use crate::codec::{self, VideoStream, is_idr};
use crate::media::{Language, Sample, Timestamp, TrackConfig, TrackMedia, VideoCodec};
use crate::plan::CopiedRendition;
use crate::plan::package::Clock;
use crate::source::live::Head;
use crate::source::packets::shown_at;
use crate::source::{SourceInfo, VideoInfo};

/// What comes of a packet, in order.
#[derive(Debug)]
pub enum Copied {
    /// Decoding may begin anew with what is shown from here on. It is told before the last sample in front of it.
    Key(Timestamp),
    /// The next sample.
    Sample(Sample),
}

/// Pictures of a live source on their way into a rendition. They are shown when the source says, and decoded when as many
/// are shown: so nothing is handed on before it is known in which order it is shown, which is by the GOP, or at once
/// where that is the order in which pictures come.
#[derive(Debug)]
pub struct LivePictureCopier {
    input: String,
    codec: VideoCodec,
    stream: VideoStream,
    /// What the source has said of the track.
    config: Vec<u8>,
    language: Language,
    clock: Clock,
    video: VideoInfo,
    /// Where the first picture since the beginning, or a break, is in the source and in the programme.
    anchor: Option<(i64, i64)>,
    at_once: bool,
    held: Vec<Held>,
    /// When what is held begins to be shown at the earliest.
    next: i64,
    /// When the latest picture is shown, and how long.
    latest: i64,
    length: i64,
    left_out: u64,
}

impl LivePictureCopier {
    /// Reads the headers of the track of which `head` is the first packet. With `at_once` pictures are handed on one by
    /// one.
    pub fn open(info: &SourceInfo, copied: &CopiedRendition, head: &Head<'_>, at_once: bool) -> Result<Self, Error> {
        let input = info.input.clone();
        let gone = || Error::Gone { input: info.input.clone() };
        let video = info.video.iter().find(|video| video.track == copied.track).ok_or_else(gone)?;
        let coded = |source| Error::Coded { input: input.clone(), track: copied.track, seconds: 0.0, source };
        let stream = VideoStream::new(&head.video(copied.codec, video)).map_err(coded)?;
        Ok(Self {
            codec: copied.codec,
            stream,
            config: head.config.to_vec(),
            language: video.language.clone(),
            clock: Clock::of_time_base(video.time_base),
            video: video.clone(),
            anchor: None,
            at_once,
            held: Vec::new(),
            next: 0,
            latest: 0,
            length: 0,
            left_out: 0,
            input,
        })
    }

    /// What the CMAF header says of it.
    pub fn track(&self) -> TrackConfig {
        TrackConfig {
            timescale: self.clock.scale(),
            language: self.language.clone(),
            codec: self.stream.config().clone(),
            codec_string: self.stream.codec_string().clone(),
            media: TrackMedia::Video(self.stream.track().clone()),
        }
    }

    /// How many packets are of no use: they have no time, are damaged, or came before a picture that can be begun with.
    pub fn left_out(&self) -> u64 {
        self.left_out
    }

    /// When the latest picture is shown.
    pub fn reached(&self) -> Timestamp {
        self.clock.at(self.latest)
    }

    /// Where the pictures that were handed on end.
    pub fn end(&self) -> Timestamp {
        self.clock.at(self.next)
    }

    /// Takes the next packet.
    ///
    /// # Errors
    /// When the headers of the track change, or it is shown before what was handed on.
    pub fn push(&mut self, packet: &Packet) -> Result<Vec<Copied>, Error> {
        if packet.new_config().is_some_and(|config| config != self.config) {
            return Err(self.changed("headers"));
        }
        let (Some(at_us), Some(data)) = (shown_at(packet), self.sample(packet)?) else {
            self.left_out += 1;
            return Ok(Vec::new());
        };
        let key = packet.is_key() && is_idr(self.codec, &data);
        if self.anchor.is_none() && !key {
            self.left_out += 1;
            return Ok(Vec::new());
        }
        let (first_us, first) = *self.anchor.get_or_insert((at_us, self.next));
        let clock = self.clock.starting(first_us, first_us);
        let tick = first + clock.tick(at_us);
        if self.at_once && tick < self.latest && !key {
            return Err(self.uncopied(
                "its pictures do not come in the order in which they are shown (B-frames), which low latency needs; \
                 let its encoder make none, or leave out --low-latency",
            ));
        }
        let done = if key || self.at_once { self.hand_on(&clock, tick) } else { Vec::new() };
        let begins = key.then(|| Copied::Key(clock.at(self.next.max(tick))));
        self.latest = self.latest.max(tick);
        self.length = first + clock.tick(at_us.saturating_add(packet.duration_us())) - tick;
        self.held.push(Held { tick, key, data: data.into() });
        Ok(begins.into_iter().chain(done.into_iter().map(Copied::Sample)).collect())
    }

    /// Hands on what is held: nothing follows, or nothing before a break.
    pub fn finish(&mut self) -> Vec<Sample> {
        let clock = self.clock;
        let last = self.held.iter().map(|held| held.tick).max().unwrap_or(self.next);
        let done = self.hand_on(&clock, last + self.length);
        (self.anchor, self.latest) = (None, self.next);
        done
    }

    /// The source is there again, and what follows begins so.
    ///
    /// # Errors
    /// When its headers are others than before.
    pub fn go_on(&mut self, head: &Head<'_>) -> Result<(), Error> {
        let stream = VideoStream::new(&head.video(self.codec, &self.video)).ok();
        let stream = stream.filter(|stream| stream.config() == self.stream.config());
        self.stream = stream.ok_or_else(|| self.changed("parameter sets"))?;
        self.config = head.config.to_vec();
        Ok(())
    }

    fn hand_on(&mut self, clock: &Clock, following: i64) -> Vec<Sample> {
        let held = std::mem::take(&mut self.held);
        if held.is_empty() {
            return Vec::new();
        }
        let (samples, next) = timed(clock, held, self.next, following);
        self.next = next;
        samples
    }

    /// The sample of a packet; nothing where it is of no use.
    fn sample(&self, packet: &Packet) -> Result<Option<Vec<u8>>, Error> {
        match self.stream.sample(packet.data().into()) {
            Ok(sample) => Ok(Some(sample).filter(|sample| !sample.is_empty())),
            Err(codec::Error::Changed { what }) => Err(self.changed(what)),
            Err(_) => Ok(None),
        }
    }

    fn changed(&self, what: &str) -> Error {
        self.uncopied(&format!(
            "the {what} of its pictures have changed; start again, or leave out --copy to encode it"
        ))
    }

    fn uncopied(&self, why: &str) -> Error {
        Error::Uncopied { input: self.input.clone(), why: why.to_owned() }
    }
}
