//! Bytes in the pieces that they were made in.

use super::payload::{Changed, Extent, Payload};

/// From this size on a piece stays what it is; smaller ones are gathered, for many of them would each be an entry in a
/// list of their own.
const LARGE: usize = 16 * 1024;

/// Bytes of an object in pieces that follow each other: media is not copied into one run only to be written.
#[derive(Clone, Debug, Default)]
pub struct Body {
    pieces: Vec<BodyPiece>,
    bytes: usize,
}

/// Some bytes of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BodyPiece {
    /// In memory.
    Bytes(Vec<u8>),
    /// Where they lie in an input file.
    Run(Extent),
    /// Samples of an input that are changed when they are written.
    Changed(Changed),
}

impl BodyPiece {
    /// How many bytes it has.
    #[expect(clippy::len_without_is_empty, reason = "hardly any is")]
    pub fn len(&self) -> usize {
        match self {
            Self::Bytes(bytes) => bytes.len(),
            Self::Run(run) => run.bytes,
            Self::Changed(changed) => changed.len(),
        }
    }

    /// The bytes; nothing when they are not in memory.
    pub fn bytes(&self) -> Option<&[u8]> {
        match self {
            Self::Bytes(bytes) => Some(bytes),
            Self::Run(_) | Self::Changed(_) => None,
        }
    }
}

impl From<Payload> for BodyPiece {
    fn from(payload: Payload) -> Self {
        match payload {
            Payload::Here(bytes) => Self::Bytes(bytes),
            Payload::There(fronted) => Self::Run(fronted.extent),
            Payload::Changed(changed) => Self::Changed(changed),
        }
    }
}

impl From<Vec<u8>> for BodyPiece {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Bytes(bytes)
    }
}

impl Body {
    /// Appends bytes.
    pub fn push(&mut self, piece: impl Into<BodyPiece>) {
        use BodyPiece::{Bytes, Changed, Run};
        let piece = piece.into();
        self.bytes += piece.len();
        let left = match (self.pieces.last_mut(), piece) {
            (Some(Bytes(last)), Bytes(piece)) if piece.len() < LARGE && last.len() < LARGE => {
                // It ends with the one that takes it beyond that size.
                last.reserve_exact((2 * LARGE).saturating_sub(last.len()));
                last.extend(piece);
                None
            }
            (Some(Run(last)), Run(piece)) => match last.joined(piece) {
                Some(both) => {
                    *last = both;
                    None
                }
                None => Some(Run(piece)),
            },
            (Some(Changed(last)), Changed(piece)) => last.join(piece).err().map(Changed),
            (_, piece) => Some(piece),
        };
        self.pieces.extend(left);
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
    pub fn pieces(&self) -> &[BodyPiece] {
        &self.pieces
    }

    /// A copy of the bytes from `at` on, in one run; nothing when some of them are not in memory.
    pub fn after(&self, at: usize) -> Option<Vec<u8>> {
        self.copy(at, 0)
    }

    /// All bytes in one run, with room for so many; nothing when some are not in memory.
    pub fn into_vec_with(self, room: usize) -> Option<Vec<u8>> {
        self.copy(0, room.saturating_sub(self.bytes))
    }

    /// How many of the bytes are in memory.
    pub fn held(&self) -> usize {
        self.pieces.iter().filter_map(BodyPiece::bytes).map(<[u8]>::len).sum()
    }

    fn copy(&self, at: usize, room: usize) -> Option<Vec<u8>> {
        let mut copy = Vec::with_capacity(self.bytes.saturating_sub(at) + room);
        let mut before = at;
        for piece in &self.pieces {
            copy.extend_from_slice(piece.bytes()?.get(before..).unwrap_or_default());
            before = before.saturating_sub(piece.len());
        }
        Some(copy)
    }

    /// All bytes in one run; nothing when some are not in memory.
    pub fn into_vec(mut self) -> Option<Vec<u8>> {
        match self.pieces.as_mut_slice() {
            [BodyPiece::Bytes(all)] => Some(std::mem::take(all)),
            _ => self.after(0),
        }
    }
}

impl From<Vec<u8>> for Body {
    fn from(bytes: Vec<u8>) -> Self {
        Self { bytes: bytes.len(), pieces: vec![bytes.into()] }
    }
}

/// The bytes count, not how they are parted, where they are in memory.
impl PartialEq for Body {
    fn eq(&self, other: &Self) -> bool {
        let here = |body: &Self| body.pieces.iter().all(|piece| piece.bytes().is_some());
        match here(self) && here(other) {
            true => self.bytes == other.bytes && self.after(0) == other.after(0),
            false => self.pieces == other.pieces,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::media::{Change, Fronted};

    #[test]
    fn bytes_stay_in_order_however_they_are_parted() {
        let mut body = Body::default();
        let mut all = Vec::new();
        for (value, length) in [(1, 3), (2, 5000), (3, 1), (4, LARGE - 2), (5, 9), (6, LARGE), (7, 2)] {
            body.push(vec![value; length]);
            all.extend(vec![value; length]);
        }
        assert_eq!((body.len(), body.after(0)), (all.len(), Some(all.clone())));
        for at in [0, 2, 3, 4, 5003, 5004, all.len() - 1, all.len(), all.len() + 9] {
            assert_eq!(body.after(at).as_deref(), Some(all.get(at..).unwrap_or_default()), "{at}");
        }
        assert!(body.pieces().len() < 7, "small pieces are gathered");
        assert_eq!(body.into_vec(), Some(all));
    }

    fn lying(file: usize, offset: u64, bytes: usize) -> Extent {
        Extent { file, offset, bytes }
    }

    #[test]
    fn what_lies_in_a_row_elsewhere_is_one_piece() {
        let mut body = Body::from(vec![1; 9]);
        for (file, offset, bytes) in [(0, 100, 10), (0, 110, 5), (0, 116, 4), (1, 120, 4), (1, 124, 1)] {
            body.push(Payload::There(Fronted { extent: lying(file, offset, bytes), front: vec![0] }));
        }
        body.push(vec![2]);
        let there = |file, offset, bytes| BodyPiece::Run(lying(file, offset, bytes));
        let expected = [vec![1; 9].into(), there(0, 100, 15), there(0, 116, 4), there(1, 120, 5), vec![2].into()];
        assert_eq!((body.pieces(), body.len()), (&expected[..], 34));
        assert_eq!((body.after(0), body.into_vec()), (None, None));
    }

    #[derive(Debug)]
    struct Nothing;

    impl Change for Nothing {
        fn apply(&self, _first: usize, _samples: &mut [&mut [u8]]) {}
    }

    #[test]
    fn samples_that_one_fragment_changes_are_one_piece() {
        let [one, other]: [Arc<dyn Change>; 2] = [Arc::new(Nothing), Arc::new(Nothing)];
        let sample = |number: usize, change: &Arc<dyn Change>| {
            Payload::Changed(Changed::new(lying(0, 100 * number as u64, 10), number, Arc::clone(change)))
        };
        let mut body = Body::default();
        [sample(0, &one), sample(1, &one), sample(3, &one), sample(4, &other)].into_iter().for_each(|s| body.push(s));
        let runs = body.pieces().iter().map(|piece| match piece {
            BodyPiece::Changed(changed) => (changed.first(), changed.runs().len()),
            other => panic!("{other:?}"),
        });
        assert_eq!(runs.collect::<Vec<_>>(), [(0, 2), (3, 1), (4, 1)]);
        assert_eq!(body.len(), 40);
    }
}
