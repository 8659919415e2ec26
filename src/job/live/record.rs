//! All of a live programme kept as one set: its segments as they were sent, and at the end what leads to them.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, BufWriter, Seek, Write};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::publish::documents_of;
use super::{Error, Run, finish};
use crate::event::{Control, Event, Warning};
use crate::job::assemble::{Set, believed};
use crate::job::journal::Journal;
use crate::job::lock::Lock;
use crate::job::owner::Owned;
use crate::manifest::{self, Presentation};
use crate::media::{SegmentNumber, Span, Utc};
use crate::output::{Dir, Output, Stored};
use crate::package::{InitSegment, Segment};
use crate::plan::{LiveOffer, Offer, Plan, names};
use crate::source::SourceInfo;

/// The facts of what was kept, one line of JSON for each segment: an hour of them would take megabytes of memory.
const FACTS: &str = "segments.ndjson";

/// Keeps what a programme makes. What goes wrong here is told, ends the keeping, and is no matter for the programme.
pub(super) struct Recorder<'a> {
    dir: Dir,
    lock: Lock,
    journal: Journal,
    owned: Owned,
    force: bool,
    control: Control<'a>,
    inits: Vec<InitSegment>,
    /// Nothing after the first failure.
    facts: Mutex<Option<BufWriter<File>>>,
}

impl<'a> Recorder<'a> {
    /// Begins a set in the directory `root` with these headers.
    ///
    /// # Errors
    /// When it cannot be written, or others have files there.
    pub(super) fn begin(
        root: &Path,
        run: &Run<'a>,
        info: &SourceInfo,
        headers: &[(InitSegment, Vec<u8>)],
    ) -> Result<Self, Error> {
        let dir = Dir::create(root, names::WORK)?;
        let lock = Lock::acquire(root)?;
        dir.sweep()?;
        let owned = Owned::read(&dir)?;
        let own: Vec<String> = headers.iter().map(|(init, _)| init.key.clone()).chain(documents_of(run.plan)).collect();
        owned.clear_the_way(&dir, &own, run.request.force)?;
        owned.remove(&dir, run.control)?;
        let (journal, _) = Journal::open(&dir, &finish::key(run, info)?, true)?;
        journal.claim(own)?;
        for (init, body) in headers {
            dir.put(&init.key, body)?;
        }
        let path = dir.work().join(FACTS);
        let failed = |source| Error::Record { path: path.clone(), source };
        let facts = File::options().read(true).write(true).create(true).truncate(true).open(&path).map_err(failed)?;
        let facts = Mutex::new(Some(BufWriter::new(facts)));
        let inits = headers.iter().map(|(init, _)| init.clone()).collect();
        let (force, control) = (run.request.force, run.control);
        Ok(Self { dir, lock, journal, owned, force, control, inits, facts })
    }

    /// Segments are about to be kept under these keys.
    pub(super) fn claim(&self, keys: &[String]) {
        self.unless_failed(|| {
            self.owned.clear_the_way(&self.dir, keys, self.force)?;
            Ok(self.journal.claim(keys.to_vec())?)
        });
    }

    /// Keeps a segment that stands in the directory `of` with this body: the same file, where that can be.
    pub(super) fn keep(&self, of: &Dir, key: &str, body: &[u8]) {
        self.unless_failed(|| match self.dir.link(of, key) {
            Ok(()) => Ok(()),
            // Another file system, or one without links.
            Err(_) => Ok(self.dir.put(key, body)?),
        });
    }

    /// A segment is part of the programme.
    pub(super) fn note(&self, segment: &Segment) {
        let path = self.dir.work().join(FACTS);
        self.unless_failed(|| match &mut *self.facts() {
            Some(facts) => {
                let line = serde_json::to_string(segment).map_err(|error| Error::Internal(error.to_string()))?;
                writeln!(facts, "{line}").map_err(|source| Error::Record { path: path.clone(), source })
            }
            None => Ok(()),
        });
    }

    /// A segment is no part of it after all.
    pub(super) fn drop_segment(&self, key: &str) {
        self.unless_failed(|| Ok(self.dir.delete(key)?));
    }

    fn facts(&self) -> MutexGuard<'_, Option<BufWriter<File>>> {
        self.facts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn unless_failed(&self, work: impl FnOnce() -> Result<(), Error>) {
        if self.facts().is_none() {
            return;
        }
        if let Err(error) = work() {
            *self.facts() = None;
            let root = self.dir.root().display();
            let message = format!("the programme is recorded no longer, and {root} will be no set: {error}");
            self.control.observer.on(&Event::Warned(&Warning { code: "record_failed", message }));
        }
    }

    /// Completes the set of all that was kept: a programme that lasted for `duration`.
    ///
    /// # Errors
    /// When a segment is gone, or something cannot be written. Nothing is done where keeping has failed before.
    pub(super) fn finish(
        self,
        run: &Run<'_>,
        info: &SourceInfo,
        duration: Span,
        warnings: &[Warning],
    ) -> Result<(), Error> {
        let Self { dir, lock, inits, facts, .. } = self;
        let Some(facts) = facts.into_inner().unwrap_or_else(PoisonError::into_inner) else { return Ok(()) };
        let path = dir.work().join(FACTS);
        let failed = |source| Error::Record { path: path.clone(), source };
        let mut file = facts.into_inner().map_err(|error| failed(error.into_error()))?;
        file.rewind().map_err(failed)?;
        let mut presentation = Presentation::default();
        for init in inits {
            let (key, bytes) = (init.key.clone(), init.bytes);
            presentation.add_init(believed(&dir, &key, bytes, init)?);
        }
        let mut last = SegmentNumber(0);
        for line in BufReader::new(file).lines() {
            let segment: Segment =
                serde_json::from_str(&line.map_err(failed)?).map_err(|error| failed(error.into()))?;
            last = last.max(segment.number);
            let (key, bytes) = (segment.key.clone(), segment.bytes);
            let stored: Stored<Segment> = believed(&dir, &key, bytes, segment)?;
            presentation.add_segment(stored);
        }
        let plan = finish::ended(run.plan, duration);
        let documents = manifest::documents(&offer(run, &plan, last, duration), &presentation)?;
        let set = Set::of_live(&dir, presentation, documents, Vec::new())?;
        let report = finish::report(run, info, &plan, &set, warnings.to_vec())?;
        report.write(&dir)?;
        set.publish(&dir, run.control)?;
        fs::remove_file(&path).map_err(failed)?;
        Journal::remove(&dir)?;
        Ok(lock.finish()?)
    }
}

/// What is offered of a whole programme: what was made for that from the beginning would be offered so.
fn offer(run: &Run<'_>, plan: &Plan, last: SegmentNumber, duration: Span) -> Offer {
    let now = Utc::since_1970(run.clock.utc());
    let (first, start, window) = (SegmentNumber(1), now, run.window);
    let live = LiveOffer { first, start, now, ended: true, timed: false, window, close: None };
    Offer { live: None, ..plan.live_offer(last, duration, live) }
}
