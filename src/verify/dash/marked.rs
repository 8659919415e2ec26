//! Event streams of a Period (ISO/IEC 23009-1 § 5.10.2).

use std::collections::BTreeSet;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::super::finding::Findings;
use super::super::rule::rules;
use super::xml::Element;

rules! {
    EVENT: Error "ISO 23009-1 5.10.2.2" "@presentationTime, @duration and @id of an Event are whole numbers, and @id one of 32 bits";
    UNIQUE: Error "ISO 23009-1 5.10.2.2" "an @id of an EventStream is that of one Event";
    TIMESCALE: Error "ISO 23009-1 5.10.2.2" "@timescale of an EventStream is more than nothing";
    SIGNAL: Error "SCTE 214-1 6.7.4" "an Event of SCTE 35 as XML with binary holds a Signal with a Binary, a splice_info_section in Base64";
}

/// Sections of SCTE 35 in Base64.
const SECTIONS: &str = "urn:scte:scte35:2014:xml+bin";

/// Checks the event streams of a Period.
pub(super) fn check(file: &str, period: &Element, findings: &mut Findings<'_>) {
    for stream in period.all("EventStream") {
        let scheme = stream.get("schemeIdUri").unwrap_or_default();
        let timescale = stream.get("timescale").map_or(Some(1), |said| said.parse::<u32>().ok());
        findings.check(timescale.is_some_and(|timescale| timescale > 0), TIMESCALE, file, || {
            format!("@timescale of {scheme} is {:?}", stream.get("timescale"))
        });
        let mut seen = BTreeSet::new();
        for event in stream.all("Event") {
            let whole = |name| event.get(name).is_none_or(|said| said.parse::<u64>().is_ok());
            let id = event.get("id");
            let kept = whole("presentationTime") && whole("duration") && id.is_none_or(|id| id.parse::<u32>().is_ok());
            findings.check(kept, EVENT, file, || format!("an Event of {scheme} has {:?}", event.attributes));
            let new = id.is_none_or(|id| seen.insert(id.to_owned()));
            findings.check(new, UNIQUE, file, || format!("two events of {scheme} have the @id {id:?}"));
            if scheme == SECTIONS {
                let binary = event.first_local("Signal").and_then(|signal| signal.first_local("Binary"));
                let said = binary.map(|binary| binary.text.trim());
                let kept = said.is_some_and(|said| {
                    let bytes = STANDARD.decode(said.split_whitespace().collect::<String>());
                    bytes.is_ok_and(|bytes| bytes.first() == Some(&0xFC))
                });
                findings.check(kept, SIGNAL, file, || format!("an Event of {scheme} holds {said:?}"));
            }
        }
    }
}
