//! What a viewer sees and hears: small pictures, and the instants of flashes and beeps.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::files::Files;
use super::track::Track;
use super::{TestDir, frame_times};

/// Samples per second in which sound is looked at.
const SAMPLE_RATE: u32 = 48_000;
/// A beep is louder than this part of full scale; what an encoder smears before it is not.
const LOUD: f64 = 0.25;
/// A flash is brighter than this luma.
const BRIGHT: f64 = 128.0;
/// No two flashes or beeps are nearer to each other than this.
const APART: f64 = 0.5;

/// Picture number `number` of the first video track of `media`, 16 by 9 RGB pixels, as FFmpeg shows it:
/// upright, in full range. `filters` come first.
#[track_caller]
pub fn picture(media: &Path, number: usize, filters: &str) -> Vec<u8> {
    let filters = format!("{filters}select=eq(n\\,{number}),scale=16:9:flags=area+accurate_rnd,format=rgb24");
    let pixels = ffmpeg(media, &["-map", "0:v:0", "-vf", &filters, "-frames:v", "1", "-f", "rawvideo", "-"]);
    assert_eq!(pixels.len(), 16 * 9 * 3, "{}: there is no picture {number}", media.display());
    pixels
}

/// The mean difference of two pictures of one size, in steps of 8-bit values.
pub fn difference(one: &[u8], other: &[u8]) -> f64 {
    let sum: u64 = one.iter().zip(other).map(|(a, b)| u64::from(a.abs_diff(*b))).sum();
    sum as f64 / one.len() as f64
}

/// The rendition as one file in `directory`, which any reader opens.
pub fn joined(root: &Path, track: &Track, directory: &TestDir) -> PathBuf {
    let files = Files::of(root);
    let path = directory.join(format!("{}.mp4", track.name()));
    let mut bytes = files.read(&track.file);
    if !track.is_single() {
        bytes.extend(track.segments.iter().flat_map(|segment| files.read(&segment.file)));
    }
    std::fs::write(&path, bytes).expect("a temporary directory is writable");
    path
}

/// A digest of every packet of a kind of stream (`v` or `a`), in decode order.
#[track_caller]
pub fn packets(media: &Path, stream: &str) -> Vec<String> {
    let entries = "packet=data_hash";
    let mut ffprobe = Command::new("ffprobe");
    ffprobe.args(["-v", "error", "-select_streams", stream, "-show_packets", "-show_data_hash", "md5"]);
    let output = ffprobe.args(["-show_entries", entries, "-of", "csv=p=0"]).arg(media).output();
    let output = output.expect("the ffprobe command is installed (make test does it)");
    assert!(output.stderr.is_empty(), "{}: {}", media.display(), String::from_utf8_lossy(&output.stderr));
    let lines = String::from_utf8_lossy(&output.stdout).into_owned();
    lines.lines().filter_map(|line| line.split_once("MD5:")).map(|(_, digest)| digest.to_owned()).collect()
}

/// When the picture turns white, in seconds of the programme.
pub fn flashes(root: &Path, track: &Track) -> Vec<f64> {
    let directory = TestDir::new();
    let media = joined(root, track, &directory);
    let source = format!("movie={},signalstats", media.display());
    let entries = "frame_tags=lavfi.signalstats.YAVG";
    let mut ffprobe = Command::new("ffprobe");
    ffprobe.args(["-v", "error", "-f", "lavfi", "-i", &source, "-show_entries", entries, "-of", "csv=p=0"]);
    let output = ffprobe.output().expect("the ffprobe command is installed (make test does it)");
    let text = String::from_utf8_lossy(&output.stdout);
    let luma: Vec<f64> = text.lines().filter_map(|line| line.trim_matches(',').parse().ok()).collect();
    let times = frame_times(root, track);
    assert_eq!(luma.len(), times.len(), "{}: {}", track.directory, String::from_utf8_lossy(&output.stderr));
    let seconds = |ticks: &i64| *ticks as f64 / f64::from(track.header.timescale);
    onsets(times.iter().zip(luma).filter(|(_, luma)| *luma > BRIGHT).map(|(at, _)| seconds(at)))
}

/// When a beep begins, in seconds of the programme.
pub fn beeps(root: &Path, track: &Track) -> Vec<f64> {
    let directory = TestDir::new();
    beeps_in(&joined(root, track, &directory))
}

/// When a beep begins in the first sound of a file, in seconds.
pub fn beeps_in(media: &Path) -> Vec<f64> {
    let rate = SAMPLE_RATE.to_string();
    // Priming has times below zero, which ffmpeg would otherwise move up to zero.
    let mut pcm = vec!["-map", "0:a:0", "-copyts", "-af", "atrim=start=0"];
    pcm.extend(["-f", "s16le", "-ac", "1", "-ar", &rate, "-"]);
    let pcm = ffmpeg(media, &pcm);
    let samples = pcm.chunks_exact(2).map(|pair| i16::from_le_bytes([pair[0], pair[1]]));
    let loud = |sample: i16| f64::from(sample).abs() > LOUD * f64::from(i16::MAX);
    let at = |index: usize| index as f64 / f64::from(SAMPLE_RATE);
    onsets(samples.enumerate().filter(|(_, sample)| loud(*sample)).map(|(index, _)| at(index)))
}

fn onsets(times: impl Iterator<Item = f64>) -> Vec<f64> {
    let (mut onsets, mut last) = (Vec::new(), f64::NEG_INFINITY);
    for time in times {
        if time - last > APART {
            onsets.push(time);
        }
        last = time;
    }
    onsets
}

fn ffmpeg(media: &Path, arguments: &[&str]) -> Vec<u8> {
    let mut ffmpeg = Command::new("ffmpeg");
    ffmpeg.args(["-nostdin", "-v", "error", "-i"]).arg(media).args(arguments);
    let output = ffmpeg.output().expect("the ffmpeg command is installed (make test does it)");
    assert!(output.status.success(), "{}: {}", media.display(), String::from_utf8_lossy(&output.stderr));
    output.stdout
}
