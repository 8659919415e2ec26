//! What a source marks, in each way in which it can come.

use std::path::Path;
use std::time::Duration;

use serde_json::Value;

use crate::listened::{KEY, secret, waiting};
use crate::marked::{COLOR, humantime, keeps_every_rule, markers, playlists, ranges, value};
use crate::support::TestDir;
use crate::support::publisher::{free_port, knows, programme, send_as_it_is};
use crate::support::rtmp::{cue_point, mark, noted_cue_point, publish, serve};
use crate::support::run::{Ended, Running, Signal, run, run_with_input};
use crate::support::serving::Serving;
use crate::support::splices::{back, inject_into, out, out_and_back, pictures_begin, signal};
use crate::{lengths, text, warnings, words};

/// Where FFmpeg ends and what it did not read is left out: names of cue points, and when they are.
fn cues(ended: &Ended) -> Vec<(String, f64)> {
    let cue = |marker: Value| {
        let data: Value = serde_json::from_str(marker["data"].as_str().expect("text")).expect("JSON");
        (data["name"].as_str().expect("a name").to_owned(), marker["at_s"].as_f64().expect("a number"))
    };
    markers(ended).into_iter().map(cue).collect()
}

/// One at the very beginning, one with a long text, and one that is like others.
fn cue_points() -> [(u32, Vec<u8>); 3] {
    let long = noted_cue_point("long", 5.0, &"note ".repeat(500));
    [(0, cue_point("first", 5.0)), (2000, long), (2500, cue_point("short", 5.0))]
}

/// These names, each within a picture of its time.
#[track_caller]
fn are(cues: &[(String, f64)], wanted: &[(&str, f64)]) {
    let names: Vec<_> = cues.iter().map(|(name, _)| name).collect();
    assert_eq!(names, wanted.iter().map(|(name, _)| name).collect::<Vec<_>>(), "{cues:?}");
    let late = cues.iter().zip(wanted).find(|((_, at), (_, wanted))| (at - wanted).abs() > 0.2);
    assert_eq!(late, None);
}

const ALL: [(&str, f64); 3] = [("first", 0.0), ("long", 2.0), ("short", 2.5)];

#[test]
fn cue_points_that_ffmpeg_would_drop_are_kept_where_we_see_them_ourselves() {
    let directory = TestDir::new();
    let (source, marked) = (programme(directory.path(), "p.flv", 5, &[]), directory.join("marked.flv"));
    std::fs::copy(&source, &marked).expect("writable");
    mark(&marked, &cue_points());
    let ended = run_with_input(&words(Path::new("-"), &directory.join("stdin"), &["--dvr", "60"]), &marked).expect(0);
    are(&cues(&ended), &ALL);
    for playlist in playlists(&directory.join("stdin")) {
        assert_eq!(ranges(&text(&playlist)).len(), 3);
    }
    keeps_every_rule(&directory.join("stdin"));

    let (key, port) = (secret(&directory, KEY), free_port());
    let flags = ["--stream-key-file", key.to_str().expect("text"), "--on-loss", "end"];
    let live = waiting(&format!("rtmp://127.0.0.1:{port}/live"), &directory.join("listened"), &flags);
    publish(port, "live", KEY, &source, &cue_points());
    are(&cues(&live.end()), &ALL);
}

/// FFmpeg reads the file, or the stream, itself.
#[test]
fn cue_points_of_a_file_and_of_a_server_come_through_ffmpeg() {
    let directory = TestDir::new();
    let source = programme(directory.path(), "p.flv", 5, &[]);
    let marked = directory.join("marked.flv");
    std::fs::copy(&source, &marked).expect("writable");
    mark(&marked, &cue_points());
    let ended = run(&words(&marked, &directory.join("file"), &["--dvr", "60"])).expect(0);
    are(&cues(&ended), &ALL[2..]);

    let (port, serving) = serve(&source, &cue_points());
    let url = format!("rtmp://127.0.0.1:{port}/live/key");
    let ended = run(&words(Path::new(&url), &directory.join("pulled"), &["--dvr", "60", "--on-loss", "end"]));
    serving.join().expect("no panic");
    assert!(matches!(ended.code, Some(0 | 16)), "{ended:?}");
    are(&cues(&ended), &ALL[2..]);
}

/// A programme of eight seconds with a break from the third to the fifth.
fn with_a_break(directory: &TestDir) -> std::path::PathBuf {
    let source = programme(directory.path(), "programme.ts", 8, &[]);
    let begin = pictures_begin(&source);
    let sections = [(begin + 0.5, out(7, begin + 3.0, 4.0)), (begin + 4.0, back(7, begin + 5.0))];
    inject_into(&source, &sections);
    source
}

