//! A programme in both layouts, played by hls.js, dash.js and Shaka Player in Chromium from `streampack serve`:
//! from its first picture on, with other sound, other rungs and subtitles, to its end.

mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use serde_json::{Value, json};
use support::serving::Serving;
use support::{browser, programme};

/// The layouts, each with the flags that ask for it.
const LAYOUTS: [(&str, &[&str]); 2] = [("segments", &[]), ("single", &["--single-file"])];

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

#[track_caller]
fn plays_both_layouts(player: &str) {
    for (layout, _) in LAYOUTS {
        play(player, &sets().join(layout), &programme::expected());
    }
}

#[test]
fn hls_js_plays_segment_files_and_single_files() {
    plays_both_layouts("hls");
}

#[test]
fn dash_js_plays_segment_files_and_single_files() {
    plays_both_layouts("dash");
}

#[test]
fn shaka_player_plays_the_mpd_of_both_layouts() {
    plays_both_layouts("shaka");
}

#[test]
fn shaka_player_plays_the_playlists_of_both_layouts() {
    plays_both_layouts("shaka-hls");
}

#[test]
fn shaka_player_finds_a_thumbnail_for_every_second() {
    for player in ["shaka", "shaka-hls"] {
        let colors = json!({ "colors": programme::expected()["colors"] });
        let result = play(player, &sets().join("segments"), &colors);
        assert_eq!(result["thumbnails"], json!(24), "{player}: {result}");
    }
}

/// Adds one WebVTT track to both manifests of a set, as a packager does.
fn add_subtitles(set: &Path, words: &str) {
    let edit = |name: &str, change: &dyn Fn(String) -> String| {
        let path = set.join(name);
        fs::write(&path, change(fs::read_to_string(&path).expect("readable"))).expect("writable");
    };
    fs::create_dir_all(set.join("subtitles/en")).expect("writable");
    let cue = format!("00:00.000 --> 00:20.000\n{words}\n");
    fs::write(
        set.join("subtitles/en/segment_00001.vtt"),
        format!("WEBVTT\nX-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:0\n\n{cue}"),
    )
    .expect("writable");
    fs::write(set.join("subtitles/en/whole.vtt"), format!("WEBVTT\n\n{cue}")).expect("writable");
    let playlist = "#EXTM3U\n#EXT-X-VERSION:6\n#EXT-X-TARGETDURATION:24\n#EXT-X-PLAYLIST-TYPE:VOD\n\
        #EXTINF:24.00000,\nsegment_00001.vtt\n#EXT-X-ENDLIST\n";
    fs::write(set.join("subtitles/en/playlist.m3u8"), playlist).expect("writable");
    let media = "#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID=\"subtitles\",NAME=\"English\",LANGUAGE=\"en\",DEFAULT=NO,\
        AUTOSELECT=YES,URI=\"subtitles/en/playlist.m3u8\"\n";
    edit("master.m3u8", &|text| {
        let text = text.replace(",CLOSED-CAPTIONS=NONE", ",SUBTITLES=\"subtitles\",CLOSED-CAPTIONS=NONE");
        text.replacen("#EXT-X-MEDIA:", &format!("{media}#EXT-X-MEDIA:"), 1)
    });
    let track = "<AdaptationSet id=\"9\" contentType=\"text\" mimeType=\"text/vtt\" lang=\"en\">\
        <Role schemeIdUri=\"urn:mpeg:dash:role:2011\" value=\"subtitle\"/>\
        <Representation id=\"en_vtt\" bandwidth=\"256\"><BaseURL>subtitles/en/whole.vtt</BaseURL></Representation>\
        </AdaptationSet>";
    edit("manifest.mpd", &|text| text.replace("</Period>", &format!("{track}</Period>")));
}

#[test]
fn every_player_shows_subtitles_and_takes_them_away() {
    let set = programme::sets("subtitles", &[("subtitled", &["--end", "8"])]).join("subtitled");
    let words = "What was that?";
    add_subtitles(&set, words);
    for player in ["hls", "dash", "shaka", "shaka-hls"] {
        play(player, &set, &json!({ "text": { "language": "en", "words": words } }));
    }
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
