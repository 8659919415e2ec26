//! When segments are, as the MPD says it (ISO/IEC 23009-1 § 5.3.9.6), against the media.

use super::super::finding::Findings;
use super::super::rule::rules;
use super::super::track::Track;
use super::xml::Element;

rules! {
    COUNT: Error "ISO 23009-1 5.3.9.6" "a timeline has a segment, and no more than a client can hold";
    OVERLAP: Error "ISO 23009-1 5.3.9.6.1" "S@t does not lie before the end of the segment in front";
    NO_GAP: Error "DASH-IF IOP 5.3.2" "a timeline has no gaps";
    SCALE: Error "DASH-IF IOP 5.3.2" "@timescale is the one of the track";
    TIMES: Error "ISO 23009-1 5.3.9.6" "S@t and S@d are the times of the media";
    ROUGH: Error "ISO 23009-1 5.3.9.5.3" "with @duration a segment begins within half of it of its nominal time";
}

/// The most segments of one representation: a week of two seconds each.
pub(super) const MOST_SEGMENTS: usize = 1 << 19;

/// Begin and length of each segment, in ticks of the MPD.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Times {
    /// From a SegmentTimeline.
    Exact(Vec<(u64, u64)>),
    /// From @duration and a number of segments.
    Nominal(u64),
    /// From the index of the file.
    Unsaid,
}

/// A Period among those of the MPD.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Period {
    /// The presentation begins with it, and so does the media: the offset is what an edit list leaves out.
    First,
    /// Others go before it. The media begins anew, or counts on, and then the offset is where the Period begins.
    Later,
    /// Others went before it that are not told of any more, and some of it may be gone as well.
    Left,
}

/// Reads a SegmentTimeline; `end` is the end of the Period in ticks.
pub(super) fn read(file: &str, timeline: &Element, end: Option<u64>, findings: &mut Findings<'_>) -> Vec<(u64, u64)> {
    let mut times: Vec<(u64, u64)> = Vec::new();
    let mut at: u64 = 0;
    let runs: Vec<&Element> = timeline.all("S").collect();
    for (number, run) in runs.iter().enumerate() {
        let length = run.number("d").unwrap_or(0);
        if let Some(start) = run.number("t") {
            findings.check(start >= at || times.is_empty(), OVERLAP, file, || {
                format!("S@t is {start} after an end at {at}")
            });
            findings.check(start <= at.saturating_add(1) || times.is_empty(), NO_GAP, file, || {
                format!("S@t is {start} after an end at {at}")
            });
            at = start;
        }
        let repeat: i64 = run.get("r").and_then(|text| text.parse().ok()).unwrap_or(0);
        let count = match u64::try_from(repeat) {
            Ok(repeat) => repeat.saturating_add(1),
            Err(_) => {
                let until = runs.get(number + 1).and_then(|next| next.number("t")).or(end).unwrap_or(at);
                until.saturating_sub(at).checked_div(length).unwrap_or(0)
            }
        };
        if count > (MOST_SEGMENTS - times.len()) as u64 {
            findings.breaks(COUNT, file, format!("S@r makes {count} segments"));
            return Vec::new();
        }
        for _ in 0..count {
            times.push((at, length));
            at = at.saturating_add(length);
        }
    }
    findings.check(!times.is_empty(), COUNT, file, || "a SegmentTimeline has no segment");
    times
}

/// Checks the times of a representation against its media.
pub(super) fn check(
    file: &str,
    id: &str,
    (times, scale): (&Times, u64),
    (offset, period): (u64, Period),
    track: &Track,
    findings: &mut Findings<'_>,
) {
    let Some(header) = &track.header else { return };
    match times {
        Times::Exact(times) => {
            let what = format!("@timescale of {id}");
            if !findings.equal(SCALE, file, what, scale, u64::from(header.timescale)) {
                return;
            }
            for (number, ((said, length), segment)) in times.iter().zip(&track.segments).enumerate() {
                let Some((begin, end)) = track.shown(track.of(segment)) else { continue };
                let (said, real) =
                    ((i128::from(*said), i128::from(*length)), (i128::from(begin), i128::from(end - begin)));
                // Ticks are exact, unless an empty edit of a coarser clock stands in between.
                let fits =
                    |from: i128| (said.0 - from - real.0).abs().max((said.1 - real.1).abs()) <= header.delay.1.into();
                let (offset, counts_on) = (i128::from(offset), period != Period::First && fits(0));
                let early = said.0 + said.1 <= offset;
                let late = period != Period::Left && said.0 >= offset + said.1;
                if counts_on && number == 0 && (early || late) {
                    let what = format!("@presentationTimeOffset of {id}, which begins at S@t");
                    findings.differs(TIMES, file, what, offset, said.0);
                }
                if !counts_on && !fits(offset) {
                    let what = format!("S of segment {} of {id} (t, d)", number + 1);
                    let text = |pair: (i128, i128)| format!("{}, {}", pair.0, pair.1);
                    findings.differs(TIMES, file, what, text(said), text(real));
                }
            }
        }
        Times::Nominal(length) => {
            let length = *length as f64 / scale.max(1) as f64;
            for (number, segment) in track.segments.iter().enumerate() {
                let Some((begin, _)) = track.shown(track.of(segment)) else { continue };
                let (begin, nominal) = (header.seconds(begin), number as f64 * length);
                findings.check((begin - nominal).abs() <= 0.5 * length + 1e-6, ROUGH, file, || {
                    format!("segment {} of {id} begins at {begin:.6} s, nominally at {nominal:.6} s", number + 1)
                });
            }
        }
        Times::Unsaid => {}
    }
}
