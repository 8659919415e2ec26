//! Packagers fed with samples that only have times.

use std::io::Cursor;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::*;
use crate::media::{
    AudioTrack, ChannelLayout, CodecConfig, CodecString, ColorInfo, FrameRate, Language, Message, RenditionKind,
    Resolution, Sample, Timescale, TrackMedia, Utc, VideoTrack,
};
use crate::plan::SegmentGrid;

/// A picture track in the timescale of `rate`.
pub(super) fn pictures(rate: FrameRate) -> TrackConfig {
    TrackConfig {
        timescale: rate.timescale(),
        language: Language::undetermined(),
        codec: CodecConfig::Avc(vec![1, 100, 0, 30, 0xff, 0xe0, 0]),
        codec_string: CodecString::avc1(100, 0, 30),
        media: TrackMedia::Video(VideoTrack::new(Resolution::new(640, 360), ColorInfo::BT709)),
    }
}

/// A sound track with one packet of 1024 PCM samples as priming.
pub(super) fn sound(sample_rate: u32, priming: u32) -> TrackConfig {
    TrackConfig {
        timescale: Timescale::new(sample_rate),
        language: Language::undetermined(),
        codec: CodecConfig::Aac(vec![0x11, 0x90]),
        codec_string: CodecString::mp4a(2),
        media: TrackMedia::Audio(AudioTrack {
            sample_rate,
            layout: ChannelLayout::Stereo,
            frame_length: 1024,
            priming,
            joint_objects: None,
            loudness: None,
        }),
    }
}

fn grid(frames: u64) -> SegmentGrid {
    SegmentGrid::new(FrameRate::whole(25), Duration::from_secs(2), Duration::from_secs(6), frames)
}

fn id(kind: RenditionKind) -> RenditionId {
    RenditionId::new(kind, "test")
}

fn video_packager(frames: u64, first: u64) -> Packager {
    let track = pictures(FrameRate::whole(25));
    Packager::new(id(RenditionKind::Video), &track, grid(frames), SegmentNumber(first), Layout::SegmentFiles)
        .expect("the grid's timescale")
}

/// Frame `index` of a video of 25 frames per second with a key frame every 50.
fn picture(index: u64) -> Sample {
    let scale = Timescale::new(25_000);
    let sync = index.is_multiple_of(50);
    Sample {
        dts: Timestamp::new(index as i64 * 1000, scale),
        cts_offset: 0,
        duration: Span::new(1000, scale),
        sync,
        data: vec![index as u8; if sync { 40 } else { 4 + index as usize % 7 }].into(),
    }
}

fn packet(index: u64) -> Sample {
    let scale = Timescale::new(48_000);
    let (dts, duration) = (Timestamp::new(index as i64 * 1024, scale), Span::new(1024, scale));
    Sample { dts, cts_offset: 0, duration, sync: true, data: vec![0; 10 + index as usize % 3].into() }
}

fn bytes(body: &Body, after: usize) -> Vec<u8> {
    body.after(after).expect("in memory")
}

fn package(packager: &mut Packager, samples: impl IntoIterator<Item = Sample>) -> Result<Vec<Packaged>, Error> {
    let mut made = Vec::new();
    for sample in samples {
        made.extend(packager.push(sample)?);
    }
    made.extend(packager.finish()?);
    made.into_iter().map(Draft::write).collect()
}

#[test]
fn a_full_segment_is_handed_out_with_its_last_sample() {
    let mut packager = video_packager(320, 1);
    let done: Vec<u64> =
        (0..320).filter(|&frame| packager.push(picture(frame)).expect("on the grid").is_some()).collect();
    assert_eq!(done, [149, 299, 319]);
    assert!(matches!(packager.finish(), Ok(None)));
}

#[test]
fn facts_tell_times_and_places_of_every_fragment() {
    let made = package(&mut video_packager(320, 1), (0..320).map(picture)).expect("on the grid");
    let last = &made[2].facts;
    assert_eq!((last.number, last.key.as_str()), (SegmentNumber(3), "video/test/segment_00003.m4s"));
    assert_eq!((last.start.ticks(), last.duration.ticks()), (300_000, 20_000));
    assert_eq!(last.bytes, made[2].body.len() as u64);
    let first = &made[0].facts;
    let starts: Vec<_> = first.fragments.iter().map(|fragment| fragment.start.ticks()).collect();
    assert_eq!(starts, [0, 50_000, 100_000]);
    assert_eq!(first.fragments[0].offset, 24);
    let ends: Vec<_> = first.fragments.iter().map(|fragment| fragment.offset + fragment.bytes).collect();
    assert_eq!(ends, [first.fragments[1].offset, first.fragments[2].offset, first.bytes]);
}

