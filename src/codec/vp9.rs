//! VP9: the VPCodecConfigurationRecord (VP Codec ISO Media File Format Binding) made of the uncompressed header
//! of a key frame (VP9 Bitstream & Decoding Process Specification § 6.2).

use std::borrow::Cow;
use std::io;

use bitstream_io::BitRead;

use super::Error;
use super::bits::{bits, invalid};
use crate::media::{CodecString, ColorInfo, FrameRate, HdrMetadata, PixelAspect, Resolution, VideoTrack, Vp9Profile};

/// A VP9 stream: its record, and what that means.
#[derive(Debug)]
pub(super) struct Vp9 {
    pub(super) record: Vec<u8>,
    pub(super) codec_string: CodecString,
    pub(super) track: VideoTrack,
    key: Header,
}

impl Vp9 {
    /// Of the first frame. The stream has no level: the lowest one that `rate` and the size fit is told. Its
    /// colour is one of seven kinds, none of them HDR, so what the container says goes first.
    pub(super) fn new(first: &[u8], rate: FrameRate, container: ColorInfo) -> Result<Self, Error> {
        let key = Header::parse(first)?.ok_or(Error::Missing { what: "key frame" })?;
        let color = if container == ColorInfo::UNSPECIFIED { key.color } else { container };
        let profile = Vp9Profile {
            profile: key.profile,
            level: level(key.resolution, rate),
            bit_depth: key.bit_depth,
            chroma: key.chroma,
            color,
        };
        Ok(Self {
            record: write(profile),
            codec_string: CodecString::vp09(profile),
            track: VideoTrack {
                resolution: key.resolution,
                pixel_aspect: PixelAspect::SQUARE,
                color,
                hdr: HdrMetadata::default(),
            },
            key,
        })
    }

    /// One frame or superframe as a sample: it stays as it is. A key frame must be like the first.
    pub(super) fn sample(&self, frame: Cow<'_, [u8]>) -> Result<Vec<u8>, Error> {
        match Header::parse(&frame)? {
            Some(key) if key != self.key => Err(Error::Changed { what: "header of key frames" }),
            Some(_) | None => Ok(frame.into_owned()),
        }
    }
}

/// What a key frame says of its sequence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Header {
    profile: u8,
    bit_depth: u8,
    /// chromaSubsampling of the record.
    chroma: u8,
    color: ColorInfo,
    resolution: Resolution,
}

impl Header {
    /// The header of a key frame; nothing of another frame.
    fn parse(frame: &[u8]) -> Result<Option<Self>, Error> {
        Self::read(frame).map_err(|_| Error::Damaged { what: "header of a VP9 frame" })
    }

    fn read(frame: &[u8]) -> io::Result<Option<Self>> {
        const FRAME_MARKER: u8 = 2;
        const SYNC_CODE: u32 = 0x49_83_42;
        let mut r = bits(frame);
        if r.read::<2, u8>()? != FRAME_MARKER {
            return Err(invalid());
        }
        let profile = u8::from(r.read_bit()?) | u8::from(r.read_bit()?) << 1;
        if profile == 3 && r.read_bit()? {
            return Err(invalid()); // reserved_zero
        }
        let shows_existing = r.read_bit()?;
        if shows_existing || r.read_bit()? {
            return Ok(None);
        }
        r.skip(2)?; // show_frame, error_resilient_mode
        if r.read::<24, u32>()? != SYNC_CODE {
            return Err(invalid());
        }
        let bit_depth = if profile < 2 { 8 } else { 10 + 2 * u8::from(r.read_bit()?) };
        let (color, chroma) = color(&mut r, profile)?;
        let resolution = Resolution::new(r.read::<16, u32>()? + 1, r.read::<16, u32>()? + 1);
        Ok(Some(Self { profile, bit_depth, chroma, color, resolution }))
    }
}

/// color_config (§ 6.2.2): the code points of color_space (§ 7.2.2), and chromaSubsampling.
fn color(r: &mut impl BitRead, profile: u8) -> io::Result<(ColorInfo, u8)> {
    const RGB: u8 = 7;
    const CHROMA_BESIDE_LUMA: u8 = 1;
    const CHROMA_422: u8 = 2;
    const CHROMA_444: u8 = 3;
    let any_chroma = matches!(profile, 1 | 3);
    let space = r.read::<3, u8>()?;
    if space == RGB {
        let srgb = ColorInfo { primaries: 1, transfer: 13, matrix: 0, full_range: true };
        return if any_chroma && !r.read_bit()? { Ok((srgb, CHROMA_444)) } else { Err(invalid()) };
    }
    let full_range = r.read_bit()?;
    let chroma = if any_chroma {
        match (r.read_bit()?, r.read_bit()?, r.read_bit()?) {
            (true, false, false) => CHROMA_422,
            (false, false, false) => CHROMA_444,
            // 4:4:0 has no number in the record, and 4:2:0 belongs to the other profiles.
            _ => return Err(invalid()),
        }
    } else {
        CHROMA_BESIDE_LUMA
    };
    let (primaries, transfer, matrix) = match space {
        1 | 3 => (6, 6, 6),
        2 => (1, 1, 1),
        4 => (7, 7, 7),
        5 => (9, 2, 9),
        _ => (2, 2, 2),
    };
    Ok((ColorInfo { primaries, transfer, matrix, full_range }, chroma))
}

