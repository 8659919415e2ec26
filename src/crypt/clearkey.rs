//! Licences of Clear Key (W3C, Encrypted Media Extensions § 9.1): keys as JSON, for whoever asks.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use zeroize::Zeroizing;

use super::keys::Keys;
use crate::media::KeyId;

/// What a player sends (§ 9.1.3).
#[derive(Deserialize)]
struct Request {
    /// Key ids in base64url.
    kids: Vec<String>,
}

/// The answer to a request (§ 9.1.4): those of the keys that are there. Nothing when it is no request.
pub fn licence(keys: &Keys, request: &[u8]) -> Option<Zeroizing<String>> {
    let request: Request = serde_json::from_slice(request).ok()?;
    // With room for all of it: a text that grows leaves copies behind.
    let mut text = Zeroizing::new(String::with_capacity(64 + 96 * request.kids.len().min(keys.entries().len())));
    text.push_str("{\"keys\":[");
    let mut told = Vec::new();
    for asked in &request.kids {
        let kid = URL_SAFE_NO_PAD.decode(asked.trim_end_matches('=')).ok().and_then(|bytes| bytes.try_into().ok());
        let Some(content) = kid.and_then(|kid| keys.named(KeyId(kid))) else { continue };
        if told.contains(&content.kid) {
            continue;
        }
        text.push_str(if told.is_empty() { "" } else { "," });
        told.push(content.kid);
        let key = Zeroizing::new(URL_SAFE_NO_PAD.encode(content.key.expose()));
        text.push_str("{\"kty\":\"oct\",\"kid\":\"");
        text.push_str(&URL_SAFE_NO_PAD.encode(content.kid.0));
        text.push_str("\",\"k\":\"");
        text.push_str(&key);
        text.push_str("\"}");
    }
    text.push_str("],\"type\":\"temporary\"}");
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_licence_has_the_keys_that_are_asked_for_and_no_other() {
        let file = br#"{"keys": [
            {"type": "AUDIO", "kid": "00000000000000000000000000000001", "key": "000102030405060708090a0b0c0d0e0f"},
            {"type": "HD", "kid": "00000000000000000000000000000002", "key": "fffefdfcfbfaf9f8f7f6f5f4f3f2f1f0"}
        ]}"#;
        let keys = Keys::from_json(file).expect("two keys");
        let answer =
            licence(&keys, br#"{"kids":["AAAAAAAAAAAAAAAAAAAAAQ","AAAAAAAAAAAAAAAAAAAAAw"],"type":"temporary"}"#);
        let expected = r#"{"keys":[{"kty":"oct","kid":"AAAAAAAAAAAAAAAAAAAAAQ","k":"AAECAwQFBgcICQoLDA0ODw"}],"type":"temporary"}"#;
        assert_eq!(answer.expect("a request").as_str(), expected);
        assert_eq!(licence(&keys, b"{}"), None);
    }
}
