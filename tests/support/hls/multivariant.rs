//! The multivariant playlist.

use std::collections::{BTreeMap, BTreeSet};

use crate::support::bandwidth::{agrees, average, peak};
use crate::support::files::Files;
use crate::support::findings::Findings;
use crate::support::playlist::{Attributes, Line, Playlist};
use crate::support::track::{Media, Track};

const NAME: &str = "master.m3u8";

/// An audio group: the renditions in it.
type Groups<'a> = BTreeMap<String, Vec<&'a Track>>;

/// Checks the multivariant playlist against the renditions, whose target duration is `target`.
pub fn check(files: &mut Files, video: &[Track], audio: &[Track], target: u64, findings: &mut Findings) {
    let playlist = Playlist::read(files, NAME, findings);
    let version = playlist.number("EXT-X-VERSION", findings);
    findings.rule(version >= 6, NAME, format!("version {version} is older than that of the media playlists"));
    let independent = playlist.values("EXT-X-INDEPENDENT-SEGMENTS").len();
    findings.equal(NAME, "the number of #EXT-X-INDEPENDENT-SEGMENTS (Apple 9.11)", independent, 1);
    let groups = groups(files, &playlist, audio, findings);
    check_variants(files, &playlist, video, audio, &groups, target, findings);
    check_key_frames(files, &playlist, video, target, findings);
    check_images(files, &playlist, findings);
    match m3u8_rs::parse_master_playlist_res(&files.read(NAME)) {
        Ok(other) => {
            let media = other.alternatives.len();
            findings.equal(NAME, "the EXT-X-MEDIA that m3u8-rs sees", media, playlist.values("EXT-X-MEDIA").len());
            let variants = other.variants.iter().filter(|v| !v.is_i_frame).count();
            findings.equal(NAME, "the variants that m3u8-rs sees", variants, playlist.values("EXT-X-STREAM-INF").len());
        }
        Err(why) => {
            findings.rule(false, NAME, format!("m3u8-rs cannot read it: {why}"));
        }
    }
}

/// EXT-X-MEDIA: RFC 8216bis § 4.4.6.1.
fn groups<'a>(files: &mut Files, playlist: &Playlist, audio: &'a [Track], findings: &mut Findings) -> Groups<'a> {
    let mut groups = Groups::new();
    let mut names: BTreeSet<(String, String)> = BTreeSet::new();
    let mut defaults: BTreeMap<String, usize> = BTreeMap::new();
    for value in playlist.values("EXT-X-MEDIA") {
        let media = Attributes::read(NAME, value, findings);
        findings.equal(NAME, "EXT-X-MEDIA TYPE", media.get("TYPE"), Some("AUDIO"));
        let group = media.get("GROUP-ID").unwrap_or_default().to_owned();
        let name = media.get("NAME").unwrap_or_default().to_owned();
        findings.rule(!group.is_empty() && !name.is_empty(), NAME, format!("GROUP-ID or NAME is missing: {value}"));
        findings.rule(names.insert((group.clone(), name.clone())), NAME, format!("{name} stands twice in {group}"));
        let default = media.get("DEFAULT") == Some("YES");
        *defaults.entry(group.clone()).or_default() += usize::from(default);
        let automatic = media.get("AUTOSELECT") == Some("YES");
        findings.rule(automatic || !default, NAME, format!("DEFAULT=YES without AUTOSELECT=YES: {value}"));
        let uri = media.get("URI").unwrap_or_default();
        let file = files.name(NAME, uri, findings);
        let track = audio.iter().find(|t| Some(format!("{}/playlist.m3u8", t.directory)) == file);
        let Some(track) = findings.some(track, NAME, format!("{uri} is no playlist of an audio rendition")) else {
            continue;
        };
        if let Media::Audio { channels, .. } = track.header.media {
            findings.equal(NAME, "CHANNELS", media.get("CHANNELS"), Some(&channels.to_string()[..]));
        }
        let language = media.get("LANGUAGE").unwrap_or("und");
        findings.rule(track.name().starts_with(language), NAME, format!("LANGUAGE of {uri} is {language}"));
        groups.entry(group).or_default().push(track);
    }
    for (group, defaults) in defaults {
        findings.equal(NAME, format!("the number of DEFAULT=YES in {group}"), defaults, 1);
    }
    let members: BTreeSet<usize> = groups.values().map(Vec::len).collect();
    findings.rule(members.len() <= 1, NAME, "audio groups have different numbers of members");
    let named: BTreeSet<&str> = groups.values().flatten().map(|t| &t.directory[..]).collect();
    for track in audio {
        findings.rule(named.contains(&track.directory[..]), NAME, format!("does not name {}", track.directory));
    }
    groups
}

