//! A programme in both layouts, played by hls.js, dash.js and Shaka Player in Chromium from `streampack serve`:
//! from its first picture on, with other sound, other rungs and subtitles, to its end.

mod support;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use serde_json::{Value, json};
use support::certificate::certificate;
use support::publisher::{Publisher, programme as programme_of};
use support::run::{Running, Signal, run, run_with_input};
use support::serving::Serving;
use support::splices::{back, inject_into, out, pictures_begin};
use support::{TestDir, browser, programme};

/// The layouts, each with the flags that ask for it.
const LAYOUTS: [(&str, &[&str]); 2] = [("segments", &["--progressive", "360p"]), ("single", &["--single-file"])];

fn sets() -> &'static Path {
    static SETS: OnceLock<PathBuf> = OnceLock::new();
    SETS.get_or_init(|| programme::sets("players", &LAYOUTS))
}

/// Lets a player play a set as `expected`, and keeps a screenshot.
#[track_caller]
fn play(player: &str, set: &Path, expected: &Value) -> Value {
    let server = Serving::start(set, &[]);
    let layout = set.file_name().expect("a name").display();
    let shot = browser::shots("players").join(format!("{player}-{layout}.png"));
    let shot = shot.to_str().expect("cargo's directory is UTF-8");
    let expected = expected.to_string();
    browser::run("play.mjs", &[("player", player), ("url", &server.url("")), ("expect", &expected), ("shot", shot)])
}

/// Each is a test of its own: they wait for the clock, and may do so together.
macro_rules! plays {
    ($($name:ident: $player:literal, $layout:literal;)*) => {$(
        #[test]
        fn $name() {
            play($player, &sets().join($layout), &programme::expected());
        }
    )*};
}

plays! {
    hls_js_plays_segment_files: "hls", "segments";
    hls_js_plays_single_files: "hls", "single";
    dash_js_plays_segment_files: "dash", "segments";
    dash_js_plays_single_files: "dash", "single";
    shaka_player_plays_the_mpd_of_segment_files: "shaka", "segments";
    shaka_player_plays_the_mpd_of_single_files: "shaka", "single";
    shaka_player_plays_the_playlists_of_segment_files: "shaka-hls", "segments";
    shaka_player_plays_the_playlists_of_single_files: "shaka-hls", "single";
}

#[test]
fn shaka_player_finds_a_thumbnail_for_every_second() {
    for player in ["shaka", "shaka-hls"] {
        let colors = json!({ "colors": programme::expected()["colors"] });
        let result = play(player, &sets().join("segments"), &colors);
        assert_eq!(result["thumbnails"], json!(24), "{player}: {result}");
    }
}

#[test]
fn the_browser_plays_the_plain_file() {
    let tone = programme::expected()["audio"][1].clone();
    let result = play("plain", &sets().join("segments"), &json!({ "tone": tone }));
    assert!(result["duration"].as_f64().is_some_and(|seconds| (seconds - 24.0).abs() < 0.03), "{result}");
}

/// A player takes what it can decode: Chromium knows no Dolby.
#[test]
fn every_player_switches_languages_where_there_are_several_codecs() {
    let flags = ["--audio", "aac@96k,ac3@192k,opus@96k", "--end", "10"];
    let set = programme::sets("codecs", &[("codecs", &flags)]).join("codecs");
    for player in ["hls", "dash", "shaka", "shaka-hls"] {
        play(player, &set, &json!({ "audio": programme::expected()["audio"] }));
    }
}

fn shows_subtitles_and_takes_them_away(player: &str) {
    for (layout, _) in LAYOUTS {
        play(player, &sets().join(layout), &json!({ "text": programme::subtitle() }));
    }
}

#[test]
fn hls_js_shows_subtitles_and_takes_them_away() {
    shows_subtitles_and_takes_them_away("hls");
}

#[test]
fn dash_js_shows_subtitles_and_takes_them_away() {
    shows_subtitles_and_takes_them_away("dash");
}

#[test]
fn shaka_player_shows_subtitles_and_takes_them_away() {
    shows_subtitles_and_takes_them_away("shaka");
    shows_subtitles_and_takes_them_away("shaka-hls");
}

