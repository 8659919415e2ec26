//! AdaptationSets: what a client may switch between (ISO/IEC 23009-1 § 5.3.3).

use std::rc::Rc;

use super::super::Session;
use super::super::event;
use super::super::finding::Findings;
use super::super::rule::rules;
use super::super::switching;
use super::super::track::Track;
use super::address::Lineage;
use super::value::ratio;
use super::xml::Element;
use super::{events, images, representation};

/// ISO/IEC 23009-1:2022 § 5.3.3.5: players may switch to the sets with these ids.
const SWITCHING: &str = "urn:mpeg:dash:adaptation-set-switching:2016";

rules! {
    KIND: Error "DASH-IF IOP 3.2.4" "a set says @contentType or @mimeType";
    REPRESENTED: Error "ISO 23009-1 5.3.3" "a set holds a Representation";
    ROLE: Error "DASH-IF IOP 3.9.2" "every set has a Role";
    ALIGNED: Error "DASH-IF IOP 3.2.2" "@segmentAlignment (@subsegmentAlignment with an index) is true";
    TOGETHER: Error "ISO 23009-1 5.3.3.2" "with @segmentAlignment (@subsegmentAlignment) the segments of all representations begin together";
    SAP: Error "DASH-IF IOP 3.2.2" "@startWithSAP (@subsegmentStartsWithSAP with an index) is 1 or 2";
    LANGUAGE: Error "DASH-IF IOP 3.9.4" "sets of sound and text have @lang";
    LANGUAGE_TAG: Error "RFC 5646 2.1" "@lang is a language tag";
    LARGEST: Error "ISO 23009-1 5.3.3.2" "@maxWidth, @maxHeight, @maxFrameRate and @maxBandwidth are those of the representations";
    SHAPE: Error "ISO 23009-1 5.3.3.2" "@par is the shape of the pictures";
    TRICK: Error "DASH-IF IOP 3.2.9" "representations for trick mode have @maxPlayoutRate and @codingDependency false";
}

/// The scheme of trick mode sets.
pub(super) const TRICK_MODE: &str = "http://dashif.org/guidelines/trickmode";

/// A set, and what it hangs from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place<'m> {
    pub(super) file: &'m str,
    pub(super) mpd: &'m Element,
    pub(super) period: &'m Element,
    pub(super) set: &'m Element,
    /// Length of the Period.
    pub(super) seconds: Option<f64>,
    /// @minBufferTime in seconds.
    pub(super) buffer: f64,
}

/// A set that was checked.
#[derive(Debug)]
pub(super) struct Adaptation<'m> {
    pub(super) element: &'m Element,
    /// video, audio, text or image.
    pub(super) kind: String,
    /// Whether it has the Role main.
    pub(super) main: bool,
    /// Whether it is for fast forward.
    pub(super) trick: bool,
    /// Its renditions that were found.
    pub(super) tracks: Vec<Rc<Track>>,
}

/// Checks a set and its representations.
pub(super) fn check<'m>(place: &Place<'m>, session: &mut Session<'_, '_>) -> Adaptation<'m> {
    let (file, set) = (place.file, place.set);
    let representations: Vec<&Element> = set.all("Representation").collect();
    let here = format!("set {}", set.get("id").unwrap_or("without @id"));
    session
        .findings
        .check(!representations.is_empty(), REPRESENTED, file, || format!("{here} holds no Representation"));
    let kind = kind(set);
    session.findings.check(!kind.is_empty(), KIND, file, || format!("{here} says neither @contentType nor @mimeType"));
    session.findings.check(set.first("Role").is_some(), ROLE, file, || format!("{here} of {kind} has no Role"));
    let role = |value: &str| set.all("Role").any(|role| role.get("value") == Some(value));
    let trick = set.property("EssentialProperty", TRICK_MODE).is_some();
    // Sets with keys of their own are one for players that may switch between them; the first one counts.
    let id = set.get("id").and_then(|id| id.parse::<u32>().ok());
    let others = set.all("SupplementalProperty").filter(|p| p.get("schemeIdUri") == Some(SWITCHING));
    let others = others.flat_map(|property| property.get("value").unwrap_or_default().split(','));
    let follows = others.filter_map(|other| other.trim().parse::<u32>().ok()).any(|other| Some(other) < id);
    let mut checked = Adaptation { element: set, kind, main: role("main") && !follows, trick, tracks: Vec::new() };
    let lineages = representations.iter().map(|element| Lineage {
        file,
        elements: [place.mpd, place.period, set, element],
        seconds: place.seconds,
    });
    if checked.kind == "image" {
        for lineage in lineages {
            images::check(&lineage, session);
        }
        return checked;
    }
    check_language(file, &here, set, &checked.kind, session);
    let mut indexed = false;
    for lineage in lineages {
        session.renditions += 1;
        let Some(address) = lineage.address(session) else { continue };
        indexed |= address.index.is_some();
        checked.tracks.push(representation::check(&lineage, address, (place.buffer, trick), session));
    }
    if matches!(&checked.kind[..], "video" | "audio") {
        check_switching(file, &here, set, indexed, session);
    }
    if trick {
        for element in representations {
            let kept = element.get("maxPlayoutRate").or(set.get("maxPlayoutRate")).is_some()
                && element.get("codingDependency").or(set.get("codingDependency")) == Some("false");
            session.findings.check(kept, TRICK, file, || format!("{here} for trick mode"));
        }
    } else {
        check_largest(file, &here, set, session);
    }
    let tracks: Vec<&Track> = checked.tracks.iter().map(|track| &**track).collect();
    switching::check_set(&tracks, &mut session.findings);
    check_together(&tracks, &mut session.findings);
    let messages: Vec<_> = tracks.iter().map(|track| (track.name(), &track.messages)).collect();
    event::check_set(&messages, &mut session.findings);
    events::check(file, &here, set, &tracks, &mut session.findings);
    checked
}

