//! Where live media comes from, parsed once.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use zeroize::Zeroizing;

use super::secret::{HIDDEN, Secret};
use super::takeover::Takeover;

/// Where live media comes from.
#[derive(Clone, PartialEq, Eq)]
pub enum Locator {
    /// Standard input: `-`.
    Stdin,
    /// A local file.
    File(PathBuf),
    /// A stream of the network.
    Url(Url),
    /// Whoever comes to this address and may publish.
    Listen(Url, Takeover),
}

/// A stream of the network. Printed, it leaves out what may be secret.
#[derive(Clone, PartialEq, Eq)]
pub struct Url {
    /// How it is fetched.
    pub scheme: Scheme,
    text: String,
    /// The stream key that does not stand in its text.
    key: Option<Secret>,
    passphrase: Option<Secret>,
}

/// How a stream of the network is fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// HTTP: an HLS playlist, or a stream that does not end.
    Http,
    /// The same over TLS.
    Https,
    /// RTMP, as a player.
    Rtmp,
    /// The same over TLS.
    Rtmps,
    /// SRT, as a caller.
    Srt,
}

impl Scheme {
    const ALL: [Self; 5] = [Self::Http, Self::Https, Self::Rtmp, Self::Rtmps, Self::Srt];

    /// As URLs begin with it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
            Self::Rtmp => "rtmp",
            Self::Rtmps => "rtmps",
            Self::Srt => "srt",
        }
    }
}

/// A URL of a scheme that is not among ours.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}://` is no live source; give http, https, rtmp, rtmps or srt, a file, or - for standard input")]
pub struct UnknownScheme(String);

impl Locator {
    /// Whether media comes evenly, so that a pause is one: a playlist comes by the segment, a pipe as it is filled.
    pub fn comes_evenly(&self) -> bool {
        match self {
            Self::Stdin | Self::File(_) => false,
            Self::Url(url) | Self::Listen(url, _) => match url.scheme {
                Scheme::Http | Scheme::Https => false,
                Scheme::Rtmp | Scheme::Rtmps | Scheme::Srt => true,
            },
        }
    }

    /// Whether media comes as the clock of its publisher has it: what is asked for by the segment does not, nor a file.
    pub fn comes_by_clock(&self) -> bool {
        self.comes_evenly() || matches!(self, Self::Stdin)
    }

    /// Whether it can be opened again when it was lost.
    pub fn can_come_back(&self) -> bool {
        matches!(self, Self::Url(_) | Self::Listen(..))
    }

    /// Whether somebody is waited for who may come at any time.
    pub fn waits(&self) -> bool {
        match self {
            Self::Stdin | Self::File(_) => false,
            Self::Url(url) => url.scheme == Scheme::Srt && url.asks("mode=listener"),
            Self::Listen(..) => true,
        }
    }

    /// The same with secrets that do not stand in its text.
    ///
    /// # Errors
    /// When such a source has none, or has them already.
    pub fn with_secrets(self, key: Option<Secret>, passphrase: Option<Secret>) -> Result<Self, SecretError> {
        let guard = |mut url: Url, listens: bool| {
            let (rtmp, srt) = (matches!(url.scheme, Scheme::Rtmp | Scheme::Rtmps), url.scheme == Scheme::Srt);
            if key.is_some() && !rtmp && !srt {
                return Err(SecretError::Key);
            }
            if passphrase.is_some() && !srt {
                return Err(SecretError::Passphrase);
            }
            if passphrase.as_ref().is_some_and(|secret| !(10..=79).contains(&secret.text().len())) {
                return Err(SecretError::Length);
            }
            if passphrase.is_some() && url.asks("passphrase=") || key.is_some() && srt && url.asks("streamid=") {
                return Err(SecretError::Twice);
            }
            if key.is_some() && srt && (listens || url.asks("mode=listener")) {
                return Err(SecretError::StreamId);
            }
            (url.key, url.passphrase) = (key.clone(), passphrase.clone());
            Ok(url)
        };
        match self {
            Self::Url(url) => Ok(Self::Url(guard(url, false)?)),
            Self::Listen(url, takeover) => {
                let url = guard(url, true)?;
                if url.scheme == Scheme::Rtmp && url.key.is_none() {
                    return Err(SecretError::Missing);
                }
                if url.scheme == Scheme::Srt && url.passphrase.is_none() {
                    return Err(SecretError::Open);
                }
                Ok(Self::Listen(url, takeover))
            }
            Self::Stdin | Self::File(_) if key.is_some() => Err(SecretError::Key),
            Self::Stdin | Self::File(_) if passphrase.is_some() => Err(SecretError::Passphrase),
            other @ (Self::Stdin | Self::File(_)) => Ok(other),
        }
    }

