//! Packets of an MP4 file as its tables list them (ISO/IEC 14496-12 § 8.6 and § 8.7): once the first of each track were
//! those that FFmpeg reads, the others need not be read one by one.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::fs::FileExt;

use ffmpeg_next::format::context::Input;
use ffmpeg_next::{Packet as AvPacket, Rational, Rescale, Stream, codec, media, packet};
use mp4_atom::{Codec, CttsEntry, Decode, Moov, StszSamples, Trak};

use super::composition::next_box;
use super::packet::Packet;
use super::raw::{self, IndexEntry};
use crate::media::TrackIndex;

/// So many packets of each track are held against the list before it is believed of the others.
const PROVEN: usize = 8;
/// Of a film of a day with pictures and sound.
const LARGEST: u64 = 128 << 20;
/// The next packet is the one that lies first in the file, but for tracks whose times are this far apart: as FFmpeg has
/// it (`mov_find_next_sample` of libavformat/mov.c).
const APART: u64 = 1_000_000;
/// What is read of the front of a picture first, and the most that is: messages before its pictures are longer hardly
/// ever.
const FRONT: usize = 512;
const MOST: usize = 4096;
/// Bytes of the length before each NAL unit.
const LENGTH: u8 = 4;
const MICROSECONDS: Rational = Rational(1, 1_000_000);

/// What a file lists of the tracks that are read.
#[derive(Debug)]
pub(super) struct Listing {
    file: File,
    tracks: Vec<Listed>,
}

/// What is listed of one track.
#[derive(Debug)]
struct Listed {
    stream: usize,
    pictures: bool,
    time_base: Rational,
    /// How many packets there are, and the one that comes next.
    count: usize,
    next: usize,
    /// What is known of that one.
    coming: Option<Next>,
    /// How much later than decoded they are shown, where that is listed.
    offsets: Option<Offsets>,
    /// What FFmpeg moves all of them by, and how long it says that each lasts.
    shown: Option<(i64, i64)>,
    /// Where the last one ends.
    end: i64,
}

/// A packet, and when it is decoded in microseconds.
#[derive(Clone, Copy, Debug)]
struct Next {
    entry: IndexEntry,
    us: i64,
}

impl Listing {
    /// Of these tracks of an open file; nothing where its tables do not tell all that FFmpeg says of a packet.
    pub(super) fn of(mut file: File, input: &Input, tracks: &[TrackIndex]) -> Option<Self> {
        let length = file.metadata().ok()?.len();
        let movie = movie(&mut file)?;
        let listed = |track: &TrackIndex| Listed::of(&movie, input, input.stream(track.0)?, length);
        let tracks = tracks.iter().map(listed).collect::<Option<Vec<_>>>()?;
        Some(Self { file, tracks })
    }

    /// Holds the next packet that FFmpeg has read against the list. Whether it is what the list says.
    pub(super) fn agrees(&mut self, input: &Input, packet: &AvPacket) -> bool {
        let Some(track) = self.tracks.iter_mut().find(|track| track.stream == packet.stream()) else { return true };
        track.entry(input).is_some_and(|entry| track.agrees(input, entry, packet))
    }

    /// So many packets of each track were what it says that the others will be.
    pub(super) fn is_proven(&self) -> bool {
        self.tracks.iter().all(|track| track.next >= PROVEN.min(track.count))
    }

    /// The next packet, with the front of a picture and nothing of sound; nothing at the end.
    pub(super) fn read(&mut self, input: &Input) -> io::Result<Option<Packet>> {
        let mut best: Option<(&mut Listed, Next)> = None;
        for track in &mut self.tracks {
            let Some(next) = track.coming(input) else { continue };
            let sooner = match &best {
                None => true,
                Some((_, other)) if next.us.abs_diff(other.us) <= APART => next.entry.offset < other.entry.offset,
                Some((_, other)) => next.us < other.us,
            };
            if sooner {
                best = Some((track, next));
            }
        }
        best.map(|(track, next)| track.packet(input, next.entry, &self.file)).transpose()
    }
}

