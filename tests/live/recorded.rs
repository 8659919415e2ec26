//! A programme of which all is kept.

use std::path::{Path, PathBuf};

use crate::support::TestDir;
use crate::support::publisher::programme;
use crate::support::run::{Running, Signal, run};
use crate::{attribute, text, uris, value, words};

/// Segments of a second are short for a film, which is a recommendation.
#[track_caller]
pub(crate) fn keeps_every_rule(set: &Path) {
    let findings = run(&["verify".as_ref(), set.as_os_str(), "--json".as_ref()]).events();
    let broken: Vec<_> =
        findings.iter().filter(|line| line["type"] == "violation" && line["severity"] == "error").collect();
    assert!(broken.is_empty(), "{broken:?}");
}

/// The segments below a directory.
pub(crate) fn segments(set: &Path) -> Vec<PathBuf> {
    let files = walkdir::WalkDir::new(set).sort_by_file_name().into_iter().map(|entry| entry.expect("readable"));
    let media = files.filter(|file| file.path().extension().is_some_and(|end| end == "m4s"));
    media.map(|file| file.path().strip_prefix(set).expect("below it").to_owned()).collect()
}

#[test]
fn all_of_a_programme_is_a_set_of_its_own_in_the_end() {
    let directory = TestDir::new();
    let source = programme(directory.path(), "programme.flv", 12, &[]);
    let (out, record) = (directory.join("out"), directory.join("record"));
    let kept = record.to_str().expect("UTF-8");
    // In parts, and faster than its time.
    let flags = ["--serve", "127.0.0.1:0", "--low-latency", "--part", "0.2", "--record", kept];
    let mut live = Running::of(&words(&source, &out, &flags));
    assert!(live.saw("\"type\":\"live\"", 2), "{:?}", live.end());
    assert!(!record.join("master.m3u8").exists(), "it is not complete yet");
    // The report of the set is written when all else stands.
    assert!(live.made(&record.join("master.m3u8")), "{:?}", live.end());
    live.signal(Signal::Term);
    live.end().expect(143);

    keeps_every_rule(&record);
    let playlist = text(&record.join("video/180p_h264/playlist.m3u8"));
    assert_eq!((uris(&playlist).len(), value(&playlist, "#EXT-X-PLAYLIST-TYPE")), (12, "VOD"), "{playlist}");
    assert!(record.join("video/180p_h264/iframes.m3u8").exists() && record.join("streampack.json").exists());
    let mpd = text(&record.join("manifest.mpd"));
    assert_eq!((attribute(&mpd, "type"), attribute(&mpd, "mediaPresentationDuration")), ("static", "PT12S"));
    assert!(!record.join(".streampack").exists());
    // What is still in the window is the same file, and nothing else is in the set but what is listed.
    let (window, all) = (segments(&out), segments(&record));
    assert!(window.len() < all.len() && all.len() == 36, "{window:?} and {all:?}");
    for name in window {
        let bytes = |set: &Path| std::fs::read(set.join(&name)).expect("readable");
        assert!(bytes(&out) == bytes(&record), "{}", name.display());
    }
}

#[test]
fn a_record_that_cannot_go_on_is_no_matter_for_the_programme() {
    let directory = TestDir::new();
    let source = programme(directory.path(), "programme.flv", 20, &[]);
    let (out, record) = (directory.join("out"), directory.join("record"));
    let flags = ["--realtime", "--record", record.to_str().expect("UTF-8")];
    let mut live = Running::of(&words(&source, &out, &flags));
    assert!(live.saw("\"type\":\"live\"", 1), "{:?}", live.end());
    // As if its disk had gone.
    std::fs::rename(&record, directory.join("gone")).expect("it can be moved");
    assert!(live.saw("record_failed", 1), "{:?}", live.end());
    assert!(live.saw("\"type\":\"live\"", 2), "{:?}", live.end());
    live.signal(Signal::Term);
    live.end().expect(143);
    keeps_every_rule(&out);
}

