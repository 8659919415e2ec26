//! Sets that are encoded and packaged straight into a bucket.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use super::support::proxy::Mood;
use super::support::published::{environment, put};
use super::support::run::{Ended, Running, Signal, encode};
use super::support::{TestDir, clip, tree};
use super::{Scene, assert_order_of, puts};

/// Small pictures, several pieces of work.
const FLAGS: &[&str] = &["--ladder", "90p@80k", "--speed", "draft", "--segment-duration", "1", "--gop", "0.5"];

/// A run of `verb` into the scene's bucket, with a cache of its own.
fn start(scene: &Scene, cache: &Path, verb: &str, inputs: &[PathBuf], flags: &[&str]) -> Running {
    let destination = scene.destination();
    let words = [OsStr::new(verb)].into_iter().chain(inputs.iter().map(|input| input.as_os_str()));
    let words = words.chain(["-o", &destination, "--json"].map(OsStr::new)).chain(flags.iter().map(OsStr::new));
    let mut variables = environment(&scene.proxy.url());
    variables.push(("XDG_CACHE_HOME", cache.to_str().expect("text").to_owned()));
    Running::with(&words.collect::<Vec<_>>(), &variables)
}

fn run(scene: &Scene, cache: &Path, flags: &[&str]) -> Ended {
    start(scene, cache, "encode", &[clip("h264_720p25.mp4")], &[FLAGS, flags].concat()).end()
}

/// Expects that the bucket holds what a run into a directory makes.
#[track_caller]
fn assert_made(scene: &Scene, flags: &[&str]) {
    let (local, there) = (TestDir::new(), TestDir::new());
    encode(&clip("h264_720p25.mp4"), local.path(), &[FLAGS, flags].concat()).expect(0);
    for (key, body) in scene.objects() {
        put(there.path(), &key, &body);
    }
    tree::same(there.path(), local.path());
}

/// A run leaves nothing in the cache when it has brought everything to its place.
#[track_caller]
fn assert_empty(cache: &TestDir) {
    assert_eq!(tree::names(cache.path()), Vec::<String>::new());
}

#[test]
fn a_set_goes_straight_into_a_bucket_and_is_up_to_date_the_next_time() {
    let (scene, cache) = (Scene::new("direct", Mood::Good), TestDir::new());
    let ended = run(&scene, cache.path(), &[]).expect(0);
    let seen = scene.proxy.take();
    // Segments go up as they are finished, before any header.
    assert_order_of(2..=3, &seen);
    assert_made(&scene, &[]);
    assert_empty(&cache);
    let events = ended.events();
    let place = |kind: &str, end: &str| {
        events.iter().position(|e| e["type"] == kind && e["key"].as_str().is_some_and(|key| key.ends_with(end)))
    };
    assert!(place("put", "segment_00001.m4s") < place("manifest", "master.m3u8"), "segments go up meanwhile");
    let manifest = scene.moto.head("direct", "films/one/master.m3u8");
    assert_eq!(manifest.header("content-type"), "application/vnd.apple.mpegurl");
    run(&scene, cache.path(), &[]).expect(0);
    assert!(puts(&scene.proxy.take()).is_empty());
    assert_empty(&cache);
}

#[test]
fn so_do_sets_of_single_files_and_sets_that_are_packaged() {
    let (scene, cache) = (Scene::new("single", Mood::Good), TestDir::new());
    run(&scene, cache.path(), &["--single-file"]).expect(0);
    assert_made(&scene, &["--single-file"]);
    // Other settings replace what is there, and what they do not make goes.
    start(&scene, cache.path(), "package", &[clip("h264_720p25.mp4")], &[]).end().expect(0);
    let there = scene.objects();
    assert!(there.keys().any(|key| key.ends_with("segment_00001.m4s")), "{:?}", there.keys());
    assert!(!there.keys().any(|key| key.ends_with("media.mp4")), "{:?}", there.keys());
    assert_empty(&cache);
}

#[test]
fn objects_of_others_are_not_replaced_and_nothing_is_encoded() {
    let (scene, cache) = (Scene::new("theirs", Mood::Good), TestDir::new());
    scene.moto.ask("PUT", "/theirs/films/one/master.m3u8", &[], b"mine");
    let refused = run(&scene, cache.path(), &[]).expect(13);
    assert!(refused.err.contains("s3://theirs/films/one/master.m3u8 is already there"), "{}", refused.err);
    assert!(puts(&scene.proxy.take()).is_empty());
    assert_empty(&cache);
    run(&scene, cache.path(), &["--force"]).expect(0);
    assert_made(&scene, &[]);
}

#[test]
fn a_killed_run_is_finished_by_the_next_and_sends_nothing_twice() {
    let (scene, cache) = (Scene::new("killed", Mood::Good), TestDir::new());
    let input = [clip("h264_720p25.mp4")];
    let mut running = start(&scene, cache.path(), "encode", &input, FLAGS);
    assert!(running.saw("\"put\"", 2), "segments go up while others are made");
    running.signal(Signal::Kill);
    let sent: Vec<String> = running
        .end()
        .out
        .lines()
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
        .filter(|event| event["type"] == "put")
        .map(|event| event["key"].as_str().expect("a key").to_owned())
        .collect();
    assert!(scene.objects().keys().all(|key| !key.ends_with(".m3u8") && !key.ends_with(".mpd")));
    scene.proxy.take();
    run(&scene, cache.path(), &[]).expect(0);
    assert_made(&scene, &[]);
    let again = scene.proxy.take();
    for key in sent {
        let twice = puts(&again).iter().any(|seen| seen.path.ends_with(&key));
        assert!(!twice, "{key} was sent twice");
    }
    assert_empty(&cache);
}

#[test]
fn an_upload_that_fails_ends_the_run_with_its_reason() {
    let (scene, cache) = (Scene::new("denied", Mood::Good), TestDir::new());
    let mut running = start(&scene, cache.path(), "encode", &[clip("h264_720p25.mp4")], FLAGS);
    assert!(running.saw("\"planned\"", 1), "it began");
    scene.proxy.set(Mood::Refusing(403, "<Error><Code>AccessDenied</Code></Error>"));
    let told = running.end().expect(13).err;
    assert!(told.contains("access denied"), "{told}");
    scene.proxy.set(Mood::Good);
    run(&scene, cache.path(), &[]).expect(0);
    assert_made(&scene, &[]);
}
