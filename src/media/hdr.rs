//! Static metadata of high dynamic range pictures.

use serde::{Deserialize, Serialize};

/// What HDR10 says of a whole track: each part is there when the stream has it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HdrMetadata {
    /// The display that the pictures were graded on.
    pub mastering: Option<MasteringDisplay>,
    /// How bright the pictures are.
    pub light: Option<ContentLight>,
}

/// The display that pictures were graded on (SMPTE ST 2086), in the units of ITU-T H.265 § D.3.28.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MasteringDisplay {
    /// x and y of green, blue and red, in steps of 0.00002.
    pub primaries: [[u16; 2]; 3],
    /// x and y of white, in steps of 0.00002.
    pub white: [u16; 2],
    /// Highest luminance, in steps of 0.0001 cd/m².
    pub max_luminance: u32,
    /// Lowest luminance, in steps of 0.0001 cd/m².
    pub min_luminance: u32,
}

/// Brightness of the content (CTA-861.3), in cd/m².
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContentLight {
    /// MaxCLL: the brightest pixel.
    pub max_content: u16,
    /// MaxFALL: the brightest picture on average.
    pub max_average: u16,
}
