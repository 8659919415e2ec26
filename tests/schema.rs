//! `docs/schema` is what the types say. `UPDATE_GOLDEN=1` rewrites it.

use std::path::Path;

use schemars::generate::SchemaSettings;
use schemars::transform::{RecursiveTransform, Transform};
use schemars::{JsonSchema, Schema};
use serde_json::Value;
use streampack::config::{Job, Preset};
use streampack::job::Report;
use streampack::job::batch::report::BatchReport;

#[path = "../src/cli/document.rs"]
#[expect(dead_code, reason = "only the shape of the documents is needed here")]
mod document;
#[path = "../src/cli/line.rs"]
#[expect(dead_code, reason = "only the shape of the lines is needed here")]
mod line;
mod support;
use support::{TestDir, clip, run};

fn schema_of<T: JsonSchema>(settings: SchemaSettings, title: &str) -> Schema {
    let mut schema = settings.into_generator().into_root_schema_for::<T>();
    schema.insert("title".to_owned(), title.into());
    schema
}

/// The schema of what streampack reads.
fn schema_of_input<T: JsonSchema>(title: &str) -> Schema {
    schema_of::<T>(SchemaSettings::draft2020_12(), title)
}

/// The schema of what streampack writes: it leaves nothing out that it could say.
fn schema_of_output<T: JsonSchema>(title: &str) -> Schema {
    schema_of::<T>(SchemaSettings::draft2020_12().for_serialize(), title)
}

fn event_schema() -> Schema {
    schema_of_output::<line::Line<'_>>("one line of streampack --json")
}

fn plan_schema() -> Schema {
    schema_of_output::<document::PlanDocument<'_>>("streampack plan --json")
}

fn report_schema() -> Schema {
    schema_of_output::<Report>("streampack.json, the report of a set, or of thumbnails alone")
}

fn job_schema() -> Schema {
    schema_of_input::<Job>("streampack job")
}

fn hook_schema() -> Schema {
    schema_of_output::<document::HookDocument>("what the hooks of streampack are told")
}

fn doctor_schema() -> Schema {
    schema_of_output::<document::DoctorDocument<'_>>("streampack doctor --json")
}

