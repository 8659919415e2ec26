//! AV1: the AV1CodecConfigurationRecord (AV1-ISOBMFF § 2.3) and the facts of the sequence header OBU (AV1
//! § 5.5, read by `scuffle-av1`).

use scuffle_av1::seq::SequenceHeaderObu;
use scuffle_av1::{ObuHeader, ObuType};

use super::Error;
use crate::media::{
    Av1Profile, CodecString, ColorInfo, ContentLight, HdrMetadata, MasteringDisplay, PixelAspect, Resolution,
    VideoTrack,
};

/// The marker bit and version 1 of a record.
const MARKER: u8 = 0x81;
/// Bytes of a record before its OBUs.
pub(super) const RECORD_HEADER: usize = 4;
const NO_HEADER: Error = Error::Missing { what: "sequence header OBU" };
const BAD_HEADER: Error = Error::Damaged { what: "sequence header OBU" };

/// An AV1 stream: its record, and what that means.
#[derive(Debug)]
pub(super) struct Av1 {
    pub(super) record: Vec<u8>,
    pub(super) codec_string: CodecString,
    pub(super) track: VideoTrack,
    /// The payload of the one sequence header.
    sequence: Vec<u8>,
}

impl Av1 {
    /// Of `config`, a record or nothing, and the first temporal unit in the low-overhead format.
    pub(super) fn new(config: &[u8], key: &[u8]) -> Result<Self, Error> {
        let given = (config.len() >= RECORD_HEADER && config[0] == MARKER)
            .then(|| obus(&config[RECORD_HEADER..]))
            .transpose()?;
        let (given, first) = (given.unwrap_or_default(), obus(key)?);
        let is_header = |obu: &&Obu<'_>| obu.kind() == ObuType::SequenceHeader;
        // Where both have one, decoders go by that of the stream; FFmpeg writes another one of SVT-AV1 into files.
        let stored = given.iter().find(is_header);
        let header = first.iter().find(is_header).or(stored).ok_or(NO_HEADER)?;
        let same = stored.is_some_and(|stored| stored.payload == header.payload);
        let sequence = SequenceHeaderObu::parse(header.header, &mut &*header.payload).map_err(|_| BAD_HEADER)?;
        let profile = profile(&sequence)?;
        let record = if same { config.to_vec() } else { write(profile, header.payload)? };
        let mut track = VideoTrack {
            resolution: resolution(&sequence)?,
            pixel_aspect: PixelAspect::SQUARE,
            color: profile.color,
            hdr: HdrMetadata::default(),
        };
        let metadata = given.iter().chain(&first).filter(|obu| obu.kind() == ObuType::Metadata);
        metadata.for_each(|obu| read_metadata(obu.payload, &mut track.hdr));
        Ok(Self { record, codec_string: CodecString::av01(profile), track, sequence: header.payload.to_vec() })
    }

    /// One temporal unit as a sample: without what AV1-ISOBMFF § 2.4 wants left out. A sequence header must be
    /// the one of the record.
    pub(super) fn sample(&self, temporal_unit: &[u8]) -> Result<Vec<u8>, Error> {
        let mut sample = Vec::with_capacity(temporal_unit.len());
        for obu in obus(temporal_unit)? {
            match obu.kind() {
                ObuType::TemporalDelimiter | ObuType::Padding | ObuType::RedundantFrameHeader => (),
                ObuType::TileList => return Err(Error::Unsupported { what: "AV1 with large scale tiles" }),
                ObuType::SequenceHeader if obu.payload != self.sequence => {
                    return Err(Error::Changed { what: "sequence header OBU" });
                }
                _ => sample.extend_from_slice(obu.whole),
            }
        }
        Ok(sample)
    }
}

/// An open bitstream unit (AV1 § 5.3).
#[derive(Debug)]
pub(super) struct Obu<'a> {
    header: ObuHeader,
    /// All of its bytes.
    pub(super) whole: &'a [u8],
    /// Those behind its header and size.
    pub(super) payload: &'a [u8],
}

impl Obu<'_> {
    /// What it holds.
    pub(super) fn kind(&self) -> ObuType {
        self.header.obu_type
    }
}

