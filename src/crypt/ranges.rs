//! Headers and payload in, the clear and protected ranges that a scheme allows out.

use super::Error;
use crate::codec::Part;
use crate::media::{CodecConfig, Scheme, Subsample, VectorOf};

/// AES works on blocks of so many bytes.
pub(super) const BLOCK: usize = 16;

/// The most ranges of a sample: `saiz` says the size of their list in one byte, and each takes six behind a vector of
/// eight and a count of two.
const MOST: usize = 40;

/// The last block of a range may be left out, or none may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ends {
    /// The range begins where the header ends, and goes to the end (ISO/IEC 23001-7:2023 § 10.4.2): what is behind the
    /// last whole block stays clear without being told.
    Loose,
    /// The range ends where the payload does and is whole blocks: the header grows.
    Whole,
}

impl Ends {
    /// What the bindings want: whole blocks for counter mode (ISO/IEC 23001-7:2023 § 9.5.2.3), and for AV1
    /// (AV1-ISOBMFF § 4.3) and VP9 (VP Codec ISO Media File Format Binding, Common Encryption) in any mode.
    pub(super) fn of(scheme: Scheme, config: &CodecConfig) -> Self {
        match (scheme, config) {
            (Scheme::Cenc, _) | (Scheme::Cbcs, CodecConfig::Av1(_) | CodecConfig::Vp9(_)) => Self::Whole,
            (Scheme::Cbcs, _) => Self::Loose,
        }
    }
}

/// The ranges of a sample with these parts. A payload of less than a block stays clear; so do the smallest ones where
/// there are more than can be told.
pub(super) fn ranges(parts: &[Part], ends: Ends) -> Vec<Subsample> {
    let chosen = chosen(parts);
    let mut map = Map::default();
    for (at, part) in parts.iter().enumerate() {
        if chosen.binary_search(&at).is_err() {
            map.clear += part.header + part.payload;
            continue;
        }
        let rest = match ends {
            Ends::Loose => 0,
            Ends::Whole => part.payload % BLOCK,
        };
        map.push(part.header + rest, part.payload - rest);
    }
    map.finish()
}

/// The same, unless there are more ranges than `saiz` can tell of behind a vector in the sample: slices of 64 KiB take as
/// many when they stay clear, so of those nothing can be left out.
pub(super) fn told(parts: &[Part], ends: Ends, vector: VectorOf) -> Result<Vec<Subsample>, Error> {
    let most = match vector {
        VectorOf::Sample => MOST,
        VectorOf::Track(_) => MOST + 2,
    };
    let ranges = ranges(parts, ends);
    if ranges.len() > most { Err(Error::Slices { slices: parts.len(), most }) } else { Ok(ranges) }
}

/// The places of the parts that are protected, in order: the largest, as many as can be told.
fn chosen(parts: &[Part]) -> Vec<usize> {
    let mut chosen: Vec<usize> = (0..parts.len()).filter(|at| parts[*at].payload >= BLOCK).collect();
    let mut clear: usize = parts.iter().map(|part| part.header + part.payload).sum();
    clear -= chosen.iter().map(|at| parts[*at].payload).sum::<usize>();
    chosen.sort_by_key(|at| std::cmp::Reverse(parts[*at].payload));
    // Clear bytes take a range more for each 64 KiB, and so may the end.
    while chosen.len() + clear / usize::from(u16::MAX) + 1 > MOST
        // A larger one would take as many ranges when it is clear.
        && let Some(smallest) = chosen.pop_if(|at| parts[*at].payload < usize::from(u16::MAX))
    {
        clear += parts[smallest].payload;
    }
    chosen.sort_unstable();
    chosen
}

/// Ranges that are being put together.
#[derive(Default)]
struct Map {
    ranges: Vec<Subsample>,
    /// Clear bytes that no range has yet.
    clear: usize,
}

impl Map {
    fn push(&mut self, clear: usize, protected: usize) {
        self.clear += clear;
        self.spend();
        let protected = u32::try_from(protected).expect("a sample of 4 GiB is refused by the demuxer");
        self.ranges.push(Subsample { clear: self.clear as u16, protected });
        self.clear = 0;
    }

