//! Sound geometry.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How many channels, and in which arrangement players know by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ChannelLayout {
    /// One channel.
    Mono,
    /// Left and right.
    Stereo,
}

impl ChannelLayout {
    /// Number of channels.
    pub const fn channels(self) -> u16 {
        match self {
            Self::Mono => 1,
            Self::Stereo => 2,
        }
    }

    /// ChannelConfiguration of ISO/IEC 23091-3 (CICP), as DASH signals it.
    pub const fn cicp(self) -> u8 {
        match self {
            Self::Mono => 1,
            Self::Stereo => 2,
        }
    }
}

impl fmt::Display for ChannelLayout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Mono => "mono",
            Self::Stereo => "stereo",
        })
    }
}
