//! The disk behind a programme that is served: players have everything from memory at once, and the disk gets it in the
//! same order as fast as it takes it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::Receiver;
use std::time::Duration;

use super::{KEPT_IN_MEMORY, Made, Published, Publisher};
use crate::event::{Event, Warning};
use crate::job::Error;
use crate::job::assemble::believed;
use crate::job::journal::Journal;
use crate::job::live::disk::{Disk, MOST_WAITING, WhenFull};
use crate::job::live::place::Place;
use crate::job::live::task::Task;
use crate::media::SegmentNumber;
use crate::origin::live::Stage;
use crate::output::{self, Stored, stale};
use crate::package::Segment;
use crate::plan::Window;

/// A disk that keeps up has what players are offered before they are: a run that goes on after this one was killed then
/// gives no number to other media. One that does not keep up is not waited for.
const PATIENCE: Duration = Duration::from_millis(100);

/// Without a disk players are offered no more segments than these, which have room in memory.
const WITHOUT_DISK: u64 = 6;

/// The disk behind a stage.
pub(super) fn disk(stage: &Stage, when_full: WhenFull) -> Disk<Task> {
    let stage = stage.clone();
    Disk::new(MOST_WAITING, when_full, Box::new(move |tasks, bytes| stage.metrics().disk(tasks as u64, bytes)))
}

impl Place<'_> {
    /// Whether a programme whose disk has failed so goes on without it.
    fn goes_on_without(&self, error: &Error) -> bool {
        self.when_full == WhenFull::GiveUp && is_of_disk(error)
    }

    fn told_given_up(&self, error: &Error) {
        if let Some(stage) = self.stage {
            stage.metrics().disk_given_up();
        }
        let root = self.dir.root().display();
        let message = format!("{error}; the programme goes on from memory, and nothing more of it goes to {root}");
        self.control.observer.on(&Event::Warned(&Warning { code: "disk_given_up", message }));
    }
}

/// Whether the disk has failed, and not what is stored on it: it is full, answers with errors, or has gone.
fn is_of_disk(error: &Error) -> bool {
    use output::Error as Output;
    matches!(error, Error::Output(Output::Io { .. } | Output::Read { .. } | Output::Vanished { .. }))
}

