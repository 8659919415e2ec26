//! Timed text as sources have it in, cues of WebVTT out. Pure.

pub mod ass;
pub mod encoding;
pub mod style;
pub mod webvtt;

use std::cmp::Reverse;

use crate::media::Cue;

/// How long a cue is shown that does not say when it goes, and that no other follows.
const USUAL_US: i64 = 5_000_000;

/// A cue that may not say when it goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// When it appears, in microseconds.
    pub start_us: i64,
    /// When it goes, in microseconds; nothing means: when the next one appears.
    pub end_us: Option<i64>,
    /// Cue settings.
    pub settings: String,
    /// Cue text; an empty one only ends what is shown before it.
    pub text: String,
}

/// The cues of a track in the order of WebVTT: by their starts, and the longer one first. What stands twice is said
/// once: subtitles in several layers repeat themselves.
pub fn in_order(mut lines: Vec<Line>) -> Vec<Cue> {
    lines.sort_by_key(|line| line.start_us);
    let starts: Vec<i64> = lines.iter().map(|line| line.start_us).collect();
    let cue = |(at, line): (usize, Line)| {
        let next = || starts[at..].iter().copied().find(|start| *start > line.start_us);
        let usual = line.start_us.saturating_add(USUAL_US);
        let end_us = line.end_us.unwrap_or_else(|| next().map_or(usual, |next| next.min(usual)));
        let Line { start_us, settings, text, .. } = line;
        Some(Cue { start_us, end_us, settings, text }).filter(|cue| cue.end_us > cue.start_us && !cue.text.is_empty())
    };
    let mut cues: Vec<Cue> = lines.into_iter().enumerate().filter_map(cue).collect();
    cues.sort_by_key(|cue| (cue.start_us, Reverse(cue.end_us)));
    let mut once: Vec<Cue> = Vec::with_capacity(cues.len());
    for cue in cues {
        let repeated = once.iter().rev().take_while(|other| other.start_us == cue.start_us).any(|other| *other == cue);
        if !repeated {
            once.push(cue);
        }
    }
    once
}

/// The cues of a programme that begins at `origin_us` of their timeline and lasts `length_us`, timed from its start.
/// What lies outside of it is left out, and what reaches over its ends is cut.
pub fn within(cues: &[Cue], origin_us: i64, length_us: i64) -> Vec<Cue> {
    let inside = |cue: &Cue| {
        let at = |us: i64| us.saturating_sub(origin_us).clamp(0, length_us.max(0));
        let (start_us, end_us) = (at(cue.start_us), at(cue.end_us));
        (start_us < end_us).then(|| Cue { start_us, end_us, ..cue.clone() })
    };
    cues.iter().filter_map(inside).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(start_us: i64, end_us: Option<i64>, text: &str) -> Line {
        Line { start_us, end_us, settings: String::new(), text: text.to_owned() }
    }

    fn cue(start_us: i64, end_us: i64, text: &str) -> Cue {
        Cue { start_us, end_us, settings: String::new(), text: text.to_owned() }
    }

    #[test]
    fn cues_are_sorted_and_what_stands_twice_is_said_once() {
        let lines = vec![
            line(5_000, Some(6_000), "c"),
            line(1_000, Some(2_000), "a"),
            line(1_000, Some(3_000), "b"),
            line(1_000, Some(2_000), "a"),
        ];
        assert_eq!(in_order(lines), [cue(1_000, 3_000, "b"), cue(1_000, 2_000, "a"), cue(5_000, 6_000, "c")]);
    }

    #[test]
    fn a_cue_without_an_end_stands_until_the_next_one_or_an_empty_one() {
        let lines = vec![line(0, None, "a"), line(900, None, "b"), line(2_000, None, ""), line(3_000, None, "c")];
        assert_eq!(in_order(lines), [cue(0, 900, "a"), cue(900, 2_000, "b"), cue(3_000, 3_000 + USUAL_US, "c")]);
    }

    #[test]
    fn a_cue_that_never_shows_is_left_out() {
        assert_eq!(in_order(vec![line(5, Some(5), "a"), line(9, Some(2), "b"), line(9, Some(20), "")]), []);
    }

    #[test]
    fn a_programme_has_its_own_clock_and_cuts_what_reaches_over_its_ends() {
        let cues =
            [cue(0, 900, "before"), cue(500, 1_500, "begins"), cue(2_000, 2_100, "in"), cue(2_900, 9_000, "ends")];
        let expected = [cue(0, 500, "begins"), cue(1_000, 1_100, "in"), cue(1_900, 2_000, "ends")];
        assert_eq!(within(&cues, 1_000, 2_000), expected);
        assert_eq!(within(&cues, i64::MIN, 10), []);
    }
}
