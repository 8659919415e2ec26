//! Facts of stored objects in, HLS and DASH text out. Pure.

use std::collections::BTreeMap;

use crate::media::{RenditionId, SegmentNumber};
use crate::output::Stored;
use crate::package::{InitSegment, Segment, SingleFile};
use crate::thumbs::Sheets;

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

/// What has been stored of everything: the only thing manifests may name.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Presentation {
    renditions: BTreeMap<RenditionId, Rendition>,
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

    /// What has been stored of a rendition.
    pub fn rendition(&self, id: &RenditionId) -> Option<&Rendition> {
        self.renditions.get(id)
    }

    /// The stored thumbnail sheets.
    pub fn sheets(&self) -> Option<&Sheets> {
        self.sheets.as_ref()
    }
}
