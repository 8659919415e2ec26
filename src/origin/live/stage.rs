//! What a live programme offers at this moment: put here by the one who makes it, taken by every request.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::body::Bytes;
use tokio::sync::watch;
use tokio::time::timeout;

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
    objects: HashMap<String, Bytes>,
    due: HashSet<String>,
}

/// What stands under a key.
pub(super) enum Found {
    /// The latest version of a manifest.
    Text(Arc<Text>),
    /// An object.
    Object(Bytes),
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

    /// An object, which never changes. Whoever waits for it gets it.
    pub fn object(&self, key: &str, body: Vec<u8>) {
        let mut state = self.0.lock();
        state.due.remove(key);
        state.objects.insert(key.to_owned(), body.into());
        drop(state);
        self.0.changed.send_replace(());
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
        self.0.lock().due.clear();
        self.0.changed.send_replace(());
    }

    /// What `/metrics` tells.
    pub fn metrics(&self) -> &Metrics {
        &self.0.metrics
    }
}

impl Shared {
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
            return Some(Found::Object(object.clone()));
        }
        (!state.due.contains(key)).then_some(Found::Nothing)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
