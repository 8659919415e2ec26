//! What changed here or there, and what is removed.

use super::support::TestDir;
use super::support::proxy::Mood;
use super::support::published::{listed, make_set, put, report, sync};
use super::{Scene, name, puts};

const KEY: &str = "films/one/video/360p_h264/segment_00001.m4s";

/// Changes the headers of an object and nothing else, as the console of Amazon does.
fn touch(scene: &Scene, key: &str) {
    let before = scene.moto.head(scene.bucket, key).header("last-modified");
    let source = format!("/{}/{key}", scene.bucket);
    let headers = [
        ("x-amz-copy-source", source.as_str()),
        ("x-amz-metadata-directive", "REPLACE"),
        ("content-type", "text/plain"),
    ];
    // Clocks of stores tell seconds.
    while scene.moto.head(scene.bucket, key).header("last-modified") == before {
        let answer = scene.moto.ask("PUT", &format!("/{}/{key}", scene.bucket), &headers, b"");
        assert_eq!(answer.status, 200);
    }
    assert_eq!(scene.moto.head(scene.bucket, key).header("content-type"), "text/plain");
}

#[test]
fn only_what_differs_is_put() {
    let scene = Scene::new("differs", Mood::Good);
    scene.sync(&[]);
    // The same length: the content is compared.
    put(scene.out.path(), "master.m3u8", b"#EXTM3X");
    let seen = scene.sync(&[]);
    assert_eq!(puts(&seen).iter().map(|seen| name(&seen.path)).collect::<Vec<_>>(), ["master.m3u8"]);
    scene.assert_same();
}

#[test]
fn headers_that_somebody_changed_are_repaired() {
    let scene = Scene::new("repaired", Mood::Good);
    scene.sync(&[]);
    touch(&scene, KEY);
    let seen = scene.sync(&[]);
    assert_eq!(puts(&seen).len(), 1, "{seen:#?}");
    let head = scene.moto.head(scene.bucket, KEY);
    assert_eq!(head.header("content-type"), "video/mp4");
    assert_eq!(head.header("cache-control"), "public, max-age=31536000, immutable");
    assert!(puts(&scene.sync(&[])).is_empty());
}

#[test]
fn what_is_missing_there_comes_back_also_without_the_notes() {
    let scene = Scene::new("missing", Mood::Good);
    scene.sync(&[]);
    for key in [KEY, "films/one/.streampack-sync.json"] {
        scene.moto.ask("DELETE", &format!("/{}/{key}", scene.bucket), &[], b"");
    }
    // The marks of the objects tell that they are ours, and what they hold.
    let seen = scene.sync(&[]);
    assert_eq!(puts(&seen).iter().map(|seen| name(&seen.path)).collect::<Vec<_>>(), ["segment_00001.m4s"]);
    scene.assert_same();
    assert!(puts(&scene.sync(&[])).is_empty());
}

#[test]
fn objects_of_others_are_not_replaced_without_force() {
    let scene = Scene::new("foreign", Mood::Good);
    scene.moto.ask("PUT", "/foreign/films/one/master.m3u8", &[], b"mine");
    let refused = sync(scene.out.path(), &scene.destination(), &scene.proxy.url(), &[]).expect(13);
    assert!(refused.err.contains("s3://foreign/films/one/master.m3u8 is already there"), "{}", refused.err);
    assert_eq!(scene.objects().len(), 1, "nothing was changed");
    scene.sync(&["--force"]);
    scene.assert_same();
}

#[test]
fn only_what_was_put_there_is_removed_and_only_when_asked_for() {
    let scene = Scene::new("removed", Mood::Good);
    scene.sync(&[]);
    let before = listed(scene.out.path()).len();
    scene.moto.ask("PUT", "/removed/films/one/mine.txt", &[], b"mine");
    make_set(scene.out.path(), 2);
    scene.sync(&[]);
    assert_eq!(scene.objects().len(), before + 2, "the report and a foreign object");
    let most = sync(scene.out.path(), &scene.destination(), &scene.proxy.url(), &["--delete", "--max-delete", "1"]);
    let refused = most.expect(13).err;
    assert!(refused.contains("2 objects are gone here and would be deleted"), "{refused}");
    assert_eq!(scene.objects().len(), before + 2, "nothing was deleted");
    let seen = scene.sync(&["--delete", "--max-delete", "2"]);
    assert!(puts(&seen).is_empty());
    let left = scene.objects();
    assert!(left.contains_key("mine.txt") && left.len() == before, "{:?}", left.keys());
    assert!(scene.sync(&["--delete"]).iter().all(|seen| seen.method == "GET"));
}

