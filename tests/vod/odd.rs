//! Sources that are odd, yet hold something to show: made here with FFmpeg, or by changing bytes.

use std::fs;
use std::path::{Path, PathBuf};

use super::{Encoded, SMALL, made};
use crate::support::run::encode;
use crate::support::{TestDir, clip};

/// What FFmpeg makes of a clip of `testdata/` with these words, in `directory`.
#[track_caller]
fn made_of(directory: &TestDir, name: &str, source: &str, words: &str) -> PathBuf {
    made(directory, name, &format!("-i {} {words}", clip(source).display()))
}

#[track_caller]
fn lasts(set: &Encoded, seconds: f64) {
    assert!((set.facts.duration - seconds).abs() < 0.045, "{} s instead of {seconds} s", set.facts.duration);
}

/// Writes a part of a file beside it.
fn cut(path: &Path, length: usize) -> PathBuf {
    let part = path.with_file_name(format!("part_{}", path.file_name().expect("a file").to_string_lossy()));
    fs::write(&part, &fs::read(path).expect("readable")[..length]).expect("writable");
    part
}

/// Replaces bytes that stand in a file.
fn replaced(path: &Path, from: &[u8], to: &[u8]) {
    let mut bytes = fs::read(path).expect("readable");
    let at = bytes.windows(from.len()).position(|window| window == from).expect("the bytes are there");
    bytes[at..at + to.len()].copy_from_slice(to);
    fs::write(path, bytes).expect("writable");
}

/// A bare stream of H.264 has packets without any times: they were not counted as pictures.
#[test]
fn a_bare_stream_whose_packets_have_no_times() {
    let directory = TestDir::new();
    let bare = made_of(&directory, "bare.h264", "video_only.mp4", "-c copy -f h264");
    let set = Encoded::with(&bare, SMALL);
    lasts(&set, 2.0);
    assert_eq!(set.ended.warnings(), [""; 0]);
}

/// A decoder seldom refuses a packet of H.264: it makes up what is missing. Nothing was said of that, and
/// shards, which begin to decode before what they show, must not tell it twice.
#[test]
fn damage_that_is_patched_up_is_told_once() {
    let directory = TestDir::new();
    let noise = "-f lavfi -i testsrc2=s=320x180:r=25:d=6,noise=alls=12:allf=t -pix_fmt yuv420p";
    let whole = made(&directory, "whole.mp4", &format!("{noise} -c:v libx264 -preset veryfast -g 75"));
    let mut bytes = fs::read(&whole).expect("readable");
    let length = bytes.len();
    for part in [2, 3, 5, 7, 8] {
        bytes[length * part / 10..][..2000].fill(0);
    }
    let holes = directory.join("holes.mp4");
    fs::write(&holes, bytes).expect("writable");
    let told = |flags: &[&str]| {
        let set = Encoded::with(&holes, &[SMALL, flags].concat());
        let mut sums = std::collections::BTreeMap::new();
        for warning in set.facts.report["warnings"].as_array().expect("a list") {
            assert_eq!(warning["code"], "damaged_input");
            let message = warning["message"].as_str().expect("text");
            let (number, what) = message.split_once(' ').expect("a number");
            let what = if what.starts_with("damaged picture") { "patched" } else { "refused" };
            *sums.entry(what).or_insert(0) += number.parse::<u64>().expect("a number");
        }
        sums
    };
    let once = told(&["-j", "1"]);
    assert_eq!(once, [("patched", 2), ("refused", 1)].into(), "FFmpeg logs as much");
    let shards = ["--segment-duration", "1", "--gop", "1"];
    for jobs in ["1", "3"] {
        assert_eq!(told(&[&shards[..], &["-j", jobs]].concat()), once);
    }
}

/// By its name a JPEG goes to the demuxer that reads numbered files, which is not among ours.
#[test]
fn a_photograph() {
    let directory = TestDir::new();
    let photo = made_of(&directory, "photo.jpg", "still.png", "-pix_fmt yuvj420p");
    lasts(&Encoded::with(&photo, SMALL), 0.04);
}

