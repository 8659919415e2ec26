//! The check sum of sections (ISO/IEC 13818-1 annex A).

const POLYNOMIAL: u32 = 0x04C1_1DB7;

/// Nothing for a section that ends with its own check sum.
pub(super) fn remainder(bytes: &[u8]) -> u32 {
    bytes.iter().fold(u32::MAX, |sum, byte| {
        (0..8).fold(sum ^ (u32::from(*byte) << 24), |sum, _| {
            if sum & 0x8000_0000 == 0 { sum << 1 } else { sum << 1 ^ POLYNOMIAL }
        })
    })
}

/// These bytes with their check sum.
#[cfg(test)]
pub(crate) fn summed(bytes: &[u8]) -> Vec<u8> {
    [bytes, &remainder(bytes).to_be_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The check value of CRC-32/MPEG-2.
    #[test]
    fn the_sum_is_that_of_mpeg() {
        assert_eq!(remainder(b"123456789"), 0x0376_E6E7);
    }
}
