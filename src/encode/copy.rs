//! Packets in, samples out, without decoding: pictures and sound that were encoded elsewhere.

use crate::codec::{AudioSource, AudioStream, Frame, Headers, VideoSource, VideoStream};
use crate::media::{
    AudioTrack, FrameRate, Language, Payload, Sample, SampleSink, Span, Timescale, Timestamp, TrackConfig, TrackIndex,
    TrackMedia,
};
use crate::plan::Cuts;
use crate::plan::package::{Clock, PictureCopy, SoundCopy};
use crate::source::packets::{AccessUnit, Coded, Lying};
use crate::source::{PictureScan, Scan, SoundScan};

use super::Error;

/// The priming that a container says and the one that its times say may differ by so much (in seconds), where
/// times are milliseconds.
const ROUNDED: f64 = 0.0015;

/// Where an error is met.
#[derive(Clone, Debug)]
struct Place {
    input: String,
    track: TrackIndex,
}

impl Place {
    fn of(scan: &Scan, track: TrackIndex) -> Self {
        Self { input: scan.info.input.clone(), track }
    }

    fn error(&self, at_us: i64) -> impl Fn(crate::codec::Error) -> Error + '_ {
        move |source| {
            let Self { input, track } = self.clone();
            Error::Coded { input, track, seconds: at_us as f64 / 1e6, source }
        }
    }
}

/// Pictures on their way from a file into a rendition. Decode times are made anew: the i-th coded picture of a GOP
/// is decoded when the i-th of them is shown. So decode times begin with the first presentation time, durations
/// add up to them, and no edit list is needed (ISO/IEC 23000-19:2020 § 7.7).
#[derive(Debug)]
pub struct PictureCopier<'a> {
    place: Place,
    copy: &'a PictureCopy,
    scan: &'a PictureScan,
    stream: VideoStream,
    /// What tells headers from the rest, where that is to be encrypted.
    headers: Option<Headers>,
    language: Language,
    /// Packets before the first GOP, and pictures in it, that are still to be left out.
    skip: u64,
    broken: u64,
    /// GOPs that are done.
    gops: usize,
    held: Vec<Held>,
    /// When the next GOP begins at the earliest.
    next: i64,
}

/// A coded picture that waits for the rest of its GOP.
#[derive(Debug)]
pub(super) struct Held {
    pub(super) tick: i64,
    pub(super) key: bool,
    pub(super) data: Payload,
}

/// The pictures of a GOP, or of a part of it that is shown before all others, as samples: none is shown before the tick
/// `earliest`, and what follows is shown at `following`. Gives when it really is.
pub(super) fn timed(clock: &Clock, held: Vec<Held>, earliest: i64, following: i64) -> (Vec<Sample>, i64) {
    let mut shown: Vec<(i64, usize)> = held.iter().map(|picture| picture.tick).zip(0..).collect();
    shown.sort_unstable();
    // Two pictures never share a time, whatever a damaged file says.
    let mut earliest = earliest;
    for (tick, _) in &mut shown {
        *tick = (*tick).max(earliest);
        earliest = *tick + clock.ticks_per_step();
    }
    let next = following.max(earliest);
    let decoded: Vec<i64> = shown.iter().map(|(tick, _)| *tick).collect();
    let mut presented = vec![0; held.len()];
    shown.into_iter().for_each(|(tick, picture)| presented[picture] = tick);
    let ends = decoded.iter().copied().skip(1).chain([next]);
    let sample = |(((picture, &decode), end), present): (((Held, &i64), i64), i64)| Sample {
        dts: clock.at(decode),
        cts_offset: i32::try_from(present - decode).unwrap_or(i32::MAX),
        duration: clock.span(end - decode),
        sync: picture.key,
        data: picture.data,
    };
    (held.into_iter().zip(&decoded).zip(ends).zip(presented).map(sample).collect(), next)
}

impl<'a> PictureCopier<'a> {
    /// Reads the headers of the track that `copy` takes of the file `scan`.
    pub fn open(scan: &'a Scan, copy: &'a PictureCopy) -> Result<Self, Error> {
        let place = Place::of(scan, copy.track.index);
        let gone = || Error::Gone { input: place.input.clone() };
        let info = scan.info.video.iter().find(|info| info.track == place.track).ok_or_else(gone)?;
        let scan = scan.video.iter().find(|scan| scan.track == place.track).ok_or_else(gone)?;
        let first_us = scan.gops.first().map_or(0, |gop| gop.key_us);
        let source = VideoSource {
            codec: copy.codec,
            config: &scan.config,
            key: &scan.head,
            rate: copy.frame_rate,
            color: info.color,
            pixel_aspect: info.pixel_aspect,
        };
        let stream = VideoStream::new(&source).map_err(place.error(first_us))?;
        let (skip, broken, language) = (scan.skipped, scan.broken, info.language.clone());
        let (headers, gops, held, next) = (None, 0, Vec::new(), 0);
        Ok(Self { place, copy, scan, stream, headers, language, skip, broken, gops, held, next })
    }

