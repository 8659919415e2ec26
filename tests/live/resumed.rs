//! A run that is killed, and one that goes on with its programme.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};

use crate::marked::{humantime, ranges, value};
use crate::support::publisher::{free_port, programme};
use crate::support::run::{Running, Signal, run};
use crate::support::splices::{back, inject_into, out, pictures_begin, signal};
use crate::support::{TestDir, decode_cleanly};
use crate::{attribute, lengths, served, text, uris, words};

const RENDITIONS: [&str; 3] = ["video/180p_h264", "video/90p_h264", "audio/und_aac_128k"];

/// Follows `source` as it is shown until so many segments were offered, and is killed then.
fn killed_after(segments: usize, source: &Path, out: &Path, flags: &[&str]) {
    let flags = [&["--realtime"], flags].concat();
    let mut live = Running::of(&words(source, out, &flags));
    assert!(live.saw("\"type\":\"live\"", segments), "{:?}", live.end());
    live.signal(Signal::Kill);
    live.end();
}

/// A run that goes on with what stands there.
fn going_on(source: &Path, out: &Path, flags: &[&str]) -> Running {
    Running::of(&words(source, out, &[&["--realtime", "--resume"], flags].concat()))
}

/// Says that the programme is over, and what becomes of it.
fn over(mut live: Running) -> Vec<serde_json::Value> {
    live.signal(Signal::Term);
    live.end().expect(143).events()
}

fn playlist(out: &Path, rendition: &str) -> String {
    text(&out.join(rendition).join("playlist.m3u8"))
}

fn number(playlist: &str, tag: &str) -> usize {
    crate::value(playlist, tag).parse().expect("a number")
}

/// The number of the first segment that is listed, and how many there are.
fn listed(playlist: &str) -> (usize, usize) {
    let (first, names) = (number(playlist, "#EXT-X-MEDIA-SEQUENCE"), uris(playlist));
    let expected: Vec<String> = (first..).take(names.len()).map(|at| format!("segment_{at:05}.m4s")).collect();
    assert_eq!(names, expected, "{playlist}");
    (first, names.len())
}

/// The segment behind the break.
fn broken_at(playlist: &str) -> Option<String> {
    let (_, behind) = playlist.split_once("#EXT-X-DISCONTINUITY\n")?;
    assert!(behind.starts_with("#EXT-X-PROGRAM-DATE-TIME:"), "{playlist}");
    uris(behind).first().map(|uri| (*uri).to_owned())
}

fn files(out: &Path) -> BTreeSet<PathBuf> {
    let files = walkdir::WalkDir::new(out).into_iter().map(|entry| entry.expect("readable"));
    files.filter(|entry| entry.file_type().is_file()).map(|entry| entry.path().to_owned()).collect()
}

#[track_caller]
fn keeps_every_rule(words: &[&str], set: &Path) {
    let words = [&["verify", set.to_str().expect("UTF-8"), "--json"], words].concat();
    let findings = run(&words).events();
    let broken: Vec<_> =
        findings.iter().filter(|line| line["type"] == "violation" && line["severity"] == "error").collect();
    assert!(broken.is_empty(), "{broken:?}");
}

#[test]
fn a_programme_whose_run_was_killed_goes_on_behind_a_break() {
    let directory = TestDir::new();
    let source = programme(directory.path(), "programme.ts", 60, &[]);
    let out = directory.join("out");
    let flags = ["--dvr", "300"];
    killed_after(3, &source, &out, &flags);
    let before = RENDITIONS.map(|rendition| playlist(&out, rendition));
    let begun = attribute(&text(&out.join("manifest.mpd")), "availabilityStartTime").to_owned();
    let (_, offered) = listed(&before[0]);

    let mut live = going_on(&source, &out, &flags);
    assert!(live.saw("\"type\":\"live\"", 2), "{:?}", live.end());
    let mpd = text(&out.join("manifest.mpd"));
    assert_eq!(attribute(&mpd, "availabilityStartTime"), begun, "{mpd}");
    assert!(mpd.contains("<Period id=\"0\"") && mpd.contains("<Period id=\"1\""), "{mpd}");
    let events = over(live);
    // Between the last playlist and the end of the run one more may have been offered.
    let first = events.iter().find(|event| event["type"] == "started").expect("it starts")["first_segment"].as_u64();
    let first = first.expect("a number") as usize;
    assert!(first == offered + 1 || first == offered + 2, "{first} after {offered}");
    for (rendition, before) in RENDITIONS.iter().zip(before) {
        let playlist = playlist(&out, rendition);
        let (from, count) = listed(&playlist);
        assert!(from == 1 && count > first, "{playlist}");
        let (old, _) = before.rsplit_once('\n').expect("lines");
        let media = |text: &str| text.split_once("#EXTINF").expect("segments").1.to_owned();
        assert!(media(&playlist).starts_with(&media(old)), "{before} goes on as {playlist}");
        assert_eq!(broken_at(&playlist), Some(format!("segment_{first:05}.m4s")), "{playlist}");
        assert_eq!(number(&playlist, "#EXT-X-DISCONTINUITY-SEQUENCE"), 0);
        let lengths = lengths(&playlist);
        assert!(lengths[..lengths.len() - 1].iter().all(|length| (0.95..1.05).contains(length)), "{playlist}");
    }
    decode_cleanly(&out.join("master.m3u8"));
    keeps_every_rule(&[], &out);
    assert!(!out.join(".streampack").exists());
}

