//! Flags about encryption and keys.

use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Subcommand};
use streampack::config::{DrmSystem, EncryptionLayer, EncryptionMode, HdcpLevel, Seconds};

const NEW_EXAMPLES: &str = "\
Examples:
  streampack keys new -o keys.json
      One key for everything.
  streampack keys new --per-type -o keys.json
      A key each for sound, SD, HD and both sizes of UHD.
  streampack encode film.mp4 -o film/ --encrypt cbcs --key-file keys.json";

/// Whether and how media is encrypted, and what players are told of it.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Encryption")]
pub(crate) struct EncryptionFlags {
    /// Encrypt pictures and sound: cbcs for every player of today, cenc for older ones but none of Apple's, aes-128 for
    /// HLS without DRM
    ///
    /// cbcs and cenc are Common Encryption (ISO/IEC 23001-7) and serve HLS and DASH. Headers of slices and frames stay
    /// clear. aes-128 encrypts whole segments, needs --no-dash and --key-uri, and has no I-frame playlists. The keys come
    /// from --key-file or --key-command.
    #[arg(long, value_name = "SCHEME", value_parser = mode())]
    pub(crate) encrypt: Option<EncryptionMode>,
    /// The systems that players are told of: widevine, playready, fairplay, clearkey, common
    ///
    /// Without it all but clearkey; with cenc without fairplay. common is the header of W3C that names keys and no
    /// system.
    #[arg(long, value_name = "SYSTEM,...", value_delimiter = ',', value_parser = system())]
    pub(crate) drm: Option<Vec<DrmSystem>>,
    /// Where FairPlay asks for the key; {kid} stands for the key id, as in the skd://{kid} that is used without it
    #[arg(long, value_name = "URI")]
    pub(crate) fairplay_uri: Option<String>,
    /// The licence server that PlayReady is told of
    #[arg(long, value_name = "URL")]
    pub(crate) playready_la_url: Option<String>,
    /// The provider that Widevine is told of
    #[arg(long, value_name = "NAME")]
    pub(crate) widevine_provider: Option<String>,
    /// The content id that Widevine is told of
    #[arg(long, value_name = "ID")]
    pub(crate) widevine_content_id: Option<String>,
    /// The licence server that Clear Key is told of, with --drm clearkey
    #[arg(long, value_name = "URL")]
    pub(crate) clearkey_url: Option<String>,
    /// Where players get the key of aes-128; {kid} stands for the key id
    ///
    /// A URI, or a reference that is relative to the playlists of the renditions. It stands in playlists as it is: a
    /// secret in it is none.
    #[arg(long, value_name = "URI")]
    pub(crate) key_uri: Option<String>,
    /// The HDCP that HLS asks of screens: none, type-0 or type-1
    #[arg(long, value_name = "LEVEL", value_parser = hdcp())]
    pub(crate) hdcp_level: Option<HdcpLevel>,
    /// How much of the start stays clear, so that it plays before the licence is there; rounded up to whole segments
    #[arg(long, value_name = "SECONDS")]
    pub(crate) clear_lead: Option<Seconds>,
    /// Change the key after this much time, rounded up to whole segments
    ///
    /// The keys need a "period" each, counted from 0, as `streampack keys new --periods N` writes them. Segments carry
    /// what the systems are told of their key. Of package the segments are those that the key frames of its files make.
    #[arg(long, value_name = "SECONDS")]
    pub(crate) crypto_period: Option<Seconds>,
    /// Let segments carry what the systems are told of the key (pssh), besides headers and manifests
    #[arg(long)]
    pub(crate) pssh_in_segments: bool,
}

