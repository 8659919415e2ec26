//! Facts of stored objects in, HLS and DASH text out. Pure.

mod bandwidth;
mod chapters;
mod choice;
mod complete;
mod dash;
mod hls;
mod label;
mod stored;

use std::collections::BTreeMap;

use crate::media::{RenditionId, SegmentNumber};
use crate::output::Stored;
use crate::package::{InitSegment, Page, Segment, SingleFile};
use crate::plan::Offer;
use crate::thumbs::Sheets;

use complete::Complete;
pub use complete::Error;
pub use hls::low_latency;

/// What has been stored of one rendition.
#[derive(Debug, Clone, PartialEq)]
pub struct Rendition {
    /// Its CMAF header.
    pub init: InitSegment,
    /// Its segments by number, without a gap once the presentation is complete.
    pub segments: BTreeMap<SegmentNumber, Segment>,
    /// Where the parts lie, in single-file layout.
    pub single: Option<SingleFile>,
}

/// Bit rates measured from the bytes of a rendition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rates {
    /// Mean bits per second.
    pub average: u64,
    /// Largest bits per second over 0.5 to 1.5 of its longest segment.
    pub peak: u64,
}

impl Rendition {
    /// Its measured bit rates.
    pub fn rates(&self) -> Rates {
        let load = bandwidth::Load::of_segments(self);
        let longest = self.segments.values().map(|s| s.duration.as_seconds().round() as u64).max();
        Rates { average: load.average(), peak: load.peak(longest.unwrap_or(0).max(1)) }
    }
}

/// What has been stored of everything: the only thing manifests may name.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Presentation {
    renditions: BTreeMap<RenditionId, Rendition>,
    pages: BTreeMap<RenditionId, BTreeMap<SegmentNumber, Page>>,
    sheets: Option<Sheets>,
}

impl Presentation {
    /// Adds a rendition by its stored header. A second header of the same rendition replaces the first.
    pub fn add_init(&mut self, init: Stored<InitSegment>) {
        let init = init.into_facts();
        self.renditions.insert(init.rendition.clone(), Rendition { init, segments: BTreeMap::new(), single: None });
    }

    /// Adds a stored segment. Its rendition's header must have been added before.
    ///
    /// # Panics
    /// When the header is missing: the store order (header, then segments) was broken.
    pub fn add_segment(&mut self, segment: Stored<Segment>) {
        let segment = segment.into_facts();
        let rendition = self.renditions.get_mut(&segment.rendition).expect("headers are stored before segments");
        rendition.segments.insert(segment.number, segment);
    }

    /// Takes out the segments of every rendition before `first`, and gives their keys.
    pub fn remove_before(&mut self, first: SegmentNumber) -> Vec<String> {
        let mut removed = Vec::new();
        for rendition in self.renditions.values_mut() {
            let kept = rendition.segments.split_off(&first);
            removed.extend(std::mem::replace(&mut rendition.segments, kept).into_values().map(|segment| segment.key));
        }
        removed
    }

    /// Takes the segments after `last` away, for they do not stand, and gives their keys.
    pub fn remove_after(&mut self, last: SegmentNumber) -> Vec<String> {
        let after = SegmentNumber(last.0 + 1);
        let removed =
            self.renditions.values_mut().flat_map(|rendition| rendition.segments.split_off(&after).into_values());
        removed.map(|segment| segment.key).collect()
    }

    /// Adds a stored WebVTT segment.
    pub fn add_page(&mut self, page: Stored<Page>) {
        let page = page.into_facts();
        self.pages.entry(page.rendition.clone()).or_default().insert(page.number, page);
    }

    /// Says where the parts of a stored single file lie.
    ///
    /// # Panics
    /// When the rendition is unknown, as in [`add_segment`](Self::add_segment).
    pub fn set_single(&mut self, id: &RenditionId, single: Stored<SingleFile>) {
        let rendition = self.renditions.get_mut(id).expect("headers are stored before files");
        rendition.single = Some(single.into_facts());
    }

    /// Sets the stored thumbnail sheets.
    pub fn set_sheets(&mut self, sheets: Stored<Sheets>) {
        self.sheets = Some(sheets.into_facts());
    }

    /// Every rendition, in the order of their names.
    pub fn renditions(&self) -> impl Iterator<Item = &Rendition> {
        self.renditions.values()
    }

    /// The numbers of the segments, in order.
    pub fn numbers(&self) -> impl Iterator<Item = SegmentNumber> {
        self.renditions.values().next().into_iter().flat_map(|rendition| rendition.segments.keys().copied())
    }

    /// What has been stored of a rendition.
    pub fn rendition(&self, id: &RenditionId) -> Option<&Rendition> {
        self.renditions.get(id)
    }

    /// The WebVTT segments of a rendition.
    pub fn pages(&self, id: &RenditionId) -> Option<&BTreeMap<SegmentNumber, Page>> {
        self.pages.get(id)
    }

    /// The stored thumbnail sheets.
    pub fn sheets(&self) -> Option<&Sheets> {
        self.sheets.as_ref()
    }
}

/// One manifest, ready to be stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// Where it is stored, made by `plan::names`.
    pub key: String,
    /// Its text: UTF-8 without a byte order mark, lines ended by a line feed.
    pub body: String,
}

/// The MPD alone.
///
/// # Errors
/// When the presentation lacks what the offer promises.
pub fn mpd(offer: &Offer, presentation: &Presentation) -> Result<Document, Error> {
    Ok(dash::document(&Complete::new(offer, presentation)?))
}

/// Every manifest that is wanted, children before parents: stored in this order, no manifest ever names
/// one that is not there. Fails when the presentation lacks what the offer promises.
pub fn documents(offer: &Offer, presentation: &Presentation) -> Result<Vec<Document>, Error> {
    let complete = Complete::new(offer, presentation)?;
    let mut documents = Vec::new();
    if !offer.metadata.chapters.is_empty() {
        documents.push(chapters::webvtt(&offer.metadata));
        documents.extend(offer.hls.then(|| chapters::json(&offer.metadata)));
    }
    if offer.hls {
        documents.extend(hls::documents(&complete));
    }
    if offer.dash {
        documents.push(dash::document(&complete));
    }
    Ok(documents)
}
