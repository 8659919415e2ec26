//! What has to be done so that a destination holds what the directory holds.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use super::error::Error as Refused;
use super::items::{Item, Wanted};
use super::local;
use super::of_set::of_set;
use super::state::{KEY, Put, State};
use crate::event::{Control, Event, Warning, Why};
use crate::job::{Error, crew};
use crate::output::Objects;
use crate::output::object::{Listed, Location};
use crate::plan::{delivery, names};

/// What is there, and what is known of it.
pub(in crate::job) struct There<'a> {
    pub(in crate::job) objects: &'a Objects,
    pub(in crate::job) listed: BTreeMap<String, Listed>,
    pub(in crate::job) state: State,
    /// What of it stands at the destination.
    pub(super) written: State,
}

/// What was found of one object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::job) enum Verdict {
    /// It is there as it should be.
    Same,
    /// It has to be put.
    Put(Why),
    /// Somebody else's stands there.
    Foreign,
}

/// What is removed of that which streampack put there and is gone from the source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::job) enum Delete {
    /// Nothing.
    Nothing,
    /// All of it.
    All,
    /// What is among these.
    Among(BTreeSet<String>),
}

impl<'a> There<'a> {
    /// Looks at the destination: one listing and one small object.
    pub(in crate::job) fn look(objects: &'a Objects) -> Result<Self, Error> {
        let mut listed = objects.list()?;
        let state = if listed.remove(KEY).is_some() { State::read(objects)? } else { State::default() };
        Ok(Self { objects, listed, written: state.clone(), state })
    }

