//! A live set into a store: what is stored in a directory of this machine goes there at once, in the same order, and
//! what is removed here is removed there.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use sha2::{Digest, Sha256};

use super::mirror::{self, Ours};
use super::{REQUESTS, Staging, at_destination};
use crate::cancel::CancelToken;
use crate::event::{Control, Event, Silent, Warning};
use crate::job::journal::Journal;
use crate::job::report::Report;
use crate::job::sync::CacheControl;
use crate::job::sync::compare::{Delete, There};
use crate::job::sync::items::{Item, items};
use crate::job::sync::local::{self, LocalFile};
use crate::job::sync::publish::{Terms, publish};
use crate::job::sync::state::Put;
use crate::job::sync::transfer;
use crate::job::{Error, lock};
use crate::output::object::{Location, hex};
use crate::output::{Error as OutputError, Objects};
use crate::plan::delivery::{Caching, LIVE_MEDIA};
use crate::plan::names;

/// The store is asked again for so long before an outage is told; then again until the run is stopped.
const TOLD_AFTER: Duration = Duration::from_secs(15);

/// Brings a live set to a store while it grows.
pub(in crate::job) struct Follower<'a> {
    objects: &'a Objects,
    /// The directory that it follows.
    set: &'a Path,
    cache_control: CacheControl,
    /// What caches are told of manifests when nothing follows; nothing for our own.
    ended: Option<String>,
    /// What an earlier run put there.
    before: Vec<String>,
    /// What this one put there and did not remove; nothing before it began.
    made: Mutex<Option<Ours>>,
    /// Told of outages, which are waited out until it is cancelled.
    control: Control<'a>,
    /// Nothing more is brought before the end.
    left: AtomicBool,
    /// Never cancelled: a run that is told to stop still has to say that nothing follows.
    never: CancelToken,
}