impl Publisher<'_> {
    /// Takes segments until no rendition has more, and gives what stands then; nothing when there never was a
    /// segment that all renditions have. A failure does not take back what players have been offered.
    pub(in crate::job::live) fn run(mut self, made: Receiver<Made>) -> Result<Option<Published>, Error> {
        let failed = match self.disk.clone() {
            None => self.publish(made),
            Some(disk) => self.publish_before(&disk, made),
        };
        if self.last.0 == 0 {
            return failed.map_or(Ok(None), Err);
        }
        let failed = match failed {
            failed if self.unstored.is_some() => failed,
            // Of what the manifests on the disk name nothing is offered any more.
            Some(error) if self.stored_up_to() < self.first() => {
                self.unstored = Some(error);
                None
            }
            failed => {
                let left_out = self.leave_out_the_rest(failed.is_some());
                failed.or(left_out.err())
            }
        };
        self.published(failed).map(Some)
    }

    /// The last segment that was offered and stands on the disk.
    fn stored_up_to(&self) -> SegmentNumber {
        if self.disk.is_some() { SegmentNumber(self.stored.load(Ordering::Relaxed)) } else { self.last }
    }

    /// The same while a thread brings to the disk what was published, until it has all of it.
    fn publish_before(&mut self, disk: &Disk<Task>, made: Receiver<Made>) -> Option<Error> {
        let (place, stored) = (self.place, Arc::clone(&self.stored));
        let work = || {
            disk.work(|task| {
                let offered = if let Task::Offered(row) = &task { Some(row.number) } else { None };
                place.does(task)?;
                offered.into_iter().for_each(|number| stored.store(number.0, Ordering::Relaxed));
                Ok(())
            });
        };
        let failed = std::thread::scope(|scope| {
            let writer = std::thread::Builder::new().name("disk".to_owned()).spawn_scoped(scope, work);
            let writer = match writer {
                Ok(writer) => writer,
                Err(error) => return Some(Error::Internal(format!("starting a thread failed: {error}"))),
            };
            let bringing = disk.bring();
            let failed = self.publish(made);
            drop(bringing);
            failed.or(writer.join().is_err().then_some(Error::Panicked))
        });
        // What had failed when nothing more came that could have been told of it.
        match disk.take_failure() {
            Some(error) if self.last.0 > 0 && self.place.goes_on_without(&error) => self.go_on_without(error),
            Some(error) => return Some(failed.unwrap_or(error)),
            None => {}
        }
        failed
    }

    /// What is not of the programme does not stay: its end in some renditions alone, and where the disk has failed all that
    /// it had not got when it did.
    fn leave_out_the_rest(&mut self, failed: bool) -> Result<(), Error> {
        let waiting = std::mem::take(&mut self.waiting).into_values().flat_map(BTreeMap::into_values);
        let mut rest: Vec<String> = waiting.map(|stored| stored.into_facts().key).collect();
        self.last = self.stored_up_to().min(self.last);
        rest.extend(self.presentation.remove_after(self.last));
        // Where the disk had not come to it nobody has looked whose it is: what stands there may be somebody else's.
        let dir = self.place.dir;
        let claimed = Journal::keys(dir)?;
        let ours: BTreeSet<&String> = claimed.iter().collect();
        let rest = rest.into_iter().filter(|key| ours.contains(key));
        rest.map(Task::Delete).try_for_each(|task| self.place.does(task))?;
        if failed && self.disk.is_some() {
            // Nor what was still to be removed.
            stale::remove_listed(dir.root(), &claimed, &self.standing().into_iter().collect())?;
        }
        Ok(())
    }

    /// Has something done on the disk: at once, or by the thread that brings it there.
    pub(super) fn does(&mut self, task: Task) -> Result<(), Error> {
        let Some(disk) = &self.disk else { return self.place.does(task) };
        let bytes = task.bytes();
        match disk.put(task, bytes) {
            Err(error) if self.last.0 > 0 && self.place.goes_on_without(&error) => {
                self.go_on_without(error);
                Ok(())
            }
            done => done,
        }
    }

    /// Goes on without the disk: what it lacks stays in memory for as long as players are offered it and may still ask for
    /// it, and they are offered less.
    fn go_on_without(&mut self, error: Error) {
        let window = self.place.window;
        self.place.window = Window { segments: window.segments.min(WITHOUT_DISK), ..window };
        self.sliding.narrow(self.place.window);
        self.forget_old();
        self.place.told_given_up(&error);
        self.unstored = Some(error);
    }

    /// What nobody can want any more, and stayed in memory until the disk would have had it.
    fn forget_old(&self) {
        let Some(stage) = self.place.stage else { return };
        let kept: BTreeSet<&str> = self.sliding.behind().collect();
        for number in self.stored_up_to().0.saturating_sub(KEPT_IN_MEMORY)..self.first().0 {
            let keys = self.segments(SegmentNumber(number));
            stage.forget(keys.iter().map(String::as_str).filter(|key| !kept.contains(key)));
        }
    }

    /// The facts of a segment that was given to the disk.
    pub(super) fn stored(&self, segment: Segment) -> Result<Stored<Segment>, Error> {
        if self.disk.is_some() {
            return Ok(Stored::held(segment));
        }
        let (key, bytes) = (segment.key.clone(), segment.bytes);
        believed(self.place.dir, &key, bytes, segment)
    }

    /// What is not among the latest segments any more is served from the disk once it stands there; what is `gone` is not
    /// served any more.
    pub(super) fn leave_memory(&mut self, latest: SegmentNumber, gone: &[String]) -> Result<(), Error> {
        let Some(stage) = self.place.stage else { return Ok(()) };
        if self.unstored.is_some() {
            stage.forget(gone.iter().map(String::as_str));
        }
        match latest.0.checked_sub(KEPT_IN_MEMORY) {
            Some(old) => self.does(Task::Forget(self.segments(SegmentNumber(old)))),
            None => Ok(()),
        }
    }

    /// Gives a disk that keeps up the time to get what is offered next. Not where parts have been offered already: no run
    /// goes on with those.
    pub(super) fn settle(&self) {
        if let Some(disk) = self.disk.as_ref().filter(|_| self.in_parts.is_none()) {
            disk.settle(PATIENCE);
        }
    }

    /// Tells of a disk that falls behind.
    pub(super) fn tell_lag(&mut self) {
        let stored = self.stored_up_to();
        if self.disk.is_some() && self.unstored.is_none() && self.lag.judge(self.last, stored) {
            let root = self.place.dir.root().display();
            let message = format!(
                "{root} lacks the segments from {} on: its disk does not keep up; players have them from memory",
                stored.0 + 1
            );
            self.place.control.observer.on(&Event::Warned(&Warning { code: "disk_behind", message }));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{self, ErrorKind};

    use super::*;

    #[test]
    fn a_disk_that_answers_with_errors_has_failed_and_one_that_holds_files_of_others_has_not() {
        let (target, stale) = (|| "out".to_owned(), || io::Error::from(ErrorKind::StaleNetworkFileHandle));
        let failures = [
            output::Error::Io { target: target(), source: ErrorKind::StorageFull.into() },
            output::Error::Read { target: target(), source: stale() },
            output::Error::Vanished { target: target() },
        ];
        assert!(failures.into_iter().map(Error::from).all(|error| is_of_disk(&error)));
        assert!(!is_of_disk(&Error::Foreign("out/mine".into())) && !is_of_disk(&Error::Panicked));
    }
}