fn check_together(tracks: &[&Track], findings: &mut Findings<'_>) {
    let Some((first, rest)) = tracks.split_first() else { return };
    let main = switching::begins(first);
    for track in rest {
        let own = switching::begins(track);
        let odd = own.iter().zip(&main).find(|(own, main)| (*own - *main).abs() > 1e-6);
        findings.check(odd.is_none() && own.len() == main.len(), TOGETHER, track.name(), || match odd {
            Some((own, main)) => format!("a segment begins at {own:.6} s, of {} at {main:.6} s", first.name()),
            None => format!("there are {} segments, of {} {}", own.len(), first.name(), main.len()),
        });
    }
}

/// What a set holds, from its own words or those of its representations.
fn kind(set: &Element) -> String {
    if let Some(kind) = set.get("contentType") {
        return kind.to_owned();
    }
    let mime = set.get("mimeType").or_else(|| set.first("Representation")?.get("mimeType")).unwrap_or_default();
    match mime.split('/').next().unwrap_or_default() {
        "application" => "text".to_owned(),
        kind => kind.to_owned(),
    }
}

fn check_language(file: &str, here: &str, set: &Element, kind: &str, session: &mut Session<'_, '_>) {
    let language = set.get("lang");
    let needed = matches!(kind, "audio" | "text");
    session.findings.check(language.is_some() || !needed, LANGUAGE, file, || format!("{here} of {kind} has no @lang"));
    let Some(tag) = language else { return };
    let subtag =
        |part: &str| !part.is_empty() && part.len() <= 8 && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let primary = tag.split('-').next().unwrap_or_default();
    let kept = tag.split('-').all(subtag) && (2..=3).contains(&primary.len()) || primary == "x";
    session.findings.check(kept, LANGUAGE_TAG, file, || format!("@lang of {here} is {tag}"));
}

fn check_switching(file: &str, here: &str, set: &Element, indexed: bool, session: &mut Session<'_, '_>) {
    let (alignment, sap) =
        if indexed { ("subsegmentAlignment", "subsegmentStartsWithSAP") } else { ("segmentAlignment", "startWithSAP") };
    let said = set.get(alignment).unwrap_or("missing");
    session.findings.check(said == "true", ALIGNED, file, || format!("@{alignment} of {here} is {said}"));
    let common = set.get(sap).or_else(|| set.first("Representation")?.get(sap)).unwrap_or("missing");
    session.findings.check(matches!(common, "1" | "2"), SAP, file, || format!("@{sap} of {here} is {common}"));
}

fn check_largest(file: &str, here: &str, set: &Element, session: &mut Session<'_, '_>) {
    for (most, own) in [("maxWidth", "width"), ("maxHeight", "height"), ("maxBandwidth", "bandwidth")] {
        let Some(said) = set.number(most) else { continue };
        let real = set.all("Representation").filter_map(|element| element.number(own)).max();
        let Some(real) = real.or(set.number(own)) else { continue };
        session.findings.equal(LARGEST, file, format!("@{most} of {here}"), said, real);
    }
    if let Some(said) = set.get("maxFrameRate") {
        let rates =
            set.all("Representation").filter_map(|element| ratio(element.get("frameRate").or(set.get("frameRate"))?));
        let real = rates.fold(0.0, f64::max);
        let kept = ratio(said).is_some_and(|said| (said - real).abs() < 1e-6 * real.max(1.0)) || real == 0.0;
        session.findings.check(kept, LARGEST, file, || {
            format!("@maxFrameRate of {here} is {said}, of its representations {real:.3}")
        });
    }
    if let Some(said) = set.get("par") {
        let shape = said.split_once(':').and_then(|(x, y)| Some(x.parse::<f64>().ok()? / y.parse::<f64>().ok()?));
        for element in set.all("Representation") {
            let (Some(width), Some(height)) = (element.number("width"), element.number("height")) else { continue };
            let pixel = element.get("sar").or(set.get("sar")).and_then(|sar| {
                let (x, y) = sar.split_once(':')?;
                Some(x.parse::<f64>().ok()? / y.parse::<f64>().ok()?)
            });
            let shown = width as f64 * pixel.unwrap_or(1.0);
            // Even dimensions allow an error of one pixel on either side.
            let kept = shape.is_some_and(|shape| (shown - height as f64 * shape).abs() <= 1.0 + shape);
            session
                .findings
                .check(kept, SHAPE, file, || format!("@par of {here} is {said}, a picture is {width}x{height}"));
        }
    }
}
