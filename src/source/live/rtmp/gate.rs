//! Who may publish: one at a time, with the right application and key.

use std::collections::BTreeMap;
use std::sync::mpsc::Sender;
use std::sync::{Mutex, MutexGuard, PoisonError};

use rtmp_rs::media::FlvTag;
use rtmp_rs::protocol::message::{ConnectParams, PlayParams, PublishParams};
use rtmp_rs::server::handler::MediaDeliveryMode;
use rtmp_rs::session::{SessionContext, StreamContext};
use rtmp_rs::{AuthResult, RtmpHandler};
use tokio::task::AbortHandle;

use super::flv::{Flv, Writer, pipe};
use crate::source::live::listen::Door;
use crate::source::takeover::Takeover;

/// Connections that do not publish; when there are more, the one that came first has to go.
const WAITING: usize = 128;

/// Lets one publisher through.
pub(super) struct Gate {
    door: Door,
    published: Sender<Flv>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Who has not begun to publish, by their number.
    waiting: BTreeMap<u64, AbortHandle>,
    active: Option<Active>,
}

struct Active {
    session: u64,
    connection: AbortHandle,
    writer: Writer,
}

impl std::fmt::Debug for Gate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Gate").field("door", &self.door).finish_non_exhaustive()
    }
}

impl Gate {
    /// Whoever may publish comes out at `published`.
    pub(super) fn new(door: Door, published: Sender<Flv>) -> Self {
        Self { door, published, state: Mutex::default() }
    }

    /// Somebody has come.
    pub(super) fn enter(&self, session: u64, connection: AbortHandle) {
        let mut state = self.lock();
        state.waiting.insert(session, connection);
        while state.waiting.len() > WAITING {
            if let Some((_, first)) = state.waiting.pop_first() {
                first.abort();
            }
        }
    }

    /// Somebody has gone.
    pub(super) fn leave(&self, session: u64) {
        let mut state = self.lock();
        state.waiting.remove(&session);
        if state.active.as_ref().is_some_and(|active| active.session == session) {
            state.active = None;
        }
    }

    /// Somebody has had the time to publish.
    pub(super) fn expire(&self, session: u64) {
        if let Some(connection) = self.lock().waiting.remove(&session) {
            connection.abort();
        }
    }

    /// Lets somebody publish, unless another one does and stays.
    fn publish(&self, session: u64) -> Result<(), &'static str> {
        let mut state = self.lock();
        // One that nobody reads any more was given up.
        let taken = state.active.as_ref().is_some_and(|active| !active.writer.is_over());
        if taken && self.door.takeover == Takeover::Reject {
            return Err("somebody else is publishing");
        }
        let connection = state.waiting.remove(&session).ok_or("too late")?;
        let (writer, flv) = pipe();
        self.published.send(flv).map_err(|_| "nobody listens any more")?;
        if let Some(before) = state.active.replace(Active { session, connection, writer }) {
            before.connection.abort();
        }
        Ok(())
    }

    /// Where the tags of a session go, while it publishes.
    fn writer(&self, session: u64) -> Option<Writer> {
        let state = self.lock();
        state.active.as_ref().filter(|active| active.session == session).map(|active| active.writer.clone())
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl RtmpHandler for Gate {
    fn media_delivery_mode(&self) -> MediaDeliveryMode {
        MediaDeliveryMode::RawFlv
    }

    async fn on_connect(&self, _: &SessionContext, params: &ConnectParams) -> AuthResult {
        if params.app.trim_matches('/') == self.door.application {
            AuthResult::Accept
        } else {
            AuthResult::Reject("there is no such application".to_owned())
        }
    }

    async fn on_publish(&self, context: &SessionContext, params: &PublishParams) -> AuthResult {
        if !self.door.key.is(&params.stream_key) {
            return AuthResult::Reject("the stream key is wrong".to_owned());
        }
        match self.publish(context.session_id) {
            Ok(()) => AuthResult::Accept,
            Err(why) => AuthResult::Reject(why.to_owned()),
        }
    }

    async fn on_play(&self, _: &SessionContext, _: &PlayParams) -> AuthResult {
        AuthResult::Reject("nothing is played here".to_owned())
    }

    async fn on_media_tag(&self, context: &StreamContext, tag: &FlvTag) -> bool {
        let session = context.session.session_id;
        if let Some(writer) = self.writer(session)
            && !writer.write(tag).await
        {
            // Nobody reads it any more.
            self.leave(session);
        }
        true
    }

    async fn on_unpublish(&self, context: &StreamContext) {
        self.leave(context.session.session_id);
    }
}
