//! H.264: the AVCDecoderConfigurationRecord (ISO/IEC 14496-15:2022 § 5.3.3.1) and the picture facts of the
//! sequence parameter set (ITU-T H.264 § 7.3.2.1, read by `h264-reader`).

use h264_reader::nal::sps::{ChromaFormat, ChromaInfo, FrameMbsFlags, SeqParameterSet};

use super::bits::{self, AVC_HEADER};
use super::nal::{self, Framing};
use super::sets::{Kind, OutOfBand};
use super::{Error, sei};
use crate::media::{CodecString, ColorInfo, HdrMetadata, PixelAspect, Resolution, VideoTrack};

/// nal_unit_type values of ITU-T H.264 Table 7-1.
const SEI: u8 = 6;
const SPS: u8 = 7;
const PPS: u8 = 8;
const ACCESS_UNIT_DELIMITER: u8 = 9;
const FILLER: u8 = 12;

/// An H.264 stream: its record, and what that means.
#[derive(Debug)]
pub(super) struct Avc {
    pub(super) record: Vec<u8>,
    pub(super) codec_string: CodecString,
    pub(super) track: VideoTrack,
    pub(super) samples: OutOfBand,
}

impl Avc {
    /// Of `config`, a record or Annex B headers or nothing, and the first access unit.
    pub(super) fn new(config: &[u8], key: &[u8]) -> Result<Self, Error> {
        let given = if config.first() == Some(&1) { Some(Record::parse(config)?) } else { None };
        let framing = given.as_ref().map_or(Framing::AnnexB, |record| Framing::Length(record.length_size));
        let units = framing.units(key)?;
        let headers: Vec<&[u8]> = if given.is_some() { Vec::new() } else { nal::annex_b(config).collect() };

        // Sets of `avc3` and MPEG-TS stand before the first picture.
        let of = |wanted: u8| distinct(headers.iter().chain(&units).filter(|unit| kind(unit) == wanted));
        let (record, sps, pps) = match given {
            Some(Record { mut bytes, sps, pps, .. }) if !sps.is_empty() && !pps.is_empty() => {
                bytes[4] |= 3; // samples get lengths of four bytes, whatever they had
                (bytes, sps, pps)
            }
            Some(_) | None => {
                let (sps, pps) = (of(SPS), of(PPS));
                (write(&sps, &pps)?, sps, pps)
            }
        };
        let &[_, profile, constraints, level, ..] = record.as_slice() else {
            return Err(Error::Damaged { what: "AVCDecoderConfigurationRecord" });
        };
        let mut track = facts(&sps[0])?;
        units.iter().filter(|unit| kind(unit) == SEI).for_each(|unit| sei::read(unit, AVC_HEADER, &mut track.hdr));
        let sets = sps.into_iter().chain(pps).collect();
        Ok(Self {
            record,
            codec_string: CodecString::avc1(profile, constraints, level),
            track,
            samples: OutOfBand { framing, kind: role, sets },
        })
    }
}

fn kind(unit: &[u8]) -> u8 {
    unit[0] & 0x1f
}

pub(super) fn role(unit: &[u8]) -> Kind {
    match kind(unit) {
        SPS | PPS => Kind::ParameterSet,
        ACCESS_UNIT_DELIMITER | FILLER => Kind::Dropped,
        _ => Kind::Kept,
    }
}

fn distinct<'a>(units: impl Iterator<Item = &'a &'a [u8]>) -> Vec<Vec<u8>> {
    let mut distinct: Vec<Vec<u8>> = Vec::new();
    for unit in units {
        if !distinct.iter().any(|known| known == unit) {
            distinct.push(unit.to_vec());
        }
    }
    distinct
}

/// A record of the source.
#[derive(Debug)]
pub(super) struct Record {
    bytes: Vec<u8>,
    length_size: u8,
    pub(super) sps: Vec<Vec<u8>>,
    pub(super) pps: Vec<Vec<u8>>,
}

impl Record {
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, Error> {
        let parsed = || {
            let (&[_, _, _, _, lengths, count], rest) = bytes.split_first_chunk()?;
            let (sps, rest) = sets(rest, count & 0x1f)?;
            let (&count, rest) = rest.split_first()?;
            let (pps, _) = sets(rest, count)?;
            Some(Self { bytes: bytes.to_vec(), length_size: (lengths & 3) + 1, sps, pps })
        };
        parsed().ok_or(Error::Damaged { what: "AVCDecoderConfigurationRecord" })
    }
}

/// `count` parameter sets, each behind two bytes of length, and the bytes behind them.
fn sets(mut bytes: &[u8], count: u8) -> Option<(Vec<Vec<u8>>, &[u8])> {
    let mut sets = Vec::new();
    for _ in 0..count {
        let (length, rest) = bytes.split_first_chunk::<2>()?;
        let (set, rest) = rest.split_at_checked(u16::from_be_bytes(*length).into())?;
        sets.push(set.to_vec());
        bytes = rest;
    }
    Some((sets, bytes))
}

