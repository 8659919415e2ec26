//! AV1: tiles, which alone may be encrypted (AV1-ISOBMFF § 4.3); all headers of OBUs, frames and tile groups stay clear.
//! Frame headers are read by `cros-codecs`, whose parser follows what they refer to (AV1 § 5.9).

mod reader;

use scuffle_av1::ObuType;

use super::Part;
use crate::codec::Error;
use crate::codec::av1::{Obu, RECORD_HEADER, obus};
use reader::{DAMAGED, Header, Reader, Tiling};

/// No frame header has as many bytes; of a frame no more are given to the parser.
const LONGEST_HEADER: usize = 1 << 14;

/// Reads frame after frame: the header of one can refer to those before.
#[derive(Debug)]
pub(super) struct Tiles {
    reader: Reader,
    tiling: Option<Tiling>,
}

impl Tiles {
    /// Of a track with this record.
    pub(super) fn new(record: &[u8]) -> Result<Self, Error> {
        let tiles = Self { reader: Reader::new()?, tiling: None };
        let headers = obus(record.get(RECORD_HEADER..).unwrap_or_default())?;
        for obu in headers.iter().filter(|obu| obu.kind() == ObuType::SequenceHeader) {
            tiles.read(obu)?;
        }
        Ok(tiles)
    }

    /// The parts of a temporal unit.
    pub(super) fn parts(&mut self, sample: &[u8]) -> Result<Vec<Part>, Error> {
        let mut parts = Vec::new();
        for obu in obus(sample)? {
            let before = obu.whole.len() - obu.payload.len();
            match obu.kind() {
                ObuType::Frame => {
                    let header = self.frame(&obu)?;
                    self.tiles(before + header, obu.payload.get(header..).ok_or(DAMAGED)?, &mut parts)?;
                }
                ObuType::TileGroup => self.tiles(before, obu.payload, &mut parts)?,
                ObuType::FrameHeader => {
                    self.frame(&obu)?;
                    parts.push(Part { header: obu.whole.len(), payload: 0 });
                }
                kind => {
                    if kind == ObuType::SequenceHeader {
                        self.read(&obu)?;
                    }
                    parts.push(Part { header: obu.whole.len(), payload: 0 });
                }
            }
        }
        Ok(parts)
    }

    /// Reads the header of a frame; gives back its bytes, up to where the next one may begin.
    fn frame(&mut self, obu: &Obu<'_>) -> Result<usize, Error> {
        let Header { bytes, tiling } = self.read(obu)?.ok_or(DAMAGED)?;
        self.tiling = tiling;
        Ok(bytes)
    }

    /// Adds the parts of a tile group (AV1 § 5.11.1) behind `before` bytes of headers.
    fn tiles(&self, before: usize, group: &[u8], parts: &mut Vec<Part>) -> Result<(), Error> {
        let Tiling { count, bits, size_bytes } = self.tiling.ok_or(DAMAGED)?;
        let flagged = count > 1 && group.first().ok_or(DAMAGED)? >> 7 == 1;
        let mut header = usize::from(count > 1);
        let (mut first, mut last) = (0, count.checked_sub(1).ok_or(DAMAGED)?);
        if flagged {
            header = (1 + 2 * bits).div_ceil(8);
            let read = group.get(..header).ok_or(DAMAGED)?.iter().fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte));
            let field = |place: usize| (read >> (8 * header - 1 - place * bits)) as usize & ((1 << bits) - 1);
            (first, last) = (field(1), field(2));
        }
        let (mut before, mut rest) = (before + header, group.get(header..).ok_or(DAMAGED)?);
        if first > last || last >= count {
            return Err(DAMAGED);
        }
        for _ in first..last {
            let (size, after) = rest.split_at_checked(size_bytes).ok_or(DAMAGED)?;
            let size = size.iter().rev().fold(0, |size, byte| size << 8 | usize::from(*byte)) + 1;
            parts.push(Part { header: before + size_bytes, payload: size });
            rest = after.get(size..).ok_or(DAMAGED)?;
            before = 0;
        }
        parts.push(Part { header: before, payload: rest.len() });
        Ok(())
    }

    /// Gives an OBU to the parser, with its size.
    fn read(&self, obu: &Obu<'_>) -> Result<Option<Header>, Error> {
        const HAS_EXTENSION: u8 = 1 << 2;
        const HAS_SIZE: u8 = 1 << 1;
        let kind = *obu.whole.first().ok_or(DAMAGED)?;
        if kind & 1 == 1 {
            return Err(DAMAGED); // obu_reserved_1bit
        }
        let mut bytes = vec![kind | HAS_SIZE];
        if kind & HAS_EXTENSION != 0 {
            bytes.push(*obu.whole.get(1).ok_or(DAMAGED)?);
        }
        let kept = if obu.kind() == ObuType::Frame { obu.payload.len().min(LONGEST_HEADER) } else { obu.payload.len() };
        let mut left = kept;
        loop {
            let more = left >> 7 > 0;
            bytes.push((left & 0x7f) as u8 | u8::from(more) << 7);
            left >>= 7;
            if !more {
                break;
            }
        }
        bytes.extend_from_slice(&obu.payload[..kept]);
        self.reader.read(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn part(header: usize, payload: usize) -> Part {
        Part { header, payload }
    }

    fn tiles(count: usize, bits: usize, group: &[u8]) -> Result<Vec<Part>, Error> {
        let tiling = Some(Tiling { count, bits, size_bytes: 1 });
        let mut parts = Vec::new();
        let tiles = Tiles { reader: Reader::new().expect("a thread"), tiling };
        tiles.tiles(10, group, &mut parts).map(|()| parts)
    }

    #[test]
    fn sizes_of_tiles_are_headers() {
        assert_eq!(tiles(1, 0, &[9; 7]), Ok(vec![part(10, 7)]));
        // All four tiles, of 3, 1, 2 bytes and the rest.
        assert_eq!(
            tiles(4, 2, &[0, 2, 9, 9, 9, 0, 9, 1, 9, 9, 9, 9, 9]),
            Ok(vec![part(12, 3), part(1, 1), part(1, 2), part(0, 3)])
        );
        // Tiles 1 and 2 of four: 1 01 10 and padding.
        assert_eq!(tiles(4, 2, &[0b1011_0000, 1, 9, 9, 9]), Ok(vec![part(12, 2), part(0, 1)]));
    }

    #[test]
    fn tiles_that_cannot_be_are_damage() {
        assert_eq!(tiles(4, 2, &[0, 9, 9]), Err(DAMAGED));
        assert_eq!(tiles(4, 2, &[]), Err(DAMAGED));
        assert_eq!(tiles(3, 2, &[0b1111_1000, 1]), Err(DAMAGED));
        assert_eq!(tiles(4, 2, &[0b1100_1000, 1]), Err(DAMAGED));
    }

    #[test]
    fn a_stream_that_the_parser_chokes_on_is_damage() {
        let record = [0x81, 0, 0x0c, 0];
        let mut tiles = Tiles::new(&record).expect("a record");
        // A frame without any sequence header, and one whose header is cut.
        assert_eq!(tiles.parts(&[0x32, 2, 0xaa, 0xbb]), Err(DAMAGED));
        assert!(tiles.parts(&[0x32, 0x80]).is_err());
    }
}
