//! The lines of a named pipe, a file that grows, or standard input, read without waiting for them.

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom};
use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use crate::cancel::CancelToken;
use crate::source::live::pipe::Pipe;

/// No line is longer.
const MOST_LINE_BYTES: usize = 16 << 10;

/// Bytes that are read at once.
const CHUNK: usize = 4096;

/// So many chunks without a line that is to be told of, and somebody else has his turn: a writer need never stop.
const MOST_CHUNKS: u32 = 16;

/// There are no lines to be read.
#[derive(Debug, thiserror::Error)]
#[error("cannot read timed metadata from {}: {why}", path.display())]
pub struct Unreadable {
    /// The path.
    pub path: PathBuf,
    /// Why, and what to do.
    pub why: String,
}

/// What comes next.
#[derive(Debug, PartialEq, Eq)]
pub enum Next {
    /// A line that is not blank, and its number, counted from 1.
    Line(u64, Vec<u8>),
    /// The line with this number is too long, and was passed over.
    TooLong(u64),
    /// Nothing for now: it may come later.
    Nothing,
    /// Nothing more.
    End,
}

/// Lines as they are written by whoever comes.
#[derive(Debug)]
pub struct Lines {
    from: From,
    /// What was read of lines that are not whole.
    rest: Vec<u8>,
    /// `rest` holds a line, or may.
    fresh: bool,
    /// The line that is read is too long.
    passing: bool,
    /// The number of the line that is read.
    number: u64,
}

#[derive(Debug)]
enum From {
    /// What is written to it later is read later. With it, whether a writer who goes has ended his line.
    File(File, bool),
    Pipe(Pipe),
}

impl Lines {
    /// Opens what is at `path`: a named pipe, which writers may come to and leave, or a file, to whose end may be written;
    /// or standard input with `-`, which has ended once the token is cancelled.
    ///
    /// # Errors
    /// When nothing is there that can be read.
    pub fn open(path: &Path, cancel: &CancelToken) -> Result<Self, Unreadable> {
        let refused = |why: String| Unreadable { path: path.to_owned(), why };
        if path == Path::new("-") {
            let pipe = Pipe::new(io::stdin(), cancel).map_err(|error| refused(error.to_string()))?;
            return Ok(Self::of(From::Pipe(pipe)));
        }
        // Without waiting for one who writes.
        let file = OpenOptions::new().read(true).custom_flags(libc::O_NONBLOCK).open(path);
        let file = file.map_err(|error| match error.kind() {
            ErrorKind::NotFound => refused("it is not there; make it with mkfifo, or as an empty file".to_owned()),
            _ => refused(error.to_string()),
        })?;
        let kind = file.metadata().map_err(|error| refused(error.to_string()))?.file_type();
        if !kind.is_file() && !kind.is_fifo() {
            return Err(refused("it is neither a named pipe nor a file".to_owned()));
        }
        Ok(Self::of(From::File(file, kind.is_fifo())))
    }

    fn of(from: From) -> Self {
        Self { from, rest: Vec::new(), fresh: false, passing: false, number: 1 }
    }

