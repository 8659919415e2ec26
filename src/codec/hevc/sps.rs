//! The sequence parameter set of HEVC (ITU-T H.265 § 7.3.2.2) up to the colour in its VUI, and what of it the headers
//! of slices depend on.
//!
//! No crate that is kept reads it without a panic on damaged bytes (`scuffle-h265` 0.2 overflows, and refuses
//! extensions that it does not know), so the reader is here; bits come from `h264-reader`.

use h264_reader::rbsp::BitRead;

use super::limit::{Invalid, limit};
use super::references::References;
use crate::codec::Error;
use crate::codec::bits::{self, HEVC_HEADER};
use crate::media::{ColorInfo, HdrMetadata, PixelAspect, Resolution, VideoTrack};

/// What a sequence parameter set says.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Sps {
    /// general_profile_space to general_level_idc: twelve bytes that a record repeats.
    pub(super) profile_tier_level: [u8; 12],
    /// 0 is monochrome, 1 is 4:2:0, 2 is 4:2:2, 3 is 4:4:4.
    pub(super) chroma_format: u8,
    /// Bits of a luma sample.
    pub(super) luma_depth: u8,
    /// Bits of a chroma sample.
    pub(super) chroma_depth: u8,
    /// Temporal layers, 1 to 7.
    pub(super) temporal_layers: u8,
    /// Every picture of a higher layer is a point to switch up to it.
    pub(super) temporal_nesting: bool,
    resolution: Resolution,
    pixel_aspect: PixelAspect,
    color: ColorInfo,
    /// What the headers of slices depend on.
    pub(super) tools: Tools,
}

/// The parts of a sequence parameter set that say which fields the header of a slice has, and how long they are.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Tools {
    /// sps_seq_parameter_set_id.
    pub(super) id: u32,
    /// The planes of 4:4:4 are coded on their own.
    pub(super) separate_planes: bool,
    /// Bits of a picture order count.
    pub(super) poc_bits: u32,
    /// Coding tree blocks of a picture.
    pub(super) blocks: u64,
    /// sample_adaptive_offset_enabled_flag.
    pub(super) adaptive_offset: bool,
    /// The st_ref_pic_set of the sequence.
    pub(super) short_term: Vec<References>,
    /// Whether each long-term picture of the sequence is used; nothing when there are no long-term pictures at all.
    pub(super) long_term: Option<Vec<bool>>,
    /// sps_temporal_mvp_enabled_flag.
    pub(super) temporal_vectors: bool,
}

impl Sps {
    /// Of a whole NAL unit.
    pub(super) fn parse(unit: &[u8]) -> Result<Self, Error> {
        read(&mut bits::rbsp(unit, HEVC_HEADER)).map_err(|Invalid| Error::Damaged { what: "sequence parameter set" })
    }

    /// The picture facts.
    pub(super) fn track(&self) -> VideoTrack {
        VideoTrack {
            resolution: self.resolution,
            pixel_aspect: self.pixel_aspect,
            color: self.color,
            hdr: HdrMetadata::default(),
        }
    }
}

fn read<R: BitRead>(r: &mut R) -> Result<Sps, Invalid> {
    r.read::<4, u8>("sps_video_parameter_set_id")?;
    let sub_layers = u8::try_from(limit(r.read::<3, u32>("sps_max_sub_layers_minus1")?, 6)?).map_err(|_| Invalid)?;
    let temporal_nesting = r.read_bit("sps_temporal_id_nesting_flag")?;
    let mut profile_tier_level = [0; 12];
    for byte in &mut profile_tier_level {
        *byte = r.read::<8, u8>("profile_tier_level")?;
    }
    skip_sub_layer_levels(r, sub_layers)?;
    let id = limit(r.read_ue("sps_seq_parameter_set_id")?, 15)?;
    let chroma_format = limit(r.read_ue("chroma_format_idc")?, 3)? as u8;
    let separate_planes = chroma_format == 3 && r.read_bit("separate_colour_plane_flag")?;
    let (coded, resolution) = resolution(r, chroma_format)?;
    let luma_depth = 8 + limit(r.read_ue("bit_depth_luma_minus8")?, 8)? as u8;
    let chroma_depth = 8 + limit(r.read_ue("bit_depth_chroma_minus8")?, 8)? as u8;
    let tools = Tools { id, separate_planes, ..tools(r, sub_layers, coded)? };
    let (pixel_aspect, color) = if r.read_bit("vui_parameters_present_flag")? {
        vui(r)?
    } else {
        (PixelAspect::SQUARE, ColorInfo::UNSPECIFIED)
    };
    Ok(Sps {
        profile_tier_level,
        chroma_format,
        luma_depth,
        chroma_depth,
        temporal_layers: sub_layers + 1,
        temporal_nesting,
        resolution,
        pixel_aspect,
        color,
        tools,
    })
}

