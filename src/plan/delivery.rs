//! How an object of the output is delivered over HTTP: its media type, and how long it may be kept. Keys are those of
//! one set, which [`within`] finds where there are several below a place.

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

    /// The same in a live programme.
    pub const fn live_header(self) -> &'static str {
        match self {
            Self::Immutable => LIVE_MEDIA,
            Self::Growing | Self::Revalidated => self.header(),
        }
    }
}

/// `Cache-Control` of the media of a live programme. The next programme in its place counts its segments from 1 again,
/// so nobody may keep them for long; players ask for each about once, and a minute is enough for all of them.
pub const LIVE_MEDIA: &str = "public, max-age=60";

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
    let sheet = || key.split_once('/').is_some_and(|(first, _)| first == "thumbnails");
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

/// The key that an object has in its own set, where `stands` tells which reports stand beside it: `video/x/init.mp4`
/// of `films/one/video/x/init.mp4`. An object of no set has the key that it has.
pub fn within(key: &str, stands: impl Fn(&str) -> bool) -> &str {
    let starts = key.rmatch_indices('/').map(|(at, _)| at + 1);
    let mut reports = starts.map(|start| (start, format!("{}{}", &key[..start], names::REPORT)));
    let start = reports.find(|(_, report)| stands(report)).map_or(0, |(start, _)| start);
    &key[start..]
}

/// The directory of its kind, of an object in a rendition's directory: `audio` of `audio/en_aac_128k/init.mp4`.
fn kind(key: &str) -> Option<&str> {
    let mut parts = key.split('/');
    let kind = parts.next();
    kind.filter(|_| parts.count() == 2)
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

    /// A set may be called like a kind of rendition.
    #[test]
    fn the_name_of_a_set_says_nothing_of_its_objects() {
        let sets = ["subtitles/", "thumbnails/", "audio/", "films/one/"];
        let stands = |report: &str| sets.iter().any(|set| report == format!("{set}{}", names::REPORT));
        let video = names::init(&id(RenditionKind::Video));
        for set in sets {
            for key in [names::THUMBNAILS, names::POSTER, names::CHAPTERS_VTT, names::IMAGES] {
                let full = format!("{set}{key}");
                assert_eq!(within(&full, stands), key);
                assert_eq!(caching(within(&full, stands)), Caching::Revalidated, "{full}");
            }
            let full = format!("{set}{}", names::progressive(360));
            assert_eq!(media_type(within(&full, stands)), Some("video/mp4"), "{full}");
            assert_eq!(caching(within(&format!("{set}{}", names::sprite(1)), stands)), Caching::Immutable);
            assert_eq!(within(&format!("{set}{video}"), stands), video);
        }
        assert_eq!(within("notes/x.txt", stands), "notes/x.txt");
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
