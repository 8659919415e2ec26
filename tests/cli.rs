//! The command line where nothing is encoded: help, presets, refusals, exit codes.

use assert_cmd::Command;
use serde_json::Value;

struct Outcome {
    code: i32,
    out: String,
    err: String,
}

fn streampack_with(variables: &[(&str, &str)], words: &[&str]) -> Outcome {
    let mut command = Command::new(env!("CARGO_BIN_EXE_streampack"));
    let inherited = std::env::vars().filter(|(name, _)| name.starts_with("STREAMPACK_"));
    for name in inherited.map(|(name, _)| name).chain(["NO_COLOR".into(), "CLICOLOR_FORCE".into()]) {
        command.env_remove(name);
    }
    let output = command.envs(variables.iter().copied()).args(words).output().expect("run");
    Outcome {
        code: output.status.code().expect("no signal"),
        out: String::from_utf8(output.stdout).expect("text"),
        err: String::from_utf8(output.stderr).expect("text"),
    }
}

fn streampack(words: &[&str]) -> Outcome {
    streampack_with(&[], words)
}

/// The one line on stderr of a run that must end with exit code 2.
fn refusal_with(variables: &[(&str, &str)], words: &[&str]) -> String {
    let Outcome { code, out, err } = streampack_with(variables, words);
    assert_eq!((code, out.as_str()), (2, ""), "{words:?}: {err}");
    let line = err.strip_suffix('\n').expect("a line");
    assert!(!line.contains('\n'), "{words:?}: {err}");
    line.strip_prefix("streampack: error: ").expect("our error").to_owned()
}

fn refusal(words: &[&str]) -> String {
    refusal_with(&[], words)
}

fn encode_refusal(flags: &[&str]) -> String {
    refusal(&[&["encode", "in.mp4", "-o", "out"], flags].concat())
}

#[test]
fn help_goes_to_stdout_and_shows_examples() {
    for verb in [&[][..], &["encode"], &["plan"], &["probe"], &["thumbnails"], &["serve"], &["sync"], &["presets"]] {
        let long = streampack(&[verb, &["--help"]].concat());
        assert_eq!((long.code, long.err.as_str()), (0, ""), "{verb:?}");
        assert!(long.out.contains("Examples:") && long.out.contains("streampack "), "{verb:?}: {}", long.out);
        let short = streampack(&[verb, &["-h"]].concat());
        assert!(short.out.len() <= long.out.len(), "{verb:?}");
    }
}

#[test]
fn the_example_of_probe_finds_the_resolution() {
    let help = streampack(&["probe", "--help"]).out;
    assert!(help.contains("jq '.source.video[0].resolution'"), "{help}");
    let clip = concat!(env!("CARGO_MANIFEST_DIR"), "/testdata/one_frame.mp4");
    let probed: Value = serde_json::from_str(&streampack(&["probe", clip, "--json"]).out).expect("JSON");
    assert_eq!(probed["source"]["video"][0]["resolution"], serde_json::json!({ "width": 320, "height": 180 }));
}

#[test]
fn help_and_plan_tell_the_cap_that_the_encoder_gets() {
    let help = streampack(&["encode", "--help"]).out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(help.contains("a cap of 1.1 times the rung's bit rate"), "{help}");
    let clip = concat!(env!("CARGO_MANIFEST_DIR"), "/testdata/video_only.mp4");
    let words = ["plan", clip, "--ladder", "120p@1000k"];
    let plan = streampack(&words).out;
    assert!(plan.contains(" up to 1100k"), "{plan}");
    let plan: Value = serde_json::from_str(&streampack(&[&words[..], &["--json"]].concat()).out).expect("JSON");
    assert_eq!(plan["plan"]["video"]["renditions"][0]["encoding"]["maxrate"], 1_100_000);
}

#[test]
fn help_lists_the_verbs_in_the_order_of_their_use_and_the_defaults() {
    let help = streampack(&["--help"]).out;
    let verbs = ["encode", "plan", "probe", "thumbnails", "serve", "sync", "doctor", "presets", "completions", "man"];
    let places: Vec<_> = verbs.iter().map(|verb| help.find(&format!("\n  {verb} ")).expect(verb)).collect();
    assert!(places.is_sorted(), "{help}");
    let help = streampack(&["encode", "-h"]).out;
    assert!(help.contains("[default: 6]") && help.contains("[default: aac@128k]"), "{help}");
}

