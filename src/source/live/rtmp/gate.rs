//! Who may publish: one at a time, with the right application and key.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::mpsc::Sender;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rtmp_rs::media::FlvTag;
use rtmp_rs::media::flv::FlvTagType;
use rtmp_rs::protocol::message::{ConnectParams, PlayParams, PublishParams};
use rtmp_rs::server::handler::MediaDeliveryMode;
use rtmp_rs::session::{SessionContext, StreamContext};
use rtmp_rs::{AuthResult, RtmpHandler};
use tokio::task::AbortHandle;

use super::flv::{Flv, Writer, pipe};
use crate::source::live::listen::{Door, Refused};
use crate::source::takeover::Takeover;

/// Connections that do not publish; when there are more, the first of the address that has the most has to go.
const WAITING: usize = 128;

const NO_APPLICATION: &str = "there is no such application";

/// Lets one publisher through.
pub(super) struct Gate {
    door: Door,
    published: Sender<Flv>,
    /// A publisher that sends no media for so long is given up.
    patience: Duration,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Who has not begun to publish, by their number.
    waiting: BTreeMap<u64, Waiting>,
    active: Option<Active>,
    refused: Refused,
}

struct Waiting {
    from: IpAddr,
    connection: AbortHandle,
}

impl State {
    /// Who has to go: one that comes in large numbers does not crowd out the others.
    fn crowding(&self) -> Option<u64> {
        let mut of_address: BTreeMap<IpAddr, (usize, u64)> = BTreeMap::new();
        for (session, Waiting { from, .. }) in &self.waiting {
            of_address.entry(*from).or_insert((0, *session)).0 += 1;
        }
        let most = of_address.into_values().max_by_key(|(count, first)| (*count, Reverse(*first)));
        most.map(|(_, first)| first)
    }
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
    pub(super) fn new(door: Door, published: Sender<Flv>, patience: Duration) -> Self {
        Self { door, published, patience, state: Mutex::default() }
    }

    /// Who was not let in so far.
    pub(super) fn refused(&self) -> Refused {
        self.lock().refused
    }

    fn refuse(&self, why: &'static str) -> AuthResult {
        let refused = &mut self.lock().refused;
        *refused = Refused { times: refused.times + 1, why };
        AuthResult::Reject(why.to_owned())
    }

    /// Somebody has come.
    pub(super) fn enter(&self, session: u64, from: IpAddr, connection: AbortHandle) {
        let mut state = self.lock();
        state.waiting.insert(session, Waiting { from, connection });
        while state.waiting.len() > WAITING
            && let Some(crowding) = state.crowding().and_then(|session| state.waiting.remove(&session))
        {
            crowding.connection.abort();
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
        if let Some(waiting) = self.lock().waiting.remove(&session) {
            waiting.connection.abort();
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
        let Waiting { connection, .. } = state.waiting.remove(&session).ok_or("too late")?;
        let (writer, flv) = pipe(self.patience);
        self.published.send(flv).map_err(|_| "nobody listens any more")?;
        if let Some(before) = state.active.replace(Active { session, connection, writer }) {
            before.connection.abort();
        }
        Ok(())
    }

    /// Whether a session publishes.
    pub(super) fn publishes(&self, session: u64) -> bool {
        self.lock().active.as_ref().is_some_and(|active| active.session == session)
    }

    /// A publisher has marked something.
    pub(super) async fn marked(&self, session: u64, timestamp: u32, text: Vec<u8>) {
        let tag = FlvTag { tag_type: FlvTagType::Script, timestamp, data: text.into() };
        self.hand_on(session, &tag).await;
    }

    async fn hand_on(&self, session: u64, tag: &FlvTag) {
        if let Some(writer) = self.writer(session)
            && !writer.write(tag).await
        {
            // Nobody reads it any more.
            self.leave(session);
        }
    }

    /// Where the tags of a session go, while it publishes.
    fn writer(&self, session: u64) -> Option<Writer> {
        let state = self.lock();
        state.active.as_ref().filter(|active| active.session == session).map(|active| active.writer.clone())
    }

    fn is_application(&self, named: &str) -> bool {
        named.trim_matches('/') == self.door.application
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
        if self.is_application(&params.app) { AuthResult::Accept } else { self.refuse(NO_APPLICATION) }
    }

    async fn on_publish(&self, context: &SessionContext, params: &PublishParams) -> AuthResult {
        // Nobody has to connect before that.
        if !self.is_application(&context.app) {
            return self.refuse(NO_APPLICATION);
        }
        if !self.door.key.is(&params.stream_key) {
            return self.refuse("the stream key is wrong");
        }
        match self.publish(context.session_id) {
            Ok(()) => AuthResult::Accept,
            Err(why) => self.refuse(why),
        }
    }

    async fn on_play(&self, _: &SessionContext, _: &PlayParams) -> AuthResult {
        AuthResult::Reject("nothing is played here".to_owned())
    }

    async fn on_media_tag(&self, context: &StreamContext, tag: &FlvTag) -> bool {
        self.hand_on(context.session.session_id, tag).await;
        true
    }

    async fn on_unpublish(&self, context: &StreamContext) {
        self.leave(context.session.session_id);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;
    use crate::source::secret::Secret;

    fn gate() -> (Gate, std::sync::mpsc::Receiver<Flv>) {
        let door = Door { application: "live".to_owned(), key: Secret::new("k3y"), takeover: Takeover::Reject };
        let (sender, published) = channel();
        (Gate::new(door, sender, Duration::from_secs(5)), published)
    }

    fn run<T>(work: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread().build().expect("a runtime").block_on(work)
    }

    #[test]
    fn an_address_that_comes_in_large_numbers_crowds_out_itself() {
        let (gate, _published) = gate();
        run(async {
            let enter = |session, from: [u8; 4]| {
                gate.enter(session, from.into(), tokio::spawn(std::future::pending::<()>()).abort_handle());
            };
            enter(1, [192, 0, 2, 1]);
            (2..400).for_each(|session| enter(session, [198, 51, 100, 7]));
        });
        let state = gate.lock();
        assert!(state.waiting.contains_key(&1) && state.waiting.contains_key(&399) && !state.waiting.contains_key(&2));
        assert_eq!(state.waiting.len(), WAITING);
    }

    #[test]
    fn the_application_is_looked_at_where_nobody_has_connected() {
        let (gate, published) = gate();
        let params = PublishParams { stream_key: "k3y".to_owned(), publish_type: "live".to_owned(), stream_id: 1 };
        let publish = |application: &str| {
            run(async {
                gate.enter(7, [127, 0, 0, 1].into(), tokio::spawn(std::future::pending::<()>()).abort_handle());
                let mut context = SessionContext::new(7, ([127, 0, 0, 1], 1).into());
                context.app = application.to_owned();
                gate.on_publish(&context, &params).await
            })
        };
        assert!(matches!(publish(""), AuthResult::Reject(_)));
        assert_eq!(gate.refused(), Refused { times: 1, why: NO_APPLICATION });
        assert!(matches!(publish("live"), AuthResult::Accept) && published.try_recv().is_ok());
    }
}
