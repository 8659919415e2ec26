//! The files of the preview, inside the binary.

/// A file.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asset {
    /// Its media type.
    pub(super) media_type: &'static str,
    /// What it holds.
    pub(super) body: &'static [u8],
}

/// The page that plays a set.
pub(super) const PLAYER: &str = include_str!("page/player.html");
/// The page that lists sets.
pub(super) const SETS: &str = include_str!("page/sets.html");

const SCRIPT: &str = "text/javascript; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";
const TEXT: &str = "text/plain; charset=utf-8";
const IMAGE: &str = "image/svg+xml";

macro_rules! assets {
    ($($media_type:ident $directory:literal: $($name:literal)*;)*) => {
        &[$($((
            concat!($directory, $name),
            Asset { media_type: $media_type, body: include_bytes!(concat!($directory, $name)) },
        ),)*)*]
    };
}

const ASSETS: &[(&str, Asset)] = assets! {
    STYLE "page/": "base.css" "player.css" "controls.css" "facts.css" "sets.css";
    IMAGE "page/": "icon.svg";
    SCRIPT "page/": "player.js" "sets.js" "dom.js" "set.js" "theme.js" "theme-button.js" "engines.js" "engine-hls.js"
        "engine-dash.js" "engine-shaka.js" "engine-native.js" "thumbnails.js" "scrub.js" "menus.js" "controls.js"
        "keys.js" "playing.js" "stats.js" "chart.js" "renditions.js" "format.js" "icons.js"
        "licence.js";
    SCRIPT "vendor/": "hls.min.js" "dash.all.min.js" "shaka-player.min.js";
    TEXT "vendor/": "hls.LICENSE.txt" "dash.LICENSE.txt" "shaka-player.LICENSE.txt";
};

/// The file called `page/player.js` or the like.
pub(super) fn find(name: &str) -> Option<Asset> {
    ASSETS.iter().find(|(known, _)| *known == name).map(|(_, asset)| *asset)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;

    fn names(directory: &str) -> BTreeSet<String> {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/origin/preview").join(directory);
        let entries = path.read_dir().expect("the sources are there");
        let name = |entry: std::io::Result<std::fs::DirEntry>| entry.expect("readable").file_name();
        entries.map(|entry| format!("{directory}/{}", name(entry).to_string_lossy())).collect()
    }

    #[test]
    fn every_file_of_the_preview_is_in_the_binary() {
        let pages = ["page/player.html", "page/sets.html"];
        let known: BTreeSet<String> = ASSETS.iter().map(|(name, _)| *name).chain(pages).map(str::to_owned).collect();
        let there: BTreeSet<String> = names("page").into_iter().chain(names("vendor")).collect();
        assert_eq!(known, there);
    }

    #[test]
    fn what_a_file_of_ours_names_is_in_the_binary() {
        let ours = ASSETS.iter().filter(|(name, _)| name.starts_with("page/"));
        let texts = ours.map(|(_, asset)| std::str::from_utf8(asset.body).expect("text")).chain([PLAYER, SETS]);
        let mut found = 0;
        for text in texts {
            for (at, _) in text.match_indices("/_preview/assets/") {
                let rest = &text[at + "/_preview/assets/".len()..];
                let name = rest.split(['"', '`', '\'', ')']).next().expect("the first of several");
                assert!(find(name).is_some(), "{name} is not in the binary");
                found += 1;
            }
        }
        assert!(found > 5, "only {found} names were found");
    }
}
