//! AES-128 the way back, from the block cipher up: what encrypts sets is held against it.

use aes::Aes128;
use aes::cipher::{BlockCipherDecrypt, BlockCipherEncrypt, KeyInit};

/// AES works on blocks of so many bytes.
pub(super) const BLOCK: usize = 16;

/// A key, expanded. It is wiped when it is dropped.
pub(super) struct Cipher(Aes128);

impl Cipher {
    pub(super) fn new(key: &[u8; BLOCK]) -> Self {
        Self(Aes128::new(key.into()))
    }

    /// CBC (NIST SP 800-38A § 6.2) over the whole blocks of `bytes`, behind the block `before`; gives the last one that
    /// was read.
    pub(super) fn unchain(&self, bytes: &mut [u8], mut before: [u8; BLOCK]) -> [u8; BLOCK] {
        for block in bytes.as_chunks_mut::<BLOCK>().0 {
            let read = *block;
            self.0.decrypt_block(block.into());
            block.iter_mut().zip(before).for_each(|(byte, mask)| *byte ^= mask);
            before = read;
        }
        before
    }

    /// A key stream in counter mode (§ 6.5) that begins with the block `counter`.
    pub(super) fn stream(&self, counter: [u8; BLOCK]) -> Stream<'_> {
        Stream { cipher: self, counter: u128::from_be_bytes(counter), block: [0; BLOCK], used: BLOCK }
    }
}

/// A key stream.
pub(super) struct Stream<'c> {
    cipher: &'c Cipher,
    counter: u128,
    block: [u8; BLOCK],
    used: usize,
}

impl Stream<'_> {
    /// Puts what comes next of the stream over `bytes`.
    pub(super) fn over(&mut self, bytes: &mut [u8]) {
        for byte in bytes {
            if self.used == BLOCK {
                self.block = self.counter.to_be_bytes();
                self.cipher.0.encrypt_block((&mut self.block).into());
                // ISO/IEC 23001-7:2023 § 9.3: the lower half counts and wraps, the upper half stays.
                let lower = (self.counter as u64).wrapping_add(1);
                self.counter = self.counter >> 64 << 64 | u128::from(lower);
                self.used = 0;
            }
            *byte ^= self.block[self.used];
            self.used += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sixteen(text: &str) -> [u8; 16] {
        u128::from_str_radix(text, 16).expect("16 bytes").to_be_bytes()
    }

    /// NIST SP 800-38A §§ F.2.2 and F.5.2, first two blocks.
    #[test]
    fn both_ways_give_what_nist_publishes() {
        let cipher = Cipher::new(&sixteen("2b7e151628aed2a6abf7158809cf4f3c"));
        let plain = [sixteen("6bc1bee22e409f96e93d7e117393172a"), sixteen("ae2d8a571e03ac9c9eb76fac45af8e51")].concat();
        let mut chained =
            [sixteen("7649abac8119b246cee98e9b12e9197d"), sixteen("5086cb9b507219ee95db113a917678b2")].concat();
        let last = cipher.unchain(&mut chained, sixteen("000102030405060708090a0b0c0d0e0f"));
        assert_eq!((chained, last), (plain.clone(), sixteen("5086cb9b507219ee95db113a917678b2")));
        let mut counted =
            [sixteen("874d6191b620e3261bef6864990db6ce"), sixteen("9806f66b7970fdff8617187bb9fffdff")].concat();
        let mut stream = cipher.stream(sixteen("f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff"));
        stream.over(&mut counted[..5]);
        stream.over(&mut counted[5..]);
        assert_eq!(counted, plain);
    }
}
