//! A programme that is served while its disk takes nothing.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::recorded::{keeps_every_rule, segments};
use crate::served::{get, served_with, text};
use crate::support::TestDir;
use crate::support::publisher::programme;
use crate::support::run::Signal;
use crate::support::stuck::StuckDisk;
use crate::{uris, value, words};

const ALL: [&str; 3] = ["video/180p_h264", "video/90p_h264", "audio/und_aac_128k"];

/// All that the playlists on the disk name stands there.
#[track_caller]
fn names_nothing_missing(out: &Path) {
    for rendition in ALL {
        let directory = out.join(rendition);
        let Ok(playlist) = std::fs::read_to_string(directory.join("playlist.m3u8")) else { continue };
        for uri in uris(&playlist) {
            assert!(directory.join(uri).exists(), "{rendition} lacks {uri}: {playlist}");
        }
    }
}

/// The number of the last segment of a playlist.
fn last(playlist: &str) -> u64 {
    let first: u64 = value(playlist, "#EXT-X-MEDIA-SEQUENCE").parse().expect("a number");
    first + playlist.lines().filter(|line| line.starts_with("#EXTINF")).count() as u64 - 1
}

/// Waits until it is so, and not for ever.
#[track_caller]
fn until(what: &str, is_so: impl Fn() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < Duration::from_secs(30), "in vain: {what}");
        std::thread::yield_now();
    }
}

fn metric(url: &str, name: &str) -> f64 {
    let metrics = text(&format!("{url}metrics"));
    let line = metrics.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    line.and_then(|value| value.parse().ok()).unwrap_or_else(|| panic!("no {name} in {metrics}"))
}

/// Everything that is offered can be had. Gives the number of the last segment.
#[track_caller]
fn serves_all(url: &str) -> u64 {
    let mut edge = 0;
    for rendition in ["video/180p_h264", "audio/und_aac_128k"] {
        let playlist = text(&format!("{url}{rendition}/playlist.m3u8"));
        for uri in uris(&playlist) {
            assert_eq!(get(&format!("{url}{rendition}/{uri}"), &[]).status(), 200, "{rendition}/{uri}");
        }
        edge = last(&playlist);
    }
    edge
}

/// In segments, or in parts as well.
fn goes_on_while_the_disk_is_stuck(flags: &[&str]) {
    let directory = TestDir::new();
    let (out, disk) = (directory.join("out"), StuckDisk::new(directory.path()));
    let source = programme(directory.path(), "programme.flv", 120, &[]);
    let (mut live, url) = served_with(&source, &out, &[&["--realtime"], flags].concat(), &disk.variables());
    assert!(live.saw("\"type\":\"live\"", 2), "{:?}", live.end());
    assert!(live.made(&out.join("video/180p_h264/playlist.m3u8")), "{:?}", live.end());
    disk.stick();
    let playlist = |path: &str| crate::text(&out.join(path).join("playlist.m3u8"));
    // What was under way may still come.
    assert!(live.saw("disk_behind", 1), "{:?}", live.end());
    let stands = last(&playlist("video/180p_h264"));
    assert!(live.saw("\"type\":\"live\"", 3), "{:?}", live.end());

    let edge = serves_all(&url);
    assert_eq!(last(&playlist("video/180p_h264")), stands, "nothing gets to the disk");
    assert!(edge >= stands + 5, "{edge} and {stands}");
    names_nothing_missing(&out);
    let most = 128.0 * 1024.0 * 1024.0;
    let waiting = metric(&url, "streampack_disk_queue_bytes");
    assert!(waiting > 1024.0 && waiting < most, "{waiting}");
    assert!(metric(&url, "streampack_disk_queue_tasks") > 10.0);
    assert_eq!(metric(&url, "streampack_disk_given_up"), 0.0);

    // The end is there for players, and is waited for where the disk is late.
    live.signal(Signal::Term);
    let ended = || text(&format!("{url}video/180p_h264/playlist.m3u8")).ends_with("#EXT-X-ENDLIST\n");
    until("players come to the end", ended);
    assert!(!playlist("video/180p_h264").contains("#EXT-X-ENDLIST"));
    names_nothing_missing(&out);
    disk.free();
    let ended = live.end().expect(143);
    assert_eq!(ended.warnings().iter().filter(|code| *code == "disk_behind").count(), 1);
    names_nothing_missing(&out);
    assert!(playlist("video/180p_h264").ends_with("#EXT-X-ENDLIST\n"));
    assert!(last(&playlist("video/180p_h264")) >= edge && !out.join(".streampack").exists());
    keeps_every_rule(&out);
}

