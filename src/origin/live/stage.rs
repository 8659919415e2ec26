//! What a live programme offers at this moment: put here by the one who makes it, taken by every request.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::body::Bytes;
use axum::http::StatusCode;
use tokio::sync::watch;
use tokio::time::timeout;

use super::growing::{Growing, Grown};
use super::list::{Directives, List, Verdict, Versions};
use super::media::Whole;
use super::metrics::Metrics;
use super::text::Text;

/// So many segments long is waited for an object that is due.
const PATIENCE: u32 = 3;

/// The objects and manifests of a live programme. Copies are the same stage.
#[derive(Debug, Clone)]
pub struct Stage(pub(super) Arc<Shared>);

/// What requests see of it.
#[derive(Debug)]
pub(super) struct Shared {
    /// The directory behind it, without symbolic links.
    pub(super) root: Box<Path>,
    state: Mutex<State>,
    changed: watch::Sender<()>,
    /// Length of a full segment.
    pub(super) segment: Duration,
    /// How long copies of a manifest are good, in seconds.
    pub(super) fresh_s: u64,
    pub(super) metrics: Metrics,
}

#[derive(Debug, Default)]
struct State {
    texts: HashMap<String, Arc<Text>>,
    /// Playlists that may be asked for before they are there.
    lists: HashMap<String, watch::Sender<Arc<List>>>,
    objects: HashMap<String, Object>,
    due: HashSet<String>,
}

/// An object that is kept here.
#[derive(Debug)]
enum Object {
    Whole(Whole),
    Growing(Growing),
}

/// What stands under a key.
pub(super) enum Found {
    /// The latest version of a manifest.
    Text(Arc<Text>),
    /// An object.
    Object(Whole),
    /// An object that is still made.
    Growing(Grown),
    /// Nothing that is kept here.
    Nothing,
}

impl Stage {
    /// The stage of a programme whose segments last so long, in front of the directory that it is stored in.
    pub fn new(root: PathBuf, segment: Duration) -> Self {
        Self(Arc::new(Shared {
            root: root.into(),
            state: Mutex::default(),
            changed: watch::Sender::default(),
            segment,
            fresh_s: (segment.as_secs() / 2).max(1),
            metrics: Metrics::default(),
        }))
    }

    /// The next version of a manifest.
    pub fn manifest(&self, key: &str, body: String) {
        self.0.lock().texts.insert(key.to_owned(), Arc::new(Text::new(body)));
    }

    /// The next version of a playlist that is offered in parts. Whoever waits for it gets it.
    pub fn playlist(&self, key: &str, versions: Versions) {
        let list = Arc::new(List::new(versions));
        let mut state = self.0.lock();
        match state.lists.get(key) {
            Some(sender) => drop(sender.send_replace(list)),
            None => drop(state.lists.insert(key.to_owned(), watch::Sender::new(list))),
        }
    }

    /// An object, which never changes. Whoever waits for it gets it.
    pub fn object(&self, key: &str, body: impl Into<Bytes>) {
        let whole = Whole::new(body.into());
        let mut state = self.0.lock();
        state.due.remove(key);
        if let Some(Object::Growing(growing)) = state.objects.insert(key.to_owned(), Object::Whole(whole)) {
            growing.end();
        }
        drop(state);
        self.0.changed.send_replace(());
    }

    /// The next bytes of an object, which may be asked for from the first ones on; its `last` ones, or not.
    pub fn grow(&self, key: &str, bytes: Bytes, last: bool) {
        let mut state = self.0.lock();
        let begins = match state.objects.get(key) {
            Some(Object::Growing(growing)) => {
                growing.add(bytes, last);
                false
            }
            Some(Object::Whole(_)) => false,
            None => {
                let growing = Growing::default();
                growing.add(bytes, last);
                state.due.remove(key);
                state.objects.insert(key.to_owned(), Object::Growing(growing));
                true
            }
        };
        drop(state);
        if begins {
            self.0.changed.send_replace(());
        }
    }

    /// These objects will come soon: who asks for one of them waits for it.
    pub fn expect(&self, keys: impl IntoIterator<Item = String>) {
        self.0.lock().due.extend(keys);
    }

    /// These objects are no longer kept here; the directory may have them.
    pub fn forget<'k>(&self, keys: impl IntoIterator<Item = &'k str>) {
        let mut state = self.0.lock();
        for key in keys {
            state.objects.remove(key);
        }
    }

    /// Nothing more comes.
    pub fn end(&self) {
        let mut state = self.0.lock();
        state.due.clear();
        // What was begun and is no part of the programme breaks off.
        state.objects.retain(|_, object| matches!(object, Object::Whole(_)));
        for (key, sender) in &state.lists {
            if let Some(last) = state.texts.get(key) {
                sender.send_modify(|list| *list = Arc::new(list.ended(Arc::clone(last))));
            }
        }
        drop(state);
        self.0.changed.send_replace(());
    }

    /// What `/metrics` tells.
    pub fn metrics(&self) -> &Metrics {
        &self.0.metrics
    }
}

impl Shared {
    /// The playlist under `key`, if it is one that is offered in parts.
    pub(super) fn list(&self, key: &str) -> Option<watch::Receiver<Arc<List>>> {
        self.lock().lists.get(key).map(watch::Sender::subscribe)
    }

    /// The version of a playlist that is asked for, once it is there; nothing when it does not come in time, or is
    /// nothing that may be asked for.
    pub(super) async fn version(
        &self,
        list: &mut watch::Receiver<Arc<List>>,
        directives: Directives,
    ) -> Result<Arc<List>, StatusCode> {
        let now = Arc::clone(&list.borrow());
        match now.verdict(directives) {
            Verdict::Ready => return Ok(now),
            Verdict::Refuse => return Err(StatusCode::BAD_REQUEST),
            Verdict::Wait => {}
        }
        let _waiting = self.metrics.wait();
        let ready = list.wait_for(|list| list.verdict(directives) == Verdict::Ready);
        match timeout(now.patience(), ready).await {
            Ok(Ok(list)) => Ok(Arc::clone(&list)),
            Ok(Err(_)) | Err(_) => Err(StatusCode::SERVICE_UNAVAILABLE),
        }
    }

    /// What stands under `key`, once it is there when it is due.
    pub(super) async fn find(&self, key: &str) -> Found {
        let mut changed = self.changed.subscribe();
        let found = async {
            loop {
                match self.look(key) {
                    Some(found) => return found,
                    None => {
                        let _waiting = self.metrics.wait();
                        // The one who tells it is a part of this stage.
                        let _ = changed.changed().await;
                    }
                }
            }
        };
        timeout(PATIENCE * self.segment, found).await.unwrap_or(Found::Nothing)
    }

    /// What stands under `key`; nothing while it is due.
    fn look(&self, key: &str) -> Option<Found> {
        let state = self.lock();
        if let Some(text) = state.texts.get(key) {
            return Some(Found::Text(Arc::clone(text)));
        }
        if let Some(object) = state.objects.get(key) {
            return Some(match object {
                Object::Whole(body) => Found::Object(body.clone()),
                Object::Growing(growing) => Found::Growing(growing.grown()),
            });
        }
        (!state.due.contains(key)).then_some(Found::Nothing)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
