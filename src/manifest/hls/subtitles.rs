//! Subtitles: one group of WebVTT playlists (RFC 8216bis §§ 3.1.4, 4.4.6.1).

use crate::manifest::Document;
use crate::manifest::bandwidth::Load;
use crate::manifest::label::printable;
use crate::manifest::stored::Words;
use crate::plan::{TextRendition, names};

use super::playlist::{Playlist, extinf};
use super::tag::Tag;

/// GROUP-ID of the one group.
pub(super) const GROUP: &str = "subtitles";

/// Apple's rules 4.5 and 4.6: what makes subtitles ones for the deaf and hard of hearing.
const HEARING_IMPAIRED: &str =
    "public.accessibility.transcribes-spoken-dialog,public.accessibility.describes-music-and-sound";

/// The media playlist of a subtitle rendition.
pub(super) fn document(words: &Words<'_>, target: u64) -> Document {
    let mut playlist = Playlist::vod(names::playlist(&words.rendition.id), target);
    for page in &words.pages {
        playlist.line(format_args!("#EXTINF:{},", extinf(page.start, page.duration)));
        playlist.line(playlist.uri(&page.key));
    }
    playlist.end()
}

/// Writes one EXT-X-MEDIA per rendition.
pub(super) fn group(all: &[Words<'_>], playlist: &mut Playlist) {
    for (at, words) in all.iter().enumerate() {
        let automatic = is_automatic(words.rendition, all[..at].iter().map(|before| before.rendition));
        playlist.line(tag(words.rendition, automatic, playlist));
    }
}

/// AUTOSELECT: a player may show it for its language without being asked. DEFAULT=YES needs it (RFC 8216bis
/// § 4.4.6.1), and so do forced ones and those for the hard of hearing (Apple's rules 5.11 and 4.6). Comments are only
/// for those who ask, and of two that nothing but their name tells apart the first wins (RFC 8216bis § 4.4.6.1.1).
fn is_automatic<'a>(own: &TextRendition, before: impl Iterator<Item = &'a TextRendition>) -> bool {
    let kind = |r: &TextRendition| (r.language.clone(), r.forced, r.hearing_impaired, r.commentary);
    let mut before = before;
    let first = !before.any(|other| kind(other) == kind(own));
    own.default || own.forced || own.hearing_impaired || (first && !own.commentary)
}

fn tag(rendition: &TextRendition, automatic: bool, playlist: &Playlist) -> Tag {
    let yes_or_no = |yes| if yes { "YES" } else { "NO" };
    let mut tag = Tag::new("EXT-X-MEDIA").plain("TYPE", "SUBTITLES").quoted("GROUP-ID", GROUP);
    tag = tag.quoted("NAME", &printable(&rendition.label)).quoted("LANGUAGE", rendition.language.tag());
    tag = tag.plain("DEFAULT", yes_or_no(rendition.default)).plain("AUTOSELECT", yes_or_no(automatic));
    if rendition.forced {
        tag = tag.plain("FORCED", "YES");
    }
    if rendition.hearing_impaired {
        tag = tag.quoted("CHARACTERISTICS", HEARING_IMPAIRED);
    }
    tag.quoted("URI", &playlist.uri(&names::playlist(&rendition.id)))
}

/// The largest peak and the largest average over the group.
pub(super) fn rates(all: &[Words<'_>], target: u64) -> (u64, u64) {
    let load = |words: &Words<'_>| {
        let scale = words.pages.first().map(|page| page.start.scale())?;
        let load = Load::new(scale, words.pages.iter().map(|page| (page.bytes, page.duration)));
        Some((load.peak(target), load.average()))
    };
    let loads: Vec<(u64, u64)> = all.iter().filter_map(load).collect();
    let largest = |of: fn(&(u64, u64)) -> u64| loads.iter().map(of).max().unwrap_or(0);
    (largest(|load| load.0), largest(|load| load.1))
}