/// The OBUs of a temporal unit or a record. Only the last may be without its size.
pub(super) fn obus(mut bytes: &[u8]) -> Result<Vec<Obu<'_>>, Error> {
    let damaged = || Error::Damaged { what: "header of an OBU" };
    let mut obus = Vec::new();
    while !bytes.is_empty() {
        let mut rest = bytes;
        let header = ObuHeader::parse(&mut rest).map_err(|_| damaged())?;
        let size = header.size.map_or(Ok(rest.len()), usize::try_from).map_err(|_| damaged())?;
        let (payload, after) = rest.split_at_checked(size).ok_or_else(damaged)?;
        obus.push(Obu { header, whole: &bytes[..bytes.len() - after.len()], payload });
        bytes = after;
    }
    Ok(obus)
}

fn profile(sequence: &SequenceHeaderObu) -> Result<Av1Profile, Error> {
    let point = sequence.operating_points.first().ok_or(BAD_HEADER)?;
    let color = &sequence.color_config;
    Ok(Av1Profile {
        profile: sequence.seq_profile,
        level: point.seq_level_idx,
        high_tier: point.seq_tier,
        bit_depth: u8::try_from(color.bit_depth).map_err(|_| BAD_HEADER)?,
        monochrome: color.mono_chrome,
        subsampling_x: color.subsampling_x,
        subsampling_y: color.subsampling_y,
        chroma_position: color.chroma_sample_position,
        color: ColorInfo {
            primaries: color.color_primaries,
            transfer: color.transfer_characteristics,
            matrix: color.matrix_coefficients,
            full_range: color.full_color_range,
        },
    })
}

fn resolution(sequence: &SequenceHeaderObu) -> Result<Resolution, Error> {
    let side = |side: u64| u32::try_from(side).map_err(|_| BAD_HEADER);
    Ok(Resolution::new(side(sequence.max_frame_width)?, side(sequence.max_frame_height)?))
}

/// The record of a sequence whose header has this payload (AV1-ISOBMFF § 2.3.3). How long a player should wait
/// before it shows the first picture is not known.
fn write(profile: Av1Profile, header: &[u8]) -> Result<Vec<u8>, Error> {
    const SEQUENCE_HEADER_WITH_SIZE: u8 = 1 << 3 | 1 << 1;
    let flags = [
        profile.high_tier,
        profile.bit_depth > 8,
        profile.bit_depth == 12,
        profile.monochrome,
        profile.subsampling_x,
        profile.subsampling_y,
    ];
    let flags = flags.into_iter().fold(0, |flags, flag| flags << 1 | u8::from(flag));
    // A header has some thirty bytes: its size is one byte.
    let size = u8::try_from(header.len()).ok().filter(|size| *size < 0x80).ok_or(BAD_HEADER)?;
    let mut record = vec![MARKER, profile.profile << 5 | profile.level, flags << 2 | profile.chroma_position, 0];
    record.extend([SEQUENCE_HEADER_WITH_SIZE, size]);
    record.extend_from_slice(header);
    Ok(record)
}

/// Takes what a metadata OBU (AV1 §§ 5.8.3, 5.8.4) says over into `found`.
fn read_metadata(payload: &[u8], found: &mut HdrMetadata) {
    const CONTENT_LIGHT: u8 = 1;
    const MASTERING_DISPLAY: u8 = 2;
    match payload.split_first() {
        Some((&CONTENT_LIGHT, rest)) => found.light = light(rest).or(found.light),
        Some((&MASTERING_DISPLAY, rest)) => found.mastering = mastering(rest).or(found.mastering),
        Some(_) | None => (),
    }
}

fn light(payload: &[u8]) -> Option<ContentLight> {
    let &[a, b, c, d] = payload.first_chunk()?;
    Some(ContentLight { max_content: u16::from_be_bytes([a, b]), max_average: u16::from_be_bytes([c, d]) })
}

