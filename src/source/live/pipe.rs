//! Standard input, read by a thread of its own: a read that nothing comes to end cannot be interrupted.

use std::io::{self, Read};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::Duration;

use crate::cancel::CancelToken;

/// Bytes that are read at once.
const CHUNK: usize = 64 << 10;
/// So many chunks may wait.
const WAITING: usize = 16;
/// How often a reader looks whether it should stop.
const POLL: Duration = Duration::from_millis(50);

/// What has been read, in order.
#[derive(Debug)]
pub(super) struct Pipe {
    chunks: Receiver<io::Result<Vec<u8>>>,
    current: io::Cursor<Vec<u8>>,
    cancel: CancelToken,
}

impl Pipe {
    /// Reads `from` to its end, or until the token is cancelled: then it is as if it had ended.
    pub(super) fn new(from: impl Read + Send + 'static, cancel: &CancelToken) -> io::Result<Self> {
        let (sender, chunks) = sync_channel(WAITING);
        // The thread is not waited for: it ends with its input, or with the process.
        std::thread::Builder::new().name("stdin".to_owned()).spawn(move || pump(from, &sender))?;
        Ok(Self { chunks, current: io::Cursor::default(), cancel: cancel.clone() })
    }
}

fn pump(mut from: impl Read, sender: &SyncSender<io::Result<Vec<u8>>>) {
    loop {
        let mut chunk = vec![0; CHUNK];
        let read = match from.read(&mut chunk) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            read => read,
        };
        let ends = !matches!(read, Ok(1..));
        let read = read.map(|bytes| {
            chunk.truncate(bytes);
            chunk
        });
        if sender.send(read).is_err() || ends {
            return;
        }
    }
}

impl Pipe {
    /// Reads what is there.
    ///
    /// # Errors
    /// [`io::ErrorKind::WouldBlock`] where nothing is yet, and when it cannot be read.
    pub(super) fn read_now(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.read_within(Duration::ZERO, buffer)
    }

    /// The same, which waits so long for something to come.
    fn read_within(&mut self, wait: Duration, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.current.read(buffer)?;
        if read > 0 || buffer.is_empty() {
            return Ok(read);
        }
        match self.chunks.recv_timeout(wait) {
            Ok(chunk) => self.current = io::Cursor::new(chunk?),
            Err(RecvTimeoutError::Timeout) if !self.cancel.is_cancelled() => {
                return Err(io::ErrorKind::WouldBlock.into());
            }
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => return Ok(0),
        }
        self.current.read(buffer)
    }
}

impl Read for Pipe {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.read_within(POLL, buffer) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                read => return read,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Never gives anything.
    struct Silent;

    impl Read for Silent {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            loop {
                std::thread::park();
            }
        }
    }

    #[test]
    fn all_bytes_come_through_in_order() {
        let bytes: Vec<u8> = (0..200_000_u32).map(|n| n as u8).collect();
        let mut pipe = Pipe::new(io::Cursor::new(bytes.clone()), &CancelToken::default()).expect("a thread");
        let mut read = Vec::new();
        pipe.read_to_end(&mut read).expect("readable");
        assert!(read == bytes);
    }

    /// An end that was told stays one.
    #[test]
    fn who_does_not_wait_is_told_whether_more_can_come() {
        let cancel = CancelToken::default();
        let mut pipe = Pipe::new(Silent, &cancel).expect("a thread");
        let error = pipe.read_now(&mut [0; 8]).expect_err("nothing is there");
        assert_eq!(error.kind(), io::ErrorKind::WouldBlock);
        let mut pipe = Pipe::new(io::Cursor::new(b"word"), &cancel).expect("a thread");
        let mut buffer = [0; 8];
        let read = std::iter::from_fn(|| Some(pipe.read_now(&mut buffer))).find_map(Result::ok);
        assert_eq!((read, &buffer[..4]), (Some(4), &b"word"[..]));
        for _ in 0..2 {
            let ended = std::iter::from_fn(|| Some(pipe.read_now(&mut buffer))).find_map(Result::ok);
            assert_eq!(ended, Some(0));
        }
    }

    #[test]
    fn a_reader_that_waits_stops_when_it_is_told() {
        let cancel = CancelToken::default();
        let mut pipe = Pipe::new(Silent, &cancel).expect("a thread");
        cancel.cancel();
        assert_eq!(pipe.read(&mut [0; 8]).expect("an end"), 0);
    }
}
