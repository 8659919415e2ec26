//! Segments of all renditions in, a set out that players can follow: stored, named by manifests, and removed.

mod behind;
mod markers;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::mpsc::Receiver;
use std::time::Duration;

use super::Error;
use super::delay::Delay;
use super::disk::Disk;
use super::edge::edge;
use super::keep::Made;
use super::parts::InParts;
use super::place::Place;
use super::programme::Row;
use super::rates::Rates;
use super::resume::Resumed;
use super::sliding::Sliding;
use super::task::{Lag, Task};
use super::told::ToldMarkers;
use crate::event::Event;
use crate::manifest::low_latency::Timing;
use crate::manifest::{self, Document, Presentation};
use crate::media::{Marker, RenditionId, Rounding, SegmentNumber, Span, Timescale, Utc};
use crate::origin::live::Bytes;
use crate::output::Stored;
use crate::package::{Chunk, InitSegment, Packaged, Segment};
use crate::plan::{Close, LiveOffer, Marked, Marks, Offer, Plan, VideoPlan, names};

/// So often the journal is begun anew, in segments: it lists what stands, not all that ever stood.
const JOURNAL_EVERY: u64 = 256;

/// Requests for so many of the latest segments need no disk.
const KEPT_IN_MEMORY: u64 = 8;

const MICROSECONDS: Timescale = Timescale::new(1_000_000);

/// Stores and publishes one live programme.
pub(super) struct Publisher<'a> {
    place: Place<'a>,
    presentation: Presentation,
    sliding: Sliding,
    /// Segments that not all renditions have yet.
    waiting: BTreeMap<SegmentNumber, BTreeMap<RenditionId, Stored<Segment>>>,
    /// The last one that players were offered.
    last: SegmentNumber,
    /// The manifests as they stand.
    written: HashMap<String, String>,
    in_parts: Option<InParts>,
    delay: Delay,
    /// What renditions take whose bit rates nobody knew before.
    rates: Rates,
    /// What the source has marked.
    markers: ToldMarkers,
    /// Markers that were too many, as far as that was told.
    left_out: u64,
    /// What waits for the disk, where players have it from memory.
    disk: Option<Arc<Disk<Task>>>,
    /// The last segment that was offered and stands on the disk.
    stored: Arc<AtomicU64>,
    lag: Lag,
    /// Why the disk was given up.
    unstored: Option<Error>,
}

/// What stands in the end.
pub(super) struct Published {
    pub(super) presentation: Presentation,
    pub(super) documents: Vec<Document>,
    /// Objects that players are offered no longer.
    pub(super) behind: Vec<String>,
    /// Length of the programme.
    pub(super) duration: Span,
    /// When its zero was.
    pub(super) start: Utc,
    /// Why it did not go on.
    pub(super) failed: Option<Error>,
    /// Why the directory has not all of it.
    pub(super) unstored: Option<Error>,
}

impl<'a> Publisher<'a> {
    /// A programme whose headers are stored, or one that goes on.
    pub(super) fn new(
        place: Place<'a>,
        inits: Vec<Stored<InitSegment>>,
        resumed: Option<Resumed>,
    ) -> Result<Self, Error> {
        let mut presentation = Presentation::default();
        let in_parts = place.parts.map(|parts| InParts::new(parts, inits.iter().map(Stored::facts)));
        inits.into_iter().for_each(|init| presentation.add_init(init));
        resumed.iter().try_for_each(|resumed| resumed.fill(place.dir, &mut presentation))?;
        let last = resumed.as_ref().map_or(SegmentNumber(0), Resumed::last);
        let markers = ToldMarkers::of(resumed.as_ref().map_or_else(Vec::new, Resumed::marked));
        let mut publisher = Self {
            place,
            presentation,
            sliding: resumed.map_or_else(|| Sliding::new(place.window), |resumed| resumed.sliding),
            waiting: BTreeMap::new(),
            last,
            written: HashMap::new(),
            in_parts,
            delay: Delay::default(),
            rates: Rates::default(),
            markers,
            left_out: 0,
            disk: place.stage.map(|stage| Arc::new(behind::disk(stage, place.when_full))),
            stored: Arc::new(AtomicU64::new(last.0)),
            lag: Lag::default(),
            unstored: None,
        };
        // What was noted of them goes back beyond what players are offered.
        publisher.leave_markers();
        Ok(publisher)
    }

