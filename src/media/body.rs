//! Bytes in the pieces that they were made in.

/// From this size on a piece stays what it is; smaller ones are gathered, for many of them would each be an entry in a
/// list of their own.
const LARGE: usize = 4096;

/// Bytes of an object in pieces that follow each other: media is not copied into one run only to be written.
#[derive(Clone, Debug, Default)]
pub struct Body {
    pieces: Vec<Vec<u8>>,
    bytes: usize,
}

impl Body {
    /// Appends bytes.
    pub fn push(&mut self, piece: Vec<u8>) {
        self.bytes += piece.len();
        match self.pieces.last_mut() {
            Some(last) if piece.len() < LARGE && last.len() < LARGE => last.extend(piece),
            _ => self.pieces.push(piece),
        }
    }

    /// How many bytes there are.
    pub fn len(&self) -> usize {
        self.bytes
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.bytes == 0
    }

    /// The pieces, in order.
    pub fn pieces(&self) -> Vec<&[u8]> {
        self.pieces.iter().map(Vec::as_slice).collect()
    }

    /// A copy of the bytes from `at` on, in one run.
    pub fn after(&self, at: usize) -> Vec<u8> {
        self.copy(at, 0)
    }

    /// All bytes in one run, with room for more of them.
    pub fn into_vec_with(self, room: usize) -> Vec<u8> {
        self.copy(0, room)
    }

    fn copy(&self, at: usize, room: usize) -> Vec<u8> {
        let mut copy = Vec::with_capacity(self.bytes.saturating_sub(at) + room);
        let mut before = at;
        for piece in &self.pieces {
            copy.extend_from_slice(piece.get(before..).unwrap_or_default());
            before = before.saturating_sub(piece.len());
        }
        copy
    }

    /// All bytes in one run.
    pub fn into_vec(mut self) -> Vec<u8> {
        if self.pieces.len() == 1 { self.pieces.swap_remove(0) } else { self.after(0) }
    }
}

impl From<Vec<u8>> for Body {
    fn from(bytes: Vec<u8>) -> Self {
        Self { bytes: bytes.len(), pieces: vec![bytes] }
    }
}

/// The bytes count, not how they are parted.
impl PartialEq for Body {
    fn eq(&self, other: &Self) -> bool {
        self.bytes == other.bytes && self.after(0) == other.after(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_stay_in_order_however_they_are_parted() {
        let mut body = Body::default();
        let mut all = Vec::new();
        for (value, length) in [(1, 3), (2, 5000), (3, 1), (4, LARGE - 2), (5, 9), (6, LARGE), (7, 2)] {
            body.push(vec![value; length]);
            all.extend(vec![value; length]);
        }
        assert_eq!((body.len(), body.pieces().concat()), (all.len(), all.clone()));
        for at in [0, 2, 3, 4, 5003, 5004, all.len() - 1, all.len(), all.len() + 9] {
            assert_eq!(body.after(at), all.get(at..).unwrap_or_default(), "{at}");
        }
        assert!(body.pieces().len() < 7, "small pieces are gathered");
        assert_eq!(body.into_vec(), all);
    }
}
