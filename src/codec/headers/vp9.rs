//! VP9: the uncompressed header of each frame (VP9 Bitstream & Decoding Process Specification § 6.2) and the index of a
//! superframe (§ B.2).

use std::io::{self, Cursor};

use bitstream_io::{BigEndian, BitRead, BitReader};

use super::Part;
use crate::codec::Error;
use crate::codec::bits::invalid;

type Bits<'a> = BitReader<Cursor<&'a [u8]>, BigEndian>;

/// Width and height of a frame.
type Size = (u32, u32);

/// Reads frame after frame: the size of one can be that of another that it refers to.
#[derive(Debug, Default)]
pub(super) struct Frames {
    slots: [Option<Size>; 8],
}

impl Frames {
    /// The parts of a frame, or of the frames of a superframe.
    pub(super) fn parts(&mut self, sample: &[u8]) -> Result<Vec<Part>, Error> {
        let damaged = |_| Error::Damaged { what: "header of a VP9 frame" };
        let mut parts = Vec::new();
        let mut rest = sample;
        for size in frames(sample).map_err(damaged)? {
            let (frame, after) = rest.split_at_checked(size).ok_or_else(|| damaged(invalid()))?;
            let header = self.header(frame).map_err(damaged)?.min(size);
            parts.push(Part { header, payload: size - header });
            rest = after;
        }
        if !rest.is_empty() {
            parts.push(Part { header: rest.len(), payload: 0 });
        }
        Ok(parts)
    }

    /// Bytes of the uncompressed header of `frame`.
    fn header(&mut self, frame: &[u8]) -> io::Result<usize> {
        let mut r: Bits<'_> = BitReader::endian(Cursor::new(frame), BigEndian);
        self.read(&mut r)?;
        Ok(r.position_in_bits()?.div_ceil(8) as usize)
    }

    fn read(&mut self, r: &mut Bits<'_>) -> io::Result<()> {
        const FRAME_MARKER: u8 = 2;
        if r.read::<2, u8>()? != FRAME_MARKER {
            return Err(invalid());
        }
        let profile = u8::from(r.read_bit()?) | u8::from(r.read_bit()?) << 1;
        if profile == 3 {
            r.skip(1)?; // reserved_zero
        }
        if r.read_bit()? {
            return r.skip(3); // frame_to_show_map_idx
        }
        let inter = r.read_bit()?;
        let shown = r.read_bit()?;
        let resilient = r.read_bit()?;
        let (size, refreshed) =
            if inter { self.inter(r, profile, shown, resilient)? } else { (key(r, profile)?, 0xff) };
        if !resilient {
            r.skip(2)?; // refresh_frame_context, frame_parallel_decoding_mode
        }
        r.skip(2)?; // frame_context_idx
        skip_loop_filter(r)?;
        skip_quantization(r)?;
        skip_segmentation(r)?;
        skip_tiles(r, size.0)?;
        r.skip(16)?; // header_size_in_bytes
        let refreshed = (0..8).filter(|slot| refreshed >> slot & 1 == 1);
        refreshed.for_each(|slot: usize| self.slots[slot] = Some(size));
        Ok(())
    }

    /// The header of a frame that is no key frame, up to its size and filter; gives back the slots that it fills too.
    fn inter(&self, r: &mut Bits<'_>, profile: u8, shown: bool, resilient: bool) -> io::Result<(Size, u8)> {
        let intra_only = !shown && r.read_bit()?;
        if !resilient {
            r.skip(2)?; // reset_frame_context
        }
        if intra_only {
            r.skip(24)?; // frame_sync_code
            if profile > 0 {
                skip_color(r, profile)?;
            }
            let refreshed = r.read::<8, u8>()?;
            let size = frame_size(r)?;
            skip_render_size(r)?;
            return Ok((size, refreshed));
        }
        let refreshed = r.read::<8, u8>()?;
        let mut references = [0_u8; 3];
        for reference in &mut references {
            *reference = r.read::<3, u8>()?;
            r.skip(1)?; // ref_frame_sign_bias
        }
        let mut size = None;
        for reference in references {
            if r.read_bit()? {
                size = Some(self.slots[usize::from(reference)].ok_or_else(invalid)?);
                break;
            }
        }
        let size = size.map_or_else(|| frame_size(r), Ok)?;
        skip_render_size(r)?;
        r.skip(1)?; // allow_high_precision_mv
        if !r.read_bit()? {
            r.skip(2)?; // raw_interpolation_filter
        }
        Ok((size, refreshed))
    }
}

