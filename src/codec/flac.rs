//! FLAC: the metadata blocks of `dfLa` (Encapsulation of FLAC in ISO Base Media File Format § 3.3.2) made of
//! STREAMINFO (RFC 9639 § 8.2).

use std::io;

use bitstream_io::BitRead;

use super::Error;
use super::bits::{bits, invalid};
use crate::media::{AudioTrack, ChannelLayout};

const MAGIC: &[u8] = b"fLaC";
const STREAMINFO: usize = 34;
/// The last metadata block, of type STREAMINFO, with its length.
const LAST_STREAMINFO: [u8; 4] = [0x80, 0, 0, STREAMINFO as u8];
const DAMAGED: Error = Error::Damaged { what: "STREAMINFO of FLAC" };

/// What STREAMINFO says.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Info<'a> {
    block: &'a [u8; STREAMINFO],
    longest: u32,
    rate: u32,
    channels: u16,
    depth: u32,
}

impl<'a> Info<'a> {
    /// Of a FLAC file's start, of metadata blocks, or of a bare STREAMINFO.
    pub(super) fn parse(config: &'a [u8]) -> Result<Self, Error> {
        if config.is_empty() {
            return Err(Error::Missing { what: "STREAMINFO of FLAC" });
        }
        let blocks = config.strip_prefix(MAGIC).unwrap_or(config);
        let block = match blocks.split_first_chunk::<4>() {
            _ if config.len() == STREAMINFO => config.first_chunk(),
            Some((&[kind, 0, 0, 34], rest)) if kind & 0x7f == 0 => rest.first_chunk(),
            Some(_) | None => None,
        };
        let block: &[u8; STREAMINFO] = block.ok_or(DAMAGED)?;
        Self::read(block).map_err(|_| DAMAGED)
    }

    fn read(block: &'a [u8; STREAMINFO]) -> io::Result<Self> {
        let mut r = bits(block);
        r.skip(16)?; // the shortest block
        let longest = r.read::<16, u32>()?;
        r.skip(24 + 24)?; // sizes of frames
        let rate = r.read::<20, u32>()?;
        let (channels, depth) = (r.read::<3, u16>()? + 1, r.read::<5, u32>()? + 1);
        if rate == 0 || longest < 16 {
            return Err(invalid());
        }
        Ok(Self { block, longest, rate, channels, depth })
    }

    /// The payload of `dfLa` behind version and flags. Comments and pictures stay behind.
    pub(super) fn record(&self) -> Vec<u8> {
        [&LAST_STREAMINFO[..], self.block].concat()
    }

    pub(super) fn track(&self) -> AudioTrack {
        AudioTrack {
            sample_rate: self.rate,
            layout: ChannelLayout::of_vorbis(self.channels),
            frame_length: self.longest,
            priming: 0,
            joint_objects: None,
            loudness: None,
        }
    }

    /// What a frame must agree with.
    pub(super) fn shape(&self) -> Shape {
        Shape { channels: self.channels, depth: self.depth }
    }
}

/// What every frame of a stream has in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Shape {
    channels: u16,
    depth: u32,
}

impl Shape {
    /// PCM samples of a frame (RFC 9639 § 9.1), which must have this shape.
    pub(super) fn length(self, frame: &[u8]) -> Result<u32, Error> {
        let (length, shape) = self.read(frame).map_err(|_| Error::Damaged { what: "header of a FLAC frame" })?;
        if shape == self { Ok(length) } else { Err(Error::Changed { what: "number or depth of channels" }) }
    }

    fn read(self, frame: &[u8]) -> io::Result<(u32, Self)> {
        const SYNC_CODE: u16 = 0x7ffc;
        let mut r = bits(frame);
        if r.read::<15, u16>()? != SYNC_CODE {
            return Err(invalid());
        }
        r.skip(1)?; // blocking strategy
        let (size, _rate) = (r.read::<4, u32>()?, r.read::<4, u8>()?);
        let channels = match r.read::<4, u16>()? {
            count @ 0..8 => count + 1,
            8..11 => 2, // left and right in other words
            _ => return Err(invalid()),
        };
        let depth = match r.read::<3, u8>()? {
            0 => self.depth,
            1 => 8,
            2 => 12,
            4 => 16,
            5 => 20,
            6 => 24,
            7 => 32,
            _ => return Err(invalid()),
        };
        r.skip(1)?;
        // The number of the frame, coded like a character of UTF-8.
        let more = (r.read::<8, u8>()?.leading_ones()).saturating_sub(1);
        r.skip(8 * more)?;
        let length = match size {
            1 => 192,
            2..6 => 576 << (size - 2),
            6 => r.read::<8, u32>()? + 1,
            7 => r.read::<16, u32>()? + 1,
            8.. => 256 << (size - 8),
            _ => return Err(invalid()),
        };
        Ok((length, Self { channels, depth }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// FFmpeg's: blocks of 4608, 48 kHz, stereo, 16 bits.
    fn info() -> [u8; STREAMINFO] {
        let mut block = [0; STREAMINFO];
        block[..18]
            .copy_from_slice(&[0x12, 0, 0x12, 0, 0, 0, 0x0e, 0, 0x0b, 0x43, 0x0b, 0xb8, 0x02, 0xf0, 0, 0, 0xbb, 0x80]);
        block
    }

    #[test]
    fn the_record_is_streaminfo_alone() {
        let block = info();
        let bare = Info::parse(&block).expect("a STREAMINFO");
        assert_eq!(bare.record(), [&LAST_STREAMINFO[..], &block].concat());
        let track = bare.track();
        assert_eq!((track.sample_rate, track.layout, track.frame_length), (48_000, ChannelLayout::Stereo, 4608));
        let file = [MAGIC, &[0, 0, 0, 34], &block, &[0x84, 0, 0, 1, 9]].concat();
        assert_eq!(Info::parse(&file), Ok(bare));
    }

    #[test]
    fn frames_say_how_long_they_are() {
        let block = info();
        let shape = Info::parse(&block).expect("a STREAMINFO").shape();
        assert_eq!(shape.length(&[0xff, 0xf8, 0x5a, 0x18, 0x00]), Ok(4608)); // code 5
        assert_eq!(shape.length(&[0xff, 0xf8, 0x7a, 0x18, 0x00, 0x07, 0xff]), Ok(2048)); // two bytes
        assert_eq!(shape.length(&[0xff, 0xf8, 0xca, 0x98, 0xc3, 0xbf]), Ok(4096)); // a long number
    }

    #[test]
    fn frames_of_another_shape_are_noticed() {
        let block = info();
        let shape = Info::parse(&block).expect("a STREAMINFO").shape();
        let changed = Err(Error::Changed { what: "number or depth of channels" });
        assert_eq!(shape.length(&[0xff, 0xf8, 0x5a, 0x58, 0x00]), changed);
        assert_eq!(shape.length(&[0xff, 0xf8, 0x5a, 0x1c, 0x00]), changed);
        assert_eq!(shape.length(&[0xff, 0x00]), Err(Error::Damaged { what: "header of a FLAC frame" }));
    }
}
