//! The largest rung as the source's own pictures: exactly aligned with the others, or not taken.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use super::{Encoded, SMALL, made};
use crate::support::run::{encode, run};
use crate::support::tree::same;
use crate::support::{TestDir, clip};

const PICTURES: &str = "-f lavfi -i testsrc2=s=320x180:r=30000/1001:d=5";
const SOUND: &str = "-f lavfi -i sine=frequency=330:beep_factor=2:sample_rate=48000:d=5";
/// H.264 with B-frames that keeps to 300k and says its colour.
const H264: &str = "-c:v libx264 -preset veryfast -threads 1 -bf 3 -b:v 220k -maxrate 250k -bufsize 250k -sc_threshold 0 \
                    -pix_fmt yuv420p -colorspace bt709 -color_primaries bt709 -color_trc bt709 -color_range tv -c:a aac";
/// A key frame every second.
const SECONDS: &str = "-g 30 -keyint_min 30";
/// Segments of two of them.
const GRID: &[&str] = &["--gop", "1", "--segment-duration", "2"];

#[track_caller]
fn film(directory: &TestDir, name: &str, more: &str) -> PathBuf {
    made(
        directory,
        name,
        &format!("{PICTURES} {SOUND} {} {more}", H264.split_whitespace().collect::<Vec<_>>().join(" ")),
    )
}

#[track_caller]
fn copied(input: &Path, flags: &[&str]) -> Encoded {
    copied_with(input, &[SMALL, GRID, flags].concat())
}

#[track_caller]
fn copied_with(input: &Path, flags: &[&str]) -> Encoded {
    let set = Encoded::with(input, flags);
    let report = &set.facts.report;
    assert_eq!(report["top_rung"]["copied"], true, "{}", report["top_rung"]);
    assert_eq!(report["video"][0]["encoder"], "copy");
    aligned(&set);
    set
}

/// Every rung has its key frames, and nothing else that a decoder can start at, at the same times.
#[track_caller]
fn aligned(set: &Encoded) {
    let keys = |track: &crate::support::track::Track| -> Vec<(i64, usize)> {
        track.fragments().map(|f| (f.presented()[0], f.samples.iter().filter(|s| s.sync).count())).collect()
    };
    for track in &set.facts.video {
        assert_eq!(keys(track), keys(&set.facts.video[0]), "{}", track.directory);
        assert!(keys(track).iter().all(|(_, sync)| *sync == 1), "{}", track.directory);
    }
}

/// A hash of each picture, in the order they are shown.
#[track_caller]
fn shown(media: &Path, words: &[&str]) -> Vec<String> {
    let mut ffmpeg = Command::new("ffmpeg");
    ffmpeg.args(["-nostdin", "-v", "error"]).args(words).arg("-i").arg(media);
    ffmpeg.args(["-map", "0:v:0", "-fps_mode", "passthrough", "-f", "framemd5", "-"]);
    let output = ffmpeg.output().expect("the ffmpeg command is installed (make test does it)");
    let text = String::from_utf8(output.stdout).expect("framemd5 is text");
    let rows = text.lines().filter(|line| !line.starts_with('#'));
    rows.filter_map(|row| row.rsplit(',').next()).map(|hash| hash.trim().to_owned()).collect()
}

#[track_caller]
fn reasons(input: &Path, flags: &[&str]) -> Vec<String> {
    let words = [&["plan", input.to_str().expect("UTF-8"), "--json"], SMALL, GRID, flags].concat();
    let document: Value = serde_json::from_str(&run(&words).expect(0).out).expect("JSON");
    let video = &document["plan"]["video"];
    assert!(video.get("copied").is_none(), "{}", video["copied"]);
    video.get("not_copied").map_or_else(Vec::new, |texts| serde_json::from_value(texts.clone()).expect("texts"))
}

#[test]
fn pictures_that_keep_every_rule_are_copied_whatever_their_container() {
    let directory = TestDir::new();
    let mp4 = film(&directory, "film.mp4", SECONDS);
    let expected = shown(&mp4, &[]);
    for name in ["film.mp4", "film.mkv", "film.ts"] {
        let input = directory.join(name);
        if !input.exists() {
            made(&directory, name, &format!("-i {} -c copy", mp4.display()));
        }
        let set = copied(&input, &[]);
        assert_eq!(shown(&set.root().join("video/180p_h264/playlist.m3u8"), &[]), expected, "{name}");
        assert_eq!(set.facts.report["video"][1]["encoder"], "libx264");
    }
}

#[test]
fn the_bytes_of_a_copy_do_not_depend_on_the_number_of_jobs() {
    let directory = TestDir::new();
    let film = film(&directory, "film.mp4", SECONDS);
    let flags = [SMALL, &["--gop", "1", "--segment-duration", "1", "--single-file"]].concat();
    let one = copied_with(&film, &[&flags[..], &["-j", "1"]].concat());
    let two = copied_with(&film, &[&flags[..], &["-j", "2"]].concat());
    same(&one.root(), &two.root());
}