/// The break is in all playlists, and is two seconds long.
#[track_caller]
fn has_the_break(set: &Path, ended: &Ended) {
    let told = markers(ended);
    assert_eq!(told.iter().map(|marker| &marker["kind"]).collect::<Vec<_>>(), ["out", "out"], "{ended:?}");
    let playlists = playlists(set);
    assert!(!playlists.is_empty());
    for playlist in playlists {
        let playlist = text(&playlist);
        let [opened, closed] = ranges(&playlist)[..] else { panic!("{playlist}") };
        assert!(opened.contains("SCTE35-OUT") && value(closed, ",DURATION") == "2.000", "{playlist}");
    }
    keeps_every_rule(set);
}

#[test]
fn breaks_come_by_srt() {
    let directory = TestDir::new();
    let (source, set, port) = (with_a_break(&directory), directory.join("out"), free_port());
    let url = format!("srt://127.0.0.1:{port}");
    assert!(knows(&url), "this FFmpeg has no SRT, which the tests need");
    let phrase = secret(&directory, "correct-horse-battery");
    let flags = ["--passphrase-file", phrase.to_str().expect("text"), "--on-loss", "end"];
    let live = waiting(&url, &set, &flags);
    let to = format!("{url}?passphrase=correct-horse-battery&pkt_size=1316&connect_timeout=30000");
    send_as_it_is(&source, &to, Duration::from_secs(4));
    let ended = live.end();
    assert!(matches!(ended.code, Some(0 | 16)), "{ended:?}");
    has_the_break(&set, &ended);
}

#[test]
fn breaks_come_by_hls() {
    let directory = TestDir::new();
    let (source, set, origin) = (with_a_break(&directory), directory.join("out"), directory.join("origin"));
    std::fs::create_dir(&origin).expect("writable");
    let bytes = std::fs::read(&source).expect("readable");
    let (first, second) = bytes.split_at(bytes.len() / 2 / 188 * 188);
    for (name, bytes) in [("1.ts", first), ("2.ts", second)] {
        std::fs::write(origin.join(name), bytes).expect("writable");
    }
    let playlist = "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:4\n\
                    #EXTINF:4.0,\n1.ts\n#EXTINF:4.0,\n2.ts\n#EXT-X-ENDLIST\n";
    std::fs::write(origin.join("master.m3u8"), playlist).expect("writable");
    let server = Serving::start(&origin, &[]);
    let ended = run(&words(Path::new(&server.url("master.m3u8")), &set, &["--dvr", "60"])).expect(0);
    assert_eq!(warnings(&ended), [""; 0]);
    has_the_break(&set, &ended);
}

/// Seconds since the day began of the first date of each spell of a playlist.
fn begins(playlist: &str) -> Vec<f64> {
    let spells = playlist.split("#EXT-X-DISCONTINUITY\n");
    spells.map(|spell| seconds_of(spell.split("#EXT-X-PROGRAM-DATE-TIME:").nth(1).expect("a date"))).collect()
}

/// A date as seconds of its day.
fn seconds_of(date: &str) -> f64 {
    humantime(date.lines().next().expect("a line"))
}

/// The break is on when the source is lost, and over when it is back; a segment is announced for what comes then.
#[test]
fn a_break_that_outlasts_its_source_is_where_the_wall_clock_has_it() {
    outlasts(false);
}

#[test]
fn a_break_that_outlasts_a_source_that_is_copied_is_there_too() {
    outlasts(true);
}

