//! Bodies out of the store, into files.

use std::fs::File;
use std::io::Write;
use std::path::Path as FilePath;

use futures_util::TryStreamExt;

use super::Objects;
use crate::cancel::CancelToken;
use crate::output::Error;

impl Objects {
    /// Writes the object under `key` into the file `to`, in memory that does not grow with it.
    pub fn fetch(&self, key: &str, to: &FilePath, cancel: &CancelToken) -> Result<(), Error> {
        let path = self.path(key)?;
        let here = |error: std::io::Error| object_store::Error::Generic { store: "file", source: Box::new(error) };
        let once = || async {
            let mut body = self.get(&path).await?.into_stream();
            let mut file = File::create(to).map_err(here)?;
            while let Some(piece) = body.try_next().await? {
                file.write_all(&piece).map_err(here)?;
            }
            Ok::<_, object_store::Error>(())
        };
        self.persist("read", self.url(key), cancel, once)
    }
}
