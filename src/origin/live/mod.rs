//! HTTP for a live programme: what stands on its [`Stage`], and behind it what is in its directory.

mod growing;
mod list;
mod media;
mod metrics;
mod stage;
mod text;
pub mod token;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
pub use axum::body::Bytes;
use axum::extract::{Path as Captured, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use super::place::Place;
use super::{Certificate, Error, connections, files, headers, tls};
use crate::cancel::CancelToken;
use crate::clock::{LiveClock, SystemClock};
use crate::media::Utc;
use crate::plan::delivery::{self, Caching};
use crate::plan::names;
use list::Directives;
pub use list::Versions;
pub use metrics::Metrics;
pub use stage::Stage;
use stage::{Found, Shared};
use token::TokenKeys;
use tokio_rustls::TlsAcceptor;

/// How long a CDN may remember that something is not there.
const NOT_YET: &str = "public, max-age=1";

/// So many segments without a new one, and the programme is not healthy.
const HEALTHY_SEGMENTS: u32 = 5;

/// Where a programme is served, and to whom.
#[derive(Debug, Clone)]
pub struct Address {
    /// `HOST:PORT`; port 0 is any free one.
    pub at: String,
    /// With TLS, or in the clear.
    pub certificate: Option<Certificate>,
    /// Keys of the tokens that open it; without them it is open to all.
    pub token_keys: Option<PathBuf>,
}

/// Listens, and does not answer yet.
pub struct Listener {
    socket: std::net::TcpListener,
    tls: Option<TlsAcceptor>,
    keys: Option<Arc<TokenKeys>>,
}

impl std::fmt::Debug for Listener {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Listener").field("socket", &self.socket).field("keys", &self.keys).finish_non_exhaustive()
    }
}

impl Listener {
    /// Listens.
    ///
    /// # Errors
    /// When the address is taken, not ours or none, or a certificate or key cannot be used.
    pub fn bind(address: &Address) -> Result<Self, Error> {
        let refused = |source| Error::Listen { address: address.at.clone(), source };
        let tls = address.certificate.as_ref().map(tls::acceptor).transpose()?;
        let keys = address.token_keys.as_deref().map(TokenKeys::read).transpose()?.map(Arc::new);
        let socket = std::net::TcpListener::bind(&address.at).map_err(refused)?;
        socket.set_nonblocking(true).map_err(refused)?;
        Ok(Self { socket, tls, keys })
    }

    /// Where it listens.
    ///
    /// # Errors
    /// When the system does not know it.
    pub fn address(&self) -> Result<SocketAddr, Error> {
        self.socket.local_addr().map_err(Error::Failed)
    }

    /// Answers until the token is cancelled.
    ///
    /// # Errors
    /// When the runtime cannot be made.
    pub fn serve(self, stage: &Stage, cancel: &CancelToken) -> Result<(), Error> {
        answer(self.socket, self.tls, routes(stage, self.keys), cancel)
    }

    /// Answers how it is until the token is cancelled, while there is no programme, and gives what is in the directory
    /// `left` of one that will go on.
    ///
    /// # Errors
    /// When the runtime cannot be made.
    pub fn serve_meanwhile(&self, left: Option<PathBuf>, cancel: &CancelToken) -> Result<(), Error> {
        let socket = self.socket.try_clone().map_err(Error::Failed)?;
        let is_left = left.is_some();
        let stage = Stage::new(left.unwrap_or_default(), Duration::ZERO);
        let routes = if is_left { routes(&stage, self.keys.clone()) } else { health_routes().with_state(stage.0) };
        answer(socket, self.tls.clone(), routes, cancel)
    }
}

fn answer(
    socket: std::net::TcpListener,
    tls: Option<TlsAcceptor>,
    routes: Router,
    cancel: &CancelToken,
) -> Result<(), Error> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Error::Failed)?;
    let served = runtime.block_on(async {
        let listener = tokio::net::TcpListener::from_std(socket).map_err(Error::Failed)?;
        connections::serve(listener, tls, routes, cancel).await;
        Ok(())
    });
    // What is still being sent is cut off.
    runtime.shutdown_background();
    served
}

