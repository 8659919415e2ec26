//! Video: the switching set of all rungs, and the key frames alone for trick mode.

use crate::manifest::bandwidth::Load;
use crate::manifest::stored::Pictures;
use crate::media::{ColorInfo, FrameRate, Resolution, Span, lowest_terms};

use super::address;
use super::element::Element;

/// DASH-IF IOP 4.3 § 3.2.9: key frames for fast playback; the value is the id of the set they belong to.
const TRICK_MODE: &str = "http://dashif.org/guidelines/trickmode";

/// What the sets of pictures have in common.
#[derive(Debug, Clone, Copy)]
pub(super) struct Playback {
    /// Frames per second.
    pub rate: FrameRate,
    /// Frames from one key frame to the next.
    pub gop_frames: u64,
    /// MPD@minBufferTime.
    pub buffer: Span,
}

/// The AdaptationSet of the rungs, widest first; nothing when there are none.
pub(super) fn rungs(id: usize, video: &[Pictures<'_>], playback: Playback) -> Option<Element> {
    let first = video.first()?;
    let largest = |side: fn(Resolution) -> u32| video.iter().map(|p| side(p.track.resolution)).max().unwrap_or(0);
    let set = set(id, first)
        .attribute("par", aspect(first.track.resolution))
        .attribute("maxWidth", largest(|r| r.width))
        .attribute("maxHeight", largest(|r| r.height))
        .attribute("maxFrameRate", playback.rate)
        .children(color(first.track.color))
        .child(Element::role("main"));
    let rungs = video.iter().map(|pictures| {
        representation(pictures, &playback.rate.to_string(), playback.buffer)
            .children(address::elements(&pictures.media))
    });
    Some(set.children(rungs))
}

/// The AdaptationSet of the key frames of the set with id `of`.
pub(super) fn trick(id: usize, of: usize, pictures: &Pictures<'_>, playback: Playback) -> Element {
    // Every GOP holds one picture here, so a decoder of the same level keeps up at this speed (@maxPlayoutRate,
    // § 5.3.7.2).
    let speed = playback.gop_frames;
    let divisor = u32::try_from(speed).ok();
    let rate = divisor.and_then(|d| playback.rate.divided(d)).unwrap_or(playback.rate);
    let representation = representation(pictures, &rate.to_string(), playback.buffer)
        .attribute("maxPlayoutRate", speed)
        .attribute("codingDependency", false)
        .children(address::elements(&pictures.media));
    set(id, pictures)
        .child(Element::descriptor("EssentialProperty", TRICK_MODE, of))
        .children(color(pictures.track.color))
        .child(Element::role("alternate"))
        .child(representation)
}

fn set(id: usize, pictures: &Pictures<'_>) -> Element {
    let set = Element::new("AdaptationSet")
        .attribute("id", id)
        .attribute("contentType", "video")
        .attribute("mimeType", "video/mp4");
    address::switching(set, &pictures.media)
}

fn representation(pictures: &Pictures<'_>, rate: &str, buffer: Span) -> Element {
    let stored = pictures.media.stored;
    Element::new("Representation")
        .attribute("id", pictures.media.id.name())
        .attribute("bandwidth", Load::of_segments(stored).sustained(buffer))
        .attribute("codecs", &stored.init.track.codec_string)
        .attribute("width", pictures.track.resolution.width)
        .attribute("height", pictures.track.resolution.height)
        .attribute("sar", "1:1")
        .attribute("frameRate", rate)
}

/// @par: the shape of the picture; pixels are square.
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
