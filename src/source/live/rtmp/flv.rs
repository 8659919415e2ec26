//! Tags of RTMP in, a stream of FLV out (Adobe Flash Video File Format Specification, version 10.1, annex E).

use std::io::{self, Cursor, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::time::Duration;

use rtmp_rs::media::FlvTag;
use rtmp_rs::media::flv::FlvTagType;

use crate::cancel::CancelToken;

/// Tags that may wait to be read; a publisher is held back by more.
const WAITING: usize = 256;

/// How long somebody waits whom the other end holds up.
const POLL: Duration = Duration::from_millis(10);

/// The signature, version 1, sound and pictures, the length of it, and that no tag comes before it (E.2, E.3).
const HEADER: [u8; 13] = [b'F', b'L', b'V', 1, 5, 0, 0, 0, 9, 0, 0, 0, 0];

/// Where tags go.
#[derive(Clone, Debug)]
pub(super) struct Writer {
    tags: SyncSender<Vec<u8>>,
    over: Arc<AtomicBool>,
}

/// A stream of FLV, which ends with its publisher.
#[derive(Debug)]
pub(super) struct Flv {
    tags: Receiver<Vec<u8>>,
    current: Cursor<Vec<u8>>,
    over: Arc<AtomicBool>,
    cancel: CancelToken,
    patience: Duration,
}

/// What is written at one end is read at the other, where a read fails when nothing comes for `patience`: who sends no
/// media may still answer, and keep others out.
pub(super) fn pipe(patience: Duration) -> (Writer, Flv) {
    let (sender, tags) = sync_channel(WAITING);
    let over = Arc::new(AtomicBool::new(false));
    let (current, cancel) = (Cursor::new(HEADER.to_vec()), CancelToken::default());
    let flv = Flv { tags, current, over: Arc::clone(&over), cancel, patience };
    (Writer { tags: sender, over }, flv)
}

impl Writer {
    /// Whether nobody reads any more.
    pub(super) fn is_over(&self) -> bool {
        self.over.load(Ordering::Acquire)
    }

    /// Hands a tag on, once there is room; false when nobody reads any more.
    pub(super) async fn write(&self, tag: &FlvTag) -> bool {
        let mut bytes = bytes(tag);
        loop {
            match self.tags.try_send(bytes) {
                Ok(()) => return true,
                Err(TrySendError::Full(held)) => bytes = held,
                Err(TrySendError::Disconnected(_)) => return false,
            }
            tokio::time::sleep(POLL).await;
        }
    }
}

impl Flv {
    /// Whether its publisher has gone, or was replaced, and nothing of it is left to read.
    pub(super) fn is_over(&self) -> bool {
        // The other end is the one that is left.
        Arc::strong_count(&self.over) == 1
    }

    /// The same, which also ends when the token is cancelled.
    pub(super) fn until(self, cancel: &CancelToken) -> Self {
        let cancel = cancel.clone();
        let mut flv = self;
        flv.cancel = cancel;
        flv
    }
}

impl Drop for Flv {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Release);
    }
}

impl Read for Flv {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut waited = Duration::ZERO;
        loop {
            let read = self.current.read(buffer)?;
            if read > 0 || buffer.is_empty() {
                return Ok(read);
            }
            match self.tags.recv_timeout(POLL) {
                Ok(tag) => self.current = Cursor::new(tag),
                Err(RecvTimeoutError::Timeout) if self.cancel.is_cancelled() => return Ok(0),
                Err(RecvTimeoutError::Timeout) if waited >= self.patience => {
                    return Err(io::ErrorKind::TimedOut.into());
                }
                Err(RecvTimeoutError::Timeout) => waited += POLL,
                Err(RecvTimeoutError::Disconnected) => return Ok(0),
            }
        }
    }
}

/// A tag as a file has it, and its length behind it (E.4.1).
fn bytes(tag: &FlvTag) -> Vec<u8> {
    let kind = match tag.tag_type {
        FlvTagType::Audio => 8,
        FlvTagType::Video => 9,
        FlvTagType::Script => 18,
    };
    let length = tag.data.len() as u32;
    let [_, length_bytes @ ..] = length.to_be_bytes();
    let [extended, time @ ..] = tag.timestamp.to_be_bytes();
    let mut bytes = Vec::with_capacity(tag.data.len() + 15);
    bytes.push(kind);
    bytes.extend(length_bytes);
    bytes.extend(time);
    bytes.push(extended);
    bytes.extend([0; 3]);
    bytes.extend_from_slice(&tag.data);
    bytes.extend((length + 11).to_be_bytes());
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_written_as_a_file_has_it() {
        let tag = FlvTag::video(0x0102_0304, vec![0x17, 0].into());
        assert_eq!(bytes(&tag), [9, 0, 0, 2, 2, 3, 4, 1, 0, 0, 0, 0x17, 0, 0, 0, 0, 13]);
    }

    #[test]
    fn a_publisher_that_sends_no_media_is_given_up() {
        let (_writer, mut flv) = pipe(POLL);
        let error = flv.read_to_end(&mut Vec::new()).expect_err("nothing comes");
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }

    #[test]
    fn a_stream_ends_with_its_publisher_and_when_nobody_waits_for_more() {
        let (writer, mut flv) = pipe(Duration::from_secs(60));
        assert!(!flv.is_over());
        writer.tags.send(vec![1, 2]).expect("there is room");
        drop(writer);
        let mut read = Vec::new();
        flv.read_to_end(&mut read).expect("readable");
        assert_eq!(read, [HEADER.as_slice(), &[1, 2]].concat());

        let (writer, flv) = pipe(Duration::from_secs(60));
        let cancel = CancelToken::default();
        cancel.cancel();
        read.clear();
        flv.until(&cancel).read_to_end(&mut read).expect("readable");
        assert_eq!(read, HEADER);
        assert!(writer.is_over());
    }
}
