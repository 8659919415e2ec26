//! Tiled thumbnails (DASH-IF IOP 4.3 § 6.2.6).

use dash_mpd_core::AdaptationSet;

use super::{NAME, Stock, address};
use crate::support::files::Files;
use crate::support::findings::Findings;

const TILES: &str = "http://dashif.org/guidelines/thumbnail_tile";

/// Checks the set of thumbnails.
pub fn check(files: &mut Files, set: &AdaptationSet, stock: Stock<'_>, findings: &mut Findings) {
    let [representation] = &set.representations[..] else {
        findings.rule(false, NAME, "there is not exactly one representation of thumbnails");
        return;
    };
    let properties = representation.essential_property.iter().chain(&set.essential_property);
    let tiles =
        properties.into_iter().find(|p| p.schemeIdUri == TILES).and_then(|p| p.value.clone()).unwrap_or_default();
    let tiles = tiles.split_once('x').and_then(|(x, y)| Some((x.parse::<u64>().ok()?, y.parse::<u64>().ok()?)));
    let Some((across, down)) = findings.some(tiles, NAME, "the thumbnails do not say their tiles") else { return };
    for sheet in stock.sheets {
        let (w, h) = sheet.tile;
        findings.equal(
            NAME,
            "the tiles of a sheet",
            (across, down),
            (u64::from(sheet.width / w), u64::from(sheet.height / h)),
        );
    }
    let template = representation.SegmentTemplate.as_ref().or(set.SegmentTemplate.as_ref());
    let Some(template) = findings.some(template, NAME, "the thumbnails have no SegmentTemplate") else { return };
    let span = template.duration.unwrap_or_default() / template.timescale.unwrap_or(1) as f64;
    let needed = (stock.duration / span).ceil() as u64;
    findings.equal(NAME, "the number of sheets that the duration asks for", needed, stock.sheets.len() as u64);
    let id = representation.id.as_deref().unwrap_or_default();
    for (number, sheet) in (template.startNumber.unwrap_or(1)..).zip(stock.sheets) {
        let uri = address::expand(template.media.as_deref().unwrap_or_default(), id, number);
        let file = files.name(NAME, &uri, findings);
        findings.equal(NAME, "the file of a sheet", file.as_deref(), Some(&sheet.file[..]));
    }
}
