//! The files of a set: reached by the URIs of its manifests, and never outside its directory.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use super::finding::Findings;
use super::rule::rules;
use super::{Error, Rule};
use crate::crypt::Keys;

rules! {
    INSIDE: Error "RFC 3986 5.2" "every URI stays in the directory of the set";
    FOREIGN: Note "RFC 3986 4.2" "what a URI with a scheme or a host names is not read";
    READABLE: Error "RFC 3986 3.3" "a URI names a file that can be read, and no directory";
    SMALL: Error "RFC 8216bis 4.1" "a manifest or text file is of a size that a client reads";
    UTF_8: Error "RFC 8216bis 4.1" "playlists, MPDs and WebVTT files are UTF-8";
    NO_BYTE_ORDER_MARK: Error "RFC 8216bis 4.1" "a playlist does not start with a byte order mark";
}

/// The largest text that is read: a playlist of a week of segments of two seconds.
const MOST_TEXT: u64 = 16 << 20;

/// The directory of a set, and what was opened in it.
#[derive(Debug)]
pub(super) struct Files {
    root: PathBuf,
    opened: BTreeSet<String>,
    keys: Option<Keys>,
}

/// A file, read in pieces.
#[derive(Debug)]
pub(super) struct Object {
    source: Source,
    /// Its size in bytes.
    pub(super) size: u64,
}

/// Where the bytes of an object are.
#[derive(Debug)]
enum Source {
    File { reader: BufReader<File>, position: u64 },
    Memory(Vec<u8>),
}

impl Files {
    /// The set in `root`.
    pub(super) fn new(root: &Path, keys: Option<&Keys>) -> Result<Self, Error> {
        let cannot = |source| Error::Unreadable { path: root.to_owned(), source };
        Ok(Self { root: root.canonicalize().map_err(cannot)?, opened: BTreeSet::new(), keys: keys.cloned() })
    }

    /// The keys for what is encrypted, where there are any.
    pub(super) fn keys(&self) -> Option<&Keys> {
        self.keys.as_ref()
    }

    /// How many files were opened.
    pub(super) fn count(&self) -> usize {
        self.opened.len()
    }

    /// The names in the directory itself that end in one of `suffixes`, in order.
    pub(super) fn top(&self, suffixes: &[&str]) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(&self.root)? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let named = suffixes.iter().any(|suffix| name.to_ascii_lowercase().ends_with(suffix));
            // Neither a directory, nor a pipe that waits for a writer, nor a link to somewhere else.
            let inside = entry.path().canonicalize().is_ok_and(|path| path.starts_with(&self.root) && path.is_file());
            if named && inside {
                names.push(name);
            }
        }
        names.sort();
        Ok(names)
    }

    /// The file that `uri` means in the file `from`, when it is there; otherwise a finding, by `missing` when there
    /// is no such file.
    pub(super) fn resolve(
        &self,
        from: &str,
        uri: &str,
        missing: &'static Rule,
        findings: &mut Findings<'_>,
    ) -> Option<String> {
        if is_foreign(uri) {
            findings.breaks(FOREIGN, from, format!("{uri} was not checked"));
            return None;
        }
        let Some(name) = join(from, uri) else {
            findings.breaks(INSIDE, from, format!("{uri} leaves the set"));
            return None;
        };
        match self.root.join(&name).canonicalize() {
            Ok(path) if !path.starts_with(&self.root) => {
                findings.breaks(INSIDE, from, format!("{uri} is a link that leaves the set"));
                None
            }
            Ok(path) if path.is_file() => Some(name),
            Ok(_) => {
                findings.breaks(READABLE, from, format!("{uri} is no file"));
                None
            }
            Err(_) => {
                findings.breaks(missing, from, format!("{uri} is not there"));
                None
            }
        }
    }

    /// Opens a file that [`Files::resolve`] or [`Files::top`] named.
    pub(super) fn open(&mut self, name: &str) -> io::Result<Object> {
        let file = File::open(self.root.join(name))?;
        let size = file.metadata()?.len();
        self.opened.insert(name.to_owned());
        Ok(Object { source: Source::File { reader: BufReader::new(file), position: 0 }, size })
    }

    /// The size of a file.
    pub(super) fn size(&mut self, name: &str) -> Option<u64> {
        let size = fs::metadata(self.root.join(name)).ok()?.len();
        self.opened.insert(name.to_owned());
        Some(size)
    }

    /// The text of a file; nothing, and a finding, when it is none.
    pub(super) fn text(&mut self, name: &str, findings: &mut Findings<'_>) -> Option<String> {
        let mut object = match self.open(name) {
            Ok(object) => object,
            Err(why) => {
                findings.breaks(READABLE, name, format!("cannot be read: {why}"));
                return None;
            }
        };
        if !findings.check(object.size <= MOST_TEXT, SMALL, name, || format!("is {} bytes of text", object.size)) {
            return None;
        }
        let bytes = match object.read(0, object.size) {
            Ok(bytes) => bytes,
            Err(why) => {
                findings.breaks(READABLE, name, format!("cannot be read: {why}"));
                return None;
            }
        };
        let text = match String::from_utf8(bytes) {
            Ok(text) => text,
            Err(why) => {
                findings.breaks(UTF_8, name, format!("is not UTF-8: {}", why.utf8_error()));
                return None;
            }
        };
        Some(match text.strip_prefix('\u{feff}') {
            Some(rest) => {
                findings.breaks(NO_BYTE_ORDER_MARK, name, "starts with a byte order mark");
                rest.to_owned()
            }
            None => text,
        })
    }
}