#[test]
fn doctor_has_a_line_for_each_check_and_fails_where_nothing_can_be_written() {
    let well = streampack(&["doctor"]);
    assert_eq!((well.code, well.err.as_str()), (0, ""), "{}", well.out);
    for name in ["FFmpeg", "encoder libx264", "filter scale", "disk speed"] {
        assert!(well.out.lines().any(|line| line.starts_with("ok    ") && line.contains(name)), "{}", well.out);
    }
    let ill = streampack(&["doctor", "-o", "/proc/nowhere", "--json"]);
    assert_eq!(ill.code, 12, "{}", ill.out);
    let document: Value = serde_json::from_str(&ill.out).expect("JSON");
    assert_eq!(document["ok"], false);
    let failed = |check: &&Value| check["status"] == "fail" && check["remedy"].is_string();
    assert!(document["checks"].as_array().expect("a list").iter().any(|check| failed(&check)), "{document}");
    assert!(ill.err.contains("checks failed; the lines above say what to do"), "{}", ill.err);
}

#[test]
fn no_arguments_show_help_as_a_usage_error() {
    let bare = streampack(&[]);
    assert_eq!((bare.code, bare.out.as_str()), (2, ""));
    assert!(bare.err.contains("Usage: streampack"), "{}", bare.err);
}

