//! What is refused, and with which words.

use crate::bench::{AAC, Bench, H264};
use crate::support::run::package;

#[test]
fn what_cannot_be_encrypted_is_refused_before_anything_is_written() {
    let bench = Bench::new();
    let film = bench.film("film.mp4", H264, AAC);
    let keys = bench.keys().display().to_string();
    let audio_only = r#"{"keys": [{"type": "AUDIO", "kid": "01010101010101010101010101010101", "key": "02020202020202020202020202020202"}]}"#;
    let audio_only = bench.key_file("audio.json", audio_only).display().to_string();
    let broken = bench.key_file("broken.json", "{\"keys\": [{\"kid\": 7}]}").display().to_string();
    let absent = bench.at("absent.json").display().to_string();
    let cases: [(&[&str], i32, &str); 12] = [
        (&["--encrypt", "cbcs"], 2, "--key-file"),
        (&["--key-file", &keys], 2, "--encrypt"),
        (&["--encrypt", "cenc", "--drm", "fairplay", "--key-file", &keys], 2, "FairPlay does not play cenc"),
        (&["--encrypt", "cbcs", "--drm", "clearkey", "--key-file", &keys], 2, "no licence server"),
        (&["--encrypt", "cbcs", "--drm", "common", "--key-file", &keys], 2, "HLS has no way to name a key"),
        (&["--encrypt", "cbcs", "--hdcp-level", "type-0", "--no-hls", "--key-file", &keys], 2, "HDCP"),
        (&["--encrypt", "cbcs", "--fairplay-uri", "skd://a", "--no-hls", "--key-file", &keys], 2, "FairPlay plays HLS"),
        (&["--encrypt", "cbcs", "--crypto-period", "0", "--key-file", &keys], 2, "for no time"),
        (&["--drm", "widevine", "--key-file", &keys], 2, "nothing says how"),
        (&["--encrypt", "cbcs", "--key-file", &audio_only], 2, "no key is for SD tracks"),
        (&["--encrypt", "cbcs", "--key-file", &broken], 10, "line 1"),
        (&["--encrypt", "cbcs", "--key-file", &absent], 10, "absent.json"),
    ];
    for (flags, code, words) in cases {
        let said = package(&[&film], &bench.at("out"), flags).refused(code);
        assert!(said.contains(words), "{flags:?}: {said}");
        let left = std::fs::read_dir(bench.at("out")).map_or(0, Iterator::count);
        assert_eq!(left, 0, "{flags:?} left something");
    }
}
