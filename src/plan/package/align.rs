//! Where tracks that were encoded elsewhere can be cut together.

use std::time::Duration;

/// A tail shorter than this joins the segment before it.
const SHORTEST_TAIL_US: i64 = 500_000;
/// Fragments last about a second or more, even where every picture is a key frame. A little less than a
/// second, for times are rounded.
const SHORTEST_FRAGMENT_US: i64 = 980_000;
/// How much longer than asked for a segment may be before a lack of common key frames is to blame.
const LONGEST: i64 = 2;

/// Where one track can be cut, in microseconds of the programme.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Keys {
    /// Where its groups of pictures begin, ascending.
    pub(super) starts_us: Vec<i64>,
    /// Where it ends.
    pub(super) end_us: i64,
    /// Half a frame: what begins no further apart begins together.
    pub(super) half_frame_us: i64,
}

impl Keys {
    /// The group that begins at `us`.
    pub(super) fn find(&self, us: i64) -> Option<usize> {
        let at = self.starts_us.partition_point(|start| *start < us - self.half_frame_us);
        self.starts_us.get(at).filter(|start| **start <= us + self.half_frame_us).map(|_| at)
    }

    /// Whether the track is over by `us`, as far as can be told.
    pub(super) fn is_over(&self, us: i64) -> bool {
        us >= self.end_us - self.half_frame_us
    }

    fn allows(&self, us: i64) -> bool {
        self.find(us).is_some() || self.is_over(us)
    }
}

/// Where all of the tracks begin a group of pictures: at times of the longest one. Nothing where they do not even
/// begin together.
pub(super) fn common(tracks: &[&Keys]) -> Vec<i64> {
    let Some(longest) = tracks.iter().rev().max_by_key(|keys| keys.end_us) else { return Vec::new() };
    let common = longest.starts_us.iter().copied().filter(|us| tracks.iter().all(|keys| keys.allows(*us)));
    let common: Vec<i64> = common.collect();
    let together = longest.starts_us.first().is_some_and(|first| common.first() == Some(first));
    if together && tracks.iter().all(|keys| keys.find(common[0]).is_some()) { common } else { Vec::new() }
}

/// Where segments begin that last about as long as `target`: at some of the times in `starts`, which ascend.
pub(super) fn segments(starts: &[i64], end_us: i64, target: Duration) -> Vec<i64> {
    let target = target.as_micros() as i64;
    let mut segments: Vec<i64> = starts.iter().take(1).copied().collect();
    while let Some(last) = segments.last().copied() {
        let later = &starts[starts.partition_point(|start| *start <= last)..];
        // Where it ends, a programme is cut as well.
        let nearest = later.iter().chain([&end_us]).copied().min_by_key(|start| (start - (last + target)).abs());
        match nearest.filter(|start| end_us - start >= SHORTEST_TAIL_US) {
            Some(nearest) => segments.push(nearest),
            None => break,
        }
    }
    segments
}

/// The length of the longest segment, of those that begin at `segments`.
fn longest(segments: &[i64], end_us: i64) -> i64 {
    let ends = segments.iter().skip(1).chain([&end_us]);
    segments.iter().zip(ends).map(|(start, end)| end - start).max().unwrap_or(0)
}

/// Whether tracks can be cut together without making segments longer than any of them makes them alone; what
/// stays below twice the target is fine in any case.
pub(super) fn fit(tracks: &[&Keys], target: Duration) -> bool {
    let together = common(tracks);
    let end_us = tracks.iter().map(|keys| keys.end_us).max().unwrap_or(0);
    let alone =
        |keys: &&Keys| longest(&segments(&keys.starts_us, keys.end_us, target), keys.end_us) + 2 * keys.half_frame_us;
    let bearable = tracks.iter().map(alone).max().unwrap_or(0).max(LONGEST * target.as_micros() as i64);
    !together.is_empty() && longest(&segments(&together, end_us, target), end_us) <= bearable
}

