//! Where fragments and segments begin, told from decode times alone.

use super::told::{Cut, Told};
use crate::media::{SegmentNumber, Span, Timescale, Timestamp, TrackConfig, TrackMedia};
use crate::plan::{AudioUnits, Cuts, SegmentGrid};

/// Where a sample belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Its segment.
    pub segment: SegmentNumber,
    /// Its fragment among those of the track, counted from 0. Some of a grid hold no audio packet.
    pub fragment: u64,
    /// The track may begin with it: it is the first sample of its segment.
    pub begins: bool,
}

/// A time that the grid of the presentation does not have.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum OffGrid {
    /// Times are counted in another scale than the grid's.
    #[error("times count {found} ticks per second where the grid has {expected}")]
    Timescale {
        /// The scale of the grid.
        expected: u32,
        /// The scale that came.
        found: u32,
    },
    /// The time is not a whole number of frames or packets.
    #[error("decode time {at} is no multiple of the {unit} ticks of a frame")]
    Between {
        /// The time.
        at: i64,
        /// Ticks per frame or packet.
        unit: u64,
    },
    /// The sample lies before the start or behind the end.
    #[error("decode time {at} is outside of the {samples} frames of {unit} ticks that were planned")]
    Outside {
        /// The time.
        at: i64,
        /// Frames or packets in the presentation.
        samples: u64,
        /// Ticks per frame or packet.
        unit: u64,
    },
}

/// Cuts one track. Knows no samples: shards need not know of each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segmenter(By);

#[derive(Clone, Debug, PartialEq, Eq)]
enum By {
    Grid(OnGrid),
    List(Cuts),
    Told(Told),
}

impl Segmenter {
    /// Cuts on the grid of the presentation. The times of the track are counted in the grid's own scale
    /// (pictures) or in PCM samples (sound).
    pub fn on_grid(grid: SegmentGrid, track: &TrackConfig) -> Result<Self, OffGrid> {
        OnGrid::new(grid, track).map(By::Grid).map(Self)
    }

    /// Cuts where the list says.
    pub fn at(cuts: Cuts) -> Self {
        Self(By::List(cuts))
    }

    /// Cuts where it is told, in a track of this scale. A sample belongs where the tick `reach` behind its start lies.
    pub fn told(scale: Timescale, reach: i64) -> Self {
        Self(By::Told(Told::new(scale, reach)))
    }

    /// Tells where the next fragment begins. What cuts by itself needs not be told.
    pub fn tell(&mut self, cut: Cut) -> Result<(), OffGrid> {
        if let By::Told(told) = &mut self.0 {
            same_scale(told.scale(), cut.at)?;
            told.tell(cut.at.ticks(), cut.segment);
        }
        Ok(())
    }

    /// Nothing before `dts` is asked for any more.
    pub(super) fn pass(&mut self, dts: Timestamp) {
        if let By::Told(told) = &mut self.0 {
            told.pass(dts.ticks());
        }
    }

    /// Where the sample at `dts` belongs.
    pub fn place(&self, dts: Timestamp) -> Result<Place, OffGrid> {
        match &self.0 {
            By::Grid(grid) => grid.place(dts),
            By::List(cuts) => {
                same_scale(cuts.scale(), dts)?;
                let fragment = cuts.fragment_of(dts.ticks());
                Ok(Place { segment: cuts.segment_of(fragment), fragment, begins: true })
            }
            By::Told(told) => {
                same_scale(told.scale(), dts)?;
                let (segment, fragment) = told.place(dts.ticks());
                Ok(Place { segment, fragment, begins: true })
            }
        }
    }

    /// Whether the sample at `dts` is the last of its segment when it lasts for `duration`. A list does not say
    /// where its last segment ends.
    pub fn ends_segment(&self, dts: Timestamp, duration: Span) -> Result<bool, OffGrid> {
        match &self.0 {
            By::Grid(grid) => grid.ends_segment(dts, duration),
            By::List(_) | By::Told(_) => Ok(self.place(dts)?.segment != self.place(dts.after(duration))?.segment),
        }
    }

    /// When the segment will be presented on a grid, priming excluded, and how long. A list does not know.
    pub fn planned(&self, segment: SegmentNumber) -> Option<(Timestamp, Span)> {
        match &self.0 {
            By::Grid(grid) => Some(grid.planned(segment)),
            By::List(_) | By::Told(_) => None,
        }
    }

    /// Whether segments may hold nothing: a list goes on where a track has a gap, and begins before a late track.
    pub fn may_skip(&self) -> bool {
        match &self.0 {
            By::Grid(_) | By::Told(_) => false,
            By::List(_) => true,
        }
    }

