//! Where live media comes from, parsed once.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

/// Where live media comes from.
#[derive(Clone, PartialEq, Eq)]
pub enum Locator {
    /// Standard input: `-`.
    Stdin,
    /// A local file.
    File(PathBuf),
    /// A stream of the network.
    Url(Url),
}

/// A stream of the network. Printed, it leaves out what may be secret.
#[derive(Clone, PartialEq, Eq)]
pub struct Url {
    /// How it is fetched.
    pub scheme: Scheme,
    text: String,
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
            Self::Url(url) => match url.scheme {
                Scheme::Http | Scheme::Https => false,
                Scheme::Rtmp | Scheme::Rtmps | Scheme::Srt => true,
            },
        }
    }

    /// Whether it can be opened again when it was lost.
    pub fn can_come_back(&self) -> bool {
        matches!(self, Self::Url(_))
    }
}

impl Url {
    /// The whole of it, for who opens it.
    pub(crate) fn secret(&self) -> &str {
        &self.text
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
        Ok(Self::Url(Url { scheme, text: text.to_owned() }))
    }
}

/// What stands in the place of a secret.
const HIDDEN: &str = "…";

impl fmt::Display for Url {
    /// Without user and password, without the query, and for RTMP without the last part of its path, which is the
    /// stream's key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (_, rest) = self.text.split_once("://").unwrap_or_default();
        let (rest, query) = rest.split_once(['?', '#']).map_or((rest, false), |(rest, _)| (rest, true));
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let host = authority.rsplit('@').next().unwrap_or_default();
        write!(f, "{}://{host}", self.scheme.name())?;
        match (self.scheme, path.rsplit_once('/')) {
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
        assert_eq!(shown("srt://example:9000?passphrase=x"), "srt://example:9000?…");
        assert_eq!(shown("https://example/live/index.m3u8?sig=1"), "https://example/live/index.m3u8?…");
        assert_eq!(format!("{:?}", "rtmp://e/live/key".parse::<Locator>()), "Ok(rtmp://e/live/…)");
    }

    #[test]
    fn files_standard_input_and_other_schemes_are_told_apart() {
        assert_eq!("-".parse(), Ok(Locator::Stdin));
        assert_eq!("a clip.flv".parse(), Ok(Locator::File("a clip.flv".into())));
        assert_eq!("dir/odd ://x".parse(), Ok(Locator::File("dir/odd ://x".into())));
        assert!(shown("ftp://host/x").starts_with("`ftp://` is no live source"));
    }
}
