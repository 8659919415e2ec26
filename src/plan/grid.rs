//! The one grid of a presentation: where fragments and segments begin, in frames and in audio packets.

use std::ops::Range;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::media::{FrameRate, Rounding, SegmentNumber, Span, Timestamp};

/// A tail shorter than this is merged into the segment before it.
const SHORTEST_TAIL: f64 = 0.5;

/// Where fragments (GOPs) and segments begin. Counted in frames of one constant rate, so that the
/// encoder (which frame is a key frame?) and the packager (which segment is this?) cannot disagree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SegmentGrid {
    /// The frame rate that the grid counts in.
    rate: FrameRate,
    /// Frames from one key frame to the next.
    gop_frames: u64,
    /// Fragments in a full segment.
    gops_per_segment: u64,
    /// Frames in the whole presentation.
    frames: u64,
}

/// What an audio track needs to be cut on the grid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AudioUnits {
    /// PCM samples per second.
    pub sample_rate: u32,
    /// PCM samples per packet.
    pub frame_length: u32,
    /// PCM samples before the first real one.
    pub priming: u32,
}

/// Frames of a programme whose end is not known: more than are ever shown (at 60 a second, for 580 years), few
/// enough that all their times can be counted.
const ENDLESS: u64 = 1 << 40;

impl SegmentGrid {
    /// The grid of a programme whose end is not known.
    pub fn endless(rate: FrameRate, gop: Duration, segment: Duration) -> Self {
        Self::new(rate, gop, segment, ENDLESS)
    }

    /// Whether the end of the programme is not known.
    pub fn is_endless(&self) -> bool {
        self.frames >= ENDLESS
    }

    /// The same grid for a programme that has turned out to hold so many frames.
    pub fn ending_at(self, frames: u64) -> Self {
        Self { frames, ..self }
    }

    /// The grid of `frames` frames at `rate`: a GOP is round(gop × rate) frames (at least one), a
    /// segment the whole number of GOPs nearest to `segment` (at least one).
    pub fn new(rate: FrameRate, gop: Duration, segment: Duration, frames: u64) -> Self {
        Self::of_gops(rate, in_frames(gop, rate), segment, frames)
    }

    /// The same with GOPs of `gop_frames` frames, at least one.
    pub fn of_gops(rate: FrameRate, gop_frames: u64, segment: Duration, frames: u64) -> Self {
        let gops_per_segment = (in_frames(segment, rate) as f64 / gop_frames as f64).round().max(1.0);
        Self { rate, gop_frames, gops_per_segment: gops_per_segment as u64, frames }
    }

    /// The frame rate that the grid counts in.
    pub fn rate(&self) -> FrameRate {
        self.rate
    }

    /// Frames in the whole presentation.
    pub fn frames(&self) -> u64 {
        self.frames
    }

    /// Frames from one key frame to the next.
    pub fn gop_frames(&self) -> u64 {
        self.gop_frames
    }

    /// Frames of a full segment.
    pub fn segment_frames(&self) -> u64 {
        self.gop_frames * self.gops_per_segment
    }

    /// Length of the presentation.
    pub fn duration(&self) -> Span {
        self.span_of(self.frames)
    }

    /// Length of a full segment.
    pub fn segment_duration(&self) -> Span {
        self.span_of(self.segment_frames())
    }

    /// Number of segments; the presentation holds at least one.
    pub fn segments(&self) -> u64 {
        let full = self.frames / self.segment_frames();
        let tail = self.frames % self.segment_frames();
        let tail_stands = tail as f64 / self.rate.as_f64() >= SHORTEST_TAIL;
        (full + u64::from(tail_stands)).max(1)
    }

    /// Number of fragments: one per GOP.
    pub fn fragments(&self) -> u64 {
        self.frames.div_ceil(self.gop_frames).max(1)
    }

    /// The segment that a frame is in.
    pub fn segment_of(&self, frame: u64) -> SegmentNumber {
        SegmentNumber((frame / self.segment_frames() + 1).min(self.segments()))
    }

    /// Whether a frame is the first of a segment.
    pub fn starts_segment(&self, frame: u64) -> bool {
        frame.is_multiple_of(self.segment_frames()) && frame / self.segment_frames() < self.segments()
    }

    /// Whether a frame is the first of a fragment, and so a key frame.
    pub fn starts_fragment(&self, frame: u64) -> bool {
        frame.is_multiple_of(self.gop_frames)
    }

