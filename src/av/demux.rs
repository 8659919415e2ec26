//! Opens local files in a sandbox and reads packets of chosen streams.

use std::collections::HashMap;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use ffmpeg_next::format::context::{Input, StreamIo};
use ffmpeg_next::{Dictionary, Error as AvError, Packet as AvPacket, format};

use super::composition::{self, Beginning};
use super::listing::{self, Entry, Listing};
pub use super::listing::{IsKey, Listable};
pub use super::packet::Packet;
pub use super::skim::HEAD as READ;
use super::skim::Skim;
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

/// Bytes that are read at once, as FFmpeg itself has it. Packets that are larger are read straight into their own memory,
/// which saves a copy of most pictures.
pub(super) const BUFFER: usize = 8 * 1024;

/// So many damaged packets in a row, and the rest of the file is given up.
const MAX_DAMAGED_RUN: u32 = 10_000;

/// A file that remembers what the operating system refused: demuxers call much an end of file.
pub(super) struct Watched<R> {
    file: R,
    failure: Failure,
}

impl<R> Watched<R> {
    fn note<T>(&self, result: std::io::Result<T>) -> std::io::Result<T> {
        result.map_err(|error| {
            let again = std::io::Error::from(error.kind());
            *self.failure.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
            again
        })
    }
}

impl<R: Read> Read for Watched<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let result = self.file.read(buffer);
        self.note(result)
    }
}

impl<R: Seek> Seek for Watched<R> {
    fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        // Demuxers try positions that are not there; that is no failure of the file.
        self.file.seek(to)
    }
}

/// What the operating system refuses while FFmpeg reads.
#[derive(Clone, Default)]
pub(super) struct Failure(Arc<Mutex<Option<std::io::Error>>>);

impl Failure {
    /// `file`, whose failures are noted here.
    pub(super) fn watch<R>(&self, file: R) -> Watched<R> {
        Watched { file, failure: self.clone() }
    }

    fn take(&self) -> Option<std::io::Error> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// The demuxers that open nothing but what they are given.
pub(super) fn safe_formats() -> Vec<String> {
    raw::demuxers().into_iter().filter(|d| !d.split(',').any(|n| UNSAFE_DEMUXERS.contains(&n))).collect()
}

/// How much of an input FFmpeg looks at to tell what its tracks hold.
#[derive(Clone, Copy)]
enum Look {
    /// Packets of all tracks are decoded until there is nothing left to tell.
    Decoded,
    /// Of pictures no packet is decoded, and of sound one of those that come soon.
    Headers,
}

impl Look {
    /// In options of FFmpeg.
    fn options(self) -> Vec<(&'static str, &'static str)> {
        match self {
            Self::Decoded => vec![("probesize", "20000000")],
            Self::Headers => vec![("probesize", "1000000"), ("codec_whitelist", "aac")],
        }
    }
}

/// Opens bytes in the sandbox; the name, when there is one, helps to tell formats apart.
fn open_as<R>(file: R, name: Option<&str>, look: Look, cancel: &CancelToken) -> Result<(Failure, Input), AvError>
where
    R: Read + Seek + Send + 'static,
{
    let failure = Failure::default();
    let io = StreamIo::from_read_seek_with_capacity(failure.watch(file), BUFFER)?;
    let mut options = Dictionary::new();
    options.set("format_whitelist", &safe_formats().join(","));
    options.set("protocol_whitelist", "none");
    look.options().into_iter().for_each(|(option, value)| options.set(option, value));
    options.set("analyzeduration", "10000000");
    let interrupt = cancel.clone();
    let input = format::input_from_stream_with_interrupt(io, name, Some(options), move || interrupt.is_cancelled())?;
    Ok((failure, input))
}

/// By how many ticks FFmpeg shows streams too late: by as many as their pictures are shown early, where it begins to
/// show them as much later than the file says.
fn late(input: &Input, beginnings: &HashMap<u32, Beginning>) -> HashMap<usize, i64> {
    let late = |stream: ffmpeg_next::Stream<'_>| {
        let beginning = beginnings.get(&u32::try_from(stream.id()).ok()?)?;
        let begins_late = stream.start_time().checked_sub(beginning.first) == Some(beginning.early);
        begins_late.then_some((stream.index(), beginning.early))
    };
    input.streams().filter_map(late).collect()
}

