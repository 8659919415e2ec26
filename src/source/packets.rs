//! Packets of chosen tracks, in the order of the file, with jumps of timestamps mended.

use std::borrow::Cow;
use std::path::Path;

use super::Shift;
pub use super::lying::Lying;
pub use super::pass::shown_at;
use crate::av::Error;
use crate::av::demux::{Demuxer, Packet};
use crate::cancel::CancelToken;
use crate::media::TrackIndex;

/// What one packet holds, and when it is presented.
#[derive(Debug)]
pub struct AccessUnit<'a> {
    /// The track it belongs to.
    pub track: TrackIndex,
    /// When it is presented, in microseconds of the file.
    pub at_us: i64,
    /// A decoder can start here.
    pub key: bool,
    /// Its bytes.
    pub data: Coded<'a>,
}

/// The bytes of a packet.
#[derive(Debug)]
pub enum Coded<'a> {
    /// In memory.
    Here(Cow<'a, [u8]>),
    /// Not read yet.
    There(Lying<'a>),
}

impl<'a> Coded<'a> {
    /// All of them, read now if they were not.
    pub fn into_bytes(self) -> Result<Cow<'a, [u8]>, Error> {
        match self {
            Self::Here(bytes) => Ok(bytes),
            Self::There(lying) => lying.read().map(Cow::Owned),
        }
    }
}

impl<'a> AccessUnit<'a> {
    /// What a packet holds; nothing of one whose time cannot be believed.
    pub fn of(packet: &'a Packet) -> Option<Self> {
        let at_us = shown_at(packet)?;
        Some(Self { track: packet.track(), at_us, key: packet.is_key(), data: Coded::Here(packet.data().into()) })
    }
}

/// Reads packets of some tracks of a file.
#[derive(Debug)]
pub struct PacketReader {
    demuxer: Demuxer,
    tracks: Vec<Mended>,
}

/// A track, how many of its packets were read, and what mends them.
#[derive(Debug)]
struct Mended {
    track: TrackIndex,
    packets: u64,
    shifts: Vec<Shift>,
}

impl PacketReader {
    /// Opens the file at `path` to read `tracks` of it; `shifts` is what a probe or scan has found of the file.
    pub fn open(path: &Path, tracks: &[TrackIndex], shifts: &[Shift], cancel: &CancelToken) -> Result<Self, Error> {
        let mut demuxer = Demuxer::open(path, cancel)?;
        demuxer.select(tracks);
        let mended = |&track: &TrackIndex| {
            let shifts = shifts.iter().filter(|shift| shift.track == track).copied().collect();
            Mended { track, packets: 0, shifts }
        };
        Ok(Self { demuxer, tracks: tracks.iter().map(mended).collect() })
    }

    /// Reads `tracks` of an open file whose timestamps are as they are meant.
    pub(super) fn over(mut demuxer: Demuxer, tracks: &[TrackIndex]) -> Self {
        demuxer.select(tracks);
        let as_it_is = |&track: &TrackIndex| Mended { track, packets: 0, shifts: Vec::new() };
        Self { demuxer, tracks: tracks.iter().map(as_it_is).collect() }
    }

    /// The next packet of any of the tracks; nothing at the end.
    pub fn read(&mut self) -> Result<Option<Packet>, Error> {
        while let Some(mut packet) = self.demuxer.read()? {
            let Some(own) = self.tracks.iter_mut().find(|own| own.track == packet.track()) else { continue };
            let shift = own.shifts.iter().rev().find(|shift| shift.packet <= own.packets).map_or(0, |shift| shift.us);
            own.packets += 1;
            if shift != 0 {
                packet.shift(shift);
            }
            return Ok(Some(packet));
        }
        Ok(None)
    }

    /// Jumps to a key frame at or before `us`; the caller looks where it really landed.
    pub(super) fn seek(&mut self, us: i64) -> Result<(), Error> {
        self.demuxer.seek(us)
    }

    /// What decoders are opened for.
    pub(super) fn demuxer(&self) -> &Demuxer {
        &self.demuxer
    }

    /// The path as it was given.
    pub fn target(&self) -> &str {
        self.demuxer.target()
    }
}