/// Makes a live set with `work`, which writes it into the directory that it is given: `output` itself, or when that is
/// the URL of a bucket one that stands for it, with the one who brings what it stores to the bucket.
pub(in crate::job) fn follow(
    output: &Path,
    asked: &CacheControl,
    control: Control<'_>,
    work: impl FnOnce(&Path, Option<&Follower<'_>>) -> Result<Report, Error>,
) -> Result<Report, Error> {
    let destination = match Location::parse(output.as_os_str())? {
        Location::Directory(directory) => return work(&directory, None),
        destination @ Location::Bucket(_) => destination,
    };
    let staging = Staging::of(&destination)?;
    let result = lock::hold(
        staging.root(),
        || false,
        || {
            // Nothing of an earlier run is used again.
            staging.clear()?;
            let result = bring(&staging, &destination, asked, control, work);
            // A whole set that could not be brought to its place is the only copy of the end of the programme.
            if !staging.is_made() {
                staging.clear()?;
            }
            result
        },
    );
    staging.remove_if_empty()?;
    result.map_err(|error| at_destination(error, &destination, &staging.set()))
}

fn bring(
    staging: &Staging,
    destination: &Location,
    asked: &CacheControl,
    control: Control<'_>,
    work: impl FnOnce(&Path, Option<&Follower<'_>>) -> Result<Report, Error>,
) -> Result<Report, Error> {
    let (set, never) = (&staging.set(), CancelToken::default());
    let objects = Objects::open(destination, REQUESTS, &never)?.patient_for(TOLD_AFTER);
    let there = There::look(&objects)?;
    let ours = mirror::ours(&there, REQUESTS, control)?;
    mirror::make(set, &there, &ours)?;
    let media = asked.media.as_deref().unwrap_or(LIVE_MEDIA).to_owned();
    let growing = asked.manifest.as_deref().unwrap_or(Caching::Growing.header()).to_owned();
    let follower = Follower {
        objects: &objects,
        set,
        cache_control: CacheControl { media: Some(media), manifest: Some(growing) },
        ended: asked.manifest.clone(),
        before: ours.into_keys().collect(),
        made: Mutex::default(),
        control,
        left: AtomicBool::new(false),
        never,
    };
    let result = work(set, Some(&follower));
    let Some(made) = follower.made.lock().unwrap_or_else(PoisonError::into_inner).take() else { return result };
    let whole = set.join(names::REPORT).exists() && !Journal::stands_below(set);
    if !whole {
        // What players have been offered stays: it is all there is of the programme.
        let offered = made.keys().any(|key| names::names_others(key));
        let keys: Vec<String> = made.into_keys().filter(|_| !offered).collect();
        follower.remove(&keys)?;
        return result;
    }
    staging.made()?;
    // Also a set whose source was lost is complete, and one whose work failed as far as it came.
    match (follower.persevere(|| follower.complete(&made)), result) {
        (Ok(()), result) => {
            staging.clear()?;
            result
        }
        (Err(error), result) => {
            control.observer.on(&Event::Warned(&kept(&error, set, destination)));
            result.and(Err(error))
        }
    }
}

fn kept(error: &Error, set: &Path, destination: &Location) -> Warning {
    let destination = destination.to_string();
    let words = [set.to_string_lossy().into_owned(), destination.clone()];
    let message = format!(
        "the end of the programme could not be brought to {destination} ({error}); it is kept in the cache until the \
         next run to this destination: `streampack sync {}` brings it there",
        shell_words::join(words)
    );
    Warning { code: "end_kept_here", message }
}

impl Follower<'_> {
    /// Begins: what an earlier run left there goes, what names others first.
    pub(in crate::job) fn begin(&self) -> Result<(), Error> {
        self.remove(&self.before)?;
        self.noted(|_| ());
        Ok(())
    }

    /// Puts what was stored in the directory with this body.
    pub(in crate::job) fn put(&self, key: &str, body: &[u8]) -> Result<(), Error> {
        let (path, bytes) = (self.set.join(key), body.len() as u64);
        let file = LocalFile { key: key.to_owned(), path, bytes, within: key.to_owned() };
        let item = Item::new(file, hex(&Sha256::digest(body)), &self.cache_control);
        let put = || Put::of(&item.sha256, item.bytes, &item.wanted);
        // Noted before: what stands there in part is to be removed as well.
        self.noted(|made| made.insert(key.to_owned(), put()));
        let etag = self.persevere(|| transfer::put_quietly(self.objects, &item, self.silent()))?;
        self.noted(|made| made.insert(key.to_owned(), put().stored(etag)));
        Ok(())
    }

    /// Removes what was removed from the directory.
    pub(in crate::job) fn delete(&self, key: &str) -> Result<(), Error> {
        self.remove(&[key.to_owned()])?;
        self.noted(|made| made.remove(key));
        Ok(())
    }

    /// Whether this error is that of a store which does not answer, and the run was stopped, so that nobody waits for it:
    /// the end of the set brings what is missing there. From then on nothing else is brought before that.
    pub(in crate::job) fn leaves(&self, error: &Error) -> bool {
        let leaves = is_outage(error) && self.control.cancel.is_cancelled();
        self.left.fetch_or(leaves, Ordering::Relaxed);
        leaves
    }

    /// Whether nothing more is brought before the end.
    pub(in crate::job) fn has_left(&self) -> bool {
        self.left.load(Ordering::Relaxed)
    }

    fn remove(&self, keys: &[String]) -> Result<(), Error> {
        self.persevere(|| transfer::remove_of_set(self.objects, keys, self.silent()))
    }

    /// Brings the end of the set there: headers of manifests too, which do not change any more. Media keeps its own:
    /// the next programme takes its names.
    fn complete(&self, made: &Ours) -> Result<(), Error> {
        let control = Control { observer: self.control.observer, cancel: &self.never };
        let cache_control = CacheControl { manifest: self.ended.clone(), ..self.cache_control.clone() };
        let items = items(local::files(self.set, false)?.files, &cache_control, |_| None, control)?;
        let mut there = There::look(self.objects)?;
        let delete = Delete::Among(made.keys().cloned().collect());
        there.own(made.clone());
        let terms = Terms {
            force: true,
            delete,
            max_delete: None,
            dry_run: false,
            invalidate: None,
            jobs: REQUESTS,
            told: true,
        };
        publish(&terms, &items, there, control).map(drop)
    }

    /// Does what needs the store until it is done. A programme outlives an outage, however long; only who stops the
    /// run ends the waiting.
    fn persevere<T>(&self, what: impl Fn() -> Result<T, Error>) -> Result<T, Error> {
        let mut told = false;
        loop {
            let done = what();
            let Err(error) = &done else { return done };
            if !is_outage(error) || self.control.cancel.is_cancelled() {
                return done;
            }
            if !told {
                let message = format!("{error}; the programme waits for the store and goes on when that answers");
                self.control.observer.on(&Event::Warned(&Warning { code: "store_waited_for", message }));
            }
            told = true;
        }
    }

    fn silent(&self) -> Control<'_> {
        Control { observer: &Silent, cancel: &self.never }
    }

    fn noted<T>(&self, note: impl FnOnce(&mut Ours) -> T) -> T {
        note(self.made.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert_default())
    }
}

fn is_outage(error: &Error) -> bool {
    matches!(error, Error::Output(OutputError::Store { refusal, .. }) if refusal.is_network())
}