/// A live programme in segments of a second that lasts as long as its publisher, and the URL at which it is served.
fn live_programme(directory: &TestDir, flags: &str) -> (Running, Publisher, String) {
    let source = programme_of(directory.path(), "programme.flv", 20, &[]);
    let out = directory.join("out");
    let words = ["live".as_ref(), "-".as_ref(), "-o".as_ref(), out.as_os_str()];
    let all = "--json --serve 127.0.0.1:0 --segment-duration 1 --gop 1 --ladder 180p@300k --speed draft";
    let words: Vec<_> =
        words.into_iter().chain(all.split(' ').chain(flags.split_whitespace()).map(AsRef::as_ref)).collect();
    let (mut live, stdin) = Running::fed(&words);
    let publisher = Publisher::endless(&source, stdin);
    assert!(live.saw("\"type\":\"live\"", 4), "{:?}", live.end());
    let serving = live.seen().lines().find(|line| line.contains("\"serving\"")).expect("it is served");
    let serving: Value = serde_json::from_str(serving).expect("JSON");
    let url = serving["url"].as_str().expect("a URL").to_owned();
    (live, publisher, url)
}

/// Somebody who writes a line every now and then, until this value goes.
struct Chat(Option<std::thread::JoinHandle<()>>, Arc<AtomicBool>);

impl Chat {
    fn begin(lines: &Path) -> Self {
        let mut file = fs::OpenOptions::new().append(true).open(lines).expect("it is there");
        let ended = Arc::new(AtomicBool::new(false));
        let until = Arc::clone(&ended);
        let writer = std::thread::spawn(move || {
            for count in (0..).take_while(|_| !until.load(Ordering::Relaxed)) {
                let line = json!({ "id": "chat", "text": format!("hello {count}") });
                writeln!(file, "{line}").expect("writable");
                std::thread::sleep(Duration::from_millis(400));
            }
        });
        Self(Some(writer), ended)
    }
}

impl Drop for Chat {
    fn drop(&mut self) {
        self.1.store(true, Ordering::Relaxed);
        self.0.take().into_iter().for_each(|writer| drop(writer.join()));
    }
}

/// How far behind they play is measured by benches/live, and not asserted: a busy machine is slow.
#[test]
fn every_player_plays_a_live_programme_in_parts_near_its_edge() {
    let directory = TestDir::new();
    let lines = directory.join("lines.ndjson");
    fs::write(&lines, "").expect("writable");
    let flags = format!("--low-latency --part 0.2 --metadata-pipe {}", lines.to_str().expect("UTF-8"));
    let (mut live, _publisher, url) = live_programme(&directory, &flags);
    let chat = Chat::begin(&lines);
    for player in ["hls", "dash", "shaka", "shaka-hls"] {
        let result = browser::run("live.mjs", &[("player", player), ("url", &url), ("played", "5")]);
        assert!(result["said"]["p50"].is_number(), "{player}: the programme has no dates: {result}");
        let told = result["told"].as_array().expect("a list");
        let chat = |told: &Value| told[0] == "chat" && told[1].as_str().is_some_and(|text| text.starts_with("hello "));
        assert!(told.len() > 2 && told.iter().all(chat), "{player}: {told:?}");
        match player {
            "hls" => assert!(result["parts"].as_u64() > Some(8), "segments came whole: {result}"),
            "dash" | "shaka" => assert!(result["streamed"].as_u64() > Some(2), "segments came whole: {result}"),
            _ => {}
        }
    }
    drop(chat);
    live.signal(Signal::Term);
    live.end().expect(143);
}

#[test]
fn hls_js_plays_a_live_programme_in_parts_by_http_2_with_a_token() {
    let directory = TestDir::new();
    let (own, keys) = (certificate(directory.path()), directory.join("keys.txt"));
    fs::write(&keys, "the key of this year\n").expect("writable");
    let path = |path: &Path| path.to_str().expect("UTF-8").to_owned();
    let (chain, key, keys) = (path(&own.chain), path(&own.key), path(&keys));
    let flags = format!("--low-latency --part 0.2 --tls-cert {chain} --tls-key {key} --token-key-file {keys}");
    let (mut live, _publisher, url) = live_programme(&directory, &flags);
    let url = run(&["token", "--token-key-file", &keys, "--valid", "1h", &url]).expect(0).out;
    let result = browser::run("live.mjs", &[("player", "hls"), ("url", url.trim()), ("played", "4")]);
    assert_eq!(result["protocols"], json!(["h2"]), "{result}");
    assert!(result["parts"].as_u64() > Some(8), "segments came whole: {result}");
    live.signal(Signal::Term);
    live.end().expect(143);
}

#[test]
fn every_player_plays_a_live_programme_in_whole_segments() {
    let directory = TestDir::new();
    let (mut live, _publisher, url) = live_programme(&directory, "");
    for player in ["hls", "dash", "shaka", "shaka-hls"] {
        let result = browser::run("live.mjs", &[("player", player), ("url", &url), ("played", "4")]);
        assert_eq!(result["streamed"], json!(0), "{player}: {result}");
    }
    live.signal(Signal::Term);
    live.end().expect(143);
}

