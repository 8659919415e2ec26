//! What timestamps of a source do, and what the programme makes of it.

use std::path::{Path, PathBuf};

use crate::support::publisher::programme;
use crate::support::run::run_with_input;
use crate::support::{TestDir, decode_cleanly};
use crate::{lengths, text, warnings, words};

/// Makes a programme of the file, and gives its warnings and where its renditions end, in seconds. No segment may be
/// longer than its playlist promises.
fn made(source: &Path, out: &Path) -> (Vec<String>, [f64; 3]) {
    let ended = run_with_input(&words(Path::new("-"), out, &["--dvr", "60"]), source).expect(0);
    let end = |rendition: &str| {
        let playlist = text(&out.join(rendition).join("playlist.m3u8"));
        let lengths = lengths(&playlist);
        assert!(playlist.contains("#EXT-X-TARGETDURATION:1\n"), "{playlist}");
        assert!(lengths.iter().all(|length| *length < 1.1), "{playlist}");
        lengths.iter().sum()
    };
    let ends = ["video/180p_h264", "video/90p_h264", "audio/und_aac_128k"].map(end);
    decode_cleanly(&out.join("master.m3u8"));
    (warnings(&ended), ends)
}

/// All renditions end at about the same time, near to what is said.
fn check_ends(ends: [f64; 3], seconds: f64, name: &str) {
    for end in ends {
        assert!((end - seconds).abs() < 0.35 && (end - ends[0]).abs() < 0.1, "{name}: {ends:?}");
    }
}

/// Changes the timestamp of each tag of an FLV file, which `change` gets with its place in the file.
fn with_timestamps(source: &Path, change: impl Fn(u32, usize) -> u32) -> PathBuf {
    const HEADER: usize = 13;
    let mut bytes = std::fs::read(source).expect("readable");
    let (mut at, mut count) = (HEADER, 0);
    while at + 11 <= bytes.len() {
        let length = u32::from_be_bytes([0, bytes[at + 1], bytes[at + 2], bytes[at + 3]]) as usize;
        let old = u32::from_be_bytes([bytes[at + 7], bytes[at + 4], bytes[at + 5], bytes[at + 6]]);
        let [extended, rest @ ..] = change(old, count).to_be_bytes();
        bytes[at + 4..at + 7].copy_from_slice(&rest);
        bytes[at + 7] = extended;
        (at, count) = (at + 11 + length + 4, count + 1);
    }
    let path = source.with_extension("changed.flv");
    std::fs::write(&path, bytes).expect("writable");
    path
}

/// 2^31 ms are 24 days 20 hours, where FLV's signed timestamps wrap.
#[test]
fn flv_that_is_on_for_25_days_goes_on() {
    let directory = TestDir::new();
    let source = programme(directory.path(), "programme.flv", 6, &[]);
    let long = with_timestamps(&source, |at, _| at.wrapping_add((1 << 31) - 3000));
    let (_, ends) = made(&long, &directory.join("out"));
    check_ends(ends, 6.0, "2^31 ms");
}

/// 33 bits of 90 kHz wrap after 26 hours and a half.
#[test]
fn mpeg_ts_that_is_on_for_27_hours_goes_on() {
    let directory = TestDir::new();
    let source = programme(directory.path(), "programme.ts", 6, &["-output_ts_offset", "95440.7"]);
    let (warnings, ends) = made(&source, &directory.join("out"));
    assert_eq!(warnings, Vec::<String>::new());
    check_ends(ends, 6.0, "33 bits");
}

#[test]
fn one_tag_with_a_time_of_its_own_moves_nothing_else() {
    let directory = TestDir::new();
    let source = programme(directory.path(), "programme.flv", 6, &[]);
    for (name, outlier) in [("late", 7_200_000), ("early", 0)] {
        let odd = with_timestamps(&source, |at, count| if count == 150 { outlier } else { at });
        let (_, ends) = made(&odd, &directory.join(name));
        check_ends(ends, 6.0, name);
    }
}

/// An encoder that is set up anew while it is on the air: another size, another rate of sound.
#[test]
fn what_changes_its_size_and_rate_on_the_way_stays_the_programme_that_it_was() {
    let directory = TestDir::new();
    let one = programme(directory.path(), "one.ts", 3, &[]);
    let other = ["-vf", "scale=240:240", "-ar", "32000", "-ac", "1", "-output_ts_offset", "3"];
    let other = programme(directory.path(), "other.ts", 3, &other);
    let both = directory.join("both.ts");
    let bytes = [one, other].map(|path| std::fs::read(path).expect("readable")).concat();
    std::fs::write(&both, bytes).expect("writable");
    let (_, ends) = made(&both, &directory.join("out"));
    check_ends(ends, 6.0, "changed");
}

/// A microphone that is off for a while, and a camera.
#[test]
fn what_is_missing_in_the_middle_is_filled() {
    let directory = TestDir::new();
    for (name, words) in
        [("silent", ["-af", "aselect='not(between(t,2,5))'"]), ("dark", ["-vf", "select='not(between(t,2,5))'"])]
    {
        let words = [&words[..], &["-fps_mode", "passthrough"]].concat();
        let source = programme(directory.path(), &format!("{name}.flv"), 8, &words);
        let (warnings, ends) = made(&source, &directory.join(name));
        assert_eq!(warnings, Vec::<String>::new(), "{name}");
        check_ends(ends, 8.0, name);
    }
}
