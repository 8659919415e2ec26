//! FFmpeg. Packets, frames and samples in FFmpeg's hands on one side, `media` types on the other: no
//! FFmpeg pointer, time base or error code leaves this module. Times are microseconds of the source.

pub mod audio;
mod boxes;
pub mod caps;
mod composition;
pub mod decode;
pub mod demux;
pub mod filter;
pub mod frame;
mod listing;
pub mod live;
pub mod marks;
mod packet;
mod raw;
pub mod skim;
pub mod streams;
pub mod strict;
pub mod text;
pub mod video;

use crate::cancel::Cancelled;

/// FFmpeg refused.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The input is not there, not readable, or not media.
    #[error("cannot read {target}: {why}")]
    Input {
        /// The path as it was given.
        target: String,
        /// Why, in words.
        why: String,
    },
    /// The network does not give what was asked for.
    #[error("cannot read {target}: {why}; check the address, and that the stream is on")]
    Network {
        /// The URL, without its secrets.
        target: String,
        /// Why, in words.
        why: String,
    },
    /// This build of FFmpeg lacks a part.
    #[error("this FFmpeg has no {kind} `{name}`; install an FFmpeg built with it")]
    Missing {
        /// `encoder`, `decoder` or `filter`.
        kind: &'static str,
        /// Its name in FFmpeg.
        name: String,
    },
    /// The library of the filters is not there, or not the one of the headers that this program was built with.
    #[error(
        "cannot load {name}, which filters pictures and sound: {why}; install FFmpeg's libavfilter {version} and what it \
         needs (the package libavfilter{version} of Debian)"
    )]
    NotLoaded {
        /// Its name as a file.
        name: String,
        /// Its major version.
        version: u32,
        /// Why, in the system's words.
        why: String,
    },
    /// A call failed that should not have.
    #[error("{what} failed on {target}: {source}")]
    Failed {
        /// What was done: `opening the encoder`.
        what: &'static str,
        /// To what.
        target: String,
        /// FFmpeg's reason.
        source: ffmpeg_next::Error,
    },
    /// An encoder does not know an option, or not this value of it.
    #[error("the encoder {encoder} refuses {key}={value}: {source}")]
    Option {
        /// The encoder.
        encoder: String,
        /// The option.
        key: String,
        /// Its value.
        value: String,
        /// FFmpeg's reason.
        source: ffmpeg_next::Error,
    },
    /// The run was told to stop.
    #[error(transparent)]
    Cancelled(#[from] Cancelled),
}

impl Error {
    fn failed(what: &'static str, target: impl Into<String>) -> impl FnOnce(ffmpeg_next::Error) -> Self {
        let target = target.into();
        move |source| match source {
            ffmpeg_next::Error::Exit => Self::Cancelled(Cancelled),
            source => Self::Failed { what, target, source },
        }
    }
}

/// Whether a call gave something out: false when it wants more first, or when all has been given.
fn given(result: Result<(), ffmpeg_next::Error>) -> Result<bool, ffmpeg_next::Error> {
    match result {
        Ok(()) => Ok(true),
        Err(ffmpeg_next::Error::Eof | ffmpeg_next::Error::Other { errno: ffmpeg_next::error::EAGAIN }) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Keeps memory that is freed for what comes next: for processes that copy one segment after another, all of about one
/// size. Those that decode and encode want the opposite, [`give_memory_back`].
pub fn keep_memory() {
    raw::keep_memory();
}

/// Gives memory of pictures back to the system as soon as it is freed: for processes that decode and encode.
pub fn give_memory_back() {
    raw::give_memory_back();
}

/// Sets FFmpeg up for this process: its own log goes to stderr only when `log` is set.
pub fn init(log: bool) {
    // Registration cannot fail since FFmpeg 4; the result only serves older versions.
    let _ = ffmpeg_next::init();
    let level = if log { ffmpeg_next::log::Level::Warning } else { ffmpeg_next::log::Level::Quiet };
    ffmpeg_next::log::set_level(level);
}

/// Loads what filters need, beside what comes first: for whoever will filter. That it cannot be loaded is told to whoever asks
/// for a filter.
pub fn expect_filters() {
    // Where there is no room for a thread, they are loaded later.
    let _ = std::thread::Builder::new().spawn(|| raw::filters::version().is_ok());
}

/// Whether FFmpeg's log is on.
fn is_logged() -> bool {
    ffmpeg_next::log::get_level() != Ok(ffmpeg_next::log::Level::Quiet)
}
