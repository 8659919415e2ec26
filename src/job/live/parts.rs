//! A programme that is offered in parts: what stands of each rendition, and its playlist after every part.

use std::collections::BTreeMap;

use crate::crypt::Signal;
use crate::manifest::low_latency::{self, Dated, Edge, Extent, Listed, Part, Rendition, Timing};
use crate::media::{RenditionId, SegmentNumber};
use crate::origin::live::{Bytes, Stage, Versions};
use crate::package::{Chunk, InitSegment, Segment};
use crate::plan::{Marked, Parts, names};

/// Before which part of which segment the first tag of a marker, or that of its end, was seen first.
type Seen = BTreeMap<(String, usize), (SegmentNumber, u64)>;

/// What is offered of each rendition.
#[derive(Debug)]
pub(super) struct InParts {
    parts: Parts,
    renditions: BTreeMap<RenditionId, Vec<Listed>>,
    /// How the samples of those are protected that are.
    signals: BTreeMap<RenditionId, Signal>,
    /// Where players of each rendition have seen markers first, and their ends.
    seen: BTreeMap<RenditionId, Seen>,
    /// Parts that are kept for those who come late, by their segment.
    kept: BTreeMap<SegmentNumber, Vec<String>>,
}

impl InParts {
    /// Nothing yet of the renditions with these headers.
    pub(super) fn new<'i>(parts: Parts, inits: impl Iterator<Item = &'i InitSegment>) -> Self {
        let signal = |init: &InitSegment| Some((init.rendition.clone(), init.protection.clone()?));
        let (renditions, seen, kept) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        Self { parts, renditions, signals: inits.filter_map(signal).collect(), seen, kept }
    }

    /// A part stands; `alone`, it can be had without the others of its segment.
    pub(super) fn add(&mut self, chunk: Chunk, alone: bool, stage: &Stage) {
        let body = Bytes::from(chunk.body);
        if chunk.index == 0 {
            stage.expect([names::segment(&chunk.rendition, SegmentNumber(chunk.segment.0 + 1))]);
        }
        stage.grow(&names::segment(&chunk.rendition, chunk.segment), body.clone(), chunk.last);
        if alone {
            let key = names::part(&chunk.rendition, chunk.segment, chunk.index);
            stage.object(&key, body);
            self.kept.entry(chunk.segment).or_default().push(key);
        }
        let listed = self.renditions.entry(chunk.rendition).or_default();
        if listed.last().is_none_or(|last| last.number != chunk.segment) {
            listed.push(Listed { number: chunk.segment, parts: Vec::new(), whole: None });
        }
        if let Some(last) = listed.last_mut() {
            last.parts.push(Part { start: chunk.start, duration: chunk.duration, independent: chunk.sync });
        }
    }

    /// The segment that the latest parts of its rendition belong to is whole.
    pub(super) fn complete(&mut self, segment: &Segment) {
        let listed = self.renditions.get_mut(&segment.rendition).and_then(|listed| listed.last_mut());
        if let Some(last) = listed {
            last.whole = Some((segment.start, segment.duration));
        }
    }

    /// What comes before `first` is offered no longer, and parts before `kept` are kept no longer.
    pub(super) fn remove(&mut self, first: SegmentNumber, kept: SegmentNumber, stage: &Stage) {
        self.renditions.values_mut().for_each(|listed| listed.retain(|segment| segment.number >= first));
        let later = self.kept.split_off(&kept);
        let old = std::mem::replace(&mut self.kept, later);
        stage.forget(old.values().flatten().map(String::as_str));
    }

    /// The latest segment that any rendition has a part of.
    pub(super) fn latest(&self) -> Option<SegmentNumber> {
        self.renditions.values().filter_map(|listed| listed.last()).map(|last| last.number).max()
    }

    /// Players are told of these markers from now on, behind what they have of each rendition.
    pub(super) fn mark(&mut self, marked: &[Marked]) {
        for (id, listed) in &self.renditions {
            let (before, seen) = (low_latency::next(listed), self.seen.entry(id.clone()).or_default());
            seen.retain(|(name, _), _| marked.iter().any(|marked| marked.marker.id == *name));
            for marked in marked {
                for (which, _) in (0..).zip(low_latency::tags(marked)).filter(|(_, tag)| tag.is_some()) {
                    seen.entry((marked.marker.id.clone(), which)).or_insert(before);
                }
            }
        }
    }

    fn dates(&self, id: &RenditionId, marked: &[Marked]) -> Vec<Dated> {
        let seen = |marked: &Marked, which| self.seen.get(id)?.get(&(marked.marker.id.clone(), which)).copied();
        let dated = |marked: &Marked| {
            let tags = (0..).zip(low_latency::tags(marked));
            let dated = tags.filter_map(|(which, tag)| Some(Dated { before: seen(marked, which)?, tag: tag? }));
            dated.collect::<Vec<_>>()
        };
        let mut dates: Vec<Dated> = marked.iter().flat_map(dated).collect();
        dates.sort_by_key(|dated| dated.before);
        dates
    }

    /// Offers what stands of a rendition, with the markers that stand, and the names of those that are gone.
    pub(super) fn offer(
        &self,
        id: &RenditionId,
        timing: &Timing<'_>,
        (marked, gone): (&[Marked], &[String]),
        stage: &Stage,
    ) {
        let Some(listed) = self.renditions.get(id) else { return };
        let dates = &self.dates(id, marked);
        let (segment, part) = low_latency::next(listed);
        stage.expect([names::part(id, segment, part)]);
        let others: Vec<Edge> = self
            .renditions
            .iter()
            .filter(|(other, _)| *other != id)
            .filter_map(|(id, listed)| edge(id, listed))
            .collect();
        let rendition = Rendition { id, signal: self.signals.get(id), listed, others: &others, dates };
        let Some(full) = low_latency::playlist(rendition, timing, Extent::Full) else { return };
        let counts = listed.iter().map(|segment| (segment.number.0, segment.parts.len() as u64)).collect();
        stage.playlist(
            &names::playlist(id),
            Versions {
                full,
                skipping: low_latency::playlist(rendition, timing, Extent::Skipping),
                skipping_dates: low_latency::playlist(rendition, timing, Extent::SkippingDates(gone)),
                whole: segment.0.saturating_sub(1),
                counts,
                target_s: timing.target(),
                part_s: self.parts.longest.as_seconds(),
            },
        );
    }
}

/// How far a rendition is, once it has a part.
fn edge(id: &RenditionId, listed: &[Listed]) -> Option<Edge> {
    let last = listed.iter().rev().find(|segment| !segment.parts.is_empty())?;
    Some(Edge { id: id.clone(), segment: last.number, part: last.parts.len() as u64 - 1 })
}