/// The rest of profile_tier_level, § 7.3.3: profile and level of each lower temporal layer.
fn skip_sub_layer_levels<R: BitRead>(r: &mut R, sub_layers: u8) -> Result<(), Invalid> {
    let mut present = Vec::new();
    for _ in 0..sub_layers {
        present.push((r.read_bit("sub_layer_profile_present_flag")?, r.read_bit("sub_layer_level_present_flag")?));
    }
    if sub_layers > 0 {
        for _ in sub_layers..8 {
            r.read::<2, u8>("reserved_zero_2bits")?;
        }
    }
    for (profile, level) in present {
        for _ in 0..usize::from(profile) * 11 + usize::from(level) {
            r.read::<8, u8>("sub_layer")?;
        }
    }
    Ok(())
}

/// Size, and size without what the conformance window leaves out, § 7.4.3.2.1.
fn resolution<R: BitRead>(r: &mut R, chroma_format: u8) -> Result<(Resolution, Resolution), Invalid> {
    let width = r.read_ue("pic_width_in_luma_samples")?;
    let height = r.read_ue("pic_height_in_luma_samples")?;
    let mut window = [0; 4];
    if r.read_bit("conformance_window_flag")? {
        for offset in &mut window {
            *offset = r.read_ue("conf_win_offset")?;
        }
    }
    let [left, right, top, bottom] = window;
    let (unit_x, unit_y) = (if matches!(chroma_format, 1 | 2) { 2 } else { 1 }, if chroma_format == 1 { 2 } else { 1 });
    let shown = |coded: u32, before: u32, after: u32, unit: u32| {
        let left_out = before.checked_add(after)?.checked_mul(unit)?;
        coded.checked_sub(left_out).filter(|size| *size > 0)
    };
    let seen = (shown(width, left, right, unit_x).ok_or(Invalid)?, shown(height, top, bottom, unit_y).ok_or(Invalid)?);
    Ok((Resolution::new(width, height), Resolution::new(seen.0, seen.1)))
}

/// All between the bit depths and the VUI.
fn tools<R: BitRead>(r: &mut R, sub_layers: u8, coded: Resolution) -> Result<Tools, Invalid> {
    let poc_bits = 4 + limit(r.read_ue("log2_max_pic_order_cnt_lsb_minus4")?, 12)?;
    let ordered = if r.read_bit("sps_sub_layer_ordering_info_present_flag")? { sub_layers + 1 } else { 1 };
    for _ in 0..u32::from(ordered) * 3 {
        r.read_ue("sizes")?;
    }
    let smallest = 3 + limit(r.read_ue("log2_min_luma_coding_block_size_minus3")?, 3)?;
    let block = smallest + limit(r.read_ue("log2_diff_max_min_luma_coding_block_size")?, 3)?;
    // The sizes of transform blocks and the depths of their trees.
    for _ in 0..4 {
        r.read_ue("sizes")?;
    }
    if r.read_bit("scaling_list_enabled_flag")? && r.read_bit("sps_scaling_list_data_present_flag")? {
        skip_scaling_lists(r)?;
    }
    r.read_bit("amp_enabled_flag")?;
    let adaptive_offset = r.read_bit("sample_adaptive_offset_enabled_flag")?;
    if r.read_bit("pcm_enabled_flag")? {
        r.read::<8, u8>("pcm_sample_bit_depth")?;
        r.read_ue("log2_min_pcm_luma_coding_block_size_minus3")?;
        r.read_ue("log2_diff_max_min_pcm_luma_coding_block_size")?;
        r.read_bit("pcm_loop_filter_disabled_flag")?;
    }
    let mut short_term: Vec<References> = Vec::new();
    let sets = limit(r.read_ue("num_short_term_ref_pic_sets")?, 64)?;
    for _ in 0..sets {
        short_term.push(References::read(r, &short_term, false)?);
    }
    let mut long_term = None;
    if r.read_bit("long_term_ref_pics_present_flag")? {
        let mut used = Vec::new();
        for _ in 0..limit(r.read_ue("num_long_term_ref_pics_sps")?, 32)? {
            r.read_var::<u32>(poc_bits, "lt_ref_pic_poc_lsb_sps")?;
            used.push(r.read_bit("used_by_curr_pic_lt_sps_flag")?);
        }
        long_term = Some(used);
    }
    let temporal_vectors = r.read_bit("sps_temporal_mvp_enabled_flag")?;
    r.read_bit("strong_intra_smoothing_enabled_flag")?;
    let across = |side: u32| u64::from(side).div_ceil(1 << block);
    let blocks = across(coded.width) * across(coded.height);
    Ok(Tools {
        id: 0,
        separate_planes: false,
        poc_bits,
        blocks,
        adaptive_offset,
        short_term,
        long_term,
        temporal_vectors,
    })
}

/// scaling_list_data, § 7.3.4.
pub(super) fn skip_scaling_lists<R: BitRead>(r: &mut R) -> Result<(), Invalid> {
    for size in 0..4 {
        for _ in (0..6).step_by(if size == 3 { 3 } else { 1 }) {
            if !r.read_bit("scaling_list_pred_mode_flag")? {
                r.read_ue("scaling_list_pred_matrix_id_delta")?;
                continue;
            }
            if size > 1 {
                r.read_se("scaling_list_dc_coef_minus8")?;
            }
            for _ in 0..64.min(1 << (4 + (size << 1))) {
                r.read_se("scaling_list_delta_coef")?;
            }
        }
    }
    Ok(())
}