fn batch_schema() -> Schema {
    schema_of_output::<BatchReport>("streampack-batch.json, the report of several inputs")
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

fn preset_schema() -> Schema {
    schema_of_input::<Preset>("streampack preset")
}

#[test]
fn the_schemas_are_checked_in() {
    assert_checked_in("preset.json", &preset_schema());
    assert_checked_in("events.json", &event_schema());
    assert_checked_in("plan.json", &plan_schema());
    assert_checked_in("report.json", &report_schema());
    assert_checked_in("batch.json", &batch_schema());
    assert_checked_in("job.json", &job_schema());
    assert_checked_in("hook.json", &hook_schema());
    assert_checked_in("doctor.json", &doctor_schema());
}

#[test]
fn descriptions_are_for_readers_of_json() {
    let read = [preset_schema(), job_schema()];
    let written = [event_schema(), plan_schema(), report_schema(), batch_schema(), hook_schema(), doctor_schema()];
    for schema in read.into_iter().chain(written) {
        let text = schema.as_value().to_string();
        for code in ["::", "[`", "`]", "Some(", "None"] {
            assert!(!text.contains(code), "{code} in {:?}", schema.get("title"));
        }
    }
}

/// Expects that `document` obeys a schema and says nothing that the schema does not know.
fn assert_obeys(mut schema: Schema, document: &str) {
    let mut close = RecursiveTransform(|schema: &mut Schema| {
        if schema.get("properties").is_some() {
            schema.insert("additionalProperties".to_owned(), false.into());
        }
    });
    close.transform(&mut schema);
    let validator = jsonschema::validator_for(schema.as_value()).expect("a schema");
    let document: Value = serde_json::from_str(document).expect("JSON");
    let errors: Vec<String> =
        validator.iter_errors(&document).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{errors:#?}");
}

#[test]
fn plans_obey_their_schema() {
    let clips = [
        ("vfr.mkv", &[][..]),
        ("hevc10_pq.mp4", &["--rate-control", "vbr", "--poster", "0.5", "--segment-duration", "4"]),
        ("audio_only.m4a", &["--single-file", "--start", "0.1"]),
        ("two_languages_51.mkv", &["--preset", "archive-4k", "--crf", "20", "--no-thumbnails"]),
    ];
    for (name, flags) in clips {
        let clip = clip(name);
        let words = ["plan", clip.to_str().expect("UTF-8"), "--json"];
        let ended = run::run(&[&words, flags].concat()).expect(0);
        assert_obeys(plan_schema(), &ended.out);
    }
}

#[test]
fn reports_obey_their_schema() {
    let small: &[&str] = &["--ladder", "120p@100k", "--speed", "draft"];
    for name in ["hevc10_pq.mp4", "audio_only.m4a", "truncated.mp4"] {
        let dir = TestDir::new();
        run::encode(&clip(name), dir.path(), small).expect(0);
        let report = std::fs::read_to_string(dir.join("streampack.json")).expect("the report");
        assert_obeys(report_schema(), &report);
    }
}

#[test]
fn so_do_reports_of_thumbnails_alone() {
    let dir = TestDir::new();
    let (input, out) = (clip("video_only.mp4"), dir.path());
    run::run(&["thumbnails".as_ref(), input.as_os_str(), "-o".as_ref(), out.as_os_str()]).expect(0);
    assert_obeys(report_schema(), &std::fs::read_to_string(dir.join("streampack.json")).expect("the report"));
}

#[test]
fn so_do_reports_of_several_inputs() {
    let dir = TestDir::new();
    for (name, of) in [("a.mp4", "one_frame.mp4"), ("b.mp4", "text.mp4"), ("c.jpg", "still.png")] {
        std::fs::copy(clip(of), dir.join(name)).expect("writable");
    }
    let (input, out) = (dir.path().as_os_str(), dir.join("out"));
    let words = ["encode".as_ref(), input, "-o".as_ref(), out.as_os_str(), "--keep-going".as_ref()];
    run::run(&words).expect(3);
    assert_obeys(batch_schema(), &std::fs::read_to_string(out.join("streampack-batch.json")).expect("the report"));
}

#[test]
fn what_doctor_prints_obeys_its_schema() {
    assert_obeys(doctor_schema(), &run::run(&["doctor", "--json"]).expect(0).out);
}

#[test]
fn every_preset_obeys_the_schema() {
    let validator = jsonschema::validator_for(preset_schema().as_value()).expect("a schema");
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
    let validator = jsonschema::validator_for(preset_schema().as_value()).expect("a schema");
    let good = [
        r#"{}"#,
        r#"{ "$schema": "x", "description": "y", "extends": "web" }"#,
        r#"{ "ladder": ["720p@2.8M", { "short_side": 360, "bitrate": 800000, "crf": 23 }], "gop": "2s" }"#,
        r#"{ "audio": ["aac@128k", { "codec": "aac", "bitrate": "64k" }], "audio_languages": ["en", "pt-BR"] }"#,
        r#"{ "audio": ["ac3@448k", "aac:5.1@384k", "flac", { "codec": "opus", "bitrate": "96k", "channels": "5.1" }] }"#,
        r#"{ "poster": "1:30", "max_frame_rate": "30000/1001", "speed": "veryfast", "crf": null }"#,
        r#"{ "poster": 3, "max_frame_rate": 29.97, "rate_control": "vbr", "thumbnail_width": 160 }"#,
    ];
    let bad = [
        r#"{ "segment_lenght": 4 }"#,
        r#"{ "ladder": "720p@2800k" }"#,
        r#"{ "ladder": ["720p"] }"#,
        r#"{ "ladder": [{ "short_side": 360, "bitrate": 1, "colour": 1 }] }"#,
        r#"{ "video_codecs": ["hevc"] }"#,
        r#"{ "audio": ["mp3@96k"] }"#,
        r#"{ "audio": ["flac@900k"] }"#,
        r#"{ "audio": ["aac"] }"#,
        r#"{ "audio": [{ "codec": "ac3", "bitrate": "384k", "channels": "7.1" }] }"#,
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
