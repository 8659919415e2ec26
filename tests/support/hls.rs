//! The playlists of a set of ours: `verify` knows the rules of HLS, this knows what we promise beyond them.

use super::files::Files;
use super::findings::Findings;
use super::playlist::{Attributes, Line, Playlist};
use super::thumbnails::Sheet;
use super::track::{Media, Track};

const MASTER: &str = "master.m3u8";

/// Checks every playlist. Gives back the target duration of audio and video.
pub fn check(files: &mut Files, video: &[Track], audio: &[Track], findings: &mut Findings) -> Option<u64> {
    let mut targets = Vec::new();
    for track in video.iter().chain(audio) {
        targets.push(check_media(files, track, findings));
    }
    for track in video {
        head(files, &format!("{}/iframes.m3u8", track.directory), findings);
    }
    check_multivariant(files, video, audio, findings);
    let target = *targets.first()?;
    let spans = video.iter().chain(audio).flat_map(Track::load);
    let longest = spans.map(|(_, seconds)| seconds.round() as u64).max().unwrap_or(0).max(1);
    findings.equal(MASTER, "the target duration of the media playlists", target, longest);
    Some(target)
}

/// The media playlist of a rendition names all its segments. Gives back its target duration.
fn check_media(files: &mut Files, track: &Track, findings: &mut Findings) -> u64 {
    let name = format!("{}/playlist.m3u8", track.directory);
    let Some((playlist, target)) = head(files, &name, findings) else { return 0 };
    findings.equal(
        &name,
        "the number of #EXT-X-INDEPENDENT-SEGMENTS",
        playlist.values("EXT-X-INDEPENDENT-SEGMENTS").len(),
        1,
    );
    let entries = playlist.entries(findings);
    findings.equal(&name, "the number of segments", entries.len(), track.segments.len());
    for (entry, segment) in entries.iter().zip(&track.segments) {
        let file = files.name(&name, &entry.uri, findings);
        findings.equal(&name, "the file of a segment", file.as_deref(), Some(&segment.file[..]));
        let range = track.is_single().then_some((segment.bytes, segment.offset));
        findings.equal(&name, "a byte range", entry.range, range);
    }
    target
}

/// The image playlist names all sheets.
pub fn images(files: &mut Files, sheets: &[Sheet], findings: &mut Findings) {
    let name = "thumbnails/images.m3u8";
    let Some((playlist, _)) = head(files, name, findings) else { return };
    let entries = playlist.entries(findings);
    findings.equal(name, "the number of images", entries.len(), sheets.len());
    for (entry, sheet) in entries.iter().zip(sheets) {
        let file = files.name(name, &entry.uri, findings);
        findings.equal(name, "the file of an image", file.as_deref(), Some(&sheet.file[..]));
        findings.rule(entry.tags.iter().any(|(tag, _)| tag == "EXT-X-TILES"), name, "an image has no EXT-X-TILES");
    }
}

/// The multivariant playlist names every rendition once as what it is, and all that we say of it is said.
fn check_multivariant(files: &mut Files, video: &[Track], audio: &[Track], findings: &mut Findings) {
    let playlist = Playlist::read(files, MASTER, findings);
    let mut variants = Vec::new();
    for (at, line) in playlist.lines.iter().enumerate() {
        let (Line::Tag(tag, value), Some(Line::Uri(uri))) = (line, playlist.lines.get(at + 1)) else { continue };
        if tag == "EXT-X-STREAM-INF" {
            let variant = Attributes::read(MASTER, value, findings);
            findings.rule(audio.is_empty() || variant.get("AUDIO").is_some(), MASTER, format!("{uri} has no AUDIO"));
            let ranged = variant.get("VIDEO-RANGE").is_some() || variant.get("RESOLUTION").is_none();
            findings.rule(ranged, MASTER, format!("{uri} has no VIDEO-RANGE"));
            variants.extend(files.name(MASTER, uri, findings));
        }
    }
    let mut frames = Vec::new();
    for value in playlist.values("EXT-X-I-FRAME-STREAM-INF") {
        let stream = Attributes::read(MASTER, value, findings);
        findings.rule(stream.get("VIDEO-RANGE").is_some(), MASTER, format!("no VIDEO-RANGE in {value}"));
        frames.extend(files.name(MASTER, stream.get("URI").unwrap_or_default(), findings));
    }
    for track in video {
        let directory = &track.directory;
        findings.rule(variants.contains(&format!("{directory}/playlist.m3u8")), MASTER, format!("lacks {directory}"));
        findings.rule(frames.contains(&format!("{directory}/iframes.m3u8")), MASTER, format!("lacks {directory}"));
    }
    findings.equal(MASTER, "the number of I-frame playlists", frames.len(), video.len());
    check_members(files, &playlist, audio, findings);
    for value in playlist.values("EXT-X-SESSION-DATA") {
        let data = Attributes::read(MASTER, value, findings);
        if let Some(uri) = data.get("URI") {
            files.name(MASTER, uri, findings);
        }
    }
    let images = playlist.values("EXT-X-IMAGE-STREAM-INF");
    let thumbnails = usize::from(files.has("thumbnails/thumbnails.vtt"));
    findings.equal(MASTER, "the number of EXT-X-IMAGE-STREAM-INF", images.len(), thumbnails);
    for value in images {
        let stream = Attributes::read(MASTER, value, findings);
        files.name(MASTER, stream.get("URI").unwrap_or_default(), findings);
        findings.equal(MASTER, "CODECS of the images", stream.get("CODECS"), Some("jpeg"));
    }
    second_opinion(files, &playlist, findings);
}