    /// What comes next, without waiting for it.
    pub fn read(&mut self) -> io::Result<Next> {
        for _ in 0..MOST_CHUNKS {
            if let Some(next) = self.whole() {
                return Ok(next);
            }
            let mut chunk = [0; CHUNK];
            let read = match &mut self.from {
                From::File(file, _) => file.read(&mut chunk),
                From::Pipe(pipe) => pipe.read_now(&mut chunk),
            };
            match read {
                Ok(0) => {
                    self.follow()?;
                    return Ok(self.ended());
                }
                Ok(bytes) => {
                    self.rest.extend_from_slice(&chunk[..bytes]);
                    self.fresh = true;
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(Next::Nothing),
                Err(error) => return Err(error),
            }
        }
        Ok(Next::Nothing)
    }

    /// The same, without what is in a file already.
    pub fn behind_the_end(mut self) -> io::Result<Self> {
        if let From::File(file, false) = &mut self.from {
            file.seek(SeekFrom::End(0))?;
        }
        Ok(self)
    }

    /// Begins anew with a file that was cut to less than was read of it.
    fn follow(&mut self) -> io::Result<()> {
        if let From::File(file, false) = &mut self.from
            && file.metadata()?.len() < file.stream_position()?
        {
            file.rewind()?;
            self.rest.clear();
            self.passing = false;
        }
        Ok(())
    }

    /// The next line that is whole in `rest`, or too long.
    fn whole(&mut self) -> Option<Next> {
        while std::mem::take(&mut self.fresh) {
            let Some(end) = self.rest.iter().position(|byte| *byte == b'\n') else {
                if self.rest.len() <= MOST_LINE_BYTES {
                    return None;
                }
                self.rest.clear();
                return (!std::mem::replace(&mut self.passing, true)).then_some(Next::TooLong(self.number));
            };
            let line: Vec<u8> = self.rest.drain(..=end).collect();
            self.fresh = true;
            if let Some(next) = self.line(line) {
                return Some(next);
            }
        }
        None
    }

    /// A line that has ended; nothing where it is blank or was told of.
    fn line(&mut self, line: Vec<u8>) -> Option<Next> {
        let number = self.number;
        self.number += 1;
        if std::mem::take(&mut self.passing) || line.iter().all(u8::is_ascii_whitespace) {
            return None;
        }
        Some(if line.len() > MOST_LINE_BYTES { Next::TooLong(number) } else { Next::Line(number, line) })
    }

    /// Nothing is there. Whoever wrote has gone, or has not come; a file has come to its end, for now.
    fn ended(&mut self) -> Next {
        let (ends_line, none) = match self.from {
            From::File(_, fifo) => (fifo, Next::Nothing),
            From::Pipe(_) => (true, Next::End),
        };
        if ends_line && (self.passing || !self.rest.is_empty()) {
            let line = std::mem::take(&mut self.rest);
            return self.line(line).unwrap_or(none);
        }
        none
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::Write;

    use super::*;

    fn all(lines: &mut Lines) -> Vec<(u64, String)> {
        std::iter::from_fn(|| match lines.read().expect("readable") {
            Next::Line(number, line) => Some((number, String::from_utf8(line).expect("text"))),
            Next::TooLong(number) => Some((number, "too long".to_owned())),
            Next::Nothing | Next::End => None,
        })
        .collect()
    }

    fn owned(lines: &[(u64, &str)]) -> Vec<(u64, String)> {
        lines.iter().map(|(number, line)| (*number, (*line).to_owned())).collect()
    }

    #[test]
    fn a_writer_who_never_says_anything_leaves_turns_to_others() {
        let temp = tempfile::TempDir::new().expect("a temporary directory");
        let path = temp.path().join("lines");
        std::fs::write(&path, [vec![b'\n'; 200_000], b"word\n".to_vec()].concat()).expect("writable");
        let mut lines = Lines::open(&path, &CancelToken::default()).expect("it is there");
        assert_eq!(lines.read().expect("readable"), Next::Nothing);
        let next = (0..10).map(|_| lines.read().expect("readable")).find(|next| *next != Next::Nothing);
        assert_eq!(next, Some(Next::Line(200_001, b"word\n".to_vec())));
    }

    #[test]
    fn a_file_is_followed_from_its_end_on_and_when_it_is_cut() {
        let temp = tempfile::TempDir::new().expect("a temporary directory");
        let path = temp.path().join("lines");
        std::fs::write(&path, "of an earlier run\n").expect("writable");
        let lines = Lines::open(&path, &CancelToken::default()).expect("it is there");
        let mut lines = lines.behind_the_end().expect("a file");
        assert_eq!(lines.read().expect("readable"), Next::Nothing);
        std::fs::write(&path, "new\n").expect("writable");
        assert_eq!(lines.read().expect("readable"), Next::Nothing);
        assert_eq!(lines.read().expect("readable"), Next::Line(1, b"new\n".to_vec()));
    }

    #[test]
    fn a_file_is_read_on_where_it_grows() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("lines");
        fs::write(&path, "one\n\n  \r\nfo").expect("writable");
        let mut lines = Lines::open(&path, &CancelToken::default()).expect("it is there");
        assert_eq!(all(&mut lines), owned(&[(1, "one\n")]), "the last line is not whole");
        let mut file = OpenOptions::new().append(true).open(&path).expect("writable");
        file.write_all(b"ur\nfive\n").expect("writable");
        assert_eq!(all(&mut lines), owned(&[(4, "four\n"), (5, "five\n")]));
    }

    #[test]
    fn a_line_that_is_too_long_is_passed_over() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("lines");
        let long = "x".repeat(MOST_LINE_BYTES * 3);
        fs::write(&path, format!("one\n{long}\nthree\n{}\n", "y".repeat(MOST_LINE_BYTES - 1))).expect("writable");
        let mut lines = Lines::open(&path, &CancelToken::default()).expect("it is there");
        let last = "y".repeat(MOST_LINE_BYTES - 1) + "\n";
        assert_eq!(all(&mut lines), owned(&[(1, "one\n"), (2, "too long"), (3, "three\n"), (4, &last)]));
    }

    #[test]
    fn writers_of_a_named_pipe_come_and_go() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("pipe");
        rustix::fs::mknodat(rustix::fs::CWD, &path, rustix::fs::FileType::Fifo, 0o600.into(), 0).expect("a named pipe");
        let mut lines = Lines::open(&path, &CancelToken::default()).expect("it waits for nobody");
        assert_eq!(all(&mut lines), []);
        let open = || OpenOptions::new().write(true).open(&path).expect("somebody reads");
        let mut one = open();
        one.write_all(b"one\ntw").expect("writable");
        assert_eq!(all(&mut lines), owned(&[(1, "one\n")]), "he is still there");
        drop(one);
        assert_eq!(all(&mut lines), owned(&[(2, "tw")]), "he has gone, and with him his line");
        open().write_all(b"three\n").expect("writable");
        assert_eq!(all(&mut lines), owned(&[(3, "three\n")]));
    }

    #[test]
    fn what_is_not_there_or_holds_no_lines_is_refused() {
        let directory = tempfile::tempdir().expect("a directory");
        let refused = |path: &Path| Lines::open(path, &CancelToken::default()).expect_err("no lines").why;
        assert!(refused(&directory.path().join("missing")).contains("make it with mkfifo"));
        assert!(refused(directory.path()).contains("neither a named pipe nor a file"));
    }
}
