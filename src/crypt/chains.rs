//! Chained blocks (NIST SP 800-38A § 6.2, CBC) of several ranges side by side: a block waits for the one before it, and
//! while it does the processor has time for those of other ranges.

use aes::cipher::array::Array;
use aes::cipher::consts::U16;
use aes::cipher::{BlockCipherEncBackend, BlockCipherEncClosure, BlockSizeUser};

use super::ranges::BLOCK;
use crate::media::Pattern;

/// So many ranges go side by side: three times as fast as one. With eight, what is under way of each does not stay in
/// registers, and they are slower than four.
pub(super) const LANES: usize = 4;

/// The ranges of one key, each of them a chain with the vector that it begins with.
pub(super) struct Chains<I> {
    ranges: I,
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
    blocks: &'s mut [[u8; BLOCK]],
    /// Blocks that are encrypted.
    done: usize,
    /// Those that are to be.
    all: usize,
    /// The last one, or the vector.
    last: [u8; BLOCK],
}

impl<'s, I: Iterator<Item = (&'s mut [u8], [u8; BLOCK])>> Chains<I> {
    /// Over all whole blocks of each range, or those that the pattern takes.
    pub(super) fn new(ranges: I, pattern: Option<Pattern>) -> Self {
        let turn = pattern.map_or(Turn { crypt: 1, every: 1 }, |pattern| Turn {
            crypt: usize::from(pattern.crypt),
            every: usize::from(pattern.crypt + pattern.skip),
        });
        Self { ranges, turn }
    }
}

impl Turn {
    /// How many blocks are encrypted of so many.
    fn of(self, blocks: usize) -> usize {
        blocks / self.every * self.crypt + (blocks % self.every).min(self.crypt)
    }

    /// Which block is encrypted after so many others.
    #[inline(always)]
    fn place(self, before: usize) -> usize {
        match self.crypt {
            1 => before * self.every,
            crypt => before / crypt * self.every + before % crypt,
        }
    }
}

impl<I> BlockSizeUser for Chains<I> {
    type BlockSize = U16;
}

impl<'s, I: Iterator<Item = (&'s mut [u8], [u8; BLOCK])>> BlockCipherEncClosure for Chains<I> {
    #[inline(always)]
    fn call<B: BlockCipherEncBackend<BlockSize = U16>>(self, backend: &B) {
        let Self { ranges, turn } = self;
        let mut waiting = ranges.filter_map(|(range, last)| {
            let (blocks, _) = range.as_chunks_mut();
            let all = turn.of(blocks.len());
            (all > 0).then_some(Lane { blocks, done: 0, all, last })
        });
        let mut lanes: Vec<Lane<'_>> = waiting.by_ref().take(LANES).collect();
        while let Some(steps) = lanes.iter().map(|lane| lane.all - lane.done).min() {
            let (fours, rest) = lanes.as_chunks_mut::<LANES>();
            fours.iter_mut().for_each(|lanes| go_on(backend, turn, lanes, steps));
            let (twos, rest) = rest.as_chunks_mut::<2>();
            twos.iter_mut().for_each(|lanes| go_on(backend, turn, lanes, steps));
            rest.as_chunks_mut::<1>().0.iter_mut().for_each(|lane| go_on(backend, turn, lane, steps));
            lanes.retain(|lane| lane.done < lane.all);
            lanes.extend(waiting.by_ref().take(LANES - lanes.len()));
        }
    }
}

/// Encrypts so many blocks of each lane. Their number is known when this is compiled, so that what is under way of each
/// stays in registers.
#[inline(always)]
fn go_on<B, const COUNT: usize>(backend: &B, turn: Turn, lanes: &mut [Lane<'_>; COUNT], steps: usize)
where
    B: BlockCipherEncBackend<BlockSize = U16>,
{
    let mut last: [Array<u8, U16>; COUNT] = lanes.each_ref().map(|lane| lane.last.into());
    for step in 0..steps {
        let blocks = lanes.each_mut().map(|lane| &mut lane.blocks[turn.place(lane.done + step)]);
        for (last, block) in last.iter_mut().zip(&blocks) {
            *last = (u128::from_ne_bytes(last.0) ^ u128::from_ne_bytes(**block)).to_ne_bytes().into();
        }
        for last in &mut last {
            backend.encrypt_block_inplace(last);
        }
        for (block, last) in blocks.into_iter().zip(&last) {
            *block = last.0;
        }
    }
    for (lane, last) in lanes.iter_mut().zip(last) {
        (lane.done, lane.last) = (lane.done + steps, last.0);
    }
}