impl Listed {
    fn of(movie: &Moov, input: &Input, stream: Stream<'_>, length: u64) -> Option<Self> {
        let track = movie.trak.iter().find(|track| i64::from(track.tkhd.track_id) == i64::from(stream.id()))?;
        let parameters = stream.parameters();
        // FFmpeg looks into packets of other codecs.
        let plain = [codec::Id::H264, codec::Id::HEVC, codec::Id::AAC].contains(&parameters.id());
        if !plain || !is_plain(track) {
            return None;
        }
        let table = &track.mdia.minf.stbl;
        let count = raw::index_length(input, stream.index());
        let samples = match &table.stsz.samples {
            StszSamples::Identical { count, .. } => *count as usize,
            StszSamples::Different { sizes } => sizes.len(),
        };
        let offsets = table.ctts.as_ref().map(|ctts| Offsets::of(ctts.entries.clone()));
        let whole = |at| raw::index_entry(input, stream.index(), at).is_some_and(|entry| entry.end() <= length);
        // Where an edit list leaves some out, the tables say less than FFmpeg's index of the others.
        let listed = samples == count && offsets.as_ref().is_none_or(|offsets| offsets.left() == count as u64);
        (listed && (0..count).all(whole)).then(|| Self {
            stream: stream.index(),
            pictures: parameters.medium() == media::Type::Video,
            time_base: stream.time_base(),
            count,
            next: 0,
            coming: None,
            offsets,
            shown: None,
            end: stream.duration(),
        })
    }

    /// What the index says of the next packet.
    fn entry(&self, input: &Input) -> Option<IndexEntry> {
        raw::index_entry(input, self.stream, self.next)
    }

    fn coming(&mut self, input: &Input) -> Option<Next> {
        if self.coming.is_none() {
            let entry = self.entry(input)?;
            self.coming = Some(Next { entry, us: entry.at.rescale(self.time_base, MICROSECONDS) });
        }
        self.coming
    }

    /// Goes on to the next packet; gives how much later the one before is shown, and how long it lasts.
    fn step(&mut self, input: &Input, at: i64) -> (i64, i64) {
        (self.next, self.coming) = (self.next + 1, None);
        match &mut self.offsets {
            Some(offsets) => {
                let (shift, length) = self.shown.unwrap_or_default();
                (offsets.next().unwrap_or_default().saturating_add(shift), length)
            }
            None => {
                let (_, length) = self.shown.unwrap_or_default();
                let ends = self.entry(input).map_or(self.end, |next| next.at);
                (0, Some(ends.saturating_sub(at)).filter(|length| *length > 0).unwrap_or(length))
            }
        }
    }

    fn agrees(&mut self, input: &Input, entry: IndexEntry, packet: &AvPacket) -> bool {
        let (Some(pts), Some(dts)) = (packet.pts(), packet.dts()) else { return false };
        let (offset, length) = self.step(input, entry.at);
        // Of the first one it is learnt what cannot be read in the tables.
        let (shift, length) = match self.shown {
            None => (pts.saturating_sub(dts).saturating_sub(offset), packet.duration()),
            Some(_) => (0, length),
        };
        self.shown.get_or_insert((shift, length));
        let moved = self.offsets.is_some() || shift == 0;
        let key = entry.key || !self.pictures;
        let shown = entry.at.saturating_add(offset).saturating_add(shift);
        let told = (entry.at, shown, length, key, entry.discarded, entry.bytes);
        let read = (dts, pts, packet.duration(), packet.is_key(), raw::is_discarded(packet), packet.size());
        moved && told == read && i64::try_from(packet.position()) == i64::try_from(entry.offset)
    }

    fn packet(&mut self, input: &Input, entry: IndexEntry, file: &File) -> io::Result<Packet> {
        let front = if self.pictures { front(file, entry)? } else { Vec::new() };
        let mut inner = AvPacket::empty();
        let (offset, length) = self.step(input, entry.at);
        inner.set_stream(self.stream);
        inner.set_dts(Some(entry.at));
        inner.set_pts(Some(entry.at.saturating_add(offset)));
        inner.set_duration(length);
        inner.set_position(isize::try_from(entry.offset).map_err(io::Error::other)?);
        if entry.key || !self.pictures {
            inner.set_flags(packet::Flags::KEY);
        }
        if entry.discarded {
            raw::discard(&mut inner);
        }
        Ok(Packet { inner, time_base: self.time_base, bytes: entry.bytes, front: Some(front) })
    }
}

/// The front of a picture: all NAL units before the one that is larger than they are together.
fn front(file: &File, entry: IndexEntry) -> io::Result<Vec<u8>> {
    let mut front = vec![0; entry.bytes.min(FRONT)];
    file.read_exact_at(&mut front, entry.offset)?;
    let most = entry.bytes.min(MOST);
    if front.len() < most && end_of_units(&front) <= MOST {
        let read = front.len();
        front.resize(most, 0);
        file.read_exact_at(&mut front[read..], entry.offset + read as u64)?;
    }
    Ok(front)
}

