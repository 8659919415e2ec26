//! Who may begin next: work takes a place and some memory, and what comes first in the order goes first.

use std::collections::BTreeSet;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::cancel::{CancelToken, Cancelled};

/// How often those who wait look whether they should stop.
const POLL: Duration = Duration::from_millis(100);

/// The place of a piece of work in the order: its input, and its number among the work of that input.
pub(super) type Rank = (usize, usize);

/// So many places, and so many bytes of memory to share out.
#[derive(Debug)]
pub(super) struct Gate {
    places: usize,
    memory: u64,
    state: Mutex<State>,
    left: Condvar,
}

#[derive(Debug, Default)]
struct State {
    places: usize,
    memory: u64,
    waiting: BTreeSet<Rank>,
}

impl Gate {
    pub(super) fn new(places: usize, memory: u64) -> Self {
        Self { places, memory, state: Mutex::default(), left: Condvar::new() }
    }

    /// Waits for a place and `memory` bytes. Whoever is alone is let in, however much that takes; else the first
    /// in the order is, and nobody overtakes it. No two may wait with the same `rank`.
    pub(super) fn enter(&self, rank: Rank, memory: u64, cancel: &CancelToken) -> Result<Place<'_>, Cancelled> {
        let mut state = self.lock();
        state.waiting.insert(rank);
        loop {
            let stopped = cancel.check();
            let fits = state.places < self.places && state.memory.saturating_add(memory) <= self.memory;
            let free = state.places == 0 || fits;
            if stopped.is_err() || (free && state.waiting.first() == Some(&rank)) {
                state.waiting.remove(&rank);
                // The next in the order may fit as well.
                self.left.notify_all();
                stopped?;
                state.places += 1;
                state.memory += memory;
                return Ok(Place { gate: self, memory });
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
    memory: u64,
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut state = self.gate.lock();
        state.places -= 1;
        state.memory -= self.memory;
        self.gate.left.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    /// What is let in, in order, when all of it waits behind work that takes everything.
    fn order(gate: &Gate, waiting: &[(Rank, u64)]) -> Vec<Rank> {
        let cancel = CancelToken::default();
        let (said, heard) = mpsc::channel();
        let first = gate.enter((0, 0), gate.memory, &cancel).expect("nobody stops it");
        std::thread::scope(|scope| {
            for &(rank, memory) in waiting {
                let (said, cancel) = (said.clone(), &cancel);
                scope.spawn(move || {
                    let place = gate.enter(rank, memory, cancel).expect("nobody stops it");
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
        let enter = |rank, memory, cancel: &CancelToken| gate.enter(rank, memory, cancel);
        let one = enter((0, 1), 6, &cancel).expect("alone");
        let two = enter((0, 2), 4, &cancel).expect("it fits");
        let stopped = CancelToken::default();
        stopped.cancel();
        enter((0, 3), 1, &stopped).expect_err("there is no memory left, and then it is told to stop");
        drop((one, two));
        assert!(enter((0, 4), 11, &cancel).is_ok(), "what is too large works alone");
    }

    #[test]
    fn who_is_told_to_stop_is_in_nobodys_way() {
        let (gate, cancel) = (Gate::new(1, 10), CancelToken::default());
        let place = gate.enter((0, 0), 1, &cancel).expect("alone");
        let stopped = cancel.child();
        std::thread::scope(|scope| {
            let waits = scope.spawn(|| gate.enter((0, 1), 1, &stopped).is_err());
            stopped.cancel();
            assert!(waits.join().expect("no panic"));
        });
        drop(place);
        assert!(gate.enter((9, 9), 1, &cancel).is_ok());
    }
}