/// A live programme has none, whatever a preset says: neither what is kept nor what leads to it may speak of them.
#[test]
fn a_record_is_the_same_with_thumbnails_turned_off_and_on() {
    let directory = TestDir::new();
    let source = programme(directory.path(), "programme.ts", 3, &[]);
    let sets = ["false", "true"].map(|thumbnails| {
        let preset = directory.join(format!("{thumbnails}.json"));
        std::fs::write(&preset, format!("{{\"thumbnails\": {thumbnails}}}")).expect("writable");
        let [out, record] = ["out", "record"].map(|name| directory.join(format!("{name}_{thumbnails}")));
        let (preset, kept) = (preset.to_str().expect("UTF-8"), record.to_str().expect("UTF-8"));
        let ended = run(&words(&source, &out, &["--preset", preset, "--record", kept])).expect(0);
        assert_eq!(crate::warnings(&ended), [""; 0]);
        keeps_every_rule(&record);
        let report: serde_json::Value = serde_json::from_str(&text(&record.join("streampack.json"))).expect("JSON");
        assert_eq!((&report["thumbnails"], segments(&record).len()), (&serde_json::Value::Null, 9));
        let files = walkdir::WalkDir::new(&record).sort_by_file_name().into_iter().map(|file| file.expect("readable"));
        let files = files.filter(|file| file.file_type().is_file() && file.file_name() != "streampack.json");
        let body = |path: &Path| std::fs::read(path).expect("readable");
        let named = |path: &Path| path.strip_prefix(&record).expect("below it").to_owned();
        files.map(|file| (named(file.path()), body(file.path()))).collect::<Vec<_>>()
    });
    assert!(sets[0] == sets[1] && sets[0].len() > 15, "{} and {} files", sets[0].len(), sets[1].len());
    assert!(sets[0].iter().all(|(path, _)| !path.starts_with("thumbnails")));
}

#[test]
fn a_record_over_files_of_others_is_refused() {
    let directory = TestDir::new();
    let source = programme(directory.path(), "programme.ts", 1, &[]);
    let (out, record) = (directory.join("out"), directory.join("record"));
    std::fs::create_dir(&record).expect("a directory");
    std::fs::write(record.join("master.m3u8"), "mine").expect("writable");
    let flags = ["--record", record.to_str().expect("UTF-8")];
    let line = run(&words(&source, &out, &flags)).refused(13);
    assert!(line.contains("master.m3u8"), "{line}");
    assert_eq!(text(&record.join("master.m3u8")), "mine");
}

#[test]
fn what_another_run_has_recorded_is_not_touched() {
    let directory = TestDir::new();
    let [first, second] = [2, 3].map(|seconds| programme(directory.path(), &format!("{seconds}.ts"), seconds, &[]));
    let (out, record) = (directory.join("out"), directory.join("record"));
    let flags = ["--record", record.to_str().expect("UTF-8")];
    run(&words(&first, &out, &flags)).expect(0);
    let before = segments(&record);
    assert_eq!(before.len(), 6);
    let line = run(&words(&second, &out, &flags)).refused(13);
    assert!(line.contains("record into a directory of its own"), "{line}");
    assert_eq!(segments(&record), before);
    keeps_every_rule(&record);
    keeps_every_rule(&out);
    // Neither what a run has begun that was killed, which is as much.
    let begun = directory.join("begun");
    std::fs::create_dir_all(begun.join(".streampack")).expect("writable");
    std::fs::write(begun.join(".streampack/journal.ndjson"), "{}\n").expect("writable");
    let line = run(&words(&second, &out, &["--record", begun.to_str().expect("UTF-8")])).refused(13);
    assert!(line.contains("record into a directory of its own") && begun.join(".streampack/journal.ndjson").exists());
    // Unless that is asked for.
    run(&words(&second, &out, &[&flags[..], &["--force"]].concat())).expect(0);
    assert_eq!(segments(&record).len(), 9);
}

#[test]
fn a_record_has_a_directory_of_its_own_on_this_machine() {
    let directory = TestDir::new();
    let source = programme(directory.path(), "programme.ts", 1, &[]);
    let out = directory.join("out");
    for (record, why) in [
        ("s3://bucket/x".to_owned(), "s3:// outputs are not supported"),
        (out.display().to_string(), "keep them apart"),
        (out.join("record").display().to_string(), "keep them apart"),
        (directory.path().display().to_string(), "keep them apart"),
    ] {
        let line = run(&words(&source, &out, &["--record", &record])).expect(2).err;
        assert!(line.contains(why), "{record}: {line}");
    }
    assert!(!out.exists() && !Path::new("s3:").exists());
}

#[test]
fn a_run_that_is_ended_at_once_leaves_nothing_half_made() {
    let directory = TestDir::new();
    let source = programme(directory.path(), "programme.flv", 20, &[]);
    for at in 0..3 {
        let (out, record) = (directory.join(format!("out{at}")), directory.join(format!("record{at}")));
        let flags = ["--realtime", "--record", record.to_str().expect("UTF-8")];
        let mut live = Running::of(&words(&source, &out, &flags));
        // The headers are the first that stands there.
        assert!(live.made(&record.join("video/180p_h264/init.mp4")), "{:?}", live.end());
        live.signal(Signal::Term);
        live.end().expect(143);
        for left in [&out, &record].into_iter().filter(|left| left.exists()) {
            // On a slow machine something has been shown, and is complete then.
            let complete = left.join("streampack.json").exists() && !left.join(".streampack").exists();
            let files = walkdir::WalkDir::new(left).into_iter().map(|entry| entry.expect("readable"));
            let files: Vec<_> = files.filter(|entry| entry.file_type().is_file()).collect();
            assert!(complete || files.is_empty(), "{files:?}");
        }
    }
}