    /// Why each item has to be put; those that need not be are left out. Fails at the first object of somebody else,
    /// unless those are replaced `by_force`.
    pub(super) fn to_put<'i>(
        &self,
        items: &'i [Item],
        by_force: bool,
        jobs: usize,
        control: Control<'_>,
    ) -> Result<Vec<(&'i Item, Why)>, Error> {
        let found = Mutex::new(BTreeMap::new());
        crew::run(jobs, (0..items.len()).collect(), control, |at, control| {
            let verdict = self.judge(&items[at], control)?;
            found.lock().unwrap_or_else(PoisonError::into_inner).insert(at, verdict);
            Ok(())
        })?;
        let mut to_put = Vec::new();
        for (at, verdict) in found.into_inner().unwrap_or_else(PoisonError::into_inner) {
            match verdict {
                Verdict::Same => {}
                Verdict::Put(why) => to_put.push((&items[at], why)),
                Verdict::Foreign if by_force => to_put.push((&items[at], Why::Body)),
                Verdict::Foreign => return Err(Refused::Foreign(self.objects.url(&items[at].key)).into()),
            }
        }
        Ok(to_put)
    }

    /// What is to be done about one item. Only an object that somebody else stored or touched is asked about itself.
    pub(in crate::job) fn judge(&self, item: &Item, control: Control<'_>) -> Result<Verdict, Error> {
        let Some(listed) = self.listed.get(&item.key) else { return Ok(Verdict::Put(Why::New)) };
        let known = self.state.objects.get(&item.key);
        let compared = |body: bool, headers: bool| match (body, headers) {
            (true, true) => Verdict::Same,
            (true, false) => Verdict::Put(Why::Headers),
            (false, _) => Verdict::Put(Why::Body),
        };
        if let Some(known) = known.filter(|known| known.stands_as(listed)) {
            let wanted = &item.wanted;
            let headers = known.content_type == wanted.content_type && known.cache_control == wanted.cache_control;
            return Ok(compared(known.sha256 == item.sha256, headers || !self.objects.keeps_headers()));
        }
        if let Location::Directory(root) = self.objects.location() {
            let same = listed.bytes == item.bytes && {
                let read = |_| Ok(control.cancel.check()?);
                local::sha256(&root.join(&item.key), read)? == item.sha256
            };
            return Ok(if same || known.is_some() { compared(same, true) } else { Verdict::Foreign });
        }
        let Some(headers) = self.objects.headers(&item.key, control.cancel)? else {
            return Ok(Verdict::Put(Why::New));
        };
        let as_wanted = headers.content_type.as_ref() == Some(&item.wanted.content_type)
            && headers.cache_control.as_ref() == Some(&item.wanted.cache_control);
        Ok(match (headers.sha256, known) {
            (Some(mark), _) => compared(mark == item.sha256 && listed.bytes == item.bytes, as_wanted),
            // Somebody changed its headers and took the mark away with them, or replaced it.
            (None, Some(known)) if known.holds_body_of(listed) => compared(known.sha256 == item.sha256, false),
            (None, Some(_)) => Verdict::Put(Why::Body),
            (None, None) => Verdict::Foreign,
        })
    }

    /// The object `put` that stands there already, as the first listing shows it.
    pub(in crate::job) fn known(&self, key: &str, put: Put) -> Put {
        match self.listed.get(key) {
            Some(listed) => put.seen(listed),
            None => put,
        }
    }

    /// What is known of the object under `key`, when streampack put it there.
    pub(in crate::job) fn ours(&self, key: &str, control: Control<'_>) -> Result<Option<Put>, Error> {
        let Some(listed) = self.listed.get(key) else { return Ok(None) };
        if let Some(known) = self.state.objects.get(key).filter(|known| known.stands_as(listed)) {
            return Ok(Some(known.clone()));
        }
        let headers = self.objects.headers(key, control.cancel)?.unwrap_or_default();
        Ok(headers.sha256.clone().map(|mark| Put::of(&mark, listed.bytes, &Wanted::from(headers)).seen(listed)))
    }

    /// Takes objects for ours that were stored or seen there; what the listing shows tells whether they still are.
    pub(in crate::job) fn own(&mut self, objects: BTreeMap<String, Put>) {
        for (key, put) in objects {
            if let Some(listed) = self.listed.get(&key) {
                self.state.objects.insert(key, put.listed(listed));
            }
        }
    }

    /// The key of an object in its own set.
    pub(super) fn within<'k>(&self, key: &'k str) -> &'k str {
        delivery::within(key, |report| self.listed.contains_key(report))
    }

    /// What carries the mark under names of the sets of `items`, is not wanted and in no notes: another run put it there,
    /// which kept its notes elsewhere or was cut off.
    fn unknown(
        &self,
        items: &[Item],
        wanted: &BTreeSet<&str>,
        delete: &Delete,
        control: Control<'_>,
    ) -> Result<Vec<String>, Error> {
        let mut unknown = Vec::new();
        if *delete != Delete::All || matches!(self.objects.location(), Location::Directory(_)) {
            return Ok(unknown);
        }
        for root in roots(items) {
            let others = of_set(&self.listed, root).filter(|key| !wanted.contains(key.as_str()));
            for key in others.filter(|key| !self.state.objects.contains_key(*key)) {
                if self.objects.headers(key, control.cancel)?.is_some_and(|headers| headers.sha256.is_some()) {
                    unknown.push(key.clone());
                }
            }
        }
        Ok(unknown)
    }

    /// What was put there once under names of the sets of `items`, and is not one of their objects.
    pub(super) fn left(&self, items: &[Item]) -> Vec<&String> {
        let wanted: BTreeSet<&str> = items.iter().map(|item| item.key.as_str()).collect();
        let roots: BTreeSet<&str> = roots(items).collect();
        let of_them = |key: &str| roots.contains(&key[..key.len() - self.within(key).len()]);
        let left = self.state.objects.keys().filter(|key| !wanted.contains(key.as_str()) && of_them(key));
        left.filter(|key| self.listed.contains_key(*key)).collect()
    }

    /// What was put there once and is no longer wanted. What somebody else has replaced since stays, with a warning.
    pub(super) fn to_remove(
        &self,
        items: &[Item],
        delete: &Delete,
        control: Control<'_>,
    ) -> Result<Vec<String>, Error> {
        let wanted: BTreeSet<&str> = items.iter().map(|item| item.key.as_str()).collect();
        let asked = |key: &String| match delete {
            Delete::Nothing => false,
            Delete::All => !wanted.contains(key.as_str()),
            Delete::Among(keys) => keys.contains(key) && !wanted.contains(key.as_str()),
        };
        let mut gone = Vec::new();
        for (key, known) in self.state.objects.iter().filter(|(key, _)| asked(key)) {
            let Some(listed) = self.listed.get(key) else { continue };
            let ours = known.stands_as(listed)
                || match self.objects.location() {
                    Location::Directory(root) => local::sha256(&root.join(key), |_| Ok(()))? == known.sha256,
                    Location::Bucket(_) => {
                        self.objects.headers(key, control.cancel)?.is_some_and(|headers| headers.sha256.is_some())
                    }
                };
            if ours {
                gone.push(key.clone());
            } else {
                let message = format!("{} was replaced by somebody else and is left alone", self.objects.url(key));
                control.observer.on(&Event::Warned(&Warning { code: "replaced_object_kept", message }));
            }
        }
        gone.extend(self.unknown(items, &wanted, delete, control)?);
        gone.sort_by_key(|key| Reverse(delivery::stage(self.within(key))));
        Ok(gone)
    }
}

/// What the keys of each set begin with.
fn roots(items: &[Item]) -> impl Iterator<Item = &str> {
    let roots = items.iter().filter_map(|item| item.key.strip_suffix(names::REPORT));
    roots.filter(|root| root.is_empty() || root.ends_with('/'))
}
