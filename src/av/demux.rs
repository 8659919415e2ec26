//! Opens local files in a sandbox and reads packets of chosen streams.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use ffmpeg_next::format::context::{Input, StreamIo};
use ffmpeg_next::{Dictionary, Error as AvError, Packet as AvPacket, Rational, format};

use super::{Error, raw};
use crate::cancel::{CancelToken, Cancelled};
use crate::media::TrackIndex;

/// Demuxers that open other files or the network, whatever the name of the file that is given to
/// them: a `.mp4` that really is a playlist must not read what its author names.
const UNSAFE_DEMUXERS: &[&str] = &[
    "applehttp",
    "hls",
    "dash",
    "concat",
    "concatf",
    "image2",
    "imf",
    "rtp",
    "rtsp",
    "sap",
    "sdp",
    "ffmetadata",
    "lavfi",
    "avisynth",
    "vapoursynth",
    "libgme",
    "libopenmpt",
    "libmodplug",
    "tty",
];

/// Bytes that are read at once.
const BUFFER: usize = 256 * 1024;

/// So many damaged packets in a row, and the rest of the file is given up.
const MAX_DAMAGED_RUN: u32 = 10_000;

/// One coded packet and where it belongs.
pub struct Packet {
    pub(super) inner: AvPacket,
    pub(super) time_base: Rational,
}

impl std::fmt::Debug for Packet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Packet").field("track", &self.track()).field("at_us", &self.at_us()).finish()
    }
}

pub(super) fn to_us(ticks: i64, time_base: Rational) -> i64 {
    let (num, den) = (i128::from(time_base.numerator()), i128::from(time_base.denominator()));
    if den == 0 {
        return 0;
    }
    let scaled = i128::from(ticks) * num * 1_000_000;
    let half = den / 2;
    let rounded = if scaled >= 0 { (scaled + half) / den } else { (scaled - half) / den };
    rounded.clamp(i64::MIN.into(), i64::MAX.into()) as i64
}

impl Packet {
    /// The stream it belongs to.
    pub fn track(&self) -> TrackIndex {
        TrackIndex(self.inner.stream())
    }

    /// Presentation time in microseconds.
    pub fn at_us(&self) -> Option<i64> {
        self.inner.pts().map(|t| to_us(t, self.time_base))
    }

    /// Decode time in microseconds.
    pub fn decode_us(&self) -> Option<i64> {
        self.inner.dts().map(|t| to_us(t, self.time_base))
    }

    /// Length in microseconds; 0 when nothing tells.
    pub fn duration_us(&self) -> i64 {
        to_us(self.inner.duration().max(0), self.time_base)
    }

    /// A decoder can start here.
    pub fn is_key(&self) -> bool {
        self.inner.is_key()
    }

    /// Decoded but not shown (outside the edit list).
    pub fn is_discarded(&self) -> bool {
        raw::is_discarded(&self.inner)
    }

    /// PCM samples at the start of this packet that are not presented (priming).
    pub fn skipped_samples(&self) -> u32 {
        let skip =
            self.inner.side_data().find(|d| d.kind() == ffmpeg_next::codec::packet::side_data::Type::SkipSamples);
        skip.and_then(|d| d.data().get(..4).map(|b| u32::from_le_bytes([b[0], b[1], b[2], b[3]]))).unwrap_or(0)
    }

    /// Moves the packet by `us` microseconds.
    pub fn shift(&mut self, us: i64) {
        let (num, den) = (i128::from(self.time_base.numerator()), i128::from(self.time_base.denominator()));
        let ticks = if num == 0 { 0 } else { (i128::from(us) * den / (num * 1_000_000)) as i64 };
        self.inner.set_pts(self.inner.pts().map(|t| t.saturating_add(ticks)));
        self.inner.set_dts(self.inner.dts().map(|t| t.saturating_add(ticks)));
    }
}

/// A file that remembers what the operating system refused: demuxers call much an end of file.
struct Watched {
    file: File,
    failure: Arc<Mutex<Option<std::io::Error>>>,
}

impl Watched {
    fn note<T>(&self, result: std::io::Result<T>) -> std::io::Result<T> {
        result.map_err(|error| {
            let again = std::io::Error::from(error.kind());
            *self.failure.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
            again
        })
    }
}

