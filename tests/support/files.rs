//! The files of an output directory, and which of them something names.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use super::findings::Findings;

/// Every file below an output directory, by its path with `/`.
#[derive(Debug)]
pub struct Files {
    root: PathBuf,
    sizes: BTreeMap<String, u64>,
    named: BTreeSet<String>,
}

impl Files {
    /// Lists `root`.
    pub fn of(root: &Path) -> Self {
        let mut sizes = BTreeMap::new();
        for entry in walkdir::WalkDir::new(root).sort_by_file_name() {
            let entry = entry.unwrap_or_else(|e| panic!("{}: cannot be listed: {e}", root.display()));
            let path = entry.path().strip_prefix(root).expect("found below the root").to_string_lossy();
            if !entry.file_type().is_dir() {
                sizes.insert(path.into_owned(), entry.metadata().expect("a listed file has metadata").len());
            }
        }
        Self { root: root.to_owned(), sizes, named: BTreeSet::new() }
    }

    /// Whether there is such a file.
    pub fn has(&self, name: &str) -> bool {
        self.sizes.contains_key(name)
    }

    /// Sizes by name.
    pub fn sizes(&self) -> &BTreeMap<String, u64> {
        &self.sizes
    }

    /// The bytes of a file.
    pub fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.root.join(name)).unwrap_or_else(|e| panic!("{name}: cannot be read: {e}"))
    }

    /// The text of a file.
    pub fn text(&self, name: &str, findings: &mut Findings) -> String {
        let text = String::from_utf8(self.read(name)).unwrap_or_else(|_| panic!("{name}: is not UTF-8"));
        findings.rule(!text.starts_with('\u{feff}'), name, "starts with a byte order mark");
        findings.rule(!text.contains('\r') && text.ends_with('\n'), name, "lines do not end with a line feed");
        text
    }

    /// Where it lies on the disk.
    pub fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    /// Resolves `uri` as the manifest `from` names it, notes that it was named, and checks that it is there.
    pub fn name(&mut self, from: &str, uri: &str, findings: &mut Findings) -> Option<String> {
        let mut parts: Vec<&str> = from.split('/').collect();
        parts.pop();
        for part in uri.split('/') {
            match part {
                ".." => findings.rule(parts.pop().is_some(), from, format!("{uri} leaves the set")),
                part => {
                    parts.push(part);
                    true
                }
            };
        }
        let name = parts.join("/");
        self.named.insert(name.clone());
        findings.rule(self.has(&name), from, format!("names {uri}, which is not there")).then_some(name)
    }

    /// Notes that `name` has its place in the layout by itself.
    pub fn belongs(&mut self, name: &str) {
        self.named.insert(name.to_owned());
    }

    /// The directories below `parent` that hold a rendition.
    pub fn renditions(&self, parent: &str) -> BTreeSet<String> {
        let below = self.sizes.keys().filter_map(|name| name.strip_prefix(parent)?.strip_prefix('/'));
        below.filter_map(|rest| Some(format!("{parent}/{}", rest.split_once('/')?.0))).collect()
    }

    /// Everything must have been named by something, and have a name of the layout.
    pub fn check(&self, findings: &mut Findings) {
        for name in self.sizes.keys() {
            findings.rule(self.named.contains(name), name, "lies around: nothing names it");
            findings.rule(is_of_the_layout(name), name, "is no name of the layout");
        }
    }
}

/// Whether CONTRACT's layout has such a name.
fn is_of_the_layout(name: &str) -> bool {
    let numbered = |file: &str, prefix: &str, suffix: &str| {
        let number = file.strip_prefix(prefix).and_then(|rest| rest.strip_suffix(suffix));
        number.is_some_and(|n| n.len() >= 5 && n.bytes().all(|b| b.is_ascii_digit()))
    };
    match name.split('/').collect::<Vec<_>>()[..] {
        ["master.m3u8" | "manifest.mpd" | "streampack.json" | "poster.jpg"] => true,
        ["chapters.json" | "chapters.vtt"] | ["subtitles", _, "subtitles.vtt"] => true,
        ["subtitles", _, file] if numbered(file, "segment_", ".vtt") => true,
        ["video" | "audio" | "subtitles", _, "init.mp4" | "media.mp4" | "playlist.m3u8"] => true,
        ["video", _, "iframes.m3u8"] => true,
        ["video" | "audio" | "subtitles", _, file] => numbered(file, "segment_", ".m4s"),
        ["progressive", file] => file.ends_with("p.mp4"),
        ["thumbnails", "thumbnails.vtt" | "images.m3u8"] => true,
        ["thumbnails", file] => numbered(file, "sprite_", ".jpg"),
        _ => false,
    }
}
