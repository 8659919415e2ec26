//! Bytes of a text file in, text out: which characters they are is said by a mark at the start, or guessed.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::Encoding;

/// Text, and how its bytes were read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decoded {
    /// The text, without a byte order mark.
    pub text: String,
    /// The encoding that was guessed, by its name in the Encoding Standard; nothing when it is certain.
    pub guessed: Option<&'static str>,
}

/// Reads `bytes`: UTF-8 or UTF-16 by its mark, UTF-8 without one, and else what the letters are likely to be.
pub fn decode(bytes: &[u8]) -> Decoded {
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        let (text, _) = encoding.decode_without_bom_handling(&bytes[mark..]);
        return Decoded { text: text.into_owned(), guessed: None };
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Decoded { text: text.to_owned(), guessed: None };
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Allow);
    detector.feed(bytes, true);
    let encoding = detector.guess(None, Utf8Detection::Deny);
    let (text, _) = encoding.decode_without_bom_handling(bytes);
    Decoded { text: text.into_owned(), guessed: Some(encoding.name()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_and_utf8_are_certain() {
        for bytes in [&b"\xef\xbb\xbfna\xc3\xafve"[..], b"\xff\xfen\0a\0\xef\0v\0e\0", b"na\xc3\xafve"] {
            assert_eq!(decode(bytes), Decoded { text: "na\u{ef}ve".to_owned(), guessed: None });
        }
    }

    #[test]
    fn letters_of_one_byte_are_guessed() {
        let western = b"Er fl\xfcsterte: \xdcber den Fl\xfcssen h\xe4ngt Nebel, sch\xf6ne Gr\xfc\xdfe.";
        let decoded = decode(western);
        assert_eq!(decoded.guessed, Some("windows-1252"));
        assert!(decoded.text.contains("\u{dc}ber den Fl\u{fc}ssen"), "{}", decoded.text);
        let cyrillic =
            b"\xcf\xf0\xe8\xe2\xe5\xf2, \xea\xe0\xea \xe4\xe5\xeb\xe0? \xc2\xf1\xb8 \xf5\xee\xf0\xee\xf8\xee.";
        assert_eq!(decode(cyrillic).guessed, Some("windows-1251"));
    }
}
