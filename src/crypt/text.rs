//! Bytes as text for manifests.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// RFC 4648 § 4.
pub fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}
