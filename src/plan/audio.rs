//! Which sound streams are taken, and the renditions made of each.

use std::collections::BTreeSet;

use super::made::Taken;
use super::{AudioRendition, AudioRole, Error, SoundLeftOut, made};
use crate::config::{AudioSpec, Settings};
use crate::media::{RenditionId, RenditionKind};
use crate::source::{AudioInfo, SourceInfo};

/// The sound streams that are taken: all, or those in the languages asked for.
pub(super) fn choose<'a>(info: &'a SourceInfo, settings: &Settings) -> Result<Vec<&'a AudioInfo>, Error> {
    if settings.audio.is_empty() {
        return Ok(Vec::new());
    }
    let usable: Vec<_> = info.audio.iter().filter(|audio| audio.sample_rate > 0 && audio.channels > 0).collect();
    let asked = &settings.audio_languages;
    if asked.is_empty() || usable.is_empty() {
        return Ok(usable);
    }
    let is_asked = |audio: &&AudioInfo| asked.iter().any(|range| audio.language.is_covered_by(range));
    let chosen: Vec<_> = usable.iter().copied().filter(is_asked).collect();
    if chosen.is_empty() {
        let present: BTreeSet<_> = usable.iter().map(|audio| audio.language.clone()).collect();
        return Err(Error::NoSuchLanguage {
            input: info.input.clone(),
            asked: asked.clone(),
            present: present.into_iter().collect(),
        });
    }
    Ok(chosen)
}

/// The renditions of the chosen streams, the default one first, and what was asked for and is not made. `taken` says
/// whether a stream can be copied.
pub(super) fn renditions(
    chosen: &[&AudioInfo],
    specs: &[AudioSpec],
    taken: impl Fn(&AudioInfo) -> Result<Taken, String>,
) -> (Vec<AudioRendition>, Vec<SoundLeftOut>) {
    let mut ordered = chosen.to_vec();
    if let Some(up_to_default) = ordered.get_mut(..=default_of(chosen)) {
        up_to_default.rotate_right(1);
    }
    let (mut ids, mut labels) = (Unique::default(), Unique::default());
    let (mut renditions, mut left_out) = (Vec::new(), Vec::new());
    for (position, track) in ordered.into_iter().enumerate() {
        let label = labels.claim(&label(track), " ");
        let made = made::of(track, specs, || taken(track));
        for (index, one) in made.renditions.into_iter().enumerate() {
            let name = format!("{}_{}_{}k", track.language.tag(), one.codec, one.bitrate.as_kbps());
            renditions.push(AudioRendition {
                id: RenditionId::new(RenditionKind::Audio, &ids.claim(&name, "_")),
                track: track.track,
                language: track.language.clone(),
                label: label.clone(),
                default: position == 0 && index == 0,
                role: role(track),
                codec: one.codec.codec(),
                encoder: one.encoder().to_owned(),
                bitrate: one.bitrate,
                sample_rate: one.sample_rate,
                layout: one.layout,
                reason: one.reason,
            });
        }
        let track = track.track;
        let told = |(spec, why): (AudioSpec, String)| SoundLeftOut { track, asked: spec.to_string(), why };
        left_out.extend(made.left_out.into_iter().map(told));
    }
    (renditions, left_out)
}

/// The stream that plays when the viewer has not chosen: marked as default, or else the first, and
/// the programme itself rather than talk about it.
pub(super) fn default_of(chosen: &[&AudioInfo]) -> usize {
    let programme = |audio: &&AudioInfo| !audio.commentary && !audio.description;
    let marked = chosen.iter().position(|audio| audio.default && programme(audio));
    marked.or_else(|| chosen.iter().position(programme)).unwrap_or(0)
}

pub(super) fn role(track: &AudioInfo) -> AudioRole {
    match track {
        AudioInfo { description: true, .. } => AudioRole::Description,
        AudioInfo { commentary: true, .. } => AudioRole::Commentary,
        AudioInfo { dub: true, .. } => AudioRole::Dub,
        AudioInfo { .. } => AudioRole::Main,
    }
}

/// The stream's title, or its language and what sets it apart.
pub(super) fn label(track: &AudioInfo) -> String {
    let printable = |title: &String| title.replace(|c: char| c.is_control(), " ").trim().to_owned();
    let title = track.title.as_ref().map(printable).filter(|title| !title.is_empty());
    title.unwrap_or_else(|| match (track.description, track.commentary) {
        (true, _) => format!("{} (audio description)", track.language.english()),
        (false, true) => format!("{} (commentary)", track.language.english()),
        (false, false) => track.language.english().to_owned(),
    })
}

/// Names that were given out; the second one who wants a name gets a number behind it.
#[derive(Debug, Default)]
pub(super) struct Unique(BTreeSet<String>);

impl Unique {
    pub(super) fn claim(&mut self, name: &str, separator: &str) -> String {
        let numbered = (2..).map(|number| format!("{name}{separator}{number}"));
        let free = std::iter::once(name.to_owned()).chain(numbered).find(|name| !self.0.contains(name));
        let free = free.expect("there are more numbers than names");
        self.0.insert(free.clone());
        free
    }
}
