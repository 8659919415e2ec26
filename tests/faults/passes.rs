//! Two passes: what the first leaves for the second may be lost, and is then made again.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::SHARDS;
#[cfg(target_os = "linux")]
use super::shell::{on_a_disk_of, with_files_up_to};
use crate::support::run::{Ended, Running, Signal, encode};
use crate::support::tree::same;
use crate::support::{TestDir, check_set, clip};

/// Two passes over [`SHARDS`]. At `draft` x264 keeps a log alone, at `fast` a macroblock-tree too.
fn flags(speed: &'static str) -> Vec<&'static str> {
    let shards = SHARDS.iter().map(|word| if *word == "draft" { speed } else { word });
    shards.chain(["--rate-control", "two-pass", "-j", "1"]).collect()
}

/// How a file name ends, and what happens to its bytes.
type Damage = (&'static str, fn(&mut Vec<u8>));

fn encode_with(speed: &'static str, out: &Path) -> Ended {
    encode(&clip("h264_720p25.mp4"), out, &flags(speed))
}

fn whole(directory: &TestDir, speed: &'static str) -> PathBuf {
    let out = directory.join("whole");
    encode_with(speed, &out).expect(0);
    check_set(&out);
    out
}

/// A run that is killed in the last pass of the first of three shards.
fn killed_in_the_last_pass(out: &Path) {
    let mut run = Running::start(&clip("h264_720p25.mp4"), out, &flags("fast"));
    assert!(run.saw("\"segment\"", 1));
    run.signal(Signal::Kill);
    run.end();
}

/// Frames of the largest rung, in both passes, and those that an earlier run did.
#[track_caller]
fn planned(ended: &Ended) -> (u64, u64) {
    let events = ended.events();
    let planned = events.iter().find(|event| event["type"] == "planned").expect("a plan");
    let frames = |name: &str| planned["renditions"][0][name].as_u64().expect("a number");
    (frames("frames_total"), frames("frames_resumed"))
}

/// They were believed by their size, or by whatever stood there: the last pass failed in every run, or
/// went on without rate control.
#[test]
fn statistics_that_were_damaged_are_made_again() {
    let directory = TestDir::new();
    let whole = whole(&directory, "fast");
    let ways: [Damage; 4] = [
        ("log", |bytes| bytes.truncate(bytes.len() / 2)),
        ("log", Vec::clear),
        ("log.mbtree", |bytes| bytes.truncate(bytes.len() / 2)),
        // As a power failure may leave it.
        ("log.mbtree", |bytes| bytes[100..].fill(0)),
    ];
    for (number, (end, damage)) in ways.into_iter().enumerate() {
        let out = directory.join(number.to_string());
        killed_in_the_last_pass(&out);
        let path = out.join(".streampack/passes/2_180p_h264").with_extension(end);
        let mut bytes = fs::read(&path).expect("the last shard was surveyed");
        damage(&mut bytes);
        fs::write(&path, bytes).expect("writable");
        encode_with("fast", &out).expect(0);
        same(&out, &whole);
    }
}

/// x264 does not look whether all is written when it closes a file.
#[cfg(target_os = "linux")]
#[test]
fn a_first_pass_that_cannot_be_written_ends_the_run_and_the_next_finishes_it() {
    for (speed, sizes) in [("fast", &[2, 4, 6, 8][..]), ("draft", &[2, 3])] {
        let directory = TestDir::new();
        let whole = whole(&directory, speed);
        for kib in sizes {
            let out = directory.join(kib.to_string());
            let said = with_files_up_to(*kib, &out, &flags(speed));
            assert!(said.contains("/passes/") && said.contains("File too large"), "{kib} KiB: {said}");
            encode_with(speed, &out).expect(0);
            same(&out, &whole);
        }
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_in_the_first_pass_ends_the_run() {
    for kib in [24, 40, 56, 72] {
        on_a_disk_of(kib, &flags("fast"));
    }
}

#[test]
fn first_passes_of_an_earlier_run_are_shown_as_done() {
    let directory = TestDir::new();
    let out = directory.join("killed");
    killed_in_the_last_pass(&out);
    let next = encode_with("fast", &out).expect(0);
    let (total, resumed) = planned(&next);
    assert_eq!(total, 150);
    assert!((75..150).contains(&resumed), "{resumed}");
    let done = |event: &Value| (event["type"] == "progress").then(|| event["frames_done"].as_u64());
    let least = next.events().iter().filter_map(done).flatten().min();
    assert!(least >= Some(75), "{}", next.out);
}

/// All is encoded, and a directory came to stand where a playlist belongs.
#[test]
fn what_is_encoded_in_both_passes_is_shown_as_done() {
    let directory = TestDir::new();
    let out = directory.join("out");
    let in_the_way = out.join("video/180p_h264/playlist.m3u8/in_the_way");
    let mut run = Running::start(&clip("h264_720p25.mp4"), &out, &flags("fast"));
    assert!(run.saw("\"planned\"", 1));
    fs::create_dir_all(&in_the_way).expect("writable");
    run.end().refused(13);
    fs::remove_dir_all(in_the_way.parent().expect("the playlist")).expect("writable");
    assert_eq!(planned(&encode_with("fast", &out).expect(0)), (150, 150));
}

/// It was refused only when the lock and the journal stood in it.
#[cfg(unix)]
#[test]
fn an_output_whose_name_is_no_text_is_refused_before_anything_is_made() {
    use std::os::unix::ffi::OsStringExt;
    let directory = TestDir::new();
    let out = directory.join("").join(std::ffi::OsString::from_vec(b"out\xff".to_vec()));
    let message = encode_with("fast", &out).refused(13);
    assert!(message.contains("not valid Unicode"), "{message}");
    assert!(!out.exists());
}