#[test]
fn segments_are_served_while_the_disk_is_stuck_and_it_gets_all_of_them_in_order() {
    goes_on_while_the_disk_is_stuck(&[]);
}

#[test]
fn parts_are_served_while_the_disk_is_stuck_and_it_gets_their_segments_in_order() {
    goes_on_while_the_disk_is_stuck(&["--low-latency", "--part", "0.2"]);
}

#[test]
fn a_programme_goes_on_from_memory_when_its_disk_is_full_and_says_so() {
    let directory = TestDir::new();
    let (out, disk) = (directory.join("out"), StuckDisk::new(directory.path()));
    let source = programme(directory.path(), "programme.flv", 120, &[]);
    let flags = ["--realtime", "--dvr", "1m"];
    let (mut live, url) = served_with(&source, &out, &flags, &disk.variables());
    assert!(live.saw("\"type\":\"live\"", 9), "{:?}", live.end());
    disk.fill();
    assert!(live.saw("disk_given_up", 1), "{:?}", live.end());
    // What it had in memory alone leaves the window meanwhile.
    assert!(live.saw("\"type\":\"live\"", 10), "{:?}", live.end());
    let edge = serves_all(&url);
    let playlist = text(&format!("{url}video/180p_h264/playlist.m3u8"));
    assert!(edge >= 19 && uris(&playlist).len() == 6, "no more is offered than memory holds: {playlist}");
    assert_eq!(metric(&url, "streampack_disk_given_up"), 1.0);
    assert!(metric(&url, "streampack_disk_queue_bytes") < 1.0);
    names_nothing_missing(&out);
    live.signal(Signal::Term);
    let message = live.end().expect(13).err;
    assert!(message.contains("has only the beginning of the programme") && message.contains("No space"), "{message}");
    names_nothing_missing(&out);
    assert!(last(&crate::text(&out.join("video/180p_h264/playlist.m3u8"))) < edge);
    // What it has left is in nobody's way.
    disk.free();
    let source = programme(directory.path(), "short.flv", 2, &[]);
    crate::support::run::run(&words(&source, &out, &[])).expect(0);
    keeps_every_rule(&out);
}

#[test]
fn a_run_that_is_killed_while_its_disk_is_stuck_is_gone_on_with_from_what_stands() {
    let directory = TestDir::new();
    let (out, disk) = (directory.join("out"), StuckDisk::new(directory.path()));
    let source = programme(directory.path(), "programme.flv", 40, &[]);
    let (mut live, _) = served_with(&source, &out, &["--realtime"], &disk.variables());
    assert!(live.saw("\"type\":\"live\"", 3), "{:?}", live.end());
    disk.stick();
    assert!(live.saw("disk_behind", 1), "{:?}", live.end());
    live.signal(Signal::Kill);
    live.end();
    let stands = last(&crate::text(&out.join("video/180p_h264/playlist.m3u8")));
    disk.free();
    names_nothing_missing(&out);
    let short = programme(directory.path(), "short.flv", 2, &[]);
    let ended = crate::support::run::run(&words(&short, &out, &["--resume"])).expect(0);
    let started = ended.events().into_iter().find(|event| event["type"] == "started").expect("it has begun");
    // A row may stand that no playlist names yet.
    let first = started["first_segment"].as_u64().expect("a number");
    assert!(first == stands + 1 || first == stands + 2, "{first} after {stands}");
    let playlist = crate::text(&out.join("video/180p_h264/playlist.m3u8"));
    assert!(playlist.contains("#EXT-X-DISCONTINUITY\n") && last(&playlist) == first + 1, "{playlist}");
    names_nothing_missing(&out);
    keeps_every_rule(&out);
}

