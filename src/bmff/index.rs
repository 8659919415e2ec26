//! `sidx`: where the fragments of a file lie.

use super::writer::BoxWriter;
use super::{Error, TRACK_ID, fit};
use crate::media::Timescale;

/// One fragment, as an index names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reference {
    /// Bytes of `moof` and `mdat` together.
    pub bytes: u64,
    /// How long it is presented, in the timescale of the index.
    pub duration: u64,
    /// Pictures are shown before its key frame.
    pub open: bool,
}

/// SegmentIndexBox (ISO/IEC 14496-12:2022 § 8.16.3) with one reference per fragment (ISO/IEC
/// 23000-19:2020 § 7.3.3.3). The fragments follow at once; each starts with a SAP
/// of type 1, or 3 where its GOP is open (ISO/IEC 14496-12:2022 § I.2).
/// `earliest` is when the first one is presented, after edits.
pub fn segment_index(timescale: Timescale, earliest: u64, fragments: &[Reference]) -> Result<Vec<u8>, Error> {
    /// starts_with_SAP, SAP_type, SAP_delta_time 0
    const SAP: u32 = 1 << 31;
    const CLOSED: u32 = SAP | 1 << 28;
    const OPEN: u32 = SAP | 3 << 28;
    let count = u16::try_from(fragments.len()).map_err(|_| Error::Index { fragments: fragments.len() })?;
    let mut entries = Vec::with_capacity(fragments.len());
    for fragment in fragments {
        // reference_type 0 (media) is the top bit of a field whose other 31 bits are the size.
        let size: i32 = fit(fragment.bytes, "a fragment size of", "sidx")?;
        let point = if fragment.open { OPEN } else { CLOSED };
        entries.push((size, fit(fragment.duration, "a fragment duration of", "sidx")?, point));
    }
    let short = u32::try_from(earliest);
    let mut out = Vec::new();
    BoxWriter::new(&mut out).full(b"sidx", if short.is_ok() { 0 } else { 1 }, 0, |w| {
        w.u32(TRACK_ID);
        w.u32(timescale.hz());
        match short {
            Ok(earliest) => {
                w.u32(earliest);
                w.u32(0); // first_offset
            }
            Err(_) => {
                w.u64(earliest);
                w.u64(0); // first_offset
            }
        }
        w.zeros(2);
        w.u16(count);
        for (size, duration, point) in entries {
            w.i32(size);
            w.u32(duration);
            w.u32(point);
        }
    });
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_index_that_cannot_count_its_fragments_is_refused() {
        let fragment = Reference { bytes: 1, duration: 1, open: false };
        let index = |count| segment_index(Timescale::new(1), 0, &vec![fragment; count]).map(|bytes| bytes.len());
        assert_eq!(index(65_535), Ok(32 + 12 * 65_535));
        assert_eq!(index(65_536), Err(Error::Index { fragments: 65_536 }));
    }

    #[test]
    fn late_starts_take_the_long_form() {
        let version = |earliest| segment_index(Timescale::new(1), earliest, &[]).map(|bytes| bytes[8]);
        assert_eq!((version(u64::from(u32::MAX)), version(1 << 32)), (Ok(0), Ok(1)));
    }

    #[test]
    fn a_fragment_of_two_gigabytes_is_refused() {
        let fragment = Reference { bytes: 1 << 31, duration: 1, open: false };
        assert!(matches!(segment_index(Timescale::new(1), 0, &[fragment]), Err(Error::Field { .. })));
    }
}
