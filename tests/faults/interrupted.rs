//! Runs that are stopped, and the runs after them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use super::{SHARDS, is_unpublished, names_nothing_missing};
use crate::support::run::{Running, Signal, encode};
use crate::support::tree::same;
use crate::support::{TestDir, check_set, clip};

/// How long a run may take to stop when it is asked to.
const STOPS_WITHIN: Duration = Duration::from_secs(5);

/// What an uninterrupted run makes.
fn whole(directory: &TestDir, flags: &[&str]) -> PathBuf {
    whole_of(&clip("h264_720p25.mp4"), directory, flags)
}

fn whole_of(input: &Path, directory: &TestDir, flags: &[&str]) -> PathBuf {
    let out = directory.join("whole");
    encode(input, &out, flags).expect(0);
    check_set(&out);
    out
}

/// Moments of a run: so many events with such a text have come.
const MOMENTS: &[(&str, usize)] = &[
    ("\"planned\"", 1),
    ("\"segment\"", 1),
    ("\"segment\"", 4),
    ("180p_h264/segment_00002", 1),
    ("\"segment\"", 12),
    ("sprite_00001.jpg", 1),
    ("poster.jpg", 1),
    ("iframes.m3u8", 1),
    ("master.m3u8", 1),
];

#[track_caller]
fn killed_at(moments: &[(&str, usize)], flags: &[&str]) {
    killed_over(&clip("h264_720p25.mp4"), &TestDir::new(), moments, flags);
}

#[track_caller]
fn killed_over(input: &Path, directory: &TestDir, moments: &[(&str, usize)], flags: &[&str]) {
    let whole = whole_of(input, directory, flags);
    for (number, (text, count)) in moments.iter().enumerate() {
        let out = directory.join(number.to_string());
        let mut run = Running::start(input, &out, flags);
        assert!(run.saw(text, *count), "there are not {count} events with {text}");
        run.signal(Signal::Kill);
        run.end();
        names_nothing_missing(&out);
        encode(input, &out, flags).expect(0);
        same(&out, &whole);
    }
}

#[test]
fn a_killed_run_is_finished_by_the_next_with_the_same_bytes() {
    killed_at(MOMENTS, SHARDS);
}

#[test]
fn so_is_a_killed_run_that_makes_single_files() {
    killed_at(MOMENTS, &[SHARDS, &["--single-file"]].concat());
}

#[test]
fn so_is_a_killed_run_that_copies_the_largest_rung() {
    let directory = TestDir::new();
    let film = directory.join("film.mp4");
    let mut ffmpeg = Command::new("ffmpeg");
    ffmpeg.args(["-nostdin", "-v", "error", "-f", "lavfi", "-i", "testsrc2=s=320x180:r=25:d=3", "-c:v", "libx264"]);
    ffmpeg.args(["-g", "25", "-keyint_min", "25", "-sc_threshold", "0", "-maxrate", "250k", "-bufsize", "250k"]);
    ffmpeg.args(["-pix_fmt", "yuv420p", "-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709"]);
    assert!(ffmpeg.arg(&film).status().expect("the ffmpeg command is installed (make test does it)").success());
    let flags = [SHARDS, &["--top-rung", "copy"]].concat();
    let moments = [("180p_h264/segment_00002", 1), ("120p_h264/segment_", 1), ("sprite_00001.jpg", 1)];
    killed_over(&film, &directory, &moments, &flags);
}

#[test]
fn so_is_a_killed_run_with_subtitles() {
    let directory = TestDir::new();
    let words = directory.join("words.srt");
    let lines = "1\n00:00:00,200 --> 00:00:01,400\nOne\n\n2\n00:00:01,600 --> 00:00:02,800\nTwo\n";
    fs::write(&words, lines).expect("a temporary directory is writable");
    let subtitles = format!("{}:en", words.display());
    let flags = [SHARDS, &["--subtitles", &subtitles]].concat();
    let moments = [("subtitles/en/", 1), ("subtitles/en/", 4), ("180p_h264/segment_00002", 1)];
    killed_over(&clip("h264_720p25.mp4"), &directory, &moments, &flags);
}

