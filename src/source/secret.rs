//! Stream keys and passphrases, which nothing prints.

use std::fmt;

use zeroize::Zeroizing;

/// What stands in the place of a secret.
pub(super) const HIDDEN: &str = "…";

/// A stream key or a passphrase. Nothing prints it.
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Keeps a secret.
    pub fn new(text: &str) -> Self {
        Self(Zeroizing::new(text.to_owned()))
    }

    /// Whether it is the same. How long that takes says nothing of either.
    pub fn is(&self, other: &str) -> bool {
        // Hashes are compared in constant time.
        blake3::hash(self.0.as_bytes()) == blake3::hash(other.as_bytes())
    }

    /// The secret, for whom it is meant.
    pub(crate) fn text(&self) -> &str {
        &self.0
    }
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.is(&other.0)
    }
}

impl Eq for Secret {}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(HIDDEN)
    }
}
