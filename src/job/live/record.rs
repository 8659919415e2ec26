//! All of a live programme kept as one set: its segments as they were sent, and at the end what leads to them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::Error;
use super::told::Change;
use crate::event::{Control, Event, Warning};
use crate::job::journal::Journal;
use crate::job::lines::{self, Lines};
use crate::job::lock::Lock;
use crate::job::owner::{Owned, is_signed};
use crate::media::{RenditionId, SegmentNumber};
use crate::output::{Dir, Output, stale};
use crate::package::{InitSegment, Segment};
use crate::plan::names;

/// The facts of what was kept, one line of JSON for each segment: an hour of them would take megabytes of memory.
pub(super) const FACTS: &str = "segments.ndjson";

/// What its source has marked, one line of JSON for each change.
pub(super) const MARKERS: &str = "markers.ndjson";

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
    facts: Mutex<Option<Lines>>,
    markers: Lines,
}

/// Refuses a directory in which another run has made something: it may be all that there is of its programme. With
/// `force` it may be replaced.
pub(super) fn check(root: &Path, force: bool) -> Result<(), Error> {
    let reported = || fs::read(root.join(names::REPORT)).is_ok_and(|report| is_signed(&report));
    let stands = Journal::stands_below(root) || reported();
    if stands && !force { Err(Error::Recorded(root.to_owned())) } else { Ok(()) }
}

impl<'a> Recorder<'a> {
    /// Begins a set in the directory `root` with these headers.
    ///
    /// # Errors
    /// When it cannot be written, others have files there, or it holds what another run has made.
    pub(super) fn begin(
        root: &Path,
        key: &str,
        own: Vec<String>,
        headers: &[(InitSegment, Vec<u8>)],
        (force, control): (bool, Control<'a>),
    ) -> Result<Self, Error> {
        let dir = Dir::create(root, names::WORK)?;
        let lock = Lock::acquire(root)?;
        let begin = || {
            check(root, force)?;
            dir.sweep()?;
            let owned = Owned::read(&dir)?;
            owned.clear_the_way(&dir, &own, force)?;
            owned.remove(&dir, control)?;
            Ok((Journal::open(&dir, key, true)?.0, owned))
        };
        let (journal, owned) = match begin() {
            Ok(begun) => begun,
            Err(error) => {
                // What another run has left to go on with is not ours to remove.
                if !Journal::stands_in(&dir) {
                    lock.finish()?;
                }
                return Err(error);
            }
        };
        let inits = headers.iter().map(|(init, _)| init.clone()).collect();
        let (facts, markers) = (Mutex::new(None), Lines::at(dir.work().join(MARKERS), 0)?);
        let recorder = Self { dir, lock, journal, owned, force, control, inits, facts, markers };
        match recorder.fill(own, headers) {
            Ok(facts) => Ok(Self { facts: Mutex::new(Some(facts)), ..recorder }),
            Err(error) => recorder.withdraw().and(Err(error)),
        }
    }

    /// Goes on with the set of the programme `key`, of which players were offered the segments up to `last`. Later ones
    /// are removed.
    ///
    /// # Errors
    /// When it is not there, or lacks a segment.
    pub(super) fn go_on(
        root: &Path,
        key: &str,
        own: Vec<String>,
        headers: &[(InitSegment, Vec<u8>)],
        (last, control): (SegmentNumber, Control<'a>),
    ) -> Result<Self, Error> {
        let refused = |why: &str| Error::Resume { output: root.to_owned(), why: why.to_owned() };
        if !Journal::stands_below(root) {
            return Err(refused("its record is not there"));
        }
        let dir = Dir::create(root, names::WORK)?;
        let lock = Lock::acquire(root)?;
        if !Journal::is_of(&dir, key)? {
            return Err(refused("the record there is that of another programme"));
        }
        dir.sweep()?;
        let path = dir.work().join(FACTS);
        let (kept, bytes) = kept_up_to(&lines::read(&path)?, last);
        let count = |init: &InitSegment| kept.get(&init.rendition).map_or(0, BTreeSet::len) as u64;
        if headers.iter().any(|(init, _)| count(init) != last.0) {
            return Err(refused("its record lacks segments"));
        }
        let keys = kept.into_values().flatten().map(|(_, key)| key).chain(own);
        stale::remove_listed(dir.root(), &Journal::keys(&dir)?, &keys.collect())?;
        let (journal, owned) = (Journal::open(&dir, key, false)?.0, Owned::read(&dir)?);
        let facts = Mutex::new(Some(Lines::at(path, bytes)?));
        let inits = headers.iter().map(|(init, _)| init.clone()).collect();
        let path = dir.work().join(MARKERS);
        let whole = lines::whole(&lines::read(&path)?).map(<[u8]>::len).sum::<usize>();
        let markers = Lines::at(path, whole as u64)?;
        Ok(Self { dir, lock, journal, owned, force: false, control, inits, facts, markers })
    }

    /// Stores the headers, and opens the file of what will be kept.
    fn fill(&self, own: Vec<String>, headers: &[(InitSegment, Vec<u8>)]) -> Result<Lines, Error> {
        self.journal.claim(own)?;
        for (init, body) in headers {
            self.dir.put(&init.key, body)?;
        }
        Ok(Lines::at(self.dir.work().join(FACTS), 0)?)
    }

    /// Removes what was kept: the programme has come to nothing.
    pub(super) fn withdraw(self) -> Result<(), Error> {
        Journal::withdraw(&self.dir)?;
        Ok(self.lock.finish()?)
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

    /// These segments are part of the programme.
    pub(super) fn note<'s>(&self, segments: impl Iterator<Item = &'s Segment>) {
        self.unless_failed(|| match &*self.facts() {
            Some(facts) => Ok(facts.add(segments)?),
            None => Ok(()),
        });
    }

    /// This has changed of what the source marks.
    pub(super) fn mark(&self, changes: &[Change]) {
        self.unless_failed(|| Ok(self.markers.add(changes)?));
    }

    fn facts(&self) -> MutexGuard<'_, Option<Lines>> {
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

    /// What was kept; nothing where keeping has failed.
    pub(super) fn end(self) -> Option<Kept> {
        let Self { dir, lock, inits, facts, .. } = self;
        facts.into_inner().unwrap_or_else(PoisonError::into_inner)?;
        Some(Kept { dir, lock, inits })
    }
}

/// What was noted of segments up to `last`, and how many bytes of the text that is.
fn kept_up_to(text: &[u8], last: SegmentNumber) -> (BTreeMap<RenditionId, BTreeSet<(SegmentNumber, String)>>, u64) {
    let (mut kept, mut bytes) = (BTreeMap::<_, BTreeSet<_>>::new(), 0);
    for line in lines::whole(text) {
        let segment = serde_json::from_slice::<Segment>(line).ok().filter(|segment| segment.number <= last);
        // Segments were noted in order.
        let Some(Segment { rendition, number, key, .. }) = segment else { break };
        kept.entry(rendition).or_default().insert((number, key));
        bytes += line.len() as u64;
    }
    (kept, bytes)
}

/// Everything that a finished set is made of.
pub(super) struct Kept {
    pub(super) dir: Dir,
    pub(super) lock: Lock,
    pub(super) inits: Vec<InitSegment>,
}
