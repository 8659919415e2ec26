//! Keys: made by us, read from where they come, and found nowhere else.

use std::fs;
use std::path::Path;

use crate::bench::{AAC, Bench, H264, KEY};
use crate::servers;
use crate::support::run::{package, run};

/// Every form in which a key could be written.
fn forms(key: &str) -> Vec<Vec<u8>> {
    let raw: Vec<u8> =
        (0..key.len()).step_by(2).map(|at| u8::from_str_radix(&key[at..at + 2], 16).expect("hexadecimal")).collect();
    let list = raw.iter().map(u8::to_string).collect::<Vec<_>>();
    let base64 = streampack::crypt::base64(&raw);
    let texts = [
        key.to_lowercase(),
        key.to_uppercase(),
        list.join(","),
        list.join(", "),
        base64.trim_end_matches('=').to_owned(),
        base64.replace('+', "-").replace('/', "_").trim_end_matches('=').to_owned(),
    ];
    texts.into_iter().map(String::into_bytes).chain([raw]).collect()
}

#[track_caller]
fn assert_absent(what: &str, bytes: &[u8]) {
    for form in forms(KEY) {
        let found = bytes.windows(form.len()).any(|window| window == form);
        assert!(!found, "the key is in {what}, as {}", String::from_utf8_lossy(&form));
    }
}

/// All files below a directory.
fn files(directory: &Path, found: &mut Vec<std::path::PathBuf>) {
    for entry in fs::read_dir(directory).expect("a directory") {
        let path = entry.expect("readable").path();
        if path.is_dir() { files(&path, found) } else { found.push(path) }
    }
}

/// Nothing that a run says or writes has the key, nor has what verify says of it.
#[track_caller]
fn says_and_writes_no_key(
    bench: &Bench,
    film: &Path,
    name: &str,
    scheme: &[&str],
    [run_keys, verify_keys]: [&[&str]; 2],
) {
    let out = bench.at(name);
    let ended = package(&[film], &out, &[scheme, run_keys, &["-vv"]].concat()).expect(0);
    assert_absent("events", ended.out.as_bytes());
    assert_absent("messages", ended.err.as_bytes());
    let directory = out.display().to_string();
    let verified = run(&[&["verify", &directory, "--json", "-vv"], verify_keys].concat());
    assert!(verified.out.contains("\"summary\""), "{}", verified.err);
    assert_absent("findings", verified.out.as_bytes());
    assert_absent("messages of verify", verified.err.as_bytes());
    let mut all = Vec::new();
    files(&out, &mut all);
    assert!(all.iter().any(|path| path.ends_with("streampack.json")));
    for path in all {
        assert_absent(&path.display().to_string(), &fs::read(&path).expect("readable"));
    }
}

#[test]
fn no_key_is_in_what_is_written_or_said() {
    let bench = Bench::new();
    let film = bench.film("film.mp4", H264, AAC);
    let keys = bench.keys().display().to_string();
    let file = ["--key-file", &keys];
    let whole = ["--encrypt", "aes-128", "--no-dash", "--key-uri", "https://keys.example/{kid}"];
    for scheme in [&["--encrypt", "cbcs"][..], &["--encrypt", "cenc"], &whole] {
        says_and_writes_no_key(&bench, &film, scheme[1], scheme, [&file, &file]);
    }
    let words = ["plan", &film.display().to_string(), "--json", "--encrypt", "cbcs"].map(str::to_owned);
    assert_absent("the plan", run(&words).expect(0).out.as_bytes());
}

#[test]
fn no_key_of_a_command_a_document_or_a_server_is_written_or_said() {
    let bench = Bench::new();
    let film = bench.film("film.mp4", H264, AAC);
    let command = format!("cat '{}'", bench.keys().display());
    let command = ["--key-command", &command];
    let cpix = bench.key_file("keys.xml", &servers::document()).display().to_string();
    let cpix = ["--cpix", &cpix];
    let cbcs = ["--encrypt", "cbcs"];
    says_and_writes_no_key(&bench, &film, "command", &cbcs, [&command, &command]);
    says_and_writes_no_key(&bench, &film, "cpix", &cbcs, [&cpix, &cpix]);
    let (url, answers) = servers::server(&[200]);
    says_and_writes_no_key(&bench, &film, "speke", &cbcs, [&["--speke", &url, "--content-id", "film"], &command]);
    assert_eq!(answers.join().expect("it ended").len(), 1);
}

