//! Publishers that are not let in are told of: he who has mistyped his key is not the only one who should know.

use std::sync::{Mutex, PoisonError};

use crate::event::{Event, Observer, Warning};
use crate::origin::live::Metrics;
use crate::source::live::Opener;
use crate::source::live::listen::Refused;

/// What was told of them.
pub(super) struct Refusals<'a> {
    opener: &'a Opener,
    observer: &'a dyn Observer,
    /// It is told again when there were so many.
    due: Mutex<u64>,
}

impl<'a> Refusals<'a> {
    /// Nothing yet.
    pub(super) fn new(opener: &'a Opener, observer: &'a dyn Observer) -> Self {
        Self { opener, observer, due: Mutex::new(1) }
    }

    /// Looks whether there are more.
    pub(super) fn look(&self, metrics: Option<&Metrics>) {
        let refused = self.opener.refused();
        metrics.into_iter().for_each(|metrics| metrics.refused(refused.times));
        let warning = told(&mut self.due.lock().unwrap_or_else(PoisonError::into_inner), refused);
        warning.iter().for_each(|warning| self.observer.on(&Event::Warned(warning)));
    }
}

/// What must be said of so many: of the first one, and then ever less, for somebody may try all keys.
fn told(due: &mut u64, Refused { times, why }: Refused) -> Option<Warning> {
    if times < *due {
        return None;
    }
    *due = times.saturating_add(1).next_power_of_two();
    let message = match times {
        1 => format!("a publisher was refused: {why}"),
        _ => format!("{times} publishers were refused so far, the last one since {why}"),
    };
    Some(Warning { code: "publisher_refused", message })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_many_that_are_refused_ever_fewer_are_told() {
        let mut due = 1;
        let why = "the stream key is wrong";
        let told: Vec<u64> = (0..=9).filter(|times| told(&mut due, Refused { times: *times, why }).is_some()).collect();
        assert_eq!(told, [1, 2, 4, 8]);
        let message = super::told(&mut due, Refused { times: 100, why }).expect("more than 16").message;
        assert_eq!(message, "100 publishers were refused so far, the last one since the stream key is wrong");
    }
}
