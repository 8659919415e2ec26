//! Segments of all renditions in, a set out that players can follow: stored, named by manifests, and removed.

mod markers;

use std::collections::{BTreeMap, HashMap};
use std::sync::mpsc::Receiver;
use std::time::Duration;

use super::Error;
use super::anchor::Anchor;
use super::delay::Delay;
use super::keep::Made;
use super::parts::InParts;
use super::programme::{Programme, Row};
use super::rates::Rates;
use super::record::Recorder;
use super::resume::Resumed;
use super::sliding::Sliding;
use super::told::ToldMarkers;
use crate::clock::LiveClock;
use crate::event::{Control, Event};
use crate::job::direct::Follower;
use crate::job::journal::Journal;
use crate::job::owner::Owned;
use crate::manifest::low_latency::Timing;
use crate::manifest::{self, Document, Presentation};
use crate::media::{Marker, RenditionId, RenditionKind, Rounding, SegmentNumber, Span, Timescale, Timestamp, Utc};
use crate::origin::live::Stage;
use crate::output::{Dir, Output, Stored, store};
use crate::package::{Chunk, InitSegment, Packaged, Segment};
use crate::plan::{Close, LiveOffer, Marked, Marks, Offer, Parts, Plan, VideoPlan, Window, names};

/// So often the journal is begun anew, in segments: it lists what stands, not all that ever stood.
const JOURNAL_EVERY: u64 = 256;

/// Requests for so many of the latest segments need no disk.
const KEPT_IN_MEMORY: u64 = 8;

const MICROSECONDS: Timescale = Timescale::new(1_000_000);

/// What all that stores and publishes shares.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    pub(super) plan: &'a Plan,
    pub(super) window: Window,
    /// The parts in which it is offered as well, when it is served so.
    pub(super) parts: Option<Parts>,
    pub(super) dir: &'a Dir,
    /// Who brings it all to a store, where the set is to be in one.
    pub(super) away: Option<&'a Follower<'a>>,
    /// Where requests find it as well, when it is served.
    pub(super) stage: Option<&'a Stage>,
    /// Who keeps all of it.
    pub(super) recorder: Option<&'a Recorder<'a>>,
    pub(super) journal: &'a Journal,
    /// What is offered, for a run that goes on with it.
    pub(super) programme: &'a Programme,
    pub(super) owned: &'a Owned,
    pub(super) force: bool,
    pub(super) anchor: &'a Anchor,
    /// Messages stand between its media.
    pub(super) messages: bool,
    /// A break lasts no longer.
    pub(super) rest: Duration,
    pub(super) clock: &'a dyn LiveClock,
    pub(super) control: Control<'a>,
}

