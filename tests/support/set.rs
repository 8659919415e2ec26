//! A whole output directory, read back by readers that share nothing with the writer.

use std::path::{Path, PathBuf};

use super::dash::{self, Stock};
use super::decode;
use super::files::Files;
use super::findings::Findings;
use super::hls;
use super::subtitles;
use super::thumbnails::{self, Cue, Sheet};
use super::track::{Media, Track};
use super::verified;

/// What a set holds.
#[derive(Debug)]
pub struct SetFacts {
    /// The output directory.
    pub root: PathBuf,
    /// The video renditions, widest first.
    pub video: Vec<Track>,
    /// The audio renditions, by name.
    pub audio: Vec<Track>,
    /// The subtitles as DASH has them, by name.
    pub text: Vec<Track>,
    /// The key frames alone, for DASH.
    pub trick: Option<Track>,
    /// The sprite sheets.
    pub sheets: Vec<Sheet>,
    /// The cues of the thumbnails.
    pub cues: Vec<Cue>,
    /// Length of the programme in seconds: of the pictures, or of the sound when there are none.
    pub duration: f64,
    /// EXT-X-TARGETDURATION of audio and video.
    pub target: Option<u64>,
    /// The report.
    pub report: serde_json::Value,
    /// Size of every file.
    pub sizes: std::collections::BTreeMap<String, u64>,
}

impl SetFacts {
    /// A rendition by the name of its directory: `720p_h264`.
    ///
    /// # Panics
    /// When there is none.
    pub fn track(&self, name: &str) -> &Track {
        let all = self.video.iter().chain(&self.audio).chain(&self.trick);
        all.clone().find(|t| t.name() == name).unwrap_or_else(|| {
            panic!("no rendition {name} among {:?}", all.map(Track::name).collect::<Vec<_>>());
        })
    }

    /// Presentation times of all key frames in seconds.
    pub fn key_frames(&self) -> Vec<f64> {
        let track = self.video.first();
        track.map_or(Vec::new(), |t| t.fragments().map(|f| t.seconds(f.decode_time)).collect())
    }
}

/// Reads the output in `root` and checks every rule.
///
/// # Panics
/// With one line per broken rule, which names the file.
#[track_caller]
pub fn check_set(root: &Path) -> SetFacts {
    let (facts, broken) = violations(root);
    assert!(broken.is_empty(), "{} breaks {} rules:\n{}\n", root.display(), broken.len(), broken.join("\n"));
    facts
}

/// Reads the output in `root`; gives back what it holds and which rules it breaks.
pub fn violations(root: &Path) -> (SetFacts, Vec<String>) {
    let mut findings = Findings::default();
    verified::check(root, &mut findings);
    let mut files = Files::of(root);
    let mut read = |parent: &str| -> Vec<Track> {
        let directories = files.renditions(parent);
        // Without an MPD subtitles are WebVTT alone.
        let media =
            |directory: &&String| ["init.mp4", "media.mp4"].iter().any(|f| files.has(&format!("{directory}/{f}")));
        directories
            .iter()
            .filter(|d| parent != "subtitles" || media(d))
            .collect::<Vec<_>>()
            .iter()
            .filter_map(|directory| Track::read(&files, directory, &mut findings))
            .collect()
    };
    let (mut video, audio, text) = (read("video"), read("audio"), read("subtitles"));
    let (mut trick, rest): (Vec<Track>, Vec<Track>) = video.into_iter().partition(|t| t.name().ends_with("_trick"));
    video = rest;
    video.sort_by_key(|t| std::cmp::Reverse(size(t)));
    let duration = video.first().or(audio.first()).map_or(0.0, Track::duration);
    check_alignment(&video, &audio, &mut findings);
    check_text(&text, video.first().or(audio.first()), &mut findings);
    for track in &trick {
        check_trick(track, &video, &mut findings);
    }
    let (sheets, cues) = thumbnails::check(&mut files, duration, &mut findings);
    thumbnails::check_poster(&mut files, video.first().map(size), &mut findings);
    for track in video.iter().chain(&trick) {
        check_color(&files, track, &mut findings);
    }

    let (has_hls, has_dash) = (files.has("master.m3u8"), files.has("manifest.mpd"));
    findings.rule(has_hls || has_dash, root.display(), "has neither master.m3u8 nor manifest.mpd");
    let mut target = None;
    if has_hls {
        files.belongs("master.m3u8");
        target = hls::check(&mut files, &video, &audio, &mut findings);
        subtitles::check(&mut files, video.first().or(audio.first()), &mut findings);
        if !sheets.is_empty() {
            hls::images(&mut files, &sheets, &mut findings);
        }
    }
    if has_dash {
        files.belongs("manifest.mpd");
        let stock = Stock { video: &video, audio: &audio, text: &text, trick: &trick, sheets: &sheets, duration };
        dash::check(&mut files, stock, &mut findings);
    }
    for directory in files.renditions("subtitles") {
        files.belongs(&format!("{directory}/subtitles.vtt"));
    }
    if files.has("chapters.vtt") {
        files.belongs("chapters.vtt");
    }
    let report = report(&mut files, &mut findings);
    for plain in report["progressive"].as_array().into_iter().flatten() {
        files.belongs(plain["file"].as_str().unwrap_or_default());
    }
    files.check(&mut findings);
    let facts = SetFacts {
        root: root.to_owned(),
        video,
        audio,
        text,
        trick: trick.pop(),
        sheets,
        cues,
        duration,
        target,
        report,
        sizes: files.sizes().clone(),
    };
    (facts, findings.into_lines())
}

