//! Many viewers behind a cache.

use std::collections::BTreeSet;
use std::sync::Barrier;

use crate::served::{get, header, served, text};
use crate::support::TestDir;
use crate::support::nginx::Nginx;
use crate::support::publisher::programme;
use crate::support::run::Signal;
use crate::value;

const VIEWERS: usize = 12;

/// Answers that the server has given, but for the one that tells it.
fn answers(url: &str) -> u64 {
    let metrics = text(&format!("{url}metrics"));
    let counts =
        metrics.lines().filter_map(|line| line.strip_prefix("streampack_http_answers_total{")?.split_once("} "));
    counts.map(|(_, count)| count.parse::<u64>().expect("a number")).sum()
}

/// Viewers at the edge ask for the same things at the same time, playlists that are not there yet among them. A cache that
/// asks for each of them once can do so, by what it is told.
#[test]
fn a_cache_asks_once_for_what_many_viewers_want() {
    let directory = TestDir::new();
    let source = programme(directory.path(), "programme.flv", 40, &[]);
    let out = directory.join("out");
    let (mut live, url) = served(&source, &out, &["--realtime", "--low-latency", "--part", "0.5"]);
    let test = "a_cache_asks_once_for_what_many_viewers_want";
    let Some(cache) = Nginx::caching(test, directory.path(), url.trim_end_matches('/')) else { return };
    assert!(live.saw("\"type\":\"live\"", 1), "{:?}", live.end());
    let base = format!("{}/video/180p_h264/", cache.front());
    let next: u64 = {
        let playlist = text(&format!("{url}video/180p_h264/playlist.m3u8"));
        value(&playlist, "#EXT-X-MEDIA-SEQUENCE").parse::<u64>().expect("a number")
            + playlist.matches("#EXTINF").count() as u64
    };
    let asked = [
        format!("playlist.m3u8?_HLS_msn={next}&_HLS_part=1"),
        format!("segment_{next:05}_part_01.m4s"),
        format!("segment_{next:05}_part_02.m4s"),
        format!("playlist.m3u8?_HLS_msn={next}&_HLS_skip=YES"),
        format!("segment_{next:05}.m4s"),
        "init.mp4".to_owned(),
    ];
    let before = answers(&url);
    let at_once = Barrier::new(VIEWERS);
    let view = || {
        asked.each_ref().map(|name| {
            at_once.wait();
            let mut answer = get(&format!("{base}{name}"), &[]);
            assert_eq!(answer.status(), 200, "{name}");
            assert!(header(&answer, "cache-control").starts_with("public, max-age="), "{name}");
            answer.body_mut().read_to_vec().expect("a body")
        })
    };
    let seen: BTreeSet<_> = std::thread::scope(|scope| {
        let viewers: Vec<_> = (0..VIEWERS).map(|_| scope.spawn(view)).collect();
        viewers.into_iter().map(|viewer| viewer.join().expect("it was answered")).collect()
    });
    // The first answer of those that count is counted as well.
    assert_eq!(answers(&url) - before - 1, asked.len() as u64, "for {VIEWERS} viewers");
    assert_eq!(seen.len(), 1, "all of them get the same");
    live.signal(Signal::Term);
    live.end().expect(143);
}
