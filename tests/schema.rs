//! `docs/schema` is what the types say. `UPDATE_GOLDEN=1` rewrites it.

use std::path::Path;

use schemars::{Schema, SchemaGenerator};
use serde_json::Value;
use streampack::config::Preset;

#[path = "../src/cli/line.rs"]
#[expect(dead_code, reason = "only the shape of the lines is needed here")]
mod line;

fn schema_of<T: schemars::JsonSchema>(title: &str) -> Schema {
    let mut schema = SchemaGenerator::default().into_root_schema_for::<T>();
    schema.insert("title".to_owned(), title.into());
    schema
}

fn assert_checked_in(file: &str, schema: &Schema) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/schema").join(file);
    let text = serde_json::to_string_pretty(schema).expect("a schema is plain data") + "\n";
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::create_dir_all(path.parent().expect("docs/schema")).expect("made");
        std::fs::write(&path, &text).expect("written");
    }
    let golden = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(golden == text, "{} is out of date; run UPDATE_GOLDEN=1 cargo test --test schema", path.display());
}

fn presets() -> Vec<(String, Value)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("presets");
    let mut presets: Vec<_> = std::fs::read_dir(folder)
        .expect("presets")
        .map(|entry| {
            let path = entry.expect("entry").path();
            let text = std::fs::read_to_string(&path).expect("text");
            let name = path.file_stem().expect("a file").to_string_lossy().into_owned();
            (name, serde_json::from_str(&text).expect("JSON"))
        })
        .collect();
    presets.sort_by(|(a, _), (b, _)| a.cmp(b));
    presets
}

fn preset_schema() -> Value {
    schema_of::<Preset>("streampack preset").to_value()
}

#[test]
fn the_schema_of_presets_is_checked_in() {
    assert_checked_in("preset.json", &schema_of::<Preset>("streampack preset"));
}

#[test]
fn the_schema_of_events_is_checked_in() {
    assert_checked_in("events.json", &schema_of::<line::Line<'_>>("one line of streampack --json"));
}

#[test]
fn every_preset_obeys_the_schema() {
    let validator = jsonschema::validator_for(&preset_schema()).expect("a schema");
    for (name, preset) in presets() {
        let errors: Vec<String> = validator.iter_errors(&preset).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{name}: {errors:?}");
    }
}

#[test]
fn every_preset_file_is_built_in() {
    let mut names: Vec<&str> = Preset::names().chain(["default"]).collect();
    names.sort_unstable();
    assert_eq!(presets().iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), names);
}

#[test]
fn the_schema_and_the_reader_agree() {
    let validator = jsonschema::validator_for(&preset_schema()).expect("a schema");
    let good = [
        r#"{}"#,
        r#"{ "$schema": "x", "description": "y", "extends": "web" }"#,
        r#"{ "ladder": ["720p@2.8M", { "short_side": 360, "bitrate": 800000, "crf": 23 }], "gop": "2s" }"#,
        r#"{ "audio": ["aac@128k", { "codec": "aac", "bitrate": "64k" }], "audio_languages": ["en", "pt-BR"] }"#,
        r#"{ "poster": "1:30", "max_frame_rate": "30000/1001", "speed": "veryfast", "crf": null }"#,
        r#"{ "poster": 3, "max_frame_rate": 29.97, "rate_control": "vbr", "thumbnail_width": 160 }"#,
    ];
    let bad = [
        r#"{ "segment_lenght": 4 }"#,
        r#"{ "ladder": "720p@2800k" }"#,
        r#"{ "ladder": ["720p"] }"#,
        r#"{ "ladder": [{ "short_side": 360, "bitrate": 1, "colour": 1 }] }"#,
        r#"{ "video_codecs": ["hevc"] }"#,
        r#"{ "audio": ["opus@96k"] }"#,
        r#"{ "speed": "hasty" }"#,
        r#"{ "gop": -1 }"#,
        r#"{ "rate_control": "crf" }"#,
        r#"{ "hls": "yes" }"#,
        r#"{ "poster": "soon" }"#,
        r#"[]"#,
    ];
    for text in good {
        let value: Value = serde_json::from_str(text).expect("JSON");
        assert!(validator.is_valid(&value) && Preset::parse("test", text).is_ok(), "{text}");
    }
    for text in bad {
        let value: Value = serde_json::from_str(text).expect("JSON");
        assert!(!validator.is_valid(&value) && Preset::parse("test", text).is_err(), "{text}");
    }
}
