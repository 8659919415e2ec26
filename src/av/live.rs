//! Opens live inputs: a stream of bytes, or a URL in the sandbox of its scheme.

use std::io::Read;

use ffmpeg_next::format::context::{Input, StreamIo};
use ffmpeg_next::{Dictionary, Error as AvError, format};

use super::Error;
use super::demux::{BUFFER, Demuxer, Failure, safe_formats};
use crate::cancel::{CancelToken, Cancelled};

/// A stream is looked at for so long before it is known what is in it, in microseconds: enough to tell a frame
/// rate in time bases of milliseconds.
const ANALYZED_US: &str = "2000000";
/// And for no more than so many bytes.
const PROBED_BYTES: &str = "5000000";

/// What FFmpeg may open for a URL. Nothing that a stream says leads to another protocol, or to a file.
#[derive(Debug, Clone, Copy)]
pub struct Sandbox {
    /// The protocols, by FFmpeg's names: `rtmp,tcp`.
    pub protocols: &'static str,
    /// Whether it may be a playlist that leads to other URLs.
    pub playlists: bool,
    /// Whether it is known already how fast its pictures come, which takes the longest to find out.
    pub brief: bool,
}

fn options(protocols: &str, playlists: bool, brief: bool) -> Dictionary<'static> {
    let mut formats = safe_formats();
    if playlists {
        formats.push("hls".to_owned());
    }
    let mut options = Dictionary::new();
    options.set("format_whitelist", &formats.join(","));
    options.set("protocol_whitelist", protocols);
    options.set("probesize", PROBED_BYTES);
    options.set("analyzeduration", ANALYZED_US);
    if brief {
        options.set("fpsprobesize", "0");
    }
    options
}

impl Demuxer {
    /// Opens a stream of bytes that comes once. Reads must end by themselves soon after the token is cancelled.
    pub fn open_pipe(
        bytes: impl Read + Send + 'static,
        target: &str,
        brief: bool,
        cancel: &CancelToken,
    ) -> Result<Self, Error> {
        let failure = Failure::default();
        let watched = failure.watch(bytes);
        let interrupt = cancel.clone();
        let open = || {
            let io = StreamIo::from_read_with_capacity(watched, BUFFER)?;
            format::input_from_stream_with_interrupt(io, None, Some(options("none", false, brief)), move || {
                interrupt.is_cancelled()
            })
        };
        let input = open().map_err(|error| refused(error, target, cancel))?;
        Ok(Self::of(input, failure, target, cancel))
    }

    /// Opens a URL, with more options of its protocol, which may be secret. Messages name it as `target`, which leaves them
    /// all out.
    pub fn open_url(
        url: &str,
        more: &[(&str, &str)],
        target: &str,
        sandbox: Sandbox,
        cancel: &CancelToken,
    ) -> Result<Self, Error> {
        let interrupt = cancel.clone();
        let mut options = options(sandbox.protocols, sandbox.playlists, sandbox.brief);
        for (name, value) in more {
            options.set(name, value);
        }
        let opened: Result<Input, AvError> =
            format::input_with_interrupt_and_dictionary(url, move || interrupt.is_cancelled(), options);
        let input = opened.map_err(|error| match refused(error, target, cancel) {
            Error::Input { target, why } if !is_content(error) => Error::Network { target, why },
            other => other,
        })?;
        Ok(Self::of(input, Failure::default(), target, cancel))
    }
}

/// Whether something was there, and it was not media.
fn is_content(error: AvError) -> bool {
    matches!(error, AvError::InvalidData | AvError::DemuxerNotFound | AvError::ProtocolNotFound)
}

fn refused(error: AvError, target: &str, cancel: &CancelToken) -> Error {
    if error == AvError::Exit || cancel.is_cancelled() {
        return Error::Cancelled(Cancelled);
    }
    let why = match error {
        AvError::InvalidData | AvError::DemuxerNotFound => "it is not media that FFmpeg knows".to_owned(),
        AvError::Eof => "nothing came before it ended".to_owned(),
        AvError::ProtocolNotFound => "this FFmpeg cannot fetch it, or it leads to what it may not open".to_owned(),
        other => other.to_string(),
    };
    Error::Input { target: target.to_owned(), why }
}
