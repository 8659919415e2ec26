//! The boxes of ISO BMFF: a walk over their headers, and mp4-atom for what is in them.

use std::io::Cursor;

use mp4_atom::{Atom, Decode};

/// One box: its type and where it lies in the bytes that were walked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The type.
    pub kind: [u8; 4],
    /// First byte of the header.
    pub start: usize,
    /// First byte after the header.
    pub body: usize,
    /// First byte after the box.
    pub end: usize,
}

impl Place {
    /// The type as text.
    pub fn name(&self) -> String {
        String::from_utf8_lossy(&self.kind).into_owned()
    }
}

/// The boxes that fill `bytes[from..to]` without a gap.
pub fn walk(bytes: &[u8], from: usize, to: usize) -> Result<Vec<Place>, String> {
    let mut places = Vec::new();
    let mut start = from;
    while start < to {
        let header = bytes.get(start..start + 8).filter(|_| start + 8 <= to).ok_or("a box header is cut")?;
        let short = u32::from_be_bytes([header[0], header[1], header[2], header[3]]) as usize;
        let kind = [header[4], header[5], header[6], header[7]];
        let (body, size) = match short {
            1 => {
                let long = bytes.get(start + 8..start + 16).ok_or("a box header is cut")?;
                (start + 16, u64::from_be_bytes(long.try_into().expect("eight bytes")) as usize)
            }
            0 => (start + 8, to - start),
            size => (start + 8, size),
        };
        let end = start + size;
        if end > to || end < body {
            return Err(format!("a box {} reaches past its parent", String::from_utf8_lossy(&kind)));
        }
        places.push(Place { kind, start, body, end });
        start = end;
    }
    Ok(places)
}

/// The one box at the end of a path of types, below `from..to`.
pub fn find(bytes: &[u8], place: Place, path: &[&[u8; 4]]) -> Option<Place> {
    let [first, rest @ ..] = path else { return Some(place) };
    let inside = walk(bytes, place.body, place.end).ok()?;
    find(bytes, *inside.iter().find(|p| p.kind == **first)?, rest)
}

/// The content of a box, read by mp4-atom.
pub fn decode<T: Atom>(bytes: &[u8], place: Place) -> Result<T, String> {
    T::decode(&mut Cursor::new(&bytes[place.start..place.end]))
        .map_err(|e| format!("mp4-atom cannot read {}: {e}", place.name()))
}
