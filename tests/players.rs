//! A small set, played to its end by hls.js, dash.js and Shaka Player in Chromium.

mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, OnceLock, PoisonError};

use support::{clip, streampack};

/// One programme in both layouts, which all players play.
struct Sets {
    segments: PathBuf,
    single: PathBuf,
}

fn sets() -> &'static Sets {
    static SETS: OnceLock<Sets> = OnceLock::new();
    SETS.get_or_init(|| {
        let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("players");
        if directory.exists() {
            fs::remove_dir_all(&directory).expect("an earlier run left a directory");
        }
        fs::create_dir_all(&directory).expect("cargo's directory for tests is writable");
        let source = directory.join("source.mp4");
        // Long enough for several segments, so that a seek has somewhere to go.
        let mut ffmpeg = Command::new("ffmpeg");
        ffmpeg.args(["-v", "error", "-stream_loop", "2", "-i"]).arg(clip("ntsc_bframes.mp4"));
        ffmpeg.args(["-c", "copy"]).arg(&source);
        assert!(ffmpeg.status().expect("the ffmpeg command is installed (make test does it)").success());
        let encode = |name: &str, layout: &[&str]| {
            let out = directory.join(name);
            let fast = ["--segment-duration", "2", "--thumbnail-interval", "1", "--speed", "draft"];
            streampack().arg("encode").arg(&source).arg("-o").arg(&out).args(fast).args(layout).assert().success();
            out
        };
        Sets { segments: encode("segments", &[]), single: encode("single", &["--single-file"]) }
    })
}

/// One browser at a time: several at once starve each other's media clocks on a small machine.
static BROWSER: Mutex<()> = Mutex::new(());

/// Plays `set` and gives back what the page measured.
#[track_caller]
fn play(player: &str, set: &Path) -> serde_json::Value {
    let _one = BROWSER.lock().unwrap_or_else(PoisonError::into_inner);
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/players/play.mjs");
    let output = Command::new("node").arg(script).args(["--player", player, "--set"]).arg(set).output();
    let output = output.expect("Node.js is installed (make test does it)");
    let said = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{player} does not play {}:\n{said}\n{errors}", set.display());
    serde_json::from_str(&said).unwrap_or_else(|_| panic!("play.mjs printed {said}\n{errors}"))
}

#[test]
fn hls_js_plays_segment_files_and_single_files() {
    play("hls", &sets().segments);
    play("hls", &sets().single);
}

#[test]
fn dash_js_plays_segment_files_and_single_files() {
    play("dash", &sets().segments);
    play("dash", &sets().single);
}

#[test]
fn shaka_player_plays_both_manifests_of_both_layouts() {
    for set in [&sets().segments, &sets().single] {
        play("shaka", set);
        play("shaka-hls", set);
    }
}

#[test]
fn shaka_player_finds_the_thumbnails() {
    for manifest in ["shaka", "shaka-hls"] {
        let result = play(manifest, &sets().segments);
        assert!(result["thumbnails"].as_u64() > Some(0), "{manifest}: {result}");
    }
}
