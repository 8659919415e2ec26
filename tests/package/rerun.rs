//! The same output again.

use std::fs;
use std::path::Path;

use super::{Bench, H264};
use crate::support::run::{package, run};
use crate::support::tree::tree;

#[test]
fn a_finished_set_is_up_to_date_and_every_number_of_jobs_makes_the_same() {
    let bench = Bench::new();
    let film = bench.film("film.mp4", H264, "-c:a aac");
    bench.packaged(&[&film], &["--segment-duration", "1", "-j", "1"]);
    let first = tree(&bench.out());
    let out = bench.out();
    let words = [Path::new("package"), &film, Path::new("-o"), &out, Path::new("--segment-duration=1")];
    let again = run(&words).expect(0);
    assert!(again.err.contains("up to date"), "{}", again.err);
    bench.packaged(&[&film], &["--segment-duration", "1", "-j", "3", "--force"]);
    assert_eq!(tree(&bench.out()), first);
}

#[test]
fn another_length_of_segments_replaces_the_set_and_nothing_else() {
    let bench = Bench::new();
    let film = bench.film("film.mp4", H264, "-c:a aac");
    bench.packaged(&[&film], &["--segment-duration", "1"]);
    fs::write(bench.out().join("notes.txt"), "mine").expect("writable");
    bench.packaged(&[&film], &["--segment-duration", "3"]);
    assert!(!bench.out().join("video/108p_h264/segment_00002.m4s").exists());
    assert!(bench.out().join("notes.txt").exists() && !bench.out().join(".streampack").exists());
}

#[test]
fn a_file_of_somebody_else_is_not_replaced() {
    let bench = Bench::new();
    let film = bench.film("film.mp4", H264, "-c:a aac");
    fs::create_dir_all(bench.out()).expect("writable");
    fs::write(bench.out().join("master.m3u8"), "mine").expect("writable");
    let message = package(&[&film], &bench.out(), &[]).refused(13);
    assert!(message.contains("master.m3u8") && message.contains("--force"), "{message}");
    assert_eq!(fs::read(bench.out().join("master.m3u8")).expect("stands"), b"mine");
}

#[test]
fn a_dry_run_tells_and_writes_nothing() {
    let bench = Bench::new();
    let film = bench.film("film.mp4", H264, "-c:a aac");
    let told = run(&[Path::new("package"), &film, Path::new("--dry-run")]).expect(0).out;
    assert!(told.contains("video/108p_h264  192x108 at 30000/1001 fps"), "{told}");
    assert!(!bench.out().exists());
    let words = [Path::new("package"), &film, Path::new("--dry-run"), Path::new("-o"), Path::new("gs://bucket/x")];
    assert!(run(&words).expect(0).out.contains("  to                      gs://bucket/x  (flag --output)\n"));
}
