//! What waits for the disk while players have it from memory: in order, and no more than fits.

use std::collections::VecDeque;
use std::io;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::job::Error;
use crate::output;

/// So many bytes may wait: a minute and a half of ten megabits a second.
pub(super) const MOST_WAITING: u64 = 128 * 1024 * 1024;

/// What becomes of one who brings more than fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum WhenFull {
    /// He waits: nothing may be lost, or nobody is late by it.
    Wait,
    /// The disk is given up.
    GiveUp,
}

/// Is told how many tasks wait or are done, and the bytes of them.
type Tell = Box<dyn Fn(usize, u64) + Send + Sync>;

/// Tasks that wait for the disk. One thread brings them, another does them in the order in which they came.
pub(super) struct Disk<T> {
    most: u64,
    when_full: WhenFull,
    tell: Tell,
    state: Mutex<State<T>>,
    changed: Condvar,
}

#[derive(Debug)]
struct State<T> {
    waiting: VecDeque<(T, u64)>,
    /// Of the tasks that wait and the one that is done.
    bytes: u64,
    busy: bool,
    /// No more tasks come.
    closed: bool,
    /// Nothing more is done, and tasks that come are dropped.
    given_up: bool,
    /// Why, until it was told.
    failed: Option<Error>,
    /// It was waited for in vain.
    late: bool,
}

impl<T> Disk<T> {
    /// No task waits; at most tasks of so many bytes will.
    pub(super) fn new(most: u64, when_full: WhenFull, tell: Tell) -> Self {
        let state = State {
            waiting: VecDeque::new(),
            bytes: 0,
            busy: false,
            closed: false,
            given_up: false,
            failed: None,
            late: false,
        };
        Self { most, when_full, tell, state: Mutex::new(state), changed: Condvar::new() }
    }

    /// One more task, which holds so many bytes. Dropped where the disk was given up.
    ///
    /// # Errors
    /// Once, when an earlier task has failed, or this one does not fit and is not to be waited for. From then on the disk
    /// is given up.
    pub(super) fn put(&self, task: T, bytes: u64) -> Result<(), Error> {
        let mut state = self.lock();
        loop {
            if let Some(error) = state.failed.take() {
                return Err(error);
            }
            if state.given_up {
                return Ok(());
            }
            // One that is larger than all that may wait waits alone.
            if state.bytes == 0 || state.bytes + bytes <= self.most {
                break;
            }
            if self.when_full == WhenFull::GiveUp {
                state.give_up();
                self.tell(&state);
                return Err(self.behind());
            }
            state = self.wait(state);
        }
        state.waiting.push_back((task, bytes));
        state.bytes += bytes;
        self.tell(&state);
        self.changed.notify_all();
        Ok(())
    }

    /// Does what comes with `does` until no more comes, or one fails.
    pub(super) fn work(&self, does: impl Fn(T) -> Result<(), Error>) {
        let _gone = Gone(self);
        while let Some((task, bytes)) = self.take() {
            let done = does(task);
            let mut state = self.lock();
            state.busy = false;
            state.bytes = state.bytes.saturating_sub(bytes);
            if let Err(error) = done {
                state.give_up();
                state.failed = Some(error);
            }
            self.tell(&state);
            self.changed.notify_all();
        }
    }

    fn take(&self) -> Option<(T, u64)> {
        let mut state = self.lock();
        loop {
            if state.given_up {
                return None;
            }
            match state.waiting.pop_front() {
                Some(task) => {
                    state.busy = true;
                    return Some(task);
                }
                None if state.closed => return None,
                None => state = self.wait(state),
            }
        }
    }

    /// Waits until all that was brought is done, for so long at most; and not at all after that was in vain, until the disk
    /// has caught up.
    pub(super) fn settle(&self, at_most: Duration) {
        let mut state = self.lock();
        if state.is_idle() {
            state.late = false;
        }
        if state.late {
            return;
        }
        let waited = self.changed.wait_timeout_while(state, at_most, |state| !state.is_idle() && !state.given_up);
        let (mut state, waited) = waited.unwrap_or_else(PoisonError::into_inner);
        state.late = waited.timed_out();
    }

