//! Coded files in, one finished set out: the binary over files that FFmpeg has made, its output read back by others.

#[path = "package/codecs.rs"]
mod codecs;
#[path = "package/ladders.rs"]
mod ladders;
#[path = "package/odd.rs"]
mod odd;
#[path = "package/rerun.rs"]
mod rerun;
#[path = "package/sound.rs"]
mod sound;
#[path = "package/stills.rs"]
mod stills;
#[path = "package/text.rs"]
mod text;
#[path = "package/times.rs"]
mod times;

mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use support::run::{Ended, package, run};
use support::{TestDir, decode_cleanly};

/// Pictures that differ from each other, at 29.97 per second.
const PICTURES: &str = "-f lavfi -i testsrc2=s=192x108:r=30000/1001:d=3";
/// Sound that differs from moment to moment.
const SOUND: &str = "-f lavfi -i aevalsrc=0.4*sin(2*PI*(300+200*t)*t):s=48000:d=3";
/// H.264 with B-frames, a key frame every second.
const H264: &str = "-c:v libx264 -preset veryfast -bf 3 -g 30 -keyint_min 30 -sc_threshold 0 -pix_fmt yuv420p \
                    -colorspace bt709 -color_primaries bt709 -color_trc bt709";

/// Files of one test, and the set that is packaged of them.
struct Bench {
    directory: TestDir,
}

/// What FFmpeg decodes.
#[derive(Debug, PartialEq)]
struct Decoded {
    /// A hash of each picture, in the order they are shown.
    hashes: Vec<String>,
    /// When each picture is shown after the first one, in microseconds.
    times: Vec<i64>,
}

impl Bench {
    fn new() -> Self {
        Self { directory: TestDir::new() }
    }

    /// What FFmpeg makes with these words.
    #[track_caller]
    fn made(&self, name: &str, words: &str) -> PathBuf {
        let path = self.directory.join(name);
        let mut ffmpeg = Command::new("ffmpeg");
        ffmpeg.args(["-nostdin", "-v", "error", "-y"]).args(words.split_whitespace()).arg(&path);
        let output = ffmpeg.output().expect("the ffmpeg command is installed (make test does it)");
        assert!(output.status.success(), "{words}: {}", String::from_utf8_lossy(&output.stderr));
        path
    }

    /// Pictures and sound as one coded file.
    #[track_caller]
    fn film(&self, name: &str, video: &str, audio: &str) -> PathBuf {
        self.made(name, &format!("{PICTURES} {SOUND} {video} {audio} -shortest"))
    }

    fn out(&self) -> PathBuf {
        self.directory.join("out")
    }

    /// Packages files into a set that keeps every rule and that FFmpeg decodes without a word.
    #[track_caller]
    fn packaged(&self, inputs: &[&Path], flags: &[&str]) -> Ended {
        self.packaged_but(inputs, flags, &[])
    }

    /// The same, where the files themselves break the rules in `broken`.
    #[track_caller]
    fn packaged_but(&self, inputs: &[&Path], flags: &[&str], broken: &[&str]) -> Ended {
        let ended = self.unplayed(inputs, flags, broken);
        for manifest in ["master.m3u8", "manifest.mpd"].map(|name| self.out().join(name)) {
            if manifest.exists() {
                decode_cleanly(&manifest);
            }
        }
        ended
    }

    /// Packages files into a set that keeps every rule but those in `broken`.
    #[track_caller]
    fn unplayed(&self, inputs: &[&Path], flags: &[&str], broken: &[&str]) -> Ended {
        let ended = package(inputs, &self.out(), flags).expect(0);
        assert_eq!(ended.err, "", "--json has stderr to itself");
        let verified = run(&[Path::new("verify"), &self.out()]);
        let errors = verified.out.lines().filter_map(|line| line.strip_prefix("error "));
        let found: Vec<&str> = errors.filter(|line| !broken.iter().any(|rule| line.starts_with(rule))).collect();
        assert!(found.is_empty() && verified.err.contains("checked"), "{}{}", verified.out, verified.err);
        for rule in broken {
            assert!(verified.out.contains(&format!("error {rule}")), "{rule} is kept: {}", verified.out);
        }
        ended
    }