/// Twice, and over more segments than are offered at a time.
#[test]
fn numbers_go_on_and_what_nobody_is_offered_goes() {
    let directory = TestDir::new();
    let source = programme(directory.path(), "programme.ts", 60, &[]);
    let out = directory.join("out");
    killed_after(6, &source, &out, &[]);
    killed_after(2, &source, &out, &["--resume"]);
    let mut live = going_on(&source, &out, &[]);
    assert!(live.saw("\"type\":\"live\"", 1), "{:?}", live.end());
    let still = playlist(&out, RENDITIONS[0]);
    // What was before the second break is still there.
    let breaks = number(&still, "#EXT-X-DISCONTINUITY-SEQUENCE") + still.matches("#EXT-X-DISCONTINUITY\n").count();
    assert_eq!((listed(&still).1, breaks, broken_at(&still).is_some()), (3, 2, true), "{still}");
    assert!(live.saw("\"type\":\"live\"", 3), "{:?}", live.end());
    over(live);
    for rendition in RENDITIONS {
        let playlist = playlist(&out, rendition);
        let (first, count) = listed(&playlist);
        assert!(first >= 10 && count == 3, "{playlist}");
        assert_eq!(number(&playlist, "#EXT-X-DISCONTINUITY-SEQUENCE"), 2, "{playlist}");
        // As many and one stand behind the window, and no older ones.
        let stands = |number: usize| out.join(rendition).join(format!("segment_{number:05}.m4s")).exists();
        let standing: Vec<usize> = (1..first + count).filter(|number| stands(*number)).collect();
        assert_eq!(standing, (first - 4..first + count).collect::<Vec<_>>(), "{rendition}");
    }
    decode_cleanly(&out.join("master.m3u8"));
    keeps_every_rule(&[], &out);
}

/// A kill may come between any two writes.
#[test]
fn what_was_half_made_is_made_anew() {
    let directory = TestDir::new();
    let source = programme(directory.path(), "programme.ts", 60, &[]);
    let out = directory.join("out");
    killed_after(3, &source, &out, &[]);
    let left = std::fs::read_to_string(out.join(".streampack/programme.ndjson")).expect("it is kept");
    let offered = left.lines().filter(|line| line.contains("offered")).count();
    let append = |name: &str, text: &str| {
        let file = std::fs::File::options().append(true).open(out.join(".streampack").join(name));
        file.and_then(|mut file| file.write_all(text.as_bytes())).expect("writable");
    };
    // Of the next two segments one rendition has something, which no playlist names; and a line was torn.
    let keys = [1, 2].map(|more| format!("{}/segment_{:05}.m4s", RENDITIONS[1], offered + more));
    append("journal.ndjson", &format!("{}\n", serde_json::json!({ "claim": keys })));
    keys.iter().for_each(|key| std::fs::write(out.join(key), "half").expect("writable"));
    append("programme.ndjson", "{\"offered\":{\"number\":9");
    let mut live = going_on(&source, &out, &[]);
    assert!(live.saw("\"type\":\"started\"", 1), "{:?}", live.end());
    assert!(live.saw("\"type\":\"live\"", 1), "{:?}", live.end());
    let events = over(live);
    let first = events.iter().find(|event| event["type"] == "started").expect("it starts")["first_segment"].as_u64();
    assert_eq!(first, Some(offered as u64 + 1));
    decode_cleanly(&out.join("master.m3u8"));
    keeps_every_rule(&[], &out);
}