/// Where fragments begin: at every segment, and between two of them at those times in `starts` that make fragments
/// of about a second or more.
pub(super) fn fragments(starts: &[i64], segments: &[i64]) -> Vec<i64> {
    let mut fragments: Vec<i64> = Vec::new();
    for &start in starts {
        let long_enough = fragments.last().is_none_or(|last| start - last >= SHORTEST_FRAGMENT_US);
        if long_enough || segments.binary_search(&start).is_ok() {
            fragments.push(start);
        }
    }
    fragments
}

/// Where others begin a group of pictures and this one, which lasts that long, does not.
pub(super) fn missing(keys: &Keys, others: &[&Keys]) -> Vec<i64> {
    let mut missing: Vec<i64> = others.iter().flat_map(|other| &other.starts_us).copied().collect();
    missing.sort_unstable();
    missing.retain(|us| !keys.allows(*us));
    missing.dedup_by(|next, kept| *next - *kept <= 2 * keys.half_frame_us);
    missing
}

#[cfg(test)]
mod tests {
    use super::*;

    const TARGET: Duration = Duration::from_secs(6);

    /// Groups every `every` milliseconds, for so many seconds.
    fn keys(every: i64, seconds: i64) -> Keys {
        let starts_us = (0..seconds * 1000).step_by(every as usize).map(|ms| ms * 1000).collect();
        Keys { starts_us, end_us: seconds * 1_000_000, half_frame_us: 20_000 }
    }

    #[test]
    fn segments_begin_at_the_key_frame_nearest_to_the_target() {
        let seconds = |keys: &Keys| -> Vec<f64> {
            segments(&keys.starts_us, keys.end_us, TARGET).iter().map(|us| *us as f64 / 1e6).collect()
        };
        assert_eq!(seconds(&keys(2000, 15)), [0.0, 6.0, 12.0]);
        assert_eq!(seconds(&keys(2500, 15)), [0.0, 5.0, 10.0]);
        assert_eq!(seconds(&keys(10_000, 25)), [0.0, 10.0, 20.0]);
        let tail = Keys { end_us: 12_400_000, ..keys(2000, 13) };
        assert_eq!(seconds(&tail), [0.0, 6.0], "a tail of 0.4 s joins");
    }

    #[test]
    fn only_what_all_have_is_common_and_rounding_does_not_count() {
        let (two, three) = (keys(2000, 20), keys(3000, 20));
        assert_eq!(common(&[&two, &three]), [0, 6_000_000, 12_000_000, 18_000_000]);
        let rounded = Keys { starts_us: two.starts_us.iter().map(|us| us + 19_000).collect(), ..two.clone() };
        assert_eq!(common(&[&two, &rounded]), two.starts_us);
        let late = Keys { starts_us: two.starts_us.iter().map(|us| us + 300_000).collect(), ..two.clone() };
        assert_eq!(common(&[&two, &late]), Vec::<i64>::new());
    }

    #[test]
    fn a_track_that_ends_early_asks_for_nothing_more() {
        assert_eq!(common(&[&keys(2000, 5), &keys(2000, 9)]), [0, 2, 4, 6, 8].map(|s| s * 1_000_000));
    }

    #[test]
    fn tracks_fit_unless_segments_become_far_too_long() {
        assert!(fit(&[&keys(2000, 60), &keys(3000, 60)], TARGET));
        assert!(!fit(&[&keys(2000, 60), &keys(6500, 60)], TARGET), "they meet every 26 s");
        assert!(fit(&[&keys(30_000, 90), &keys(2000, 90)], TARGET), "one of them has no more to give");
        let late = Keys { starts_us: vec![300_000], end_us: 2_000_000, half_frame_us: 20_000 };
        assert!(!fit(&[&keys(2000, 2), &late], TARGET));
    }

    #[test]
    fn what_is_missing_is_told_once() {
        let (two, four) = (keys(2000, 9), keys(4000, 9));
        assert_eq!(missing(&four, &[&two, &two]), [2_000_000, 6_000_000]);
        assert_eq!(missing(&two, &[&four]), Vec::<i64>::new());
    }

    #[test]
    fn fragments_of_an_all_intra_track_last_a_second() {
        let all = keys(40, 5);
        let fragments = fragments(&all.starts_us, &[0, 2_400_000]);
        assert_eq!(fragments, [0, 1_000_000, 2_000_000, 2_400_000, 3_400_000, 4_400_000]);
    }
}
