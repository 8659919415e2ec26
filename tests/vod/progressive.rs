//! One plain file of a rung, for download.

use std::fs::{self, File};
use std::io::BufReader;
use std::path::Path;
use std::process::Command;

use super::{Encoded, SMALL};
use crate::support::look::{beeps_in, joined, packets};
use crate::support::run::encode;
use crate::support::{TestDir, clip};

/// Segments of a second, so that there is something to put together.
const FLAGS: &[&str] = &["--segment-duration", "1", "--gop", "1", "--progressive", "120p"];

const FILE: &str = "progressive/120p.mp4";

/// The kinds of the boxes of a file, in order.
fn kinds(path: &Path) -> Vec<String> {
    let bytes = fs::read(path).expect("it is there");
    let (mut kinds, mut at) = (Vec::new(), 0);
    while at < bytes.len() {
        let number = |from: usize, to: usize| bytes[from..to].iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte));
        let size = match number(at, at + 4) {
            1 => number(at + 8, at + 16),
            size => size,
        };
        kinds.push(String::from_utf8_lossy(&bytes[at + 4..at + 8]).into_owned());
        at += size;
    }
    kinds
}

/// What ffprobe says of the file: start and end of each stream in seconds.
fn times(path: &Path) -> Vec<[f64; 2]> {
    let mut ffprobe = Command::new("ffprobe");
    ffprobe.args(["-v", "error", "-show_entries", "stream=start_time,duration", "-of", "csv=p=0"]).arg(path);
    let output = ffprobe.output().expect("the ffprobe command is installed (make test does it)");
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let numbers = |line: &str| {
        let mut numbers = line.split(',').map(|number| number.parse::<f64>().expect("a time"));
        let start = numbers.next().expect("a start");
        [start, start + numbers.next().expect("a length")]
    };
    text.lines().map(numbers).collect()
}

#[test]
fn it_holds_the_very_samples_with_its_index_first() {
    let set = Encoded::small_with("flash_beep.mp4", FLAGS);
    let plain = set.root().join(FILE);
    assert_eq!(kinds(&plain), ["ftyp", "moov", "mdat"]);
    let directory = TestDir::new();
    for (stream, name) in [("v", "120p_h264"), ("a", "und_aac_128k")] {
        let rendition = joined(&set.root(), set.facts.track(name), &directory);
        let own = packets(&plain, stream);
        assert!(own.len() > 50 && own == packets(&rendition, stream), "the packets of {name} differ");
    }
    let listed = &set.facts.report["progressive"][0];
    assert_eq!(
        (&listed["file"], &listed["video"], &listed["audio"]),
        (&FILE.into(), &"120p_h264".into(), &"und_aac_128k".into())
    );
    assert_eq!(listed["bytes"].as_u64(), Some(set.facts.sizes[FILE]));
}

#[test]
fn pictures_and_sound_are_in_sync_and_begin_at_zero() {
    let set = Encoded::small_with("flash_beep.mp4", FLAGS);
    let plain = set.root().join(FILE);
    let heard = beeps_in(&plain);
    assert!(
        heard.len() == 2 && heard.iter().zip([1.0, 2.0]).all(|(is, right)| (is - right).abs() < 0.003),
        "{heard:?}"
    );
    // Every picture is shown when it is in the rendition, though offsets below zero are none here.
    let shown = |path: &Path| {
        let mut ffprobe = Command::new("ffprobe");
        ffprobe.args(["-v", "error", "-select_streams", "v", "-show_entries", "frame=pts_time", "-of", "csv=p=0"]);
        let output = ffprobe.arg(path).output().expect("the ffprobe command is installed (make test does it)");
        String::from_utf8_lossy(&output.stdout)
            .lines()
            .map(|line| line.trim_matches(',').to_owned())
            .collect::<Vec<_>>()
    };
    let shown = shown(&plain);
    let frame =
        1.0 / set.facts.report["video"][0]["frame_rate"].as_str().and_then(|r| r.parse::<f64>().ok()).expect("whole");
    assert_eq!(shown.len(), set.facts.track("120p_h264").fragments().map(|f| f.samples.len()).sum::<usize>());
    for (at, time) in shown.iter().enumerate() {
        let time: f64 = time.parse().expect("a time");
        assert!((time - at as f64 * frame).abs() < 1e-4, "picture {at} is shown at {time}");
    }
    let times = times(&plain);
    assert!(times.iter().all(|[start, _]| start.abs() < 1e-3), "{times:?}");
    assert!((times[0][1] - times[1][1]).abs() <= 1024.0 / 44_100.0, "{times:?}");
}

#[test]
fn another_reader_finds_every_sample() {
    let set = Encoded::small_with("h264_720p25.mp4", FLAGS);
    let file = File::open(set.root().join(FILE)).expect("it is there");
    let size = file.metadata().expect("readable").len();
    let mut reader = mp4::Mp4Reader::read_header(BufReader::new(file), size).expect("the mp4 crate reads it");
    assert_eq!(reader.tracks().len(), set.facts.audio.len() + 1);
    let pictures = set.facts.track("120p_h264");
    let samples: Vec<_> = pictures.fragments().flat_map(|fragment| &fragment.samples).collect();
    assert_eq!(reader.sample_count(1).expect("a track"), samples.len() as u32);
    let lowest = samples.iter().map(|sample| sample.composition).min().unwrap_or(0);
    for (at, right) in samples.iter().enumerate() {
        let sample = reader.read_sample(1, at as u32 + 1).expect("readable").expect("a sample");
        assert_eq!((sample.bytes.len() as u32, sample.duration), (right.size, right.duration), "sample {at}");
        assert_eq!(i64::from(sample.rendering_offset), right.composition - lowest, "sample {at}");
    }
}

#[test]
fn it_is_the_same_beside_segments_and_beside_single_files() {
    let segments = Encoded::small_with("flash_beep.mp4", FLAGS);
    let single = Encoded::small_with("flash_beep.mp4", &[FLAGS, &["--single-file"]].concat());
    let read = |set: &Encoded| fs::read(set.root().join(FILE)).expect("it is there");
    assert!(read(&segments) == read(&single));
    assert_eq!(segments.facts.report["progressive"][0]["audio"], "und_aac_128k");
}

#[test]
fn a_source_that_is_smaller_gives_its_largest_rung() {
    let ladder = ["--ladder", "1080p@3M,120p@150k", "--speed", "draft", "--progressive", "1080p"];
    let set = Encoded::with(&clip("flash_beep.mp4"), &ladder);
    let largest = set.facts.video[0].name().trim_end_matches("_h264").to_owned();
    assert_eq!(set.ended.warnings(), ["smaller_download"]);
    assert!(set.facts.sizes.contains_key(&format!("progressive/{largest}.mp4")), "{:?}", set.facts.sizes.keys());
}

#[test]
fn a_rung_that_is_not_there_is_refused_with_those_that_are() {
    let directory = TestDir::new();
    let flags = [SMALL, &["--progressive", "700p"]].concat();
    let ended = encode(&clip("flash_beep.mp4"), &directory.join("out"), &flags).expect(2);
    assert!(
        ended.out.contains("cannot write 700p for download: no rung has this size; choose one of 180p, 120p"),
        "{}",
        ended.out
    );
}
