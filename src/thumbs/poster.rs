//! The poster: the frame that stands for the programme.
//!
//! Each sampled frame is reduced to [`Features`], which are small enough to keep for a whole film and to
//! write into a journal. [`score`] says how good a picture is in itself; [`choose`] prefers, among good
//! pictures, the one that looks like the rest of the programme.

use serde::{Deserialize, Serialize};

use super::Error;
use super::picture::{PIXEL, Picture};

/// JPEG quality of the poster: it is looked at for long and in full size.
const QUALITY: u8 = 88;
/// Steps of each colour in the histogram.
const STEPS: usize = 4;
/// Cells of the colour histogram.
const CELLS: usize = STEPS * STEPS * STEPS;
/// The histogram of a frame adds up to about this.
const WHOLE: u32 = 10_000;
/// Luma up to this is black, noise of the encoder included.
const BLACK: u8 = 24;
/// Black bars leave at least this share of a picture: an upright film in a wide frame leaves 0.32.
/// What is lit in a smaller part is text on black.
const LEAST_BETWEEN_BARS: f32 = 0.25;

/// What is known of a frame: fractions of the full scale of the picture, black borders excluded.
/// Single precision survives the way through JSON unchanged, so a resumed run chooses the same frame.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Features {
    /// Mean luma: 0 is black, 1 is white.
    pub brightness: f32,
    /// Share of black pixels: credits on black are mostly that.
    pub black: f32,
    /// From the 5th to the 95th percentile of luma: a fade or fog is small.
    pub contrast: f32,
    /// Standard deviation of the Laplacian of luma: a blurred picture is small.
    pub sharpness: f32,
    /// How far colours lie from grey (Hasler and Süsstrunk 2003, eq. 1).
    pub colourfulness: f32,
    /// Share of the pixels in each of 4x4x4 cells of the RGB cube, in ten-thousandths.
    pub histogram: Vec<u16>,
}

/// A frame that may become the poster.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Candidate {
    /// The frame of the grid.
    pub frame: u64,
    /// What is known of it.
    pub features: Features,
}

impl Features {
    /// The features of a picture. Take a small one (some 160 to 320 pixels wide, the same for all frames):
    /// it is quicker, and noise does not pass for sharpness.
    pub fn of(picture: &Picture) -> Self {
        let luma = Luma::of(picture).without_borders();
        let counts = luma.counts();
        Self {
            brightness: brightness(&counts),
            black: share_up_to(&counts, BLACK),
            contrast: contrast(&counts),
            sharpness: luma.sharpness(),
            colourfulness: colourfulness(picture),
            histogram: histogram(picture),
        }
    }
}

/// How good a picture is in itself, from 0 to 1: black, white, flat, faded and blurred ones are near 0.
pub fn score(features: &Features) -> f32 {
    let exposure = ramp(features.brightness, 0.03, 0.25) * ramp(1.0 - features.brightness, 0.03, 0.2);
    let contrast = ramp(features.contrast, 0.0, 0.6);
    let sharpness = half_at(features.sharpness, 0.03);
    let colour = half_at(features.colourfulness, 0.1);
    let lit = ramp(1.0 - features.black, 0.2, 0.6);
    // A grey picture may be a good one, a flat one may not.
    exposure * lit * contrast * sharpness * (0.7 + 0.3 * colour)
}

/// The most representative of `candidates`: good in itself and like the programme's mean picture, of
/// which good frames make the most. The earliest of equals; nothing when there are none.
pub fn choose(candidates: &[Candidate]) -> Option<usize> {
    let scores: Vec<f32> = candidates.iter().map(|candidate| score(&candidate.features)).collect();
    let mean = mean_histogram(candidates, &scores);
    let merit = |at: usize| scores[at] * (0.5 + 0.5 * similarity(&candidates[at].features.histogram, &mean));
    (0..candidates.len()).reduce(|best, at| if merit(at) > merit(best) { at } else { best })
}

/// The poster file of the frame that was chosen.
pub fn jpeg(picture: &Picture) -> Result<Vec<u8>, Error> {
    picture.to_jpeg(QUALITY)
}