#[test]
fn key_bytes_end_with_the_first_sample() {
    let made = package(&mut video_packager(320, 1), (0..320).map(picture)).expect("on the grid");
    let fragment = &made[0].facts.fragments[1];
    let key = &bytes(&made[0].body, fragment.offset as usize)[..fragment.key_bytes as usize];
    assert_eq!(&key[4..8], b"moof");
    assert!(key.ends_with(picture(50).data.here().expect("in memory")));
}

#[test]
fn sound_starts_at_zero_and_its_first_segment_is_shorter_by_the_priming() {
    let track = sound(48_000, 1024);
    let mut packager =
        Packager::new(id(RenditionKind::Audio), &track, grid(320), SegmentNumber(1), Layout::SegmentFiles)
            .expect("PCM samples");
    let made = package(&mut packager, (0..601).map(packet)).expect("on the grid");
    let spans: Vec<_> = made.iter().map(|made| (made.facts.start.ticks(), made.facts.duration.ticks())).collect();
    assert_eq!(spans, [(0, 281 * 1024), (281 * 1024, 282 * 1024), (563 * 1024, 37 * 1024)]);
}

#[test]
fn single_files_wait_in_the_work_directory_and_have_no_styp() {
    let track = pictures(FrameRate::whole(25));
    let video = id(RenditionKind::Video);
    let mut packager =
        Packager::new(video.clone(), &track, grid(3), SegmentNumber(1), Layout::SingleFile).expect("the grid's scale");
    let made = package(&mut packager, (0..3).map(picture)).expect("on the grid");
    assert_eq!(made[0].facts.key, ".streampack/video/test/segment_00001.m4s");
    assert_eq!(&bytes(&made[0].body, 4)[..4], b"moof");
    let (facts, _) = init(&video, &track, grid(3).rate(), Layout::SingleFile, None).expect("a record of seven bytes");
    assert_eq!(facts.key, ".streampack/video/test/init.mp4");
}

#[test]
fn a_trick_track_has_one_sample_per_fragment() {
    let scale = Timescale::new(25_000);
    let key_frame =
        |gop: u64| Sample { duration: Span::new(if gop == 6 { 20_000 } else { 50_000 }, scale), ..picture(gop * 50) };
    let made = package(&mut video_packager(320, 1), (0..7).map(key_frame)).expect("on the grid");
    let fragments: Vec<_> = made.iter().map(|made| made.facts.fragments.len()).collect();
    assert_eq!(fragments, [3, 3, 1]);
    assert_eq!(made[2].facts.duration.ticks(), 20_000);
}

#[test]
fn a_gap_is_refused() {
    let error = package(&mut video_packager(320, 1), [picture(0), picture(2)]);
    let rendition = id(RenditionKind::Video);
    assert_eq!(error, Err(Error::Gap { rendition, expected: 1000, found: 2000 }));
}

#[test]
fn a_gop_without_a_key_frame_is_refused() {
    let frames = (0..320).map(|frame| Sample { sync: frame == 0, ..picture(frame) });
    let error = package(&mut video_packager(320, 1), frames);
    let (rendition, at) = (id(RenditionKind::Video), Timestamp::new(50_000, Timescale::new(25_000)));
    assert_eq!(error, Err(Error::NotSync { rendition, at }));
}

#[test]
fn a_shard_must_start_with_its_first_segment() {
    assert!(matches!(package(&mut video_packager(320, 2), [picture(0)]), Err(Error::Misplaced { .. })));
    assert!(matches!(package(&mut video_packager(320, 1), [picture(50)]), Err(Error::Misplaced { .. })));
}

#[test]
fn an_early_end_is_refused_before_the_last_segment_only() {
    let rendition = id(RenditionKind::Video);
    let error = package(&mut video_packager(320, 1), (0..149).map(picture));
    assert_eq!(error, Err(Error::EndedEarly { rendition, segment: SegmentNumber(1) }));
    let made = package(&mut video_packager(320, 1), (0..319).map(picture)).expect("the last segment may be short");
    assert_eq!(made[2].facts.duration.ticks(), 19_000);
}

