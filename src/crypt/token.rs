//! What somebody shows to get the key of whole segments.

use std::fmt;

/// A secret that opens a key server. It has no text form; what is kept of it is a hash.
#[derive(Clone)]
pub struct Token(blake3::Hash);

/// A text that is no token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a token is one line of at least 16 letters, digits and -._~")]
pub struct NotAToken;

impl Token {
    /// The token of this text, around which spaces and line ends do not matter. It can stand in a URL and in a header
    /// as it is.
    pub fn new(text: &str) -> Result<Self, NotAToken> {
        const SHORTEST: usize = 16;
        let text = text.trim();
        let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        let kept = text.len() >= SHORTEST && text.bytes().all(unreserved);
        if kept { Ok(Self(blake3::hash(text.as_bytes()))) } else { Err(NotAToken) }
    }

    /// Whether it is the one that is shown, in a time that does not tell how much of it is right.
    pub fn is(&self, shown: &str) -> bool {
        // Hashes are compared in constant time, and how long hashing takes depends on what is shown alone.
        self.0 == blake3::hash(shown.as_bytes())
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_whole_token_is_the_token() {
        let token = Token::new(" 0123456789abcdef\n").expect("16 digits");
        assert!(token.is("0123456789abcdef"));
        for other in ["", "0123456789abcde", "0123456789abcdeg", "0123456789abcdef0"] {
            assert!(!token.is(other), "{other}");
        }
        assert_eq!(format!("{token:?}"), "Token(…)");
    }

    #[test]
    fn what_is_short_or_cannot_stand_in_a_url_is_no_token() {
        for text in ["", "0123456789abcde", "0123456789 abcdef", "0123456789abcd&f", "0123456789abcdef\n0"] {
            assert!(Token::new(text).is_err(), "{text}");
        }
    }
}
