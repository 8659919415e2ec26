//! Programmes of which nothing is encoded: what the source sends is what players get.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::listened::{KEY, connected, secret};
use crate::support::publisher::{self, Publisher, free_port, knows};
use crate::support::run::{Ended, Running, Signal, run, run_with_input};
use crate::support::{TestDir, decode_cleanly};
use crate::{lengths, text, uris, value, warnings};

const VIDEO: &str = "video/180p_h264";
const AUDIO: &str = "audio/und_aac";

/// Makes a file as broadcasters send it, which says its colour: pictures that do not are no fault of who copies them.
fn programme(directory: &Path, name: &str, seconds: u32, words: &[&str]) -> PathBuf {
    let color = ["-color_primaries", "bt709", "-color_trc", "bt709", "-colorspace", "bt709"];
    publisher::programme(directory, name, seconds, &[&color, words].concat())
}

/// The words of a run that copies `input`.
fn words<'a>(input: &'a str, out: &'a Path, flags: &[&'a str]) -> Vec<&'a str> {
    let out = out.to_str().expect("text");
    let ours = ["live", input, "-o", out, "--copy", "--json"];
    let short = ["--segment-duration", "1", "--gop", "1"];
    let usual = if flags.contains(&"--gop") { &[][..] } else { &short };
    ours.into_iter().chain(usual.iter().copied()).chain(flags.iter().copied()).collect()
}

/// Copies a file to its end, and keeps all of it.
fn copied(source: &Path, out: &Path, flags: &[&str]) -> Ended {
    run(&words(source.to_str().expect("text"), out, &[&["--dvr", "300"], flags].concat()))
}

/// The packets of a stream, each as its size and its hash; those of decoded pictures where they are not copied.
fn packets(file: &Path, map: &str, more: &[&str]) -> Vec<String> {
    let mut command = Command::new("ffmpeg");
    command.args(["-v", "error", "-copyts", "-i"]).arg(file).args(["-map", map]).args(more);
    let output = command.args(["-f", "framemd5", "-"]).stdin(Stdio::null()).output().expect("ffmpeg is installed");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).expect("text");
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    // What is said beside a packet stands behind it.
    lines.map(|line| line.split(',').skip(4).take(2).map(str::trim).collect::<Vec<_>>().join(" ")).collect()
}

/// The samples of a rendition, which are one file with its header.
fn joined(out: &Path, rendition: &str) -> PathBuf {
    let directory = out.join(rendition);
    let names = uris(&text(&directory.join("playlist.m3u8"))).into_iter().map(str::to_owned).collect::<Vec<_>>();
    let parts = std::iter::once("init.mp4".to_owned()).chain(names);
    let bytes: Vec<u8> = parts.flat_map(|name| std::fs::read(directory.join(name)).expect("readable")).collect();
    let path = out.join(rendition.replace('/', "_")).with_extension("mp4");
    std::fs::write(&path, bytes).expect("writable");
    path
}

/// The one list is a part of the other, which has no more than `more` before it and behind it.
#[track_caller]
fn is_part(part: &[String], whole: &[String], more: usize) {
    let at = whole.windows(part.len().max(1)).position(|window| window == part);
    let at = at.unwrap_or_else(|| panic!("{} packets are not among {}", part.len(), whole.len()));
    assert!(at + part.len() + more >= whole.len(), "{} of {} packets from {at} on", part.len(), whole.len());
}

/// What `verify` finds, but for what it recommends: segments of a second are short.
#[track_caller]
fn keeps_every_rule(set: &Path) {
    let findings = run(&["verify".as_ref(), set.as_os_str(), "--json".as_ref()]).events();
    let broken = findings.iter().filter(|line| line["type"] == "violation" && line["severity"] == "error");
    assert_eq!(broken.collect::<Vec<_>>(), Vec::<&serde_json::Value>::new());
}

/// The encoders that a report names.
fn encoders(out: &Path) -> Vec<String> {
    let report: serde_json::Value = serde_json::from_str(&text(&out.join("streampack.json"))).expect("JSON");
    let all = ["video", "audio"].into_iter().flat_map(|kind| report[kind].as_array().expect("renditions").clone());
    all.map(|rendition| rendition["encoder"].as_str().expect("text").to_owned()).collect()
}

