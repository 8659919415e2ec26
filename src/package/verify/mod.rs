//! Own objects read back with independent readers, before anybody else reads them: headers with `mp4-atom`,
//! fragments with `mp4`.

mod header;

use std::io::{BufReader, Read, Seek, SeekFrom};

use mp4::{BoxHeader, BoxType, MoofBox, ReadBox};

use super::{Fragment, InitSegment, Segment};
use crate::bmff::TRACK_ID;
use crate::media::{RenditionId, SegmentNumber, TrackMedia};

/// The bytes of a rendition do not say what was meant.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Mismatch {
    /// The independent reader gives up.
    #[error("cannot read back the {part} of {rendition}: {source}; this is a fault of streampack, please report it")]
    Unreadable {
        /// The rendition.
        rendition: RenditionId,
        /// What was read: `header` or `fragment`.
        part: &'static str,
        /// Why.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A value differs.
    #[error(
        "segment {segment} of {rendition} was written wrong: {what} reads {found} instead of {expected}; \
         this is a fault of streampack, please report it"
    )]
    Differs {
        /// The rendition.
        rendition: RenditionId,
        /// The segment.
        segment: SegmentNumber,
        /// What differs.
        what: &'static str,
        /// What was meant.
        expected: u64,
        /// What stands there.
        found: u64,
    },
}

/// Reads `header` and `body` back and compares them with the facts: sizes, decode times, durations,
/// sync samples. Reads no media byte, so it costs little more than the headers.
pub fn verify(header: &[u8], init: &InitSegment, body: impl Read + Seek, facts: &Segment) -> Result<(), Mismatch> {
    let reading = Reading { facts };
    let mut body = BufReader::new(body);
    reading.header(header, init)?;
    let priming = match &init.track.media {
        TrackMedia::Video(_) | TrackMedia::Text => 0,
        TrackMedia::Audio(audio) => audio.priming.into(),
    };
    let bytes = body.seek(SeekFrom::End(0)).map_err(reading.unreadable("fragment"))?;
    reading.same("its size", facts.bytes, bytes)?;
    let mut end = facts.fragments.first().map_or(0, |first| first.offset);
    for fragment in &facts.fragments {
        reading.same("the offset of a fragment", end, fragment.offset)?;
        reading.fragment(&mut body, fragment, priming)?;
        end = fragment.offset + fragment.bytes;
    }
    reading.same("the end of its last fragment", facts.bytes, end)
}

/// A reading of one segment.
struct Reading<'a> {
    facts: &'a Segment,
}

