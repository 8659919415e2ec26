//! A live set that grows in a bucket.

use std::ffi::OsStr;
use std::time::Duration;

use super::support::proxy::{Mood, Seen};
use super::support::published::{environment, sync};
use super::support::run::{Ended, Running, Signal};
use super::support::{TestDir, clip, tree};
use super::{Scene, name, puts};

/// Runs that are not live end within this time of a signal.
const OTHERS_MAY_TAKE: Duration = Duration::from_secs(5);

fn live(scene: &Scene, cache: &TestDir, flags: &[&str]) -> Ended {
    start(scene, cache, flags).end()
}

fn start(scene: &Scene, cache: &TestDir, flags: &[&str]) -> Running {
    start_with(scene, cache, "h264_720p25.mp4", flags)
}

fn start_with(scene: &Scene, cache: &TestDir, input: &str, flags: &[&str]) -> Running {
    let destination = scene.destination();
    let input = clip(input);
    let ours =
        ["--ladder", "90p@80k", "--speed", "draft", "--segment-duration", "1", "--gop", "1", "--window", "3", "--json"];
    let words = [OsStr::new("live"), input.as_os_str(), OsStr::new("-o"), OsStr::new(&destination)];
    let words: Vec<&OsStr> = words.into_iter().chain(ours.iter().chain(flags).map(OsStr::new)).collect();
    let mut variables = environment(&scene.proxy.url());
    variables.push(("XDG_CACHE_HOME", cache.path().to_str().expect("text").to_owned()));
    Running::with(&words, &variables)
}

/// A programme in a bucket alone, and one that players have from this machine as well, who do not wait for the bucket; with
/// the names of their buckets.
fn served_or_not(buckets: [&'static str; 2]) -> [(&'static str, &'static [&'static str]); 2] {
    [(buckets[0], &[]), (buckets[1], &["--serve", "127.0.0.1:0"])]
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
    // The next programme has the same names.
    let head = scene.moto.head(scene.bucket, "films/one/video/90p_h264/segment_00003.m4s");
    assert_eq!(head.header("cache-control"), "public, max-age=60");
    assert_eq!(tree::names(cache.path()), Vec::<String>::new());
    // The next programme takes its place.
    live(&scene, &cache, &["--no-dash"]).expect(0);
    assert!(!scene.objects().contains_key("manifest.mpd"));
}

#[test]
fn caches_keep_a_programme_as_long_as_flags_say() {
    let (scene, cache) = (Scene::new("livecaches", Mood::Good), TestDir::new());
    live(&scene, &cache, &["--cache-control-media", "max-age=3", "--cache-control-manifest", "max-age=4"]).expect(0);
    let header = |key: &str| scene.moto.head(scene.bucket, &format!("films/one/{key}")).header("cache-control");
    assert_eq!(header("video/90p_h264/segment_00003.m4s"), "max-age=3");
    assert_eq!((header("master.m3u8"), header("manifest.mpd")), ("max-age=4".to_owned(), "max-age=4".to_owned()));
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

/// What the playlist of the pictures says.
fn playlist(scene: &Scene) -> String {
    String::from_utf8(scene.objects()["video/90p_h264/playlist.m3u8"].clone()).expect("text")
}

/// The programme cannot end by itself before the signal comes, and its last segments take longer than other runs may.
#[test]
fn a_programme_that_is_stopped_ends_in_the_bucket_too() {
    for (bucket, signal, code) in [("livestop", Signal::Int, 130), ("liveterm", Signal::Term, 143)] {
        let (scene, cache) = (Scene::new(bucket, Mood::Holding("segment_00003")), TestDir::new());
        let mut running = start(&scene, &cache, &["--realtime"]);
        assert!(running.saw("\"live\"", 1), "a segment is offered");
        running.signal(signal);
        if signal == Signal::Term {
            std::thread::sleep(OTHERS_MAY_TAKE);
        }
        scene.proxy.set(Mood::Good);
        running.end().expect(code);
        let playlist = playlist(&scene);
        assert!(playlist.contains("#EXT-X-ENDLIST"), "{playlist}");
        assert!(scene.objects().contains_key("streampack.json"));
    }
}

/// What players have been offered stays, and says that nothing follows.
#[test]
fn a_store_that_refuses_ends_the_programme_with_its_reason_and_takes_nothing_back() {
    for (bucket, flags) in served_or_not(["livedenied", "livedeniedserved"]) {
        let denied = Mood::RefusingOf("segment_00002", 403, "<Error><Code>AccessDenied</Code></Error>");
        let (scene, cache) = (Scene::new(bucket, denied), TestDir::new());
        let told = start_with(&scene, &cache, "video_only.mp4", flags).end().expect(13).err;
        assert!(told.contains("access denied"), "{told}");
        let (playlist, there) = (playlist(&scene), scene.objects());
        assert!(playlist.contains("segment_00001.m4s") && playlist.contains("#EXT-X-ENDLIST"), "{playlist}");
        for key in ["video/90p_h264/segment_00001.m4s", "master.m3u8", "streampack.json"] {
            assert!(there.contains_key(key), "{key} of {:?}", there.keys());
        }
        assert_eq!(tree::names(cache.path()), Vec::<String>::new());
    }
}

#[test]
fn an_outage_of_the_store_is_waited_out() {
    for (bucket, flags) in served_or_not(["liveoutage", "liveoutageserved"]) {
        let (scene, cache) = (Scene::new(bucket, Mood::Good), TestDir::new());
        let mut running = start(&scene, &cache, &[&["--realtime"], flags].concat());
        assert!(running.saw("\"live\"", 1), "a segment is offered");
        scene.proxy.set(Mood::Down);
        assert!(running.saw("store_waited_for", 1), "it is told");
        let before = scene.objects();
        assert!(before.contains_key("master.m3u8"), "nothing was taken back: {:?}", before.keys());
        scene.proxy.set(Mood::Good);
        running.end().expect(0);
        let playlist = playlist(&scene);
        assert!(playlist.contains("#EXT-X-ENDLIST") && playlist.contains("segment_00003.m4s"), "{playlist}");
    }
}

/// A store that does not come back: the end is kept here, and the next command brings it there.
#[test]
fn an_end_that_cannot_be_brought_is_kept() {
    for (bucket, flags) in served_or_not(["livekept", "livekeptserved"]) {
        let (scene, cache) = (Scene::new(bucket, Mood::Good), TestDir::new());
        let mut running = start(&scene, &cache, &[&["--realtime"], flags].concat());
        assert!(running.saw("\"live\"", 1), "a segment is offered");
        scene.proxy.set(Mood::Down);
        assert!(running.saw("store_waited_for", 1), "it is told");
        running.signal(Signal::Int);
        let ended = running.end().expect(14);
        assert!(ended.warnings().contains(&"end_kept_here".to_owned()), "{}", ended.out);
        scene.proxy.set(Mood::Good);
        let kept =
            std::fs::read_dir(cache.join("streampack")).expect("kept").next().expect("one").expect("readable").path();
        sync(&kept.join("set"), &scene.destination(), &scene.proxy.url(), &["--force"]).expect(0);
        let playlist = playlist(&scene);
        assert!(playlist.contains("#EXT-X-ENDLIST"), "{playlist}");
    }
}
