//! What an MPD says of segments that may be asked for while they are made (ISO/IEC 23009-1:2022 § 5.3.9.5.3,
//! § 5.12, § 5.3.12, annex K.3; DASH-IF's Low-Latency Modes for DASH).

use crate::manifest::stored::{Close, Media};
use crate::media::{Rounding, SegmentNumber, Span, Timestamp};
use crate::package::Segmenter;
use crate::plan::{LiveOffer, names};

use super::element::Element;

/// The one wall clock of a programme.
const REFERENCE: u32 = 0;

/// Players may change their speed so far to come to the latency they should have: a tenth is not heard as wrong.
const RATES: [f64; 2] = [0.9, 1.1];

/// A segment that is made, and the next one: a player that asks for the MPD once in a segment never lacks the one
/// that it needs.
const AHEAD: u64 = 2;

/// Where clients learn the time of day.
pub(super) fn time() -> Element {
    Element::descriptor("UTCTiming", "urn:mpeg:dash:utc:http-xsdate:2014", names::TIME)
}

/// How far behind players should be, in milliseconds.
pub(super) fn service(live: &LiveOffer) -> Option<Element> {
    let parts = live.close?.parts;
    let millis = |seconds: f64| (seconds * 1000.0).round() as u64;
    let target = millis(parts.latency().as_secs_f64());
    let latency = Element::new("Latency")
        .attribute("referenceId", REFERENCE)
        .attribute("target", target)
        .attribute("min", millis(parts.longest.as_seconds() * 3.0))
        .attribute("max", target + millis(live.window.segment.as_seconds()));
    let rate = Element::new("PlaybackRate").attribute("min", RATES[0]).attribute("max", RATES[1]);
    Some(Element::new("ServiceDescription").attribute("id", 0).child(latency).child(rate))
}

/// When the zero of a representation was, and where in its segments a client may begin to read.
pub(super) fn points(media: &Media<'_>, Close { start, close, .. }: Close) -> [Element; 2] {
    // The same is in the first chunk of each segment, as `prft`.
    let reference = Element::new("ProducerReferenceTime")
        .attribute("id", REFERENCE)
        .attribute("inband", true)
        .attribute("type", "encoder")
        .attribute("wallClockTime", start)
        .attribute("presentationTime", 0)
        .child(time());
    let longest = close.parts.longest.rescale(media.stored.init.track.timescale, Rounding::Up).ticks();
    [reference, Element::new("Resync").attribute("dT", longest).attribute("type", 0)]
}

/// A segment may be asked for as soon as its first chunk is there, and is not complete then.
pub(super) fn early(template: Element, Close { close, segment, .. }: Close) -> Element {
    let offset = segment.as_seconds() - close.parts.longest.as_seconds();
    template
        .attribute("availabilityTimeOffset", format_args!("{:.3}", offset.max(0.0)))
        .attribute("availabilityTimeComplete", false)
}

/// The segments that will come next.
pub(super) fn ahead(media: &Media<'_>, Close { close, until, .. }: Close) -> Vec<(Timestamp, Span)> {
    let Ok(segmenter) = Segmenter::on_grid(close.grid, &media.stored.init.track) else { return Vec::new() };
    let last = media.stored.segments.keys().next_back().map_or(0, |last| last.0);
    let coming = (last + 1..=last + AHEAD).map(SegmentNumber);
    let made = coming.take_while(|number| until.is_none_or(|until| *number < until));
    made.map_while(|number| segmenter.planned(number)).collect()
}
