//! The I-frame playlist of one video rendition (RFC 8216bis § 4.4.3.6).

use crate::manifest::Document;
use crate::manifest::stored::Media;
use crate::media::Utc;
use crate::plan::names;

use super::key;
use super::media::{map, origin};
use super::playlist::{Playlist, extinf};

/// The I-frame playlist: every fragment starts with one IDR picture, and the byte range that holds it
/// starts at the `moof` (Apple's rule 6.10), which tells a player where the sample is and how long.
/// Where the others say when they were, given the zero of the programme, it does too (§ 6.2.4).
pub(super) fn document(media: &Media<'_>, target: u64, zero: Option<Utc>) -> Document {
    let mut playlist = Playlist::vod(names::iframes(media.id), target);
    playlist.line("#EXT-X-INDEPENDENT-SEGMENTS");
    playlist.line("#EXT-X-I-FRAMES-ONLY");
    map(&mut playlist, media);
    let mut key = key::Cursor::new(media);
    for (at, segment) in media.stored.segments.values().enumerate() {
        key.at(&mut playlist, segment.cut);
        if let Some(zero) = zero.filter(|_| at == 0) {
            playlist.date(zero, segment.start);
        }
        let (object, start) = origin(media, at, segment);
        for fragment in &segment.fragments {
            // Here EXTINF is the time to the next I-frame, not the length of the picture.
            playlist.line(format_args!("#EXTINF:{},", extinf(fragment.start, fragment.duration)));
            playlist.line(format_args!("#EXT-X-BYTERANGE:{}@{}", fragment.key_bytes, start + fragment.offset));
            playlist.line(playlist.uri(object));
        }
    }
    playlist.end()
}
