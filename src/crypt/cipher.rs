//! AES-128 in the two ways of Common Encryption. Hardware instructions are used where the processor has them.

use aes::Aes128;
use aes::cipher::array::Array;
use aes::cipher::{BlockModeEncrypt, InnerIvInit, KeyInit, StreamCipher};

use super::key::Key;
use super::ranges::BLOCK;
use crate::media::{Pattern, Subsample};

type Counter = ctr::Ctr64BE<Aes128>;
type Chain = cbc::Encryptor<Aes128>;

/// So many blocks of a pattern are encrypted in one call; a pattern takes at most 15 in a row.
const RUN: usize = 64;

/// A key, expanded. It is wiped when it is dropped.
pub(super) struct Cipher(Aes128);

impl std::fmt::Debug for Cipher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Cipher(…)")
    }
}

impl Cipher {
    pub(super) fn new(key: &Key) -> Self {
        Self(Aes128::new(key.expose().into()))
    }

    /// `cenc` (ISO/IEC 23001-7:2023 § 10.1): the blocks of the counter run on from one protected range to the next. The
    /// vector is the upper half of the first block, the lower half counts from 0 (§ 9.6).
    pub(super) fn count(&self, sample: &mut [u8], vector: [u8; 8], ranges: &[Subsample]) {
        let mut block = [0; BLOCK];
        block[..8].copy_from_slice(&vector);
        let mut counter = Counter::from_core(ctr::CtrCore::inner_iv_init(self.0.clone(), &block.into()));
        each_protected(sample, ranges, |bytes| counter.apply_keystream(bytes));
    }

    /// `cbcs` (§ 10.4): the chain begins anew with `vector` in each protected range, goes over the blocks of the pattern
    /// alone, and leaves what is behind the last whole block.
    pub(super) fn chain(&self, sample: &mut [u8], vector: [u8; 16], ranges: &[Subsample], pattern: Option<Pattern>) {
        let every = pattern.map_or(BLOCK, |pattern| BLOCK * usize::from(pattern.crypt + pattern.skip));
        let taken = pattern.map_or(BLOCK, |pattern| BLOCK * usize::from(pattern.crypt));
        each_protected(sample, ranges, |bytes| {
            let mut chain = Chain::inner_iv_init(self.0.clone(), &vector.into());
            if taken == every {
                return chain.encrypt_blocks(Array::cast_slice_from_core_mut(bytes.as_chunks_mut::<BLOCK>().0));
            }
            // A call for one block costs three times what the block does: those of many turns are put side by side.
            let mut run = [[0; BLOCK]; RUN];
            for part in bytes.chunks_mut(every * (RUN / (taken / BLOCK)).max(1)) {
                let mut filled = 0;
                for turn in part.chunks(every) {
                    for block in turn[..taken.min(turn.len())].as_chunks::<BLOCK>().0 {
                        run[filled] = *block;
                        filled += 1;
                    }
                }
                chain.encrypt_blocks(Array::cast_slice_from_core_mut(&mut run[..filled]));
                let mut done = run.iter();
                for turn in part.chunks_mut(every) {
                    let taken = taken.min(turn.len());
                    turn[..taken]
                        .as_chunks_mut::<BLOCK>()
                        .0
                        .iter_mut()
                        .zip(&mut done)
                        .for_each(|(to, from)| *to = *from);
                }
            }
        });
    }
}

