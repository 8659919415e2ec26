//! Timed metadata that somebody writes while a programme is on.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::Path;
use std::process::Command;

use mp4_atom::{Decode, Emsg, EmsgTimestamp};
use serde_json::{Value, json};

use crate::recorded::keeps_every_rule;
use crate::served::served;
use crate::support::TestDir;
use crate::support::boxes;
use crate::support::publisher::programme;
use crate::support::run::{Running, Signal, run};
use crate::{attribute, text, warnings, words};

/// A message, as another reader has it: in which segment, its number, when it is for and what for how long, in seconds,
/// and its frames.
type Message = (u64, u32, f64, Option<f64>, Vec<String>);

/// The messages in the segments of a rendition of a set. Each stands in front of a `moof`.
fn messages(set: &Path, rendition: &str) -> Vec<Message> {
    let directory = set.join(rendition);
    let mut names: Vec<_> =
        fs::read_dir(&directory).expect("a rendition").map(|file| file.expect("readable").path()).collect();
    names.retain(|path| path.extension().is_some_and(|end| end == "m4s"));
    names.sort();
    let mut found = Vec::new();
    for path in names {
        let name = path.file_stem().and_then(|name| name.to_str()).expect("UTF-8");
        let segment = name.trim_start_matches("segment_").parse().expect("a number");
        let bytes = fs::read(&path).expect("readable");
        let places = boxes::walk(&bytes, 0, bytes.len()).expect("boxes");
        for pair in places.windows(2).filter(|pair| &pair[0].kind == b"emsg") {
            assert!(matches!(&pair[1].kind, b"emsg" | b"moof"), "{}: {}", path.display(), pair[1].name());
            let emsg = Emsg::decode(&mut &bytes[pair[0].start..pair[0].end]).expect("an emsg");
            assert_eq!((&emsg.scheme_id_uri[..], &emsg.value[..]), ("https://aomedia.org/emsg/ID3", ""));
            let EmsgTimestamp::Absolute(at) = emsg.presentation_time else { panic!("version 0") };
            let seconds = |ticks: f64| ticks / f64::from(emsg.timescale);
            let duration = (emsg.event_duration != u32::MAX).then(|| seconds(emsg.event_duration.into()));
            found.push((segment, emsg.id, seconds(at as f64), duration, frames(&emsg.message_data)));
        }
    }
    found
}

/// The frames of an ID3 tag.
fn frames(data: &[u8]) -> Vec<String> {
    let tag = id3::Tag::read_from2(std::io::Cursor::new(data)).expect("a tag");
    let said = |frame: &id3::Frame| match frame.content() {
        id3::Content::ExtendedText(text) => format!("{}: {}", text.description, text.value),
        id3::Content::Text(text) => text.clone(),
        id3::Content::Private(data) => format!("{}: {:?}", data.owner_identifier, data.private_data),
        other => panic!("{other:?}"),
    };
    tag.frames().map(|frame| format!("{} {}", frame.id(), said(frame))).collect()
}

fn write(path: &Path, lines: &str) {
    OpenOptions::new().append(true).open(path).expect("it is there").write_all(lines.as_bytes()).expect("it is read");
}

/// What was told of lines: number, segment and time.
fn placed(events: &[Value]) -> Vec<(u64, u64, f64)> {
    let lines = events.iter().filter(|event| event["type"] == "metadata");
    let number = |value: &Value| value.as_u64().expect("a number");
    lines
        .map(|line| (number(&line["line"]), number(&line["segment"]), line["at_s"].as_f64().expect("seconds")))
        .collect()
}

