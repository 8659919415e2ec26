//! Rate controls that aim at an average: what is encoded a first time, and what each shard may then take.
//!
//! Shards are encoded apart, so none of them can know how hard the others are. A first pass encodes every
//! shard at one rate factor, which is to say at one quality; the bits it takes tell how the bits of the
//! whole programme are best shared out.

use super::{RateControl, Shard, VideoEncoding, VideoPlan, VideoRendition};
use crate::media::{Bitrate, FrameRate};

/// Rate factor of first passes. What shards take at it is compared, so its own value hardly matters.
const FIRST_CRF: u32 = 23;
/// Options of the last pass that a first pass must not have.
const LAST_ONLY: [&str; 3] = ["b", "maxrate", "bufsize"];
/// Encoders are not asked for less, in bits per second: black pictures take more.
const LEAST: u64 = 8_000;
/// For one pass towards an average: a shard is short, and must be near its share when it ends.
pub(super) const SHORT_AVERAGE: &str = "ratetol=0.2";
/// A last pass takes the overhead of the first as given and plans with what is left. Where that is nothing
/// x264 does not begin; where it is little, much of it is left unspent (of 1.5 times the overhead of a
/// street scene a half, of twice as much a third), and one pass comes nearer at a better quality.
const PLANNABLE: f64 = 2.0;

/// Options of an encoder: names and values.
pub type Options = Vec<(String, String)>;

impl VideoPlan {
    /// The renditions that are encoded a first time: for two passes each one, for one pass towards an
    /// average the smallest, which costs least and stands for all.
    pub fn first_passes(&self) -> Vec<&VideoRendition> {
        let keeps_stats = |r: &&VideoRendition| matches!(r.encoding.rate_control, RateControl::TwoPass);
        let averaged = |r: &&VideoRendition| !matches!(r.encoding.rate_control, RateControl::CappedCrf { .. });
        let both = self.renditions.iter().filter(keeps_stats);
        let smallest = self.renditions.iter().filter(averaged).min_by_key(|r| r.resolution.pixels());
        let smallest = smallest.filter(|r| !keeps_stats(r));
        both.chain(smallest).collect()
    }
}

impl VideoEncoding {
    /// Options of the first pass; it writes what the last one reads to the file `stats`, if one is given.
    pub fn first_pass(&self, stats: Option<&str>) -> Options {
        let kept = self.options.iter().filter(|(name, _)| !LAST_ONLY.contains(&name.as_str()));
        let mut options: Options = kept.cloned().collect();
        options.push(("crf".to_owned(), FIRST_CRF.to_string()));
        if let Some(stats) = stats {
            options.push(("flags".to_owned(), "+pass1".to_owned()));
            options.push(("stats".to_owned(), stats.to_owned()));
        }
        options
    }

    /// Options of the last pass towards `bitrate`; it reads what the first one wrote to `stats`, and is the
    /// only one when there is nothing to read.
    pub fn last_pass(&self, bitrate: Bitrate, stats: Option<&str>) -> Options {
        let mut options = self.options.clone();
        for (name, value) in &mut options {
            if name == "b" {
                *value = bitrate.as_bps().to_string();
            }
        }
        match (stats, self.rate_control) {
            (Some(stats), _) => {
                options.push(("flags".to_owned(), "+pass2".to_owned()));
                options.push(("stats".to_owned(), stats.to_owned()));
                options
            }
            (None, RateControl::TwoPass) => with_param(&options, SHORT_AVERAGE),
            // Their options have it already.
            (None, RateControl::Vbr | RateControl::CappedCrf { .. }) => options,
        }
    }
}

/// These options with one more parameter of x264's own.
fn with_param(options: &[(String, String)], param: &str) -> Options {
    let more = |(name, value): &(String, String)| {
        let value = if name == "x264-params" { format!("{value}:{param}") } else { value.clone() };
        (name.clone(), value)
    };
    options.iter().map(more).collect()
}

impl Shard {
    /// These options for an encoder that begins with the buffer that the shard before leaves it.
    pub fn begin(&self, options: &[(String, String)]) -> Options {
        with_param(options, &format!("vbv-init={}", f64::from(self.buffer_percent) / 100.0))
    }
}

