//! Whole segments under AES-128: what FFmpeg and hls.js make of them, and where players get the key.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::Duration;

use crate::bench::{AAC, Bench, H264, KEY, KID, ffmpeg, hashes, packets};
use crate::support::run::{Ended, encode, package, run};
use crate::support::serving::Serving;
use crate::support::{browser, clip, programme};

/// A token. Its letters are found in nothing by chance.
const TOKEN: &str = "Zq9-token-of-the-tests_4711";

/// Flags for whole segments whose key is at `uri`.
fn flags<'f>(keys: &'f str, uri: &'f str) -> Vec<&'f str> {
    vec!["--encrypt", "aes-128", "--no-dash", "--key-file", keys, "--key-uri", uri]
}

fn kid() -> String {
    KID.replace('-', "")
}

/// The key as the 16 bytes that players get.
fn raw() -> Vec<u8> {
    bytes(KEY)
}

fn bytes(digits: &str) -> Vec<u8> {
    (0..32).step_by(2).map(|at| u8::from_str_radix(&digits[at..at + 2], 16).expect("hexadecimal")).collect()
}

/// The key id as Clear Key writes it.
fn kid_of_clear_key() -> String {
    let base64 = streampack::crypt::base64(&bytes(&kid()));
    base64.replace('+', "-").replace('/', "_").trim_end_matches('=').to_owned()
}

/// Puts the key where a playlist with the URI `../../{kid}.key` has it.
pub(crate) fn put_key(set: &Path) {
    fs::write(set.join(format!("{}.key", kid())), raw()).expect("writable");
}

/// The hashes of all packets of a playlist, read by FFmpeg's demuxer of HLS, which decrypts by itself.
pub(crate) fn of_playlist(playlist: &Path) -> Vec<String> {
    let before = ["-nostdin", "-v", "error", "-allowed_extensions", "ALL", "-protocol_whitelist", "file,crypto", "-i"];
    let words = before.map(str::to_owned).into_iter().chain([playlist.display().to_string()]);
    let text = ffmpeg(words.chain(["-c", "copy", "-f", "framemd5", "-"].map(str::to_owned)));
    let hash = |line: &str| line.split(',').nth(5).expect("a hash").trim().to_owned();
    text.lines().filter(|line| !line.starts_with('#')).map(hash).collect()
}

#[test]
fn ffmpeg_decrypts_whole_segments_to_what_they_were() {
    let bench = Bench::new();
    let film = bench.film("film.mp4", H264, AAC);
    let keys = bench.keys().display().to_string();
    let short = ["--segment-duration", "1", "--no-dash"];
    bench.packaged(&film, "clear", &short);
    let vector = r#"{"keys": [{"kid": "KID", "key": "KEY", "iv": "000102030405060708090a0b0c0d0e0f"}]}"#;
    let given = bench.key_file("iv.json", &vector.replace("KID", KID).replace("KEY", KEY)).display().to_string();
    // The file of the key lies beside the directories of the renditions.
    for (out, keys) in [("numbered", &keys), ("given", &given)] {
        bench.packaged(&film, out, &[&short[..2], &flags(keys, "../../{kid}.key")].concat());
        put_key(&bench.at(out));
        for rendition in bench.renditions("clear") {
            let directory = bench.at(out).join(&rendition);
            let clear = packets(&bench.joined("clear", &rendition), None);
            assert_eq!(of_playlist(&directory.join("playlist.m3u8")), hashes(&clear), "{rendition} of {out}");
            let sealed = fs::read(directory.join("segment_00001.m4s")).expect("a segment");
            assert!(sealed.len().is_multiple_of(16) && &sealed[4..8] != b"styp");
            let playlist = fs::read_to_string(directory.join("playlist.m3u8")).expect("a playlist");
            let tag = format!("#EXT-X-KEY:METHOD=AES-128,URI=\"../../{}.key\"", kid());
            let vector = if out == "given" { ",IV=0x000102030405060708090a0b0c0d0e0f" } else { "" };
            let (map, key) = (playlist.find("#EXT-X-MAP").expect("a header"), playlist.find(&(tag + vector + "\n")));
            assert!(key.is_some_and(|key| map < key), "the header stays clear: {playlist}");
            assert!(!directory.join("iframes.m3u8").exists());
        }
        let master = fs::read_to_string(bench.at(out).join("master.m3u8")).expect("a playlist");
        // From here "../../" leads elsewhere.
        assert!(!master.contains("I-FRAME") && !master.contains("#EXT-X-SESSION-KEY"), "{master}");
    }
}

