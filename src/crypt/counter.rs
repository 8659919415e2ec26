//! Counted blocks (NIST SP 800-38A § 6.5, CTR) over ranges that follow each other.

use aes::cipher::array::Array;
use aes::cipher::consts::U16;
use aes::cipher::{BlockCipherEncBackend, BlockCipherEncClosure, BlockSizeUser};

use super::ranges::BLOCK;

/// So many blocks are made at once: they stay in registers, which the many more that a backend offers do not.
const AT_ONCE: usize = 8;

/// The ranges of one key stream.
pub(super) struct Counter<I> {
    ranges: I,
    /// The upper half of each block.
    vector: u64,
    /// The lower half of the next one.
    next: u64,
}

impl<'s, I: Iterator<Item = &'s mut [u8]>> Counter<I> {
    /// Over all bytes of the ranges. The first block is `vector` and `first`.
    pub(super) fn new(ranges: I, vector: [u8; 8], first: u64) -> Self {
        Self { ranges, vector: u64::from_be_bytes(vector), next: first }
    }
}

impl<I> BlockSizeUser for Counter<I> {
    type BlockSize = U16;
}

impl<'s, I: Iterator<Item = &'s mut [u8]>> BlockCipherEncClosure for Counter<I> {
    #[inline(always)]
    fn call<B: BlockCipherEncBackend<BlockSize = U16>>(self, backend: &B) {
        let Self { ranges, vector, mut next } = self;
        let mut stream = |blocks: &mut [Array<u8, U16>]| {
            for block in &mut *blocks {
                *block = (u128::from(vector) << 64 | u128::from(next)).to_be_bytes().into();
                next = next.wrapping_add(1);
            }
            blocks.iter_mut().for_each(|block| backend.encrypt_block_inplace(block));
        };
        // What the last range has left of its last block.
        let (mut last, mut left) = ([Array::default()], 0);
        for range in ranges {
            let (begun, range) = range.split_at_mut(left.min(range.len()));
            begun.iter_mut().zip(&last[0][BLOCK - left..]).for_each(|(byte, key)| *byte ^= key);
            left -= begun.len();
            let (blocks, rest) = range.as_chunks_mut::<BLOCK>();
            let (groups, blocks) = blocks.as_chunks_mut::<AT_ONCE>();
            for group in groups {
                let mut keys = [Array::default(); AT_ONCE];
                stream(&mut keys);
                group.iter_mut().zip(&keys).for_each(|(block, key)| mask(block, key));
            }
            for block in blocks {
                stream(&mut last);
                mask(block, &last[0]);
            }
            if !rest.is_empty() {
                stream(&mut last);
                rest.iter_mut().zip(&last[0]).for_each(|(byte, key)| *byte ^= key);
                left = BLOCK - rest.len();
            }
        }
    }
}

#[inline(always)]
fn mask(block: &mut [u8; BLOCK], key: &Array<u8, U16>) {
    *block = (u128::from_ne_bytes(*block) ^ u128::from_ne_bytes(key.0)).to_ne_bytes();
}
