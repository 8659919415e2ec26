//! What each DRM system is told of a key: UUIDs, headers and URIs.

use serde::{Deserialize, Serialize};

use super::cpix::SystemData;
use super::{playready, widevine};
use crate::config::{DrmSystem, Encryption};
use crate::media::{KeyId, Scheme};

/// `edef8ba9-79d6-4ace-a3c8-27dcd51d21ed`, Widevine's UUID.
pub const WIDEVINE: [u8; 16] =
    [0xed, 0xef, 0x8b, 0xa9, 0x79, 0xd6, 0x4a, 0xce, 0xa3, 0xc8, 0x27, 0xdc, 0xd5, 0x1d, 0x21, 0xed];
/// `9a04f079-9840-4286-ab92-e65be0885f95`, PlayReady's UUID.
pub const PLAYREADY: [u8; 16] =
    [0x9a, 0x04, 0xf0, 0x79, 0x98, 0x40, 0x42, 0x86, 0xab, 0x92, 0xe6, 0x5b, 0xe0, 0x88, 0x5f, 0x95];
/// `1077efec-c0b2-4d02-ace3-3c1e52e2fb4b`, the common system of W3C ("cenc" Initialization Data Format).
pub const COMMON: [u8; 16] =
    [0x10, 0x77, 0xef, 0xec, 0xc0, 0xb2, 0x4d, 0x02, 0xac, 0xe3, 0x3c, 0x1e, 0x52, 0xe2, 0xfb, 0x4b];

/// `94ce86fb-07ff-4f43-adb8-93d2fa968ca2`, FairPlay's UUID.
pub(super) const FAIRPLAY: [u8; 16] =
    [0x94, 0xce, 0x86, 0xfb, 0x07, 0xff, 0x4f, 0x43, 0xad, 0xb8, 0x93, 0xd2, 0xfa, 0x96, 0x8c, 0xa2];

/// The UUID, the named keys and the data of a `pssh` (ISO/IEC 23001-7:2023 § 8.1).
pub type SystemHeader<'a> = ([u8; 16], Vec<[u8; 16]>, &'a [u8]);

/// What players of one system are told of a key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SystemSignal {
    /// Google Widevine.
    Widevine {
        /// The data of its `pssh`.
        data: Vec<u8>,
    },
    /// Microsoft PlayReady.
    Playready {
        /// The PlayReady Object, which is the data of its `pssh` too.
        object: Vec<u8>,
    },
    /// Apple FairPlay Streaming, which has no `pssh`.
    Fairplay {
        /// Where the key is asked for: `skd://…`.
        uri: String,
    },
    /// Clear Key, whose `pssh` is the common one.
    Clearkey {
        /// The licence server.
        url: String,
    },
    /// The common system, whose `pssh` names keys and has no data.
    Common,
    /// Any system, as a key server says it.
    Given {
        /// What it says.
        data: Box<SystemData>,
        /// What players are told where it says nothing; nothing where we do not know the system, or it is not asked for.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        own: Option<Box<SystemSignal>>,
    },
}

impl SystemSignal {
    /// What the players of `system` are told of the key `kid`.
    pub(super) fn new(system: DrmSystem, kid: KeyId, scheme: Scheme, encryption: &Encryption) -> Self {
        match system {
            DrmSystem::Widevine => Self::Widevine {
                data: widevine::data(
                    kid,
                    scheme,
                    encryption.widevine_provider.as_deref(),
                    encryption.widevine_content_id.as_deref(),
                ),
            },
            DrmSystem::Playready => {
                Self::Playready { object: playready::object(kid, scheme, encryption.playready_la_url.as_deref()) }
            }
            DrmSystem::Fairplay => {
                let template = encryption.fairplay_uri.as_deref().unwrap_or("skd://{kid}");
                Self::Fairplay { uri: template.replace("{kid}", &kid.hex()) }
            }
            DrmSystem::Clearkey => Self::Clearkey { url: encryption.clearkey_url.clone().unwrap_or_default() },
            DrmSystem::Common => Self::Common,
        }
    }