#[test]
fn only_the_same_programme_goes_on() {
    let directory = TestDir::new();
    let source = programme(directory.path(), "programme.ts", 60, &[]);
    let small = programme(directory.path(), "small.ts", 5, &["-vf", "scale=160:90"]);
    let out = directory.join("out");
    killed_after(2, &source, &out, &[]);
    let before = files(&out);
    for (source, flags, why) in [
        (&source, &["--crf", "30"][..], "`crf` was "),
        (&source, &["--dvr", "20"], "it offered 3 segments at a time, and now 20"),
        (&source, &["--record", "elsewhere"], "--record was nothing, and is "),
        (&small, &[], "its renditions were video/180p_h264, video/90p_h264, audio/und_aac_128k, and are "),
    ] {
        let line = run(&words(source, &out, &[&["--resume"], flags].concat())).refused(2);
        assert!(line.contains(why) && line.contains("start it as it was started"), "{line}");
        assert_eq!(files(&out), before, "nothing was changed");
    }
    std::fs::remove_file(out.join("video/90p_h264/segment_00002.m4s")).expect("it is there");
    let line = run(&words(&source, &out, &["--resume"])).refused(2);
    assert!(line.contains("video/90p_h264/segment_00002.m4s is gone or another one"), "{line}");
}

#[test]
fn what_cannot_go_on_is_refused_from_the_start() {
    let directory = TestDir::new();
    let (source, out) = (directory.join("none.ts"), directory.join("out"));
    let line = run(&words(&source, Path::new("s3://bucket/x"), &["--resume"])).expect(2).err;
    assert!(line.contains("--resume is for a programme in a directory"), "{line}");
    for flags in [&["--low-latency", "--serve", "127.0.0.1:0"][..], &["--force"], &["--copy"]] {
        let line = run(&words(&source, &out, &[&["--resume"], flags].concat())).expect(2).err;
        assert!(line.contains("cannot be used with"), "{line}");
    }
    assert!(!out.exists());
}

/// So that the flag may always stand in the unit of a service.
#[test]
fn where_nothing_was_begun_a_new_programme_begins() {
    let directory = TestDir::new();
    let source = programme(directory.path(), "programme.ts", 4, &[]);
    let out = directory.join("out");
    for _ in 0..2 {
        let ended = run(&words(&source, &out, &["--resume"])).expect(0);
        let events = ended.events();
        let started = events.iter().find(|event| event["type"] == "started").expect("it starts");
        assert_eq!(started["first_segment"], 1);
        assert_eq!(listed(&playlist(&out, RENDITIONS[0])), (2, 3));
    }
}

#[test]
fn a_record_goes_on_too() {
    let directory = TestDir::new();
    let source = programme(directory.path(), "programme.ts", 60, &[]);
    let (out, record) = (directory.join("out"), directory.join("record"));
    let flags = ["--record", record.to_str().expect("UTF-8")];
    killed_after(5, &source, &out, &flags);
    let mut live = going_on(&source, &out, &flags);
    assert!(live.saw("\"type\":\"live\"", 4), "{:?}", live.end());
    over(live);
    let (_, window) = listed(&playlist(&out, RENDITIONS[0]));
    let last = number(&playlist(&out, RENDITIONS[0]), "#EXT-X-MEDIA-SEQUENCE") + window - 1;
    for rendition in RENDITIONS {
        let playlist = playlist(&record, rendition);
        assert_eq!(listed(&playlist), (1, last), "{playlist}");
        assert_eq!(crate::value(&playlist, "#EXT-X-PLAYLIST-TYPE"), "VOD");
    }
    decode_cleanly(&record.join("master.m3u8"));
    keeps_every_rule(&[], &record);
    keeps_every_rule(&[], &out);
}

/// Its keys are those of the numbers of its segments.
#[test]
fn an_encrypted_programme_goes_on_with_its_keys() {
    let directory = TestDir::new();
    let source = programme(directory.path(), "programme.ts", 60, &[]);
    let (out, keys) = (directory.join("out"), directory.join("keys.json"));
    let key = |at: u8| {
        let (kid, key) = (format!("{:032x}", at + 1), format!("{:032x}", at + 16));
        serde_json::json!({ "period": at, "kid": kid, "key": key })
    };
    std::fs::write(&keys, serde_json::json!({ "keys": [key(0), key(1), key(2)] }).to_string()).expect("writable");
    let keys = keys.to_str().expect("UTF-8");
    let flags = ["--encrypt", "cbcs", "--key-file", keys, "--crypto-period", "2", "--dvr", "300"];
    killed_after(3, &source, &out, &flags);
    let mut live = going_on(&source, &out, &flags);
    assert!(live.saw("\"type\":\"live\"", 4), "{:?}", live.end());
    over(live);
    assert!(broken_at(&playlist(&out, RENDITIONS[0])).is_some());
    keeps_every_rule(&["--key-file", keys], &out);
}