#[test]
fn a_picture_shown_outside_of_its_gop_is_refused() {
    let mut frames: Vec<_> = (0..150).map(picture).collect();
    frames[51].cts_offset = -2000;
    assert!(matches!(package(&mut video_packager(320, 1), frames), Err(Error::Composition { .. })));
}

#[test]
fn what_was_written_reads_back_as_it_was_meant() {
    let track = pictures(FrameRate::whole(25));
    let (init, header) = super::init(&id(RenditionKind::Video), &track, grid(320).rate(), Layout::SegmentFiles, None)
        .expect("a record of seven bytes");
    let made = package(&mut video_packager(320, 1), (0..320).map(picture)).expect("on the grid");
    for Packaged { facts, body } in &made {
        verify(&header, &init, Cursor::new(bytes(body, 0)), facts).expect("own bytes");
    }
}

#[test]
fn a_wrong_fact_is_named() {
    let track = pictures(FrameRate::whole(25));
    let (init, header) = super::init(&id(RenditionKind::Video), &track, grid(320).rate(), Layout::SegmentFiles, None)
        .expect("a record of seven bytes");
    let mut made = package(&mut video_packager(320, 1), (0..320).map(picture)).expect("on the grid");
    made[0].facts.fragments[1].key_bytes += 1;
    let error = verify(&header, &init, Cursor::new(bytes(&made[0].body, 0)), &made[0].facts)
        .expect_err("the key frame is shorter");
    assert!(matches!(error, Mismatch::Differs { what: "the size of the first sample", .. }), "{error}");
}

#[test]
fn a_cut_off_body_is_no_panic() {
    let track = pictures(FrameRate::whole(25));
    let (init, header) = super::init(&id(RenditionKind::Video), &track, grid(320).rate(), Layout::SegmentFiles, None)
        .expect("a record of seven bytes");
    let mut made = package(&mut video_packager(320, 1), (0..320).map(picture)).expect("on the grid");
    let Packaged { facts, body } = &mut made[0];
    for length in 0..200 {
        facts.bytes = length;
        assert!(verify(&header, &init, Cursor::new(&bytes(body, 0)[..length as usize]), facts).is_err(), "{length}");
    }
}

/// RFC 8216bis § 4.4.4.9: the parts of a segment, put together, are the segment.
#[test]
fn chunks_come_as_they_are_full_and_are_their_segment_together() {
    let mut packager = video_packager(320, 1).in_chunks(20);
    let (mut chunks, mut whole) = (Vec::new(), Vec::new());
    for frame in 0..320 {
        whole.extend(packager.push(picture(frame)).expect("on the grid"));
        for chunk in packager.take_chunks() {
            // A key frame within a segment ends the chunk before it.
            let late = (frame as i64 + 1) * 1000 - chunk.start.ticks() - chunk.duration.ticks() as i64;
            assert!(late == 0 || late == 1000 && frame.is_multiple_of(50), "{late}");
            chunks.push(chunk);
        }
    }
    whole.extend(packager.finish().expect("it may end"));
    // A GOP of 50 frames ends a chunk early.
    let lengths: Vec<u64> = chunks.iter().map(|chunk| chunk.duration.ticks() / 1000).collect();
    assert_eq!(lengths[..6], [20, 20, 10, 20, 20, 10]);
    assert_eq!(lengths.iter().sum::<u64>(), 320);
    for segment in whole.into_iter().map(|draft| draft.write().expect("small numbers")) {
        let own: Vec<&Chunk> = chunks.iter().filter(|chunk| chunk.segment == segment.facts.number).collect();
        assert_eq!(own.iter().flat_map(|chunk| chunk.body.clone()).collect::<Vec<_>>(), bytes(&segment.body, 0));
        assert_eq!(own.iter().map(|chunk| chunk.index).collect::<Vec<_>>(), (0..own.len() as u64).collect::<Vec<_>>());
        assert_eq!(own.iter().rposition(|chunk| chunk.last), Some(own.len() - 1));
        assert_eq!(own.iter().filter(|chunk| chunk.last).count(), 1);
        assert!(own[0].sync && own.get(1).is_none_or(|second| !second.sync));
        // Fragments stay those of the grid.
        let fragments = &segment.facts.fragments;
        assert_eq!(fragments.iter().map(|f| f.bytes).sum::<u64>() + fragments[0].offset, segment.body.len() as u64);
        assert!(fragments.iter().rev().skip(1).all(|fragment| fragment.duration.ticks() == 50_000));
    }
}