/// 0 up to `low`, 1 from `high`; never quite 0, so that among bad pictures the least bad one wins.
fn ramp(value: f32, low: f32, high: f32) -> f32 {
    ((value - low) / (high - low)).clamp(0.01, 1.0)
}

/// Rises from 0 towards 1 and is one half at `middle`.
fn half_at(value: f32, middle: f32) -> f32 {
    value / (value + middle)
}

fn mean_histogram(candidates: &[Candidate], weights: &[f32]) -> [f32; CELLS] {
    let mut mean = [0.0; CELLS];
    let whole = weights.iter().sum::<f32>().max(f32::MIN_POSITIVE);
    for (candidate, weight) in candidates.iter().zip(weights) {
        for (cell, &share) in mean.iter_mut().zip(&candidate.features.histogram) {
            *cell += f32::from(share) * weight / whole;
        }
    }
    mean
}

/// The intersection of two histograms, from 0 (nothing in common) to 1 (equal).
fn similarity(histogram: &[u16], mean: &[f32; CELLS]) -> f32 {
    histogram.iter().zip(mean).map(|(&share, &cell)| f32::from(share).min(cell)).sum::<f32>() / WHOLE as f32
}

fn histogram(picture: &Picture) -> Vec<u16> {
    let mut counts = [0_u64; CELLS];
    let step = |value: u8| usize::from(value) * STEPS / 256;
    for pixel in picture.rgb().chunks_exact(PIXEL) {
        counts[(step(pixel[0]) * STEPS + step(pixel[1])) * STEPS + step(pixel[2])] += 1;
    }
    let share = |count: u64| (count * u64::from(WHOLE) / picture.resolution().pixels()) as u16;
    counts.into_iter().map(share).collect()
}

fn colourfulness(picture: &Picture) -> f32 {
    let mut red_green = Moments::default();
    let mut yellow_blue = Moments::default();
    for row in picture.rows() {
        let colours = || row.chunks_exact(PIXEL).map(|pixel| [pixel[0], pixel[1], pixel[2]].map(i32::from));
        red_green.add(colours().map(|[r, g, _]| r - g));
        // Twice the value of the paper, to stay with whole numbers.
        yellow_blue.add(colours().map(|[r, g, b]| r + g - 2 * b));
    }
    let halved = |value: f64| value / 4.0;
    let spread = (red_green.variance() + halved(yellow_blue.variance())).sqrt();
    let distance = (red_green.mean().powi(2) + halved(yellow_blue.mean().powi(2))).sqrt();
    ((spread + 0.3 * distance) / 255.0) as f32
}

/// Sums of whole numbers, exact whatever their order.
#[derive(Default)]
struct Moments {
    count: i64,
    sum: i64,
    squares: i64,
}

impl Moments {
    /// Adds values whose squares fit into 31 bits.
    fn add(&mut self, row: impl Iterator<Item = i32>) {
        for value in row {
            self.count += 1;
            self.sum += i64::from(value);
            self.squares += i64::from(value * value);
        }
    }

    fn mean(&self) -> f64 {
        self.sum as f64 / self.count.max(1) as f64
    }

    fn variance(&self) -> f64 {
        (self.squares as f64 / self.count.max(1) as f64 - self.mean().powi(2)).max(0.0)
    }
}

fn brightness(counts: &[u32; 256]) -> f32 {
    let sum: u64 = (0..).zip(counts).map(|(luma, &count): (u64, _)| luma * u64::from(count)).sum();
    (sum as f64 / total(counts) as f64 / 255.0) as f32
}

fn share_up_to(counts: &[u32; 256], luma: u8) -> f32 {
    let below: u64 = counts[..=usize::from(luma)].iter().copied().map(u64::from).sum();
    (below as f64 / total(counts) as f64) as f32
}

fn contrast(counts: &[u32; 256]) -> f32 {
    let percentile = |percent: u64| {
        let mut below = 0;
        counts.iter().position(|&count| {
            below += u64::from(count);
            below * 100 > total(counts) * percent
        })
    };
    (percentile(95).unwrap_or(0) - percentile(5).unwrap_or(0)) as f32 / 255.0
}

