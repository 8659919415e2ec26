//! The gate in front of every manifest: nothing that the plan promised is missing.

use crate::media::{RenditionId, RenditionKind, SegmentNumber, TrackMedia};
use crate::plan::{AudioRendition, Layout, Plan};
use crate::thumbs::Sheets;

use super::Presentation;
use super::choice::Choice;
use super::stored::{Media, Pictures, Place, Sound};

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

/// A plan and the presentation that fulfils it. Thumbnails are an extra: they are there when they were stored.
#[derive(Debug)]
pub(super) struct Complete<'a> {
    /// What was to be done.
    pub plan: &'a Plan,
    /// The video renditions, widest first.
    pub video: Vec<Pictures<'a>>,
    /// The key frames alone.
    pub trick: Option<Pictures<'a>>,
    /// The sound, one choice per source track, the default one first.
    pub audio: Vec<Choice<'a>>,
    /// The thumbnails.
    pub sheets: Option<&'a Sheets>,
}

impl<'a> Complete<'a> {
    /// Checks that everything which `plan` promises stands in `presentation`.
    pub(super) fn new(plan: &'a Plan, presentation: &'a Presentation) -> Result<Self, Error> {
        let pictures = |id| pictures(media(plan, presentation, id)?);
        let planned = plan.video.as_ref();
        let video = planned.iter().flat_map(|v| &v.renditions).map(|r| pictures(&r.id)).collect::<Result<_, _>>()?;
        let trick = planned.and_then(|v| v.trick.as_ref()).map(|t| pictures(&t.id)).transpose()?;
        let sounds = plan.audio.iter().map(|r| sound(media(plan, presentation, &r.id)?, r));
        let audio = Choice::sort(sounds.collect::<Result<_, _>>()?);
        let sheets = presentation.sheets().filter(|s| !s.sheets.is_empty());
        Ok(Self { plan, video, trick, audio, sheets })
    }
}

fn media<'a>(plan: &Plan, presentation: &'a Presentation, id: &'a RenditionId) -> Result<Media<'a>, Error> {
    let rendition = || id.clone();
    let stored = presentation.rendition(id).ok_or_else(|| Error::MissingHeader { rendition: rendition() })?;
    let mut numbers = (1..=plan.grid.segments()).map(SegmentNumber);
    if let Some(number) = numbers.find(|number| !stored.segments.contains_key(number)) {
        return Err(Error::MissingSegment { rendition: rendition(), number });
    }
    let place = match plan.layout {
        Layout::SegmentFiles => Place::Files,
        Layout::SingleFile => {
            let whole = stored.single.as_ref().filter(|f| f.segment_offsets.len() == stored.segments.len());
            Place::File(whole.ok_or_else(|| Error::MissingFile { rendition: rendition() })?)
        }
    };
    Ok(Media { id, stored, place })
}

fn pictures(media: Media<'_>) -> Result<Pictures<'_>, Error> {
    match &media.stored.init.track.media {
        TrackMedia::Video(track) if media.id.kind() == RenditionKind::Video => Ok(Pictures { media, track }),
        TrackMedia::Video(_) | TrackMedia::Audio(_) => Err(Error::WrongKind { rendition: media.id.clone() }),
    }
}

fn sound<'a>(media: Media<'a>, planned: &'a AudioRendition) -> Result<Sound<'a>, Error> {
    match &media.stored.init.track.media {
        TrackMedia::Audio(track) if media.id.kind() == RenditionKind::Audio => Ok(Sound { media, track, planned }),
        TrackMedia::Audio(_) | TrackMedia::Video(_) => Err(Error::WrongKind { rendition: media.id.clone() }),
    }
}
