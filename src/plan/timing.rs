//! Which part of the source is taken, and the one constant frame rate it gets.

use super::Error;
use crate::config::Settings;
use crate::media::FrameRate;
use crate::source::{AudioInfo, SourceInfo, VideoInfo};

/// What screen recorders count in, besides the common rates.
const SCREENS: [FrameRate; 2] = [FrameRate::whole(20), FrameRate::whole(100)];
/// A source that shows one picture, or does not say how fast it shows them.
const UNKNOWN: FrameRate = FrameRate::whole(25);
/// The slowest rate that is written.
const SLOWEST: FrameRate = FrameRate::whole(1);
/// The virtual frames on which sound without pictures is cut.
pub(super) const SOUND_ONLY: FrameRate = FrameRate::whole(50);
/// A rate this near to a standard one is meant to be it: 2997/125 is 24000/1001 as a container rounds it.
const SAME_RATE: f64 = 1e-5;
/// Rates above this are time bases that a container gives for want of a frame rate.
const FASTEST: f64 = 999.0;
/// Numerators above this make timescales too fine to count a long programme in.
const FINEST: u32 = 1_000_000;
/// Programmes longer than this come of damaged timestamps.
const LONGEST_HOURS: i64 = 1000;

const MICROSECONDS: i64 = 1_000_000;

/// Microseconds of sound before the first slot that are given up rather than showing a picture for a
/// frame more.
const MOST_SOUND_LOST: f64 = 25_000.0;

/// The part of the source's timeline that is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Programme {
    /// Where it begins, in microseconds of the source's timeline.
    pub(super) origin_us: i64,
    /// How long it lasts in microseconds; nothing when the source does not tell.
    length_us: i64,
}

impl Programme {
    /// From the earliest beginning to the latest end of the chosen streams, cut to `--start` and `--end`.
    pub(super) fn new(
        info: &SourceInfo,
        video: Option<&VideoInfo>,
        audio: &[&AudioInfo],
        settings: &Settings,
    ) -> Result<Self, Error> {
        let (source_start, source_end) = extent(info, video, audio);
        let length = source_end.saturating_sub(source_start).max(0);
        let start = settings.start.map_or(Ok(0), |at| position("start", at))?;
        if start > 0 && start >= length {
            let start = settings.start.unwrap_or_default();
            return Err(Error::StartBeyondEnd { input: info.input.clone(), start, length: to_seconds(length) });
        }
        let asked_end = settings.end.map(|at| position("end", at)).transpose()?;
        if asked_end.is_some_and(|end| end <= start) {
            let (start, end) = (settings.start.unwrap_or_default(), settings.end.unwrap_or_default());
            return Err(Error::EndBeforeStart { start, end });
        }
        let length_us = asked_end.map_or(length, |end| end.min(length)).saturating_sub(start).max(0);
        if length_us > LONGEST_HOURS * 3600 * MICROSECONDS {
            return Err(Error::TooLong { input: info.input.clone(), hours: to_seconds(length_us) / 3600.0 });
        }
        Ok(Self { origin_us: source_start.saturating_add(start), length_us })
    }

    /// The same part, begun where a slot of the grid shows a picture of the source just when it is
    /// due: a frame earlier at the most. Otherwise pictures and sound would be apart by
    /// what rounding the first picture to a slot takes, and pictures that fall between two slots
    /// would come now in one, now in the other.
    pub(super) fn on_pictures(self, video: &VideoInfo, rate: FrameRate) -> Self {
        let frame = MICROSECONDS as f64 / rate.as_f64();
        let slots = self.origin_us.saturating_sub(video.start_us) as f64 / frame;
        let loses_sound = (slots.round() - slots) * frame > MOST_SOUND_LOST;
        let slot = if loses_sound { slots.floor() } else { slots.round() };
        let origin_us = video.start_us.saturating_add((slot * frame).round() as i64);
        let moved = origin_us.saturating_sub(self.origin_us);
        Self { origin_us, length_us: self.length_us.saturating_sub(moved).max(0) }
    }

    /// The same part from `us` of the source's timeline on.
    pub(super) fn beginning_at(self, us: i64) -> Self {
        let moved = us.saturating_sub(self.origin_us);
        Self { origin_us: us, length_us: self.length_us.saturating_sub(moved).max(0) }
    }

    /// Its length in frames of `rate`; at least one.
    pub(super) fn frames(self, rate: FrameRate) -> u64 {
        let numerator = i128::from(self.length_us) * i128::from(rate.num());
        let denominator = i128::from(MICROSECONDS) * i128::from(rate.den());
        u64::try_from((numerator + denominator / 2) / denominator).unwrap_or(1).max(1)
    }
}

/// When the chosen streams begin and end. The source knows it for all of its streams together.
fn extent(info: &SourceInfo, video: Option<&VideoInfo>, audio: &[&AudioInfo]) -> (i64, i64) {
    if video.iter().count() == info.video.len() && audio.len() == info.audio.len() {
        return (info.start_us, info.end_us);
    }
    let of_video = video.iter().map(|v| (v.start_us, v.end_us));
    let of_audio = audio.iter().map(|a| (a.start_us, a.end_us));
    of_video
        .chain(of_audio)
        .reduce(|(start, end), (s, e)| (start.min(s), end.max(e)))
        .unwrap_or((info.start_us, info.end_us))
}

