//! Packets of an MP4 file as its tables list them (ISO/IEC 14496-12 § 8.6 and § 8.7): once the first of each track were
//! those that FFmpeg reads, the others need not be read one by one.

use std::collections::HashMap;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

use ffmpeg_next::format::context::Input;
use ffmpeg_next::{Packet as AvPacket, Rational, Rescale, codec, packet};
use mp4_atom::{Ctts, CttsEntry, Decode, Elst, Tkhd};

use super::boxes::{Inner, boxes, first, next_box, word};
use super::packet::Packet;
use super::raw::{self, IndexEntry};
use crate::media::TrackIndex;

/// So many packets of each track are held against the list before it is believed of the others.
const PROVEN: usize = 8;
/// So many boxes of a file are looked at: few stand before the `moov`.
const BOXES: usize = 1000;
/// Of a film of a day with pictures and sound.
const LARGEST: u64 = 128 << 20;
/// The next packet is the one that lies first in the file, but for tracks whose times are this far apart: as FFmpeg has
/// it (`mov_find_next_sample` of libavformat/mov.c).
const APART: u64 = 1_000_000;
/// What is read of the front of a picture first, and the most that is: messages before its pictures are longer hardly
/// ever.
const FRONT: usize = 512;
const MOST: usize = 16 * 1024;
/// FFmpeg takes larger composition offsets for damage.
const LARGEST_OFFSET: i64 = 1 << 28;
const MICROSECONDS: Rational = Rational(1, 1_000_000);

/// Whether a picture is a key picture, by its front; nothing when that is not enough.
pub type IsKey = fn(&[u8]) -> Option<bool>;

/// A track whose packets may come of a list: pictures of H.264 or HEVC behind lengths of four bytes, or sound of AAC.
#[derive(Clone, Copy, Debug)]
pub struct Listable {
    /// The track.
    pub track: TrackIndex,
    /// Tells which pictures FFmpeg calls key pictures, where it does not go by the list.
    pub key: Option<IsKey>,
}

/// What a file lists of the tracks that are read.
#[derive(Debug)]
pub(super) struct Listing {
    file: File,
    tracks: Vec<Listed>,
}

/// What comes of a list.
pub(super) enum Entry {
    /// The next packet.
    Packet(Packet),
    /// There are no more.
    End,
    /// It does not tell all of the next one: FFmpeg has to read it. So many packets of each stream came of the list.
    Unsure(HashMap<usize, usize>),
}

