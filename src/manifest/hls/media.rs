//! The media playlist of one rendition (RFC 8216bis § 4.4.3).

use crate::manifest::Document;
use crate::manifest::stored::{Media, Place};
use crate::package::Segment;
use crate::plan::{Offer, names};

use super::dates::Dates;
use super::key;
use super::playlist::{Playlist, extinf};
use super::tag::Tag;

/// The media playlist of a rendition, whose segments can be decoded without each other or not. That of a live
/// programme says of each segment when it was; that of one that is told of as a whole says it of its begin, where it needs
/// a date.
pub(super) fn document(media: &Media<'_>, target: u64, independent: bool, offer: &Offer) -> Document {
    let live = offer.live.as_ref();
    let key = names::playlist(media.id);
    let mut playlist = match live {
        None => Playlist::vod(key, target),
        Some(live) => Playlist::sliding(key, target, live.first),
    };
    live.into_iter().for_each(|live| playlist.gone(&live.spells, live.first));
    if independent {
        playlist.line("#EXT-X-INDEPENDENT-SEGMENTS");
    }
    map(&mut playlist, media);
    let (mut key, mut dates) = (key::Cursor::new(media), Dates::of(&offer.marks, media));
    for (at, segment) in media.stored.segments.values().enumerate() {
        dates.before(&mut playlist, segment.number);
        key.at(&mut playlist, segment.cut);
        if let Some(live) = live {
            playlist.begin(&live.spells, segment.number, segment.start);
        }
        if let Some(start) = offer.marks.start.filter(|_| at == 0) {
            playlist.date(start, segment.start);
        }
        playlist.line(format_args!("#EXTINF:{},", extinf(segment.start, segment.duration)));
        let (object, start) = origin(media, at, segment);
        match media.place {
            Place::Files => {}
            Place::File(_) => playlist.line(format_args!("#EXT-X-BYTERANGE:{}@{start}", segment.bytes)),
        }
        playlist.line(playlist.uri(object));
    }
    dates.rest(&mut playlist);
    if live.is_none_or(|live| live.ended) { playlist.end() } else { playlist.into_document() }
}

/// Names the CMAF header of the segments that follow.
pub(super) fn map(playlist: &mut Playlist, media: &Media<'_>) {
    let tag = Tag::new("EXT-X-MAP");
    let tag = match media.place {
        Place::Files => tag.quoted("URI", &playlist.uri(&media.stored.init.key)),
        Place::File(file) => {
            tag.quoted("URI", &playlist.uri(&file.key)).quoted("BYTERANGE", &format!("{}@0", file.init_bytes))
        }
    };
    playlist.line(tag);
}

/// The object that holds the `at`-th segment, and where in it the segment begins.
pub(super) fn origin<'a>(media: &Media<'a>, at: usize, segment: &'a Segment) -> (&'a str, u64) {
    match media.place {
        Place::Files => (&segment.key, 0),
        Place::File(file) => (&file.key, file.segment_offsets[at]),
    }
}
