//! Media, I-frame and image playlists.

use super::ROUNDING;
use crate::support::files::Files;
use crate::support::findings::Findings;
use crate::support::playlist::{Attributes, Entry, Playlist, range};
use crate::support::thumbnails::Sheet;
use crate::support::track::Track;

/// Checks the media playlist of a rendition against its segments. Gives back its target duration.
pub fn check(files: &mut Files, track: &Track, findings: &mut Findings) -> u64 {
    let name = format!("{}/playlist.m3u8", track.directory);
    let Some((playlist, target)) = head(files, &name, findings) else { return 0 };
    findings.equal(&name, "the number of #EXT-X-INDEPENDENT-SEGMENTS", independent(&playlist), 1);
    check_map(files, &playlist, track, findings);
    let entries = playlist.entries(findings);
    findings.equal(&name, "the number of segments", entries.len(), track.segments.len());
    let mut sum = 0.0;
    for (entry, segment) in entries.iter().zip(&track.segments) {
        let file = files.name(&name, &entry.uri, findings);
        findings.equal(&name, "the file of a segment", file.as_deref(), Some(&segment.file[..]));
        if track.is_single() {
            findings.equal(&name, "a byte range", entry.range, Some((segment.bytes, segment.offset)));
        } else {
            findings.equal(&name, "the byte range of a whole file", entry.range, None);
        }
        sum += entry.seconds;
        check_length(&name, entry, sum, track.seconds(track.end(segment)), target, findings);
        let length = track.seconds(track.end(segment) - track.start(segment));
        findings.rule(
            (entry.seconds - length).abs() < ROUNDING,
            &name,
            format!("EXTINF of {} is {}, the media lasts {length}", entry.uri, entry.seconds),
        );
    }
    target
}

/// Checks the I-frame playlist of a rendition: one entry per fragment, each range from the `moof` to the
/// end of the key frame (Apple 6.10). Gives back its target duration.
pub fn check_key_frames(files: &mut Files, track: &Track, findings: &mut Findings) -> u64 {
    let name = format!("{}/iframes.m3u8", track.directory);
    let Some((playlist, target)) = head(files, &name, findings) else { return 0 };
    findings.equal(&name, "the number of #EXT-X-I-FRAMES-ONLY", playlist.values("EXT-X-I-FRAMES-ONLY").len(), 1);
    check_map(files, &playlist, track, findings);
    let entries = playlist.entries(findings);
    findings.equal(&name, "the number of key frames", entries.len(), track.fragments().count());
    let fragments = track.segments.iter().flat_map(|s| s.fragments.iter().map(move |f| (s, f)));
    let mut sum = 0.0;
    for (entry, (segment, fragment)) in entries.iter().zip(fragments) {
        let file = files.name(&name, &entry.uri, findings);
        findings.equal(&name, "the file of a key frame", file.as_deref(), Some(&segment.file[..]));
        let right = Some((fragment.key_bytes, segment.offset + fragment.offset));
        findings.equal(&name, "the byte range of a key frame", entry.range, right);
        sum += entry.seconds;
        let end = track.seconds(fragment.decode_time + fragment.duration);
        check_length(&name, entry, sum, end, target, findings);
    }
    target
}

/// Checks the image playlist against the sheets.
pub fn images(files: &mut Files, sheets: &[Sheet], duration: f64, findings: &mut Findings) {
    let name = "thumbnails/images.m3u8";
    let Some((playlist, target)) = head(files, name, findings) else { return };
    findings.equal(name, "the number of #EXT-X-IMAGES-ONLY", playlist.values("EXT-X-IMAGES-ONLY").len(), 1);
    let entries = playlist.entries(findings);
    findings.equal(name, "the number of images", entries.len(), sheets.len());
    let mut sum = 0.0;
    for (entry, sheet) in entries.iter().zip(sheets) {
        let file = files.name(name, &entry.uri, findings);
        findings.equal(name, "the file of an image", file.as_deref(), Some(&sheet.file[..]));
        sum += entry.seconds;
        findings.rule(entry.seconds.round() as u64 <= target, name, "EXTINF is longer than the target duration");
        let tiles = entry.tags.iter().find(|(tag, _)| tag == "EXT-X-TILES").map_or("", |(_, v)| v);
        let tiles = Attributes::read(name, tiles, findings);
        let layout = tiles.get("LAYOUT").and_then(pair).unwrap_or_default();
        let tile = tiles.get("RESOLUTION").and_then(pair).unwrap_or_default();
        let whole = (layout.0 * tile.0, layout.1 * tile.1);
        findings.equal(name, "tiles times their size", whole, (sheet.width.into(), sheet.height.into()));
        let interval: f64 = tiles.get("DURATION").and_then(|d| d.parse().ok()).unwrap_or_default();
        findings.rule(interval > 0.0, name, "EXT-X-TILES has no DURATION");
        let most = interval * (layout.0 * layout.1) as f64;
        findings.rule(entry.seconds <= most + ROUNDING, name, format!("{} covers more than its tiles", entry.uri));
    }
    findings.rule((sum - duration).abs() < 1e-3, name, format!("images cover {sum} s of {duration} s"));
}

/// `AxB`.
fn pair(text: &str) -> Option<(u64, u64)> {
    let (a, b) = text.split_once('x')?;
    Some((a.parse().ok()?, b.parse().ok()?))
}

fn independent(playlist: &Playlist) -> usize {
    playlist.values("EXT-X-INDEPENDENT-SEGMENTS").len()
}

/// What all playlists of a finished programme say, and m3u8-rs's opinion.
fn head(files: &Files, name: &str, findings: &mut Findings) -> Option<(Playlist, u64)> {
    if !findings.rule(files.has(name), name, "is missing") {
        return None;
    }
    let playlist = Playlist::read(files, name, findings);
    let version = playlist.number("EXT-X-VERSION", findings);
    findings.rule(
        version >= 6,
        name,
        format!("version {version} does not know EXT-X-MAP outside of I-frame playlists"),
    );
    let kind = playlist.one("EXT-X-PLAYLIST-TYPE", findings);
    findings.equal(name, "EXT-X-PLAYLIST-TYPE", &kind[..], "VOD");
    let last =
        playlist.lines.last() == Some(&crate::support::playlist::Line::Tag("EXT-X-ENDLIST".into(), String::new()));
    findings.rule(last, name, "does not end with EXT-X-ENDLIST");
    let target = playlist.number("EXT-X-TARGETDURATION", findings);
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
    Some((playlist, target))
}

fn check_map(files: &mut Files, playlist: &Playlist, track: &Track, findings: &mut Findings) {
    let name = &playlist.name;
    let map = Attributes::read(name, &playlist.one("EXT-X-MAP", findings), findings);
    let file = map.get("URI").and_then(|uri| files.name(name, uri, findings));
    findings.equal(name, "the file of EXT-X-MAP", file.as_deref(), Some(&track.file[..]));
    let header = track.is_single().then_some((track.header_bytes, 0));
    findings.equal(name, "the byte range of EXT-X-MAP", map.get("BYTERANGE").and_then(range), header);
}

/// RFC 8216bis § 4.4.3.1: EXTINF, rounded, is at most the target. Apple 8.1: no run of EXTINF drifts.
fn check_length(name: &str, entry: &Entry, sum: f64, end: f64, target: u64, findings: &mut Findings) {
    findings.rule(entry.seconds.round() as u64 <= target, name, "EXTINF is longer than the target duration");
    findings.rule((sum - end).abs() < 1e-4, name, format!("EXTINFs add up to {sum} where the media is at {end}"));
}
