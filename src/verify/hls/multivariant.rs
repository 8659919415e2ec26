//! The multivariant playlist as a whole: what it leads to, and what must agree across it.

use std::rc::Rc;

use super::super::Session;
use super::super::rule::rules;
use super::super::switching;
use super::super::track::Track;
use super::groups;
use super::text::{Attributes, Line, Text};
use super::{Rendition, Renditions, Variant, data, frames, images, media, subtitles, variants, version};

rules! {
    KIND: Error "RFC 8216bis 4.1" "a multivariant playlist has no tags of a media playlist";
    URI: Error "RFC 8216bis 4.4.6.2" "the URI of a variant follows its EXT-X-STREAM-INF";
    VARIANTS: Error "RFC 8216bis 4.4.6.2" "there is a variant";
    FRAME_URI: Error "RFC 8216bis 4.4.6.3" "EXT-X-I-FRAME-STREAM-INF has a URI";
    INDEPENDENT: Error "Apple 9.11" "EXT-X-INDEPENDENT-SEGMENTS is there";
    SAME_TARGET: Error "Apple 8.2" "audio and video have the same target duration";
    SAME_LENGTH: Error "Apple 8.3" "all playlists of audio and video last as long, up to a sample";
    TRICK_PLAY: Error "Apple 6.1" "video has I-frame playlists";
    SAME_CONTENT: Error "RFC 8216bis 6.2.4" "variants begin at the same time";
    DISCONTINUITIES: Error "Apple 8.13" "discontinuities stand at the same place in all playlists";
}

/// Tags that only a media playlist has.
const MEDIA_TAGS: &[&str] =
    &["EXTINF", "EXT-X-TARGETDURATION", "EXT-X-MEDIA-SEQUENCE", "EXT-X-PLAYLIST-TYPE", "EXT-X-ENDLIST", "EXT-X-MAP"];

/// Checks a multivariant playlist and everything it leads to.
pub(super) fn check(text: &Text, session: &mut Session<'_, '_>) {
    let name = &text.name;
    for tag in MEDIA_TAGS {
        session.findings.check(!text.has(tag), KIND, name, || format!("has #{tag}"));
    }
    version::check(text, &mut session.findings);
    let mut renditions = Renditions::new();
    let groups = groups::read(text, &mut renditions, session);
    let variants = read_variants(text, &mut renditions, session);
    session.findings.check(!variants.is_empty(), VARIANTS, name, || "names no variant");
    let independent = text.has("EXT-X-INDEPENDENT-SEGMENTS");
    session.findings.check(independent, INDEPENDENT, name, || "EXT-X-INDEPENDENT-SEGMENTS is missing");
    groups::check(text, &groups, &variants, &mut session.findings);
    variants::check(name, &variants, &groups, session);
    let all: Vec<Rc<Rendition>> = renditions.values().cloned().collect();
    check_together(&all, session);
    let tracks: Vec<Rc<Track>> = all.iter().filter_map(|rendition| rendition.track.clone()).collect();
    check_tracks(&tracks, session);
    check_frames(text, &tracks, session);
    let video = all.iter().any(|rendition| rendition.is_video());
    let main = all.iter().filter(|rendition| rendition.is_video() == video);
    let seconds = main.map(|rendition| rendition.playlist.seconds()).fold(0.0, f64::max);
    images::check(text, seconds, session);
    subtitles::check(&groups, seconds, session);
    data::check(text, session);
}

fn read_variants(text: &Text, renditions: &mut Renditions, session: &mut Session<'_, '_>) -> Vec<Variant> {
    let name = &text.name;
    let mut variants = Vec::new();
    for (at, line) in text.lines.iter().enumerate() {
        let Line::Tag(tag, value) = line else {
            let follows = matches!(at.checked_sub(1).map(|at| &text.lines[at]), Some(Line::Tag(tag, _)) if tag == "EXT-X-STREAM-INF");
            session.findings.check(follows, URI, name, || "a URI stands alone");
            continue;
        };
        if tag != "EXT-X-STREAM-INF" {
            continue;
        }
        let Some(Line::Uri(uri)) = text.lines.get(at + 1) else {
            session.findings.breaks(URI, name, format!("no URI follows {value}"));
            continue;
        };
        let attributes = Attributes::read(name, value, &mut session.findings);
        let file = session.files.resolve(name, uri, media::missing(), &mut session.findings);
        let rendition = file.and_then(|file| Rendition::read(&file, renditions, session));
        variants.push(Variant { uri: uri.clone(), attributes, rendition });
    }
    variants
}

