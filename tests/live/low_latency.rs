//! A programme in parts: what a player at the edge asks for, and what it gets.

use std::path::Path;

use crate::served::{get, header, served, text};
use crate::support::TestDir;
use crate::support::publisher::programme;
use crate::support::run::{Running, Signal, run};
use crate::{uris, value};

/// The value of an attribute in a line of a playlist.
fn attribute<'a>(line: &'a str, name: &str) -> &'a str {
    let (_, rest) = line.split_once(&format!("{name}=")).unwrap_or_else(|| panic!("no {name} in {line}"));
    rest.trim_start_matches('"').split(['"', ',']).next().expect("a value")
}

fn line<'a>(playlist: &'a str, tag: &str) -> &'a str {
    playlist.lines().rev().find(|line| line.starts_with(tag)).unwrap_or_else(|| panic!("no {tag} in {playlist}"))
}

/// Segment and part in a name like `segment_00003_part_02.m4s`, the part counted from 0.
fn place(name: &str) -> (u64, u64) {
    let numbers: Vec<u64> = name.split(['_', '.']).filter_map(|word| word.parse().ok()).collect();
    (numbers[0], numbers[1] - 1)
}

fn started(directory: &TestDir, out: &Path) -> (Running, String) {
    let source = programme(directory.path(), "programme.flv", 40, &[]);
    let (mut live, url) = served(&source, out, &["--realtime", "--low-latency", "--part", "0.2"]);
    assert!(live.saw("\"type\":\"live\"", 2), "{:?}", live.end());
    (live, url)
}

#[test]
fn a_player_at_the_edge_gets_each_part_as_it_is_made() {
    let directory = TestDir::new();
    let out = directory.join("out");
    let (mut live, url) = started(&directory, &out);
    for (rendition, others) in [("video/180p_h264", 2), ("audio/und_aac_128k", 2)] {
        let base = format!("{url}{rendition}/");
        let playlist = text(&format!("{base}playlist.m3u8"));
        assert_eq!(attribute(line(&playlist, "#EXT-X-SERVER-CONTROL"), "CAN-BLOCK-RELOAD"), "YES");
        assert_eq!(attribute(line(&playlist, "#EXT-X-SERVER-CONTROL"), "PART-HOLD-BACK"), "0.600000");
        assert_eq!(playlist.matches("#EXT-X-RENDITION-REPORT").count(), others, "{playlist}");

        // Every part is there, no longer than it may be, and together they are their segment.
        let whole = uris(&playlist).last().map(|name| (*name).to_owned()).expect("a segment");
        let mut joined = Vec::new();
        for part in playlist.lines().filter(|line| line.starts_with("#EXT-X-PART:")) {
            assert!(attribute(part, "DURATION").parse::<f64>().expect("seconds") <= 0.2, "{part}");
            let mut answer = get(&format!("{base}{}", attribute(part, "URI")), &[]);
            assert_eq!((answer.status().as_u16(), header(&answer, "cache-control")), (200, "public, max-age=60"));
            let body = answer.body_mut().read_to_vec().expect("a body");
            if attribute(part, "URI").starts_with(whole.trim_end_matches(".m4s")) {
                joined.extend(body);
            }
        }
        assert_eq!(joined, get(&format!("{base}{whole}"), &[]).body_mut().read_to_vec().expect("a body"));

        // A playlist that names the next part comes when there is such a part; and the part when it is asked for.
        let playlist = text(&format!("{base}playlist.m3u8"));
        let hint = attribute(line(&playlist, "#EXT-X-PRELOAD-HINT"), "URI").to_owned();
        let (segment, part) = place(&hint);
        let asked = format!("{base}playlist.m3u8?_HLS_msn={segment}&_HLS_part={part}");
        let mut answer = get(&asked, &[]);
        let next = answer.body_mut().read_to_string().expect("text");
        assert_eq!(header(&answer, "cache-control"), "public, max-age=6", "six target durations");
        assert!(next.contains(&format!("URI=\"{hint}\"")), "{next}");
        assert!(!line(&next, "#EXT-X-PRELOAD-HINT").contains(&hint), "{next}");
        let hint = attribute(line(&next, "#EXT-X-PRELOAD-HINT"), "URI");
        assert_eq!(get(&format!("{base}{hint}"), &[]).status(), 200, "{hint} is waited for");
        assert!(value(&next, "#EXT-X-MEDIA-SEQUENCE") >= value(&playlist, "#EXT-X-MEDIA-SEQUENCE"));

        // Nonsense is refused, and what is long past is given at once.
        for query in ["_HLS_part=1".to_owned(), "_HLS_msn=x".to_owned(), format!("_HLS_msn={}", segment + 20)] {
            assert_eq!(get(&format!("{base}playlist.m3u8?{query}"), &[]).status(), 400, "{query}");
        }
        assert_eq!(get(&format!("{base}playlist.m3u8?_HLS_msn=1&_HLS_skip=YES"), &[]).status(), 200);
    }
    // The directory holds whole segments alone, and keeps every rule when the programme is over.
    live.signal(Signal::Term);
    live.end().expect(143);
    let stored = std::fs::read_to_string(out.join("video/180p_h264/playlist.m3u8")).expect("readable");
    assert!(!stored.contains("#EXT-X-PART") && stored.ends_with("#EXT-X-ENDLIST\n"), "{stored}");
    let findings = run(&["verify".as_ref(), out.as_os_str(), "--json".as_ref()]).events();
    let broken = findings.iter().filter(|line| line["type"] == "violation");
    assert_eq!(broken.collect::<Vec<_>>(), Vec::<&serde_json::Value>::new());
}

