//! Whether a client gets on: it asks for something in time, and takes what it is given. The socket cannot tell the second
//! of HTTP/2, where a client may answer and take nothing.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, BodyDataStream, Bytes, HttpBody};
use axum::http::{Request, Response, Version};
use futures_util::Stream;
use tower_service::Service;

use crate::clock::{Clock, SystemClock};

/// The longest that a client may take over the head of its first request.
pub(super) const HEAD_TIME: Duration = Duration::from_secs(10);

/// The longest that a client may take nothing of an answer that waits for it.
pub(super) const STUCK: Duration = Duration::from_secs(20);

/// How often it is looked.
const LOOK: Duration = Duration::from_secs(1);

/// An answer is given in pieces of so many bytes, so that a slow client is seen to take them.
const PIECE: usize = 32 * 1024;

/// How one connection gets on.
#[derive(Debug)]
pub(super) struct Pace {
    /// It began at zero.
    clock: SystemClock,
    asked: AtomicBool,
    answers: AtomicU64,
    /// Answers whose next piece waits for the client, since when.
    waiting: Mutex<BTreeMap<u64, Duration>>,
}

impl Pace {
    /// From now on.
    pub(super) fn begin() -> Arc<Self> {
        let (asked, answers, waiting) = (AtomicBool::new(false), AtomicU64::new(0), Mutex::default());
        Arc::new(Self { clock: SystemClock::start(), asked, answers, waiting })
    }

    /// Returns when the client does not get on.
    pub(super) async fn lost(&self) {
        while !self.is_lost(self.clock.elapsed()) {
            tokio::time::sleep(LOOK).await;
        }
    }

    fn is_lost(&self, now: Duration) -> bool {
        let silent = !self.asked.load(Ordering::Relaxed) && now >= HEAD_TIME;
        silent || self.waiting().values().any(|since| now.saturating_sub(*since) >= STUCK)
    }

    fn waiting(&self) -> MutexGuard<'_, BTreeMap<u64, Duration>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Answers of one connection.
#[derive(Clone, Debug)]
pub(super) struct Paced {
    routes: Router,
    pace: Arc<Pace>,
}

impl Paced {
    pub(super) fn new(routes: Router, pace: Arc<Pace>) -> Self {
        Self { routes, pace }
    }
}

impl<B> Service<Request<B>> for Paced
where
    B: HttpBody<Data = Bytes> + Send + 'static,
    B::Error: Into<axum::BoxError>,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Service::<Request<B>>::poll_ready(&mut self.routes, context)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        self.pace.asked.store(true, Ordering::Relaxed);
        let (watched, pace) = (request.version() == Version::HTTP_2, Arc::clone(&self.pace));
        let answer = self.routes.call(request);
        Box::pin(async move {
            let answer = answer.await?;
            let watched = watched && !answer.body().is_end_stream();
            Ok(if watched { answer.map(|body| Body::from_stream(Answer::new(body, pace))) } else { answer })
        })
    }
}

/// The body of an answer, in pieces.
struct Answer {
    number: u64,
    body: BodyDataStream,
    left: Bytes,
    pace: Arc<Pace>,
}

impl Answer {
    fn new(body: Body, pace: Arc<Pace>) -> Self {
        let number = pace.answers.fetch_add(1, Ordering::Relaxed);
        let answer = Self { number, body: body.into_data_stream(), left: Bytes::new(), pace };
        answer.waits(true);
        answer
    }

    /// Whether a piece is there for the client, which has to take it.
    fn waits(&self, waits: bool) {
        let mut waiting = self.pace.waiting();
        if waits {
            waiting.insert(self.number, self.pace.clock.elapsed());
        } else {
            waiting.remove(&self.number);
        }
    }
}

impl Drop for Answer {
    fn drop(&mut self) {
        self.waits(false);
    }
}

impl Stream for Answer {
    type Item = Result<Bytes, axum::Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        // It takes something: what comes next is waited for here.
        self.waits(false);
        if self.left.is_empty() {
            match ready!(Pin::new(&mut self.body).poll_next(context)) {
                Some(Ok(bytes)) => self.left = bytes,
                end => return Poll::Ready(end),
            }
        }
        let bytes = self.left.len().min(PIECE);
        let piece = self.left.split_to(bytes);
        self.waits(true);
        Poll::Ready(Some(Ok(piece)))
    }
}

#[cfg(test)]
mod tests {
    use futures_util::StreamExt;

    use super::*;

    #[test]
    fn a_client_that_asks_for_nothing_is_lost() {
        let pace = Pace::begin();
        assert!(!pace.is_lost(HEAD_TIME / 2) && pace.is_lost(HEAD_TIME));
        pace.asked.store(true, Ordering::Relaxed);
        assert!(!pace.is_lost(100 * HEAD_TIME));
    }

    #[test]
    fn a_client_is_lost_that_takes_nothing_of_an_answer_and_not_one_that_waits_for_more() {
        let pace = Pace::begin();
        pace.asked.store(true, Ordering::Relaxed);
        let lost = |pace: &Pace| pace.is_lost(pace.clock.elapsed() + STUCK);
        let bytes = Bytes::from(vec![7; PIECE + 1]);
        let more = futures_util::stream::iter([Ok::<_, Infallible>(bytes)]).chain(futures_util::stream::pending());
        let mut answer = Answer::new(Body::from_stream(more), Arc::clone(&pace));
        assert!(lost(&pace));
        let mut context = Context::from_waker(std::task::Waker::noop());
        let mut next = || match Pin::new(&mut answer).poll_next(&mut context) {
            Poll::Ready(Some(Ok(piece))) => piece.len(),
            Poll::Ready(_) | Poll::Pending => 0,
        };
        assert_eq!((next(), lost(&pace)), (PIECE, true));
        assert_eq!((next(), lost(&pace)), (1, true));
        assert_eq!((next(), lost(&pace)), (0, false));
        drop(answer);
        let answer = Answer::new(Body::from("x"), Arc::clone(&pace));
        assert!(lost(&pace));
        drop(answer);
        assert!(!lost(&pace));
    }
}
