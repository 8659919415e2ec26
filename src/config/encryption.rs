//! Whether and how media is encrypted, and what players are told of it. No key is a setting.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::setting::ParseSettingError;
use super::{Rejected, Seconds, Setting};

/// A longer URL might not fit into a PlayReady Object, whose record of UTF-16 has at most 65 535 bytes; each byte of it
/// becomes up to six characters.
const LONGEST_LA_URL: usize = 4096;

/// How media is encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum EncryptionMode {
    /// Common Encryption with AES-CBC and a pattern: every player of today, in HLS and DASH.
    Cbcs,
    /// Common Encryption with AES-CTR: older players of Widevine and PlayReady, none of Apple's.
    Cenc,
    /// Whole segments under AES-128 in HLS alone: players of HLS everywhere, without a DRM system.
    #[serde(rename = "aes-128")]
    Aes128,
}

impl EncryptionMode {
    /// Every mode.
    pub const ALL: [Self; 3] = [Self::Cbcs, Self::Cenc, Self::Aes128];

    /// The name in flags and presets.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cbcs => "cbcs",
            Self::Cenc => "cenc",
            Self::Aes128 => "aes-128",
        }
    }
}

/// A system that gives licences, or a way to do without one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum DrmSystem {
    /// Google Widevine.
    Widevine,
    /// Microsoft PlayReady.
    Playready,
    /// Apple FairPlay Streaming.
    Fairplay,
    /// Clear Key of W3C's Encrypted Media Extensions: keys from a server of one's own, without protection.
    Clearkey,
    /// The header that names keys and no system (W3C's common one).
    Common,
}

impl DrmSystem {
    /// Every system, in the order in which manifests name them.
    pub const ALL: [Self; 5] = [Self::Widevine, Self::Playready, Self::Fairplay, Self::Clearkey, Self::Common];

    /// The name in flags and presets.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Widevine => "widevine",
            Self::Playready => "playready",
            Self::Fairplay => "fairplay",
            Self::Clearkey => "clearkey",
            Self::Common => "common",
        }
    }
}

/// The protection that a screen's cable must have (HLS: HDCP-LEVEL).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum HdcpLevel {
    /// No protection.
    #[serde(rename = "none")]
    None,
    /// HDCP 1 or newer.
    #[serde(rename = "type-0")]
    Type0,
    /// HDCP 2.2 or newer.
    #[serde(rename = "type-1")]
    Type1,
}

impl HdcpLevel {
    /// Every level.
    pub const ALL: [Self; 3] = [Self::None, Self::Type0, Self::Type1];

    /// The name in flags and presets.
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Type0 => "type-0",
            Self::Type1 => "type-1",
        }
    }
}

/// A name of a list, or an error that has the list.
fn named<T: Copy>(
    text: &str,
    all: &[T],
    name: fn(T) -> &'static str,
    what: &'static str,
) -> Result<T, ParseSettingError> {
    let names = || all.iter().map(|one| name(*one)).collect::<Vec<_>>().join(", ");
    let found = all.iter().copied().find(|one| name(*one) == text);
    found.ok_or_else(|| ParseSettingError::new(text, what, format!("there are {}", names())))
}

impl FromStr for EncryptionMode {
    type Err = ParseSettingError;

    fn from_str(text: &str) -> Result<Self, ParseSettingError> {
        named(text, &Self::ALL, Self::name, "a way to encrypt")
    }
}

impl FromStr for DrmSystem {
    type Err = ParseSettingError;

    fn from_str(text: &str) -> Result<Self, ParseSettingError> {
        named(text, &Self::ALL, Self::name, "a DRM system")
    }
}

impl FromStr for HdcpLevel {
    type Err = ParseSettingError;

    fn from_str(text: &str) -> Result<Self, ParseSettingError> {
        named(text, &Self::ALL, Self::name, "a level of HDCP")
    }
}

impl fmt::Display for EncryptionMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for DrmSystem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Every decision about encryption.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Encryption {
    /// How media is encrypted.
    pub mode: EncryptionMode,
    /// The systems that players are told of, in the order of their list.
    pub drm: Vec<DrmSystem>,
    /// The URI that FairPlay asks its key of; `{kid}` stands for the key id.
    pub fairplay_uri: Option<String>,
    /// The licence server that PlayReady is told of.
    pub playready_la_url: Option<String>,
    /// The provider that Widevine is told of.
    pub widevine_provider: Option<String>,
    /// The content id that Widevine is told of.
    pub widevine_content_id: Option<String>,
    /// The licence server that Clear Key is told of.
    pub clearkey_url: Option<String>,
    /// Where players get the key of whole segments; `{kid}` stands for the key id.
    pub key_uri: Option<String>,
    /// The HDCP level that HLS asks of screens.
    pub hdcp_level: Option<HdcpLevel>,
    /// So many seconds stay clear, from the start on, in whole segments.
    pub clear_lead_s: f64,
    /// So many seconds are under one key, in whole segments; nothing where one key is for all.
    pub crypto_period_s: Option<f64>,
    /// Segments carry what the systems are told, too.
    pub pssh_in_segments: bool,
}