#[test]
fn every_packet_of_the_source_is_there_as_it_was() {
    let directory = TestDir::new();
    let source = programme(directory.path(), "programme.flv", 6, &[]);
    let (out, record) = (directory.join("out"), directory.join("record"));
    let ended = copied(&source, &out, &["--record", record.to_str().expect("text")]).expect(0);
    assert_eq!(warnings(&ended), Vec::<String>::new());
    assert_eq!(encoders(&out), ["copy", "copy"]);
    let copy = ["-c", "copy"];
    // Pictures wait for nothing, and sound begins with the packet before the first picture.
    is_part(&packets(&joined(&out, VIDEO), "0:v", &copy), &packets(&source, "0:v", &copy), 0);
    is_part(&packets(&joined(&out, AUDIO), "0:a", &copy), &packets(&source, "0:a", &copy), 2);
    [VIDEO, AUDIO].iter().for_each(|rendition| std::fs::remove_file(joined(&out, rendition)).expect("it is ours"));
    for set in [&out, &record] {
        keeps_every_rule(set);
        decode_cleanly(&set.join("manifest.mpd"));
        decode_cleanly(&set.join("master.m3u8"));
    }
    let playlist = text(&out.join(VIDEO).join("playlist.m3u8"));
    assert_eq!(lengths(&playlist), [1.0; 6], "{playlist}");
    assert!(text(&out.join("master.m3u8")).contains("CODECS=\"avc1."));
}

#[test]
fn pictures_and_sound_stay_together() {
    let directory = TestDir::new();
    for name in ["programme.flv", "programme.ts"] {
        let source = programme(directory.path(), name, 4, &["-bf", "0"]);
        let out = directory.join(format!("{name}-out"));
        copied(&source, &out, &[]).expect(0);
        // When each stream begins, and the first beep is a second later.
        let begins = |file: &Path, map: &str| {
            let mut command = Command::new("ffprobe");
            command.args(["-v", "error", "-select_streams", map, "-show_entries", "packet=pts_time", "-of", "csv=p=0"]);
            let output = command.arg(file).output().expect("ffprobe is installed");
            let times = String::from_utf8(output.stdout).expect("text");
            let times = times.lines().filter_map(|line| line.trim_end_matches(',').parse::<f64>().ok());
            times.fold(f64::INFINITY, f64::min)
        };
        let (pictures, sound) = (begins(&source, "v"), begins(&source, "a"));
        let ours = begins(&joined(&out, AUDIO), "a") - begins(&joined(&out, VIDEO), "v");
        // Packets of sound that are not needed are left out, whole ones of 1024 samples.
        let packets = (ours - (sound - pictures)) / (1024.0 / 44_100.0);
        assert!((packets - packets.round()).abs() < 0.05, "{name}: {ours} and {}", sound - pictures);
    }
}

#[test]
fn pictures_in_transport_streams_are_those_of_the_source() {
    let directory = TestDir::new();
    for (name, words, rendition) in [
        ("avc.ts", &[][..], VIDEO),
        (
            "hevc.ts",
            &["-c:v", "libx265", "-x265-params", "log-level=none:open-gop=0:keyint=25:bframes=2"],
            "video/180p_hevc",
        ),
    ] {
        let source = programme(directory.path(), name, 4, words);
        let out = directory.join(format!("{name}-out"));
        let ended = run_with_input(&self::words("-", &out, &["--dvr", "300"]), &source).expect(0);
        assert_eq!(warnings(&ended), Vec::<String>::new());
        is_part(&packets(&joined(&out, rendition), "0:v", &[]), &packets(&source, "0:v", &[]), 0);
        let adts = ["-c", "copy", "-bsf:a", "aac_adtstoasc"];
        is_part(&packets(&joined(&out, AUDIO), "0:a", &["-c", "copy"]), &packets(&source, "0:a", &adts), 2);
        assert_eq!(encoders(&out), ["copy", "copy"]);
        [rendition, AUDIO]
            .iter()
            .for_each(|rendition| std::fs::remove_file(joined(&out, rendition)).expect("it is ours"));
        keeps_every_rule(&out);
    }
}

