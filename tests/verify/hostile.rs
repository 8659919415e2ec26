//! Sets that were made to hurt: they give violations, and neither a panic nor a flood.

use std::fs;
use std::path::Path;

use streampack::plan::Layout;

use crate::support::TestDir;
use crate::{change, copy, findings, good_sets, lines, made};

/// Numbers that look random and are the same in every run (xorshift).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit.max(1) as u64) as usize
    }
}

/// A text with one of its numbers replaced by one that is hard to calculate with.
fn with_another_number(text: &str, numbers: &mut Numbers) -> String {
    const HARD: [&str; 6] = ["0", "1", "-1", "4294967296", "9223372036854775807", "18446744073709551615"];
    let starts: Vec<usize> = text.match_indices(|c: char| c.is_ascii_digit()).map(|(at, _)| at).collect();
    let Some(at) = starts.get(numbers.below(starts.len())) else { return text.to_owned() };
    let rest = text[*at..].trim_start_matches(|c: char| c.is_ascii_digit());
    format!("{}{}{rest}", &text[..*at], HARD[numbers.below(HARD.len())])
}

#[test]
fn damaged_files_are_read_without_a_panic() {
    let good = good_sets();
    let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15);
    for layout in ["segments", "single"] {
        let root = good.join(layout);
        let files: Vec<_> = walkdir::WalkDir::new(&root)
            .into_iter()
            .map(|entry| entry.expect("the set is readable"))
            .filter(|entry| entry.file_type().is_file())
            .map(walkdir::DirEntry::into_path)
            .collect();
        for path in files {
            let bytes = fs::read(&path).expect("the set is readable");
            let times = if bytes.len() < 8192 { 12 } else { 6 };
            for _ in 0..times {
                let mut damaged = bytes.clone();
                if let Some(text) = std::str::from_utf8(&bytes).ok().filter(|_| numbers.below(2) == 0) {
                    damaged = with_another_number(text, &mut numbers).into_bytes();
                }
                // Mostly where the structure is.
                for _ in 0..=numbers.below(4) {
                    let at = numbers.below(damaged.len().min(1200));
                    damaged[at] = numbers.below(256) as u8;
                }
                if numbers.below(4) == 0 {
                    damaged.truncate(numbers.below(damaged.len()));
                }
                fs::write(&path, damaged).expect("the set is writable");
                findings(&root);
            }
            fs::write(&path, bytes).expect("the set is writable");
        }
        assert_eq!(lines(&findings(&root).0), "", "every file is whole again");
    }
}

/// Breaks a copy of the set in `good` and expects a violation of a clause.
#[track_caller]
fn breaks(good: &TestDir, clause: &str, change: impl Fn(&Path)) {
    let directory = TestDir::new();
    let root = directory.join("set");
    copy(&good.join("set"), &root);
    change(&root);
    let (found, _) = findings(&root);
    assert!(found.iter().any(|finding| finding.rule.clause == clause), "no {clause} among\n{}", lines(&found));
}

/// A good set of segment files, in `set` of a directory.
fn good() -> TestDir {
    let directory = TestDir::new();
    made::set(&directory.join("set"), Layout::SegmentFiles);
    directory
}

#[test]
fn counts_that_cannot_be_are_not_believed() {
    let good = good();
    const SEGMENT: &str = "video/180p_h264/segment_00002.m4s";
    breaks(&good, "CMAF 7.3.2.3", |root| {
        // Four billion samples that all take what tfhd says.
        change::poke(root, SEGMENT, b"trun", 2, 0);
        for at in 4..8 {
            change::poke(root, SEGMENT, b"trun", at, 0xff);
        }
    });
    breaks(&good, "CMAF 7.3.3.1", |root| {
        // A box of sixteen exabytes.
        change::bytes(root, SEGMENT, |bytes| {
            let long = [&[0, 0, 0, 1][..], b"mdat", &[0xff; 8]].concat();
            bytes.splice(0..0, long);
        });
    });
}

#[test]
fn a_playlist_that_leads_to_itself_ends() {
    let good = good();
    breaks(&good, "RFC 8216bis 4.1", |root| {
        change::text(root, "master.m3u8", "video/180p_h264/playlist.m3u8", "master.m3u8");
    });
    breaks(&good, "CMAF 7.3", |root| {
        let playlist = "video/180p_h264/playlist.m3u8";
        change::text(root, playlist, "#EXT-X-MAP:URI=\"init.mp4\"\n", "");
        change::text(root, playlist, "segment_00001.m4s", "playlist.m3u8");
    });
}

#[test]
fn nothing_outside_of_the_set_is_opened() {
    let good = good();
    for uri in ["../secret.m4s", "/etc/passwd", "%2e%2e/%2e%2e/%2e%2e/etc/passwd"] {
        breaks(&good, "RFC 3986 5.2", |root| {
            fs::write(root.with_file_name("secret.m4s"), "x").expect("a temporary directory is writable");
            change::text(root, "master.m3u8", "video/180p_h264/playlist.m3u8", uri);
        });
    }
    breaks(&good, "RFC 3986 4.2", |root| {
        change::text(root, "master.m3u8", "video/180p_h264/playlist.m3u8", "http://localhost:1/playlist.m3u8");
    });
    #[cfg(unix)]
    breaks(&good, "RFC 3986 5.2", |root| {
        fs::remove_file(root.join("video/180p_h264/init.mp4")).expect("the set is writable");
        std::os::unix::fs::symlink("/etc/passwd", root.join("video/180p_h264/init.mp4")).expect("a link can be made");
    });
}

#[test]
fn manifests_of_nothing_are_no_good_sets() {
    for (name, text, clause) in [
        ("a.m3u8", "", "RFC 8216bis 4.4.1.1"),
        ("a.m3u8", "#EXTM3U\n", "RFC 8216bis 4.4.3.1"),
        ("a.m3u8", "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n", "RFC 8216bis 4.4.6.2"),
        ("a.mpd", "", "XML 1.0 2.1"),
        ("a.mpd", "<MPD xmlns=\"urn:mpeg:dash:schema:mpd:2011\"/>", "ISO 23009-1 5.3.2"),
    ] {
        let directory = TestDir::new();
        fs::write(directory.join(name), text).expect("a temporary directory is writable");
        let (found, _) = findings(directory.path());
        assert!(found.iter().any(|finding| finding.rule.clause == clause), "{text:?}: {}", lines(&found));
    }
}

#[test]
fn a_copy_of_a_good_set_is_good_wherever_it_lies() {
    let good = good_sets();
    let elsewhere = TestDir::new();
    let root = elsewhere.join("with space/and%20percent");
    copy(&good.join("single"), &root);
    assert_eq!(lines(&findings(&root).0), "");
}
