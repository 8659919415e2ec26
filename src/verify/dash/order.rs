//! The order of elements and the attributes that must be there (ISO/IEC 23009-1 Annex B).

use super::super::finding::Findings;
use super::super::rule::rules;
use super::xml::Element;

rules! {
    ORDER: Error "ISO 23009-1 Annex B" "elements stand in the order of the schema";
    KNOWN: Error "ISO 23009-1 Annex B" "elements without a prefix are those of the schema";
    REQUIRED: Error "ISO 23009-1 Annex B" "required attributes are there";
    FORM: Error "ISO 23009-1 Annex B" "attributes have the form of their type";
}

/// What all kinds of sets and representations begin with.
const BASE: [&str; 14] = [
    "FramePacking",
    "AudioChannelConfiguration",
    "ContentProtection",
    "OutputProtection",
    "EssentialProperty",
    "SupplementalProperty",
    "InbandEventStream",
    "Switching",
    "RandomAccess",
    "GroupLabel",
    "Label",
    "ProducerReferenceTime",
    "ContentPopularityRate",
    "Resync",
];

/// The order of the children of an element; nothing when it is not checked.
fn children(name: &str) -> Option<Vec<&'static str>> {
    let own: &[&str] = match name {
        "MPD" => &[
            "ProgramInformation",
            "BaseURL",
            "Location",
            "PatchLocation",
            "ServiceDescription",
            "InitializationSet",
            "InitializationGroup",
            "InitializationPresentation",
            "ContentProtection",
            "Period",
            "Metrics",
            "EssentialProperty",
            "SupplementalProperty",
            "UTCTiming",
            "LeapSecondInformation",
        ],
        "Period" => &[
            "BaseURL",
            "SegmentBase",
            "SegmentList",
            "SegmentTemplate",
            "AssetIdentifier",
            "EventStream",
            "ServiceDescription",
            "ContentProtection",
            "AdaptationSet",
            "Subset",
            "SupplementalProperty",
            "EmptyAdaptationSet",
            "GroupLabel",
            "Preselection",
        ],
        "AdaptationSet" => &[
            "Accessibility",
            "Role",
            "Rating",
            "Viewpoint",
            "ContentComponent",
            "BaseURL",
            "SegmentBase",
            "SegmentList",
            "SegmentTemplate",
            "Representation",
        ],
        "Representation" => {
            &["BaseURL", "ExtendedBandwidth", "SubRepresentation", "SegmentBase", "SegmentList", "SegmentTemplate"]
        }
        "SegmentBase" => &["Initialization", "RepresentationIndex", "FailoverContent"],
        "SegmentTemplate" => {
            &["Initialization", "RepresentationIndex", "FailoverContent", "SegmentTimeline", "BitstreamSwitching"]
        }
        "SegmentList" => &[
            "Initialization",
            "RepresentationIndex",
            "FailoverContent",
            "SegmentTimeline",
            "BitstreamSwitching",
            "SegmentURL",
        ],
        "SegmentTimeline" => &["S", "Pattern"],
        "EventStream" => &["Event"],
        _ => return None,
    };
    let base: &[&str] = if matches!(name, "AdaptationSet" | "Representation") { &BASE } else { &[] };
    Some(base.iter().chain(own).copied().collect())
}

/// Attributes that an element must have.
fn required(name: &str) -> &'static [&'static str] {
    match name {
        "MPD" => &["profiles", "minBufferTime"],
        "Representation" => &["id", "bandwidth"],
        "S" => &["d"],
        "EssentialProperty"
        | "SupplementalProperty"
        | "Role"
        | "Accessibility"
        | "AudioChannelConfiguration"
        | "EventStream"
        | "ContentProtection" => &["schemeIdUri"],
        _ => &[],
    }
}

/// Attributes that are whole numbers.
const NUMBERS: &[&str] = &[
    "bandwidth",
    "width",
    "height",
    "timescale",
    "startNumber",
    "t",
    "d",
    "presentationTimeOffset",
    "maxWidth",
    "maxHeight",
];

/// Checks an element and all below it.
pub(super) fn check(file: &str, element: &Element, findings: &mut Findings<'_>) {
    for attribute in required(&element.name) {
        let kept = element.get(attribute).is_some();
        findings.check(kept, REQUIRED, file, || format!("{} has no @{attribute}", element.name));
    }
    for (name, value) in &element.attributes {
        let kept = !NUMBERS.contains(&&name[..]) || value.parse::<u64>().is_ok();
        findings.check(kept, FORM, file, || format!("@{name} of {} is {value:?}", element.name));
    }
    // An id has no white space: it goes into URLs.
    if element.name == "Representation" {
        let id = element.get("id").unwrap_or_default();
        findings.check(!id.contains(char::is_whitespace), FORM, file, || format!("@id of Representation is {id:?}"));
    }
    if let Some(order) = children(&element.name) {
        let mut reached = 0;
        for child in element.children.iter().filter(|child| !child.name.contains(':')) {
            match order.iter().position(|name| *name == child.name) {
                Some(at) => {
                    findings.check(at >= reached, ORDER, file, || {
                        format!("{} stands after {} in {}", child.name, order[reached], element.name)
                    });
                    reached = reached.max(at);
                }
                None => findings.breaks(KNOWN, file, format!("{} is no child of {}", child.name, element.name)),
            }
        }
    }
    for child in &element.children {
        check(file, child, findings);
    }
}
