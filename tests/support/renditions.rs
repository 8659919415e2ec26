//! Tracks and samples with real codec configurations and invented payloads.

use streampack::media::{
    AudioTrack, ChannelLayout, CodecConfig, CodecString, ColorInfo, FrameRate, Language, RenditionId, RenditionKind,
    Resolution, Sample, SegmentNumber, Span, Timescale, Timestamp, TrackConfig, TrackMedia, VideoTrack,
};
use streampack::package::{Packaged, Packager};
use streampack::plan::{AudioUnits, Layout, SegmentGrid};

/// The avcC payload of x264: High@3.0, 640x360, 25 frames per second, BT.709 in the VUI.
pub(crate) const AVCC: &[u8] = &[
    0x01, 0x64, 0x00, 0x1e, 0xff, 0xe1, 0x00, 0x1e, 0x67, 0x64, 0x00, 0x1e, 0xac, 0xd9, 0x40, 0xa0, 0x2f, 0xf9, 0x70,
    0x16, 0xa0, 0x20, 0x20, 0x28, 0x00, 0x00, 0x03, 0x00, 0x08, 0x00, 0x00, 0x03, 0x01, 0x94, 0x78, 0xb1, 0x6c, 0xb0,
    0x01, 0x00, 0x04, 0x68, 0xef, 0x8f, 0xcb, 0xfd, 0xf8, 0xf8, 0x00,
];

/// The AudioSpecificConfig of FFmpeg's encoder: AAC-LC, 48 kHz, mono, no SBR.
pub(crate) const ASC: &[u8] = &[0x11, 0x88, 0x56, 0xe5, 0x00];

/// A picture track at `rate`.
pub(crate) fn pictures(rate: FrameRate) -> TrackConfig {
    TrackConfig {
        timescale: rate.timescale(),
        language: Language::undetermined(),
        codec: CodecConfig::Avc(AVCC.to_vec()),
        codec_string: CodecString::avc1(100, 0, 30),
        media: TrackMedia::Video(VideoTrack::new(Resolution::new(640, 360), ColorInfo::BT709)),
    }
}

/// A sound track in `units`.
pub(crate) fn sound(units: AudioUnits, language: &str) -> TrackConfig {
    let AudioUnits { sample_rate, frame_length, priming } = units;
    TrackConfig {
        timescale: Timescale::new(sample_rate),
        language: Language::parse(language),
        codec: CodecConfig::Aac(ASC.to_vec()),
        codec_string: CodecString::mp4a(2),
        media: TrackMedia::Audio(AudioTrack {
            sample_rate,
            layout: ChannelLayout::Mono,
            frame_length,
            priming,
            joint_objects: None,
            loudness: None,
        }),
    }
}

/// The rendition that `track` is in these tests.
pub(crate) fn id(track: &TrackConfig) -> RenditionId {
    let kind = match &track.media {
        TrackMedia::Video(_) => RenditionKind::Video,
        TrackMedia::Audio(_) => RenditionKind::Audio,
        TrackMedia::Text => RenditionKind::Text,
    };
    RenditionId::new(kind, "test")
}

/// Coded pictures of `frames`. In a GOP, after the key frame, each two frames are coded in the other
/// order: display order 0 1 2 3 4 is coded 0 2 1 4 3.
pub(crate) fn coded_pictures(grid: &SegmentGrid, frames: std::ops::Range<u64>) -> impl Iterator<Item = Sample> {
    let (frame, scale) = (grid.rate().frame(), grid.rate().timescale());
    let (gop, total) = (grid.gop_frames(), grid.frames());
    frames.map(move |index| {
        let within = index % gop;
        let has_pair = within % 2 == 0 || (within + 1 < gop && index + 1 < total);
        let shown_later = match (within, has_pair) {
            (0, _) | (_, false) => 0,
            (odd, true) if odd % 2 == 1 => 1,
            _ => -1,
        };
        Sample {
            dts: Timestamp::new((index * frame.ticks()) as i64, scale),
            cts_offset: shown_later * frame.ticks() as i32,
            duration: frame,
            sync: within == 0,
            data: payload(index, if within == 0 { 60 } else { 10 }).into(),
        }
    })
}

/// Audio packets, priming included.
pub(crate) fn packets(units: AudioUnits, packets: std::ops::Range<u64>) -> impl Iterator<Item = Sample> {
    let scale = Timescale::new(units.sample_rate);
    packets.map(move |index| Sample {
        dts: Timestamp::new((index * u64::from(units.frame_length)) as i64, scale),
        cts_offset: 0,
        duration: Span::new(units.frame_length.into(), scale),
        sync: true,
        data: payload(index, 12).into(),
    })
}

fn payload(index: u64, size: u64) -> Vec<u8> {
    (0..size + index % 5).map(|byte| (index * 31 + byte) as u8).collect()
}

/// What a packager makes of `samples`, the segments from `first` on.
pub(crate) fn package(
    track: &TrackConfig,
    grid: SegmentGrid,
    first: SegmentNumber,
    layout: Layout,
    samples: impl IntoIterator<Item = Sample>,
) -> Vec<Packaged> {
    let mut packager = Packager::new(id(track), track, grid, first, layout).expect("the timescale of the grid");
    let mut made = Vec::new();
    for sample in samples {
        made.extend(packager.push(sample).expect("a sample on the grid"));
    }
    made.extend(packager.finish().expect("whole segments"));
    made.into_iter().map(|draft| draft.write().expect("boxes can say all of it")).collect()
}
