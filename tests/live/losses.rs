//! A source that is lost while its programme is followed, and comes back, or does not.

use std::path::Path;
use std::time::Duration;

use crate::served::{get, text as fetched};
use crate::support::publisher::{Publisher, free_port, knows, programme};
use crate::support::run::{Running, Signal, run};
use crate::support::{TestDir, decode_cleanly};
use crate::{lengths, text, warnings, words};

/// How a publisher is lost.
#[derive(Clone, Copy, Debug)]
enum Lost {
    /// Its connection ends.
    Killed,
    /// It says nothing more, as behind a network that has gone.
    Silent,
}

/// Where a publisher that plays the server can be found, and the words that make it one.
fn listening(scheme: &str) -> (String, [String; 4]) {
    let port = free_port();
    let words =
        |format: &str, rest: [&str; 2], url: String| [format.to_owned(), rest[0].to_owned(), rest[1].to_owned(), url];
    match scheme {
        "srt" => {
            let url = format!("srt://127.0.0.1:{port}");
            (url.clone(), words("mpegts", ["-flush_packets", "1"], format!("{url}?mode=listener")))
        }
        _ => {
            let url = format!("rtmp://127.0.0.1:{port}/live/key");
            (url.clone(), words("flv", ["-listen", "1"], url))
        }
    }
}

fn publish(source: &Path, [format, flag, value, url]: &[String; 4]) -> Publisher {
    Publisher::start(source, &["-f", format, flag, value, url])
}

/// A publisher, and a run that has begun to follow it: it may come before the publisher is there, or give it up while
/// the machine is busy.
fn following(source: &Path, (url, to): &(String, [String; 4]), out: &Path, flags: &[&str]) -> (Running, Publisher) {
    let flags = [&["--dvr", "300"], flags].concat();
    loop {
        let publisher = publish(source, to);
        for _ in 0..20 {
            let mut live = Running::of(&words(Path::new(url), out, &flags));
            if live.saw("\"type\":\"live\"", 2) {
                return (live, publisher);
            }
            let refused = live.end().err.contains("Connection refused");
            if !refused {
                break;
            }
        }
    }
}

/// Playlists of all renditions say that nothing is missing, and their sums.
pub(crate) fn ends(out: &Path) -> Vec<f64> {
    let end = |rendition: &str| {
        let playlist = text(&out.join(rendition).join("playlist.m3u8"));
        assert!(!playlist.contains("DISCONTINUITY") && playlist.contains("#EXT-X-MEDIA-SEQUENCE:1\n"), "{playlist}");
        let lengths = lengths(&playlist);
        let whole = &lengths[..lengths.len() - 1];
        assert!(whole.iter().all(|length| (0.95..1.05).contains(length)), "{playlist}");
        lengths.iter().sum()
    };
    ["video/180p_h264", "video/90p_h264", "audio/und_aac_128k"].map(end).to_vec()
}

#[test]
fn a_programme_goes_on_while_its_source_is_away_and_when_it_is_back() {
    let directory = TestDir::new();
    let one = programme(directory.path(), "one.ts", 60, &[]);
    // Another size and rate, other sound.
    let other = programme(
        directory.path(),
        "other.ts",
        60,
        &["-vf", "scale=480:270", "-r", "30", "-ar", "32000", "-ac", "1", "-output_ts_offset", "900"],
    );
    for (scheme, how) in [("rtmp", Lost::Killed), ("rtmp", Lost::Silent), ("srt", Lost::Killed)] {
        let server = listening(scheme);
        if !knows(&server.0) {
            continue;
        }
        let out = directory.join(format!("{scheme}-{how:?}"));
        let (mut live, first) = following(&one, &server, &out, &["--timeout", "4"]);
        match how {
            Lost::Killed => first.kill(),
            Lost::Silent => first.pause(),
        }
        assert!(live.saw("source_lost", 1), "{:?}", live.end());
        assert!(live.saw("\"type\":\"live\"", 3), "{:?}", live.end());
        drop(first);
        let publisher = publish(&other, &server.1);
        assert!(live.saw("source_back", 1), "{:?}", live.end());
        assert!(live.saw("\"type\":\"live\"", 4), "{:?}", live.end());
        live.signal(Signal::Term);
        let ended = live.end().expect(143);
        drop(publisher);
        assert_eq!(warnings(&ended), ["source_lost", "source_back"], "{scheme} {how:?}");
        let ends = ends(&out);
        let (least, most) =
            ends.iter().fold((f64::MAX, 0.0_f64), |(least, most), end| (least.min(*end), most.max(*end)));
        assert!(most - least < 0.1, "{scheme} {how:?}: {ends:?}");
        decode_cleanly(&out.join("master.m3u8"));
    }
}

/// The dates of a playlist, in seconds since the first.
fn dates(playlist: &str) -> Vec<f64> {
    let dates = playlist.lines().filter_map(|line| line.strip_prefix("#EXT-X-PROGRAM-DATE-TIME:"));
    let times: Vec<_> = dates.map(|date| humantime::parse_rfc3339(date).expect("a date")).collect();
    times.iter().map(|time| time.duration_since(times[0]).expect("dates rise").as_secs_f64()).collect()
}

