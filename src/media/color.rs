//! Colour description: the code points of ITU-T H.273, as they stand in VUI and `colr`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Code points of ITU-T H.273 and the sample range.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct ColorInfo {
    /// Colour primaries (H.273 § 8.1); 2 is unspecified.
    pub primaries: u8,
    /// Transfer characteristics (H.273 § 8.2); 2 is unspecified.
    pub transfer: u8,
    /// Matrix coefficients (H.273 § 8.3); 2 is unspecified.
    pub matrix: u8,
    /// Samples use the full range instead of the narrow one.
    pub full_range: bool,
}

impl ColorInfo {
    /// ITU-R BT.709, narrow range: what players assume when nothing is said.
    pub const BT709: Self = Self { primaries: 1, transfer: 1, matrix: 1, full_range: false };
    /// Nothing is known.
    pub const UNSPECIFIED: Self = Self { primaries: 2, transfer: 2, matrix: 2, full_range: false };
    /// SMPTE ST 2084, the transfer of HDR10.
    pub const TRANSFER_PQ: u8 = 16;
    /// ARIB STD-B67, the transfer of HLG.
    pub const TRANSFER_HLG: u8 = 18;

    /// The transfer is one of the two high dynamic range ones.
    pub const fn is_hdr(self) -> bool {
        matches!(self.transfer, Self::TRANSFER_PQ | Self::TRANSFER_HLG)
    }
}