impl Object {
    /// `length` bytes from `offset` on; an error when the file is shorter.
    pub(super) fn read(&mut self, offset: u64, length: u64) -> io::Result<Vec<u8>> {
        if offset.checked_add(length).is_none_or(|end| end > self.size) {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let (reader, position) = match &mut self.source {
            Source::File { reader, position } => (reader, position),
            Source::Memory(bytes) => return Ok(bytes[offset as usize..(offset + length) as usize].to_vec()),
        };
        go_to(reader, position, offset)?;
        let mut bytes = Vec::new();
        reader.take(length).read_to_end(&mut bytes)?;
        *position += bytes.len() as u64;
        // The file may have become shorter since it was opened.
        if bytes.len() as u64 == length { Ok(bytes) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
    }

    /// An object that is not on the disk as it is.
    pub(super) fn of_bytes(bytes: Vec<u8>) -> Self {
        Self { size: bytes.len() as u64, source: Source::Memory(bytes) }
    }
}

/// Moves on without losing what is buffered.
fn go_to(reader: &mut BufReader<File>, position: &mut u64, offset: u64) -> io::Result<()> {
    let step = i64::try_from(i128::from(offset) - i128::from(*position));
    match step {
        Ok(step) => reader.seek_relative(step)?,
        Err(_) => {
            reader.seek(SeekFrom::Start(offset))?;
        }
    }
    *position = offset;
    Ok(())
}

/// Whether a URI has a scheme or a host.
fn is_foreign(uri: &str) -> bool {
    let scheme = uri.split(['/', '?', '#']).next().unwrap_or_default().split_once(':');
    scheme.is_some_and(|(scheme, _)| scheme.starts_with(|c: char| c.is_ascii_alphabetic())) || uri.starts_with("//")
}

/// The path that `uri` means in the file `from`, without its query; nothing when it leaves the set.
fn join(from: &str, uri: &str) -> Option<String> {
    let path = uri.split(['?', '#']).next().unwrap_or_default();
    let mut parts: Vec<String> = from.split('/').map(str::to_owned).collect();
    parts.pop();
    if path.starts_with('/') {
        return None;
    }
    for part in path.split('/') {
        match &decoded(part)[..] {
            "." | "" => {}
            ".." => {
                parts.pop()?;
            }
            part if part.contains(['/', '\\', '\0']) => return None,
            part => parts.push(part.to_owned()),
        }
    }
    Some(parts.join("/"))
}

/// A part of a path without its percent signs (RFC 3986 § 2.1).
fn decoded(part: &str) -> String {
    let mut bytes = Vec::with_capacity(part.len());
    let mut rest = part.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let code = after.get(..2).and_then(|hex| u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok());
        match code.filter(|_| *first == b'%') {
            Some(code) => {
                bytes.push(code);
                rest = &after[2..];
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uris_are_resolved_where_they_stand_and_stay_inside() {
        let in_video = |uri| join("video/720p/playlist.m3u8", uri);
        assert_eq!(in_video("init.mp4?x=1").as_deref(), Some("video/720p/init.mp4"));
        assert_eq!(in_video("../a%20b/./c.mp4").as_deref(), Some("video/a b/c.mp4"));
        for uri in ["../../../x", "/etc/passwd", "..%2f..%2f..%2fx", "%2e%2e/../../x"] {
            assert_eq!(in_video(uri), None, "{uri}");
        }
        assert!(is_foreign("https://a/b") && is_foreign("//a/b") && is_foreign("data:text/plain,x"));
        assert!(!is_foreign("a/b:c") && !is_foreign("a.mp4") && !is_foreign("./a:b"));
    }
}