impl Reading<'_> {
    fn same(&self, what: &'static str, expected: u64, found: u64) -> Result<(), Mismatch> {
        if expected == found {
            return Ok(());
        }
        let (rendition, segment) = (self.facts.rendition.clone(), self.facts.number);
        Err(Mismatch::Differs { rendition, segment, what, expected, found })
    }

    fn unreadable<E>(&self, part: &'static str) -> impl Fn(E) -> Mismatch + use<E>
    where
        E: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let rendition = self.facts.rendition.clone();
        move |source| Mismatch::Unreadable { rendition: rendition.clone(), part, source: source.into() }
    }

    fn header(&self, header: &[u8], InitSegment { track, protection, .. }: &InitSegment) -> Result<(), Mismatch> {
        let key = protection.as_ref().map(|signal| signal.first().kid().0);
        self.same("the number of keys that are meant", 1, u64::from(header::key(header) == key))?;
        let seen = header::read(header, protection.is_some()).map_err(self.unreadable("header"))?;
        let seen = seen.ok_or(mp4::Error::TrakNotFound(TRACK_ID)).map_err(self.unreadable("header"))?;
        self.same("the number of tracks", 1, seen.tracks as u64)?;
        self.same("the timescale", track.timescale.hz().into(), seen.timescale.into())?;
        // What begins in the clear has one more for that.
        let entries = 1 + u64::from(protection.as_ref().is_some_and(|signal| signal.schedule.clear > 0));
        self.same("the number of sample entries", entries, seen.entries.len() as u64)?;
        self.same("the number of sample entries of its codec", entries, seen.entries_of(&track.codec) as u64)?;
        match &track.media {
            TrackMedia::Video(video) => {
                let (width, height) = seen.size();
                self.same("the width", video.resolution.width.into(), width.into())?;
                self.same("the height", video.resolution.height.into(), height.into())?;
                self.same("the number of edits", 0, seen.edits.len() as u64)
            }
            TrackMedia::Text => self.same("the number of edits", 0, seen.edits.len() as u64),
            TrackMedia::Audio(audio) => {
                self.same("the number of edits", 1, seen.edits.len() as u64)?;
                self.same("the priming", audio.priming.into(), seen.edits.iter().sum())
            }
        }
    }

    fn fragment<R: Read + Seek>(&self, reader: &mut R, fragment: &Fragment, priming: u64) -> Result<(), Mismatch> {
        let (unreadable, unread) = (self.unreadable("fragment"), self.unreadable("fragment"));
        reader.seek(SeekFrom::Start(fragment.offset)).map_err(&unread)?;
        let header = BoxHeader::read(reader).map_err(&unreadable)?;
        self.same("the number of moof boxes of a fragment", 1, (header.name == BoxType::MoofBox).into())?;
        let moof_bytes = header.size;
        let moof = MoofBox::read_box(reader, moof_bytes).map_err(&unreadable)?;
        reader.seek(SeekFrom::Start(fragment.offset + moof_bytes)).map_err(&unread)?;
        let mdat = BoxHeader::read(reader).map_err(&unreadable)?;
        self.same("the number of mdat boxes of a fragment", 1, (mdat.name == BoxType::MdatBox).into())?;
        let media_start = reader.stream_position().map_err(&unread)? - fragment.offset;

        let missing = |name| unreadable(mp4::Error::BoxInTrafNotFound(TRACK_ID, name));
        let traf = moof.trafs.first().ok_or_else(|| missing(BoxType::TrafBox))?;
        self.same("the number of traf boxes of a fragment", 1, moof.trafs.len() as u64)?;
        self.same("the track", TRACK_ID.into(), traf.tfhd.track_id.into())?;
        let run = traf.trun.as_ref().ok_or_else(|| missing(BoxType::TrunBox))?;
        let time = traf.tfdt.as_ref().ok_or_else(|| missing(BoxType::TfdtBox))?.base_media_decode_time;
        let count = u64::from(run.sample_count);
        let total = |each: &[u32], default: Option<u32>| match default {
            Some(default) => u64::from(default) * count,
            None => each.iter().map(|&value| u64::from(value)).sum(),
        };
        let duration = total(&run.sample_durations, traf.tfhd.default_sample_duration);
        let media_bytes = total(&run.sample_sizes, traf.tfhd.default_sample_size);
        let first_bytes = run.sample_sizes.first().copied().or(traf.tfhd.default_sample_size).unwrap_or(0);

        self.same("the data offset", media_start, run.data_offset.unwrap_or(0) as u64)?;
        self.same("the size of a fragment", fragment.bytes, media_start + media_bytes)?;
        self.same("the size of the first sample", fragment.key_bytes, media_start + u64::from(first_bytes))?;
        self.same("a decode time", fragment.start.ticks().max(0) as u64, time.saturating_sub(priming))?;
        let end = fragment.start.after(fragment.duration).ticks().max(0) as u64;
        self.same("the end of a fragment", end, (time + duration).saturating_sub(priming))?;
        let flags = run.first_sample_flags.or(run.sample_flags.first().copied()).or(traf.tfhd.default_sample_flags);
        self.same("the first sample's non-sync flag", 0, flags.map_or(1, |flags| u64::from(flags >> 16 & 1)))
    }
}
