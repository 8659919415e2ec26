//! Decoded pictures, shared and never copied.

use std::sync::Arc;

use ffmpeg_next::frame;

use super::{Error, raw};
use crate::media::{ColorInfo, Resolution};

/// One decoded picture. Clones share the pixels.
#[derive(Clone)]
pub struct Frame {
    inner: Arc<frame::Video>,
    at_us: Option<i64>,
}

impl std::fmt::Debug for Frame {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Frame").field("resolution", &self.resolution()).field("at_us", &self.at_us).finish()
    }
}

impl Frame {
    pub(super) fn new(inner: frame::Video, at_us: Option<i64>) -> Self {
        Self { inner: Arc::new(inner), at_us }
    }

    pub(super) fn inner(&self) -> &frame::Video {
        &self.inner
    }

    /// A reference of its own to the same pixels, for callees that write timestamp or type.
    pub(super) fn share(&self) -> Result<frame::Video, Error> {
        raw::share(&self.inner).map_err(Error::failed("sharing a frame", "memory"))
    }

    /// Whether it is this very picture, and not another one that may look like it.
    pub fn is_same_as(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.inner, &other.inner)
    }

    /// When the picture is shown, in microseconds of its source; absent when nothing tells.
    pub fn at_us(&self) -> Option<i64> {
        self.at_us
    }

    /// Whether the decoder had to make up a part of it: its data is damaged, or what it refers to is missing.
    pub fn is_patched(&self) -> bool {
        raw::is_patched(&self.inner)
    }

    /// Whether closed captions come with it.
    pub fn has_captions(&self) -> bool {
        self.inner.side_data(ffmpeg_next::frame::side_data::Type::A53CC).is_some()
    }

    /// The closed captions that come with it, as triplets of CEA-708 (ANSI/CTA-708-E § 4.4).
    pub fn captions(&self) -> Vec<u8> {
        let captions = self.inner.side_data(ffmpeg_next::frame::side_data::Type::A53CC);
        captions.map_or_else(Vec::new, |captions| captions.data().to_vec())
    }

    /// The same picture, its pixels shared, with these captions in place of its own.
    pub fn with_captions(&self, triplets: &[u8]) -> Result<Self, Error> {
        let mut inner = self.share()?;
        raw::set_captions(&mut inner, triplets).map_err(Error::failed("adding captions to a frame", "memory"))?;
        Ok(Self::new(inner, self.at_us))
    }

    /// Black of the same size and shape.
    pub fn dark(&self) -> Result<Self, Error> {
        let luma = if self.color().full_range { 0 } else { 16 };
        let mut dark = frame::Video::new(ffmpeg_next::format::Pixel::YUV420P, self.inner.width(), self.inner.height());
        for (plane, value) in [luma, 128, 128].into_iter().enumerate() {
            dark.data_mut(plane).fill(value);
        }
        raw::copy_shape(&self.inner, &mut dark).map_err(Error::failed("making a picture", "memory"))?;
        Ok(Self::new(dark, self.at_us))
    }

    /// Size of the picture as it is coded.
    pub fn resolution(&self) -> Resolution {
        Resolution::new(self.inner.width(), self.inner.height())
    }

    /// Whether the picture holds two fields, and if so whether the top one comes first.
    pub fn top_field_first(&self) -> Option<bool> {
        raw::fields(&self.inner)
    }

    /// Colour code points; 2 where the picture does not say.
    pub fn color(&self) -> ColorInfo {
        let [primaries, transfer, matrix, range] = raw::picture_color(&self.inner);
        super::streams::color([primaries, transfer, matrix, range])
    }

    /// The packed RGB24 bytes of a picture that a filter made so; empty for every other format.
    pub fn to_rgb(&self) -> Vec<u8> {
        if self.inner.format() != ffmpeg_next::format::Pixel::RGB24 {
            return Vec::new();
        }
        let (row, stride) = (self.inner.width() as usize * 3, self.inner.stride(0));
        let lines = self.inner.data(0).chunks(stride).take(self.inner.height() as usize);
        let mut packed = Vec::with_capacity(row * self.inner.height() as usize);
        lines.for_each(|line| packed.extend_from_slice(&line[..row]));
        packed
    }
}
