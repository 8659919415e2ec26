//! Timed metadata of a live programme: the lines that are written to it, and what becomes of them.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::board::{Board, Placed, Waiting};
use crate::cancel::CancelToken;
use crate::clock::LiveClock;
use crate::event::{Control, Event, Warning};
use crate::source::live::metadata::{Lines, Malformed, Next, Told, Unreadable};

/// How often it is looked whether lines have come.
const POLL: Duration = Duration::from_millis(20);

/// So many lines that are none are told of, one by one. Of more, ever fewer are.
const EACH_TOLD: u64 = 16;

/// So many lines are read before somebody else has his turn.
const LINES_AT_ONCE: u32 = 500;

/// Where lines come from, until it is closed.
#[derive(Debug)]
pub(super) struct Written {
    path: PathBuf,
    lines: Lines,
    closed: CancelToken,
}

impl Written {
    /// Opens what is at `path`.
    ///
    /// # Errors
    /// When there are no lines to be read.
    pub(super) fn open(path: &Path) -> Result<Self, Unreadable> {
        let closed = CancelToken::default();
        Ok(Self { path: path.to_owned(), lines: Lines::open(path, &closed)?, closed })
    }

    /// The same, without what an earlier run has read.
    ///
    /// # Errors
    /// When it can no longer be read.
    pub(super) fn going_on(self) -> Result<Self, Unreadable> {
        let lines = self.lines.behind_the_end();
        let lines = lines.map_err(|error| Unreadable { path: self.path.clone(), why: error.to_string() })?;
        Ok(Self { lines, ..self })
    }

    /// What closes it when it goes.
    pub(super) fn closing(&self) -> Closing {
        Closing(self.closed.clone())
    }
}

/// Closes where lines come from when it goes, whatever the reason is.
pub(super) struct Closing(CancelToken);

impl Drop for Closing {
    fn drop(&mut self) {
        self.0.cancel();
    }
}

/// Reads the lines, and tells what becomes of them.
pub(super) struct Listener<'a> {
    pub(super) written: Written,
    pub(super) board: Arc<Board>,
    pub(super) clock: &'a dyn LiveClock,
    pub(super) control: Control<'a>,
}

impl Listener<'_> {
    /// Reads until it is closed. What still waits then is told of.
    pub(super) fn run(mut self) {
        let (mut left_out, mut open) = (0, true);
        while !self.is_closed() {
            if open {
                open = self.read_on(&mut left_out);
            }
            self.tell();
            self.clock.pause(POLL);
        }
        self.tell();
        let waiting = self.board.waiting();
        if waiting > 0 {
            let path = self.written.path.display();
            let message = format!("{waiting} lines of {path} were for a time after the end of the programme");
            self.warn("metadata_left", message);
        }
    }

    fn is_closed(&self) -> bool {
        self.written.closed.is_cancelled()
    }

    /// Reads what is there, or some of much; gives whether more can come.
    fn read_on(&mut self, left_out: &mut u64) -> bool {
        for _ in 0..LINES_AT_ONCE {
            match self.written.lines.read() {
                Ok(Next::Line(line, text)) => match Told::read(&text) {
                    Ok(told) if told.at.is_some() && self.board.is_booked() => {
                        self.leave_out(line, &Why::Booked, left_out);
                    }
                    Ok(told) => self.hand_on(Waiting { line, told }),
                    Err(why) => self.leave_out(line, &why.into(), left_out),
                },
                Ok(Next::TooLong(line)) => self.leave_out(line, &Why::TooLong, left_out),
                Ok(Next::Nothing) => return true,
                Ok(Next::End) => return false,
                Err(error) => {
                    let message = format!("{} cannot be read any more: {error}", self.written.path.display());
                    self.warn("metadata_unreadable", message);
                    return false;
                }
            }
            if self.is_closed() {
                return false;
            }
        }
        true
    }

    /// Waits until there is room.
    fn hand_on(&self, mut waiting: Waiting) {
        while let Err(back) = self.board.take(waiting) {
            if self.is_closed() {
                return;
            }
            waiting = back;
            self.tell();
            self.clock.pause(POLL);
        }
    }

    fn leave_out(&self, line: u64, why: &Why, left_out: &mut u64) {
        *left_out += 1;
        let path = self.written.path.display();
        if let Some(so_far) = said(*left_out) {
            self.warn("metadata_line", format!("line {line} of {path} is left out: {why}{so_far}"));
        }
    }

    fn tell(&self) {
        for Placed { line, segment, at_us } in self.board.news() {
            let at_seconds = at_us as f64 / 1e6;
            self.control.observer.on(&Event::MetadataPlaced { line, segment, at_seconds });
        }
    }

    fn warn(&self, code: &'static str, message: String) {
        self.control.observer.on(&Event::Warned(&Warning { code, message }));
    }
}

/// Why a line is left out.
#[derive(Debug, thiserror::Error)]
enum Why {
    #[error(transparent)]
    Malformed(#[from] Malformed),
    #[error("it is longer than 16 KiB")]
    TooLong,
    #[error("too many wait for their time already")]
    Booked,
}

/// What is said besides of the last of so many lines that were left out; nothing when it is not told of.
fn said(left_out: u64) -> Option<String> {
    match left_out {
        ..=EACH_TOLD => Some(String::new()),
        _ => left_out.is_power_of_two().then(|| format!(" ({left_out} lines so far)")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_many_lines_that_are_none_ever_fewer_are_told() {
        let told: Vec<u64> = (1..=70).filter(|count| said(*count).is_some()).collect();
        let each: Vec<u64> = (1..=EACH_TOLD).chain([32, 64]).collect();
        assert_eq!((told, said(32)), (each, Some(" (32 lines so far)".to_owned())));
    }
}
