//! HTTP: a directory of sets or a live programme in, requests answered until the run is told to stop. The only place of the
//! async runtime, which never leaves it.

mod connections;
mod files;
mod headers;
mod licence;
pub mod live;
mod pace;
mod place;
mod preview;
mod route;
mod sets;
mod site;
mod tls;

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use tokio::net::TcpListener;

use crate::cancel::CancelToken;
use crate::crypt::{Keys, Token};
pub use sets::Set;
pub use tls::Certificate;

/// What is served, and where.
#[derive(Debug, Clone)]
pub struct Config {
    /// The output of `encode`, or a directory above several.
    pub root: PathBuf,
    /// `HOST:PORT` to listen on; port 0 is any free one.
    pub address: String,
    /// Whether there are preview pages beside the files.
    pub preview: bool,
    /// Keys for a licence server of Clear Key.
    pub keys: Option<Keys>,
    /// What somebody shows to get keys. Without it nobody gets those of whole segments, and everybody the others.
    pub token: Option<Token>,
}

/// A server that listens.
#[derive(Debug, Clone)]
pub struct Serving {
    /// Where it listens.
    pub address: SocketAddr,
    /// What it found when it started.
    pub sets: Vec<Set>,
    /// The path of the preview on the server, when there is one.
    pub preview: Option<&'static str>,
    /// The path of the licence server, when there is one.
    pub licence: Option<&'static str>,
    /// The path of the keys of whole segments, `{kid}` in it, when they can be had.
    pub key: Option<&'static str>,
}

/// Nothing can be served.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The directory cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Unreadable {
        /// The directory.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The directory is none.
    #[error("{} is not a directory; give the one that encode wrote", .0.display())]
    NotADirectory(PathBuf),
    /// The directory holds no set.
    #[error("{} holds no set: no master.m3u8 or manifest.mpd in it or below it; give the directory that encode wrote", .0.display())]
    NoSet(PathBuf),
    /// The address is taken, not ours or none.
    #[error("cannot listen on {address}: {}", refusal(source))]
    Listen {
        /// The address.
        address: String,
        /// Why.
        source: io::Error,
    },
    /// The certificate or its key cannot be used.
    #[error("cannot use the certificate {}: {why}; give a chain and its key in PEM", path.display())]
    Certificate {
        /// The file.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// The keys of tokens cannot be used.
    #[error("cannot use the keys in {}: {why}", path.display())]
    TokenKeys {
        /// The file.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// The runtime or the listener failed.
    #[error("the server failed: {0}")]
    Failed(#[source] io::Error),
}

/// Why an address was refused, and what to do.
fn refusal(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::AddrInUse => {
            "another program uses this port; end it or choose another one (port 0 stands for any free one)".to_owned()
        }
        io::ErrorKind::PermissionDenied => "permission denied; choose a port above 1023".to_owned(),
        io::ErrorKind::AddrNotAvailable => "this machine has no such address; 0.0.0.0 stands for all it has".to_owned(),
        // io::ErrorKind is not ours and grows.
        _ => error.to_string(),
    }
}

/// Serves until the token is cancelled. Tells `ready` once it listens.
pub fn serve(config: &Config, cancel: &CancelToken, ready: impl FnOnce(&Serving)) -> Result<(), Error> {
    let root = directory(&config.root)?;
    let sets = sets::find(&root);
    if sets.is_empty() {
        return Err(Error::NoSet(config.root.clone()));
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Error::Failed)?;
    let result = runtime.block_on(async {
        let refused = |source| Error::Listen { address: config.address.clone(), source };
        let listener = TcpListener::bind(&config.address).await.map_err(refused)?;
        let address = listener.local_addr().map_err(refused)?;
        let preview = config.preview.then(|| preview::entry(&root));
        let licence = config.keys.is_some().then_some(licence::PATH);
        let routes = route::routes(&root, config, address.ip().is_loopback());
        let key = config.keys.as_ref().zip(config.token.as_ref()).map(|_| licence::KEY_PATH);
        ready(&Serving { address, sets, preview, licence, key });
        connections::serve(listener, None, routes, cancel).await;
        Ok(())
    });
    // What is still being sent is cut off.
    runtime.shutdown_background();
    result
}

/// The directory without symbolic links and `..`, so that paths below it can be compared with it.
fn directory(path: &Path) -> Result<PathBuf, Error> {
    let root = path.canonicalize().map_err(|source| Error::Unreadable { path: path.to_owned(), source })?;
    if root.is_dir() { Ok(root) } else { Err(Error::NotADirectory(path.to_owned())) }
}
