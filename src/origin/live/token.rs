//! Who may read: URLs with a token, which somebody who knows the key has made for a time and a part of the programme.
//!
//! `/t/EXPIRY-SIGNATURE/master.m3u8`: the token is the first directory of the path, so that every relative URL of a
//! playlist or MPD has it too, and all viewers share the same bytes.

use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::origin::Error;

/// The first directory of a path with a token.
pub const DIRECTORY: &str = "t";

/// The shortest key that is taken, in bytes: what cannot be guessed.
const SHORTEST: usize = 16;

/// So much of a file of keys is read.
const LONGEST_FILE: u64 = 64 * 1024;

/// Keys that tokens are signed with.
pub struct TokenKeys(Vec<Zeroizing<Vec<u8>>>);

impl std::fmt::Debug for TokenKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "TokenKeys({})", self.0.len())
    }
}

impl TokenKeys {
    /// The keys in a file, one in each line. All of them are taken, and new tokens are signed with the first one.
    ///
    /// # Errors
    /// When the file cannot be read, holds no key, or one that is too short.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let refused = |why: String| Error::TokenKeys { path: path.to_owned(), why };
        let size = std::fs::metadata(path).map_err(|error| refused(error.to_string()))?.len();
        if size > LONGEST_FILE {
            return Err(refused(format!("it is larger than {LONGEST_FILE} bytes")));
        }
        let text = std::fs::read_to_string(path).map_err(|error| refused(error.to_string()))?;
        let text = Zeroizing::new(text);
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        let keys: Vec<_> = lines.map(|line| Zeroizing::new(line.as_bytes().to_vec())).collect();
        match keys.iter().position(|key| key.len() < SHORTEST) {
            _ if keys.is_empty() => Err(refused("there is no key in it; write one to a line".to_owned())),
            Some(at) => Err(refused(format!("key {} has fewer than {SHORTEST} characters", at + 1))),
            None => Ok(Self(keys)),
        }
    }

    /// A token for what is below the directory `prefix`, which ends with a slash or is empty, until `expiry` in seconds
    /// since 1970.
    pub fn sign(&self, prefix: &str, expiry: u64) -> String {
        let signature = self.0.first().map(|key| signature(key, prefix, expiry).finalize().into_bytes());
        format!("{expiry}-{}", URL_SAFE_NO_PAD.encode(signature.unwrap_or_default()))
    }

    /// Whether a token opens the object `key` at `now`, in seconds since 1970. Signatures are compared in the same time
    /// whatever they are.
    pub(super) fn opens(&self, token: &str, key: &str, now: u64) -> bool {
        let Some((expiry, signed)) = token.split_once('-') else { return false };
        let (Ok(expiry), Ok(signed)) = (expiry.parse::<u64>(), URL_SAFE_NO_PAD.decode(signed)) else { return false };
        // A token does not tell its directory, which is one of those that the object is in.
        let directories = std::iter::once(0).chain(key.match_indices('/').map(|(at, _)| at + 1));
        let fits = |prefix: &str| self.0.iter().any(|key| signature(key, prefix, expiry).verify_slice(&signed).is_ok());
        now < expiry && directories.take(DEPTH).any(|end| fits(&key[..end]))
    }
}

/// Objects lie no deeper than this.
const DEPTH: usize = 4;

fn signature(key: &[u8], prefix: &str, expiry: u64) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    // The name keeps it apart from whatever else the key may sign.
    mac.update(format!("streampack token 1\n{expiry}\n{prefix}").as_bytes());
    mac
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(all: &[&str]) -> TokenKeys {
        TokenKeys(all.iter().map(|key| Zeroizing::new(key.as_bytes().to_vec())).collect())
    }

    #[test]
    fn a_token_opens_what_is_below_its_directory_until_it_expires() {
        let keys = keys(&["sixteen letters."]);
        let all = keys.sign("", 1000);
        assert!(keys.opens(&all, "master.m3u8", 999) && keys.opens(&all, "video/1080p_h264/init.mp4", 0));
        assert!(!keys.opens(&all, "master.m3u8", 1000), "its time is over");
        let sound = keys.sign("audio/", 1000);
        assert!(keys.opens(&sound, "audio/en_aac_128k/init.mp4", 1));
        assert!(!keys.opens(&sound, "video/1080p_h264/init.mp4", 1) && !keys.opens(&sound, "master.m3u8", 1));
    }

    #[test]
    fn a_token_that_was_changed_or_signed_by_others_opens_nothing() {
        let keys = keys(&["sixteen letters."]);
        let token = keys.sign("", 1000);
        let (_, signature) = token.split_once('-').expect("a signature");
        let foreign = self::keys(&["another one of 16"]).sign("", 1000);
        for wrong in
            [&format!("2000-{signature}"), &token[..token.len() - 1], &foreign, "1000-", "1000", "", "-", "x-y"]
        {
            assert!(!keys.opens(wrong, "master.m3u8", 1), "{wrong}");
        }
    }

    #[test]
    fn keys_can_be_replaced_while_tokens_of_the_old_one_go_on() {
        let old = keys(&["the key of last year"]).sign("", 1000);
        let both = keys(&["the key of this year", "the key of last year"]);
        assert!(both.opens(&old, "master.m3u8", 1) && both.opens(&both.sign("", 1000), "master.m3u8", 1));
        assert!(!keys(&["the key of this year"]).opens(&old, "master.m3u8", 1));
    }
}