#[test]
fn what_is_written_to_a_pipe_stands_in_all_pictures_in_front_of_its_chunk() {
    let directory = TestDir::new();
    let source = programme(directory.path(), "programme.flv", 40, &[]);
    let (out, record, pipe) = (directory.join("out"), directory.join("record"), directory.join("pipe"));
    let made = Command::new("mkfifo").arg(&pipe).status().expect("every system has the mkfifo command");
    assert!(made.success());
    let path = |path: &Path| path.to_str().expect("UTF-8").to_owned();
    let (record_to, read_from) = (path(&record), path(&pipe));
    let flags = ["--realtime", "--low-latency", "--part", "0.2", "--record", &record_to, "--metadata-pipe", &read_from];
    let (mut live, _url) = served(&source, &out, &flags);
    assert!(live.saw("\"type\":\"live\"", 1), "{:?}", live.end());
    let edge: Value = serde_json::from_str(live.seen().lines().last().expect("a line")).expect("JSON");
    let (edge_s, at) = (edge["edge_s"].as_f64().expect("seconds") + 4.0, edge["edge"].as_str().expect("a time"));
    let at = chrono::DateTime::parse_from_rfc3339(at).expect("a time") + chrono::TimeDelta::seconds(4);
    let later =
        json!({ "at": at.to_rfc3339(), "duration": 1.5, "id3": { "TIT2": "Song", "PRIV": { "org.x": "AAEC" } } });
    write(&pipe, &format!("{{\"text\": \"hello\"}}\n{{\"txt\": \"hello\"}}\n{later}\n"));
    assert!(live.saw("\"type\":\"metadata\"", 1), "{:?}", live.end());
    // Another one comes, and goes without ending his line.
    write(&pipe, "{\"id\": \"chat\", \"data\": {\"from\": \"Zoë\", \"says\": \"hi\"}}");
    assert!(live.saw("\"type\":\"metadata\"", 2), "{:?}", live.end());
    assert!(live.saw("\"type\":\"live\"", 2), "{:?}", live.end());
    live.signal(Signal::Term);
    let ended = live.end().expect(143);
    assert_eq!(warnings(&ended), ["metadata_line"]);
    assert!(ended.out.contains(" is left out: unknown field `txt`, expected one of "), "{}", ended.out);

    let told = messages(&record, "video/180p_h264");
    assert_eq!(told, messages(&record, "video/90p_h264"));
    assert_eq!(messages(&record, "audio/und_aac_128k"), []);
    let [first, second, third] = &told[..] else { panic!("{told:?}") };
    assert_eq!([first.1 + 1, first.1 + 2], [second.1, third.1], "each has a number of its own");
    assert_eq!([first.3, second.3, third.3], [None, None, Some(1.5)]);
    assert_eq!(first.4, ["TXXX : hello"]);
    assert_eq!(second.4, [r#"TXXX chat: {"from":"Zoë","says":"hi"}"#]);
    assert_eq!(third.4, ["PRIV org.x: [0, 1, 2]", "TIT2 Song"]);
    assert!(third.2 > edge_s - 0.002, "{third:?} is not for {edge_s}");
    let events = ended.events();
    for ((_, segment, at_s), message) in placed(&events).into_iter().zip(&told) {
        assert_eq!((segment, (at_s - message.2).abs() < 1e-3), (message.0, true), "{at_s} and {message:?}");
    }
    for set in [&out, &record] {
        keeps_every_rule(set);
        let mpd = text(&set.join("manifest.mpd"));
        let announced = "<InbandEventStream schemeIdUri=\"https://aomedia.org/emsg/ID3\" value=\"\"/>";
        let (pictures, sound) = mpd.split_once("contentType=\"audio\"").expect("both");
        assert_eq!((pictures.matches(announced).count(), sound.contains(announced)), (1, false), "{mpd}");
        assert_eq!(attribute(&mpd, "type"), "static");
    }
    let header = fs::read(record.join("video/180p_h264/init.mp4")).expect("a header");
    assert!(header[..64].windows(4).any(|brand| brand == b"aid3"));
}

/// Encrypted as they come, and told of in a file.
#[test]
fn messages_are_in_the_clear_where_pictures_are_not() {
    let directory = TestDir::new();
    let color = ["-color_primaries", "bt709", "-color_trc", "bt709", "-colorspace", "bt709"];
    let source = programme(directory.path(), "programme.flv", 5, &color);
    let (out, keys, lines) = (directory.join("out"), directory.join("keys.json"), directory.join("lines.ndjson"));
    let path = |path: &Path| path.to_str().expect("UTF-8").to_owned();
    run(&["keys", "new", "-o", &path(&keys)]).expect(0);
    fs::write(&lines, "{\"text\": \"one\"}\n\n{\"text\": \"two\"}\n{\"text\": \"not whole").expect("writable");
    let (keys, lines) = (path(&keys), path(&lines));
    let all =
        ["live", &path(&source), "-o", &path(&out), "--copy", "--realtime", "--segment-duration", "1", "--gop", "1"]
            .map(str::to_owned);
    let flags = ["--json", "--encrypt", "cbcs", "--key-file", &keys, "--metadata-pipe", &lines].map(str::to_owned);
    let ended = run(&[&all[..], &flags].concat()).expect(0);
    let rendition = placed(&ended.events());
    assert_eq!(rendition.iter().map(|(line, ..)| *line).collect::<Vec<_>>(), [1, 3]);
    let pictures = fs::read_dir(out.join("video")).expect("pictures").next().expect("one").expect("readable").path();
    let told = messages(&out, pictures.strip_prefix(&out).expect("below it").to_str().expect("UTF-8"));
    let said: Vec<_> = told.iter().map(|message| message.4.concat()).collect();
    assert_eq!(said, ["TXXX : one", "TXXX : two"]);
    keeps_every_rule(&out);
}

#[test]
fn sound_alone_carries_what_comes_by_standard_input() {
    let directory = TestDir::new();
    let source = programme(directory.path(), "programme.flv", 8, &["-vn"]);
    let out = directory.join("out");
    let (mut live, mut stdin) =
        Running::fed(&words(&source, &out, &["--dvr", "60", "--realtime", "--metadata-pipe", "-"]));
    stdin.write_all(b"{\"text\": \"a song\"}\n").expect("it is read");
    // It is told of while nothing more is written, and so is a line that ends with all of them.
    assert!(live.saw("\"type\":\"metadata\"", 1), "{:?}", live.end());
    stdin.write_all(b"{\"text\": \"another\"}").expect("it is read");
    drop(stdin);
    assert!(live.saw("\"type\":\"metadata\"", 1), "{:?}", live.end());
    let ended = live.end().expect(0);
    assert_eq!(placed(&ended.events()).iter().map(|(line, ..)| *line).collect::<Vec<_>>(), [1, 2], "{}", ended.out);
    let told = messages(&out, "audio/und_aac_128k");
    let said: Vec<_> = told.iter().map(|message| message.4.concat()).collect();
    assert_eq!(said, ["TXXX : a song", "TXXX : another"]);
    keeps_every_rule(&out);
    assert!(text(&out.join("manifest.mpd")).contains("<InbandEventStream "));
}

#[test]
fn a_pipe_that_is_not_there_is_refused_before_anything_begins() {
    let directory = TestDir::new();
    let source = programme(directory.path(), "programme.flv", 1, &[]);
    let out = directory.join("out");
    let missing = directory.join("missing");
    let missing = missing.to_str().expect("UTF-8");
    let ended = run(&words(&source, &out, &["--metadata-pipe", missing])).expect(10);
    assert!(ended.err.contains("it is not there; make it with mkfifo, or as an empty file"), "{}", ended.err);
    assert!(!out.exists());
    let ended = run(&words(Path::new("-"), &out, &["--metadata-pipe", "-"])).expect(2);
    assert!(ended.err.contains("are both standard input"), "{}", ended.err);
}
