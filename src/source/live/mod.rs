//! A live source: opened once, read once, on one timeline from zero.

pub mod drift;
pub mod listen;
pub mod marks;
pub mod metadata;
pub mod pairs;
pub mod pictures;
mod pipe;
mod rtmp;
mod sniff;
pub mod sound;
mod start;
pub mod timeline;

use std::collections::{BTreeMap, VecDeque};
use std::io::IsTerminal;
use std::path::Path;
use std::time::Duration;

use super::locator::{Locator, Scheme, Url};
use super::probe::{self, Patience};
use super::secret::Secret;
use super::{AudioInfo, SourceInfo};
use crate::av::Error;
use crate::av::caps::reads_enhanced_flv;
use crate::av::decode::{AudioDecoder, VideoDecoder};
use crate::av::demux::{Demuxer, Packet};
use crate::av::live::Sandbox;
use crate::cancel::{CancelToken, Cancelled};
use crate::event::Warning;
use crate::media::TrackIndex;
use listen::{Door, Publishers, Refused};
use marks::Read;
use pipe::Pipe;
use sniff::Scripts;
pub use start::{Beginning, Head};

/// How long is waited for the first picture and sound: a track that begins later begins with what was announced
/// of it.
const PATIENCE: Patience = Patience { packets: 2000, us: 5_000_000 };

/// What a lane of one track gets, in order.
#[derive(Debug)]
pub enum Fed {
    /// The next packet, on the timeline of the programme.
    Packet(Packet),
    /// The programme has come to this microsecond in other tracks.
    Reached(i64),
    /// The source is away, and the programme has come to this microsecond without it.
    Away(i64),
    /// Nothing is made from this microsecond on, where a segment begins, until the source is back.
    Rest(i64),
    /// The source is there again: pictures that follow are coded so.
    Pictures(VideoDecoder),
    /// The source is there again: sound that follows is coded so.
    Sound(AudioDecoder),
    /// The source is there again: what follows is copied, and begins so.
    Copied(Beginning),
}

/// How closely a source is looked at before it is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// Until all is known of it.
    Closely,
    /// As long as it takes to decode it: what will be made of it is settled.
    Briefly,
}

/// Opens a live source, once or again and again.
#[derive(Debug)]
pub struct Opener {
    locator: Locator,
    publishers: Option<Box<dyn Publishers>>,
    patience: Duration,
}

/// An open live source.
#[derive(Debug)]
pub struct LiveSource {
    demuxer: Demuxer,
    /// Packets that were read to look at them.
    looked_at: VecDeque<Packet>,
    /// The codecs' headers, as the container has them.
    configs: BTreeMap<TrackIndex, Vec<u8>>,
    /// The script tags of a stream whose bytes we have ourselves, where it is FLV.
    scripts: Option<Scripts>,
    info: SourceInfo,
}

impl Scheme {
    const fn sandbox(self) -> Sandbox {
        let protocols = match self {
            Self::Http => "http,tcp",
            Self::Https => "https,tls,tcp,http,crypto",
            Self::Rtmp => "rtmp,tcp",
            Self::Rtmps => "rtmps,rtmp,tls,tcp",
            Self::Srt => "srt",
        };
        Sandbox { protocols, playlists: matches!(self, Self::Http | Self::Https), brief: false }
    }
}

