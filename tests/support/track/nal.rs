//! H.264 samples: NAL units behind their lengths (ISO/IEC 14496-15 § 5.3).

/// What the NAL units of a sample are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Units {
    /// At least one slice of an IDR picture.
    pub idr: bool,
    /// At least one slice of another picture.
    pub other: bool,
    /// A parameter set, which belongs into the header of an `avc1` track.
    pub parameter_set: bool,
}

/// Reads a sample whose NAL units stand behind lengths of `length_size` bytes.
pub fn units(sample: &[u8], length_size: usize) -> Result<Units, String> {
    let mut found = Units::default();
    let mut at = 0;
    while at < sample.len() {
        let length = sample.get(at..at + length_size).ok_or("a NAL length is cut")?;
        let length = length.iter().fold(0usize, |sum, byte| sum << 8 | usize::from(*byte));
        at += length_size;
        let unit = sample.get(at..at + length).filter(|u| !u.is_empty()).ok_or("a NAL unit does not fit its sample")?;
        match unit[0] & 0x1f {
            5 => found.idr = true,
            1..=4 => found.other = true,
            7 | 8 => found.parameter_set = true,
            _ => {}
        }
        at += length;
    }
    Ok(found)
}
