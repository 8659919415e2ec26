//! All files of an output, to be compared with those of another run.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use serde_json::Value;

use super::files::Files;
use super::findings::Findings;

/// The bytes of every file below `root`; of the report everything but how long the work took.
pub fn tree(root: &Path) -> BTreeMap<String, Vec<u8>> {
    let files = Files::of(root);
    let content =
        |name: &String| if name == "streampack.json" { timeless(&files.read(name)) } else { files.read(name) };
    files.sizes().keys().map(|name| (name.clone(), content(name))).collect()
}

/// The names of all files below `root`.
pub fn names(root: &Path) -> Vec<String> {
    Files::of(root).sizes().keys().cloned().collect()
}

fn timeless(report: &[u8]) -> Vec<u8> {
    let mut report: Value = serde_json::from_slice(report).expect("the report is JSON");
    report.as_object_mut().and_then(|report| report.remove("timings")).expect("the report tells timings");
    report.to_string().into_bytes()
}

/// Expects the same files with the same bytes.
///
/// # Panics
/// With the names of the files that differ.
#[track_caller]
pub fn same(one: &Path, other: &Path) {
    let (one, other) = (tree(one), tree(other));
    let names: BTreeSet<&String> = one.keys().chain(other.keys()).collect();
    let differing: Vec<_> = names.into_iter().filter(|name| one.get(*name) != other.get(*name)).collect();
    assert!(differing.is_empty(), "these differ: {differing:?}");
}

/// The manifests of every kind below `root` that name other files.
pub fn manifests(root: &Path) -> Vec<String> {
    if !root.exists() {
        return Vec::new();
    }
    Files::of(root).sizes().keys().filter(|n| n.ends_with(".m3u8") || n.ends_with(".mpd")).cloned().collect()
}

/// Names that playlists in `root` mention and that are not there.
pub fn dangling(root: &Path) -> Vec<String> {
    let (mut files, mut findings) = (Files::of(root), Findings::default());
    for manifest in manifests(root).iter().filter(|name| name.ends_with(".m3u8")) {
        let text = fs::read_to_string(root.join(manifest)).expect("a listed file is readable");
        let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
        let attributes = text.lines().filter_map(|line| line.split_once("URI=\"")?.1.split('"').next());
        for uri in lines.chain(attributes) {
            files.name(manifest, uri, &mut findings);
        }
    }
    findings.into_lines()
}