#[test]
fn a_programme_that_is_recorded_ends_when_its_disk_is_full() {
    let directory = TestDir::new();
    let (out, disk) = (directory.join("out"), StuckDisk::new(directory.path()));
    let source = programme(directory.path(), "programme.flv", 120, &[]);
    let record = directory.join("record");
    let flags = ["--realtime", "--record", record.to_str().expect("UTF-8")];
    let (mut live, _) = served_with(&source, &out, &flags, &disk.variables());
    assert!(live.saw("\"type\":\"live\"", 2), "{:?}", live.end());
    disk.fill();
    let ended = live.end().expect(13);
    assert!(ended.err.contains("No space") && !ended.warnings().contains(&"disk_given_up".to_owned()), "{}", ended.err);
    names_nothing_missing(&out);
}

#[test]
fn what_stands_in_the_way_of_the_disk_ends_a_programme_that_is_served_and_what_came_before_is_complete() {
    let directory = TestDir::new();
    let out = directory.join("out");
    let source = programme(directory.path(), "programme.flv", 60, &[]);
    // Far enough from the first one: the sound of a number can come long before its pictures.
    let foreign = out.join("video/90p_h264/segment_00015.m4s");
    std::fs::create_dir_all(out.join("video/90p_h264"))
        .and_then(|()| std::fs::write(&foreign, "mine"))
        .expect("writable");
    let (live, _) = served_with(&source, &out, &["--realtime"], &[]);
    let message = live.end().expect(13).err;
    assert!(message.contains("segment_00015.m4s is already there"), "{message}");
    assert_eq!(crate::text(&foreign), "mine");
    let playlist = crate::text(&out.join("video/180p_h264/playlist.m3u8"));
    assert!(playlist.ends_with("#EXT-X-ENDLIST\n") && last(&playlist) <= 14, "{playlist}");
    names_nothing_missing(&out);
    keeps_every_rule(&out);
}

/// Files of others under these keys of renditions, from the segment on that is named.
fn foreign(out: &Path, renditions: &[&str], from: u64) -> Vec<PathBuf> {
    let files = renditions.iter().flat_map(|rendition| {
        (from..from + 60).map(move |number| out.join(rendition).join(format!("segment_{number:05}.m4s")))
    });
    let files: Vec<PathBuf> = files.collect();
    for file in &files {
        let parent = file.parent().expect("it has one");
        std::fs::create_dir_all(parent).and_then(|()| std::fs::write(file, "mine")).expect("writable");
    }
    files
}

/// A programme faster than its time whose disk is stuck, and comes late to files of others.
fn comes_late_to_files_of_others(renditions: &[&str], flags: &[&str]) -> (TestDir, String) {
    let directory = TestDir::new();
    let (out, disk) = (directory.join("out"), StuckDisk::new(directory.path()));
    let source = programme(directory.path(), "programme.flv", 120, &[]);
    let record = directory.join("record");
    let foreign = foreign(&out, renditions, 30);
    let flags = [&["--record", record.to_str().expect("UTF-8")], flags].concat();
    let (mut live, _) = served_with(&source, &out, &flags, &disk.variables());
    assert!(live.saw("\"type\":\"live\"", 1), "{:?}", live.end());
    disk.stick();
    assert!(live.saw("\"type\":\"live\"", 39), "{:?}", live.end());
    disk.free();
    let message = live.end().expect(13).err;
    assert!(message.contains("segment_00030.m4s is already there"), "{message}");
    for file in foreign {
        assert_eq!(crate::text(&file), "mine", "{}", file.display());
    }
    names_nothing_missing(&out);
    // The record has what the disk has, and nothing else: how far that was when sound came to the file of others.
    let playlist = crate::text(&record.join("video/180p_h264/playlist.m3u8"));
    let kept = last(&playlist);
    assert!(playlist.ends_with("#EXT-X-ENDLIST\n") && (1..30).contains(&kept), "{playlist}");
    assert_eq!(segments(&record).len() as u64, 3 * kept);
    let mpd = crate::text(&record.join("manifest.mpd"));
    assert!(mpd.contains(&format!("mediaPresentationDuration=\"PT{kept}")), "{mpd}");
    keeps_every_rule(&record);
    (directory, message)
}

