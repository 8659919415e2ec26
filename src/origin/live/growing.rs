//! A segment that is sent while it is made: DASH's low latency (ISO/IEC 23009-1 § 5.3.9.5.3, HTTP chunked transfer).

use std::io;

use axum::body::Bytes;
use futures_util::Stream;
use futures_util::stream::try_unfold;
use tokio::sync::watch;

/// What there is of a segment so far. All who read it share the bytes, and one signal wakes them.
#[derive(Debug, Default)]
pub(super) struct Growing(watch::Sender<Chunks>);

#[derive(Debug, Default)]
struct Chunks {
    chunks: Vec<Bytes>,
    ended: bool,
}

/// What one client reads of it.
#[derive(Debug)]
pub(super) struct Grown(watch::Receiver<Chunks>);

impl Growing {
    /// The next bytes; the segment ends with the `last` ones.
    pub(super) fn add(&self, bytes: Bytes, last: bool) {
        self.0.send_modify(|chunks| {
            chunks.chunks.push(bytes);
            chunks.ended = last;
        });
    }

    /// Nothing is missing.
    pub(super) fn end(self) {
        self.0.send_modify(|chunks| chunks.ended = true);
    }

    /// For one more client.
    pub(super) fn grown(&self) -> Grown {
        Grown(self.0.subscribe())
    }
}

impl Grown {
    /// All chunks, each as it comes. A segment that is given up breaks off with an error: a client must not take what
    /// it has for all of it.
    pub(super) fn into_stream(self) -> impl Stream<Item = io::Result<Bytes>> {
        try_unfold((self.0, 0), |(mut growing, at)| async move {
            let came = growing.wait_for(|chunks| chunks.ended || at < chunks.chunks.len()).await;
            let next = came.map(|chunks| chunks.chunks.get(at).cloned()).map_err(|_| io::ErrorKind::UnexpectedEof)?;
            Ok(next.map(|chunk| (chunk, (growing, at + 1))))
        })
    }
}

#[cfg(test)]
mod tests {
    use futures_util::StreamExt;

    use super::*;

    fn block_on<T>(future: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread().build().expect("a runtime").block_on(future)
    }

    #[test]
    fn a_client_gets_what_is_there_and_then_what_comes() {
        let growing = Growing::default();
        growing.add(Bytes::from_static(b"one"), false);
        let mut late = Box::pin(growing.grown().into_stream());
        let read = |stream: &mut std::pin::Pin<Box<_>>| block_on(StreamExt::next(stream));
        assert_eq!(read(&mut late).expect("a chunk").expect("bytes"), "one");
        growing.add(Bytes::from_static(b"two"), true);
        assert_eq!(read(&mut late).expect("a chunk").expect("bytes"), "two");
        drop(growing);
        assert!(read(&mut late).is_none());
    }

    #[test]
    fn a_segment_that_is_given_up_is_no_whole_one() {
        let growing = Growing::default();
        growing.add(Bytes::from_static(b"one"), false);
        let mut stream = Box::pin(growing.grown().into_stream());
        drop(growing);
        let read = block_on(async { (stream.next().await, stream.next().await) });
        assert!(matches!(read, (Some(Ok(_)), Some(Err(_)))), "{read:?}");
    }
}