#[test]
fn sound_alone_is_copied_too() {
    let directory = TestDir::new();
    let source = programme(directory.path(), "programme.ts", 4, &["-vn"]);
    let out = directory.join("out");
    copied(&source, &out, &[]).expect(0);
    let adts = ["-c", "copy", "-bsf:a", "aac_adtstoasc"];
    is_part(&packets(&joined(&out, AUDIO), "0:a", &["-c", "copy"]), &packets(&source, "0:a", &adts), 0);
    std::fs::remove_file(joined(&out, AUDIO)).expect("it is ours");
    keeps_every_rule(&out);
    let found = lengths(&text(&out.join(AUDIO).join("playlist.m3u8")));
    // The last packet goes on behind the last second.
    assert!((found.iter().sum::<f64>() - 4.0).abs() < 0.05 && found[..4].iter().all(|s| *s > 0.97), "{found:?}");
}

#[test]
fn segments_are_as_long_as_the_groups_of_the_source() {
    let directory = TestDir::new();
    let source = programme(directory.path(), "programme.flv", 16, &["-g", "75"]);
    let out = directory.join("out");
    let ended = copied(&source, &out, &[]).expect(0);
    assert_eq!(warnings(&ended), ["long_segments"]);
    let playlist = text(&out.join(VIDEO).join("playlist.m3u8"));
    assert_eq!(
        (lengths(&playlist), value(&playlist, "#EXT-X-TARGETDURATION")),
        (vec![3.0, 3.0, 3.0, 3.0, 3.0, 1.0], "4")
    );
    std::fs::remove_file(joined(&out, VIDEO)).expect("it is ours");
    keeps_every_rule(&out);
}

/// Whatever comes later than was promised ends a programme that is whole up to there.
#[test]
fn a_key_frame_that_comes_too_late_ends_the_programme() {
    let directory = TestDir::new();
    let keys = "expr:lte(t,4)*gte(t,n_forced)";
    let source = programme(
        directory.path(),
        "programme.flv",
        20,
        &["-x264-params", "keyint=9999:scenecut=0", "-force_key_frames", keys],
    );
    let out = directory.join("out");
    let line = copied(&source, &out, &[]).expect(16).err;
    assert!(line.contains("key frame (IDR) comes later") && line.contains("--gop"), "{line}");
    let playlist = text(&out.join(VIDEO).join("playlist.m3u8"));
    assert!(lengths(&playlist).len() >= 4 && playlist.ends_with("#EXT-X-ENDLIST\n"), "{playlist}");
    keeps_every_rule(&out);
    // Who says so before may have them as far apart.
    let out = directory.join("patient");
    copied(&source, &out, &["--segment-duration", "20", "--gop", "20"]).expect(0);
    keeps_every_rule(&out);
}

#[test]
fn a_source_whose_headers_change_ends_the_programme() {
    let directory = TestDir::new();
    let one = programme(directory.path(), "one.ts", 4, &[]);
    let other = programme(directory.path(), "other.ts", 4, &["-s", "160x90", "-output_ts_offset", "4"]);
    let both = directory.join("both.ts");
    let bytes = [one, other].map(|path| std::fs::read(path).expect("readable")).concat();
    std::fs::write(&both, bytes).expect("writable");
    let out = directory.join("out");
    let line = copied(&both, &out, &[]).expect(16).err;
    assert!(line.contains("the parameter sets of its pictures have changed"), "{line}");
    assert!(text(&out.join(VIDEO).join("playlist.m3u8")).ends_with("#EXT-X-ENDLIST\n"));
    keeps_every_rule(&out);
}

#[test]
fn what_cannot_be_copied_is_refused() {
    let directory = TestDir::new();
    let source = programme(directory.path(), "programme.ts", 1, &[]);
    let out = directory.join("out");
    for flags in [
        &["--ladder", "180p@300k"][..],
        &["--crf", "20"],
        &["--audio", "aac@64k"],
        &["--overload", "fail"],
        &["--on-loss", "slate"],
    ] {
        let line = copied(&source, &out, flags).expect(2).err;
        assert!(line.contains("--copy") && line.contains(flags[0]), "{line}");
    }
    for (name, words, codec) in
        [("pictures.ts", ["-c:v", "mpeg2video"], "mpeg2video"), ("sound.ts", ["-c:a", "libmp3lame"], "mp3")]
    {
        let source = programme(directory.path(), name, 1, &words);
        let line = copied(&source, &out, &[]).expect(12).err;
        assert!(line.contains(codec) && line.contains("leave out --copy"), "{line}");
    }
    let open = ["-c:v", "libx265", "-x265-params", "log-level=none:keyint=25:open-gop=1"];
    let source = programme(directory.path(), "open.ts", 70, &open);
    let line = copied(&source, &out, &[]).expect(16).err;
    assert!(line.contains("(IDR)"), "{line}");
}

