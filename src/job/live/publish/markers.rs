//! What players are told of what the source has marked.

use std::sync::mpsc::Receiver;

use super::Publisher;
use crate::event::{Event, Warning};
use crate::job::Error;
use crate::job::live::keep::Made;
use crate::job::live::place::Place;
use crate::job::live::task::Task;
use crate::job::live::told::{Change, Noted};
use crate::media::{SegmentNumber, Utc};

/// These and all that wait behind them, and what comes next: manifests are written once for all of them, and each may hold
/// hundreds of kilobytes of markers.
pub(super) fn waiting(mut markings: Vec<Noted>, made: &Receiver<Made>) -> (Vec<Noted>, Option<Made>) {
    while let Ok(next) = made.try_recv() {
        match next {
            Made::Marked(more) => markings.extend(more),
            Made::Chunk(_) | Made::Segment(_) | Made::Rest => return (markings, Some(next)),
        }
    }
    (markings, None)
}

/// Whether so many are told of that were left out, where so many were before: the first ones, and then ever fewer.
fn is_told(before: u64, left_out: u64) -> bool {
    left_out.checked_ilog2() > before.checked_ilog2()
}

impl Publisher<'_> {
    /// Tells of what was marked, once it is known when it was. Gives whether players are told of anything new.
    pub(super) fn tell_markers(&mut self) -> Result<bool, Error> {
        let Place { anchor, clock, control, .. } = self.place;
        if self.last.0 == 0 || anchor.resting(self.last).is_some() {
            return Ok(false);
        }
        let spells = anchor.spells(self.last, Utc::since_1970(clock.utc()));
        let mut changes = self.markers.settle(&spells);
        changes.extend(self.markers.tell(&spells, SegmentNumber(self.last.0 + 1), clock.elapsed()));
        let left_out = self.markers.left_out();
        if is_told(self.left_out, left_out) {
            let message = format!("players are told of 200 marks at a time; {left_out} were more");
            control.observer.on(&Event::Warned(&Warning { code: "marker_left_out", message }));
        }
        self.left_out = left_out;
        if changes.is_empty() {
            return Ok(false);
        }
        for change in &changes {
            match change {
                Change::Marked(marked) => control.observer.on(&Event::Marked {
                    marker: &marked.marker,
                    date: marked.date,
                    ended: marked.end.as_ref().map(|end| end.date),
                }),
                // They know when it is.
                Change::Moved(_) => {}
                Change::Withdrawn(id) => control.observer.on(&Event::MarkerWithdrawn { id }),
            }
        }
        self.does(Task::Marked(changes))?;
        if let Some(in_parts) = &mut self.in_parts {
            in_parts.mark(self.markers.all());
        }
        Ok(true)
    }

    /// What was over before the first segment that players are offered is told no longer.
    pub(super) fn leave_markers(&mut self) {
        let begin = self.presentation.renditions().find_map(|rendition| rendition.segments.values().next());
        if let Some(begin) = begin.map(|segment| segment.start) {
            self.markers.leave(begin, self.place.clock.elapsed());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;
    use crate::media::Marking;

    #[test]
    fn of_many_that_are_too_many_ever_fewer_are_told() {
        assert!(is_told(0, 1) && is_told(0, 50) && is_told(50, 64) && is_told(3, 90));
        assert!(!is_told(0, 0) && !is_told(50, 50) && !is_told(50, 63));
    }

    #[test]
    fn all_that_wait_are_told_of_at_once() {
        let withdraw = |id: &str| Noted { breaks: 0, marking: Marking::Withdraw(id.to_owned()) };
        let (sender, made) = channel();
        let send = |made| sender.send(made).expect("somebody listens");
        send(Made::Marked(vec![withdraw("2"), withdraw("3")]));
        send(Made::Marked(vec![withdraw("4")]));
        send(Made::Rest);
        send(Made::Marked(vec![withdraw("5")]));
        let (markings, next) = waiting(vec![withdraw("1")], &made);
        assert_eq!(markings, ["1", "2", "3", "4"].map(withdraw));
        assert!(matches!(next, Some(Made::Rest)));
        assert_eq!(made.iter().take(1).count(), 1, "what is behind it stays there");
    }
}
