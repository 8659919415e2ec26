//! Thumbnails and poster of what is not encoded.

use super::{Bench, H264, PICTURES};
use crate::support::check_set;

const LOW: &str = "-s 128x72 -b:v 60k";

fn size(bench: &Bench, name: &str) -> (u32, u32) {
    image::image_dimensions(bench.out().join(name)).expect("a JPEG")
}

#[test]
fn thumbnails_show_the_key_frames_and_the_poster_the_largest_rendition() {
    let bench = Bench::new();
    let high = bench.film("high.mp4", H264, "-c:a aac");
    let low = bench.film("low.mp4", &format!("{H264} {LOW}"), "-c:a aac");
    bench.packaged(&[&high, &low], &["--thumbnail-interval", "1", "--thumbnail-width", "64"]);
    let set = check_set(&bench.out());
    assert_eq!(set.cues.len(), 3);
    assert!(set.cues.iter().all(|cue| (cue.region.2, cue.region.3) == (64, 36)), "{:?}", set.cues);
    assert_eq!(size(&bench, "poster.jpg"), (192, 108));
    assert_eq!(set.report["thumbnails"]["tiles"], 3);
    assert!(set.report["poster_s"].as_f64() < Some(3.1));
}

#[test]
fn a_poster_of_a_moment_is_just_that_picture() {
    let bench = Bench::new();
    let pictures = "-f lavfi -i color=black:s=192x108:r=25:d=1.4 -f lavfi -i color=white:s=192x108:r=25:d=1.6";
    let film = bench
        .made("film.mp4", &format!("{pictures} -filter_complex [0][1]concat {} -g 50", H264.replace("-g 30 ", "")));
    for (at, bright) in [("1.32", false), ("1.44", true)] {
        bench.packaged(&[&film], &["--poster", at]);
        let poster = image::open(bench.out().join("poster.jpg")).expect("a picture").to_luma8();
        assert_eq!(poster.pixels().all(|pixel| pixel.0[0] > 200), bright, "{at}");
    }
}

#[test]
fn without_thumbnails_nothing_is_decoded() {
    let bench = Bench::new();
    let film = bench.film("film.mp4", H264, "-c:a aac");
    bench.packaged(&[&film], &["--no-thumbnails"]);
    assert!(!bench.out().join("thumbnails").exists() && !bench.out().join("poster.jpg").exists());
}

#[test]
fn pictures_that_cannot_be_decoded_are_packaged_without() {
    let bench = Bench::new();
    let film = bench.made("film.mp4", &format!("{PICTURES} {H264}"));
    // Coded slices that no decoder understands, behind headers that are whole.
    let mut bytes = std::fs::read(&film).expect("readable");
    let at = |bytes: &[u8], name: &[u8]| bytes.windows(4).position(|word| word == name).expect("a box");
    let (start, end) = (at(&bytes, b"mdat") + 4, at(&bytes, b"moov") - 4);
    let mut unit = start;
    while unit + 4 < end {
        let length = u32::from_be_bytes(bytes[unit..unit + 4].try_into().expect("four bytes")) as usize;
        bytes[unit + 5..unit + 4 + length].fill(0xff);
        unit += 4 + length;
    }
    std::fs::write(&film, bytes).expect("writable");
    let ended = bench.unplayed(&[&film], &[], &[]);
    assert_eq!(ended.warnings(), ["no_thumbnails"], "{}", ended.out);
    assert!(!bench.out().join("thumbnails").exists());
}
