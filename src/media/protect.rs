//! How samples are protected (ISO/IEC 23001-7, Common Encryption): what boxes and manifests say of it. No key is here.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize, Serializer, de};

/// A protection scheme (ISO/IEC 23001-7:2023 § 10).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scheme {
    /// AES-CTR (§ 10.1).
    Cenc,
    /// AES-CBC, of video one block in ten (§ 10.4).
    Cbcs,
}

impl Scheme {
    /// The name, which is its four-character code too.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cenc => "cenc",
            Self::Cbcs => "cbcs",
        }
    }

    /// What EXT-X-KEY calls it (RFC 8216bis § 4.4.4.4).
    pub const fn hls_method(self) -> &'static str {
        match self {
            Self::Cenc => "SAMPLE-AES-CTR",
            Self::Cbcs => "SAMPLE-AES",
        }
    }

    /// The four-character code of `schm`.
    pub const fn fourcc(self) -> &'static [u8; 4] {
        match self {
            Self::Cenc => b"cenc",
            Self::Cbcs => b"cbcs",
        }
    }
}

impl fmt::Display for Scheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Names a key: no secret. Written as a UUID, `01234567-89ab-cdef-0123-456789abcdef`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId(pub [u8; 16]);

impl KeyId {
    /// The 32 hexadecimal digits alone.
    pub fn hex(&self) -> String {
        hex(&self.0)
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hex = self.hex();
        write!(f, "{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A text that is not 16 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it is not 32 hexadecimal digits, with or without hyphens")]
pub struct NotSixteenBytes;

impl FromStr for KeyId {
    type Err = NotSixteenBytes;

    fn from_str(text: &str) -> Result<Self, NotSixteenBytes> {
        sixteen_bytes(text).map(Self).ok_or(NotSixteenBytes)
    }
}

impl Serialize for KeyId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for KeyId {
    fn deserialize<D: de::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

/// Which blocks of a protected range are encrypted: so many, then so many are not, and again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pattern {
    /// Encrypted blocks of 16 bytes.
    pub crypt: u8,
    /// Blocks left as they are.
    pub skip: u8,
}

/// Where the initialization vectors of a track are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VectorOf {
    /// Each sample has one of 8 bytes.
    Sample,
    /// All samples have this one.
    Track([u8; 16]),
}

/// How the samples of a track, or of a period of it, are protected: the facts of `tenc` and `seig`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Protection {
    /// The scheme.
    pub scheme: Scheme,
    /// The key.
    pub kid: KeyId,
    /// The pattern; nothing where every whole block is encrypted.
    pub pattern: Option<Pattern>,
    /// The initialization vectors.
    pub vector: VectorOf,
}

/// A clear range of a sample and the protected one behind it, in bytes (§ 9.5).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Subsample {
    /// Bytes as they are: headers.
    pub clear: u16,
    /// Bytes that the scheme encrypts.
    pub protected: u32,
}

/// What `senc` says of one sample.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SampleProtection {
    /// Its own initialization vector, where there is one.
    pub vector: Option<[u8; 8]>,
    /// Its ranges; none when the sample is protected as a whole.
    pub subsamples: Vec<Subsample>,
}

/// `bytes` in hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The 16 bytes of 32 hexadecimal digits; hyphens, and `0x` before them, do not matter.
pub fn sixteen_bytes(text: &str) -> Option<[u8; 16]> {
    let text = text.trim();
    let digits = text.strip_prefix("0x").or(text.strip_prefix("0X")).unwrap_or(text);
    let mut nibbles = digits.bytes().filter(|byte| *byte != b'-').map(|digit| (digit as char).to_digit(16));
    let mut bytes = [0; 16];
    for byte in &mut bytes {
        *byte = (nibbles.next()?? << 4 | nibbles.next()??) as u8;
    }
    nibbles.next().is_none().then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_id_is_a_uuid_and_reads_both_forms() {
        let id: KeyId = "0x0123456789ABCDEF0123456789abcdef".parse().expect("32 digits");
        assert_eq!(id.to_string(), "01234567-89ab-cdef-0123-456789abcdef");
        assert_eq!(id.to_string().parse(), Ok(id));
    }

    #[test]
    fn what_is_not_sixteen_bytes_is_no_key_id() {
        for text in ["", "0123", "0123456789abcdef0123456789abcdefff", "0123456789abcdef0123456789abcdeg"] {
            assert_eq!(text.parse::<KeyId>(), Err(NotSixteenBytes), "{text}");
        }
    }
}
