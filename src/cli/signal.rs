//! Ctrl-C: the first asks the work to stop, the second ends the process.

use std::fmt;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;
use streampack::cancel::CancelToken;

/// A signal that asked the run to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Caught {
    /// SIGINT, Ctrl-C.
    Interrupt,
    /// SIGTERM.
    Terminate,
}

impl fmt::Display for Caught {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Interrupt => "SIGINT",
            Self::Terminate => "SIGTERM",
        })
    }
}

/// How often the thread that ends a run in time looks for a signal.
const POLL: Duration = Duration::from_millis(100);

/// How long a run may take to stop by itself after a signal.
pub(crate) const GRACE: Duration = Duration::from_millis(4500);

/// The same of a live programme. What comes of it now is the end of it: on a machine that is busy, behind a slow disk and
/// into a bucket that takes a while, and a programme that is left open is worse than a late end. Who stops services kills
/// those that take too long (Docker after 10 seconds, systemd after 90; the unit in docs/install.md allows a minute), and
/// nothing is won by ending before that.
pub(crate) const GRACE_OF_LIVE: Duration = Duration::from_secs(50);

#[expect(clippy::exit, reason = "the run did not stop in time, and only the process can be ended now")]
fn end(signal: usize) {
    std::process::exit(128 + i32::try_from(signal).unwrap_or(SIGINT));
}

/// Remembers which signal came.
#[derive(Debug)]
pub(crate) struct Signals {
    number: Arc<AtomicUsize>,
}

impl Signals {
    /// From now on the first SIGINT or SIGTERM cancels the token; the next one, of either kind, exits at
    /// once with 128 + its number, and so does the process when `grace` is over.
    pub(crate) fn watch(cancel: &CancelToken, grace: Duration) -> io::Result<Self> {
        let number = Arc::new(AtomicUsize::new(0));
        for signal in [SIGINT, SIGTERM] {
            // The order matters: the handler that exits looks at the token before the one below sets it.
            flag::register_conditional_shutdown(signal, 128 + signal, cancel.to_flag())?;
            flag::register_usize(signal, Arc::clone(&number), signal as usize)?;
            flag::register(signal, cancel.to_flag())?;
        }
        let (token, caught) = (cancel.clone(), Arc::clone(&number));
        std::thread::Builder::new().name("signals".to_owned()).spawn(move || {
            while !token.is_cancelled() || caught.load(Ordering::SeqCst) == 0 {
                std::thread::sleep(POLL);
            }
            // A frame of a slow encoder can take longer than anybody wants to wait. Objects are stored
            // whole or not at all, so ending here loses only what the journal does not list.
            std::thread::sleep(grace);
            end(caught.load(Ordering::SeqCst));
        })?;
        Ok(Self { number })
    }

    /// The signal that came, if one did.
    pub(crate) fn caught(&self) -> Option<Caught> {
        match i32::try_from(self.number.load(Ordering::SeqCst)) {
            Ok(SIGINT) => Some(Caught::Interrupt),
            Ok(SIGTERM) => Some(Caught::Terminate),
            Ok(_) | Err(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_signal_cancels_and_is_remembered() {
        let cancel = CancelToken::default();
        let signals = Signals::watch(&cancel, GRACE).expect("handlers can be registered");
        assert!(!cancel.is_cancelled() && signals.caught().is_none());
        signal_hook::low_level::raise(SIGTERM).expect("raised");
        assert!(cancel.is_cancelled());
        assert_eq!(signals.caught(), Some(Caught::Terminate));
    }
}