#[test]
fn a_ladder_of_one_rung_is_only_copied() {
    let directory = TestDir::new();
    let film = film(&directory, "film.mp4", SECONDS);
    let flags = [GRID, &["--ladder", "180p@300k", "--thumbnail-interval", "1.001", "--speed", "draft"]].concat();
    let set = copied_with(&film, &flags);
    assert_eq!((set.facts.video.len(), set.facts.cues.len()), (1, 5));
    assert!(set.facts.trick.is_some());
}

#[test]
fn a_part_is_copied_when_it_begins_and_ends_at_key_frames() {
    let directory = TestDir::new();
    let film = film(&directory, "film.mp4", SECONDS);
    let set = copied(&film, &["--start", "1.001", "--end", "4.004"]);
    let expected = shown(&film, &["-ss", "1.001", "-t", "3.0"]);
    assert_eq!(shown(&set.root().join("video/180p_h264/playlist.m3u8"), &[]), expected);
    assert_eq!(reasons(&film, &["--start", "0.5"]), ["no key frame of it lies where the programme begins"]);
    assert_eq!(reasons(&film, &["--end", "3.5"]), ["the programme ends inside of a GOP"]);
}

#[test]
fn sound_that_lasts_longer_holds_the_last_picture() {
    let directory = TestDir::new();
    let short = "-f lavfi -i testsrc2=s=320x180:r=25:d=3.4";
    let words = H264.split_whitespace().collect::<Vec<_>>().join(" ");
    let film = made(&directory, "film.mp4", &format!("{short} -f lavfi -i sine=d=3.8 {words} -g 25 -keyint_min 25"));
    let set = copied(&film, &[]);
    assert!((set.facts.duration - 3.8).abs() < 0.05, "{}", set.facts.duration);
}

#[test]
fn whatever_breaks_a_rule_is_encoded_and_the_reason_is_told() {
    let directory = TestDir::new();
    let cases = [
        ("open.mp4", format!("{SECONDS} -x264-params open-gop=1"), "open GOPs"),
        ("rare.mp4", "-g 75 -keyint_min 75".to_owned(), "2.502 s apart, where 1.000 s are wanted"),
        ("uneven.mp4", "-g 30 -keyint_min 30 -force_key_frames 0.4,2.2".to_owned(), "even distances"),
        ("hi10.mp4", format!("{SECONDS} -pix_fmt yuv420p10le"), "not 8 bits in 4:2:0"),
        (
            "colourless.mp4",
            format!("{SECONDS} -colorspace unknown -color_primaries unknown -color_trc unknown"),
            "colour",
        ),
        ("large.mp4", format!("{SECONDS} -b:v 900k -maxrate 900k -bufsize 900k -vf noise=alls=40"), "above the 300k"),
    ];
    for (name, words, expected) in cases {
        let film = film(&directory, name, &words);
        let reasons = reasons(&film, &[]);
        assert!(reasons.iter().any(|reason| reason.contains(expected)), "{name}: {reasons:?}");
    }
    assert_eq!(reasons(&directory.join("rare.mp4"), &["--top-rung", "encode"]), [""; 0], "nobody asked");
    let hevc = reasons(&clip("hevc10_hlg.mp4"), &[]);
    assert!(hevc.iter().any(|reason| reason == "it is hevc, not H.264"), "{hevc:?}");
    // The report of a run says the same.
    let set = Encoded::with(&directory.join("uneven.mp4"), &[SMALL, GRID].concat());
    let report = &set.facts.report["top_rung"];
    assert_eq!(report["copied"], false);
    assert!(report["reasons"].to_string().contains("even distances"), "{report}");
}

#[test]
fn who_insists_on_the_copy_gets_it_or_the_reasons() {
    let directory = TestDir::new();
    let film = film(&directory, "rare.mp4", "-g 60 -keyint_min 60");
    assert!(!reasons(&film, &[]).is_empty());
    let set = copied(&film, &["--top-rung", "copy"]);
    assert_eq!(set.facts.key_frames().len(), 3, "every two seconds");

    let out = directory.join("out");
    let flags = ["--ladder", "720p@2800k,180p@300k", "--top-rung", "copy"];
    let message = encode(&clip("ntsc_bframes.mp4"), &out, &flags).refused(2);
    assert!(message.contains("does not say its colour") && message.contains("--top-rung auto"), "{message}");
    assert!(!out.exists());
    let message = encode(&clip("audio_only.m4a"), &out, &["--top-rung", "copy"]).refused(2);
    assert!(message.contains("it has no pictures"), "{message}");
}
