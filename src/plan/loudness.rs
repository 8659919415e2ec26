//! How much louder or softer sound becomes.

use serde::{Deserialize, Serialize};

use schemars::JsonSchema;

use super::{AudioRendition, Plan};
use crate::media::{Decibels, Loudness};

/// The highest true peak that is made: what EBU R 128 and the shops of streams ask for, and what a lossy codec
/// needs above it.
const HIGHEST_PEAK: Decibels = Decibels::from_hundredths(-100);

/// The loudness that every encoded rendition is brought to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LoudnessPlan {
    /// Integrated loudness in LUFS.
    pub target_lufs: Decibels,
    /// No true peak is made louder than this, in dBTP; the loudness stays lower then.
    pub highest_peak_dbtp: Decibels,
}

/// What was measured of sound, and what is done about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Levelled {
    /// As the source has it, in the channels of the rendition.
    pub measured: Loudness,
    /// How much louder it is made.
    pub gain_db: Decibels,
}

impl Levelled {
    /// What comes of it, before it is encoded.
    pub fn result(&self) -> Loudness {
        self.measured.amplified(self.gain_db)
    }
}

impl LoudnessPlan {
    pub(super) const fn new(target_lufs: Decibels) -> Self {
        Self { target_lufs, highest_peak_dbtp: HIGHEST_PEAK }
    }

    /// The one gain of a whole programme that was measured: it becomes as loud as is wanted, or as its peaks allow.
    /// Nothing is compressed, and silence stays what it is.
    pub fn level(&self, measured: Loudness) -> Levelled {
        let wanted = self.target_lufs.above(measured.integrated_lufs);
        let allowed = self.highest_peak_dbtp.above(measured.true_peak_dbtp);
        let gain_db = if measured.is_silence() { Decibels::ZERO } else { wanted.min(allowed) };
        Levelled { measured, gain_db }
    }
}

impl Plan {
    /// The renditions that are measured: of each track, one for each arrangement of channels.
    pub fn measured(&self) -> Vec<&AudioRendition> {
        let all = self.audio.iter().filter(|rendition| self.loudness.is_some() && !rendition.is_copy());
        all.filter(|rendition| self.measured_as(rendition).is_some_and(|first| first.id == rendition.id)).collect()
    }

    /// The first rendition of the same track and channels: it is measured for all of them. None of what is
    /// copied, whose loudness stays.
    pub fn measured_as(&self, rendition: &AudioRendition) -> Option<&AudioRendition> {
        let alike = |other: &&AudioRendition| (other.track, other.layout) == (rendition.track, rendition.layout);
        self.audio.iter().filter(|other| !other.is_copy() && !rendition.is_copy()).find(alike)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gain(integrated: i32, peak: i32) -> f64 {
        let measured = Loudness {
            integrated_lufs: Decibels::from_hundredths(integrated),
            range_lu: Decibels::ZERO,
            true_peak_dbtp: Decibels::from_hundredths(peak),
        };
        LoudnessPlan::new(Decibels::from_hundredths(-1600)).level(measured).gain_db.as_f64()
    }

    #[test]
    fn sound_is_brought_to_the_target() {
        assert_eq!(gain(-950, -20), -6.5);
        assert_eq!(gain(-2300, -1200), 7.0);
    }

    #[test]
    fn peaks_limit_what_is_made_louder() {
        assert_eq!(gain(-3000, -600), 5.0);
        assert_eq!(gain(-1700, 50), -1.5);
    }

    #[test]
    fn silence_stays_silence() {
        assert_eq!(gain(-7000, -7000), 0.0);
    }
}
