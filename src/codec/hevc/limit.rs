//! Values of headers within their limits.

use h264_reader::rbsp::BitReaderError;

/// Why reading ends: the bits end, or say what cannot be.
pub(super) struct Invalid;

impl From<BitReaderError> for Invalid {
    fn from(_: BitReaderError) -> Self {
        Self
    }
}

/// `value` if it is at most `most`.
pub(super) fn limit(value: u32, most: u32) -> Result<u32, Invalid> {
    if value <= most { Ok(value) } else { Err(Invalid) }
}
