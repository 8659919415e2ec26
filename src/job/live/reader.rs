//! Reads a live source in a thread of its own, and opens it again when it was lost.

use std::sync::mpsc::SyncSender;
use std::time::Duration;

use super::connection::Connection;
use super::{Ended, Error};
use crate::av;
use crate::av::decode::{AudioDecoder, VideoDecoder};
use crate::av::demux::Packet;
use crate::clock::LiveClock;
use crate::media::TrackIndex;
use crate::source::SourceInfo;
use crate::source::live::marks::{Read, Sighting};
use crate::source::live::{Fed, LiveSource, Look, Opener};

/// The longest wait between two attempts to open a source again; the first one is an eighth of it.
const BACK_OFF: Duration = Duration::from_secs(1);

/// How often a reader that waits looks whether it should stop.
const POLL: Duration = Duration::from_millis(50);

/// What comes of a source.
pub(super) enum Come {
    /// The next packet.
    Packet(Packet),
    /// What it marks.
    Mark(Sighting),
    /// Its end, for this reason.
    Gone(Ended),
    /// It was opened again.
    Back(Back),
    /// It cannot be read.
    Failed(Error),
}

/// A source that was opened again.
pub(super) struct Back {
    /// For each lane the track that feeds it now, and what its lane must know; nothing where there is no such track.
    pub(super) lanes: Vec<Option<(TrackIndex, Fed)>>,
    /// The latest time of what came while it was opened, in microseconds of the source.
    pub(super) newest_us: Option<i64>,
}

/// A track that a lane wants.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted {
    /// As it was when the source was opened first.
    pub(super) track: TrackIndex,
    /// Pictures or sound.
    pub(super) pictures: bool,
}

/// What is read, and how.
pub(super) struct Reader<'a> {
    pub(super) opener: &'a Opener,
    /// What the source held when it was opened first.
    pub(super) info: SourceInfo,
    /// What lanes want, in their order.
    pub(super) wanted: Vec<Wanted>,
    /// Nothing of it is decoded.
    pub(super) copy: bool,
    pub(super) connection: &'a Connection,
    pub(super) clock: &'a dyn LiveClock,
    /// Whether it is opened again.
    pub(super) again: bool,
    pub(super) come: SyncSender<Come>,
}