/// Matrix and primaries are not said, PQ is: zscale had nothing to convert from.
#[test]
fn high_dynamic_range_that_says_only_its_curve() {
    let directory = TestDir::new();
    let pq = "-c:v libx264 -preset ultrafast -color_trc smpte2084 -color_primaries unknown -colorspace unknown";
    lasts(&Encoded::with(&made_of(&directory, "pq.mp4", "video_only.mp4", pq), SMALL), 2.0);
}

/// zscale knows no curve of SMPTE ST 428 and none of BT.1361.
#[test]
fn curves_that_nothing_converts() {
    let directory = TestDir::new();
    for curve in ["smpte428", "bt1361e"] {
        let words = format!("-c:v libx264 -preset ultrafast -color_trc {curve} -color_primaries bt2020 -an");
        let odd = made_of(&directory, &format!("{curve}.mp4"), "video_only.mp4", &words);
        lasts(&Encoded::with(&odd, SMALL), 2.0);
    }
}

/// The header lists sound that the rest of the file no longer holds: it became silence, however long
/// the header said that it was.
#[test]
fn a_track_that_the_file_holds_nothing_of() {
    let directory = TestDir::new();
    let mkv = made_of(&directory, "late.mkv", "late_audio.mkv", "-c copy -cluster_time_limit 100");
    let set = Encoded::with(&cut(&mkv, 9_000), SMALL);
    assert!(set.facts.audio.is_empty());
    assert!(set.facts.duration < 0.5, "{} s", set.facts.duration);
    assert!(set.ended.warnings().contains(&"empty_track".to_owned()), "{}", set.ended.out);
}

#[test]
fn a_track_that_cannot_be_decoded() {
    let directory = TestDir::new();
    let mkv = made_of(&directory, "odd.mkv", "ntsc_bframes.mp4", "-c copy");
    replaced(&mkv, b"A_AAC", b"A_ODD");
    let set = Encoded::with(&mkv, SMALL);
    assert!(set.facts.audio.is_empty());
    assert_eq!(set.ended.warnings(), ["undecodable_track"]);
    assert!(set.ended.out.contains("track 1 is left out"), "{}", set.ended.out);
}

/// MPEG audio and the like say no length: FFmpeg guesses it from the first packets.
#[test]
fn a_guessed_length_is_no_declared_one() {
    let directory = TestDir::new();
    let silence_first = "-f lavfi -i anullsrc=d=1 -f lavfi -i anoisesrc=d=2 -filter_complex [0][1]concat=v=0:a=1";
    let adts = made(&directory, "sound.aac", &format!("{silence_first} -c:a aac -b:a 96k"));
    let set = Encoded::with(&adts, SMALL);
    assert_eq!(set.ended.warnings(), [""; 0]);
}

/// Some containers count their length from 0, not from the first picture.
#[test]
fn a_late_start_is_no_truncation() {
    let directory = TestDir::new();
    for name in ["late.mkv", "late.mp4"] {
        let late = made_of(&directory, name, "ntsc_bframes.mp4", "-c copy -output_ts_offset 100");
        let set = Encoded::with(&late, SMALL);
        lasts(&set, 3.003);
        assert_eq!(set.ended.warnings(), [""; 0], "{name}");
    }
}

/// Three seconds of sound without names of its channels (WAVE_FORMAT_PCM), with beeps at 1 and 2 s.
fn wave(channels: u16) -> Vec<u8> {
    const RATE: u32 = 48_000;
    let sample = |n: u32| {
        let beeps = n >= RATE && n % RATE < RATE / 10;
        if beeps { (f64::from(n) * 0.1).sin() * 30_000.0 } else { 0.0 }
    };
    let samples = (0..3 * RATE).flat_map(|n| (sample(n) as i16).to_le_bytes().repeat(channels.into()));
    let data: Vec<u8> = samples.collect();
    let frame = u32::from(channels) * 2;
    let mut wave = b"RIFF\xff\xff\xff\x7fWAVEfmt \x10\0\0\0\x01\0".to_vec();
    wave.extend(channels.to_le_bytes());
    wave.extend([RATE, RATE * frame].iter().flat_map(|word| word.to_le_bytes()));
    wave.extend([frame as u16, 16].iter().flat_map(|half| half.to_le_bytes()));
    wave.extend(b"data");
    wave.extend((data.len() as u32).to_le_bytes());
    [wave, data].concat()
}

