//! A programme that is served while it is made.

use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::Value;
use ureq::http::Response;
use ureq::{Agent, Body};

use crate::support::TestDir;
use crate::support::publisher::programme;
use crate::support::run::{Running, Signal};
use crate::support::serving::Serving;
use crate::{attribute, uris, words};

/// A run that is served, and its URL.
pub(crate) fn served(source: &Path, out: &Path, flags: &[&str]) -> (Running, String) {
    served_with(source, out, flags, &[])
}

/// The same with these variables.
pub(crate) fn served_with(
    source: &Path,
    out: &Path,
    flags: &[&str],
    variables: &[(&str, String)],
) -> (Running, String) {
    let flags = [&["--serve", "127.0.0.1:0"], flags].concat();
    let mut live = Running::with(&words(source, out, &flags), variables);
    assert!(live.saw("\"type\":\"serving\"", 1), "{:?}", live.end());
    let line = live.seen().lines().find(|line| line.contains("\"serving\"")).expect("a line").to_owned();
    let told: Value = serde_json::from_str(&line).expect("JSON");
    let url = told["url"].as_str().expect("a URL").to_owned();
    assert_eq!(told["sets"][0]["hls"], format!("{url}master.m3u8"));
    (live, url)
}

pub(crate) fn get(url: &str, headers: &[(&str, &str)]) -> Response<Body> {
    let agent: Agent = Agent::config_builder().http_status_as_error(false).build().into();
    let request = headers.iter().fold(agent.get(url), |request, (name, value)| request.header(*name, *value));
    request.call().unwrap_or_else(|error| panic!("{url}: {error}"))
}

pub(crate) fn text(url: &str) -> String {
    get(url, &[]).body_mut().read_to_string().expect("text")
}

pub(crate) fn header<'a>(response: &'a Response<Body>, name: &str) -> &'a str {
    response.headers().get(name).map_or("", |value| value.to_str().expect("text"))
}

#[test]
fn a_programme_is_served_as_players_need_it() {
    let directory = TestDir::new();
    let source = programme(directory.path(), "programme.flv", 40, &[]);
    let out = directory.join("out");
    let (mut live, url) = served(&source, &out, &["--realtime"]);
    assert_eq!(get(&format!("{url}healthz"), &[]).status(), 503, "there is no segment yet");
    assert!(live.saw("\"type\":\"live\"", 2), "{:?}", live.end());
    assert_eq!(text(&format!("{url}healthz")), "ok\n");

    // What changes may be kept for a moment, and is sent once.
    let playlist_url = format!("{url}video/180p_h264/playlist.m3u8");
    for (at, kind) in [
        (&format!("{url}master.m3u8"), "application/vnd.apple.mpegurl"),
        (&playlist_url, "application/vnd.apple.mpegurl"),
        (&format!("{url}manifest.mpd"), "application/dash+xml"),
    ] {
        let answer = get(at, &[("accept-encoding", "gzip"), ("origin", "https://player.example")]);
        let found = ["content-type", "cache-control", "content-encoding", "access-control-allow-origin"];
        assert_eq!(found.map(|name| header(&answer, name)), [kind, "public, max-age=1", "gzip", "*"], "{at}");
    }
    let master = get(&format!("{url}master.m3u8"), &[]);
    let tag = header(&master, "etag").to_owned();
    assert_eq!(get(&format!("{url}master.m3u8"), &[("if-none-match", &tag)]).status(), 304);

    // The preview of the directory knows that it goes on.
    let preview = Serving::start(&out, &[]);
    for name in ["master.m3u8", "manifest.mpd", "video/180p_h264/playlist.m3u8"] {
        assert!(live.made(&out.join(name)), "{:?}", live.end());
        let answer = get(&preview.url(name), &[]);
        assert_eq!(header(&answer, "cache-control"), "public, max-age=0, s-maxage=1, must-revalidate", "{name}");
    }
    drop(preview);

    // Media is kept for good, and comes in ranges.
    let playlist = text(&playlist_url);
    let last = uris(&playlist).last().map(|name| (*name).to_owned()).expect("a segment");
    let segment_url = format!("{url}video/180p_h264/{last}");
    let segment = get(&segment_url, &[]).body_mut().read_to_vec().expect("a body");
    // The disk may be late.
    let stored = out.join("video/180p_h264").join(&last);
    assert!(live.made(&stored), "{:?}", live.end());
    assert_eq!(segment, std::fs::read(stored).expect("it is stored"));
    let mut part = get(&segment_url, &[("range", "bytes=4-7")]);
    let found = ["content-type", "cache-control", "content-range"].map(|name| header(&part, name).to_owned());
    let range = format!("bytes 4-7/{}", segment.len());
    assert_eq!(found, ["video/mp4", "public, max-age=60", range.as_str()]);
    assert_eq!(part.body_mut().read_to_vec().expect("a body"), b"styp");
    assert_eq!(get(&format!("{url}audio/und_aac_128k/init.mp4"), &[]).status(), 200);

    // What comes next is waited for; what does not is not there.
    let number: u64 = last
        .trim_matches(|c: char| !c.is_ascii_digit())
        .split('.')
        .next()
        .map_or(0, |n| n.parse().unwrap_or_else(|_| panic!("{last} has a number")));
    let next = format!("{url}video/180p_h264/segment_{:05}.m4s", number + 1);
    assert_eq!(get(&next, &[]).status(), 200);
    let begun = Instant::now();
    let missing = get(&format!("{url}video/180p_h264/segment_{:05}.m4s", number + 50), &[]);
    assert_eq!((missing.status().as_u16(), header(&missing, "cache-control")), (404, "public, max-age=1"));
    assert!(begun.elapsed() < Duration::from_secs(3), "nobody waits for what does not come");
    for hidden in [".streampack/journal.ndjson", "%2e%2e/secret", "video/../../secret"] {
        assert_eq!(get(&format!("{url}{hidden}"), &[]).status(), 404, "{hidden}");
    }

    // Clients of DASH ask the same server for the time.
    let mpd = text(&format!("{url}manifest.mpd"));
    assert!(mpd.contains("<UTCTiming schemeIdUri=\"urn:mpeg:dash:utc:http-xsdate:2014\" value=\"time\"/>"), "{mpd}");
    let now = text(&format!("{url}time"));
    assert!(now.as_str() > attribute(&mpd, "publishTime") && now.len() == "2026-01-01T00:00:00.000Z".len(), "{now}");

    let metrics = text(&format!("{url}metrics"));
    let value = |name: &str| -> f64 {
        let line = metrics.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        line.and_then(|value| value.parse().ok()).unwrap_or_else(|| panic!("no {name} in {metrics}"))
    };
    assert!(value("streampack_segments_total") >= 2.0 && value("streampack_source_packets_total") > 50.0);
    assert!(value("streampack_edge_age_seconds") < 5.0);
    assert!(value("streampack_http_answers_total{class=\"4xx\"}") >= 4.0);
    for rendition in ["video/180p_h264", "video/90p_h264", "audio/und_aac_128k"] {
        let of = |name: &str| value(&format!("streampack_rendition_{name}{{rendition=\"{rendition}\"}}"));
        assert!(of("segments_total") >= 2.0 && of("edge_age_seconds") < 5.0, "{rendition}: {metrics}");
        assert_eq!(of("parts_total"), 0.0, "{rendition}: it has no parts");
    }
    assert!(value("streampack_encoder_queue_seconds") >= 0.0 && value("streampack_encoder_realtime_factor") > 0.0);
    assert!(value("streampack_disk_queue_bytes") >= 0.0 && value("streampack_disk_given_up") < 1.0);
    for (name, kind) in [
        ("rendition_edge_age_seconds", "gauge"),
        ("rendition_segments_total", "counter"),
        ("rendition_parts_total", "counter"),
        ("encoder_queue_seconds", "gauge"),
        ("encoder_realtime_factor", "gauge"),
        ("disk_queue_tasks", "gauge"),
    ] {
        assert!(metrics.contains(&format!("# HELP streampack_{name} ")), "{name} in {metrics}");
        assert!(metrics.contains(&format!("# TYPE streampack_{name} {kind}\n")), "{name} in {metrics}");
    }

    live.signal(Signal::Term);
    live.end().expect(143);
}

