//! Messages between the media of a set, and what announces them (ISO/IEC 23009-1 § 5.10.3).

use std::collections::BTreeSet;

use super::super::finding::Findings;
use super::super::rule::rules;
use super::super::track::Track;
use super::xml::Element;

rules! {
    ANNOUNCED: Warning "ISO 23009-1 5.10.3.2" "messages are announced by an InbandEventStream of their scheme and value";
}

/// Checks what the tracks of a set hold against its words, and those of its representations.
pub(super) fn check(file: &str, here: &str, set: &Element, tracks: &[&Track], findings: &mut Findings<'_>) {
    let streams = set.all("Representation").chain([set]).flat_map(|element| element.all("InbandEventStream"));
    let announced: BTreeSet<_> = streams
        .map(|stream| (stream.get("schemeIdUri").unwrap_or_default(), stream.get("value").unwrap_or_default()))
        .collect();
    for (scheme, value) in tracks.iter().flat_map(|track| track.messages.kinds()) {
        findings.check(announced.contains(&(&scheme[..], &value[..])), ANNOUNCED, file, || {
            format!("{here} holds messages of {scheme:?} and {value:?}, which it does not announce")
        });
    }
}
