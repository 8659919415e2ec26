//! The upright picture with square pixels, and the sizes it can be scaled to.

use crate::media::{PixelAspect, Resolution};
use crate::source::VideoInfo;

/// The smallest side of a rendition: one sample of 4:2:0 chroma.
const SMALLEST_SIDE: u32 = 2;
/// The largest side of a rendition. Level 6.2 would allow √(8 × MaxFS) = 1055 macroblocks
/// (ITU-T H.264 § A.3.1); encoders and decoders stop at this round number.
const LARGEST_SIDE: u32 = 16_384;
/// Macroblocks of the largest frame, MaxFS of level 6.2 (ITU-T H.264 Table A-1).
const LARGEST_FRAME: u64 = 139_264;
/// A pixel more than this many times as wide as high (or as high as wide) is a broken header.
const ODDEST_PIXEL: f64 = 10.0;

/// Width and height of the source as it should be looked at: upright, square pixels, and within
/// what H.264 can carry. Not yet rounded, so that every size made of it has the same aspect ratio.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shape {
    short: f64,
    long: f64,
    portrait: bool,
}

impl Shape {
    /// The shape of a source stream: height is kept, width follows the pixel aspect, then the
    /// picture is turned. Pictures that H.264 cannot carry are scaled down; their aspect ratio is
    /// kept until the short side would fall below 2. Nothing is enlarged, however small.
    pub(super) fn of(video: &VideoInfo) -> Self {
        let wide = f64::from(video.resolution.width) * pixel_width(video.pixel_aspect);
        let high = f64::from(video.resolution.height);
        let (width, height) = if matches!(video.rotation, 90 | 270) { (high, wide) } else { (wide, high) };
        let mut shape = Self { short: width.min(height), long: width.max(height), portrait: height > width };
        shape.scale((f64::from(LARGEST_SIDE) / shape.long).min(1.0));
        while macroblocks(shape.own()) > LARGEST_FRAME {
            shape.scale(0.99);
        }
        shape
    }

    /// The size that needs no scaling, but for even sides.
    pub(super) fn own(self) -> Resolution {
        self.oriented(even(self.short), even(self.long))
    }

    /// The size of a rung: `short` (to the nearest even number) by what keeps the aspect ratio.
    pub(super) fn with_short_side(self, short: u32) -> Resolution {
        let own = self.own();
        let side = even(short.into());
        if side >= own.short_side() {
            return own;
        }
        self.oriented(side, even(f64::from(side) * self.long / self.short))
    }

    /// The size of a still picture that fits in a square of `long`, never larger than the source.
    pub(super) fn with_long_side(self, long: u32) -> Resolution {
        let side = f64::from(even(f64::from(long).min(self.long)));
        self.oriented(even(side * self.short / self.long), side as u32)
    }

    fn oriented(self, short: u32, long: u32) -> Resolution {
        if self.portrait { Resolution::new(short, long) } else { Resolution::new(long, short) }
    }

    fn scale(&mut self, factor: f64) {
        self.short *= factor;
        self.long *= factor;
    }
}

/// Width of a pixel that is 1 high.
fn pixel_width(aspect: PixelAspect) -> f64 {
    let width = f64::from(aspect.num) / f64::from(aspect.den);
    if (1.0 / ODDEST_PIXEL..=ODDEST_PIXEL).contains(&width) { width } else { 1.0 }
}

/// The even number nearest to `side`, the lower of two, so that an odd source is not enlarged; only a
/// single line becomes two.
fn even(side: f64) -> u32 {
    let even = (side / 2.0 - 0.5).ceil() * 2.0;
    even.clamp(SMALLEST_SIDE.into(), LARGEST_SIDE.into()) as u32
}

fn macroblocks(size: Resolution) -> u64 {
    u64::from(size.width.div_ceil(16)) * u64::from(size.height.div_ceil(16))
}