    /// Whether something of it is left out where it is printed.
    pub fn holds_secrets(&self) -> bool {
        match self {
            Self::Stdin | Self::File(_) => false,
            Self::Url(url) | Self::Listen(url, _) => {
                url.key.is_some() || url.passphrase.is_some() || self.to_string() != url.text
            }
        }
    }

    /// Whether its text holds what other users of the machine see in the list of processes.
    pub fn tells_secrets(&self) -> bool {
        match self {
            Self::Stdin | Self::File(_) => false,
            Self::Url(url) | Self::Listen(url, _) => {
                let (_, rest) = url.text.split_once("://").unwrap_or_default();
                let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
                authority.contains('@') || url.asks("passphrase=")
            }
        }
    }
}

/// Secrets do not fit a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    /// It has no stream key.
    #[error("a stream key is for rtmp, rtmps and srt; leave --stream-key-file out")]
    Key,
    /// It has no passphrase.
    #[error("a passphrase is for srt; leave --passphrase-file out")]
    Passphrase,
    /// SRT does not take it (haivision/srt, SRTO_PASSPHRASE).
    #[error("a passphrase of srt has 10 to 79 characters; choose another one")]
    Length,
    /// The URL says it too.
    #[error("the URL holds the secret too; leave it out there")]
    Twice,
    /// Anybody could publish.
    #[error("--listen rtmp://… lets in who knows the stream key; name a file that holds it with --stream-key-file")]
    Missing,
    /// FFmpeg's listener does not look at the stream ids of callers.
    #[error("callers of srt are let in by their passphrase, whatever their stream id; leave --stream-key-file out")]
    StreamId,
    /// Anybody could publish.
    #[error("--listen srt://… lets in who knows the passphrase; name a file that holds it with --passphrase-file")]
    Open,
}

/// A URL at which nobody can be waited for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ListenError {
    /// It has another scheme, or none.
    #[error("it can be listened at rtmp://ADDRESS:PORT/APPLICATION or srt://ADDRESS:PORT")]
    Scheme,
    /// It does not say where, or as what.
    #[error("write it like rtmp://0.0.0.0:1935/live or srt://0.0.0.0:9000; keys and passphrases come from files")]
    Place,
}

/// An address at which publishers are waited for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listen(Url);

impl Listen {
    /// Whether one publisher can take the place of another: a caller of SRT has the port for himself.
    pub fn can_be_taken_over(&self) -> bool {
        self.0.scheme != Scheme::Srt
    }

    /// The source that comes to it.
    pub fn into_locator(self, takeover: Takeover) -> Locator {
        Locator::Listen(self.0, takeover)
    }
}

impl FromStr for Listen {
    type Err = ListenError;

    fn from_str(text: &str) -> Result<Self, ListenError> {
        let Ok(Locator::Url(mut url)) = text.parse() else { return Err(ListenError::Scheme) };
        let (application, address) = (url.path().trim_matches('/'), url.address());
        let port = address.rsplit_once(':').filter(|(host, _)| !host.is_empty());
        let port = port.and_then(|(_, port)| port.parse::<u16>().ok());
        let plain = port.is_some() && !text.contains(['?', '#', '@']);
        match url.scheme {
            Scheme::Rtmp if plain && !application.is_empty() => Ok(Self(url)),
            Scheme::Srt if plain && application.is_empty() => {
                url.text = format!("srt://{}?mode=listener", url.address());
                Ok(Self(url))
            }
            Scheme::Rtmp | Scheme::Srt => Err(ListenError::Place),
            Scheme::Rtmps | Scheme::Http | Scheme::Https => Err(ListenError::Scheme),
        }
    }
}

impl Url {
    /// The whole of it, for who opens it.
    pub(crate) fn secret(&self) -> Zeroizing<String> {
        match &self.key {
            Some(key) if self.scheme != Scheme::Srt => {
                Zeroizing::new(format!("{}/{}", self.text.trim_end_matches('/'), key.text()))
            }
            Some(_) | None => Zeroizing::new(self.text.clone()),
        }
    }

