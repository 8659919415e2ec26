//! The plan of a live programme: one endless shard, encoders that keep up, and a window that players are offered.

use std::time::Duration;

use super::pace::Pace;
use super::{
    AudioRendition, Error, Layout, LiveOffer, Metadata, Offer, Plan, Promise, SegmentGrid, audio, nothing_to_do,
    seconds, timing, video,
};
use crate::config::{EncryptionMode, RateControlMode, Settings, TopRung};
use crate::media::{AudioCodec, Rounding, SegmentNumber, Span, Timescale};
use crate::source::SourceInfo;

/// What players are offered of a live programme at a time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Window {
    /// Segments of it.
    pub segments: u64,
    /// Length of a full segment.
    pub segment: Span,
    /// No segment of any rendition is longer.
    pub longest: Span,
}

/// Players must be offered so many segments at least (RFC 8216bis § 6.2.2: three target durations), and as many
/// are useless to them: they begin three from the end.
const SMALLEST_WINDOW: u64 = 3;

/// Sound of a segment may go on so much longer than its pictures, in seconds: it ends with a packet.
const SOUND_BEYOND: f64 = 0.05;

impl Window {
    /// A window of `segments`, and of so much time if that is more.
    ///
    /// # Errors
    /// When that is less than three segments.
    pub fn new(plan: &Plan, segments: u64, back: Option<Duration>) -> Result<Self, Error> {
        if segments < SMALLEST_WINDOW {
            let allowed = "3 or more segments";
            return Err(Error::OutOfRange { setting: "window", value: segments as f64, allowed });
        }
        let segment = plan.grid.segment_duration();
        let back = back.map_or(0, |back| (back.as_secs_f64() / segment.as_seconds()).ceil() as u64);
        // Sound is cut at the packet nearest to a boundary.
        let packets = plan.audio.iter().map(|r| Span::new(packet(r.codec), Timescale::new(r.sample_rate)));
        let packet = packets.max_by(|a, b| a.cmp_span(*b));
        let longest = packet.map_or(segment, |packet| {
            segment.rescale(MICROSECONDS, Rounding::Up).plus(packet.rescale(MICROSECONDS, Rounding::Up))
        });
        Ok(Self { segments: segments.max(back), segment, longest })
    }

    /// The same for segments that end where the source has a key frame, which it has every `gop` at least.
    ///
    /// Whole seconds: a target duration, and what times of the source are rounded to.
    #[must_use]
    pub fn to_the_next_key(self, gop: Duration) -> Self {
        self.reaching(self.longest.as_seconds() + gop.as_secs_f64())
    }

    /// The same where the first segment has turned out to be so long: others may be as well. No more is taken out of the
    /// window than leaves three target durations of it (RFC 8216bis § 6.2.2).
    #[must_use]
    pub fn as_the_first(self, first: Span) -> Self {
        let usual = self.segment.as_seconds();
        let longer = self.reaching(self.longest.as_seconds().max(first.as_seconds() + SOUND_BEYOND));
        let least = (3.0 * longer.longest.as_seconds() / usual).ceil() as u64;
        let segment = if first.cmp_span(self.segment).is_gt() { first } else { self.segment };
        Self { segments: self.segments.max(least), segment, ..longer }
    }

    fn reaching(self, seconds: f64) -> Self {
        Self { longest: Span::new(seconds.ceil() as u64, Timescale::new(1)), ..self }
    }

    /// How long the longest playlist lasts.
    pub fn lasting(&self) -> Duration {
        Duration::from_secs_f64(self.segment.as_seconds() * self.segments as f64)
    }

    /// Segments that go on being there after players are no longer offered them: as long as the longest playlist
    /// that named them, and their own length (RFC 8216bis § 6.2.2).
    pub fn kept_behind(&self) -> u64 {
        self.segments + 1
    }
}

/// The parts in which a programme is offered at low latency.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Parts {
    /// No part of any rendition is longer.
    pub longest: Span,
    /// Frames of a part of pictures.
    frames: u64,
}