/// What to do about an input that is no file of this machine, to end a message with.
fn elsewhere(target: &str) -> &'static str {
    match target {
        "-" => "; standard input cannot be read twice, give a file",
        _ if target.contains("://") => "; only files can be read, download it first",
        _ => "",
    }
}

/// The name by which FFmpeg may tell formats apart.
fn name_of(path: &Path) -> String {
    path.file_name().map(|n| n.to_string_lossy().replace('\0', "")).unwrap_or_default()
}

/// What FFmpeg says of a format that is not among ours.
const NOT_AMONG_OURS: AvError = AvError::Other { errno: ffmpeg_next::error::EINVAL };

/// An open input.
pub struct Demuxer {
    failure: Failure,
    pub(super) input: Input,
    target: String,
    cancel: CancelToken,
    broken: Option<AvError>,
    /// By how many ticks FFmpeg shows the pictures of a stream too late.
    late: HashMap<usize, i64>,
    skim: Skim,
    /// What reads packets in place of FFmpeg, once it skims.
    listing: Option<Listing>,
    /// So many packets of a stream came of the list before it was given up.
    given: HashMap<usize, usize>,
}

impl std::fmt::Debug for Demuxer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Demuxer").field("target", &self.target).finish_non_exhaustive()
    }
}

impl Demuxer {
    /// Opens a regular file; nothing it says can make FFmpeg open another one.
    pub fn open(path: &Path, cancel: &CancelToken) -> Result<Self, Error> {
        Self::open_after(Look::Decoded, path, cancel)
    }

    /// Opens one of which its tables and the headers of its codecs may tell all there is to know: what FFmpeg would learn
    /// only of decoded pictures (their format, colour and the shape of their pixels) it does not say. Nothing where a track
    /// is of another kind, and where FFmpeg's log is read: it would complain of what is kept from it.
    pub fn open_by_headers(path: &Path, cancel: &CancelToken) -> Result<Option<Self>, Error> {
        if super::is_logged() {
            return Ok(None);
        }
        // To open a pipe would be to wait for its writer.
        let is_file = std::fs::metadata(path).is_ok_and(|found| found.is_file());
        let headed = is_file && File::open(path).is_ok_and(|mut file| listing::holds_avc_and_aac_alone(&mut file));
        headed.then(|| Self::open_after(Look::Headers, path, cancel)).transpose()
    }

    fn open_after(look: Look, path: &Path, cancel: &CancelToken) -> Result<Self, Error> {
        let target = path.display().to_string();
        let refuse = |why: &dyn std::fmt::Display| Error::Input { target: target.clone(), why: why.to_string() };
        let meta = std::fs::metadata(path).map_err(|e| refuse(&format!("{e}{}", elsewhere(&target))))?;
        if !meta.is_file() {
            return Err(refuse(&"it is not a regular file"));
        }
        if meta.len() == 0 {
            return Err(refuse(&"the file is empty"));
        }
        let name = name_of(path);
        let file = || File::open(path).map_err(|e| refuse(&e));
        let skim = Skim::default();
        let mut opened = open_as(skim.over(file()?), Some(&name), look, cancel);
        if matches!(opened, Err(NOT_AMONG_OURS)) {
            // The name led astray: `photo.jpg` to the demuxer that reads `photo001.jpg` and so on. The
            // bytes alone tell what a single picture is.
            opened = open_as(skim.over(file()?), None, look, cancel);
        }
        let mut demuxer = Self { skim, ..Self::opened(opened, target.clone(), cancel)? };
        if demuxer.input.format().name().contains("mp4") {
            demuxer.late = late(&demuxer.input, &composition::beginnings(&mut file()?));
        }
        Ok(demuxer)
    }