impl Opener {
    /// Opens what is at `locator`; one who is waited for is waited for from now on, and given up when nothing comes of
    /// him for `patience`.
    ///
    /// # Errors
    /// When nobody can be waited for at this address.
    pub fn new(locator: &Locator, patience: Duration) -> Result<Self, Error> {
        let refused = |error: std::io::Error| Error::Network {
            target: locator.to_string(),
            why: format!("cannot listen there: {error}"),
        };
        let publishers: Option<Box<dyn Publishers>> = match locator {
            Locator::Listen(url, takeover) if url.scheme == Scheme::Rtmp => {
                let key = url.key().cloned().unwrap_or_else(|| Secret::new(""));
                let application = url.path().trim_matches('/').to_owned();
                let door = Door { application, key, takeover: *takeover };
                let server = rtmp::Server::start(url.address(), door, patience, reads_enhanced_flv());
                Some(Box::new(server.map_err(refused)?))
            }
            Locator::Listen(url, _) | Locator::Url(url) if locator.waits() => {
                // Asked now: later it is not told apart from a caller who broke off.
                let (address, any) = (url.address(), if url.address().starts_with(':') { "0.0.0.0" } else { "" });
                std::net::UdpSocket::bind(format!("{any}{address}")).map_err(refused)?;
                None
            }
            Locator::Listen(..) | Locator::Url(_) | Locator::File(_) | Locator::Stdin => None,
        };
        Ok(Self { locator: locator.clone(), publishers, patience })
    }

    /// Where it is.
    pub fn locator(&self) -> &Locator {
        &self.locator
    }

    /// Who was not let in so far, where publishers come to us and say who they are.
    pub fn refused(&self) -> Refused {
        self.publishers.as_ref().map_or_else(Refused::default, |publishers| publishers.refused())
    }

    /// Opens the source and looks at its first pictures and sound. Says when a publisher has `come`, where one is waited
    /// for.
    pub fn open(&self, look: Look, cancel: &CancelToken, come: &dyn Fn()) -> Result<(LiveSource, Vec<Warning>), Error> {
        let locator = &self.locator;
        let target = locator.to_string();
        let mut scripts = None;
        let mut demuxer = match (locator, &self.publishers) {
            (_, Some(publishers)) => {
                let bytes = publishers.next(cancel).ok_or(Error::Cancelled(Cancelled))?;
                come();
                let (bytes, found) = Scripts::of(bytes);
                scripts = Some(found);
                Demuxer::open_pipe(bytes, &target, look == Look::Briefly, cancel)?
            }
            (Locator::File(path), None) => Demuxer::open(path, cancel)?,
            (Locator::Url(url) | Locator::Listen(url, _), None) => {
                open_url(url, &target, look, locator.waits().then_some(self.patience), cancel)?
            }
            (Locator::Stdin, None) => {
                let (bytes, found) = Scripts::of(open_stdin(&target, cancel)?);
                scripts = Some(found);
                Demuxer::open_pipe(bytes, &target, false, cancel)?
            }
        };
        let mut looked_at = VecDeque::new();
        let path = match locator {
            Locator::File(path) => path,
            Locator::Url(_) | Locator::Listen(..) | Locator::Stdin => Path::new(&target),
        };
        let (container, mut info, warnings) =
            probe::begin(&mut demuxer, path, PATIENCE, |packet| looked_at.push_back(packet))?;
        leave_out_repeated(&mut info);
        let configs = container.streams.into_iter().map(|stream| (stream.track, stream.config)).collect();
        Ok((LiveSource { demuxer, looked_at, configs, scripts, info }, warnings))
    }
}

impl LiveSource {
    /// What it holds.
    pub fn info(&self) -> &SourceInfo {
        &self.info
    }

    /// What decoders are opened for.
    pub(crate) fn demuxer(&self) -> &Demuxer {
        &self.demuxer
    }

    /// From now on only these tracks are read, and marks.
    pub fn select(&mut self, tracks: &[TrackIndex]) {
        let marks = self.demuxer.mark_tracks();
        let read: Vec<TrackIndex> = tracks.iter().chain(&marks).copied().collect();
        self.demuxer.select(&read);
        self.looked_at.retain(|packet| read.contains(&packet.track()));
    }

    /// The latest time of the media that has been read to look at it, in microseconds of the source.
    pub fn newest_us(&self) -> Option<i64> {
        newest_us(&self.demuxer, &self.looked_at)
    }

    /// The next packet, or what is marked; nothing at the end.
    pub fn read(&mut self) -> Result<Option<Read>, Error> {
        // Those that have come by belong to what is read next, or a little later.
        if let Some(script) = self.script() {
            return Ok(Some(script));
        }
        let packet = match self.looked_at.pop_front() {
            Some(packet) => Some(packet),
            None => self.demuxer.read()?,
        };
        // Some may have come behind the last packet.
        Ok(packet.map(|packet| self.sort(packet)).or_else(|| self.script()))
    }

