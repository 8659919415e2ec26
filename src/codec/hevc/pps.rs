//! The picture parameter set of HEVC (ITU-T H.265 § 7.3.2.3): what of it the headers of slices depend on.

use h264_reader::rbsp::BitRead;

use super::limit::{Invalid, limit};
use super::sps::skip_scaling_lists;
use crate::codec::Error;
use crate::codec::bits::{self, HEVC_HEADER};

/// The parts of a picture parameter set that say which fields the header of a slice has.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Pps {
    /// pps_pic_parameter_set_id.
    pub(super) id: u32,
    /// The sequence parameter set.
    pub(super) sps: u32,
    /// dependent_slice_segments_enabled_flag.
    pub(super) dependent_segments: bool,
    /// output_flag_present_flag.
    pub(super) output_flag: bool,
    /// num_extra_slice_header_bits.
    pub(super) extra_bits: u32,
    /// cabac_init_present_flag.
    pub(super) cabac_init: bool,
    /// Reference pictures of either list where the slice says nothing else.
    pub(super) references: [u32; 2],
    /// pps_slice_chroma_qp_offsets_present_flag.
    pub(super) chroma_offsets: bool,
    /// chroma_qp_offset_list_enabled_flag.
    pub(super) chroma_offset_list: bool,
    /// weighted_pred_flag and weighted_bipred_flag.
    pub(super) weighted: [bool; 2],
    /// Slices name the entry points of tiles, or of rows.
    pub(super) entry_points: bool,
    /// pps_loop_filter_across_slices_enabled_flag.
    pub(super) filter_across: bool,
    /// deblocking_filter_override_enabled_flag.
    pub(super) deblocking_override: bool,
    /// pps_deblocking_filter_disabled_flag.
    pub(super) deblocking_off: bool,
    /// lists_modification_present_flag.
    pub(super) list_modification: bool,
    /// slice_segment_header_extension_present_flag.
    pub(super) extension: bool,
}

impl Pps {
    /// Of a whole NAL unit.
    pub(super) fn parse(unit: &[u8]) -> Result<Self, Error> {
        read(&mut bits::rbsp(unit, HEVC_HEADER)).map_err(|Invalid| Error::Damaged { what: "picture parameter set" })
    }
}

fn read<R: BitRead>(r: &mut R) -> Result<Pps, Invalid> {
    let mut pps = Pps {
        id: limit(r.read_ue("pps_pic_parameter_set_id")?, 63)?,
        sps: limit(r.read_ue("pps_seq_parameter_set_id")?, 15)?,
        dependent_segments: r.read_bit("dependent_slice_segments_enabled_flag")?,
        output_flag: r.read_bit("output_flag_present_flag")?,
        extra_bits: r.read::<3, u32>("num_extra_slice_header_bits")?,
        ..Pps::default()
    };
    r.read_bit("sign_data_hiding_enabled_flag")?;
    pps.cabac_init = r.read_bit("cabac_init_present_flag")?;
    for count in &mut pps.references {
        *count = limit(r.read_ue("num_ref_idx_default_active_minus1")?, 14)? + 1;
    }
    r.read_se("init_qp_minus26")?;
    r.read_bit("constrained_intra_pred_flag")?;
    let transform_skip = r.read_bit("transform_skip_enabled_flag")?;
    if r.read_bit("cu_qp_delta_enabled_flag")? {
        r.read_ue("diff_cu_qp_delta_depth")?;
    }
    r.read_se("pps_cb_qp_offset")?;
    r.read_se("pps_cr_qp_offset")?;
    pps.chroma_offsets = r.read_bit("pps_slice_chroma_qp_offsets_present_flag")?;
    pps.weighted = [r.read_bit("weighted_pred_flag")?, r.read_bit("weighted_bipred_flag")?];
    r.read_bit("transquant_bypass_enabled_flag")?;
    let tiles = r.read_bit("tiles_enabled_flag")?;
    pps.entry_points = r.read_bit("entropy_coding_sync_enabled_flag")? || tiles;
    if tiles {
        skip_tiles(r)?;
    }
    pps.filter_across = r.read_bit("pps_loop_filter_across_slices_enabled_flag")?;
    if r.read_bit("deblocking_filter_control_present_flag")? {
        pps.deblocking_override = r.read_bit("deblocking_filter_override_enabled_flag")?;
        pps.deblocking_off = r.read_bit("pps_deblocking_filter_disabled_flag")?;
        if !pps.deblocking_off {
            r.read_se("pps_beta_offset_div2")?;
            r.read_se("pps_tc_offset_div2")?;
        }
    }
    if r.read_bit("pps_scaling_list_data_present_flag")? {
        skip_scaling_lists(r)?;
    }
    pps.list_modification = r.read_bit("lists_modification_present_flag")?;
    r.read_ue("log2_parallel_merge_level_minus2")?;
    pps.extension = r.read_bit("slice_segment_header_extension_present_flag")?;
    if r.read_bit("pps_extension_present_flag")? {
        let range = r.read_bit("pps_range_extension_flag")?;
        r.read_bit("pps_multilayer_extension_flag")?;
        r.read_bit("pps_3d_extension_flag")?;
        // Screen content coding adds fields to slices that are not read here.
        if r.read_bit("pps_scc_extension_flag")? {
            return Err(Invalid);
        }
        r.read::<4, u8>("pps_extension_4bits")?;
        if range {
            if transform_skip {
                r.read_ue("log2_max_transform_skip_block_size_minus2")?;
            }
            r.read_bit("cross_component_prediction_enabled_flag")?;
            pps.chroma_offset_list = r.read_bit("chroma_qp_offset_list_enabled_flag")?;
        }
    }
    Ok(pps)
}

fn skip_tiles<R: BitRead>(r: &mut R) -> Result<(), Invalid> {
    let columns = limit(r.read_ue("num_tile_columns_minus1")?, 0xffff)?;
    let rows = limit(r.read_ue("num_tile_rows_minus1")?, 0xffff)?;
    if !r.read_bit("uniform_spacing_flag")? {
        for _ in 0..columns + rows {
            r.read_ue("column_width_minus1, row_height_minus1")?;
        }
    }
    r.read_bit("loop_filter_across_tiles_enabled_flag")?;
    Ok(())
}
