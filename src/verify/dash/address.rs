//! Where the segments of a representation are: SegmentTemplate, SegmentList or SegmentBase (ISO/IEC 23009-1 § 5.3.9).

use super::super::Session;
use super::super::index::Index;
use super::super::rule::rules;
use super::super::track::{Listing, Part};
use super::template::{self, Values, expand};
use super::timeline::{self, MOST_SEGMENTS, Period, Times};
use super::value::seconds;
use super::xml::Element;

rules! {
    MISSING: Error "ISO 23009-1 5.3.9" "every segment that an MPD leads to is there";
    ADDRESSED: Error "ISO 23009-1 5.3.9.1" "a representation says where its segments are";
    ONE_KIND: Error "ISO 23009-1 5.3.9.1" "a representation has one of SegmentBase, SegmentList and SegmentTemplate";
    INDEX_RANGE: Error "ISO 23009-1 5.3.9.2" "SegmentBase has the @indexRange of the index";
    HEADER_RANGE: Error "ISO 23009-1 5.3.9.2" "Initialization@range starts the file and ends before the index";
    RANGE: Error "ISO 23009-1 5.3.9.2" "byte ranges are FIRST-LAST, both included, and lie in the file";
    EITHER: Error "ISO 23009-1 5.3.9.5.3" "there is either @duration or a SegmentTimeline";
    EXTRA: Error "ISO 23009-1 5.3.9.5.3" "there are as many segments as the duration asks for";
}

/// The elements that a representation inherits from, the outermost first: MPD, Period, AdaptationSet, Representation.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lineage<'m> {
    pub(super) file: &'m str,
    pub(super) elements: [&'m Element; 4],
    /// The length of the Period in seconds.
    pub(super) seconds: Option<f64>,
}

/// Where a representation is, and when its segments are.
#[derive(Debug)]
pub(super) struct Address {
    pub(super) listing: Listing,
    pub(super) times: Times,
    pub(super) timescale: u64,
    /// @presentationTimeOffset, in ticks.
    pub(super) offset: u64,
    pub(super) index: Option<Index>,
}