    /// The segment that may be shorter than planned: the last one of a grid, any where that is not known; a list has
    /// none that it knows.
    pub fn may_end_in(&self, segment: SegmentNumber) -> bool {
        match &self.0 {
            By::Grid(on) => on.grid.is_endless() || segment.0 >= on.grid.segments(),
            By::List(_) | By::Told(_) => true,
        }
    }
}

fn same_scale(expected: Timescale, at: Timestamp) -> Result<(), OffGrid> {
    if at.scale() == expected {
        return Ok(());
    }
    Err(OffGrid::Timescale { expected: expected.hz(), found: at.scale().hz() })
}

/// Cuts one track on the grid of the presentation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct OnGrid {
    grid: SegmentGrid,
    scale: Timescale,
    count: Count,
}

/// What the decode times of a track count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Count {
    /// Frames of the grid. GOPs are closed and the rate is constant, so the coded sample at frame `i`
    /// of the decode timeline belongs to GOP `i / gop_frames`, in whichever order frames are shown.
    Frames,
    /// Audio packets, priming included.
    Packets(AudioUnits),
}

impl OnGrid {
    fn new(grid: SegmentGrid, track: &TrackConfig) -> Result<Self, OffGrid> {
        let (scale, count) = match &track.media {
            TrackMedia::Video(_) | TrackMedia::Text => (grid.rate().timescale().hz(), Count::Frames),
            TrackMedia::Audio(audio) => {
                let (sample_rate, frame_length, priming) = (audio.sample_rate, audio.frame_length, audio.priming);
                (sample_rate, Count::Packets(AudioUnits { sample_rate, frame_length: frame_length.max(1), priming }))
            }
        };
        if scale != track.timescale.hz() {
            return Err(OffGrid::Timescale { expected: scale, found: track.timescale.hz() });
        }
        Ok(Self { grid, scale: track.timescale, count })
    }

    fn place(&self, dts: Timestamp) -> Result<Place, OffGrid> {
        let index = self.index(dts)?;
        let fragment = self.fragment_of(index);
        let segment = self.segment_of(fragment);
        let before = index.checked_sub(1).map(|before| self.segment_of(self.fragment_of(before)));
        Ok(Place { segment, fragment, begins: before != Some(segment) })
    }

    fn ends_segment(&self, dts: Timestamp, duration: Span) -> Result<bool, OffGrid> {
        let index = self.index(dts)?;
        let next = index + duration.ticks().div_ceil(self.unit());
        let segment = |index| self.segment_of(self.fragment_of(index));
        Ok(next >= self.samples() || segment(next) != segment(index))
    }

    fn planned(&self, segment: SegmentNumber) -> (Timestamp, Span) {
        let frames = self.grid.frames_of(segment);
        let at = |frame: u64| match self.count {
            Count::Frames => self.grid.time_of(frame).ticks() as u64,
            Count::Packets(units) => {
                let packet = self.grid.audio_fragment_start(frame.div_ceil(self.grid.gop_frames()), units);
                (packet * self.unit()).saturating_sub(units.priming.into())
            }
        };
        let (start, end) = (at(frames.start), at(frames.end));
        (Timestamp::new(start as i64, self.scale), Span::new(end - start, self.scale))
    }

    /// Ticks of a frame or packet.
    fn unit(&self) -> u64 {
        match self.count {
            Count::Frames => self.grid.rate().frame().ticks(),
            Count::Packets(units) => units.frame_length.into(),
        }
    }

    /// Frames or packets in the presentation.
    fn samples(&self) -> u64 {
        match self.count {
            Count::Frames => self.grid.frames(),
            Count::Packets(units) => self.grid.audio_packets(units),
        }
    }

    /// The frame or packet at `dts`.
    fn index(&self, dts: Timestamp) -> Result<u64, OffGrid> {
        same_scale(self.scale, dts)?;
        let (at, unit, samples) = (dts.ticks(), self.unit(), self.samples());
        let ticks = u64::try_from(at).map_err(|_| OffGrid::Outside { at, samples, unit })?;
        if !ticks.is_multiple_of(unit) {
            return Err(OffGrid::Between { at, unit });
        }
        if ticks / unit >= samples {
            return Err(OffGrid::Outside { at, samples, unit });
        }
        Ok(ticks / unit)
    }

    /// The fragment of a frame or packet of the presentation.
    fn fragment_of(&self, index: u64) -> u64 {
        match self.count {
            Count::Frames => index / self.grid.gop_frames(),
            Count::Packets(units) => {
                // The last fragment that starts at or before the packet; those before it with the same
                // start hold nothing, as does one at the end that starts where the packets end.
                let (mut at, mut beyond) = (0, self.grid.fragments());
                while beyond - at > 1 {
                    let middle = at + (beyond - at) / 2;
                    if self.grid.audio_fragment_start(middle, units) <= index {
                        at = middle;
                    } else {
                        beyond = middle;
                    }
                }
                at
            }
        }
    }