impl Place<'_> {
    /// Stores a manifest, which the next one replaces; a run that goes on writes it anew. A slow disk is waited for but
    /// for the `first`, for parts wait as well.
    fn put(&self, key: &str, body: &[u8], first: bool) -> Result<(), Error> {
        if first { self.dir.put(key, body) } else { self.dir.put_for_now(key, body) }?;
        self.away.map_or(Ok(()), |away| away.put(key, body))
    }

    /// Removes an object.
    fn delete(&self, key: &str) -> Result<(), Error> {
        self.dir.delete(key)?;
        self.away.map_or(Ok(()), |away| away.delete(key))
    }
}

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
        };
        // What was noted of them goes back beyond what players are offered.
        publisher.leave_markers();
        Ok(publisher)
    }

    /// Takes segments until no rendition has more, and gives what stands then; nothing when there never was a
    /// segment that all renditions have. A failure does not take back what players have been offered.
    pub(super) fn run(mut self, made: Receiver<Made>) -> Result<Option<Published>, Error> {
        let taken = self.go_on().and_then(|()| self.take_all(made));
        if self.last.0 == 0 {
            return taken.map(|()| None);
        }
        let failed = taken.and(self.leave_out_the_rest()).err();
        let ended = self.documents(true)?;
        Ok(Some(Published {
            documents: ended,
            behind: self.sliding.behind().map(str::to_owned).collect(),
            duration: self.edge(),
            start: self.place.anchor.spells(self.last, Utc::since_1970(self.place.clock.utc())).start(),
            presentation: self.presentation,
            failed,
        }))
    }

    /// What stands of a programme that goes on is offered as it was.
    fn go_on(&mut self) -> Result<(), Error> {
        if self.last.0 == 0 {
            return Ok(());
        }
        self.place.journal.restart(self.standing())?;
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
        let body = body.into_vec().ok_or_else(elsewhere)?;
        let stored = store(self.place.dir, &key, &body, facts)?;
        if let Some(recorder) = self.place.recorder {
            recorder.keep(self.place.dir, &key, &body);
        }
        if let Some(away) = self.place.away {
            away.put(&key, &body)?;
        }
        let segment = stored.facts();
        self.place.control.observer.on(&Event::SegmentStored {
            rendition: &id,
            key: &key,
            bytes: segment.bytes,
            seconds: segment.duration.as_seconds(),
        });
        if let Some(in_parts) = &mut self.in_parts {
            in_parts.complete(segment);
        }
        self.waiting.entry(number).or_default().insert(id.clone(), stored);
        if let Some(stage) = self.place.stage {
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
    fn claim(&self, number: SegmentNumber) -> Result<(), Error> {
        let Place { dir, owned, journal, force, .. } = self.place;
        let keys = self.segments(number);
        if let Some(stage) = self.place.stage {
            // Those of this number will come, and then those of the next one.
            stage.expect(keys.iter().cloned().chain(self.segments(SegmentNumber(number.0 + 1))));
        }
        owned.clear_the_way(dir, &keys, force)?;
        self.place.recorder.into_iter().for_each(|recorder| recorder.claim(&keys));
        if number.0.is_multiple_of(JOURNAL_EVERY) {
            journal.restart(self.standing())?;
            let rows = self.presentation.numbers().map(|number| self.row(number)).collect();
            self.place.programme.restart(self.sliding.stands_until(), rows, self.markers.all())?;
        }
        Ok(journal.claim(keys)?)
    }

    /// The segments of a number that players are offered, for a run that goes on with them.
    fn row(&self, number: SegmentNumber) -> Row {
        let spells = self.place.anchor.spells(number, Utc::since_1970(self.place.clock.utc()));
        let segments = self.presentation.renditions().filter_map(|rendition| rendition.segments.get(&number));
        Row { number, start: spells.start(), spell: spells.spell(number), segments: segments.cloned().collect() }
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
        self.place.recorder.into_iter().for_each(|recorder| recorder.note(row.values().map(Stored::facts)));
        row.into_values().for_each(|segment| self.presentation.add_segment(segment));
        // Known before a manifest names it: no later run uses its number again.
        self.place.programme.offer(self.row(number))?;
        self.last = number;
        let first = self.sliding.advance(number);
        let removed = self.presentation.remove_before(first);
        self.sliding.leave(removed);
        self.place.anchor.forget_before(first);
        self.leave_markers();
        self.tell_markers()?;
        self.write_all()?;
        for key in self.sliding.done_with() {
            self.place.delete(&key)?;
        }
        if let (Some(stage), Some(old)) = (self.place.stage, number.0.checked_sub(KEPT_IN_MEMORY)) {
            stage.forget(self.segments(SegmentNumber(old)).iter().map(String::as_str));
        }
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

    fn write_all(&mut self) -> Result<(), Error> {
        self.documents(false)?.into_iter().try_for_each(|document| self.write(document))
    }

    fn documents(&self, ended: bool) -> Result<Vec<Document>, Error> {
        Ok(manifest::documents(&self.offered(ended, None), &self.presentation)?)
    }

    /// What is offered at this moment.
    fn offered(&self, ended: bool, close: Option<Close>) -> Offer {
        let Place { plan, window, stage, anchor, clock, rest, .. } = self.place;
        let now = Utc::since_1970(clock.utc());
        let first = self.presentation.renditions().find_map(|rendition| rendition.segments.keys().next().copied());
        let first = first.unwrap_or(SegmentNumber(1));
        let (spells, resting) = (anchor.spells(self.last, now), anchor.resting(self.last));
        let timed = stage.is_some();
        let live = LiveOffer { first, spells, resting, rest, now, ended, timed, window, close };
        let marks = Marks { marked: self.markers.all().to_vec(), start: None };
        let mut offer = Offer { marks, ..plan.live_offer(self.last, self.edge(), live) };
        if !ended {
            self.rates.promise(&mut offer);
        }
        if self.place.messages { offer.with_messages() } else { offer }
    }

    fn write(&mut self, Document { key, body }: Document) -> Result<(), Error> {
        let before = self.written.get(&key);
        if before.is_some_and(|before| *before == body) {
            return Ok(());
        }
        self.place.put(&key, body.as_bytes(), before.is_none())?;
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
        if before.is_none() {
            self.place.control.observer.on(&Event::ManifestStored { key: &key });
        }
        self.written.insert(key, body);
        Ok(())
    }

    /// Where the programme has come to: the end of its pictures, where it has any. Sound ends with a whole packet.
    fn edge(&self) -> Span {
        let ends = self.presentation.renditions().filter_map(|rendition| {
            let last = rendition.segments.values().next_back()?;
            let end = last.start.after(last.duration).since(Timestamp::zero(last.start.scale()))?;
            Some((rendition.init.rendition.kind() == RenditionKind::Video, end))
        });
        let latest = ends.max_by(|(seen, a), (other, b)| seen.cmp(other).then(a.cmp_span(*b)));
        latest.map_or(Span::zero(MICROSECONDS), |(_, end)| end)
    }

    /// The end of the programme in some renditions alone is no part of it.
    fn leave_out_the_rest(&mut self) -> Result<(), Error> {
        for stored in std::mem::take(&mut self.waiting).into_values().flat_map(BTreeMap::into_values) {
            self.place.delete(&stored.facts().key)?;
            self.place.recorder.into_iter().for_each(|recorder| recorder.drop_segment(&stored.facts().key));
        }
        Ok(())
    }

    fn tell(&mut self) {
        let Place { anchor, clock, window, stage, control, .. } = self.place;
        let now = Utc::since_1970(clock.utc());
        let edge = self.edge().rescale(MICROSECONDS, Rounding::Nearest).ticks() as i64;
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
