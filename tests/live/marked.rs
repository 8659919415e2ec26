//! What a source marks in its programme: breaks for advertisements in SCTE 35, cue points of RTMP.

use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use crate::listened::{KEY, secret, waiting};
use crate::support::TestDir;
use crate::support::publisher::{free_port, programme};
use crate::support::rtmp::{cue_point, publish};
use crate::support::run::{Ended, run, run_with_input};
use crate::support::splices::{back, inject_into, out, pictures_begin, signal};
use crate::{text, warnings, words};

/// The date ranges of a playlist.
pub(crate) fn ranges(playlist: &str) -> Vec<&str> {
    playlist.lines().filter_map(|line| line.strip_prefix("#EXT-X-DATERANGE:")).collect()
}

pub(crate) fn value<'a>(range: &'a str, name: &str) -> &'a str {
    let (_, rest) = range.split_once(&format!("{name}=")).unwrap_or_else(|| panic!("no {name} in {range}"));
    rest.trim_start_matches('"').split(['"', ',']).next().expect("a value")
}

/// The dates of a playlist as seconds from that of its first segment.
pub(crate) fn seconds_into(playlist: &str, date: &str) -> f64 {
    let at = |date: &str| humantime(date);
    let first = playlist.lines().find_map(|line| line.strip_prefix("#EXT-X-PROGRAM-DATE-TIME:")).expect("a date");
    at(date) - at(first)
}

/// Seconds of the day: no test runs through midnight for so long that it would matter.
pub(crate) fn humantime(date: &str) -> f64 {
    let (_, time) = date.trim_end_matches('Z').split_once('T').expect("a time");
    time.split(':').fold(0.0, |seconds, part| seconds * 60.0 + part.parse::<f64>().expect("a number"))
}

#[track_caller]
pub(crate) fn near(one: f64, other: f64) {
    // A day may have ended.
    assert!((one - other).rem_euclid(86_400.0).min((other - one).rem_euclid(86_400.0)) < 0.002, "{one} and {other}");
}

pub(crate) fn markers(ended: &Ended) -> Vec<Value> {
    ended.events().into_iter().filter(|event| event["type"] == "marker").collect()
}

/// What is copied says what its colours are.
pub(crate) const COLOR: [&str; 6] = ["-color_primaries", "bt709", "-color_trc", "bt709", "-colorspace", "bt709"];

#[track_caller]
pub(crate) fn keeps_every_rule(set: &Path) {
    let findings = run(&["verify".as_ref(), set.as_os_str(), "--json".as_ref()]).events();
    let broken: Vec<_> =
        findings.iter().filter(|line| line["type"] == "violation" && line["severity"] == "error").collect();
    assert!(broken.is_empty(), "{broken:?}");
}