/// Gives every protected range of a sample to `work`: all of it when there are no ranges.
fn each_protected(sample: &mut [u8], ranges: &[Subsample], mut work: impl FnMut(&mut [u8])) {
    if ranges.is_empty() {
        return work(sample);
    }
    let mut rest = sample;
    for range in ranges {
        let (_, after) = rest.split_at_mut(range.clear.into());
        let (protected, after) = after.split_at_mut(range.protected as usize);
        work(protected);
        rest = after;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::protect::sixteen_bytes;

    fn bytes(hex: &str) -> Vec<u8> {
        (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).expect("hexadecimal")).collect()
    }

    fn sixteen(hex: &str) -> [u8; 16] {
        sixteen_bytes(hex).expect("16 bytes")
    }

    /// The key and plaintext of NIST SP 800-38A, appendix F.
    fn nist() -> (Cipher, Vec<u8>) {
        let plain = "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51\
                     30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710";
        let plain: String = plain.chars().filter(char::is_ascii_hexdigit).collect();
        (Cipher::new(&Key::new(sixteen("2b7e151628aed2a6abf7158809cf4f3c"))), bytes(&plain))
    }

    #[test]
    fn counter_mode_gives_what_nist_publishes() {
        // § F.5.1 counts from f0f1…ff; the lower half of ours from 0, so its blocks are those of the block cipher alone.
        let (cipher, mut plain) = nist();
        let block = sixteen("f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff");
        let mut counter = Counter::from_core(ctr::CtrCore::inner_iv_init(cipher.0.clone(), &block.into()));
        counter.apply_keystream(&mut plain);
        let expected = "874d6191b620e3261bef6864990db6ce9806f66b7970fdff8617187bb9fffdff\
                        5ae4df3edbd5d35e5b4f09020db03eab1e031dda2fbe03d1792170a0f3009cee";
        let expected: String = expected.chars().filter(char::is_ascii_hexdigit).collect();
        assert_eq!(plain, bytes(&expected));
    }

    #[test]
    fn the_counter_is_the_vector_and_then_zero() {
        // FIPS 197, appendix C.1 in counter mode: the key stream of block 0 is AES(vector, 0).
        let cipher = Cipher::new(&Key::new(sixteen("000102030405060708090a0b0c0d0e0f")));
        let mut stream = vec![0; 32];
        cipher.count(&mut stream, [0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77], &[]);
        let mut apart = vec![9; 7];
        apart.extend([0; 16]);
        apart.extend([9; 3]);
        apart.extend([0; 16]);
        let ranges = [Subsample { clear: 7, protected: 16 }, Subsample { clear: 3, protected: 16 }];
        cipher.count(&mut apart, [0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77], &ranges);
        assert_eq!((&apart[7..23], &apart[26..]), (&stream[..16], &stream[16..]));
        assert_eq!((&apart[..7], &apart[23..26]), (&[9; 7][..], &[9; 3][..]));
    }

    #[test]
    fn chained_mode_gives_what_nist_publishes() {
        // § F.2.1.
        let (cipher, mut plain) = nist();
        cipher.chain(&mut plain, sixteen("000102030405060708090a0b0c0d0e0f"), &[], None);
        let expected = "7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b2\
                        73bed6b8e3c1743b7116e69e222295163ff1caa1681fac09120eca307586e1a7";
        let expected: String = expected.chars().filter(char::is_ascii_hexdigit).collect();
        assert_eq!(plain, bytes(&expected));
    }

    #[test]
    fn the_pattern_chains_over_what_it_takes() {
        let (cipher, four) = nist();
        let vector = sixteen("000102030405060708090a0b0c0d0e0f");
        // The four blocks of § F.2.1 at places 0, 10, 20 and 30 of one range, and half a block at the end.
        let mut sample = vec![0xcc; 5];
        for block in four.chunks(16) {
            sample.extend_from_slice(block);
            sample.extend([0xdd; 9 * 16]);
        }
        sample.extend([0xee; 8]);
        let range = Subsample { clear: 5, protected: sample.len() as u32 - 5 };
        cipher.chain(&mut sample, vector, &[range], Some(Pattern { crypt: 1, skip: 9 }));
        let mut expected = four;
        cipher.chain(&mut expected, vector, &[], None);
        for (turn, block) in sample[5..].chunks(160).zip(expected.chunks(16)) {
            assert_eq!(&turn[..16], block);
            assert!(turn[16..].iter().all(|byte| *byte == 0xdd));
        }
        assert_eq!(sample[sample.len() - 8..], [0xee; 8]);
        assert_eq!(sample[..5], [0xcc; 5]);
    }

    #[test]
    fn the_chain_begins_anew_in_each_range_and_leaves_what_is_less_than_a_block() {
        let (cipher, four) = nist();
        let mut sample = [&four[..16], &four[..16], &[7; 15]].concat();
        let ranges = [Subsample { clear: 0, protected: 16 }, Subsample { clear: 0, protected: 31 }];
        cipher.chain(&mut sample, [3; 16], &ranges, Some(Pattern { crypt: 1, skip: 9 }));
        assert_eq!(sample[..16], sample[16..32]);
        assert_eq!(sample[32..], [7; 15]);
    }
}
