//! What stands when a live programme is over, however it ended.

use std::io::Write;
use std::path::Path;

use crate::support::publisher::programme;
use crate::support::run::{Running, Signal, run, run_with_input};
use crate::support::{TestDir, decode_cleanly};
use crate::{attribute, lengths, text, uris, value, words};

const RENDITIONS: [&str; 3] = ["video/180p_h264", "video/90p_h264", "audio/und_aac_128k"];

/// Every playlist says that nothing follows, and all it names is there; nothing else stands but what the report lists.
fn check_ended(out: &Path) {
    let report: serde_json::Value = serde_json::from_str(&text(&out.join("streampack.json"))).expect("JSON");
    let listed: Vec<&str> =
        report["files"].as_array().expect("files").iter().filter_map(|f| f["key"].as_str()).collect();
    for rendition in RENDITIONS {
        let playlist = text(&out.join(rendition).join("playlist.m3u8"));
        assert!(playlist.ends_with("#EXT-X-ENDLIST\n"), "{rendition}: {playlist}");
        for uri in uris(&playlist) {
            assert!(out.join(rendition).join(uri).exists(), "{rendition}/{uri}");
        }
    }
    let mpd = text(&out.join("manifest.mpd"));
    assert_eq!(attribute(&mpd, "type"), "static");
    let stands = walkdir::WalkDir::new(out).into_iter().map(|entry| entry.expect("readable"));
    for entry in stands.filter(|entry| entry.file_type().is_file()) {
        let key = entry.path().strip_prefix(out).expect("below it").display().to_string();
        assert!(key == "streampack.json" || listed.contains(&key.as_str()), "{key} is not in the report");
    }
    let findings = run(&["verify".as_ref(), out.as_os_str(), "--json".as_ref()]).events();
    let broken = findings.iter().filter(|line| line["type"] == "violation");
    assert_eq!(broken.collect::<Vec<_>>(), Vec::<&serde_json::Value>::new());
}

#[test]
fn a_programme_from_a_pipe_is_complete_at_its_end() {
    let directory = TestDir::new();
    for name in ["programme.flv", "programme.ts"] {
        let source = programme(directory.path(), name, 6, &[]);
        let out = directory.join(format!("{name}.out"));
        let ended = run_with_input(&words(Path::new("-"), &out, &[]), &source).expect(0);
        assert_eq!(ended.warnings(), Vec::<String>::new(), "{name}");
        check_ended(&out);
        for rendition in RENDITIONS {
            let playlist = text(&out.join(rendition).join("playlist.m3u8"));
            assert_eq!(value(&playlist, "#EXT-X-MEDIA-SEQUENCE"), "4", "{name}: {rendition}");
            let sum: f64 = lengths(&playlist).iter().sum();
            assert!((sum - 3.0).abs() < 0.05, "{name}: {rendition} lasts {sum}");
        }
        let mpd = text(&out.join("manifest.mpd"));
        let seconds = attribute(&mpd, "mediaPresentationDuration").trim_matches(|c: char| c.is_alphabetic());
        assert!((seconds.parse::<f64>().expect("seconds") - 6.0).abs() < 0.05, "{name}: {seconds}");
        decode_cleanly(&out.join("master.m3u8"));
    }
}

#[test]
fn a_second_run_begins_anew_where_a_first_one_was() {
    let directory = TestDir::new();
    let (long, short) =
        (programme(directory.path(), "long.ts", 6, &[]), programme(directory.path(), "short.ts", 2, &[]));
    let out = directory.join("out");
    run(&words(&long, &out, &[])).expect(0);
    run(&words(&short, &out, &[])).expect(0);
    check_ended(&out);
    assert_eq!(uris(&text(&out.join("video/90p_h264/playlist.m3u8"))), ["segment_00001.m4s", "segment_00002.m4s"]);
}

#[test]
fn a_signal_ends_a_programme_and_its_set_is_complete() {
    let directory = TestDir::new();
    let source = programme(directory.path(), "programme.flv", 40, &[]);
    for (signal, code) in [(Signal::Term, 143), (Signal::Int, 130)] {
        let out = directory.join(format!("{code}"));
        let mut live = Running::of(&words(&source, &out, &["--realtime"]));
        assert!(live.saw("\"type\":\"live\"", 2), "{:?}", live.end());
        live.signal(signal);
        let ended = live.end().expect(code);
        assert_eq!(ended.err, "", "a live run is ended so");
        assert_eq!(ended.events().last().expect("a summary")["status"], "interrupted");
        check_ended(&out);
    }
}

#[test]
fn a_source_that_falls_silent_is_lost_and_what_came_of_it_is_complete() {
    let directory = TestDir::new();
    let source = programme(directory.path(), "programme.ts", 5, &[]);
    let out = directory.join("out");
    let (live, mut stdin) = Running::fed(&words(Path::new("-"), &out, &["--timeout", "2"]));
    stdin.write_all(&std::fs::read(source).expect("readable")).expect("it reads");
    let ended = live.end().expect(16);
    drop(stdin);
    assert!(ended.err.contains("- was lost: nothing came for 2 s; what came before is complete"), "{}", ended.err);
    check_ended(&out);
}

#[test]
fn a_killed_run_leaves_nothing_that_the_next_one_takes_for_foreign() {
    let directory = TestDir::new();
    let source = programme(directory.path(), "programme.flv", 20, &[]);
    let short = programme(directory.path(), "short.flv", 2, &[]);
    let out = directory.join("out");
    let mut live = Running::of(&words(&source, &out, &["--realtime"]));
    assert!(live.saw("\"type\":\"live\"", 2), "{:?}", live.end());
    live.signal(Signal::Kill);
    live.end();
    run(&words(&short, &out, &[])).expect(0);
    check_ended(&out);
    assert!(!out.join(".streampack").exists());
}

#[test]
fn a_foreign_file_is_not_replaced() {
    let directory = TestDir::new();
    let source = programme(directory.path(), "programme.ts", 2, &[]);
    let out = directory.join("out");
    std::fs::create_dir_all(&out).expect("writable");
    std::fs::write(out.join("master.m3u8"), "mine").expect("writable");
    let line = run(&words(&source, &out, &[])).expect(13).err;
    assert!(line.contains("master.m3u8 is already there"), "{line}");
    assert_eq!(text(&out.join("master.m3u8")), "mine");
    run(&words(&source, &out, &["--force"])).expect(0);
    check_ended(&out);
}
