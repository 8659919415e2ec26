//! AC-3: the AC3SpecificBox (ETSI TS 102 366 V1.4.1 § F.4) made of the first sync frame (§ 4.4).

use std::io;

use bitstream_io::BitRead;

use super::Error;
use super::bits::{bits, invalid};
use crate::media::{AudioTrack, ChannelLayout};

/// syncinfo begins with it, in E-AC-3 too.
pub(super) const SYNC_WORD: u16 = 0x0b77;
/// The highest bsid of AC-3; § E.1.3.1.6 begins E-AC-3 above 10.
const HIGHEST_BSID: u8 = 8;
/// PCM samples of a frame: six blocks of 256.
pub(super) const FRAME_LENGTH: u32 = 1536;
/// fscod, § 4.4.1.3.
pub(super) const SAMPLE_RATES: [u32; 3] = [48_000, 44_100, 32_000];

/// What a frame says of the stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header {
    rate_code: u8,
    bsid: u8,
    bsmod: u8,
    acmod: u8,
    lfe: bool,
    /// frmsizecod without its last bit.
    bit_rate_code: u8,
}

impl Header {
    pub(super) fn parse(frame: &[u8]) -> Result<Self, Error> {
        Self::read(frame).map_err(|_| Error::Damaged { what: "AC-3 sync frame" })
    }

    fn read(frame: &[u8]) -> io::Result<Self> {
        let mut r = bits(frame);
        if r.read::<16, u16>()? != SYNC_WORD {
            return Err(invalid());
        }
        r.skip(16)?; // crc1
        let (rate_code, size_code) = (r.read::<2, u8>()?, r.read::<6, u8>()?);
        let (bsid, bsmod, acmod) = (r.read::<5, u8>()?, r.read::<3, u8>()?, r.read::<3, u8>()?);
        if usize::from(rate_code) >= SAMPLE_RATES.len() || size_code > 37 || bsid > HIGHEST_BSID {
            return Err(invalid());
        }
        let three_in_front = acmod & 1 != 0 && acmod != 1;
        for mix_level in [three_in_front, acmod & 4 != 0, acmod == 2] {
            r.skip(if mix_level { 2 } else { 0 })?;
        }
        let lfe = r.read_bit()?;
        Ok(Self { rate_code, bsid, bsmod, acmod, lfe, bit_rate_code: size_code >> 1 })
    }

    /// Whether a decoder can go on with `other`: only the bit rate may differ.
    pub(super) fn continues(self, other: Self) -> bool {
        Self { bit_rate_code: 0, ..self } == Self { bit_rate_code: 0, ..other }
    }

    /// The payload of `dac3`.
    pub(super) fn record(self) -> Vec<u8> {
        let fields = [
            (self.rate_code, 2),
            (self.bsid, 5),
            (self.bsmod, 3),
            (self.acmod, 3),
            (u8::from(self.lfe), 1),
            (self.bit_rate_code, 5),
            (0, 5),
        ];
        let packed = fields.iter().fold(0, |packed, &(value, width)| packed << width | u32::from(value));
        packed.to_be_bytes()[1..].to_vec()
    }

    pub(super) fn track(self) -> AudioTrack {
        AudioTrack {
            sample_rate: SAMPLE_RATES[usize::from(self.rate_code)],
            layout: Speakers::of(self.acmod, self.lfe).layout(),
            frame_length: FRAME_LENGTH,
            priming: 0,
            joint_objects: None,
            loudness: None,
        }
    }
}

/// Loudspeakers as a chanmap names them (§ E.1.3.1.8, Table E.1.4): the left one in the highest bit, low
/// frequencies in the lowest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Speakers(pub(super) u16);

impl Speakers {
    /// Pairs: centre left and right, rear surround, surround direct, wide, vertical height, top surround.
    const PAIRS: u16 = 1 << 10 | 1 << 9 | 1 << 6 | 1 << 5 | 1 << 4 | 1 << 2;

    /// Those of an acmod (§ 4.4.2.3); two programmes have none.
    pub(super) fn of(acmod: u8, lfe: bool) -> Self {
        let full = [0, 0x4000, 0xa000, 0xe000, 0xa100, 0xe100, 0xb800, 0xf800][usize::from(acmod & 7)];
        Self(full | u16::from(lfe))
    }

    pub(super) fn layout(self) -> ChannelLayout {
        match self.0 {
            0 => ChannelLayout::DualMono,
            0x4000 => ChannelLayout::Mono,
            0xa000 => ChannelLayout::Stereo,
            0xe000 => ChannelLayout::Surround30,
            0xa100 => ChannelLayout::Surround30Back,
            0xe100 => ChannelLayout::Surround40,
            0xb800 => ChannelLayout::Quad,
            0xf800 => ChannelLayout::Surround50,
            0xf801 => ChannelLayout::Surround51,
            0xf901 => ChannelLayout::Surround61,
            0xfa01 => ChannelLayout::Surround71,
            0xfc01 => ChannelLayout::Surround71Wide,
            1 => ChannelLayout::Discrete(3), // two programmes and low frequencies
            map => ChannelLayout::Discrete((map.count_ones() + (map & Self::PAIRS).count_ones()) as u16),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first bytes of FFmpeg's AC-3: 48 kHz, 448 kb/s, 5.1.
    const SURROUND: [u8; 8] = [0x0b, 0x77, 0xe5, 0x24, 0x1e, 0x40, 0xe1, 0xde];

    #[test]
    fn the_record_is_made_of_a_frame() {
        let header = Header::parse(&SURROUND).expect("a sync frame");
        assert_eq!(header.record(), [0x10, 0x3d, 0xe0]);
        let track = header.track();
        assert_eq!((track.sample_rate, track.layout, track.frame_length), (48_000, ChannelLayout::Surround51, 1536));
    }

    #[test]
    fn frames_that_differ_in_rate_alone_go_on() {
        let header = Header::parse(&SURROUND).expect("a sync frame");
        let mut other = SURROUND;
        other[4] = 0x1a;
        assert!(header.continues(Header::parse(&other).expect("another bit rate")));
        other[6] = 0x40;
        assert!(!header.continues(Header::parse(&other).expect("stereo")));
    }

    #[test]
    fn frames_of_eac3_and_of_nothing_are_refused() {
        let mut eac3 = SURROUND;
        eac3[5] = 0x80;
        for frame in [&eac3[..], &SURROUND[..4], &[0; 8]] {
            assert_eq!(Header::parse(frame), Err(Error::Damaged { what: "AC-3 sync frame" }));
        }
    }

    #[test]
    fn every_channel_is_counted() {
        assert_eq!(Speakers(0xf801 | 1 << 9 | 1 << 4).layout(), ChannelLayout::Discrete(10));
        assert_eq!(Speakers::of(2, true).layout(), ChannelLayout::Discrete(3));
    }
}