#[test]
fn parts_that_no_player_could_use_are_refused() {
    let directory = TestDir::new();
    let source = programme(directory.path(), "programme.ts", 1, &[]);
    let out = directory.join("out");
    let flags = ["--serve", "127.0.0.1:0", "--low-latency", "--part", "0.1"];
    let line = run(&crate::words(&source, &out, &flags)).expect(2).err;
    assert!(line.contains("part cannot be 0.1; use 200ms to 1s"), "{line}");
    let line = run(&crate::words(&source, &out, &["--low-latency"])).expect(2).err;
    assert!(line.contains("--serve"), "{line}");
}

/// The number of the segment that is being made, by the MPD: the last but one that it announces.
fn in_the_making(mpd: &str) -> u64 {
    let first: u64 = crate::attribute(mpd, "startNumber").parse().expect("a number");
    let (_, timeline) = mpd.split_once("<SegmentTimeline>").expect("a timeline");
    let (timeline, _) = timeline.split_once("</SegmentTimeline>").expect("its end");
    let runs = timeline.split("<S ").skip(1).map(|run| {
        let repeats = run.split_once("r=\"").and_then(|(_, rest)| rest.split('"').next());
        repeats.map_or(1, |repeats| repeats.parse::<u64>().expect("a number") + 1)
    });
    first + runs.sum::<u64>() - 2
}

#[test]
fn a_segment_is_sent_while_it_is_made() {
    let directory = TestDir::new();
    let out = directory.join("out");
    let source = programme(directory.path(), "programme.flv", 40, &[]);
    let flags = ["--realtime", "--low-latency", "--part", "0.2", "--no-hls"];
    let mut live = Running::of(&crate::words(&source, &out, &[&["--serve", "127.0.0.1:0"], &flags[..]].concat()));
    assert!(live.saw("\"type\":\"live\"", 2), "{:?}", live.end());
    let serving = live.seen().lines().find(|line| line.contains("\"serving\"")).expect("it is served");
    let serving: serde_json::Value = serde_json::from_str(serving).expect("JSON");
    let url = serving["url"].as_str().expect("a URL").to_owned();
    assert_eq!(serving["sets"][0]["hls"], serde_json::Value::Null);

    let mpd = text(&format!("{url}manifest.mpd"));
    for said in [
        "<Latency referenceId=\"0\" target=\"1500\" min=\"600\" max=\"2500\"/>",
        "<ProducerReferenceTime id=\"0\" inband=\"true\" type=\"encoder\"",
        "availabilityTimeOffset=\"0.800\" availabilityTimeComplete=\"false\"",
    ] {
        assert!(mpd.contains(said), "{said} in {mpd}");
    }
    // A file has no part of a segment, and comes when the disk has it.
    assert!(live.made(&out.join("manifest.mpd")), "{:?}", live.end());
    let stored = std::fs::read_to_string(out.join("manifest.mpd")).expect("it is stored");
    assert!(!stored.contains("availabilityTimeOffset") && stored.contains("SegmentTimeline"), "{stored}");

    // One that is being made has no length yet. A busy machine may be late for the one that was announced.
    for rendition in ["video/180p_h264", "audio/und_aac_128k"] {
        let (mut answer, key) = (0..20)
            .map(|_| {
                let number = in_the_making(&text(&format!("{url}manifest.mpd")));
                let key = format!("{rendition}/segment_{number:05}.m4s");
                (get(&format!("{url}{key}"), &[("range", "bytes=0-")]), key)
            })
            .find(|(answer, _)| header(answer, "content-length").is_empty())
            .expect("segments came whole");
        assert_eq!((answer.status().as_u16(), header(&answer, "transfer-encoding")), (200, "chunked"));
        assert_eq!(header(&answer, "cache-control"), "public, max-age=60");
        let streamed = answer.body_mut().read_to_vec().expect("all of it comes");
        assert_eq!(&streamed[28..32], b"prft", "after the type of the segment");
        // The answer that is whole is that of a cache, or of memory.
        let whole = get(&format!("{url}{key}"), &[]).body_mut().read_to_vec().expect("a body");
        assert!(streamed == whole, "{key}: {} and {} bytes", streamed.len(), whole.len());
    }
    // The first one, too, which waited until it was known when it was.
    let mpd = text(&format!("{url}manifest.mpd"));
    let start = crate::marked::humantime(crate::attribute(&mpd, "wallClockTime"));
    for rendition in ["video/180p_h264", "audio/und_aac_128k"] {
        let first = get(&format!("{url}{rendition}/segment_00001.m4s"), &[]).body_mut().read_to_vec().expect("a body");
        assert_eq!(&first[28..32], b"prft", "{rendition}");
        let told = f64::from(u32::from_be_bytes(first[40..44].try_into().expect("four bytes"))) - 2_208_988_800.0
            + f64::from(u32::from_be_bytes(first[44..48].try_into().expect("four bytes"))) / 2_f64.powi(32);
        let apart = (told - start).rem_euclid(86_400.0);
        assert!(apart.min(86_400.0 - apart) < 0.1, "{rendition}: {told} and {start}");
        let metrics = text(&format!("{url}metrics"));
        let parts = format!("streampack_rendition_parts_total{{rendition=\"{rendition}\"}} ");
        let parts = metrics.lines().find_map(|line| line.strip_prefix(&parts)).expect("they are counted");
        assert!(parts.parse::<f64>().expect("a number") >= 10.0, "{metrics}");
    }
    live.signal(Signal::Term);
    live.end().expect(143);
    let findings = run(&["verify".as_ref(), out.as_os_str(), "--json".as_ref()]).events();
    let broken = findings.iter().filter(|line| line["type"] == "violation");
    assert_eq!(broken.collect::<Vec<_>>(), Vec::<&serde_json::Value>::new());
}