fn size(track: &Track) -> (u32, u32) {
    match track.header.media {
        Media::Video { width, height, .. } => (width, height),
        Media::Audio { .. } | Media::Text => (0, 0),
    }
}

/// All pictures end at one tick. Sound has as many segments, and ends within one block of its own of them.
fn check_alignment(video: &[Track], audio: &[Track], findings: &mut Findings) {
    let Some(first) = video.first().or(audio.first()) else { return };
    for track in video {
        let end = |t: &Track| t.segments.last().map(|s| t.end(s));
        findings.equal(&track.directory, "the end", end(track), end(first));
    }
    for track in audio {
        let here = &track.directory;
        let frame = track.fragments().next().map_or(0, |f| f.samples[0].duration);
        let frame = track.seconds(frame.into());
        findings.equal(here, "the number of segments", track.segments.len(), first.segments.len());
        let (own, other) = (track.duration(), first.duration());
        let kept = (own - other).abs() <= frame;
        findings.rule(kept, here, format!("ends at {own} s, {} at {other} s", first.directory));
    }
}

/// Text has the segments of the pictures, and samples without a gap to their end.
fn check_text(text: &[Track], first: Option<&Track>, findings: &mut Findings) {
    let Some(first) = first else { return };
    for track in text {
        let here = &track.directory;
        findings.equal(here, "the number of segments", track.segments.len(), first.segments.len());
        let (own, other) = (track.duration(), first.duration());
        findings.rule((own - other).abs() < 0.1, here, format!("ends at {own} s, {} at {other} s", first.directory));
    }
}

/// The trick rendition holds the key frames of the smallest rung, at their times.
fn check_trick(trick: &Track, video: &[Track], findings: &mut Findings) {
    let here = &trick.directory;
    let of = video.iter().find(|t| format!("{}_trick", t.name()) == trick.name());
    let smallest = video.last().map(Track::name);
    let Some(of) = findings.some(of, here, "is named after no rendition") else { return };
    findings.equal(here, "the rendition it is of", Some(of.name()), smallest);
    let pictures = |t: &Track, all: bool| -> Vec<(i64, u32, usize)> {
        t.fragments().map(|f| (f.presented()[0], f.samples[0].size, if all { f.samples.len() } else { 1 })).collect()
    };
    findings.equal(here, "its pictures (time, bytes, number)", pictures(trick, true), pictures(of, false));
    let end = |t: &Track| t.segments.last().map(|s| t.end(s));
    findings.equal(here, "the end", end(trick), end(of));
}

/// The VUI of the SPS says what `colr` says (CMAF § 9.2.3): read by FFmpeg from the bare stream.
fn check_color(files: &Files, track: &Track, findings: &mut Findings) {
    let Media::Video { color, full_range, .. } = track.header.media else { return };
    let vui = decode::color_of_stream(files, track);
    let right = decode::Color { codes: color, full_range };
    findings.equal(&track.file, "the colour that the SPS says", vui, Some(right));
}

fn report(files: &mut Files, findings: &mut Findings) -> serde_json::Value {
    const REPORT: &str = "streampack.json";
    if !findings.rule(files.has(REPORT), REPORT, "is missing") {
        return serde_json::Value::Null;
    }
    files.belongs(REPORT);
    serde_json::from_slice(&files.read(REPORT)).unwrap_or_else(|why| {
        findings.rule(false, REPORT, format!("is no JSON: {why}"));
        serde_json::Value::Null
    })
}
