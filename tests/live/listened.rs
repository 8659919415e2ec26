//! Publishers who come to us, and others who come to the same port.

use std::io::Write;
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::support::publisher::{Publisher, free_port, knows, programme};
use crate::support::run::{Running, Signal, run};
use crate::support::{TestDir, decode_cleanly};
use crate::{warnings, words};

pub(crate) const KEY: &str = "a-s3cret-key";

/// A file that holds a secret, which only its owner may read.
pub(crate) fn secret(directory: &TestDir, text: &str) -> PathBuf {
    let path = directory.join("secret");
    std::fs::write(&path, format!("{text}\n")).expect("writable");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).expect("it is ours");
    }
    path
}

/// A run that waits for publishers at `url`: one over RTMP that came before would be refused, and not try again.
pub(crate) fn waiting(url: &str, out: &Path, flags: &[&str]) -> Running {
    let flags = [&["--listen", url, "--dvr", "300", "--timeout", "8"], flags].concat();
    let all = words(Path::new(""), out, &flags);
    // The words name a source first, and this run has none.
    let running = Running::of(&all.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>());
    if let Some(port) = url.strip_prefix("rtmp://127.0.0.1:").and_then(|rest| rest.split('/').next()) {
        drop(connected(port.parse().expect("a port")));
    }
    running
}

/// Connects as soon as somebody listens.
pub(crate) fn connected(port: u16) -> TcpStream {
    loop {
        if let Ok(stream) = TcpStream::connect(("127.0.0.1", port)) {
            return stream;
        }
        std::thread::yield_now();
    }
}

