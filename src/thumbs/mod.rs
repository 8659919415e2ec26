//! Frames in, sprite sheets, their WebVTT and the poster out.

pub mod picture;
pub mod poster;
pub mod sampler;
pub mod sheet;
pub mod vtt;

use serde::{Deserialize, Serialize};

use crate::media::{Resolution, Span};
use crate::plan::ThumbnailPlan;
pub use picture::Picture;
pub use poster::{Candidate, Features};
pub use sheet::{Drawn, Made, SheetWriter};

/// A thumbnail or poster could not be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The bytes do not fill the picture.
    #[error("cannot make a picture of {resolution} from {bytes} bytes; it takes three bytes per pixel")]
    Size {
        /// The size it should have.
        resolution: Resolution,
        /// How many bytes there were.
        bytes: usize,
    },
    /// A tile has not the size that all tiles have.
    #[error("cannot place a picture of {found} on a sheet of {wanted} tiles")]
    Tile {
        /// Its size.
        found: Resolution,
        /// The size of the tiles.
        wanted: Resolution,
    },
    /// The image encoder refused.
    #[error("cannot encode a picture of {resolution} as {form}: {source}")]
    Image {
        /// Size of the picture.
        resolution: Resolution,
        /// `JPEG` or `PNG`.
        form: &'static str,
        /// Why.
        source: image::ImageError,
    },
    /// A picture that was put aside cannot be read again.
    #[error("cannot read back a picture that was put aside: {0}; run again with --force")]
    Png(#[source] image::ImageError),
}

/// The facts of one sprite sheet that was made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sheet {
    /// Its number, from 1.
    pub number: u64,
    /// Where it is stored.
    pub key: String,
    /// Its size in bytes.
    pub bytes: u64,
    /// Tiles that hold a picture, in reading order.
    pub tiles: u32,
}

/// The facts of all thumbnails of a presentation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sheets {
    /// Size of one tile.
    pub tile: Resolution,
    /// Tiles across a sheet.
    pub columns: u32,
    /// Tiles down a sheet; every sheet has this many, the last ones may be black.
    pub rows: u32,
    /// Time from one tile to the next.
    pub interval: Span,
    /// The sheets, in order.
    pub sheets: Vec<Sheet>,
}

impl Sheets {
    /// The facts of `sheets`, made as `plan` said.
    pub fn new(plan: &ThumbnailPlan, sheets: Vec<Sheet>) -> Self {
        Self { tile: plan.tile, columns: plan.columns, rows: plan.rows, interval: plan.interval, sheets }
    }
}