    /// What a key server says of a system, and this where it says nothing.
    pub(super) fn filled(self, data: SystemData) -> Self {
        let own = match (self, data.pssh.as_deref().and_then(parts)) {
            // The data of its pssh is the object.
            (Self::Playready { .. }, Some((.., object))) => Self::Playready { object: object.to_vec() },
            (own, _) => own,
        };
        Self::Given { data: Box::new(data), own: Some(Box::new(own)) }
    }

    /// The UUID in documents of key servers; Clear Key has none.
    pub(super) fn uuid(&self) -> Option<[u8; 16]> {
        match self {
            Self::Widevine { .. } => Some(WIDEVINE),
            Self::Playready { .. } => Some(PLAYREADY),
            Self::Fairplay { .. } => Some(FAIRPLAY),
            Self::Common => Some(COMMON),
            Self::Given { data, .. } => Some(data.system.0),
            Self::Clearkey { .. } => None,
        }
    }

    /// The UUID, the named keys and the data of its `pssh`; nothing where there is none.
    pub fn header(&self, kid: KeyId) -> Option<SystemHeader<'_>> {
        match self {
            Self::Widevine { data } => Some((WIDEVINE, Vec::new(), data)),
            Self::Playready { object } => Some((PLAYREADY, Vec::new(), object)),
            Self::Clearkey { .. } | Self::Common => Some((COMMON, vec![kid.0], &[])),
            Self::Fairplay { .. } => None,
            Self::Given { data, .. } => data.pssh.as_deref().and_then(parts),
        }
    }
}

/// The parts of one whole `pssh` box (ISO/IEC 23001-7:2023 § 8.1.2); nothing when it is none.
pub(super) fn parts(pssh: &[u8]) -> Option<SystemHeader<'_>> {
    let word = |at: usize| Some(u32::from_be_bytes(*pssh.get(at..)?.first_chunk()?) as usize);
    if word(0)? != pssh.len() || pssh.get(4..8)? != b"pssh" {
        return None;
    }
    let system = *pssh.get(12..)?.first_chunk()?;
    let (keys, at) = match *pssh.get(8)? {
        0 => (Vec::new(), 28),
        1 => {
            let end = word(28)?.checked_mul(16)?.checked_add(32)?;
            (pssh.get(32..end)?.as_chunks().0.to_vec(), end)
        }
        _ => return None,
    };
    let data = pssh.get(at.checked_add(4)?..)?;
    (data.len() == word(at)?).then_some((system, keys, data))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pssh_is_read_whole_or_not_at_all() {
        let pssh = |size: u32, version: u8, rest: &[u8]| {
            [&size.to_be_bytes()[..], b"pssh", &[version, 0, 0, 0], &WIDEVINE, rest].concat()
        };
        let named = [&[0, 0, 0, 1][..], &[7; 16], &[0, 0, 0, 2, 8, 9]].concat();
        assert_eq!(parts(&pssh(34, 0, &[0, 0, 0, 2, 8, 9])), Some((WIDEVINE, Vec::new(), &[8, 9][..])));
        assert_eq!(parts(&pssh(54, 1, &named)), Some((WIDEVINE, vec![[7; 16]], &[8, 9][..])));
        let broken = [
            pssh(54, 2, &named),
            pssh(32, 1, &[0, 0, 0, 9]),
            pssh(34, 0, &[0, 0, 0, 3, 8, 9]),
            pssh(34, 0, &[0, 0, 0, 1, 8, 9]),
            pssh(33, 0, &[0, 0, 0, 2, 8, 9]),
            b"pssh".to_vec(),
        ];
        for broken in broken {
            assert_eq!(parts(&broken), None, "{broken:?}");
        }
    }
}
