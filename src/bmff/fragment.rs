//! Fragments: `moof` and `mdat` of one run of samples, and the `styp` before them.

use super::protect::{self, Cover};
use super::writer::{BoxWriter, Gap};
use super::{Error, TRACK_ID, fit};
use crate::media::{Body, Sample};

/// Where things lie in a fragment that was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FragmentSize {
    /// Bytes of `moof` and `mdat` together.
    pub bytes: u64,
    /// Bytes from the start of the `moof` to the end of the first sample.
    pub key_bytes: u64,
}

/// Appends the SegmentTypeBox (ISO/IEC 14496-12:2022 § 8.16.2) of a segment: `msdh` makes it a DASH
/// Media Segment (ISO/IEC 23009-1:2022 § 6.3.4.2), `cmfs` a CMAF one (ISO/IEC 23000-19:2020 § 7.3.3.1).
pub fn segment_type(out: &mut Vec<u8>) {
    BoxWriter::new(out).boxed(b"styp", |w| {
        w.bytes(b"msdh");
        w.u32(0);
        w.bytes(b"msdhcmfs");
    });
}

/// Appends the fragment of `samples`, at least one, in decode order without a gap. `sequence` is its
/// number, from 1. What all samples have in common stands in `tfhd`, the rest in `trun` (CMAF § 7.7.3). The samples
/// are encrypted already as `cover` says.
pub fn write_fragment(
    out: &mut Body,
    sequence: u32,
    samples: Vec<Sample>,
    cover: Cover<'_>,
) -> Result<FragmentSize, Error> {
    let run = Run::of(&samples)?;
    let mut head = Vec::new();
    let mut w = BoxWriter::new(&mut head);
    let data_offset = w.boxed(b"moof", |w| {
        w.full(b"mfhd", 0, 0, |w| w.u32(sequence));
        if let Cover::Samples(protection) = cover {
            protection.system_headers.iter().for_each(|header| w.bytes(header));
        }
        w.boxed(b"traf", |w| {
            run.write_header(w, cover);
            // CMAF § 7.5.16; Safari needs it before `trun`.
            w.full(b"tfdt", 1, 0, |w| w.u64(run.decode_time));
            let data_offset = run.write_samples(w);
            if let Cover::Samples(protection) = cover {
                if let Some(period) = &protection.period {
                    protect::key_group(w, period, run.rows.len() as u32);
                }
                protect::auxiliary(w, &protection.samples, 0)?;
            }
            Ok(data_offset)
        })
    })?;
    let header = run.media_header();
    let media_start: i32 = fit((w.len() + header.len()) as u64, "a data offset of", "trun")?;
    w.fill32(data_offset, media_start as u32);
    w.bytes(&header);
    let (start, before) = (out.len(), head.len());
    let first = samples.first().map_or(0, |sample| sample.data.len());
    out.push(head);
    for sample in samples {
        out.push(sample.data);
    }
    Ok(FragmentSize { bytes: (out.len() - start) as u64, key_bytes: (before + first) as u64 })
}

/// Sample flags (ISO/IEC 14496-12:2022 § 8.8.3.1): depends on no other sample.
const SYNC: u32 = 2 << 24;
/// Sample flags: depends on others, and is not a sync sample.
const NON_SYNC: u32 = 1 << 24 | 1 << 16;

/// What `trun` can say of one sample.
struct Row {
    duration: u32,
    size: u32,
    flags: u32,
    composition: i32,
}

/// A track run, and what its samples have in common.
struct Run {
    decode_time: u64,
    rows: Vec<Row>,
    duration: Option<u32>,
    size: Option<u32>,
    flags: Flags,
    reordered: bool,
}

/// How the flags of a run are said.
#[derive(Clone, Copy)]
enum Flags {
    /// All samples have the default ones.
    Default(u32),
    /// The first sample has its own, the others the default ones.
    First { first: u32, default: u32 },
    /// Each sample has its own.
    Each,
}

/// The one value of all rows, when there is one.
fn common<T: PartialEq>(rows: &[Row], field: impl Fn(&Row) -> T) -> Option<T> {
    let first = field(rows.first()?);
    rows.iter().all(|row| field(row) == first).then_some(first)
}

impl Run {
    fn of(samples: &[Sample]) -> Result<Self, Error> {
        let rows = samples.iter().map(Row::of).collect::<Result<Vec<_>, _>>()?;
        let _: u32 = fit(rows.len() as u64, "a sample count of", "trun")?;
        Ok(Self {
            decode_time: match samples.first() {
                Some(first) => fit(first.dts.ticks(), "a decode time of", "tfdt")?,
                None => 0,
            },
            duration: common(&rows, |row| row.duration),
            size: common(&rows, |row| row.size),
            flags: Flags::of(&rows),
            reordered: rows.iter().any(|row| row.composition != 0),
            rows,
        })
    }

    /// TrackFragmentHeaderBox (ISO/IEC 14496-12:2022 § 8.8.7): offsets count from the `moof`.
    fn write_header(&self, w: &mut BoxWriter<'_>, cover: Cover<'_>) {
        const SAMPLE_DESCRIPTION_INDEX: u32 = 0x02;
        const DEFAULT_DURATION: u32 = 0x08;
        const DEFAULT_SIZE: u32 = 0x10;
        const DEFAULT_FLAGS: u32 = 0x20;
        const DEFAULT_BASE_IS_MOOF: u32 = 0x02_0000;
        let default_flags = match self.flags {
            Flags::Default(default) | Flags::First { default, .. } => Some(default),
            Flags::Each => None,
        };
        let fields = [(DEFAULT_DURATION, self.duration), (DEFAULT_SIZE, self.size), (DEFAULT_FLAGS, default_flags)];
        let present = fields.iter().filter(|(_, value)| value.is_some());
        let flags = present.fold(DEFAULT_BASE_IS_MOOF | SAMPLE_DESCRIPTION_INDEX, |flags, (flag, _)| flags | flag);
        w.full(b"tfhd", 0, flags, |w| {
            w.u32(TRACK_ID);
            // sample_description_index
            w.u32(match cover {
                Cover::Bare | Cover::Samples(_) => 1,
                Cover::Lead => 2,
            });
            fields.iter().filter_map(|(_, value)| *value).for_each(|value| w.u32(value));
        });
    }

