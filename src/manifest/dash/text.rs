//! Subtitles: a set for each. They are WebVTT in fragmented MP4 (ISO/IEC 14496-30), cut like everything else, which
//! dash.js, Shaka Player and ExoPlayer all read, in files and by index. The same words as a bare WebVTT file would be a
//! second entry in their menus, so no set offers it; the file is there for those who want it otherwise.

use crate::manifest::bandwidth::Load;
use crate::manifest::label::printable;
use crate::manifest::stored::{Media, Words};
use crate::media::Span;
use crate::plan::TextRendition;

use super::address;
use super::element::Element;

/// TV-Anytime's audio purposes, as DVB and DASH-IF use them for text too; 2 is for the hard of hearing.
const AUDIO_PURPOSE: &str = "urn:tva:metadata:cs:AudioPurposeCS:2007";

/// The AdaptationSets of all subtitles, with ids from `first_id` on.
pub(super) fn sets(first_id: usize, all: &[Words<'_>], buffer: Span) -> Vec<Element> {
    let stored = all.iter().filter_map(|words| Some((words.rendition, words.media.as_ref()?)));
    (first_id..).zip(stored).map(|(id, (rendition, media))| set(id, rendition, media, buffer)).collect()
}

fn set(id: usize, rendition: &TextRendition, media: &Media<'_>, buffer: Span) -> Element {
    let set = Element::new("AdaptationSet")
        .attribute("id", id)
        .attribute("contentType", "text")
        .attribute("mimeType", "application/mp4")
        .attribute("lang", rendition.language.tag());
    let heard = rendition.hearing_impaired.then(|| Element::descriptor("Accessibility", AUDIO_PURPOSE, 2));
    address::switching(set, media, true)
        .child(Element::new("Label").text(&printable(&rendition.label)))
        .children(heard)
        .children(roles(rendition).into_iter().map(Element::role))
        .child(representation(media, buffer))
}

/// Roles of ISO/IEC 23009-1 § 5.8.5.5; `main` is what players show of their own accord.
fn roles(rendition: &TextRendition) -> Vec<&'static str> {
    let kind = match (rendition.forced, rendition.hearing_impaired) {
        (true, _) => "forced-subtitle",
        (false, true) => "caption",
        (false, false) => "subtitle",
    };
    let main = rendition.default.then_some("main");
    let besides = rendition.commentary.then_some("commentary");
    [main, Some(kind), besides].into_iter().flatten().collect()
}

fn representation(media: &Media<'_>, buffer: Span) -> Element {
    let stored = media.stored;
    Element::new("Representation")
        .attribute("id", media.id.name())
        .attribute("bandwidth", Load::of_segments(stored).sustained(buffer))
        .attribute("codecs", &stored.init.track.codec_string)
        .children(address::elements(media))
}
