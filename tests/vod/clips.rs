//! Every clip of `testdata/` that can be decoded is encoded.

use super::{Encoded, SMALL};
use crate::support::{check_set, clip, decode_cleanly};

/// Length of a frame in the container's clock or of a packet of sound: what a length may be off by.
const FRAME: f64 = 0.045;

#[track_caller]
fn lasts(set: &Encoded, seconds: f64) {
    let duration = set.facts.duration;
    assert!((duration - seconds).abs() <= FRAME, "{duration} s instead of {seconds} s");
}

/// Encodes a clip in small rungs, and expects its length, rungs and sound.
#[track_caller]
fn becomes(name: &str, seconds: f64, sizes: &[(u32, u32)], audio: &[&str]) -> Encoded {
    let set = Encoded::small(name);
    lasts(&set, seconds);
    assert_eq!(set.sizes(), sizes);
    assert_eq!(set.audio_names(), audio);
    set
}

const WIDE: &[(u32, u32)] = &[(320, 180), (214, 120)];
const UND: &[&str] = &["und_aac_128k"];

#[test]
fn a_plain_file_with_the_defaults() {
    let set = Encoded::with(&clip("h264_720p25.mp4"), &[]);
    lasts(&set, 3.0);
    assert_eq!(set.sizes(), [(1280, 720), (854, 480), (640, 360)]);
    assert_eq!(set.audio_names(), ["en_aac_128k"]);
    assert_eq!(set.facts.key_frames(), [0.0, 2.0]);
    assert!(set.facts.trick.is_some() && !set.facts.cues.is_empty() && set.root().join("poster.jpg").exists());
    assert_eq!(set.ended.warnings(), [""; 0]);
}

#[test]
fn a_single_file_for_each_rendition() {
    let set = Encoded::small_with("ntsc_bframes.mp4", &["--single-file", "--segment-duration", "1", "--gop", "1"]);
    lasts(&set, 3.003);
    assert!(set.facts.video.iter().chain(&set.facts.audio).all(|track| track.is_single()));
    assert_eq!(set.facts.video[0].segments.len(), 3);
    assert!(!set.facts.sizes.keys().any(|name| name.ends_with(".m4s")));
}

#[test]
fn both_layouts_hold_the_same_samples() {
    let flags = ["--segment-duration", "1", "--gop", "1"];
    let apart = Encoded::small_with("ntsc_bframes.mp4", &flags);
    let single = Encoded::small_with("ntsc_bframes.mp4", &[&flags[..], &["--single-file"]].concat());
    for (one, other) in apart.facts.video.iter().zip(&single.facts.video) {
        let sizes = |track: &crate::support::track::Track| -> Vec<u32> {
            track.fragments().flat_map(|f| f.samples.iter().map(|s| s.size)).collect()
        };
        assert_eq!(sizes(one), sizes(other));
    }
}

#[test]
fn sound_alone() {
    let set = becomes("audio_only.m4a", 3.0, &[], UND);
    assert!(set.facts.sheets.is_empty() && !set.root().join("poster.jpg").exists());
}

#[test]
fn a_cover_is_not_video() {
    becomes("attached_picture.mp3", 2.0, &[], UND);
}

#[test]
fn pictures_alone() {
    becomes("video_only.mp4", 2.0, WIDE, &[]);
}

#[test]
fn one_frame() {
    becomes("one_frame.mp4", 0.04, WIDE, &[]);
}

#[test]
fn a_still_picture_is_a_video_of_one_frame() {
    becomes("still.png", 0.04, WIDE, &[]);
}

#[test]
fn two_languages_and_surround_become_stereo() {
    let set = becomes("two_languages_51.mkv", 3.0, WIDE, &["de_aac_128k", "en_aac_128k"]);
    let master = std::fs::read_to_string(set.root().join("master.m3u8")).expect("it is there");
    let default = master.lines().find(|line| line.contains("DEFAULT=YES")).expect("one is the default");
    assert!(default.contains("LANGUAGE=\"en\"") && default.contains("CHANNELS=\"2\""), "{default}");
    for track in &set.facts.audio {
        assert!(matches!(track.header.media, crate::support::track::Media::Audio { .. }));
    }
}

#[test]
fn ntsc_stays_exact() {
    let set = becomes("ntsc_bframes.mp4", 3.003, WIDE, UND);
    assert_eq!(set.facts.video[0].header.timescale, 30_000);
    assert!(set.facts.video[0].fragments().flat_map(|f| &f.samples).all(|s| s.duration == 1001));
}