/// A partial opinion about encryption.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct EncryptionLayer {
    /// How media is encrypted; nothing means that it is not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode: Option<EncryptionMode>,
    /// The systems that players are told of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub drm: Option<Vec<DrmSystem>>,
    /// The URI that FairPlay asks its key of; `{kid}` stands for the key id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fairplay_uri: Option<String>,
    /// The licence server that PlayReady is told of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub playready_la_url: Option<String>,
    /// The provider that Widevine is told of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub widevine_provider: Option<String>,
    /// The content id that Widevine is told of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub widevine_content_id: Option<String>,
    /// The licence server that Clear Key is told of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clearkey_url: Option<String>,
    /// Where players get the key of whole segments; `{kid}` stands for the key id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key_uri: Option<String>,
    /// The HDCP level that HLS asks of screens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hdcp_level: Option<HdcpLevel>,
    /// How much of the start stays clear, rounded up to whole segments.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clear_lead: Option<Seconds>,
    /// After how much time the key changes, rounded up to whole segments.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub crypto_period: Option<Seconds>,
    /// Segments carry what the systems are told, too; where keys change they do anyway.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pssh_in_segments: Option<bool>,
}

impl EncryptionLayer {
    /// One opinion over another, where there are two.
    pub(super) fn lay(lower: Option<Self>, upper: Option<Self>) -> Option<Self> {
        match (lower, upper) {
            (Some(lower), Some(upper)) => Some(lower.under(upper)),
            (lower, upper) => upper.or(lower),
        }
    }

    /// This layer where `over` is silent, `over` where it speaks.
    fn under(self, over: Self) -> Self {
        Self {
            mode: over.mode.or(self.mode),
            drm: over.drm.or(self.drm),
            fairplay_uri: over.fairplay_uri.or(self.fairplay_uri),
            playready_la_url: over.playready_la_url.or(self.playready_la_url),
            widevine_provider: over.widevine_provider.or(self.widevine_provider),
            widevine_content_id: over.widevine_content_id.or(self.widevine_content_id),
            clearkey_url: over.clearkey_url.or(self.clearkey_url),
            key_uri: over.key_uri.or(self.key_uri),
            hdcp_level: over.hdcp_level.or(self.hdcp_level),
            clear_lead: over.clear_lead.or(self.clear_lead),
            crypto_period: over.crypto_period.or(self.crypto_period),
            pssh_in_segments: over.pssh_in_segments.or(self.pssh_in_segments),
        }
    }

    /// What is decided: nothing when no mode is named, which is an error when something else is.
    pub(crate) fn resolve(self) -> Result<Option<Encryption>, Rejected> {
        let reject = |problem: String, remedy: &str| Err(Rejected::new(Setting::Encryption, problem, remedy));
        let silent = self == Self::default();
        let Some(mode) = self.mode else {
            return match silent {
                true => Ok(None),
                false => reject("nothing says how media is encrypted".into(), "name a mode, like cbcs"),
            };
        };
        let fairplay = mode == EncryptionMode::Cbcs;
        self.whole_segments(mode)?;
        let mut drm = self.drm.unwrap_or_else(|| default_systems(mode));
        drm.sort();
        if let Some(pair) = drm.windows(2).find(|pair| pair[0] == pair[1]) {
            return reject(format!("{} is there twice", pair[0]), "leave one of the two out");
        }
        if drm.contains(&DrmSystem::Fairplay) && !fairplay {
            return reject(format!("FairPlay does not play {mode}"), "choose cbcs, or leave fairplay out");
        }
        let given = [
            (DrmSystem::Fairplay, "a FairPlay URI", &self.fairplay_uri),
            (DrmSystem::Playready, "a PlayReady licence URL", &self.playready_la_url),
            (DrmSystem::Widevine, "a Widevine provider", &self.widevine_provider),
            (DrmSystem::Widevine, "a Widevine content id", &self.widevine_content_id),
            (DrmSystem::Clearkey, "a Clear Key URL", &self.clearkey_url),
        ];
        if let Some((system, what, _)) =
            given.iter().find(|(system, _, value)| value.is_some() && !drm.contains(system))
        {
            return reject(
                format!("{what} has no effect without the system {system}"),
                "name the system, or leave it out",
            );
        }
        if self.playready_la_url.as_ref().is_some_and(|url| url.len() > LONGEST_LA_URL) {
            let problem = format!("a PlayReady licence URL has at most {LONGEST_LA_URL} bytes");
            return reject(problem, "choose a shorter one");
        }
        if drm.contains(&DrmSystem::Clearkey) && self.clearkey_url.is_none() {
            return reject("clearkey has no licence server".into(), "give its URL");
        }
        if self.crypto_period.is_some_and(|period| period.as_f64() == 0.0) {
            return reject("a key that is for no time is for nothing".into(), "give the crypto period a length");
        }
        Ok(Some(Encryption {
            mode,
            drm,
            fairplay_uri: self.fairplay_uri,
            playready_la_url: self.playready_la_url,
            widevine_provider: self.widevine_provider,
            widevine_content_id: self.widevine_content_id,
            clearkey_url: self.clearkey_url,
            key_uri: self.key_uri,
            hdcp_level: self.hdcp_level,
            clear_lead_s: self.clear_lead.map_or(0.0, Seconds::as_f64),
            crypto_period_s: self.crypto_period.map(Seconds::as_f64),
            pssh_in_segments: mode != EncryptionMode::Aes128
                && (self.crypto_period.is_some() || self.pssh_in_segments.unwrap_or(false)),
        }))
    }
}

