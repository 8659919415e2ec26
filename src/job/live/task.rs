//! What is to be done on the disk, by the one who publishes or by the one who writes behind him.

use std::collections::VecDeque;

use super::programme::Row;
use super::sliding::Behind;
use super::told::Change;
use crate::media::SegmentNumber;
use crate::origin::live::Bytes;
use crate::package::Segment;
use crate::plan::Marked;

/// A task takes so many bytes besides those of its object, as far as that can be told.
const OVERHEAD: u64 = 1024;

/// One thing to be done on the disk, and in the bucket if there is one. The order is what keeps the set whole for everybody
/// who reads it there: what is named stands before what names it, and goes after it.
#[derive(Debug)]
pub(super) enum Task {
    /// The journal begins anew with these keys alone.
    Restart(Vec<String>),
    /// Segments are about to stand under these keys.
    Claim(Vec<String>),
    /// What stands, for a run that goes on with it.
    Standing { behind: VecDeque<Behind>, rows: Vec<Row>, marked: Vec<Marked> },
    /// A segment.
    Segment(Box<Segment>, Bytes),
    /// Players are offered these segments from now on.
    Offered(Box<Row>),
    /// They are told of these markers.
    Marked(Vec<Change>),
    /// A manifest; the first of its key, or one that replaces it.
    Manifest { key: String, body: String, first: bool },
    /// Requests find these objects on the disk from now on.
    Forget(Vec<String>),
    /// An object that nobody can want any more.
    Delete(String),
}

impl Task {
    /// What it takes to keep it in memory.
    pub(super) fn bytes(&self) -> u64 {
        let body = match self {
            Self::Segment(_, body) => body.len(),
            Self::Manifest { body, .. } => body.len(),
            Self::Standing { rows, .. } => rows.len() * OVERHEAD as usize,
            Self::Restart(keys) | Self::Claim(keys) | Self::Forget(keys) => keys.iter().map(String::len).sum(),
            Self::Marked(changes) => changes.iter().map(|change| change.bytes() + OVERHEAD as usize).sum(),
            Self::Offered(_) | Self::Delete(_) => 0,
        };
        body as u64 + OVERHEAD
    }
}

/// How far the disk is behind what players are offered. Pure.
#[derive(Debug, Default)]
pub(super) struct Lag {
    told: bool,
}

impl Lag {
    /// The disk is behind when so many segments that players are offered wait for it.
    const BEHIND: u64 = 3;

    /// Whether it must be told that players are offered `offered` and the disk has `stored`: once, until it has caught up.
    pub(super) fn judge(&mut self, offered: SegmentNumber, stored: SegmentNumber) -> bool {
        let (lag, told) = (offered.0.saturating_sub(stored.0), self.told);
        self.told = lag > if told { 1 } else { Self::BEHIND };
        self.told && !told
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disk_that_is_behind_is_told_of_once_until_it_has_caught_up() {
        let mut lag = Lag::default();
        let told = [(1, 1), (4, 1), (5, 1), (6, 1), (7, 4), (8, 7), (9, 9), (13, 9)]
            .map(|(offered, stored)| lag.judge(SegmentNumber(offered), SegmentNumber(stored)));
        assert_eq!(told, [false, false, true, false, false, false, false, true]);
    }
}