    /// Tells so much of a long clear range that the rest fits its field.
    fn spend(&mut self) {
        while self.clear > usize::from(u16::MAX) {
            self.ranges.push(Subsample { clear: u16::MAX, protected: 0 });
            self.clear -= usize::from(u16::MAX);
        }
    }

    fn finish(mut self) -> Vec<Subsample> {
        if self.clear > 0 || self.ranges.is_empty() {
            self.push(0, 0);
        }
        self.ranges
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn part(header: usize, payload: usize) -> Part {
        Part { header, payload }
    }

    const fn range(clear: u16, protected: u32) -> Subsample {
        Subsample { clear, protected }
    }

    #[test]
    fn the_header_grows_where_blocks_are_whole() {
        let parts = [part(10, 100)];
        assert_eq!(ranges(&parts, Ends::Whole), [range(14, 96)]);
        assert_eq!(ranges(&parts, Ends::Loose), [range(10, 100)]);
    }

    #[test]
    fn less_than_a_block_stays_clear() {
        let parts = [part(30, 0), part(7, 15), part(7, 16), part(5, 3)];
        assert_eq!(ranges(&parts, Ends::Loose), [range(59, 16), range(8, 0)]);
        assert_eq!(ranges(&[part(9, 0)], Ends::Loose), [range(9, 0)]);
    }

    #[test]
    fn a_long_clear_range_is_told_in_pieces() {
        let expected = [range(65_535, 0), range(65_535, 0), range(30, 16)];
        assert_eq!(ranges(&[part(131_100, 16)], Ends::Loose), expected);
    }

    #[test]
    fn of_too_many_slices_the_smallest_stay_clear() {
        let parts: Vec<Part> = (0..100).map(|at| part(5, 16 * (at % 50 + 1))).collect();
        let ranges = ranges(&parts, Ends::Loose);
        assert!((MOST - 2..=MOST).contains(&ranges.len()), "{} ranges", ranges.len());
        let bytes = |ranges: &[Subsample]| -> usize {
            ranges.iter().map(|r| usize::from(r.clear) + r.protected as usize).sum()
        };
        let all: usize = parts.iter().map(|part| part.header + part.payload).sum();
        assert_eq!(all, bytes(&ranges));
        assert!(ranges.iter().filter(|range| range.protected > 0).all(|range| range.protected >= 16 * 30));
    }

    #[test]
    fn equal_slices_beyond_the_limit_are_protected_as_far_as_they_can_be_told() {
        let ranges = ranges(&vec![part(5, 64); 60], Ends::Whole);
        assert!((MOST - 2..=MOST).contains(&ranges.len()), "{} ranges", ranges.len());
    }

    #[test]
    fn large_slices_beyond_the_limit_are_an_error() {
        let vectors = [VectorOf::Sample, VectorOf::Track([0; 16])];
        let told = |count, vector| told(&vec![part(5, 70_000); count], Ends::Loose, vector).map(|ranges| ranges.len());
        assert_eq!(vectors.map(|vector| told(40, vector)), [Ok(40), Ok(40)]);
        assert_eq!(vectors.map(|vector| told(42, vector)), [Err(Error::Slices { slices: 42, most: 40 }), Ok(42)]);
        assert_eq!(told(43, vectors[1]), Err(Error::Slices { slices: 43, most: 42 }));
    }

    #[test]
    fn a_payload_that_saves_no_range_when_it_is_clear_stays_protected() {
        let parts = |count: usize, payload: usize| (0..count).map(|_| Part { header: 5, payload }).collect::<Vec<_>>();
        assert_eq!(chosen(&parts(46, 70_000)).len(), 46);
        let mixed = [parts(30, 70_000), parts(30, 100)].concat();
        assert!((30..=MOST).contains(&chosen(&mixed).len()));
        assert!(chosen(&mixed)[..30].iter().copied().eq(0..30), "the largest are protected");
    }
}