/// A break from the third second to the fifth, in a programme that has ended.
#[test]
fn every_player_is_told_of_a_break() {
    let directory = TestDir::new();
    let source = programme_of(directory.path(), "programme.ts", 10, &[]);
    let begin = pictures_begin(&source);
    inject_into(&source, &[(begin + 0.5, out(7, begin + 3.0, 4.0)), (begin + 4.0, back(7, begin + 5.0))]);
    let set = directory.join("out");
    let words = ["live", "-", "-o", set.to_str().expect("UTF-8"), "--ladder", "180p@300k", "--speed", "draft"];
    run_with_input(&[&words[..], &["--segment-duration", "1", "--gop", "1", "--dvr", "60"]].concat(), &source)
        .expect(0);
    let server = Serving::start(&set, &[]);
    const SECTIONS: &str = "urn:scte:scte35:2014:xml+bin";
    for player in ["hls", "dash", "shaka", "shaka-hls"] {
        let result = browser::run(
            "live.mjs",
            &[("player", player), ("url", &server.url("")), ("played", "2"), ("page", "/streampack.json")],
        );
        let cues = result["cues"].as_array().expect("a list");
        // Its begin on the timeline of the player, and its length, as it was told last.
        let found = |name: &str| {
            let begun =
                |cue: &&Value| cue[0].as_str().is_some_and(|own| own.starts_with(name)) && cue[1].as_f64() < Some(4.0);
            let cue = cues.iter().rfind(begun).unwrap_or_else(|| panic!("{player}: {result}"));
            let near = |one: &Value, other: f64| one.as_f64().is_some_and(|one| (one - other).abs() < 0.1);
            assert!(near(&cue[1], 3.0) && near(&cue[2], 2.0), "{player}: {cues:?}");
        };
        match player {
            "hls" => found("splice-00000007-"),
            "dash" | "shaka" => {
                found(SECTIONS);
                assert_eq!(cues.len(), 2, "the way back is an event of its own: {cues:?}");
            }
            // It takes the two tags for one after another.
            _ => found("com.apple.quicktime.HLS"),
        }
    }
}

/// The licence comes from a server of its own, as it would for viewers. Shaka Player and dash.js find it by the MPD; hls.js
/// is told of it.
#[test]
fn players_play_a_live_programme_that_is_encrypted() {
    let directory = TestDir::new();
    let (keys, other) = (directory.join("keys.json"), directory.join("other"));
    run(&["keys", "new", "-o", keys.to_str().expect("UTF-8")]).expect(0);
    // It serves a set, too, which nobody plays.
    fs::create_dir(&other).expect("writable");
    fs::write(other.join("master.m3u8"), "#EXTM3U\n").expect("writable");
    let keys = keys.to_str().expect("UTF-8");
    let server = Serving::start(&other, &["--key-file", keys]);
    let licence = server.url("_licence/clearkey");
    let flags = format!(
        "--low-latency --part 0.2 --encrypt cbcs --key-file {keys} --drm widevine,clearkey --clearkey-url {licence}"
    );
    let (mut live, _publisher, url) = live_programme(&directory, &flags);
    for player in ["hls", "dash", "shaka"] {
        let told = (player == "hls").then_some(("licence", licence.as_str()));
        let words: Vec<_> =
            [("player", player), ("url", url.as_str()), ("played", "3")].into_iter().chain(told).collect();
        let result = browser::run("live.mjs", &words);
        assert!(result["frames"].as_u64() > Some(20), "{player}: {result}");
    }
    let master = fs::read_to_string(directory.join("out/master.m3u8")).expect("a playlist");
    assert!(master.contains("METHOD=SAMPLE-AES,"), "{master}");
    live.signal(Signal::Term);
    live.end().expect(143);
}

#[test]
fn the_players_of_the_preview_are_those_of_npm() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let files = [
        ("hls.min.js", "hls.js/dist/hls.min.js"),
        ("hls.LICENSE.txt", "hls.js/LICENSE"),
        ("dash.all.min.js", "dashjs/dist/modern/umd/dash.all.min.js"),
        ("dash.LICENSE.txt", "dashjs/LICENSE.md"),
        ("shaka-player.min.js", "shaka-player/dist/shaka-player.compiled-es2021.js"),
        ("shaka-player.LICENSE.txt", "shaka-player/LICENSE"),
    ];
    for (ours, theirs) in files {
        let ours = fs::read(root.join("src/origin/preview/vendor").join(ours)).expect("vendored");
        let theirs = fs::read(root.join("tests/players/node_modules").join(theirs)).expect("make test installs it");
        assert!(ours == theirs, "run scripts/vendor-players.sh: the preview has another version of a player");
    }
}