/// EXT-X-STREAM-INF: RFC 8216bis § 4.4.6.2 and Apple 9.
fn check_variants(
    files: &mut Files,
    playlist: &Playlist,
    video: &[Track],
    audio: &[Track],
    groups: &Groups<'_>,
    target: u64,
    findings: &mut Findings,
) {
    let mut named = BTreeSet::new();
    let mut used = BTreeSet::new();
    let mut captions = BTreeSet::new();
    for (at, line) in playlist.lines.iter().enumerate() {
        let Line::Tag(tag, value) = line else { continue };
        if tag != "EXT-X-STREAM-INF" {
            continue;
        }
        let Some(Line::Uri(uri)) = playlist.lines.get(at + 1) else {
            findings.rule(false, NAME, format!("no URI follows {value}"));
            continue;
        };
        let variant = Attributes::read(NAME, value, findings);
        captions.insert(variant.get("CLOSED-CAPTIONS").map(str::to_owned));
        let file = files.name(NAME, uri, findings).unwrap_or_default();
        let Some(track) = video.iter().chain(audio).find(|t| format!("{}/playlist.m3u8", t.directory) == file) else {
            findings.rule(false, NAME, format!("{uri} is no playlist of a rendition"));
            continue;
        };
        named.insert(&track.directory[..]);
        let group = variant.get("AUDIO").map(str::to_owned);
        let members = group.as_ref().and_then(|g| groups.get(g));
        findings.rule(
            group.is_some() == members.is_some(),
            NAME,
            format!("{uri} names an audio group that is not there"),
        );
        findings.rule(audio.is_empty() || members.is_some(), NAME, format!("{uri} names no audio group"));
        used.extend(group);
        let members: &[&Track] = members.map_or(&[], |m| m);
        check_rates(uri, &variant, track, members, target, findings);
        let mut codecs: BTreeSet<&str> = members.iter().map(|t| &t.header.codec[..]).collect();
        codecs.insert(&track.header.codec);
        let declared: BTreeSet<&str> = variant.get("CODECS").unwrap_or_default().split(',').collect();
        findings.equal(NAME, format!("CODECS of {uri}"), declared, codecs);
        check_picture(uri, &variant, track, true, findings);
    }
    for track in video {
        findings.rule(named.contains(&track.directory[..]), NAME, format!("does not name {}", track.directory));
    }
    let defined: BTreeSet<String> = groups.keys().cloned().collect();
    findings.equal(NAME, "the audio groups that variants name", used, defined);
    findings.rule(captions.len() <= 1, NAME, "CLOSED-CAPTIONS differs between variants");
}

/// BANDWIDTH is the largest sum of peaks that can be played (Apple 9.13), AVERAGE-BANDWIDTH likewise.
fn check_rates(
    uri: &str,
    variant: &Attributes,
    track: &Track,
    members: &[&Track],
    target: u64,
    findings: &mut Findings,
) {
    let most = |rate: fn(&[(u64, f64)], u64) -> f64| {
        let sound = members.iter().map(|t| rate(&t.load(), target)).fold(0.0, f64::max);
        if track.is_video() { rate(&track.load(), target) + sound } else { sound }
    };
    for (name, measured) in [("BANDWIDTH", most(peak)), ("AVERAGE-BANDWIDTH", most(|load, _| average(load)))] {
        let declared = variant.number(name).unwrap_or_default();
        findings.rule(
            agrees(declared, measured),
            NAME,
            format!("{name} of {uri} is {declared}, measured {measured:.0}"),
        );
    }
}

