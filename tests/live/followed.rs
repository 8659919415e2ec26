//! A programme as a player sees it that comes back again and again.

use std::collections::BTreeMap;
use std::path::Path;

use crate::support::TestDir;
use crate::support::publisher::programme;
use crate::support::run::Running;
use crate::{attribute, lengths, text, uris, value, words};

/// What a player has seen of one playlist.
#[derive(Default)]
struct Seen {
    /// The name of each segment by its number.
    names: BTreeMap<u64, String>,
    targets: Vec<String>,
    first: u64,
}

impl Seen {
    /// Reads the playlist at `path`; every segment that it names must be there.
    fn look(&mut self, path: &Path) {
        let playlist = text(path);
        let first = value(&playlist, "#EXT-X-MEDIA-SEQUENCE").parse().expect("a number");
        assert!(first >= self.first, "{} goes back from {} to {first}", path.display(), self.first);
        self.first = first;
        self.targets.push(value(&playlist, "#EXT-X-TARGETDURATION").to_owned());
        assert!(!playlist.contains("#EXT-X-PLAYLIST-TYPE"), "{playlist}");
        let named = uris(&playlist);
        assert!((1..=3).contains(&named.len()), "{playlist}");
        for (number, name) in (first..).zip(named) {
            assert_eq!(self.names.entry(number).or_insert_with(|| name.to_owned()), name, "{}", path.display());
            assert!(path.with_file_name(name).exists(), "{} names {name}", path.display());
        }
        assert!(lengths(&playlist).iter().all(|length| (0.9..1.1).contains(length)), "{playlist}");
        assert!(path.with_file_name("init.mp4").exists());
    }
}

#[test]
fn a_player_that_comes_back_finds_what_it_was_promised() {
    let directory = TestDir::new();
    let source = programme(directory.path(), "programme.flv", 12, &[]);
    let out = directory.join("out");
    let mut live = Running::of(&words(&source, &out, &["--realtime"]));
    let playlists =
        ["video/180p_h264", "video/90p_h264", "audio/und_aac_128k"].map(|r| out.join(r).join("playlist.m3u8"));
    let mut seen = [(); 3].map(|()| Seen::default());
    let (mut masters, mut clocks, mut published) = (Vec::new(), Vec::new(), Vec::new());
    // The last one may come with the end.
    while published.len() < 9 {
        assert!(live.saw("\"type\":\"live\"", 1), "{:?}", live.end());
        seen.iter_mut().zip(&playlists).for_each(|(seen, path)| seen.look(path));
        masters.push(text(&out.join("master.m3u8")));
        let mpd = text(&out.join("manifest.mpd"));
        clocks.push(attribute(&mpd, "availabilityStartTime").to_owned());
        published.push(attribute(&mpd, "publishTime").to_owned());
        assert_eq!(attribute(&mpd, "type"), "dynamic");
    }
    live.end().expect(0);
    for values in [&mut masters, &mut clocks, &mut seen[0].targets] {
        values.dedup();
        assert_eq!(values.len(), 1, "{values:?}");
    }
    assert!(published.is_sorted(), "{published:?}");
    assert!(seen.iter().all(|seen| seen.names.len() >= 9), "a version was missed");
    // H8: the window and one segment behind what was offered last, and nothing before that.
    let last = *seen[0].names.keys().next_back().expect("segments");
    assert!(!out.join("video/90p_h264/segment_00001.m4s").exists(), "the programme is at {last}");
}