/// Knows when the zero was at the end of the first segment.
#[derive(Debug, Default)]
struct Late(AtomicBool);

impl Zero for Late {
    fn zero_of(&self, _: SegmentNumber) -> Option<Utc> {
        self.0.load(Ordering::Relaxed).then(|| Utc::since_1970(Duration::from_secs(100)))
    }

    fn settle(&self, segment: SegmentNumber, ends: bool) -> Option<Utc> {
        self.0.fetch_or(ends, Ordering::Relaxed);
        self.zero_of(segment)
    }
}

/// ISO/IEC 14496-12:2022 § 8.16.5. The chunks of the first segment wait until it can say when it was.
#[test]
fn every_segment_says_when_it_was_in_its_first_chunk() {
    for frames in [320, 30] {
        let mut packager = video_packager(frames, 1).in_chunks(20).timed(Arc::new(Late::default()));
        let (mut chunks, mut whole) = (Vec::new(), Vec::new());
        for frame in 0..frames {
            let ended = packager.push(picture(frame)).expect("on the grid");
            let first = whole.is_empty() && ended.is_none();
            whole.extend(ended);
            let new = packager.take_chunks();
            assert!(new.is_empty() || !first, "the first segment is not complete with picture {frame}");
            chunks.extend(new);
        }
        if let Ok(last) = packager.finish() {
            whole.extend(last);
        }
        chunks.extend(packager.take_chunks());
        for segment in whole.into_iter().map(|draft| draft.write().expect("small numbers")) {
            let own: Vec<&Chunk> = chunks.iter().filter(|chunk| chunk.segment == segment.facts.number).collect();
            let joined = own.iter().flat_map(|chunk| chunk.body.clone()).collect::<Vec<_>>();
            assert_eq!(joined, bytes(&segment.body, 0));
            assert_eq!(&joined[28..32], b"prft");
            // In hertz of the track, and in seconds since 1900.
            let start = segment.facts.start.ticks() as u64;
            assert_eq!(u64::from_be_bytes(joined[48..56].try_into().expect("eight bytes")), start);
            let seconds = u32::from_be_bytes(joined[40..44].try_into().expect("four bytes"));
            assert_eq!(u64::from(seconds), 2_208_988_800 + 100 + start / 25_000);
            assert_eq!(joined.windows(4).filter(|word| word == b"prft").count(), 1);
        }
    }
}

/// Tells one message for every chunk, for a time in its middle.
#[derive(Debug)]
struct Chatty;

impl Messages for Chatty {
    fn between(&self, _: SegmentNumber, start: Timestamp, end: Timestamp) -> Vec<Message> {
        let at = Timestamp::new(start.ticks().midpoint(end.ticks()), start.scale());
        vec![Message { id: 7, at, duration: None, tag: Vec::from(*b"ID3").into() }]
    }
}

/// Key frames are found by the places of fragments (RFC 8216bis § 4.4.3.6), whatever stands between.
#[test]
fn facts_tell_places_of_fragments_behind_messages() {
    const MESSAGE: u64 = 12 + 20 + 30 + 3;
    for in_chunks in [false, true] {
        let packager = video_packager(320, 1).telling(Box::new(Chatty));
        let mut packager = if in_chunks { packager.in_chunks(20) } else { packager };
        let made = package(&mut packager, (0..320).map(picture)).expect("on the grid");
        for Packaged { facts, body } in made {
            let body = bytes(&body, 0);
            assert_eq!((facts.bytes, &body[28..32]), (body.len() as u64, &b"emsg"[..]));
            let mut end = 24;
            for fragment in &facts.fragments {
                assert_eq!(fragment.offset, end + MESSAGE);
                let moof = fragment.offset as usize;
                assert_eq!(&body[moof + 4..moof + 8], b"moof");
                end = fragment.offset + fragment.bytes;
            }
            assert_eq!(end, facts.bytes);
            let told = body.windows(5).filter(|word| word == b"emsg\x01").count();
            let chunks: u64 = facts.fragments.iter().map(|f| (f.duration.ticks() / 1000).div_ceil(20)).sum();
            assert_eq!(told as u64, if in_chunks { chunks } else { facts.fragments.len() as u64 });
        }
    }
}
