//! Image playlists: sheets of thumbnails for HLS (the image media playlist extension, version 0.4).

use super::super::Session;
use super::super::picture;
use super::super::rule::rules;
use super::media::{self, Playlist};
use super::text::{Attributes, Text, pair};

rules! {
    STREAM: Error "HLS images 0.4 2.1" "EXT-X-IMAGE-STREAM-INF has URI, BANDWIDTH, RESOLUTION and CODECS";
    IMAGES_ONLY: Error "HLS images 0.4 2.2" "an image playlist has EXT-X-IMAGES-ONLY";
    TILES: Error "HLS images 0.4 2.3" "EXT-X-TILES has RESOLUTION, LAYOUT and DURATION";
    SHEET: Error "HLS images 0.4 2.3" "the picture is as large as its tiles together";
    COVERED: Error "HLS images 0.4 2.3" "EXTINF of a picture is not longer than its tiles cover";
    LENGTH: Error "HLS images 0.4 2.2" "the images cover the whole programme";
}

/// Checks every image playlist of a programme of `seconds`.
pub(super) fn check(text: &Text, seconds: f64, session: &mut Session<'_, '_>) {
    let name = &text.name;
    for value in text.values("EXT-X-IMAGE-STREAM-INF") {
        let stream = Attributes::read(name, value, &mut session.findings);
        let whole = stream.number("BANDWIDTH").is_some_and(|rate| rate > 0)
            && ["URI", "RESOLUTION", "CODECS"].iter().all(|key| stream.get(key).is_some());
        session.findings.check(whole, STREAM, name, || format!("an attribute is missing in {value}"));
        let Some(uri) = stream.get("URI") else { continue };
        let Some(file) = session.files.resolve(name, uri, media::missing(), &mut session.findings) else { continue };
        let Some(images) = session.files.text(&file, &mut session.findings) else { continue };
        let images = Text::read(&file, &images, &mut session.findings);
        let playlist = Playlist::read(images, session);
        check_playlist(&playlist, seconds, session);
    }
}

fn check_playlist(playlist: &Playlist, seconds: f64, session: &mut Session<'_, '_>) {
    let name = &playlist.text.name;
    let only = playlist.text.has("EXT-X-IMAGES-ONLY");
    session.findings.check(only, IMAGES_ONLY, name, || "EXT-X-IMAGES-ONLY is missing");
    for entry in &playlist.entries {
        let Some(part) = &entry.part else { continue };
        // Without EXT-X-TILES a picture is one tile.
        let said = entry.tiles.as_deref().unwrap_or_default();
        let tiles = Attributes::read(name, said, &mut session.findings);
        let size = picture::size(&part.file, session);
        if said.is_empty() {
            continue;
        }
        let number = |key: &str| tiles.get(key).and_then(pair);
        let interval = tiles.get("DURATION").and_then(|text| text.parse::<f64>().ok()).filter(|seconds| *seconds > 0.0);
        let (Some(tile), Some(layout), Some(interval)) = (number("RESOLUTION"), number("LAYOUT"), interval) else {
            session.findings.breaks(TILES, name, format!("#EXT-X-TILES:{said}"));
            continue;
        };
        let whole = (tile.0.saturating_mul(layout.0), tile.1.saturating_mul(layout.1));
        if let Some((width, height)) = size {
            let text = format!("{}x{}", whole.0, whole.1);
            let what = format!("the size of {}", part.file);
            session.findings.equal(SHEET, name, what, format!("{width}x{height}"), text);
        }
        let most = interval * layout.0.saturating_mul(layout.1) as f64;
        session.findings.check(entry.seconds <= most + 1e-5, COVERED, name, || {
            format!("{} lasts {} s, its tiles {most} s", part.file, entry.seconds)
        });
    }
    let kept = (playlist.seconds() - seconds).abs() < 0.01;
    session.findings.check(kept, LENGTH, name, || format!("covers {:.3} s of {seconds:.3} s", playlist.seconds()));
}