    /// Its secrets that stand beside it, by FFmpeg's names of options.
    pub(crate) fn secrets(&self) -> Vec<(&'static str, &str)> {
        let key = self.key.as_ref().filter(|_| self.scheme == Scheme::Srt);
        let named = [("streamid", key), ("passphrase", self.passphrase.as_ref())];
        named.into_iter().filter_map(|(name, secret)| Some((name, secret?.text()))).collect()
    }

    /// Its stream key.
    pub(crate) fn key(&self) -> Option<&Secret> {
        self.key.as_ref()
    }

    /// Host and port.
    pub(crate) fn address(&self) -> &str {
        let (_, rest) = self.text.split_once("://").unwrap_or_default();
        rest.split(['/', '?', '#']).next().unwrap_or_default().rsplit('@').next().unwrap_or_default()
    }

    /// What comes behind host and port, without the query.
    pub(crate) fn path(&self) -> &str {
        let (_, rest) = self.text.split_once("://").unwrap_or_default();
        let rest = rest.split(['?', '#']).next().unwrap_or_default();
        rest.find('/').map_or("", |at| &rest[at..])
    }

    /// Whether its query has a parameter that begins so.
    fn asks(&self, parameter: &str) -> bool {
        let (_, query) = self.text.split_once('?').unwrap_or_default();
        query.split('&').any(|asked| asked.starts_with(parameter))
    }
}

impl FromStr for Locator {
    type Err = UnknownScheme;

    fn from_str(text: &str) -> Result<Self, UnknownScheme> {
        if text == "-" {
            return Ok(Self::Stdin);
        }
        let Some((name, _)) = text.split_once("://") else { return Ok(Self::File(text.into())) };
        if !name.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c)) {
            return Ok(Self::File(text.into()));
        }
        let scheme = Scheme::ALL.into_iter().find(|scheme| scheme.name().eq_ignore_ascii_case(name));
        let scheme = scheme.ok_or_else(|| UnknownScheme(name.to_owned()))?;
        Ok(Self::Url(Url { scheme, text: text.to_owned(), key: None, passphrase: None }))
    }
}

impl fmt::Display for Url {
    /// Without user and password, without the query, and for RTMP without the last part of its path, which is the
    /// stream's key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (path, query) = (self.path(), self.text.contains(['?', '#']));
        write!(f, "{}://{}", self.scheme.name(), self.address())?;
        match (self.scheme, path.trim_end_matches('/').rsplit_once('/')) {
            (Scheme::Rtmp | Scheme::Rtmps, _) if self.key.is_some() => f.write_str(path)?,
            (Scheme::Rtmp | Scheme::Rtmps, Some((application, key))) if !key.is_empty() => {
                write!(f, "{application}/{HIDDEN}")?;
            }
            (_, _) => f.write_str(path)?,
        }
        if query { write!(f, "?{HIDDEN}") } else { Ok(()) }
    }
}

impl fmt::Debug for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Locator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stdin => f.write_str("-"),
            Self::File(path) => path.display().fmt(f),
            Self::Url(url) => url.fmt(f),
            // What it asks for says that it listens, and is no secret.
            Self::Listen(url, _) => write!(f, "{}://{}{}", url.scheme.name(), url.address(), url.path()),
        }
    }
}

