//! Texts that a reviewer has read. `UPDATE_GOLDEN=1` rewrites them.

use std::path::{Path, PathBuf};
use std::{env, fs};

use streampack::manifest::Document;

/// Compares all documents of one case with `tests/golden/{hls,dash}/{case}/`.
pub(crate) fn check(case: &str, documents: &[Document]) {
    let update = env::var_os("UPDATE_GOLDEN").is_some();
    if update {
        for kind in ["hls", "dash"] {
            let _ = fs::remove_dir_all(directory(kind, case));
        }
    }
    for document in documents {
        let kind = if document.key.ends_with(".mpd") { "dash" } else { "hls" };
        let path = directory(kind, case).join(document.key.replace('/', "."));
        if update {
            fs::create_dir_all(path.parent().expect("a golden has a directory")).expect("tests/golden is writable");
            fs::write(&path, &document.body).expect("tests/golden is writable");
        }
        let golden = fs::read_to_string(&path)
            .unwrap_or_else(|error| panic!("{}: {error}; run with UPDATE_GOLDEN=1", path.display()));
        assert_eq!(document.body, golden, "{} differs; UPDATE_GOLDEN=1 rewrites it", path.display());
    }
    assert_eq!(count("hls", case) + count("dash", case), documents.len(), "{case}: goldens without a document");
}

fn count(kind: &str, case: &str) -> usize {
    fs::read_dir(directory(kind, case)).map_or(0, Iterator::count)
}

fn directory(kind: &str, case: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(kind).join(case)
}