/// RESOLUTION, FRAME-RATE and VIDEO-RANGE (Apple 9.2, 9.15, 9.16).
fn check_picture(uri: &str, variant: &Attributes, track: &Track, moving: bool, findings: &mut Findings) {
    let Media::Video { width, height, color, .. } = track.header.media else {
        for name in ["RESOLUTION", "FRAME-RATE", "VIDEO-RANGE"] {
            findings.rule(variant.get(name).is_none(), NAME, format!("{uri} is sound and has {name}"));
        }
        return;
    };
    let size = format!("{width}x{height}");
    findings.equal(NAME, format!("RESOLUTION of {uri}"), variant.get("RESOLUTION"), Some(&size[..]));
    let range = match color.1 {
        16 => "PQ",
        18 => "HLG",
        _ => "SDR",
    };
    findings.equal(NAME, format!("VIDEO-RANGE of {uri}"), variant.get("VIDEO-RANGE"), Some(range));
    if moving {
        let frame = track.fragments().next().map_or(1, |f| f.samples[0].duration);
        let rate = format!("{:.3}", f64::from(track.header.timescale) / f64::from(frame));
        findings.equal(NAME, format!("FRAME-RATE of {uri}"), variant.get("FRAME-RATE"), Some(&rate[..]));
    }
}

/// EXT-X-I-FRAME-STREAM-INF (Apple 6.1, 6.9): one for each video rendition, measured from its byte ranges.
fn check_key_frames(files: &mut Files, playlist: &Playlist, video: &[Track], target: u64, findings: &mut Findings) {
    let mut named = BTreeSet::new();
    for value in playlist.values("EXT-X-I-FRAME-STREAM-INF") {
        let variant = Attributes::read(NAME, value, findings);
        let uri = variant.get("URI").unwrap_or_default();
        let file = files.name(NAME, uri, findings).unwrap_or_default();
        let Some(track) = video.iter().find(|t| format!("{}/iframes.m3u8", t.directory) == file) else {
            findings.rule(false, NAME, format!("{uri} is no I-frame playlist of a rendition"));
            continue;
        };
        named.insert(&track.directory[..]);
        let load = track.key_load();
        for (name, measured) in [("BANDWIDTH", peak(&load, target)), ("AVERAGE-BANDWIDTH", average(&load))] {
            let declared = variant.number(name).unwrap_or_default();
            let message = format!("{name} of {uri} is {declared}, measured {measured:.0}");
            findings.rule(agrees(declared, measured), NAME, message);
        }
        findings.equal(NAME, format!("CODECS of {uri}"), variant.get("CODECS"), Some(&track.header.codec[..]));
        check_picture(uri, &variant, track, false, findings);
    }
    let all: BTreeSet<&str> = video.iter().map(|t| &t.directory[..]).collect();
    findings.equal(NAME, "the renditions with I-frame playlists", named, all);
}

fn check_images(files: &mut Files, playlist: &Playlist, findings: &mut Findings) {
    let values = playlist.values("EXT-X-IMAGE-STREAM-INF");
    let images = usize::from(files.has("thumbnails/thumbnails.vtt"));
    findings.equal(NAME, "the number of EXT-X-IMAGE-STREAM-INF", values.len(), images);
    for value in values {
        let stream = Attributes::read(NAME, value, findings);
        files.name(NAME, stream.get("URI").unwrap_or_default(), findings);
        findings.rule(stream.number("BANDWIDTH").is_some_and(|b| b > 0), NAME, "images have no BANDWIDTH");
        findings.rule(stream.get("RESOLUTION").is_some(), NAME, "images have no RESOLUTION");
        findings.equal(NAME, "CODECS of the images", stream.get("CODECS"), Some("jpeg"));
    }
}
