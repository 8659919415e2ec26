//! The pictures look like those of the source: upright, in the same shape and colours.

use super::Encoded;
use crate::support::look::{difference, joined, picture};
use crate::support::{TestDir, clip};

/// One rung with bits enough to look like its source.
const FINE: &[&str] = &["--ladder", "180p@8000k", "--crf", "10", "--speed", "draft", "--no-thumbnails"];

/// The clips do not say which matrix they have: small as they are, FFmpeg and streampack take BT.601.
const UNSAID: &str = "format=yuv420p,";
/// The mean difference that scaling and coding make.
const CODING: f64 = 4.0;

/// Picture `number` of the clip, through `filters`, and of the set made from it.
#[track_caller]
fn looks_the_same(name: &str, number: usize, filters: &str) {
    let set = Encoded::with(&clip(name), FINE);
    let directory = TestDir::new();
    let media = joined(&set.root(), &set.facts.video[0], &directory);
    let off = difference(&picture(&clip(name), number, filters), &picture(&media, number, ""));
    assert!(off < CODING, "{name}: picture {number} is off by {off}");
}

#[test]
fn plain_pictures() {
    looks_the_same("ntsc_bframes.mp4", 40, UNSAID);
}

#[test]
fn turned_pictures_stand_upright() {
    looks_the_same("rotated90.mp4", 20, UNSAID);
}

#[test]
fn wide_pixels() {
    looks_the_same("anamorphic.mp4", 10, UNSAID);
}

#[test]
fn full_range() {
    looks_the_same("full_range.mp4", 20, UNSAID);
}

#[test]
fn every_sampling() {
    looks_the_same("yuv444.mp4", 10, UNSAID);
    looks_the_same("yuv422p10.mkv", 20, UNSAID);
    looks_the_same("odd_size.mkv", 10, UNSAID);
}

#[test]
fn interlaced_pictures() {
    looks_the_same("interlaced_576i.ts", 20, "bwdif=mode=send_frame,");
}

#[test]
fn high_dynamic_range() {
    let tone_map = "zscale=t=linear:npl=100,format=gbrpf32le,zscale=p=bt709,tonemap=hable:desat=0,\
                    zscale=p=bt709:t=bt709:m=bt709:r=limited,format=yuv420p,";
    looks_the_same("hevc10_hlg.mp4", 20, tone_map);
    looks_the_same("hevc10_pq.mp4", 20, tone_map);
}