#[test]
fn so_is_a_killed_run_of_two_passes() {
    let moments = [("\"planned\"", 1), ("\"progress\"", 1), ("\"segment\"", 1), ("\"segment\"", 7)];
    killed_at(&moments, &[SHARDS, &["--rate-control", "two-pass"]].concat());
}

/// VP9 in IVF, one picture of which is damaged in each of three seconds.
fn damaged(directory: &TestDir) -> PathBuf {
    let path = directory.join("damaged.ivf");
    let mut ffmpeg = Command::new("ffmpeg");
    ffmpeg.args(["-nostdin", "-v", "error", "-f", "lavfi", "-i", "testsrc2=s=320x180:r=25:d=3", "-c:v", "libvpx-vp9"]);
    ffmpeg.args(["-g", "25", "-deadline", "realtime", "-cpu-used", "8"]).arg(&path);
    assert!(ffmpeg.status().expect("the ffmpeg command is installed (make test does it)").success());
    let mut bytes = fs::read(&path).expect("FFmpeg has written it");
    // A header of 32 bytes; before each frame four bytes of size and eight of time.
    let (mut at, mut number) = (32, 0);
    while at < bytes.len() {
        let size = u32::from_le_bytes(bytes[at..at + 4].try_into().expect("four bytes"));
        if number % 25 == 5 {
            bytes[at + 12..at + 20].fill(0xff);
        }
        at += 12 + size as usize;
        number += 1;
    }
    fs::write(&path, bytes).expect("writable");
    path
}

/// Whichever run met the damage, the one that ends the work tells it: the reports are the same. IVF is read
/// from the start, Matroska shard by shard.
#[test]
fn warnings_of_a_killed_run_are_told_by_the_next() {
    let (directory, one, other) = (TestDir::new(), TestDir::new(), TestDir::new());
    let ivf = damaged(&directory);
    let matroska = directory.join("damaged.mkv");
    let mut ffmpeg = Command::new("ffmpeg");
    ffmpeg.args(["-nostdin", "-v", "error", "-i"]).arg(&ivf).args(["-c", "copy"]).arg(&matroska);
    assert!(ffmpeg.status().expect("the ffmpeg command is installed (make test does it)").success());
    for (input, directory, told) in [(&ivf, &one, 1), (&matroska, &other, 3)] {
        let flags = [SHARDS, &["-j", "1"]].concat();
        killed_over(input, directory, &[("180p_h264/segment_00003", 1), ("sprite_00001.jpg", 1)], &flags);
        // Killed again and gone on with: what is printed is what the report says.
        // A run that ends before the signal reaches it is no such run.
        let killed = (0..20).map(|number| directory.join(format!("again{number}"))).find(|out| {
            let mut run = Running::start(input, out, &flags);
            assert!(run.saw("poster.jpg", 1));
            run.signal(Signal::Kill);
            run.end().code.is_none()
        });
        let next = encode(input, &killed.expect("one of twenty is killed in time"), &flags).expect(0);
        assert_eq!(next.warnings(), vec!["damaged_input"; told], "{}", next.out);
    }
}

/// A directory where a playlist belongs, made while the run encodes: in the end the report stands, no
/// manifest does.
#[test]
fn a_run_that_stops_between_report_and_manifests_is_finished_by_the_next() {
    let directory = TestDir::new();
    let whole = whole(&directory, SHARDS);
    let out = directory.join("out");
    let mut run = Running::start(&clip("h264_720p25.mp4"), &out, SHARDS);
    assert!(run.saw("\"planned\"", 1));
    let in_the_way = out.join("video/180p_h264/playlist.m3u8");
    fs::create_dir_all(in_the_way.join("mine")).expect("writable");
    let message = run.end().refused(13);
    assert!(message.contains("a directory stands where a file is needed"), "{message}");
    assert!(out.join("streampack.json").exists() && !out.join("master.m3u8").exists());
    names_nothing_missing(&out);
    // Now it is known from the start.
    encode(&clip("h264_720p25.mp4"), &out, SHARDS).refused(13);
    fs::remove_dir_all(in_the_way).expect("writable");
    let next = encode(&clip("h264_720p25.mp4"), &out, SHARDS).expect(0);
    assert!(!next.out.contains("\"segment\""), "{}", next.out);
    same(&out, &whole);
}

