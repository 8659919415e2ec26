//! Which objects at a destination a set may have, by their names.

use std::collections::BTreeMap;

use super::state::KEY;
use crate::media::RenditionKind;
use crate::output::object::Listed;
use crate::plan::names;

/// So many bytes a part of a path may have here.
const LONGEST_PART: usize = 255;

/// Whether the set itself may have an object of this name; one of a set below it has a longer one.
fn may_be_of_the_set(key: &str) -> bool {
    let kinds = [RenditionKind::Video, RenditionKind::Audio, RenditionKind::Text].map(RenditionKind::name);
    let documents = [names::MASTER, names::MPD, names::REPORT];
    let of_a_set =
        |file| documents.contains(&file) || [names::POSTER, names::CHAPTERS_JSON, names::CHAPTERS_VTT].contains(&file);
    let parts: Vec<&str> = key.split('/').collect();
    if parts.iter().any(|part| part.len() > LONGEST_PART || part.starts_with('.')) {
        return false;
    }
    match parts[..] {
        [file] => of_a_set(file),
        ["thumbnails" | "progressive", file] => !of_a_set(file),
        [kind, _, file] => kinds.contains(&kind) && !of_a_set(file),
        _ => false,
    }
}

/// The keys that the set whose keys begin with `root` may have. What is below a report or notes of its own belongs to
/// those.
pub(in crate::job) fn of_set<'t>(
    listed: &'t BTreeMap<String, Listed>,
    root: &'t str,
) -> impl Iterator<Item = &'t String> {
    let holds = move |directory: &str, name: &str| listed.contains_key(&format!("{root}{directory}{name}"));
    let of_another = move |key: &str| {
        let mut directories = key.match_indices('/').map(|(at, _)| &key[..=at]);
        directories.any(|directory| holds(directory, names::REPORT) || holds(directory, KEY))
    };
    let is_of_set = move |key: &str| may_be_of_the_set(key) && !of_another(key);
    listed.keys().filter(move |key| key.strip_prefix(root).is_some_and(&is_of_set))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cancel::CancelToken;
    use crate::output::{Objects, Output};

    /// `encode trailer -o s3://b/video/trailer`, and then `encode film -o s3://b`.
    #[test]
    fn a_set_below_another_is_none_of_its_objects() {
        let objects = Objects::in_memory("", &CancelToken::default());
        let own = ["master.m3u8", "video/360p_h264/init.mp4", "thumbnails/sprite_00001.jpg", "subtitles/en/x.vtt"];
        let others = [
            "video/trailer/streampack.json",
            "video/trailer/master.m3u8",
            "video/trailer/init.mp4",
            "video/trailer/video/360p_h264/init.mp4",
            "audio/.streampack-sync.json",
            "audio/thumbnails/sprite_00001.jpg",
            "progressive/poster.jpg",
            "thumbnails/deep/sprite_00001.jpg",
            "notes/x/y.mp4",
            "x.txt",
        ];
        for key in own.iter().chain(&others) {
            objects.put(key, b"x").expect("stored");
        }
        let there = objects.list().expect("readable");
        let found: Vec<&str> = of_set(&there, "").map(String::as_str).collect();
        let mut own = own;
        own.sort_unstable();
        assert_eq!(found, own);
        let trailer: Vec<&str> = of_set(&there, "video/trailer/").map(String::as_str).collect();
        assert_eq!(
            trailer,
            ["video/trailer/master.m3u8", "video/trailer/streampack.json", "video/trailer/video/360p_h264/init.mp4"]
        );
        assert!(!may_be_of_the_set(&format!("video/{}/init.mp4", "x".repeat(256))), "no file has such a name");
    }
}
