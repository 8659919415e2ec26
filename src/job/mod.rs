//! The wiring: requests in, finished sets out. The only module that names all stages.

pub mod apart;
mod assemble;
mod backlog;
pub mod batch;
mod budgets;
mod copied;
mod crew;
mod damage;
mod direct;
pub mod doctor;
mod expected;
mod finish;
mod gate;
pub mod journal;
mod keep;
pub mod key;
pub mod keys;
mod lines;
pub mod live;
pub mod lock;
mod loom;
mod loudness;
mod owner;
pub mod package;
mod pool;
mod press;
pub mod report;
mod scene;
mod sources;
mod statistics;
mod stills;
mod stretch;
mod survey;
pub mod sync;
mod taken;
mod text;
pub mod thumbnails;
pub mod vod;
mod work;

use std::path::PathBuf;

use crate::cancel::Cancelled;
use crate::media::RenditionId;
use crate::{av, bmff, crypt, encode, manifest, origin, output, plan, thumbs};

pub use report::Report;
pub use vod::Request;

/// A run failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Reading or probing the source failed, or FFmpeg did.
    #[error(transparent)]
    Av(#[from] av::Error),
    /// No plan can be made of source and settings.
    #[error(transparent)]
    Plan(#[from] plan::Error),
    /// Encoding failed.
    #[error(transparent)]
    Encode(#[from] encode::Error),
    /// One pass of several failed.
    #[error("the {pass} pass of {segments} failed: {source}")]
    Pass {
        /// Which: `first`.
        pass: &'static str,
        /// Over what: `segments 1 to 4`.
        segments: String,
        /// Why.
        source: Box<encode::Error>,
    },
    /// Packaging failed.
    #[error(transparent)]
    Package(#[from] crate::package::Error),
    /// A plain file cannot be put together.
    #[error("cannot put {key} together: {source}")]
    Flat {
        /// The file.
        key: String,
        /// Why.
        source: bmff::Error,
    },
    /// What was packaged does not read back.
    #[error(transparent)]
    Verify(#[from] crate::package::Mismatch),
    /// Thumbnails or poster failed.
    #[error(transparent)]
    Thumbs(#[from] thumbs::Error),
    /// The manifests could not be made.
    #[error(transparent)]
    Manifest(#[from] manifest::Error),
    /// The output could not be written.
    #[error(transparent)]
    Output(#[from] output::Error),
    /// There are no keys to encrypt with.
    #[error(transparent)]
    Keys(#[from] keys::Error),
    /// A track cannot be encrypted.
    #[error("cannot encrypt {rendition}: {source}")]
    Crypt {
        /// The rendition.
        rendition: RenditionId,
        /// Why.
        source: crypt::Error,
    },
    /// The output is locked.
    #[error(transparent)]
    Lock(#[from] lock::Error),
    /// The input could not be looked at.
    #[error(transparent)]
    Identity(#[from] key::Error),
    /// The input is no file that can be read twice.
    #[error("cannot read {}: it is not a regular file", .0.display())]
    NotAFile(PathBuf),
    /// Pictures are wanted of a source that has none.
    #[error("{} holds no pictures to make thumbnails of", .0.display())]
    NoPictures(PathBuf),
    /// Something that no report and no journal of ours lists stands where an object will.
    #[error("{} is already there, and neither report nor journal says that streampack made it; move it, choose another output, or pass --force to replace it", .0.display())]
    Foreign(PathBuf),
    /// Thumbnails alone would not fit the set that stands in the output.
    #[error("{} holds a finished set; choose another output for thumbnails alone", .0.display())]
    Finished(PathBuf),
    /// The output is a URL that names no place.
    #[error(transparent)]
    Place(#[from] output::object::LocationError),
    /// A directory is not published.
    #[error(transparent)]
    Sync(#[from] sync::Error),
    /// The encoder takes the names of its statistics as text.
    #[error("{} is not valid Unicode, which two passes need; choose another output", .0.display())]
    NotUnicode(PathBuf),
    /// What is kept of a live programme cannot be noted.
    #[error("cannot record to {}: {source}", path.display())]
    Record {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Another run has recorded there.
    #[error("{} holds what another run has made, maybe all that there is of a programme; record into a directory of its own, or pass --force to replace it", .0.display())]
    Recorded(PathBuf),
    /// A live programme cannot go on.
    #[error("cannot go on with the programme in {}: {why}; start it as it was started, or a new one without --resume", output.display())]
    Resume {
        /// The directory.
        output: PathBuf,
        /// Why.
        why: String,
    },
    /// A live source was lost; what came of it stands.
    #[error("{input} was lost: {why}; what came before is complete")]
    Lost {
        /// The source, without its secrets.
        input: String,
        /// Why.
        why: String,
    },
    /// A live programme went on from memory without its directory; a run that goes on with it, or another one, cleans up.
    #[error("{} has only the beginning of the programme, which went on from memory: {source}", output.display())]
    Unstored {
        /// The directory.
        output: PathBuf,
        /// Why.
        source: Box<Error>,
    },
    /// The machine did not keep up with a live source; what came of it stands.
    #[error("{input} was given up: this machine did not keep up; choose fewer or smaller rungs, or a faster --speed")]
    Overloaded {
        /// The source, without its secrets.
        input: String,
    },
    /// Timed metadata cannot be read.
    #[error(transparent)]
    Metadata(#[from] crate::source::live::metadata::Unreadable),
    /// It cannot be served.
    #[error(transparent)]
    Origin(#[from] origin::Error),
    /// A part of the program broke.
    #[error("a worker thread panicked, which is a defect of streampack; please report it with the input")]
    Panicked,
    /// Something that should not happen.
    #[error("{0}")]
    Internal(String),
    /// The run was told to stop.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
}

impl Error {
    /// Says in which pass over which segments an encode failed; everything else stays as it is.
    fn in_pass(self, pass: &'static str, shard: plan::Shard) -> Self {
        match self {
            cancelled if cancelled.is_cancelled() => cancelled,
            Self::Encode(source) => Self::Pass { pass, segments: stretch::segments(shard), source: source.into() },
            other => other,
        }
    }

    /// Whether the run ended because it was told to, and not for a fault.
    pub fn is_cancelled(&self) -> bool {
        matches!(
            self,
            Self::Cancelled(_)
                | Self::Av(av::Error::Cancelled(_))
                | Self::Encode(encode::Error::Cancelled(_) | encode::Error::Av(av::Error::Cancelled(_)))
                | Self::Output(output::Error::Cancelled(_))
        )
    }
}
