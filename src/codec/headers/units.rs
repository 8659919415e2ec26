//! NAL units behind their lengths, as parts.

use super::Part;
use crate::codec::Error;

/// Bytes of the length before each NAL unit: all samples of ours have four.
const LENGTH: usize = 4;

/// The parts of a sample of so many bytes, of which the front is here, or all: enough of it that at most the last unit
/// lacks some of its end. `header` tells how many bytes of a unit are headers, nothing of one without coded pictures.
pub(super) fn parts(
    mut front: &[u8],
    bytes: usize,
    header: impl Fn(&[u8]) -> Result<Option<usize>, Error>,
) -> Result<Vec<Part>, Error> {
    let damaged = || Error::Damaged { what: "length of a NAL unit" };
    let missing = bytes.checked_sub(front.len()).ok_or_else(damaged)?;
    let mut parts = Vec::new();
    let mut clear = 0;
    if front.is_empty() && missing > 0 {
        return Err(damaged());
    }
    while !front.is_empty() {
        let (length, rest) = front.split_first_chunk::<LENGTH>().ok_or_else(damaged)?;
        let length = u32::from_be_bytes(*length) as usize;
        let (unit, rest) = match rest.split_at_checked(length) {
            Some((_, [])) if missing > 0 => return Err(damaged()),
            Some(whole) => whole,
            None if length == rest.len() + missing && !rest.is_empty() => (rest, &[][..]),
            None => return Err(damaged()),
        };
        clear += LENGTH;
        match header(unit)? {
            Some(header) => {
                let header = header.min(length);
                parts.push(Part { header: clear + header, payload: length - header });
                clear = 0;
            }
            None => clear += length,
        }
        front = rest;
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
        assert_eq!(parts(&sample, 20, header), Ok(expected));
    }

    #[test]
    fn the_front_tells_what_all_of_it_does_while_the_last_unit_has_begun() {
        let sample = [0, 0, 0, 2, 6, 6, 0, 0, 0, 9, 1, 1, 9, 9, 9, 9, 9, 9, 9];
        let header = |unit: &[u8]| match unit {
            [1, _, ..] => Ok(Some(2)),
            [1] => Err(Error::Damaged { what: "header" }),
            _ => Ok(None),
        };
        let expected = parts(&sample, 19, header);
        assert_eq!(expected, Ok(vec![Part { header: 12, payload: 7 }]));
        for front in 12..19 {
            assert_eq!(parts(&sample[..front], 19, header), expected, "{front}");
        }
        for front in 0..12 {
            let told = parts(&sample[..front], 19, header);
            assert!(told.is_err(), "{front}: {told:?}");
        }
        assert!(parts(&sample[..14], 18, header).is_err() && parts(&sample, 18, header).is_err());
    }

    #[test]
    fn a_unit_that_leaves_the_sample_is_an_error() {
        assert!(parts(&[0, 0, 0, 2, 6], 5, |_| Ok(None)).is_err());
        assert!(parts(&[0, 0, 0], 3, |_| Ok(None)).is_err());
    }
}