/// The sizes of the frames of a sample; what is left behind them is the index.
fn frames(sample: &[u8]) -> io::Result<Vec<usize>> {
    let last = *sample.last().ok_or_else(invalid)?;
    if last >> 5 != 0b110 {
        return Ok(vec![sample.len()]);
    }
    let (bytes, count) = (usize::from(last >> 3 & 3) + 1, usize::from(last & 7) + 1);
    let index = sample.len().checked_sub(2 + bytes * count).map(|start| &sample[start..]);
    // Without the same byte at its start it is no index.
    let Some([_, sizes @ .., _]) = index.filter(|index| index[0] == last) else { return Ok(vec![sample.len()]) };
    let size = |bytes: &[u8]| bytes.iter().rev().fold(0, |size, byte| size << 8 | usize::from(*byte));
    // An empty frame is none.
    Ok(sizes.chunks(bytes).map(size).filter(|size| *size > 0).collect())
}

fn key(r: &mut Bits<'_>, profile: u8) -> io::Result<Size> {
    r.skip(24)?; // frame_sync_code
    skip_color(r, profile)?;
    let size = frame_size(r)?;
    skip_render_size(r)?;
    Ok(size)
}

fn skip_color(r: &mut Bits<'_>, profile: u8) -> io::Result<()> {
    const RGB: u8 = 7;
    if profile >= 2 {
        r.skip(1)?; // ten_or_twelve_bit
    }
    let any_chroma = matches!(profile, 1 | 3);
    if r.read::<3, u8>()? == RGB {
        r.skip(u32::from(any_chroma)) // reserved_zero
    } else {
        r.skip(1 + 3 * u32::from(any_chroma)) // color_range; subsampling and reserved_zero
    }
}

fn frame_size(r: &mut Bits<'_>) -> io::Result<Size> {
    Ok((r.read::<16, u32>()? + 1, r.read::<16, u32>()? + 1))
}

fn skip_render_size(r: &mut Bits<'_>) -> io::Result<()> {
    if r.read_bit()? { r.skip(32) } else { Ok(()) }
}

fn skip_loop_filter(r: &mut Bits<'_>) -> io::Result<()> {
    r.skip(9)?; // loop_filter_level, loop_filter_sharpness
    if r.read_bit()? && r.read_bit()? {
        for _ in 0..6 {
            if r.read_bit()? {
                r.skip(7)?; // a delta of a reference or a mode
            }
        }
    }
    Ok(())
}

fn skip_quantization(r: &mut Bits<'_>) -> io::Result<()> {
    r.skip(8)?; // base_q_idx
    for _ in 0..3 {
        if r.read_bit()? {
            r.skip(5)?; // a delta of a plane
        }
    }
    Ok(())
}

fn skip_segmentation(r: &mut Bits<'_>) -> io::Result<()> {
    /// Bits of each feature, its sign included.
    const FEATURES: [u32; 4] = [9, 7, 2, 0];
    if !r.read_bit()? {
        return Ok(());
    }
    let probabilities =
        |r: &mut Bits<'_>, count| (0..count).try_for_each(|_| if r.read_bit()? { r.skip(8) } else { Ok(()) });
    if r.read_bit()? {
        probabilities(r, 7)?;
        if r.read_bit()? {
            probabilities(r, 3)?;
        }
    }
    if r.read_bit()? {
        r.skip(1)?; // segmentation_abs_or_delta_update
        for _ in 0..8 {
            for bits in FEATURES {
                if r.read_bit()? {
                    r.skip(bits)?;
                }
            }
        }
    }
    Ok(())
}

fn skip_tiles(r: &mut Bits<'_>, width: u32) -> io::Result<()> {
    let blocks = width.div_ceil(64);
    let mut columns = (0..).find(|log2| 64 << log2 >= blocks).unwrap_or(0);
    let most = (1..).find(|log2| blocks >> log2 < 4).unwrap_or(1) - 1;
    while columns < most && r.read_bit()? {
        columns += 1;
    }
    if r.read_bit()? {
        r.skip(1)?; // increment_tile_rows_log2
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_index_of_a_superframe_is_clear() {
        // Two frames of one byte, each of which shows a frame that is there.
        let sample = [0x88, 0x89, 0xc1, 1, 1, 0xc1];
        let header = Part { header: 1, payload: 0 };
        let index = Part { header: 4, payload: 0 };
        assert_eq!(Frames::default().parts(&sample), Ok(vec![header, header, index]));
    }

    #[test]
    fn a_frame_that_refers_to_nothing_known_is_an_error() {
        assert!(Frames::default().parts(&[0x86, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0]).is_err());
        assert!(Frames::default().parts(&[]).is_err());
    }
}
