//! Sound is brought to a loudness: measured before, and measured again by FFmpeg's own meter.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use super::{Encoded, made};
use crate::support::TestDir;
use crate::support::look::joined;
use crate::support::track::Track;
use crate::support::tree::same;

/// Sound alone takes no time.
const FLAGS: &[&str] = &["-p", "audio", "--loudness", "-16", "--audio", "aac@128k,opus@96k,ac3@192k"];

/// What is asked for, in LUFS.
const TARGET: f64 = -16.0;

/// Soft speech-like sound and loud noise, in two languages, ten seconds each; quick and equal everywhere.
fn two_levels(directory: &TestDir) -> PathBuf {
    let soft = "0.02*sin(330*2*PI*t)*(1+sin(3*2*PI*t))";
    let loud = "0.7*sin(440*2*PI*t)*(0.7+0.3*sin(2*PI*t))";
    let words = format!(
        "-f lavfi -i aevalsrc={soft}|{soft}:s=48000:d=6 -f lavfi -i aevalsrc={loud}|{loud}:s=48000:d=6 -map 0 -map 1 \
         -c:a pcm_s16le -metadata:s:a:0 language=eng -metadata:s:a:1 language=deu"
    );
    made(directory, "levels.mkv", &words)
}

/// Integrated loudness and true peak, as FFmpeg measures them.
fn measured(root: &Path, track: &Track) -> (f64, f64) {
    let directory = TestDir::new();
    let media = joined(root, track, &directory);
    let mut ffmpeg = Command::new("ffmpeg");
    ffmpeg.args(["-nostdin", "-hide_banner", "-i"]).arg(media).args(["-af", "ebur128=peak=true:framelog=verbose"]);
    let output =
        ffmpeg.args(["-f", "null", "-"]).output().expect("the ffmpeg command is installed (make test does it)");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let summary = said.rsplit_once("Summary:").expect("a summary").1;
    let value = |name: &str| {
        let line = summary.lines().find_map(|line| line.trim().strip_prefix(name)).expect("a value");
        line.split_whitespace().next().and_then(|number| number.parse().ok()).expect("a number")
    };
    (value("I:"), value("Peak:"))
}

fn report<'r>(set: &'r Encoded, track: &Track) -> &'r Value {
    let all = set.facts.report["audio"].as_array().expect("renditions");
    &all.iter().find(|audio| audio["id"] == track.name()).expect("it is there")["loudness"]
}

#[test]
fn every_rendition_is_as_loud_as_asked() {
    let directory = TestDir::new();
    let set = Encoded::with(&two_levels(&directory), FLAGS);
    assert_eq!(set.facts.audio.len(), 6);
    for track in &set.facts.audio {
        let (integrated, peak) = measured(&set.root(), track);
        assert!((integrated - TARGET).abs() < 0.5, "{} has {integrated} LUFS", track.directory);
        assert!(peak < -0.5, "{} has a peak of {peak} dBTP", track.directory);
        let loudness = report(&set, track);
        let said = |what: &str, field: &str| loudness[what][field].as_f64().expect("a number");
        assert!((said("result", "integrated_lufs") - integrated).abs() < 0.2, "{loudness}");
        assert!((said("result", "true_peak_dbtp") - peak).abs() < 0.4, "{loudness}: {peak}");
        let gain = loudness["gain_db"].as_f64().expect("a number");
        assert!((said("source", "integrated_lufs") + gain - TARGET).abs() < 0.02, "{loudness}");
        let header = fs::read(set.root().join(&track.file)).expect("a header");
        assert!(header.windows(4).any(|word| word == b"tlou"), "{} says no loudness", track.file);
    }
}

#[test]
fn peaks_limit_what_is_made_louder() {
    let directory = TestDir::new();
    // A click every second over soft sound.
    let sound = "if(lt(mod(t\\,1)\\,0.002)\\,0.7\\,0.01)*sin(500*2*PI*t)";
    let clicks = made(&directory, "clicks.wav", &format!("-f lavfi -i aevalsrc={sound}:s=48000:d=5 -c:a pcm_s16le"));
    let set = Encoded::with(&clicks, &["-p", "audio", "--loudness", "-14", "--audio", "aac@192k"]);
    assert_eq!(set.ended.warnings(), ["soft_sound"]);
    let (integrated, peak) = measured(&set.root(), &set.facts.audio[0]);
    assert!(integrated < -15.0 && (-3.0..0.0).contains(&peak), "{integrated} LUFS, {peak} dBTP");
}

#[test]
fn silence_stays_silence() {
    let directory = TestDir::new();
    let silent = made(&directory, "silent.wav", "-f lavfi -i anullsrc=r=48000:cl=stereo:d=2 -c:a pcm_s16le");
    let set = Encoded::with(&silent, &["-p", "audio", "--loudness", "-16", "--audio", "aac@64k"]);
    assert_eq!(report(&set, &set.facts.audio[0])["gain_db"], 0.0);
    assert!(set.ended.warnings().is_empty());
}

#[test]
fn the_bytes_do_not_depend_on_the_number_of_jobs() {
    let directory = TestDir::new();
    let source = two_levels(&directory);
    let one = Encoded::with(&source, &[FLAGS, &["-j", "1"]].concat());
    let two = Encoded::with(&source, &[FLAGS, &["-j", "2"]].concat());
    same(&one.root(), &two.root());
}
