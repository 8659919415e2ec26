//! Kinds of tracks that have keys of their own: the track types of DRM services.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::media::{Resolution, TrackMedia};

/// A kind of tracks that share a key. Rules about who may watch what, in which quality and behind which protection, are
/// made for these.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum TrackType {
    /// Sound.
    Audio,
    /// Pictures of at most 768x576 pixels.
    Sd,
    /// Pictures of at most 1920x1080 pixels.
    Hd,
    /// Pictures of at most 4096x2160 pixels.
    Uhd1,
    /// Larger pictures.
    Uhd2,
}

/// The most pixels of pictures of each type, as other packagers have it; the shape of the picture does not matter.
const MOST_PIXELS: [(TrackType, u64); 3] =
    [(TrackType::Sd, 768 * 576), (TrackType::Hd, 1920 * 1080), (TrackType::Uhd1, 4096 * 2160)];

impl TrackType {
    /// Every type.
    pub const ALL: [Self; 5] = [Self::Audio, Self::Sd, Self::Hd, Self::Uhd1, Self::Uhd2];

    /// The type of a track; text has none, as it stays clear.
    pub fn of(media: &TrackMedia) -> Option<Self> {
        match media {
            TrackMedia::Audio(_) => Some(Self::Audio),
            TrackMedia::Video(video) => Some(Self::of_pictures(video.resolution)),
            TrackMedia::Text => None,
        }
    }

    /// The type of pictures of this size.
    pub fn of_pictures(resolution: Resolution) -> Self {
        let fits = |(_, most): &&(Self, u64)| resolution.pixels() <= *most;
        MOST_PIXELS.iter().find(fits).map_or(Self::Uhd2, |(kind, _)| *kind)
    }

    /// The types of pictures, each with its fewest and its most pixels.
    pub(super) fn of_video() -> [(Self, u64, u64); 4] {
        let [(sd, most_sd), (hd, most_hd), (uhd1, most_uhd1)] = MOST_PIXELS;
        [
            (sd, 1, most_sd),
            (hd, most_sd + 1, most_hd),
            (uhd1, most_hd + 1, most_uhd1),
            (Self::Uhd2, most_uhd1 + 1, u64::MAX),
        ]
    }

    /// The name in key files and documents of DRM services.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Audio => "AUDIO",
            Self::Sd => "SD",
            Self::Hd => "HD",
            Self::Uhd1 => "UHD1",
            Self::Uhd2 => "UHD2",
        }
    }
}

impl fmt::Display for TrackType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A text that is no track type.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no track type; there are AUDIO, SD, HD, UHD1 and UHD2")]
pub struct NoTrackType(String);

impl FromStr for TrackType {
    type Err = NoTrackType;

    fn from_str(text: &str) -> Result<Self, NoTrackType> {
        let known = Self::ALL.into_iter().find(|kind| kind.name().eq_ignore_ascii_case(text));
        known.ok_or_else(|| NoTrackType(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_are_told_apart_by_their_pixels() {
        let kind = |width, height| TrackType::of_pictures(Resolution::new(width, height));
        assert_eq!([kind(640, 360), kind(768, 576), kind(1024, 576)], [TrackType::Sd, TrackType::Sd, TrackType::Hd]);
        assert_eq!([kind(1080, 1920), kind(2560, 1440)], [TrackType::Hd, TrackType::Uhd1]);
        assert_eq!([kind(3840, 2160), kind(7680, 4320)], [TrackType::Uhd1, TrackType::Uhd2]);
    }
}
