//! Outputs that are taken, that cannot be written, or that go away.

use std::fs;
use std::path::Path;

#[cfg(target_os = "linux")]
use super::shell::{on_a_disk_of, with_files_up_to};
use super::{SHARDS, is_unpublished};
use crate::support::run::{Running, Signal, encode};
use crate::support::tree::tree;
use crate::support::{TestDir, check_set, clip};

#[test]
fn a_second_run_over_an_output_is_refused() {
    let directory = TestDir::new();
    let out = directory.join("out");
    let mut first = Running::start(&clip("h264_720p25.mp4"), &out, &["--speed", "veryslow"]);
    assert!(first.saw("\"planned\"", 1));
    let message = encode(&clip("h264_720p25.mp4"), &out, SHARDS).refused(11);
    assert!(message.contains("is being written by another run"), "{message}");
    first.signal(Signal::Int);
    first.end().refused(130);
}

#[test]
fn a_path_that_can_be_no_directory_is_refused() {
    let directory = TestDir::new();
    let file = directory.join("file");
    fs::write(&file, "mine").expect("writable");
    for out in [file.clone(), file.join("below")] {
        let message = encode(&clip("video_only.mp4"), &out, SHARDS).refused(13);
        assert!(message.contains(&out.display().to_string()), "{message}");
        assert!(message.contains("a file stands where a directory is needed"), "{message}");
    }
    assert_eq!(fs::read(&file).expect("left alone"), b"mine");
}

#[test]
fn a_file_of_somebody_else_is_not_replaced_and_nothing_is_put_beside_it() {
    let directory = TestDir::new();
    fs::write(directory.join("master.m3u8"), "mine").expect("writable");
    let message = encode(&clip("video_only.mp4"), &directory.join(""), SHARDS).refused(13);
    assert!(message.contains("says that streampack made it"), "{message}");
    let left: Vec<_> = fs::read_dir(directory.join("")).expect("a directory").collect();
    assert_eq!(left.len(), 1, "the lock stayed: {left:?}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_directory_where_nothing_can_be_made_is_refused() {
    // Not even root makes directories here.
    let message = encode(&clip("video_only.mp4"), Path::new("/proc/self/out"), SHARDS).refused(13);
    assert!(message.contains("/proc/self/out"), "{message}");
}

/// What a limit on the size of files does, a full disk does too: a write fails in the middle.
#[cfg(target_os = "linux")]
#[test]
fn a_write_that_fails_in_the_middle_ends_the_run_and_the_next_finishes_it() {
    let directory = TestDir::new();
    let out = directory.join("out");
    // The smallest objects and the journal fit in 4 KiB, segments do not.
    let said = with_files_up_to(4, &out, SHARDS);
    assert!(said.contains("File too large"), "{said}");
    is_unpublished(&out);
    encode(&clip("h264_720p25.mp4"), &out, SHARDS).expect(0);
    check_set(&out);
}

/// The set stood and lost a segment: while it is made again, nothing may name what is missing.
#[cfg(target_os = "linux")]
#[test]
fn a_set_that_cannot_be_made_whole_again_is_not_found_by_players() {
    let directory = TestDir::new();
    let out = directory.join("out");
    encode(&clip("h264_720p25.mp4"), &out, SHARDS).expect(0);
    let whole = tree(&out);
    fs::remove_file(out.join("video/180p_h264/segment_00002.m4s")).expect("removable");
    with_files_up_to(4, &out, SHARDS);
    is_unpublished(&out);
    assert!(!out.join("thumbnails/thumbnails.vtt").exists());
    encode(&clip("h264_720p25.mp4"), &out, SHARDS).expect(0);
    assert_eq!(tree(&out), whole);
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_ends_the_run() {
    for kib in [16, 60, 100, 140] {
        on_a_disk_of(kib, SHARDS);
    }
}

#[test]
fn an_output_that_is_deleted_ends_the_run() {
    let directory = TestDir::new();
    let out = directory.join("out");
    let mut run = Running::start(&clip("h264_720p25.mp4"), &out, SHARDS);
    assert!(run.saw("\"segment\"", 1));
    // Renamed first: at once, so that the run cannot put anything into it in between.
    fs::rename(&out, directory.join("gone")).expect("writable");
    fs::remove_dir_all(directory.join("gone")).ok();
    let message = run.end().refused(13);
    assert!(message.contains("moved or deleted"), "{message}");
    assert!(!out.exists());
}