/// AV1 § 6.7.4 counts in binary fractions and begins with red.
fn mastering(payload: &[u8]) -> Option<MasteringDisplay> {
    let payload: &[u8; 24] = payload.first_chunk()?;
    let coordinate = |at: usize| {
        let value = u64::from(u16::from_be_bytes([payload[at], payload[at + 1]]));
        u16::try_from((value * 50_000 + (1 << 15)) >> 16).unwrap_or(u16::MAX)
    };
    let luminance = |at: usize, fraction: u32| {
        let value = u32::from_be_bytes([payload[at], payload[at + 1], payload[at + 2], payload[at + 3]]);
        let steps = (u64::from(value) * 10_000 + (1 << (fraction - 1))) >> fraction;
        u32::try_from(steps).unwrap_or(u32::MAX)
    };
    let [red, green, blue, white] = [0, 4, 8, 12].map(|at| [coordinate(at), coordinate(at + 2)]);
    Some(MasteringDisplay {
        primaries: [green, blue, red],
        white,
        max_luminance: luminance(16, 8),
        min_luminance: luminance(20, 14),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sequence header of SVT-AV1, 320x180, 8 bits, no colour.
    const PLAIN: &[u8] = &[0x0a, 0x0b, 0x00, 0x00, 0x00, 0x04, 0x3c, 0xfe, 0xcc, 0xfb, 0xf9, 0x00, 0x40];
    /// Sequence header of libaom, 320x180, 10 bits, BT.2020 PQ.
    const PQ: &[u8] = &[0x0a, 0x0e, 0x00, 0x00, 0x00, 0x04, 0x3c, 0xfe, 0xcc, 0xda, 0xf9, 0x50, 0x91, 0x00, 0x90, 0x40];
    const DELIMITER: &[u8] = &[0x12, 0x00];
    /// A frame OBU with nothing in it that is read here.
    const FRAME: &[u8] = &[0x32, 0x02, 0xaa, 0xbb];

    #[test]
    fn the_record_is_made_of_the_sequence_header() {
        let plain = Av1::new(&[], &[DELIMITER, PLAIN, FRAME].concat()).expect("a temporal unit");
        assert_eq!(plain.codec_string.as_str(), "av01.0.00M.08");
        assert_eq!(plain.record, [&[0x81, 0, 0x0c, 0], PLAIN].concat());
        assert_eq!(plain.track, VideoTrack::new(Resolution::new(320, 180), ColorInfo::UNSPECIFIED));
        let pq = Av1::new(&[], PQ).expect("a temporal unit");
        assert_eq!(pq.codec_string.as_str(), "av01.0.00M.10.0.110.09.16.09.0");
        assert!(pq.track.color.is_hdr());
        let again = Av1::new(&pq.record, FRAME).expect("its own record");
        assert_eq!((again.record, again.codec_string), (pq.record, pq.codec_string));
    }

    #[test]
    fn samples_have_no_delimiters() {
        let stream = Av1::new(&[], PLAIN).expect("a temporal unit");
        let unit = [DELIMITER, PLAIN, FRAME].concat();
        assert_eq!(stream.sample(&unit), Ok([PLAIN, FRAME].concat()));
        assert_eq!(stream.sample(&[DELIMITER, FRAME].concat()), Ok(FRAME.to_vec()));
    }

    #[test]
    fn another_sequence_header_is_noticed() {
        let stream = Av1::new(&[], PLAIN).expect("a temporal unit");
        assert_eq!(stream.sample(&[PQ, FRAME].concat()), Err(Error::Changed { what: "sequence header OBU" }));
        assert!(matches!(Av1::new(&[], FRAME), Err(Error::Missing { .. })));
    }

    #[test]
    fn metadata_is_in_the_units_of_the_boxes() {
        // BT.2020 primaries and D65, 1000 and 0.01 cd/m².
        let mut payload = vec![2];
        for fraction in [0.708, 0.292, 0.170, 0.797, 0.131, 0.046, 0.3127, 0.3290_f64] {
            payload.extend(((fraction * 65_536.0).round() as u16).to_be_bytes());
        }
        payload.extend((1000_u32 << 8).to_be_bytes());
        payload.extend(164_u32.to_be_bytes());
        let mut found = HdrMetadata::default();
        read_metadata(&payload, &mut found);
        read_metadata(&[1, 3, 0xe8, 1, 0x90], &mut found);
        let mastering = MasteringDisplay {
            primaries: [[8500, 39_850], [6550, 2300], [35_400, 14_600]],
            white: [15_635, 16_450],
            max_luminance: 10_000_000,
            min_luminance: 100,
        };
        assert_eq!(found.mastering, Some(mastering));
        assert_eq!(found.light, Some(ContentLight { max_content: 1000, max_average: 400 }));
    }
}
