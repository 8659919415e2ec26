//! A file of whole tracks: `ftyp`, `moov` and the start of the one `mdat`, in this order, so that a player begins
//! before it has all (ISO/IEC 14496-12:2022 §§ 4.3, 8.2, 8.5).

use super::entry::SampleEntry;
use super::init;
use super::runs::Runs;
use super::writer::BoxWriter;
use super::{Error, fit};
use crate::media::{Timescale, TrackConfig, TrackMedia};

/// What a header of `mdat` takes, with a size of 64 bits.
const MEDIA_HEADER: u64 = 16;

/// The samples of a track, in decode order.
#[derive(Clone, Debug, Default)]
pub struct SampleTable {
    durations: Runs<u32>,
    offsets: Runs<i32>,
    sizes: Vec<u32>,
    /// Numbers of the sync samples, from 1.
    sync: Vec<u32>,
    /// Ticks of all samples.
    ticks: u64,
    lowest_offset: i32,
    /// Samples and bytes of each chunk.
    chunks: Vec<Chunk>,
}

/// Samples that lie behind each other in the file.
#[derive(Clone, Copy, Debug)]
struct Chunk {
    samples: u32,
    bytes: u64,
}

/// What one sample is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SampleFacts {
    /// Ticks that it lasts.
    pub duration: u32,
    /// Ticks from its decode time to its presentation time.
    pub composition: i32,
    /// Bytes.
    pub size: u32,
    /// Decoding can start here.
    pub sync: bool,
}

impl SampleTable {
    /// Adds samples that lie behind each other; the next ones may lie elsewhere.
    pub fn push(&mut self, samples: impl IntoIterator<Item = SampleFacts>) {
        let mut chunk = Chunk { samples: 0, bytes: 0 };
        for sample in samples {
            self.durations.push(sample.duration);
            self.offsets.push(sample.composition);
            self.sizes.push(sample.size);
            if sample.sync {
                self.sync.push(self.sizes.len() as u32);
            }
            self.ticks += u64::from(sample.duration);
            self.lowest_offset = self.lowest_offset.min(sample.composition);
            chunk.samples += 1;
            chunk.bytes += u64::from(sample.size);
        }
        self.chunks.push(chunk);
    }

    /// Ticks from the first decode time to the presentation of the first sample, when no offset is below zero:
    /// readers of before 2007 know no other.
    fn delay(&self) -> i32 {
        -self.lowest_offset
    }
}

/// A track of the file.
#[derive(Clone, Copy, Debug)]
pub struct FlatTrack<'a> {
    /// What its header says.
    pub config: &'a TrackConfig,
    /// Its samples.
    pub samples: &'a SampleTable,
}

