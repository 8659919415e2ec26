//! The header of a slice segment of HEVC (ITU-T H.265 § 7.3.6): read to know where it ends.

use h264_reader::rbsp::BitRead;

use super::limit::{Invalid, limit};
use super::pps::Pps;
use super::references::References;
use super::sps::Sps;
use super::{IDR, IRAP};

/// slice_type 2; 0 is B, 1 is P.
const I: u32 = 2;
const B: u32 = 0;

/// The parameter sets that a slice segment goes by.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sets<'a> {
    pub(super) sps: &'a Sps,
    pub(super) pps: &'a Pps,
}

/// Reads the header of a NAL unit of type `kind`, the alignment at its end included; `sets` finds the parameter sets
/// by the number of the picture's.
pub(super) fn skip_header<'a, R: BitRead>(
    r: &mut R,
    kind: u8,
    sets: impl FnOnce(u32) -> Option<Sets<'a>>,
) -> Result<(), Invalid> {
    let first = r.read_bit("first_slice_segment_in_pic_flag")?;
    if IRAP.contains(&kind) {
        r.read_bit("no_output_of_prior_pics_flag")?;
    }
    let Sets { sps, pps } = sets(r.read_ue("slice_pic_parameter_set_id")?).ok_or(Invalid)?;
    let mut dependent = false;
    if !first {
        dependent = pps.dependent_segments && r.read_bit("dependent_slice_segment_flag")?;
        r.read_var::<u32>(bits_for(sps.tools.blocks), "slice_segment_address")?;
    }
    if !dependent {
        Fields { sps, pps, kind }.skip(r)?;
    }
    if pps.entry_points {
        let count = limit(r.read_ue("num_entry_point_offsets")?, 0xffff)?;
        if count > 0 {
            let length = limit(r.read_ue("offset_len_minus1")?, 31)? + 1;
            for _ in 0..count {
                r.skip(length, "entry_point_offset_minus1")?;
            }
        }
    }
    if pps.extension {
        for _ in 0..limit(r.read_ue("slice_segment_header_extension_length")?, 256)? {
            r.skip(8, "slice_segment_header_extension_data_byte")?;
        }
    }
    // byte_alignment: a one, and zeros to the end of the byte.
    r.read_bit("alignment_bit_equal_to_one")?;
    Ok(())
}

/// Ceil(Log2(count)).
fn bits_for(count: u64) -> u32 {
    count.max(1).next_power_of_two().trailing_zeros()
}

/// The fields that a dependent slice segment takes over from the one before it.
struct Fields<'a> {
    sps: &'a Sps,
    pps: &'a Pps,
    kind: u8,
}

