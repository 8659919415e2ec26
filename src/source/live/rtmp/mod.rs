//! Waits for RTMP publishers, and gives what they send as streams of FLV. The protocol is `rtmp-rs`'s; who may publish,
//! and what everybody else may cost, is decided here.

mod amf;
mod flv;
mod gate;
mod guard;
pub(super) mod script;

use std::io::{self, Read};
use std::net::{SocketAddr, TcpListener};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use rtmp_rs::protocol::enhanced::EnhancedRtmpMode;
use rtmp_rs::server::connection::Connection;
use rtmp_rs::{ServerConfig, StreamRegistry};
use tokio::io::BufReader;
use tokio::net::{TcpListener as AsyncListener, TcpStream};
use tokio::sync::{mpsc, oneshot};

use super::listen::{Door, Publishers, Refused};
use crate::cancel::CancelToken;
use flv::Flv;
use gate::Gate;
use guard::Marked;

/// A handshake takes no longer.
const HANDSHAKE: Duration = Duration::from_secs(5);

/// Who has not begun to publish by then has come for something else.
const PUBLISH_WITHIN: Duration = Duration::from_secs(10);

/// Bytes of each buffer of a connection: many that say nothing must not cost much.
const BUFFER: usize = 8 << 10;

/// Marks of a publisher that may wait; it is held back by more.
const MARKS_WAITING: usize = 16;

/// How long accepting rests when the system gives no more connections.
const REST: Duration = Duration::from_millis(100);

/// How often somebody who waits for a publisher looks whether to stop.
const POLL: Duration = Duration::from_millis(50);

