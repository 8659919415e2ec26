//! Whether two directories are in each other, also where one of them is not there yet.

use std::fs;
use std::path::{Path, PathBuf};

/// Whether `inner` is the directory `outer`, or somewhere below it.
pub fn is_within(inner: &Path, outer: &Path) -> bool {
    real(inner).starts_with(real(outer))
}

/// What is not there yet is known by what it will be in.
fn real(path: &Path) -> PathBuf {
    let standing = path.ancestors().find(|path| path.exists()).unwrap_or(path);
    let rest = path.strip_prefix(standing).unwrap_or(Path::new(""));
    let here = if standing.as_os_str().is_empty() { Path::new(".") } else { standing };
    // A path that ends in nothing would get a slash.
    let join = |real: PathBuf| if rest.as_os_str().is_empty() { real } else { real.join(rest) };
    fs::canonicalize(here).map_or_else(|_| path.to_owned(), join)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directories_are_known_by_where_they_are() {
        let temp = tempfile::tempdir().expect("writable");
        let [film, other] = ["film", "other"].map(|name| temp.path().join(name));
        fs::create_dir(&film).expect("writable");
        assert!(is_within(&film, &film) && is_within(&film.join("a/b"), &film) && !is_within(&film, &film.join("a")));
        assert!(
            is_within(&other.join("a"), &other) && !is_within(&other, &film) && !is_within(&film.join("../x"), &film)
        );
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink(&film, &other).expect("a link");
            assert!(is_within(&other.join("new"), &film));
        }
    }
}
