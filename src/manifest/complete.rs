//! The gate in front of every manifest: nothing that the offer promises is missing.

use crate::media::{RenditionId, RenditionKind, SegmentNumber, TrackMedia, VideoTrack};
use crate::plan::{AudioOffer, Layout, Offer, Promise, TextOffer, TrickOffer, VideoOffer};
use crate::thumbs::Sheets;

use super::Presentation;
use super::choice::Choice;
use super::stored::{Close, InSpell, Media, Pictures, Place, Sound, Trick, Words};

/// Something that a manifest would have to name has not been stored.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The CMAF header is missing.
    #[error("no header was stored for {rendition}; the set is incomplete, encode it again")]
    MissingHeader {
        /// The rendition without a header.
        rendition: RenditionId,
    },
    /// A segment is missing.
    #[error("segment {number} of {rendition} was not stored; the set is incomplete, encode it again")]
    MissingSegment {
        /// The rendition with the gap.
        rendition: RenditionId,
        /// The segment that is missing.
        number: SegmentNumber,
    },
    /// The byte ranges of a single file are missing, or do not cover its segments.
    #[error("no single file with all segments was stored for {rendition}; the set is incomplete, encode it again")]
    MissingFile {
        /// The rendition without a file.
        rendition: RenditionId,
    },
    /// The header describes something else than the plan.
    #[error("the header stored for {rendition} does not describe {}; encode the set again with --force", .rendition.kind().name())]
    WrongKind {
        /// The rendition with the wrong header.
        rendition: RenditionId,
    },
}

/// An offer and the presentation that fulfils it. Thumbnails are an extra: they are there when they were stored.
#[derive(Debug, Clone)]
pub(super) struct Complete<'a> {
    /// What is promised.
    pub offer: &'a Offer,
    /// The video renditions, switching set by switching set, widest first in each.
    pub video: Vec<Pictures<'a>>,
    /// The key frames alone.
    pub trick: Option<Trick<'a>>,
    /// The sound, one choice per source track, the default one first.
    pub audio: Vec<Choice<'a>>,
    /// The subtitles, the default one first.
    pub text: Vec<Words<'a>>,
    /// The thumbnails.
    pub sheets: Option<&'a Sheets>,
}

impl<'a> Complete<'a> {
    /// Checks that everything which `offer` promises stands in `presentation`.
    pub(super) fn new(offer: &'a Offer, presentation: &'a Presentation) -> Result<Self, Error> {
        let media = |id, segments, promise| media(offer, presentation, id, segments, promise);
        let video = offer.video.iter().map(|v| pictures(media(&v.id, v.segments, v.promise)?, v));
        let video = video.collect::<Result<_, _>>()?;
        let trick = offer.trick.as_ref().map(|t| key_frames(media(&t.id, t.segments, None)?, t)).transpose()?;
        let sounds = offer.audio.iter().map(|a| sound(media(&a.id, a.segments, a.promise)?, a));
        let audio = Choice::sort(sounds.collect::<Result<_, _>>()?);
        let text = offer.text.iter().map(|text| words(offer, presentation, text)).collect::<Result<_, _>>()?;
        let sheets = presentation.sheets().filter(|s| !s.sheets.is_empty());
        Ok(Self { offer, video, trick, audio, text, sheets })
    }

    /// What of it was made in one spell.
    pub(super) fn in_spell(&self, spell: InSpell) -> Self {
        let mut part = self.clone();
        let pictures = part.video.iter_mut().map(|pictures| &mut pictures.media);
        let sounds = part.audio.iter_mut().flat_map(|choice| &mut choice.sounds).map(|sound| &mut sound.media);
        pictures.chain(sounds).for_each(|media| *media = media.in_spell(spell));
        part
    }
}

fn media<'a>(
    offer: &Offer,
    presentation: &'a Presentation,
    id: &'a RenditionId,
    segments: u64,
    promise: Option<Promise>,
) -> Result<Media<'a>, Error> {
    let rendition = || id.clone();
    let stored = presentation.rendition(id).ok_or_else(|| Error::MissingHeader { rendition: rendition() })?;
    let first = offer.live.as_ref().map_or(1, |live| live.first.0);
    let mut numbers = (first..=segments).map(SegmentNumber);
    if let Some(number) = numbers.find(|number| !stored.segments.contains_key(number)) {
        return Err(Error::MissingSegment { rendition: rendition(), number });
    }
    let place = match offer.layout {
        Layout::SegmentFiles => Place::Files,
        Layout::SingleFile => {
            let whole = stored.single.as_ref().filter(|f| f.segment_offsets.len() == stored.segments.len());
            Place::File(whole.ok_or_else(|| Error::MissingFile { rendition: rendition() })?)
        }
    };
    let live = offer.live.as_ref().filter(|live| !live.ended);
    let close = live.and_then(|live| {
        let (start, segment, until) = (live.spells.start(), live.window.segment, live.resting);
        live.close.map(|close| Close { start, segment, until, close })
    });
    Ok(Media { id, stored, place, promise, close, spell: None })
}

fn video_track<'a>(media: &Media<'a>) -> Result<&'a VideoTrack, Error> {
    match &media.stored.init.track.media {
        TrackMedia::Video(track) if media.id.kind() == RenditionKind::Video => Ok(track),
        TrackMedia::Video(_) | TrackMedia::Audio(_) | TrackMedia::Text => {
            Err(Error::WrongKind { rendition: media.id.clone() })
        }
    }
}

fn pictures<'a>(media: Media<'a>, offer: &'a VideoOffer) -> Result<Pictures<'a>, Error> {
    Ok(Pictures { track: video_track(&media)?, media, offer })
}

fn key_frames<'a>(media: Media<'a>, offer: &'a TrickOffer) -> Result<Trick<'a>, Error> {
    Ok(Trick { track: video_track(&media)?, media, offer })
}

/// Of subtitles, HLS names WebVTT segments and DASH a track.
fn words<'a>(offer: &'a Offer, presentation: &'a Presentation, text: &'a TextOffer) -> Result<Words<'a>, Error> {
    let id = &text.rendition.id;
    let mut pages = Vec::new();
    for number in (1..=text.segments).map(SegmentNumber).filter(|_| offer.hls) {
        let page = presentation.pages(id).and_then(|pages| pages.get(&number));
        pages.push(page.ok_or_else(|| Error::MissingSegment { rendition: id.clone(), number })?);
    }
    let media = offer.dash.then(|| media(offer, presentation, id, text.segments, None)).transpose()?;
    match media.as_ref().map(|media| &media.stored.init.track.media) {
        None | Some(TrackMedia::Text) => {}
        Some(TrackMedia::Video(_) | TrackMedia::Audio(_)) => return Err(Error::WrongKind { rendition: id.clone() }),
    }
    Ok(Words { rendition: &text.rendition, pages, media })
}

fn sound<'a>(media: Media<'a>, offer: &'a AudioOffer) -> Result<Sound<'a>, Error> {
    match &media.stored.init.track.media {
        TrackMedia::Audio(track) if media.id.kind() == RenditionKind::Audio => Ok(Sound { media, track, offer }),
        TrackMedia::Audio(_) | TrackMedia::Video(_) | TrackMedia::Text => {
            Err(Error::WrongKind { rendition: media.id.clone() })
        }
    }
}
