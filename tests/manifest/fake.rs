//! Presentations made by hand: what a finished run would have stored, without media.

use streampack::manifest::Presentation;
use streampack::media::{
    AudioTrack, CodecConfig, CodecString, ColorInfo, CutNumber, Language, RenditionId, Resolution, SegmentNumber, Span,
    Timescale, Timestamp, TrackConfig, TrackMedia, VideoTrack,
};
use streampack::output::{self, Output, Stored, store};
use streampack::package::{Fragment, InitSegment, Segment, SingleFile};
use streampack::plan::{
    AudioRendition, AudioUnits, Layout, Plan, ThumbnailPlan, TrickRendition, VideoRendition, names,
};
use streampack::thumbs::{Sheet, Sheets};

const INIT_BYTES: u64 = 800;
const STYP_BYTES: u64 = 24;
const PRIMING: u32 = 1024;

/// An output that believes everything.
struct Anywhere;

impl Output for Anywhere {
    fn put(&self, _key: &str, _body: &[u8]) -> Result<(), output::Error> {
        Ok(())
    }

    fn delete(&self, _key: &str) -> Result<(), output::Error> {
        Ok(())
    }
}

fn stored<T>(facts: T) -> Stored<T> {
    store(&Anywhere, "", &[], facts).expect("it stores everything")
}

/// Everything that `plan` promises, stored. Sizes follow the planned bit rates up and down.
pub(crate) fn presentation(plan: &Plan) -> Presentation {
    let mut presentation = Presentation::default();
    if let Some(video) = &plan.video {
        for rendition in &video.renditions {
            let config = video_config(plan, rendition.resolution, video.color);
            add(&mut presentation, plan, &rendition.id, config, video_segments(plan, rendition));
        }
        if let Some(trick) = &video.trick {
            let of = video.renditions.iter().find(|r| r.id == trick.of).expect("it is a rung");
            let config = video_config(plan, of.resolution, video.color);
            add(&mut presentation, plan, &trick.id, config, trick_segments(plan, trick));
        }
        if let Some(thumbnails) = &video.thumbnails {
            presentation.set_sheets(stored(sheets(plan, thumbnails)));
        }
    }
    for rendition in &plan.audio {
        add(&mut presentation, plan, &rendition.id, audio_config(rendition), audio_segments(plan, rendition));
    }
    presentation
}

/// `plan` as one input of `manifest::documents`, and the last segment of `id` missing.
pub(crate) fn presentation_without_the_end_of(plan: &Plan, id: &RenditionId) -> Presentation {
    let whole = presentation(plan);
    let rendition = whole.rendition(id).expect("planned").clone();
    let mut cut = whole;
    cut.add_init(stored(rendition.init));
    let last = SegmentNumber(plan.grid.segments());
    rendition.segments.into_values().filter(|s| s.number < last).for_each(|s| cut.add_segment(stored(s)));
    cut
}

/// What stands of a live programme when every rendition has come to the segment `last`.
pub(crate) fn presentation_up_to(plan: &Plan, last: SegmentNumber) -> Presentation {
    let mut begun = Presentation::default();
    for rendition in presentation(plan).renditions() {
        begun.add_init(stored(rendition.init.clone()));
        let segments = rendition.segments.values().filter(|segment| segment.number <= last);
        segments.for_each(|segment| begun.add_segment(stored(segment.clone())));
    }
    begun
}

fn add(presentation: &mut Presentation, plan: &Plan, id: &RenditionId, track: TrackConfig, segments: Vec<Segment>) {
    let init = InitSegment {
        rendition: id.clone(),
        key: names::init(id),
        bytes: INIT_BYTES,
        track,
        protection: None,
        segment_keys: None,
    };
    presentation.add_init(stored(init));
    let fragments = segments.iter().map(|s| s.fragments.len() as u64).sum::<u64>();
    let index_bytes = 32 + 12 * fragments;
    let mut end = INIT_BYTES + index_bytes;
    let mut segment_offsets = Vec::new();
    for segment in segments {
        segment_offsets.push(end);
        end += segment.bytes;
        presentation.add_segment(stored(segment));
    }
    if plan.layout == Layout::SingleFile {
        let key = names::single(id);
        let file = SingleFile { key, init_bytes: INIT_BYTES, index_bytes, segment_offsets, bytes: end };
        presentation.set_single(id, stored(file));
    }
}

fn video_config(plan: &Plan, resolution: Resolution, color: ColorInfo) -> TrackConfig {
    let level = if resolution.short_side() > 720 { 0x28 } else { 0x1F };
    TrackConfig {
        timescale: plan.grid.rate().timescale(),
        language: Language::undetermined(),
        codec: CodecConfig::Avc(Vec::new()),
        codec_string: CodecString::avc1(0x64, 0, level),
        media: TrackMedia::Video(VideoTrack::new(resolution, color)),
    }
}

