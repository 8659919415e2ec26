//! What every playlist with segments has in common.

use std::fmt::Display;

use crate::manifest::Document;
use crate::media::{Rounding, SegmentNumber, Span, Timescale, Timestamp, Utc};
use crate::plan::{Spells, names};

/// EXT-X-VERSION: EXT-X-MAP outside of I-frame playlists is the newest thing used (RFC 8216bis § 8).
/// One number in all playlists of a set; no media playlist uses anything newer.
const VERSION: u32 = 6;

/// Playlists count in microseconds.
const MICROSECONDS: Timescale = Timescale::new(1_000_000);

/// The value of an EXTINF, in microseconds. Both ends are rounded, not the length, so that the sum over
/// any run of segments is within a microsecond of the media (Apple's rule 8.1 allows one frame).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct ExtInf(u64);

/// The EXTINF of what is presented from `start` on for `duration`.
pub(super) fn extinf(start: Timestamp, duration: Span) -> ExtInf {
    let micros = |at: Timestamp| at.rescale(MICROSECONDS, Rounding::Nearest).ticks();
    ExtInf(micros(start.after(duration)).saturating_sub(micros(start)).unsigned_abs())
}

/// The EXTINF of what lasts for `span`, wherever it begins.
pub(super) fn length(span: Span) -> ExtInf {
    ExtInf(span.rescale(MICROSECONDS, Rounding::Nearest).ticks())
}

/// `span` in seconds with six decimals.
pub(super) fn seconds(span: Span) -> String {
    length(span).to_string()
}

/// When `at` is shown of a programme whose zero was at `start`.
fn date(start: Utc, at: Timestamp) -> Utc {
    start.after_us(at.rescale(MICROSECONDS, Rounding::Nearest).ticks())
}

/// The smallest EXT-X-TARGETDURATION that fits: every EXTINF rounded to the nearest second must be at
/// most this (RFC 8216bis § 4.4.3.1). At least one: zero would forbid every measured run.
pub(super) fn target_duration(all: impl Iterator<Item = ExtInf>) -> u64 {
    all.max().map_or(1, |longest| ((longest.0 + 500_000) / 1_000_000).max(1))
}

impl Display for ExtInf {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{:06}", self.0 / 1_000_000, self.0 % 1_000_000)
    }
}

/// A playlist being written.
#[derive(Debug)]
pub(super) struct Playlist {
    key: String,
    body: String,
}

impl Playlist {
    /// The multivariant playlist that will be stored as `key`, of a newer version when it needs one.
    pub(super) fn multivariant(key: String, version: Option<u32>) -> Self {
        let mut playlist = Self { key, body: String::new() };
        playlist.line("#EXTM3U");
        playlist.line(format_args!("#EXT-X-VERSION:{}", version.unwrap_or(VERSION)));
        playlist
    }

    /// A complete playlist of segments that will be stored as `key`. Segments are counted from 1, so that
    /// the media sequence number is the number in the file name.
    pub(super) fn vod(key: String, target: u64) -> Self {
        let mut playlist = Self::multivariant(key, None);
        playlist.line(format_args!("#EXT-X-TARGETDURATION:{target}"));
        playlist.line("#EXT-X-MEDIA-SEQUENCE:1");
        playlist.line("#EXT-X-PLAYLIST-TYPE:VOD");
        playlist
    }

    /// A playlist from which segments are taken at its head and to which they are added at its end, that will be
    /// stored as `key`. What was removed is counted from 1, for the number in the file name.
    pub(super) fn sliding(key: String, target: u64, first: SegmentNumber) -> Self {
        let mut playlist = Self::multivariant(key, None);
        playlist.line(format_args!("#EXT-X-TARGETDURATION:{target}"));
        playlist.line(format_args!("#EXT-X-MEDIA-SEQUENCE:{first}"));
        playlist
    }

    /// Says how many breaks of the programme have left it, once there was one.
    pub(super) fn gone(&mut self, spells: &Spells, first: SegmentNumber) {
        if spells.is_broken() {
            self.line(format_args!("#EXT-X-DISCONTINUITY-SEQUENCE:{}", spells.gone_before(first)));
        }
    }

    /// Says of a segment of a live programme when it begins, and that a break lies before it. What follows a break has
    /// the header of what was before it: EXT-X-MAP goes on (RFC 8216bis § 4.4.4.5).
    pub(super) fn begin(&mut self, spells: &Spells, segment: SegmentNumber, at: Timestamp) {
        if spells.breaks_before(segment) {
            self.line("#EXT-X-DISCONTINUITY");
        }
        self.date(spells.spell(segment).zero, at);
    }

    /// Says when the next segment begins, given the zero of the programme.
    pub(super) fn date(&mut self, zero: Utc, at: Timestamp) {
        self.line(format_args!("#EXT-X-PROGRAM-DATE-TIME:{}", date(zero, at)));
    }

    /// Adds a line.
    pub(super) fn line(&mut self, line: impl Display) {
        self.body += &format!("{line}\n");
    }

    /// `key` as this playlist names it.
    pub(super) fn uri(&self, key: &str) -> String {
        names::relative(&self.key, key)
    }

    /// The end of a playlist of segments.
    pub(super) fn end(mut self) -> Document {
        self.line("#EXT-X-ENDLIST");
        self.into_document()
    }

    /// The playlist as it stands.
    pub(super) fn into_document(self) -> Document {
        Document { key: self.key, body: self.body }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_of_odd_segments_does_not_drift() {
        // 259 packets of AAC at 44.1 kHz: 6.01397278911… s.
        let scale = Timescale::new(44_100);
        let length = Span::new(259 * 1024, scale);
        let starts = (0..14_400).map(|n| Timestamp::new(n * 259 * 1024, scale));
        let sum: u64 = starts.map(|start| extinf(start, length).0).sum();
        assert_eq!(sum, Span::new(14_400 * 259 * 1024, scale).rescale(MICROSECONDS, Rounding::Nearest).ticks());
    }

    #[test]
    fn the_target_is_the_longest_segment_rounded_to_the_nearest_second() {
        let target = |micros: &[u64]| target_duration(micros.iter().copied().map(ExtInf));
        assert_eq!(target(&[6_006_000, 6_499_999]), 6);
        assert_eq!(target(&[6_006_000, 6_500_000]), 7);
        assert_eq!(target(&[120_000]), 1);
    }
}