    /// TrackRunBox (ISO/IEC 14496-12:2022 § 8.8.8). Version 1 has signed offsets (CMAF § 7.7.3).
    /// Gives back the field of the data offset.
    fn write_samples(&self, w: &mut BoxWriter<'_>) -> Gap {
        const DATA_OFFSET: u32 = 0x001;
        const FIRST_FLAGS: u32 = 0x004;
        const DURATION: u32 = 0x100;
        const SIZE: u32 = 0x200;
        const FLAGS: u32 = 0x400;
        const COMPOSITION: u32 = 0x800;
        let (first_flags, each_flags) = match self.flags {
            Flags::Default(_) => (None, false),
            Flags::First { first, .. } => (Some(first), false),
            Flags::Each => (None, true),
        };
        let fields = [
            (FIRST_FLAGS, first_flags.is_some()),
            (DURATION, self.duration.is_none()),
            (SIZE, self.size.is_none()),
            (FLAGS, each_flags),
            (COMPOSITION, self.reordered),
        ];
        let flags = fields.iter().filter(|(_, here)| *here).fold(DATA_OFFSET, |flags, (flag, _)| flags | flag);
        w.full(b"trun", 1, flags, |w| {
            w.u32(self.rows.len() as u32);
            let data_offset = w.gap32();
            if let Some(first) = first_flags {
                w.u32(first);
            }
            for row in &self.rows {
                if self.duration.is_none() {
                    w.u32(row.duration);
                }
                if self.size.is_none() {
                    w.u32(row.size);
                }
                if each_flags {
                    w.u32(row.flags);
                }
                if self.reordered {
                    w.i32(row.composition);
                }
            }
            data_offset
        })
    }

    /// The header of the MediaDataBox (ISO/IEC 14496-12:2022 § 8.1.1), with a 64-bit size where needed.
    fn media_header(&self) -> Vec<u8> {
        let payload: u64 = self.rows.iter().map(|row| u64::from(row.size)).sum();
        match u32::try_from(payload + 8) {
            Ok(size) => [size.to_be_bytes(), *b"mdat"].concat(),
            Err(_) => [&1u32.to_be_bytes()[..], b"mdat", &(payload + 16).to_be_bytes()].concat(),
        }
    }
}

impl Row {
    fn of(sample: &Sample) -> Result<Self, Error> {
        Ok(Self {
            duration: fit(sample.duration.ticks(), "a sample duration of", "trun")?,
            size: fit(sample.data.len() as u64, "a sample size of", "trun")?,
            flags: if sample.sync { SYNC } else { NON_SYNC },
            composition: sample.cts_offset,
        })
    }
}

impl Flags {
    fn of(rows: &[Row]) -> Self {
        if let Some(all) = common(rows, |row| row.flags) {
            return Self::Default(all);
        }
        match rows {
            [first, rest @ ..] => {
                common(rest, |row| row.flags).map_or(Self::Each, |default| Self::First { first: first.flags, default })
            }
            [] => Self::Each,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::{Span, Timescale, Timestamp};

    fn sample(index: i64, duration: u64, sync: bool, bytes: usize) -> Sample {
        let scale = Timescale::new(1000);
        let (dts, duration) = (Timestamp::new(index * 40, scale), Span::new(duration, scale));
        Sample { dts, cts_offset: 0, duration, sync, data: vec![7; bytes].into() }
    }

    /// The flags of `tfhd` and of `trun`, which say what fields follow.
    fn flags(samples: &[Sample]) -> (u32, u32) {
        let mut out = Body::default();
        write_fragment(&mut out, 1, samples.to_vec(), Cover::Bare).expect("small numbers");
        let out = out.into_vec().expect("in memory");
        let of = |kind: &[u8; 4]| {
            let at = out.windows(4).position(|word| word == kind).expect("the box") + 5;
            u32::from_be_bytes([0, out[at], out[at + 1], out[at + 2]])
        };
        (of(b"tfhd"), of(b"trun"))
    }

    #[test]
    fn what_all_samples_share_is_said_once() {
        let packets = [sample(0, 40, true, 9), sample(1, 40, true, 9)];
        assert_eq!(flags(&packets), (0x02_003a, 0x001));
    }

    #[test]
    fn a_key_frame_before_others_has_flags_of_its_own() {
        let gop = [sample(0, 40, true, 90), sample(1, 40, false, 9), sample(2, 40, false, 9)];
        assert_eq!(flags(&gop), (0x02_002a, 0x205));
    }

    #[test]
    fn a_key_frame_among_others_makes_flags_of_each() {
        let gop = [sample(0, 40, true, 9), sample(1, 40, false, 9), sample(2, 20, true, 9)];
        assert_eq!(flags(&gop), (0x02_0012, 0x501));
    }

    #[test]
    fn times_before_zero_are_refused() {
        let early = write_fragment(&mut Body::default(), 1, vec![sample(-1, 40, true, 1)], Cover::Bare);
        assert_eq!(early, Err(Error::Field { what: "a decode time of", value: -40, field: "tfdt" }));
    }
}