#[test]
fn the_end_is_served_to_those_who_are_behind() {
    let directory = TestDir::new();
    let source = programme(directory.path(), "programme.ts", 3, &[]);
    let out = directory.join("out");
    let (mut live, url) = served(&source, &out, &[]);
    // A playlist of key frames alone is made at the end.
    assert!(live.saw("iframes.m3u8", 1), "{:?}", live.end());
    let mut playlist = String::new();
    while !playlist.ends_with("#EXT-X-ENDLIST\n") {
        playlist = text(&format!("{url}video/90p_h264/playlist.m3u8"));
    }
    for name in uris(&playlist) {
        assert_eq!(get(&format!("{url}video/90p_h264/{name}"), &[]).status(), 200, "{name}");
    }
    assert_eq!(attribute(&text(&format!("{url}manifest.mpd")), "type"), "static");
    live.end().expect(0);
}

#[test]
fn an_address_that_is_taken_ends_the_run_before_it_begins() {
    let directory = TestDir::new();
    let source = programme(directory.path(), "programme.ts", 1, &[]);
    let out = directory.join("out");
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("there are ports");
    let address = taken.local_addr().expect("it is bound").to_string();
    let line = crate::support::run::run(&words(&source, &out, &["--serve", &address])).expect(14).err;
    assert!(line.contains(&format!("cannot listen on {address}: another program uses this port")), "{line}");
    assert!(!out.exists());
}

#[test]
fn it_says_how_it_is_before_there_is_a_publisher() {
    let directory = TestDir::new();
    let key = crate::listened::secret(&directory, crate::listened::KEY);
    let (out, port) = (directory.join("out"), crate::support::publisher::free_port());
    let flags = ["--stream-key-file", key.to_str().expect("text"), "--serve", "127.0.0.1:0"];
    let mut live = crate::listened::waiting(&format!("rtmp://127.0.0.1:{port}/live"), &out, &flags);
    assert!(live.saw("\"type\":\"serving\"", 1), "{:?}", live.end());
    let line = live.seen().lines().find(|line| line.contains("\"serving\"")).expect("a line").to_owned();
    let told: Value = serde_json::from_str(&line).expect("JSON");
    let url = told["url"].as_str().expect("a URL");
    let mut health = get(&format!("{url}healthz"), &[]);
    assert_eq!(
        (health.status().as_u16(), health.body_mut().read_to_string().expect("text")),
        (503, "no segment yet\n".into())
    );
    assert!(text(&format!("{url}metrics")).contains("streampack_segments_total 0"));
    assert_eq!(get(&format!("{url}master.m3u8"), &[]).status(), 404);
    live.signal(Signal::Term);
    live.end().expect(143);
}
