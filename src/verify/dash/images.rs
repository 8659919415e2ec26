//! Tiled thumbnails (DASH-IF IOP 4.3 § 6.2.6).

use super::super::Session;
use super::super::finding::or_none;
use super::super::picture;
use super::super::rule::rules;
use super::address::Lineage;
use super::timeline::Times;

rules! {
    MIME: Error "DASH-IF IOP 6.2.6" "@mimeType of thumbnails is image/jpeg or image/png";
    TILES: Error "DASH-IF IOP 6.2.6" "thumbnails have an EssentialProperty thumbnail_tile with WxH";
    SIZE: Error "DASH-IF IOP 6.2.6" "@width and @height are those of the whole sheet";
    WHOLE_TILES: Error "DASH-IF IOP 6.2.6" "a sheet is divided into tiles without a rest";
    DURATION: Error "DASH-IF IOP 6.2.6" "thumbnails have a SegmentTemplate with @duration";
}

/// The scheme of tiled thumbnails.
const TILE: [&str; 2] = ["http://dashif.org/guidelines/thumbnail_tile", "http://dashif.org/thumbnail_tile"];

/// Checks a representation of thumbnails.
pub(super) fn check(lineage: &Lineage<'_>, session: &mut Session<'_, '_>) {
    let (file, id) = (lineage.file, lineage.id());
    let mime = lineage.common("mimeType");
    let kept = matches!(mime, Some("image/jpeg" | "image/png"));
    session.findings.check(kept, MIME, file, || format!("@mimeType of {id} is {}", or_none(mime)));
    let elements = [lineage.elements[3], lineage.elements[2]];
    let said = elements
        .iter()
        .find_map(|element| TILE.iter().find_map(|scheme| element.property("EssentialProperty", scheme)));
    let tiles = said.and_then(|said| said.split_once('x'));
    let tiles = tiles
        .and_then(|(x, y)| Some((x.parse::<u64>().ok()?, y.parse::<u64>().ok()?)))
        .filter(|(x, y)| *x > 0 && *y > 0);
    session.findings.check(tiles.is_some(), TILES, file, || format!("the tiles of {id} are {}", or_none(said)));
    let size = (lineage.representation().number("width"), lineage.representation().number("height"));
    if let (Some((across, down)), (Some(width), Some(height))) = (tiles, size) {
        let kept = width.is_multiple_of(across) && height.is_multiple_of(down);
        session.findings.check(kept, WHOLE_TILES, file, || format!("{width}x{height} in {across}x{down} tiles"));
    }
    let Some(address) = lineage.address(session) else { return };
    let nominal = matches!(address.times, Times::Nominal(_));
    session.findings.check(nominal, DURATION, file, || format!("{id} has no @duration"));
    for part in &address.listing.media {
        let Some((width, height)) = picture::size(&part.file, session) else { continue };
        let said = format!("{}x{}", or_none(size.0), or_none(size.1));
        session.findings.equal(SIZE, file, format!("the size of {}", part.file), said, format!("{width}x{height}"));
    }
}
