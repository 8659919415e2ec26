//! Several inputs and directories in one run: names, failures, reports, reruns.

mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde_json::{Value, json};
use support::run::{Ended, Running, Signal, run};
use support::tree::{names, same};
use support::{TestDir, check_set, clip};

/// One small rung, so that a clip takes less than a second.
const SMALL: &[&str] = &["--ladder", "90p@100k", "--speed", "draft"];

/// A directory `in` with copies of clips, each by its name there.
fn inputs(files: &[(&str, &str)]) -> TestDir {
    let directory = TestDir::new();
    files.iter().for_each(|(name, of)| copy(&directory, name, of));
    directory
}

fn copy(directory: &TestDir, name: &str, of: &str) {
    let path = directory.join("in").join(name);
    fs::create_dir_all(path.parent().expect("below the directory")).expect("writable");
    fs::copy(clip(of), path).expect("writable");
}

/// Encodes `inputs` of the directory into `out`.
fn encode_all(directory: &TestDir, inputs: &[&str], flags: &[&str]) -> Ended {
    let inputs: Vec<PathBuf> = inputs.iter().map(|input| directory.join(input)).collect();
    let out = directory.join("out");
    let words = ["encode"].iter().map(Path::new).chain(inputs.iter().map(PathBuf::as_path));
    let words = words.chain([Path::new("-o"), &out]).chain(SMALL.iter().chain(flags).map(Path::new));
    run(&words.collect::<Vec<_>>())
}

fn report(directory: &TestDir) -> Value {
    let text = fs::read_to_string(directory.join("out/streampack-batch.json")).expect("there is a report");
    serde_json::from_str(&text).expect("JSON")
}

/// Name and status of every input in the report.
fn statuses(directory: &TestDir) -> Vec<(String, String)> {
    let report = report(directory);
    let inputs = report["inputs"].as_array().expect("a list").iter();
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    inputs.map(|input| (text(&input["output"]), text(&input["status"]))).collect()
}

fn expected(statuses: &[(&str, &str)]) -> Vec<(String, String)> {
    statuses.iter().map(|(name, status)| ((*name).to_owned(), (*status).to_owned())).collect()
}

#[test]
fn a_directory_becomes_a_directory_of_sets_and_a_report() {
    let directory = inputs(&[("a/one.mp4", "video_only.mp4"), ("two.m4a", "audio_only.m4a"), ("a/x.txt", "text.mp4")]);
    let ended = encode_all(&directory, &["in"], &[]).expect(0);
    for line in ["skipped 1 that is not named like video or sound", "2 files: 2 encoded; "] {
        assert!(ended.err.contains(line), "{}", ended.err);
    }
    check_set(&directory.join("out/a/one"));
    check_set(&directory.join("out/two"));
    assert_eq!(statuses(&directory), expected(&[("a/one", "done"), ("two", "done")]));
    let report = report(&directory);
    assert_eq!((&report["status"], &report["totals"]["done"]), (&json!("ok"), &json!(2)));
    assert_eq!(report["inputs"][0]["report"], "a/one/streampack.json");
    assert_eq!(report["skipped"][0]["reason"], "not_media");
    assert!(!directory.join("out/.streampack").exists());
    let strays: Vec<_> =
        names(&directory.join("out")).into_iter().filter(|n| !n.contains("one/") && !n.contains("two/")).collect();
    assert_eq!(strays, ["streampack-batch.json"]);
}

/// The bytes do not depend on the company, nor on how many work at once.
#[test]
fn every_set_is_what_it_is_when_it_is_made_alone() {
    let files = [("a.mp4", "video_only.mp4"), ("b.mp4", "ntsc_bframes.mp4"), ("c.m4a", "audio_only.m4a")];
    let directory = inputs(&files);
    encode_all(&directory, &["in"], &["-j", "3"]).expect(0);
    for (name, _) in files {
        let (input, alone) = (directory.join("in").join(name), directory.join("alone"));
        support::run::encode(&input, &alone, &[SMALL, &["-j", "1"]].concat()).expect(0);
        same(&alone, &directory.join("out").join(name).with_extension(""));
        fs::remove_dir_all(alone).expect("removable");
    }
}

#[test]
fn a_rerun_does_only_what_is_new_changed_or_missing() {
    let directory = inputs(&[("a.mp4", "video_only.mp4"), ("b.m4a", "audio_only.m4a"), ("c.mp4", "one_frame.mp4")]);
    encode_all(&directory, &["in"], &[]).expect(0);
    let modified = |name: &str| -> SystemTime {
        fs::metadata(directory.join(name)).and_then(|metadata| metadata.modified()).expect("it is there")
    };
    let before = modified("out/a/master.m3u8");
    fs::remove_file(directory.join("out/b/master.m3u8")).expect("removable");
    copy(&directory, "c.mp4", "video_only.mp4");
    copy(&directory, "d.mp4", "one_frame.mp4");
    let ended = encode_all(&directory, &["in"], &[]).expect(0);
    let now = [("a", "up_to_date"), ("b", "done"), ("c", "done"), ("d", "done")];
    assert_eq!(statuses(&directory), expected(&now));
    assert!(ended.err.contains("4 files: 3 encoded, 1 up to date; "), "{}", ended.err);
    assert_eq!(modified("out/a/master.m3u8"), before);
    for name in ["b", "c", "d"] {
        check_set(&directory.join("out").join(name));
    }
}