impl Parts {
    /// Parts of about so much time: a whole number of frames, and no more packets of sound than fit.
    ///
    /// # Errors
    /// When that is less than 200 ms or more than 1 s, or key frames would end parts early (RFC 8216bis § 4.4.4.9: 85 %
    /// of the longest at least).
    pub fn new(plan: &Plan, part: Duration) -> Result<Self, Error> {
        let refuse = |allowed| Err(Error::OutOfRange { setting: "part", value: part.as_secs_f64(), allowed });
        if !(Duration::from_millis(200)..=Duration::from_secs(1)).contains(&part) {
            return refuse("200ms to 1s");
        }
        let frames = (part.as_secs_f64() * plan.grid.rate().as_f64()).round().max(1.0) as u64;
        let gop = plan.grid.gop_frames();
        if gop < plan.grid.segment_frames() && !gop.is_multiple_of(frames) {
            return refuse("a length that divides gop, or a gop as long as a segment");
        }
        Ok(Self { longest: plan.grid.span_of(frames), frames })
    }

    /// The same for pictures that come at times of their own: half a frame more.
    #[must_use]
    pub fn of_copies(self, plan: &Plan) -> Self {
        let half = Span::new(plan.grid.rate().frame().ticks().div_ceil(2), plan.grid.rate().timescale());
        Self { longest: self.longest.plus(half), ..self }
    }

    /// How far behind the wall clock a DASH player should be: as many parts as HLS has them hold back, the one that is
    /// being made, and what encoder and network take.
    pub fn latency(&self) -> Duration {
        Duration::from_secs_f64(self.longest.as_seconds() * 4.0) + ON_THE_WAY
    }

    /// Samples of a part of pictures.
    pub fn of_pictures(&self) -> usize {
        self.frames as usize
    }

    /// Samples of a part of sound.
    pub fn of_sound(&self, rendition: &AudioRendition) -> usize {
        let packet = Span::new(packet(rendition.codec), Timescale::new(rendition.sample_rate));
        (self.longest.as_seconds() / packet.as_seconds() + 1e-9).floor().max(1.0) as usize
    }
}

/// What encoder and network may take.
const ON_THE_WAY: Duration = Duration::from_millis(700);

/// Why sound of a live source is not copied.
const LIVE_SOUND: &str = "sound of a live source is always encoded";

/// PCM samples of a packet, as FFmpeg's encoders make them.
const fn packet(codec: AudioCodec) -> u64 {
    match codec {
        AudioCodec::Opus => 960,
        AudioCodec::Aac => 1024,
        AudioCodec::Mp3 => 1152,
        AudioCodec::Ac3 | AudioCodec::Eac3 => 1536,
        AudioCodec::Flac => 4608,
    }
}

const MICROSECONDS: Timescale = Timescale::new(1_000_000);

impl Plan {
    /// What will be done to a live source with these settings, on so many processors; `at_once`, no picture waits for
    /// those after it.
    ///
    /// # Errors
    /// When a setting needs to know the end of the programme, and for all that [`Plan::new`] refuses.
    pub fn live(info: &SourceInfo, settings: &Settings, processors: usize, at_once: bool) -> Result<Self, Error> {
        possible(settings, at_once)?;
        let picture = video::choose(info, settings);
        let sound = audio::choose(info, settings)?;
        if picture.is_none() && sound.is_empty() {
            return Err(nothing_to_do(info, settings));
        }
        let rate = picture.map_or(timing::SOUND_ONLY, |video| timing::output_rate(video, settings.max_frame_rate));
        let gop = seconds("gop", settings.gop)?;
        let segment = seconds("segment_duration", settings.segment_duration)?;
        let grid = SegmentGrid::endless(rate, gop, segment);
        let pace = Pace::RealTime { threads: u32::try_from(processors).unwrap_or(u32::MAX), at_once };
        let video = picture.map(|video| video::plan_live(video, &grid, settings, pace)).transpose()?;
        let (audio, left_out) = audio::renditions(&sound, &settings.audio, |_| Err(LIVE_SOUND.to_owned()));
        Ok(Self {
            grid,
            origin_us: 0,
            video,
            audio_only_variant: settings.audio_only && !audio.is_empty(),
            audio,
            loudness: None,
            left_out,
            text: Vec::new(),
            captions: Vec::new(),
            metadata: Metadata::of(info, 0, 0),
            progressive: Vec::new(),
            layout: Layout::SegmentFiles,
            hls: settings.hls,
            dash: settings.dash,
        })
    }
}

