//! The lines of `--json`, version 1. `docs/schema/events.json` is generated from these types by `tests/schema.rs`.

use schemars::JsonSchema;
use serde::Serialize;
use streampack::event::End;

/// The version of these lines: fields and types may be added to it, never changed or removed.
pub(crate) const VERSION: u8 = 1;

/// One line on stdout.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Line<'a> {
    /// The version of the format, 1.
    #[schemars(range(min = 1, max = 1))]
    pub(crate) v: u8,
    /// Milliseconds since the run started.
    pub(crate) t_ms: u64,
    /// The source, or the directory that is served or published, as it was given; of several, the one that the line is
    /// about. Null when it is about all of them, or the command line could not be read.
    pub(crate) input: Option<&'a str>,
    #[serde(flatten)]
    pub(crate) body: Body<'a>,
}

/// What happened.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum Body<'a> {
    /// The plan stands; comes once, before everything but warnings.
    Planned {
        /// Length of the programme in seconds.
        media_seconds: f64,
        /// What will be made.
        renditions: Vec<PlannedRendition<'a>>,
    },
    /// One rendition is further; about once a second for each, and once more at its end.
    Progress {
        /// The rendition: `video/1080p_h264`.
        rendition: String,
        /// Frames (audio packets) that are done, those of earlier runs included.
        frames_done: u64,
        /// Frames (audio packets) that it will hold.
        frames_total: u64,
        /// Frames per second since the plan was made, those of earlier runs left out.
        fps: f64,
        /// Seconds until it is done; null while there is no pace to judge by.
        eta_s: Option<f64>,
    },
    /// A segment stands under its final name.
    Segment {
        /// The rendition it belongs to.
        rendition: String,
        /// Its path in the output.
        key: &'a str,
        /// Its size in bytes.
        bytes: u64,
        /// Its length in seconds.
        seconds: f64,
    },
    /// Something odd but survivable.
    Warning {
        /// A stable name.
        code: &'a str,
        /// One sentence for people.
        message: &'a str,
    },
    /// `verify` found a broken rule.
    Violation {
        /// `error` breaks a requirement, `warning` a recommendation; a `note` names what could not be checked.
        severity: &'a str,
        /// Where the rule is written: `Apple 9.13`.
        clause: &'a str,
        /// The rule, as a sentence that holds for a good set.
        rule: &'a str,
        /// The file that breaks it, as a path below the set.
        file: &'a str,
        /// One sentence for people, with the figures.
        message: &'a str,
        /// What the file holds; null when that is no figure.
        measured: Option<&'a str>,
        /// What it should hold; null when that is no figure.
        expected: Option<&'a str>,
    },
    /// A playlist, MPD, image or report stands under its final name; of a live programme, for the first time.
    Manifest {
        /// Its path in the output.
        key: &'a str,
    },
    /// A live programme is on; comes once, before its first segment.
    Started {
        /// Length of a full segment in seconds.
        segment_s: f64,
        /// Segments that players are offered at a time.
        window_segments: u64,
        /// The segment that it begins with, or goes on with after an earlier run.
        first_segment: u64,
        /// What is made of it.
        renditions: Vec<LiveRendition>,
    },
    /// Players of a live programme are offered one more segment, which all renditions have.
    Live {
        /// Its number.
        segment: u64,
        /// Where the programme has come to, in seconds.
        edge_s: f64,
        /// When that was, in UTC.
        edge: String,
        /// How long ago, in seconds.
        behind_s: f64,
    },
    /// Players of a live programme are told of something that its source has marked: in SCTE 35, or in data messages of
    /// RTMP. Comes again when its end is known, or when it will not be after all.
    Marker {
        /// Its name: the ID of its EXT-X-DATERANGE.
        id: &'a str,
        /// `out` leads into a break, `command` is another section of SCTE 35, `message` one of RTMP; null when it was
        /// withdrawn.
        kind: Option<&'a str>,
        /// When it is in the programme, in seconds; null when it was withdrawn.
        at_s: Option<f64>,
        /// When that is, in UTC; null when it was withdrawn.
        date: Option<String>,
        /// How long it is meant to last; null when that is not said.
        planned_s: Option<f64>,
        /// When it ends, in UTC; null as long as that is not known.
        end: Option<String>,
        /// The section of SCTE 35 in hexadecimal digits, or the message as JSON; null when it was withdrawn.
        data: Option<String>,
    },
    /// A line of --metadata-pipe has its place in the media.
    Metadata {
        /// Its number, counted from 1.
        line: u64,
        /// The segment that it stands in.
        segment: u64,
        /// When it is for, in seconds of the programme.
        at_s: f64,
    },
    /// `sync` knows what it will do; comes once. With --dry-run that is all it does.
    Transfer {
        /// What will be put, in order.
        put: Vec<PlannedPut<'a>>,
        /// How many objects are there as they should be.
        unchanged: usize,
        /// What will be removed, in order.
        delete: &'a [String],
        /// The paths that CloudFront will be told of.
        invalidate: &'a [String],
    },
    /// Bytes are further; about once a second, and once more at the end.
    Moved {
        /// What is done with them: `comparing` or `uploading`.
        what: &'a str,
        /// Bytes that are done.
        bytes_done: u64,
        /// Bytes that there are.
        bytes_total: u64,
        /// Seconds until all are done; null while there is no pace to judge by.
        eta_s: Option<f64>,
    },
    /// An object stands at the destination.
    Put {
        /// Its path there.
        key: &'a str,
        /// Its size in bytes.
        bytes: u64,
        /// `new`, `changed`, or `headers` when only its headers differed.
        why: &'a str,
    },
    /// An object was removed from the destination.
    Delete {
        /// Its path there.
        key: &'a str,
    },
    /// CloudFront was told that its copies are old.
    Invalidation {
        /// The distribution.
        distribution: &'a str,
        /// The number of the invalidation.
        id: &'a str,
        /// The paths.
        paths: &'a [String],
    },
    /// A server listens; comes once.
    Serving {
        /// Where; paths of the directory are paths of this URL.
        url: &'a str,
        /// The page that plays the sets; null when there is none.
        preview: Option<&'a str>,
        /// The sets that were found.
        sets: Vec<ServedSet<'a>>,
    },
    /// Several inputs will be encoded; comes once, before anything about one of them.
    Inputs {
        /// All of them, in the order in which they are begun.
        inputs: Vec<ListedInput>,
    },
    /// One of several inputs ended; those that were not begun have no such line.
    Ended {
        /// How it ended.
        status: End,
        /// The exit code that it alone would have had, when it failed.
        exit_code: Option<u8>,
        /// Why it failed; null when it did not.
        error: Option<String>,
    },
    /// The end, whatever it was; always the last line.
    Summary {
        /// How it ended.
        status: Status,
        /// The exit code of the process.
        exit_code: u8,
        /// What went wrong; null when nothing did.
        error: Option<String>,
    },
}

