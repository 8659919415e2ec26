//! Renditions of which everything has been stored: what manifests describe.

use std::cmp::Reverse;

use crate::config::HdcpLevel;
use crate::media::{AudioCodec, AudioTrack, KeyId, RenditionId, SegmentNumber, Span, Utc, VideoTrack};
use crate::package::{Page, Segment, SingleFile};
use crate::plan::{self, AudioOffer, Promise, Spell, TextRendition, TrickOffer, VideoOffer};

use super::Rendition;
use super::bandwidth::Load;

/// Where the bytes of a rendition are.
#[derive(Debug, Clone, Copy)]
pub(super) enum Place<'a> {
    /// In one file per segment.
    Files,
    /// In one file; one offset per segment.
    File(&'a SingleFile),
}

/// A rendition of which everything has been stored.
#[derive(Debug, Clone, Copy)]
pub(super) struct Media<'a> {
    /// Its name.
    pub id: &'a RenditionId,
    /// What has been stored of it.
    pub stored: &'a Rendition,
    /// Where its bytes are.
    pub place: Place<'a>,
    /// What holds of its bit rates in place of what can be measured so far.
    pub promise: Option<Promise>,
    /// How players may follow it closer than by whole segments.
    pub close: Option<Close>,
    /// The spell of a live programme that is told of, where it is told of one alone.
    pub spell: Option<InSpell>,
}

/// One spell of a live programme.
#[derive(Debug, Clone, Copy)]
pub(super) struct InSpell {
    /// The spell.
    pub spell: Spell,
    /// The first segment after it; nothing follows the last one.
    pub until: Option<SegmentNumber>,
}

/// A programme whose segments may be asked for while they are made.
#[derive(Debug, Clone, Copy)]
pub(super) struct Close {
    /// When its zero was.
    pub start: Utc,
    /// Length of a full segment.
    pub segment: Span,
    /// What begins with this segment is not made yet.
    pub until: Option<SegmentNumber>,
    /// Where its segments will begin, and what they come in.
    pub close: plan::Close,
}

impl Media<'_> {
    /// Mean bits per second.
    pub(super) fn average(&self) -> u64 {
        self.promise.map_or_else(|| Load::of_segments(self.stored).average(), |promise| promise.average)
    }

    /// Largest bits per second over a run of segments that lasts for about `target` seconds.
    pub(super) fn peak(&self, target: u64) -> u64 {
        self.promise.map_or_else(|| Load::of_segments(self.stored).peak(target), |promise| promise.peak)
    }

    /// Bits per second of a channel that never lets a client starve which starts with so much of it.
    pub(super) fn sustained(&self, buffer: Span) -> u64 {
        // Of a single file players ask for the fragments that its index lists.
        let load = || match self.place {
            // Those of its Period: what that needs is no matter for another one.
            Place::Files => {
                let scale = self.stored.init.track.timescale;
                Load::new(scale, self.segments().map(|segment| (segment.bytes, segment.duration)))
            }
            Place::File(_) => Load::of_fragments(self.stored),
        };
        self.promise.map_or_else(|| load().sustained(buffer), |promise| promise.peak)
    }
}

impl Media<'_> {
    /// Its segments, or those of the spell that is told of.
    pub(super) fn segments(&self) -> impl Iterator<Item = &Segment> {
        let first = self.spell.map_or(SegmentNumber(0), |within| within.spell.first);
        let until = self.spell.and_then(|within| within.until);
        self.stored
            .segments
            .range(first..)
            .map(|(_, segment)| segment)
            .take_while(move |segment| until.is_none_or(|until| segment.number < until))
    }

    /// The same in one spell. What of it may be asked for while it is made is in the last spell alone.
    pub(super) fn in_spell(self, within: InSpell) -> Self {
        let close =
            self.close.map(|close| Close { start: within.spell.zero, until: within.until.or(close.until), ..close });
        Self { close, spell: Some(within), ..self }
    }

    /// Its key frames can be had alone: they are byte ranges of its segments, into which nothing leads when those are
    /// encrypted as a whole.
    pub(super) fn has_key_frames(&self) -> bool {
        self.stored.init.segment_keys.is_none()
    }

    /// Its keys change.
    pub(super) fn has_rotating_keys(&self) -> bool {
        let init = &self.stored.init;
        let samples = init.protection.as_ref().map(|signal| &signal.schedule);
        let schedule = samples.or(init.segment_keys.as_ref().map(|signal| &signal.schedule));
        schedule.is_some_and(|schedule| schedule.rotates())
    }

    /// The protection that HLS asks of screens.
    pub(super) fn hdcp_level(&self) -> Option<HdcpLevel> {
        let init = &self.stored.init;
        let samples = init.protection.as_ref().and_then(|signal| signal.hdcp_level);
        samples.or(init.segment_keys.as_ref().and_then(|signal| signal.hdcp_level))
    }

    /// The key of its samples, unless they are clear.
    pub(super) fn kid(&self) -> Option<KeyId> {
        self.stored.init.protection.as_ref().map(|signal| signal.first().kid())
    }
}

/// A video rendition of which everything has been stored.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pictures<'a> {
    /// What has been stored.
    pub media: Media<'a>,
    /// What its header says.
    pub track: &'a VideoTrack,
    /// What it is offered as.
    pub offer: &'a VideoOffer,
}

/// The key frames of a rendition of which everything has been stored.
#[derive(Debug, Clone, Copy)]
pub(super) struct Trick<'a> {
    /// What has been stored.
    pub media: Media<'a>,
    /// What its header says.
    pub track: &'a VideoTrack,
    /// What it is offered as.
    pub offer: &'a TrickOffer,
}

/// An audio rendition of which everything has been stored.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sound<'a> {
    /// What has been stored.
    pub media: Media<'a>,
    /// What its header says.
    pub track: &'a AudioTrack,
    /// What it is offered as.
    pub offer: &'a AudioOffer,
}

/// A subtitle rendition of which everything has been stored.
#[derive(Debug, Clone)]
pub(super) struct Words<'a> {
    /// Its name, its language and what it is for.
    pub rendition: &'a TextRendition,
    /// Its WebVTT segments in order; none without HLS.
    pub pages: Vec<&'a Page>,
    /// Its track; none without DASH.
    pub media: Option<Media<'a>>,
}

impl Sound<'_> {
    /// Its codec.
    pub(super) fn codec(&self) -> AudioCodec {
        self.offer.codec
    }

    /// What one rendition must be of any set (Apple's rule 2.3).
    pub(super) fn plays_everywhere(&self) -> bool {
        self.codec() == AudioCodec::Aac && self.track.layout.channels() <= 2
    }

    /// What kind of sound it is, that which plays everywhere first, then by codec, the most channels first.
    pub(super) fn kind(&self) -> (bool, AudioCodec, Reverse<u16>) {
        (!self.plays_everywhere(), self.codec(), Reverse(self.track.layout.channels()))
    }
}
