//! Commands and URLs that are told how a run ended.

mod support;

use std::fs;
use std::path::PathBuf;
use std::thread::JoinHandle;

use serde_json::{Value, json};
use support::answering::{self, Asked};
use support::run::{Ended, run};
use support::{TestDir, clip};

/// Encodes a clip into `out` of a directory.
fn encode(directory: &TestDir, of: &str, flags: &[&str]) -> Ended {
    let (input, out) = (clip(of), directory.join("out"));
    let words = ["encode".as_ref(), input.as_os_str(), "-o".as_ref(), out.as_os_str()];
    let small = ["--ladder", "90p@100k", "--speed", "draft"];
    let flags = small.iter().chain(flags).map(std::ffi::OsStr::new);
    run(&words.into_iter().chain(flags).collect::<Vec<_>>())
}

/// A server that takes what it is told, and says nothing but these statuses.
fn server(statuses: &'static [u16]) -> (String, JoinHandle<Vec<Asked>>) {
    answering::server(statuses, |_| String::new())
}

/// A command that keeps what it is told in a file.
fn keeper(directory: &TestDir, name: &str) -> (String, PathBuf) {
    let path = directory.join(name);
    let shell = format!(
        r#"cat > {0}.json; echo "$STREAMPACK_OUTPUT|$STREAMPACK_REPORT|$STREAMPACK_EXIT_CODE" > {0}"#,
        path.display()
    );
    (format!("sh -c '{shell}'"), path)
}

fn read(path: &std::path::Path) -> Value {
    serde_json::from_str(&fs::read_to_string(path.with_extension("json")).expect("the hook ran")).expect("JSON")
}

#[test]
fn a_command_gets_the_report_and_where_it_is() {
    let directory = TestDir::new();
    let ((done, done_path), (failed, failed_path)) = (keeper(&directory, "done"), keeper(&directory, "failed"));
    let hooks = ["--on-complete", done.as_str(), "--on-failure", failed.as_str()];
    encode(&directory, "one_frame.mp4", &hooks).expect(0);
    let told = read(&done_path);
    assert_eq!((&told["v"], &told["type"], &told["exit_code"]), (&json!(1), &json!("completed"), &json!(0)));
    let report: Value =
        serde_json::from_slice(&fs::read(directory.join("out/streampack.json")).expect("a report")).expect("JSON");
    assert_eq!(told["report"], report);
    let variables = fs::read_to_string(&done_path).expect("the hook ran");
    let out = directory.join("out").display().to_string();
    assert_eq!(variables.trim(), format!("{out}|{out}/streampack.json|0"));
    assert!(!failed_path.exists());

    fs::remove_file(&done_path).expect("removable");
    encode(&directory, "text.mp4", &hooks).expect(10);
    let told = read(&failed_path);
    assert_eq!((&told["type"], &told["exit_code"], &told["report"]), (&json!("failed"), &json!(10), &Value::Null));
    assert!(told["error"].as_str().expect("a reason").contains("text.mp4"), "{told}");
    assert!(!done_path.exists());
}

#[test]
fn a_url_is_asked_until_it_takes_the_report() {
    let (url, server) = server(&[503, 429, 204]);
    let directory = TestDir::new();
    let url = url.replace("http://", "http://me:pass%20word@") + "/done?token=secret";
    let ended = encode(&directory, "one_frame.mp4", &["--on-complete", &url, "-vv"]).expect(0);
    assert!(!ended.err.contains("secret") && !ended.err.contains("pass"), "{}", ended.err);
    let asked = server.join().expect("no panic");
    let key = |asked: &Asked| {
        let head = asked.head.to_ascii_lowercase();
        head.lines().find_map(|line| line.strip_prefix("idempotency-key: ").map(str::to_owned)).expect("a key")
    };
    assert!(asked.iter().all(|one| key(one) == key(&asked[0]) && one.body == asked[0].body));
    let head = &asked[0].head;
    assert!(head.starts_with("POST /done?token=secret HTTP/1.1\r\n"), "{head}");
    // me:pass word
    assert!(head.contains("Basic bWU6cGFzcyB3b3Jk") && head.contains("application/json"), "{head}");
    let told: Value = serde_json::from_str(&asked[0].body).expect("JSON");
    assert_eq!(told["report"]["v"], 1);
}