#[test]
fn the_version_is_that_of_the_package() {
    assert_eq!(streampack(&["--version"]).out, format!("streampack {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn usage_errors_are_one_line_with_a_remedy() {
    assert!(encode_refusal(&["--laddr", "x"]).contains("--ladder"));
    assert!(refusal(&["encode", "in.mp4"]).contains("--output"));
    assert!(refusal(&["encode", "-o", "out"]).contains("INPUT"));
    assert!(refusal(&["decode"]).contains("decode"));
    assert!(encode_refusal(&["--ladder", "1080"]).contains("write it like 1080p@5000k"));
    assert!(encode_refusal(&["--segment-duration", "soon"]).contains("`soon` is not a time"));
    assert!(encode_refusal(&["--jobs", "0"]).contains("--jobs"));
    assert!(encode_refusal(&["-v", "-q"]).contains("cannot be used with"));
    assert!(encode_refusal(&["--no-thumbnails", "--thumbnail-width", "160"]).contains("cannot be used with"));
    assert!(encode_refusal(&["--no-hls", "--no-dash"]).contains("cannot be used with"));
}

#[test]
fn what_is_no_number_is_told_in_words() {
    for (flag, value) in [("--crf", "good"), ("--thumbnail-width", "wide"), ("--jobs", "many"), ("--jobs", "0")] {
        let message = encode_refusal(&[flag, value]);
        assert!(message.contains(&format!("`{value}` is not a number")), "{message}");
    }
    for flag in ["--start", "--end", "--gop", "--segment-duration", "--thumbnail-interval"] {
        let message = encode_refusal(&[flag, "-5"]);
        assert!(message.contains("`-5` is not a time"), "{message}");
    }
    for address in ["8080", "localhost", "::1:8080", "localhost:http", ":8080", "[::1]"] {
        let message = refusal(&["serve", "out", "--addr", address]);
        assert!(message.contains(&format!("`{address}` is not an address; write it like 127.0.0.1:8080")), "{message}");
    }
    // clap would have it passed behind `--`, as a second input.
    assert!(!encode_refusal(&["--keep-trying"]).contains("'-- "));
}

#[test]
fn an_output_elsewhere_is_refused_instead_of_made_here() {
    let message = refusal(&["thumbnails", "in.mp4", "-o", "s3://bucket/film"]);
    assert!(message.contains("s3:// outputs are not supported; give a directory"), "{message}");
    for verb in ["encode", "package"] {
        let message = refusal(&[verb, "in.mp4", "-o", "ftp://host/film"]);
        assert!(message.contains("ftp:// outputs are not supported; give s3://BUCKET/PREFIX"), "{message}");
        let message = refusal(&[verb, "in.mp4", "-o", "s3://key:secret@bucket/film"]);
        assert!(message.contains("put credentials in the environment") && !message.contains("secret"), "{message}");
    }
}

#[test]
fn an_input_elsewhere_is_told_from_a_file_that_is_missing() {
    for (input, why) in [("https://host.invalid/film.mp4", "download it first"), ("-", "give a file")] {
        let Outcome { code, err, .. } = streampack(&["probe", input]);
        assert!(code == 10 && err.contains(why), "{code}: {err}");
    }
}

#[test]
fn examples_fit_on_a_terminal() {
    // 80 columns, of which a manual page indents by 7.
    for verb in [&[][..], &["encode"], &["plan"], &["probe"], &["thumbnails"], &["serve"], &["sync"], &["presets"]] {
        let help = streampack(&[verb, &["--help"]].concat()).out;
        let (_, examples) = help.split_once("Examples:").expect("examples");
        assert!(examples.lines().all(|line| line.len() <= 73), "{examples}");
    }
}

#[test]
fn codecs_that_this_version_does_not_write_are_refused_with_those_it_does() {
    assert!(
        encode_refusal(&["--video-codec", "h264,hevc"])
            .contains("`hevc` is not a video codec of this version; it writes h264")
    );
    assert!(encode_refusal(&["--audio", "mp3@96k"]).contains("it writes aac, ac3, eac3, opus, flac"));
}

#[test]
fn bit_rates_that_a_codec_does_not_have_are_refused_with_those_it_has() {
    let starts = |audio: &str, start: &str| {
        let message = encode_refusal(&["--audio", audio]);
        assert!(message.starts_with(start), "{audio}: {message}");
    };
    starts("aac@600k", "--audio: the bit rate of aac@600k is not in 16k to 512k; choose 64k to 256k");
    starts("aac:5.1@64k", "--audio: the bit rate of aac:5.1@64k is not in 96k to 1536k");
    starts("ac3@300k", "--audio: ac3 has no bit rate of 300k; choose one of 32k, 40k");
    starts("ac3@448k,ac3@448k", "--audio: ac3@448k is there twice");
    assert!(encode_refusal(&["--audio", "aac"]).contains("write it with its bit rate, like aac@128k"));
}

#[test]
fn settings_that_break_a_rule_name_their_flag() {
    let starts = |flags: &[&str], start: &str| {
        let message = encode_refusal(flags);
        assert!(message.starts_with(start), "{flags:?}: {message}");
    };
    starts(&["--crf", "60"], "--crf: 60 is not in 0 to 51");
    starts(&["--crf", "-1"], "--crf: -1 is not in 0 to 51");
    starts(&["--crf", "NaN"], "--crf: NaN is not in 0 to 51");
    starts(&["--segment-duration", "61"], "--segment-duration: 61 s is not in 1 to 60 s");
    starts(&["--segment-duration", "0"], "--segment-duration: 0 s is not in");
    starts(&["--gop", "0"], "--gop: 0 s is not in");
    starts(&["--gop", "3", "--segment-duration", "2"], "--gop: 3 s is longer than a segment (2 s)");
    starts(&["--ladder", "720p@1M,720p@2M"], "--ladder: 720p is there twice");
    starts(&["--ladder", "720p@1M,1080p@900k"], "--ladder: 1080p@900k has fewer bits than the smaller 720p@1000k");
    starts(&["--ladder", "721p@1M"], "--ladder: 721p@1000k is not an even size");
    starts(&["--start", "10", "--end", "5"], "--end: 5 s is not after the start (10 s)");
    starts(&["--thumbnail-interval", "0"], "--thumbnail-interval: 0 s is less than 0.1 s");
    starts(&["--thumbnail-width", "2000"], "--thumbnail-width: 2000 is not in 16 to 1280 pixels");
    starts(&["--audio", "aac@128k,aac@128k"], "--audio: aac@128k is there twice");
    starts(&["--rate-control", "vbr", "--crf", "20"], "--crf: a crf has no effect with rate control vbr");
    starts(&["-p", "audio", "--speed", "fast"], "--speed: it has no effect with no_video (preset audio)");
}

#[test]
fn presets_are_found_by_name_or_file() {
    assert!(encode_refusal(&["-p", "mobil"]).contains("did you mean mobile?"));
    assert!(encode_refusal(&["-p", "none.json"]).starts_with("cannot read preset none.json"));
    let folder = tempfile::tempdir().expect("temporary directory");
    let path = folder.path().join("house.json");
    std::fs::write(&path, "{\n  \"crf\": 99\n}\n").expect("written");
    let path = path.to_str().expect("UTF-8");
    assert!(encode_refusal(&["-p", path]).starts_with(&format!("crf of preset {path}: 99 is not in 0 to 51")));
    std::fs::write(path, "{\n  \"crff\": 20\n}\n").expect("written");
    let message = encode_refusal(&["-p", path]);
    assert!(message.starts_with(&format!("preset {path}:2:")) && message.contains("did you mean `crf`?"), "{message}");
}

#[test]
fn the_environment_is_read_and_named() {
    let words = ["encode", "in.mp4", "-o", "out"];
    let message = refusal_with(&[("STREAMPACK_CRF", "77")], &words);
    assert!(message.starts_with("STREAMPACK_CRF: 77 is not in 0 to 51"), "{message}");
    let message = refusal_with(&[("STREAMPACK_SEGMENT_DURATON", "4")], &words);
    assert!(message.contains("did you mean STREAMPACK_SEGMENT_DURATION?"), "{message}");
    let message = refusal_with(&[("STREAMPACK_PRESET", "nowhere")], &words);
    assert!(message.starts_with("no preset is called `nowhere`"), "{message}");
}

#[test]
fn a_listed_preset_prints_as_a_file_that_gives_the_same() {
    let list = streampack(&["presets", "--json"]);
    let list: Value = serde_json::from_str(&list.out).expect("JSON");
    let names: Vec<&str> = list.as_array().expect("a list").iter().filter_map(|entry| entry["name"].as_str()).collect();
    assert_eq!(names[0], "web");
    let table = streampack(&["presets"]).out;
    let folder = tempfile::tempdir().expect("temporary directory");
    for name in names {
        assert!(table.contains(name), "{name}");
        let shown = streampack(&["presets", "show", name]);
        assert_eq!((shown.code, shown.err.as_str()), (0, ""));
        let path = folder.path().join("copy.json");
        std::fs::write(&path, &shown.out).expect("written");
        assert_eq!(streampack(&["presets", "show", path.to_str().expect("UTF-8")]).out, shown.out);
    }
    assert!(refusal(&["presets", "show", "nothing"]).starts_with("no preset is called `nothing`"));
}

#[test]
fn a_refused_command_line_still_ends_its_json_with_a_summary() {
    let outcome = streampack(&["encode", "in.mp4", "-o", "out", "--json", "--crf", "60"]);
    assert_eq!(outcome.code, 2);
    let line: Value = serde_json::from_str(&outcome.out).expect("one line");
    assert_eq!((&line["type"], &line["status"], &line["exit_code"]), (&"summary".into(), &"failed".into(), &2.into()));
    assert_eq!(line["input"], "in.mp4");
    let outcome = streampack(&["encode", "--json", "--nonsense"]);
    let line: Value = serde_json::from_str(&outcome.out).expect("one line");
    assert_eq!((&line["type"], &line["input"]), (&"summary".into(), &Value::Null));
}

#[test]
fn colours_come_only_when_asked_for() {
    assert!(!streampack(&["presets"]).out.contains('\u{1b}'));
    assert!(streampack(&["presets", "--color", "always"]).out.contains('\u{1b}'));
    assert!(streampack_with(&[("CLICOLOR_FORCE", "1")], &["encode", "--nonsense"]).err.contains('\u{1b}'));
    assert!(
        !streampack_with(&[("CLICOLOR_FORCE", "1")], &["encode", "--nonsense", "--color=never"]).err.contains('\u{1b}')
    );
}

#[cfg(unix)]
#[test]
fn a_closed_pipe_ends_with_141_and_without_a_word() {
    use std::process::{Command, Stdio};
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    let output = Command::new(env!("CARGO_BIN_EXE_streampack"))
        .arg("man")
        .stdout(writer)
        .stderr(Stdio::piped())
        .output()
        .expect("run");
    assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(141), &b""[..]));
}