/// A server that takes one publisher at a time.
#[derive(Debug)]
pub(super) struct Server {
    published: Mutex<Receiver<Flv>>,
    gate: Arc<Gate>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Listens at `address`. A publisher that says nothing for `patience` is given up. `enhanced` says whether codecs
    /// of Enhanced RTMP can be read.
    pub(super) fn start(address: &str, door: Door, patience: Duration, enhanced: bool) -> io::Result<Self> {
        let listener = TcpListener::bind(address)?;
        listener.set_nonblocking(true)?;
        let (sender, published) = channel();
        let gate = Arc::new(Gate::new(door, sender, patience));
        let mode = if enhanced { EnhancedRtmpMode::Auto } else { EnhancedRtmpMode::LegacyOnly };
        let mut config = ServerConfig::with_addr(listener.local_addr()?)
            .disable_gop_buffer()
            .connection_timeout(HANDSHAKE)
            .idle_timeout(patience)
            .enhanced_rtmp(mode);
        (config.read_buffer_size, config.write_buffer_size) = (BUFFER, BUFFER);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (stop, stopped) = oneshot::channel();
        let gate_of = Arc::clone(&gate);
        let serve = move || {
            runtime.block_on(async {
                tokio::select! {
                    () = accept(listener, &gate_of, &config) => {}
                    _ = stopped => {}
                }
            });
        };
        let thread = std::thread::Builder::new().name("rtmp".to_owned()).spawn(serve)?;
        Ok(Self { published: Mutex::new(published), gate, stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            // A thread that has ended needs no word.
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Publishers for Server {
    fn next(&self, cancel: &CancelToken) -> Option<Box<dyn Read + Send>> {
        let published = self.published.lock().unwrap_or_else(PoisonError::into_inner);
        while !cancel.is_cancelled() {
            match published.recv_timeout(POLL) {
                // One that was replaced, or has gone, before anybody looked.
                Ok(flv) if flv.is_over() => {}
                Ok(flv) => return Some(Box::new(flv.until(cancel))),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return None,
            }
        }
        None
    }

    fn refused(&self) -> Refused {
        self.gate.refused()
    }
}

/// Accepts connections for good.
async fn accept(listener: TcpListener, gate: &Arc<Gate>, config: &ServerConfig) {
    let Ok(listener) = AsyncListener::from_std(listener) else { return };
    for session in 1.. {
        match listener.accept().await {
            Ok((socket, peer)) => attend(session, socket, peer, gate, config),
            Err(_) => tokio::time::sleep(REST).await,
        }
    }
}

/// Talks to whoever has come, for as long as that may take.
fn attend(session: u64, socket: TcpStream, peer: SocketAddr, gate: &Arc<Gate>, config: &ServerConfig) {
    // Without it an answer may wait for one that never comes; a connection that refuses it has ended.
    let _ = socket.set_nodelay(true);
    let (config, gate_of) = (config.clone(), Arc::clone(gate));
    let talk = tokio::spawn(async move {
        // How it ended is nobody's concern but the publisher's, who was told.
        let _ = talk(session, socket, peer, config, &gate_of).await;
        gate_of.leave(session);
    });
    gate.enter(session, peer.ip(), talk.abort_handle());
    let gate = Arc::clone(gate);
    tokio::spawn(async move {
        tokio::time::sleep(PUBLISH_WITHIN).await;
        gate.expire(session);
    });
}

/// Lets the two talk, with the guard between them.
async fn talk(
    session: u64,
    socket: TcpStream,
    peer: SocketAddr,
    config: ServerConfig,
    gate: &Arc<Gate>,
) -> io::Result<()> {
    let (inner, outer) = pair().await?;
    let (mut said, heard) = tokio::io::split(outer);
    let (client, mut answers) = socket.into_split();
    // A registry of its own: publishers meet at the gate alone.
    let (handler, registry) = (Arc::clone(gate), Arc::new(StreamRegistry::new()));
    let connection = async {
        let mut connection = Connection::new(session, inner, peer, config, handler, registry);
        let _ = connection.run().await;
        // Whether it takes its last answers is no matter for the next one.
        gate.leave(session);
    };
    let answering = async {
        let mut copying = std::pin::pin!(tokio::io::copy(&mut said, &mut answers));
        tokio::select! {
            () = connection => {
                let _ = tokio::time::timeout(HANDSHAKE, copying).await;
            }
            _ = &mut copying => {}
        }
    };
    let (mark, mut marked) = mpsc::channel(MARKS_WAITING);
    let guarding = async {
        let client = BufReader::with_capacity(BUFFER, client);
        match guard::hand_on(client, heard, || gate.publishes(session), mark).await {
            Err(error) if error.kind() == io::ErrorKind::InvalidData => error,
            // It has said all, or is not listened to any more: what it has said is still worked at and answered.
            Ok(()) | Err(_) => std::future::pending().await,
        }
    };
    let marking = async {
        while let Some(Marked { time, text }) = marked.recv().await {
            gate.marked(session, time, text).await;
        }
        std::future::pending().await
    };
    tokio::select! {
        () = answering => Ok(()),
        () = marking => Ok(()),
        error = guarding => Err(error),
    }
}

/// Two ends of a connection within the process, the one of the kind that `rtmp-rs` takes.
#[cfg(unix)]
async fn pair() -> io::Result<(TcpStream, tokio::net::UnixStream)> {
    let (inner, outer) = std::os::unix::net::UnixStream::pair()?;
    inner.set_nonblocking(true)?;
    outer.set_nonblocking(true)?;
    // It is read and written as any other socket, and takes no port.
    let inner = std::net::TcpStream::from(std::os::fd::OwnedFd::from(inner));
    Ok((TcpStream::from_std(inner)?, tokio::net::UnixStream::from_std(outer)?))
}

#[cfg(not(unix))]
async fn pair() -> io::Result<(TcpStream, TcpStream)> {
    let listener = AsyncListener::bind((std::net::Ipv4Addr::LOCALHOST, 0)).await?;
    let inner = TcpStream::connect(listener.local_addr()?).await?;
    let (outer, from) = listener.accept().await?;
    let own = from == inner.local_addr()?;
    if own { Ok((inner, outer)) } else { Err(io::ErrorKind::ConnectionRefused.into()) }
}