/// What one shard took in a first pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Taken {
    /// Bits of its samples.
    pub bits: u64,
    /// Of these, what no last pass can save: headers and the like. 0 where there are no statistics.
    pub overhead: u64,
    /// Its frames.
    pub frames: u64,
}

impl Taken {
    /// Whether a last pass can make a plan for `share` out of the first.
    pub fn plannable_at(&self, share: Bitrate, rate: FrameRate) -> bool {
        share.as_bps() as f64 * self.seconds(rate) >= PLANNABLE * self.overhead as f64
    }

    fn seconds(&self, rate: FrameRate) -> f64 {
        self.frames as f64 / rate.as_f64()
    }
}

/// The bit rate of each shard, so that all of them together have the average `target` and the same
/// quality: in proportion to what they took, but none above `cap`, whose excess goes to the others.
pub fn shares(taken: &[Taken], rate: FrameRate, target: Bitrate, cap: Bitrate) -> Vec<Bitrate> {
    let seconds = |shard: &Taken| shard.seconds(rate);
    let ceiling = |shard: &Taken| cap.as_bps() as f64 * seconds(shard);
    let mut capped = vec![false; taken.len()];
    loop {
        let spent: f64 = taken.iter().zip(&capped).filter(|(_, capped)| **capped).map(|(s, _)| ceiling(s)).sum();
        let open: f64 = taken.iter().zip(&capped).filter(|(_, capped)| !**capped).map(|(s, _)| s.bits as f64).sum();
        let budget = target.as_bps() as f64 * taken.iter().map(seconds).sum::<f64>();
        let scale = if open > 0.0 { (budget - spent) / open } else { 0.0 };
        let over = |shard: &Taken| shard.bits as f64 * scale > ceiling(shard);
        let before = capped.iter().filter(|capped| **capped).count();
        for (shard, capped) in taken.iter().zip(&mut capped) {
            *capped |= over(shard);
        }
        if capped.iter().filter(|capped| **capped).count() == before {
            let bits = |shard: &Taken, capped: bool| if capped { ceiling(shard) } else { shard.bits as f64 * scale };
            let bps = |(shard, capped): (&Taken, &bool)| (bits(shard, *capped) / seconds(shard)).round() as u64;
            return taken.iter().zip(&capped).map(bps).map(|bps| Bitrate::from_bps(bps.max(LEAST))).collect();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: FrameRate = FrameRate::whole(25);

    fn kbps(taken: &[(u64, u64)], target: u64, cap: u64) -> Vec<u64> {
        let taken: Vec<_> = taken.iter().map(|&(bits, frames)| Taken { bits, overhead: 0, frames }).collect();
        let shares = shares(&taken, RATE, Bitrate::from_kbps(target), Bitrate::from_kbps(cap));
        shares.iter().map(|share| share.as_bps() / 1000).collect()
    }

    #[test]
    fn harder_shards_get_more_and_the_average_is_met() {
        assert_eq!(kbps(&[(100, 250), (300, 250)], 1000, 9000), [500, 1500]);
        // The second is as hard and twice as long.
        assert_eq!(kbps(&[(100, 250), (200, 500)], 1000, 9000), [1000, 1000]);
    }

    #[test]
    fn what_one_may_not_take_goes_to_the_others() {
        assert_eq!(kbps(&[(100, 250), (100, 250), (800, 250)], 1000, 1500), [750, 750, 1500]);
        assert_eq!(kbps(&[(1, 250), (1000, 250), (1000, 250)], 1000, 1000), [1000, 1000, 1000]);
    }

    #[test]
    fn nothing_is_asked_that_no_encoder_can_do() {
        assert_eq!(kbps(&[(0, 250), (100, 250)], 1000, 1500), [8, 1500]);
        assert_eq!(kbps(&[(0, 250)], 1000, 1500), [8]);
        assert_eq!(kbps(&[], 1000, 1500), [0; 0]);
    }

    #[test]
    fn a_share_that_overhead_eats_up_is_not_planned() {
        let black = Taken { bits: 120_000, overhead: 100_000, frames: 250 };
        let plannable = |kbps| black.plannable_at(Bitrate::from_kbps(kbps), RATE);
        assert_eq!([8, 10, 19, 20].map(plannable), [false, false, false, true]);
    }
}