impl Reader<'_> {
    /// Reads until nobody wants more.
    pub(super) fn run(self, mut source: LiveSource) {
        loop {
            let gone = match self.read(&mut source) {
                Some(gone) => gone,
                None => return,
            };
            drop(source);
            if self.come.send(gone).is_err() || !self.again {
                return;
            }
            let Some((again, back)) = self.reopen() else { return };
            source = again;
            if self.come.send(Come::Back(back)).is_err() {
                return;
            }
        }
    }

    /// Reads to the end of a connection, and gives how it ended; nothing when nobody wants more.
    fn read(&self, source: &mut LiveSource) -> Option<Come> {
        loop {
            match source.read() {
                Ok(Some(Read::Packet(packet))) => self.come.send(Come::Packet(packet)).ok()?,
                Ok(Some(Read::Mark(sighting))) => self.come.send(Come::Mark(sighting)).ok()?,
                Ok(Some(Read::Nothing)) => {}
                Ok(None) => return Some(Come::Gone(source.broken().map_or_else(|| self.end(), Ended::Broken))),
                Err(av::Error::Cancelled(_)) if !self.connection.stop().is_cancelled() => {
                    return Some(Come::Gone(Ended::Stalled));
                }
                Err(error) => return Some(Come::Failed(error.into())),
            }
        }
    }

    /// What the end of a connection is. FFmpeg ends a playlist in the same way whether that says that it has ended or
    /// its server has gone; asked again, one that has ended tells how long it is.
    fn end(&self) -> Ended {
        if !is_playlist(&self.info) || has_ended(&self.info) {
            return Ended::Source;
        }
        let again = self.opener.open(Look::Briefly, &self.connection.begin(self.clock.elapsed()), &|| {});
        match again {
            Ok((source, _)) if has_ended(source.info()) => Ended::Source,
            Ok(_) | Err(_) => Ended::Broken("its playlist broke off before its end".to_owned()),
        }
    }

    /// Tries until the source is there; nothing when the reading was stopped.
    fn reopen(&self) -> Option<(LiveSource, Back)> {
        let mut wait = BACK_OFF / 8;
        while !self.connection.stop().is_cancelled() {
            let waits = self.opener.locator().waits();
            let token = if waits { self.connection.wait() } else { self.connection.begin(self.clock.elapsed()) };
            // Who has just come has as much time as one who came at once.
            let come = || self.connection.come(self.clock.elapsed());
            let opened = self.opener.open(Look::Briefly, &token, &come);
            if let Some(found) = opened.ok().and_then(|(source, _)| self.taken(source)) {
                self.connection.made();
                return Some(found);
            }
            let until = self.clock.elapsed() + wait;
            while self.clock.elapsed() < until && !self.connection.stop().is_cancelled() {
                self.clock.pause(POLL);
            }
            wait = (wait * 2).min(BACK_OFF);
        }
        None
    }

    /// A source with the tracks that lanes want; nothing when it has not the main one, by which it is placed.
    fn taken(&self, mut source: LiveSource) -> Option<(LiveSource, Back)> {
        // It would be read from its start again.
        if has_ended(source.info()) {
            return None;
        }
        if self.copy {
            self.begin(&mut source)?;
        }
        let lanes: Vec<_> = self.wanted.iter().map(|wanted| self.lane(*wanted, &source)).collect();
        let main = self.wanted.iter().position(|wanted| wanted.pictures).unwrap_or(0);
        lanes.get(main)?.as_ref()?;
        let tracks: Vec<TrackIndex> = lanes.iter().flatten().map(|(track, _)| *track).collect();
        source.select(&tracks);
        let newest_us = source.newest_us();
        Some((source, Back { lanes, newest_us }))
    }

    /// Brings a source that is copied to where it can go on.
    fn begin(&self, source: &mut LiveSource) -> Option<()> {
        let same = |pictures: bool| {
            let wanted = self.wanted.iter().filter(move |wanted| wanted.pictures == pictures);
            wanted.filter_map(|wanted| self.same(*wanted, source.info()))
        };
        let tracks: Vec<TrackIndex> = same(true).chain(same(false)).collect();
        let (main, sounds) = tracks.split_first()?;
        source.select(&tracks);
        source.begin(*main, sounds).ok()
    }

    fn lane(&self, wanted: Wanted, source: &LiveSource) -> Option<(TrackIndex, Fed)> {
        let track = self.same(wanted, source.info())?;
        let fed = if self.copy {
            Fed::Copied(source.head(track)?.to_beginning())
        } else if wanted.pictures {
            Fed::Pictures(VideoDecoder::open(source.demuxer(), track).ok()?)
        } else {
            Fed::Sound(AudioDecoder::open(source.demuxer(), track).ok()?)
        };
        Some((track, fed))
    }

    /// The track that stands where a lane's own stood.
    fn same(&self, wanted: Wanted, now: &SourceInfo) -> Option<TrackIndex> {
        if wanted.pictures {
            let at = self.info.video.iter().position(|video| video.track == wanted.track)?;
            now.video.get(at).map(|video| video.track)
        } else {
            let at = self.info.audio.iter().position(|audio| audio.track == wanted.track)?;
            now.audio.get(at).map(|audio| audio.track)
        }
    }
}

fn is_playlist(info: &SourceInfo) -> bool {
    info.container.split(',').any(|name| name == "hls")
}

/// Whether a playlist says that nothing follows.
fn has_ended(info: &SourceInfo) -> bool {
    is_playlist(info) && info.declared_duration_us.is_some()
}
