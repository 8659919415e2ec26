//! Frames in, sprite sheets, their WebVTT and the poster out.

use serde::{Deserialize, Serialize};

use crate::media::{Resolution, Span};

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