#[test]
fn a_key_with_the_same_address_everywhere_can_be_got_early() {
    let bench = Bench::new();
    let film = bench.film("film.mp4", H264, AAC);
    let keys = bench.keys().display().to_string();
    for (out, uri) in [("whole", "https://keys.example/{kid}"), ("rooted", "/keys/{kid}")] {
        bench.packaged(&film, out, &flags(&keys, uri));
        let master = fs::read_to_string(bench.at(out).join("master.m3u8")).expect("a playlist");
        let tag = format!("#EXT-X-SESSION-KEY:METHOD=AES-128,URI=\"{}\"", uri.replace("{kid}", &kid()));
        assert_eq!(master.matches("#EXT-X-SESSION-KEY").count(), 1, "{master}");
        assert!(master.contains(&tag), "{master}");
    }
}

/// What verify finds of a set that it can read: no playlists of key frames, which such a set cannot have.
#[track_caller]
fn only_key_frames_are_missing(found: &Ended) {
    let of = |line: &&str| line.starts_with("error") || line.starts_with("note");
    let said: Vec<&str> = found.out.lines().filter(of).collect();
    assert_eq!(said, ["error Apple 6.1 master.m3u8: there is no I-frame playlist"], "{}", found.out);
}

#[test]
fn keys_change_and_the_lead_is_clear_in_what_is_encoded() {
    let bench = Bench::new();
    let line = |period: usize| {
        format!(r#"{{"period": {period}, "kid": "{:032x}", "key": "{:032x}"}}"#, period + 1, period + 91)
    };
    let keys: Vec<String> = (0..2).map(line).collect();
    let keys = bench.key_file("periods.json", &format!("{{\"keys\": [{}]}}", keys.join(", "))).display().to_string();
    let film = clip("h264_720p25.mp4");
    let small =
        ["--speed", "draft", "--ladder", "144p@150k", "--no-thumbnails", "--segment-duration", "1", "--gop", "1"];
    let rotating = ["--end", "2", "--crypto-period", "1"];
    let ended = encode(&film, &bench.at("out"), &[&small[..], &rotating, &flags(&keys, "../../{kid}")].concat());
    assert!(ended.expect(0).out.contains("no_key_frames"));
    for rendition in bench.renditions("out") {
        let playlist = bench.at("out").join(&rendition).join("playlist.m3u8");
        let playlist = fs::read_to_string(playlist).expect("a playlist");
        let said: Vec<&str> = playlist.lines().filter(|line| line.starts_with("#EXT-X-KEY")).collect();
        assert_eq!(said.len(), 2, "{playlist}");
        assert!(said[1].contains(&format!("URI=\"../../{:032x}\"", 2)), "{playlist}");
    }
    let out = bench.at("out").display().to_string();
    only_key_frames_are_missing(&run(&["verify", "--key-file", &keys, &out]));
}

#[test]
fn verify_reads_whole_segments_with_the_key_and_says_so_without() {
    let bench = Bench::new();
    let film = bench.film("film.mp4", H264, AAC);
    let keys = bench.keys().display().to_string();
    bench.packaged(&film, "out", &flags(&keys, "https://keys.example/{kid}"));
    let out = bench.at("out").display().to_string();
    let blind = run(&["verify", &out]);
    assert!(blind.out.contains("note RFC 8216bis 4.4.4.4"), "{}", blind.out);
    assert!(!blind.out.replace("error Apple 6.1", "").contains("error"), "{}", blind.out);
    only_key_frames_are_missing(&run(&["verify", &out, "--key-file", &keys]));
    let wrong = format!(r#"{{"keys": [{{"kid": "{KID}", "key": "{}"}}]}}"#, "7".repeat(32));
    let wrong = bench.key_file("wrong.json", &wrong).display().to_string();
    let found = run(&["verify", &out, "--key-file", &wrong]).expect(15);
    assert!(found.out.contains(&format!("the key {KID} does not open it")), "{}", found.out);
}

#[test]
fn what_whole_segments_cannot_have_is_refused() {
    let bench = Bench::new();
    let film = bench.film("film.mp4", H264, AAC);
    let keys = bench.keys().display().to_string();
    let two = r#"{"keys": [{"type": "AUDIO", "kid": "01010101010101010101010101010101", "key": "02020202020202020202020202020202"},
        {"type": "SD", "kid": "03030303030303030303030303030303", "key": "04040404040404040404040404040404"}]}"#;
    let two = bench.key_file("two.json", two).display().to_string();
    let with = |flags: &[&str]| ["--encrypt", "aes-128"].iter().chain(flags).map(|word| (*word).to_owned()).collect();
    let cases: [(Vec<String>, &str); 7] = [
        (with(&["--key-file", &keys, "--key-uri", "k"]), "--no-dash"),
        (with(&["--key-file", &keys, "--no-dash"]), "where players get the key"),
        (with(&["--key-file", &keys, "--no-dash", "--key-uri", "k\"e"]), "cannot stand in a playlist"),
        (with(&["--key-file", &keys, "--no-dash", "--key-uri", "k", "--single-file"]), "a file each"),
        (with(&["--key-file", &keys, "--no-dash", "--key-uri", "k", "--drm", "widevine"]), "no DRM system"),
        (with(&["--key-file", &keys, "--no-dash", "--key-uri", "k", "--crypto-period", "1"]), "{kid}"),
        (with(&["--key-file", &two, "--no-dash", "--key-uri", "k"]), "{kid}"),
    ];
    for (flags, words) in cases {
        let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
        let said = package(&[&film], &bench.at("out"), &flags).refused(2);
        assert!(said.contains(words), "{flags:?}: {said}");
    }
    let other = ["--encrypt", "cbcs", "--key-file", &keys, "--key-uri", "k"];
    assert!(package(&[&film], &bench.at("out"), &other).refused(2).contains("aes-128"));
}