    /// Opens `bytes` that were read of the file at `path`, as [`open`](Self::open) does the file itself.
    pub fn of_bytes(path: &Path, bytes: Vec<u8>, cancel: &CancelToken) -> Result<Self, Error> {
        let opened = open_as(std::io::Cursor::new(bytes), Some(&name_of(path)), Look::Decoded, cancel);
        Self::opened(opened, path.display().to_string(), cancel)
    }

    fn opened(opened: Result<(Failure, Input), AvError>, target: String, cancel: &CancelToken) -> Result<Self, Error> {
        let refuse = |why: &dyn std::fmt::Display| Error::Input { target: target.clone(), why: why.to_string() };
        let (failure, input) = opened.map_err(|e| match e {
            AvError::Exit => Error::Cancelled(Cancelled),
            AvError::InvalidData | AvError::Eof | AvError::DemuxerNotFound => {
                refuse(&"it is not media that FFmpeg knows, or it is damaged from the start")
            }
            NOT_AMONG_OURS => {
                refuse(&"it is a playlist or something else that leads to other files; give the media itself")
            }
            e => refuse(&e),
        })?;
        Ok(Self::of(input, failure, &target, cancel))
    }

    pub(super) fn of(input: Input, failure: Failure, target: &str, cancel: &CancelToken) -> Self {
        let target = target.to_owned();
        Self {
            failure,
            input,
            target,
            cancel: cancel.clone(),
            broken: None,
            late: HashMap::new(),
            skim: Skim::default(),
            listing: None,
            given: HashMap::new(),
        }
    }

    /// The path as it was given.
    pub fn target(&self) -> &str {
        &self.target
    }

    /// Lets it leave out the middle of large packets, or all but their front where the file lists them. `listable` are all
    /// tracks that will be selected, unless one of them cannot be listed. Nothing was read yet.
    pub fn skim(&mut self, path: &Path, listable: Option<&[Listable]>) -> Skim {
        let listable = listable.filter(|_| self.input.format().name().contains("mp4") && self.late.is_empty());
        let listing = |tracks| Listing::of(File::open(path).ok()?, &self.input, tracks);
        self.listing = listable.and_then(listing);
        self.skim.clone()
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
        if self.skim.has_begun()
            && let Some(listing) = self.listing.as_mut().filter(|listing| listing.is_proven())
        {
            self.cancel.check()?;
            let failed = |error: std::io::Error| Error::Input { target: self.target.clone(), why: error.to_string() };
            match listing.read(&self.input).map_err(failed)? {
                Entry::Packet(packet) => return Ok(Some(packet)),
                Entry::End => return Ok(None),
                Entry::Unsure(given) => (self.given, self.listing) = (given, None),
            }
        }
        let mut damaged = 0;
        while damaged < MAX_DAMAGED_RUN {
            self.cancel.check()?;
            let mut inner = AvPacket::empty();
            match inner.read(&mut self.input) {
                Ok(()) => {
                    let Some(stream) = self.input.stream(inner.stream()) else { continue };
                    if let Some(given) = self.given.get_mut(&inner.stream()).filter(|given| **given > 0) {
                        *given -= 1;
                        continue;
                    }
                    let time_base = stream.time_base();
                    if let Some(late) = self.late.get(&inner.stream()) {
                        inner.set_pts(inner.pts().map(|at| at.saturating_sub(*late)));
                        inner.set_dts(inner.dts().map(|at| at.saturating_sub(*late)));
                    }
                    self.listing.take_if(|listing| !listing.agrees(&self.input, &inner));
                    let bytes = inner.size();
                    return Ok(Some(Packet { time_base, inner, bytes, front: None }));
                }
                Err(AvError::Exit) => return Err(Cancelled.into()),
                Err(AvError::InvalidData | AvError::Other { errno: ffmpeg_next::error::EAGAIN }) => damaged += 1,
                Err(error) => {
                    self.broken = Some(error).filter(|error| *error != AvError::Eof);
                    break;
                }
            }
        }
        match self.failure.take() {
            Some(error) => Err(Error::Input { target: self.target.clone(), why: error.to_string() }),
            None => Ok(None),
        }
    }

