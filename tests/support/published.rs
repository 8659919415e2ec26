//! Small sets that were never encoded, and runs of `sync` that publish them to a server of the test.

use std::ffi::OsStr;
use std::fs;
use std::path::Path;

use super::run::{Ended, Running};

/// What a set looks like to `sync`: files, and a report that lists them.
pub fn make_set(root: &Path, segments: usize) {
    let mut files = Vec::new();
    for rendition in ["video/360p_h264", "audio/en_aac_128k"] {
        files.push((format!("{rendition}/init.mp4"), format!("header of {rendition}")));
        let segment = |n: usize| (format!("{rendition}/segment_{n:05}.m4s"), format!("segment {n} of {rendition}"));
        files.extend((1..=segments).map(segment));
        files.push((format!("{rendition}/playlist.m3u8"), format!("#EXTM3U\n{segments} segments of {rendition}\n")));
    }
    for (key, body) in [
        ("thumbnails/sprite_00001.jpg", "picture"),
        ("thumbnails/thumbnails.vtt", "WEBVTT"),
        ("poster.jpg", "poster"),
        ("master.m3u8", "#EXTM3U"),
        ("manifest.mpd", "<MPD/>"),
    ] {
        files.push((key.to_owned(), body.to_owned()));
    }
    for (key, body) in &files {
        put(root, key, body.as_bytes());
    }
    report(root, &files.into_iter().map(|(key, _)| key).collect::<Vec<_>>());
}

/// Writes a file below `root`.
pub fn put(root: &Path, key: &str, body: &[u8]) {
    let path = root.join(key);
    fs::create_dir_all(path.parent().expect("below the root")).expect("writable");
    fs::write(path, body).expect("writable");
}

/// Writes a report that lists these files.
pub fn report<S: AsRef<str>>(root: &Path, keys: &[S]) {
    let listed = keys.iter().map(|key| {
        let key = key.as_ref();
        let bytes = fs::metadata(root.join(key)).expect("it is there").len();
        serde_json::json!({ "key": key, "bytes": bytes })
    });
    let report = serde_json::json!({ "v": 1, "tool": "streampack 0.1.0", "files": listed.collect::<Vec<_>>() });
    fs::write(root.join("streampack.json"), report.to_string()).expect("writable");
}

/// The keys that a report lists.
pub fn listed(root: &Path) -> Vec<String> {
    let text = fs::read_to_string(root.join("streampack.json")).expect("the report");
    let report: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let files = report["files"].as_array().expect("files").clone();
    files.iter().map(|file| file["key"].as_str().expect("a key").to_owned()).collect()
}

/// What a run knows of the server: where it is, and who asks.
pub fn environment(url: &str) -> Vec<(&'static str, String)> {
    let text = |value: &str| value.to_owned();
    vec![
        ("AWS_ENDPOINT_URL", text(url)),
        ("AWS_ACCESS_KEY_ID", text("AKIATEST")),
        ("AWS_SECRET_ACCESS_KEY", text("topsecret")),
        ("AWS_REGION", text("us-east-1")),
    ]
}

/// `streampack sync SOURCE DESTINATION --json` with flags, to its end.
pub fn sync(source: &Path, destination: &str, url: &str, flags: &[&str]) -> Ended {
    start(source, destination, url, flags).end()
}

/// The same, while the test looks on.
pub fn start(source: &Path, destination: &str, url: &str, flags: &[&str]) -> Running {
    let words = [OsStr::new("sync"), source.as_os_str(), OsStr::new(destination), OsStr::new("--json")];
    let words: Vec<&OsStr> = words.into_iter().chain(flags.iter().map(OsStr::new)).collect();
    Running::with(&words, &environment(url))
}
