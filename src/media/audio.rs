//! Sound geometry.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How many channels, and in which arrangement players know by number: front, side and back loudspeakers
/// before the point, low frequencies after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ChannelLayout {
    /// One channel.
    Mono,
    /// Left and right.
    Stereo,
    /// Two programmes of one channel each.
    DualMono,
    /// Left, right and centre.
    #[serde(rename = "3.0")]
    Surround30,
    /// Left, right and one behind.
    #[serde(rename = "3.0(back)")]
    Surround30Back,
    /// Left, right, centre and one behind.
    #[serde(rename = "4.0")]
    Surround40,
    /// Two in front and two behind.
    Quad,
    /// Three in front and two behind.
    #[serde(rename = "5.0")]
    Surround50,
    /// Three in front, two behind, low frequencies.
    #[serde(rename = "5.1")]
    Surround51,
    /// 5.1 and one behind.
    #[serde(rename = "6.1")]
    Surround61,
    /// 5.1 and two more behind.
    #[serde(rename = "7.1")]
    Surround71,
    /// 5.1 and two more in front.
    #[serde(rename = "7.1(wide)")]
    Surround71Wide,
    /// So many channels in an arrangement that has no number.
    Discrete(u16),
}

impl ChannelLayout {
    /// Number of channels.
    pub const fn channels(self) -> u16 {
        match self {
            Self::Mono => 1,
            Self::Stereo | Self::DualMono => 2,
            Self::Surround30 | Self::Surround30Back => 3,
            Self::Surround40 | Self::Quad => 4,
            Self::Surround50 => 5,
            Self::Surround51 => 6,
            Self::Surround61 => 7,
            Self::Surround71 | Self::Surround71Wide => 8,
            Self::Discrete(channels) => channels,
        }
    }

    /// ChannelConfiguration of ISO/IEC 23091-3 (CICP), as DASH signals it for every codec: the scheme that
    /// DASH-IF's registry prefers and ETSI TS 102 366 § I.1.2 recommends for AC-3 too. Nothing where the
    /// arrangement has no number.
    pub const fn cicp(self) -> Option<u8> {
        Some(match self {
            Self::Mono => 1,
            Self::Stereo => 2,
            Self::Surround30 => 3,
            Self::Surround40 => 4,
            Self::Surround50 => 5,
            Self::Surround51 => 6,
            Self::Surround71Wide => 7,
            Self::DualMono => 8,
            Self::Surround30Back => 9,
            Self::Quad => 10,
            Self::Surround61 => 11,
            Self::Surround71 => 12,
            Self::Discrete(_) => return None,
        })
    }

    /// The layout with this ChannelConfiguration; a number of AAC's channelConfiguration means the same.
    pub const fn from_cicp(number: u8) -> Option<Self> {
        Some(match number {
            1 => Self::Mono,
            2 => Self::Stereo,
            3 => Self::Surround30,
            4 => Self::Surround40,
            5 => Self::Surround50,
            6 => Self::Surround51,
            7 => Self::Surround71Wide,
            8 => Self::DualMono,
            9 => Self::Surround30Back,
            10 => Self::Quad,
            11 => Self::Surround61,
            12 => Self::Surround71,
            _ => return None,
        })
    }

    /// The layout of so many channels in the order of Vorbis, which Opus (RFC 7845 § 5.1.1.2) and FLAC
    /// (RFC 9639 § 9.1.3) share.
    pub const fn of_vorbis(channels: u16) -> Self {
        match channels {
            1 => Self::Mono,
            2 => Self::Stereo,
            3 => Self::Surround30,
            4 => Self::Quad,
            5 => Self::Surround50,
            6 => Self::Surround51,
            7 => Self::Surround61,
            8 => Self::Surround71,
            _ => Self::Discrete(channels),
        }
    }
}

impl fmt::Display for ChannelLayout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Mono => "mono",
            Self::Stereo => "stereo",
            Self::DualMono => "dual mono",
            Self::Surround30 => "3.0",
            Self::Surround30Back => "3.0(back)",
            Self::Surround40 => "4.0",
            Self::Quad => "quad",
            Self::Surround50 => "5.0",
            Self::Surround51 => "5.1",
            Self::Surround61 => "6.1",
            Self::Surround71 => "7.1",
            Self::Surround71Wide => "7.1(wide)",
            Self::Discrete(channels) => return write!(f, "{channels} channels"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_leads_to_a_layout_and_back() {
        for number in 1..=12 {
            assert_eq!(ChannelLayout::from_cicp(number).and_then(ChannelLayout::cicp), Some(number));
        }
        assert_eq!([0, 13, 255].map(ChannelLayout::from_cicp), [None; 3]);
        assert_eq!(ChannelLayout::Discrete(3).cicp(), None);
    }

    #[test]
    fn layouts_have_as_many_channels_as_was_asked() {
        for channels in 1..=9 {
            assert_eq!(ChannelLayout::of_vorbis(channels).channels(), channels);
        }
    }
}