/// The start of vui_parameters, § E.2.1.
fn vui<R: BitRead>(r: &mut R) -> Result<(PixelAspect, ColorInfo), Invalid> {
    const EXTENDED: u8 = 255;
    let mut aspect = PixelAspect::SQUARE;
    if r.read_bit("aspect_ratio_info_present_flag")? {
        aspect = match r.read::<8, u8>("aspect_ratio_idc")? {
            EXTENDED => PixelAspect { num: r.read::<16, u32>("sar_width")?, den: r.read::<16, u32>("sar_height")? },
            index => ASPECTS.get(usize::from(index)).map_or(aspect, |&(num, den)| PixelAspect { num, den }),
        };
    }
    // A ratio of 0 is one that is not known.
    let aspect = if aspect.num == 0 || aspect.den == 0 { PixelAspect::SQUARE } else { aspect };
    if r.read_bit("overscan_info_present_flag")? {
        r.read_bit("overscan_appropriate_flag")?;
    }
    let mut color = ColorInfo::UNSPECIFIED;
    if r.read_bit("video_signal_type_present_flag")? {
        r.read::<3, u8>("video_format")?;
        color.full_range = r.read_bit("video_full_range_flag")?;
        if r.read_bit("colour_description_present_flag")? {
            color.primaries = r.read::<8, u8>("colour_primaries")?;
            color.transfer = r.read::<8, u8>("transfer_characteristics")?;
            color.matrix = r.read::<8, u8>("matrix_coeffs")?;
        }
    }
    Ok((aspect, color))
}

/// Sample aspect ratios by aspect_ratio_idc, Table E.1.
const ASPECTS: [(u32, u32); 17] = [
    (1, 1),
    (1, 1),
    (12, 11),
    (10, 11),
    (16, 11),
    (40, 33),
    (24, 11),
    (20, 11),
    (32, 11),
    (80, 33),
    (18, 11),
    (15, 11),
    (64, 33),
    (160, 99),
    (4, 3),
    (3, 2),
    (2, 1),
];

#[cfg(test)]
mod tests {
    use super::*;

    /// x265, 320x180, Main 10, BT.2020 PQ.
    const HDR: &[u8] = &[
        0x42, 0x01, 0x01, 0x02, 0x20, 0x00, 0x00, 0x03, 0x00, 0x90, 0x00, 0x00, 0x03, 0x00, 0x00, 0x03, 0x00, 0x3c,
        0xa0, 0x0a, 0x08, 0x0b, 0x9f, 0x6d, 0x96, 0x56, 0x69, 0x24, 0xca, 0xf0, 0x16, 0xa1, 0x22, 0x01, 0x20, 0x80,
        0x00, 0x00, 0x03, 0x00, 0x80, 0x00, 0x00, 0x0c, 0x84,
    ];
    /// x265, 320x180, Main, pixels of 4:3.
    const WIDE: &[u8] = &[
        0x42, 0x01, 0x01, 0x01, 0x60, 0x00, 0x00, 0x03, 0x00, 0x90, 0x00, 0x00, 0x03, 0x00, 0x00, 0x03, 0x00, 0x3c,
        0xa0, 0x0a, 0x08, 0x0b, 0x9f, 0x79, 0x65, 0x66, 0x92, 0x4c, 0xaf, 0x0e, 0x68, 0x08, 0x00, 0x00, 0x03, 0x00,
        0x08, 0x00, 0x00, 0x03, 0x00, 0xc8, 0x40,
    ];

    #[test]
    fn size_depth_and_color_are_read() {
        let sps = Sps::parse(HDR).expect("x265 wrote it");
        assert_eq!((sps.luma_depth, sps.chroma_depth, sps.chroma_format, sps.temporal_layers), (10, 10, 1, 1));
        let pq = ColorInfo { primaries: 9, transfer: 16, matrix: 9, full_range: false };
        assert_eq!(sps.track(), VideoTrack::new(Resolution::new(320, 180), pq));
        assert_eq!(sps.profile_tier_level, [2, 0x20, 0, 0, 0, 0x90, 0, 0, 0, 0, 0, 60]);
    }

    #[test]
    fn the_shape_of_pixels_is_read() {
        let track = Sps::parse(WIDE).expect("x265 wrote it").track();
        assert_eq!(track.pixel_aspect, PixelAspect { num: 4, den: 3 });
        assert_eq!(track.display(), Resolution::new(427, 180));
    }

    #[test]
    fn a_set_that_breaks_off_is_an_error() {
        for length in 0..30 {
            assert_eq!(Sps::parse(&HDR[..length]), Err(Error::Damaged { what: "sequence parameter set" }));
        }
    }
}
