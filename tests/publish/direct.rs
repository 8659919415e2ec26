//! Sets that are encoded and packaged straight into a bucket.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use super::support::proxy::Mood;
use super::support::published::{environment, put, sync};
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
    // Headers go up when all segments have, so it cannot end before.
    let (scene, cache) = (Scene::new("killed", Mood::Holding("init.mp4")), TestDir::new());
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
    scene.proxy.set(Mood::Good);
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
    let denied = Mood::RefusingOf("segment_", 403, "<Error><Code>AccessDenied</Code></Error>");
    let (scene, cache) = (Scene::new("denied", denied), TestDir::new());
    let told = run(&scene, cache.path(), &[]).expect(13).err;
    assert!(told.contains("access denied"), "{told}");
    scene.proxy.set(Mood::Good);
    run(&scene, cache.path(), &[]).expect(0);
    assert_made(&scene, &[]);
}

/// Viewers of the set that stands there go on until the new one is whole.
#[test]
fn encoding_again_replaces_nothing_before_all_is_made() {
    let (scene, cache) = (Scene::new("directanew", Mood::Good), TestDir::new());
    run(&scene, cache.path(), &[]).expect(0);
    let softer = ["--crf", "40"];
    let ended = run(&scene, cache.path(), &softer).expect(0);
    let events = ended.events();
    let all_made = events.iter().position(|event| event["type"] == "transfer").expect("the end of the work");
    let replaced = |event: &serde_json::Value| event["type"] == "put" && event["why"] != "new";
    assert!(!events[..all_made].iter().any(replaced), "{events:#?}");
    assert!(events[all_made..].iter().any(replaced), "{events:#?}");
    let told = events.iter().position(|event| event["code"] == "media_replaced").expect("a warning");
    assert!(told < all_made && ended.warnings().iter().filter(|code| *code == "media_replaced").count() == 1);
    assert_made(&scene, &softer);
    assert_empty(&cache);
}

/// Headers of a store are changed with the body, and the body is there alone.
#[test]
fn headers_that_differ_are_repaired_without_encoding_again() {
    let (scene, cache, local) = (Scene::new("directheads", Mood::Good), TestDir::new(), TestDir::new());
    encode(&clip("h264_720p25.mp4"), local.path(), FLAGS).expect(0);
    let flags = ["--cache-control-media", "max-age=60"];
    sync(local.path(), &scene.destination(), &scene.proxy.url(), &flags).expect(0);
    let ended = run(&scene, cache.path(), &[]).expect(0);
    assert!(ended.events().iter().all(|event| event["type"] != "segment"), "nothing was encoded again");
    let header = scene.moto.head(scene.bucket, "films/one/video/90p_h264/segment_00002.m4s").header("cache-control");
    assert_eq!(header, "public, max-age=31536000, immutable");
    assert_made(&scene, &[]);
    assert_empty(&cache);
}

#[test]
fn what_flags_say_of_caches_is_what_the_objects_say() {
    let (scene, cache) = (Scene::new("directcaches", Mood::Good), TestDir::new());
    let flags = ["--cache-control-media", "max-age=3", "--cache-control-manifest", "max-age=4"];
    let header = |key: &str| scene.moto.head(scene.bucket, &format!("films/one/{key}")).header("cache-control");
    let headers = || ["video/90p_h264/segment_00001.m4s", "video/90p_h264/init.mp4", "master.m3u8"].map(header);
    run(&scene, cache.path(), &flags).expect(0);
    assert_eq!(headers(), ["max-age=3", "max-age=3", "max-age=4"]);
    run(&scene, cache.path(), &flags).expect(0);
    start(&scene, cache.path(), "package", &[clip("h264_720p25.mp4")], &flags).end().expect(0);
    let packaged = scene.objects().into_keys().find(|key| key.ends_with("segment_00001.m4s")).expect("a segment");
    assert_eq!((header(&packaged).as_str(), header("manifest.mpd").as_str()), ("max-age=3", "max-age=4"));
}

#[test]
fn a_distribution_is_told_of_what_a_new_version_changed() {
    let (scene, cache) = (Scene::new("directcdn", Mood::Good), TestDir::new());
    let distribution = scene.moto.distribution("direct");
    let flags = ["--invalidate", distribution.as_str()];
    run(&scene, cache.path(), &flags).expect(0);
    assert!(scene.moto.invalidations(&distribution).is_empty(), "nothing stood there before");
    let before = scene.objects();
    // An invalidation that fails is made by the next run, which finds all else in its place.
    let newer = [&flags[..], &["--crf", "45", "--invalidate-root", "/"]].concat();
    scene.proxy.set(Mood::RefusingOf("invalidation", 403, "<Error><Code>AccessDenied</Code></Error>"));
    let refused = run(&scene, cache.path(), &newer).expect(13).err;
    assert!(refused.contains("access denied"), "{refused}");
    scene.proxy.set(Mood::Good);
    scene.proxy.take();
    run(&scene, cache.path(), &newer).expect(0);
    assert!(puts(&scene.proxy.take()).is_empty());
    let after = scene.objects();
    let media = |key: &String| [".mp4", ".m4s"].iter().any(|end| key.ends_with(end)) || key.contains("sprite_");
    let changed = after.iter().filter(|(key, body)| !media(key) && before.get(*key) != Some(body));
    let mut changed: Vec<String> = changed.map(|(key, _)| format!("/{key}")).collect();
    changed.sort();
    let mut told = scene.moto.invalidations(&distribution).concat();
    told.sort();
    assert!(changed.contains(&"/streampack.json".to_owned()), "{changed:?}");
    assert_eq!(told, changed);
}

#[test]
fn a_set_below_the_prefix_and_odd_objects_of_others_are_left_alone() {
    let (scene, cache) = (Scene::new("directbelow", Mood::Good), TestDir::new());
    let trailer = format!("{}/video/trailer", scene.destination());
    sync(scene.out.path(), &trailer, &scene.proxy.url(), &[]).expect(0);
    // No path, a folder as consoles make it, and a file where a directory is.
    for odd in ["a//b", "video/90p_h264/", "audio"] {
        let answer = scene.moto.ask("PUT", &format!("/directbelow/films/one/{odd}"), &[], b"mine");
        assert_eq!(answer.status, 200, "{odd}");
    }
    let before = scene.objects();
    run(&scene, cache.path(), &[]).expect(0);
    run(&scene, cache.path(), &["--crf", "40"]).expect(0);
    let after = scene.objects();
    for (key, body) in &before {
        assert_eq!(after.get(key), Some(body), "{key}");
    }
    assert!(after.contains_key("master.m3u8") && after.contains_key("video/trailer/master.m3u8"));
}