/// What a publisher says that is refused.
fn refused(source: &Path, format: &str, url: &str) -> String {
    let mut command = Command::new("ffmpeg");
    command.args(["-v", "error", "-re", "-i"]).arg(source).args(["-c", "copy", "-f", format, url]);
    let output = command.stdin(Stdio::null()).output().expect("ffmpeg is installed");
    assert!(!output.status.success(), "{url} is not refused");
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Nothing below a directory holds a text.
fn is_nowhere(secret: &str, directory: &Path) {
    for entry in walkdir::WalkDir::new(directory).into_iter().map(|entry| entry.expect("readable")) {
        if entry.file_type().is_file() {
            let bytes = std::fs::read(entry.path()).expect("readable");
            let found = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
            assert!(!found, "{} holds the secret", entry.path().display());
        }
    }
}

#[test]
fn only_a_publisher_with_the_key_comes_in_and_nobody_else_disturbs_it() {
    let directory = TestDir::new();
    let source = programme(directory.path(), "programme.flv", 120, &[]);
    let key = secret(&directory, KEY);
    let out = directory.join("out");
    let port = free_port();
    let base = format!("rtmp://127.0.0.1:{port}");
    let flags = ["--stream-key-file", key.to_str().expect("text")];
    let mut live = waiting(&format!("{base}/live"), &out, &flags);

    // A port scan, another protocol, and many that say nothing: before there is a publisher, and while there is one.
    let disturb = || {
        drop(connected(port));
        connected(port).write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").expect("it listens");
        let mut garbage = connected(port);
        garbage.write_all(&[3; 4000]).expect("it listens");
        (0..150).map(|_| connected(port)).chain([garbage]).collect::<Vec<_>>()
    };
    let silent = disturb();
    let wrong = refused(&source, "flv", &format!("{base}/live/another"));
    assert!(wrong.contains("the stream key is wrong"), "{wrong}");
    // FFmpeg goes on to send, and may not come to read why the connection was closed.
    let wrong = refused(&source, "flv", &format!("{base}/other/{KEY}"));
    let closed = ["Broken pipe", "Connection reset"].iter().any(|why| wrong.contains(why));
    assert!(wrong.contains("there is no such application") || closed, "{wrong}");

    let url = format!("{base}/live/{KEY}");
    let first = Publisher::start(&source, &["-f", "flv", &url]);
    assert!(live.saw("\"type\":\"live\"", 2), "{:?}", live.end());
    let more = disturb();
    let second = refused(&source, "flv", &url);
    assert!(second.contains("somebody else is publishing"), "{second}");
    assert!(live.saw("\"type\":\"live\"", 3), "{:?}", live.end());
    assert!(!live.seen().contains("source_lost"), "{}", live.seen());
    drop((silent, more));

    first.kill();
    assert!(live.saw("source_lost", 1), "{:?}", live.end());
    drop(first);
    let again = Publisher::start(&source, &["-f", "flv", &url]);
    assert!(live.saw("source_back", 1), "{:?}", live.end());
    assert!(live.saw("\"type\":\"live\"", 3), "{:?}", live.end());
    live.signal(Signal::Term);
    let ended = live.end().expect(143);
    drop(again);
    // Two were refused before there was a publisher; they may be told of at once.
    let mut said = warnings(&ended);
    assert_eq!(said[0], "publisher_refused");
    said.retain(|code| code != "publisher_refused");
    assert_eq!(said, ["source_lost", "source_back"]);
    assert!(!ended.out.contains(KEY) && !ended.err.contains(KEY));
    is_nowhere(KEY, &out);
    decode_cleanly(&out.join("master.m3u8"));
}

#[test]
fn a_second_publisher_takes_over_where_that_is_asked_for() {
    let directory = TestDir::new();
    let source = programme(directory.path(), "programme.flv", 60, &[]);
    let key = secret(&directory, KEY);
    let (out, port) = (directory.join("out"), free_port());
    let flags = ["--stream-key-file", key.to_str().expect("text"), "--takeover", "replace"];
    let mut live = waiting(&format!("rtmp://127.0.0.1:{port}/live"), &out, &flags);
    let url = format!("rtmp://127.0.0.1:{port}/live/{KEY}");
    let first = Publisher::start(&source, &["-f", "flv", &url]);
    assert!(live.saw("\"type\":\"live\"", 2), "{:?}", live.end());
    let second = Publisher::start(&source, &["-f", "flv", &url]);
    assert!(live.saw("source_back", 1), "{:?}", live.end());
    assert!(live.saw("\"type\":\"live\"", 2), "{:?}", live.end());
    live.signal(Signal::Term);
    live.end().expect(143);
    drop((first, second));
    decode_cleanly(&out.join("master.m3u8"));
}

#[test]
fn publishers_over_srt_need_the_passphrase_and_may_come_back() {
    let directory = TestDir::new();
    let source = programme(directory.path(), "programme.ts", 60, &[]);
    let (out, port) = (directory.join("out"), free_port());
    let url = format!("srt://127.0.0.1:{port}");
    assert!(knows(&url), "this FFmpeg has no SRT, which the tests need");
    let phrase = secret(&directory, "correct-horse-battery");
    let mut live = waiting(&url, &out, &["--passphrase-file", phrase.to_str().expect("text")]);
    let wrong = refused(&source, "mpegts", &format!("{url}?passphrase=wrong-horse-battery"));
    assert!(!wrong.is_empty());
    let right = format!("{url}?passphrase=correct-horse-battery");
    let publish = || Publisher::start(&source, &["-f", "mpegts", "-flush_packets", "1", &right]);
    let first = publish();
    assert!(live.saw("\"type\":\"live\"", 2), "{:?}", live.end());
    first.kill();
    assert!(live.saw("source_lost", 1), "{:?}", live.end());
    drop(first);
    let again = publish();
    assert!(live.saw("source_back", 1), "{:?}", live.end());
    assert!(live.saw("\"type\":\"live\"", 2), "{:?}", live.end());
    live.signal(Signal::Term);
    let ended = live.end().expect(143);
    drop(again);
    assert!(!ended.out.contains("correct-horse") && !ended.err.contains("correct-horse"));
    is_nowhere("correct-horse", &out);
}

#[test]
fn secrets_come_from_files_and_are_asked_for_in_time() {
    let directory = TestDir::new();
    let key = secret(&directory, KEY);
    let (key, out) = (key.to_str().expect("text"), directory.join("out"));
    let said = |words: &[&str], code: i32| {
        let all = [&["live", "-o", out.to_str().expect("text")], words].concat();
        run(&all).expect(code).err
    };
    let line = said(&["--listen", "rtmp://127.0.0.1:1935/live"], 2);
    assert!(line.contains("name a file that holds it with --stream-key-file"), "{line}");
    let line = said(&["--listen", "http://127.0.0.1:80/x"], 2);
    assert!(line.contains("it can be listened at rtmp://ADDRESS:PORT/APPLICATION"), "{line}");
    let line = said(&["https://127.0.0.1:1/x", "--stream-key-file", key], 2);
    assert!(line.contains("a stream key is for rtmp, rtmps and srt"), "{line}");
    let line = said(&["rtmp://127.0.0.1:1/live", "--stream-key-file", "/nowhere"], 10);
    assert!(line.contains("cannot read the stream key /nowhere"), "{line}");
    let line = said(&["srt://127.0.0.1:1", "--passphrase-file", "/nowhere"], 10);
    assert!(line.contains("cannot read the passphrase /nowhere"), "{line}");
    // SRT's listener looks at passphrases alone.
    let line = said(&["--listen", "srt://127.0.0.1:9000"], 2);
    assert!(line.contains("name a file that holds it with --passphrase-file"), "{line}");
    let phrase = ["--listen", "srt://127.0.0.1:9000", "--passphrase-file", key];
    let line = said(&[&phrase[..], &["--stream-key-file", key]].concat(), 2);
    assert!(line.contains("whatever their stream id"), "{line}");
    let line = said(&[&phrase[..], &["--takeover", "replace"]].concat(), 2);
    assert!(line.contains("--takeover is for rtmp://"), "{line}");
    // What is refused is not repeated.
    for words in
        [&["--listen", "srt://0.0.0.0:9000?passphrase=hunter2hunter2"][..], &["rtmpx://host/live/hunter2hunter2"]]
    {
        let line = said(words, 2);
        assert!(!line.contains("hunter2"), "{line}");
    }
    // A key that is taken from a file goes where it belongs, and is not shown.
    let line = said(&["rtmp://127.0.0.1:1/live", "--stream-key-file", key], 14);
    assert!(line.contains("cannot read rtmp://127.0.0.1:1/live: Connection refused"), "{line}");
    let line = said(&["http://me:pass@127.0.0.1:1/x"], 14);
    assert!(line.contains("the URL holds a password") && !line.contains("pass@"), "{line}");
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("there are ports");
    let url = format!("rtmp://{}/live", taken.local_addr().expect("bound"));
    let line = said(&["--listen", &url, "--stream-key-file", key], 14);
    assert!(line.contains("cannot listen there"), "{line}");
    let taken = std::net::UdpSocket::bind("127.0.0.1:0").expect("there are ports");
    let url = format!("srt://{}", taken.local_addr().expect("bound"));
    let line = said(&["--listen", &url, "--passphrase-file", key], 14);
    assert!(line.contains("cannot listen there"), "{line}");
}

#[test]
fn a_server_that_repeats_the_key_does_not_bring_it_into_the_log() {
    let directory = TestDir::new();
    let (key, out) = (secret(&directory, KEY), directory.join("out"));
    let server = std::net::TcpListener::bind("127.0.0.1:0").expect("there are ports");
    let url = format!("http://me:{KEY}@{}/x", server.local_addr().expect("bound"));
    // FFmpeg names what it cannot open whole.
    drop(server);
    let out = out.to_str().expect("text");
    let line = run(&["-vv", "live", "-o", out, &url]).expect(14).err;
    assert!(!line.contains(KEY) && line.contains("FFmpeg's own messages are left out"), "{line}");
    let url = "rtmp://127.0.0.1:1/live";
    let line = run(&["-vv", "live", "-o", out, url, "--stream-key-file", key.to_str().expect("text")]).expect(14).err;
    assert!(!line.contains(KEY), "{line}");
}

#[test]
fn a_caller_over_srt_that_says_nothing_does_not_keep_others_out() {
    let directory = TestDir::new();
    let source = programme(directory.path(), "programme.ts", 60, &[]);
    let (out, port) = (directory.join("out"), free_port());
    let url = format!("srt://127.0.0.1:{port}");
    assert!(knows(&url), "this FFmpeg has no SRT, which the tests need");
    let phrase = secret(&directory, "correct-horse-battery");
    let mut live = waiting(&url, &out, &["--passphrase-file", phrase.to_str().expect("text")]);
    let right = format!("{url}?passphrase=correct-horse-battery");
    // What is to be played backwards ends first: it calls, and has nothing to say.
    let mut command = Command::new("ffmpeg");
    command.args(["-v", "error", "-re", "-f", "lavfi", "-i", "anullsrc", "-af", "areverse", "-f", "mpegts", &right]);
    let mut silent = command.stdin(Stdio::null()).stderr(Stdio::null()).spawn().expect("ffmpeg is installed");
    assert!(live.saw("unusable_publisher", 1), "{:?}", live.end());
    let publisher = Publisher::start(&source, &["-f", "mpegts", "-flush_packets", "1", &right]);
    assert!(live.saw("\"type\":\"live\"", 2), "{:?}", live.end());
    live.signal(Signal::Term);
    live.end().expect(143);
    let _ = silent.kill();
    let _ = silent.wait();
    drop(publisher);
}
