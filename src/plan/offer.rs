//! What a finished set offers to players: what manifests promise, whichever way the set was made.

use std::time::Duration;

use super::live::MESSAGE_BITS;
use super::marked::Marks;
use super::spell::Spells;
use super::{AudioRole, CaptionTrack, Layout, Metadata, Parts, Plan, SegmentGrid, TextRendition, VideoPlan, Window};
use crate::media::{AudioCodec, Bitrate, FrameRate, Language, RenditionId, SegmentNumber, Span, Utc};

/// What a finished set offers to players.
#[derive(Clone, Debug, PartialEq)]
pub struct Offer {
    /// The video renditions, switching set by switching set, widest first in each.
    pub video: Vec<VideoOffer>,
    /// Key frames alone, for DASH trick mode.
    pub trick: Option<TrickOffer>,
    /// The sound, the default one first.
    pub audio: Vec<AudioOffer>,
    /// The subtitles, the default one first.
    pub text: Vec<TextOffer>,
    /// Closed captions in the pictures of every rendition.
    pub captions: Vec<CaptionTrack>,
    /// What is told of the programme besides its media.
    pub metadata: Metadata,
    /// Length of the programme.
    pub duration: Span,
    /// How the media is stored.
    pub layout: Layout,
    /// Write HLS playlists.
    pub hls: bool,
    /// Write a DASH MPD.
    pub dash: bool,
    /// Offer an audio-only variant in HLS.
    pub audio_only_variant: bool,
    /// Every segment can be decoded without the one before it: all GOPs are closed.
    pub independent: bool,
    /// What the source has marked.
    pub marks: Marks,
    /// Messages (ID3 tags) stand between the media of the pictures, or of the sound where there are none.
    pub messages: bool,
    /// What a live programme offers of itself; nothing of one that was made as a whole.
    pub live: Option<LiveOffer>,
}

/// What a live programme offers of itself at a time.
#[derive(Clone, Debug, PartialEq)]
pub struct LiveOffer {
    /// The first segment that players are offered.
    pub first: SegmentNumber,
    /// When it was made.
    pub spells: Spells,
    /// The source is away: what begins with this segment is not made yet.
    pub resting: Option<SegmentNumber>,
    /// A break lasts no longer.
    pub rest: Duration,
    /// When this is said.
    pub now: Utc,
    /// Nothing follows.
    pub ended: bool,
    /// The server that it comes from tells the time of day.
    pub timed: bool,
    /// What it offers at any time.
    pub window: Window,
    /// How DASH players may follow closer than by whole segments.
    pub close: Option<Close>,
}

/// A segment may be asked for while it is made.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Close {
    /// Where segments will begin.
    pub grid: SegmentGrid,
    /// The parts that it comes in.
    pub parts: Parts,
}

/// Bit rates that hold for media which is not made yet, in bits per second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Promise {
    /// On average.
    pub average: u64,
    /// Over the length of a segment.
    pub peak: u64,
}

/// One video rendition.
#[derive(Clone, Debug, PartialEq)]
pub struct VideoOffer {
    /// Its name.
    pub id: RenditionId,
    /// Its switching set, counted from 0: players switch only within one.
    pub set: usize,
    /// Pictures per second; of a variable rate, on average.
    pub frame_rate: FrameRate,
    /// Number of its segments.
    pub segments: u64,
    /// What its bit rates will be; nothing where they are measured.
    pub promise: Option<Promise>,
}

/// The key frames of a rendition as a track of their own.
#[derive(Clone, Debug, PartialEq)]
pub struct TrickOffer {
    /// Its name.
    pub id: RenditionId,
    /// The rendition whose key frames it holds.
    pub of: RenditionId,
    /// Pictures of that rendition for each one here.
    pub speed: u64,
    /// Pictures per second.
    pub frame_rate: FrameRate,
    /// Number of its segments.
    pub segments: u64,
}

/// One audio rendition.
#[derive(Clone, Debug, PartialEq)]
pub struct AudioOffer {
    /// Its name.
    pub id: RenditionId,
    /// What a viewer chooses, counted from 0: renditions of one choice say the same.
    pub choice: usize,
    /// Its language.
    pub language: Language,
    /// What a player's menu shows; unique among the choices.
    pub label: String,
    /// Played when the viewer has not chosen.
    pub default: bool,
    /// What it is for.
    pub role: AudioRole,
    /// The codec.
    pub codec: AudioCodec,
    /// The bit rate it is meant to have.
    pub bitrate: Bitrate,
    /// Number of its segments.
    pub segments: u64,
    /// What its bit rates will be; nothing where they are measured.
    pub promise: Option<Promise>,
}

/// One subtitle rendition.
#[derive(Clone, Debug, PartialEq)]
pub struct TextOffer {
    /// Its name, its language and what it is for.
    pub rendition: TextRendition,
    /// Number of its segments.
    pub segments: u64,
}

impl TextOffer {
    /// What is offered of each rendition, all in so many segments.
    pub(super) fn all(renditions: &[TextRendition], segments: u64) -> Vec<Self> {
        renditions.iter().map(|rendition| Self { rendition: rendition.clone(), segments }).collect()
    }
}

impl Offer {
    /// The same, with messages between its media. Bit rates that were promised have room for them.
    #[must_use]
    pub fn with_messages(self) -> Self {
        let mut offer = Self { messages: true, ..self };
        let without_pictures = offer.video.is_empty();
        let sounds = offer.audio.iter_mut().filter(|_| without_pictures).map(|audio| &mut audio.promise);
        let carriers = offer.video.iter_mut().map(|video| &mut video.promise).chain(sounds);
        for promise in carriers.flatten() {
            promise.average += MESSAGE_BITS;
            promise.peak += MESSAGE_BITS;
        }
        offer
    }
}

impl Plan {
    /// What the finished set will offer.
    pub fn offer(&self) -> Offer {
        let segments = self.grid.segments();
        let renditions = self.video.iter().flat_map(VideoPlan::all);
        let frame_rate = self.grid.rate();
        let mut codecs: Vec<_> = renditions.clone().map(|r| r.codec).collect();
        codecs.dedup();
        let set = |codec| codecs.iter().position(|other| *other == codec).unwrap_or(0);
        let video = renditions
            .map(|r| VideoOffer { id: r.id.clone(), set: set(r.codec), frame_rate, segments, promise: None })
            .collect();
        // A programme that is shorter than a GOP has no key frame after its first.
        let speed = self.grid.gop_frames().min(self.grid.frames());
        let slower = u32::try_from(speed).ok().and_then(|speed| frame_rate.divided(speed));
        let trick = self.video.as_ref().and_then(|video| video.trick.as_ref()).map(|trick| TrickOffer {
            id: trick.id.clone(),
            of: trick.of.clone(),
            speed,
            frame_rate: slower.unwrap_or(frame_rate),
            segments,
        });
        let audio = self.audio.iter().map(|r| AudioOffer {
            id: r.id.clone(),
            choice: r.track.0,
            language: r.language.clone(),
            label: r.label.clone(),
            default: r.default,
            role: r.role,
            codec: r.codec,
            bitrate: r.bitrate,
            segments,
            promise: None,
        });
        Offer {
            video,
            trick,
            audio: audio.collect(),
            text: TextOffer::all(&self.text, segments),
            captions: self.captions.clone(),
            metadata: self.metadata.clone(),
            duration: self.duration(),
            layout: self.layout,
            hls: self.hls,
            dash: self.dash,
            audio_only_variant: self.audio_only_variant,
            independent: true,
            marks: Marks::default(),
            messages: false,
            live: None,
        }
    }
}
