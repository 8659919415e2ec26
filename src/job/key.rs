//! What the bytes of an output depend on, as one short text: finished work is used again only under the
//! same key.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::media::protect::hex;

/// How much of either end of an input is read: headers and indexes are there.
const EDGE: u64 = 1 << 20;

/// An input could not be looked at.
#[derive(Debug, thiserror::Error)]
#[error("cannot read {}: {source}", path.display())]
pub struct Error {
    path: PathBuf,
    source: io::Error,
}

/// Tells an input from others and from its own other versions, without reading it whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Identity {
    /// The canonical path; its bytes, because it need not be UTF-8.
    path: Vec<u8>,
    bytes: u64,
    /// Nanoseconds since 1970, before it when negative.
    modified_ns: i128,
    /// SHA-256 of the first and last MiB.
    edges: [String; 2],
}

impl Identity {
    /// The identity of the file at `path`; nothing for a pipe or device, which cannot be read twice.
    pub fn of(path: &Path) -> Result<Option<Self>, Error> {
        read_identity(path).map_err(|source| Error { path: path.to_owned(), source })
    }
}

/// Tells files from all others and from what each was before anybody wrote to it: nobody can set when a file was last
/// changed, but with the clock of the machine.
pub fn versions(inputs: &[PathBuf]) -> Result<String, Error> {
    let version = |path: &PathBuf| {
        let metadata = path.metadata().map_err(|source| Error { path: path.to_owned(), source })?;
        let changed = (metadata.ctime(), metadata.ctime_nsec());
        Ok(format!("{} {} {} {changed:?}", metadata.dev(), metadata.ino(), metadata.len()))
    };
    Ok(inputs.iter().map(version).collect::<Result<Vec<_>, Error>>()?.join(", "))
}

fn read_identity(path: &Path) -> io::Result<Option<Identity>> {
    // Asked before opening: opening a pipe waits for its writer.
    if !path.metadata()?.is_file() {
        return Ok(None);
    }
    let canonical = path.canonicalize()?;
    let mut file = File::open(&canonical)?;
    let metadata = file.metadata()?;
    let bytes = metadata.len();
    let modified_ns = match metadata.modified()?.duration_since(UNIX_EPOCH) {
        Ok(after) => after.as_nanos() as i128,
        Err(before) => -(before.duration().as_nanos() as i128),
    };
    let first = digest_from(&mut file, 0)?;
    let last = digest_from(&mut file, bytes.saturating_sub(EDGE))?;
    let path = canonical.as_os_str().as_encoded_bytes().to_vec();
    Ok(Some(Identity { path, bytes, modified_ns, edges: [first, last] }))
}

fn digest_from(file: &mut File, start: u64) -> io::Result<String> {
    file.seek(SeekFrom::Start(start))?;
    let (mut edge, mut buffer, mut hash) = (file.take(EDGE), [0; 16 * 1024], Sha256::new());
    loop {
        match edge.read(&mut buffer) {
            Ok(0) => return Ok(hex(&hash.finalize())),
            Ok(bytes) => hash.update(&buffer[..bytes]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => (),
            Err(error) => return Err(error),
        }
    }
}

/// The key of a run: SHA-256, in 64 hexadecimal digits, over everything its bytes depend on. `settings`
/// holds plan and settings, `encoders` the versions of the libraries that encode.
pub fn key(settings: &serde_json::Value, input: &Identity, encoders: &str) -> String {
    let all = serde_json::json!({
        "tool": env!("CARGO_PKG_VERSION"),
        "encoders": encoders,
        "input": {
            "path": input.path,
            "bytes": input.bytes,
            "modified_ns": input.modified_ns.to_string(),
            "edges": input.edges,
        },
        "settings": settings,
    });
    sha256(all.to_string().as_bytes())
}

/// The key of a run that packages several inputs: SHA-256 as [`key`] makes it. `asked` holds plan and settings,
/// `libraries` the versions of those that read.
pub fn package_key(asked: &serde_json::Value, inputs: &[Identity], libraries: &str) -> String {
    let one = |input| key(asked, input, libraries);
    sha256(inputs.iter().map(one).collect::<Vec<_>>().join(" ").as_bytes())
}

/// The key of a live run: SHA-256 over what it was asked, and when. What came of its source is never made again.
pub fn live_key(asked: &serde_json::Value, libraries: &str) -> String {
    let all = serde_json::json!({ "tool": env!("CARGO_PKG_VERSION"), "libraries": libraries, "live": asked });
    sha256(all.to_string().as_bytes())
}

fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::time::Duration;

    use serde_json::json;
    use tempfile::TempDir;

    use super::*;

    fn identity(path: &Path) -> Identity {
        Identity::of(path).expect("readable").expect("a file")
    }

    #[test]
    fn the_digest_is_the_published_one() {
        // FIPS 180-2, appendix B.1.
        assert_eq!(sha256(b"abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }

    #[test]
    fn anything_that_changes_the_bytes_changes_the_key() {
        let temp = TempDir::new().expect("a temporary directory");
        let path = temp.path().join("input.mp4");
        fs::write(&path, "media").expect("writable");
        let input = identity(&path);
        let base = key(&json!({"crf": 23}), &input, "x264 165");
        assert_eq!(base.len(), 64);
        assert_eq!(base, key(&json!({"crf": 23}), &identity(&path), "x264 165"));
        assert_ne!(base, key(&json!({"crf": 24}), &input, "x264 165"));
        assert_ne!(base, key(&json!({"crf": 23}), &input, "x264 164"));
    }

    #[test]
    fn a_file_is_known_by_place_size_time_and_both_ends() {
        let temp = TempDir::new().expect("a temporary directory");
        let path = temp.path().join("input.mp4");
        let mut media = vec![0; 3 * EDGE as usize];
        let write = |path: &Path, media: &[u8]| {
            fs::write(path, media).expect("writable");
            let file = File::options().write(true).open(path).expect("exists");
            file.set_modified(UNIX_EPOCH + Duration::from_secs(1_000_000)).expect("settable");
        };
        write(&path, &media);
        let base = identity(&path);

        let file = File::options().write(true).open(&path).expect("exists");
        file.set_modified(UNIX_EPOCH - Duration::from_nanos(1)).expect("settable");
        assert_eq!(identity(&path), Identity { modified_ns: -1, ..base.clone() });

        for at in [0, EDGE as usize - 1, 2 * EDGE as usize, 3 * EDGE as usize - 1] {
            media[at] = 1;
            write(&path, &media);
            assert_ne!(identity(&path), base, "byte {at}");
            media[at] = 0;
        }
        write(&path, &media);
        assert_eq!(identity(&path), base);

        let copy = temp.path().join("copy.mp4");
        write(&copy, &media);
        assert_ne!(identity(&copy), base);
    }

    #[test]
    fn what_is_no_file_has_no_identity_and_what_is_absent_is_an_error() {
        let temp = TempDir::new().expect("a temporary directory");
        assert_eq!(Identity::of(temp.path()).expect("readable"), None);
        let message = Identity::of(&temp.path().join("absent.mp4")).expect_err("not there").to_string();
        assert!(message.contains("absent.mp4"), "{message}");
    }
}