/// The same stages as for what is encoded: parts, keys, a record.
#[test]
fn what_is_copied_is_offered_in_parts_and_encrypted() {
    let directory = TestDir::new();
    let source = programme(directory.path(), "programme.flv", 30, &["-tune", "zerolatency", "-bf", "0"]);
    let (out, record) = (directory.join("out"), directory.join("record"));
    let keys = secret(
        &directory,
        r#"{"keys": [{"kid": "00112233445566778899aabbccddeeff", "key": "0123456789abcdef0123456789abcdef"}]}"#,
    );
    let keys = ["--key-file", keys.to_str().expect("text")];
    let flags = [
        &["--encrypt", "cbcs"][..],
        &keys,
        &["--serve", "127.0.0.1:0", "--realtime", "--low-latency", "--part", "0.2"],
        &["--record", record.to_str().expect("text")],
    ];
    let mut live = Running::of(&words(source.to_str().expect("text"), &out, &flags.concat()));
    assert!(live.saw("\"type\":\"serving\"", 1), "{:?}", live.end());
    let serving = live.seen().lines().last().expect("a line").to_owned();
    let told: serde_json::Value = serde_json::from_str(&serving).expect("JSON");
    let url = told["url"].as_str().expect("a URL").to_owned();
    assert!(live.saw("\"type\":\"live\"", 4), "{:?}", live.end());
    for rendition in [VIDEO, AUDIO] {
        let playlist = crate::served::text(&format!("{url}{rendition}/playlist.m3u8"));
        let target: f64 = attribute_of(&playlist, "PART-TARGET");
        let parts: Vec<&str> = playlist.lines().filter(|line| line.starts_with("#EXT-X-PART:")).collect();
        assert!(parts.len() > 6, "{playlist}");
        for part in parts {
            assert!(attribute_of(part, "DURATION") <= target + 1e-6, "{part} of {target}");
        }
    }
    live.signal(Signal::Term);
    live.end().expect(143);
    for set in [&out, &record] {
        let words = [&["verify", set.to_str().expect("text"), "--json"][..], &keys].concat();
        let findings = run(&words).events();
        let broken = findings.iter().filter(|line| line["type"] == "violation" && line["severity"] == "error");
        assert_eq!(broken.collect::<Vec<_>>(), Vec::<&serde_json::Value>::new());
    }
}

fn attribute_of(text: &str, name: &str) -> f64 {
    let (_, rest) = text.split_once(&format!("{name}=")).unwrap_or_else(|| panic!("no {name} in {text}"));
    rest.split([',', '\n']).next().and_then(|value| value.parse().ok()).expect("a number")
}

#[test]
fn pictures_out_of_order_have_no_place_in_parts() {
    let directory = TestDir::new();
    let source = programme(directory.path(), "programme.flv", 3, &["-bf", "2", "-preset", "fast"]);
    let out = directory.join("out");
    let flags = ["--serve", "127.0.0.1:0", "--low-latency"];
    let line = copied(&source, &out, &flags).expect(16).err;
    assert!(line.contains("B-frames"), "{line}");
}

#[test]
fn publishers_are_copied() {
    let directory = TestDir::new();
    let (flv, ts) = (programme(directory.path(), "p.flv", 40, &[]), programme(directory.path(), "p.ts", 40, &[]));
    let key = secret(&directory, KEY);
    let port = free_port();
    let url = format!("rtmp://127.0.0.1:{port}/live");
    let mut programmes = vec![("rtmp", flv, url.clone(), format!("{url}/{KEY}"), "flv")];
    if knows("srt://x") {
        let port = free_port();
        let url = format!("srt://127.0.0.1:{port}");
        let publish = format!("{url}?passphrase={KEY}");
        programmes.push(("srt", ts, url, publish, "mpegts"));
    }
    for (name, source, listen, publish, format) in programmes {
        let out = directory.join(name);
        let file = if name == "rtmp" { "--stream-key-file" } else { "--passphrase-file" };
        let flags = ["--listen", &listen, "--dvr", "300", file, key.to_str().expect("text")];
        let mut words = words("", &out, &flags);
        words.retain(|word| !word.is_empty());
        let mut live = Running::of(&words);
        if name == "rtmp" {
            drop(connected(port));
        }
        let publisher = Publisher::start(&source, &["-f", format, &publish]);
        assert!(live.saw("\"type\":\"live\"", 3), "{name}: {:?}", live.end());
        live.signal(Signal::Term);
        live.end().expect(143);
        drop(publisher);
        let mut ours = packets(&joined(&out, VIDEO), "0:v", &[]);
        // The last ones may lack what is shown between them.
        ours.truncate(ours.len() - 4);
        let theirs = packets(&source, "0:v", &[]);
        assert!(ours.len() > 50 && theirs.windows(ours.len()).any(|window| window == ours), "{name}");
        std::fs::remove_file(joined(&out, VIDEO)).expect("it is ours");
        keeps_every_rule(&out);
    }
}