/// Twelve seconds with a break from the fourth to the sixth, a programme that begins in the eighth, one that damage has
/// spoilt, and one that is never reached.
#[test]
fn breaks_of_scte_35_are_date_ranges_and_events_however_they_come() {
    let directory = TestDir::new();
    let source =
        programme(directory.path(), "programme.ts", 12, &[&COLOR[..], &["-output_ts_offset", "95440"]].concat());
    let begin = pictures_begin(&source);
    // The clock of MPEG wraps after 95443.7 s, which is between the break and what follows.
    let (leave, enter) = (out(0x4800_008F, begin + 4.0, 30.0), back(0x4800_008F, begin + 6.0));
    let start = signal(9, 0x10, begin + 8.0);
    let damaged = [&leave[..leave.len() - 1], &[leave[leave.len() - 1] ^ 1]].concat();
    let sections = [
        (begin + 1.0, leave.clone()),
        (begin + 1.5, leave.clone()),
        (begin + 2.0, damaged),
        (begin + 4.5, enter.clone()),
        (begin + 5.0, start.clone()),
        (begin + 6.0, out(7, begin + 11.0, 5.0)),
    ];
    inject_into(&source, &sections);
    for flags in [&["--dvr", "60", "--record"][..], &["--dvr", "60", "--copy", "--record"]] {
        let name = if flags.len() > 3 { "copy" } else { "encoded" };
        let (set, record) = (directory.join(name), directory.join(format!("{name}-record")));
        let mut all = words(Path::new("-"), &set, flags);
        all.push(record.as_os_str());
        if name == "copy" {
            // It has rungs of its own.
            let ladder = all.iter().position(|word| *word == "--ladder").expect("a ladder");
            all.drain(ladder..ladder + 4);
        }
        let ended = run_with_input(&all, &source).expect(0);
        assert_eq!(warnings(&ended), [""; 0], "what is damaged does not come out of FFmpeg");
        let told = markers(&ended);
        let kinds: Vec<_> =
            told.iter().map(|marker| (&marker["kind"], marker["at_s"].as_f64(), marker["end"].is_string())).collect();
        let wanted = [("out", 4.0, false), ("out", 4.0, true), ("command", 8.0, false), ("out", 11.0, false)];
        let wanted: Vec<_> = wanted.iter().map(|(kind, at, ended)| (Value::from(*kind), Some(*at), *ended)).collect();
        assert_eq!(kinds, wanted.iter().map(|(kind, at, ended)| (kind, *at, *ended)).collect::<Vec<_>>(), "{told:?}");
        for set in [&set, &record] {
            keeps_every_rule(set);
            let mut seen = Vec::new();
            for playlist in playlists(set) {
                let playlist = text(&playlist);
                let own = ranges(&playlist);
                assert_eq!(own.len(), 4, "{playlist}");
                let find = |attribute: &str| *own.iter().find(|range| range.contains(attribute)).expect("a range");
                let (opened, closed) = (find("SCTE35-OUT"), find("SCTE35-IN"));
                assert_eq!(value(opened, "ID"), value(closed, "ID"));
                assert!(value(opened, "ID").starts_with("splice-4800008F-"), "{opened}");
                assert_eq!((value(opened, "PLANNED-DURATION"), value(closed, ",DURATION")), ("30.000", "2.000"));
                near(seconds_into(&playlist, value(opened, "START-DATE")), 4.0);
                near(seconds_into(&playlist, value(closed, "END-DATE")), 6.0);
                assert_eq!(value(opened, "SCTE35-OUT"), hex(&leave));
                assert_eq!(value(closed, "SCTE35-IN"), hex(&enter));
                let command = find("SCTE35-CMD");
                assert_eq!(value(command, "SCTE35-CMD"), hex(&start));
                near(seconds_into(&playlist, value(command, "START-DATE")), 8.0);
                seen.push(own.join("\n"));
            }
            seen.dedup();
            assert_eq!(seen.len(), 1, "all playlists say the same: {seen:?}");
            let mpd = text(&set.join("manifest.mpd"));
            let (_, events) = mpd.split_once("<EventStream schemeIdUri=\"urn:scte:scte35:2014:xml+bin\"").expect(&mpd);
            for (at, section) in [(4_000_000, &leave), (6_000_000, &enter), (8_000_000, &start)] {
                let event = format!("<Event presentationTime=\"{at}\"");
                let (_, event) = events.split_once(&event).unwrap_or_else(|| panic!("no {event} in {mpd}"));
                let binary = format!("<Binary>{}</Binary>", STANDARD.encode(section));
                assert!(event.split("</Event>").next().expect("an event").contains(&binary), "{mpd}");
            }
            assert!(events.contains("presentationTime=\"4000000\" duration=\"2000000\""), "{mpd}");
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold("0x".to_owned(), |text, byte| text + &format!("{byte:02X}"))
}

/// The media playlists of a set.
pub(crate) fn playlists(set: &Path) -> Vec<std::path::PathBuf> {
    let files = walkdir::WalkDir::new(set).into_iter().map(|entry| entry.expect("readable").into_path());
    files.filter(|path| path.file_name().is_some_and(|name| name == "playlist.m3u8")).collect()
}

#[test]
fn cue_points_of_a_publisher_are_date_ranges_and_events() {
    let directory = TestDir::new();
    let source = programme(directory.path(), "programme.flv", 8, &[]);
    let key = secret(&directory, KEY);
    let (set, port) = (directory.join("out"), free_port());
    let flags = ["--stream-key-file", key.to_str().expect("text"), "--on-loss", "end"];
    let live = waiting(&format!("rtmp://127.0.0.1:{port}/live"), &set, &flags);
    let metadata = [&b"\x02\0\x0aonMetaData"[..], b"\x03\0\0\x09"].concat();
    publish(port, "live", KEY, &source, &[(2500, cue_point("break", 15.0)), (3000, metadata)]);
    let ended = live.end();
    let told = markers(&ended);
    assert_eq!(told.len(), 1, "{ended:?}");
    let data: Value = serde_json::from_str(told[0]["data"].as_str().expect("text")).expect("JSON");
    let (name, note) = (&data["name"], &data["parameters"]["note"]);
    assert_eq!((name, note), (&Value::from("break"), &Value::from("a \"quoted\" <word>")), "{data}");
    for playlist in playlists(&set) {
        let playlist = text(&playlist);
        let [range] = ranges(&playlist)[..] else { panic!("{playlist}") };
        assert_eq!(value(range, "CLASS"), "urn:streampack:amf:2026");
        assert_eq!(value(range, "X-STREAMPACK-MESSAGE"), "onCuePoint");
        assert_eq!(value(range, "PLANNED-DURATION"), "15.000");
        let json = STANDARD.decode(value(range, "X-STREAMPACK-DATA")).expect("Base64");
        assert_eq!(serde_json::from_slice::<Value>(&json).expect("JSON"), data);
        near(seconds_into(&playlist, value(range, "START-DATE")), told[0]["at_s"].as_f64().expect("a number"));
    }
    let mpd = text(&set.join("manifest.mpd"));
    let stream = "<EventStream schemeIdUri=\"urn:streampack:amf:2026\" value=\"onCuePoint\" timescale=\"1000000\">";
    assert!(mpd.contains(stream) && mpd.contains("a \\&quot;quoted\\&quot; &lt;word&gt;"), "{mpd}");
    keeps_every_rule(&set);
}
