//! The WebVTT file of the thumbnails: for each tile a cue that says when it is shown and where it lies.

use std::fmt::Write as _;

use super::{Sheets, sampler};
use crate::media::{Rounding, Span, Timescale, Timestamp};
use crate::plan::names;

/// WebVTT counts in milliseconds (W3C WebVTT § 4.1).
const MILLISECONDS: Timescale = Timescale::new(1000);

/// The text of [`names::THUMBNAILS`]; the last cue ends with the programme, after `duration`.
/// A region of a sheet is a spatial media fragment (W3C Media Fragments URI 1.0 § 4.2.2).
pub fn vtt(sheets: &Sheets, duration: Span) -> String {
    let mut text = String::from("WEBVTT\n");
    let end = milliseconds(Timestamp::zero(duration.scale()).after(duration));
    let places = sheets.sheets.iter().flat_map(|sheet| (0..sheet.tiles).map(move |place| (sheet, place)));
    let count = sheets.sheets.iter().map(|sheet| u64::from(sheet.tiles)).sum::<u64>();
    for (tile, (sheet, place)) in (0..).zip(places) {
        let from = milliseconds(sampler::start_of(tile, sheets.interval));
        let to = if tile + 1 == count { end } else { milliseconds(sampler::start_of(tile + 1, sheets.interval)) };
        if to <= from {
            // A cue must end after it starts (W3C WebVTT § 4.1); this tile would be shown for less than 1 ms.
            continue;
        }
        let x = place % sheets.columns.max(1) * sheets.tile.width;
        let y = place / sheets.columns.max(1) * sheets.tile.height;
        let url = names::relative(names::THUMBNAILS, &sheet.key);
        write_cue(&mut text, from, to, &format!("{url}#xywh={x},{y},{},{}", sheets.tile.width, sheets.tile.height));
    }
    text
}

fn milliseconds(at: Timestamp) -> i64 {
    at.rescale(MILLISECONDS, Rounding::Nearest).ticks()
}

fn write_cue(text: &mut String, from: i64, to: i64, payload: &str) {
    let clock = |ms: i64| {
        let (seconds, ms) = (ms / 1000, ms % 1000);
        format!("{:02}:{:02}:{:02}.{ms:03}", seconds / 3600, seconds / 60 % 60, seconds % 60)
    };
    // Writing to a String cannot fail.
    let _ = write!(text, "\n{} --> {}\n{payload}\n", clock(from), clock(to));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::Resolution;
    use crate::thumbs::Sheet;

    fn sheets(tiles: &[u32], interval: Span) -> Sheets {
        let sheet = |(n, &tiles): (u64, &u32)| Sheet { number: n, key: names::sprite(n), bytes: 1, tiles };
        let sheets = (1..).zip(tiles).map(sheet).collect();
        Sheets { tile: Resolution::new(160, 90), columns: 2, rows: 2, interval, sheets }
    }

    #[test]
    fn cues_follow_the_tiles_and_end_with_the_programme() {
        let ntsc = Timescale::new(30_000);
        let text = vtt(&sheets(&[4, 1], Span::new(150 * 1001, ntsc)), Span::new(700 * 1001, ntsc));
        let wanted = "WEBVTT

00:00:00.000 --> 00:00:05.005
sprite_00001.jpg#xywh=0,0,160,90

00:00:05.005 --> 00:00:10.010
sprite_00001.jpg#xywh=160,0,160,90

00:00:10.010 --> 00:00:15.015
sprite_00001.jpg#xywh=0,90,160,90

00:00:15.015 --> 00:00:20.020
sprite_00001.jpg#xywh=160,90,160,90

00:00:20.020 --> 00:00:23.357
sprite_00002.jpg#xywh=0,0,160,90
";
        assert_eq!(text, wanted);
    }

    #[test]
    fn hours_are_counted_on() {
        let hour = Span::new(3600, Timescale::new(1));
        let text = vtt(&sheets(&[4, 4], hour), Span::new(8 * 3600 + 61, Timescale::new(1)));
        assert!(text.contains("\n07:00:00.000 --> 08:01:01.000\n"), "{text}");
    }

    #[test]
    fn no_cue_ends_before_it_starts() {
        let second = Span::new(1, Timescale::new(1));
        let text = vtt(&sheets(&[2], second), second);
        assert_eq!(text.matches("-->").count(), 1);
    }
}