fn audio_config(rendition: &AudioRendition) -> TrackConfig {
    let AudioRendition { sample_rate, layout, .. } = *rendition;
    TrackConfig {
        timescale: Timescale::new(sample_rate),
        language: rendition.language.clone(),
        codec: CodecConfig::Aac(Vec::new()),
        codec_string: CodecString::mp4a(2),
        media: TrackMedia::Audio(AudioTrack {
            sample_rate,
            layout,
            frame_length: 1024,
            priming: PRIMING,
            joint_objects: None,
            loudness: None,
        }),
    }
}

/// Where every fragment begins, the end included.
fn edges(plan: &Plan, at: impl Fn(u64) -> Timestamp) -> Vec<Timestamp> {
    (0..=plan.grid.fragments()).map(at).collect()
}

fn video_edges(plan: &Plan) -> Vec<Timestamp> {
    edges(plan, |fragment| plan.grid.time_of(plan.grid.fragment_start(fragment)))
}

fn video_segments(plan: &Plan, rendition: &VideoRendition) -> Vec<Segment> {
    let bps = rendition.encoding.bitrate.as_bps();
    let weight = |fragment: u64| bps * [90, 70, 80, 100, 60, 110, 75][fragment as usize % 7] / 100;
    segments(plan, &rendition.id, &video_edges(plan), weight, |bytes| bytes / 4)
}

fn trick_segments(plan: &Plan, trick: &TrickRendition) -> Vec<Segment> {
    segments(plan, &trick.id, &video_edges(plan), |_| 60_000, |bytes| bytes)
}

fn audio_segments(plan: &Plan, rendition: &AudioRendition) -> Vec<Segment> {
    let units = AudioUnits { sample_rate: rendition.sample_rate, frame_length: 1024, priming: PRIMING };
    let scale = Timescale::new(rendition.sample_rate);
    let end = plan.grid.duration().rescale(scale, streampack::media::Rounding::Up).ticks() as i64;
    let at = |fragment| {
        let packet = plan.grid.audio_fragment_start(fragment, units) as i64;
        let presented = (packet * 1024 - i64::from(PRIMING)).max(0);
        Timestamp::new(if fragment == plan.grid.fragments() { end } else { presented }, scale)
    };
    segments(plan, &rendition.id, &edges(plan, at), |_| rendition.bitrate.as_bps(), |bytes| bytes / 90)
}

fn segments(
    plan: &Plan,
    id: &RenditionId,
    edges: &[Timestamp],
    bits_per_second: impl Fn(u64) -> u64,
    key_bytes: impl Fn(u64) -> u64,
) -> Vec<Segment> {
    let mut segments: Vec<Segment> = Vec::new();
    for fragment in 0..plan.grid.fragments() {
        let number = plan.grid.segment_of(plan.grid.fragment_start(fragment));
        let (start, end) = (edges[fragment as usize], edges[fragment as usize + 1]);
        let duration = end.since(start).expect("edges rise");
        let bytes = (bits_per_second(fragment) as f64 * duration.as_seconds() / 8.0).round() as u64;
        if segments.last().is_none_or(|s| s.number != number) {
            let (rendition, key) = (id.clone(), names::segment(id, number));
            let duration = Span::zero(start.scale());
            let (cut, bytes, fragments) = (CutNumber::of(number), STYP_BYTES, vec![]);
            segments.push(Segment { rendition, number, cut, start, duration, bytes, key, fragments });
        }
        let segment = segments.last_mut().expect("one was just pushed");
        let offset = segment.bytes;
        segment.fragments.push(Fragment { offset, bytes, key_bytes: key_bytes(bytes), start, duration, open: false });
        segment.bytes += bytes;
        segment.duration = segment.duration.plus(duration);
    }
    segments
}

fn sheets(plan: &Plan, thumbnails: &ThumbnailPlan) -> Sheets {
    let tiles = plan.grid.frames().div_ceil(thumbnails.interval_frames);
    let full = u64::from(thumbnails.columns * thumbnails.rows);
    let sheet = |number: u64| {
        let tiles = full.min(tiles - (number - 1) * full) as u32;
        Sheet { number, key: names::sprite(number), bytes: 2_000 + 3_000 * u64::from(tiles), tiles }
    };
    Sheets {
        tile: thumbnails.tile,
        columns: thumbnails.columns,
        rows: thumbnails.rows,
        interval: thumbnails.interval,
        sheets: (1..=tiles.div_ceil(full)).map(sheet).collect(),
    }
}