/// Every audio rendition is a member of a group, under the language of its name.
fn check_members(files: &mut Files, playlist: &Playlist, audio: &[Track], findings: &mut Findings) {
    let mut named = Vec::new();
    for value in playlist.values("EXT-X-MEDIA") {
        let media = Attributes::read(MASTER, value, findings);
        match media.get("TYPE") {
            Some("CLOSED-CAPTIONS") => continue,
            Some("SUBTITLES") => {
                let file = files.name(MASTER, media.get("URI").unwrap_or_default(), findings).unwrap_or_default();
                let language = media.get("LANGUAGE").unwrap_or_default();
                let kept = !language.is_empty() && file.starts_with(&format!("subtitles/{language}"));
                findings.rule(kept, MASTER, format!("LANGUAGE of {value} is {language}"));
                continue;
            }
            kind => {
                findings.equal(MASTER, "EXT-X-MEDIA TYPE", kind, Some("AUDIO"));
            }
        }
        let file = files.name(MASTER, media.get("URI").unwrap_or_default(), findings);
        let track = audio.iter().find(|t| Some(format!("{}/playlist.m3u8", t.directory)) == file);
        let Some(track) = findings.some(track, MASTER, format!("{value} is no audio rendition")) else { continue };
        if let Media::Audio { channels, .. } = track.header.media {
            findings.equal(MASTER, "CHANNELS", media.get("CHANNELS"), Some(&channels.to_string()[..]));
        }
        let language = media.get("LANGUAGE").unwrap_or("und");
        findings.rule(track.name().starts_with(language), MASTER, format!("LANGUAGE of {value} is {language}"));
        named.push(&track.directory[..]);
    }
    for track in audio {
        findings.rule(named.contains(&&track.directory[..]), MASTER, format!("does not name {}", track.directory));
    }
}

fn second_opinion(files: &Files, playlist: &Playlist, findings: &mut Findings) {
    match m3u8_rs::parse_master_playlist_res(&files.read(MASTER)) {
        Ok(other) => {
            let media = other.alternatives.len();
            findings.equal(MASTER, "the EXT-X-MEDIA that m3u8-rs sees", media, playlist.values("EXT-X-MEDIA").len());
            let variants = other.variants.iter().filter(|v| !v.is_i_frame).count();
            findings.equal(
                MASTER,
                "the variants that m3u8-rs sees",
                variants,
                playlist.values("EXT-X-STREAM-INF").len(),
            );
        }
        Err(why) => {
            findings.rule(false, MASTER, format!("m3u8-rs cannot read it: {why}"));
        }
    }
}

/// The last line of a playlist, and m3u8-rs's opinion.
fn head(files: &mut Files, name: &str, findings: &mut Findings) -> Option<(Playlist, u64)> {
    if !findings.rule(files.has(name), name, "is missing") {
        return None;
    }
    let playlist = Playlist::read(files, name, findings);
    let last = playlist.lines.last() == Some(&Line::Tag("EXT-X-ENDLIST".into(), String::new()));
    findings.rule(last, name, "does not end with EXT-X-ENDLIST");
    let target = playlist.values("EXT-X-TARGETDURATION").first().and_then(|value| value.parse().ok()).unwrap_or(0);
    match m3u8_rs::parse_media_playlist_res(&files.read(name)) {
        Ok(other) => {
            findings.equal(name, "the target duration, read by m3u8-rs,", other.target_duration, target);
            let uris: Vec<&str> = other.segments.iter().map(|s| &s.uri[..]).collect();
            let entries = playlist.entries(findings);
            let right: Vec<&str> = entries.iter().map(|e| &e.uri[..]).collect();
            findings.equal(name, "the URIs, read by m3u8-rs,", uris, right);
            findings.rule(other.end_list, name, "m3u8-rs sees no end");
        }
        Err(why) => {
            findings.rule(false, name, format!("m3u8-rs cannot read it: {why}"));
        }
    }
    for value in playlist.values("EXT-X-MAP") {
        let map = Attributes::read(name, value, findings);
        files.name(name, map.get("URI").unwrap_or_default(), findings);
    }
    Some((playlist, target))
}
