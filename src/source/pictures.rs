//! How the packets of picture tracks follow each other: groups of pictures, and what cannot be shown.

use std::collections::BTreeMap;

use super::VideoInfo;
use super::pass::{credible_length, shown_at};
use crate::av::demux::Packet;
use crate::av::streams::{Container, StreamKind};
use crate::media::TrackIndex;

/// How long a single picture is shown of which nothing says it.
const LONE_PICTURE_US: i64 = 40_000;

/// What was found of a picture track.
#[derive(Clone, Debug, PartialEq)]
pub struct PictureScan {
    /// The track.
    pub track: TrackIndex,
    /// The codec's headers, as the container has them.
    pub config: Vec<u8>,
    /// The first access unit that is used, a key frame.
    pub head: Vec<u8>,
    /// Its groups of pictures, none without a picture. None begins before the one before it has ended.
    pub gops: Vec<Gop>,
    /// Packets before the first group: no decoder could start there, or an edit list hides them.
    pub skipped: u64,
    /// Pictures of the first group that are shown before its key frame: what they need is missing.
    pub broken: u64,
    /// Pictures that an edit list hides and that others need.
    pub hidden: u64,
    /// Pictures without a time.
    pub untimed: u64,
    /// When the last picture ends.
    pub end_us: i64,
    /// Bytes of all its packets.
    pub bytes: u64,
    /// Some of it is encrypted.
    pub encrypted: bool,
}

/// A key frame and the pictures that follow it in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gop {
    /// When the key frame is shown.
    pub key_us: i64,
    /// When the first of its pictures is shown: before the key frame where the GOP is open.
    pub first_us: i64,
    /// When the last of its pictures is shown.
    pub last_us: i64,
    /// How many pictures there are.
    pub pictures: u64,
}

impl Gop {
    /// Pictures are shown before the key frame, which need the GOP before.
    pub const fn is_open(self) -> bool {
        self.first_us < self.key_us
    }
}

impl PictureScan {
    /// Measured bits per second.
    pub fn bits_per_second(&self) -> u64 {
        let start = self.gops.first().map_or(0, |gop| gop.first_us);
        per_second(self.bytes, self.end_us - start)
    }
}

/// Bits per second of so many bytes.
pub(super) fn per_second(bytes: u64, us: i64) -> u64 {
    let us = u128::from(us.max(1).unsigned_abs());
    u64::try_from(u128::from(bytes) * 8_000_000 / us).unwrap_or(u64::MAX)
}

/// The codec's headers of a track, as the container has them.
pub(super) fn config(container: &Container, track: TrackIndex) -> Vec<u8> {
    let stream = container.streams.iter().find(|stream| stream.track == track);
    stream.map_or_else(Vec::new, |stream| stream.config.clone())
}

/// What is found of picture tracks while their packets go by.
#[derive(Debug)]
pub(super) struct Gathered(BTreeMap<TrackIndex, Pictures>);

impl Gathered {
    /// Of all picture tracks of a file; nothing yet.
    pub(super) fn of(container: &Container) -> Self {
        let tracks = container.streams.iter().filter(|stream| stream.kind == StreamKind::Video);
        Self(tracks.map(|stream| (stream.track, Pictures::default())).collect())
    }

    /// Looks at the next packet; those of other tracks are let pass.
    pub(super) fn see(&mut self, packet: &Packet) {
        if let Some(pictures) = self.0.get_mut(&packet.track()) {
            pictures.see(packet);
        }
    }

    /// The first key frame of each of these that has pictures has come, and stays the first.
    pub(super) fn have_heads(&self, tracks: &[TrackIndex]) -> bool {
        let began = |pictures: &Pictures| pictures.gops.first().is_some_and(|open| open.shown);
        tracks.iter().filter_map(|track| self.0.get(track)).all(began)
    }

    /// What was found of a track, unless it has no picture.
    pub(super) fn take(&mut self, video: &VideoInfo, container: &Container) -> Option<PictureScan> {
        self.0.remove(&video.track)?.into_scan(video, config(container, video.track))
    }
}

/// A group of pictures that is being read.
#[derive(Clone, Copy, Debug)]
struct Open {
    gop: Gop,
    /// One of its pictures is shown.
    shown: bool,
    hidden: u64,
}

