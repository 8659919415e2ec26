//! A live source in, a set that players can follow while it grows: the binary over programmes that FFmpeg makes up.

#[path = "live/collapsed.rs"]
mod collapsed;
#[path = "live/copied.rs"]
mod copied;
#[path = "live/cued.rs"]
mod cued;
#[path = "live/disk.rs"]
mod disk;
#[path = "live/end.rs"]
mod end;
#[path = "live/followed.rs"]
mod followed;
#[path = "live/hostile.rs"]
mod hostile;
#[path = "live/listened.rs"]
mod listened;
#[path = "live/losses.rs"]
mod losses;
#[path = "live/low_latency.rs"]
mod low_latency;
#[path = "live/marked.rs"]
mod marked;
#[path = "live/metadata.rs"]
mod metadata;
#[path = "live/nginx.rs"]
mod nginx;
#[path = "live/recorded.rs"]
mod recorded;
#[path = "live/resumed.rs"]
mod resumed;
#[path = "live/secured.rs"]
mod secured;
#[path = "live/served.rs"]
mod served;
#[path = "live/sources.rs"]
mod sources;
#[path = "live/timestamps.rs"]
mod timestamps;

mod support;

use std::ffi::OsStr;
use std::path::Path;

/// One small rung or two, as fast as possible, in segments of a second.
const SMALL: &[&str] = &[
    "--ladder",
    "180p@300k,90p@100k",
    "--speed",
    "draft",
    "--segment-duration",
    "1",
    "--gop",
    "1",
    "--window",
    "3",
    "--json",
];

/// The words of a live run of `input` into `output`.
fn words<'a>(input: &'a Path, output: &'a Path, flags: &'a [&'a str]) -> Vec<&'a OsStr> {
    let ours = [OsStr::new("live"), input.as_os_str(), OsStr::new("-o"), output.as_os_str()];
    ours.into_iter().chain(SMALL.iter().chain(flags).map(OsStr::new)).collect()
}

/// The codes of the warnings of a run, but for what is said where a busy machine does not keep up.
fn warnings(ended: &support::run::Ended) -> Vec<String> {
    let mut warnings = ended.warnings();
    warnings.retain(|code| !["behind", "overload", "overload_over"].contains(&code.as_str()));
    warnings
}

/// The lines of a playlist that are no tags.
fn uris(playlist: &str) -> Vec<&str> {
    playlist.lines().filter(|line| !line.starts_with('#')).collect()
}

/// The lengths of the segments of a playlist.
fn lengths(playlist: &str) -> Vec<f64> {
    let values = playlist.lines().filter_map(|line| line.strip_prefix("#EXTINF:")?.strip_suffix(','));
    values.map(|value| value.parse().expect("a number")).collect()
}

/// The value of a tag.
fn value<'a>(playlist: &'a str, tag: &str) -> &'a str {
    let line = playlist.lines().find_map(|line| line.strip_prefix(tag)?.strip_prefix(':'));
    line.unwrap_or_else(|| panic!("no {tag} in {playlist}"))
}

/// The value of an attribute of an MPD, as it comes first.
fn attribute<'a>(mpd: &'a str, name: &str) -> &'a str {
    let (_, rest) = mpd.split_once(&format!(" {name}=\"")).unwrap_or_else(|| panic!("no {name} in {mpd}"));
    rest.split('"').next().expect("the end of a value")
}

fn text(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
