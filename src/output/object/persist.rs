//! Requests that are made until they are answered, patience ends or the run should stop.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::runtime::Runtime;
use tokio::time::sleep;

use super::error::{Failed, Trouble};
use super::{Objects, Tries};
use crate::cancel::{CancelToken, Cancelled};
use crate::output::Error;

/// How often waiting work looks whether it should stop.
const POLL: Duration = Duration::from_millis(50);

impl Objects {
    /// Makes a request that may be made twice, and makes it again as long as it fails for what may clear and patience
    /// lasts.
    pub(super) fn persist<T, E: Failed, F: Future<Output = Result<T, E>>>(
        &self,
        action: &'static str,
        target: String,
        cancel: &CancelToken,
        once: impl Fn() -> F,
    ) -> Result<T, Error> {
        let mut tries = Tries::begin(self.patience);
        loop {
            match wait(&self.runtime, cancel, once())? {
                Ok(done) => {
                    self.answered.store(true, Ordering::Relaxed);
                    return Ok(done);
                }
                Err(failed) => match self.again(&mut tries, failed.trouble()) {
                    Some(pause) => pause_for(&self.runtime, cancel, pause)?,
                    None => return Err(failed.explain(action, target)),
                },
            }
        }
    }

    /// How long to wait before a request is made again that failed with this; nothing when it is not to be.
    pub(super) fn again(&self, tries: &mut Tries, trouble: Option<Trouble>) -> Option<Duration> {
        if matches!(trouble, None | Some(Trouble::Busy | Trouble::Broken)) {
            self.answered.store(true, Ordering::Relaxed);
        }
        tries.again(trouble?, self.answered.load(Ordering::Relaxed))
    }

    /// Fewer bodies are under way from now on, where there were `before`: side by side they share the line, and too
    /// many of them are all too late. Tells whether there can be fewer.
    pub(super) fn narrow(&self, before: usize) -> bool {
        let fewer = before / 2;
        if fewer > 0 && self.width.compare_exchange(before, fewer, Ordering::SeqCst, Ordering::SeqCst).is_ok() {
            let requests = Arc::clone(&self.requests);
            self.runtime.spawn(async move {
                if let Ok(given_up) = requests.acquire_many_owned((before - fewer) as u32).await {
                    given_up.forget();
                }
            });
        }
        fewer > 0
    }
}

/// Waits for `work`, unless the run should stop before it is done.
pub(super) fn wait<T>(runtime: &Runtime, cancel: &CancelToken, work: impl Future<Output = T>) -> Result<T, Cancelled> {
    runtime.block_on(async {
        tokio::select! {
            biased;
            done = work => Ok(done),
            () = cancelled(cancel) => Err(Cancelled),
        }
    })
}

/// Lets time pass. A timer can only be made where the runtime is.
pub(super) fn pause_for(runtime: &Runtime, cancel: &CancelToken, time: Duration) -> Result<(), Cancelled> {
    wait(runtime, cancel, async { sleep(time).await })
}

/// Comes when the run should stop.
pub(super) async fn cancelled(cancel: &CancelToken) {
    while !cancel.is_cancelled() {
        sleep(POLL).await;
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;
    use crate::output::Output;

    #[test]
    fn an_answer_that_broke_off_is_asked_for_again() {
        let cancel = CancelToken::default();
        let (objects, asked) = (Objects::in_memory("", &cancel), std::cell::Cell::new(0));
        let broken = || {
            object_store::client::HttpError::new(object_store::client::HttpErrorKind::Timeout, io::Error::other("cut"))
        };
        let once = || async {
            asked.set(asked.get() + 1);
            if asked.get() < 2 {
                return Err(object_store::Error::Generic { store: "S3", source: Box::new(broken()) });
            }
            Ok(())
        };
        objects.persist("read", objects.url("a"), &cancel, once).expect("asked again");
        assert_eq!(asked.get(), 2);
    }

    /// 16 parts of 8 MiB side by side are too late on a line of less than 9 Mbit/s, and all of them at once.
    #[test]
    fn what_is_too_late_side_by_side_goes_with_fewer_beside_it() {
        let objects = Objects::in_memory("", &CancelToken::default());
        // All four of them are too late, and there are half as many once.
        assert!((0..4).all(|_| objects.narrow(4)));
        assert_eq!(objects.width.load(Ordering::SeqCst), 2);
        assert!(objects.narrow(2) && !objects.narrow(1));
        let left = || objects.requests.available_permits();
        while left() != 1 {
            std::thread::yield_now();
        }
        objects.put("a", b"x").expect("one is left");
    }
}
