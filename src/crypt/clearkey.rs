//! Licences of Clear Key (W3C, Encrypted Media Extensions § 9.1): keys as JSON, for whoever asks.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use zeroize::Zeroizing;

use super::key::ContentKey;
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
    // Whoever asks may ask for many, and one thread answers all.
    let known: BTreeMap<KeyId, &ContentKey> =
        keys.entries().iter().map(|entry| (entry.content.kid, &entry.content)).collect();
    let mut told = BTreeSet::new();
    for asked in &request.kids {
        let kid = URL_SAFE_NO_PAD.decode(asked.trim_end_matches('=')).ok().and_then(|bytes| bytes.try_into().ok());
        let Some(content) = kid.and_then(|kid| known.get(&KeyId(kid))) else { continue };
        if !told.insert(content.kid) {
            continue;
        }
        text.push_str(if told.len() == 1 { "" } else { "," });
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
    use crate::crypt::key::Key;
    use crate::crypt::keys::Entry;

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

    /// Each of them looked for among all keys would take minutes.
    #[test]
    fn a_request_for_very_many_keys_is_answered_at_once() {
        let key = |at: u32| {
            let mut kid = [0; 16];
            kid[..4].copy_from_slice(&at.to_be_bytes());
            let content = ContentKey { kid: KeyId(kid), key: Key::new([1; 16]), vector: None };
            Entry { track: None, period: Some(at), content }
        };
        let keys = Keys::new((0..50_000).map(key).collect()).expect("keys");
        let kids: Vec<String> = (0..80_000_u128).map(|at| URL_SAFE_NO_PAD.encode(at.to_be_bytes())).collect();
        let request = serde_json::json!({ "kids": kids }).to_string();
        let answer = licence(&keys, request.as_bytes()).expect("a request");
        assert_eq!(answer.matches("kid").count(), 1);
    }
}