    /// Why reading ended where it did, when that was not the end of what is read.
    pub fn broken(&self) -> Option<String> {
        self.broken.map(|error| error.to_string())
    }

    /// Jumps to a key frame at or before `us`; the caller looks where it really landed.
    pub fn seek(&mut self, us: i64) -> Result<(), Error> {
        self.input.seek(us, ..us).map_err(Error::failed("seeking", self.target.clone()))
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use ffmpeg_next::media::Type;

    use super::*;

    /// A disk that cannot be read from some byte on.
    struct Broken {
        bytes: std::io::Cursor<Vec<u8>>,
        good: u64,
    }

    impl Read for Broken {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            const EIO: i32 = 5;
            let left = usize::try_from(self.good.saturating_sub(self.bytes.position())).unwrap_or(usize::MAX);
            if left == 0 {
                return Err(std::io::Error::from_raw_os_error(EIO));
            }
            let length = buffer.len().min(left);
            self.bytes.read(&mut buffer[..length])
        }
    }

    impl Seek for Broken {
        fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
            self.bytes.seek(to)
        }
    }

    /// Demuxers call it the end of the file: the rest of a film would be missing without a word.
    #[test]
    fn a_read_that_fails_in_the_middle_is_no_end() {
        let bytes = include_bytes!("../../testdata/open_gop.ts").repeat(20);
        let cancel = CancelToken::default();
        let good = bytes.len() as u64 - 1000;
        let file = Broken { bytes: std::io::Cursor::new(bytes), good };
        let (failure, input) = open_as(file, None, Look::Decoded, &cancel).expect("the start is good");
        let mut demuxer = Demuxer::of(input, failure, "film.ts", &cancel);
        let mut packets = 0;
        let error = loop {
            match demuxer.read() {
                Ok(Some(_)) => packets += 1,
                Ok(None) => panic!("it ended after {packets} packets"),
                Err(error) => break error,
            }
        };
        assert!(packets > 0);
        assert!(matches!(&error, Error::Input { target, .. } if target == "film.ts"), "{error}");
        assert!(error.to_string().contains("Input/output error"), "{error}");
    }

    fn clip(name: &str) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata").join(name)
    }

    /// All that is said of a packet but its bytes, and whether it came of the list.
    type Told = (usize, [Option<i64>; 2], i64, bool, bool, Option<u64>, usize);

    /// A picture of our clips is a key picture where it holds an IDR slice.
    fn is_idr(front: &[u8]) -> Option<bool> {
        let (mut rest, mut kinds) = (front, Vec::new());
        while let Some((length, unit)) = rest.split_first_chunk::<4>() {
            kinds.extend(unit.first().map(|header| header & 0x1f));
            rest = unit.get(u32::from_be_bytes(*length) as usize..).unwrap_or_default();
        }
        Some(kinds.contains(&5))
    }

    fn packets(name: &str, skimming: bool) -> Vec<(Told, bool, Vec<u8>)> {
        packets_of(&clip(name), skimming.then_some(is_idr))
    }

    fn packets_of(path: &Path, skimming: Option<IsKey>) -> Vec<(Told, bool, Vec<u8>)> {
        let mut demuxer = Demuxer::open(path, &CancelToken::default()).expect("a good clip");
        let medium =
            |stream: &ffmpeg_next::Stream<'_>| [Type::Video, Type::Audio].contains(&stream.parameters().medium());
        let tracks: Vec<TrackIndex> =
            demuxer.input.streams().filter(medium).map(|stream| TrackIndex(stream.index())).collect();
        demuxer.select(&tracks);
        let h264 = |track: &TrackIndex| {
            demuxer.input.stream(track.0).is_some_and(|stream| stream.parameters().id() == ffmpeg_next::codec::Id::H264)
        };
        let listable = |track: &TrackIndex| Listable { track: *track, key: skimming.filter(|_| h264(track)) };
        let listable: Vec<Listable> = tracks.iter().map(listable).collect();
        let skim = skimming.map(|_| demuxer.skim(path, Some(&listable)));
        skim.iter().for_each(|skim| skim.begin());
        let mut packets = Vec::new();
        while let Some(packet) = demuxer.read().expect("a good clip") {
            let inner = &packet.inner;
            let (times, flags) = ([inner.pts(), inner.dts()], (inner.is_key(), packet.is_discarded()));
            let told = (inner.stream(), times, inner.duration(), flags.0, flags.1, packet.offset(), packet.bytes());
            packets.push((told, packet.front.is_some(), packet.data().to_vec()));
        }
        packets
    }

    #[test]
    fn the_list_says_of_every_packet_what_ffmpeg_says() {
        let clips = ["h264_720p25.mp4", "ntsc_bframes.mp4", "audio_only.m4a", "large_pictures.mp4", "hevc10_pq.mp4"];
        for name in clips.into_iter().chain(["video_only.mp4", "portrait.mp4", "high_rate.mp4"]) {
            let (read, listed) = (packets(name, false), packets(name, true));
            let told = |packets: &[(Told, bool, Vec<u8>)]| packets.iter().map(|(told, ..)| *told).collect::<Vec<_>>();
            assert_eq!(told(&listed), told(&read), "{name}");
            let (of_list, behind) = (listed.iter().filter(|packet| packet.1).count(), listed.len() > 24);
            assert!(of_list > 0 || !behind, "{name}: nothing came of the list");
            for ((_, from_list, found), (.., all)) in listed.iter().zip(&read) {
                assert!(all.starts_with(found) || !from_list, "{name}");
            }
        }
    }

    /// The clip with this at the start of the content of its only `stss`.
    fn with_keys(head: [u8; 12]) -> tempfile::NamedTempFile {
        let mut bytes = std::fs::read(clip("ntsc_bframes.mp4")).expect("a clip");
        let at = bytes.windows(4).position(|word| word == b"stss").expect("key frames are listed") + 4;
        bytes[at..at + 12].copy_from_slice(&head);
        let file = tempfile::Builder::new().suffix(".mp4").tempfile().expect("room");
        std::fs::write(file.path(), bytes).expect("room");
        file
    }

    #[test]
    fn key_pictures_of_h264_are_told_by_the_pictures() {
        // The first picture alone, then the second, which is none.
        for (first, of_list) in
            [([0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1], true), ([0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 2], true)]
                .into_iter()
                .chain([([0; 12], false)])
        {
            let file = with_keys(first);
            let (read, listed) = (packets_of(file.path(), None), packets_of(file.path(), Some(is_idr)));
            let told = |packets: &[(Told, bool, Vec<u8>)]| packets.iter().map(|(told, ..)| *told).collect::<Vec<_>>();
            assert_eq!(told(&listed), told(&read), "{first:?}");
            assert!(read.iter().filter(|packet| packet.0.0 == 0 && packet.0.3).count() > 1, "{first:?}");
            assert_eq!(listed.iter().any(|packet| packet.1), of_list, "{first:?}");
        }
    }

    /// Like `is_idr`, but of a small picture it is not sure: there are some behind the first ones.
    fn unsure(front: &[u8]) -> Option<bool> {
        is_idr(front).filter(|_| front.len() > 300)
    }

    #[test]
    fn where_a_front_does_not_tell_ffmpeg_goes_on() {
        let (read, found) =
            (packets("large_pictures.mp4", false), packets_of(&clip("large_pictures.mp4"), Some(unsure)));
        assert_eq!(found.len(), read.len());
        for name in ["h264_720p25.mp4", "ntsc_bframes.mp4"] {
            let (read, found) = (packets(name, false), packets_of(&clip(name), Some(unsure)));
            let told = |packets: &[(Told, bool, Vec<u8>)]| packets.iter().map(|(told, ..)| *told).collect::<Vec<_>>();
            assert_eq!(told(&found), told(&read), "{name}");
        }
    }

    #[test]
    fn files_whose_tables_say_less_are_read() {
        for name in ["two_languages_51.mkv", "open_gop.ts", "truncated.mp4", "edit_list.mp4"] {
            let found = packets(name, true);
            assert!(!found.is_empty() && found.iter().all(|(_, of_list, _)| !of_list), "{name}");
        }
    }
}
