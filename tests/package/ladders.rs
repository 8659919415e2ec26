//! Several renditions: one set, aligned or not.

use super::{Bench, H264, PICTURES};
use crate::support::check_set;
use crate::support::run::package;

const LOW: &str = "-s 128x72 -b:v 60k";

fn every(seconds: f64) -> String {
    let frames = (seconds * 30.0).round();
    format!("{H264} -g {frames} -keyint_min {frames}")
}

#[test]
fn two_rungs_become_a_set_that_keeps_every_rule_of_encoded_ones() {
    let bench = Bench::new();
    let high = bench.film("high.mp4", H264, "-c:a aac -b:a 64k");
    let low = bench.film("low.mp4", &format!("{H264} {LOW}"), "-c:a aac -b:a 64k");
    let ended = bench.packaged(&[&high, &low], &["--segment-duration", "2"]);
    let set = check_set(&bench.out());
    assert_eq!(ended.warnings(), ["repeated_sound"]);
    assert_eq!(bench.renditions("video"), ["108p_h264", "72p_h264"]);
    assert_eq!((bench.renditions("audio").len(), set.trick.is_some()), (1, true));
    assert_eq!(set.video[0].segments.len(), 2, "2.002 s and the rest");
    bench.shows("video/108p_h264", &high);
    bench.shows("video/72p_h264", &low);
    bench.sounds(&format!("audio/{}", bench.renditions("audio")[0]), &high);
}

#[test]
fn single_files_hold_the_same() {
    let bench = Bench::new();
    let high = bench.film("high.mp4", H264, "-c:a aac");
    bench.packaged(&[&high], &["--segment-duration", "1", "--single-file"]);
    check_set(&bench.out());
    bench.shows("video/108p_h264", &high);
}

#[test]
fn renditions_of_one_name_are_told_apart_by_their_rates() {
    let bench = Bench::new();
    let one = bench.made("one.mp4", &format!("{PICTURES} {H264} -crf 20"));
    let other = bench.made("other.mp4", &format!("{PICTURES} {H264} -crf 40"));
    bench.packaged(&[&one, &other], &[]);
    let names = bench.renditions("video");
    assert!(
        names.len() == 2 && names.iter().all(|name| name.starts_with("108p_h264_") && name.ends_with('k')),
        "{names:?}"
    );
}

#[test]
fn key_frames_that_do_not_align_are_an_error_with_the_times() {
    let bench = Bench::new();
    let long = PICTURES.replace("d=3", "d=8");
    let one = bench.made("one.mp4", &format!("{long} {}", every(1.0)));
    let other = bench.made("other.mp4", &format!("{long} {} {LOW}", every(1.7)));
    let message = package(&[&one, &other], &bench.out(), &["--segment-duration", "1"]).refused(10);
    assert!(message.contains("video/72p_h264 has none at 1.001, 2.002, 3.003 s and 4 more"), "{message}");
    assert!(message.contains("video/108p_h264 has none at 1.702, 3.403, 5.105 s and 1 more"), "{message}");
    assert!(message.contains("--allow-unaligned"), "{message}");
    assert!(!bench.out().exists(), "nothing was written");

    // The rule is about what players switch between; that is for the MPD to say.
    let flags = ["--segment-duration", "1", "--allow-unaligned"];
    bench.packaged_but(&[&one, &other], &flags, &["CMAF 7.3.4.1"]);
    let mpd = std::fs::read_to_string(bench.out().join("manifest.mpd")).expect("an MPD");
    let sets = mpd.matches("contentType=\"video\"").count();
    assert_eq!(sets, 3, "two switching sets and the key frames alone: {mpd}");
    bench.shows("video/72p_h264", &other);
}

#[test]
fn key_frames_in_common_are_enough() {
    let bench = Bench::new();
    let long = PICTURES.replace("d=3", "d=7");
    let one = bench.made("one.mp4", &format!("{long} {}", every(1.0)));
    let other = bench.made("other.mp4", &format!("{long} {} {LOW}", every(2.0)));
    bench.packaged(&[&one, &other], &["--segment-duration", "2"]);
    let set = check_set(&bench.out());
    assert_eq!(set.video[0].segments.len(), 4);
}

#[test]
fn two_codecs_are_two_switching_sets_with_the_same_segments() {
    let bench = Bench::new();
    let avc = bench.film("avc.mp4", H264, "-c:a aac");
    let hevc = bench.made(
        "hevc.mp4",
        &format!("{PICTURES} -c:v libx265 -preset ultrafast -tag:v hvc1 -x265-params keyint=30:min-keyint=30:scenecut=0:open-gop=0:log-level=none"),
    );
    bench.packaged(&[&avc, &hevc], &["--segment-duration", "1"]);
    let playlist = |name: &str| {
        let text =
            std::fs::read_to_string(bench.out().join(format!("video/{name}/playlist.m3u8"))).expect("a playlist");
        text.lines().filter(|line| line.starts_with("#EXTINF")).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(playlist("108p_h264"), playlist("108p_hevc"));
    bench.shows("video/108p_hevc", &hevc);
}

#[test]
fn a_frame_rate_half_as_high_shares_the_timescale() {
    let bench = Bench::new();
    let fast = bench.made("fast.mp4", &format!("-f lavfi -i testsrc2=s=192x108:r=60:d=3 {H264} -g 60 -keyint_min 60"));
    let slow = bench.made("slow.mp4", &format!("-f lavfi -i testsrc2=s=128x72:r=30:d=3 {H264}"));
    bench.packaged(&[&fast, &slow], &["--segment-duration", "1"]);
    check_set(&bench.out());
}
