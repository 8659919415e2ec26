//! What a run tells while it works. [`Event`] is the only way out: bars, JSON lines and tests observe it.

use serde::Serialize;

use crate::cancel::CancelToken;
use crate::media::{RenditionId, SegmentNumber, Utc};

/// Something odd but survivable. `code` is stable, the message is for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Warning {
    /// A stable name for scripts: `truncated_input`.
    pub code: &'static str,
    /// One sentence for people.
    pub message: String,
}

/// What one rendition will take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expected {
    /// The rendition.
    pub rendition: RenditionId,
    /// Frames (or audio packets) that will be encoded; with a first pass each frame counts twice.
    pub frames: u64,
    /// Of these, how many an earlier run finished.
    pub resumed: u64,
}

/// One thing that happened.
#[derive(Debug)]
#[non_exhaustive]
pub enum Event<'a> {
    /// The plan stands; `media_seconds` is the length of the programme.
    Planned {
        /// What each rendition will take.
        expected: &'a [Expected],
        /// Length of the programme in seconds.
        media_seconds: f64,
    },
    /// `frames` more frames of a rendition were encoded.
    Encoded {
        /// The rendition.
        rendition: &'a RenditionId,
        /// Frames since the last event of this rendition.
        frames: u64,
    },
    /// A segment stands under its final name (or, in single-file mode, in the work directory).
    SegmentStored {
        /// The rendition.
        rendition: &'a RenditionId,
        /// Its key in the output.
        key: &'a str,
        /// Its size.
        bytes: u64,
        /// Its length in seconds.
        seconds: f64,
    },
    /// A playlist, MPD, image or report stands under its final name.
    ManifestStored {
        /// Its key in the output.
        key: &'a str,
    },
    /// A live programme is on; comes once, before its first segment.
    LiveStarted {
        /// What is made of it.
        renditions: &'a [RenditionId],
        /// Length of a full segment in seconds.
        segment_seconds: f64,
        /// Segments that players are offered at a time.
        window_segments: u64,
    },
    /// Players of a live programme are offered one more segment.
    LiveAdvanced {
        /// Its number.
        segment: SegmentNumber,
        /// Where the programme has come to, in seconds.
        edge_seconds: f64,
        /// When that was.
        edge: Utc,
        /// How long ago, in seconds.
        behind_seconds: f64,
    },
    /// Something odd but survivable.
    Warned(&'a Warning),
}

/// Receives events; called from several threads.
pub trait Observer: Sync {
    /// Takes one event; must not block for long.
    fn on(&self, event: &Event<'_>);
}

/// Observes nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Observer for Silent {
    fn on(&self, _event: &Event<'_>) {}
}

/// What a long piece of work gets from outside: whom to tell, and whether to stop.
#[derive(Clone, Copy)]
pub struct Control<'a> {
    /// Whom to tell.
    pub observer: &'a dyn Observer,
    /// Whether to stop.
    pub cancel: &'a CancelToken,
}

impl std::fmt::Debug for Control<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Control").field("cancel", self.cancel).finish_non_exhaustive()
    }
}
