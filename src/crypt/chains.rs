//! Chained blocks (NIST SP 800-38A § 6.2, CBC) of several ranges side by side: a block waits for the one before it, and
//! while it does the processor has time for those of other ranges.

use aes::cipher::array::Array;
use aes::cipher::consts::U16;
use aes::cipher::{BlockCipherEncBackend, BlockCipherEncClosure, BlockSizeUser};

use super::ranges::BLOCK;
use crate::media::Pattern;

/// So many ranges go side by side: more than the rounds of a block have steps that wait for each other gain nothing.
const LANES: usize = 8;

/// The ranges of one key, each of them a chain that begins with the same vector.
pub(super) struct Chains<I> {
    ranges: I,
    vector: Array<u8, U16>,
    turn: Turn,
}

/// Which blocks of a range a chain goes over.
#[derive(Clone, Copy)]
struct Turn {
    /// Blocks that are encrypted, from the start of each turn on.
    crypt: usize,
    /// Blocks of a turn.
    every: usize,
}

/// A range on its way.
struct Lane<'s> {
    range: &'s mut [u8],
    /// Blocks that are encrypted.
    done: usize,
    /// Those that are to be.
    all: usize,
    /// The last one, or the vector.
    last: Array<u8, U16>,
}

impl<'s, I: Iterator<Item = &'s mut [u8]>> Chains<I> {
    /// Over all whole blocks of each range, or those that the pattern takes.
    pub(super) fn new(ranges: I, vector: [u8; BLOCK], pattern: Option<Pattern>) -> Self {
        let turn = pattern.map_or(Turn { crypt: 1, every: 1 }, |pattern| Turn {
            crypt: usize::from(pattern.crypt),
            every: usize::from(pattern.crypt + pattern.skip),
        });
        Self { ranges, vector: vector.into(), turn }
    }
}

impl Turn {
    /// How many blocks are encrypted in a range of so many bytes.
    fn blocks(self, bytes: usize) -> usize {
        let blocks = bytes / BLOCK;
        blocks / self.every * self.crypt + (blocks % self.every).min(self.crypt)
    }

    /// Where the block lies that is encrypted after so many others.
    #[inline(always)]
    fn place(self, before: usize) -> usize {
        match self.crypt {
            1 => before * self.every * BLOCK,
            crypt => (before / crypt * self.every + before % crypt) * BLOCK,
        }
    }
}

impl<I> BlockSizeUser for Chains<I> {
    type BlockSize = U16;
}

impl<'s, I: Iterator<Item = &'s mut [u8]>> BlockCipherEncClosure for Chains<I> {
    #[inline(always)]
    fn call<B: BlockCipherEncBackend<BlockSize = U16>>(self, backend: &B) {
        let Self { ranges, vector, turn } = self;
        let mut waiting = ranges.filter_map(|range| {
            let all = turn.blocks(range.len());
            (all > 0).then_some(Lane { range, done: 0, all, last: vector })
        });
        let mut lanes: Vec<Lane<'_>> = waiting.by_ref().take(LANES).collect();
        while let Some(steps) = lanes.iter().map(|lane| lane.all - lane.done).min() {
            for step in 0..steps {
                for lane in &mut lanes {
                    let at = turn.place(lane.done + step);
                    let block = &lane.range[at..at + BLOCK];
                    lane.last.iter_mut().zip(block).for_each(|(byte, next)| *byte ^= next);
                }
                for lane in &mut lanes {
                    backend.encrypt_block_inplace(&mut lane.last);
                }
                for lane in &mut lanes {
                    let at = turn.place(lane.done + step);
                    lane.range[at..at + BLOCK].copy_from_slice(&lane.last);
                }
            }
            lanes.iter_mut().for_each(|lane| lane.done += steps);
            lanes.retain(|lane| lane.done < lane.all);
            lanes.extend(waiting.by_ref().take(LANES - lanes.len()));
        }
    }
}
