//! Closed captions in the pictures: one group that has no playlists (RFC 8216bis § 4.4.6.1).

use crate::manifest::label::printable;
use crate::media::CaptionService;
use crate::plan::CaptionTrack;

use super::playlist::Playlist;
use super::tag::Tag;

/// GROUP-ID of the one group.
const GROUP: &str = "captions";

/// The first version that knows INSTREAM-ID of CEA-708 (RFC 8216bis § 8).
pub(super) const SERVICES: u32 = 7;

/// Whether a multivariant playlist must know more than channels of CEA-608.
pub(super) fn have_services(captions: &[CaptionTrack]) -> bool {
    captions.iter().any(|track| matches!(track.service, CaptionService::Service(_)))
}

/// Writes one EXT-X-MEDIA per channel or service. A player may show each for its language without being asked, of
/// those in one language the first.
pub(super) fn group(captions: &[CaptionTrack], playlist: &mut Playlist) {
    for (at, track) in captions.iter().enumerate() {
        let first = !captions[..at].iter().any(|before| before.language == track.language);
        let tag = Tag::new("EXT-X-MEDIA")
            .plain("TYPE", "CLOSED-CAPTIONS")
            .quoted("GROUP-ID", GROUP)
            .quoted("NAME", &printable(&track.label))
            .quoted("LANGUAGE", track.language.tag())
            .plain("DEFAULT", "NO")
            .plain("AUTOSELECT", if first { "YES" } else { "NO" })
            .quoted("INSTREAM-ID", &track.service.to_string());
        playlist.line(tag);
    }
}

/// Adds the captions of a variant. NONE stands at all variants or at none (RFC 8216bis § 4.4.6.2).
pub(super) fn of_variant(captions: &[CaptionTrack], tag: Tag) -> Tag {
    if captions.is_empty() { tag.plain("CLOSED-CAPTIONS", "NONE") } else { tag.quoted("CLOSED-CAPTIONS", GROUP) }
}
