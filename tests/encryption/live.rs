//! Live programmes: what is published decrypts to what the same programme is in the clear, and players are told how.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::bench::{Bench, KEY, KID, hashes, packets};
use crate::rotation::{self, KEYS};
use crate::support::publisher::programme;
use crate::support::run::{Ended, Running, Signal, run};
use crate::whole::{of_playlist, put_key};

/// Two small rungs as fast as possible, in segments of a second.
const SMALL: &[&str] = &[
    "--ladder",
    "180p@300k,90p@100k",
    "--speed",
    "draft",
    "--segment-duration",
    "1",
    "--gop",
    "1",
    "--json",
    "-j",
    "1",
];

/// Every segment stays in the window.
const ALL: [&str; 2] = ["--window", "20"];

fn words(source: &Path, out: &Path, flags: &[&str]) -> Vec<String> {
    let fixed = ["live", source.to_str().expect("UTF-8"), "-o", out.to_str().expect("UTF-8")];
    fixed.iter().chain(SMALL).chain(flags).map(|word| (*word).to_owned()).collect()
}

/// A live run of the source into the directory `out` of the test, to its end.
fn live(bench: &Bench, source: &Path, out: &str, flags: &[&str]) -> Ended {
    run(&words(source, &bench.at(out), flags))
}

/// A programme of so many seconds.
fn source(bench: &Bench, seconds: u32) -> PathBuf {
    programme(&bench.at(""), "programme.ts", seconds, &[])
}

/// Every rendition of a set decrypts to that of the clear set.
#[track_caller]
fn decrypts(bench: &Bench, out: &str) {
    let renditions = bench.renditions("clear");
    assert_eq!((renditions.len(), bench.renditions(out)), (3, renditions.clone()));
    for rendition in &renditions {
        let clear = packets(&bench.joined("clear", rendition), None);
        let encrypted = bench.joined(out, rendition);
        assert_eq!(packets(&encrypted, Some(KEY)), clear, "{rendition} of {out}");
        let without = packets(&encrypted, None);
        let same = hashes(&without).into_iter().zip(hashes(&clear)).filter(|(a, b)| a == b).count();
        assert!(same * 2 < clear.len(), "{same} of {} samples of {rendition} are clear", clear.len());
    }
}

/// Segments of a second are short for a film, which is a recommendation.
#[track_caller]
fn keeps_every_rule(bench: &Bench, out: &str, keys: &str) {
    let found = run(&["verify", &bench.at(out).display().to_string(), "--json", "--key-file", keys]).events();
    let broken: Vec<&Value> =
        found.iter().filter(|line| line["type"] == "violation" && line["severity"] == "error").collect();
    assert!(broken.is_empty() && found.last().is_some_and(|line| line["type"] == "summary"), "{broken:?}");
}

#[test]
fn what_is_published_decrypts_to_what_the_clear_programme_is() {
    let bench = Bench::new();
    let (source, keys) = (source(&bench, 4), bench.keys().display().to_string());
    live(&bench, &source, "clear", &ALL).expect(0);
    for scheme in ["cbcs", "cenc"] {
        live(&bench, &source, scheme, &[&ALL[..], &["--encrypt", scheme, "--key-file", &keys]].concat()).expect(0);
        decrypts(&bench, scheme);
        keeps_every_rule(&bench, scheme, &keys);
        let mpd = fs::read_to_string(bench.at(scheme).join("manifest.mpd")).expect("an MPD");
        assert!(mpd.contains(&format!("value=\"{scheme}\" cenc:default_KID=\"{KID}\"")), "{mpd}");
    }
}

#[test]
fn whole_segments_are_encrypted_where_they_are_not_sent_in_parts() {
    let bench = Bench::new();
    let (source, keys) = (source(&bench, 3), bench.keys().display().to_string());
    live(&bench, &source, "clear", &ALL).expect(0);
    let whole = ["--encrypt", "aes-128", "--no-dash", "--key-file", &keys, "--key-uri", "../../{kid}.key"];
    live(&bench, &source, "out", &[&ALL[..], &whole].concat()).expect(0);
    put_key(&bench.at("out"));
    for rendition in bench.renditions("clear") {
        let clear = packets(&bench.joined("clear", &rendition), None);
        let playlist = bench.at("out").join(&rendition).join("playlist.m3u8");
        assert_eq!(of_playlist(&playlist), hashes(&clear), "{rendition}");
    }
    let parts = ["--serve", "127.0.0.1:0", "--low-latency"];
    let refused = live(&bench, &source, "parts", &[&parts[..], &whole].concat()).refused(2);
    assert!(refused.contains("parts are sent before their segment is whole; choose cbcs"), "{refused}");
    assert!(!bench.at("parts").join("master.m3u8").exists());
}

/// The key ids that a playlist names, and the segments between them.
fn named(playlist: &str) -> Vec<String> {
    let told = |line: &&str| line.contains("edef8ba9") || line.ends_with(".m4s") || line.starts_with("#EXT-X-PART:");
    let name = |line: &str| match line.split_once("KEYID=0x") {
        Some((_, rest)) => rest[..32].to_owned(),
        None if line.starts_with("#EXT-X-PART:") => "part".to_owned(),
        None => line.to_owned(),
    };
    let mut said: Vec<String> = playlist.lines().filter(told).map(name).collect();
    said.dedup();
    said
}

fn kid(period: usize) -> String {
    KEYS[period].0.replace('-', "")
}

