//! CODECS and the codecs that Apple's devices play.

use std::collections::BTreeSet;

use super::super::entry::same_codec;
use super::super::finding::Findings;
use super::super::rule::rules;
use super::text::Attributes;

rules! {
    CODECS: Error "RFC 8216bis 4.4.6.2" "CODECS names the codecs of all renditions of a variant and no other";
    HAS_CODECS: Error "Apple 9.1" "variants have CODECS";
    FRAME_CODECS: Error "Apple 9.3" "I-frame playlists have CODECS";
    APPLE_VIDEO: Error "Apple 1.1" "video is avc1, hvc1, dvh1 or av01";
    SUPPLEMENTAL: Error "RFC 8216bis 4.4.6.2" "SUPPLEMENTAL-CODECS is a codec and its brands: dvh1.08.07/db4h";
}

/// Checks CODECS of a variant against the codec strings of its media; `known` says whether all media was read.
pub(super) fn check(
    name: &str,
    uri: &str,
    attributes: &Attributes,
    (actual, known): (&BTreeSet<String>, bool),
    findings: &mut Findings<'_>,
) {
    let frames = attributes.get("URI").is_some();
    let rule = if frames { FRAME_CODECS } else { HAS_CODECS };
    let Some(said) = attributes.get("CODECS") else {
        return findings.breaks(rule, name, format!("{uri} has no CODECS"));
    };
    let declared: Vec<&str> = said.split(',').map(str::trim).collect();
    for codec in &declared {
        let video = ["avc", "hev1", "hvc1", "dv", "vp0", "av01"].iter().any(|prefix| codec.starts_with(prefix));
        let plays = ["avc1", "hvc1", "dvh1", "av01"].iter().any(|prefix| codec.starts_with(prefix));
        findings.check(plays || !video, APPLE_VIDEO, name, || format!("{uri} is {codec}"));
    }
    if let Some(more) = attributes.get("SUPPLEMENTAL-CODECS") {
        let kept = more.split(',').all(|entry| {
            entry.trim().split_once('/').is_some_and(|(codec, brands)| codec.contains('.') && !brands.is_empty())
        });
        findings.check(kept, SUPPLEMENTAL, name, || format!("SUPPLEMENTAL-CODECS of {uri} is {more}"));
    }
    let missing = actual.iter().any(|codec| !declared.iter().any(|said| same_codec(said, codec)));
    // Text that WebVTT files hold may be named, and need not.
    let spare = declared.iter().filter(|said| !(**said == "wvtt" && attributes.get("SUBTITLES").is_some()));
    let strange = spare.into_iter().any(|said| !actual.iter().any(|codec| same_codec(said, codec)));
    if missing || (known && strange) {
        let right: Vec<&str> = actual.iter().map(String::as_str).collect();
        findings.differs(CODECS, name, format!("CODECS of {uri}"), said, right.join(","));
    }
}