/// Players ask again and again meanwhile.
#[test]
fn what_stands_is_served_while_the_source_is_waited_for() {
    let directory = TestDir::new();
    let source = programme(directory.path(), "programme.ts", 60, &[]);
    let (out, key) = (directory.join("out"), directory.join("key"));
    killed_after(3, &source, &out, &[]);
    std::fs::write(&key, "key\n").expect("writable");
    let (address, port) = (format!("127.0.0.1:{}", free_port()), free_port());
    let (url, key) = (format!("rtmp://127.0.0.1:{port}/live"), key.display().to_string());
    let small = words(&source, &out, &[]);
    let rest = ["--resume", "--serve", &address, "--listen", &url, "--stream-key-file", &key];
    let ours: Vec<_> = small.into_iter().filter(|word| *word != source.as_os_str()).collect();
    let mut live = Running::of(&ours.into_iter().chain(rest.iter().map(std::ffi::OsStr::new)).collect::<Vec<_>>());
    assert!(live.saw("\"type\":\"serving\"", 1), "{:?}", live.end());
    let given = served::text(&format!("http://{address}/{}/playlist.m3u8", RENDITIONS[0]));
    assert_eq!(given, playlist(&out, RENDITIONS[0]));
    live.signal(Signal::Term);
    live.end().expect(143);
}

/// A break that was begun before the run was killed ends in the next one, and what was over is not told of again.
#[test]
fn a_break_ends_in_the_run_that_goes_on_with_it() {
    let directory = TestDir::new();
    let source = programme(directory.path(), "programme.ts", 60, &[]);
    let begin = pictures_begin(&source);
    let again = directory.join("again.ts");
    std::fs::copy(&source, &again).expect("writable");
    inject_into(&source, &[(begin + 0.2, signal(9, 0x10, begin + 0.5)), (begin + 0.5, out(7, begin + 1.0, 0.0))]);
    inject_into(&again, &[(begin + 1.0, back(7, begin + 2.0))]);
    let set = directory.join("out");
    killed_after(7, &source, &set, &[]);
    // A window of three has gone past them.
    let ids = |playlist: &str| ranges(playlist).iter().map(|range| value(range, "ID").to_owned()).collect::<Vec<_>>();
    let before = ids(&playlist(&set, RENDITIONS[0]));
    let [open] = &before[..] else { panic!("{before:?}") };
    let mut live = going_on(&again, &set, &[]);
    assert!(live.saw("\"type\":\"started\"", 1), "{:?}", live.end());
    let told = |live: &mut Running| live.saw("\"type\":\"manifest\"", 5);
    assert!(told(&mut live), "{:?}", live.end());
    assert_eq!(ids(&playlist(&set, RENDITIONS[0])), before, "what was over has gone");
    assert!(live.saw("\"type\":\"marker\"", 1), "{:?}", live.end());
    assert!(live.saw("\"type\":\"live\"", 1), "{:?}", live.end());
    let events = over(live);
    let playlist = playlist(&set, RENDITIONS[0]);
    assert_eq!(ids(&playlist), [open.clone(), open.clone()], "{playlist}");
    let ended = *ranges(&playlist).last().expect("two");
    // Segments of a second: where the run went on, by the date of the first one of it that is still listed.
    let started = events.iter().find(|event| event["type"] == "started").expect("it starts");
    let first = started["first_segment"].as_f64().expect("a number");
    let own = playlist.split("#EXT-X-DISCONTINUITY\n").last().expect("segments");
    let listed: f64 = uris(own)[0].trim_start_matches("segment_").trim_end_matches(".m4s").parse().expect("a number");
    let begun = humantime(crate::value(own, "#EXT-X-PROGRAM-DATE-TIME")) - (listed - first);
    let seconds = humantime(value(ended, "END-DATE")) - begun;
    assert!(ended.contains("SCTE35-IN") && (seconds - 2.0).abs() < 0.1, "{seconds}: {playlist}");
    assert!(events.iter().any(|event| event["type"] == "marker" && event["end"].is_string()));
    keeps_every_rule(&[], &set);
}
