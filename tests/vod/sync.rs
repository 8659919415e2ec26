//! Picture and sound stay together, whatever the timestamps of the source look like.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::{Encoded, SMALL};
use crate::support::look::{beeps, flashes};
use crate::support::{TestDir, clip};

/// One packet of AAC at 48 kHz.
const PACKET: f64 = 1024.0 / 48_000.0;

/// Two frames of delay and a packet of priming, rounded up to whole frames.
const MOVED: f64 = 0.12;

/// After a small gap sound is stretched until it is in sync again: a second later it is still so far off.
const STRETCHED: f64 = 0.035;

/// The clip with flashes and beeps, changed by FFmpeg.
fn changed(directory: &TestDir, name: &str, before: &[&str], after: &[&str]) -> PathBuf {
    let path = directory.join(name);
    let mut ffmpeg = Command::new("ffmpeg");
    ffmpeg.args(["-nostdin", "-v", "error"]).args(before).arg("-i").arg(clip("flash_beep.mp4")).args(after).arg(&path);
    assert!(ffmpeg.status().expect("the ffmpeg command is installed (make test does it)").success());
    path
}

/// The same, from pictures and sound that are taken from two readings of the clip.
fn apart(directory: &TestDir, name: &str, pictures: &[&str], sound: &[&str]) -> PathBuf {
    let path = directory.join(name);
    let mut ffmpeg = Command::new("ffmpeg");
    ffmpeg.args(["-nostdin", "-v", "error"]);
    ffmpeg.args(pictures).arg("-i").arg(clip("flash_beep.mp4"));
    ffmpeg.args(sound).arg("-i").arg(clip("flash_beep.mp4"));
    ffmpeg.args(["-map", "0:v", "-map", "1:a", "-c", "copy"]).arg(&path);
    assert!(ffmpeg.status().expect("the ffmpeg command is installed (make test does it)").success());
    path
}

/// Encodes `input` and expects flashes and beeps at these seconds of the programme. Containers without
/// negative times have moved the whole clip by the priming of its sound and by the delay of its
/// B-frames: up to `moved` seconds, picture and sound alike.
#[track_caller]
fn shows_moved<const N: usize>(input: &Path, flags: &[&str], moved: f64, flash: [f64; N], beep: [f64; N]) {
    shows_apart(input, flags, moved, 0.0, flash, beep);
}

/// The same where sound may be up to `apart` seconds early or late.
#[track_caller]
fn shows_apart<const N: usize>(input: &Path, flags: &[&str], moved: f64, apart: f64, flash: [f64; N], beep: [f64; N]) {
    let set = Encoded::with(input, &[SMALL, flags].concat());
    let video = &set.facts.video[0];
    let frame = video.seconds(video.fragments().next().expect("a fragment").samples[0].duration.into());
    let seen = flashes(&set.root(), video);
    let heard = beeps(&set.root(), &set.facts.audio[0]);
    assert_eq!((seen.len(), heard.len()), (N, N), "flashes at {seen:?}, beeps at {heard:?}");
    // Half a frame is what the rate of the output may cost.
    let near = |is: &[f64], right: [f64; N], most: f64| {
        is.iter().zip(right).all(|(is, right)| (-most..=most + moved).contains(&(is - right)))
    };
    assert!(near(&seen, flash, frame / 2.0 + 1e-3), "flashes at {seen:?}, not {flash:?}");
    assert!(near(&heard, beep, PACKET), "beeps at {heard:?}, not {beep:?}");
    for at in 0..N {
        let off = (seen[at] - heard[at]) - (flash[at] - beep[at]);
        assert!(off.abs() <= PACKET.max(frame / 2.0).max(apart), "the sound is {off} s early");
    }
}

/// The same where nothing is moved.
#[track_caller]
fn shows(input: &Path, flags: &[&str], flash: [f64; 2], beep: [f64; 2]) {
    shows_moved(input, flags, 0.0, flash, beep);
}

#[test]
fn in_a_plain_file() {
    shows(&clip("flash_beep.mp4"), &[], [1.0, 2.0], [1.0, 2.0]);
}

#[test]
fn across_segments_and_in_single_files() {
    let flags = ["--segment-duration", "1", "--gop", "1"];
    shows(&clip("flash_beep.mp4"), &flags, [1.0, 2.0], [1.0, 2.0]);
    shows(&clip("flash_beep.mp4"), &[&flags[..], &["--single-file"]].concat(), [1.0, 2.0], [1.0, 2.0]);
}

#[test]
fn when_either_starts_late() {
    let directory = TestDir::new();
    let late = apart(&directory, "late_video.mkv", &["-itsoffset", "0.4"], &[]);
    shows_moved(&late, &[], MOVED, [1.4, 2.4], [1.0, 2.0]);
    let late = apart(&directory, "late_audio.mp4", &[], &["-itsoffset", "0.7"]);
    shows(&late, &[], [1.0, 2.0], [1.7, 2.7]);
    let late = apart(&directory, "late_audio.ts", &[], &["-itsoffset", "0.25"]);
    shows_moved(&late, &[], MOVED, [1.0, 2.0], [1.25, 2.25]);
}

#[test]
fn when_timestamps_start_high() {
    let directory = TestDir::new();
    // 26.5 hours: a second before the clock of 33 bits wraps.
    for offset in ["10", "95442"] {
        let name = format!("{offset}.ts");
        let high = changed(&directory, &name, &[], &["-c", "copy", "-output_ts_offset", offset, "-muxdelay", "0"]);
        shows_moved(&high, &[], MOVED, [1.0, 2.0], [1.0, 2.0]);
    }
}