#[test]
fn nothing_is_made_while_a_source_is_waited_for_and_what_comes_then_is_behind_a_break() {
    let directory = TestDir::new();
    let one = programme(directory.path(), "one.ts", 60, &[]);
    let other = programme(directory.path(), "other.ts", 60, &["-vf", "scale=480:270", "-output_ts_offset", "900"]);
    let server = listening("rtmp");
    if !knows(&server.0) {
        return;
    }
    let out = directory.join("out");
    let (mut live, mut publisher) = following(&one, &server, &out, &["--timeout", "4", "--on-loss", "wait"]);
    for _ in 0..2 {
        publisher.kill();
        assert!(live.saw("source_lost", 1), "{:?}", live.end());
        // What was begun is completed, and then nothing comes.
        std::thread::sleep(Duration::from_secs(4));
        publisher = publish(&other, &server.1);
        assert!(live.saw("source_back", 1), "{:?}", live.end());
        assert!(live.saw("\"type\":\"live\"", 2), "{:?}", live.end());
    }
    live.signal(Signal::Term);
    let ended = live.end().expect(143);
    drop(publisher);
    assert_eq!(warnings(&ended), ["source_lost", "source_back", "source_lost", "source_back"]);
    let mut breaks = Vec::new();
    for rendition in ["video/180p_h264", "video/90p_h264", "audio/und_aac_128k"] {
        let playlist = text(&out.join(rendition).join("playlist.m3u8"));
        assert!(playlist.contains("#EXT-X-MEDIA-SEQUENCE:1\n#EXT-X-DISCONTINUITY-SEQUENCE:0\n"), "{playlist}");
        assert_eq!(playlist.matches("#EXT-X-MAP").count(), 1, "the header is the same: {playlist}");
        let (dates, lengths) = (dates(&playlist), lengths(&playlist));
        let whole = &lengths[..lengths.len() - 1];
        assert!(whole.iter().all(|length| (0.95..1.05).contains(length)), "{playlist}");
        // Dates follow the media, but for the breaks.
        let gaps: Vec<f64> = (1..dates.len()).map(|at| dates[at] - dates[at - 1] - lengths[at - 1]).collect();
        assert_eq!(gaps.iter().filter(|gap| **gap > 1.0).count(), 2, "{gaps:?} in {playlist}");
        assert!(gaps.iter().all(|gap| *gap > 1.0 || gap.abs() < 0.002), "{gaps:?} in {playlist}");
        // They are where the tags are.
        let tagged: Vec<usize> = playlist
            .split("#EXTINF")
            .enumerate()
            .filter(|(_, text)| text.contains("#EXT-X-DISCONTINUITY\n#EXT-X-PROGRAM-DATE-TIME"))
            .map(|(at, _)| at)
            .collect();
        let jumped: Vec<usize> = (1..dates.len()).filter(|at| gaps[at - 1] > 1.0).collect();
        assert_eq!(tagged, jumped, "{playlist}");
        breaks.push(tagged);
    }
    assert!(breaks.iter().all(|others| *others == breaks[0]), "{breaks:?}");
    let mpd = text(&out.join("manifest.mpd"));
    let periods: Vec<&str> = mpd.split("<Period id=\"").skip(1).filter_map(|period| period.split('"').next()).collect();
    assert_eq!(periods, ["0", "1", "2"], "{mpd}");
    decode_cleanly(&out.join("master.m3u8"));
    let findings = run(&["verify".as_ref(), out.as_os_str(), "--json".as_ref()]).events();
    // Segments of a second are shorter than Apple wants them.
    let broken = findings.iter().filter(|line| line["type"] == "violation" && line["severity"] == "error");
    assert_eq!(broken.collect::<Vec<_>>(), Vec::<&serde_json::Value>::new());
}