    fn segment_of(&self, fragment: u64) -> SegmentNumber {
        self.grid.segment_of(self.grid.fragment_start(fragment))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::media::FrameRate;
    use crate::package::tests::{pictures, sound};

    fn grid(frames: u64) -> SegmentGrid {
        SegmentGrid::new(FrameRate::whole(25), Duration::from_secs(2), Duration::from_secs(6), frames)
    }

    /// What the first sample of a fragment begins.
    #[derive(Debug, PartialEq)]
    enum Cut {
        Fragment,
        Segment(u64),
    }

    fn cuts(segmenter: OnGrid, unit: u64, samples: u64) -> Vec<(u64, Cut)> {
        let place = |index: u64| {
            segmenter.place(Timestamp::new((index * unit) as i64, segmenter.scale)).expect("inside of the grid")
        };
        let mut fragment = None;
        let mut cuts = Vec::new();
        for index in 0..samples {
            let place = place(index);
            if fragment.replace(place.fragment) != Some(place.fragment) {
                cuts.push((index, if place.begins { Cut::Segment(place.segment.0) } else { Cut::Fragment }));
            } else {
                assert!(!place.begins);
            }
        }
        cuts
    }

    #[test]
    fn pictures_are_cut_at_every_gop_and_every_third_begins_a_segment() {
        let segmenter = OnGrid::new(grid(320), &pictures(FrameRate::whole(25))).expect("the grid's scale");
        let segment = Cut::Segment;
        let expected = [0, 50, 100, 150, 200, 250, 300].map(|frame| {
            (
                frame,
                match frame {
                    0 => segment(1),
                    150 => segment(2),
                    300 => segment(3),
                    _ => Cut::Fragment,
                },
            )
        });
        assert_eq!(cuts(segmenter, 1000, 320), expected);
    }

    #[test]
    fn sound_is_cut_at_the_packet_nearest_to_each_gop() {
        let segmenter = OnGrid::new(grid(320), &sound(48_000, 1024)).expect("PCM samples");
        // 2 s are 93.75 packets and the priming is one more.
        let segment = Cut::Segment;
        let found = cuts(segmenter, 1024, 601);
        assert_eq!(found[..4], [(0, segment(1)), (95, Cut::Fragment), (189, Cut::Fragment), (282, segment(2))]);
        assert_eq!(found[6], (564, segment(3)));
    }

    #[test]
    fn a_fragment_without_a_packet_is_no_cut() {
        // GOPs of one frame at 60 fps are shorter than a packet of AAC.
        let tiny = SegmentGrid::new(FrameRate::whole(60), Duration::from_millis(16), Duration::from_secs(1), 120);
        let segmenter = OnGrid::new(tiny, &sound(48_000, 1024)).expect("PCM samples");
        let found = cuts(segmenter, 1024, 95);
        let segments: Vec<_> = found.iter().filter(|(_, cut)| *cut != Cut::Fragment).map(|(at, _)| *at).collect();
        assert_eq!(segments, [0, 48]);
        // 120 fragments share 95 packets; the first one holds two, since the priming comes before it.
        assert_eq!(found.len(), 94);
    }

    #[test]
    fn the_last_sample_of_a_segment_is_known_by_count() {
        let segmenter = OnGrid::new(grid(320), &pictures(FrameRate::whole(25))).expect("the grid's scale");
        let ends = |frame: i64, frames: u64| {
            let scale = segmenter.scale;
            segmenter.ends_segment(Timestamp::new(frame * 1000, scale), Span::new(frames * 1000, scale))
        };
        assert_eq!(
            (ends(148, 1), ends(149, 1), ends(100, 50), ends(319, 1)),
            (Ok(false), Ok(true), Ok(true), Ok(true))
        );
    }

    #[test]
    fn times_off_the_grid_are_refused() {
        let segmenter = OnGrid::new(grid(320), &pictures(FrameRate::whole(25))).expect("the grid's scale");
        let place = |at, hz| segmenter.place(Timestamp::new(at, Timescale::new(hz)));
        assert_eq!(place(1, 25_000), Err(OffGrid::Between { at: 1, unit: 1000 }));
        assert_eq!(place(-1000, 25_000), Err(OffGrid::Outside { at: -1000, samples: 320, unit: 1000 }));
        assert_eq!(place(320_000, 25_000), Err(OffGrid::Outside { at: 320_000, samples: 320, unit: 1000 }));
        assert_eq!(place(0, 90_000), Err(OffGrid::Timescale { expected: 25_000, found: 90_000 }));
    }
}
