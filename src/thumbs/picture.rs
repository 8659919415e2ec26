//! A decoded picture as thumbnails and posters need it, and its JPEG and PNG forms.

use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ExtendedColorType, ImageEncoder, ImageFormat};

use super::Error;
use crate::media::Resolution;

/// Bytes of one pixel: red, green, blue.
pub(super) const PIXEL: usize = 3;

/// A picture of packed 8-bit R'G'B' in full range, rows from top to bottom without padding.
#[derive(Clone, PartialEq, Eq)]
pub struct Picture {
    resolution: Resolution,
    rgb: Vec<u8>,
}

impl Picture {
    /// The picture that `rgb` holds; refused unless it has three bytes for each of at least one pixel.
    pub fn new(resolution: Resolution, rgb: Vec<u8>) -> Result<Self, Error> {
        let wanted = resolution.pixels().checked_mul(PIXEL as u64);
        if wanted != Some(rgb.len() as u64) || rgb.is_empty() {
            return Err(Error::Size { resolution, bytes: rgb.len() });
        }
        Ok(Self { resolution, rgb })
    }

    /// Its size.
    pub const fn resolution(&self) -> Resolution {
        self.resolution
    }

    /// Its bytes, three per pixel.
    pub fn rgb(&self) -> &[u8] {
        &self.rgb
    }

    /// Its rows, from top to bottom.
    pub(super) fn rows(&self) -> std::slice::ChunksExact<'_, u8> {
        self.rgb.chunks_exact(self.resolution.width as usize * PIXEL)
    }

    /// Baseline JPEG at a `quality` of 1 to 100 on libjpeg's scale, without chroma subsampling.
    pub fn to_jpeg(&self, quality: u8) -> Result<Vec<u8>, Error> {
        jpeg(self.resolution, &self.rgb, quality)
    }

    /// The exact picture as PNG, quickly made: to put it aside until it is needed again.
    pub fn to_png(&self) -> Result<Vec<u8>, Error> {
        let mut bytes = Vec::new();
        PngEncoder::new_with_quality(&mut bytes, CompressionType::Fast, FilterType::Up)
            .write_image(&self.rgb, self.resolution.width, self.resolution.height, ExtendedColorType::Rgb8)
            .map_err(|source| Error::Image { resolution: self.resolution, form: "PNG", source })?;
        Ok(bytes)
    }

    /// The picture that [`to_png`](Self::to_png) put aside.
    pub fn from_png(bytes: &[u8]) -> Result<Self, Error> {
        let image = image::load_from_memory_with_format(bytes, ImageFormat::Png).map_err(Error::Png)?.into_rgb8();
        Self::new(Resolution::new(image.width(), image.height()), image.into_raw())
    }
}

impl std::fmt::Debug for Picture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Picture").field("resolution", &self.resolution).finish_non_exhaustive()
    }
}

/// Packed pixels as baseline JPEG; `rgb` holds exactly `resolution`.
pub(super) fn jpeg(resolution: Resolution, rgb: &[u8], quality: u8) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::with_capacity(rgb.len() / 8);
    JpegEncoder::new_with_quality(&mut bytes, quality)
        .write_image(rgb, resolution.width, resolution.height, ExtendedColorType::Rgb8)
        .map_err(|source| Error::Image { resolution, form: "JPEG", source })?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gradient(width: u32, height: u32) -> Picture {
        let pixel = |at: u32| [(at * 3) as u8, (at * 5) as u8, (at * 7) as u8];
        let rgb = (0..width * height).flat_map(pixel).collect();
        Picture::new(Resolution::new(width, height), rgb).expect("three bytes per pixel")
    }

    #[test]
    fn bytes_that_are_not_three_per_pixel_are_refused() {
        let made = |width, height, bytes| Picture::new(Resolution::new(width, height), vec![0; bytes]).is_ok();
        assert!(made(2, 3, 18));
        assert!(!made(2, 3, 17) && !made(2, 3, 19) && !made(0, 3, 0) && !made(u32::MAX, u32::MAX, 3));
    }

    #[test]
    fn a_picture_comes_back_from_png_bit_by_bit() {
        let picture = gradient(17, 9);
        let png = picture.to_png().expect("encodes");
        assert_eq!(Picture::from_png(&png).expect("decodes"), picture);
        assert!(Picture::from_png(&png[..png.len() / 2]).is_err());
    }

    #[test]
    fn jpeg_of_the_same_picture_is_the_same_bytes_and_has_its_size() {
        let picture = gradient(33, 20);
        let bytes = picture.to_jpeg(88).expect("encodes");
        assert_eq!(bytes, picture.to_jpeg(88).expect("encodes"));
        let image = image::load_from_memory_with_format(&bytes, ImageFormat::Jpeg).expect("decodes");
        assert_eq!((image.width(), image.height()), (33, 20));
    }

    #[test]
    fn a_picture_too_wide_for_jpeg_is_an_error() {
        let wide = Picture::new(Resolution::new(70_000, 1), vec![0; 210_000]).expect("three bytes per pixel");
        let message = wide.to_jpeg(80).expect_err("JPEG has 16 bits for a side").to_string();
        assert!(message.starts_with("cannot encode a picture of 70000x1 as JPEG"), "{message}");
    }
}