    /// The names of the renditions.
    fn renditions(&self, kind: &str) -> Vec<String> {
        let entries = fs::read_dir(self.out().join(kind)).into_iter().flatten();
        let mut names: Vec<String> =
            entries.map(|entry| entry.expect("readable").file_name().to_string_lossy().into_owned()).collect();
        names.retain(|name| !name.ends_with("_trick"));
        names.sort();
        names
    }

    /// A rendition as one file.
    fn joined(&self, rendition: &str) -> PathBuf {
        let directory = self.out().join(rendition);
        let single = directory.join("media.mp4");
        if single.exists() {
            return single;
        }
        let mut bytes = fs::read(directory.join("init.mp4")).expect("a header");
        for segment in (1..).map(|number| directory.join(format!("segment_{number:05}.m4s"))) {
            match fs::read(segment) {
                Ok(segment) => bytes.extend(segment),
                Err(_) => break,
            }
        }
        let path = self.directory.join("joined.mp4");
        fs::write(&path, bytes).expect("a temporary directory is writable");
        path
    }

    /// The pictures of a rendition are those of `source`, at the same times.
    #[track_caller]
    fn shows(&self, rendition: &str, source: &Path) {
        let (found, expected) = (decoded(&self.joined(rendition)), decoded(source));
        assert_eq!(found.hashes.len(), expected.hashes.len(), "the number of pictures");
        assert_eq!(found.hashes, expected.hashes);
        let off = found.times.iter().zip(&expected.times).map(|(a, b)| (a - b).abs()).max().unwrap_or(0);
        // Containers that count in milliseconds have rounded theirs.
        assert!(off <= 1000, "a picture is {off} µs off: {:?} {:?}", found.times, expected.times);
    }

    /// The sound of a rendition is that of `source`, to the sample.
    #[track_caller]
    fn sounds(&self, rendition: &str, source: &Path) {
        let (found, expected) = (pcm(&self.joined(rendition)), pcm(source));
        let common = found.len().min(expected.len());
        assert!(common * 10 > expected.len() * 9, "{} of {} bytes of sound", found.len(), expected.len());
        assert!(found[..common] == expected[..common], "the sound of {rendition} differs or is shifted");
    }
}

#[track_caller]
fn ffmpeg(media: &Path, words: &[&str]) -> Vec<u8> {
    let mut ffmpeg = Command::new("ffmpeg");
    ffmpeg.args(["-nostdin", "-v", "error", "-copyts", "-i"]).arg(media).args(words).arg("-");
    let output = ffmpeg.output().expect("the ffmpeg command is installed (make test does it)");
    assert!(output.status.success(), "{}: {}", media.display(), String::from_utf8_lossy(&output.stderr));
    output.stdout
}

#[track_caller]
fn decoded(media: &Path) -> Decoded {
    let text = ffmpeg(media, &["-map", "0:v:0", "-fps_mode", "passthrough", "-f", "framemd5"]);
    let text = String::from_utf8(text).expect("framemd5 is text");
    let base = text.lines().find_map(|line| line.strip_prefix("#tb 0: ")).expect("a time base");
    let (num, den) = base.split_once('/').expect("a fraction");
    let (num, den): (i64, i64) = (num.parse().expect("a number"), den.parse().expect("a number"));
    let rows: Vec<Vec<&str>> = text
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| line.split(',').map(str::trim).collect())
        .collect();
    let times: Vec<i64> =
        rows.iter().map(|row| row[2].parse::<i64>().expect("a time") * num * 1_000_000 / den).collect();
    let first = times.first().copied().unwrap_or(0);
    let hashes = rows.iter().map(|row| row[5].to_owned()).collect();
    Decoded { hashes, times: times.into_iter().map(|time| time - first).collect() }
}

#[track_caller]
fn pcm(media: &Path) -> Vec<u8> {
    // Of fragmented files FFmpeg knows when the priming is heard, and does not cut it off.
    ffmpeg(media, &["-map", "0:a:0", "-af", "atrim=start=0", "-f", "s16le"])
}
