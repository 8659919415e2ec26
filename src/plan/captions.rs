//! Closed captions that pictures carry, as they are offered.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::audio::Unique;
use crate::media::{CaptionService, Language};
use crate::source::{SourceInfo, VideoInfo};

/// Closed captions in the pictures of every rendition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CaptionTrack {
    /// Which of them.
    pub service: CaptionService,
    /// Their language. Captions do not say it: the first channel and the first service are in that of the programme
    /// by convention, of the others it is not known.
    pub language: Language,
    /// What a player's menu shows; unique among the captions.
    pub label: String,
}

/// The captions of `video`, the first channel first.
pub(super) fn tracks(info: &SourceInfo, video: &VideoInfo) -> Vec<CaptionTrack> {
    let spoken = info.audio.iter().find(|audio| audio.default).or(info.audio.first()).map(|audio| &audio.language);
    let said = [Some(&video.language), spoken, info.language.as_ref()];
    let programme = said.into_iter().flatten().find(|language| !language.is_undetermined()).cloned();
    let mut labels = Unique::default();
    let track = |service: &CaptionService| {
        let main = matches!(service, CaptionService::Channel(1) | CaptionService::Service(1));
        let language = programme.clone().filter(|_| main).unwrap_or_else(Language::undetermined);
        let label = match (service, language.is_undetermined()) {
            (_, true) => format!("Captions {service}"),
            (CaptionService::Channel(_), false) => language.english().to_owned(),
            (CaptionService::Service(_), false) => format!("{} (CEA-708)", language.english()),
        };
        CaptionTrack { service: *service, language, label: labels.claim(&label, " ") }
    };
    video.captions.iter().map(track).collect()
}
