//! A terminal whose cursor waits below the bars. There the `^C` that the terminal shows for Ctrl-C moves
//! nothing: at the end of a bar it would wrap, and the bars could not be found again to be taken away.

use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};

use indicatif::TermLike;

/// Where the cursor is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cursor {
    /// Where indicatif put it.
    Placed,
    /// At the end of a line that was written; indicatif fills it, so that the next one wraps.
    LineEnd,
    /// At the start of the line after it.
    Below,
}

/// The terminal `inner`, less one line.
#[derive(Debug)]
pub(crate) struct Screen<T> {
    inner: T,
    cursor: Mutex<Cursor>,
}

impl<T: TermLike> Screen<T> {
    /// A terminal whose cursor is at the start of a line.
    pub(crate) fn new(inner: T) -> Self {
        Self { inner, cursor: Mutex::new(Cursor::Placed) }
    }

    fn cursor(&self) -> MutexGuard<'_, Cursor> {
        self.cursor.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Back to the line where indicatif left the cursor.
    fn rise(&self) -> io::Result<()> {
        let mut cursor = self.cursor();
        if *cursor == Cursor::Below {
            self.inner.clear_line()?;
            self.inner.move_cursor_up(1)?;
        }
        *cursor = Cursor::Placed;
        Ok(())
    }
}

impl<T: TermLike> TermLike for Screen<T> {
    fn width(&self) -> u16 {
        self.inner.width()
    }

    fn height(&self) -> u16 {
        self.inner.height().saturating_sub(1)
    }

    fn move_cursor_up(&self, n: usize) -> io::Result<()> {
        // Up by nothing comes before lines that follow the last one, too.
        if n == 0 {
            return Ok(());
        }
        self.rise()?;
        self.inner.move_cursor_up(n)
    }

    fn move_cursor_down(&self, n: usize) -> io::Result<()> {
        self.inner.move_cursor_down(n)
    }

    fn move_cursor_right(&self, n: usize) -> io::Result<()> {
        self.inner.move_cursor_right(n)
    }

    fn move_cursor_left(&self, n: usize) -> io::Result<()> {
        self.inner.move_cursor_left(n)
    }

    fn write_line(&self, line: &str) -> io::Result<()> {
        self.inner.write_line(line)
    }

    fn write_str(&self, text: &str) -> io::Result<()> {
        let mut cursor = self.cursor();
        if *cursor == Cursor::Below {
            self.inner.clear_line()?;
        }
        *cursor = Cursor::LineEnd;
        self.inner.write_str(text)
    }

    fn clear_line(&self) -> io::Result<()> {
        self.rise()?;
        self.inner.clear_line()
    }

    fn flush(&self) -> io::Result<()> {
        let mut cursor = self.cursor();
        if *cursor == Cursor::LineEnd {
            self.inner.write_str("\r\n")?;
            *cursor = Cursor::Below;
        }
        self.inner.flush()
    }
}