impl Fields<'_> {
    fn skip<R: BitRead>(&self, r: &mut R) -> Result<(), Invalid> {
        let Self { sps, pps, kind } = *self;
        let has_chroma = sps.chroma_format > 0 && !sps.tools.separate_planes;
        r.skip(pps.extra_bits, "slice_reserved_flag")?;
        let slice_type = limit(r.read_ue("slice_type")?, I)?;
        if pps.output_flag {
            r.read_bit("pic_output_flag")?;
        }
        if sps.tools.separate_planes {
            r.skip(2, "colour_plane_id")?;
        }
        let (references, temporal) = if IDR.contains(&kind) { (0, false) } else { self.references(r)? };
        let mut offsets = false;
        if sps.tools.adaptive_offset {
            offsets = r.read_bit("slice_sao_luma_flag")?;
            offsets |= has_chroma && r.read_bit("slice_sao_chroma_flag")?;
        }
        if slice_type != I {
            self.prediction(r, slice_type, references, temporal, has_chroma)?;
        }
        r.read_se("slice_qp_delta")?;
        if pps.chroma_offsets {
            r.read_se("slice_cb_qp_offset")?;
            r.read_se("slice_cr_qp_offset")?;
        }
        if pps.chroma_offset_list {
            r.read_bit("cu_chroma_qp_offset_enabled_flag")?;
        }
        let mut deblocking_off = pps.deblocking_off;
        if pps.deblocking_override && r.read_bit("deblocking_filter_override_flag")? {
            deblocking_off = r.read_bit("slice_deblocking_filter_disabled_flag")?;
            if !deblocking_off {
                r.read_se("slice_beta_offset_div2")?;
                r.read_se("slice_tc_offset_div2")?;
            }
        }
        if pps.filter_across && (offsets || !deblocking_off) {
            r.read_bit("slice_loop_filter_across_slices_enabled_flag")?;
        }
        Ok(())
    }

    /// The reference pictures; gives back how many the slice refers to (7-55), and slice_temporal_mvp_enabled_flag.
    fn references<R: BitRead>(&self, r: &mut R) -> Result<(usize, bool), Invalid> {
        let tools = &self.sps.tools;
        r.skip(tools.poc_bits, "slice_pic_order_cnt_lsb")?;
        let mut used = if r.read_bit("short_term_ref_pic_set_sps_flag")? {
            let index = r.read_var::<u32>(bits_for(tools.short_term.len() as u64), "short_term_ref_pic_set_idx")?;
            tools.short_term.get(index as usize).ok_or(Invalid)?.used()
        } else {
            References::read(r, &tools.short_term, true)?.used()
        };
        if let Some(known) = &tools.long_term {
            let of_sequence = if known.is_empty() { 0 } else { limit(r.read_ue("num_long_term_sps")?, 32)? };
            let of_slice = limit(r.read_ue("num_long_term_pics")?, 32)?;
            for at in 0..of_sequence + of_slice {
                used += usize::from(if at < of_sequence {
                    let index = r.read_var::<u32>(bits_for(known.len() as u64), "lt_idx_sps")?;
                    *known.get(index as usize).ok_or(Invalid)?
                } else {
                    r.skip(tools.poc_bits, "poc_lsb_lt")?;
                    r.read_bit("used_by_curr_pic_lt_flag")?
                });
                if r.read_bit("delta_poc_msb_present_flag")? {
                    r.read_ue("delta_poc_msb_cycle_lt")?;
                }
            }
        }
        Ok((used, tools.temporal_vectors && r.read_bit("slice_temporal_mvp_enabled_flag")?))
    }

    fn prediction<R: BitRead>(
        &self,
        r: &mut R,
        slice_type: u32,
        references: usize,
        temporal: bool,
        has_chroma: bool,
    ) -> Result<(), Invalid> {
        let pps = self.pps;
        let lists = if slice_type == B { 2 } else { 1 };
        let mut active = pps.references;
        if r.read_bit("num_ref_idx_active_override_flag")? {
            for count in &mut active[..lists] {
                *count = limit(r.read_ue("num_ref_idx_active_minus1")?, 14)? + 1;
            }
        }
        if pps.list_modification && references > 1 {
            for count in &active[..lists] {
                if r.read_bit("ref_pic_list_modification_flag")? {
                    r.skip(count * bits_for(references as u64), "list_entry")?;
                }
            }
        }
        if slice_type == B {
            r.read_bit("mvd_l1_zero_flag")?;
        }
        if pps.cabac_init {
            r.read_bit("cabac_init_flag")?;
        }
        if temporal {
            let list = if slice_type == B && !r.read_bit("collocated_from_l0_flag")? { 1 } else { 0 };
            if active[list] > 1 {
                r.read_ue("collocated_ref_idx")?;
            }
        }
        if pps.weighted[usize::from(slice_type == B)] {
            skip_weights(r, &active[..lists], has_chroma)?;
        }
        r.read_ue("five_minus_max_num_merge_cand")?;
        Ok(())
    }
}

/// pred_weight_table, § 7.3.6.3, of pictures in one layer.
fn skip_weights<R: BitRead>(r: &mut R, active: &[u32], has_chroma: bool) -> Result<(), Invalid> {
    r.read_ue("luma_log2_weight_denom")?;
    if has_chroma {
        r.read_se("delta_chroma_log2_weight_denom")?;
    }
    for count in active {
        let flags = |r: &mut R, name| (0..*count).map(|_| r.read_bit(name)).collect::<Result<Vec<bool>, _>>();
        let luma = flags(r, "luma_weight_flag")?;
        let chroma = if has_chroma { flags(r, "chroma_weight_flag")? } else { vec![false; luma.len()] };
        for (luma, chroma) in luma.into_iter().zip(chroma) {
            // A weight and an offset for each plane.
            for _ in 0..2 * usize::from(luma) + 4 * usize::from(chroma) {
                r.read_se("weight, offset")?;
            }
        }
    }
    Ok(())
}
