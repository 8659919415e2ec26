//! Where objects go, as users write it: `s3://bucket/prefix`, or a directory.

use std::ffi::OsStr;
use std::fmt;
use std::path::PathBuf;

/// A place that holds objects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Location {
    /// A part of a bucket.
    Bucket(Bucket),
    /// A directory of this machine.
    Directory(PathBuf),
}

/// A bucket (a container of Azure), and what the keys in it begin with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bucket {
    /// Whose it is.
    pub service: Service,
    /// Its name.
    pub name: String,
    /// What comes before every key, without slashes at its ends; empty for the bucket itself.
    pub prefix: String,
}

/// Who keeps the objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Service {
    /// Amazon S3, and what speaks its protocol: MinIO, R2, Ceph.
    S3,
    /// Google Cloud Storage.
    Gcs,
    /// Azure Blob Storage.
    Azure,
}

impl Service {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::S3, Self::Gcs, Self::Azure];

    /// How its URLs begin.
    pub const fn scheme(self) -> &'static str {
        match self {
            Self::S3 => "s3://",
            Self::Gcs => "gs://",
            Self::Azure => "az://",
        }
    }
}

/// A text that names no place. It may hold a password, so it is not repeated here.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LocationError {
    /// Another kind of URL.
    #[error("{scheme} outputs are not supported; give s3://BUCKET/PREFIX, gs://, az:// or a directory")]
    Scheme {
        /// How it begins.
        scheme: String,
    },
    /// The bucket is missing or none.
    #[error("a URL of {scheme} begins with the name of a bucket; write it like {scheme}bucket/prefix")]
    Name {
        /// How it begins.
        scheme: &'static str,
    },
    /// It has parts that a prefix cannot have.
    #[error("a prefix is a path without empty parts, `.`, `..`, `?` and `#`; write it like {scheme}bucket/prefix")]
    Prefix {
        /// How it begins.
        scheme: &'static str,
    },
    /// It is no text.
    #[error("a URL of {scheme} that is not valid Unicode names no object; choose another name")]
    Unicode {
        /// How it begins.
        scheme: &'static str,
    },
    /// It names a user.
    #[error(
        "a URL with a user or a password would show it to everybody on this machine; put credentials in the environment"
    )]
    Credentials,
}

impl Location {
    /// The place that `text` names. What does not begin like a URL is a directory.
    pub fn parse(text: &OsStr) -> Result<Self, LocationError> {
        let Some(whole) = text.to_str() else {
            let lossy = text.to_string_lossy();
            let begun = |service: &Service| lossy.starts_with(service.scheme());
            return match Service::ALL.into_iter().find(begun) {
                Some(service) => Err(LocationError::Unicode { scheme: service.scheme() }),
                None => Ok(Self::Directory(text.into())),
            };
        };
        let Some((scheme, rest)) = split(whole) else { return Ok(Self::Directory(text.into())) };
        if scheme == "file://" {
            return Ok(Self::Directory(rest.into()));
        }
        let service = Service::ALL.into_iter().find(|service| service.scheme() == scheme);
        let service = service.ok_or_else(|| LocationError::Scheme { scheme: scheme.to_owned() })?;
        Bucket::parse(service, rest).map(Self::Bucket)
    }

    /// The place below this one.
    pub fn join(&self, key: &str) -> Self {
        match self {
            Self::Directory(path) => Self::Directory(path.join(key)),
            Self::Bucket(bucket) => Self::Bucket(Bucket { prefix: bucket.path(key), ..bucket.clone() }),
        }
    }
}

impl Bucket {
    fn parse(service: Service, rest: &str) -> Result<Self, LocationError> {
        let scheme = service.scheme();
        let (name, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        if name.contains('@') {
            return Err(LocationError::Credentials);
        }
        let named = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        if name.is_empty() || !name.chars().all(named) {
            return Err(LocationError::Name { scheme });
        }
        let prefix = prefix.strip_suffix('/').unwrap_or(prefix);
        let sound = |part: &str| !matches!(part, "" | "." | "..") && !part.contains(['?', '#', '\\', '\0']);
        if !prefix.is_empty() && !prefix.split('/').all(sound) {
            return Err(LocationError::Prefix { scheme });
        }
        Ok(Self { service, name: name.to_owned(), prefix: prefix.to_owned() })
    }

    /// `key` below the prefix, as it is called in the bucket.
    pub fn path(&self, key: &str) -> String {
        match (self.prefix.as_str(), key) {
            ("", key) => key.to_owned(),
            (prefix, "") => prefix.to_owned(),
            (prefix, key) => format!("{prefix}/{key}"),
        }
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Directory(path) => path.display().fmt(f),
            Self::Bucket(Bucket { service, name, prefix }) if prefix.is_empty() => {
                write!(f, "{}{name}", service.scheme())
            }
            Self::Bucket(Bucket { service, name, prefix }) => write!(f, "{}{name}/{prefix}", service.scheme()),
        }
    }
}

/// `s3://` and `bucket/film` of `s3://bucket/film`.
fn split(text: &str) -> Option<(&str, &str)> {
    let (name, rest) = text.split_once("://")?;
    let named = name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
    named.then(|| (&text[..name.len() + "://".len()], rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Location, LocationError> {
        Location::parse(text.as_ref())
    }

    #[test]
    fn buckets_and_directories_are_told_apart() {
        for (text, shown) in [
            ("s3://bucket", "s3://bucket"),
            ("s3://bucket/", "s3://bucket"),
            ("gs://my.bucket/a/b c/", "gs://my.bucket/a/b c"),
            ("az://container/ä", "az://container/ä"),
            ("file:///srv/www", "/srv/www"),
            ("out/s3:", "out/s3:"),
        ] {
            assert_eq!(parse(text).expect("a place").to_string(), shown);
        }
        assert_eq!(parse("out").expect("a place"), Location::Directory("out".into()));
        let film = parse("s3://bucket/film").expect("a place");
        assert_eq!(film.join("video/1.m4s").to_string(), "s3://bucket/film/video/1.m4s");
        assert_eq!(parse("s3://bucket").expect("a place").join("a").to_string(), "s3://bucket/a");
    }

    #[cfg(unix)]
    #[test]
    fn a_url_that_is_no_text_is_not_taken_for_a_directory() {
        use std::os::unix::ffi::OsStrExt;
        let parse = |bytes: &[u8]| Location::parse(OsStr::from_bytes(bytes));
        assert_eq!(parse(b"s3://b/caf\xe9"), Err(LocationError::Unicode { scheme: "s3://" }));
        assert!(matches!(parse(b"out/caf\xe9"), Ok(Location::Directory(_))));
    }

    #[test]
    fn what_names_no_place_is_refused_without_repeating_it() {
        for (text, why) in [
            ("ftp://host/x", "ftp:// outputs are not supported"),
            ("s3://", "write it like s3://bucket/prefix"),
            ("s3:///film", "write it like s3://bucket/prefix"),
            ("gs://b/../x", "a prefix is a path"),
            ("gs://b//x", "a prefix is a path"),
            ("s3://b/x?versionId=1", "a prefix is a path"),
            ("s3://key:secret@bucket/x", "put credentials in the environment"),
        ] {
            let message = parse(text).expect_err("no place").to_string();
            assert!(message.contains(why) && !message.contains("secret"), "{message}");
        }
    }
}
