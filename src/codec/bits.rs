//! Reading bits: plain ones, and those of a NAL unit.

use std::io;
use std::num::NonZeroUsize;

use bitstream_io::{BigEndian, BitReader};
use h264_reader::rbsp::{self, ByteReader};

/// Bits of a header, the highest of each byte first.
pub(super) type Bits<'a> = BitReader<&'a [u8], BigEndian>;

/// The bits of `bytes`.
pub(super) fn bits(bytes: &[u8]) -> Bits<'_> {
    BitReader::endian(bytes, BigEndian)
}

/// The bytes of a NAL unit behind its header of `header` bytes, without emulation prevention.
pub(super) fn payload(unit: &[u8], header: NonZeroUsize) -> ByteReader<&[u8]> {
    ByteReader::skipping_bytes(unit, header)
}

/// The same as bits and Exp-Golomb codes.
pub(super) fn rbsp(unit: &[u8], header: NonZeroUsize) -> rbsp::BitReader<ByteReader<&[u8]>> {
    rbsp::BitReader::new(payload(unit, header))
}

/// The header of a NAL unit of H.264.
pub(super) const AVC_HEADER: NonZeroUsize = NonZeroUsize::new(1).expect("one is not zero");
/// The header of a NAL unit of HEVC.
pub(super) const HEVC_HEADER: NonZeroUsize = NonZeroUsize::new(2).expect("two is not zero");

/// An error of one of the readers, which say no more than that the bits do not suffice.
pub(super) fn invalid() -> io::Error {
    io::ErrorKind::InvalidData.into()
}
