//! NAL units behind their lengths, as parts.

use super::Part;
use crate::codec::Error;

/// Bytes of the length before each NAL unit: all samples of ours have four.
const LENGTH: usize = 4;

/// The parts of a sample; `header` tells how many bytes of a unit are headers, nothing of one without coded pictures.
pub(super) fn parts(
    mut sample: &[u8],
    header: impl Fn(&[u8]) -> Result<Option<usize>, Error>,
) -> Result<Vec<Part>, Error> {
    let damaged = || Error::Damaged { what: "length of a NAL unit" };
    let mut parts = Vec::new();
    let mut clear = 0;
    while !sample.is_empty() {
        let (length, rest) = sample.split_first_chunk::<LENGTH>().ok_or_else(damaged)?;
        let (unit, rest) = rest.split_at_checked(u32::from_be_bytes(*length) as usize).ok_or_else(damaged)?;
        clear += LENGTH;
        match header(unit)? {
            Some(header) => {
                let header = header.min(unit.len());
                parts.push(Part { header: clear + header, payload: unit.len() - header });
                clear = 0;
            }
            None => clear += unit.len(),
        }
        sample = rest;
    }
    if clear > 0 {
        parts.push(Part { header: clear, payload: 0 });
    }
    Ok(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_without_pictures_belong_to_the_header_of_the_next() {
        let sample = [0, 0, 0, 2, 6, 6, 0, 0, 0, 5, 1, 1, 9, 9, 9, 0, 0, 0, 1, 6];
        let header = |unit: &[u8]| Ok((unit[0] == 1).then_some(2));
        let expected = vec![Part { header: 12, payload: 3 }, Part { header: 5, payload: 0 }];
        assert_eq!(parts(&sample, header), Ok(expected));
    }

    #[test]
    fn a_unit_that_leaves_the_sample_is_an_error() {
        assert!(parts(&[0, 0, 0, 2, 6], |_| Ok(None)).is_err());
        assert!(parts(&[0, 0, 0], |_| Ok(None)).is_err());
    }
}
