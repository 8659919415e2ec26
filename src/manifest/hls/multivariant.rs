//! The multivariant playlist (RFC 8216bis § 4.4.6).

use std::cmp::Reverse;

use crate::manifest::Document;
use crate::manifest::bandwidth::Load;
use crate::manifest::complete::Complete;
use crate::manifest::stored::Pictures;
use crate::media::ColorInfo;
use crate::plan::names;

use super::group::Group;
use super::images;
use super::playlist::Playlist;
use super::tag::Tag;

/// Apple's rule 1.32: the first variant, which a player starts with, has about 2000 kb/s.
const FIRST_VARIANT: u64 = 2_000_000;

/// One EXT-X-STREAM-INF and the URI under it.
#[derive(Debug)]
struct Variant {
    bandwidth: u64,
    has_video: bool,
    /// Where its audio group stands among all, from 0.
    group: usize,
    tag: Tag,
    uri: String,
}

/// The multivariant playlist of a presentation whose media playlists have this target duration.
pub(super) fn document(complete: &Complete<'_>, target: u64) -> Document {
    let mut playlist = Playlist::multivariant(names::MASTER.to_owned());
    if complete.offer.independent {
        playlist.line("#EXT-X-INDEPENDENT-SEGMENTS");
    }
    let groups = Group::all(&complete.audio);
    groups.iter().for_each(|group| group.write(&mut playlist));
    for variant in in_order(variants(complete, &groups, target, &playlist)) {
        playlist.line(variant.tag);
        playlist.line(variant.uri);
    }
    for pictures in &complete.video {
        playlist.line(key_frames(pictures, target, &playlist));
    }
    if let Some(sheets) = complete.sheets {
        let image = Tag::new("EXT-X-IMAGE-STREAM-INF")
            .plain("BANDWIDTH", images::peak(sheets, complete.offer.duration))
            .plain("RESOLUTION", sheets.tile)
            .quoted("CODECS", "jpeg")
            .quoted("URI", &playlist.uri(names::IMAGES));
        playlist.line(image);
    }
    playlist.into_document()
}

/// Every picture with every audio group (Apple's rule 9.13 counts with any), and the groups alone where there is
/// nothing else, or where the plan wants it: then those that play everywhere, for slow networks.
fn variants(complete: &Complete<'_>, groups: &[Group<'_>], target: u64, playlist: &Playlist) -> Vec<Variant> {
    let mut variants = Vec::new();
    for pictures in &complete.video {
        let with = |group| with_video(pictures, group, target, playlist);
        if groups.is_empty() {
            variants.push(with(None));
        }
        variants.extend(groups.iter().enumerate().map(|group| with(Some(group))));
    }
    let alone = complete.video.is_empty();
    if alone || complete.offer.audio_only_variant {
        let any = groups.iter().any(Group::plays_everywhere);
        let wanted = groups.iter().enumerate().filter(|(_, group)| alone || !any || group.plays_everywhere());
        variants.extend(wanted.filter_map(|group| audio_only(group, target, playlist)));
    }
    variants
}

fn with_video(
    pictures: &Pictures<'_>,
    numbered: Option<(usize, &Group<'_>)>,
    target: u64,
    playlist: &Playlist,
) -> Variant {
    let group = numbered.map(|(_, group)| group);
    let stored = pictures.media.stored;
    let load = Load::of_segments(stored);
    let bandwidth = load.peak(target) + group.map_or(0, |g| g.peak(target));
    let average = load.average() + group.map_or(0, Group::average);
    let mut codecs = vec![stored.init.track.codec_string.as_str()];
    codecs.extend(group.into_iter().flat_map(Group::codecs));
    let mut tag = Tag::new("EXT-X-STREAM-INF")
        .plain("BANDWIDTH", bandwidth)
        .plain("AVERAGE-BANDWIDTH", average)
        .quoted("CODECS", &codecs.join(","))
        .plain("RESOLUTION", pictures.track.display())
        .plain("FRAME-RATE", format_args!("{:.3}", pictures.offer.frame_rate.as_f64()))
        .plain("VIDEO-RANGE", video_range(pictures.track.color));
    if let Some(group) = group {
        tag = tag.quoted("AUDIO", &group.id);
    }
    let tag = tag.plain("CLOSED-CAPTIONS", "NONE");
    let group = numbered.map_or(0, |(at, _)| at);
    Variant { bandwidth, has_video: true, group, tag, uri: playlist.uri(&names::playlist(pictures.media.id)) }
}

fn audio_only((at, group): (usize, &Group<'_>), target: u64, playlist: &Playlist) -> Option<Variant> {
    let bandwidth = group.peak(target);
    let tag = Tag::new("EXT-X-STREAM-INF")
        .plain("BANDWIDTH", bandwidth)
        .plain("AVERAGE-BANDWIDTH", group.average())
        .quoted("CODECS", &group.codecs().join(","))
        .quoted("AUDIO", &group.id)
        .plain("CLOSED-CAPTIONS", "NONE");
    let uri = playlist.uri(&names::playlist(group.default()?.media.id));
    Some(Variant { bandwidth, has_video: false, group: at, tag, uri })
}

/// The variant to start with first, the others by falling bandwidth (Apple's rules 1.32 and 9.17). It has sound
/// of the first group: a player that looks no further can play it.
fn in_order(mut variants: Vec<Variant>) -> Vec<Variant> {
    variants.sort_by_key(|v| (Reverse(v.has_video), Reverse(v.bandwidth)));
    let distance = |v: &Variant| (Reverse(v.has_video), v.group, v.bandwidth.abs_diff(FIRST_VARIANT));
    if let Some((first, _)) = variants.iter().enumerate().min_by_key(|(_, v)| distance(v)) {
        variants[..=first].rotate_right(1);
    }
    variants
}

fn key_frames(pictures: &Pictures<'_>, target: u64, playlist: &Playlist) -> Tag {
    let load = Load::of_key_frames(pictures.media.stored);
    Tag::new("EXT-X-I-FRAME-STREAM-INF")
        .plain("BANDWIDTH", load.peak(target))
        .plain("AVERAGE-BANDWIDTH", load.average())
        .quoted("CODECS", pictures.media.stored.init.track.codec_string.as_str())
        .plain("RESOLUTION", pictures.track.display())
        .plain("VIDEO-RANGE", video_range(pictures.track.color))
        .quoted("URI", &playlist.uri(&names::iframes(pictures.media.id)))
}

/// VIDEO-RANGE (RFC 8216bis § 4.4.6.2) from the transfer characteristics.
fn video_range(color: ColorInfo) -> &'static str {
    match color.transfer {
        ColorInfo::TRANSFER_PQ => "PQ",
        ColorInfo::TRANSFER_HLG => "HLG",
        _ => "SDR",
    }
}
