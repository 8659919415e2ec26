//! WebVTT segments of a set of ours, read back.

use super::files::Files;
use super::findings::Findings;
use super::playlist::Playlist;
use super::track::Track;

/// One cue: start and end in seconds, settings, text.
#[derive(Debug, Clone, PartialEq)]
pub struct Cue {
    /// When it appears.
    pub start: f64,
    /// When it goes.
    pub end: f64,
    /// Its settings.
    pub settings: String,
    /// Its text.
    pub text: String,
}

/// The cues of a WebVTT file.
pub fn cues(text: &str) -> Vec<Cue> {
    let mut cues = Vec::new();
    for block in text.split("\n\n") {
        let Some((times, words)) = block.trim_start().split_once('\n').filter(|(line, _)| line.contains(" --> "))
        else {
            continue;
        };
        let (start, rest) = times.split_once(" --> ").expect("an arrow");
        let (end, settings) = rest.split_once(' ').unwrap_or((rest, ""));
        let text = words.trim_end().to_owned();
        cues.push(Cue { start: seconds(start), end: seconds(end), settings: settings.to_owned(), text });
    }
    cues
}

fn seconds(clock: &str) -> f64 {
    clock.split(':').fold(0.0, |sum, part| sum * 60.0 + part.parse::<f64>().expect("a clock"))
}

/// Every rendition has a WebVTT segment for each of `first`, each with the cues that reach into it and no others; the
/// whole file has them all.
pub fn check(files: &mut Files, first: Option<&Track>, findings: &mut Findings) {
    for directory in files.renditions("subtitles") {
        let whole = cues(&files.text(&format!("{directory}/subtitles.vtt"), findings));
        findings.rule(!whole.is_empty(), &directory, "has no cues");
        let name = format!("{directory}/playlist.m3u8");
        let entries = Playlist::read(files, &name, findings).entries(findings);
        findings.equal(&name, "the number of segments", entries.len(), first.map_or(0, |track| track.segments.len()));
        let mut start = 0.0;
        for entry in entries {
            let end = start + entry.seconds;
            let Some(file) = files.name(&name, &entry.uri, findings) else { continue };
            let text = files.text(&file, findings);
            let header = "WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:0,LOCAL:00:00:00.000\n";
            findings.rule(text.starts_with(header), &file, "has another header");
            let inside = |cue: &&Cue| cue.start < end - 0.0005 && cue.end > start + 0.0005;
            let wanted: Vec<Cue> = whole.iter().filter(inside).cloned().collect();
            findings.equal(&file, "its cues", cues(&text), wanted);
            start = end;
        }
    }
}
