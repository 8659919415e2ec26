//! Tiles in reading order in, sprite sheets out.

use super::picture::{PIXEL, Picture, jpeg};
use super::{Error, Sheet};
use crate::media::Resolution;
use crate::plan::{ThumbnailPlan, names};

/// JPEG quality of a sheet: tiles are looked at for an instant and in their own size.
const QUALITY: u8 = 80;

/// A finished sheet: the facts and the bytes to store under `facts.key`.
#[derive(Clone, Debug, PartialEq)]
pub struct Made {
    /// What is known about the sheet.
    pub facts: Sheet,
    /// The JPEG file.
    pub jpeg: Vec<u8>,
}

/// A sheet that has all of its tiles. To encode it takes time, and whoever has it may do so.
#[derive(Debug, PartialEq)]
pub struct Drawn {
    resolution: Resolution,
    number: u64,
    tiles: u32,
    canvas: Vec<u8>,
}

impl Drawn {
    /// As JPEG.
    ///
    /// # Errors
    /// When it is larger than JPEG can be.
    pub fn encode(&self) -> Result<Made, Error> {
        let jpeg = jpeg(self.resolution, &self.canvas, QUALITY)?;
        let (number, tiles) = (self.number, self.tiles);
        let facts = Sheet { number, key: names::sprite(number), bytes: jpeg.len() as u64, tiles };
        Ok(Made { facts, jpeg })
    }
}

/// Composes sheets of `columns` by `rows` tiles.
#[derive(Debug)]
pub struct SheetWriter {
    tile: Resolution,
    columns: u32,
    rows: u32,
    number: u64,
    filled: u32,
    canvas: Vec<u8>,
}

impl SheetWriter {
    /// A writer of the sheets that `plan` asks for, beginning with number 1.
    pub fn new(plan: &ThumbnailPlan) -> Self {
        Self {
            tile: plan.tile,
            columns: plan.columns.max(1),
            rows: plan.rows.max(1),
            number: 1,
            filled: 0,
            canvas: Vec::new(),
        }
    }

    /// Size of a whole sheet.
    pub const fn resolution(&self) -> Resolution {
        Resolution::new(self.tile.width.saturating_mul(self.columns), self.tile.height.saturating_mul(self.rows))
    }

    /// Adds the next tile; nothing leaves its place black. Gives the sheet that it completes.
    pub fn push(&mut self, tile: Option<&Picture>) -> Result<Option<Drawn>, Error> {
        if let Some(picture) = tile {
            self.draw(picture)?;
        }
        self.filled += 1;
        Ok((self.filled == self.columns * self.rows).then(|| self.take()))
    }

    /// The last sheet, unless the tiles came out even; places without a tile are black.
    pub fn finish(mut self) -> Option<Drawn> {
        (self.filled > 0).then(|| self.take())
    }

    fn draw(&mut self, picture: &Picture) -> Result<(), Error> {
        if picture.resolution() != self.tile {
            return Err(Error::Tile { found: picture.resolution(), wanted: self.tile });
        }
        self.paint_black();
        let row_bytes = self.tile.width as usize * PIXEL;
        let stride = row_bytes * self.columns as usize;
        let left = (self.filled % self.columns) as usize * row_bytes;
        let top = (self.filled / self.columns) as usize * self.tile.height as usize;
        for (line, row) in self.canvas.chunks_exact_mut(stride).skip(top).zip(picture.rows()) {
            line[left..left + row_bytes].copy_from_slice(row);
        }
        Ok(())
    }

    /// Makes the canvas if there is none yet.
    fn paint_black(&mut self) {
        self.canvas.resize(self.resolution().pixels() as usize * PIXEL, 0);
    }

    fn take(&mut self) -> Drawn {
        self.paint_black();
        let canvas = std::mem::take(&mut self.canvas);
        let drawn = Drawn { resolution: self.resolution(), number: self.number, tiles: self.filled, canvas };
        (self.number, self.filled) = (self.number + 1, 0);
        drawn
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::{Span, Timescale};

    const TILE: Resolution = Resolution::new(16, 8);

    fn writer() -> SheetWriter {
        let interval = Span::new(5, Timescale::new(1));
        SheetWriter::new(&ThumbnailPlan { interval_frames: 125, interval, tile: TILE, columns: 3, rows: 2 })
    }

    fn flat(value: u8) -> Picture {
        Picture::new(TILE, vec![value; TILE.pixels() as usize * PIXEL]).expect("three bytes per pixel")
    }

    /// The brightness in the middle of each place of a sheet, in reading order.
    fn places(made: &Made) -> Vec<u8> {
        let image = image::load_from_memory(&made.jpeg).expect("decodes").into_rgb8();
        assert_eq!((image.width(), image.height()), (48, 16));
        (0..6).map(|n| image.get_pixel(n % 3 * 16 + 8, n / 3 * 8 + 4).0[0]).collect()
    }

    #[test]
    fn seven_tiles_make_a_full_sheet_and_a_black_padded_one() {
        let mut writer = writer();
        let mut sheets = Vec::new();
        for n in 0..7 {
            sheets.extend(writer.push(Some(&flat(30 * n + 60))).expect("fits"));
        }
        sheets.extend(writer.finish());
        let sheets: Vec<Made> = sheets.iter().map(|drawn| drawn.encode().expect("encodes")).collect();

        let facts: Vec<_> = sheets.iter().map(|made| (made.facts.number, made.facts.tiles)).collect();
        assert_eq!(facts, [(1, 6), (2, 1)]);
        assert_eq!(sheets[1].facts.key, "thumbnails/sprite_00002.jpg");
        assert_eq!(sheets[0].facts.bytes, sheets[0].jpeg.len() as u64);
        let near = |found: Vec<u8>, wanted: [u8; 6]| found.iter().zip(wanted).all(|(a, b)| a.abs_diff(b) <= 2);
        assert!(near(places(&sheets[0]), [60, 90, 120, 150, 180, 210]));
        assert!(near(places(&sheets[1]), [240, 0, 0, 0, 0, 0]));
    }

    #[test]
    fn a_missing_tile_keeps_its_place_black() {
        let mut writer = writer();
        for tile in [None, Some(flat(200)), None] {
            assert_eq!(writer.push(tile.as_ref()).expect("fits"), None);
        }
        let made = writer.finish().expect("three tiles are waiting").encode().expect("encodes");
        assert_eq!(made.facts.tiles, 3);
        let places = places(&made);
        assert!(places[0] <= 2 && places[1] >= 198 && places[2..].iter().all(|&value| value <= 2), "{places:?}");
    }

    #[test]
    fn even_tiles_leave_no_empty_sheet() {
        let mut writer = writer();
        let made = (0..6).filter(|_| writer.push(None).expect("fits").is_some()).count();
        assert_eq!((made, writer.finish()), (1, None));
    }

    #[test]
    fn a_tile_of_another_size_is_refused() {
        let other = Picture::new(Resolution::new(8, 8), vec![0; 192]).expect("three bytes per pixel");
        let message = writer().push(Some(&other)).expect_err("16x8 is wanted").to_string();
        assert_eq!(message, "cannot place a picture of 8x8 on a sheet of 16x8 tiles");
    }
}