/// One of several inputs.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ListedInput {
    /// The file, as it was given or found.
    pub(crate) input: String,
    /// The directory of its set.
    pub(crate) output: String,
    /// Its size in bytes.
    pub(crate) bytes: u64,
}

/// What will be made of one rendition.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct PlannedRendition<'a> {
    /// The rendition: `video/1080p_h264`.
    pub(crate) rendition: String,
    /// `video` or `audio`.
    pub(crate) kind: &'a str,
    /// Frames (audio packets) it will hold.
    pub(crate) frames_total: u64,
    /// Of these, how many an earlier run finished.
    pub(crate) frames_resumed: u64,
}

/// One rendition of a live programme.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct LiveRendition {
    /// The rendition: `video/720p_h264`.
    pub(crate) rendition: String,
    /// `video` or `audio`.
    pub(crate) kind: &'static str,
}

/// One object that will be put.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct PlannedPut<'a> {
    /// Its path at the destination.
    pub(crate) key: &'a str,
    /// Its size in bytes.
    pub(crate) bytes: u64,
    /// `new`, `changed`, or `headers` when only its headers differ.
    pub(crate) why: &'a str,
}

/// One set of a server.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ServedSet<'a> {
    /// Its directory below the one that is served; empty for that one itself.
    pub(crate) path: &'a str,
    /// The URL of its HLS multivariant playlist; null when it has none.
    pub(crate) hls: Option<String>,
    /// The URL of its MPD; null when it has none.
    pub(crate) dash: Option<String>,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Status {
    /// Everything is there.
    Ok,
    /// Something went wrong.
    Failed,
    /// A signal stopped it; the same `encode` or `sync` goes on, `thumbnails` starts over.
    Interrupted,
}
