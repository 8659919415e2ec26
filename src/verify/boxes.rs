//! The boxes of ISO BMFF: a walk over their headers, and mp4-atom for what is in them.

use std::io::Cursor;

use mp4_atom::{Atom, Decode};

/// One box in memory: its type and where it lies in the bytes that were walked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    /// The type.
    pub(super) kind: [u8; 4],
    /// First byte of the header.
    pub(super) start: usize,
    /// First byte after the header.
    pub(super) body: usize,
    /// First byte after the box.
    pub(super) end: usize,
}

impl Place {
    /// The type as text.
    pub(super) fn name(&self) -> String {
        name(self.kind)
    }
}

/// A box type as text.
pub(super) fn name(kind: [u8; 4]) -> String {
    kind.iter().flat_map(|byte| std::ascii::escape_default(*byte)).map(char::from).collect()
}

/// The types of some boxes, for messages.
pub(super) fn names(places: &[Place]) -> String {
    places.iter().map(Place::name).collect::<Vec<_>>().join(", ")
}

/// Size and length of the header of the box that starts with `head`, which is 8 bytes or more; `left` is what a box
/// that reaches to the end fills.
pub(super) fn extent(head: &[u8], left: u64) -> Result<(u64, u64), String> {
    let word = |at: usize| head.get(at..at + 4).map(|b| u64::from(u32::from_be_bytes([b[0], b[1], b[2], b[3]])));
    let (size, header) = match word(0).ok_or("a box header is cut")? {
        0 => (left, 8),
        1 => (word(8).zip(word(12)).map(|(high, low)| high << 32 | low).ok_or("a box header is cut")?, 16),
        size => (size, 8),
    };
    let kind = name([head[4], head[5], head[6], head[7]]);
    match size {
        size if size < header => Err(format!("the box {kind} is shorter than its header")),
        size if size > left => Err(format!("the box {kind} has {size} bytes, its place has {left}")),
        size => Ok((size, header)),
    }
}

/// The boxes that fill `bytes[from..to]` without a gap.
pub(super) fn walk(bytes: &[u8], from: usize, to: usize) -> Result<Vec<Place>, String> {
    let mut places = Vec::new();
    let mut start = from;
    while start < to {
        let head = bytes.get(start..to).filter(|head| head.len() >= 8).ok_or("a box header is cut")?;
        let (size, header) = extent(&head[..head.len().min(16)], (to - start) as u64)?;
        let end = start + size as usize;
        let kind = [head[4], head[5], head[6], head[7]];
        places.push(Place { kind, start, body: start + header as usize, end });
        start = end;
    }
    Ok(places)
}

/// What is in a box of boxes; nothing when it cannot be walked.
pub(super) fn inside(bytes: &[u8], place: Place) -> Vec<Place> {
    walk(bytes, place.body, place.end).unwrap_or_default()
}

/// The first box at the end of a path of types, below `place`.
pub(super) fn find(bytes: &[u8], place: Place, path: &[&[u8; 4]]) -> Option<Place> {
    let [first, rest @ ..] = path else { return Some(place) };
    find(bytes, *inside(bytes, place).iter().find(|p| p.kind == **first)?, rest)
}

/// Version and flags of a full box.
pub(super) fn version_and_flags(bytes: &[u8], place: Place) -> (u8, u32) {
    let word = bytes.get(place.body..place.end).and_then(|body| body.get(..4));
    let word = word.map_or(0, |b| u32::from_be_bytes([b[0], b[1], b[2], b[3]]));
    ((word >> 24) as u8, word & 0x00ff_ffff)
}

/// A number of four bytes in a box, counted from the end of its header.
pub(super) fn word(bytes: &[u8], place: Place, at: usize) -> Option<u32> {
    let body = bytes.get(place.body..place.end)?.get(at..at.checked_add(4)?)?;
    Some(u32::from_be_bytes([body[0], body[1], body[2], body[3]]))
}

/// The content of a box, read by mp4-atom.
pub(super) fn decode<T: Atom>(bytes: &[u8], place: Place) -> Result<T, String> {
    T::decode(&mut Cursor::new(&bytes[place.start..place.end])).map_err(|why| format!("{}: {why}", place.name()))
}

/// The content of the box at the end of a path; an error when there is none.
pub(super) fn read<T: Atom>(bytes: &[u8], place: Place, path: &[&[u8; 4]]) -> Result<T, String> {
    let missing = || format!("{} is missing", path.last().map_or_else(String::new, |kind| name(**kind)));
    decode(bytes, find(bytes, place, path).ok_or_else(missing)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn boxes_fill_their_place() {
        let bytes = [&[0, 0, 0, 9][..], b"abcd", &[7], &[0, 0, 0, 0], b"efgh", &[1, 2]].concat();
        let kinds: Vec<_> = walk(&bytes, 0, bytes.len()).expect("sound").iter().map(|p| (p.name(), p.end)).collect();
        assert_eq!(kinds, [("abcd".to_owned(), 9), ("efgh".to_owned(), 19)]);
    }

    #[test]
    fn sizes_that_cannot_be_are_refused() {
        for size in [[0, 0, 0, 7], [0, 0, 0, 13], [0xff; 4]] {
            let bytes = [&size[..], b"abcd", &[0; 4]].concat();
            assert!(walk(&bytes, 0, bytes.len()).is_err());
        }
        let long = [&[0, 0, 0, 1][..], b"abcd", &[0xff; 8]].concat();
        assert!(walk(&long, 0, long.len()).is_err());
        assert!(walk(b"abc", 0, 3).is_err());
    }
}