/// The packets of a picture track, as far as they were read.
#[derive(Debug, Default)]
struct Pictures {
    head: Vec<u8>,
    gops: Vec<Open>,
    skipped: u64,
    broken: u64,
    untimed: u64,
    bytes: u64,
    encrypted: bool,
    /// The picture that is shown last, and for how long.
    last: Option<(i64, i64)>,
}

impl Pictures {
    fn see(&mut self, packet: &Packet) {
        self.bytes += packet.bytes() as u64;
        self.encrypted |= packet.is_encrypted();
        let Some(at) = shown_at(packet) else {
            self.untimed += 1;
            return;
        };
        let shown = !packet.is_discarded();
        if packet.is_key() {
            self.drop_hidden_start();
            if self.gops.is_empty() {
                self.head = packet.data().to_vec();
            }
            let gop = Gop { key_us: at, first_us: at, last_us: at, pictures: 1 };
            self.gops.push(Open { gop, shown, hidden: u64::from(!shown) });
        } else if let [open] = self.gops.as_slice()
            && at < open.gop.key_us
        {
            self.broken += 1;
            return;
        } else if let Some(open) = self.gops.last_mut() {
            open.gop.first_us = open.gop.first_us.min(at);
            open.gop.last_us = open.gop.last_us.max(at);
            open.gop.pictures += 1;
            open.shown |= shown;
            open.hidden += u64::from(!shown);
        } else {
            self.skipped += 1;
            return;
        }
        let length = credible_length(packet.duration_us(), StreamKind::Video);
        if self.last.is_none_or(|(last, _)| last < at) {
            self.last = Some((at, length));
        }
    }

    /// Forgets groups at the start of which an edit list shows nothing.
    fn drop_hidden_start(&mut self) {
        if let [open] = self.gops.as_slice()
            && !open.shown
        {
            self.skipped += open.gop.pictures + std::mem::take(&mut self.broken);
            self.gops.clear();
        }
    }

    fn into_scan(mut self, info: &VideoInfo, config: Vec<u8>) -> Option<PictureScan> {
        while self.gops.pop_if(|open| !open.shown).is_some() {}
        let hidden = self.gops.iter().map(|open| open.hidden).sum();
        let gops = apart(self.gops.into_iter().map(|open| open.gop));
        let last = gops.last()?.last_us;
        let length = self.last.filter(|(at, length)| *at == last && *length > 0).map(|(_, length)| length);
        let mean = info.timing.as_ref().map(|timing| timing.mean_rate).filter(|rate| *rate > 0.0);
        let usual = mean.or(info.declared_rate.map(|rate| rate.as_f64())).map(|rate| (1e6 / rate).round() as i64);
        Some(PictureScan {
            track: info.track,
            config,
            head: self.head,
            gops,
            skipped: self.skipped,
            broken: self.broken,
            hidden,
            untimed: self.untimed,
            end_us: last + length.or(usual).unwrap_or(LONE_PICTURE_US).max(1),
            bytes: self.bytes,
            encrypted: self.encrypted,
        })
    }
}

/// Groups whose pictures are shown between those of the group before cannot be told apart from it: they
/// become one.
fn apart(gops: impl Iterator<Item = Gop>) -> Vec<Gop> {
    let mut apart: Vec<Gop> = Vec::new();
    for gop in gops {
        match apart.last_mut() {
            Some(before) if gop.first_us <= before.last_us => {
                before.first_us = before.first_us.min(gop.first_us);
                before.last_us = before.last_us.max(gop.last_us);
                before.pictures += gop.pictures;
            }
            Some(_) | None => apart.push(gop),
        }
    }
    apart
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gop(key_us: i64, first_us: i64, last_us: i64) -> Gop {
        Gop { key_us, first_us, last_us, pictures: 2 }
    }

    #[test]
    fn groups_that_are_shown_among_each_other_are_one() {
        let gops = [gop(0, 0, 900), gop(1000, 960, 1900), gop(1500, 1500, 2900), gop(3000, 3000, 3900)];
        let together = Gop { pictures: 4, ..gop(1000, 960, 2900) };
        assert_eq!(apart(gops.into_iter()), [gops[0], together, gops[3]]);
    }
}
