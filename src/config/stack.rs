//! Layers, the weaker below: who decided what, and what gives way.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Serialize;

use super::{Environment, Error, Job, Layer, Origin, Preset, RateControlMode, Rejected, Seconds, Setting, Settings};

/// What floating point adds to or takes from a quotient that is whole: 6.006 / 2.002.
const ROUNDING: f64 = 1e-6;

/// Layers laid over each other; what is pushed later is stronger.
#[derive(Clone, Debug)]
pub struct Stack {
    layer: Layer,
    said: BTreeMap<Setting, Said>,
    pushed: usize,
}

#[derive(Clone, Debug)]
struct Said {
    strength: usize,
    origin: Origin,
}

/// The settings, and who decided each. What is absent from `origins` nobody has asked for.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Resolved {
    /// What was asked.
    pub settings: Settings,
    /// By whom.
    pub origins: BTreeMap<Setting, Origin>,
}

impl Stack {
    /// The defaults, to lay everything else over.
    pub fn new() -> Result<Self, Error> {
        let mut stack = Self { layer: Layer::default(), said: BTreeMap::new(), pushed: 0 };
        stack.push(Preset::defaults()?.layer, |_| Origin::Default);
        Ok(stack)
    }

    /// Lays a preset over, and below it the presets it extends.
    pub fn preset(&mut self, name: &str) -> Result<(), Error> {
        for (name, preset) in Preset::chain(name)? {
            self.push(preset.layer, |_| Origin::Preset(name.clone()));
        }
        Ok(())
    }

    /// Lays the settings of a job over, but not the preset that it names; `path` is that of its file.
    pub fn job(&mut self, job: &Job, path: &Path) {
        self.push(job.layer.clone(), |_| Origin::Job(path.display().to_string()));
    }

    /// Lays the variables of the environment over.
    pub fn environment(&mut self, environment: Environment) {
        self.push(environment.layer, |setting| Origin::Environment(setting.variable()));
    }

    /// Lays flags over; `flag` names the one that decides a setting.
    pub fn flags(&mut self, layer: Layer, flag: impl Fn(Setting) -> &'static str) {
        self.push(layer, |setting| Origin::Flag(flag(setting)));
    }

    /// Everything that the layers say together, unchecked.
    pub fn layer(&self) -> &Layer {
        &self.layer
    }

    /// The settings that the layers make together. A weaker opinion that contradicts a stronger one gives
    /// way; two that are equally strong, or a flag that nothing heeds, are an error.
    pub fn resolve(mut self) -> Result<Resolved, Error> {
        self.fit_segments();
        self.drop_idle_crf();
        let Self { layer, said, .. } = self;
        let settings = layer.resolve().map_err(|rejected| name_the_culprit(rejected, &said))?;
        refuse_idle_flags(&settings, &said)?;
        Ok(Resolved { settings, origins: said.into_iter().map(|(setting, said)| (setting, said.origin)).collect() })
    }

    fn push(&mut self, over: Layer, origin: impl Fn(Setting) -> Origin) {
        self.pushed += 1;
        for setting in Setting::ALL.into_iter().filter(|setting| over.says(*setting)) {
            self.said.insert(setting, Said { strength: self.pushed, origin: origin(setting) });
        }
        self.layer = std::mem::take(&mut self.layer).under(over);
    }

    /// How strong the opinion about a setting is; 0 when there is none.
    fn strength(&self, setting: Setting) -> usize {
        self.said.get(&setting).map_or(0, |said| said.strength)
    }

