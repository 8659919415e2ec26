//! Sound: one set per choice of the viewer.

use crate::manifest::choice::Choice;
use crate::manifest::stored::Sound;
use crate::media::Span;
use crate::plan::AudioRole;

use super::address;
use super::element::Element;
use super::messages;
use super::protection;

/// TV-Anytime's audio purposes, as DVB and DASH-IF use them; 1 is for the visually impaired.
const AUDIO_PURPOSE: &str = "urn:tva:metadata:cs:AudioPurposeCS:2007";

/// ChannelConfiguration of ISO/IEC 23091-3.
const CHANNELS: &str = "urn:mpeg:mpegB:cicp:ChannelConfiguration";

/// Renditions of one choice that a player may switch between.
#[derive(Debug)]
struct Switching<'a> {
    choice: &'a Choice<'a>,
    sounds: Vec<&'a Sound<'a>>,
}

/// The AdaptationSets of all choices, with ids from `first_id` on. The first one is the main one. They carry messages, or
/// not.
pub(super) fn sets(first_id: usize, choices: &[Choice<'_>], buffer: Span, messages: bool) -> Vec<Element> {
    let switching = choices.iter().flat_map(Switching::of);
    let numbered = switching.zip(first_id..);
    numbered.map(|(set, id)| set.element(id, id == first_id, buffer, messages)).collect()
}

impl<'a> Switching<'a> {
    /// Renditions that differ in codec, channels or sample rate cannot be switched between
    /// (ISO/IEC 23000-19 § 7.3.4), so each kind has a set of its own.
    fn of(choice: &'a Choice<'a>) -> Vec<Self> {
        let kind = |s: &Sound<'_>| (s.codec(), s.track.layout, s.track.sample_rate, s.track.joint_objects);
        let mut sets: Vec<Self> = Vec::new();
        for sound in &choice.sounds {
            match sets.iter_mut().find(|set| set.sounds.iter().any(|other| kind(other) == kind(sound))) {
                Some(set) => set.sounds.push(sound),
                None => sets.push(Self { choice, sounds: vec![sound] }),
            }
        }
        sets
    }

    fn element(&self, id: usize, main: bool, buffer: Span, messages: bool) -> Element {
        let mut set = Element::new("AdaptationSet")
            .attribute("id", id)
            .attribute("contentType", "audio")
            .attribute("mimeType", "audio/mp4")
            .attribute("lang", self.choice.language.tag());
        if let Some(sound) = self.sounds.first() {
            set = address::switching(set, &sound.media, true);
            let number = sound.track.layout.cicp();
            set = set.children(number.map(|cicp| Element::descriptor("AudioChannelConfiguration", CHANNELS, cicp)));
            set = set.children(protection::descriptors(&sound.media));
            set = set.children(sound.track.joint_objects.into_iter().flat_map(joint_objects));
        }
        set.children(messages::stream(messages))
            .child(Element::new("Label").text(&self.choice.label))
            .children(purpose(self.choice.role, main))
            .children(self.sounds.iter().map(|sound| representation(sound, buffer)))
    }
}

/// Dolby Atmos in E-AC-3, as ETSI TS 103 420 has it signalled: a client that does not know it plays the channels.
fn joint_objects(complexity: u8) -> [Element; 2] {
    [
        Element::descriptor("SupplementalProperty", "tag:dolby.com,2018:dash:EC3_ExtensionType:2018", "JOC"),
        Element::descriptor(
            "SupplementalProperty",
            "tag:dolby.com,2018:dash:EC3_ExtensionComplexityIndex:2018",
            complexity,
        ),
    ]
}

/// Accessibility and Role, in the order of the schema. Exactly one set of a period is `main`; what it is
/// besides that is said too. Described video is `alternate`: DASH-IF's schema rules (R13.0) do not know
/// the newer `description`, and it is the Accessibility that players look at.
fn purpose(role: AudioRole, main: bool) -> Vec<Element> {
    let besides = match role {
        AudioRole::Main => None,
        AudioRole::Dub => Some("dub"),
        AudioRole::Commentary => Some("commentary"),
        AudioRole::Description => Some("alternate"),
    };
    let roles = match (main, besides) {
        (true, besides) => vec![Some("main"), besides],
        (false, None) => vec![Some("alternate")],
        (false, besides) => vec![besides],
    };
    let accessibility = match role {
        AudioRole::Description => Some(Element::descriptor("Accessibility", AUDIO_PURPOSE, 1)),
        AudioRole::Main | AudioRole::Dub | AudioRole::Commentary => None,
    };
    let roles = roles.into_iter().flatten().map(Element::role);
    accessibility.into_iter().chain(roles).collect()
}

fn representation(sound: &Sound<'_>, buffer: Span) -> Element {
    let stored = sound.media.stored;
    Element::new("Representation")
        .attribute("id", sound.media.id.name())
        .attribute("bandwidth", sound.media.sustained(buffer))
        .attribute("codecs", &stored.init.track.codec_string)
        .attribute("audioSamplingRate", sound.track.sample_rate)
        .children(address::elements(&sound.media))
}