    /// Takes segments until no rendition has more, and tells players that nothing follows. Gives why it did not go on. A
    /// failure does not take back what players have been offered.
    fn publish(&mut self, made: Receiver<Made>) -> Option<Error> {
        let failed = self.go_on().and_then(|()| self.take_all(made)).err();
        failed.or(self.offer_end().err())
    }

    /// Players come to the end when it is there, and not when the disk has it.
    fn offer_end(&self) -> Result<(), Error> {
        let Some(stage) = self.place.stage.filter(|_| self.last.0 > 0) else { return Ok(()) };
        self.documents(true)?.into_iter().for_each(|document| stage.manifest(&document.key, document.body));
        stage.end();
        Ok(())
    }

    /// What stands in the end.
    fn published(self, failed: Option<Error>) -> Result<Published, Error> {
        Ok(Published {
            documents: self.documents(true)?,
            behind: self.sliding.behind().map(str::to_owned).collect(),
            duration: edge(&self.presentation),
            start: self.place.anchor.spells(self.last, Utc::since_1970(self.place.clock.utc())).start(),
            presentation: self.presentation,
            failed,
            unstored: self.unstored,
        })
    }

    /// What stands of a programme that goes on is offered as it was.
    fn go_on(&mut self) -> Result<(), Error> {
        if self.last.0 == 0 {
            return Ok(());
        }
        self.does(Task::Restart(self.standing()))?;
        self.write_all()
    }

    fn take_all(&mut self, made: Receiver<Made>) -> Result<(), Error> {
        let mut next = None;
        while let Some(now) = next.take().or_else(|| made.recv().ok()) {
            match now {
                Made::Chunk(chunk) => self.add(chunk),
                Made::Segment(packaged) => self.take(packaged)?,
                // The MPD announces nothing that is not made.
                Made::Rest if self.last.0 > 0 => self.write_all()?,
                Made::Rest => {}
                Made::Marked(markings) => {
                    let (markings, behind) = markers::waiting(markings, &made);
                    self.markers.add_all(markings);
                    next = behind;
                    if self.tell_markers()? {
                        self.write_all()?;
                        self.offer_all_parts();
                    }
                }
            }
        }
        Ok(())
    }

    /// Players are offered one more part. The last one of a segment comes with the segment.
    fn add(&mut self, chunk: Chunk) {
        let (Some(in_parts), Some(stage)) = (&mut self.in_parts, self.place.stage) else { return };
        let (id, last) = (chunk.rendition.clone(), chunk.last);
        stage.metrics().rendition_part(&id);
        self.place.tell_edge(&id, chunk.segment, chunk.start.after(chunk.duration));
        in_parts.add(chunk, self.place.plan.hls, stage);
        if !last {
            self.offer_parts(&id);
        }
    }

    fn offer_all_parts(&mut self) {
        let ids: Vec<RenditionId> =
            self.presentation.renditions().map(|rendition| rendition.init.rendition.clone()).collect();
        ids.iter().for_each(|id| self.offer_parts(id));
    }

    /// What stands of a rendition is offered in parts, once the first segment has told when it was.
    fn offer_parts(&mut self, id: &RenditionId) {
        let Place { plan, window, parts: Some(parts), stage: Some(stage), anchor, clock, .. } = self.place else {
            return;
        };
        let Some(in_parts) = self.in_parts.as_mut().filter(|_| self.last.0 > 0 && plan.hls) else { return };
        let latest = in_parts.latest().unwrap_or(self.last);
        let spells = &anchor.spells(latest, Utc::since_1970(clock.utc()));
        let timing = Timing { longest: window.longest, part: parts.longest, spells };
        let since = clock.elapsed().saturating_sub(Duration::from_secs(timing.skip_until()));
        let gone = self.markers.gone_since(since);
        in_parts.offer(id, &timing, (self.markers.all(), &gone), stage);
    }

    fn take(&mut self, Packaged { facts, body }: Packaged) -> Result<(), Error> {
        let (number, id, key) = (facts.number, facts.rendition.clone(), facts.key.clone());
        if !self.waiting.contains_key(&number) {
            self.claim(number)?;
        }
        let elsewhere = || Error::Internal(format!("{key} is not in memory"));
        let body = Bytes::from(body.into_vec().ok_or_else(elsewhere)?);
        self.does(Task::Segment(Box::new(facts.clone()), body.clone()))?;
        let stored = self.stored(facts)?;
        let segment = stored.facts();
        if let Some(in_parts) = &mut self.in_parts {
            in_parts.complete(segment);
        }
        self.waiting.entry(number).or_default().insert(id.clone(), stored);
        if let Some(stage) = self.place.stage {
            stage.metrics().rendition_segment(&id);
            stage.object(&key, body);
        }
        let renditions = self.presentation.renditions().count();
        while let Some(row) = self.waiting.first_entry().filter(|row| row.get().len() == renditions) {
            let (number, row) = row.remove_entry();
            self.offer(number, row)?;
        }
        self.offer_parts(&id);
        Ok(())
    }

