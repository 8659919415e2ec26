//! What live sources do: they jump, they fall silent in part, they are not there.

use std::path::Path;

use crate::support::TestDir;
use crate::support::publisher::{Publisher, free_port, knows, programme};
use crate::support::run::{Ended, run, run_with_input};
use crate::support::serving::Serving;
use crate::{attribute, lengths, text, warnings, words};

/// Ends of all renditions in seconds, of a set whose window holds all of it.
fn ends(out: &Path) -> Vec<f64> {
    let renditions = ["video/180p_h264", "video/90p_h264", "audio/und_aac_128k"];
    let end = |rendition: &str| lengths(&text(&out.join(rendition).join("playlist.m3u8"))).iter().sum();
    renditions.map(end).to_vec()
}

#[test]
fn a_programme_goes_on_without_a_gap_where_timestamps_jump() {
    let directory = TestDir::new();
    for offset in ["3600", "20"] {
        let one = programme(directory.path(), "one.ts", 3, &["-output_ts_offset", "600"]);
        let other = programme(directory.path(), "other.ts", 3, &["-output_ts_offset", offset]);
        let both = directory.join("both.ts");
        let bytes = [one, other].map(|path| std::fs::read(path).expect("readable")).concat();
        std::fs::write(&both, bytes).expect("writable");
        let out = directory.join(offset);
        let ended = run_with_input(&words(Path::new("-"), &out, &["--dvr", "60"]), &both).expect(0);
        assert_eq!(warnings(&ended), ["timestamp_jump"]);
        for end in ends(&out) {
            assert!((end - 6.0).abs() < 0.3, "{offset}: {:?}", ends(&out));
        }
    }
}

#[test]
fn silence_takes_the_place_of_sound_that_ends_early() {
    let directory = TestDir::new();
    let source = programme(directory.path(), "programme.flv", 6, &["-af", "atrim=end=2"]);
    let out = directory.join("out");
    run(&words(&source, &out, &["--dvr", "60"])).expect(0);
    for end in ends(&out) {
        assert!((end - 6.0).abs() < 0.05, "{:?}", ends(&out));
    }
}

#[test]
fn sound_alone_is_a_programme_too() {
    let directory = TestDir::new();
    let source = programme(directory.path(), "programme.ts", 4, &["-vn"]);
    let out = directory.join("out");
    run(&words(&source, &out, &["--dvr", "60"])).expect(0);
    let sum: f64 = lengths(&text(&out.join("audio/und_aac_128k/playlist.m3u8"))).iter().sum();
    assert!((sum - 4.0).abs() < 0.05, "{sum}");
    assert!(!out.join("video").exists());
    assert_eq!(attribute(&text(&out.join("manifest.mpd")), "contentType"), "audio");
}

/// Runs until somebody listens at the URL. The end of a connection is not always told from its loss.
fn pulled(url: &str, out: &Path) -> Ended {
    loop {
        let ended = run(&words(Path::new(url), out, &["--dvr", "60", "--timeout", "20", "--on-loss", "end"]));
        if ended.code != Some(14) {
            assert!(matches!(ended.code, Some(0 | 16)), "{ended:?}");
            return ended;
        }
    }
}

#[test]
fn a_stream_is_pulled_over_rtmp_and_srt() {
    let directory = TestDir::new();
    let (flv, ts) = (programme(directory.path(), "p.flv", 4, &[]), programme(directory.path(), "p.ts", 4, &[]));
    let port = free_port();
    let rtmp = format!("rtmp://127.0.0.1:{port}/live/key");
    let srt = format!("srt://127.0.0.1:{port}");
    let listener = format!("{srt}?mode=listener");
    let sources =
        [(&flv, vec!["-f", "flv", "-listen", "1", &rtmp], &rtmp), (&ts, vec!["-f", "mpegts", &listener], &srt)];
    for (source, words, url) in sources {
        if !knows(url) {
            continue;
        }
        let publisher = Publisher::start(source, &words);
        let out = directory.join(&url[..4]);
        let ended = pulled(url, &out);
        drop(publisher);
        assert!(!ended.out.contains("live/key"), "{}", ended.out);
        // What was sent before we listened, and what was under way at the end, is not there.
        let ends = ends(&out);
        assert!(ends.iter().all(|end| (0.9..4.1).contains(end)), "{url}: {ends:?}");
        assert!(text(&out.join("video/90p_h264/playlist.m3u8")).ends_with("#EXT-X-ENDLIST\n"), "{url}");
    }
}

#[test]
fn a_stream_is_pulled_from_another_set_over_http() {
    let directory = TestDir::new();
    let source = programme(directory.path(), "programme.ts", 4, &[]);
    let (first, second) = (directory.join("first"), directory.join("second"));
    run(&words(&source, &first, &["--dvr", "60"])).expect(0);
    let server = Serving::start(&first, &[]);
    run(&words(Path::new(&server.url("master.m3u8")), &second, &["--dvr", "60"])).expect(0);
    for end in ends(&second) {
        assert!((end - 4.0).abs() < 0.1, "{:?}", ends(&second));
    }
}

#[test]
fn a_source_that_is_not_there_is_named_without_its_key() {
    let directory = TestDir::new();
    let out = directory.join("out");
    // Port 1 has no listener.
    let line = run(&words(Path::new("rtmp://127.0.0.1:1/live/s3cret"), &out, &[])).expect(14).err;
    assert!(line.contains("cannot read rtmp://127.0.0.1:1/live/…: Connection refused"), "{line}");
    let ended = run(&words(Path::new("rtmp://127.0.0.1:1/live/s3cret"), &out, &[])).expect(14);
    assert!(!ended.out.contains("s3cret") && !ended.err.contains("s3cret"), "{ended:?}");
    assert!(!out.exists());
    let line = run(&words(Path::new("ftp://host/x"), &out, &[])).expect(2).err;
    assert!(line.contains("`ftp://` is no live source"), "{line}");
}

#[test]
fn what_needs_the_whole_programme_is_refused() {
    let directory = TestDir::new();
    let source = programme(directory.path(), "programme.ts", 1, &[]);
    let out = directory.join("out");
    let line = run(&words(&source, &out, &["--rate-control", "two-pass"])).expect(2).err;
    assert!(line.contains("rate_control cannot be two-pass for a live programme"), "{line}");
    let small =
        ["live".as_ref(), source.as_os_str(), "-o".as_ref(), out.as_os_str(), "--window".as_ref(), "2".as_ref()];
    let line = run(&small).expect(2).err;
    assert!(line.contains("window cannot be 2; use 3 or more segments"), "{line}");
    assert!(!out.exists());
}