#[test]
fn channels_without_names_and_many_of_them() {
    let directory = TestDir::new();
    for channels in [3, 9, 16] {
        let input = directory.join(format!("{channels}.wav"));
        fs::write(&input, wave(channels)).expect("writable");
        let set = Encoded::with(&input, SMALL);
        lasts(&set, 3.0);
        let heard = crate::support::look::beeps(&set.root(), &set.facts.audio[0]);
        assert!(heard.len() == 2 && (heard[0] - 1.0).abs() < 0.02, "{channels} channels: beeps at {heard:?}");
    }
}

/// The palette comes with the first packet alone, and shards begin elsewhere.
#[test]
fn pictures_with_a_palette_in_every_shard() {
    let directory = TestDir::new();
    let filter = "-an -vf scale=160:90,split[a][b];[a]palettegen[p];[b][p]paletteuse=dither=none";
    let palette = made_of(&directory, "palette.nut", "ntsc_bframes.mp4", &format!("{filter} -c:v rawvideo"));
    let flags = ["--ladder", "90p@8000k", "--crf", "10", "--speed", "draft", "--segment-duration", "1", "--gop", "1"];
    let set = Encoded::with(&palette, &flags);
    assert_eq!(set.facts.video[0].segments.len(), 3);
    let media = crate::support::look::joined(&set.root(), &set.facts.video[0], &directory);
    for number in [5, 40, 80] {
        use crate::support::look::{difference, picture};
        let off = difference(&picture(&palette, number, "format=yuv420p,"), &picture(&media, number, ""));
        assert!(off < 6.0, "picture {number} is off by {off}");
    }
}

/// Sides below 16 were scaled up to it: of 2x720 came 16x5760.
#[test]
fn pictures_of_a_few_pixels_keep_their_size() {
    let directory = TestDir::new();
    for (wide, high) in [(2, 2), (2, 720), (720, 2), (16, 16)] {
        let words = format!("-f lavfi -i testsrc2=s={wide}x{high}:r=25:d=1 -c:v ffv1 -pix_fmt yuv420p");
        let set = Encoded::with(&made(&directory, &format!("{wide}x{high}.mkv"), &words), &["--speed", "draft"]);
        assert_eq!(set.sizes(), [(wide, high)]);
        lasts(&set, 1.0);
    }
}

/// bwdif refuses planes of less than 3 by 4 samples.
#[test]
fn a_few_interlaced_pixels() {
    let directory = TestDir::new();
    let words = "-f lavfi -i testsrc2=s=4x2:r=25:d=1 -vf setfield=tff -c:v ffv1 -pix_fmt yuv420p -field_order tt";
    assert_eq!(Encoded::with(&made(&directory, "fields.mkv", words), &["--speed", "draft"]).sizes(), [(4, 2)]);
}

/// Text by name, playlists by their bytes: the reason is in words.
#[test]
fn what_is_refused_is_told_in_words() {
    let directory = TestDir::new();
    let list = format!("#EXTM3U\n#EXT-X-TARGETDURATION:3\n#EXTINF:3,\n{}\n", clip("open_gop.ts").display());
    for (name, text, why) in [("notes.txt", "some notes\n", "not media"), ("list.m3u8", &list, "playlist")] {
        let input = directory.join(name);
        fs::write(&input, text).expect("writable");
        let message = encode(&input, &directory.join("out"), SMALL).refused(10);
        assert!(message.contains(why), "{name}: {message}");
    }
}
