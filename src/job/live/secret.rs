//! Stream keys and passphrases of live sources, from files: other users of the machine see the words of a command.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use zeroize::Zeroizing;

use super::Error;
use crate::event::Warning;
use crate::job::keys;
use crate::source::secret::Secret;

/// No secret is longer, in bytes: it would be something else.
const LONGEST: u64 = 1024;

/// Reads the one line of a file that holds a secret, which messages call `what`. Warns when others than its owner may read it.
///
/// # Errors
/// When the file cannot be read, or holds anything but one line of visible characters.
pub fn read(what: &'static str, path: &Path) -> Result<(Secret, Option<Warning>), Error> {
    let unreadable = |source| Error::Keys(keys::Error::Unreadable { what, path: path.to_owned(), source });
    let file = File::open(path).map_err(unreadable)?;
    let warning = keys::open_to_others(what, path);
    // Room for all of it: a text that grows leaves copies behind.
    let mut text = Zeroizing::new(String::with_capacity(LONGEST as usize + 1));
    file.take(LONGEST + 1).read_to_string(&mut text).map_err(unreadable)?;
    let line = text.trim_end_matches(['\r', '\n']);
    if line.is_empty() || line.len() as u64 > LONGEST || !line.chars().all(|c| c.is_ascii_graphic()) {
        let why = "it must hold one line of visible ASCII characters and nothing else";
        return Err(unreadable(io::Error::new(io::ErrorKind::InvalidData, why)));
    }
    Ok((Secret::new(line), warning))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Result<Secret, String> {
        let directory = tempfile::tempdir().expect("writable");
        let path = directory.path().join("key");
        std::fs::write(&path, text).expect("writable");
        read("stream key", &path).map(|(secret, _)| secret).map_err(|error| error.to_string())
    }

    #[test]
    fn a_secret_is_one_line_and_is_not_printed() {
        let secret = of("a-s3cret?x=1\n").expect("one line");
        assert!(secret.is("a-s3cret?x=1") && !secret.is("a-s3cret"));
        assert_eq!(format!("{secret:?}"), "…");
    }

    #[test]
    fn what_is_no_secret_is_refused() {
        for text in ["", "\n", "two\nlines\n", "with space", "b\u{0}d", &"x".repeat(2000)[..]] {
            let why = of(text).expect_err("it is refused");
            assert!(why.contains("one line of visible ASCII characters"), "{text:?}: {why}");
        }
    }
}