    /// A segment is a whole number of GOPs. Whoever asks for 5 s segments, and has not said what a GOP
    /// is, gets GOPs that fit; and the other way round.
    fn fit_segments(&mut self) {
        let seconds = |value: Option<Seconds>| value.map(Seconds::as_f64).filter(|value| *value > 0.0);
        let Some(segment) = seconds(self.layer.segment_duration) else { return };
        let Some(gop) = seconds(self.layer.gop) else { return };
        let gops = segment / gop;
        if gops >= 0.5 && (gops - gops.round()).abs() < ROUNDING {
            return;
        }
        let (fitted, to) = match self.strength(Setting::SegmentDuration).cmp(&self.strength(Setting::Gop)) {
            std::cmp::Ordering::Equal => return,
            std::cmp::Ordering::Greater => {
                self.layer.gop = Some(Seconds::computed(segment / (gops - ROUNDING).ceil().max(1.0)));
                (Setting::Gop, Setting::SegmentDuration)
            }
            std::cmp::Ordering::Less => {
                self.layer.segment_duration = Some(Seconds::computed(gop * gops.round().max(1.0)));
                (Setting::SegmentDuration, Setting::Gop)
            }
        };
        let strength = self.strength(to);
        self.said.insert(fitted, Said { strength, origin: Origin::Fitted(to) });
    }

    /// Rate factors of a preset mean nothing to the target rates that somebody asks for over it.
    fn drop_idle_crf(&mut self) {
        match self.layer.rate_control {
            Some(RateControlMode::Vbr | RateControlMode::TwoPass) => {}
            Some(RateControlMode::CappedCrf) | None => return,
        }
        let strength = self.strength(Setting::RateControl);
        if self.strength(Setting::Crf) < strength {
            self.layer.crf = None;
            self.said.remove(&Setting::Crf);
        }
        if self.strength(Setting::Ladder) < strength {
            for rung in self.layer.ladder.iter_mut().flatten() {
                rung.crf = None;
            }
        }
    }
}

/// Puts the words of the user in place of the setting's name.
fn name_the_culprit(rejected: Rejected, said: &BTreeMap<Setting, Said>) -> Rejected {
    let setting = rejected.setting;
    let said_by = match said.get(&setting).map(|said| &said.origin) {
        Some(Origin::Flag(flag)) => (*flag).to_owned(),
        Some(Origin::Environment(variable)) => variable.clone(),
        Some(Origin::Preset(name)) => format!("{setting} of preset {name}"),
        Some(Origin::Job(path)) => format!("{setting} of job {path}"),
        Some(Origin::Default | Origin::Fitted(_)) | None => setting.to_string(),
    };
    Rejected { said_by, ..rejected }
}