#[test]
#[cfg(target_os = "linux")]
fn no_key_is_among_the_words_or_the_variables_of_a_run() {
    use crate::support::run::{Running, Signal};
    let bench = Bench::new();
    let keys = bench.keys().display().to_string();
    let command = format!("cat '{keys}'");
    let cpix = bench.key_file("keys.xml", &servers::document()).display().to_string();
    let (url, _answers) = servers::server(&[200]);
    let film = crate::support::clip("h264_720p25.mp4");
    let ways: [&[&str]; 4] = [
        &["--key-file", &keys],
        &["--key-command", &command],
        &["--cpix", &cpix],
        &["--speke", &url, "--content-id", "film"],
    ];
    for way in ways {
        let out = bench.at(way[0].trim_start_matches('-'));
        let mut running = Running::start(&film, &out, &[&["--encrypt", "cbcs"], way].concat());
        assert!(running.saw("\"planned\"", 1));
        for name in ["cmdline", "environ"] {
            let path = format!("/proc/{}/{name}", running.id());
            assert_absent(&path, &fs::read(&path).expect("our own child"));
        }
        let journal = out.join(".streampack");
        let mut all = Vec::new();
        files(&journal, &mut all);
        all.iter().for_each(|path| assert_absent("the journal", &fs::read(path).unwrap_or_default()));
        running.signal(Signal::Kill);
        running.end();
    }
}

#[test]
fn a_new_file_of_keys_is_one_that_encrypts() {
    let bench = Bench::new();
    let film = bench.film("film.mp4", H264, AAC);
    let path = bench.at("new.json").display().to_string();
    let words = ["keys", "new", "--per-type", "-o", &path].map(str::to_owned);
    let made = run(&words).expect(0);
    assert_eq!((made.out.as_str(), made.err.contains("5 new keys")), ("", true), "{}", made.err);
    let again = run(&words).refused(13);
    assert!(again.contains("already there"), "{again}");
    let ended = bench.packaged(&film, "out", &["--encrypt", "cbcs", "--key-file", &path]);
    assert_eq!(ended.warnings(), Vec::<String>::new());
}

#[test]
#[cfg(unix)]
fn a_key_file_that_others_may_read_is_told_and_a_command_may_print_one() {
    let bench = Bench::new();
    let film = bench.film("film.mp4", H264, AAC);
    let keys = bench.keys();
    let text = keys.display().to_string();
    let command = format!("cat '{text}'");
    let ended = bench.packaged(&film, "one", &["--encrypt", "cbcs", "--key-command", &command]);
    assert_eq!(ended.warnings(), Vec::<String>::new());
    fs::set_permissions(&keys, std::os::unix::fs::PermissionsExt::from_mode(0o644)).expect("ours");
    let ended = bench.packaged(&film, "two", &["--encrypt", "cbcs", "--key-file", &text]);
    assert_eq!(ended.warnings(), ["key_file_readable"]);
}

#[test]
fn another_key_makes_the_set_anew_and_the_same_one_does_not() {
    let bench = Bench::new();
    let film = bench.film("film.mp4", H264, AAC);
    let segment = || {
        let video = bench.renditions("out").into_iter().find(|name| name.starts_with("video")).expect("pictures");
        fs::read(bench.at("out").join(video).join("segment_00001.m4s")).expect("there")
    };
    bench.encrypted(&film, "out", "cenc", &[]);
    let first = segment();
    let summary = |ended: &crate::support::run::Ended| ended.events().last().expect("a summary").clone();
    let again = bench.encrypted(&film, "out", "cenc", &[]);
    assert!(again.events().iter().all(|event| event["type"] != "segment"), "{}", summary(&again));
    let other = bench.key_file(
        "other.json",
        &format!(r#"{{"keys": [{{"kid": "{}", "key": "{}"}}]}}"#, crate::bench::KID, KEY.replace('3', "4")),
    );
    bench.packaged(&film, "out", &["--encrypt", "cenc", "--key-file", &other.display().to_string()]);
    assert_ne!(segment(), first);
}
