//! Two runs into one place at one time.

use std::ffi::OsStr;
use std::fs;
use std::path::Path;

use super::support::proxy::{Mood, Proxy};
use super::support::published::{environment, make_set, start, sync};
use super::support::run::Running;
use super::support::{TestDir, clip};
use super::{Scene, puts};

fn encode(scene: &Scene, url: &str, cache: &TestDir) -> Running {
    let (input, destination) = (clip("h264_720p25.mp4"), scene.destination());
    let flags = ["--json", "--ladder", "90p@80k", "--speed", "draft", "--segment-duration", "1"];
    let words = [OsStr::new("encode"), input.as_os_str(), OsStr::new("-o"), OsStr::new(&destination)];
    let mut variables = environment(url);
    variables.push(("XDG_CACHE_HOME", cache.path().to_str().expect("text").to_owned()));
    Running::with(&words.into_iter().chain(flags.iter().map(OsStr::new)).collect::<Vec<_>>(), &variables)
}

#[test]
fn a_second_run_on_one_machine_is_refused_and_the_first_one_ends_well() {
    let (scene, cache) = (Scene::new("twice", Mood::Holding("init.mp4")), TestDir::new());
    let mut first = encode(&scene, &scene.proxy.url(), &cache);
    assert!(first.saw("\"put\"", 1), "it is under way");
    let refused = encode(&scene, &scene.proxy.url(), &cache).end().expect(11).err;
    assert!(refused.contains("s3://twice/films/one is being written by another run"), "{refused}");
    scene.proxy.set(Mood::Good);
    first.end().expect(0);
    encode(&scene, &scene.proxy.url(), &cache).end().expect(0);
    assert!(scene.objects().contains_key("master.m3u8"));
}

/// With a cache of its own each run is one of another machine.
#[test]
fn runs_of_two_machines_make_the_same_set() {
    let (scene, caches) = (Scene::new("machines", Mood::Holding("playlist.m3u8")), [TestDir::new(), TestDir::new()]);
    let mut slow = encode(&scene, &scene.proxy.url(), &caches[0]);
    // All of its media stands, and no manifest does.
    assert!(slow.saw("\"put\"", 3), "it is under way");
    let other = Proxy::start(scene.moto.address(), Mood::Good);
    encode(&scene, &other.url(), &caches[1]).end().expect(0);
    scene.proxy.set(Mood::Good);
    slow.end().expect(0);
    let there = scene.objects();
    scene.proxy.take();
    let third = TestDir::new();
    encode(&scene, &scene.proxy.url(), &third).end().expect(0);
    assert!(puts(&scene.proxy.take()).is_empty(), "nothing was wrong");
    assert_eq!(scene.objects(), there);
}

#[test]
fn what_two_different_sets_made_of_a_prefix_the_next_run_repairs() {
    let scene = Scene::new("mixed", Mood::Holding("playlist.m3u8"));
    let theirs = TestDir::new();
    make_set(theirs.path(), 5);
    for key in ["master.m3u8", "video/360p_h264/segment_00001.m4s"] {
        let path = theirs.join(key);
        let longer = [fs::read(&path).expect("readable"), b" of theirs".to_vec()].concat();
        fs::write(path, longer).expect("writable");
    }
    relist(theirs.path());
    let mut ours = start(scene.out.path(), &scene.destination(), &scene.proxy.url(), &[]);
    assert!(ours.saw("\"put\"", 8), "its media stands");
    let other = Proxy::start(scene.moto.address(), Mood::Good);
    sync(theirs.path(), &scene.destination(), &other.url(), &[]).expect(0);
    scene.proxy.set(Mood::Good);
    ours.end().expect(0);
    scene.sync(&[]);
    let there = scene.objects();
    for name in super::tree::names(scene.out.path()) {
        assert_eq!(there[&name], fs::read(scene.out.join(&name)).expect("readable"), "{name}");
    }
    assert!(puts(&scene.sync(&[])).is_empty());
}

/// Lists the files as they are now.
fn relist(set: &Path) {
    let keys = super::support::published::listed(set);
    super::support::published::report(set, &keys);
}
