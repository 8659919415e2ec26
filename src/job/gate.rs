//! Who may begin next: work keeps threads busy and takes memory, and what comes first in the order goes first.

use std::collections::BTreeSet;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::cancel::{CancelToken, Cancelled};

/// How often those who wait look whether they should stop.
const POLL: Duration = Duration::from_millis(100);

/// The place of a piece of work in the order: its input, and its number among the work of that input.
pub(super) type Rank = (usize, usize);

/// What a piece of work takes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Load {
    /// Threads that it can keep busy.
    pub(super) threads: f64,
    /// Memory in bytes.
    pub(super) memory: u64,
}

/// So many threads to keep busy, and so many bytes of memory to share out.
#[derive(Debug)]
pub(super) struct Gate {
    threads: f64,
    memory: u64,
    state: Mutex<State>,
    left: Condvar,
}

#[derive(Debug, Default)]
struct State {
    inside: Vec<(Rank, Load)>,
    waiting: BTreeSet<Rank>,
}

impl State {
    fn threads(&self) -> f64 {
        self.inside.iter().map(|(_, load)| load.threads).sum()
    }

    fn memory(&self) -> u64 {
        self.inside.iter().map(|(_, load)| load.memory).sum()
    }
}

impl Gate {
    pub(super) fn new(threads: usize, memory: u64) -> Self {
        Self { threads: threads as f64, memory, state: Mutex::default(), left: Condvar::new() }
    }

    /// Waits until a thread has nothing to do and there is memory. Whoever is alone is let in, however much that
    /// takes; else the first in the order is, and nobody overtakes it. No two may be here with the same `rank`.
    pub(super) fn enter(&self, rank: Rank, load: Load, cancel: &CancelToken) -> Result<Place<'_>, Cancelled> {
        let mut state = self.lock();
        state.waiting.insert(rank);
        loop {
            let stopped = cancel.check();
            let fits = state.threads() < self.threads && state.memory().saturating_add(load.memory) <= self.memory;
            let free = state.inside.is_empty() || fits;
            if stopped.is_err() || (free && state.waiting.first() == Some(&rank)) {
                state.waiting.remove(&rank);
                // The next in the order may fit as well.
                self.left.notify_all();
                stopped?;
                state.inside.push((rank, load));
                return Ok(Place { gate: self, rank });
            }
            state = self.left.wait_timeout(state, POLL).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The right to work, until it is dropped.
#[derive(Debug)]
pub(super) struct Place<'g> {
    gate: &'g Gate,
    rank: Rank,
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.gate.lock().inside.retain(|(rank, _)| *rank != self.rank);
        self.gate.left.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    const fn load(memory: u64) -> Load {
        Load { threads: 1.0, memory }
    }

    /// What is let in, in order, when all of it waits behind work that takes everything.
    fn order(gate: &Gate, waiting: &[(Rank, u64)]) -> Vec<Rank> {
        let cancel = CancelToken::default();
        let (said, heard) = mpsc::channel();
        let first = gate.enter((0, 0), load(gate.memory), &cancel).expect("nobody stops it");
        std::thread::scope(|scope| {
            for &(rank, memory) in waiting {
                let (said, cancel) = (said.clone(), &cancel);
                scope.spawn(move || {
                    let place = gate.enter(rank, load(memory), cancel).expect("nobody stops it");
                    said.send(rank).expect("somebody listens");
                    drop(place);
                });
            }
            while gate.lock().waiting.len() < waiting.len() {
                std::thread::yield_now();
            }
            drop(first);
        });
        drop(said);
        heard.iter().collect()
    }

    #[test]
    fn the_first_in_the_order_goes_first() {
        let ranks = [(2, 1), (1, 7), (1, 3), (2, 0)].map(|rank| (rank, 10));
        assert_eq!(order(&Gate::new(1, 10), &ranks), [(1, 3), (1, 7), (2, 0), (2, 1)]);
    }

    #[test]
    fn no_more_enter_than_there_is_memory_for() {
        let (gate, cancel) = (Gate::new(3, 10), CancelToken::default());
        let enter = |rank, memory, cancel: &CancelToken| gate.enter(rank, load(memory), cancel);
        let one = enter((0, 1), 6, &cancel).expect("alone");
        let two = enter((0, 2), 4, &cancel).expect("it fits");
        let stopped = CancelToken::default();
        stopped.cancel();
        enter((0, 3), 1, &stopped).expect_err("there is no memory left, and then it is told to stop");
        drop((one, two));
        assert!(enter((0, 4), 11, &cancel).is_ok(), "what is too large works alone");
    }

    #[test]
    fn nobody_joins_work_that_keeps_every_thread_busy() {
        let (gate, cancel) = (Gate::new(2, 10), CancelToken::default());
        let wide = gate.enter((0, 0), Load { threads: 2.5, memory: 1 }, &cancel).expect("alone");
        let stopped = CancelToken::default();
        stopped.cancel();
        gate.enter((0, 1), load(1), &stopped).expect_err("no thread is left, and then it is told to stop");
        drop(wide);
        let _narrow = gate.enter((0, 2), Load { threads: 1.5, memory: 1 }, &cancel).expect("alone");
        assert!(gate.enter((0, 3), load(1), &cancel).is_ok(), "half a thread is left");
    }

    #[test]
    fn who_is_told_to_stop_is_in_nobodys_way() {
        let (gate, cancel) = (Gate::new(1, 10), CancelToken::default());
        let place = gate.enter((0, 0), load(1), &cancel).expect("alone");
        let stopped = cancel.child();
        std::thread::scope(|scope| {
            let waits = scope.spawn(|| gate.enter((0, 1), load(1), &stopped).is_err());
            stopped.cancel();
            assert!(waits.join().expect("no panic"));
        });
        drop(place);
        assert!(gate.enter((9, 9), load(1), &cancel).is_ok());
    }
}
