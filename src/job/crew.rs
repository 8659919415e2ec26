//! Several workers on one queue.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use super::Error;
use crate::cancel::CancelToken;
use crate::event::Control;

/// A worker that panics stops the others, too.
struct StopsOthers<'a>(&'a CancelToken);

impl Drop for StopsOthers<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.cancel();
        }
    }
}

/// Lets `workers` threads take one item after another; the first failure stops them all.
pub(super) fn run<T: Send>(
    workers: usize,
    items: Vec<T>,
    control: Control<'_>,
    work: impl Fn(T, Control<'_>) -> Result<(), Error> + Sync,
) -> Result<(), Error> {
    let workers = workers.min(items.len());
    let queue = Mutex::new(VecDeque::from(items));
    let stop = control.cancel.child();
    let one = || loop {
        let item = queue.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
        let Some(item) = item else { return Ok(()) };
        let control = Control { observer: control.observer, cancel: &stop };
        let _panic = StopsOthers(&stop);
        let result = stop.check().map_err(Error::from).and_then(|()| work(item, control));
        if result.is_err() {
            stop.cancel();
            return result;
        }
    };
    let failures: Vec<Error> = std::thread::scope(|scope| {
        let handles: Vec<_> = (0..workers).map(|_| scope.spawn(one)).collect();
        let joined = handles.into_iter().map(|handle| match handle.join() {
            Ok(result) => result,
            Err(_) => Err(Error::Panicked),
        });
        joined.filter_map(Result::err).collect()
    });
    control.cancel.check()?;
    // The first real failure stopped the others, which then report only that they were stopped.
    let (cancelled, real): (Vec<_>, Vec<_>) = failures.into_iter().partition(Error::is_cancelled);
    real.into_iter().chain(cancelled).next().map_or(Ok(()), Err)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::event::Silent;

    #[test]
    fn every_item_is_taken_once() {
        let (cancel, sum) = (CancelToken::default(), AtomicUsize::new(0));
        let control = Control { observer: &Silent, cancel: &cancel };
        let add = |n: usize, _: Control<'_>| {
            sum.fetch_add(n, Ordering::Relaxed);
            Ok(())
        };
        run(3, (1..=100).collect(), control, add).expect("nothing fails");
        assert_eq!(sum.into_inner(), 5050);
    }

    #[test]
    fn a_failure_stops_the_others_and_is_the_one_that_is_told() {
        let cancel = CancelToken::default();
        let control = Control { observer: &Silent, cancel: &cancel };
        let work = |n: usize, control: Control<'_>| {
            if n == 0 {
                return Err(Error::Internal("first".to_owned()));
            }
            while !control.cancel.is_cancelled() {
                std::thread::yield_now();
            }
            Ok(control.cancel.check()?)
        };
        let failed = run(2, vec![1, 0, 2, 3], control, work).expect_err("one fails");
        assert_eq!(failed.to_string(), "first");
        assert!(!cancel.is_cancelled(), "the run itself was not told to stop");
    }

    #[test]
    fn a_panic_stops_the_others() {
        let cancel = CancelToken::default();
        let control = Control { observer: &Silent, cancel: &cancel };
        let work = |n: usize, control: Control<'_>| {
            if n == 0 {
                std::panic::resume_unwind(Box::new("a fault"));
            }
            while !control.cancel.is_cancelled() {
                std::thread::yield_now();
            }
            Ok(control.cancel.check()?)
        };
        assert!(matches!(run(2, vec![1, 0, 2], control, work), Err(Error::Panicked)));
    }
}