impl fmt::Debug for Locator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        text.parse::<Locator>().map_or_else(|error| error.to_string(), |locator| locator.to_string())
    }

    #[test]
    fn what_may_be_secret_is_not_shown() {
        assert_eq!(shown("rtmp://ingest.example/live/s3cret"), "rtmp://ingest.example/live/…");
        assert_eq!(shown("rtmps://u:p@ingest.example:443/live/key?token=x"), "rtmps://ingest.example:443/live/…?…");
        assert_eq!(shown("rtmp://ingest.example/live/s3cret/"), "rtmp://ingest.example/live/…");
        assert_eq!(shown("rtmp://ingest.example/live/s3cret//?x"), "rtmp://ingest.example/live/…?…");
        assert_eq!(shown("srt://example:9000?passphrase=x"), "srt://example:9000?…");
        assert_eq!(shown("https://example/live/index.m3u8?sig=1"), "https://example/live/index.m3u8?…");
        assert_eq!(format!("{:?}", "rtmp://e/live/key".parse::<Locator>()), "Ok(rtmp://e/live/…)");
    }

    #[test]
    fn secrets_from_files_are_where_they_are_wanted_and_nowhere_else() {
        let secret = |text: &str| Some(Secret::new(text));
        let with = |url: &str, key, passphrase| url.parse::<Locator>().expect("a URL").with_secrets(key, passphrase);
        let Ok(Locator::Url(url)) = with("rtmp://host/live/", secret("k3y"), None) else { panic!("it takes a key") };
        assert_eq!((url.secret().as_str(), url.to_string().as_str()), ("rtmp://host/live/k3y", "rtmp://host/live/"));
        let Ok(Locator::Url(url)) = with("srt://host:1", secret("k3y"), secret("0123456789")) else { panic!("both") };
        assert_eq!(url.secret().as_str(), "srt://host:1");
        assert_eq!(url.secrets(), [("streamid", "k3y"), ("passphrase", "0123456789")]);
        for (url, key, passphrase, why) in [
            ("https://host/x", secret("k"), None, SecretError::Key),
            ("-", secret("k"), None, SecretError::Key),
            ("rtmp://host/live", None, secret("0123456789"), SecretError::Passphrase),
            ("srt://host:1", None, secret("short"), SecretError::Length),
            ("srt://host:1?passphrase=0123456789", None, secret("0123456789"), SecretError::Twice),
        ] {
            assert_eq!(with(url, key, passphrase), Err(why), "{url}");
        }
        let tells = |url: &str| url.parse::<Locator>().expect("a URL").tells_secrets();
        assert!(tells("https://user:pass@host/x") && tells("srt://host:1?mode=caller&passphrase=0123456789"));
        let holds = |url: &str| url.parse::<Locator>().expect("a URL").holds_secrets();
        assert!(
            holds("rtmp://host/live/name") && holds("srt://host:1?passphrase=0123456789") && holds("http://a:b@host/x")
        );
        assert!(!holds("https://host/x.m3u8") && !holds("srt://host:1") && !holds("clip.mp4") && !holds("-"));
        assert!(!tells("rtmp://host/live/name") && !tells("https://host/a@b?x=1"));
    }

    #[test]
    fn an_address_is_listened_at_as_it_is_written() {
        let shown = |text: &str| {
            let listen = text.parse::<Listen>();
            listen.map_or_else(|error| error.to_string(), |l| l.into_locator(Takeover::Reject).to_string())
        };
        assert_eq!(shown("rtmp://0.0.0.0:1935/live"), "rtmp://0.0.0.0:1935/live");
        assert_eq!(shown("srt://[::1]:9000"), "srt://[::1]:9000");
        for text in ["rtmp://0.0.0.0/live", "rtmp://:1935/live", "rtmp://0.0.0.0:1935", "srt://h:1?passphrase=x"] {
            assert!(shown(text).starts_with("write it like"), "{text}");
        }
        for text in ["http://0.0.0.0:80/x", "rtmps://0.0.0.0:1/live", "live.flv", "-"] {
            assert!(shown(text).starts_with("it can be listened at"), "{text}");
        }
        let open = "rtmp://0.0.0.0:1935/live".parse::<Listen>().expect("an address").into_locator(Takeover::Replace);
        assert!(open.waits() && open.can_come_back());
        assert_eq!(open.with_secrets(None, None), Err(SecretError::Missing));
        let srt = "srt://0.0.0.0:9000".parse::<Listen>().expect("an address");
        assert!(!srt.can_be_taken_over());
        let srt = srt.into_locator(Takeover::Reject);
        let secret = |text: &str| Some(Secret::new(text));
        assert_eq!(srt.clone().with_secrets(None, None), Err(SecretError::Open));
        assert_eq!(srt.clone().with_secrets(secret("k3y"), secret("0123456789")), Err(SecretError::StreamId));
        assert!(srt.with_secrets(None, secret("0123456789")).is_ok());
        let caller = "srt://0.0.0.0:9000?mode=listener".parse::<Locator>().expect("a URL");
        assert_eq!(caller.with_secrets(secret("k3y"), None), Err(SecretError::StreamId));
    }

    #[test]
    fn files_standard_input_and_other_schemes_are_told_apart() {
        assert_eq!("-".parse(), Ok(Locator::Stdin));
        assert_eq!("a clip.flv".parse(), Ok(Locator::File("a clip.flv".into())));
        assert_eq!("dir/odd ://x".parse(), Ok(Locator::File("dir/odd ://x".into())));
        assert!(shown("ftp://host/x").starts_with("`ftp://` is no live source"));
    }
}
