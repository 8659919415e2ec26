//! What headers and manifests say of a track's protection: facts without a key.

use serde::{Deserialize, Serialize};

use super::cpix::SystemData;
use super::schedule::Schedule;
use super::system::{SystemHeader, SystemSignal};
use crate::config::{Encryption, HdcpLevel};
use crate::media::{CutNumber, KeyId, Protection, Scheme};

/// What is said of one key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KeySignal {
    /// How samples are protected, and under which key.
    pub protection: Protection,
    /// What each system is told, in the order in which manifests name them.
    pub systems: Vec<SystemSignal>,
}

impl KeySignal {
    /// What a key server says of the key goes before what we would say, which fills what it leaves out.
    pub(super) fn new(protection: Protection, encryption: &Encryption, given: &[SystemData]) -> Self {
        let Protection { scheme, kid, .. } = protection;
        let mut given: Vec<&SystemData> = given.iter().filter(|data| data.kid == kid).collect();
        let mut systems = Vec::new();
        for system in &encryption.drm {
            let own = SystemSignal::new(*system, kid, scheme, encryption);
            match given.iter().position(|data| Some(data.system.0) == own.uuid()) {
                Some(at) => systems.push(own.filled(given.remove(at).clone())),
                None => systems.push(own),
            }
        }
        systems.extend(given.into_iter().map(|data| SystemSignal::Given { data: Box::new(data.clone()), own: None }));
        Self { protection, systems }
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

/// What headers and manifests say of a track's protection.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Signal {
    /// The key of each period; the first is the one of the header.
    pub keys: Vec<KeySignal>,
    /// Which segments are under which.
    pub schedule: Schedule,
    /// Segments carry what the systems are told, too.
    pub in_segments: bool,
    /// The protection that HLS asks of screens.
    pub hdcp_level: Option<HdcpLevel>,
}

impl Signal {
    pub(super) fn new(keys: Vec<KeySignal>, schedule: Schedule, encryption: &Encryption) -> Self {
        Self { keys, schedule, in_segments: encryption.pssh_in_segments, hdcp_level: encryption.hdcp_level }
    }

    /// The key that the header names.
    ///
    /// # Panics
    /// When there is none, which [`Vault::encryptor`](super::Vault::encryptor) never makes.
    pub fn first(&self) -> &KeySignal {
        &self.keys[0]
    }

    /// The key of the segment at a cut; nothing where that stays clear.
    pub fn of(&self, cut: CutNumber) -> Option<&KeySignal> {
        self.schedule.of(cut).and_then(|period| self.keys.get(period))
    }
}