impl Read for Watched {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let result = self.file.read(buffer);
        self.note(result)
    }
}

impl Seek for Watched {
    fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        // Demuxers try positions that are not there; that is no failure of the file.
        self.file.seek(to)
    }
}

/// An open input.
pub struct Demuxer {
    failure: Arc<Mutex<Option<std::io::Error>>>,
    pub(super) input: Input,
    target: String,
    cancel: CancelToken,
}

impl std::fmt::Debug for Demuxer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Demuxer").field("target", &self.target).finish_non_exhaustive()
    }
}

impl Demuxer {
    /// Opens a regular file; nothing it says can make FFmpeg open another one.
    pub fn open(path: &Path, cancel: &CancelToken) -> Result<Self, Error> {
        let target = path.display().to_string();
        let refuse = |why: &dyn std::fmt::Display| Error::Input { target: target.clone(), why: why.to_string() };
        let meta = std::fs::metadata(path).map_err(|e| refuse(&e))?;
        if !meta.is_file() {
            return Err(refuse(&"it is not a regular file"));
        }
        if meta.len() == 0 {
            return Err(refuse(&"the file is empty"));
        }
        let file = File::open(path).map_err(|e| refuse(&e))?;
        let failure = Arc::default();
        let file = Watched { file, failure: Arc::clone(&failure) };
        let io = StreamIo::from_read_seek_with_capacity(file, BUFFER)
            .map_err(Error::failed("allocating an I/O buffer", target.clone()))?;
        let formats: Vec<_> =
            raw::demuxers().into_iter().filter(|d| !d.split(',').any(|n| UNSAFE_DEMUXERS.contains(&n))).collect();
        let mut options = Dictionary::new();
        options.set("format_whitelist", &formats.join(","));
        options.set("protocol_whitelist", "none");
        options.set("probesize", "20000000");
        options.set("analyzeduration", "10000000");
        let name = path.file_name().map(|n| n.to_string_lossy().replace('\0', "")).unwrap_or_default();
        let interrupt = cancel.clone();
        let opened =
            format::input_from_stream_with_interrupt(io, Some(&name), Some(options), move || interrupt.is_cancelled());
        let input = opened.map_err(|e| match e {
            AvError::Exit => Error::Cancelled(Cancelled),
            AvError::InvalidData | AvError::Eof | AvError::DemuxerNotFound => {
                refuse(&"it is not media that FFmpeg knows, or it is damaged from the start")
            }
            e => refuse(&e),
        })?;
        Ok(Self { failure, input, target, cancel: cancel.clone() })
    }

    /// The path as it was given.
    pub fn target(&self) -> &str {
        &self.target
    }

    /// Reads only these streams from now on.
    pub fn select(&mut self, tracks: &[TrackIndex]) {
        raw::keep_streams(&mut self.input, &tracks.iter().map(|t| t.0).collect::<Vec<_>>());
    }

    /// Whether timestamps of this container may jump inside a file (MPEG-TS, MPEG-PS).
    pub fn timestamps_may_jump(&self) -> bool {
        raw::timestamps_may_jump(&self.input)
    }

    /// The next packet; nothing at the end, which is also where damage makes reading on useless.
    pub fn read(&mut self) -> Result<Option<Packet>, Error> {
        let mut inner = AvPacket::empty();
        for _ in 0..MAX_DAMAGED_RUN {
            self.cancel.check()?;
            match inner.read(&mut self.input) {
                Ok(()) => {
                    let Some(stream) = self.input.stream(inner.stream()) else { continue };
                    return Ok(Some(Packet { time_base: stream.time_base(), inner }));
                }
                Err(AvError::Exit) => return Err(Cancelled.into()),
                Err(AvError::InvalidData | AvError::Other { errno: ffmpeg_next::error::EAGAIN }) => {}
                Err(_) => break,
            }
        }
        match self.failure.lock().unwrap_or_else(PoisonError::into_inner).take() {
            Some(error) => Err(Error::Input { target: self.target.clone(), why: error.to_string() }),
            None => Ok(None),
        }
    }

    /// Jumps to a key frame at or before `us`; the caller looks where it really landed.
    pub fn seek(&mut self, us: i64) -> Result<(), Error> {
        self.input.seek(us, ..us).map_err(Error::failed("seeking", self.target.clone()))
    }
}
