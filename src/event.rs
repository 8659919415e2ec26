//! What a run tells while it works. [`Event`] is the only way out: bars, JSON lines and tests observe it.

use std::error::Error;
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::cancel::CancelToken;
use crate::media::{Marker, RenditionId, SegmentNumber, Utc};

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

/// One input of several.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Input {
    /// The file, as it was given or found.
    pub path: PathBuf,
    /// The directory of its set.
    pub output: PathBuf,
    /// Its size; what it weighs among the others before anything else is known of it.
    pub bytes: u64,
}

/// How work on one input of several ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// Its set was made.
    Done,
    /// Its set stood already.
    UpToDate,
    /// It failed.
    Failed,
    /// It was stopped, by a signal or by the failure of another one; the next run goes on with it.
    Stopped,
    /// It was not begun.
    NotStarted,
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
        /// The segment that it begins with, or goes on with after an earlier run.
        first_segment: SegmentNumber,
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
    /// Players of a live programme are told of something that its source has marked, or how that has ended.
    Marked {
        /// What was marked.
        marker: &'a Marker,
        /// When that is.
        date: Utc,
        /// When it ends, once that is known.
        ended: Option<Utc>,
    },
    /// Something that was marked will not be after all.
    MarkerWithdrawn {
        /// Its name.
        id: &'a str,
    },
    /// A line of timed metadata has its place in the media of a live programme.
    MetadataPlaced {
        /// Its number, counted from 1.
        line: u64,
        /// The segment that it stands in.
        segment: SegmentNumber,
        /// When it is for, in seconds of the programme.
        at_seconds: f64,
    },
    /// What will be brought to a destination stands.
    TransferPlanned(&'a Transfer<'a>),
    /// From now on bytes are moved, so many in all.
    Moving {
        /// What is done with them: `uploading`.
        what: &'static str,
        /// How many there are.
        bytes: u64,
    },
    /// So many more bytes were moved; fewer when some have to be sent again.
    Moved {
        /// Bytes since the last event.
        bytes: i64,
    },
    /// An object stands at a destination.
    ObjectPut {
        /// Its key there.
        key: &'a str,
        /// Its size.
        bytes: u64,
        /// Why it was put.
        why: Why,
    },
    /// An object was removed from a destination.
    ObjectRemoved {
        /// Its key there.
        key: &'a str,
    },
    /// A distribution was told that its copies are old.
    Invalidated {
        /// The distribution.
        distribution: &'a str,
        /// The number of the invalidation.
        id: &'a str,
        /// The paths.
        paths: &'a [String],
    },
    /// Something odd but survivable.
    Warned(&'a Warning),
    /// Several inputs will be worked on; comes before anything about one of them.
    Inputs {
        /// All of them.
        inputs: &'a [Input],
    },
    /// Something happened to one input of several.
    Of {
        /// Its position among them.
        input: usize,
        /// What.
        event: &'a Event<'a>,
    },
    /// Work on one input of several ended.
    Ended {
        /// Its position among them.
        input: usize,
        /// How.
        end: End,
        /// Why it failed, when it did.
        error: Option<&'a (dyn Error + 'static)>,
    },
}

/// Why an object is put.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// It was not there.
    New,
    /// Another body was there.
    Body,
    /// It was delivered in another way.
    Headers,
}

impl Why {
    /// Its name for people and scripts.
    pub const fn name(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Body => "changed",
            Self::Headers => "headers",
        }
    }
}

/// What will be done at a destination.
#[derive(Debug, Clone, Copy)]
pub struct Transfer<'a> {
    /// The objects that will be put: key, bytes and why, in order.
    pub put: &'a [(String, u64, Why)],
    /// How many objects are there as they should be.
    pub same: usize,
    /// The objects that will be removed, in order.
    pub remove: &'a [String],
    /// The paths that a distribution will be told of.
    pub invalidate: &'a [String],
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

/// Observes one input of several, and tells whoever observes all of them which one it was.
pub struct OneOf<'a> {
    /// Whoever observes all.
    pub observer: &'a dyn Observer,
    /// The position of the input.
    pub input: usize,
}

impl Observer for OneOf<'_> {
    fn on(&self, event: &Event<'_>) {
        self.observer.on(&Event::Of { input: self.input, event });
    }
}

impl std::fmt::Debug for OneOf<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OneOf").field("input", &self.input).finish_non_exhaustive()
    }
}