impl Plan {
    /// What is offered of a live programme that has come to the segment `last` and lasts for `duration` so far. Until
    /// it has ended, bit rates are those that the encoders will keep.
    pub fn live_offer(&self, last: SegmentNumber, duration: Span, live: LiveOffer) -> Offer {
        let ended = live.ended;
        let mut offer = Offer { duration, live: Some(live), trick: None, ..self.offer() };
        let rungs = self.video.iter().flat_map(|video| &video.renditions).map(|rendition| &rendition.encoding);
        for video in &mut offer.video {
            video.segments = last.0;
        }
        // Of what is copied nobody knows yet what it will take.
        let copied = self.video.iter().filter(|video| video.copied.is_some()).count();
        for (video, encoding) in offer.video.iter_mut().skip(copied).zip(rungs) {
            video.promise = (!ended).then(|| Promise {
                average: encoding.bitrate.as_bps() + OVERHEAD,
                peak: encoding.maxrate.as_bps() + OVERHEAD,
            });
        }
        for (audio, rendition) in offer.audio.iter_mut().zip(&self.audio) {
            audio.segments = last.0;
            let rate = |times| audio.bitrate.scaled(times).as_bps() + OVERHEAD;
            let promise = || Promise { average: rate(1.0), peak: rate(SOUND_PEAK) };
            audio.promise = (!ended && !rendition.is_copy()).then(promise);
        }
        offer
    }
}

/// What timed metadata takes of each rendition that carries it, in bits per second at most.
pub const MESSAGE_BITS: u64 = 40_000;

/// What the boxes around media take, in bits per second: about as much for each packet or picture as its size takes.
const OVERHEAD: u64 = 4000;
/// The peak of sound over its average: encoders spare what silence leaves for what follows.
const SOUND_PEAK: f64 = 1.1;

pub(super) fn possible(settings: &Settings, in_parts: bool) -> Result<(), Error> {
    let refuse = |setting, value, remedy| Err(Error::NotLive { setting, value, remedy });
    if settings.single_file {
        return refuse("single_file", "true", "leave it out, or choose another preset");
    }
    if settings.loudness.is_some() {
        return refuse("loudness", "a level", "all of the sound is measured for it first; leave it out");
    }
    if !settings.progressive.is_empty() {
        return refuse("progressive", "a rung", "a plain file has an end; leave it out");
    }
    if settings.top_rung == TopRung::Copy {
        return refuse("top_rung", "copy", "its pictures are encoded as they come; leave it out");
    }
    // RFC 8216bis § 6.2.3: one chain goes over the whole of a segment, and is padded at its end, which is not there yet
    // when its first parts are sent.
    if in_parts && settings.encryption.as_ref().is_some_and(|encryption| encryption.mode == EncryptionMode::Aes128) {
        return refuse(
            "encrypt",
            "aes-128",
            "at low latency parts are sent before their segment is whole; choose cbcs",
        );
    }
    if settings.start.is_some() || settings.end.is_some() {
        return refuse("start or end", "a time of the programme", "leave it out");
    }
    match settings.rate_control {
        RateControlMode::CappedCrf => Ok(()),
        RateControlMode::Vbr => refuse("rate_control", "vbr", "it looks at the whole programme first; use capped-crf"),
        RateControlMode::TwoPass => {
            refuse("rate_control", "two-pass", "it looks at the whole programme first; use capped-crf")
        }
    }
}