    /// Makes sure that nothing foreign stands where the segments of this number will, and says that they are ours.
    fn claim(&mut self, number: SegmentNumber) -> Result<(), Error> {
        let keys = self.segments(number);
        if let Some(stage) = self.place.stage {
            // Those of this number will come, and then those of the next one.
            stage.expect(keys.iter().cloned().chain(self.segments(SegmentNumber(number.0 + 1))));
        }
        if number.0.is_multiple_of(JOURNAL_EVERY) {
            self.does(Task::Restart(self.standing()))?;
            let rows = self.presentation.numbers().map(|number| self.row(number)).collect();
            let (behind, marked) = (self.sliding.stands_until().clone(), self.markers.all().to_vec());
            self.does(Task::Standing { behind, rows, marked })?;
        }
        self.does(Task::Claim(keys))
    }

    /// The segments of a number that players are offered, for a run that goes on with them.
    fn row(&self, number: SegmentNumber) -> Row {
        let spells = self.place.anchor.spells(number, Utc::since_1970(self.place.clock.utc()));
        let segments = self.presentation.renditions().filter_map(|rendition| rendition.segments.get(&number));
        Row { number, start: spells.start(), spell: spells.spell(number), segments: segments.cloned().collect() }
    }

    /// The first segment that players are offered.
    fn first(&self) -> SegmentNumber {
        let first = self.presentation.renditions().find_map(|rendition| rendition.segments.keys().next().copied());
        first.unwrap_or(SegmentNumber(1))
    }

    /// The keys of all segments of a number.
    fn segments(&self, number: SegmentNumber) -> Vec<String> {
        let ids = self.presentation.renditions().map(|rendition| &rendition.init.rendition);
        ids.map(|id| names::segment(id, number)).collect()
    }

    /// Every object that stands.
    fn standing(&self) -> Vec<String> {
        let offered = self.presentation.renditions().flat_map(|rendition| {
            let segments = rendition.segments.values().map(|segment| segment.key.clone());
            std::iter::once(rendition.init.key.clone()).chain(segments)
        });
        let waiting = self.waiting.values().flat_map(BTreeMap::values).map(|stored| stored.facts().key.clone());
        let behind = self.sliding.behind().map(str::to_owned);
        offered.chain(waiting).chain(behind).chain(documents_of(self.place.plan)).collect()
    }

    /// Players are offered one more segment, which all renditions have: their edges are one.
    fn offer(&mut self, number: SegmentNumber, row: BTreeMap<RenditionId, Stored<Segment>>) -> Result<(), Error> {
        if self.last.0 == 0 && self.place.plan.is_copy() {
            self.begin(row.values().map(Stored::facts));
        }
        row.into_values().for_each(|segment| self.presentation.add_segment(segment));
        self.does(Task::Offered(Box::new(self.row(number))))?;
        self.last = number;
        let first = self.sliding.advance(number);
        let removed = self.presentation.remove_before(first);
        self.sliding.leave(removed);
        self.place.anchor.forget_before(first);
        self.leave_markers();
        self.tell_markers()?;
        self.write_all()?;
        for rendition in self.presentation.renditions() {
            if let Some(last) = rendition.segments.get(&number) {
                self.place.tell_edge(&last.rendition, number, last.start.after(last.duration));
            }
        }
        let gone = self.sliding.done_with();
        self.leave_memory(number, &gone)?;
        gone.into_iter().try_for_each(|key| self.does(Task::Delete(key)))?;
        if let (Some(stage), Some(in_parts)) = (self.place.stage, &mut self.in_parts) {
            let kept = SegmentNumber(number.0.saturating_sub(KEPT_IN_MEMORY) + 1);
            in_parts.remove(first, kept, stage);
            if number == SegmentNumber(1) {
                self.offer_all_parts();
            }
        }
        self.tell();
        Ok(())
    }