/// Where keys come from. A key itself is never on the command line, which others can see.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Encryption")]
pub(crate) struct KeyFlags {
    /// The keys, as `streampack keys new` writes them
    ///
    /// JSON: {"keys": [{"kid": ..., "key": ...}]} in hexadecimal digits, each with "iv" and "type" where wanted. The
    /// types are AUDIO, SD (pictures up to 768x576), HD (up to 1920x1080), UHD1 (up to 4096x2160) and UHD2; a key
    /// without a type is for all tracks that have none of their own. The iv is that of cbcs.
    #[arg(long, value_name = "FILE", conflicts_with = "key_command")]
    pub(crate) key_file: Option<PathBuf>,
    /// A shell command that prints what a key file holds
    #[arg(long, value_name = "COMMAND")]
    pub(crate) key_command: Option<String>,
    /// The keys in a CPIX document (DASH-IF, version 2.3) with plain keys, as key servers write it
    ///
    /// Its usage rules say which key is for what: filters that fit AUDIO, SD, HD, UHD1 and UHD2, and key periods. What it
    /// says of DRM systems (PSSH, ContentProtectionData, HLSSignalingData) stands in headers and manifests as it is.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["key_file", "key_command"])]
    pub(crate) cpix: Option<PathBuf>,
    /// Ask this key server for keys: SPEKE v2 over HTTP
    ///
    /// For one key for each type of tracks that is made (AUDIO, SD, HD, UHD1, UHD2), one more for each key period with
    /// --crypto-period, and what the systems of --drm are told; live, serve and verify ask for all types, and the last two
    /// for the periods that the report of the set leaves room for. The key ids are made of the content id, so that a repeated run asks for the same keys. What the server is shown comes from the
    /// environment: STREAMPACK_SPEKE_AUTHORIZATION is the header Authorization, STREAMPACK_SPEKE_API_KEY is X-Api-Key.
    #[arg(long, value_name = "URL", requires = "content_id", conflicts_with_all = ["key_file", "key_command", "cpix"])]
    pub(crate) speke: Option<String>,
    /// The name of the content at the key server
    #[arg(long, value_name = "ID", requires = "speke")]
    pub(crate) content_id: Option<String>,
}

/// Flags of `keys`.
#[derive(Debug, Args)]
pub(crate) struct KeysFlags {
    #[command(subcommand)]
    pub(crate) verb: KeysVerb,
}

/// What to do with keys.
#[derive(Debug, Subcommand)]
pub(crate) enum KeysVerb {
    /// Write a file of new random keys that its owner alone may read
    ///
    /// A file that is there is never replaced: its keys may be all that opens a film.
    #[command(after_help = NEW_EXAMPLES)]
    New {
        /// The file that is made
        #[arg(short, long, value_name = "FILE")]
        output: PathBuf,
        /// A key for each type of tracks, instead of one for all
        #[arg(long)]
        per_type: bool,
        /// Keys for so many periods of --crypto-period
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000))]
        periods: Option<u32>,
    },
}

fn mode() -> impl TypedValueParser<Value = EncryptionMode> {
    PossibleValuesParser::new(EncryptionMode::ALL.map(EncryptionMode::name)).try_map(|name| name.parse())
}

fn system() -> impl TypedValueParser<Value = DrmSystem> {
    PossibleValuesParser::new(DrmSystem::ALL.map(DrmSystem::name)).try_map(|name| name.parse())
}

fn hdcp() -> impl TypedValueParser<Value = HdcpLevel> {
    PossibleValuesParser::new(HdcpLevel::ALL.map(HdcpLevel::name)).try_map(|name| name.parse())
}

impl EncryptionFlags {
    /// What they say, if anything.
    pub(crate) fn layer(&self) -> Option<EncryptionLayer> {
        let Self { encrypt, drm, fairplay_uri, playready_la_url, .. } = self.clone();
        let Self { widevine_provider, widevine_content_id, clearkey_url, hdcp_level, .. } = self.clone();
        let key_uri = self.key_uri.clone();
        let Self { clear_lead, crypto_period, pssh_in_segments, .. } = *self;
        let layer = EncryptionLayer {
            mode: encrypt,
            drm,
            fairplay_uri,
            playready_la_url,
            widevine_provider,
            widevine_content_id,
            clearkey_url,
            key_uri,
            hdcp_level,
            clear_lead,
            crypto_period,
            pssh_in_segments: pssh_in_segments.then_some(true),
        };
        (layer != EncryptionLayer::default()).then_some(layer)
    }
}