/// Where the NAL unit ends, by its length, that is not whole in these bytes.
fn end_of_units(front: &[u8]) -> usize {
    let mut at = 0_usize;
    while let Some(length) = front.get(at..).and_then(|rest| rest.first_chunk()) {
        at = at.saturating_add(4).saturating_add(u32::from_be_bytes(*length) as usize);
    }
    at
}

/// The packets of a track lie in the file as one decoder takes them, pictures behind lengths of four bytes, all that an edit list leaves of them in one run.
fn is_plain(track: &Trak) -> bool {
    let one_codec = match track.mdia.minf.stbl.stsd.codecs.as_slice() {
        [Codec::Avc1(entry)] => entry.avcc.length_size == LENGTH,
        [Codec::Avc3(entry)] => entry.avcc.length_size == LENGTH,
        [Codec::Hvc1(entry)] => entry.hvcc.length_size_minus_one + 1 == LENGTH,
        [Codec::Hev1(entry)] => entry.hvcc.length_size_minus_one + 1 == LENGTH,
        [Codec::Mp4a(_)] => true,
        _ => false,
    };
    let edits = track.edts.as_ref().and_then(|edts| edts.elst.as_ref()).map_or(&[][..], |list| &list.entries);
    one_codec && edits.iter().filter(|edit| edit.media_time.is_some()).count() <= 1
}

/// The `moov` of a file that is not fragmented.
fn movie(file: &mut File) -> Option<Moov> {
    let mut at = 0;
    while let Some(found) = next_box(file, at) {
        if found.kind == *b"moov" {
            if found.size > LARGEST {
                return None;
            }
            let mut bytes = vec![0; usize::try_from(found.size).ok()?];
            file.seek(SeekFrom::Start(at)).ok()?;
            file.read_exact(&mut bytes).ok()?;
            return Moov::decode(&mut bytes.as_slice()).ok().filter(|movie| movie.mvex.is_none());
        }
        at = found.next;
    }
    None
}

/// Composition offsets of the packets that are left (`ctts`), in runs.
#[derive(Debug)]
struct Offsets {
    runs: std::vec::IntoIter<CttsEntry>,
    /// The run that has begun.
    run: CttsEntry,
}

impl Offsets {
    fn of(entries: Vec<CttsEntry>) -> Self {
        Self { runs: entries.into_iter(), run: CttsEntry::default() }
    }

    /// How many there are.
    fn left(&self) -> u64 {
        let run = u64::from(self.run.sample_count);
        run + self.runs.as_slice().iter().map(|run| u64::from(run.sample_count)).sum::<u64>()
    }
}

impl Iterator for Offsets {
    type Item = i64;

    fn next(&mut self) -> Option<i64> {
        while self.run.sample_count == 0 {
            self.run = self.runs.next()?;
        }
        self.run.sample_count -= 1;
        // Version 0 has no sign by the letter; FFmpeg reads one, for writers that meant one.
        Some(i64::from(self.run.sample_offset as i32))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_picture_that_much_stands_in_front_of_more_is_read() {
        let unit = |bytes: u32| [&bytes.to_be_bytes()[..], &vec![6; bytes as usize]].concat();
        let read = |picture: Vec<u8>| {
            let mut file = tempfile::tempfile().expect("room");
            std::io::Write::write_all(&mut file, &picture).expect("room");
            let entry = IndexEntry { offset: 0, bytes: picture.len(), at: 0, key: true, discarded: false };
            let front = front(&file, entry).expect("it is there");
            assert!(picture.starts_with(&front));
            front.len()
        };
        assert_eq!(read(unit(100_000)), FRONT);
        assert_eq!(read([unit(1000), unit(100_000)].concat()), MOST);
        assert_eq!(read(unit(700)), 704);
        assert_eq!(read(unit(20)), 24);
    }

    #[test]
    fn offsets_come_in_runs() {
        let run = |sample_count, sample_offset| CttsEntry { sample_count, sample_offset };
        let offsets = Offsets::of(vec![run(2, 5), run(0, 9), run(1, i64::from(u32::MAX))]);
        assert_eq!(offsets.left(), 3);
        assert_eq!(offsets.collect::<Vec<_>>(), [5, 5, -1]);
    }
}