/// What nobody has claimed yet is not ours, even in an output that we have begun.
#[test]
fn a_foreign_file_in_an_unfinished_output_is_left_alone() {
    let directory = TestDir::new();
    let whole = whole(&directory, SHARDS);
    let out = directory.join("out");
    let mut run = Running::start(&clip("h264_720p25.mp4"), &out, &[SHARDS, &["-j", "1"]].concat());
    assert!(run.saw("120p_h264/segment_00001", 1));
    run.signal(Signal::Kill);
    run.end();
    // Far behind what one worker can have reached.
    let foreign = out.join("video/180p_h264/segment_00003.m4s");
    fs::write(&foreign, "mine").expect("writable");
    for flags in [SHARDS, &[SHARDS, &["--crf", "30"]].concat()] {
        let message = encode(&clip("h264_720p25.mp4"), &out, flags).refused(13);
        assert!(message.contains("segment_00003.m4s"), "{message}");
        assert_eq!(fs::read(&foreign).expect("left alone"), b"mine");
    }
    fs::remove_file(foreign).expect("removable");
    let next = encode(&clip("h264_720p25.mp4"), &out, SHARDS).expect(0);
    same(&out, &whole);
    let events = next.events();
    let planned = events.iter().find(|event| event["type"] == "planned").expect("a plan");
    assert!(planned["renditions"][2]["frames_resumed"].as_u64() > Some(0), "the sound was finished: {planned}");
}

#[test]
fn finished_shards_are_not_encoded_again() {
    let directory = TestDir::new();
    let out = directory.join("out");
    let mut run = Running::start(&clip("h264_720p25.mp4"), &out, &[SHARDS, &["-j", "2"]].concat());
    // Two shards at a time: the third can only have begun when one was finished.
    assert!(run.saw("180p_h264/segment_", 3));
    run.signal(Signal::Kill);
    run.end();
    let next = encode(&clip("h264_720p25.mp4"), &out, SHARDS).expect(0);
    let events = next.events();
    let planned = events.iter().find(|event| event["type"] == "planned").expect("a plan");
    assert!(planned["renditions"][0]["frames_resumed"].as_u64() >= Some(25), "{planned}");
    assert!(next.out.matches("180p_h264/segment_").count() < 3, "{}", next.out);
    check_set(&out);
}

#[test]
fn a_killed_run_with_other_settings_leaves_nothing_behind() {
    let other = ["--ladder", "90p@100k", "--no-thumbnails", "--speed", "draft"];
    for (text, count) in [("\"segment\"", 5), ("thumbnails.vtt", 1), ("poster.jpg", 1), ("master.m3u8", 1)] {
        let directory = TestDir::new();
        let out = directory.join("out");
        let mut run = Running::start(&clip("h264_720p25.mp4"), &out, SHARDS);
        assert!(run.saw(text, count));
        run.signal(Signal::Kill);
        run.end();
        encode(&clip("h264_720p25.mp4"), &out, &other).expect(0);
        check_set(&out);
    }
}

#[track_caller]
fn stops(signal: Signal, code: i32) {
    let directory = TestDir::new();
    let whole = whole(&directory, SHARDS);
    for (text, count) in [("\"planned\"", 1), ("\"segment\"", 2)] {
        let out = directory.join(format!("out{count}"));
        let mut run = Running::start(&clip("h264_720p25.mp4"), &out, SHARDS);
        assert!(run.saw(text, count));
        let asked = Instant::now();
        run.signal(signal);
        let ended = run.end();
        assert!(asked.elapsed() < STOPS_WITHIN, "it took {:?} to stop", asked.elapsed());
        let summary = ended.events().pop().expect("a summary");
        assert_eq!((&summary["status"], &summary["exit_code"]), (&"interrupted".into(), &code.into()));
        ended.refused(code);
        is_unpublished(&out);
        encode(&clip("h264_720p25.mp4"), &out, SHARDS).expect(0);
        same(&out, &whole);
    }
}

#[test]
fn ctrl_c_stops_a_run_and_the_next_finishes_it() {
    stops(Signal::Int, 130);
}

#[test]
fn a_request_to_terminate_stops_a_run_and_the_next_finishes_it() {
    stops(Signal::Term, 143);
}