/// The playlist goes on hinting at the part that will come: hls.js dies of one that ends with a segment.
#[test]
fn players_at_the_edge_are_kept_while_nothing_is_made() {
    let directory = TestDir::new();
    let source = programme(directory.path(), "one.ts", 60, &[]);
    let server = listening("rtmp");
    if !knows(&server.0) {
        return;
    }
    let out = directory.join("out");
    let address = format!("127.0.0.1:{}", free_port());
    let flags = ["--timeout", "4", "--on-loss", "wait", "--serve", &address, "--low-latency", "--part", "0.2"];
    let (mut live, first) = following(&source, &server, &out, &flags);
    let rendition = format!("http://{address}/video/180p_h264/");
    first.kill();
    assert!(live.saw("source_lost", 1), "{:?}", live.end());
    std::thread::sleep(Duration::from_secs(4));
    let rests = fetched(&format!("{rendition}playlist.m3u8"));
    let last = rests.lines().filter(|line| line.starts_with("segment_")).count();
    let hint = format!("segment_{:05}_part_01.m4s", last + 1);
    assert!(rests.contains(&format!("#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"{hint}\"")), "{rests}");
    let mpd = fetched(&format!("http://{address}/manifest.mpd"));
    let listed = mpd.split("<SegmentTimeline>").nth(1).and_then(|rest| rest.split("</Seg").next()).expect("a timeline");
    let runs = listed.split("<S ").skip(1);
    let repeats = |run: &str| run.split("r=\"").nth(1).and_then(|rest| rest.split('"').next()?.parse().ok());
    let announced: usize = runs.map(|run| 1 + repeats(run).unwrap_or(0)).sum();
    assert_eq!(announced, last, "what is not made is not announced: {mpd}");

    // Who waits for the part gets it behind the break.
    let publisher = publish(&source, &server.1);
    assert!(live.saw("source_back", 1), "{:?}", live.end());
    assert!(live.saw("\"type\":\"live\"", 1), "{:?}", live.end());
    assert_eq!(get(&format!("{rendition}{hint}"), &[]).status(), 200);
    let goes_on = fetched(&format!("{rendition}playlist.m3u8?_HLS_msn={}&_HLS_part=0", last + 1));
    let (before, behind) = goes_on.split_once("#EXT-X-DISCONTINUITY\n").expect("a break");
    let (seen, _) = rests.split_once("#EXT-X-PRELOAD-HINT").expect("a hint");
    let segments = |text: &str| text.lines().filter(|line| line.starts_with("segment_")).count();
    assert_eq!(segments(before), segments(seen), "{goes_on}");
    assert!(behind.starts_with("#EXT-X-PROGRAM-DATE-TIME:") && behind.contains(&hint), "{goes_on}");
    live.signal(Signal::Term);
    live.end().expect(143);
    drop(publisher);
}

#[test]
fn a_source_that_pauses_is_not_lost_and_the_programme_goes_on() {
    let directory = TestDir::new();
    let source = programme(directory.path(), "programme.flv", 60, &[]);
    let out = directory.join("out");
    let (mut live, publisher) = following(&source, &listening("rtmp"), &out, &["--timeout", "50"]);
    publisher.pause();
    // Some of it may have been under way.
    assert!(live.saw("\"type\":\"live\"", 5), "{:?}", live.end());
    publisher.resume();
    assert!(live.saw("\"type\":\"live\"", 3), "{:?}", live.end());
    live.signal(Signal::Term);
    let ended = live.end().expect(143);
    assert_eq!(warnings(&ended), Vec::<String>::new());
    ends(&out);
    decode_cleanly(&out.join("master.m3u8"));
}

/// FFmpeg calls it the end of the programme.
#[test]
fn a_playlist_whose_server_goes_has_not_ended() {
    let directory = TestDir::new();
    let source = programme(directory.path(), "programme.flv", 90, &[]);
    let (served, out) = (directory.join("served"), directory.join("out"));
    let port = free_port();
    let address = format!("127.0.0.1:{port}");
    let flags = ["--realtime", "--serve", &address, "--dvr", "20"];
    let mut first = Running::of(&words(&source, &served, &flags));
    assert!(first.saw("\"type\":\"live\"", 4), "{:?}", first.end());
    let url = format!("http://{address}/master.m3u8");
    let mut live = Running::of(&words(Path::new(&url), &out, &["--dvr", "300", "--timeout", "30"]));
    assert!(live.saw("\"type\":\"live\"", 3), "{:?}", live.end());
    first.signal(Signal::Kill);
    first.end();
    assert!(live.saw("source_lost", 1), "{:?}", live.end());
    assert!(live.saw("\"type\":\"live\"", 2), "{:?}", live.end());
    live.signal(Signal::Term);
    let ended = live.end().expect(143);
    assert_eq!(warnings(&ended), ["source_lost"]);
    ends(&out);
}

#[test]
fn a_source_that_does_not_come_back_ends_the_programme() {
    let directory = TestDir::new();
    let source = programme(directory.path(), "programme.flv", 60, &[]);
    const LOST: &[&str] = &["source_lost"];
    for (flags, said, told) in [
        (&["--on-loss", "end", "--timeout", "4"][..], "nothing came for 4 s; what came before is complete", &[][..]),
        (&["--loss-timeout", "1", "--timeout", "4"], "nothing came for 4 s, and it did not come back within 1 s", LOST),
        (&["--timeout", "4", "--on-loss", "wait", "--loss-timeout", "1"], "and it did not come back within 1 s", LOST),
    ] {
        let out = directory.join(flags.concat());
        let (live, publisher) = following(&source, &listening("rtmp"), &out, flags);
        publisher.pause();
        let ended = live.end().expect(16);
        assert!(ended.err.contains(said), "{}", ended.err);
        assert_eq!(warnings(&ended), told, "{flags:?}");
        for end in ends(&out) {
            assert!(end >= 2.0, "{flags:?}: {end}");
        }
    }
}
