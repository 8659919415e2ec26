//! How a client finds segments: SegmentTemplate with SegmentTimeline, or SegmentBase.

use dash_mpd_core::{AdaptationSet, Representation, SegmentTemplate};

use super::NAME;
use crate::support::files::Files;
use crate::support::findings::Findings;
use crate::support::track::Track;

/// Checks that a client finds exactly the segments of `track`.
pub fn check(
    files: &mut Files,
    here: &str,
    set: &AdaptationSet,
    representation: &Representation,
    track: &Track,
    findings: &mut Findings,
) {
    if track.is_single() {
        check_base(files, here, representation, track, findings);
        return;
    }
    match representation.SegmentTemplate.as_ref().or(set.SegmentTemplate.as_ref()) {
        Some(template) => check_template(files, here, template, representation, track, findings),
        None => {
            findings.rule(false, here, format!("{} has no SegmentTemplate", track.name()));
        }
    }
}

fn check_template(
    files: &mut Files,
    here: &str,
    template: &SegmentTemplate,
    representation: &Representation,
    track: &Track,
    findings: &mut Findings,
) {
    let id = representation.id.as_deref().unwrap_or_default();
    findings.equal(here, format!("@timescale of {id}"), template.timescale, Some(track.header.timescale.into()));
    findings.equal(here, "@presentationTimeOffset", template.presentationTimeOffset.unwrap_or(0), 0);
    let header = expand(template.initialization.as_deref().unwrap_or_default(), id, 0);
    let file = files.name(NAME, &header, findings);
    findings.equal(here, format!("the header of {id}"), file.as_deref(), Some(&track.file[..]));
    let times = timeline(here, template, findings);
    let right: Vec<(u64, u64)> =
        track.segments.iter().map(|s| (track.start(s), track.end(s) - track.start(s))).collect();
    // ISO/IEC 23009-1 § 5.3.9.6: the first @t is the first tfdt, without the priming.
    findings.equal(here, format!("the SegmentTimeline of {id}"), times, right);
    let first = template.startNumber.unwrap_or(1);
    for (number, segment) in (first..).zip(&track.segments) {
        let uri = expand(template.media.as_deref().unwrap_or_default(), id, number);
        let file = files.name(NAME, &uri, findings);
        findings.equal(here, format!("segment {number} of {id}"), file.as_deref(), Some(&segment.file[..]));
    }
}

/// Start and length of every segment.
fn timeline(here: &str, template: &SegmentTemplate, findings: &mut Findings) -> Vec<(u64, u64)> {
    let mut times = Vec::new();
    let mut at = 0;
    let runs = template.SegmentTimeline.iter().flat_map(|t| &t.segments);
    for (number, run) in runs.enumerate() {
        findings.rule(number > 0 || run.t.is_some(), here, "the first S has no @t");
        at = run.t.unwrap_or(at);
        for _ in 0..=run.r.unwrap_or(0).max(0) {
            times.push((at, run.d));
            at += run.d;
        }
    }
    times
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

/// ISO/IEC 23009-1 § 5.3.9.2: the ranges of the header and of `sidx`, both ends included.
fn check_base(files: &mut Files, here: &str, representation: &Representation, track: &Track, findings: &mut Findings) {
    let id = track.name();
    let file = representation.BaseURL.first().and_then(|url| files.name(NAME, &url.base, findings));
    findings.equal(here, format!("the file of {id}"), file.as_deref(), Some(&track.file[..]));
    let Some(base) = findings.some(representation.SegmentBase.as_ref(), here, format!("{id} has no SegmentBase"))
    else {
        return;
    };
    let index = track.index.map(|(first, last)| format!("{first}-{last}"));
    findings.equal(here, format!("@indexRange of {id}"), base.indexRange.clone(), index);
    let header = base.Initialization.as_ref().and_then(|i| i.range.clone());
    findings.equal(
        here,
        format!("Initialization@range of {id}"),
        header,
        Some(format!("0-{}", track.header_bytes - 1)),
    );
}