    /// Tasks come until this is dropped.
    pub(super) fn bring(&self) -> Bringing<'_, T> {
        Bringing(self)
    }

    fn tell(&self, state: &State<T>) {
        (self.tell)(state.waiting.len() + usize::from(state.busy), state.bytes);
    }

    /// Why a task has failed, unless that was told.
    pub(super) fn take_failure(&self) -> Option<Error> {
        self.lock().failed.take()
    }

    fn behind(&self) -> Error {
        let why = format!("it does not keep up, {} MiB wait for it", self.most / (1024 * 1024));
        output::Error::Io { target: "to the disk".to_owned(), source: io::Error::new(io::ErrorKind::TimedOut, why) }
            .into()
    }

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'s>(&self, state: MutexGuard<'s, State<T>>) -> MutexGuard<'s, State<T>> {
        self.changed.wait(state).unwrap_or_else(PoisonError::into_inner)
    }
}

/// Somebody brings tasks, until this is dropped.
pub(super) struct Bringing<'d, T>(&'d Disk<T>);

impl<T> Drop for Bringing<'_, T> {
    fn drop(&mut self) {
        self.0.lock().closed = true;
        self.0.changed.notify_all();
    }
}

/// Who does them has gone when this is dropped.
struct Gone<'d, T>(&'d Disk<T>);

impl<T> Drop for Gone<'_, T> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let mut state = self.0.lock();
            state.give_up();
            state.failed = Some(Error::Panicked);
            self.0.changed.notify_all();
        }
    }
}

impl<T> State<T> {
    fn is_idle(&self) -> bool {
        self.waiting.is_empty() && !self.busy
    }

