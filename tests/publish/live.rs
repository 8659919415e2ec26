//! A live set that grows in a bucket.

use std::ffi::OsStr;

use super::support::proxy::{Mood, Seen};
use super::support::published::environment;
use super::support::run::{Ended, Running, Signal};
use super::support::{TestDir, clip};
use super::{Scene, name, puts};

fn live(scene: &Scene, cache: &TestDir, flags: &[&str]) -> Ended {
    start(scene, cache, flags).end()
}

fn start(scene: &Scene, cache: &TestDir, flags: &[&str]) -> Running {
    let destination = scene.destination();
    let input = clip("h264_720p25.mp4");
    let ours =
        ["--ladder", "90p@80k", "--speed", "draft", "--segment-duration", "1", "--gop", "1", "--window", "3", "--json"];
    let words = [OsStr::new("live"), input.as_os_str(), OsStr::new("-o"), OsStr::new(&destination)];
    let words: Vec<&OsStr> = words.into_iter().chain(ours.iter().chain(flags).map(OsStr::new)).collect();
    let mut variables = environment(&scene.proxy.url());
    variables.push(("XDG_CACHE_HOME", cache.path().to_str().expect("text").to_owned()));
    Running::with(&words, &variables)
}

/// Where the first request for something stands, and the first after it.
fn first(seen: &[&Seen], end: &str) -> u64 {
    seen.iter().find(|seen| seen.path.ends_with(end)).unwrap_or_else(|| panic!("{end}: {seen:#?}")).began
}

#[test]
fn segments_go_up_before_the_playlists_that_name_them_and_the_end_is_a_whole_set() {
    let (scene, cache) = (Scene::new("live", Mood::Good), TestDir::new());
    live(&scene, &cache, &[]).expect(0);
    let seen = scene.proxy.take();
    let seen = puts(&seen);
    let (init, segment) = (first(&seen, "90p_h264/init.mp4"), first(&seen, "90p_h264/segment_00001.m4s"));
    let (playlist, master) = (first(&seen, "90p_h264/playlist.m3u8"), first(&seen, "master.m3u8"));
    assert!(init < segment && segment < playlist && playlist < master, "{seen:#?}");
    assert!(seen.iter().filter(|seen| name(&seen.path) == "manifest.mpd").count() > 1, "it grows");
    let there = scene.objects();
    let playlist = String::from_utf8(there["video/90p_h264/playlist.m3u8"].clone()).expect("text");
    assert!(playlist.contains("#EXT-X-ENDLIST"), "{playlist}");
    for uri in playlist.lines().filter(|line| !line.starts_with('#')) {
        assert!(there.contains_key(&format!("video/90p_h264/{uri}")), "{uri} of {:?}", there.keys());
    }
    assert!(there.contains_key("streampack.json"));
    let head = scene.moto.head(scene.bucket, "films/one/master.m3u8");
    assert_eq!(head.header("cache-control"), "public, max-age=0, s-maxage=60, must-revalidate");
    assert_eq!(super::support::tree::names(cache.path()), Vec::<String>::new());
    // The next programme takes its place.
    live(&scene, &cache, &["--no-dash"]).expect(0);
    assert!(!scene.objects().contains_key("manifest.mpd"));
}

#[test]
fn what_others_put_there_is_not_replaced_without_force() {
    let (scene, cache) = (Scene::new("livenot", Mood::Good), TestDir::new());
    scene.moto.ask("PUT", "/livenot/films/one/master.m3u8", &[], b"mine");
    let refused = live(&scene, &cache, &[]).expect(13).err;
    assert!(refused.contains("s3://livenot/films/one/master.m3u8 is already there"), "{refused}");
    assert_eq!(scene.objects().len(), 1);
    live(&scene, &cache, &["--force"]).expect(0);
    assert!(scene.objects().contains_key("manifest.mpd"));
}

#[test]
fn a_programme_that_is_stopped_ends_in_the_bucket_too() {
    let (scene, cache) = (Scene::new("livestop", Mood::Good), TestDir::new());
    let mut running = start(&scene, &cache, &["--realtime"]);
    assert!(running.saw("\"live\"", 1), "a segment is offered");
    running.signal(Signal::Int);
    running.end().expect(130);
    let there = scene.objects();
    let playlist = String::from_utf8(there["video/90p_h264/playlist.m3u8"].clone()).expect("text");
    assert!(playlist.contains("#EXT-X-ENDLIST") && there.contains_key("streampack.json"), "{playlist}");
}

#[test]
fn a_store_that_refuses_ends_the_programme_with_its_reason() {
    let (scene, cache) = (Scene::new("livedenied", Mood::Good), TestDir::new());
    let mut running = start(&scene, &cache, &["--realtime"]);
    assert!(running.saw("\"live\"", 1), "a segment is offered");
    scene.proxy.set(Mood::Refusing(403, "<Error><Code>AccessDenied</Code></Error>"));
    let told = running.end().expect(13).err;
    assert!(told.contains("access denied"), "{told}");
}
