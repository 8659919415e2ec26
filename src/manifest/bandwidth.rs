//! Bit rates measured from the bytes that were stored, as RFC 8216bis and ISO/IEC 23009-1 define them.

use crate::media::{Rounding, Span, Timescale};

use super::Rendition;

/// The sizes and lengths of consecutive pieces of media. Headers (`ftyp`+`moov`) are not among them.
#[derive(Debug)]
pub(super) struct Load {
    scale: Timescale,
    pieces: Vec<Piece>,
}

#[derive(Debug, Clone, Copy)]
struct Piece {
    bits: u64,
    ticks: u64,
}

impl Load {
    /// Pieces of so many bytes and such a length, in order, counted in `scale`.
    pub(super) fn new(scale: Timescale, pieces: impl IntoIterator<Item = (u64, Span)>) -> Self {
        let piece = |(bytes, span): (u64, Span)| Piece {
            bits: bytes.saturating_mul(8),
            ticks: span.rescale(scale, Rounding::Nearest).ticks(),
        };
        Self { scale, pieces: pieces.into_iter().map(piece).collect() }
    }

    /// The segments of a rendition, container overhead included.
    pub(super) fn of_segments(rendition: &Rendition) -> Self {
        Self::new(rendition.init.track.timescale, rendition.segments.values().map(|s| (s.bytes, s.duration)))
    }

    /// The fragments of a rendition, container overhead included.
    pub(super) fn of_fragments(rendition: &Rendition) -> Self {
        let fragments = rendition.segments.values().flat_map(|s| &s.fragments);
        Self::new(rendition.init.track.timescale, fragments.map(|f| (f.bytes, f.duration)))
    }

    /// The key frames of a rendition, as the byte ranges of an I-frame playlist take them.
    pub(super) fn of_key_frames(rendition: &Rendition) -> Self {
        let fragments = rendition.segments.values().flat_map(|s| &s.fragments);
        Self::new(rendition.init.track.timescale, fragments.map(|f| (f.key_bytes, f.duration)))
    }

    /// Bits per second over everything (AVERAGE-BANDWIDTH, RFC 8216bis § 4.4.6.2), rounded up.
    pub(super) fn average(&self) -> u64 {
        let bits = self.pieces.iter().map(|p| u128::from(p.bits)).sum();
        let ticks = self.pieces.iter().map(|p| u128::from(p.ticks)).sum();
        self.rate(bits, ticks)
    }

    /// The largest bit rate of a contiguous run that lasts between 0.5 and 1.5 times `target` seconds
    /// (peak segment bit rate, RFC 8216bis § 4.1), rounded up. A programme too short for such a run
    /// has its average as its peak.
    pub(super) fn peak(&self, target: u64) -> u64 {
        let target = u128::from(target) * u128::from(self.scale.hz());
        let runs = (0..self.pieces.len()).filter_map(|first| self.peak_from(first, target));
        runs.max().unwrap_or_else(|| self.average())
    }

    fn peak_from(&self, first: usize, target: u128) -> Option<u64> {
        let (mut bits, mut ticks, mut peak) = (0u128, 0u128, None);
        for piece in &self.pieces[first..] {
            bits += u128::from(piece.bits);
            ticks += u128::from(piece.ticks);
            if ticks * 2 > target * 3 {
                break;
            }
            if ticks * 2 >= target {
                peak = peak.max(Some(self.rate(bits, ticks)));
            }
        }
        peak
    }

    /// The lowest bit rate of a channel that never lets a client starve which starts at any piece and
    /// plays after `buffer` (MPD@minBufferTime) worth of channel time (Representation@bandwidth,
    /// ISO/IEC 23009-1:2022 § 5.3.5.2). A piece counts as playable when all of it has arrived. Never below
    /// the average: a client that plays on for ever needs that much. And never below what brings any run of pieces
    /// that lasts no longer than `buffer` within it: some clients begin when they have so much of the media itself.
    pub(super) fn sustained(&self, buffer: Span) -> u64 {
        let buffer = u128::from(buffer.rescale(self.scale, Rounding::Down).ticks()).max(1);
        self.bucket(buffer).max(self.rate(self.heaviest(buffer), buffer))
    }

    /// Bits of the heaviest run of pieces that lasts no longer than `buffer`.
    fn heaviest(&self, buffer: u128) -> u128 {
        let (mut first, mut bits, mut ticks, mut heaviest) = (0, 0u128, 0u128, 0);
        for piece in &self.pieces {
            bits += u128::from(piece.bits);
            ticks += u128::from(piece.ticks);
            while ticks > buffer {
                bits -= u128::from(self.pieces[first].bits);
                ticks -= u128::from(self.pieces[first].ticks);
                first += 1;
            }
            heaviest = heaviest.max(bits);
        }
        heaviest
    }

