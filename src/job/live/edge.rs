//! Where a programme has come to. Pure.

use crate::manifest::Presentation;
use crate::media::{RenditionKind, Span, Timescale, Timestamp};

/// The end of its pictures, where it has any: sound ends with a whole packet.
pub(super) fn edge(presentation: &Presentation) -> Span {
    let ends = presentation.renditions().filter_map(|rendition| {
        let last = rendition.segments.values().next_back()?;
        let end = last.start.after(last.duration).since(Timestamp::zero(last.start.scale()))?;
        Some((rendition.init.rendition.kind() == RenditionKind::Video, end))
    });
    let latest = ends.max_by(|(seen, a), (other, b)| seen.cmp(other).then(a.cmp_span(*b)));
    latest.map_or(Span::zero(Timescale::new(1_000_000)), |(_, end)| end)
}
