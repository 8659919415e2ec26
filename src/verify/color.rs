//! The colour of pictures, by the codes of ITU-T H.273.

use super::finding::or_none;

/// Primaries, transfer and matrix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Color {
    pub(super) primaries: u16,
    pub(super) transfer: u16,
    pub(super) matrix: u16,
    pub(super) full_range: Option<bool>,
}

impl Color {
    /// The codes as text.
    pub(super) fn text(&self) -> String {
        let range = self.full_range.map(|full| if full { "full" } else { "narrow" });
        format!("{}/{}/{} {} range", self.primaries, self.transfer, self.matrix, or_none(range))
    }
}