/// The record of version 1, without initialization data.
fn write(profile: Vp9Profile) -> Vec<u8> {
    let color = profile.color;
    let shape = profile.bit_depth << 4 | profile.chroma << 1 | u8::from(color.full_range);
    vec![profile.profile, profile.level, shape, color.primaries, color.transfer, color.matrix, 0, 0]
}

/// The levels of VP9: ten times the level, most luma samples per second, most per picture, longest side
/// (<https://www.webmproject.org/vp9/levels/>).
const LEVELS: [(u8, u64, u64, u32); 14] = [
    (10, 829_440, 36_864, 512),
    (11, 2_764_800, 73_728, 768),
    (20, 4_608_000, 122_880, 960),
    (21, 9_216_000, 245_760, 1344),
    (30, 20_736_000, 552_960, 2048),
    (31, 36_864_000, 983_040, 2752),
    (40, 83_558_400, 2_228_224, 4160),
    (41, 160_432_128, 2_228_224, 4160),
    (50, 311_951_360, 8_912_896, 8384),
    (51, 588_251_136, 8_912_896, 8384),
    (52, 1_176_502_272, 8_912_896, 8384),
    (60, 1_176_502_272, 35_651_584, 16_832),
    (61, 2_353_004_544, 35_651_584, 16_832),
    (62, 4_706_009_088, 35_651_584, 16_832),
];

/// The lowest level for pictures of this size and rate; the highest for what exceeds it.
fn level(resolution: Resolution, rate: FrameRate) -> u8 {
    let pixels = resolution.pixels();
    let per_second = pixels as f64 * rate.as_f64();
    let side = resolution.width.max(resolution.height);
    let fits = |&&(_, samples, picture, longest): &&(u8, u64, u64, u32)| {
        per_second <= samples as f64 && pixels <= picture && side <= longest
    };
    LEVELS.iter().find(fits).unwrap_or(&LEVELS[LEVELS.len() - 1]).0
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first bytes of a key frame of libvpx: 320x180, profile 0.
    const MAIN: &[u8] = &[0x82, 0x49, 0x83, 0x42, 0x00, 0x13, 0xf0, 0x0b, 0x36, 0x00];

    #[test]
    fn levels_are_the_lowest_that_fit() {
        let level = |width, height, fps| level(Resolution::new(width, height), FrameRate::whole(fps));
        assert_eq!(level(320, 180, 25), 11);
        assert_eq!(level(1280, 720, 30), 31);
        assert_eq!(level(1920, 1080, 30), 40);
        assert_eq!(level(1920, 1080, 60), 41);
        assert_eq!(level(3840, 2160, 60), 51);
        assert_eq!(level(16_384, 16_384, 240), 62);
    }

    #[test]
    fn the_record_is_made_of_a_key_frame() {
        let stream = Vp9::new(MAIN, FrameRate::whole(25), ColorInfo::UNSPECIFIED).expect("a key frame");
        assert_eq!(stream.track.resolution, Resolution::new(320, 180));
        assert_eq!(stream.record, [0, 11, 0x82, 2, 2, 2, 0, 0]);
        assert_eq!(stream.codec_string.as_str(), "vp09.00.11.08");
    }

    #[test]
    fn the_container_knows_the_color_better() {
        let pq = ColorInfo { primaries: 9, transfer: 16, matrix: 9, full_range: false };
        let stream = Vp9::new(MAIN, FrameRate::whole(25), pq).expect("a key frame");
        assert_eq!(stream.codec_string.as_str(), "vp09.00.11.08.01.09.16.09.00");
        assert_eq!(stream.track.color, pq);
    }

    #[test]
    fn a_key_frame_of_another_size_is_noticed() {
        let stream = Vp9::new(MAIN, FrameRate::whole(25), ColorInfo::UNSPECIFIED).expect("a key frame");
        let mut larger = MAIN.to_vec();
        larger[5] += 1;
        assert_eq!(stream.sample(larger.as_slice().into()), Err(Error::Changed { what: "header of key frames" }));
        let between = [0x86, 0, 0];
        assert_eq!(stream.sample(between.as_slice().into()), Ok(between.to_vec()));
        assert!(matches!(
            Vp9::new(&between, FrameRate::whole(25), ColorInfo::UNSPECIFIED),
            Err(Error::Missing { what: "key frame" })
        ));
    }
}
