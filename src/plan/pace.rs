//! How fast a programme is encoded, and what an encoder may do for it.

/// How fast a programme is encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pace {
    /// As fast as it goes, in shards side by side.
    Offline,
    /// As it comes, with so many threads for what is large.
    RealTime {
        /// Processors that there are for it.
        threads: u32,
    },
}

/// Frames that an encoder may hold back of a live programme. Macroblock-tree gets most of its gain from the first
/// few, and each is a frame of latency.
const LOOKAHEAD: u32 = 10;

/// With more threads than these x264 gains little for the frames of latency that they cost.
const MOST_THREADS: u32 = 4;

impl Pace {
    /// Threads of the encoder of one rung.
    pub(super) fn threads(self, small: bool) -> u32 {
        match self {
            Self::RealTime { threads } if !small => threads.clamp(1, MOST_THREADS),
            Self::RealTime { .. } | Self::Offline => 1,
        }
    }

    /// Frames that an encoder may hold back at most.
    pub(super) fn lookahead(self) -> Option<u32> {
        match self {
            Self::Offline => None,
            Self::RealTime { .. } => Some(LOOKAHEAD),
        }
    }
}
