//! Job files: what they say holds, below environment and flags, and paths are relative to them.

mod support;

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use support::run::{Ended, run};
use support::{TestDir, check_set, clip};

/// A directory with a job, beside which lie a clip and a directory with another one.
fn job(job: &Value) -> (TestDir, PathBuf) {
    let directory = TestDir::new();
    fs::create_dir_all(directory.join("work/clips")).expect("writable");
    fs::copy(clip("video_only.mp4"), directory.join("work/clips/a.mp4")).expect("writable");
    fs::copy(clip("one_frame.mp4"), directory.join("work/b.mp4")).expect("writable");
    let path = directory.join("work/job.json");
    fs::write(&path, job.to_string()).expect("writable");
    (directory, path)
}

fn with_job(verb: &str, path: &Path, flags: &[&str]) -> Ended {
    let words = [verb.as_ref(), "--job".as_ref(), path.as_os_str()];
    run(&words.into_iter().chain(flags.iter().map(std::ffi::OsStr::new)).collect::<Vec<_>>())
}

fn plan(path: &Path, flags: &[&str]) -> Value {
    serde_json::from_str(&with_job("plan", path, &[flags, &["--json"]].concat()).expect(0).out).expect("JSON")
}

#[test]
fn a_job_is_all_that_encode_needs() {
    let (directory, path) = job(&json!({
        "inputs": ["clips", "b.mp4"], "output": "sets", "junit": "junit.xml", "keep_going": true,
        "ladder": ["90p@100k"], "speed": "draft"
    }));
    with_job("encode", &path, &[]).expect(0);
    for name in ["a", "b"] {
        let facts = check_set(&directory.join("work/sets").join(name));
        assert_eq!(facts.video.iter().map(|track| track.name()).collect::<Vec<_>>(), ["90p_h264"]);
    }
    assert!(directory.join("work/junit.xml").exists());
}

#[test]
fn the_command_line_takes_the_place_of_inputs_and_output() {
    let (directory, path) = job(&json!({ "inputs": ["absent"], "output": "sets", "ladder": ["90p@100k"] }));
    let (input, out) = (directory.join("work/b.mp4"), directory.join("out"));
    let words = [input.to_str().expect("UTF-8"), "-o", out.to_str().expect("UTF-8"), "--speed", "draft"];
    with_job("encode", &path, &words).expect(0);
    check_set(&out);
    assert!(!directory.join("work/sets").exists());
}

#[test]
fn settings_of_a_job_lie_between_preset_and_flags_and_plan_says_so() {
    let (_directory, path) = job(&json!({ "inputs": ["b.mp4"], "preset": "mobile", "gop": 1, "segment_duration": 4 }));
    let settings = plan(&path, &["--segment-duration", "5"])["settings"].clone();
    let origin = |setting: &str| settings[setting]["origin"].as_str().expect("text").to_owned();
    assert_eq!(origin("gop"), format!("job {}", path.display()));
    assert_eq!(origin("segment_duration"), "flag --segment-duration");
    assert_eq!((origin("ladder"), origin("hls")), ("preset mobile".to_owned(), "default".to_owned()));
    let settings = plan(&path, &["--preset", "web"])["settings"].clone();
    assert_ne!(settings["ladder"]["origin"], "preset mobile");
    assert_eq!(settings["gop"]["value"], 1.0);
}

#[test]
fn what_a_job_says_wrongly_is_refused_by_its_name() {
    let refusal = |said: &Value| {
        let (_directory, path) = job(said);
        with_job("encode", &path, &[]).refused(2)
    };
    let message = refusal(&json!({ "inputs": ["b.mp4"], "output": "o", "laddr": [] }));
    assert!(message.ends_with("no setting is called `laddr`; did you mean `ladder`?"), "{message}");
    let message = refusal(&json!({ "inputs": ["b.mp4"], "output": "o", "crf": 60 }));
    assert!(message.starts_with("crf of job ") && message.contains("60 is not in 0 to 51"), "{message}");
    let message = refusal(&json!({ "inputs": ["b.mp4"] }));
    assert!(message.starts_with("the job names no output"), "{message}");
    let message = refusal(&json!({ "output": "o" }));
    assert!(message.starts_with("the job names no inputs"), "{message}");
}

/// Each value has its own origin: the job, a flag, nobody.
#[test]
fn plan_says_how_an_output_in_a_bucket_is_delivered_and_who_decided_it() {
    let publish = json!({ "cache_control_media": "max-age=9", "invalidate": "E1EXAMPLE", "invalidate_root": "/vod" });
    let (_directory, path) = job(&json!({ "inputs": ["b.mp4"], "output": "s3://bucket/a", "publish": publish }));
    let by_job = format!("job {}", path.display());
    let said = |value: &str, origin: &str| json!({ "value": value, "origin": origin });
    let manifest = "public, max-age=0, s-maxage=60, must-revalidate";
    let wanted = json!({
        "to": said("s3://bucket/a", &by_job),
        "cache_control_media": said("max-age=9", &by_job),
        "cache_control_manifest": said(manifest, "default"),
        "invalidate": said("E1EXAMPLE", &by_job),
        "invalidate_root": said("/vod", &by_job),
    });
    assert_eq!(plan(&path, &[])["delivery"], wanted);
    let flags = ["--dry-run", "-o", "s3://other/b", "--cache-control-media", "max-age=1", "--invalidate", "E2"];
    let told = with_job("encode", &path, &flags).expect(0).out;
    let delivery: Vec<&str> = told.lines().skip_while(|line| *line != "delivery").skip(1).map(str::trim).collect();
    let wanted = [
        "to                      s3://other/b  (flag --output)".to_owned(),
        "cache_control_media     max-age=1  (flag --cache-control-media)".to_owned(),
        format!("cache_control_manifest  {manifest}  (default)"),
        "invalidate              E2  (flag --invalidate)".to_owned(),
        "invalidate_root         /b  (default)".to_owned(),
    ];
    assert_eq!(delivery, wanted);
}

#[test]
fn plan_says_where_a_job_publishes() {
    let publish = json!({ "to": "s3://bucket/films", "delete": true, "invalidate": "E1EXAMPLE" });
    let (_directory, path) = job(&json!({ "inputs": ["b.mp4"], "output": "sets", "publish": publish }));
    assert_eq!(plan(&path, &[])["publish"], "s3://bucket/films");
    let told = with_job("plan", &path, &[]).expect(0).out;
    let words = "s3://bucket/films when all is made, deletes what is gone, invalidates E1EXAMPLE";
    assert!(told.lines().any(|line| line.trim_start().starts_with("publish ") && line.ends_with(words)), "{told}");
    assert!(told.contains("  invalidate_root         /films  (default)\n"), "{told}");
    let refused = job(&json!({ "inputs": ["b.mp4"], "output": "sets", "publish": { "to": "ftp://host/x" } }));
    assert!(with_job("plan", &refused.1, &[]).refused(2).contains("ftp:// outputs are not supported"));
}
