//! Boxes of MP4 (ISO/IEC 14496-12 § 4.2), found one by one: none is looked into that nobody asks for, so that no file
//! can nest them too deeply.

use std::io::{Read, Seek, SeekFrom};

/// A box at the top of a file.
#[derive(Clone, Copy, Debug)]
pub(super) struct TopBox {
    pub(super) kind: [u8; 4],
    pub(super) size: u64,
    /// Where the next one begins.
    pub(super) next: u64,
}

/// The box at `at`; nothing behind the last one, and of one that reaches to the end without saying its size.
pub(super) fn next_box(file: &mut (impl Read + Seek), at: u64) -> Option<TopBox> {
    let mut head = [0; 16];
    file.seek(SeekFrom::Start(at)).ok()?;
    file.read_exact(&mut head[..8]).ok()?;
    let size = match word(&head[..4]) {
        1 => {
            file.read_exact(&mut head[8..]).ok()?;
            word(&head[8..])
        }
        size => size,
    };
    let next = at.checked_add(size).filter(|_| size >= 8)?;
    Some(TopBox { kind: [head[4], head[5], head[6], head[7]], size, next })
}

/// A box in memory.
#[derive(Clone, Copy, Debug)]
pub(super) struct Inner<'a> {
    pub(super) kind: [u8; 4],
    /// All of it.
    pub(super) whole: &'a [u8],
    /// What is behind its size and name.
    pub(super) content: &'a [u8],
}

/// The boxes that follow each other in `bytes`, as far as they are whole.
pub(super) fn boxes(mut bytes: &[u8]) -> impl Iterator<Item = Inner<'_>> {
    std::iter::from_fn(move || {
        let (head, kind) = (bytes.get(..4)?, bytes.get(4..8)?);
        let (size, header) = match word(head) {
            1 => (word(bytes.get(8..16)?), 16),
            size => (size, 8),
        };
        let (whole, rest) = bytes.split_at_checked(usize::try_from(size).ok()?)?;
        let found = Inner { kind: kind.try_into().ok()?, whole, content: whole.get(header..)? };
        bytes = rest;
        Some(found)
    })
}

/// The first box of a kind in `bytes`.
pub(super) fn first<'a>(bytes: &'a [u8], kind: &[u8; 4]) -> Option<Inner<'a>> {
    boxes(bytes).find(|found| found.kind == *kind)
}

/// A number of up to eight bytes.
pub(super) fn word(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |number: u64, byte| number << 8 | u64::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn boxes_are_told_as_far_as_they_are_whole() {
        let free = [0, 0, 0, 9, b'f', b'r', b'e', b'e', 7];
        let large = [&[0, 0, 0, 1][..], b"wide", &[0, 0, 0, 0, 0, 0, 0, 18], &[8, 9]].concat();
        let all = [&free[..], &large, &[0, 0, 0, 99], b"mdat"].concat();
        let found: Vec<_> = boxes(&all).map(|one| (one.kind, one.whole.len(), one.content)).collect();
        assert_eq!(found, [(*b"free", 9, &[7][..]), (*b"wide", 18, &[8, 9])]);
        assert_eq!(first(&all, b"wide").map(|one| one.content), Some(&[8, 9][..]));
        for size in [0, 2, 7] {
            assert_eq!(boxes(&[0, 0, 0, size, b'f', b'r', b'e', b'e']).count(), 0, "{size}");
        }
        assert_eq!(boxes(&[0, 0, 0, 1, b'f', b'r', b'e', b'e', 0, 0, 0, 0, 0, 0, 0, 9, 0, 0]).count(), 0);
    }
}