impl<'m> Lineage<'m> {
    /// The representation.
    pub(super) fn representation(&self) -> &'m Element {
        self.elements[3]
    }

    /// Which Period it is in.
    pub(super) fn period(&self) -> Period {
        let [mpd, period, ..] = self.elements;
        let others = mpd.all("Period").next().is_some_and(|first| !std::ptr::eq(first, period));
        match period.get("start").and_then(seconds) {
            _ if others => Period::Later,
            Some(start) if start > 0.0 => Period::Left,
            Some(_) | None => Period::First,
        }
    }

    /// @id of the representation.
    pub(super) fn id(&self) -> &'m str {
        self.representation().get("id").unwrap_or_default()
    }

    /// An attribute of the representation or its set.
    pub(super) fn common(&self, name: &str) -> Option<&'m str> {
        self.elements[3].get(name).or_else(|| self.elements[2].get(name))
    }

    /// An attribute of a kind of addressing, the innermost one.
    fn inherited(&self, kind: &str, name: &str) -> Option<&'m str> {
        self.elements.iter().rev().find_map(|element| element.first(kind)?.get(name))
    }

    fn inherited_number(&self, kind: &str, name: &str) -> Option<u64> {
        self.inherited(kind, name)?.parse().ok()
    }

    /// A child of a kind of addressing, the innermost one.
    fn inherited_child(&self, kind: &str, name: &str) -> Option<&'m Element> {
        self.elements.iter().rev().find_map(|element| element.first(kind)?.first(name))
    }

    /// The URL that `uri` means, relative to the MPD.
    fn url(&self, uri: &str) -> String {
        let bases = self.elements.iter().filter_map(|element| Some(element.first("BaseURL")?.text.clone()));
        bases.chain([uri.to_owned()]).fold(String::new(), |base, uri| join(&base, &uri))
    }

    /// The file that `uri` means.
    fn file(&self, uri: &str, session: &mut Session<'_, '_>) -> Option<String> {
        session.files.resolve(self.file, &self.url(uri), MISSING, &mut session.findings)
    }

    fn values(&self, segment: Option<(u64, u64)>) -> Values<'m> {
        let bandwidth = self.representation().number("bandwidth").unwrap_or(0);
        Values { id: self.id(), bandwidth, segment }
    }

    /// Finds the segments; nothing, and findings, when they cannot be found.
    pub(super) fn address(&self, session: &mut Session<'_, '_>) -> Option<Address> {
        let kinds = ["SegmentBase", "SegmentList", "SegmentTemplate"];
        let level = self.elements.iter().rev().find(|element| kinds.iter().any(|kind| element.first(kind).is_some()));
        let here: Vec<&str> =
            kinds.into_iter().filter(|kind| level.is_some_and(|level| level.first(kind).is_some())).collect();
        session
            .findings
            .check(here.len() <= 1, ONE_KIND, self.file, || format!("{} has {}", self.id(), here.join(" and ")));
        match here.first() {
            Some(&"SegmentTemplate") => self.template(session),
            Some(&"SegmentList") => self.list(session),
            Some(_) => self.base(session),
            None => {
                session.findings.breaks(
                    ADDRESSED,
                    self.file,
                    format!("{} does not say where its segments are", self.id()),
                );
                None
            }
        }
    }

    /// When segments are, for templates and lists.
    fn times(&self, kind: &str, session: &mut Session<'_, '_>) -> Option<(Times, u64)> {
        let timescale = self.inherited_number(kind, "timescale").unwrap_or(1);
        let length = self.inherited_number(kind, "duration");
        let line = self.inherited_child(kind, "SegmentTimeline");
        let kept = length.is_some() != line.is_some();
        session.findings.check(kept, EITHER, self.file, || format!("{} has both or neither", self.id()));
        if let Some(line) = line {
            let end = self.seconds.map(|seconds| (seconds * timescale as f64).round() as u64);
            return Some((Times::Exact(timeline::read(self.file, line, end, &mut session.findings)), timescale));
        }
        length.map(|length| (Times::Nominal(length), timescale))
    }

    fn template(&self, session: &mut Session<'_, '_>) -> Option<Address> {
        const KIND: &str = "SegmentTemplate";
        let (times, timescale) = self.times(KIND, session)?;
        let header = match self.inherited(KIND, "initialization") {
            Some(uri) => Some(Part { file: self.expanded(uri, None, session)?, range: None, sealed: None }),
            None => None,
        };
        let Some(uri) = self.inherited(KIND, "media") else {
            session.findings.breaks(ADDRESSED, self.file, format!("{} has no @media", self.id()));
            return None;
        };
        let starts = match &times {
            Times::Exact(times) => times.iter().map(|(start, _)| *start).collect(),
            Times::Nominal(length) => self.nominal(*length, timescale, session)?,
            Times::Unsaid => Vec::new(),
        };
        let first = self.inherited_number(KIND, "startNumber").unwrap_or(1);
        // All of them are looked for, so that every missing one is told.
        let parts: Vec<Option<Part>> = (0..)
            .zip(starts)
            .map(|(at, start)| (first.saturating_add(at), start))
            .map(|segment| Some(Part { file: self.expanded(uri, Some(segment), session)?, range: None, sealed: None }))
            .collect();
        let media = parts.into_iter().collect::<Option<Vec<Part>>>()?;
        let offset = self.inherited_number(KIND, "presentationTimeOffset").unwrap_or(0);
        let slid = first > 1 && matches!(&times, Times::Exact(times) if times.first().is_some_and(|(at, _)| *at > 0));
        Some(Address { listing: Listing { header, media, slid }, times, timescale, offset, index: None })
    }

    /// Begins of segments of one length.
    fn nominal(&self, length: u64, timescale: u64, session: &mut Session<'_, '_>) -> Option<Vec<u64>> {
        let span = length as f64 / timescale.max(1) as f64;
        // A rest of less than a millisecond is rounding.
        let count = self.seconds.map(|seconds| ((seconds - 1e-3) / span).ceil().max(1.0));
        match count {
            Some(count) if count.is_finite() && count <= MOST_SEGMENTS as f64 => {
                Some((0..count as u64).map(|number| number.saturating_mul(length)).collect())
            }
            _ => {
                session.findings.breaks(EXTRA, self.file, format!("@duration {length} makes no number of segments"));
                None
            }
        }
    }

    fn expanded(&self, uri: &str, segment: Option<(u64, u64)>, session: &mut Session<'_, '_>) -> Option<String> {
        match expand(uri, self.values(segment)) {
            Ok(uri) => self.file(&uri, session),
            Err(odd) => {
                session.findings.breaks(template::identifier(), self.file, format!("{uri} holds {odd}"));
                None
            }
        }
    }

    fn list(&self, session: &mut Session<'_, '_>) -> Option<Address> {
        const KIND: &str = "SegmentList";
        let (times, timescale) = self.times(KIND, session)?;
        let header = match self.inherited_child(KIND, "Initialization") {
            Some(element) => Some(self.part(element, ("sourceURL", "range"), session)?),
            None => None,
        };
        let level = self.elements.iter().rev().find_map(|element| element.first(KIND))?;
        let parts: Vec<_> =
            level.all("SegmentURL").map(|url| self.part(url, ("media", "mediaRange"), session)).collect();
        let media = parts.into_iter().collect::<Option<Vec<Part>>>()?;
        let asked = match &times {
            Times::Exact(times) => times.len(),
            Times::Nominal(length) => self.nominal(*length, timescale, session)?.len(),
            Times::Unsaid => media.len(),
        };
        session.findings.equal(
            EXTRA,
            self.file,
            format!("the number of SegmentURL of {}", self.id()),
            media.len(),
            asked,
        );
        let offset = self.inherited_number(KIND, "presentationTimeOffset").unwrap_or(0);
        Some(Address { listing: Listing { header, media, slid: false }, times, timescale, offset, index: None })
    }

    /// The part that the attributes `url` and `range` of an element mean.
    fn part(&self, element: &Element, (url, range): (&str, &str), session: &mut Session<'_, '_>) -> Option<Part> {
        let file = self.file(element.get(url).unwrap_or_default(), session)?;
        let Some(said) = element.get(range) else { return Some(Part { file, range: None, sealed: None }) };
        let range = self.range(&file, said, session)?;
        Some(Part { file, range: Some(range), sealed: None })
    }

    /// `FIRST-LAST` as offset and length.
    fn range(&self, file: &str, said: &str, session: &mut Session<'_, '_>) -> Option<(u64, u64)> {
        let size = session.files.size(file).unwrap_or(0);
        let range = said.split_once('-').and_then(|(first, last)| {
            let (first, last): (u64, u64) = (first.parse().ok()?, last.parse().ok()?);
            (first <= last && last < size).then(|| (first, last - first + 1))
        });
        session
            .findings
            .check(range.is_some(), RANGE, self.file, || format!("{said} of {file}, which has {size} bytes"));
        range
    }

    fn base(&self, session: &mut Session<'_, '_>) -> Option<Address> {
        const KIND: &str = "SegmentBase";
        let file = self.file("", session)?;
        let Some(said) = self.inherited(KIND, "indexRange") else {
            session.findings.breaks(INDEX_RANGE, self.file, format!("{} has no @indexRange", self.id()));
            return None;
        };
        let range = self.range(&file, said, session)?;
        let header = match self.inherited_child(KIND, "Initialization") {
            Some(element) if element.get("sourceURL").is_none() && element.get("range").is_some() => {
                self.range(&file, element.get("range").unwrap_or_default(), session)?
            }
            Some(_) | None => (0, range.0),
        };
        let end = header.0 + header.1;
        session.findings.check(header.0 == 0 && end <= range.0, HEADER_RANGE, self.file, || {
            format!("the header of {} is {}-{}, the index {said}", self.id(), header.0, end.saturating_sub(1))
        });
        let index = Index::read(&mut session.files, &file, range, &mut session.findings);
        let media = index.as_ref().map(|index| index.parts.clone()).unwrap_or_default();
        let timescale = self.inherited_number(KIND, "timescale").unwrap_or(1);
        let offset = self.inherited_number(KIND, "presentationTimeOffset").unwrap_or(0);
        let listing = Listing { header: Some(Part { file, range: Some(header), sealed: None }), media, slid: false };
        Some(Address { listing, times: Times::Unsaid, timescale, offset, index })
    }
}

/// `uri` relative to `base`.
fn join(base: &str, uri: &str) -> String {
    let absolute = uri.starts_with('/') || uri.split('/').next().is_some_and(|first| first.contains(':'));
    if absolute {
        return uri.to_owned();
    }
    match base.rsplit_once('/') {
        _ if uri.is_empty() => base.to_owned(),
        Some((directory, _)) => format!("{directory}/{uri}"),
        None => uri.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base_urls_are_joined_from_the_outside_in() {
        assert_eq!(join(&join("", "video/"), "720p/media.mp4"), "video/720p/media.mp4");
        assert_eq!(join("video/media.mp4", ""), "video/media.mp4");
        assert_eq!(join("a/b.mpd", "c.mp4"), "a/c.mp4");
        assert_eq!(join("a/", "https://b/c"), "https://b/c");
    }
}
