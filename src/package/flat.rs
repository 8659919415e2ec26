//! One plain file of renditions that are stored already: their samples stay as they are, and what a file needs to
//! know of them is read from the fragments.

use std::io::Cursor;

use mp4::{BoxHeader, MoofBox, ReadBox};

use super::{Fragment, Mismatch, Segment};
use crate::bmff::{self, FlatTrack, SampleFacts, SampleTable};
use crate::media::TrackConfig;

/// A run of bytes of a stored object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// The object.
    pub key: String,
    /// Its first byte.
    pub offset: u64,
    /// How many bytes.
    pub bytes: u64,
}

/// A rendition on its way into a file.
#[derive(Clone, Debug)]
pub struct FlatRendition<'a> {
    config: &'a TrackConfig,
    samples: SampleTable,
    /// Its media and when each piece is presented, in seconds.
    pieces: Vec<(f64, Piece)>,
}

/// A file that is still to be put together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flat {
    /// Its bytes up to the media.
    pub header: Vec<u8>,
    /// The media, in the order of presentation.
    pub pieces: Vec<Piece>,
}

/// Sample flags (ISO/IEC 14496-12:2022 § 8.8.3.1): not a sync sample.
const NON_SYNC: u32 = 1 << 16;

impl<'a> FlatRendition<'a> {
    /// Of a rendition whose CMAF header says this.
    pub fn new(config: &'a TrackConfig) -> Self {
        Self { config, samples: SampleTable::default(), pieces: Vec::new() }
    }

    /// Takes the next segment, which is stored under its key; `body` is all of it.
    pub fn push(&mut self, segment: &Segment, body: &[u8]) -> Result<(), Mismatch> {
        let failed = |source: mp4::Error| Mismatch::Unreadable {
            rendition: segment.rendition.clone(),
            part: "fragment",
            source: source.into(),
        };
        segment.fragments.iter().try_for_each(|fragment| self.fragment(segment, fragment, body).map_err(failed))
    }

    fn fragment(&mut self, segment: &Segment, fragment: &Fragment, body: &[u8]) -> mp4::Result<()> {
        let mut reader = Cursor::new(body);
        reader.set_position(fragment.offset);
        let header = BoxHeader::read(&mut reader)?;
        let moof = MoofBox::read_box(&mut reader, header.size)?;
        let traf = moof.trafs.first().ok_or(mp4::Error::InvalidData("a fragment without a track"))?;
        let run = traf.trun.as_ref().ok_or(mp4::Error::InvalidData("a fragment without samples"))?;
        let facts = (0..run.sample_count as usize).map(|at| {
            let first = run.first_sample_flags.filter(|_| at == 0);
            let flags = first.or(run.sample_flags.get(at).copied()).or(traf.tfhd.default_sample_flags).unwrap_or(0);
            SampleFacts {
                duration: run.sample_durations.get(at).copied().or(traf.tfhd.default_sample_duration).unwrap_or(0),
                composition: run.sample_cts.get(at).map_or(0, |offset| *offset as i32),
                size: run.sample_sizes.get(at).copied().or(traf.tfhd.default_sample_size).unwrap_or(0),
                sync: flags & NON_SYNC == 0,
            }
        });
        let facts: Vec<SampleFacts> = facts.collect();
        let data_offset = run.data_offset.and_then(|offset| u64::try_from(offset).ok()).unwrap_or(0);
        let bytes = facts.iter().map(|sample| u64::from(sample.size)).sum();
        let piece = Piece { key: segment.key.clone(), offset: fragment.offset + data_offset, bytes };
        self.pieces.push((fragment.start.as_seconds(), piece));
        self.samples.push(facts);
        Ok(())
    }
}

/// The file of these renditions, whose media is interleaved by the fragments it came in.
pub fn flat(renditions: Vec<FlatRendition<'_>>) -> Result<Flat, bmff::Error> {
    let tracks: Vec<FlatTrack<'_>> =
        renditions.iter().map(|r| FlatTrack { config: r.config, samples: &r.samples }).collect();
    let all = renditions.iter().enumerate();
    let mut pieces: Vec<(f64, usize, &Piece)> =
        all.flat_map(|(track, r)| r.pieces.iter().map(move |(at, piece)| (*at, track, piece))).collect();
    pieces.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let order: Vec<usize> = pieces.iter().map(|(_, track, _)| *track).collect();
    let header = bmff::flat_header(&tracks, &order)?;
    Ok(Flat { header, pieces: pieces.into_iter().map(|(_, _, piece)| piece.clone()).collect() })
}
