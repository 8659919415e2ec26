//! Flags do what they say.

use std::path::Path;

use serde_json::Value;
use streampack::plan::Plan;

use super::{Encoded, SMALL, jpeg_size};
use crate::support::run::run;
use crate::support::tree::same;
use crate::support::{TestDir, check_set, clip};

#[test]
fn a_part_of_the_source() {
    let set = Encoded::small_with("h264_720p25.mp4", &["--start", "0.52", "--end", "00:00:02.12"]);
    assert!((set.facts.duration - 1.6).abs() < 1e-9, "{}", set.facts.duration);
    assert_eq!(set.facts.video[0].fragments().map(|f| f.samples.len()).sum::<usize>(), 40);
}

#[test]
fn a_poster_of_a_moment() {
    let set = Encoded::small_with("black_start.mp4", &["--poster", "0.4"]);
    let poster = image::open(set.root().join("poster.jpg")).expect("a picture").to_luma8();
    assert!(poster.pixels().all(|pixel| pixel.0[0] < 8), "the first second is black");
}

#[test]
fn without_thumbnails() {
    let set = Encoded::small_with("video_only.mp4", &["--no-thumbnails"]);
    assert!(set.facts.sheets.is_empty() && !set.root().join("thumbnails").exists());
    assert!(set.root().join("poster.jpg").exists());
}

#[test]
fn hls_alone_and_dash_alone() {
    let hls = Encoded::small_with("vfr.mkv", &["--no-dash"]);
    assert!(hls.root().join("master.m3u8").exists());
    assert!(!hls.facts.sizes.keys().any(|name| name.ends_with(".mpd")));
    let dash = Encoded::small_with("vfr.mkv", &["--no-hls"]);
    assert!(dash.root().join("manifest.mpd").exists());
    assert!(!dash.facts.sizes.keys().any(|name| name.ends_with(".m3u8")));
}

#[test]
fn thumbnails_of_an_interval_and_a_width() {
    let set = Encoded::small_with("h264_720p25.mp4", &["--thumbnail-interval", "0.5", "--thumbnail-width", "96"]);
    assert_eq!(set.facts.cues.len(), 6);
    assert!(set.facts.cues.iter().all(|cue| (cue.region.2, cue.region.3) == (96, 54)), "{:?}", set.facts.cues);
}

/// Thumbnails alone hold no manifest: what is there is compared with what `encode` makes.
#[test]
fn thumbnails_alone() {
    let set = Encoded::small_with("h264_720p25.mp4", &["--thumbnail-interval", "1"]);
    let directory = TestDir::new();
    let out = directory.join("out");
    let (input, interval) = (clip("h264_720p25.mp4"), "--thumbnail-interval");
    let words =
        ["thumbnails".as_ref(), input.as_os_str(), "-o".as_ref(), out.as_os_str(), interval.as_ref(), "1".as_ref()];
    run(&words).expect(0);
    let names = crate::support::tree::names(&out);
    assert_eq!(names, ["poster.jpg", "streampack.json", "thumbnails/sprite_00001.jpg", "thumbnails/thumbnails.vtt"]);
    let read = |root: &Path, name: &str| std::fs::read(root.join(name)).expect("it is there");
    assert_eq!(read(&out, "thumbnails/thumbnails.vtt"), read(&set.root(), "thumbnails/thumbnails.vtt"));
    let sprite = "thumbnails/sprite_00001.jpg";
    assert_eq!(jpeg_size(&out.join(sprite)), jpeg_size(&set.root().join(sprite)));
}

#[test]
fn thumbnails_alone_come_with_the_poster_that_is_asked_for() {
    let directory = TestDir::new();
    let input = clip("black_start.mp4");
    let luma = |flags: &[&str], name: &str| {
        let out = directory.join(name);
        let words = ["thumbnails".as_ref(), input.as_os_str(), "-o".as_ref(), out.as_os_str()];
        run(&[&words[..], &flags.iter().map(std::ffi::OsStr::new).collect::<Vec<_>>()].concat()).expect(0);
        assert_eq!(jpeg_size(&out.join("poster.jpg")), (320, 180));
        let poster = image::open(out.join("poster.jpg")).expect("a picture").to_luma8();
        poster.pixels().map(|p| f64::from(p.0[0])).sum::<f64>() / f64::from(poster.width() * poster.height())
    };
    assert!(luma(&[], "auto") > 40.0);
    assert!(luma(&["--poster", "0"], "first") < 20.0);
    assert!(luma(&["--poster", "2.5"], "late") > 40.0);
}

