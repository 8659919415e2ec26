//! How a client finds the bytes of a representation (ISO/IEC 23009-1 § 5.3.9).

use crate::manifest::stored::{Media, Place};
use crate::media::Rounding;
use crate::package::SingleFile;
use crate::plan::names;

use super::close;
use super::element::Element;
use super::timeline;

/// The last children of a Representation: where its segments are and when they play. Times are
/// presentation times from zero on, so the first Period needs no presentationTimeOffset, and a later one has when
/// it begins.
pub(super) fn elements(media: &Media<'_>) -> Vec<Element> {
    match media.place {
        Place::Files => {
            let points = media.close.map(|close| close::points(media, close));
            points.into_iter().flatten().chain([template(media)]).collect()
        }
        Place::File(file) => {
            let base = Element::new("BaseURL").text(&names::relative(names::MPD, &file.key));
            vec![base, index(media, file)]
        }
    }
}

fn template(media: &Media<'_>) -> Element {
    let scale = media.stored.init.track.timescale;
    let segments = media.segments().map(|segment| (segment.start, segment.duration));
    let ahead = media.close.map_or_else(Vec::new, |close| close::ahead(media, close));
    let template = Element::new("SegmentTemplate")
        .attribute("timescale", scale.hz())
        .attribute("initialization", names::dash_init(media.id))
        .attribute("media", names::dash_segments(media.id))
        .attribute("startNumber", media.segments().next().map_or(1, |first| first.number.0));
    let from = media.spell.map_or(0, |within| within.spell.from.rescale(scale, Rounding::Nearest).ticks());
    let template = if from > 0 { template.attribute("presentationTimeOffset", from) } else { template };
    let template = match media.close {
        Some(close) => close::early(template, close),
        None => template,
    };
    template.child(timeline::element(scale, segments.chain(ahead)))
}

fn index(media: &Media<'_>, file: &SingleFile) -> Element {
    let range = |from: u64, bytes: u64| format!("{from}-{}", (from + bytes).saturating_sub(1));
    let header = Element::new("Initialization").attribute("range", range(0, file.init_bytes));
    Element::new("SegmentBase")
        .attribute("timescale", media.stored.init.track.timescale.hz())
        .attribute("indexRange", range(file.init_bytes, file.index_bytes))
        .child(header)
}

/// The attributes of an AdaptationSet that promise clean switching at every (sub)segment: alignment, and
/// the type of the stream access point at its start (ISO/IEC 14496-12:2022 § I.2): 1 for closed GOPs, 3
/// where pictures that are shown before the key frame need the GOP before.
pub(super) fn switching(set: Element, media: &Media<'_>, independent: bool) -> Element {
    let point = if independent { 1 } else { 3 };
    match media.place {
        Place::Files => set.attribute("segmentAlignment", true).attribute("startWithSAP", point),
        // A segment is the whole file in the on-demand profile (§ 8.3); its parts are subsegments.
        Place::File(_) => set.attribute("subsegmentAlignment", true).attribute("subsegmentStartsWithSAP", point),
    }
}