/// A programme whose key is asked for at our own server, and the key file and token file beside it.
fn set() -> &'static (PathBuf, String, String) {
    static SET: OnceLock<(PathBuf, String, String)> = OnceLock::new();
    SET.get_or_init(|| {
        let temp = Path::new(env!("CARGO_TARGET_TMPDIR"));
        let (keys, token) = (temp.join("sealed-keys.json"), temp.join("sealed-token"));
        fs::write(&keys, format!(r#"{{"keys": [{{"kid": "{KID}", "key": "{KEY}"}}]}}"#)).expect("writable");
        fs::write(&token, format!("{TOKEN}\n")).expect("writable");
        #[cfg(unix)]
        for secret in [&keys, &token] {
            fs::set_permissions(secret, std::os::unix::fs::PermissionsExt::from_mode(0o600)).expect("ours");
        }
        let (keys, token) = (keys.display().to_string(), token.display().to_string());
        let uri = format!("/_licence/aes-128/{{kid}}?token={TOKEN}");
        let sets = programme::sets("sealed", &[("whole", &flags(&keys, &uri))]);
        (sets.join("whole"), keys, token)
    })
}

#[test]
fn hls_js_and_shaka_player_play_whole_segments() {
    let (set, keys, token) = set();
    let server = Serving::start(set, &["--key-file", keys, "--key-token-file", token]);
    let mut expected = programme::expected();
    expected.as_object_mut().expect("an object").remove("colors");
    for player in ["hls", "shaka-hls"] {
        let shot = browser::shots("sealed").join(format!("{player}.png"));
        let (url, expected) = (server.url(""), expected.to_string());
        let shot = shot.to_str().expect("cargo's directory is UTF-8");
        browser::run("play.mjs", &[("player", player), ("url", &url), ("expect", &expected), ("shot", shot)]);
    }
}

#[test]
fn the_key_is_for_whoever_shows_the_token() {
    let bench = Bench::new();
    let film = bench.film("film.mp4", H264, AAC);
    let keys = bench.keys().display().to_string();
    bench.packaged(&film, "out", &flags(&keys, "/_licence/aes-128/{kid}"));
    let token = bench.key_file("token", TOKEN).display().to_string();
    let mut server = Some(Serving::start(&bench.at("out"), &["--key-file", &keys, "--key-token-file", &token]));
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .timeout_global(Some(Duration::from_secs(60)))
        .build()
        .into();
    let path = format!("_licence/aes-128/{}", kid());
    let ask = |server: &Serving, path: &str, bearer: Option<&str>| {
        let request = agent.get(server.url(path));
        let request = match bearer {
            Some(bearer) => request.header("Authorization", format!("Bearer {bearer}")),
            None => request,
        };
        let mut response = request.call().expect("the server answers");
        let fresh = response.headers().get("cache-control").is_some_and(|value| value == "no-store");
        (response.status().as_u16(), fresh, response.body_mut().read_to_vec().expect("a body"))
    };
    {
        let server = server.as_ref().expect("it runs");
        assert_eq!(ask(server, &format!("{path}?token={TOKEN}"), None), (200, true, raw()));
        assert_eq!(ask(server, &path, Some(TOKEN)), (200, true, raw()));
        assert_eq!(ask(server, &path, None).0, 401);
        assert_eq!(ask(server, &format!("{path}?token={TOKEN}x"), None).0, 403);
        assert_eq!(ask(server, &path, Some("")).0, 401);
        assert_eq!(ask(server, &format!("_licence/aes-128/{}?token={TOKEN}", "0".repeat(32)), None).0, 404);
    }
    // Licences of Clear Key hold the same key.
    let licence = |server: &Serving, query: &str, headers: &[(&str, &str)]| {
        let mut request = agent.post(server.url(&format!("_licence/clearkey{query}")));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let body = serde_json::json!({ "kids": [kid_of_clear_key()], "type": "temporary" }).to_string();
        request.send(body).expect("the server answers").status().as_u16()
    };
    {
        let server = server.as_ref().expect("it runs");
        let shown = format!("?token={TOKEN}");
        let said = [licence(server, "", &[]), licence(server, &format!("{shown}x"), &[]), licence(server, &shown, &[])];
        assert_eq!(said, [401, 403, 200]);
        // The name of a scheme has no case.
        assert_eq!(licence(server, "", &[("Authorization", &format!("bearer {TOKEN}"))]), 200);
        // A page whose name was made to lead here is of the same origin for its browser.
        assert_eq!(licence(server, &shown, &[("Host", "evil.example")]), 421);
    }
    let (_, out, err) = server.take().expect("it runs").interrupt();
    assert!(!out.contains(TOKEN) && !err.contains(TOKEN), "{out} {err}");
    let bare = Serving::start(&bench.at("out"), &["--key-file", &keys]);
    assert_eq!(ask(&bare, &format!("{path}?token={TOKEN}"), None).0, 404);
    let weak = bench.key_file("weak", "short").display().to_string();
    let set = bench.at("out").display().to_string();
    let refused = run(&["serve", &set, "--key-file", &keys, "--key-token-file", &weak]).expect(10);
    assert!(refused.err.contains("at least 16"), "{}", refused.err);
}
