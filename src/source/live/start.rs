//! Where a live programme begins of which nothing is decoded: with a picture that needs no other one, and the sound of its
//! time.

use std::collections::VecDeque;

use super::LiveSource;
use crate::av::Error;
use crate::av::demux::Packet;
use crate::codec::{VideoSource, VideoStream, is_idr};
use crate::media::{FrameRate, TrackIndex, VideoCodec};
use crate::source::VideoInfo;
use crate::source::packets::shown_at;

/// A source that has no picture to begin with for so long, in microseconds of its own, is given up.
const LONGEST_US: i64 = 60_000_000;

/// Sound may come so much later than pictures of its time.
const SOUND_LATE_US: i64 = 5_000_000;

/// A rate, where the source says none: nothing of H.264 and HEVC depends on it.
const ANY: FrameRate = FrameRate::whole(25);

/// The first packet of a track, and what was said of it before.
#[derive(Clone, Copy, Debug)]
pub struct Head<'a> {
    /// The codec's headers, as the container has them.
    pub config: &'a [u8],
    /// The bytes of the packet.
    pub data: &'a [u8],
    /// When it is presented, in microseconds of the source.
    pub at_us: i64,
}

/// The same, for those who have not the source.
#[derive(Clone, Debug)]
pub struct Beginning {
    config: Vec<u8>,
    data: Vec<u8>,
    at_us: i64,
}

impl Beginning {
    /// What it holds.
    pub fn head(&self) -> Head<'_> {
        Head { config: &self.config, data: &self.data, at_us: self.at_us }
    }
}

impl<'a> Head<'a> {
    /// The same, to be sent.
    pub fn to_beginning(self) -> Beginning {
        Beginning { config: self.config.to_vec(), data: self.data.to_vec(), at_us: self.at_us }
    }

    /// What is known of coded pictures that begin so.
    pub fn video(&self, codec: VideoCodec, info: &VideoInfo) -> VideoSource<'a> {
        VideoSource {
            codec,
            config: self.config,
            key: self.data,
            rate: info.declared_rate.unwrap_or(ANY),
            color: info.color,
            pixel_aspect: info.pixel_aspect,
        }
    }
}

impl LiveSource {
    /// The first packet of a track that is read next.
    pub fn head(&self, track: TrackIndex) -> Option<Head<'_>> {
        let packet = self.looked_at.iter().find(|packet| packet.track() == track)?;
        let config = self.configs.get(&track).map_or(&[][..], Vec::as_slice);
        Some(Head { config, data: packet.data(), at_us: shown_at(packet)? })
    }

    /// Reads on until the pictures of `main` can begin, and there is sound of `sounds` of that time. What comes before is
    /// left out, but for the sound that a decoder begins with.
    ///
    /// # Errors
    /// When no such picture comes.
    pub fn begin(&mut self, main: TrackIndex, sounds: &[TrackIndex]) -> Result<(), Error> {
        let (mut seen, mut first_us, mut key_us) = (0, None, None);
        loop {
            while let Some(packet) = self.looked_at.get(seen) {
                let at_us = shown_at(packet).filter(|_| packet.track() == main);
                first_us = first_us.or(at_us);
                if key_us.is_none() && at_us.is_some() && self.can_begin(packet) {
                    key_us = at_us;
                }
                let waited =
                    |since: Option<i64>, most: i64| at_us.zip(since).is_some_and(|(at, since)| at - since > most);
                match key_us {
                    Some(key_us) if waited(Some(key_us), SOUND_LATE_US) || self.have_sound(sounds, key_us) => {
                        self.leave_out_before(main, sounds, key_us);
                        return Ok(());
                    }
                    None if waited(first_us, LONGEST_US) => return Err(self.no_beginning()),
                    Some(_) | None => seen += 1,
                }
            }
            match self.demuxer.read()? {
                Some(packet) => self.looked_at.push_back(packet),
                None => {
                    let key_us = key_us.ok_or_else(|| self.no_beginning())?;
                    self.leave_out_before(main, sounds, key_us);
                    return Ok(());
                }
            }
        }
    }

    fn no_beginning(&self) -> Error {
        let why = "no picture came with which its pictures can be begun (IDR); let its encoder make closed GOPs";
        Error::Input { target: self.demuxer.target().to_owned(), why: why.to_owned() }
    }

    /// Whether a decoder can begin with this packet, and needs nothing before it for what follows.
    fn can_begin(&self, packet: &Packet) -> bool {
        let Some(video) = self.info.video.iter().find(|video| video.track == packet.track()) else {
            return packet.is_key();
        };
        let Some(codec) = VideoCodec::named(&video.codec).filter(|_| packet.is_key()) else { return false };
        let config = self.configs.get(&packet.track()).map_or(&[][..], Vec::as_slice);
        let head = Head { config, data: packet.data(), at_us: 0 };
        let stream = VideoStream::new(&head.video(codec, video));
        let sample = stream.and_then(|stream| stream.sample(packet.data().into()));
        sample.is_ok_and(|sample| is_idr(codec, &sample))
    }

    fn have_sound(&self, sounds: &[TrackIndex], from_us: i64) -> bool {
        let has = |track: &TrackIndex| {
            let own = self.looked_at.iter().filter(|packet| packet.track() == *track);
            own.filter_map(shown_at).any(|at| at >= from_us)
        };
        sounds.iter().all(has)
    }

    /// Puts the key frame of `main` first, which the timeline begins with, and behind it the sound from the packet before
    /// that of its time on: a decoder of AAC needs one before the first that it gives.
    fn leave_out_before(&mut self, main: TrackIndex, sounds: &[TrackIndex], key_us: i64) {
        let looked_at = std::mem::take(&mut self.looked_at);
        let (mut before, mut after) = (Vec::new(), VecDeque::new());
        for packet in looked_at {
            if !after.is_empty() || (packet.track() == main && shown_at(&packet) == Some(key_us)) {
                after.push_back(packet);
            } else {
                before.push(packet);
            }
        }
        let marks = self.demuxer.mark_tracks();
        before.retain(|packet| sounds.contains(&packet.track()) || marks.contains(&packet.track()));
        let key = after.pop_front();
        let needed = |packet: &Packet| {
            let end = shown_at(packet).map(|at| at.saturating_add(packet.duration_us().saturating_mul(2)));
            packet.track() == main || !sounds.contains(&packet.track()) || end.is_some_and(|end| end > key_us)
        };
        self.looked_at = key.into_iter().chain(before).chain(after).filter(|packet| needed(packet)).collect();
    }
}
