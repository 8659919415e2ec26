//! Finished segments on their way while others are still being made.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Mutex, PoisonError};

use super::mirror::Ours;
use super::{Manner, hollow};
use crate::event::{Control, Event, Observer, Warning, Why};
use crate::job::Error;
use crate::job::sync::compare::{There, Verdict};
use crate::job::sync::items::Item;
use crate::job::sync::local::{self, LocalFile};
use crate::job::sync::state::Put;
use crate::job::sync::{CacheControl, Error as Refused, transfer};
use crate::output::Error as OutputError;
use crate::plan::delivery::{self, Stage};
use crate::plan::names;

/// Brings single objects of a directory to a destination.
pub(super) struct Carrier<'a> {
    set: &'a Path,
    there: &'a There<'a>,
    cache_control: &'a CacheControl,
    manner: Manner<'a>,
    /// What was brought.
    pub(super) carried: Mutex<Ours>,
    /// Other media stands under names of this set, and was told of.
    pub(super) replaces: AtomicBool,
}

/// Tells others what is told, and the carrier what is finished.
struct Beside<'a> {
    inner: &'a dyn Observer,
    finished: Sender<String>,
}

impl Observer for Beside<'_> {
    fn on(&self, event: &Event<'_>) {
        self.inner.on(event);
        if let Event::SegmentStored { key, .. } = event {
            // Nobody listens any more when an upload has failed, and then the work stops.
            let _ = self.finished.send((*key).to_owned());
        }
    }
}

/// Does `work` while `carriers` threads bring what it finishes to the destination. When one of them fails, the work is
/// stopped.
pub(super) fn work<T>(
    carrier: &Carrier<'_>,
    carriers: usize,
    control: Control<'_>,
    work: impl FnOnce(Control<'_>) -> Result<T, Error>,
) -> Result<T, Error> {
    let (finished, waiting) = channel();
    let waiting = Mutex::new(waiting);
    let stop = control.cancel.child();
    let stopping = Control { observer: control.observer, cancel: &stop };
    std::thread::scope(|scope| {
        let carry = || carrier.carry_all(&waiting, stopping).inspect_err(|_| stop.cancel());
        let threads: Vec<_> = (0..carriers).map(|_| scope.spawn(carry)).collect();
        let beside = Beside { inner: control.observer, finished };
        let result = work(Control { observer: &beside, cancel: &stop });
        if result.is_err() {
            stop.cancel();
        }
        // The carriers end when nothing more can come.
        drop(beside);
        let joined = threads.into_iter().map(|thread| match thread.join() {
            Ok(result) => result,
            Err(_) => Err(Error::Internal("a thread that uploads panicked".to_owned())),
        });
        let failed: Vec<Error> = joined.filter_map(Result::err).filter(|error| !error.is_cancelled()).collect();
        match (result, failed.into_iter().next()) {
            // The work was stopped because of an upload.
            (Err(error), Some(failed)) if error.is_cancelled() => Err(failed),
            (Ok(_), Some(failed)) => Err(failed),
            (result, _) => result,
        }
    })
}

impl<'a> Carrier<'a> {
    /// One who brings what is made in `set` to what is `there`.
    pub(super) fn new(set: &'a Path, there: &'a There<'a>, manner: Manner<'a>) -> Self {
        let cache_control = &manner.delivery.cache_control;
        let (carried, replaces) = (Mutex::default(), AtomicBool::new(false));
        Self { set, there, cache_control, manner, carried, replaces }
    }

    fn carry_all(&self, waiting: &Mutex<Receiver<String>>, control: Control<'_>) -> Result<(), Error> {
        loop {
            let next = waiting.lock().unwrap_or_else(PoisonError::into_inner).recv();
            let Ok(key) = next else { return Ok(()) };
            control.cancel.check()?;
            // Parts of a file that is put together in the end stand in the work directory.
            if !key.starts_with(names::WORK) && delivery::stage(&key) == Stage::Media {
                self.carry(key, control)?;
            }
        }
    }

    fn carry(&self, key: String, control: Control<'_>) -> Result<(), Error> {
        let path = self.set.join(&key);
        let unreadable = |source| OutputError::Unreadable { target: path.display().to_string(), source };
        let bytes = path.metadata().map_err(unreadable)?.len();
        let sha256 = local::sha256(&path, |_| Ok(control.cancel.check()?))?;
        let item =
            Item::new(LocalFile { within: key.clone(), key, path: path.clone(), bytes }, sha256, self.cache_control);
        let put = Put::of(&item.sha256, bytes, &item.wanted);
        let put = match self.there.judge(&item, control)? {
            Verdict::Same => self.there.known(&item.key, put),
            Verdict::Put(why @ (Why::New | Why::Headers)) => {
                let etag = transfer::put_quietly(self.there.objects, &item, control)?;
                control.observer.on(&Event::ObjectPut { key: &item.key, bytes, why });
                put.stored(etag)
            }
            // What stands there is named by playlists that still stand, too: it is replaced when all is made.
            Verdict::Put(Why::Body) => {
                self.tell_of_replacement(control);
                return Ok(());
            }
            Verdict::Foreign if self.manner.force => return Ok(()),
            Verdict::Foreign => return Err(Refused::Foreign(self.there.objects.url(&item.key)).into()),
        };
        self.carried.lock().unwrap_or_else(PoisonError::into_inner).insert(item.key.clone(), put);
        // The first segment of a rendition is read again before a manifest names it.
        if !self.manner.reads_segments && hollow::fits(bytes) && !names::is_first_segment(&item.key) {
            let failed = |source| OutputError::Io { target: path.display().to_string(), source };
            hollow::write(&path, bytes, &item.sha256).map_err(failed)?;
        }
        Ok(())
    }

    /// Said when it is found, once: there may be hours of work to come.
    fn tell_of_replacement(&self, control: Control<'_>) {
        if !self.replaces.swap(true, Ordering::Relaxed) {
            let message = format!(
                "{} holds other media under the same names; it is replaced when all is made, which takes room in the \
                 cache until then, and viewers may get old copies that caches keep for a year: publish what is encoded \
                 again under another prefix",
                self.there.objects.url("")
            );
            control.observer.on(&Event::Warned(&Warning { code: "media_replaced", message }));
        }
    }
}
