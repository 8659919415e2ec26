//! Which rungs are also written as one plain file, and with which sound.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{AudioRendition, Error, Rendition, VideoPlan, names};
use crate::config::{RungName, Settings};
use crate::media::{AudioCodec, RenditionId, VideoCodec};

/// One plain file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ProgressivePlan {
    /// Its path in the output: `progressive/720p.mp4`.
    pub file: String,
    /// What was asked for: `720p`. The file is of a smaller rung when the source does not fill this one.
    pub asked: String,
    /// Its pictures.
    pub video: RenditionId,
    /// Its sound, when there is some.
    pub audio: Option<RenditionId>,
}

impl ProgressivePlan {
    /// The source does not fill the rung that was asked for.
    pub fn is_smaller(&self) -> bool {
        !self.file.ends_with(&format!("/{}.mp4", self.asked))
    }
}

/// The files that are asked for, each once: of H.264 and stereo AAC, which play everywhere.
pub(super) fn files(
    settings: &Settings,
    video: Option<&VideoPlan>,
    audio: &[AudioRendition],
) -> Result<Vec<ProgressivePlan>, Error> {
    let rungs = video.iter().flat_map(|video| video.all()).filter(|rung| rung.codec == VideoCodec::H264);
    let rungs: Vec<Rendition<'_>> = rungs.collect();
    let sound = audio.iter().filter(|r| r.codec == AudioCodec::Aac && r.layout.channels() <= 2);
    let sound = sound.clone().find(|rendition| rendition.default).or(sound.clone().next());
    let mut files: Vec<ProgressivePlan> = Vec::new();
    for name in &settings.progressive {
        let side = |rung: &Rendition<'_>| rung.resolution.short_side();
        let planned = settings.ladder.iter().any(|rung| rung.short_side == name.short_side);
        let exact = rungs.iter().find(|rung| side(rung) == name.short_side);
        // Widest first: the first that is smaller is the largest of them.
        let below = rungs.iter().find(|rung| planned && side(rung) < name.short_side);
        let Some(rung) = exact.or(below) else {
            let present = rungs.iter().map(|rung| RungName { short_side: side(rung) }.to_string()).collect();
            return Err(Error::NoSuchRung { asked: name.to_string(), present });
        };
        let file = names::progressive(side(rung));
        if !files.iter().any(|other| other.file == file) {
            files.push(ProgressivePlan {
                file,
                asked: name.to_string(),
                video: rung.id.clone(),
                audio: sound.map(|rendition| rendition.id.clone()),
            });
        }
    }
    Ok(files)
}
