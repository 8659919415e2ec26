//! From the path of a URL to a file: nothing outside the root, nothing hidden.

use std::path::{Component, Path, PathBuf};

/// What stands under a path.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// A file.
    File(PathBuf),
    /// A directory.
    Directory(PathBuf),
}

/// What stands under `key` in `root`, which is without symbolic links. Nothing when the key or a symbolic
/// link leads out of the root or to a name with a leading dot, where the private work directory is.
pub(super) fn find(root: &Path, key: &str) -> Option<Place> {
    let named = |part: &str| !part.starts_with('.') && !part.is_empty() && !part.contains(['\\', '\0']);
    if !key.is_empty() && !key.split('/').all(named) {
        return None;
    }
    let path = root.join(key).canonicalize().ok()?;
    let hidden = |part: Component<'_>| part.as_os_str().to_string_lossy().starts_with('.');
    if path.strip_prefix(root).ok()?.components().any(hidden) {
        return None;
    }
    let kind = path.metadata().ok()?;
    if kind.is_dir() {
        Some(Place::Directory(path))
    } else {
        // A pipe or a device would block whoever reads it.
        kind.is_file().then_some(Place::File(path))
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use tempfile::TempDir;

    use super::*;

    fn root() -> (TempDir, PathBuf) {
        let temp = TempDir::new().expect("a temporary directory");
        let root = temp.path().canonicalize().expect("exists").join("out");
        for directory in ["out/video", "out/.streampack", "outside"] {
            fs::create_dir_all(temp.path().join(directory)).expect("writable");
        }
        for file in ["out/video/init.mp4", "out/.streampack/lock", "out/.env", "outside/secret", "out2"] {
            fs::write(temp.path().join(file), "x").expect("writable");
        }
        (temp, root)
    }

    #[test]
    fn files_and_directories_are_found() {
        let (_temp, root) = root();
        assert_eq!(find(&root, "video/init.mp4"), Some(Place::File(root.join("video/init.mp4"))));
        assert_eq!(find(&root, "video"), Some(Place::Directory(root.join("video"))));
        assert_eq!(find(&root, ""), Some(Place::Directory(root.clone())));
        assert_eq!(find(&root, "video/none.mp4"), None);
    }

    #[test]
    fn nothing_hidden_and_nothing_outside_is_found() {
        let (_temp, root) = root();
        let outside = root.parent().expect("has one").join("outside/secret").display().to_string();
        let keys =
            ["../outside/secret", "video/../../out2", "..", ".streampack/lock", ".env", "./video", "video//init.mp4"];
        for key in keys.into_iter().chain([&outside[..], "/etc/passwd", "video\\init.mp4", "a\0"]) {
            assert_eq!(find(&root, key), None, "{key:?}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn symbolic_links_are_followed_only_inside() {
        use std::os::unix::fs::symlink;
        let (_temp, root) = root();
        symlink(root.join("video"), root.join("inside")).expect("writable");
        symlink(root.parent().expect("has one").join("outside"), root.join("out")).expect("writable");
        symlink(root.join(".streampack"), root.join("work")).expect("writable");
        assert_eq!(find(&root, "inside/init.mp4"), Some(Place::File(root.join("video/init.mp4"))));
        assert_eq!(find(&root, "out/secret"), None);
        assert_eq!(find(&root, "work/lock"), None);
    }
}
