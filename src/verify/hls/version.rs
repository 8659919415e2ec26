//! Which version of the protocol a playlist needs (RFC 8216bis § 8).

use super::super::finding::Findings;
use super::super::rule::rules;
use super::text::{Line, Text};

rules! {
    VERSION: Error "RFC 8216bis 8" "EXT-X-VERSION is as high as the tags of the playlist need";
}

/// Checks the version of a playlist.
pub(super) fn check(text: &Text, findings: &mut Findings<'_>) {
    let said = text.number("EXT-X-VERSION", findings).unwrap_or(1);
    let (needed, why) = needed(text);
    findings.check(said >= needed, VERSION, &text.name, || format!("the version is {said}, {why} needs {needed}"));
}

fn needed(text: &Text) -> (u64, &'static str) {
    let frames_only = text.has("EXT-X-I-FRAMES-ONLY");
    let mut needed = (1, "nothing");
    for line in &text.lines {
        let Line::Tag(tag, value) = line else { continue };
        let here = match &tag[..] {
            "EXT-X-KEY" if value.contains("KEYFORMAT") => (5, "KEYFORMAT"),
            "EXT-X-KEY" if value.contains("IV=") => (2, "IV"),
            "EXTINF" if value.split(',').next().is_some_and(|number| number.contains('.')) => (3, "a decimal EXTINF"),
            "EXT-X-BYTERANGE" => (4, "EXT-X-BYTERANGE"),
            "EXT-X-I-FRAMES-ONLY" => (4, "EXT-X-I-FRAMES-ONLY"),
            "EXT-X-MAP" if frames_only => (5, "EXT-X-MAP with EXT-X-I-FRAMES-ONLY"),
            "EXT-X-MAP" => (6, "EXT-X-MAP"),
            "EXT-X-MEDIA" if value.contains("INSTREAM-ID=\"SERVICE") => (7, "INSTREAM-ID SERVICE"),
            "EXT-X-DEFINE" if value.contains("QUERYPARAM") => (11, "QUERYPARAM"),
            "EXT-X-DEFINE" => (8, "EXT-X-DEFINE"),
            "EXT-X-SKIP" => (9, "EXT-X-SKIP"),
            _ if value.contains(",REQ-") => (12, "REQ-"),
            _ => continue,
        };
        if here.0 > needed.0 {
            needed = here;
        }
    }
    needed
}
