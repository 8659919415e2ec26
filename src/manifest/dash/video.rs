//! Video: the switching set of all rungs, and the key frames alone for trick mode.

use crate::manifest::stored::{Media, Pictures, Trick};
use crate::media::{CaptionService, ColorInfo, Resolution, Span, VideoTrack, lowest_terms};
use crate::plan::{CaptionTrack, Offer};

use super::address;
use super::element::Element;
use super::{messages, protection};

/// DASH-IF IOP 4.3 § 3.2.9: key frames for fast playback; the value is the id of the set they belong to.
const TRICK_MODE: &str = "http://dashif.org/guidelines/trickmode";

/// ISO/IEC 23009-1:2022 § 5.3.3.5: players may switch to the sets with these ids too.
const SWITCHING: &str = "urn:mpeg:dash:adaptation-set-switching:2016";

/// The AdaptationSet of rungs between which a player switches, widest first, and the ids of those with other keys. The
/// rungs of the first switching set are the main ones.
pub(super) fn rungs(id: usize, rungs: &[Pictures<'_>], others: &[usize], offer: &Offer, buffer: Span) -> Element {
    let largest = |side: fn(Resolution) -> u32| rungs.iter().map(|p| side(p.track.resolution)).max().unwrap_or(0);
    let fastest = rungs.iter().map(|p| p.offer.frame_rate).max_by(|a, b| a.as_f64().total_cmp(&b.as_f64()));
    let mut set = rungs.first().map_or(Element::new("AdaptationSet"), |first| {
        let set = set(id, &first.media, offer.independent).attribute("par", aspect(first.track.display()));
        set.attribute("maxWidth", largest(|r| r.width)).attribute("maxHeight", largest(|r| r.height))
    });
    if let Some(fastest) = fastest {
        set = set.attribute("maxFrameRate", fastest);
    }
    let protection = rungs.first().map(|first| protection::descriptors(&first.media));
    let color = rungs.first().map(|first| color(first.track.color));
    let others = others.iter().map(usize::to_string).collect::<Vec<_>>().join(",");
    let others = (!others.is_empty()).then(|| Element::descriptor("SupplementalProperty", SWITCHING, others));
    let main = rungs.first().is_some_and(|first| first.offer.set == 0);
    let representations = rungs.iter().map(|pictures| {
        representation(&pictures.media, pictures.track, &pictures.offer.frame_rate.to_string(), buffer)
            .children(address::elements(&pictures.media))
    });
    set.children(protection.into_iter().flatten())
        .children(color.into_iter().flatten())
        .children(others)
        .children(messages::stream(offer.messages))
        .children(captions(&offer.captions))
        .child(Element::role(if main { "main" } else { "alternate" }))
        .children(representations)
}

/// Closed captions in the pictures (ANSI/SCTE 214-1 § 6.8): channels of CEA-608 and services of CEA-708, each with its
/// language.
fn captions(captions: &[CaptionTrack]) -> Vec<Element> {
    let language = |track: &CaptionTrack| String::from_utf8_lossy(&track.language.iso639_2()).into_owned();
    let (mut channels, mut services) = (Vec::new(), Vec::new());
    for track in captions {
        match track.service {
            CaptionService::Channel(number) => channels.push(format!("CC{number}={}", language(track))),
            CaptionService::Service(number) => services.push(format!("{number}=lang:{}", language(track))),
        }
    }
    let schemes = [("urn:scte:dash:cc:cea-608:2015", channels), ("urn:scte:dash:cc:cea-708:2015", services)];
    let some = schemes.into_iter().filter(|(_, values)| !values.is_empty());
    some.map(|(scheme, values)| Element::descriptor("Accessibility", scheme, values.join(";"))).collect()
}

/// The AdaptationSet of the key frames of the set with id `of`, shown at so many pictures per second.
pub(super) fn trick(id: usize, of: usize, trick: &Trick<'_>, buffer: Span) -> Element {
    // Every GOP holds one picture here, so a decoder of the same level keeps up at this speed (@maxPlayoutRate,
    // § 5.3.7.2).
    let Trick { media, track, offer } = trick;
    let representation = representation(media, track, &offer.frame_rate.to_string(), buffer)
        .attribute("maxPlayoutRate", offer.speed)
        .attribute("codingDependency", false)
        .children(address::elements(media));
    set(id, media, true)
        .children(protection::descriptors(media))
        .child(Element::descriptor("EssentialProperty", TRICK_MODE, of))
        .children(color(track.color))
        .child(Element::role("alternate"))
        .child(representation)
}

fn set(id: usize, media: &Media<'_>, independent: bool) -> Element {
    let set = Element::new("AdaptationSet")
        .attribute("id", id)
        .attribute("contentType", "video")
        .attribute("mimeType", "video/mp4");
    address::switching(set, media, independent)
}

fn representation(media: &Media<'_>, track: &VideoTrack, rate: &str, buffer: Span) -> Element {
    let stored = media.stored;
    Element::new("Representation")
        .attribute("id", media.id.name())
        .attribute("bandwidth", media.sustained(buffer))
        .attribute("codecs", &stored.init.track.codec_string)
        .attribute("width", track.resolution.width)
        .attribute("height", track.resolution.height)
        .attribute("sar", format_args!("{}:{}", track.pixel_aspect.num, track.pixel_aspect.den))
        .attribute("frameRate", rate)
}

/// @par: the shape of the picture on a display.
fn aspect(resolution: Resolution) -> String {
    let (width, height) = lowest_terms(resolution.width.into(), resolution.height.into());
    format!("{width}:{height}")
}

/// The colour description where it is not BT.709, as code points of ISO/IEC 23091-2. A client that does
/// not know HDR must leave the set alone (DASH-IF IOP 4.3, chapter 10), so there it is essential; other
/// colours only look a little off. Essential ones come first: the schema wants it.
fn color(color: ColorInfo) -> Vec<Element> {
    if color == ColorInfo::BT709 {
        return Vec::new();
    }
    let property = if color.is_hdr() { "EssentialProperty" } else { "SupplementalProperty" };
    let points = [
        ("urn:mpeg:mpegB:cicp:ColourPrimaries", color.primaries),
        ("urn:mpeg:mpegB:cicp:TransferCharacteristics", color.transfer),
        ("urn:mpeg:mpegB:cicp:MatrixCoefficients", color.matrix),
    ];
    let known = points.into_iter().filter(|&(_, point)| point != ColorInfo::UNSPECIFIED.primaries);
    let mut elements: Vec<_> = known.map(|(scheme, point)| Element::descriptor(property, scheme, point)).collect();
    if color.full_range {
        elements.push(Element::descriptor("SupplementalProperty", "urn:mpeg:mpegB:cicp:VideoFullRangeFlag", 1));
    }
    elements
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shape_is_in_lowest_terms() {
        assert_eq!(aspect(Resolution::new(1920, 1080)), "16:9");
        assert_eq!(aspect(Resolution::new(1080, 1920)), "9:16");
        assert_eq!(aspect(Resolution::new(406, 720)), "203:360");
    }
}