fn total(counts: &[u32; 256]) -> u64 {
    counts.iter().copied().map(u64::from).sum::<u64>().max(1)
}

/// The luma of a picture.
struct Luma {
    width: usize,
    values: Vec<u8>,
}

impl Luma {
    /// Luma of ITU-R BT.709, in 256ths.
    fn of(picture: &Picture) -> Self {
        let luma = |p: &[u8]| ((54 * u32::from(p[0]) + 183 * u32::from(p[1]) + 19 * u32::from(p[2])) >> 8) as u8;
        let values = picture.rgb().chunks_exact(PIXEL).map(luma).collect();
        Self { width: picture.resolution().width as usize, values }
    }

    /// The picture between black bars; a picture that is black all over stays whole. Bars would pass
    /// for contrast.
    fn without_borders(self) -> Self {
        let bright = |value: &u8| *value > BLACK;
        let rows = || self.values.chunks_exact(self.width);
        let lit_row = |row: &[u8]| row.iter().any(bright);
        let (Some(top), Some(bottom)) = (rows().position(lit_row), rows().rposition(lit_row)) else { return self };
        let lit_column = |x: &usize| rows().any(|row| bright(&row[*x]));
        let (Some(left), Some(right)) = ((0..self.width).find(lit_column), (0..self.width).rfind(lit_column)) else {
            return self;
        };
        let (width, height) = (right + 1 - left, bottom + 1 - top);
        let inside = width * height;
        if inside == self.values.len() || (inside as f32) < LEAST_BETWEEN_BARS * self.values.len() as f32 {
            return self;
        }
        let mut values = Vec::with_capacity(inside);
        rows().skip(top).take(height).for_each(|row| values.extend_from_slice(&row[left..=right]));
        Self { width, values }
    }

    /// Pixels of each luma.
    fn counts(&self) -> [u32; 256] {
        let mut counts = [0; 256];
        for &value in &self.values {
            counts[usize::from(value)] += 1;
        }
        counts
    }