#[test]
fn keys_change_on_the_grid_and_come_again_when_all_were_used() {
    let bench = Bench::new();
    let (source, keys) = (source(&bench, 5), rotation::key_file(&bench));
    live(&bench, &source, "clear", &ALL).expect(0);
    for scheme in ["cbcs", "cenc"] {
        let rotating = ["--encrypt", scheme, "--key-file", &keys, "--crypto-period", "1"];
        let ended = live(&bench, &source, scheme, &[&ALL[..], &rotating].concat()).expect(0);
        assert!(ended.warnings().iter().any(|code| code == "keys_come_again"), "{}", ended.out);
        for rendition in bench.renditions("clear") {
            let (clear, out) = (bench.at("clear").join(&rendition), bench.at(scheme).join(&rendition));
            for number in 1..=5 {
                let wanted = rotation::segment(&bench, &clear, number, None);
                let key = |period: usize| Some(KEYS[period % 3].1);
                assert_eq!(rotation::segment(&bench, &out, number, key(number - 1)), wanted, "{rendition} {number}");
                assert_ne!(rotation::segment(&bench, &out, number, key(number)), wanted, "another key opens it");
            }
        }
        keeps_every_rule(&bench, scheme, &keys);
    }
    // A playlist that has slid begins with the key of its first segment.
    let short = ["--window", "3", "--encrypt", "cbcs", "--key-file", &keys, "--crypto-period", "1"];
    live(&bench, &source, "slid", &short).expect(0);
    let playlist = fs::read_to_string(bench.at("slid/video/180p_h264/playlist.m3u8")).expect("a playlist");
    let segment = |number: u64| format!("segment_{number:05}.m4s");
    let expected = [kid(2), segment(3), kid(0), segment(4), kid(1), segment(5)];
    assert_eq!(named(&playlist), expected, "{playlist}");
}

/// Segments are of whole pictures, here of a second where 1.01 s were asked for: a period is never shorter than asked.
#[test]
fn periods_go_by_the_segments_that_there_are() {
    let bench = Bench::new();
    let (source, keys) = (source(&bench, 5), rotation::key_file(&bench));
    let (from, out) = (source.display().to_string(), bench.at("out").display().to_string());
    let small = ["--ladder", "90p@100k", "--speed", "draft", "--gop", "1.01", "--segment-duration", "1.01"];
    let rotating = ["--encrypt", "cbcs", "--key-file", &keys, "--crypto-period", "1.01"];
    run(&[&["live", &from, "-o", &out][..], &small, &ALL, &rotating].concat()).expect(0);
    let playlist = fs::read_to_string(bench.at("out/video/90p_h264/playlist.m3u8")).expect("a playlist");
    let segment = |number: u64| format!("segment_{number:05}.m4s");
    let expected = [kid(0), segment(1), segment(2), kid(1), segment(3), segment(4), kid(2), segment(5)];
    assert_eq!(named(&playlist), expected, "{playlist}");
}

#[test]
fn a_programme_in_parts_is_encrypted_part_by_part() {
    let bench = Bench::new();
    let (source, keys) = (source(&bench, 12), rotation::key_file(&bench));
    let record = |name: &str| bench.at(name).display().to_string();
    let parts = ["--serve", "127.0.0.1:0", "--low-latency", "--part", "0.2", "--window", "6", "--record"];
    let rotating = ["--encrypt", "cenc", "--key-file", &keys, "--crypto-period", "1", "--realtime"];
    let recorded = |out: &str, kept: &str, flags: &[&str], look: &dyn Fn(&str)| {
        let record = record(kept);
        let mut live = Running::of(&words(&source, &bench.at(out), &[&parts[..], &[&record], flags].concat()));
        assert!(live.saw("\"type\":\"live\"", 4), "{:?}", live.end());
        let line = live.seen().lines().find(|line| line.contains("\"serving\"")).expect("it is served").to_owned();
        let told: Value = serde_json::from_str(&line).expect("JSON");
        look(told["url"].as_str().expect("a URL"));
        assert!(live.made(&bench.at(kept).join("master.m3u8")), "{:?}", live.end());
        live.signal(Signal::Term);
        live.end().expect(143).warnings()
    };
    recorded("clear-out", "clear", &[], &|_| {});
    let warnings = recorded("out", "record", &rotating, &|url| {
        let text = ureq::get(format!("{url}video/180p_h264/playlist.m3u8")).call().expect("it is served");
        let playlist = text.into_body().read_to_string().expect("text");
        // The key of every segment is said before its first part.
        let said = named(&playlist);
        let keys: Vec<usize> = said.iter().filter_map(|name| (0..3).find(|period| kid(*period) == *name)).collect();
        assert!(keys.len() >= 4 && keys.windows(2).all(|pair| pair[1] == (pair[0] + 1) % 3), "{playlist}");
        assert!(said.windows(2).all(|pair| pair[1] != "part" || kid(0).len() == pair[0].len()), "{playlist}");
        assert_eq!(said[0], kid(keys[0]), "{playlist}");
    });
    // A machine that does not keep up spares pictures, and then they are others.
    let whole =
        |rendition: &&String| rendition.starts_with("audio/") || !warnings.iter().any(|code| code == "overload");
    for rendition in bench.renditions("clear").iter().filter(|name| !name.contains("trick")).filter(whole) {
        let (clear, out) = (bench.at("clear").join(rendition), bench.at("record").join(rendition));
        for number in [1, 2, 3, 7, 12] {
            let wanted = rotation::segment(&bench, &clear, number, None);
            let key = Some(KEYS[(number - 1) % 3].1);
            assert_eq!(rotation::segment(&bench, &out, number, key), wanted, "{rendition} {number}");
        }
    }
    keeps_every_rule(&bench, "record", &keys);
}
