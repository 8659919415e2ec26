//! Input that cannot be packaged, or not all of it.

use super::{Bench, H264, PICTURES};
use crate::support::clip;
use crate::support::run::package;

#[test]
fn what_is_no_media_is_refused() {
    let bench = Bench::new();
    for name in ["random.mp4", "empty.mp4", "text.mp4", "playlist.mp4", "absent.mp4"] {
        let message = package(&[&clip(name)], &bench.out(), &[]).refused(10);
        assert!(message.contains(name), "{message}");
    }
    assert!(!bench.out().exists());
}

#[test]
fn a_truncated_file_is_packaged_as_far_as_it_goes() {
    let bench = Bench::new();
    let whole = bench.film("whole.mkv", H264, "-c:a aac");
    let bytes = std::fs::read(&whole).expect("readable");
    let cut = bench.directory.join("cut.mkv");
    std::fs::write(&cut, &bytes[..bytes.len() / 2]).expect("writable");
    let ended = bench.unplayed(&[&cut], &["--segment-duration", "1"], &["Apple 8.3"]);
    assert!(ended.warnings().contains(&"truncated_input".to_owned()), "{:?}", ended.warnings());
}

#[test]
fn a_turned_picture_is_refused_with_the_reason() {
    let bench = Bench::new();
    let message = package(&[&clip("rotated90.mp4")], &bench.out(), &[]).refused(10);
    assert!(message.contains("turned or mirrored"), "{message}");
}

#[test]
fn sound_that_cannot_be_packaged_is_left_out_and_told() {
    let bench = Bench::new();
    let film = bench.film("film.mkv", H264, "-c:a pcm_s16le");
    let ended = bench.packaged(&[&film], &[]);
    assert_eq!(ended.warnings(), ["unsupported_track"]);
    assert_eq!(bench.renditions("audio"), Vec::<String>::new());
}

#[test]
fn parameters_that_change_on_the_way_are_refused_with_the_time() {
    let bench = Bench::new();
    let one = bench.made("one.ts", &format!("{PICTURES} {H264}"));
    let other = bench.made("other.ts", &format!("{PICTURES} {H264} -s 128x72"));
    let both = bench.directory.join("both.ts");
    let bytes = [one, other].map(|path| std::fs::read(path).expect("readable")).concat();
    std::fs::write(&both, bytes).expect("writable");
    let message = package(&[&both], &bench.out(), &[]).refused(10);
    assert!(message.contains("both.ts") && message.contains("changes within the stream"), "{message}");
}
