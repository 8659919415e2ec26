//! Thumbnails: tiled images (DASH-IF IOP 4.3 § 6.2.6).

use crate::manifest::bandwidth::Load;
use crate::media::{Rounding, Span, Timescale, lowest_terms};
use crate::plan::names;
use crate::thumbs::Sheets;

use super::element::Element;

/// The value is columns by rows.
const TILES: &str = "http://dashif.org/guidelines/thumbnail_tile";

/// The AdaptationSet of the thumbnails. Its SegmentTemplate stands in the set, where the on-demand
/// profile allows it too (ISO/IEC 23009-1 § 8.3.2 forbids it in the Period only).
pub(super) fn set(id: usize, sheets: &Sheets) -> Element {
    let (duration, scale) = reduced(sheet_span(sheets));
    let template = Element::new("SegmentTemplate")
        .attribute("timescale", scale)
        .attribute("duration", duration)
        .attribute("startNumber", 1)
        .attribute("media", names::DASH_SPRITES);
    let tiles = format!("{}x{}", sheets.columns, sheets.rows);
    let representation = Element::new("Representation")
        .attribute("id", "thumbnails")
        .attribute("bandwidth", bandwidth(sheets))
        .attribute("width", u64::from(sheets.tile.width) * u64::from(sheets.columns))
        .attribute("height", u64::from(sheets.tile.height) * u64::from(sheets.rows))
        .child(Element::descriptor("EssentialProperty", TILES, tiles));
    Element::new("AdaptationSet")
        .attribute("id", id)
        .attribute("contentType", "image")
        .attribute("mimeType", "image/jpeg")
        .child(Element::role("main"))
        .child(template)
        .child(representation)
}

/// The time that a full sheet covers.
pub(super) fn sheet_span(sheets: &Sheets) -> Span {
    let tiles = u64::from(sheets.columns) * u64::from(sheets.rows);
    Span::new(sheets.interval.ticks().saturating_mul(tiles), sheets.interval.scale())
}

/// The rate of the largest sheet over the time of a full one: the client fetches each before its first tile
/// is due.
fn bandwidth(sheets: &Sheets) -> u64 {
    let largest = sheets.sheets.iter().map(|sheet| sheet.bytes).max().unwrap_or(0);
    Load::new(sheets.interval.scale(), [(largest, sheet_span(sheets))]).average()
}

/// A length as (ticks, timescale) in lowest terms, since @duration has 32 bits; what does not fit even so
/// is rounded to milliseconds.
fn reduced(span: Span) -> (u64, u64) {
    let (ticks, scale) = lowest_terms(span.ticks(), span.scale().hz().into());
    if ticks <= u64::from(u32::MAX) {
        return (ticks, scale);
    }
    const MILLISECONDS: Timescale = Timescale::new(1000);
    (span.rescale(MILLISECONDS, Rounding::Nearest).ticks(), 1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sheet_lengths_fit_into_thirty_two_bits() {
        assert_eq!(reduced(Span::new(125 * 30_000, Timescale::new(30_000))), (125, 1));
        assert_eq!(reduced(Span::new(25 * 150 * 1001, Timescale::new(30_000))), (1001, 8));
        assert_eq!(reduced(Span::new(125 * 4_000_000_007 + 1, Timescale::new(4_000_000_007))), (125_000, 1000));
    }
}
