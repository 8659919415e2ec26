//! How long a store is waited for, and how often it is asked again. The client repeats a request a few times by itself,
//! for what clears at once; an outage is waited out here, whatever it looks like from this side.

use std::time::Duration;

use object_store::{BackoffConfig, ClientOptions, RetryConfig};

use super::error::Trouble;
use crate::clock::{Clock, SystemClock};

/// A request may take so long; a slow line sends one part of an upload in it.
const ANSWER: Duration = Duration::from_secs(120);
/// A connection is there in this time or never.
const CONNECT: Duration = Duration::from_secs(10);

/// An outage is waited out for so long, unless somebody says otherwise.
pub(super) const OUTAGE: Duration = Duration::from_secs(240);
/// A store that never answered has a wrong name, or is not there: nobody waits for it for minutes.
const NEVER_ANSWERED: Duration = Duration::from_secs(10);
/// The time before the second request, which doubles, and the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(15);

/// How long the client waits.
pub(super) fn options(options: ClientOptions) -> ClientOptions {
    options.with_timeout(ANSWER).with_connect_timeout(CONNECT)
}

/// How often the client repeats a request by itself.
pub(super) fn retry() -> RetryConfig {
    repeated(3, Duration::from_secs(30))
}

/// The same for uploads in parts, which begin with the first part again when one of them fails. What got no answer in
/// time is not repeated: on a slow line all the others would be too late again.
pub(super) fn retry_parts() -> RetryConfig {
    repeated(30, ANSWER - CONNECT)
}

fn repeated(max_retries: usize, retry_timeout: Duration) -> RetryConfig {
    // A pause is a random one between the first and `base` times the one before: with 4 they double on average.
    let backoff = BackoffConfig { init_backoff: FIRST_PAUSE, max_backoff: LONGEST_PAUSE, base: 4.0 };
    RetryConfig { backoff, max_retries, retry_timeout }
}

/// How often one request was made, and for how long.
#[derive(Debug)]
pub(super) struct Tries<C: Clock = SystemClock> {
    clock: C,
    patience: Duration,
    since: Duration,
    pause: Duration,
}

impl Tries {
    /// A request that is made now, and again as long as `patience` lasts.
    pub(super) fn begin(patience: Duration) -> Self {
        Self::at(SystemClock::start(), patience)
    }
}

impl<C: Clock> Tries<C> {
    fn at(clock: C, patience: Duration) -> Self {
        let since = clock.elapsed();
        Self { clock, patience, since, pause: FIRST_PAUSE }
    }

    /// How long to wait before the request is made again, after this came of it; nothing when patience has ended.
    /// `answered` tells whether the store has ever answered.
    pub(super) fn again(&mut self, trouble: Trouble, answered: bool) -> Option<Duration> {
        let patience = match trouble {
            Trouble::Connect | Trouble::Timeout if !answered => self.patience.min(NEVER_ANSWERED),
            Trouble::Busy | Trouble::Connect | Trouble::Timeout | Trouble::Broken => self.patience,
        };
        let left = patience.checked_sub(self.clock.elapsed().saturating_sub(self.since))?;
        let pause = self.pause.min(left);
        self.pause = (self.pause * 2).min(LONGEST_PAUSE);
        Some(pause).filter(|pause| !pause.is_zero())
    }

    /// What was tried so far does not count: something was changed.
    pub(super) fn start_over(&mut self) {
        self.since = self.clock.elapsed();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;

    /// Time that passes only when it is told to.
    #[derive(Debug, Default)]
    struct Hand(Arc<AtomicU64>);

    impl Clock for Hand {
        fn elapsed(&self) -> Duration {
            Duration::from_millis(self.0.load(Ordering::SeqCst))
        }
    }

    /// How often a request is made again, and how long that takes, when each answer takes `answer`.
    fn waited(trouble: Trouble, answered: bool, answer: Duration) -> (usize, Duration) {
        let now = Arc::new(AtomicU64::new(0));
        let mut tries = Tries::at(Hand(Arc::clone(&now)), OUTAGE);
        let pass = |time: Duration| now.fetch_add(time.as_millis() as u64, Ordering::SeqCst);
        let mut count = 0;
        pass(answer);
        while let Some(pause) = tries.again(trouble, answered) {
            pass(pause);
            pass(answer);
            count += 1;
        }
        (count, Duration::from_millis(now.load(Ordering::SeqCst)))
    }

    /// A store that is out of order for a minute or two does not end a run, and one that hangs does not hold it for
    /// half an hour.
    #[test]
    fn an_outage_is_waited_out_for_minutes_whatever_it_looks_like() {
        for trouble in [Trouble::Busy, Trouble::Connect, Trouble::Broken] {
            let (count, time) = waited(trouble, true, Duration::ZERO);
            assert!(time == OUTAGE && (20..30).contains(&count), "{trouble:?}: {count} in {time:?}");
        }
        let (count, time) = waited(Trouble::Timeout, true, ANSWER);
        assert!(count <= 2 && time <= OUTAGE + ANSWER + LONGEST_PAUSE, "{count} in {time:?}");
    }

    #[test]
    fn a_store_that_never_answered_is_soon_given_up() {
        assert_eq!(waited(Trouble::Connect, false, Duration::ZERO).1, NEVER_ANSWERED);
        assert!(waited(Trouble::Timeout, false, CONNECT).0 <= 1);
        assert_eq!(waited(Trouble::Busy, false, Duration::ZERO).1, OUTAGE, "it answered");
    }
}