    /// Standard deviation of the four-neighbour Laplacian, as a fraction of its full scale.
    fn sharpness(&self) -> f32 {
        let mut laplacian = Moments::default();
        let rows: Vec<&[u8]> = self.values.chunks_exact(self.width).collect();
        for three in rows.windows(3) {
            let [above, row, below] = [three[0], three[1], three[2]];
            let around = row.windows(3).zip(above.iter().zip(below).skip(1));
            laplacian.add(around.map(|(beside, (above, below))| {
                let [left, here, right] = [beside[0], beside[1], beside[2]].map(i32::from);
                4 * here - i32::from(*above) - i32::from(*below) - left - right
            }));
        }
        (laplacian.variance().sqrt() / 1020.0) as f32
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::Resolution;

    const SIZE: Resolution = Resolution::new(64, 48);

    fn draw(colour: impl Fn(i32, i32) -> [u8; 3]) -> Picture {
        let at = |n: i32| colour(n % SIZE.width as i32, n / SIZE.width as i32);
        Picture::new(SIZE, (0..SIZE.pixels() as i32).flat_map(at).collect()).expect("three bytes per pixel")
    }

    fn grey(luma: impl Fn(i32, i32) -> f64) -> Picture {
        draw(|x, y| [luma(x, y).round() as u8; 3])
    }

    fn squares(x: i32, y: i32) -> f64 {
        if (x.div_euclid(8) + y.div_euclid(8)) % 2 == 0 { 220.0 } else { 40.0 }
    }

    /// The mean of `luma` over a square of 2 `radius` + 1 pixels.
    fn blurred(luma: impl Fn(i32, i32) -> f64, radius: i32) -> Picture {
        let reach = -radius..=radius;
        let around = |x: i32, y: i32| {
            let sum: f64 = reach
                .clone()
                .flat_map(|dy| reach.clone().map(move |dx| (dx, dy)))
                .map(|(dx, dy)| luma(x + dx, y + dy))
                .sum();
            sum / f64::from(reach.clone().count() as u32).powi(2)
        };
        grey(around)
    }

    fn rate(picture: &Picture) -> f32 {
        score(&Features::of(picture))
    }

    #[test]
    fn sharp_beats_blurred_beats_flat_beats_black_and_white() {
        let sharp = rate(&grey(squares));
        let soft = rate(&blurred(squares, 3));
        let flat = rate(&grey(|_, _| 128.0));
        let (black, white) = (rate(&grey(|_, _| 0.0)), rate(&grey(|_, _| 255.0)));
        assert!(sharp > 1.5 * soft && soft > flat, "{sharp} {soft} {flat}");
        assert!(flat >= black && flat >= white && sharp > 0.3, "{sharp} {flat} {black} {white}");
    }

    #[test]
    fn a_fade_to_black_white_or_grey_loses_to_the_whole_picture() {
        let sharp = rate(&grey(squares));
        for towards in [0.0, 128.0, 255.0] {
            let fade = rate(&grey(|x, y| towards + 0.15 * (squares(x, y) - towards)));
            assert!(fade < sharp / 5.0, "towards {towards}: {fade} and {sharp}");
            assert!(fade > rate(&grey(|_, _| towards)), "towards {towards}");
        }
    }

    #[test]
    fn black_bars_are_not_contrast() {
        let barred = |luma: fn(i32, i32) -> f64| grey(move |x, y| if (8..40).contains(&y) { luma(x, y) } else { 0.0 });
        assert_eq!(Features::of(&barred(|_, _| 128.0)).contrast, 0.0);
        assert!(rate(&barred(squares)) > 0.9 * rate(&grey(squares)));
    }

    #[test]
    fn text_on_black_is_no_poster() {
        let dull = rate(&blurred(squares, 3));
        let text = |rows: std::ops::Range<i32>| {
            grey(move |x, y| if rows.contains(&y) && y % 6 < 2 && (x * 7 + y) % 5 < 2 { 235.0 } else { 0.0 })
        };
        let (line, page) = (rate(&text(18..24)), rate(&text(0..48)));
        assert!(line < dull / 5.0 && page < dull / 5.0, "{line} {page} {dull}");
    }

    #[test]
    fn colour_decides_between_equals() {
        let coloured = draw(|x, y| if squares(x, y) > 100.0 { [240, 180, 60] } else { [20, 40, 110] });
        let plain = grey(|x, y| if squares(x, y) > 100.0 { 184.0 } else { 40.0 });
        assert!(rate(&coloured) > rate(&plain));
    }

    #[test]
    fn the_poster_looks_like_the_programme() {
        let scene = |warm: u8| draw(move |x, y| if squares(x, y) > 100.0 { [warm, 150, 60] } else { [30, 40, 60] });
        let other = draw(|x, y| if squares(x, y) > 100.0 { [60, 150, 235] } else { [60, 40, 30] });
        let black = grey(|_, _| 0.0);
        let pictures = [&black, &other, &black, &scene(230), &scene(228), &black, &scene(232), &black];
        let candidates: Vec<Candidate> = (0..)
            .zip(pictures)
            .map(|(n, picture)| Candidate { frame: n * 125, features: Features::of(picture) })
            .collect();
        let chosen = choose(&candidates).expect("there are candidates");
        assert!([3, 4, 6].contains(&chosen), "{chosen}");
    }

    #[test]
    fn the_earliest_of_equals_wins_and_nothing_comes_of_nothing() {
        let black = Candidate { frame: 0, features: Features::of(&grey(|_, _| 0.0)) };
        assert_eq!(choose(&vec![black; 3]), Some(0));
        assert_eq!(choose(&[]), None);
    }

    #[test]
    fn pictures_of_one_pixel_have_features() {
        let dot = Picture::new(Resolution::new(1, 1), vec![255; 3]).expect("three bytes per pixel");
        assert!(rate(&dot).is_finite());
    }

    #[test]
    fn features_come_back_from_json_bit_by_bit() {
        let features = Features::of(&draw(|x, y| [(x * 3) as u8, (y * 5) as u8, (x * y) as u8]));
        let text = serde_json::to_string(&features).expect("plain data");
        assert_eq!(serde_json::from_str::<Features>(&text).expect("what was written"), features);
    }
}