#[test]
fn when_an_edit_list_hides_the_start() {
    let directory = TestDir::new();
    let hidden = ["-c", "copy", "-avoid_negative_ts", "disabled", "-use_editlist", "1"];
    let cut = changed(&directory, "cut.mp4", &["-ss", "0.6"], &hidden);
    shows(&cut, &[], [0.4, 1.4], [0.4, 1.4]);
}

#[test]
fn when_the_frame_rate_varies() {
    let directory = TestDir::new();
    let filter = "select=lt(t\\,1)+not(mod(n\\,5))";
    let vfr = ["-vf", filter, "-fps_mode", "vfr", "-c:v", "libx264", "-c:a", "copy"];
    shows_moved(&changed(&directory, "vfr.mkv", &[], &vfr), &[], MOVED, [1.0, 2.0], [1.0, 2.0]);
}

#[test]
fn when_only_a_part_is_taken() {
    shows(&clip("flash_beep.mp4"), &["--start", "0.6", "--end", "2.8"], [0.4, 1.4], [0.4, 1.4]);
    let directory = TestDir::new();
    let late = apart(&directory, "late_audio.mp4", &[], &["-itsoffset", "0.5"]);
    shows(&late, &["--start", "0.8"], [0.2, 1.2], [0.7, 1.7]);
}

#[test]
fn when_sound_has_another_clock() {
    let directory = TestDir::new();
    let other = changed(&directory, "other.mkv", &[], &["-c:v", "copy", "-c:a", "libmp3lame", "-ar", "22050"]);
    shows_moved(&other, &[], MOVED, [1.0, 2.0], [1.0, 2.0]);
}

#[test]
fn when_there_is_a_gap_in_the_sound() {
    let directory = TestDir::new();
    for (name, gap) in [("short", "between(t,1.3,1.4)"), ("long", "between(t,0.1,0.9)+between(t,1.2,1.9)")] {
        let filter = format!("aselect='not({gap})'");
        let words = ["-c:v", "copy", "-af", &filter, "-c:a", "pcm_s16le"];
        let gap = changed(&directory, &format!("{name}.mkv"), &[], &words);
        shows_moved(&gap, &[], MOVED, [1.0, 2.0], [1.0, 2.0]);
    }
}

/// Without an edit list the priming of the sound comes first, then a gap as long as the delay of the
/// B-frames: stretched over, sound would be early for seconds.
#[test]
fn when_a_fragmented_file_has_no_edit_list() {
    let directory = TestDir::new();
    let fragments = ["-c:v", "libx264", "-bf", "3", "-c:a", "aac", "-movflags", "frag_keyframe+empty_moov"];
    shows_moved(&changed(&directory, "fragments.mp4", &[], &fragments), &[], MOVED, [1.0, 2.0], [1.0, 2.0]);
}

/// Files put together by `cat`.
fn joined(directory: &TestDir, name: &str, parts: &[Vec<u8>]) -> PathBuf {
    let path = directory.join(name);
    std::fs::write(&path, parts.concat()).expect("a temporary directory is writable");
    path
}

/// The timestamps step back where the second part begins: no picture is lost, and no sound.
#[test]
fn when_files_are_put_together() {
    let directory = TestDir::new();
    let bytes = |path: PathBuf| std::fs::read(path).expect("FFmpeg has written it");
    let part = |name: &str, words: &[&str]| bytes(changed(&directory, name, &[], words));
    let both = |name: &str, one: Vec<u8>, other: Vec<u8>| {
        let joined = joined(&directory, name, &[one, other]);
        shows_apart(&joined, &[], 2.0 * MOVED, STRETCHED, [1.0, 2.0, 4.0, 5.0], [1.0, 2.0, 4.0, 5.0]);
    };
    let plain = part("plain.ts", &["-c", "copy"]);
    both("same.ts", plain.clone(), plain.clone());
    // Another sample rate and number of channels, later on the clock.
    let other =
        part("other.ts", &["-c:v", "copy", "-c:a", "aac", "-ar", "44100", "-ac", "2", "-output_ts_offset", "600"]);
    both("forward.ts", plain.clone(), other.clone());
    both("back.ts", other, plain);
    let matroska = part("part.mkv", &["-c", "copy"]);
    both("both.mkv", matroska.clone(), matroska);
    let flash = part("part.flv", &["-c", "copy"]);
    // A header of nine bytes and four that say that nothing came before it.
    both("both.flv", flash.clone(), flash[13..].to_vec());
}

/// One time of a picture is damaged, and lies hours ahead of those around it: what followed was left out.
#[test]
fn when_one_timestamp_is_damaged() {
    let directory = TestDir::new();
    let path = changed(&directory, "damaged.flv", &[], &["-c", "copy"]);
    let mut bytes = std::fs::read(&path).expect("FFmpeg has written it");
    // Adobe Flash Video File Format 10.1, § E.4.1: type, 24 bits of size, 24 and 8 more of time.
    let (mut at, mut pictures) = (13, 0);
    while pictures < 40 {
        let size = bytes[at + 1..at + 4].iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte));
        pictures += usize::from(bytes[at] == 9);
        if pictures == 40 {
            bytes[at + 4] = 0x70;
        }
        at += 11 + size + 4;
    }
    std::fs::write(&path, bytes).expect("a temporary directory is writable");
    shows_moved(&path, &[], MOVED, [1.0, 2.0], [1.0, 2.0]);
}
