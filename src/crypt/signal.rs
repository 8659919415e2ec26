//! What headers and manifests say of a track's protection: facts without a key.

use serde::{Deserialize, Serialize};

use super::system::{SystemHeader, SystemSignal};
use crate::config::{Encryption, HdcpLevel};
use crate::media::{KeyId, Protection, Scheme};

/// What headers and manifests say of a track's protection.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Signal {
    /// How samples are protected, and under which key.
    pub protection: Protection,
    /// What each system is told, in the order in which manifests name them.
    pub systems: Vec<SystemSignal>,
    /// The protection that HLS asks of screens.
    pub hdcp_level: Option<HdcpLevel>,
}

impl Signal {
    pub(super) fn new(protection: Protection, encryption: &Encryption) -> Self {
        let Protection { scheme, kid, .. } = protection;
        let systems = encryption.drm.iter().map(|system| SystemSignal::new(*system, kid, scheme, encryption)).collect();
        Self { protection, systems, hdcp_level: encryption.hdcp_level }
    }

    /// The scheme.
    pub fn scheme(&self) -> Scheme {
        self.protection.scheme
    }

    /// The key.
    pub fn kid(&self) -> KeyId {
        self.protection.kid
    }

    /// UUID, keys and data of every `pssh`, each once.
    pub fn headers(&self) -> Vec<SystemHeader<'_>> {
        let mut headers: Vec<_> = self.systems.iter().filter_map(|system| system.header(self.kid())).collect();
        // Clear Key and the common system have the same.
        headers.dedup();
        headers
    }
}