#[test]
fn a_hook_that_fails_after_success_is_exit_code_17_and_the_set_is_there() {
    let directory = TestDir::new();
    let ended =
        encode(&directory, "one_frame.mp4", &["--on-complete", "false", "--on-complete", "sh -c 'cat; exit 3'"]);
    let ended = ended.expect(17);
    assert!(ended.err.contains("streampack: error: all is done, but a hook failed: false ended with"), "{}", ended.err);
    assert!(ended.err.contains("streampack: warning: a hook failed: sh ended with"), "{}", ended.err);
    assert!(ended.err.contains("\"completed\"") && ended.out.is_empty(), "what hooks print goes to stderr");
    assert!(directory.join("out/master.m3u8").exists());
    let (url, server) = server(&[403]);
    let message = encode(&directory, "one_frame.mp4", &["--on-complete", &(url + "/secret"), "--json"]).expect(17).err;
    assert!(message.contains("/… answered 403") && !message.contains("secret"), "{message}");
    server.join().expect("no panic");
}

#[test]
fn after_a_failure_a_hook_that_fails_is_a_warning() {
    let directory = TestDir::new();
    let ended = encode(&directory, "text.mp4", &["--on-failure", "/no/such/program --key secret"]).expect(10);
    assert!(ended.err.contains("warning: a hook failed: cannot run /no/such/program: "), "{}", ended.err);
    assert!(!ended.err.contains("secret"), "{}", ended.err);
}

#[test]
fn of_several_inputs_the_batch_is_told() {
    let directory = TestDir::new();
    fs::create_dir(directory.join("in")).expect("writable");
    fs::copy(clip("one_frame.mp4"), directory.join("in/a.mp4")).expect("writable");
    fs::copy(clip("text.mp4"), directory.join("in/b.mp4")).expect("writable");
    let (hook, path) = keeper(&directory, "failed");
    let (input, out) = (directory.join("in"), directory.join("out"));
    let words = ["encode", input.to_str().expect("UTF-8"), "-o", out.to_str().expect("UTF-8"), "--keep-going"];
    run(&[&words[..], &["--on-failure", &hook]].concat()).expect(3);
    let told = read(&path);
    assert_eq!((&told["exit_code"], &told["report"]["totals"]["failed"]), (&json!(3), &json!(1)));
    assert!(told["report_path"].as_str().expect("a path").ends_with("out/streampack-batch.json"));
}

#[test]
fn what_is_no_hook_is_refused_before_any_work_and_without_its_text() {
    let directory = TestDir::new();
    for (hook, why) in [("ftp://me:secret@host/", "ftp:// is not a way to tell"), ("'secret", "a quote is not closed")]
    {
        let message = encode(&directory, "one_frame.mp4", &["--on-complete", hook]).refused(2);
        assert!(message.starts_with(&format!("--on-complete: {why}")) && !message.contains("secret"), "{message}");
    }
    assert!(!directory.join("out").exists());
}

#[test]
fn package_live_and_sync_tell_hooks_too() {
    let directory = TestDir::new();
    let (path, input) = (|name: &str| directory.join(name).display().to_string(), clip("video_only.mp4"));
    let input = input.display().to_string();
    let small = ["--ladder", "90p@80k", "--speed", "draft", "--segment-duration", "1", "--gop", "1"];
    let (packaged, live, copy) = (path("packaged"), path("live"), path("copy"));
    let runs: [(&str, Vec<&str>, &str); 3] = [
        ("package", vec![&input, "-o", &packaged], &packaged),
        ("live", [&[&input, "-o", &live][..], &small].concat(), &live),
        ("sync", vec![&packaged, &copy], &copy),
    ];
    for (verb, words, output) in runs {
        let (done, told) = keeper(&directory, &format!("told-{verb}"));
        let hooks = ["--on-complete", done.as_str(), "--on-failure", "false"];
        run(&[&[verb][..], &words, &hooks].concat()).expect(0);
        let told = read(&told);
        assert_eq!((&told["type"], &told["output"]), (&json!("completed"), &json!(output)), "{verb}");
        let inputs = if verb == "sync" { &packaged } else { &input };
        assert_eq!(told["inputs"], json!([inputs]), "{verb}");
        let report = if verb == "sync" { Value::Null } else { json!(format!("{output}/streampack.json")) };
        assert_eq!(told["report_path"], report, "{verb}");
    }
    let told = read(&directory.join("told-sync"));
    assert!(told["report"]["put"].as_array().is_some_and(|keys| keys.contains(&json!("master.m3u8"))), "{told}");

    let (failed, told) = keeper(&directory, "failed");
    let nowhere = path("none");
    for words in [["package", &nowhere, "-o", &packaged], ["live", &nowhere, "-o", &live]] {
        run(&[&words[..], &["--on-failure", &failed]].concat()).expect(10);
        assert_eq!(read(&told)["type"], json!("failed"));
        fs::remove_file(told.with_extension("json")).expect("told");
    }
    run(&["sync", &nowhere, &copy, "--on-failure", &failed]);
    assert_eq!(read(&told)["type"], json!("failed"));
}