#[test]
fn film_rate_in_ten_bits_with_pq_becomes_sdr() {
    let set = becomes("hevc10_pq.mp4", 2.002, WIDE, &[]);
    assert_eq!(set.facts.video[0].header.timescale, 24_000);
}

#[test]
fn ten_bits_with_hlg_become_sdr() {
    becomes("hevc10_hlg.mp4", 2.0, WIDE, UND);
}

#[test]
fn a_variable_rate_becomes_constant() {
    let set = becomes("vfr.mkv", 3.0, WIDE, UND);
    let samples: Vec<_> = set.facts.video[0].fragments().flat_map(|f| &f.samples).map(|s| s.duration).collect();
    assert!(samples.windows(2).all(|pair| pair[0] == pair[1]), "{samples:?}");
}

#[test]
fn a_high_rate_is_halved() {
    let set = becomes("high_rate.mp4", 1.0, WIDE, &[]);
    assert_eq!(set.facts.video[0].fragments().map(|f| f.samples.len()).sum::<usize>(), 60);
}

#[test]
fn interlaced_pictures() {
    becomes("interlaced_576i.ts", 2.0, WIDE, UND);
}

#[test]
fn turned_and_upright_portraits() {
    let upright = [(180, 320), (120, 214)];
    becomes("rotated90.mp4", 2.0, &upright, UND);
    becomes("portrait.mp4", 2.0, &upright, UND);
}

#[test]
fn pixels_become_square() {
    becomes("anamorphic.mp4", 1.0, WIDE, &[]);
}

#[test]
fn unusual_samplings_and_odd_sizes() {
    becomes("yuv444.mp4", 1.0, WIDE, &[]);
    becomes("yuv422p10.mkv", 1.0, WIDE, &[]);
    becomes("full_range.mp4", 2.0, WIDE, &[]);
    let odd = Encoded::small("odd_size.mkv");
    assert_eq!(odd.sizes().len(), 2);
    lasts(&odd, 1.0);
}

#[test]
fn other_containers_and_codecs() {
    becomes("vp9_opus.webm", 2.0, WIDE, UND);
    let timecode = Encoded::small("timecode.mov");
    assert_eq!(timecode.sizes(), [(160, 120)]);
    lasts(&timecode, 1.0);
}

#[test]
fn timestamps_that_do_not_start_at_zero() {
    becomes("offset_start.ts", 2.0, WIDE, UND);
    becomes("edit_list.mp4", 2.8, WIDE, UND);
    becomes("late_audio.mkv", 3.0, WIDE, UND);
    // B-frames: Matroska has no negative times, so its writer moved the pictures by two frames.
    becomes("late_video.mkv", 3.08, WIDE, UND);
}

#[test]
fn open_gops() {
    let set = becomes("open_gop.ts", 3.04, WIDE, UND);
    assert_eq!(set.ended.warnings(), [""; 0]);
}

#[test]
fn what_is_left_of_a_truncated_file() {
    let set = becomes("truncated.mp4", 1.96, WIDE, &["en_aac_128k"]);
    assert!(set.ended.warnings().contains(&"truncated_input".to_owned()), "{}", set.ended.out);
    assert_eq!(set.facts.report["warnings"][0]["code"], "truncated_input");
}

#[test]
fn what_can_be_decoded_of_a_damaged_file() {
    let set = becomes("corrupt.ts", 3.04, WIDE, UND);
    assert!(set.ended.warnings().contains(&"damaged_input".to_owned()), "{}", set.ended.out);
}

#[test]
fn a_black_start() {
    let set = becomes("black_start.mp4", 3.0, WIDE, &[]);
    let poster = image::open(set.root().join("poster.jpg")).expect("a picture").to_luma8();
    let mean = poster.pixels().map(|p| f64::from(p.0[0])).sum::<f64>() / f64::from(poster.width() * poster.height());
    assert!(mean > 40.0, "the poster has a mean luma of {mean}");
}

/// Encodes whatever is in the directory that STREAMPACK_MEDIA names; nothing when it is not set.
#[test]
fn all_media_of_a_directory() {
    let Some(media) = std::env::var_os("STREAMPACK_MEDIA") else { return };
    for entry in std::fs::read_dir(media).expect("STREAMPACK_MEDIA names a directory") {
        let path = entry.expect("the directory is readable").path();
        if path.extension().is_none_or(|end| end == "md" || end == "txt") {
            continue;
        }
        let directory = crate::support::TestDir::new();
        crate::support::run::encode(&path, directory.path(), SMALL).expect(0);
        check_set(directory.path());
        for manifest in ["master.m3u8", "manifest.mpd"] {
            decode_cleanly(&directory.join(manifest));
        }
    }
}