    /// Why reading ended where it did, when that was not the end of the source.
    pub fn broken(&self) -> Option<String> {
        self.demuxer.broken()
    }
}

/// The latest time of the media in these packets: marks come before what they mark, and some have a clock of their own.
fn newest_us(demuxer: &Demuxer, packets: &VecDeque<Packet>) -> Option<i64> {
    let media = packets.iter().filter(|packet| demuxer.marks(packet).is_none());
    media.filter_map(|packet| packet.decode_us().or(packet.at_us())).max()
}

/// A playlist of HLS that is both the sound of a variant and a variant of its own comes as two tracks.
fn leave_out_repeated(info: &mut SourceInfo) {
    if !info.container.split(',').any(|name| name == "hls") {
        return;
    }
    let said = |sound: &AudioInfo| {
        let AudioInfo { codec, sample_rate, channels, language, title, .. } = sound.clone();
        (codec, sample_rate, channels, language, title)
    };
    let mut seen = Vec::new();
    info.audio.retain(|sound| {
        let said = said(sound);
        let new = !seen.contains(&said);
        seen.push(said);
        new
    });
}

/// `silence` is for a caller of SRT who is waited for: once there he has to send something within it. Others are watched by
/// who opens them.
fn open_url(
    url: &Url,
    target: &str,
    look: Look,
    silence: Option<Duration>,
    cancel: &CancelToken,
) -> Result<Demuxer, Error> {
    let sandbox = Sandbox { brief: look == Look::Briefly, ..url.scheme.sandbox() };
    let mut options = url.secrets();
    let us = silence.map(|silence| silence.as_micros().to_string());
    options.extend(us.as_deref().map(|us| ("timeout", us)));
    Demuxer::open_url(&url.secret(), &options, target, sandbox, cancel)
}

fn open_stdin(target: &str, cancel: &CancelToken) -> Result<Pipe, Error> {
    let refuse = |why: String| Error::Input { target: target.to_owned(), why };
    let stdin = std::io::stdin();
    if stdin.is_terminal() {
        return Err(refuse("standard input is a terminal; pipe FLV or MPEG-TS into it".to_owned()));
    }
    Pipe::new(stdin, cancel).map_err(|error| refuse(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A tag of FLV.
    fn tag(kind: u8, time: u32, body: &[u8]) -> Vec<u8> {
        let [_, length @ ..] = (body.len() as u32).to_be_bytes();
        let [high, time @ ..] = time.to_be_bytes();
        let behind = (body.len() as u32 + 11).to_be_bytes();
        [&[kind], &length[..], &time, &[high, 0, 0, 0], body, &behind].concat()
    }

    #[test]
    fn a_mark_of_another_time_is_not_the_newest_of_the_media() {
        // PCM of 44.1 kHz and an advertisement in an hour.
        let sound = |block: u32| tag(8, block * 100, &[&[0x3F][..], &[0; 4 * 4410]].concat());
        let cue = tag(18, 3_600_000, b"\x02\0\x07onAdCue\x02\0\x10an advertisement");
        let sounds: Vec<u8> = (0..20).flat_map(sound).collect();
        let flv = [b"FLV\x01\x04\0\0\0\x09\0\0\0\0", &sounds[..], &cue, &sound(20)].concat();
        let mut demuxer =
            Demuxer::open_pipe(std::io::Cursor::new(flv), "-", true, &CancelToken::default()).expect("it is FLV");
        let packets: VecDeque<Packet> = std::iter::from_fn(|| demuxer.read().expect("readable")).collect();
        assert!(packets.iter().any(|packet| packet.at_us() == Some(3_600_000_000)), "{packets:?}");
        assert_eq!(newest_us(&demuxer, &packets), Some(2_000_000));
    }
}
