//! The window that slides over a live programme: what players are offered, and what may go. Pure.

use std::collections::VecDeque;

use crate::media::SegmentNumber;
use crate::plan::Window;

/// What players are offered no longer, and up to which segment it stays.
pub(super) type Behind = (u64, Vec<String>);

/// Which segments of a live programme players are offered, and which still stand behind them.
#[derive(Debug)]
pub(super) struct Sliding {
    window: Window,
    first: u64,
    last: u64,
    behind: VecDeque<Behind>,
}

impl Sliding {
    /// A window before the first segment.
    pub(super) fn new(window: Window) -> Self {
        Self::over(window, VecDeque::new())
    }

    /// The same where this stands from before.
    pub(super) fn over(window: Window, behind: VecDeque<Behind>) -> Self {
        Self { window, first: 1, last: 0, behind }
    }

    /// Players are offered no more than so many segments, and these stand no longer behind that, from now on; nor does
    /// what they are offered no longer already, which else would keep everything that comes behind it.
    pub(super) fn narrow(&mut self, window: Window) {
        self.window = window;
        let longest = self.last + window.kept_behind();
        self.behind.iter_mut().for_each(|(until, _)| *until = longest.min(*until));
    }

    /// The programme has come to the segment `last`. Gives the first one that is offered.
    pub(super) fn advance(&mut self, last: SegmentNumber) -> SegmentNumber {
        self.last = last.0;
        self.first = self.first.max((last.0 + 1).saturating_sub(self.window.segments));
        SegmentNumber(self.first)
    }

    /// These objects are offered no longer, from now on.
    pub(super) fn leave(&mut self, keys: Vec<String>) {
        if !keys.is_empty() {
            self.behind.push_back((self.last + self.window.kept_behind(), keys));
        }
    }

    /// The objects that nobody can want any more.
    pub(super) fn done_with(&mut self) -> Vec<String> {
        let count = self.behind.partition_point(|(until, _)| *until <= self.last);
        self.behind.drain(..count).flat_map(|(_, keys)| keys).collect()
    }

    /// What stands and is offered no longer, and until when.
    pub(super) fn stands_until(&self) -> &VecDeque<Behind> {
        &self.behind
    }

    /// The objects that stand and are offered no longer.
    pub(super) fn behind(&self) -> impl Iterator<Item = &str> {
        self.behind.iter().flat_map(|(_, keys)| keys).map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::{Span, Timescale};

    fn sliding(segments: u64) -> Sliding {
        let segment = Span::new(2, Timescale::new(1));
        Sliding::new(Window { segments, segment, longest: segment })
    }

    /// Which segments stand at each step of a programme, when each is one object.
    fn standing(segments: u64, steps: u64) -> Vec<Vec<u64>> {
        let mut sliding = sliding(segments);
        let (mut stands, mut offered) = (Vec::new(), 1);
        let step = |last: u64| {
            stands.push(last);
            let first = sliding.advance(SegmentNumber(last)).0;
            sliding.leave((offered..first).map(|n| n.to_string()).collect());
            offered = first;
            for key in sliding.done_with() {
                stands.retain(|n| n.to_string() != key);
            }
            stands.clone()
        };
        (1..=steps).map(step).collect()
    }

    #[test]
    fn a_window_holds_its_segments_and_as_many_and_one_stand_behind_it() {
        let steps = standing(3, 12);
        assert_eq!(steps[2], [1, 2, 3]);
        assert_eq!(steps[3], [1, 2, 3, 4]);
        assert_eq!(steps[6], [1, 2, 3, 4, 5, 6, 7], "segment 1 left with segment 4, and four more have come");
        assert_eq!(steps[7], [2, 3, 4, 5, 6, 7, 8]);
        assert_eq!(steps[11], [6, 7, 8, 9, 10, 11, 12]);
    }

    /// RFC 8216bis § 6.2.2: what was removed from a playlist stays for its own length and that of the longest
    /// playlist that named it.
    #[test]
    fn a_segment_stays_for_a_playlist_and_a_segment_after_it_was_offered_last() {
        for window in 3..8 {
            let mut sliding = sliding(window);
            sliding.advance(SegmentNumber(window + 1));
            sliding.leave(vec!["1".to_owned()]);
            let gone_at = (window + 1..).find(|last| {
                sliding.advance(SegmentNumber(*last));
                !sliding.done_with().is_empty()
            });
            assert_eq!(gone_at, Some(window + 1 + window + 1));
        }
    }

    #[test]
    fn a_window_that_is_narrowed_lets_go_what_is_too_much() {
        let mut sliding = sliding(100);
        assert_eq!(sliding.advance(SegmentNumber(50)), SegmentNumber(1));
        sliding.narrow(Window { segments: 6, ..sliding.window });
        assert_eq!(sliding.advance(SegmentNumber(51)), SegmentNumber(46));
        sliding.leave(vec!["1 to 45".to_owned()]);
        assert_eq!((sliding.advance(SegmentNumber(57)), sliding.done_with()), (SegmentNumber(52), vec![]));
        assert_eq!((sliding.advance(SegmentNumber(58)).0, sliding.done_with()), (53, vec!["1 to 45".to_owned()]));
    }

    /// What is behind goes in its order: what stays for long holds up what is there for a moment.
    #[test]
    fn what_was_left_before_a_window_was_narrowed_keeps_nothing_that_comes_after_it() {
        let mut sliding = sliding(100);
        sliding.advance(SegmentNumber(150));
        sliding.leave(vec!["1 to 50".to_owned()]);
        sliding.narrow(Window { segments: 6, ..sliding.window });
        let step = |last: u64| {
            sliding.advance(SegmentNumber(last));
            sliding.leave(vec![last.to_string()]);
            sliding.done_with()
        };
        let gone: Vec<Vec<String>> = (151..160).map(step).collect();
        assert_eq!(gone[..6], vec![Vec::<String>::new(); 6]);
        assert_eq!(gone[6..], [vec!["1 to 50".to_owned()], vec!["151".to_owned()], vec!["152".to_owned()]]);
    }

    #[test]
    fn the_window_never_slides_back() {
        let mut sliding = sliding(3);
        assert_eq!(sliding.advance(SegmentNumber(10)), SegmentNumber(8));
        assert_eq!(sliding.advance(SegmentNumber(10)), SegmentNumber(8));
    }
}
