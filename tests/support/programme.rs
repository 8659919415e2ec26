//! A programme that says where one is: each second has its own colour, each language its own tone.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

/// How many seconds it lasts; enough to switch there and back while it plays.
const SECONDS: usize = 24;

/// The tone of each language, in Hz; languages as BCP 47 and as MP4 has them (ISO 639-2/T).
const TONES: [(&str, &str, u32); 2] = [("en", "eng", 440), ("fr", "fra", 880)];

/// What its subtitles say, and behind it the second that they say it in.
const WORDS: &str = "Second ";

/// The colour of a second: from a grid of 27 that are far from each other, dark ones beside light ones.
fn color(second: usize) -> [u8; 3] {
    let at = (second * 10 + 5) % 27;
    [at / 9, at / 3 % 3, at % 3].map(|step| [0, 128, 255][step])
}

/// What players are told to expect of it.
pub fn expected() -> Value {
    let [english, french] = TONES.map(|(language, _, hertz)| json!([language, hertz]));
    json!({ "audio": [french, english], "colors": (0..SECONDS).map(color).collect::<Vec<_>>(), "segment": 2 })
}

/// What players are told of its subtitles.
pub fn subtitle() -> Value {
    json!({ "language": "en", "words": WORDS })
}

/// Makes it in an empty directory below cargo's own for tests, and encodes it there, a set for each of `layouts`:
/// a name and flags. Gives the directory.
pub fn sets(name: &str, layouts: &[(&str, &[&str])]) -> PathBuf {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    if directory.exists() {
        std::fs::remove_dir_all(&directory).expect("an earlier run left a directory");
    }
    std::fs::create_dir_all(&directory).expect("cargo's directory for tests is writable");
    let source = directory.join("source.mp4");
    make(&source);
    let words = directory.join("words.srt");
    std::fs::write(&words, srt()).expect("writable");
    for (layout, flags) in layouts {
        let mut encode = super::streampack();
        encode.arg("encode").arg(&source).arg("-o").arg(directory.join(layout));
        encode.args(["--ladder", "360p@800k,240p@300k", "--segment-duration", "2", "--thumbnail-interval", "1"]);
        encode.arg("--subtitles").arg(format!("{}:en", words.display()));
        encode.args(["--speed", "draft"]).args(*flags).assert().success();
    }
    directory
}

/// A line for each second, as SubRip has it.
fn srt() -> String {
    let line = |second: usize| {
        format!("{}\n00:00:{second:02},000 --> 00:00:{:02},000\n{WORDS}{second}\n\n", second + 1, second + 1)
    };
    (0..SECONDS).map(line).collect()
}

fn make(path: &Path) {
    let source = |second: usize| {
        let [r, g, b] = color(second);
        format!("color=c=0x{r:02x}{g:02x}{b:02x}:s=640x360:r=25:d=1[c{second}]")
    };
    let sources: Vec<String> = (0..SECONDS).map(source).collect();
    let inputs: String = (0..SECONDS).map(|second| format!("[c{second}]")).collect();
    let graph = format!("{};{inputs}concat=n={SECONDS}:v=1:a=0,format=yuv420p[v]", sources.join(";"));
    let mut ffmpeg = Command::new("ffmpeg");
    ffmpeg.args(["-nostdin", "-v", "error", "-filter_complex", &graph]);
    for (_, _, hertz) in TONES {
        ffmpeg.args(["-f", "lavfi", "-i", &format!("sine=frequency={hertz}:sample_rate=48000:duration={SECONDS}")]);
    }
    ffmpeg.args(["-map", "[v]", "-map", "0:a", "-map", "1:a", "-c:v", "libx264", "-preset", "ultrafast"]);
    for (stream, (_, language, _)) in TONES.iter().enumerate() {
        ffmpeg.args([format!("-metadata:s:a:{stream}"), format!("language={language}")]);
    }
    let status = ffmpeg.args(["-c:a", "aac", "-b:a", "96k"]).arg(path).status();
    assert!(status.expect("the ffmpeg command is installed (make test does it)").success());
}
