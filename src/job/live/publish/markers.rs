//! What players are told of what the source has marked.

use super::{Place, Publisher};
use crate::event::{Event, Warning};
use crate::job::Error;
use crate::job::live::told::Change;
use crate::media::{SegmentNumber, Utc};

impl Publisher<'_> {
    /// Tells of what was marked, once it is known when it was. Gives whether players are told of anything new.
    pub(super) fn tell_markers(&mut self) -> Result<bool, Error> {
        let Place { anchor, clock, control, .. } = self.place;
        if self.last.0 == 0 || anchor.resting(self.last).is_some() {
            return Ok(false);
        }
        let spells = anchor.spells(self.last, Utc::since_1970(clock.utc()));
        let changes = self.markers.tell(&spells, SegmentNumber(self.last.0 + 1), clock.elapsed());
        let left_out = self.markers.left_out();
        if left_out > self.left_out && left_out.is_power_of_two() {
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
                Change::Withdrawn(id) => control.observer.on(&Event::MarkerWithdrawn { id }),
            }
        }
        self.place.programme.mark(&changes)?;
        self.place.recorder.into_iter().for_each(|recorder| recorder.mark(&changes));
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