/// The bytes before the media: of `tracks`, whose chunks follow in `order`, each named by its track's position. The
/// first track's timescale is that of the movie.
pub fn flat_header(tracks: &[FlatTrack<'_>], order: &[usize]) -> Result<Vec<u8>, Error> {
    let media: u64 = tracks.iter().flat_map(|track| &track.samples.chunks).map(|chunk| chunk.bytes).sum();
    // Every table is as long as it will be, so the first try tells where the media begins.
    let length = header(tracks, order, 0, media)?.len() as u64;
    header(tracks, order, length, media)
}

fn header(tracks: &[FlatTrack<'_>], order: &[usize], start: u64, media: u64) -> Result<Vec<u8>, Error> {
    let movie = tracks.first().map_or(Timescale::new(1000), |track| track.config.timescale);
    let entries = tracks.iter().map(|track| SampleEntry::new(track.config)).collect::<Result<Vec<_>, _>>()?;
    let offsets = offsets(tracks, order, start);
    // What lies below this with any header does with this one.
    let wide = u32::try_from(media + (1 << 30)).is_err();
    let mut out = Vec::new();
    let mut w = BoxWriter::new(&mut out);
    w.boxed(b"ftyp", |w| {
        w.bytes(b"isom");
        w.u32(512); // what QuickTime File Format readers look for
        w.bytes(b"isomiso2avc1mp41");
    });
    let longest = tracks.iter().map(|track| track.presented(movie)).max().unwrap_or(0);
    let mut result = Ok(());
    w.boxed(b"moov", |w| {
        init::movie_header(w, movie, longest, tracks.len() as u32 + 1);
        for (at, ((track, entry), offsets)) in tracks.iter().zip(&entries).zip(&offsets).enumerate() {
            let written = w.boxed(b"trak", |w| track.write(w, at as u32 + 1, movie, entry, offsets, wide));
            result = std::mem::replace(&mut result, Ok(())).and(written);
        }
    });
    result?;
    w.u32(1);
    w.bytes(b"mdat");
    w.u64(media + MEDIA_HEADER);
    Ok(out)
}

/// Where each chunk of each track begins.
fn offsets(tracks: &[FlatTrack<'_>], order: &[usize], start: u64) -> Vec<Vec<u64>> {
    let mut offsets: Vec<Vec<u64>> =
        tracks.iter().map(|track| Vec::with_capacity(track.samples.chunks.len())).collect();
    let mut at = start;
    for &track in order {
        if let (Some(own), Some(of)) = (offsets.get_mut(track), tracks.get(track))
            && let Some(chunk) = of.samples.chunks.get(own.len())
        {
            own.push(at);
            at += chunk.bytes;
        }
    }
    offsets
}

impl FlatTrack<'_> {
    /// Ticks of the media that are not presented: what a decoder puts out first, or the delay of B-frames.
    fn skipped(&self) -> u64 {
        match &self.config.media {
            TrackMedia::Video(_) => self.samples.delay().unsigned_abs().into(),
            TrackMedia::Audio(audio) => audio.priming.into(),
            TrackMedia::Text => 0,
        }
    }

    /// How long it is presented, in ticks of the movie.
    fn presented(&self, movie: Timescale) -> u64 {
        let ticks = match &self.config.media {
            TrackMedia::Video(_) | TrackMedia::Text => self.samples.ticks,
            TrackMedia::Audio(_) => self.samples.ticks.saturating_sub(self.skipped()),
        };
        (u128::from(ticks) * u128::from(movie.hz()) / u128::from(self.config.timescale.hz())) as u64
    }

    fn write(
        &self,
        w: &mut BoxWriter<'_>,
        id: u32,
        movie: Timescale,
        entry: &SampleEntry<'_>,
        offsets: &[u64],
        wide: bool,
    ) -> Result<(), Error> {
        let media_time: i32 = fit(self.skipped(), "the start of", "elst")?;
        let presented = self.presented(movie);
        init::track_header(w, self.config, id, presented);
        init::edit_list(w, presented, media_time);
        init::media(w, self.config, self.samples.ticks, |w| self.tables(w, entry, offsets, wide));
        Ok(())
    }

    /// SampleTableBox (ISO/IEC 14496-12:2022 § 8.5).
    fn tables(&self, w: &mut BoxWriter<'_>, entry: &SampleEntry<'_>, offsets: &[u64], wide: bool) {
        let SampleTable { durations, offsets: composition, sizes, sync, chunks, .. } = self.samples;
        let delay = self.samples.delay();
        w.full(b"stsd", 0, 0, |w| {
            w.u32(1);
            entry.write(w);
        });
        w.full(b"stts", 0, 0, |w| durations.write(w, |duration| *duration));
        if composition.is_varied(0) {
            w.full(b"ctts", 0, 0, |w| composition.write(w, |offset| (offset + delay).unsigned_abs()));
        }
        if sync.len() < sizes.len() {
            w.full(b"stss", 0, 0, |w| {
                w.u32(sync.len() as u32);
                sync.iter().for_each(|number| w.u32(*number));
            });
        }
        w.full(b"stsc", 0, 0, |w| {
            let mut runs: Vec<(u32, u32)> = Vec::new();
            for (number, chunk) in (1..).zip(chunks) {
                if runs.last().is_none_or(|(_, samples)| *samples != chunk.samples) {
                    runs.push((number, chunk.samples));
                }
            }
            w.u32(runs.len() as u32);
            for (first, samples) in runs {
                w.u32(first);
                w.u32(samples);
                w.u32(1); // sample_description_index
            }
        });
        w.full(b"stsz", 0, 0, |w| {
            w.u32(0);
            w.u32(sizes.len() as u32);
            sizes.iter().for_each(|size| w.u32(*size));
        });
        w.full(if wide { b"co64" } else { b"stco" }, 0, 0, |w| {
            w.u32(offsets.len() as u32);
            for offset in offsets {
                if wide { w.u64(*offset) } else { w.u32(*offset as u32) }
            }
        });
    }
}
