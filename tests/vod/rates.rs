//! Rate control: averages are met, and the stitched stream keeps to the decoder's buffer.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::{Encoded, made};
use crate::support::TestDir;
use crate::support::run::{encode, run};
use crate::support::track::Track;
use crate::support::tree::same;

/// One rung that its pictures want more than, in shards of two seconds.
const RUNG: &[&str] = &["--ladder", "180p@300k", "--segment-duration", "2", "--no-thumbnails"];

/// 16 s of 320x180: by turns a test picture and the same with noise, which no encoder likes.
fn easy_and_hard(directory: &TestDir) -> PathBuf {
    let easy = "testsrc2=s=320x180:r=25:d=4";
    let hard = "testsrc2=s=320x180:r=25:d=4,noise=alls=9:allf=t";
    let graph = format!(
        "-filter_complex {easy}[a];{hard}[b];{easy}[c];{hard}[d];[a][b][c][d]concat=n=4,format=yuv420p -c:v libx264 -qp 8"
    );
    made(directory, "easy_and_hard.mp4", &graph)
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
    8.0 * bits_of(track).iter().sum::<f64>() / track.duration()
}

/// Bytes of each segment's samples.
fn bits_of(track: &Track) -> Vec<f64> {
    let bytes = |fragments: &[crate::support::track::Fragment]| {
        fragments.iter().flat_map(|f| &f.samples).map(|s| f64::from(s.size)).sum()
    };
    track.segments.iter().map(|segment| bytes(&segment.fragments)).collect()
}

#[test]
fn a_capped_rung_keeps_to_its_cap_across_shards() {
    let directory = TestDir::new();
    let input = easy_and_hard(&directory);
    let set = Encoded::with(&input, RUNG);
    let track = &set.facts.video[0];
    let low = emptiest(track, buffer(&input, RUNG));
    assert!(low > 0.0, "the buffer runs dry: {low}");
    assert!(low < 0.6, "the clip is too easy to show anything: {low}");
    assert!(average(track) < 300e3, "{}", average(track));
}

#[test]
fn two_passes_meet_the_average_and_give_to_the_hard_parts() {
    let directory = TestDir::new();
    let input = easy_and_hard(&directory);
    let flags = [RUNG, &["--rate-control", "two-pass"]].concat();
    let set = Encoded::with(&input, &flags);
    let track = &set.facts.video[0];
    assert!((average(track) / 300e3 - 1.0).abs() < 0.05, "{}", average(track));
    assert!(emptiest(track, buffer(&input, &flags)) > 0.0);
    let bits = bits_of(track);
    assert!(bits[2] + bits[3] > 3.0 * (bits[0] + bits[1]), "{bits:?}");
    let again = directory.join("one_job");
    encode(&input, &again, &[&flags[..], &["-j", "1"]].concat()).expect(0);
    same(&again, &set.root());
}

#[test]
fn one_pass_comes_near_the_average_and_gives_to_the_hard_parts() {
    let directory = TestDir::new();
    let input = easy_and_hard(&directory);
    let flags = [RUNG, &["--rate-control", "vbr"]].concat();
    let set = Encoded::with(&input, &flags);
    let track = &set.facts.video[0];
    assert!((average(track) / 300e3 - 1.0).abs() < 0.15, "{}", average(track));
    assert!(emptiest(track, buffer(&input, &flags)) > 0.0);
    let bits = bits_of(track);
    assert!(bits[2] + bits[3] > 3.0 * (bits[0] + bits[1]), "{bits:?}");
}
