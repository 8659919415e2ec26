//! Input that cannot be packaged, or not all of it.

use std::path::{Path, PathBuf};

use super::{Bench, H264, PICTURES};
use crate::support::run::package;
use crate::support::{check_set, clip};

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

/// 33 bits of 90 kHz are 26.5 hours, after which a recording counts from 0 again.
#[test]
fn timestamps_that_wrap_are_one_timeline() {
    let bench = Bench::new();
    let film = bench.film("film.mp4", H264, "-c:a aac");
    let wrapped = bench.made("wrapped.ts", &format!("-i {} -c copy -output_ts_offset 95442", film.display()));
    bench.packaged(&[&wrapped], &["--segment-duration", "1"]);
    bench.shows(&format!("video/{}", bench.renditions("video")[0]), &film);
    let set = check_set(&bench.out());
    assert!((set.duration - 3.0).abs() < 0.1, "{}", set.duration);
}

#[test]
fn a_single_picture_is_a_rendition() {
    let bench = Bench::new();
    let pictures = "-f lavfi -i testsrc2=s=192x108:r=25:d=0.04";
    let film = bench.made("film.mp4", &format!("{pictures} {H264}"));
    bench.unplayed(&[&film], &[], &[]);
    let [rendition] = &bench.renditions("video")[..] else { panic!("one rendition") };
    bench.shows(&format!("video/{rendition}"), &film);
    assert!(bench.out().join("poster.jpg").exists());
}

/// Everything that stands in a set of ours, its trick rendition too.
fn media(set: &Path) -> Vec<PathBuf> {
    let files = walkdir::WalkDir::new(set).sort_by_file_name().into_iter().map(|entry| entry.expect("readable"));
    files.map(walkdir::DirEntry::into_path).filter(|path| path.ends_with("media.mp4")).collect()
}

#[test]
fn a_set_of_ours_is_packaged_again() {
    let bench = Bench::new();
    let high = bench.film("high.mp4", H264, "-c:a aac");
    let low = bench.film("low.mp4", &format!("{H264} -s 128x72 -b:v 60k"), "-c:a aac");
    let flags = ["--segment-duration", "1", "--single-file"];
    bench.packaged(&[&high, &low], &flags);
    let first = bench.directory.join("first");
    std::fs::rename(bench.out(), &first).expect("writable");
    let own = media(&first);
    let own: Vec<&Path> = own.iter().map(PathBuf::as_path).collect();
    assert_eq!(own.len(), 4, "{own:?}");
    let ended = bench.packaged(&own, &flags);
    // The trick rendition of the first set is made anew.
    assert_eq!(ended.warnings(), ["trick_rendition"]);
    assert!(ended.out.contains("_trick/media.mp4 is left out"), "{}", ended.out);
    assert_eq!(bench.renditions("video"), ["108p_h264", "72p_h264"]);
    bench.shows("video/108p_h264", &high);
    bench.shows("video/72p_h264", &low);
    let [sound] = &bench.renditions("audio")[..] else { panic!("one rendition") };
    let before = own.iter().find(|path| path.starts_with(first.join("audio"))).expect("the sound");
    bench.sounds(&format!("audio/{sound}"), before);
}