#[test]
fn what_an_earlier_set_left_is_told_and_not_what_is_beside_it() {
    let scene = Scene::new("leftover", Mood::Good);
    let sync = |name: &str| {
        let destination = format!("s3://{}/films{name}", scene.bucket);
        sync(scene.out.path(), &destination, &scene.proxy.url(), &[]).expect(0)
    };
    assert_eq!((sync("/one").warnings(), sync("/two").warnings()), (vec![], vec![]));
    make_set(scene.out.path(), 2);
    let told = sync("/one");
    assert_eq!(told.warnings(), ["not_of_a_set", "left_at_destination"]);
    let said = "2 objects of an earlier set stay at the destination (audio/en_aac_128k/segment_00003.m4s, video/";
    assert!(told.out.contains(said), "{}", told.out);
}

/// A set that another run brought there keeps its notes in another place, or has none: what carries the mark is ours.
#[test]
fn what_an_earlier_set_left_is_removed_also_without_its_notes() {
    let scene = Scene::new("marked", Mood::Good);
    scene.sync(&[]);
    for mine in ["films/one/video/360p_h264/mine.m4s", "films/notes/streampack.txt"] {
        scene.moto.ask("PUT", &format!("/marked/{mine}"), &[], b"mine");
    }
    scene.moto.ask("DELETE", "/marked/films/one/.streampack-sync.json", &[], b"");
    let all = TestDir::new();
    make_set(&all.join("one"), 2);
    let run = |flags: &[&str]| sync(all.path(), "s3://marked/films", &scene.proxy.url(), flags);
    run(&["--delete", "--max-delete", "1"]).expect(13);
    run(&["--delete", "--max-delete", "2"]).expect(0);
    let left = scene.objects_below("films/");
    assert!(left.contains("one/video/360p_h264/segment_00002.m4s") && left.contains("one/video/360p_h264/mine.m4s"));
    assert!(left.contains("notes/streampack.txt"), "{left:?}");
    assert!(!left.iter().any(|key| key.ends_with("segment_00003.m4s")), "{left:?}");
}

#[test]
fn manifests_that_go_are_put_before_anything_is_removed_and_go_first() {
    let scene = Scene::new("last", Mood::Good);
    scene.sync(&[]);
    let gone = ["manifest.mpd", "video/360p_h264/playlist.m3u8", "video/360p_h264/segment_00001.m4s"];
    let gone = [&gone[..], &["video/360p_h264/init.mp4", "poster.jpg", "master.m3u8"]].concat();
    let keys = listed(scene.out.path());
    let kept: Vec<&String> = keys.iter().filter(|key| !gone.contains(&key.as_str())).collect();
    report(scene.out.path(), &kept);
    let ended = sync(scene.out.path(), &scene.destination(), &scene.proxy.url(), &["--delete"]).expect(0);
    let done = ended.events().into_iter().filter(|event| event["type"] == "put" || event["type"] == "delete");
    let done: Vec<String> = done.map(|event| event["key"].as_str().expect("a key").to_owned()).collect();
    // Each goes when nothing is left that leads to it.
    let order = [&["streampack.json", "manifest.mpd", "master.m3u8"][..], &gone[1..2]].concat();
    let order = [&order[..], &["poster.jpg", "video/360p_h264/segment_00001.m4s"], &gone[3..4]].concat();
    assert_eq!(done, order);
    assert!(gone.iter().all(|key| !scene.objects().contains_key(*key)));
}

#[test]
fn a_dry_run_shows_everything_and_changes_nothing() {
    let scene = Scene::new("dry", Mood::Good);
    let ended = sync(scene.out.path(), &scene.destination(), &scene.proxy.url(), &["--dry-run"]).expect(0);
    let transfer = ended.events().into_iter().find(|event| event["type"] == "transfer").expect("the plan");
    assert_eq!(transfer["put"].as_array().map(Vec::len), Some(listed(scene.out.path()).len() + 1));
    assert!(scene.proxy.take().iter().all(|seen| seen.method == "GET"));
    assert!(scene.objects().is_empty());
}

/// `object_store` refuses a whole listing for one of them.
#[test]
fn objects_of_others_with_odd_names_stand_in_nobodys_way() {
    let scene = Scene::new("oddnames", Mood::Good);
    for odd in ["a//b", "folder/", "%01", "...", "x%20%2B&y"] {
        let answer = scene.moto.ask("PUT", &format!("/oddnames/films/one/odd/{odd}"), &[], b"mine");
        assert_eq!(answer.status, 200, "{odd}");
    }
    let there = scene.moto.list("oddnames").len();
    scene.sync(&[]);
    assert_eq!(scene.moto.list("oddnames").len(), there + listed(scene.out.path()).len() + 1);
    assert!(puts(&scene.sync(&["--delete"])).is_empty());
}
