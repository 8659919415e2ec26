//! How an object of the output is delivered over HTTP: its media type, and how long it may be kept.

use super::names;
use crate::media::RenditionKind;

/// How long copies of an object are good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caching {
    /// Media: as long as a programme is published, an object under this name does not change. Who encodes it anew
    /// publishes it under another prefix, or purges caches (docs/cdn.md).
    Immutable,
    /// Manifests of a programme that goes on: they are asked for again and again, and a CDN answers all who ask within
    /// a second from one copy.
    Growing,
    /// Entry documents, playlists and everything else that a later run replaces under the same name.
    Revalidated,
}

impl Caching {
    /// The value of `Cache-Control` (RFC 9111 § 5.2, RFC 8246).
    ///
    /// A browser asks again for what can change, so that it never joins an old playlist with new segments; a
    /// CDN may answer from its copy for a minute.
    pub const fn header(self) -> &'static str {
        match self {
            Self::Immutable => "public, max-age=31536000, immutable",
            Self::Growing => "public, max-age=0, s-maxage=1, must-revalidate",
            Self::Revalidated => "public, max-age=0, s-maxage=60, must-revalidate",
        }
    }
}

/// The media type of the object `key`; nothing for what is none of an output's.
pub fn media_type(key: &str) -> Option<&'static str> {
    let name = key.rsplit('/').next()?;
    let (_, extension) = name.rsplit_once('.')?;
    Some(match extension {
        // RFC 8216 § 4, Apple's HLS authoring specification 10.4.
        "m3u8" => "application/vnd.apple.mpegurl",
        // ISO/IEC 23009-1 annex C.
        "mpd" => "application/dash+xml",
        // RFC 4337 § 3: by what the file holds, which the directory of the rendition's kind tells.
        "mp4" | "m4s" => match kind(key) {
            Some("audio") => "audio/mp4",
            Some(text) if text == RenditionKind::Text.name() => "application/mp4",
            Some(_) | None => "video/mp4",
        },
        "vtt" => "text/vtt",
        "jpg" => "image/jpeg",
        "json" => "application/json",
        _ => return None,
    })
}

/// How long copies of the object `key` are good.
pub fn caching(key: &str) -> Caching {
    let sheet = || key.rsplit('/').nth(1) == Some("thumbnails");
    match key.rsplit('.').next() {
        Some("mp4" | "m4s") => Caching::Immutable,
        Some("jpg") if sheet() => Caching::Immutable,
        Some("vtt") if kind(key) == Some(RenditionKind::Text.name()) => Caching::Immutable,
        _ => Caching::Revalidated,
    }
}

/// When an object may be published: everything that it leads to stands then.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// CMAF headers.
    Init,
    /// Segments, pictures and everything else that names nothing.
    Media,
    /// Media playlists, what says where thumbnails are, the report.
    Playlist,
    /// What a viewer opens first.
    Entry,
}

/// When the object `key` may be published.
pub fn stage(key: &str) -> Stage {
    let name = key.rsplit('/').next().unwrap_or(key);
    match name {
        names::MASTER | names::MPD => Stage::Entry,
        "init.mp4" => Stage::Init,
        names::REPORT => Stage::Playlist,
        // Segments of subtitles end like what names thumbnails.
        _ if caching(key) == Caching::Immutable => Stage::Media,
        _ if names::names_others(key) => Stage::Playlist,
        _ => Stage::Media,
    }
}

/// The directory of its kind, of an object in a rendition's directory: `audio` of `audio/en_aac_128k/init.mp4`.
fn kind(key: &str) -> Option<&str> {
    key.rsplit('/').nth(2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::{RenditionId, RenditionKind, SegmentNumber};

    fn id(kind: RenditionKind) -> RenditionId {
        RenditionId::new(kind, "x")
    }

    #[test]
    fn sound_and_pictures_are_told_apart_by_their_directories() {
        let (video, audio) = (id(RenditionKind::Video), id(RenditionKind::Audio));
        assert_eq!(media_type(&names::init(&video)), Some("video/mp4"));
        assert_eq!(media_type(&names::segment(&audio, SegmentNumber(1))), Some("audio/mp4"));
        assert_eq!(media_type(&format!("audio/film/{}", names::single(&video))), Some("video/mp4"));
        assert_eq!(media_type(&names::playlist(&audio)), Some("application/vnd.apple.mpegurl"));
    }

    #[test]
    fn only_media_is_kept_for_good() {
        let video = id(RenditionKind::Video);
        let media = [names::init(&video), names::segment(&video, SegmentNumber(7)), names::sprite(1)];
        assert!(media.iter().all(|key| caching(key) == Caching::Immutable));
        let documents = [names::MASTER, names::MPD, names::REPORT, names::POSTER, names::THUMBNAILS, names::IMAGES];
        assert!(documents.iter().all(|key| caching(key) == Caching::Revalidated));
        assert_eq!(caching(&names::playlist(&video)), Caching::Revalidated);
    }

    #[test]
    fn everything_is_published_after_what_it_leads_to() {
        let video = id(RenditionKind::Video);
        let order =
            [&names::init(&video), &names::segment(&video, SegmentNumber(1)), &names::playlist(&video), names::MASTER];
        assert!(order.map(stage).is_sorted_by(|a, b| a < b));
        for key in [names::POSTER, &names::sprite(1), &names::single(&video), "subtitles/en/segment_00001.vtt"] {
            assert_eq!(stage(key), Stage::Media, "{key}");
        }
        for key in [names::THUMBNAILS, names::IMAGES, names::REPORT, "subtitles/en/playlist.m3u8"] {
            assert_eq!(stage(&format!("film/{key}")), Stage::Playlist, "{key}");
        }
        assert_eq!(stage("film/manifest.mpd"), Stage::Entry);
    }
}
