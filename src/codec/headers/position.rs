//! How far a reader of bits has come, in bytes of the NAL unit.

use std::cell::Cell;
use std::io::{self, BufRead, Read};
use std::num::NonZeroUsize;

use h264_reader::rbsp::{BitReader, ByteReader};

use crate::codec::bits;

/// A source of bytes that counts them; its clones, with which readers look ahead, do not.
pub(super) struct Counted<'a> {
    bytes: ByteReader<&'a [u8]>,
    count: Option<&'a Cell<usize>>,
}

impl Counted<'_> {
    fn add(&self, read: usize) {
        if let Some(count) = self.count {
            count.set(count.get() + read);
        }
    }
}

impl Clone for Counted<'_> {
    fn clone(&self) -> Self {
        Self { bytes: self.bytes.clone(), count: None }
    }
}

impl Read for Counted<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.bytes.read(buffer)?;
        self.add(read);
        Ok(read)
    }
}

impl BufRead for Counted<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.bytes.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        self.add(amount);
        self.bytes.consume(amount);
    }
}

/// The bytes of `unit`, from its start, that `read` reads behind the header of `header` bytes; one that is read in
/// part is counted.
pub(super) fn bytes_read<E>(
    unit: &[u8],
    header: NonZeroUsize,
    read: impl FnOnce(&mut BitReader<Counted<'_>>) -> Result<(), E>,
) -> Result<usize, E> {
    let count = Cell::new(0);
    read(&mut BitReader::new(Counted { bytes: bits::payload(unit, header), count: Some(&count) }))?;
    Ok(header.get() + escaped(&unit[header.get().min(unit.len())..], count.get()))
}

/// Bytes of a payload of which `count` are left when emulation prevention is taken out (ITU-T H.264 § 7.3.1).
fn escaped(payload: &[u8], count: usize) -> usize {
    let (mut zeros, mut left) = (0, count);
    for (at, byte) in payload.iter().enumerate() {
        if zeros >= 2 && *byte == 3 {
            zeros = 0;
            continue;
        }
        if left == 0 {
            return at;
        }
        left -= 1;
        zeros = if *byte == 0 { zeros + 1 } else { 0 };
    }
    payload.len()
}

#[cfg(test)]
mod tests {
    use h264_reader::rbsp::{BitRead, BitReaderError};

    use super::*;

    fn read(unit: &[u8], bits: u32) -> usize {
        let header = bits::AVC_HEADER;
        bytes_read(unit, header, |r| r.skip(bits, "bits").map_err(|e: BitReaderError| e)).expect("enough bits")
    }

    #[test]
    fn bytes_read_in_part_count_and_so_do_those_against_emulation() {
        let unit = [0x65, 0xff, 0, 0, 3, 1, 0xff];
        assert_eq!(read(&unit, 1), 2);
        assert_eq!(read(&unit, 8), 2);
        assert_eq!(read(&unit, 9), 3);
        assert_eq!(read(&unit, 25), 6);
    }
}
