//! The sound of a programme as a viewer chooses it: by what is said, not by bit rate.

use std::cmp::Reverse;

use crate::media::Language;
use crate::plan::AudioRole;

use super::label::printable;
use super::stored::Sound;

/// Renditions that say the same.
#[derive(Debug, Clone)]
pub(super) struct Choice<'a> {
    /// Its renditions, what plays everywhere first, and of one kind the highest bit rate first; at least one.
    pub sounds: Vec<Sound<'a>>,
    /// What a menu shows.
    pub label: String,
    /// Its language.
    pub language: &'a Language,
    /// What it is for.
    pub role: AudioRole,
    /// Played when the viewer has not chosen; true for exactly one choice.
    pub default: bool,
}

impl<'a> Choice<'a> {
    /// The choices among `sounds`: the first planned as default comes first (failing that the first of
    /// all), the others stay in their order.
    pub(super) fn sort(sounds: Vec<Sound<'a>>) -> Vec<Self> {
        let mut choices: Vec<Self> = Vec::new();
        for sound in sounds {
            let offer = sound.offer;
            match choices.iter_mut().find(|c| c.sounds.iter().any(|s| s.offer.choice == offer.choice)) {
                Some(choice) => {
                    choice.sounds.push(sound);
                    choice.default |= offer.default;
                }
                None => choices.push(Self {
                    sounds: vec![sound],
                    label: printable(&offer.label),
                    language: &offer.language,
                    role: offer.role,
                    default: offer.default,
                }),
            }
        }
        let default = choices.iter().position(|c| c.default).unwrap_or(0);
        if let Some(before) = choices.get_mut(..=default) {
            before.rotate_right(1);
        }
        for (at, choice) in choices.iter_mut().enumerate() {
            choice.default = at == 0;
            choice.sounds.sort_by_key(|s| (s.kind(), Reverse(s.offer.bitrate)));
        }
        choices
    }
}
