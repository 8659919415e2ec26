//! A secret that nobody prints, and that leaves no copy behind.

use std::fmt;

use serde::{Deserialize, de};
use zeroize::Zeroize;

use crate::media::KeyId;
use crate::media::protect::sixteen_bytes;

/// An AES-128 key. It is wiped when it is dropped, and has no text form: not in `Debug`, not in JSON.
#[derive(Clone, PartialEq, Eq)]
pub struct Key([u8; 16]);

impl Key {
    /// The key of these bytes.
    pub const fn new(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// Its bytes, for a cipher or for whoever the key is written to.
    pub const fn expose(&self) -> &[u8; 16] {
        &self.0
    }
}

impl Drop for Key {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(…)")
    }
}

impl<'de> Deserialize<'de> for Key {
    /// Reads hexadecimal digits. The error does not say what was read.
    fn deserialize<D: de::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(SixteenBytes).map(Self)
    }
}

/// Reads 16 bytes of hexadecimal digits without a copy of the text.
pub(super) struct SixteenBytes;

impl de::Visitor<'_> for SixteenBytes {
    type Value = [u8; 16];

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("32 hexadecimal digits")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<[u8; 16], E> {
        sixteen_bytes(text).ok_or_else(|| E::custom("not 32 hexadecimal digits"))
    }
}

/// A key and its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContentKey {
    /// The name.
    pub kid: KeyId,
    /// The secret.
    pub key: Key,
    /// The initialization vector of whole tracks (`cbcs`) and whole segments (`aes-128`), where it is given.
    pub vector: Option<[u8; 16]>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_not_printed() {
        let key = ContentKey { kid: KeyId([1; 16]), key: Key::new([0xab; 16]), vector: None };
        let text = format!("{key:?} {key:#?}");
        assert!(!text.contains("ab") && !text.contains("171"), "{text}");
    }
}