    /// The first segments tell of a source that is copied how long segments are, and what they take.
    fn begin<'s>(&mut self, first: impl Iterator<Item = &'s Segment> + Clone) {
        let longest = first.clone().map(|segment| segment.duration).max_by(|a, b| a.cmp_span(*b));
        if let Some(longest) = longest {
            self.place.window = self.place.window.as_the_first(longest);
            self.sliding = Sliding::new(self.place.window);
        }
        self.rates = Rates::of(first);
    }

    /// What an earlier run has told of and nobody has ended, in a programme that goes on at `begin_us` now.
    pub(super) fn unended(&self, begin_us: i64) -> Vec<Marker> {
        let now = Utc::since_1970(self.place.clock.utc());
        let unended = self.markers.all().iter().filter(|marked| marked.end.is_none());
        let at_us = |marked: &Marked| begin_us.saturating_add(marked.date.since_us(now));
        unended.map(|marked| Marker { at_us: at_us(marked), ..marked.marker.clone() }).collect()
    }

    /// What has changed is written, and then offered.
    fn write_all(&mut self) -> Result<(), Error> {
        let documents = self.documents(false)?;
        let changed = |document: &Document| self.written.get(&document.key) != Some(&document.body);
        let changed: Vec<Document> = documents.into_iter().filter(changed).collect();
        for Document { key, body } in changed.iter().cloned() {
            let first = !self.written.contains_key(&key);
            self.does(Task::Manifest { key, body, first })?;
        }
        self.settle();
        changed.into_iter().try_for_each(|document| self.offer_document(document))
    }

    fn documents(&self, ended: bool) -> Result<Vec<Document>, Error> {
        Ok(manifest::documents(&self.offered(ended, None), &self.presentation)?)
    }

    /// What is offered at this moment.
    fn offered(&self, ended: bool, close: Option<Close>) -> Offer {
        let Place { plan, window, stage, anchor, clock, rest, .. } = self.place;
        let now = Utc::since_1970(clock.utc());
        let first = self.first();
        let (spells, resting) = (anchor.spells(self.last, now), anchor.resting(self.last));
        let timed = stage.is_some();
        let live = LiveOffer { first, spells, resting, rest, now, ended, timed, window, close };
        let marks = Marks { marked: self.markers.all().to_vec(), start: None };
        let mut offer = Offer { marks, ..plan.live_offer(self.last, edge(&self.presentation), live) };
        if !ended {
            self.rates.promise(&mut offer);
        }
        if self.place.messages { offer.with_messages() } else { offer }
    }

    fn offer_document(&mut self, Document { key, body }: Document) -> Result<(), Error> {
        if let Some(stage) = self.place.stage {
            // Only what is served has segments that are still made; other servers have files.
            // How long the segment will be that a source makes which is copied, nobody knows.
            let close = self.place.parts.filter(|_| key == names::MPD && !self.place.plan.is_copy());
            let close = close.map(|parts| Close { grid: self.place.plan.grid, parts });
            let served = match close {
                Some(_) => manifest::mpd(&self.offered(false, close), &self.presentation)?.body,
                None => body.clone(),
            };
            stage.manifest(&key, served);
        }
        self.written.insert(key, body);
        Ok(())
    }

    fn tell(&mut self) {
        let Place { anchor, clock, window, stage, control, .. } = self.place;
        let now = Utc::since_1970(clock.utc());
        let edge = edge(&self.presentation).rescale(MICROSECONDS, Rounding::Nearest).ticks() as i64;
        let date = anchor.tell(self.last, now).after_us(edge);
        let behind_us = now.since_us(date);
        if let Some(stage) = stage {
            stage.metrics().segment(date.since_us(Utc::since_1970(Duration::ZERO)));
        }
        control.observer.on(&Event::LiveAdvanced {
            segment: self.last,
            edge_seconds: edge as f64 / 1e6,
            edge: date,
            behind_seconds: behind_us as f64 / 1e6,
        });
        let segment_us = window.segment.rescale(MICROSECONDS, Rounding::Nearest).ticks() as i64;
        if let Some(warning) = self.delay.judge(behind_us, segment_us) {
            control.observer.on(&Event::Warned(&warning));
        }
        self.tell_lag();
    }
}

/// The keys of the documents that a plan leads to.
pub(super) fn documents_of(plan: &Plan) -> Vec<String> {
    let mut keys = Vec::new();
    if plan.hls {
        let pictures = plan.video.iter().flat_map(VideoPlan::all).map(|rendition| rendition.id);
        keys.extend(pictures.clone().map(names::iframes));
        keys.extend(pictures.chain(plan.audio.iter().map(|rendition| &rendition.id)).map(names::playlist));
        keys.push(names::MASTER.to_owned());
    }
    if plan.dash {
        keys.push(names::MPD.to_owned());
    }
    keys.push(names::REPORT.to_owned());
    keys
}
