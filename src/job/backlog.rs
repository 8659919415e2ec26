//! Segments that are written and stored while the next ones are made: who makes them waits for no cipher and no disk.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::thread;

use super::Error;
use super::loom::Loom;
use super::sources::Sources;
use crate::event::Control;
use crate::output::{Dir, Stored};
use crate::package::{Draft, Segment};

/// Threads that store: mostly they wait for the disk to say that it has what it was given.
const WRITERS: usize = 3;
/// Segments that may wait for one of them. Each is held in memory, but for what lies in an input.
const WAITING: usize = 2;

/// Takes segments that are to be stored.
#[derive(Debug)]
pub(super) struct Backlog {
    sender: SyncSender<Draft>,
}

impl Backlog {
    /// Hands a segment over; waits while too many wait already.
    pub(super) fn push(&self, draft: Draft) -> Result<(), Error> {
        let gone = |_| Error::Internal("nobody stores segments any more".to_owned());
        self.sender.send(draft).map_err(gone)
    }
}

/// Writes and stores a segment, and tells of it.
pub(super) fn put(
    dir: &Dir,
    draft: Draft,
    sources: &Sources<'_>,
    control: Control<'_>,
) -> Result<Stored<Segment>, Error> {
    let mut loom = Loom::new(dir, sources, control);
    loom.take(draft)?;
    loom.finish()?.pop().ok_or_else(|| Error::Internal("a segment was not stored".to_owned()))
}

/// Lets `make` hand over segments, and returns when all of them are stored, in the order of renditions and numbers. A
/// segment that cannot be stored stops `make`.
pub(super) fn run<T>(
    dir: &Dir,
    sources: &Sources<'_>,
    control: Control<'_>,
    make: impl FnOnce(&Backlog, Control<'_>) -> Result<T, Error>,
) -> Result<(T, Vec<Stored<Segment>>), Error> {
    let stop = control.cancel.child();
    let control_of_all = Control { observer: control.observer, cancel: &stop };
    let (sender, receiver) = sync_channel(WAITING);
    let receiver = Mutex::new(receiver);
    let write = || {
        let written = store_all(Loom::new(dir, sources, control_of_all), &receiver);
        if written.is_err() {
            stop.cancel();
            // Whoever waits to hand something over must not wait for ever.
            while next(&receiver).is_some() {}
        }
        written
    };
    let (made, written) = thread::scope(|scope| {
        let writers: Vec<_> = (0..WRITERS).map(|_| scope.spawn(write)).collect();
        let backlog = Backlog { sender };
        let made = make(&backlog, control_of_all);
        drop(backlog);
        let written: Vec<_> = writers.into_iter().map(|writer| writer.join().unwrap_or(Err(Error::Panicked))).collect();
        (made, written)
    });
    // What could not be stored is why the rest was stopped.
    let mut stored = written.into_iter().collect::<Result<Vec<_>, _>>()?.concat();
    let made = made?;
    stored.sort_by(|a, b| {
        let of = |segment: &Stored<Segment>| (segment.facts().rendition.clone(), segment.facts().number);
        of(a).cmp(&of(b))
    });
    Ok((made, stored))
}

/// Stores segments until no more come.
fn store_all(mut loom: Loom<'_>, receiver: &Mutex<Receiver<Draft>>) -> Result<Vec<Stored<Segment>>, Error> {
    loop {
        let draft = match (loom.is_idle(), loom.has_room()) {
            (true, _) => match next(receiver) {
                None => return loom.finish(),
                some => some,
            },
            (false, true) => soon(receiver),
            (false, false) => None,
        };
        match draft {
            Some(draft) => loom.take(draft)?,
            None => loom.step()?,
        }
    }
}

fn next(receiver: &Mutex<Receiver<Draft>>) -> Option<Draft> {
    receiver.lock().unwrap_or_else(PoisonError::into_inner).recv().ok()
}

/// The next one when it is there, and nobody else waits for it.
fn soon(receiver: &Mutex<Receiver<Draft>>) -> Option<Draft> {
    receiver.try_lock().ok()?.try_recv().ok()
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;
    use crate::cancel::CancelToken;
    use crate::event::Silent;
    use crate::media::{RenditionId, RenditionKind, SegmentNumber, Timescale};
    use crate::plan::{Layout, names};

    fn id() -> RenditionId {
        RenditionId::new(RenditionKind::Video, "360p_h264")
    }

    fn segment(number: u64) -> Draft {
        Draft::new(id(), SegmentNumber(number), Layout::SegmentFiles, Timescale::new(25))
    }

    fn all(dir: &Dir, count: u64) -> Result<Vec<u64>, Error> {
        let cancel = CancelToken::default();
        let control = Control { observer: &Silent, cancel: &cancel };
        let make = |backlog: &Backlog, control: Control<'_>| {
            (1..=count).try_for_each(|number| {
                control.cancel.check()?;
                backlog.push(segment(number))
            })
        };
        let ((), stored) = run(dir, &Sources::default(), control, make)?;
        assert!(!cancel.is_cancelled());
        Ok(stored.iter().map(|segment| segment.facts().number.0).collect())
    }

    #[test]
    fn all_stand_in_order_when_it_returns() {
        let temp = TempDir::new().expect("a temporary directory");
        let dir = Dir::create(temp.path(), names::WORK).expect("writable");
        assert_eq!(all(&dir, 40).expect("writable"), (1..=40).collect::<Vec<_>>());
        let stands = |number| temp.path().join(names::segment(&id(), SegmentNumber(number))).is_file();
        assert!((1..=40).all(stands));
    }

    #[test]
    fn what_cannot_be_stored_stops_who_makes_it_and_is_told() {
        let temp = TempDir::new().expect("a temporary directory");
        let dir = Dir::create(temp.path(), names::WORK).expect("writable");
        std::fs::write(temp.path().join("video"), b"a file in the way").expect("writable");
        let message = all(&dir, 1000).expect_err("a file is no directory").to_string();
        assert!(message.contains("video/360p_h264/segment_"), "{message}");
    }
}