#[test]
fn the_bytes_do_not_depend_on_the_number_of_jobs() {
    let flags = ["--segment-duration", "1", "--gop", "1", "--thumbnail-interval", "1"];
    for name in ["h264_720p25.mp4", "two_languages_51.mkv", "corrupt.ts"] {
        let one = Encoded::small_with(name, &[&flags[..], &["-j", "1"]].concat());
        let two = Encoded::small_with(name, &[&flags[..], &["-j", "2"]].concat());
        same(&one.root(), &two.root());
    }
}

#[test]
fn the_closing_table_has_a_row_for_each_rendition_directory() {
    let directory = TestDir::new();
    let (input, out) = (clip("h264_720p25.mp4"), directory.join("out"));
    let words = ["encode", input.to_str().expect("UTF-8"), "-o", out.to_str().expect("UTF-8"), "--no-progress"];
    let table = run(&[&words[..], SMALL].concat()).expect(0).err;
    let facts = check_set(&out);
    let tracks = facts.video.iter().chain(&facts.trick).chain(&facts.audio);
    let made: Vec<String> = tracks.map(|track| track.directory.clone()).collect();
    let rows: Vec<&str> = table.lines().skip(1).take(made.len()).filter_map(|row| row.split(' ').next()).collect();
    assert_eq!(rows, made, "{table}");
    assert_eq!(facts.report["trick"]["of"], "120p_h264");
    assert!(facts.report["trick"]["bytes"].as_u64() < facts.report["video"][1]["bytes"].as_u64());
}

/// What is refused because somebody else's file stands there, is known before any work.
#[test]
fn the_plan_names_every_object_of_the_set() {
    let cases: [(&str, &[&str]); 4] = [
        ("h264_720p25.mp4", &["--segment-duration", "1", "--gop", "1", "--thumbnail-interval", "0.1"]),
        ("two_languages_51.mkv", &["--single-file"]),
        ("video_only.mp4", &["--no-thumbnails", "--no-hls"]),
        ("audio_only.m4a", &["--no-dash"]),
    ];
    for (name, flags) in cases {
        let set = Encoded::small_with(name, flags);
        let input = clip(name);
        let words = [&["plan", input.to_str().expect("UTF-8"), "--json"], SMALL, flags].concat();
        let document: Value = serde_json::from_str(&run(&words).expect(0).out).expect("JSON");
        let plan: Plan = serde_json::from_value(document["plan"].clone()).expect("a plan");
        let (mut planned, made) = (plan.objects(), set.facts.sizes.keys().cloned().collect::<Vec<_>>());
        planned.sort();
        assert_eq!(planned, made, "{name}");
    }
}

#[test]
fn events_are_as_the_schema_says_and_end_with_the_summary() {
    let schema = include_str!("../../docs/schema/events.json");
    let schema = jsonschema::validator_for(&serde_json::from_str(schema).expect("JSON")).expect("a schema");
    let set = Encoded::small_with("truncated.mp4", &["--segment-duration", "1", "--gop", "1"]);
    let events = set.ended.events();
    for event in &events {
        assert!(schema.is_valid(event), "{event}");
    }
    let summary = events.last().expect("events");
    assert_eq!(
        (&summary["type"], &summary["status"], &summary["exit_code"]),
        (&"summary".into(), &"ok".into(), &0.into())
    );
    let stored = events.iter().filter(|e| e["type"] == "segment" || e["type"] == "manifest");
    for key in stored.map(|event| event["key"].as_str().expect("a key")) {
        assert!(set.facts.sizes.contains_key(key), "{key} is not in the set");
    }
    let times: Vec<_> = events.iter().map(|event| event["t_ms"].as_u64().expect("a number")).collect();
    assert!(times.is_sorted(), "{times:?}");
}
