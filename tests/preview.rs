//! The pages of `streampack serve`, used in Chromium as a person does. Screenshots are kept.

mod support;

use std::fs;

use serde_json::json;
use support::serving::Serving;
use support::{TestDir, browser, clip, programme, streampack};

#[test]
fn the_page_plays_with_each_player_and_shows_the_picture_of_each_time() {
    let sets = programme::sets("preview", &[("A short film", &[])]);
    let server = Serving::start(&sets.join("A short film"), &[]);
    let shots = browser::shots("preview");
    let mut expected = programme::expected();
    expected["text"] = programme::subtitle();
    let (expected, shots) = (expected.to_string(), shots.to_str().expect("cargo's directory is UTF-8"));
    browser::run("preview.mjs", &[("url", &server.url("")), ("expect", &expected), ("shots", shots)]);
}

#[test]
fn several_sets_are_shown_with_their_posters_and_lead_to_their_players() {
    let dir = TestDir::new();
    for (name, source) in [("season 1/one", "h264_720p25.mp4"), ("season 1/twö & three", "flash_beep.mp4")] {
        let mut encode = streampack();
        encode.arg("encode").arg(clip(source)).arg("-o").arg(dir.join(name));
        encode.args(["--ladder", "240p@300k", "--speed", "draft"]).assert().success();
    }
    fs::create_dir(dir.join("notes")).expect("writable");
    let server = Serving::start(dir.path(), &[]);
    let shots = browser::shots("preview");
    let shots = shots.to_str().expect("cargo's directory is UTF-8");
    let result = browser::run("library.mjs", &[("url", &server.url("")), ("shots", shots)]);
    assert_eq!(result["sets"], json!(["one", "twö & three"]));
}
