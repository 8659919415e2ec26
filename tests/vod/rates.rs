//! Rate control: averages are met, and the stitched stream keeps to the decoder's buffer.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::{Encoded, made};
use crate::support::TestDir;
use crate::support::run::{encode, run};
use crate::support::track::{Segment, Track};
use crate::support::tree::same;

/// One rung that its pictures want more than, in two shards of twelve seconds.
const RUNG: &[&str] = &["--ladder", "180p@300k", "--segment-duration", "2", "--no-thumbnails"];

/// 24 s of 320x180: a test picture, and after so many seconds the same with noise, which no encoder likes.
fn easy_then_hard(directory: &TestDir, seconds: f64) -> PathBuf {
    let easy = format!("testsrc2=s=320x180:r=25:d={seconds}");
    let hard = format!("testsrc2=s=320x180:r=25:d={},noise=alls=12:allf=t", 24.0 - seconds);
    let graph = format!(
        "-filter_complex {easy}[a];{hard}[b];[a][b]concat=n=2,format=yuv420p -c:v libx264 -preset ultrafast -qp 8"
    );
    made(directory, "easy_then_hard.mp4", &graph)
}

/// Bytes of the shard that has both and of the one that is hard from its start.
fn halves(track: &Track) -> (f64, f64) {
    let bytes: Vec<f64> = track.segments.iter().map(bytes_of).collect();
    assert_eq!(bytes.len(), 12);
    (bytes[..6].iter().sum(), bytes[6..].iter().sum())
}

/// What the plan says of the rung: the fastest filling of the buffer, and its size.
fn buffer(input: &Path, flags: &[&str]) -> (f64, f64) {
    let words: Vec<_> = ["plan", "--json"].into_iter().chain(flags.iter().copied()).collect();
    let words = words.into_iter().map(AsRef::as_ref).chain([input.as_os_str()]).collect::<Vec<_>>();
    let plan: Value = serde_json::from_str(&run(&words).expect(0).out).expect("one JSON object");
    let encoding = &plan["plan"]["video"]["renditions"][0]["encoding"];
    (encoding["maxrate"].as_f64().expect("a rate"), encoding["bufsize"].as_f64().expect("a size"))
}

/// The emptiest that the decoder's buffer gets, as a part of its size, when it is nine tenths full as the
/// first picture is taken out (ITU-T H.264 annex C: a leaky bucket); below 0 pictures come too late.
fn emptiest(track: &Track, (rate, size): (f64, f64)) -> f64 {
    let mut level = 0.9 * size;
    let mut emptiest = level;
    for sample in track.fragments().flat_map(|fragment| &fragment.samples) {
        level -= 8.0 * f64::from(sample.size);
        emptiest = emptiest.min(level);
        level = (level + rate * track.seconds(sample.duration.into())).min(size);
    }
    emptiest / size
}

fn average(track: &Track) -> f64 {
    8.0 * track.segments.iter().map(bytes_of).sum::<f64>() / track.duration()
}

/// Bytes of a segment's samples.
fn bytes_of(segment: &Segment) -> f64 {
    segment.fragments.iter().flat_map(|f| &f.samples).map(|s| f64::from(s.size)).sum()
}

#[test]
fn a_capped_rung_keeps_to_its_cap_across_shards() {
    let directory = TestDir::new();
    let input = easy_then_hard(&directory, 4.0);
    let set = Encoded::with(&input, RUNG);
    let track = &set.facts.video[0];
    let low = emptiest(track, buffer(&input, RUNG));
    assert!(low > 0.0, "the buffer runs dry: {low}");
    assert!(low < 0.8, "the clip is too easy to show anything: {low}");
    // Over 24 s a cap of 1.1 and a buffer of 1.5 s would allow 1.16 of the rung's rate.
    assert!(average(track) < 1.1 * 300e3, "{}", average(track));
}

/// What was saved up while both buffers were full was taken for granted: at the join of two shards, the
/// buffer was dry by 14 % of its size.
#[test]
fn a_burst_right_before_a_join_leaves_the_next_shard_what_it_counts_on() {
    let directory = TestDir::new();
    let grey = "color=gray:s=320x180:r=25:d=10.6";
    let noise = "testsrc2=s=320x180:r=25:d=13.4,noise=alls=40:allf=t";
    let graph = format!("-filter_complex {grey}[a];{noise}[b];[a][b]concat=n=2,format=yuv420p -c:v libx264 -qp 8");
    let input = made(&directory, "burst.mp4", &graph);
    let set = Encoded::with(&input, RUNG);
    let low = emptiest(&set.facts.video[0], buffer(&input, RUNG));
    assert!(low > 0.0, "the buffer runs dry: {low}");
    assert!(low < 0.8, "the clip is too easy to show anything: {low}");
}

#[test]
fn two_passes_meet_the_average_and_give_to_the_hard_parts() {
    let directory = TestDir::new();
    let input = easy_then_hard(&directory, 4.0);
    let flags = [RUNG, &["--rate-control", "two-pass"]].concat();
    let set = Encoded::with(&input, &flags);
    let track = &set.facts.video[0];
    assert!((average(track) / 300e3 - 1.0).abs() < 0.05, "{}", average(track));
    assert!(emptiest(track, buffer(&input, &flags)) > 0.0);
    let (both, hard) = halves(track);
    assert!(hard > 1.15 * both, "{both} {hard}");
    let again = directory.join("one_job");
    encode(&input, &again, &[&flags[..], &["-j", "1"]].concat()).expect(0);
    same(&again, &set.root());
}

/// x264 does not open a second pass whose rate is less than what the headers of its pictures take, as for
/// black ones: the run failed, and so did every one after it.
#[test]
fn two_passes_bear_a_black_part() {
    let directory = TestDir::new();
    let (hard, black) = ("testsrc2=s=640x360:r=60:d=6,noise=alls=12:allf=t", "color=black:s=640x360:r=60:d=6");
    let graph = format!(
        "-filter_complex {hard}[a];{black}[b];[a][b]concat=n=2,format=yuv420p -c:v libx264 -preset ultrafast -qp 20"
    );
    let input = made(&directory, "hard_then_black.mp4", &graph);
    let flags = ["--ladder", "360p@200k", "--segment-duration", "1", "--gop", "1", "--no-thumbnails"];
    let set = Encoded::with(&input, &[&flags[..], &["--rate-control", "two-pass", "--speed", "draft"]].concat());
    let bytes: Vec<f64> = set.facts.video[0].segments.iter().map(bytes_of).collect();
    let rate = |part: &[f64]| 8.0 * part.iter().sum::<f64>() / part.len() as f64;
    let (hard, black) = bytes.split_at(6);
    assert!(rate(hard) > 150e3 && rate(black) < 20e3, "{} {}", rate(hard), rate(black));
}

#[test]
fn one_pass_comes_near_the_average_and_gives_to_the_hard_parts() {
    let directory = TestDir::new();
    let input = easy_then_hard(&directory, 4.0);
    let flags = [RUNG, &["--rate-control", "vbr"]].concat();
    let set = Encoded::with(&input, &flags);
    let track = &set.facts.video[0];
    assert!((average(track) / 300e3 - 1.0).abs() < 0.15, "{}", average(track));
    assert!(emptiest(track, buffer(&input, &flags)) > 0.0);
    let (both, hard) = halves(track);
    assert!(hard > 1.15 * both, "{both} {hard}");
}
