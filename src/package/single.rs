//! One file per rendition: the header, an index, and the segments behind each other.

use super::{Error, InitSegment, Segment, SingleFile};
use crate::bmff::{self, Reference};
use crate::media::SegmentNumber;
use crate::plan::names;

/// Where the parts of a rendition lie in its one file, and the bytes of the `sidx` that stands between
/// the header and the segments. `segments` are all of them, in order; their bytes are not needed.
pub fn single_file<'a>(
    init: &InitSegment,
    segments: impl IntoIterator<Item = &'a Segment>,
) -> Result<(SingleFile, Vec<u8>), Error> {
    let mut references = Vec::new();
    let mut segment_offsets = Vec::new();
    let mut media_bytes = 0;
    let mut earliest = None;
    for (expected, segment) in (1..).map(SegmentNumber).zip(segments) {
        if segment.number != expected {
            return Err(Error::Order { rendition: init.rendition.clone(), expected, found: segment.number });
        }
        earliest = earliest.or(Some(segment.start.ticks().max(0) as u64));
        segment_offsets.push(media_bytes);
        media_bytes += segment.bytes;
        let fragments = segment.fragments.iter();
        references.extend(fragments.map(|f| Reference { bytes: f.bytes, duration: f.duration.ticks(), open: f.open }));
    }
    let index = bmff::segment_index(init.track.timescale, earliest.unwrap_or(0), &references)
        .map_err(|source| Error::Boxes { rendition: init.rendition.clone(), source })?;
    let media_start = init.bytes + index.len() as u64;
    segment_offsets.iter_mut().for_each(|offset| *offset += media_start);
    let facts = SingleFile {
        key: names::single(&init.rendition),
        init_bytes: init.bytes,
        index_bytes: index.len() as u64,
        segment_offsets,
        bytes: media_start + media_bytes,
    };
    Ok((facts, index))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::{CutNumber, FrameRate, RenditionId, RenditionKind, Span, Timestamp};
    use crate::package::Fragment;
    use crate::package::tests::pictures;

    fn init() -> InitSegment {
        let rendition = RenditionId::new(RenditionKind::Video, "360p_h264");
        let track = pictures(FrameRate::whole(25));
        InitSegment { rendition, key: String::new(), bytes: 700, track, protection: None, segment_keys: None }
    }

    fn segment(number: u64, fragments: &[u64]) -> Segment {
        let init = init();
        let scale = init.track.timescale;
        let (start, duration) = (Timestamp::zero(scale), Span::new(50_000, scale));
        let fragment = |&bytes: &u64| Fragment { offset: 0, bytes, key_bytes: 1, start, duration, open: false };
        Segment {
            rendition: init.rendition,
            number: SegmentNumber(number),
            cut: CutNumber(number),
            start,
            duration,
            bytes: fragments.iter().sum(),
            key: String::new(),
            fragments: fragments.iter().map(fragment).collect(),
        }
    }

    #[test]
    fn segments_follow_the_index_without_a_gap() {
        let segments = [segment(1, &[100, 50]), segment(2, &[70])];
        let (file, index) = single_file(&init(), &segments).expect("two segments in order");
        assert_eq!(index.len(), 32 + 3 * 12);
        let expected = SingleFile {
            key: "video/360p_h264/media.mp4".into(),
            init_bytes: 700,
            index_bytes: 68,
            segment_offsets: vec![768, 918],
            bytes: 988,
        };
        assert_eq!(file, expected);
    }

    #[test]
    fn a_missing_segment_is_refused() {
        let found = single_file(&init(), &[segment(1, &[1]), segment(3, &[1])]).map(|_| ());
        let (expected, found_number) = (SegmentNumber(2), SegmentNumber(3));
        assert_eq!(found, Err(Error::Order { rendition: init().rendition, expected, found: found_number }));
    }
}