#[test]
fn the_first_failure_stops_the_rest_unless_they_are_to_go_on() {
    let directory = inputs(&[("a.mp4", "text.mp4"), ("b.mp4", "video_only.mp4"), ("c.mp4", "one_frame.mp4")]);
    let ended = encode_all(&directory, &["in"], &["-j", "1"]).expect(3);
    assert_eq!(statuses(&directory), expected(&[("a", "failed"), ("b", "not_started"), ("c", "not_started")]));
    let lines: Vec<&str> = ended.err.lines().collect();
    assert!(lines[0].starts_with("streampack: error: cannot read ") && lines[0].contains("a.mp4"), "{}", ended.err);
    assert!(ended.err.contains("1 of 3 inputs failed, 2 were not finished for that (--keep-going"), "{}", ended.err);

    let junit = directory.join("junit.xml");
    let flags = ["--keep-going", "--junit", junit.to_str().expect("UTF-8")];
    encode_all(&directory, &["in"], &flags).expect(3);
    assert_eq!(statuses(&directory), expected(&[("a", "failed"), ("b", "done"), ("c", "done")]));
    let report = report(&directory);
    assert_eq!((&report["status"], &report["inputs"][0]["error"]["exit_code"]), (&json!("failed"), &json!(10)));
    let xml = fs::read_to_string(junit).expect("it was asked for");
    assert!(xml.contains(r#"tests="3" failures="1" errors="0" skipped="0""#), "{xml}");
    assert!(xml.contains(r#"<failure message="cannot read "#) && xml.contains(r#"type="exit code 10""#), "{xml}");
    check_set(&directory.join("out/b"));
}

#[test]
fn quiet_runs_tell_failures_and_nothing_else() {
    let directory = inputs(&[("a.mp4", "text.mp4"), ("b.mp4", "one_frame.mp4")]);
    let ended = encode_all(&directory, &["in"], &["-q", "--keep-going"]).expect(3);
    let lines: Vec<&str> = ended.err.lines().collect();
    assert!(lines.len() == 2 && lines.iter().all(|line| line.starts_with("streampack: error: ")), "{}", ended.err);
}

#[test]
fn what_is_named_must_be_there_before_anything_is_begun() {
    let directory = inputs(&[("a.mp4", "one_frame.mp4"), ("text.mp4", "text.mp4")]);
    for named in ["in/absent.mp4", "in/text.mp4"] {
        let message = encode_all(&directory, &["in/a.mp4", named], &[]).refused(10);
        assert!(message.contains(named), "{message}");
        assert!(!directory.join("out").exists(), "{named}");
    }
    encode_all(&directory, &["in/a.mp4", "in/absent.mp4"], &["--keep-going"]).expect(3);
    assert_eq!(statuses(&directory), expected(&[("a", "done"), ("absent", "failed")]));
}

#[test]
fn collisions_and_patterns_without_effect_are_refused_before_any_work() {
    let directory = inputs(&[("a/x.mp4", "one_frame.mp4"), ("b/x.mp4", "one_frame.mp4")]);
    let message = encode_all(&directory, &["in/a", "in/b"], &[]).refused(2);
    assert!(message.contains("in/a/x.mp4 and ") && message.contains("in/b/x.mp4 would both become"), "{message}");
    let message = encode_all(&directory, &["in/a/x.mp4"], &["--include", "*.mp4"]).refused(2);
    assert!(message.starts_with("--include has no effect: no input is a directory"), "{message}");
    let message = encode_all(&directory, &["in"], &["--exclude", "a["]).refused(2);
    assert!(message.starts_with("`a[` is not a pattern"), "{message}");
    let message = encode_all(&directory, &["in"], &["--include", "*.mov"]).refused(10);
    assert!(message.ends_with("in holds no video or sound that the patterns ask for"), "{message}");
    assert!(!directory.join("out").exists());
}

#[test]
fn patterns_choose_and_a_file_of_one_directory_is_still_several() {
    let directory = inputs(&[("a.mp4", "one_frame.mp4"), ("b.mkv", "odd_size.mkv"), ("raw/c.mp4", "text.mp4")]);
    encode_all(&directory, &["in"], &["--include", "*.mp4", "--exclude", "raw"]).expect(0);
    assert_eq!(statuses(&directory), expected(&[("a", "done")]));
}

/// Two clips, the first of which is being encoded.
fn interrupted(signal: Signal, code: i32) {
    let directory = inputs(&[("a.mp4", "h264_720p25.mp4"), ("b.mp4", "video_only.mp4")]);
    let (input, out) = (directory.join("in"), directory.join("out"));
    let slow = ["--ladder", "360p@600k", "--speed", "quality", "--segment-duration", "1", "-j", "1"];
    let mut running = Running::start(&input, &out, &slow);
    assert!(running.saw("\"segment\"", 1), "something was stored");
    running.signal(signal);
    running.end().expect(code);
    let report = report(&directory);
    assert_eq!(report["status"], "interrupted");
    assert_eq!(statuses(&directory), expected(&[("a", "stopped"), ("b", "not_started")]));
    support::run::encode(&input, &out, &slow).expect(0);
    assert_eq!(statuses(&directory), expected(&[("a", "done"), ("b", "done")]));
    check_set(&out.join("a"));
}

#[test]
fn a_signal_stops_all_and_the_report_says_how_far_they_came() {
    interrupted(Signal::Int, 130);
    interrupted(Signal::Term, 143);
}

#[test]
fn a_second_run_over_the_same_output_is_refused() {
    let directory = inputs(&[("a.mp4", "h264_720p25.mp4"), ("b.mp4", "video_only.mp4")]);
    let (input, out) = (directory.join("in"), directory.join("out"));
    let mut running = Running::start(&input, &out, &["--speed", "quality", "-j", "1"]);
    assert!(running.saw("\"planned\"", 1), "it has begun");
    let message = encode_all(&directory, &["in"], &[]).refused(11);
    assert!(message.contains("is being written by another run"), "{message}");
    running.signal(Signal::Kill);
    running.end();
}

#[test]
fn the_report_of_somebody_else_is_not_replaced() {
    let directory = inputs(&[("a.mp4", "one_frame.mp4")]);
    fs::create_dir(directory.join("out")).expect("writable");
    fs::write(directory.join("out/streampack-batch.json"), "{\"tool\": \"other\"}").expect("writable");
    let message = encode_all(&directory, &["in"], &[]).refused(13);
    assert!(message.contains("streampack-batch.json is already there"), "{message}");
    encode_all(&directory, &["in"], &["--force"]).expect(0);
    assert_eq!(statuses(&directory), expected(&[("a", "done")]));
}

#[test]
fn events_say_which_input_they_are_about() {
    let directory = inputs(&[("a.mp4", "one_frame.mp4"), ("b.mp4", "text.mp4"), ("x.srt", "text.mp4")]);
    let events = encode_all(&directory, &["in"], &["--json", "--keep-going"]).expect(3).events();
    let (a, b, all) = (directory.join("in/a.mp4"), directory.join("in/b.mp4"), directory.join("in"));
    let about = |event: &Value, path: &Path| event["input"].as_str() == path.to_str();
    let of = |kind: &str| events.iter().filter(|event| event["type"] == kind).collect::<Vec<_>>();
    assert_eq!(of("inputs")[0]["inputs"].as_array().expect("a list").len(), 2);
    assert!(of("warning").iter().any(|warning| warning["code"] == "skipped_file"));
    for kind in ["planned", "progress", "segment", "manifest"] {
        assert!(!of(kind).is_empty() && of(kind).iter().all(|event| about(event, &a)), "{kind}");
    }
    let ended = of("ended");
    let status = |path: &Path| ended.iter().find(|event| about(event, path)).expect("it ended")["status"].clone();
    assert_eq!((status(&a), status(&b)), (json!("done"), json!("failed")));
    let last = events.last().expect("a summary");
    assert_eq!((&last["type"], &last["exit_code"]), (&json!("summary"), &json!(3)));
    assert!(about(last, &all), "{last}");
}

#[test]
fn a_dry_run_shows_the_plan_of_each() {
    let directory = inputs(&[("a.mp4", "one_frame.mp4"), ("b.mp4", "video_only.mp4")]);
    let ended = encode_all(&directory, &["in"], &["--dry-run"]).expect(0);
    for name in ["a", "b"] {
        let line = format!("in/{name}.mp4 -> ");
        assert!(ended.out.lines().any(|l| l.contains(&line) && l.ends_with(&format!("out/{name}"))), "{}", ended.out);
    }
    assert!(!directory.join("out").exists());
    let input = directory.join("in");
    let input = input.to_str().expect("UTF-8");
    let told = run(&["encode", input, "-o", "s3://bucket/films", "--invalidate", "E1", "--dry-run"]).expect(0).out;
    for line in ["  to                      s3://bucket/films/b  ", "  invalidate_root         /films/b  (default)"] {
        assert!(told.contains(line), "{told}");
    }
}

#[test]
fn one_file_has_a_case_of_its_own() {
    let directory = inputs(&[("a.mp4", "one_frame.mp4"), ("b.mp4", "text.mp4")]);
    let junit = directory.join("junit.xml");
    let flags = ["--junit", junit.to_str().expect("UTF-8")];
    encode_all(&directory, &["in/a.mp4"], &flags).expect(0);
    check_set(&directory.join("out"));
    assert!(fs::read_to_string(&junit).expect("written").contains(r#"tests="1" failures="0""#));
    encode_all(&directory, &["in/b.mp4"], &flags).expect(10);
    assert!(fs::read_to_string(&junit).expect("written").contains(r#"tests="1" failures="1""#));
}