impl EncryptionLayer {
    /// What whole segments under AES-128 need and cannot have, and what nothing else has.
    fn whole_segments(&self, mode: EncryptionMode) -> Result<(), Rejected> {
        let reject = |problem: &str, remedy: &str| Err(Rejected::new(Setting::Encryption, problem, remedy));
        match (mode, &self.key_uri) {
            (EncryptionMode::Cbcs | EncryptionMode::Cenc, None) => Ok(()),
            (EncryptionMode::Cbcs | EncryptionMode::Cenc, Some(_)) => {
                reject("a key URI is for whole segments under aes-128", "leave it out, or choose aes-128")
            }
            (EncryptionMode::Aes128, None) => {
                reject("nothing says where players get the key", "give a key URI, like https://keys.example/{kid}")
            }
            (EncryptionMode::Aes128, Some(uri)) => {
                if uri.is_empty() || uri.chars().any(|c| c == '"' || c.is_control()) {
                    return reject("the key URI cannot stand in a playlist", "write it without quotes and line ends");
                }
                if self.crypto_period.is_some() && !uri.contains("{kid}") {
                    return reject(
                        "all periods would have one key URI",
                        "let it hold {kid}, which is another one each",
                    );
                }
                if self.drm.as_ref().is_some_and(|drm| !drm.is_empty()) || self.pssh_in_segments == Some(true) {
                    return reject("no DRM system opens whole segments", "choose cbcs, or leave the systems out");
                }
                Ok(())
            }
        }
    }
}

/// What players are told of when nobody says.
fn default_systems(mode: EncryptionMode) -> Vec<DrmSystem> {
    match mode {
        EncryptionMode::Cbcs => {
            vec![DrmSystem::Widevine, DrmSystem::Playready, DrmSystem::Fairplay, DrmSystem::Common]
        }
        EncryptionMode::Cenc => vec![DrmSystem::Widevine, DrmSystem::Playready, DrmSystem::Common],
        EncryptionMode::Aes128 => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolved(layer: EncryptionLayer) -> Result<Option<Encryption>, String> {
        layer.resolve().map_err(|error| error.to_string())
    }

    #[test]
    fn silence_is_no_encryption_and_a_mode_is_enough() {
        assert_eq!(resolved(EncryptionLayer::default()), Ok(None));
        let cbcs = EncryptionLayer { mode: Some(EncryptionMode::Cbcs), ..EncryptionLayer::default() };
        let systems = resolved(cbcs).expect("a mode").expect("encryption").drm;
        assert_eq!(systems, [DrmSystem::Widevine, DrmSystem::Playready, DrmSystem::Fairplay, DrmSystem::Common]);
    }

    #[test]
    fn what_has_no_effect_is_refused() {
        let of =
            |mode, drm: &[DrmSystem]| EncryptionLayer { mode, drm: Some(drm.to_vec()), ..EncryptionLayer::default() };
        let cenc = Some(EncryptionMode::Cenc);
        let cases = [
            of(None, &[DrmSystem::Widevine]),
            of(cenc, &[DrmSystem::Fairplay]),
            of(cenc, &[DrmSystem::Clearkey]),
            of(cenc, &[DrmSystem::Common, DrmSystem::Common]),
            EncryptionLayer { playready_la_url: Some("u".repeat(4097)), ..of(cenc, &[DrmSystem::Playready]) },
            EncryptionLayer { clearkey_url: Some("https://a".into()), ..of(cenc, &[DrmSystem::Widevine]) },
        ];
        for case in cases {
            assert!(resolved(case.clone()).is_err(), "{case:?}");
        }
    }
}
