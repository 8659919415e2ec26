//! The multivariant playlist (RFC 8216bis § 4.4.6).

use std::cmp::Reverse;

use crate::config::HdcpLevel;
use crate::manifest::Document;
use crate::manifest::bandwidth::Load;
use crate::manifest::complete::Complete;
use crate::manifest::label::printable;
use crate::manifest::stored::{Media, Pictures};
use crate::media::ColorInfo;
use crate::plan::{Metadata, names};

use super::captions;
use super::group::Group;
use super::playlist::Playlist;
use super::subtitles;
use super::tag::Tag;
use super::{images, key};

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
    let services = captions::have_services(&complete.offer.captions).then_some(captions::SERVICES);
    let mut playlist = Playlist::multivariant(names::MASTER.to_owned(), services);
    if complete.offer.independent {
        playlist.line("#EXT-X-INDEPENDENT-SEGMENTS");
    }
    session_data(&complete.offer.metadata, &mut playlist);
    // Keys of a live programme that change are asked for as they come, and not all that ever will.
    let lasts =
        |media: &&Media<'_>| complete.offer.live.as_ref().is_none_or(|live| live.ended) || !media.has_rotating_keys();
    key::session(&mut playlist, all(complete).filter(lasts));
    let groups = Group::all(&complete.audio);
    groups.iter().for_each(|group| group.write(&mut playlist));
    subtitles::group(&complete.text, &mut playlist);
    captions::group(&complete.offer.captions, &mut playlist);
    for variant in in_order(variants(complete, &groups, target, &playlist)) {
        playlist.line(variant.tag);
        playlist.line(variant.uri);
    }
    // Key frames have a playlist of their own once all of them are there.
    let all_there = complete.offer.live.as_ref().is_none_or(|live| live.ended);
    for pictures in complete.video.iter().filter(|pictures| all_there && pictures.media.has_key_frames()) {
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

/// Everything that a playlist names media of.
fn all<'c>(complete: &'c Complete<'_>) -> impl Iterator<Item = &'c Media<'c>> {
    let pictures = complete.video.iter().map(|pictures| &pictures.media);
    pictures.chain(complete.audio.iter().flat_map(|choice| &choice.sounds).map(|sound| &sound.media))
}

/// Title and chapters, under the names by which players know them (RFC 8216bis § 4.4.6.4).
fn session_data(metadata: &Metadata, playlist: &mut Playlist) {
    let data = |id: &str| Tag::new("EXT-X-SESSION-DATA").quoted("DATA-ID", id);
    if let Some(title) = &metadata.title {
        let tag = data("com.apple.hls.title").quoted("VALUE", &printable(title));
        playlist.line(match &metadata.language {
            Some(language) => tag.quoted("LANGUAGE", language.tag()),
            None => tag,
        });
    }
    if !metadata.chapters.is_empty() {
        playlist.line(data("com.apple.hls.chapters").quoted("URI", &playlist.uri(names::CHAPTERS_JSON)));
    }
}

/// Every picture with every audio group (Apple's rule 9.13 counts with any), and the groups alone where there is
/// nothing else, or where the plan wants it: then those that play everywhere, for slow networks.
fn variants(complete: &Complete<'_>, groups: &[Group<'_>], target: u64, playlist: &Playlist) -> Vec<Variant> {
    let mut variants = Vec::new();
    for pictures in &complete.video {
        let with = |group| with_video(complete, pictures, group, target, playlist);
        if groups.is_empty() {
            variants.push(with(None));
        }
        variants.extend(groups.iter().enumerate().map(|group| with(Some(group))));
    }
    let alone = complete.video.is_empty();
    if alone || complete.offer.audio_only_variant {
        let any = groups.iter().any(Group::plays_everywhere);
        let wanted = groups.iter().enumerate().filter(|(_, group)| alone || !any || group.plays_everywhere());
        variants.extend(wanted.filter_map(|group| audio_only(complete, group, target, playlist)));
    }
    variants
}

