//! Objects in memory: for tests, and for whatever serves them from there.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{Error, Output, Part, Workspace, check_key};
use crate::cancel::CancelToken;

/// Holds every object until it is dropped.
#[derive(Debug, Default)]
pub struct Memory {
    objects: Mutex<BTreeMap<String, Arc<[u8]>>>,
}

impl Memory {
    /// The keys of all objects, sorted.
    pub fn keys(&self) -> Vec<String> {
        self.objects().keys().cloned().collect()
    }

    /// The object under `key`, shared.
    pub fn object(&self, key: &str) -> Option<Arc<[u8]>> {
        self.objects().get(key).cloned()
    }

    /// A thread that panics leaves the map whole: each change is a single call.
    fn objects(&self) -> MutexGuard<'_, BTreeMap<String, Arc<[u8]>>> {
        self.objects.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn expect(&self, key: &str) -> Result<Arc<[u8]>, Error> {
        check_key(key)?;
        let absent = || Error::Read { target: key.to_owned(), source: io::ErrorKind::NotFound.into() };
        self.object(key).ok_or_else(absent)
    }
}

impl Output for Memory {
    fn put(&self, key: &str, body: &[u8]) -> Result<(), Error> {
        check_key(key)?;
        self.objects().insert(key.to_owned(), body.into());
        Ok(())
    }

    fn delete(&self, key: &str) -> Result<(), Error> {
        check_key(key)?;
        self.objects().remove(key);
        Ok(())
    }
}

impl Workspace for Memory {
    fn get(&self, key: &str) -> Result<Vec<u8>, Error> {
        Ok(self.expect(key)?.to_vec())
    }

    fn size(&self, key: &str) -> Result<Option<u64>, Error> {
        check_key(key)?;
        Ok(self.object(key).map(|object| object.len() as u64))
    }

    fn concat(&self, key: &str, head: &[u8], parts: &[Part], cancel: &CancelToken) -> Result<u64, Error> {
        let mut body = head.to_vec();
        for part in parts {
            cancel.check()?;
            let object = self.expect(&part.key)?;
            let range = part.range.map_or(0..object.len(), |(first, length)| first as usize..(first + length) as usize);
            let absent = || Error::Read { target: part.key.clone(), source: io::ErrorKind::UnexpectedEof.into() };
            body.extend_from_slice(object.get(range).ok_or_else(absent)?);
        }
        self.put(key, &body)?;
        Ok(body.len() as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_keeps_the_contract() {
        crate::output::contract::check(&Memory::default());
    }
}
