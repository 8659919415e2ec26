//! Which sets a directory holds: itself one, or several below it as a batch writes them.

use std::fs;
use std::path::Path;
use std::time::UNIX_EPOCH;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Deserialize, Serialize};
use walkdir::WalkDir;

use crate::plan::names;

/// A batch mirrors the directories of its inputs; deeper ones are not looked at.
const DEPTH: usize = 8;

/// What a path of a URL spells out (RFC 3986 § 3.3), other than its slashes and what is unreserved.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// One set, as a page shows it before anything of it is played.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Set {
    /// Its directory below the root, with `/`; empty for the root itself.
    pub path: String,
    /// The same as a path of a URL: `/` or `/season%201/episode/`.
    pub url: String,
    /// It has HLS playlists.
    pub hls: bool,
    /// It has an MPD.
    pub dash: bool,
    /// It has a poster.
    pub poster: bool,
    /// It has thumbnails.
    pub thumbnails: bool,
    /// Changes whenever an entry document or the report was written again.
    pub version: String,
    /// Length in seconds, as the report says.
    pub duration_s: Option<f64>,
    /// The largest picture, as the report says: `1920x1080`.
    pub resolution: Option<String>,
}

/// The part of the report that a list of sets shows.
#[derive(Deserialize)]
struct Report {
    duration_s: f64,
    video: Vec<Video>,
}

#[derive(Deserialize)]
struct Video {
    resolution: Size,
}

#[derive(Deserialize)]
struct Size {
    width: u32,
    height: u32,
}

/// The sets in `root`, by their paths. What cannot be read is left out, as it could not be served either.
pub(super) fn find(root: &Path) -> Vec<Set> {
    if let Some(set) = look(root, String::new()) {
        return vec![set];
    }
    let mut sets = Vec::new();
    let mut walk = WalkDir::new(root).min_depth(1).max_depth(DEPTH).sort_by_file_name().into_iter();
    while let Some(entry) = walk.next() {
        let Ok(entry) = entry else { continue };
        if !entry.file_type().is_dir() {
            continue;
        }
        if entry.file_name().to_string_lossy().starts_with('.') {
            walk.skip_current_dir();
        } else if let Some(set) = relative(root, entry.path()).and_then(|path| look(entry.path(), path)) {
            sets.push(set);
            walk.skip_current_dir();
        }
    }
    sets
}

/// `path` below `root` with `/`; nothing when it is no text, for then no URL can name it.
fn relative(root: &Path, path: &Path) -> Option<String> {
    let parts = path.strip_prefix(root).ok()?.components().map(|part| part.as_os_str().to_str());
    Some(parts.collect::<Option<Vec<_>>>()?.join("/"))
}

/// Whether `directory` is that of a set: whether something in it can be opened by a player.
pub(super) fn holds_one(directory: &Path) -> bool {
    [names::MASTER, names::MPD].iter().any(|key| directory.join(key).is_file())
}

/// The set in `directory`, if it holds one.
fn look(directory: &Path, path: String) -> Option<Set> {
    if !holds_one(directory) {
        return None;
    }
    let has = |key: &str| directory.join(key).is_file();
    let report: Option<Report> = fs::read(directory.join(names::REPORT))
        .ok()
        .and_then(|text| serde_json::from_slice(&text).ok())
        .filter(|report: &Report| report.duration_s.is_finite());
    let largest = |report: &Report| {
        let sizes = report.video.iter().map(|video| &video.resolution);
        sizes.max_by_key(|size| size.width * size.height).map(|size| format!("{}x{}", size.width, size.height))
    };
    Some(Set {
        url: if path.is_empty() { "/".to_owned() } else { format!("/{}/", utf8_percent_encode(&path, ESCAPED)) },
        path,
        hls: has(names::MASTER),
        dash: has(names::MPD),
        poster: has(names::POSTER),
        thumbnails: has(names::THUMBNAILS),
        version: version(directory),
        duration_s: report.as_ref().map(|report| report.duration_s),
        resolution: report.as_ref().and_then(largest),
    })
}

/// When the documents of the set were written, the last of them.
fn version(directory: &Path) -> String {
    let written = |key: &&str| fs::metadata(directory.join(key)).and_then(|metadata| metadata.modified()).ok();
    let last = [names::MASTER, names::MPD, names::REPORT].iter().filter_map(written).max();
    let since = last.and_then(|last| last.duration_since(UNIX_EPOCH).ok()).unwrap_or_default();
    format!("{:x}", since.as_nanos())
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    fn tree(files: &[&str]) -> TempDir {
        let temp = TempDir::new().expect("a temporary directory");
        for file in files {
            let path = temp.path().join(file);
            fs::create_dir_all(path.parent().expect("inside the directory")).expect("writable");
            fs::write(path, "{}").expect("writable");
        }
        temp
    }

    fn found(root: &Path) -> Vec<(String, String)> {
        find(root).into_iter().map(|set| (set.path, set.url)).collect()
    }

    #[test]
    fn a_set_is_one_whatever_lies_below_it() {
        let temp = tree(&["manifest.mpd", "other/master.m3u8"]);
        let sets = find(temp.path());
        assert_eq!(sets.len(), 1);
        assert_eq!((&sets[0].url[..], sets[0].hls, sets[0].dash), ("/", false, true));
    }

    #[test]
    fn a_batch_is_found_at_any_depth_and_hidden_directories_are_not() {
        let temp = tree(&["b & c/ä/master.m3u8", "a/manifest.mpd", ".streampack/x/master.m3u8", "notes/readme.txt"]);
        let expected = [("a", "/a/"), ("b & c/ä", "/b%20%26%20c/%C3%A4/")].map(|(a, b)| (a.to_owned(), b.to_owned()));
        assert_eq!(found(temp.path()), expected);
    }

    #[test]
    fn the_report_tells_length_and_size() {
        let temp = tree(&["master.m3u8"]);
        let size = |w: u32, h: u32| format!(r#"{{"resolution":{{"width":{w},"height":{h}}}}}"#);
        let report = format!(r#"{{"duration_s":12.5,"video":[{},{}]}}"#, size(640, 360), size(1280, 720));
        fs::write(temp.path().join(names::REPORT), report).expect("writable");
        let set = &find(temp.path())[0];
        assert_eq!((set.duration_s, set.resolution.as_deref()), (Some(12.5), Some("1280x720")));
    }
}
