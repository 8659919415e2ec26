//! SegmentTimeline: when segments begin and how long they last (ISO/IEC 23009-1 § 5.3.9.6).

use crate::media::{Rounding, Span, Timescale, Timestamp};

use super::element::Element;

/// One S element: `repeats + 1` segments of equal length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Run {
    /// S@t, where it does not follow from what stands before.
    start: Option<u64>,
    /// S@d.
    duration: u64,
    /// S@r.
    repeats: u64,
}

/// The SegmentTimeline of consecutive segments, in ticks of `scale`.
pub(super) fn element(scale: Timescale, segments: impl Iterator<Item = (Timestamp, Span)>) -> Element {
    let ticks = segments.map(|(start, duration)| {
        let start = start.rescale(scale, Rounding::Nearest).ticks();
        // Presentations begin at zero; S@t has no sign.
        (u64::try_from(start).unwrap_or(0), duration.rescale(scale, Rounding::Nearest).ticks())
    });
    Element::new("SegmentTimeline").children(runs(ticks).into_iter().map(Run::element))
}

impl Run {
    fn element(self) -> Element {
        let mut element = Element::new("S");
        if let Some(start) = self.start {
            element = element.attribute("t", start);
        }
        element = element.attribute("d", self.duration);
        if self.repeats > 0 {
            element = element.attribute("r", self.repeats);
        }
        element
    }
}

/// Segments as (start, duration), run-length coded. The first run says when it starts, and so does every
/// run that does not begin where the one before it ends.
fn runs(segments: impl Iterator<Item = (u64, u64)>) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    let mut end = None;
    for (start, duration) in segments {
        let follows = end == Some(start);
        end = Some(start + duration);
        match runs.last_mut() {
            Some(run) if follows && run.duration == duration => run.repeats += 1,
            Some(_) | None => runs.push(Run { start: (!follows).then_some(start), duration, repeats: 0 }),
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    fn coded(segments: &[(u64, u64)]) -> Vec<(Option<u64>, u64, u64)> {
        runs(segments.iter().copied()).iter().map(|r| (r.start, r.duration, r.repeats)).collect()
    }

    #[test]
    fn equal_segments_are_one_run() {
        assert_eq!(coded(&[(0, 600), (600, 600), (1200, 600), (1800, 90)]), [(Some(0), 600, 2), (None, 90, 0)]);
    }

    #[test]
    fn lengths_that_alternate_are_not_joined() {
        assert_eq!(coded(&[(0, 5), (5, 6), (11, 5), (16, 5)]), [(Some(0), 5, 0), (None, 6, 0), (None, 5, 1)]);
    }

    #[test]
    fn a_gap_is_said() {
        assert_eq!(coded(&[(0, 5), (6, 5)]), [(Some(0), 5, 0), (Some(6), 5, 0)]);
    }

    #[test]
    fn nothing_is_no_run() {
        assert_eq!(coded(&[]), []);
    }
}