    /// The frames of a segment.
    pub fn frames_of(&self, segment: SegmentNumber) -> Range<u64> {
        let start = (segment.0 - 1) * self.segment_frames();
        let end = if segment.0 >= self.segments() { self.frames } else { start + self.segment_frames() };
        start..end
    }

    /// The first frame of the `fragment`-th GOP, counted from 0.
    pub fn fragment_start(&self, fragment: u64) -> u64 {
        (fragment * self.gop_frames).min(self.frames)
    }

    /// The instant a frame is shown, in the video timescale.
    pub fn time_of(&self, frame: u64) -> Timestamp {
        Timestamp::new((frame * self.rate.frame().ticks()) as i64, self.rate.timescale())
    }

    /// The length of `frames` frames.
    pub fn span_of(&self, frames: u64) -> Span {
        Span::new(frames * self.rate.frame().ticks(), self.rate.timescale())
    }

    /// The first packet of the `fragment`-th fragment of an audio track: the packet nearest to the
    /// cumulative video boundary, so that rounding never adds up.
    pub fn audio_fragment_start(&self, fragment: u64, units: AudioUnits) -> u64 {
        if fragment == 0 {
            return 0;
        }
        let scale = crate::media::Timescale::new(units.sample_rate);
        let at = self.time_of(self.fragment_start(fragment)).rescale(scale, Rounding::Nearest).ticks() as u64;
        let length = u64::from(units.frame_length);
        let nearest = (at + u64::from(units.priming) + length / 2) / length;
        nearest.min(self.audio_packets(units))
    }

    /// Packets of an audio track that lasts as long as the grid: the last one reaches its end.
    pub fn audio_packets(&self, units: AudioUnits) -> u64 {
        let scale = crate::media::Timescale::new(units.sample_rate);
        let samples = self.duration().rescale(scale, Rounding::Up).ticks();
        (samples + u64::from(units.priming)).div_ceil(units.frame_length.into())
    }
}

fn in_frames(length: Duration, rate: FrameRate) -> u64 {
    (length.as_secs_f64() * rate.as_f64()).round().max(1.0) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn grid(rate: FrameRate, frames: u64) -> SegmentGrid {
        SegmentGrid::new(rate, 2 * SECOND, 6 * SECOND, frames)
    }

    fn ntsc() -> FrameRate {
        FrameRate::new(30_000, 1001).expect("positive")
    }

    #[test]
    fn ntsc_gops_are_sixty_frames_and_segments_three_of_them() {
        let grid = grid(ntsc(), 1000);
        assert_eq!((grid.gop_frames(), grid.segment_frames()), (60, 180));
        assert_eq!(grid.segment_duration().as_seconds(), 6.006);
    }

    #[test]
    fn a_programme_without_a_known_end_has_times_for_centuries() {
        let endless = SegmentGrid::endless(ntsc(), 2 * SECOND, 6 * SECOND);
        let units = AudioUnits { sample_rate: 48_000, frame_length: 1024, priming: 1024 };
        assert!(endless.is_endless() && !grid(ntsc(), 1000).is_endless());
        assert!(endless.duration().as_seconds() > 1e10);
        assert!(endless.audio_packets(units) > 1 << 40);
        assert_eq!(endless.ending_at(1000), grid(ntsc(), 1000));
    }

    #[test]
    fn a_tail_shorter_than_half_a_second_joins_the_segment_before_it() {
        let tail = |frames: u64| {
            let grid = grid(FrameRate::whole(25), 150 + frames);
            (grid.segments(), grid.frames_of(SegmentNumber(1)).end)
        };
        assert_eq!(tail(12), (1, 162));
        assert_eq!(tail(13), (2, 150));
    }

    #[test]
    fn a_clip_shorter_than_a_segment_is_one_segment() {
        let grid = grid(FrameRate::whole(25), 3);
        assert_eq!((grid.segments(), grid.fragments()), (1, 1));
        assert_eq!(grid.frames_of(SegmentNumber(1)), 0..3);
    }

    #[test]
    fn audio_cuts_stay_within_half_a_packet_of_the_video() {
        let units = AudioUnits { sample_rate: 48_000, frame_length: 1024, priming: 1024 };
        let grid = grid(ntsc(), 200_000);
        for fragment in 1..grid.fragments() {
            let packet = grid.audio_fragment_start(fragment, units) as f64;
            let audio = (packet * 1024.0 - 1024.0) / 48_000.0;
            let video = grid.time_of(grid.fragment_start(fragment)).as_seconds();
            assert!((audio - video).abs() <= 512.5 / 48_000.0, "fragment {fragment}: {audio} and {video}");
        }
    }
}
