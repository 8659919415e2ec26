//! `thumbnails` over what stands in its output, and `encode` after it.

use std::ffi::OsStr;
use std::fs;
use std::path::Path;

use super::{Encoded, SMALL, made};
use crate::support::run::{Ended, Running, Signal, encode, run};
use crate::support::tree::{names, same, tree};
use crate::support::{TestDir, check_set, clip};

const CLIP: &str = "h264_720p25.mp4";
const ALL: [&str; 4] = ["poster.jpg", "streampack.json", "thumbnails/sprite_00001.jpg", "thumbnails/thumbnails.vtt"];

fn words<'a>(input: &'a Path, out: &'a Path, flags: &'a [&'a str]) -> Vec<&'a OsStr> {
    let ours = ["thumbnails".as_ref(), input.as_os_str(), "-o".as_ref(), out.as_os_str()];
    ours.into_iter().chain(flags.iter().map(OsStr::new)).collect()
}

fn thumbnails(out: &Path, flags: &[&str]) -> Ended {
    run(&words(&clip(CLIP), out, flags))
}

#[test]
fn files_of_others_are_not_replaced_unless_forced() {
    let directory = TestDir::new();
    let out = directory.join("out");
    for name in ALL {
        fs::create_dir_all(out.join(name).parent().expect("below the output")).expect("writable");
        fs::write(out.join(name), "mine").expect("writable");
        let message = thumbnails(&out, &[]).refused(13);
        assert!(message.contains(name) && message.contains("--force"), "{message}");
        assert_eq!((names(&out), fs::read(out.join(name)).expect("there")), (vec![name.to_owned()], b"mine".to_vec()));
        fs::remove_file(out.join(name)).expect("removable");
    }
    fs::write(out.join("poster.jpg"), "mine").expect("writable");
    thumbnails(&out, &["--force"]).expect(0);
    assert_eq!(names(&out), ALL);
    assert_ne!(fs::read(out.join("poster.jpg")).expect("there"), b"mine");
}

#[test]
fn an_encode_into_the_same_directory_replaces_them() {
    let set = Encoded::small(CLIP);
    let directory = TestDir::new();
    let out = directory.join("out");
    thumbnails(&out, &["--thumbnail-interval", "0.1"]).expect(0);
    encode(&clip(CLIP), &out, SMALL).expect(0);
    check_set(&out);
    same(&out, &set.root());
}

#[test]
fn over_a_finished_set_they_are_refused_and_change_nothing() {
    let set = Encoded::small("video_only.mp4");
    let before = tree(&set.root());
    for flags in [&[][..], &["--force"]] {
        let message = thumbnails(&set.root(), flags).refused(13);
        assert!(message.contains("holds a finished set"), "{message}");
        assert_eq!(tree(&set.root()), before);
    }
}

#[test]
fn another_interval_leaves_none_of_the_former_sheets() {
    let directory = TestDir::new();
    let out = directory.join("out");
    thumbnails(&out, &["--thumbnail-interval", "0.1"]).expect(0);
    assert!(out.join("thumbnails/sprite_00002.jpg").exists());
    fs::write(out.join("thumbnails/mine.txt"), "mine").expect("writable");
    thumbnails(&out, &[]).expect(0);
    fs::remove_file(out.join("thumbnails/mine.txt")).expect("left alone");
    assert_eq!(names(&out), ALL);
}

#[test]
fn the_same_again_is_told_to_be_there() {
    let directory = TestDir::new();
    let out = directory.join("out");
    thumbnails(&out, &[]).expect(0);
    let modified = || fs::metadata(out.join("poster.jpg")).and_then(|m| m.modified()).expect("a time");
    let (first, before) = (tree(&out), modified());
    let again = thumbnails(&out, &[]).expect(0);
    assert!(again.err.contains("up to date; --force"), "{}", again.err);
    assert_eq!(modified(), before);
    thumbnails(&out, &["--force"]).expect(0);
    assert_ne!(modified(), before);
    fs::remove_file(out.join("thumbnails/sprite_00001.jpg")).expect("removable");
    thumbnails(&out, &[]).expect(0);
    assert_eq!(tree(&out), first);
}

#[test]
fn what_is_stopped_leaves_no_lock_and_says_that_it_starts_over() {
    let directory = TestDir::new();
    let out = directory.join("out");
    // A single key frame: every picture has to be decoded.
    let long = made(&directory, "long.mkv", "-f lavfi -i testsrc2=s=1280x720:r=25:d=20 -c:v mpeg4 -g 600 -q:v 10");
    let mut run = Running::of(&words(&long, &out, &["--json"]));
    assert!(run.made(&out.join(".streampack/lock")));
    run.signal(Signal::Int);
    let message = run.end().refused(130);
    assert!(message.contains("run the same command again to start over"), "{message}");
    assert_eq!(fs::read_dir(&out).expect("a directory").count(), 0);
}

#[test]
fn an_unfinished_encode_goes_on_after_them() {
    let flags = &[SMALL, &["--segment-duration", "1", "--gop", "1"]].concat();
    let set = Encoded::with(&clip(CLIP), flags);
    let directory = TestDir::new();
    let out = directory.join("out");
    let mut run = Running::start(&clip(CLIP), &out, flags);
    assert!(run.saw("180p_h264/segment_", 3));
    run.signal(Signal::Kill);
    run.end();
    thumbnails(&out, &[]).expect(0);
    let next = encode(&clip(CLIP), &out, flags).expect(0);
    assert!(next.out.matches("180p_h264/segment_").count() < 3, "{}", next.out);
    same(&out, &set.root());
}
