//! Which files an MPD names; where and when the segments in them are, `verify` has checked.

use dash_mpd_core::{AdaptationSet, Representation};

use super::NAME;
use crate::support::files::Files;
use crate::support::findings::Findings;
use crate::support::track::Track;

/// Checks that the header and all segments of `track` are named.
pub fn check(
    files: &mut Files,
    set: &AdaptationSet,
    representation: &Representation,
    track: &Track,
    findings: &mut Findings,
) {
    let id = representation.id.as_deref().unwrap_or_default();
    if track.is_single() {
        let file = representation.BaseURL.first().and_then(|url| files.name(NAME, &url.base, findings));
        findings.equal(NAME, format!("the file of {id}"), file.as_deref(), Some(&track.file[..]));
        return;
    }
    let template = representation.SegmentTemplate.as_ref().or(set.SegmentTemplate.as_ref());
    let Some(template) = findings.some(template, NAME, format!("{id} has no SegmentTemplate")) else { return };
    let header = expand(template.initialization.as_deref().unwrap_or_default(), id, 0);
    let file = files.name(NAME, &header, findings);
    findings.equal(NAME, format!("the header of {id}"), file.as_deref(), Some(&track.file[..]));
    for (number, segment) in (template.startNumber.unwrap_or(1)..).zip(&track.segments) {
        let uri = expand(template.media.as_deref().unwrap_or_default(), id, number);
        let file = files.name(NAME, &uri, findings);
        findings.equal(NAME, format!("segment {number} of {id}"), file.as_deref(), Some(&segment.file[..]));
    }
}

/// Expands a template (ISO/IEC 23009-1 § 5.3.9.4.4).
pub fn expand(template: &str, id: &str, number: u64) -> String {
    let mut text = String::new();
    for (at, part) in template.split('$').enumerate() {
        match part {
            part if at % 2 == 0 => text += part,
            "" => text.push('$'),
            "RepresentationID" => text += id,
            "Number" => text += &number.to_string(),
            part => {
                let width =
                    part.strip_prefix("Number%0").and_then(|p| p.strip_suffix('d')).and_then(|w| w.parse().ok());
                let width = width.unwrap_or_else(|| panic!("{NAME}: ${part}$ is no identifier of a template"));
                text += &format!("{number:0width$}");
            }
        }
    }
    text
}