/// What must be the same in all playlists of audio and video.
fn check_together(all: &[Rc<Rendition>], session: &mut Session<'_, '_>) {
    let Some(first) = all.iter().max_by_key(|rendition| rendition.is_video()) else { return };
    let cuts = |rendition: &Rendition| -> Vec<usize> {
        let entries = rendition.playlist.entries.iter().enumerate();
        entries.filter(|(_, entry)| entry.discontinuity).map(|(at, _)| at).collect()
    };
    for rendition in all.iter().filter(|rendition| !Rc::ptr_eq(rendition, first)) {
        let findings = &mut session.findings;
        let (own, other) = (&rendition.playlist, &first.playlist);
        let what = format!("the target duration beside {}", first.name);
        findings.equal(SAME_TARGET, &rendition.name, what, own.target, other.target);
        let sample = |rendition: &Rendition| rendition.track.as_ref().map_or(0.1, |track| track.longest_sample());
        let most = sample(rendition).max(sample(first)) + 1e-4;
        let kept = (own.seconds() - other.seconds()).abs() <= most;
        findings.check(kept, SAME_LENGTH, &rendition.name, || {
            format!("lasts {:.6} s, {} {:.6} s", own.seconds(), first.name, other.seconds())
        });
        let same = cuts(rendition).len() == cuts(first).len();
        findings.check(same, DISCONTINUITIES, &rendition.name, || {
            format!("has {} discontinuities, {} has {}", cuts(rendition).len(), first.name, cuts(first).len())
        });
    }
}

/// Renditions that a player switches between, and the whole of sound and pictures.
fn check_tracks(tracks: &[Rc<Track>], session: &mut Session<'_, '_>) {
    let header = |track: &Rc<Track>| track.header.as_ref().map(|header| (header.entry.format, header.is_video()));
    let mut formats: Vec<([u8; 4], bool)> = tracks.iter().filter_map(header).collect();
    formats.sort_unstable();
    formats.dedup();
    let of = |kept: &dyn Fn(([u8; 4], bool)) -> bool| -> Vec<&Track> {
        tracks.iter().filter(|track| header(track).is_some_and(kept)).map(|track| &**track).collect()
    };
    for format in formats.iter().filter(|(_, video)| *video) {
        let set = widest_first(of(&|other| other == *format));
        switching::check_set(&set, &mut session.findings);
    }
    let (video, audio) = (widest_first(of(&|(_, video)| video)), of(&|(_, video)| !video));
    switching::check_programme(&video, &audio, &mut session.findings);
    for track in &video {
        let same = track.extent().zip(video[0].extent()).is_none_or(|(own, other)| (own.0 - other.0).abs() < 1e-3);
        session.findings.check(same, SAME_CONTENT, track.name(), || "begins at another time than other variants");
    }
}

/// Tracks with the largest picture first.
fn widest_first(mut tracks: Vec<&Track>) -> Vec<&Track> {
    let size = |track: &&Track| match track.header.as_ref().map(|header| &header.entry.media) {
        Some(super::super::entry::Media::Video { width, height, .. }) => u64::from(*width) * u64::from(*height),
        _ => 0,
    };
    tracks.sort_by_key(|track| std::cmp::Reverse(size(track)));
    tracks
}

fn check_frames(text: &Text, tracks: &[Rc<Track>], session: &mut Session<'_, '_>) {
    let name = &text.name;
    let values: Vec<&str> = text.values("EXT-X-I-FRAME-STREAM-INF").collect();
    let video = tracks.iter().any(|track| track.header.as_ref().is_some_and(|header| header.is_video()));
    session.findings.check(!video || !values.is_empty(), TRICK_PLAY, name, || "there is no I-frame playlist");
    for value in values {
        let attributes = Attributes::read(name, value, &mut session.findings);
        let Some(uri) = attributes.get("URI") else {
            session.findings.breaks(FRAME_URI, name, format!("no URI in {value}"));
            continue;
        };
        let Some(file) = session.files.resolve(name, uri, media::missing(), &mut session.findings) else { continue };
        let Some(frames) = session.files.text(&file, &mut session.findings) else { continue };
        let frames = Text::read(&file, &frames, &mut session.findings);
        let playlist = media::Playlist::read(frames, session);
        let track = frames::check(&playlist, tracks, session);
        let load = playlist.load(session);
        variants::check_frames(name, uri, &attributes, track.as_deref(), (&load, playlist.target), session);
    }
}