    fn give_up(&mut self) {
        self.given_up = true;
        let dropped: u64 = self.waiting.drain(..).map(|(_, bytes)| bytes).sum();
        self.bytes = self.bytes.saturating_sub(dropped);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::mpsc::{Receiver, channel};

    use super::*;

    /// A disk that does one task for each word that it is given, and notes them.
    fn slow<'d>(
        disk: &'d Disk<u32>,
        done: &'d Mutex<Vec<u32>>,
        words: Receiver<Result<(), Error>>,
    ) -> impl FnOnce() + Send + 'd {
        move || {
            let words = Mutex::new(words);
            disk.work(|task| {
                words.lock().expect("one thread").recv().unwrap_or(Ok(()))?;
                done.lock().expect("one thread").push(task);
                Ok(())
            });
        }
    }

    /// A disk on which no task waits, and what it tells of those that do.
    fn disk(most: u64, when_full: WhenFull) -> (Disk<u32>, Arc<Mutex<(usize, u64)>>) {
        let told = Arc::new(Mutex::new((0, 0)));
        let tell = Arc::clone(&told);
        let tell = move |tasks, bytes| *tell.lock().expect("nobody panicked") = (tasks, bytes);
        (Disk::new(most, when_full, Box::new(tell)), told)
    }

    fn now<T: Copy>(told: &Mutex<T>) -> T {
        *told.lock().expect("nobody panicked")
    }

    fn full() -> Error {
        output::Error::Io { target: "out".to_owned(), source: io::ErrorKind::StorageFull.into() }.into()
    }

    #[test]
    fn tasks_are_brought_while_the_disk_is_stuck_and_done_in_their_order() {
        let ((disk, told), done, (word, words)) = (disk(100, WhenFull::GiveUp), Mutex::default(), channel());
        std::thread::scope(|scope| {
            let _bringing = disk.bring();
            scope.spawn(slow(&disk, &done, words));
            // Nothing is done before the first word.
            (0..10).for_each(|task| disk.put(task, 10).expect("there is room"));
            assert_eq!((now(&told), done.lock().expect("one thread").len()), ((10, 100), 0));
            drop(word);
        });
        assert_eq!(*done.lock().expect("one thread"), (0..10).collect::<Vec<_>>());
        assert_eq!((now(&told), disk.take_failure().is_none()), ((0, 0), true));
    }

    #[test]
    fn what_does_not_fit_gives_the_disk_up_and_holds_no_memory_then() {
        let ((disk, told), done, (word, words)) = (disk(100, WhenFull::GiveUp), Mutex::default(), channel());
        std::thread::scope(|scope| {
            let _bringing = disk.bring();
            scope.spawn(slow(&disk, &done, words));
            (0..10).for_each(|task| disk.put(task, 10).expect("there is room"));
            let message = disk.put(10, 1).expect_err("it does not fit").to_string();
            assert!(message.contains("does not keep up"), "{message}");
            assert!(now(&told).1 <= 10, "one may be under way: {:?}", now(&told));
            disk.put(11, 1000).expect("it is told once, and dropped");
            assert!(now(&told).1 <= 10, "{:?}", now(&told));
            drop(word);
        });
        assert!(done.lock().expect("one thread").len() <= 1 && disk.take_failure().is_none());
    }

    #[test]
    fn where_nothing_may_be_lost_what_does_not_fit_waits() {
        let ((disk, told), done, (word, words)) = (disk(20, WhenFull::Wait), Mutex::default(), channel());
        let most = Mutex::new(0);
        std::thread::scope(|scope| {
            let _bringing = disk.bring();
            scope.spawn(slow(&disk, &done, words));
            scope.spawn(move || (0..10).for_each(|_| word.send(Ok(())).expect("it is waited for")));
            for task in 0..10 {
                disk.put(task, 10).expect("it waits for room");
                let mut most = most.lock().expect("one thread");
                *most = now(&told).1.max(*most);
            }
            // One that is larger than everything waits alone.
            disk.put(10, 1000).expect("it waits for room");
        });
        assert!(most.into_inner().expect("one thread") <= 20);
        assert_eq!(*done.lock().expect("one thread"), (0..=10).collect::<Vec<_>>());
    }

    #[test]
    fn a_failure_is_told_once_and_nothing_is_done_after_it() {
        for when_full in [WhenFull::Wait, WhenFull::GiveUp] {
            let ((disk, told), done, (word, words)) = (disk(100, when_full), Mutex::default(), channel());
            std::thread::scope(|scope| {
                (0..4).for_each(|task| disk.put(task, 10).expect("there is room"));
                word.send(Ok(())).and_then(|()| word.send(Err(full()))).expect("they are kept");
                scope.spawn(slow(&disk, &done, words)).join().expect("it ends by itself");
            });
            assert_eq!(*done.lock().expect("one thread"), [0]);
            let message = disk.put(4, 10).expect_err("it has failed").to_string();
            assert!(message.contains("make room"), "{message}");
            disk.put(5, 1000).expect("it is told once");
            assert_eq!(now(&told), (0, 0));
        }
    }

    #[test]
    fn a_disk_that_keeps_up_is_waited_for_and_one_that_does_not_only_once() {
        let ((disk, told), done, (word, words)) = (disk(100, WhenFull::GiveUp), Mutex::default(), channel());
        std::thread::scope(|scope| {
            let _bringing = disk.bring();
            scope.spawn(slow(&disk, &done, words));
            disk.put(0, 10).expect("there is room");
            word.send(Ok(())).expect("it is waited for");
            disk.settle(Duration::MAX);
            assert_eq!(*done.lock().expect("one thread"), [0]);
            disk.put(1, 10).expect("there is room");
            disk.settle(Duration::from_millis(1));
            // In vain: it would be waited for without end now.
            disk.settle(Duration::MAX);
            word.send(Ok(())).expect("it is waited for");
            while now(&told).0 > 0 {
                std::thread::yield_now();
            }
            disk.put(2, 10).expect("there is room");
            word.send(Ok(())).expect("it is waited for");
        });
        assert_eq!(*done.lock().expect("one thread"), [0, 1, 2]);
    }
}
