//! FFmpeg's commands as one more reader.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use super::files::Files;
use super::track::{Media, Track};

/// Decodes everything that `manifest` (an HLS playlist or an MPD) names.
///
/// # Panics
/// When FFmpeg fails or warns.
#[track_caller]
pub fn decode_cleanly(manifest: &Path) {
    // Of a relative path FFmpeg's DASH demuxer makes `out/out/…`.
    let manifest = std::path::absolute(manifest).expect("the current directory is known");
    let mut command = Command::new("ffmpeg");
    command.args(["-nostdin", "-v", "warning", "-i"]).arg(&manifest);
    command.args(["-map", "0:v?", "-map", "0:a?", "-f", "null", "-"]);
    let output = command.output().expect("the ffmpeg command is installed (make test does it)");
    let said = String::from_utf8_lossy(&output.stderr);
    // FFmpeg's DASH demuxer begins each segment anew, and adds the largest negative composition offset
    // that it has met in it (see `frame_times`): where a later fragment has a larger one, two pictures
    // get one time. The checks of the boxes look at the times themselves.
    let of_ffmpeg = |line: &&str| manifest.ends_with("manifest.mpd") && line.contains("non monotonically increasing");
    // Nor does its HLS demuxer read WebVTT, unless it is told to.
    let unread = |line: &&str| manifest.ends_with("master.m3u8") && line.contains("Can't support the subtitle");
    let said = said.lines().filter(|line| !of_ffmpeg(line) && !unread(line)).collect::<Vec<_>>().join("\n");
    let name = manifest.display();
    assert!(output.status.success(), "{name}: ffmpeg fails: {said}");
    assert!(said.trim().is_empty(), "{name}: ffmpeg warns: {said}");
}

/// The presentation times of all frames of a rendition, ascending, in ticks of its timescale.
///
/// FFmpeg's demuxer does not know that composition offsets can be negative (`trun` version 1): it adds
/// the largest one below zero to all times of a fragmented track (`dts_shift` in libavformat/mov.c, 5.1
/// to 9.0). That is taken off again.
///
/// # Panics
/// When ffprobe cannot read it.
#[track_caller]
pub fn frame_times(root: &Path, track: &Track) -> Vec<i64> {
    let media = whole(&Files::of(root), track);
    let text = probe(&["-show_entries", "frame=pts", "-of", "csv=p=0"], "mp4", &media);
    let mut times: Vec<i64> = text
        .lines()
        .map(|line| line.trim_end_matches(','))
        .filter(|l| !l.is_empty())
        .map(|l| l.parse().unwrap_or_else(|_| panic!("{}: ffprobe says the time {l}", track.directory)))
        .collect();
    times.sort_unstable();
    let offsets = track.fragments().flat_map(|f| &f.samples).map(|s| s.composition);
    let shift = offsets.min().unwrap_or(0).min(0);
    times.iter().map(|time| time + shift).collect()
}

/// The rendition as one file.
fn whole(files: &Files, track: &Track) -> Vec<u8> {
    if track.is_single() {
        return files.read(&track.file);
    }
    let segments = track.segments.iter().flat_map(|s| files.read(&s.file));
    files.read(&track.file).into_iter().chain(segments).collect()
}

/// Colour as ITU-T H.273 counts it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Color {
    /// Primaries, transfer and matrix.
    pub codes: (u16, u16, u16),
    /// Whether the whole range of values is used.
    pub full_range: bool,
}

/// The colour that the first picture's parameter sets say, without any container.
pub fn color_of_stream(files: &Files, track: &Track) -> Option<Color> {
    let Media::Video { nal_length, parameter_sets, .. } = &track.header.media else { return None };
    let (segment, fragment) = track.segments.first().and_then(|s| Some((s, s.fragments.first()?)))?;
    let bytes = files.read(&segment.file);
    let end = (segment.offset + fragment.offset + fragment.key_bytes) as usize;
    let picture = bytes.get(end - fragment.samples[0].size as usize..end)?;
    let mut stream = Vec::new();
    for unit in parameter_sets {
        stream.extend([0, 0, 0, 1]);
        stream.extend(unit);
    }
    let mut at = 0;
    while let Some(length) = picture.get(at..at + nal_length) {
        let length = length.iter().fold(0usize, |sum, byte| sum << 8 | usize::from(*byte));
        stream.extend([0, 0, 0, 1]);
        stream.extend(picture.get(at + nal_length..at + nal_length + length)?);
        at += nal_length + length;
    }
    let entries = "stream=color_primaries,color_transfer,color_space,color_range";
    let text = probe(&["-show_entries", entries, "-of", "default=nk=0:nw=1"], "h264", &stream);
    let value =
        |name: &str| text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('=')).unwrap_or("unknown");
    let codes = (
        code(PRIMARIES, value("color_primaries"))?,
        code(TRANSFERS, value("color_transfer"))?,
        code(MATRICES, value("color_space"))?,
    );
    Some(Color { codes, full_range: value("color_range") == "pc" })
}

const PRIMARIES: &[(&str, u16)] =
    &[("bt709", 1), ("unknown", 2), ("bt470bg", 5), ("smpte170m", 6), ("bt2020", 9), ("smpte432", 12)];
const TRANSFERS: &[(&str, u16)] = &[
    ("bt709", 1),
    ("unknown", 2),
    ("bt470m", 4),
    ("bt470bg", 5),
    ("smpte170m", 6),
    ("iec61966-2-1", 13),
    ("bt2020-10", 14),
    ("smpte2084", 16),
    ("arib-std-b67", 18),
];
const MATRICES: &[(&str, u16)] =
    &[("bt709", 1), ("unknown", 2), ("bt470bg", 5), ("smpte170m", 6), ("bt2020nc", 9), ("bt2020c", 10)];

/// The code point of a name of FFmpeg.
fn code(table: &[(&str, u16)], name: &str) -> Option<u16> {
    table.iter().find(|(known, _)| *known == name).map(|(_, code)| *code)
}

/// What ffprobe says about bytes of a format.
#[track_caller]
fn probe(arguments: &[&str], format: &str, bytes: &[u8]) -> String {
    let mut child = Command::new("ffprobe")
        .args(["-v", "error", "-f", format])
        .args(arguments)
        .arg("-")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the ffprobe command is installed (make test does it)");
    let mut input = child.stdin.take().expect("stdin is piped");
    let output = std::thread::scope(|scope| {
        // ffprobe may have seen enough before the end.
        scope.spawn(move || input.write_all(bytes).ok());
        child.wait_with_output().expect("ffprobe was started")
    });
    assert!(output.status.success(), "ffprobe fails: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}
