//! AES-128 in the two ways of Common Encryption. Hardware instructions are used where the processor has them.

use aes::Aes128;
use aes::cipher::{BlockCipherEncrypt, KeyInit};

use super::chains::Chains;
use super::counter::Counter;
use super::key::Key;
use super::ranges::BLOCK;
use crate::media::{Pattern, Subsample};

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
    pub(super) fn count<'s>(&self, ranges: impl Iterator<Item = &'s mut [u8]>, vector: [u8; 8]) {
        self.0.encrypt_with_backend(Counter::new(ranges, vector, 0));
    }

    /// `cbcs` (§ 10.4): the chain begins anew with `vector` in each protected range, goes over the blocks of the pattern
    /// alone, and leaves what is behind the last whole block. Many ranges take less time together than one by one.
    pub(super) fn chain<'s>(
        &self,
        ranges: impl Iterator<Item = &'s mut [u8]>,
        vector: [u8; BLOCK],
        pattern: Option<Pattern>,
    ) {
        self.0.encrypt_with_backend(Chains::new(ranges.map(|range| (range, vector)), pattern));
    }

    /// A chain over all whole blocks of each range, which begins with a vector of its own.
    pub(super) fn chain_each<'s>(&self, ranges: impl Iterator<Item = (&'s mut [u8], [u8; BLOCK])>) {
        self.0.encrypt_with_backend(Chains::new(ranges, None));
    }
}

/// Every protected range of a sample: all of it when there are no ranges.
pub(super) fn protected<'s>(sample: &'s mut [u8], ranges: &'s [Subsample]) -> impl Iterator<Item = &'s mut [u8]> {
    let (whole, mut rest) = if ranges.is_empty() { (Some(sample), Default::default()) } else { (None, sample) };
    let each = ranges.iter().map(move |range| {
        let (_, after) = std::mem::take(&mut rest).split_at_mut(range.clear.into());
        let (protected, after) = after.split_at_mut(range.protected as usize);
        rest = after;
        protected
    });
    whole.into_iter().chain(each)
}

#[cfg(test)]
mod tests {
    use aes::cipher::{BlockModeEncrypt, InnerIvInit, StreamCipher};

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
        // § F.5.1 counts from f0f1…ff.
        let (cipher, mut plain) = nist();
        let vector = [0xf0, 0xf1, 0xf2, 0xf3, 0xf4, 0xf5, 0xf6, 0xf7];
        let ranges = std::iter::once(plain.as_mut_slice());
        cipher.0.encrypt_with_backend(Counter::new(ranges, vector, 0xf8f9_fafb_fcfd_feff));
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
        cipher.count(protected(&mut stream, &[]), [0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77]);
        let mut apart = vec![9; 7];
        apart.extend([0; 16]);
        apart.extend([9; 3]);
        apart.extend([0; 16]);
        let ranges = [Subsample { clear: 7, protected: 16 }, Subsample { clear: 3, protected: 16 }];
        cipher.count(protected(&mut apart, &ranges), [0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77]);
        assert_eq!((&apart[7..23], &apart[26..]), (&stream[..16], &stream[16..]));
        assert_eq!((&apart[..7], &apart[23..26]), (&[9; 7][..], &[9; 3][..]));
    }

    /// What the `ctr` crate makes of them.
    #[test]
    fn the_key_stream_runs_on_from_range_to_range() {
        let (cipher, _) = nist();
        let lengths = [0, 5, 11, 0, 16, 1, 3, 2, 10, 128, 129, 127, 400, 31, 1, 1, 2000, 15, 33];
        let range = |(at, length): (usize, &usize)| (0..*length).map(|byte| (byte * 7 + at * 13) as u8).collect();
        let clear: Vec<Vec<u8>> = lengths.iter().enumerate().map(range).collect();
        let mut counted = clear.clone();
        cipher.count(counted.iter_mut().map(Vec::as_mut_slice), [5; 8]);
        let block = [[5; 8], [0; 8]].concat();
        let block: [u8; 16] = block.try_into().expect("16 bytes");
        let mut counter = ctr::Ctr64BE::from_core(ctr::CtrCore::inner_iv_init(cipher.0.clone(), &block.into()));
        let mut expected = clear;
        expected.iter_mut().for_each(|range| counter.apply_keystream(range));
        assert_eq!(counted, expected);
    }

    #[test]
    fn chained_mode_gives_what_nist_publishes() {
        // § F.2.1.
        let (cipher, mut plain) = nist();
        cipher.chain(protected(&mut plain, &[]), sixteen("000102030405060708090a0b0c0d0e0f"), None);
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
        cipher.chain(protected(&mut sample, &[range]), vector, Some(Pattern { crypt: 1, skip: 9 }));
        let mut expected = four;
        cipher.chain(protected(&mut expected, &[]), vector, None);
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
        cipher.chain(protected(&mut sample, &ranges), [3; 16], Some(Pattern { crypt: 1, skip: 9 }));
        assert_eq!(sample[..16], sample[16..32]);
        assert_eq!(sample[32..], [7; 15]);
    }

    /// What the `cbc` crate makes of each range by itself.
    #[test]
    fn chains_beside_each_other_are_what_they_are_alone() {
        let (cipher, _) = nist();
        let lengths = [0, 15, 16, 17, 159, 160, 161, 175, 176, 320, 331, 4000, 4001, 33, 1600, 9000, 48, 700, 16, 2];
        let range = |(at, length): (usize, &usize)| (0..*length).map(|byte| (byte * 7 + at * 13) as u8).collect();
        let clear: Vec<Vec<u8>> = lengths.iter().enumerate().map(range).collect();
        for (crypt, skip) in [(1, 0), (1, 9), (5, 5), (3, 1)] {
            let pattern = (skip > 0).then_some(Pattern { crypt, skip });
            let mut together = clear.clone();
            cipher.chain(together.iter_mut().map(Vec::as_mut_slice), [9; 16], pattern);
            for (range, clear) in together.iter().zip(&clear) {
                let mut expected = clear.clone();
                let mut chain = cbc::Encryptor::<Aes128>::inner_iv_init(cipher.0.clone(), &[9; 16].into());
                for turn in expected.chunks_mut(usize::from(crypt + skip) * BLOCK) {
                    for block in turn.chunks_exact_mut(BLOCK).take(crypt.into()) {
                        chain.encrypt_block(block.try_into().expect("16 bytes"));
                    }
                }
                assert_eq!(*range, expected, "{crypt}:{skip}, {} bytes", clear.len());
            }
        }
    }
}