/// A position that a user typed, in microseconds.
fn position(setting: &'static str, seconds: f64) -> Result<i64, Error> {
    if !(0.0..=1e9).contains(&seconds) {
        return Err(Error::OutOfRange { setting, value: seconds, allowed: "a number of seconds from 0" });
    }
    Ok((seconds * MICROSECONDS as f64).round() as i64)
}

fn to_seconds(us: i64) -> f64 {
    us as f64 / MICROSECONDS as f64
}

/// The constant rate of all renditions: the source's own, or the standard one nearest to its
/// average, divided by a whole number when it is above `limit` and never below 1.
pub(super) fn output_rate(video: &VideoInfo, limit: FrameRate) -> FrameRate {
    let natural = natural_rate(video);
    at_least_one(limited(natural, limit))
}

fn natural_rate(video: &VideoInfo) -> FrameRate {
    let Some(timing) = &video.timing else {
        return video.declared_rate.and_then(credible).unwrap_or(UNKNOWN);
    };
    let mean = timing.mean_rate;
    if timing.frames <= 1 || !mean.is_finite() || mean <= 0.0 {
        return UNKNOWN;
    }
    timing.exact_rate.and_then(credible).unwrap_or_else(|| nearest_standard(mean))
}

/// The rate as it is meant, unless it cannot be.
fn credible(rate: FrameRate) -> Option<FrameRate> {
    let standard = nearest_standard(rate.as_f64());
    if (rate.as_f64() / standard.as_f64() - 1.0).abs() < SAME_RATE {
        return Some(standard);
    }
    (rate.as_f64() <= FASTEST && rate.num() <= FINEST && rate.den() <= FINEST).then_some(rate)
}

/// The standard rate nearest to `mean`; of two that are as near, the slower.
pub(super) fn nearest_standard(mean: f64) -> FrameRate {
    let distance = |rate: FrameRate| (rate.as_f64() - mean).abs();
    FrameRate::common()
        .chain(SCREENS)
        .min_by(|a, b| distance(*a).total_cmp(&distance(*b)).then(a.as_f64().total_cmp(&b.as_f64())))
        .unwrap_or(UNKNOWN)
}

/// The rate divided by the smallest whole number that brings it to `limit`.
fn limited(rate: FrameRate, limit: FrameRate) -> FrameRate {
    let speed = u64::from(rate.num()) * u64::from(limit.den());
    let allowed = u64::from(limit.num()) * u64::from(rate.den());
    u32::try_from(speed.div_ceil(allowed)).ok().and_then(|divisor| rate.divided(divisor)).unwrap_or(limit)
}

/// The rate, or the smallest whole multiple of it that reaches 1, because players expect a picture at
/// least every second. Where that has too fine a timescale, 1 itself.
fn at_least_one(rate: FrameRate) -> FrameRate {
    let multiple = rate.den().div_ceil(rate.num());
    let raised = rate.num().checked_mul(multiple).and_then(|num| FrameRate::new(num, rate.den()));
    raised.filter(|rate| rate.num() <= FINEST).unwrap_or(SLOWEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rate(text: &str) -> FrameRate {
        text.parse().expect("the tests write rates well")
    }

    #[test]
    fn fast_rates_are_divided_by_the_smallest_whole_number() {
        let at_most_sixty = |text: &str| limited(rate(text), rate("60")).to_string();
        assert_eq!(at_most_sixty("120000/1001"), "60000/1001");
        assert_eq!(at_most_sixty("144"), "48");
        assert_eq!(at_most_sixty("60"), "60");
        assert_eq!(at_most_sixty("60000/1001"), "60000/1001");
    }

    #[test]
    fn slow_rates_are_multiplied_to_one_picture_a_second() {
        let raised = |text: &str| at_least_one(rate(text)).to_string();
        assert_eq!(raised("1/10"), "1");
        assert_eq!(raised("3/10"), "6/5");
        assert_eq!(raised("1"), "1");
        assert_eq!(raised("339837/777677"), "1");
    }

    #[test]
    fn a_rate_that_a_container_rounded_is_the_standard_one_and_a_time_base_is_none() {
        assert_eq!(credible(rate("2997/125")), Some(rate("24000/1001")));
        assert_eq!(credible(rate("10000000/333667")), Some(rate("30000/1001")));
        assert_eq!(credible(rate("90000/1")), None);
        assert_eq!(credible(rate("5")), Some(rate("5")));
    }

    #[test]
    fn averages_become_the_nearest_standard_rate() {
        let snapped = |mean: f64| nearest_standard(mean).to_string();
        assert_eq!(snapped(23.98), "24000/1001");
        assert_eq!(snapped(29.4), "30000/1001");
        assert_eq!(snapped(59.93), "60000/1001");
        assert_eq!(snapped(0.3), "10");
        assert_eq!(snapped(12.4), "25/2");
        assert_eq!(snapped(11.0), "10");
        assert_eq!(snapped(21.0), "20");
    }
}