    /// What the CMAF header says of it.
    pub fn track(&self) -> TrackConfig {
        TrackConfig {
            timescale: self.copy.clock.scale(),
            language: self.language.clone(),
            codec: self.stream.config().clone(),
            codec_string: self.stream.codec_string().clone(),
            media: TrackMedia::Video(self.stream.track().clone()),
        }
    }

    /// Pictures per second, which the CMAF header makes promises about.
    pub fn frame_rate(&self) -> FrameRate {
        self.copy.frame_rate
    }

    /// Takes the next picture of the track; hands on a GOP when it was the last of one.
    pub fn push<S>(&mut self, unit: AccessUnit<'_>, sink: &mut S) -> Result<(), S::Error>
    where
        S: SampleSink,
        S::Error: From<Error>,
    {
        let AccessUnit { at_us, key, data, .. } = unit;
        if self.skip > 0 {
            self.skip -= 1;
            return Ok(());
        }
        let Some(gop) = self.scan.gops.get(self.gops) else { return Ok(()) };
        if self.broken > 0 && self.gops == 0 && at_us < gop.key_us {
            self.broken -= 1;
            return Ok(());
        }
        let data = self.payload(data, at_us)?;
        self.held.push(Held { tick: self.copy.clock.tick(at_us), key, data });
        if self.held.len() as u64 == gop.pictures { self.hand_on(sink) } else { Ok(()) }
    }

    /// The same for pictures whose headers are to be told from the rest, which may then stay where it lies.
    ///
    /// # Errors
    /// When they cannot be told.
    pub fn to_be_encrypted(mut self) -> Result<Self, Error> {
        let headers = Headers::of(self.stream.config());
        self.headers = Some(headers.map_err(self.place.error(self.copy.origin_us))?);
        Ok(self)
    }

    /// A picture as a sample has it; one that is that already stays where it is.
    fn payload(&self, data: Coded<'_>, at_us: i64) -> Result<Payload, Error> {
        let keeps = |lying: &Lying<'_>| lying.is_whole() || self.stream.keeps(lying.extent.bytes, |at| lying.peek(at));
        let by_front =
            |headers: &Headers, lying: &Lying<'_>| headers.parts_by_front(lying.front(), lying.extent.bytes).is_some();
        match data {
            Coded::There(lying)
                if keeps(&lying) && self.headers.as_ref().is_none_or(|headers| by_front(headers, &lying)) =>
            {
                Ok(lying.into_payload())
            }
            data => {
                let sample = self.stream.sample(data.into_bytes()?).map_err(self.place.error(at_us))?;
                Ok(sample.into())
            }
        }
    }

    /// Every GOP was handed on.
    pub fn is_done(&self) -> bool {
        self.gops >= self.scan.gops.len()
    }

    /// Says that there are no more packets.
    pub fn finish(self) -> Result<(), Error> {
        if !self.is_done() {
            return Err(Error::Gone { input: self.place.input });
        }
        Ok(())
    }

    fn hand_on<S: SampleSink>(&mut self, sink: &mut S) -> Result<(), S::Error> {
        let clock = &self.copy.clock;
        let held = std::mem::take(&mut self.held);
        self.gops += 1;
        let following = self.scan.gops.get(self.gops).map_or(self.copy.end, |gop| clock.tick(gop.first_us));
        let (samples, next) = timed(clock, held, self.next, following);
        self.next = next;
        samples.into_iter().try_for_each(|sample| sink.push(sample))
    }
}

/// Sound on its way from a file into a rendition. Its packets are as long as they say; where the times of the file
/// differ from that by more than half a packet, a gap lengthens the packet before it and an overlap is left out.
#[derive(Debug)]
pub struct SoundCopier<'a> {
    place: Place,
    copy: &'a SoundCopy,
    stream: AudioStream,
    scale: Timescale,
    priming: u32,
    /// The position of the first packet, and its decode time.
    first: i64,
    first_decode: i64,
    /// The decode time at which the programme is over.
    end: i64,
    skip: u64,
    /// Position of the sample that is being put together of several packets.
    begun: Option<i64>,
    /// The last sample, which a gap may lengthen.
    held: Option<Sample>,
    next: i64,
    mended: Mended,
}

/// What was done to sound whose times do not fit its packets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mended {
    /// Gaps that were bridged.
    pub bridged: u64,
    /// Packets that were left out.
    pub dropped: u64,
}