fn with_video(
    complete: &Complete<'_>,
    pictures: &Pictures<'_>,
    numbered: Option<(usize, &Group<'_>)>,
    target: u64,
    playlist: &Playlist,
) -> Variant {
    let group = numbered.map(|(_, group)| group);
    let stored = pictures.media.stored;
    let peak = pictures.media.peak(target) + group.map_or(0, |g| g.peak(target));
    let average = pictures.media.average() + group.map_or(0, Group::average);
    let mut codecs = vec![stored.init.track.codec_string.as_str()];
    codecs.extend(group.into_iter().flat_map(Group::codecs));
    let (bandwidth, rates) = rates(complete, peak, average, target);
    let mut tag = rates
        .quoted("CODECS", &codecs.join(","))
        .plain("RESOLUTION", pictures.track.display())
        .plain("FRAME-RATE", format_args!("{:.3}", pictures.offer.frame_rate.as_f64()))
        .plain("VIDEO-RANGE", video_range(pictures.track.color));
    if let Some(level) = pictures.media.hdcp_level() {
        tag = tag.plain("HDCP-LEVEL", hdcp(level));
    }
    if let Some(group) = group {
        tag = tag.quoted("AUDIO", &group.id);
    }
    let uri = playlist.uri(&names::playlist(pictures.media.id));
    let group = numbered.map_or(0, |(at, _)| at);
    Variant { bandwidth, has_video: true, group, tag: words(complete, tag), uri }
}

fn audio_only(
    complete: &Complete<'_>,
    (at, group): (usize, &Group<'_>),
    target: u64,
    playlist: &Playlist,
) -> Option<Variant> {
    let (bandwidth, rates) = rates(complete, group.peak(target), group.average(), target);
    let tag = rates.quoted("CODECS", &group.codecs().join(",")).quoted("AUDIO", &group.id);
    let uri = playlist.uri(&names::playlist(group.default()?.media.id));
    Some(Variant { bandwidth, has_video: false, group: at, tag: words(complete, tag), uri })
}

/// A variant with its bit rates, the heaviest subtitles that can be played with it among them (Apple's rule 9.13).
fn rates(complete: &Complete<'_>, peak: u64, average: u64, target: u64) -> (u64, Tag) {
    let (text_peak, text_average) = subtitles::rates(&complete.text, target);
    let (peak, average) = (peak + text_peak, average + text_average);
    let tag = Tag::new("EXT-X-STREAM-INF").plain("BANDWIDTH", peak).plain("AVERAGE-BANDWIDTH", average);
    (peak, tag)
}

/// Adds what can be read beside a variant. CODECS need not name WebVTT (Apple's rule 5.10), and players that do not
/// know `wvtt` would refuse the variant.
fn words(complete: &Complete<'_>, tag: Tag) -> Tag {
    let tag = if complete.text.is_empty() { tag } else { tag.quoted("SUBTITLES", subtitles::GROUP) };
    captions::of_variant(&complete.offer.captions, tag)
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
    let tag = Tag::new("EXT-X-I-FRAME-STREAM-INF")
        .plain("BANDWIDTH", load.peak(target))
        .plain("AVERAGE-BANDWIDTH", load.average())
        .quoted("CODECS", pictures.media.stored.init.track.codec_string.as_str())
        .plain("RESOLUTION", pictures.track.display())
        .plain("VIDEO-RANGE", video_range(pictures.track.color));
    let tag = pictures.media.hdcp_level().into_iter().fold(tag, |tag, level| tag.plain("HDCP-LEVEL", hdcp(level)));
    tag.quoted("URI", &playlist.uri(&names::iframes(pictures.media.id)))
}

/// HDCP-LEVEL (RFC 8216bis § 4.4.6.2).
fn hdcp(level: HdcpLevel) -> &'static str {
    match level {
        HdcpLevel::None => "NONE",
        HdcpLevel::Type0 => "TYPE-0",
        HdcpLevel::Type1 => "TYPE-1",
    }
}

/// VIDEO-RANGE (RFC 8216bis § 4.4.6.2) from the transfer characteristics.
fn video_range(color: ColorInfo) -> &'static str {
    match color.transfer {
        ColorInfo::TRANSFER_PQ => "PQ",
        ColorInfo::TRANSFER_HLG => "HLG",
        _ => "SDR",
    }
}
