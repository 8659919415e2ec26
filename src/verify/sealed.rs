//! Segments that are encrypted as a whole (the method AES-128 of RFC 8216bis § 4.4.4.4), opened.

use super::cipher::{BLOCK, Cipher};
use super::rule::rules;
use crate::crypt::Keys;

rules! {
    OPENS: Error "RFC 8216bis 4.4.4.4" "segments of AES-128 open with the key that their URI names (with --key-file)";
    NO_KEY: Note "RFC 8216bis 4.4.4.4" "one of the keys that are given opens segments of AES-128 (with --key-file)";
}

/// How a segment is encrypted.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Seal {
    /// Where the key is.
    pub(super) uri: String,
    /// The initialization vector.
    pub(super) vector: [u8; BLOCK],
}

impl Seal {
    /// `bytes` without their encryption; which rule is broken, and how, when they do not open.
    ///
    /// A key that is named by its id in the URI must open it; else any may. It has opened what ends with the padding of
    /// PKCS #7 and begins with a box: of wrong keys not one in 2^50 does that.
    pub(super) fn open(&self, bytes: &[u8], keys: &Keys) -> Result<Vec<u8>, (&'static super::Rule, String)> {
        let uri = self.uri.to_ascii_lowercase();
        let ids: Vec<_> = keys.entries().iter().map(|entry| entry.content.kid).collect();
        let named = ids.iter().find(|kid| uri.contains(&kid.hex()) || uri.contains(&kid.to_string()));
        let candidates = named.map_or(ids.clone(), |kid| vec![*kid]);
        let secrets = candidates.iter().filter_map(|kid| keys.secret_of(*kid));
        let opened = secrets.map(|secret| unsealed(bytes, &secret, self.vector)).find_map(|opened| opened);
        opened.ok_or_else(|| match named {
            Some(kid) => (OPENS, format!("the key {kid} does not open it: it is another one, or its vector is")),
            None if ids.len() == 1 => (OPENS, format!("the key {} does not open it, or its vector is another", ids[0])),
            None => (NO_KEY, "none of the keys that are given opens it".to_owned()),
        })
    }
}

/// What these bytes are under a key; nothing when it is not theirs.
fn unsealed(bytes: &[u8], key: &[u8; BLOCK], vector: [u8; BLOCK]) -> Option<Vec<u8>> {
    if bytes.is_empty() || !bytes.len().is_multiple_of(BLOCK) {
        return None;
    }
    let mut open = bytes.to_vec();
    Cipher::new(key).unchain(&mut open, vector);
    let padding = usize::from(*open.last()?);
    let kept = open.len().checked_sub(padding).filter(|_| (1..=BLOCK).contains(&padding))?;
    let padded = open[kept..].iter().all(|byte| usize::from(*byte) == padding);
    let boxed = matches!(open.get(4..8)?, b"styp" | b"moof" | b"sidx" | b"emsg" | b"prft" | b"ftyp");
    open.truncate(kept);
    (padded && boxed).then_some(open)
}