fn health_routes() -> Router<Arc<Shared>> {
    Router::new().route("/healthz", get(health)).route("/metrics", get(metrics))
}

fn routes(stage: &Stage, keys: Option<Arc<TokenKeys>>) -> Router {
    let open = health_routes();
    let routes = match keys {
        None => open.route("/{*path}", get(object)),
        Some(keys) => open.route(
            &format!("/{}/{{token}}/{{*path}}", token::DIRECTORY),
            get(|state, Captured((token, path)): Captured<(String, String)>, request| async move {
                let now = SystemClock::start().utc().as_secs();
                if keys.opens(&token, &path, now) {
                    object(state, Captured(path), request).await
                } else {
                    (StatusCode::FORBIDDEN, [(header::CACHE_CONTROL, "no-store")]).into_response()
                }
            }),
        ),
    };
    let routes = routes.with_state(Arc::clone(&stage.0));
    let shared = Arc::clone(&stage.0);
    headers::with_headers(routes, headers::every_origin()).layer(axum::middleware::map_response(
        move |response: Response| {
            shared.metrics.answered(response.status());
            std::future::ready(response)
        },
    ))
}

fn now_us() -> i64 {
    i64::try_from(SystemClock::start().utc().as_micros()).unwrap_or(i64::MAX)
}

/// Whether segments come.
async fn health(State(shared): State<Arc<Shared>>) -> Response {
    match shared.metrics.edge_age(now_us()) {
        Some(age) if age <= (HEALTHY_SEGMENTS * shared.segment).as_secs_f64() => "ok\n".into_response(),
        Some(age) => (StatusCode::SERVICE_UNAVAILABLE, format!("no segment for {age:.1} s\n")).into_response(),
        None => (StatusCode::SERVICE_UNAVAILABLE, "no segment yet\n").into_response(),
    }
}

async fn metrics(State(shared): State<Arc<Shared>>) -> Response {
    let kind = [(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")];
    (kind, shared.metrics.text(now_us())).into_response()
}

/// The time of day, for players that synchronise with it (ISO/IEC 23009-1 § 5.8.4.11, `http-xsdate`).
fn time() -> Response {
    let now = Utc::since_1970(SystemClock::start().utc());
    ([(header::CACHE_CONTROL, "no-store")], now.to_string()).into_response()
}

async fn object(State(shared): State<Arc<Shared>>, Captured(key): Captured<String>, request: Request) -> Response {
    if key == names::TIME {
        return time();
    }
    let request = request.into_parts().0;
    let media_type = delivery::media_type(&key).unwrap_or("application/octet-stream");
    if let Some(mut list) = shared.list(&key) {
        let Some(directives) = Directives::of(request.uri.query()) else {
            return (StatusCode::BAD_REQUEST, [(header::CACHE_CONTROL, NOT_YET)]).into_response();
        };
        return match shared.version(&mut list, directives).await {
            Ok(list) => {
                let fresh_s = if directives.names_version() { list.directed_s() } else { 1 };
                list.text(directives).answer(media_type, fresh_s, &request.headers)
            }
            Err(status) => (status, [(header::CACHE_CONTROL, NOT_YET)]).into_response(),
        };
    }
    match shared.find(&key).await {
        Found::Text(text) => text.answer(media_type, shared.fresh_s, &request.headers),
        Found::Growing(grown) => media::growing(grown, media_type),
        Found::Object(body) => media::whole(body, media_type, &request.headers),
        Found::Nothing => match files::locate(&shared.root, &key).await {
            Some(Place::File(path)) => files::deliver(&path, &key, Caching::live_header, request).await,
            Some(Place::Directory(_)) | None => {
                (StatusCode::NOT_FOUND, [(header::CACHE_CONTROL, NOT_YET)]).into_response()
            }
        },
    }
}
