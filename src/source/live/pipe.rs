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

impl Read for Pipe {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let read = self.current.read(buffer)?;
            if read > 0 || buffer.is_empty() {
                return Ok(read);
            }
            match self.chunks.recv_timeout(POLL) {
                Ok(chunk) => self.current = io::Cursor::new(chunk?),
                Err(RecvTimeoutError::Timeout) if !self.cancel.is_cancelled() => continue,
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => return Ok(0),
            }
            if self.current.get_ref().is_empty() {
                return Ok(0);
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

    #[test]
    fn a_reader_that_waits_stops_when_it_is_told() {
        let cancel = CancelToken::default();
        let mut pipe = Pipe::new(Silent, &cancel).expect("a thread");
        cancel.cancel();
        assert_eq!(pipe.read(&mut [0; 8]).expect("an end"), 0);
    }
}
