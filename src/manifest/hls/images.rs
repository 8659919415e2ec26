//! The image media playlist of the thumbnails, as Roku and Shaka Player read it
//! (Image Media Playlist for HLS, version 0.4; not part of RFC 8216bis).

use crate::manifest::Document;
use crate::manifest::bandwidth::Load;
use crate::media::{Rounding, Span, Timestamp};
use crate::plan::names;
use crate::thumbs::Sheets;

use super::playlist::{Playlist, extinf, seconds, target_duration};
use super::tag::Tag;

/// The image media playlist of a programme of this length.
pub(super) fn document(sheets: &Sheets, programme: Span) -> Document {
    let mut playlist = Playlist::vod(names::IMAGES.to_owned(), target(sheets, programme));
    playlist.line("#EXT-X-IMAGES-ONLY");
    for (sheet, (start, length)) in sheets.sheets.iter().zip(covered(sheets, programme)) {
        playlist.line(format_args!("#EXTINF:{},", extinf(start, length)));
        let tiles = Tag::new("EXT-X-TILES")
            .plain("RESOLUTION", sheets.tile)
            .plain("LAYOUT", format_args!("{}x{}", sheets.columns, sheets.rows))
            .plain("DURATION", seconds(sheets.interval));
        playlist.line(tiles);
        playlist.line(playlist.uri(&sheet.key));
    }
    playlist.end()
}

/// The largest bit rate at which sheets are read at normal speed.
pub(super) fn peak(sheets: &Sheets, programme: Span) -> u64 {
    let lengths = covered(sheets, programme).map(|(_, length)| length);
    let bytes = sheets.sheets.iter().map(|sheet| sheet.bytes);
    Load::new(sheets.interval.scale(), bytes.zip(lengths)).peak(target(sheets, programme))
}

/// A sheet lasts much longer than a segment. Images are no variant of the programme (RFC 8216bis § 6.2.4
/// binds variants only), so they have a target duration of their own.
fn target(sheets: &Sheets, programme: Span) -> u64 {
    target_duration(covered(sheets, programme).map(|(start, length)| extinf(start, length)))
}

/// The part of the programme that each sheet shows; the last one ends with the programme.
fn covered(sheets: &Sheets, programme: Span) -> impl Iterator<Item = (Timestamp, Span)> {
    let scale = sheets.interval.scale();
    let end = programme.rescale(scale, Rounding::Nearest).ticks();
    let mut from = 0u64;
    sheets.sheets.iter().map(move |sheet| {
        let start = from;
        from = start.saturating_add(sheets.interval.ticks().saturating_mul(sheet.tiles.into())).min(end).max(start);
        (Timestamp::new(start as i64, scale), Span::new(from - start, scale))
    })
}
