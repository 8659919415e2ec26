//! The points of `--speed`: how x264 is run for each of them, and at which rate factor.

use super::Error;
use crate::config::{ENCODER_PRESETS, Speed};
use crate::media::Resolution;

/// One way to run x264: a preset and what is changed in it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tuning {
    /// The preset.
    pub preset: &'static str,
    params: &'static str,
    /// Frames that are held back to look ahead.
    pub lookahead: u32,
}

/// One point of `--speed`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Point {
    /// For rungs above [`SMALL`].
    large: Tuning,
    /// For rungs up to [`SMALL`]: they cost little, so a slower setting does too.
    small: Tuning,
    /// Added to the rung's rate factor, whose meaning drifts from preset to preset.
    crf_shift: f64,
}

/// Short side of the largest rung that counts as small.
const SMALL: u32 = 360;

/// To look at: no macroblock-tree. CABAC and the 8x8 transform keep every rung in the High profile.
const DRAFT: Point = Point {
    large: Tuning { preset: "ultrafast", params: "cabac=1:8x8dct=1", lookahead: 0 },
    small: Tuning { preset: "superfast", params: "", lookahead: 0 },
    crf_shift: 4.0,
};

/// Macroblock-tree with a short lookahead, the cheapest motion refinement. Looking further ahead costs a third of the
/// memory on large rungs, and CPU; on small ones it is worth a little. Auto-variance AQ (`aq-mode=2`)
/// takes about a tenth of the bits at equal VMAF on natural pictures, and costs nothing.
const FAST: Point = Point {
    large: Tuning { preset: "superfast", params: "subme=1:mbtree=1:bframes=2:aq-mode=2", lookahead: 10 },
    small: Tuning { preset: "superfast", params: "subme=1:mbtree=1:bframes=2:aq-mode=2", lookahead: 20 },
    crf_shift: 0.0,
};

/// The default: the same with trellis quantisation, which is worth more than a step of motion refinement
/// and costs less. docs/speeds.md has the figures.
const BALANCED: Point = Point {
    large: Tuning { preset: "superfast", params: "subme=1:trellis=1:mbtree=1:bframes=2:aq-mode=2", lookahead: 10 },
    small: Tuning { preset: "superfast", params: "subme=2:trellis=1:mbtree=1:bframes=2:aq-mode=2", lookahead: 20 },
    crf_shift: 0.0,
};

/// `medium`; in a GOP of two seconds a longer lookahead would see little more.
const QUALITY: Point = Point {
    large: Tuning { preset: "medium", params: "aq-mode=2", lookahead: 40 },
    small: Tuning { preset: "slow", params: "aq-mode=2", lookahead: 50 },
    crf_shift: 1.5,
};

/// As good as x264 can within reason; `placebo` is there by its name.
const ARCHIVE: Point = Point {
    large: Tuning { preset: "slower", params: "aq-mode=2", lookahead: 50 },
    small: Tuning { preset: "veryslow", params: "aq-mode=2", lookahead: 60 },
    crf_shift: 1.5,
};

/// Rate factor by short side, chosen so that pictures which need the rung's whole bit rate look as good
/// as they do at `veryfast` with that rate fixed, and easier ones take less (docs/speeds.md).
const CRF: [(u32, f64); 6] = [(2160, 18.5), (1440, 18.0), (1080, 17.0), (720, 18.3), (480, 16.7), (360, 16.9)];

impl Tuning {
    /// What `x264-params` says of it; nothing of a preset that is taken as it is.
    pub(super) fn params(&self) -> String {
        if self.params.is_empty() {
            return String::new();
        }
        format!("{}:rc-lookahead={}", self.params, self.lookahead)
    }

    /// The same for real time: no more than so many frames are held back, and none by a thread of its own.
    pub(super) fn params_in_time(&self, lookahead: u32) -> String {
        let separator = if self.params.is_empty() { "" } else { ":" };
        format!("{}{separator}rc-lookahead={}:sync-lookahead=0", self.params, self.lookahead.min(lookahead))
    }
}

impl Point {
    /// The point of a speed.
    pub(super) fn of(speed: &Speed) -> Result<Self, Error> {
        Ok(match speed {
            Speed::Draft => DRAFT,
            Speed::Fast => FAST,
            Speed::Balanced => BALANCED,
            Speed::Quality => QUALITY,
            Speed::Archive => ARCHIVE,
            Speed::Encoder(name) => {
                let preset = ENCODER_PRESETS.into_iter().find(|preset| preset == name);
                let preset = preset.ok_or_else(|| Error::UnknownSpeed {
                    speed: name.clone(),
                    known: Speed::POINTS.iter().map(Speed::name).chain(ENCODER_PRESETS).map(str::to_owned).collect(),
                })?;
                let tuning = Tuning { preset, params: "", lookahead: lookahead_of(preset) };
                Self { large: tuning, small: tuning, crf_shift: 0.0 }
            }
        })
    }

    /// How a rung of this size is encoded.
    pub(super) const fn tuning(&self, resolution: Resolution) -> &Tuning {
        if Self::is_small(resolution) { &self.small } else { &self.large }
    }

    /// Whether a rung of this size costs little.
    pub(super) const fn is_small(resolution: Resolution) -> bool {
        resolution.short_side() <= SMALL
    }

    /// The rate factor of a rung of this size: that of the entry which is nearest in proportion.
    pub(super) fn crf(&self, resolution: Resolution) -> f64 {
        let distance = |entry: u32| {
            let ratio = f64::from(entry) / f64::from(resolution.short_side());
            ratio.max(1.0 / ratio)
        };
        let nearest = CRF.into_iter().min_by(|a, b| distance(a.0).total_cmp(&distance(b.0)));
        nearest.map_or(CRF[0].1, |(_, crf)| crf) + self.crf_shift
    }
}

/// The lookahead of a preset of x264 (`x264 --fullhelp`, "Presets").
fn lookahead_of(preset: &str) -> u32 {
    match preset {
        "ultrafast" | "superfast" => 0,
        "veryfast" => 10,
        "faster" => 20,
        "medium" => 40,
        "slow" => 50,
        _ => 60,
    }
}
