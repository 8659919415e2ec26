//! One file in, one finished set out: the binary over real clips, its output read back by others.

#[path = "vod/captions.rs"]
mod captions;
#[path = "vod/choices.rs"]
mod choices;
#[path = "vod/clips.rs"]
mod clips;
#[path = "vod/copied.rs"]
mod copied;
#[path = "vod/loudness.rs"]
mod loudness;
#[path = "vod/odd.rs"]
mod odd;
#[path = "vod/pictures.rs"]
mod pictures;
#[path = "vod/progressive.rs"]
mod progressive;
#[path = "vod/rates.rs"]
mod rates;
#[path = "vod/rerun.rs"]
mod rerun;
#[path = "vod/sound.rs"]
mod sound;
#[path = "vod/stills.rs"]
mod stills;
#[path = "vod/sync.rs"]
mod sync;
#[path = "vod/text.rs"]
mod text;

mod support;

use std::path::{Path, PathBuf};
use std::process::Command;

use support::run::{Ended, encode};
use support::{SetFacts, TestDir, check_set, clip, decode_cleanly};

/// Two small rungs, so that a clip takes about a second.
const SMALL: &[&str] = &["--ladder", "180p@300k,120p@150k", "--speed", "draft"];

/// A finished set that keeps every rule and decodes.
#[derive(Debug)]
struct Encoded {
    directory: TestDir,
    facts: SetFacts,
    ended: Ended,
}

impl Encoded {
    /// A clip of `testdata/`, in two small rungs.
    #[track_caller]
    fn small(name: &str) -> Self {
        Self::with(&clip(name), SMALL)
    }

    /// A clip of `testdata/`, in two small rungs and with more flags.
    #[track_caller]
    fn small_with(name: &str, flags: &[&str]) -> Self {
        Self::with(&clip(name), &[SMALL, flags].concat())
    }

    /// Any file.
    #[track_caller]
    fn with(input: &Path, flags: &[&str]) -> Self {
        let directory = TestDir::new();
        let out = directory.join("out");
        let ended = encode(input, &out, flags).expect(0);
        assert_eq!(ended.err, "", "--json has stderr to itself");
        let facts = check_set(&out);
        let pictures = facts.video.first().map(|track| track.fragments().map(|f| f.samples.len()).sum::<usize>());
        for manifest in ["master.m3u8", "manifest.mpd"].map(|name| out.join(name)) {
            // FFmpeg's DASH demuxer cannot tell what a stream of one picture is, its HLS demuxer can.
            let readable = pictures != Some(1) || manifest.ends_with("master.m3u8");
            if manifest.exists() && readable {
                decode_cleanly(&manifest);
            }
        }
        Self { directory, facts, ended }
    }

    fn root(&self) -> PathBuf {
        self.directory.join("out")
    }

    /// Width and height of every rung, the largest first.
    fn sizes(&self) -> Vec<(u32, u32)> {
        let size = |track: &support::track::Track| match track.header.media {
            support::track::Media::Video { width, height, .. } => (width, height),
            support::track::Media::Audio { .. } | support::track::Media::Text => unreachable!("a rung holds pictures"),
        };
        self.facts.video.iter().map(size).collect()
    }

    fn audio_names(&self) -> Vec<&str> {
        self.facts.audio.iter().map(|track| track.name()).collect()
    }
}

/// What FFmpeg makes with these words, in `directory`.
#[track_caller]
fn made(directory: &TestDir, name: &str, words: &str) -> PathBuf {
    let path = directory.join(name);
    let mut ffmpeg = Command::new("ffmpeg");
    ffmpeg.args(["-nostdin", "-v", "error"]).args(words.split(' ')).args(["-fflags", "+bitexact"]).arg(&path);
    assert!(ffmpeg.status().expect("the ffmpeg command is installed (make test does it)").success());
    path
}

/// The size of a JPEG of the set.
fn jpeg_size(path: &Path) -> (u32, u32) {
    image::image_dimensions(path).expect("it is a JPEG")
}
