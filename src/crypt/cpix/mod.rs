//! CPIX (DASH-IF, Content Protection Information Exchange Format 2.3): keys, what they are for, and what DRM systems are
//! told of them, as key servers write it.

mod document;
mod request;
mod xml;

use serde::{Deserialize, Serialize};

use crate::media::KeyId;

pub use document::CpixError;
pub use request::{KeysWanted, SPEKE_VERSION, answered, request};

/// What a document of a key server says a system is told of a key, as it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SystemData {
    /// The key.
    pub kid: KeyId,
    /// The UUID of the system.
    pub system: KeyId,
    /// A whole `pssh` box.
    pub pssh: Option<Vec<u8>>,
    /// XML for the `ContentProtection` of an MPD.
    pub protection: Option<String>,
    /// Lines for media playlists: `#EXT-X-KEY:…`.
    pub media: Option<String>,
    /// Lines for the multivariant playlist: `#EXT-X-SESSION-KEY:…`.
    pub multivariant: Option<String>,
}
