//! Where a live programme is stored and offered, and what is done there.

use std::time::Duration;

use super::Error;
use super::anchor::Anchor;
use super::disk::WhenFull;
use super::programme::Programme;
use super::record::Recorder;
use super::task::Task;
use crate::clock::LiveClock;
use crate::event::{Control, Event};
use crate::job::direct::Follower;
use crate::job::journal::Journal;
use crate::job::owner::Owned;
use crate::media::{RenditionId, Rounding, SegmentNumber, Timescale, Timestamp};
use crate::origin::live::Stage;
use crate::output::{Dir, Output};
use crate::package::{Segment, Zero};
use crate::plan::{Parts, Plan, Window};

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
    /// What becomes of a programme that is served when its disk does not keep up.
    pub(super) when_full: WhenFull,
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
    /// Does it.
    pub(super) fn does(&self, task: Task) -> Result<(), Error> {
        let Self { dir, journal, programme, recorder, owned, .. } = *self;
        match task {
            Task::Restart(keys) => Ok(journal.restart(keys)?),
            Task::Claim(keys) => {
                owned.clear_the_way(dir, &keys, self.force)?;
                recorder.into_iter().for_each(|recorder| recorder.claim(&keys));
                Ok(journal.claim(keys)?)
            }
            Task::Standing { behind, rows, marked } => Ok(programme.restart(&behind, rows, &marked)?),
            Task::Segment(segment, body) => self.put_segment(&segment, &body),
            Task::Offered(row) => {
                // First: a run that goes on finds all that was offered in the record, and takes back what was not.
                recorder.into_iter().for_each(|recorder| recorder.note(row.segments.iter()));
                // Known before a manifest names it: no later run uses its number again.
                Ok(programme.offer(*row)?)
            }
            Task::Marked(changes) => {
                programme.mark(&changes)?;
                recorder.into_iter().for_each(|recorder| recorder.mark(&changes));
                Ok(())
            }
            Task::Manifest { key, body, first } => self.put_manifest(&key, body.as_bytes(), first),
            Task::Forget(keys) => {
                self.stage.into_iter().for_each(|stage| stage.forget(keys.iter().map(String::as_str)));
                Ok(())
            }
            Task::Delete(key) => self.delete(&key),
        }
    }

    fn put_segment(&self, segment: &Segment, body: &[u8]) -> Result<(), Error> {
        let key = &segment.key;
        self.dir.put(key, body)?;
        if let Some(recorder) = self.recorder {
            recorder.keep(self.dir, key, body);
        }
        self.bring(|away| away.put(key, body))?;
        self.control.observer.on(&Event::SegmentStored {
            rendition: &segment.rendition,
            key,
            bytes: segment.bytes,
            seconds: segment.duration.as_seconds(),
        });
        Ok(())
    }

    /// Stores a manifest, which the next one replaces; a run that goes on writes it anew. A slow disk is waited for but
    /// for the `first`: nobody who follows the set should wait as well.
    fn put_manifest(&self, key: &str, body: &[u8], first: bool) -> Result<(), Error> {
        if first { self.dir.put(key, body) } else { self.dir.put_for_now(key, body) }?;
        self.bring(|away| away.put(key, body))?;
        if first {
            self.control.observer.on(&Event::ManifestStored { key });
        }
        Ok(())
    }

    /// Removes an object.
    fn delete(&self, key: &str) -> Result<(), Error> {
        self.dir.delete(key)?;
        self.bring(|away| away.delete(key))
    }

    /// Brings it to the bucket as well, if there is one. When a run is stopped whose store is out of reach, the directory
    /// gets all that players have from memory, and the bucket does in the end.
    fn bring(&self, it: impl FnOnce(&Follower<'_>) -> Result<(), Error>) -> Result<(), Error> {
        let Some(away) = self.away.filter(|away| !away.has_left()) else { return Ok(()) };
        it(away).or_else(|error| if self.stage.is_some() && away.leaves(&error) { Ok(()) } else { Err(error) })
    }

    /// Players are offered a rendition up to this time of the segment, once it is known when that was.
    pub(super) fn tell_edge(&self, id: &RenditionId, segment: SegmentNumber, end: Timestamp) {
        let Some((stage, zero)) = self.stage.zip(self.anchor.zero_of(segment)) else { return };
        let end_us = end.rescale(MICROSECONDS, Rounding::Nearest).ticks();
        stage.metrics().rendition_edge(id, zero.after_us(end_us).since_1970_us());
    }
}