/// Players are offered what the disk never came to: whose it is, nobody has looked.
#[test]
fn files_of_others_stay_when_a_late_disk_finds_them() {
    for renditions in [&ALL[2..], &ALL[..]] {
        let (directory, _) = comes_late_to_files_of_others(renditions, &["--dvr", "2m"]);
        assert!(crate::text(&directory.join("out/video/180p_h264/playlist.m3u8")).ends_with("#EXT-X-ENDLIST\n"));
    }
}

/// Then nothing that the disk has is offered any more, and what has stopped the others is no reason.
#[test]
fn a_disk_that_fails_a_window_late_is_told_as_the_reason_of_the_end() {
    let (_directory, message) = comes_late_to_files_of_others(&ALL, &[]);
    assert!(message.contains("has only the beginning of the programme"), "{message}");
}

#[test]
fn a_record_is_complete_when_what_is_offered_cannot_be_noted_elsewhere() {
    let directory = TestDir::new();
    let (out, record) = (directory.join("out"), directory.join("record"));
    let disk = StuckDisk::new(directory.path());
    let source = programme(directory.path(), "programme.flv", 120, &[]);
    let flags = ["--record", record.to_str().expect("UTF-8")];
    let (mut live, _) = served_with(&source, &out, &flags, &disk.variables());
    assert!(live.saw("\"type\":\"live\"", 2), "{:?}", live.end());
    disk.refuse("programme.ndjson");
    let ended = live.end().expect(13);
    assert!(ended.err.contains("No space"), "{}", ended.err);
    assert!(!ended.warnings().contains(&"record_failed".to_owned()), "{:?}", ended.warnings());
    let playlist = crate::text(&record.join("video/180p_h264/playlist.m3u8"));
    assert!(playlist.ends_with("#EXT-X-ENDLIST\n"), "{playlist}");
    assert_eq!(segments(&record).len() as u64, 3 * last(&playlist));
    keeps_every_rule(&record);
}

#[test]
fn a_programme_goes_on_from_memory_when_its_directory_has_gone() {
    let directory = TestDir::new();
    let out = directory.join("out");
    let source = programme(directory.path(), "programme.flv", 60, &[]);
    let (mut live, url) = served_with(&source, &out, &["--realtime"], &[]);
    assert!(live.saw("\"type\":\"live\"", 2), "{:?}", live.end());
    std::fs::rename(&out, directory.join("gone")).expect("it can be moved");
    assert!(live.saw("disk_given_up", 1), "{:?}", live.end());
    assert!(live.saw("\"type\":\"live\"", 6), "{:?}", live.end());
    serves_all(&url);
    live.signal(Signal::Term);
    let message = live.end().expect(13).err;
    assert!(message.contains("moved or deleted"), "{message}");
    assert!(!out.exists());
}

#[test]
fn what_left_the_window_while_the_disk_was_late_leaves_memory_when_that_is_given_up() {
    let directory = TestDir::new();
    let (out, disk) = (directory.join("out"), StuckDisk::new(directory.path()));
    let source = programme(directory.path(), "programme.flv", 60, &[]);
    let (mut live, url) = served_with(&source, &out, &["--realtime"], &disk.variables());
    assert!(live.saw("\"type\":\"live\"", 2), "{:?}", live.end());
    disk.stick();
    assert!(live.saw("disk_behind", 1), "{:?}", live.end());
    let stands = last(&crate::text(&out.join("video/180p_h264/playlist.m3u8")));
    assert!(live.saw("\"type\":\"live\"", 10), "{:?}", live.end());
    let old = format!("{url}video/180p_h264/segment_{:05}.m4s", stands + 2);
    assert_eq!(get(&old, &[]).status(), 200);
    disk.fill();
    assert!(live.saw("disk_given_up", 1), "{:?}", live.end());
    assert_eq!(get(&old, &[]).status(), 404);
    serves_all(&url);
    live.signal(Signal::Term);
    live.end().expect(13);
}
