//! What is promised of renditions that are copied: nobody knows what they will take before they come.

use std::collections::BTreeMap;

use crate::media::RenditionId;
use crate::package::Segment;
use crate::plan::{Offer, Promise};

/// The peak of what is not known over what the first segment takes.
const PEAK: f64 = 1.5;

/// The bit rates of some renditions.
#[derive(Debug, Default)]
pub(super) struct Rates(BTreeMap<RenditionId, Promise>);

impl Rates {
    /// As the first segments of the renditions have it.
    pub(super) fn of<'s>(first: impl Iterator<Item = &'s Segment>) -> Self {
        let promise = |segment: &Segment| {
            let average = segment.bytes as f64 * 8.0 / segment.duration.as_seconds().max(0.001);
            Promise { average: average.ceil() as u64, peak: (average * PEAK).ceil() as u64 }
        };
        Self(first.map(|segment| (segment.rendition.clone(), promise(segment))).collect())
    }

    /// Promises them where nothing is promised yet.
    pub(super) fn promise(&self, offer: &mut Offer) {
        for video in &mut offer.video {
            video.promise = video.promise.or_else(|| self.0.get(&video.id).copied());
        }
        for audio in &mut offer.audio {
            audio.promise = audio.promise.or_else(|| self.0.get(&audio.id).copied());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::{CutNumber, RenditionKind, SegmentNumber, Span, Timescale, Timestamp};

    #[test]
    fn a_segment_of_a_quarter_megabyte_in_two_seconds_takes_a_megabit() {
        let rendition = RenditionId::new(RenditionKind::Video, "180p_h264");
        let scale = Timescale::new(1000);
        let segment = Segment {
            rendition: rendition.clone(),
            number: SegmentNumber(1),
            cut: CutNumber(1),
            start: Timestamp::zero(scale),
            duration: Span::new(2000, scale),
            bytes: 250_000,
            key: String::new(),
            fragments: Vec::new(),
        };
        let rates = Rates::of(std::iter::once(&segment));
        assert_eq!(rates.0[&rendition], Promise { average: 1_000_000, peak: 1_500_000 });
    }
}
