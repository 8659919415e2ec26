//! Encrypted sets in a browser: Clear Key licences from `streampack serve`.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use serde_json::{Value, json};

use crate::bench::{AAC, Bench};
use crate::support::serving::Serving;
use crate::support::{browser, programme};

/// The schemes that are played, each a set.
const SCHEMES: [&str; 2] = ["cbcs", "cenc"];

/// A programme under each scheme, and the keys of both beside it: one for sound, one for pictures.
fn sets() -> &'static Path {
    static SETS: OnceLock<PathBuf> = OnceLock::new();
    SETS.get_or_init(|| {
        let temp = Path::new(env!("CARGO_TARGET_TMPDIR"));
        let keys = temp.join("protected-keys.json");
        write_keys(&keys, 'a');
        let keys = keys.display().to_string();
        let one = temp.join("protected-one.json");
        write_one_key(&one);
        let one = one.display().to_string();
        let flags = |scheme, keys| {
            let fixed = ["--encrypt", scheme, "--drm", "widevine,clearkey", "--clearkey-url", "/_licence/clearkey"];
            [&fixed[..], &["--key-file", keys]].concat()
        };
        let (cbcs, cenc, one) = (flags("cbcs", &keys), flags("cenc", &keys), flags("cbcs", &one));
        programme::sets("protected", &[("cbcs", &cbcs), ("cenc", &cenc), ("one", &one)])
    })
}

/// A key file with one key for everything.
fn write_one_key(path: &Path) {
    write_private(path, &format!(r#"{{"keys": [{{"kid": "{}", "key": "{}"}}]}}"#, "3".repeat(32), "c3".repeat(16)));
}

fn write_private(path: &Path, text: &str) {
    fs::write(path, text).expect("writable");
    #[cfg(unix)]
    fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).expect("ours");
}

/// A key file with the ids of the sets; `digit` begins the keys.
fn write_keys(path: &Path, digit: char) {
    let line = |kind: &str, kid: char| {
        let (kid, key) = (kid.to_string().repeat(32), format!("{digit}{}", kid.to_string().repeat(31)));
        format!(r#"{{"type": "{kind}", "kid": "{kid}", "key": "{key}"}}"#)
    };
    write_private(path, &format!("{{\"keys\": [{}, {}]}}", line("AUDIO", '1'), line("SD", '2')));
}

/// Lets a player play the set of a scheme with the keys of a file.
#[track_caller]
fn play(player: &str, scheme: &str, keys: &Path, expected: &Value) -> Value {
    play_set(player, &sets().join(scheme), keys, expected)
}

#[track_caller]
fn play_set(player: &str, set: &Path, keys: &Path, expected: &Value) -> Value {
    let server = Serving::start(set, &["--key-file", keys.to_str().expect("text")]);
    let licence = "/_licence/clearkey";
    let name = set.file_name().expect("a name").display();
    let shot = browser::shots("protected").join(format!("{player}-{name}.png"));
    let shot = shot.to_str().expect("cargo's directory is UTF-8");
    let (url, expected) = (server.url(""), expected.to_string());
    let words = [("player", player), ("url", &url), ("expect", &expected), ("shot", shot), ("licence", licence)];
    browser::run("play.mjs", &words)
}

/// Sound of both languages, rungs up and down, a seek and the end.
fn expected() -> Value {
    let mut expected = programme::expected();
    expected.as_object_mut().expect("an object").remove("colors");
    expected
}

#[track_caller]
fn plays_both_schemes(player: &str) {
    let keys = sets().with_file_name("protected-keys.json");
    let expected = expected();
    for scheme in SCHEMES {
        play(player, scheme, &keys, &expected);
    }
}

#[test]
fn shaka_player_plays_the_mpd_with_clear_key() {
    plays_both_schemes("shaka");
}

#[test]
fn shaka_player_plays_the_playlists_with_clear_key() {
    plays_both_schemes("shaka-hls");
}

#[test]
fn dash_js_plays_the_mpd_with_clear_key() {
    plays_both_schemes("dash");
}

/// hls.js 1.7 asks for one key of Clear Key: of a second one it waits for a pssh in the playlist, which it has no place
/// for (its eme-controller, "no initData").
#[test]
fn hls_js_plays_the_playlists_with_one_key() {
    play("hls", "one", &sets().with_file_name("protected-one.json"), &expected());
}

#[test]
fn shaka_player_plays_av1_and_vp9_with_clear_key() {
    let bench = Bench::new();
    let keys = bench.keys();
    let vp9 = "-c:v libvpx-vp9 -b:v 150k -g 25 -deadline realtime -cpu-used 8 -auto-alt-ref 1 -lag-in-frames 10";
    for (codec, video) in [("av1", "-c:v libsvtav1 -preset 12 -g 25 -pix_fmt yuv420p"), ("vp9", vp9)] {
        let film = bench.film(&format!("{codec}.mp4"), video, AAC);
        for scheme in SCHEMES {
            let out = format!("{codec}-{scheme}");
            bench.encrypted(&film, &out, scheme, &["--drm", "clearkey", "--clearkey-url", "/_licence/clearkey"]);
            play_set("shaka", &bench.at(&out), &keys, &json!({}));
        }
    }
}

#[test]
fn a_wrong_key_is_an_error_of_every_player() {
    let keys = sets().with_file_name("protected-wrong.json");
    write_keys(&keys, 'b');
    let other = keys.with_file_name("protected-other.json");
    write_private(&other, &format!(r#"{{"keys": [{{"kid": "{}", "key": "{}"}}]}}"#, "3".repeat(32), "d4".repeat(16)));
    for player in ["shaka", "shaka-hls", "dash", "hls"] {
        let (set, keys) = if player == "hls" { ("one", &other) } else { ("cbcs", &keys) };
        let result = play(player, set, keys, &json!({ "fails": true }));
        // hls.js goes on to fill the buffers of an element that has an error.
        let said = result["errors"].to_string();
        assert!(said.contains("DECODE") || said.contains("error attribute is not null"), "{player}: {result}");
    }
}