impl<'a> SoundCopier<'a> {
    /// Reads the headers of the track that `copy` takes of the file `scan`.
    pub fn open(scan: &Scan, copy: &'a SoundCopy) -> Result<Self, Error> {
        let place = Place::of(scan, copy.track.index);
        let gone = || Error::Gone { input: place.input.clone() };
        let scan = scan.audio.iter().find(|scan| scan.track == place.track).ok_or_else(gone)?;
        let first_us = scan.times_us.get(copy.skipped as usize).copied().ok_or_else(gone)?;
        let source = AudioSource { codec: copy.codec, config: &scan.config, first: &scan.head };
        let stream = AudioStream::new(&source).map_err(place.error(first_us))?;
        let scale = Timescale::new(stream.track().sample_rate);
        let first = position(first_us - copy.origin_us, scale);
        let priming = priming(first, scan, copy, stream.track());
        let first_decode = first.max(0);
        let end = position(copy.timeline.end_us(), scale) + i64::from(priming);
        Ok(Self {
            place,
            copy,
            stream,
            scale,
            priming,
            first,
            first_decode,
            end,
            skip: copy.skipped,
            begun: None,
            held: None,
            next: first_decode,
            mended: Mended::default(),
        })
    }

    /// What the CMAF header says of it.
    pub fn track(&self) -> TrackConfig {
        TrackConfig {
            timescale: self.scale,
            language: self.copy.language.clone(),
            codec: self.stream.config().clone(),
            codec_string: self.stream.codec_string().clone(),
            media: TrackMedia::Audio(AudioTrack { priming: self.priming, ..self.stream.track().clone() }),
        }
    }

    /// Where its fragments and segments begin.
    pub fn cuts(&self) -> Cuts {
        self.copy.timeline.cuts(self.scale, self.stream.track().frame_length, self.priming)
    }

    /// Takes the next packet of the track.
    pub fn push<S>(&mut self, unit: AccessUnit<'_>, sink: &mut S) -> Result<(), S::Error>
    where
        S: SampleSink,
        S::Error: From<Error>,
    {
        let at_us = unit.at_us;
        if self.skip > 0 {
            self.skip -= 1;
            return Ok(());
        }
        let begun = *self.begun.get_or_insert(position(at_us - self.copy.origin_us, self.scale));
        if let Some(frame) =
            self.stream.frame(&unit.data.into_bytes().map_err(Error::from)?).map_err(self.place.error(at_us))?
        {
            self.begun = None;
            self.take(begun, frame, sink)?;
        }
        Ok(())
    }

    fn take<S: SampleSink>(&mut self, begun: i64, frame: Frame, sink: &mut S) -> Result<(), S::Error> {
        let off = begun - self.first + self.first_decode - self.next;
        let bearable = i64::from(frame.length / 2);
        if off < -bearable {
            self.mended.dropped += 1;
            return Ok(());
        }
        // What begins behind the programme makes no gap in it.
        if self.next.saturating_add(off.max(0)) >= self.end {
            return Ok(());
        }
        if off > bearable
            && let Some(held) = &mut self.held
        {
            held.duration = Span::new(held.duration.ticks() + off.unsigned_abs(), self.scale);
            self.next += off;
            self.mended.bridged += 1;
        }
        let (dts, duration) = (Timestamp::new(self.next, self.scale), Span::new(frame.length.into(), self.scale));
        self.next += i64::from(frame.length);
        let sample = Sample { dts, cts_offset: 0, duration, sync: true, data: frame.data.into() };
        self.held.replace(sample).map_or(Ok(()), |held| sink.push(held))
    }

    /// Hands on what is left, and tells what was done to it.
    pub fn finish<S: SampleSink>(mut self, sink: &mut S) -> Result<Mended, S::Error> {
        self.held.take().map_or(Ok(()), |held| sink.push(held))?;
        Ok(self.mended)
    }
}

/// PCM samples from the start of the programme.
pub(super) fn position(us: i64, scale: Timescale) -> i64 {
    Timestamp::new(us, Timescale::new(1_000_000)).rescale(scale, crate::media::Rounding::Nearest).ticks()
}

/// PCM samples that come before the programme: what the container or the stream counts, where that is what the
/// times say; else what the times say.
fn priming(first: i64, scan: &SoundScan, copy: &SoundCopy, track: &AudioTrack) -> u32 {
    let measured = u32::try_from(-first).unwrap_or(0);
    let said = [scan.delay, track.priming].into_iter().filter(|said| *said > 0 && copy.skipped == 0);
    let rounded = (f64::from(track.sample_rate) * ROUNDED) as u32;
    said.into_iter().find(|said| measured > 0 && said.abs_diff(measured) <= rounded).unwrap_or(measured)
}
