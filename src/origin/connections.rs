//! Connections: taken as long as there are few enough of them, each with limits on what a client may send and on how
//! long it may take.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::time::timeout;
use tokio_io_timeout::TimeoutStream;
use tokio_rustls::TlsAcceptor;

use super::pace::{HEAD_TIME, Pace, Paced, STUCK};
use crate::cancel::CancelToken;

/// Connections at a time; who comes then waits in the queue of the socket until one ends.
const CONNECTIONS: usize = 4096;

/// The most that the head of a request may take: URLs of players are short.
const HEAD_BYTES: usize = 16 * 1024;

/// How often a client of HTTP/2 is asked whether it is still there.
const ALIVE: Duration = Duration::from_secs(20);

/// Requests of one HTTP/2 connection at a time: a player waits for a playlist and a part of each kind of media.
const STREAMS: u32 = 64;

/// How often it is looked whether the server should stop.
const POLL: Duration = Duration::from_millis(50);

/// How long answers that are under way may go on when it should.
const GRACE: Duration = Duration::from_millis(300);

/// Answers until the token is cancelled.
pub(super) async fn serve(listener: TcpListener, tls: Option<TlsAcceptor>, routes: Router, cancel: &CancelToken) {
    let builder = builder();
    let (places, under_way) = (Arc::new(Semaphore::new(CONNECTIONS)), GracefulShutdown::new());
    while !cancel.is_cancelled() {
        let Ok(Ok(place)) = timeout(POLL, Arc::clone(&places).acquire_owned()).await else { continue };
        let stream = match timeout(POLL, listener.accept()).await {
            Ok(Ok((stream, _))) => stream,
            // The client has gone already, or there are too many open files: neither lasts.
            Ok(Err(_)) => {
                tokio::time::sleep(POLL).await;
                continue;
            }
            Err(_) => continue,
        };
        // Answers are small and complete: waiting for more to send costs 40 ms of latency.
        let _ = stream.set_nodelay(true);
        let pace = Pace::begin();
        let service = TowerToHyperService::new(Paced::new(routes.clone(), Arc::clone(&pace)));
        let (builder, watcher, tls) = (builder.clone(), under_way.watcher(), tls.clone());
        let mut stream = TimeoutStream::new(stream);
        stream.set_write_timeout(Some(STUCK));
        // A client that breaks off is nothing to tell, here and below.
        tokio::spawn(async move {
            let stream = Box::pin(stream);
            let talk = async {
                match tls {
                    None => {
                        let connection = builder.serve_connection(TokioIo::new(stream), service);
                        let _ = watcher.watch(connection.into_owned()).await;
                    }
                    Some(tls) => {
                        if let Ok(stream) = tls.accept(stream).await {
                            let connection = builder.serve_connection(TokioIo::new(stream), service);
                            let _ = watcher.watch(connection.into_owned()).await;
                        }
                    }
                }
            };
            tokio::select! {
                () = talk => {}
                () = pace.lost() => {}
            }
            drop(place);
        });
    }
    let _ = timeout(GRACE, under_way.shutdown()).await;
}

fn builder() -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(HEAD_TIME).max_buf_size(HEAD_BYTES);
    builder.http2().timer(TokioTimer::new()).max_header_list_size(HEAD_BYTES as u32).max_concurrent_streams(STREAMS);
    builder.http2().keep_alive_interval(ALIVE).keep_alive_timeout(STUCK);
    builder
}
