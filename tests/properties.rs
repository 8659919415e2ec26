//! What holds for every frame rate, target and length.

#[path = "support/renditions.rs"]
mod renditions;

use std::time::Duration;

use proptest::prelude::*;
use renditions::{coded_pictures, package, packets, pictures, sound};
use streampack::media::{FrameRate, Sample, SegmentNumber, Timestamp, TrackConfig};
use streampack::package::{Packaged, Place, Segmenter};
use streampack::plan::{AudioUnits, Layout, SegmentGrid};

prop_compose! {
    fn rates()(
        rate in prop_oneof![
            Just((24_000, 1001)), Just((24, 1)), Just((25, 1)), Just((30_000, 1001)), Just((30, 1)),
            Just((50, 1)), Just((60_000, 1001)), Just((60, 1)), Just((25, 2)), Just((10_000, 417)),
            (1u32..200, 1u32..8),
        ],
    ) -> FrameRate {
        FrameRate::new(rate.0, rate.1).expect("positive")
    }
}

prop_compose! {
    /// Targets of at least half a second: a segment that is shorter than an audio packet cannot be cut.
    fn grids()(rate in rates(), gop in 100u64..4000, segment in 500u64..9000, frames in 1u64..600) -> SegmentGrid {
        SegmentGrid::new(rate, Duration::from_millis(gop), Duration::from_millis(segment), frames)
    }
}

prop_compose! {
    fn audio_units()(
        sample_rate in prop::sample::select(vec![16_000, 22_050, 24_000, 44_100, 48_000]),
        priming in prop::sample::select(vec![0, 1024, 2048, 2112]),
    ) -> AudioUnits {
        AudioUnits { sample_rate, frame_length: 1024, priming }
    }
}

/// What a sample does to the fragment and segment that are being filled.
#[derive(Debug, PartialEq)]
enum Cut {
    Join,
    Fragment,
    Segment(SegmentNumber),
}

/// The cut of each of `samples` samples of `unit` ticks.
fn cuts(grid: SegmentGrid, track: &TrackConfig, unit: u64, samples: u64) -> Vec<Cut> {
    let segmenter = Segmenter::on_grid(grid, track).expect("the timescale of the grid");
    let at = |index: u64| Timestamp::new((index * unit) as i64, track.timescale);
    let places = (0..samples).map(|index| segmenter.place(at(index)).expect("inside of the grid"));
    let mut before = None;
    let cut = |place: Place| match before.replace(place.fragment) {
        _ if place.begins => Cut::Segment(place.segment),
        Some(fragment) if fragment == place.fragment => Cut::Join,
        _ => Cut::Fragment,
    };
    places.map(cut).collect()
}

fn segments_of(cuts: &[Cut]) -> Vec<u64> {
    cuts.iter().filter_map(|cut| if let Cut::Segment(number) = cut { Some(number.0) } else { None }).collect()
}

/// Packages `samples` by one packager, and by one packager before and one from segment `border` on.
fn in_one_and_in_two(
    track: &TrackConfig,
    grid: SegmentGrid,
    samples: Vec<Sample>,
    border: SegmentNumber,
    layout: Layout,
) -> (Vec<Packaged>, Vec<Packaged>) {
    let segmenter = Segmenter::on_grid(grid, track).expect("the timescale of the grid");
    let starts =
        |sample: &Sample| segmenter.place(sample.dts).is_ok_and(|place| place.begins && place.segment == border);
    let at = samples.iter().position(starts).expect("every segment has a sample");
    let one = package(track, grid, SegmentNumber(1), layout, samples.clone());
    let mut two = package(track, grid, SegmentNumber(1), layout, samples[..at].to_vec());
    two.extend(package(track, grid, border, layout, samples[at..].to_vec()));
    (one, two)
}

proptest! {
    #[test]
    fn segments_start_exactly_where_the_segment_changes(grid in grids()) {
        for frame in 0..grid.frames() {
            let changes = frame == 0 || grid.segment_of(frame) != grid.segment_of(frame - 1);
            prop_assert_eq!(grid.starts_segment(frame), changes, "frame {}", frame);
        }
    }

    #[test]
    fn the_segmenter_cuts_pictures_where_the_grid_has_key_frames(grid in grids()) {
        let cuts = cuts(grid, &pictures(grid.rate()), grid.rate().frame().ticks(), grid.frames());
        for (frame, cut) in (0..).zip(cuts) {
            let expected = match (grid.starts_segment(frame), grid.starts_fragment(frame)) {
                (true, _) => Cut::Segment(grid.segment_of(frame)),
                (false, true) => Cut::Fragment,
                (false, false) => Cut::Join,
            };
            prop_assert_eq!(cut, expected, "frame {}", frame);
        }
    }

    #[test]
    fn sound_has_the_same_segments_as_pictures(grid in grids(), units in audio_units()) {
        let cuts = cuts(grid, &sound(units, "und"), 1024, grid.audio_packets(units));
        prop_assert_eq!(segments_of(&cuts), (1..=grid.segments()).collect::<Vec<_>>());
    }

    #[test]
    fn pictures_do_not_tell_where_shards_meet(grid in grids(), border in any::<prop::sample::Index>()) {
        let border = SegmentNumber(border.index(grid.segments() as usize) as u64 + 1);
        let samples = coded_pictures(&grid, 0..grid.frames()).collect();
        let (one, two) =
            in_one_and_in_two(&pictures(grid.rate()), grid, samples, border, Layout::SegmentFiles);
        prop_assert_eq!(one.len() as u64, grid.segments());
        prop_assert_eq!(one, two);
    }

    #[test]
    fn sound_does_not_tell_where_shards_meet(
        grid in grids(),
        units in audio_units(),
        border in any::<prop::sample::Index>(),
    ) {
        let border = SegmentNumber(border.index(grid.segments() as usize) as u64 + 1);
        let samples = packets(units, 0..grid.audio_packets(units)).collect();
        let (one, two) = in_one_and_in_two(&sound(units, "und"), grid, samples, border, Layout::SingleFile);
        prop_assert_eq!(one.len() as u64, grid.segments());
        prop_assert_eq!(one, two);
    }

    #[test]
    fn presented_fragments_follow_each_other_from_zero(grid in grids(), units in audio_units()) {
        let track = sound(units, "und");
        let samples = packets(units, 0..grid.audio_packets(units));
        let mut next = 0;
        for made in package(&track, grid, SegmentNumber(1), Layout::SegmentFiles, samples) {
            prop_assert_eq!(made.facts.start.ticks(), next);
            for fragment in &made.facts.fragments {
                prop_assert_eq!(fragment.start.ticks(), next);
                next += fragment.duration.ticks() as i64;
            }
        }
        let total = grid.duration().as_seconds();
        let sound = next as f64 / f64::from(units.sample_rate);
        prop_assert!((0.0..1024.5 / f64::from(units.sample_rate)).contains(&(sound - total)), "{} and {}", sound, total);
    }
}
