//! Waits for RTMP publishers, and gives what they send as streams of FLV. The protocol is `rtmp-rs`'s; who may publish,
//! and what everybody else may cost, is decided here.

mod flv;
mod gate;

use std::io::{self, Read};
use std::net::{SocketAddr, TcpListener};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use rtmp_rs::protocol::enhanced::EnhancedRtmpMode;
use rtmp_rs::server::connection::Connection;
use rtmp_rs::{ServerConfig, StreamRegistry};
use tokio::net::{TcpListener as AsyncListener, TcpStream};
use tokio::sync::oneshot;

use super::listen::{Door, Publishers};
use crate::cancel::CancelToken;
use flv::Flv;
use gate::Gate;

/// A handshake takes no longer.
const HANDSHAKE: Duration = Duration::from_secs(5);

/// Who has not begun to publish by then has come for something else.
const PUBLISH_WITHIN: Duration = Duration::from_secs(10);

/// Bytes of each buffer of a connection: many that say nothing must not cost much.
const BUFFER: usize = 8 << 10;

/// How long accepting rests when the system gives no more connections.
const REST: Duration = Duration::from_millis(100);

/// How often somebody who waits for a publisher looks whether to stop.
const POLL: Duration = Duration::from_millis(50);

/// A server that takes one publisher at a time.
#[derive(Debug)]
pub(super) struct Server {
    published: Mutex<Receiver<Flv>>,
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
        let gate = Arc::new(Gate::new(door, sender));
        let mode = if enhanced { EnhancedRtmpMode::Auto } else { EnhancedRtmpMode::LegacyOnly };
        let mut config = ServerConfig::with_addr(listener.local_addr()?)
            .disable_gop_buffer()
            .connection_timeout(HANDSHAKE)
            .idle_timeout(patience)
            .enhanced_rtmp(mode);
        (config.read_buffer_size, config.write_buffer_size) = (BUFFER, BUFFER);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (stop, stopped) = oneshot::channel();
        let serve = move || {
            runtime.block_on(async {
                tokio::select! {
                    () = accept(listener, &gate, &config) => {}
                    _ = stopped => {}
                }
            });
        };
        let thread = std::thread::Builder::new().name("rtmp".to_owned()).spawn(serve)?;
        Ok(Self { published: Mutex::new(published), stop: Some(stop), thread: Some(thread) })
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
    let (config, handler) = (config.clone(), Arc::clone(gate));
    let talk = tokio::spawn(async move {
        // A registry of its own: publishers meet at the gate alone.
        let registry = Arc::new(StreamRegistry::new());
        let gate = Arc::clone(&handler);
        // How it ended is nobody's concern but the publisher's, who was told.
        let _ = Connection::new(session, socket, peer, config, handler, registry).run().await;
        gate.leave(session);
    });
    gate.enter(session, talk.abort_handle());
    let gate = Arc::clone(gate);
    tokio::spawn(async move {
        tokio::time::sleep(PUBLISH_WITHIN).await;
        gate.expire(session);
    });
}