/// The segment that was begun ends with what has come, and the next one begins when the publisher is back.
#[test]
fn a_publisher_is_waited_for() {
    let directory = TestDir::new();
    let source = programme(directory.path(), "programme.flv", 60, &[]);
    let (key, out, record) = (secret(&directory, KEY), directory.join("out"), directory.join("record"));
    let port = free_port();
    let url = format!("rtmp://127.0.0.1:{port}/live");
    let [key, kept] = [&key, &record].map(|path| path.to_str().expect("text"));
    let mut words = words("", &out, &["--listen", &url, "--dvr", "300", "--stream-key-file", key, "--record", kept]);
    words.retain(|word| !word.is_empty());
    let mut live = Running::of(&words);
    drop(connected(port));
    let published = format!("{url}/{KEY}");
    for at in 0..3 {
        let publisher = Publisher::start(&source, &["-f", "flv", &published]);
        assert!(at == 0 || live.saw("source_back", 1), "{:?}", live.end());
        assert!(live.saw("\"type\":\"live\"", 3), "{:?}", live.end());
        publisher.kill();
        assert!(at == 2 || live.saw("source_lost", 1), "{:?}", live.end());
    }
    live.signal(Signal::Term);
    live.end().expect(143);
    let ends = |rendition: &str| {
        let playlist = text(&out.join(rendition).join("playlist.m3u8"));
        assert_eq!(playlist.matches("#EXT-X-DISCONTINUITY\n").count(), 2, "{playlist}");
        let add = |sum: &mut f64, length: f64| {
            *sum += length;
            Some(*sum)
        };
        lengths(&playlist).into_iter().scan(0.0, add).collect::<Vec<f64>>()
    };
    let (pictures, sound) = (ends(VIDEO), ends(AUDIO));
    assert_eq!(pictures.len(), sound.len());
    for (a, b) in pictures.iter().zip(&sound) {
        assert!((a - b).abs() < 0.03, "{pictures:?} {sound:?}");
    }
    assert_eq!(text(&out.join("manifest.mpd")).matches("<Period").count(), 3);
    for set in [&out, &record] {
        keeps_every_rule(set);
        decode_cleanly(&set.join("master.m3u8"));
    }
}

#[test]
fn a_publisher_who_comes_back_as_another_ends_the_programme() {
    let directory = TestDir::new();
    let first = programme(directory.path(), "first.flv", 60, &[]);
    let other = programme(directory.path(), "other.flv", 20, &["-s", "160x90"]);
    let (key, out) = (secret(&directory, KEY), directory.join("out"));
    let port = free_port();
    let url = format!("rtmp://127.0.0.1:{port}/live");
    let flags = ["--listen", &url, "--dvr", "300", "--stream-key-file", key.to_str().expect("text")];
    let mut words = words("", &out, &flags);
    words.retain(|word| !word.is_empty());
    let mut live = Running::of(&words);
    drop(connected(port));
    let published = format!("{url}/{KEY}");
    let publisher = Publisher::start(&first, &["-f", "flv", &published]);
    assert!(live.saw("\"type\":\"live\"", 3), "{:?}", live.end());
    publisher.kill();
    assert!(live.saw("source_lost", 1), "{:?}", live.end());
    drop(publisher);
    let _other = Publisher::start(&other, &["-f", "flv", &published]);
    let line = live.end().expect(16).err;
    assert!(line.contains("have changed"), "{line}");
    keeps_every_rule(&out);
}