/// A flag is the last word of somebody who waits for its effect: without one it is refused.
fn refuse_idle_flags(settings: &Settings, said: &BTreeMap<Setting, Said>) -> Result<(), Rejected> {
    let origin = |setting| said.get(&setting).map(|said| &said.origin);
    let because = |cause: Setting| match origin(cause) {
        Some(origin) => format!("it has no effect with {cause} ({origin})"),
        None => format!("it has no effect with {cause}"),
    };
    let refuse = |idle: &[Setting], cause| {
        let flagged = idle.iter().find(|setting| matches!(origin(**setting), Some(Origin::Flag(_))));
        match flagged {
            Some(setting) => {
                let rejected = Rejected::new(*setting, because(cause), "leave it out, or choose another preset");
                Err(name_the_culprit(rejected, said))
            }
            None => Ok(()),
        }
    };
    if settings.no_video {
        let pictures = [
            Setting::Ladder,
            Setting::VideoCodecs,
            Setting::RateControl,
            Setting::Crf,
            Setting::Speed,
            Setting::MaxFrameRate,
            Setting::TopRung,
            Setting::Thumbnails,
            Setting::ThumbnailInterval,
            Setting::ThumbnailWidth,
            Setting::Poster,
        ];
        refuse(&pictures, Setting::NoVideo)?;
    }
    if settings.audio.is_empty() {
        refuse(&[Setting::AudioLanguages, Setting::Loudness], Setting::Audio)?;
    }
    if !settings.subtitles {
        refuse(&[Setting::SubtitleLanguages], Setting::Subtitles)?;
    }
    if !settings.thumbnails {
        refuse(&[Setting::ThumbnailInterval, Setting::ThumbnailWidth], Setting::Thumbnails)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolve(preset: &str, flags: &[(Setting, &str)]) -> Result<Resolved, Error> {
        let mut stack = Stack::new()?;
        stack.preset(preset)?;
        let mut layer = Layer::default();
        for (setting, text) in flags {
            layer.set(*setting, text).expect("the test writes values that parse");
        }
        stack.flags(layer, |_| "--flag");
        stack.resolve()
    }

    fn segments(flags: &[(Setting, &str)]) -> (f64, f64) {
        let resolved = resolve("web", flags).expect("fits");
        (resolved.settings.segment_duration, resolved.settings.gop)
    }

    fn refusal(preset: &str, flags: &[(Setting, &str)]) -> String {
        resolve(preset, flags).expect_err("contradicts").to_string()
    }

    #[test]
    fn each_origin_is_the_strongest_layer_that_spoke() {
        let origins = resolve("mobile", &[(Setting::Crf, "24")]).expect("valid").origins;
        assert_eq!(origins[&Setting::Crf], Origin::Flag("--flag"));
        assert_eq!(origins[&Setting::Ladder], Origin::Preset("mobile".into()));
        assert_eq!(origins[&Setting::Hls], Origin::Default);
        assert!(!origins.contains_key(&Setting::Start));
    }

    #[test]
    fn the_default_gop_fits_itself_to_the_segment_that_was_asked_for() {
        assert_eq!(segments(&[(Setting::SegmentDuration, "4")]), (4.0, 2.0));
        assert_eq!(segments(&[(Setting::SegmentDuration, "3")]), (3.0, 1.5));
        assert_eq!(segments(&[(Setting::SegmentDuration, "1")]), (1.0, 1.0));
        assert_eq!(segments(&[(Setting::SegmentDuration, "6.000000001")]).1, 2.0);
        let origins = resolve("web", &[(Setting::SegmentDuration, "3")]).expect("valid").origins;
        assert_eq!(origins[&Setting::Gop], Origin::Fitted(Setting::SegmentDuration));
    }

    #[test]
    fn the_default_segment_fits_itself_to_the_gop_that_was_asked_for() {
        assert_eq!(segments(&[(Setting::Gop, "4")]), (8.0, 4.0));
        assert_eq!(segments(&[(Setting::Gop, "10")]), (10.0, 10.0));
        assert_eq!(segments(&[(Setting::Gop, "1")]), (6.0, 1.0));
    }

    #[test]
    fn two_flags_that_contradict_are_refused() {
        let message = refusal("web", &[(Setting::SegmentDuration, "6"), (Setting::Gop, "4")]);
        assert_eq!(message, "--flag: 6 s is not a whole number of GOPs of 4 s; choose 4 or 8, or another gop");
        let message = refusal("web", &[(Setting::RateControl, "vbr"), (Setting::Crf, "20")]);
        assert!(message.starts_with("--flag: a crf has no effect with rate control vbr"), "{message}");
    }

    #[test]
    fn a_rate_factor_of_the_preset_gives_way_to_target_rates() {
        let resolved = resolve("archive-4k", &[(Setting::RateControl, "vbr")]).expect("valid");
        assert_eq!(resolved.settings.crf, None);
    }

    #[test]
    fn a_flag_without_effect_is_refused() {
        let message = refusal("audio", &[(Setting::Crf, "20")]);
        assert!(message.starts_with("--flag: it has no effect with no_video (preset audio)"), "{message}");
    }

    #[test]
    fn extremes_are_refused_and_never_panic() {
        for text in ["0", "0.0001", "10000000"] {
            for setting in [Setting::SegmentDuration, Setting::Gop, Setting::ThumbnailInterval] {
                let result = resolve("web", &[(setting, text)]);
                assert!(
                    result.is_err() || (setting == Setting::ThumbnailInterval && text == "10000000"),
                    "{setting} {text}"
                );
            }
        }
        assert!(resolve("web", &[(Setting::SegmentDuration, "0"), (Setting::Gop, "0")]).is_err());
        assert!(resolve("web", &[(Setting::Crf, "NaN")]).is_err());
    }
}