/// The record with these parameter sets.
fn write(sps: &[Vec<u8>], pps: &[Vec<u8>]) -> Result<Vec<u8>, Error> {
    let first = sps.first().ok_or(Error::Missing { what: "sequence parameter set" })?;
    if pps.is_empty() {
        return Err(Error::Missing { what: "picture parameter set" });
    }
    let &[_, profile, constraints, level, ..] = first.as_slice() else {
        return Err(Error::Damaged { what: "sequence parameter set" });
    };
    let count = |sets: &[Vec<u8>], most: usize| {
        let fits = sets.len() <= most && sets.iter().all(|set| set.len() <= usize::from(u16::MAX));
        fits.then_some(sets.len() as u8).ok_or(Error::Unsupported { what: "H.264 with so many parameter sets" })
    };
    // Four length bytes; the high bits of both fields are reserved ones.
    let mut record = vec![1, profile, constraints, level, 0xfc | 3, 0xe0 | count(sps, 31)?];
    let append = |record: &mut Vec<u8>, set: &Vec<u8>| {
        record.extend_from_slice(&(set.len() as u16).to_be_bytes());
        record.extend_from_slice(set);
    };
    sps.iter().for_each(|set| append(&mut record, set));
    record.push(count(pps, 255)?);
    pps.iter().for_each(|set| append(&mut record, set));
    if !matches!(profile, 66 | 77 | 88) {
        let info = parse(first)?.chroma_info;
        let chroma = match info.chroma_format {
            ChromaFormat::Monochrome => 0,
            ChromaFormat::YUV420 => 1,
            ChromaFormat::YUV422 => 2,
            ChromaFormat::YUV444 => 3,
            ChromaFormat::Invalid(_) => return Err(Error::Damaged { what: "sequence parameter set" }),
        };
        // No SPS extensions: they are for pictures with an alpha plane.
        let depth = |minus8: u8| 0xf8 | minus8 & 7;
        record.extend([0xfc | chroma, depth(info.bit_depth_luma_minus8), depth(info.bit_depth_chroma_minus8), 0]);
    }
    Ok(record)
}

fn parse(sps: &[u8]) -> Result<SeqParameterSet, Error> {
    SeqParameterSet::from_bits(bits::rbsp(sps, AVC_HEADER))
        .map_err(|_| Error::Damaged { what: "sequence parameter set" })
}

/// The picture facts of a sequence parameter set.
fn facts(sps: &[u8]) -> Result<VideoTrack, Error> {
    let sps = parse(sps)?;
    let (width, height) = sps.pixel_dimensions().map_err(|_| Error::Damaged { what: "sequence parameter set" })?;
    let vui = sps.vui_parameters.as_ref();
    let aspect = vui.and_then(|vui| vui.aspect_ratio_info.as_ref()).and_then(|aspect| aspect.get());
    let signal = vui.and_then(|vui| vui.video_signal_type.as_ref());
    let color = signal.map_or(ColorInfo::UNSPECIFIED, |signal| {
        let named = signal.colour_description.as_ref().map(|color| ColorInfo {
            primaries: color.colour_primaries,
            transfer: color.transfer_characteristics,
            matrix: color.matrix_coefficients,
            full_range: false,
        });
        ColorInfo { full_range: signal.video_full_range_flag, ..named.unwrap_or(ColorInfo::UNSPECIFIED) }
    });
    Ok(VideoTrack {
        resolution: Resolution::new(width, height),
        pixel_aspect: pixel_aspect(aspect),
        color,
        hdr: HdrMetadata::default(),
    })
}

/// Progressive pictures of 8 bits in 4:2:0, as a sequence parameter set tells of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlainPictures {
    /// Their size, without what is cropped.
    pub resolution: Resolution,
    /// The shape of their pixels, where it is said.
    pub pixel_aspect: Option<PixelAspect>,
    /// Code points of primaries, transfer and matrix (ITU-T H.273), where they are said.
    pub points: Option<[u8; 3]>,
    /// Whether all values of a byte are used, where it is said.
    pub full_range: Option<bool>,
}

impl PlainPictures {
    /// Of an AVCDecoderConfigurationRecord; nothing where its pictures are others, differ, or have a colour that is not
    /// usual with them.
    pub fn of_record(record: &[u8]) -> Option<Self> {
        let record = Record::parse(record).ok()?;
        let [sps] = record.sps.as_slice() else { return None };
        let sps = parse(sps).ok()?;
        let ChromaInfo { chroma_format, bit_depth_luma_minus8, bit_depth_chroma_minus8, .. } = &sps.chroma_info;
        let plain =
            *chroma_format == ChromaFormat::YUV420 && (*bit_depth_luma_minus8, *bit_depth_chroma_minus8) == (0, 0);
        if !plain || sps.frame_mbs_flags != FrameMbsFlags::Frames {
            return None;
        }
        let (width, height) = sps.pixel_dimensions().ok()?;
        let vui = sps.vui_parameters.as_ref();
        let signal = vui.and_then(|vui| vui.video_signal_type.as_ref());
        let points = signal
            .and_then(|signal| signal.colour_description.as_ref())
            .map(|color| [color.colour_primaries, color.transfer_characteristics, color.matrix_coefficients]);
        // Up to BT.2020; matrix 0 is that of pictures in RGB.
        points.is_none_or(|points| points.iter().all(|point| (1..=9).contains(point))).then_some(())?;
        let aspect = vui.and_then(|vui| vui.aspect_ratio_info.as_ref()).and_then(|aspect| aspect.get());
        Some(Self {
            resolution: Resolution::new(width, height),
            pixel_aspect: aspect.map(|aspect| pixel_aspect(Some(aspect))),
            points,
            full_range: signal.map(|signal| signal.video_full_range_flag),
        })
    }
}

/// A ratio of 0 is one that is not known.
fn pixel_aspect(aspect: Option<(u16, u16)>) -> PixelAspect {
    match aspect {
        Some((num, den)) if num > 0 && den > 0 => PixelAspect { num: num.into(), den: den.into() },
        Some(_) | None => PixelAspect::SQUARE,
    }
}