/// What is listed of one track.
#[derive(Debug)]
struct Listed {
    stream: usize,
    pictures: bool,
    key: Option<IsKey>,
    time_base: Rational,
    /// How many packets there are, and the one that comes next.
    count: usize,
    next: usize,
    /// How many of them came of the list.
    given: usize,
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
    pub(super) fn of(mut file: File, input: &Input, tracks: &[Listable]) -> Option<Self> {
        let length = file.metadata().ok()?.len();
        let movie = movie(&mut file)?;
        let tables: Vec<Tables> = boxes(first(&movie, b"moov")?.content)
            .filter(|found| found.kind == *b"trak")
            .map(|found| Tables::of(found.content))
            .collect::<Option<_>>()?;
        let listed = |one: &Listable| Listed::of(&tables, input, *one, length);
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

    /// The next packet, with the front of a picture and nothing of sound.
    pub(super) fn read(&mut self, input: &Input) -> io::Result<Entry> {
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
        let Some((track, next)) = best else { return Ok(Entry::End) };
        match track.packet(input, next.entry, &self.file)? {
            Some(packet) => Ok(Entry::Packet(packet)),
            None => Ok(Entry::Unsure(self.tracks.iter().map(|track| (track.stream, track.given)).collect())),
        }
    }
}

impl Listed {
    fn of(tables: &[Tables], input: &Input, Listable { track, key }: Listable, length: u64) -> Option<Self> {
        let stream = input.stream(track.0)?;
        let mut own = tables.iter().filter(|tables| i64::from(tables.track) == i64::from(stream.id()));
        let (tables, None) = (own.next()?, own.next()) else { return None };
        let pictures = match stream.parameters().id() {
            codec::Id::H264 if key.is_some() => true,
            codec::Id::HEVC => true,
            codec::Id::AAC => false,
            // FFmpeg looks into packets of others.
            _ => return None,
        };
        let count = raw::index_length(input, stream.index());
        // Of an empty packet nothing comes; one that lacks its end is damaged.
        let whole = |at| {
            let entry = raw::index_entry(input, stream.index(), at);
            entry.is_some_and(|entry| entry.bytes > 0 && entry.end() <= length)
        };
        // Where an edit list leaves some out, the tables say less than FFmpeg's index of the others.
        let listed = tables.samples == count && tables.offsets.as_ref().is_none_or(|all| all.left() == count as u64);
        (listed && (0..count).all(whole)).then(|| Self {
            stream: stream.index(),
            pictures,
            key,
            time_base: stream.time_base(),
            count,
            next: 0,
            given: 0,
            coming: None,
            offsets: tables.offsets.clone(),
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
        // What a file shows before its decode time moves all that it shows.
        let moved = self.next > 1 || shift == self.offsets.as_ref().map_or(0, |offsets| offsets.early);
        let Some(key) = self.is_key(entry, packet.data().unwrap_or_default()) else { return false };
        let shown = entry.at.saturating_add(offset).saturating_add(shift);
        let told = (entry.at, shown, length, key, entry.discarded, entry.bytes);
        let read = (dts, pts, packet.duration(), packet.is_key(), raw::is_discarded(packet), packet.size());
        moved && told == read && i64::try_from(packet.position()) == i64::try_from(entry.offset)
    }

    /// Whether FFmpeg calls a packet a key packet; nothing when its front does not tell.
    fn is_key(&self, entry: IndexEntry, front: &[u8]) -> Option<bool> {
        match self.key {
            Some(key) => key(front),
            None => Some(entry.key || !self.pictures),
        }
    }

    /// The next packet; nothing when its front does not tell all of it.
    fn packet(&mut self, input: &Input, entry: IndexEntry, file: &File) -> io::Result<Option<Packet>> {
        let front = if self.pictures { front(file, entry)? } else { Vec::new() };
        let Some(key) = self.is_key(entry, &front) else { return Ok(None) };
        self.given += 1;
        let mut inner = AvPacket::empty();
        let (offset, length) = self.step(input, entry.at);
        inner.set_stream(self.stream);
        inner.set_dts(Some(entry.at));
        inner.set_pts(Some(entry.at.saturating_add(offset)));
        inner.set_duration(length);
        inner.set_position(isize::try_from(entry.offset).map_err(io::Error::other)?);
        if key {
            inner.set_flags(packet::Flags::KEY);
        }
        if entry.discarded {
            raw::discard(&mut inner);
        }
        Ok(Some(Packet { inner, time_base: self.time_base, bytes: entry.bytes, front: Some(front) }))
    }
}

/// The front of a picture: all NAL units before the one that is larger than they are together.
fn front(file: &File, entry: IndexEntry) -> io::Result<Vec<u8>> {
    let mut front = vec![0; entry.bytes.min(FRONT)];
    file.read_exact_at(&mut front, entry.offset)?;
    let most = entry.bytes.min(MOST);
    // Behind the last unit there is nothing to find.
    if front.len() < most && end_of_units(&front) < most {
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

/// The `moov` of a file that is not fragmented.
fn movie(file: &mut File) -> Option<Vec<u8>> {
    let mut at = 0;
    for _ in 0..BOXES {
        let found = next_box(file, at)?;
        if found.kind == *b"moov" {
            let mut bytes = vec![0; usize::try_from(found.size).ok().filter(|_| found.size <= LARGEST)?];
            file.read_exact_at(&mut bytes, at).ok()?;
            let fragmented = first(first(&bytes, b"moov")?.content, b"mvex").is_some();
            return (!fragmented).then_some(bytes);
        }
        at = found.next;
    }
    None
}

/// Whether a file that is not fragmented has no other tracks than pictures of H.264 and sound of MPEG-4, with all their
/// parameters in the sample entry, and pictures that all last equally long: the rate of others FFmpeg guesses, and decoded
/// pictures make a difference to that.
pub(super) fn holds_avc_and_aac_alone(file: &mut File) -> bool {
    let Some(movie) = movie(file) else { return false };
    let Some(movie) = first(&movie, b"moov") else { return false };
    let mut tracks = boxes(movie.content).filter(|found| found.kind == *b"trak").peekable();
    let headed = |track: Inner<'_>| match entry(track.content) {
        Some(kind) if kind == *b"avc1" => is_steady(track.content).unwrap_or(false),
        kind => kind == Some(*b"mp4a"),
    };
    tracks.peek().is_some() && tracks.all(headed)
}

/// Whether all samples of a `trak` but the last are equally long (`stts`): of these FFmpeg takes the rate as it is (`mov_read_trak`
/// of libavformat/mov.c).
fn is_steady(track: &[u8]) -> Option<bool> {
    // Version, flags and the count, then how many samples and how long each, by runs.
    let runs = first(sample_table(track)?, b"stts")?.content;
    match word(runs.get(4..8)?) {
        1 => Some(true),
        2 => Some(word(runs.get(16..20)?) == 1),
        _ => Some(false),
    }
}

/// The table of samples of a `trak`.
fn sample_table(track: &[u8]) -> Option<&[u8]> {
    let media = first(track, b"mdia").and_then(|media| first(media.content, b"minf"))?;
    Some(first(media.content, b"stbl")?.content)
}

/// The kind of the only sample entry of a `trak`.
fn entry(track: &[u8]) -> Option<[u8; 4]> {
    // Version, flags and the count, then the size of the first entry.
    let entries = first(sample_table(track)?, b"stsd")?.content;
    let only = word(entries.get(4..8)?) == 1;
    entries.get(12..16)?.try_into().ok().filter(|_| only)
}

/// What the tables of a track say that FFmpeg does not.
#[derive(Debug)]
struct Tables {
    track: u32,
    samples: usize,
    offsets: Option<Offsets>,
}

impl Tables {
    /// Of a `trak`; nothing where its packets are not for one decoder, or are not all listed in one run.
    fn of(track: &[u8]) -> Option<Self> {
        let header = Tkhd::decode(&mut &*first(track, b"tkhd")?.whole).ok()?;
        let edits = first(track, b"edts").and_then(|edits| first(edits.content, b"elst"));
        if let Some(list) = edits {
            let edits = Elst::decode(&mut &*list.whole).ok()?.entries;
            // Empty ones in front of the only other one.
            edits.iter().rev().skip(1).all(|edit| edit.media_time.is_none()).then_some(())?;
        }
        let table = sample_table(track)?;
        // Versions and flags are in front of each count.
        let number = |kind, at: usize| Some(word(first(table, kind)?.content.get(at..at + 4)?));
        let plain = [*b"avc1", *b"avc3", *b"hvc1", *b"hev1", *b"mp4a"];
        let keyless = number(b"stss", 4) == Some(0);
        if !entry(track).is_some_and(|kind| plain.contains(&kind)) || keyless {
            return Self::unlisted(header.track_id);
        }
        let offsets = match first(table, b"ctts") {
            Some(found) => Some(Offsets::of(Ctts::decode(&mut &*found.whole).ok()?.entries)?),
            None => None,
        };
        Some(Self { track: header.track_id, samples: usize::try_from(number(b"stsz", 8)?).ok()?, offsets })
    }

    /// Of a track whose packets must be read, if anybody asks for them.
    fn unlisted(track: u32) -> Option<Self> {
        Some(Self { track, samples: usize::MAX, offsets: None })
    }
}

/// Composition offsets of the packets that are left (`ctts`), in runs.
#[derive(Clone, Debug)]
struct Offsets {
    runs: std::vec::IntoIter<CttsEntry>,
    /// The run that has begun.
    run: CttsEntry,
    /// How far before its decode time a packet is shown at most, as FFmpeg counts it: but for the last two runs.
    early: i64,
}

impl Offsets {
    /// Nothing where one is so large that FFmpeg takes none of them.
    fn of(entries: Vec<CttsEntry>) -> Option<Self> {
        if entries.iter().any(|run| offset(run).abs() > LARGEST_OFFSET) {
            return None;
        }
        let counted = &entries[..entries.len().saturating_sub(2)];
        let early = counted.iter().map(|run| -offset(run)).fold(0, i64::max);
        Some(Self { runs: entries.into_iter(), run: CttsEntry::default(), early })
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
        Some(offset(&self.run))
    }
}

/// Version 0 has no sign by the letter; FFmpeg reads one, for writers that meant one.
fn offset(run: &CttsEntry) -> i64 {
    i64::from(run.sample_offset as i32)
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
        assert_eq!(read([unit(1000), unit(700)].concat()), 1708);
        assert_eq!(read(unit(700)), FRONT);
        assert_eq!(read(unit(20)), 24);
    }

    #[test]
    fn offsets_come_in_runs() {
        let run = |sample_count, sample_offset| CttsEntry { sample_count, sample_offset };
        let offsets = Offsets::of(vec![run(2, 5), run(0, 9), run(1, i64::from(u32::MAX))]).expect("small ones");
        assert_eq!((offsets.left(), offsets.early), (3, 0));
        assert_eq!(offsets.collect::<Vec<_>>(), [5, 5, -1]);
        let early =
            |offsets: &[i64]| Offsets::of(offsets.iter().map(|one| run(1, *one)).collect()).map(|all| all.early);
        assert_eq!(early(&[0, -7, 3, -9, 1]), Some(7), "the last two do not count");
        assert_eq!(early(&[0, LARGEST_OFFSET + 1, 0]), None);
    }
}