fn outlasts(copy: bool) {
    let directory = TestDir::new();
    let [first, second] = ["first.ts", "second.ts"].map(|name| programme(directory.path(), name, 6, &COLOR));
    let begin = pictures_begin(&first);
    let sections = [(begin + 0.5, out(7, begin + 3.0, 60.0)), (begin + 1.0, signal(9, 0x10, begin + 30.0))];
    inject_into(&first, &sections);
    let begin = pictures_begin(&second);
    inject_into(&second, &[(begin + 1.0, back(7, begin + 2.0))]);
    let (set, port) = (directory.join("out"), free_port());
    let url = format!("srt://127.0.0.1:{port}");
    assert!(knows(&url), "this FFmpeg has no SRT, which the tests need");
    let phrase = secret(&directory, "correct-horse-battery");
    let record = directory.join("record");
    let phrase = ["--passphrase-file", phrase.to_str().expect("text"), "--on-loss", "wait"];
    let phrase = [&phrase[..], &["--record", record.to_str().expect("text")]].concat();
    let copied =
        ["live", "--copy", "--listen", &url, "-o", set.to_str().expect("text"), "--dvr", "300", "--timeout", "8"];
    let copied = [&copied[..], &phrase, &["--segment-duration", "1", "--gop", "1", "--json"]].concat();
    let mut live = if copy { Running::of(&copied) } else { waiting(&url, &set, &phrase) };
    let to = format!("{url}?passphrase=correct-horse-battery&pkt_size=1316&connect_timeout=30000");
    send_as_it_is(&first, &to, Duration::from_secs(5));
    assert!(live.saw("source_lost", 1), "{:?}", live.end());
    // Nothing is told of while nothing is made; what comes first then is sent at once, and was before.
    std::thread::sleep(Duration::from_secs(5));
    send_as_it_is(&second, &to, Duration::from_secs(6));
    assert!(live.saw("source_back", 1) && live.saw("source_lost", 1), "{:?}", live.end());
    live.signal(Signal::Term);
    let ended = live.end().expect(143);

    let playlist = text(&playlists(&set)[0]);
    let [began, again] = begins(&playlist)[..] else { panic!("{playlist}") };
    let find = |what: &str| *ranges(&playlist).iter().find(|range| range.contains(what)).expect("a range");
    let date = |what: &str, name: &str| seconds_of(value(find(what), name));
    let (left, entered) = (date("SCTE35-OUT", "START-DATE"), date("SCTE35-IN", "END-DATE"));
    let near = |one: f64, other: f64| assert!((one - other).abs() < 0.1, "{one} and {other}: {playlist}");
    near(left, began + 3.0);
    near(entered, again + 2.0);
    near(date("SCTE35-CMD", "START-DATE"), began + 30.0);
    let lasted: f64 = value(find("SCTE35-IN"), ",DURATION").parse().expect("a number");
    near(lasted, entered - left);

    let mpd = text(&set.join("manifest.mpd"));
    let periods: Vec<&str> = mpd.split("<Period ").skip(1).collect();
    let events = |period: &str| -> Vec<(f64, Option<f64>)> {
        let of = |event: &str, name: &str| {
            let (_, rest) = event.split('>').next()?.split_once(&format!("{name}=\""))?;
            Some(rest.split('"').next()?.parse::<f64>().expect("a number") / 1e6)
        };
        period
            .split("<Event ")
            .skip(1)
            .map(|event| (of(event, "presentationTime").expect("a time"), of(event, "duration")))
            .collect()
    };
    let [(out_at, Some(out_for))] = events(periods[0])[..] else { panic!("{mpd}") };
    near(out_at, 3.0);
    near(out_for, lasted);
    let [(back_at, None), (signal_at, None)] = events(periods[1])[..] else { panic!("{mpd}") };
    near(back_at, 2.0);
    near(signal_at, began + 30.0 - again);
    assert_eq!(warnings(&ended), ["source_lost", "source_back", "source_lost"]);

    // The record goes on without a gap.
    let (before, _) = playlist.split_once("#EXT-X-DISCONTINUITY\n").expect("a break");
    let made: f64 = lengths(before).iter().sum();
    assert!(again - began - made > 1.0, "it was away: {playlist}");
    let kept = text(&playlists(&record)[0]);
    let of = |what: &str, name: &str| {
        value(ranges(&kept).iter().find(|range| range.contains(what)).expect("a range"), name).to_owned()
    };
    let out = seconds_of(&of("SCTE35-OUT", "START-DATE"));
    near(of("SCTE35-IN", ",DURATION").parse().expect("a number"), made - 3.0 + 2.0);
    near(seconds_of(&of("SCTE35-CMD", "START-DATE")) - out, made + signal_at - 3.0);
    keeps_every_rule(&record);
    keeps_every_rule(&set);
}

/// The break ends by itself while something else is shown in the place of the source.
#[test]
fn a_break_ends_while_its_source_is_away() {
    let directory = TestDir::new();
    let source = programme(directory.path(), "programme.ts", 4, &[]);
    let begin = pictures_begin(&source);
    inject_into(&source, &[(begin + 0.5, out_and_back(7, begin + 1.0, 5.0))]);
    let (set, port) = (directory.join("out"), free_port());
    let url = format!("srt://127.0.0.1:{port}");
    assert!(knows(&url), "this FFmpeg has no SRT, which the tests need");
    let phrase = secret(&directory, "correct-horse-battery");
    let mut live = waiting(&url, &set, &["--passphrase-file", phrase.to_str().expect("text")]);
    send_as_it_is(
        &source,
        &format!("{url}?passphrase=correct-horse-battery&pkt_size=1316&connect_timeout=30000"),
        Duration::from_secs(3),
    );
    assert!(live.saw("source_lost", 1) && live.saw("\"type\":\"marker\"", 1), "{:?}", live.end());
    live.signal(Signal::Term);
    let ended = live.end().expect(143);
    assert_eq!(warnings(&ended), ["source_lost"]);
    let playlist = text(&playlists(&set)[0]);
    let [opened, closed] = ranges(&playlist)[..] else { panic!("{playlist}") };
    assert_eq!((value(opened, "PLANNED-DURATION"), value(closed, ",DURATION")), ("5.000", "5.000"));
    assert!(!closed.contains("SCTE35-IN"), "{closed}");
    keeps_every_rule(&set);
}