    fn bucket(&self, buffer: u128) -> u64 {
        let total = self.pieces.iter().map(|p| u128::from(p.bits)).sum();
        // At `high` everything arrives before the first piece is played.
        let (mut low, mut high) = (self.average(), self.rate(total, buffer).max(self.average()));
        while low < high {
            let middle = low + (high - low) / 2;
            if self.keeps_up(middle, buffer) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        low
    }

    /// Whether a channel of `rate` keeps up, as a leaky bucket: what has not arrived when a piece begins,
    /// over the worst start before it, plus the piece itself, arrives within `buffer`.
    fn keeps_up(&self, rate: u64, buffer: u128) -> bool {
        let rate = u128::from(rate);
        let mut behind = 0u128;
        self.pieces.iter().all(|piece| {
            let due = behind + u128::from(piece.bits) * u128::from(self.scale.hz());
            behind = due.saturating_sub(rate * u128::from(piece.ticks));
            due <= rate * buffer
        })
    }

    fn rate(&self, bits: u128, ticks: u128) -> u64 {
        // Media without length has no rate; one tick keeps the number finite.
        let rate = (bits * u128::from(self.scale.hz())).div_ceil(ticks.max(1));
        u64::try_from(rate).unwrap_or(u64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCALE: Timescale = Timescale::new(1000);

    /// Pieces given as (milliseconds, kilobits).
    fn load(pieces: &[(u64, u64)]) -> Load {
        Load::new(SCALE, pieces.iter().map(|&(ms, kilobits)| (kilobits * 125, Span::new(ms, SCALE))))
    }

    #[test]
    fn the_average_is_all_bits_over_all_time() {
        assert_eq!(load(&[(6000, 12_000), (6000, 6000), (3000, 4500)]).average(), 1_500_000);
    }

    #[test]
    fn a_short_tail_is_a_peak_only_with_its_neighbour() {
        // Alone the tail would be 9 Mb/s, but 1 s is less than half of the target duration.
        let load = load(&[(6000, 6000), (6000, 6000), (1000, 9000)]);
        assert_eq!(load.peak(6), 15_000_000_u64.div_ceil(7));
    }

    #[test]
    fn runs_of_exactly_half_and_one_and_a_half_targets_count() {
        assert_eq!(load(&[(3000, 9000), (6000, 6000)]).peak(6), 3_000_000);
        assert_eq!(load(&[(9000, 9000)]).peak(6), 1_000_000);
    }

    #[test]
    fn runs_outside_the_range_do_not_count() {
        // 2999 ms is too short alone, all three are too long.
        let load = load(&[(2999, 9000), (4000, 4000), (4000, 4000)]);
        assert_eq!(load.peak(6), 13_000_000_000_u64.div_ceil(6999));
    }

    #[test]
    fn key_frames_peak_over_several_of_them() {
        // Target 6, key frames every 2 s: runs hold 2 to 4 of them.
        assert_eq!(load(&[(2000, 800), (2000, 100), (2000, 100), (2000, 800)]).peak(6), 225_000);
    }

    #[test]
    fn a_programme_too_short_for_a_run_peaks_at_its_average() {
        assert_eq!(load(&[(400, 400)]).peak(1), 1_000_000);
    }

    #[test]
    fn constant_pieces_need_exactly_their_rate() {
        assert_eq!(load(&[(6000, 6000); 10]).sustained(Span::new(6, Timescale::new(1))), 1_000_000);
    }

    #[test]
    fn one_heavy_piece_must_arrive_within_the_buffer() {
        let load = load(&[(6000, 6000), (6000, 18_000), (6000, 6000)]);
        assert_eq!(load.sustained(Span::new(6, Timescale::new(1))), 3_000_000);
        // Twice the buffer: the heavy piece and one beside it come within 12 s.
        assert_eq!(load.sustained(Span::new(12, Timescale::new(1))), 2_000_000);
    }

    #[test]
    fn a_hundred_light_pieces_do_not_hide_two_heavy_ones() {
        let mut pieces = [(6000, 600); 102];
        (pieces[50], pieces[51]) = ((6000, 12_000), (6000, 12_000));
        assert_eq!(load(&pieces).sustained(Span::new(6, Timescale::new(1))), 2_000_000);
    }

    #[test]
    fn a_run_across_the_bounds_of_segments_counts() {
        // Fragments of 2 s: the heaviest three of them begin in the middle of a segment.
        let load = load(&[(2000, 100), (2000, 100), (2000, 7000), (2000, 7000), (2000, 100), (2000, 100)]);
        assert_eq!(load.sustained(Span::new(6, Timescale::new(1))), 14_100_000_u64.div_ceil(6));
    }

    #[test]
    fn the_bucket_agrees_with_the_definition() {
        let pieces = [(6000, 700), (4000, 9000), (2000, 100), (6400, 8000), (500, 2500), (6000, 6100)];
        let buffer = 6400u64;
        let mut lowest = load(&pieces).average();
        for first in 0..pieces.len() {
            let (mut bits, mut elapsed) = (0, 0);
            for (ms, kilobits) in &pieces[first..] {
                bits += kilobits * 1_000_000;
                lowest = lowest.max(u64::div_ceil(bits, buffer + elapsed));
                elapsed += ms;
            }
        }
        assert_eq!(load(&pieces).bucket(buffer.into()), lowest);
    }
}
