//! A coded file of FFmpeg's, packaged with and without encryption, and read back by FFmpeg.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::TestDir;
use crate::support::run::{Ended, package};

/// The key of most tests. Its digits are found in nothing by chance.
pub(crate) const KEY: &str = "3c5ae6d1f0b79824c86df1a2b39e4750";
/// Its name.
pub(crate) const KID: &str = "6a1b42c8-0d3e-4f59-9a77-c1d2e3f40516";

/// Pictures that differ from each other.
pub(crate) const PICTURES: &str = "-f lavfi -i testsrc2=s=192x108:r=25:d=3";
/// Sound that differs from moment to moment.
pub(crate) const SOUND: &str = "-f lavfi -i aevalsrc=0.4*sin(2*PI*(300+200*t)*t):s=48000:d=3";
/// H.264 with B-frames and two slices, a key frame every second.
pub(crate) const H264: &str = "-c:v libx264 -preset veryfast -bf 2 -g 25 -keyint_min 25 -sc_threshold 0 -slices 2 \
                        -pix_fmt yuv420p -colorspace bt709 -color_primaries bt709 -color_trc bt709";
/// Stereo AAC.
pub(crate) const AAC: &str = "-c:a aac -ac 2 -b:a 96k";

/// Files of one test.
#[derive(Debug)]
pub(crate) struct Bench {
    directory: TestDir,
}

impl Bench {
    pub(crate) fn new() -> Self {
        Self { directory: TestDir::new() }
    }

    /// A path below the directory of the test.
    pub(crate) fn at(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }

    /// Pictures and sound as one coded file.
    #[track_caller]
    pub(crate) fn film(&self, name: &str, video: &str, audio: &str) -> PathBuf {
        let path = self.at(name);
        let words = format!("-nostdin -v error -y {PICTURES} {SOUND} {video} {audio} -shortest");
        ffmpeg(words.split_whitespace().map(str::to_owned).chain([path.display().to_string()]));
        path
    }

    /// A key file with one key for all tracks.
    pub(crate) fn keys(&self) -> PathBuf {
        self.key_file("keys.json", &format!(r#"{{"keys": [{{"kid": "{KID}", "key": "{KEY}"}}]}}"#))
    }

    /// A private file with this text.
    pub(crate) fn key_file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.at(name);
        fs::write(&path, text).expect("writable");
        #[cfg(unix)]
        fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).expect("ours");
        path
    }

    /// Packages `film` into the directory `out` of the test.
    #[track_caller]
    pub(crate) fn packaged(&self, film: &Path, out: &str, flags: &[&str]) -> Ended {
        package(&[film], &self.at(out), flags).expect(0)
    }

    /// Packages `film` under the key of [`keys`](Self::keys).
    #[track_caller]
    pub(crate) fn encrypted(&self, film: &Path, out: &str, scheme: &str, flags: &[&str]) -> Ended {
        let keys = self.keys().display().to_string();
        self.packaged(film, out, &[&["--encrypt", scheme, "--key-file", &keys], flags].concat())
    }

    /// The directories of the renditions of a set, in order.
    pub(crate) fn renditions(&self, out: &str) -> Vec<String> {
        let mut found = Vec::new();
        for kind in ["video", "audio"] {
            let entries = fs::read_dir(self.at(out).join(kind)).into_iter().flatten();
            let names = entries.map(|entry| entry.expect("readable").file_name().to_string_lossy().into_owned());
            found.extend(names.map(|name| format!("{kind}/{name}")));
        }
        found.sort();
        found
    }

    /// All bytes of a rendition in one file: FFmpeg gets them as a player would.
    pub(crate) fn joined(&self, out: &str, rendition: &str) -> PathBuf {
        let directory = self.at(out).join(rendition);
        let single = directory.join("media.mp4");
        if single.exists() {
            return single;
        }
        let mut names: Vec<PathBuf> = fs::read_dir(&directory)
            .expect("a rendition")
            .map(|entry| entry.expect("readable").path())
            .filter(|path| path.extension().is_some_and(|e| e == "m4s"))
            .collect();
        names.sort();
        let mut bytes = fs::read(directory.join("init.mp4")).expect("a header");
        for name in names {
            bytes.extend(fs::read(name).expect("a segment"));
        }
        let path = self.at(&format!("{}.mp4", format!("{out}/{rendition}").replace('/', "-")));
        fs::write(&path, bytes).expect("writable");
        path
    }
}

/// What FFmpeg prints.
#[track_caller]
pub(crate) fn ffmpeg(words: impl Iterator<Item = String>) -> String {
    let words: Vec<String> = words.collect();
    let output = Command::new("ffmpeg").args(&words).output().expect("the ffmpeg command is installed");
    assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

/// Times, sizes and hashes of all packets of a file, decrypted with `key` where there is one.
///
/// FFmpeg 5.1 reads every fragment of a file before the first packet, and then decrypts all packets by what the last
/// one says (mov_read_header, cenc_filter); told to ignore the index it reads fragment by fragment.
#[track_caller]
pub(crate) fn packets(file: &Path, key: Option<&str>) -> Vec<String> {
    let before = ["-nostdin", "-v", "error", "-fflags", "+ignidx"]
        .into_iter()
        .chain(key.into_iter().flat_map(|key| ["-decryption_key", key]));
    let words = before.map(str::to_owned).chain(["-i".to_owned(), file.display().to_string()]);
    let text = ffmpeg(words.chain(["-c", "copy", "-f", "framemd5", "-"].map(str::to_owned)));
    // What follows the hash of a packet is about its side data.
    let packet = |line: &str| line.split(',').take(6).collect::<Vec<_>>().join(",");
    text.lines().filter(|line| !line.starts_with('#')).map(packet).collect()
}

/// The hashes alone.
pub(crate) fn hashes(packets: &[String]) -> Vec<&str> {
    packets.iter().map(|line| line.rsplit(',').next().expect("a hash").trim()).collect()
}
