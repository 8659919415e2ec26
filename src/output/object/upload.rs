//! Bodies into the store: small ones with one request, large ones in parts that go side by side.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path as FilePath;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use object_store::path::Path;
use object_store::{GetOptions, MultipartUpload, ObjectStoreExt, PutMultipartOptions, PutOptions, PutPayload};
use sha2::{Digest, Sha256};
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::error::{Failed, Trouble};
use super::{Headers, Objects, Tries, cancelled, pause_for, wait};
use crate::cancel::{CancelToken, Cancelled};
use crate::output::Error;

/// A body up to this length is one request, and a part is as long. S3 takes parts from 5 MiB on.
const PART: u64 = 8 << 20;

/// So many parts an object may have (S3; Azure takes more).
const PARTS: u64 = 10_000;

/// How long parts that were sent for nothing may take to be removed: a run that was told to stop ends soon.
const ABORT: Duration = Duration::from_secs(3);

/// What is stored.
#[derive(Clone, Copy, Debug)]
pub enum Source<'a> {
    /// Bytes at hand.
    Bytes(&'a [u8]),
    /// A file of so many bytes.
    File(&'a FilePath, u64),
}

impl Source<'_> {
    fn bytes(&self) -> u64 {
        match self {
            Self::Bytes(bytes) => bytes.len() as u64,
            Self::File(_, bytes) => *bytes,
        }
    }
}

/// An object, with the first byte and how many there are when it is not all of it.
pub(super) type Piece = (Path, Option<(u64, u64)>);

/// Why an upload did not succeed.
enum Failure {
    /// The store refused.
    Store(object_store::Error),
    /// Something on this side.
    Ours(Error),
}

impl From<object_store::Error> for Failure {
    fn from(error: object_store::Error) -> Self {
        Self::Store(error)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Ours(error)
    }
}

impl From<Cancelled> for Failure {
    fn from(cancelled: Cancelled) -> Self {
        Self::Ours(cancelled.into())
    }
}

impl Objects {
    /// Stores a body under `key` with its headers, whole or not at all. Tells `told` how many more bytes are there;
    /// negative when they have to be sent again. A body that is not the one its headers promise is an error. Gives what
    /// tells this version of the object from others, where the store says it.
    pub fn store(
        &self,
        key: &str,
        source: Source<'_>,
        headers: &Headers,
        cancel: &CancelToken,
        told: &(dyn Fn(i64) + Sync),
    ) -> Result<Option<String>, Error> {
        let path = self.path(key)?;
        cancel.check()?;
        let mut tries = Tries::begin(self.patience);
        loop {
            let width = self.width.load(Ordering::SeqCst);
            let sent = AtomicI64::new(0);
            let count = |bytes: i64| {
                sent.fetch_add(bytes, Ordering::Relaxed);
                told(bytes);
            };
            let result = match source.bytes() <= PART {
                true => wait(&self.runtime, cancel, self.whole(&path, source, headers, &count))?,
                false => self.runtime.block_on(self.in_parts(&path, source, headers, cancel, &count)),
            };
            match result {
                Ok(etag) => {
                    self.answered.store(true, Ordering::Relaxed);
                    return Ok(etag);
                }
                Err(Failure::Ours(error)) => return Err(error),
                Err(Failure::Store(error)) => {
                    let trouble = error.trouble();
                    if trouble == Some(Trouble::Timeout) && self.narrow(width) {
                        tries.start_over();
                    }
                    let Some(pause) = self.again(&mut tries, trouble) else {
                        return Err(error.explain("write", self.url(key)));
                    };
                    told(-sent.into_inner());
                    pause_for(&self.runtime, cancel, pause)?;
                }
            }
        }
    }

    async fn whole(
        &self,
        path: &Path,
        source: Source<'_>,
        headers: &Headers,
        told: &(dyn Fn(i64) + Sync),
    ) -> Result<Option<String>, Failure> {
        let _permit = self.requests.acquire().await;
        let mut reader = Reader::open(source, headers)?;
        let body = reader.next(PART)?.unwrap_or_default();
        reader.end()?;
        let bytes = body.len() as i64;
        let options = PutOptions { attributes: self.attributes(headers), ..PutOptions::default() };
        let put = self.store.put_opts(path, PutPayload::from(body), options).await?;
        told(bytes);
        Ok(put.e_tag)
    }

    async fn in_parts(
        &self,
        path: &Path,
        source: Source<'_>,
        headers: &Headers,
        cancel: &CancelToken,
        told: &(dyn Fn(i64) + Sync),
    ) -> Result<Option<String>, Failure> {
        *self.in_parts.lock().unwrap_or_else(PoisonError::into_inner) = Some(path.clone());
        let options = PutMultipartOptions { attributes: self.attributes(headers), ..PutMultipartOptions::default() };
        // Not ended by a stop: an upload that the store began and nobody knows of would stay.
        let mut upload = self.parts.put_multipart_opts(path, options).await?;
        let sent = tokio::select! {
            biased;
            sent = self.send_parts(upload.as_mut(), source, headers, told) => sent,
            () = cancelled(cancel) => Err(Cancelled.into()),
        };
        let done = match sent {
            Ok(()) => match upload.complete().await {
                Ok(put) => Ok(put.e_tag),
                // The answer was lost, and the upload is no more, for it was completed.
                Err(error @ object_store::Error::NotFound { .. }) => {
                    self.held(path, headers).await.ok_or_else(|| Failure::from(error))
                }
                Err(error) => Err(error.into()),
            },
            Err(failure) => Err(failure),
        };
        if done.is_err() {
            // What went wrong first is what is told. What stays of the upload, `sweep_uploads` and the bucket's
            // own rules remove.
            let _ = timeout(ABORT, upload.abort()).await;
        }
        done
    }

    /// What tells the version of the object at `path`, if it carries the mark that is to be put there.
    async fn held(&self, path: &Path, headers: &Headers) -> Option<Option<String>> {
        let options = GetOptions { head: true, ..GetOptions::default() };
        let found = self.store.get_opts(path, options).await.ok()?;
        let same = headers.sha256.is_some() && Headers::of(&found.attributes).sha256 == headers.sha256;
        same.then_some(found.meta.e_tag)
    }

    async fn send_parts(
        &self,
        upload: &mut dyn MultipartUpload,
        source: Source<'_>,
        headers: &Headers,
        told: &(dyn Fn(i64) + Sync),
    ) -> Result<(), Failure> {
        let part = source.bytes().div_ceil(PARTS).max(PART);
        let mut reader = Reader::open(source, headers)?;
        let mut sending: JoinSet<object_store::Result<i64>> = JoinSet::new();
        let done = |joined: Result<object_store::Result<i64>, tokio::task::JoinError>| -> Result<(), Failure> {
            told(joined.map_err(|source| object_store::Error::JoinError { source })??);
            Ok(())
        };
        loop {
            while let Some(joined) = sending.try_join_next() {
                done(joined)?;
            }
            let permit = Arc::clone(&self.requests).acquire_owned().await;
            let Some(body) = reader.next(part)? else { break };
            let bytes = body.len() as i64;
            let part = upload.put_part(PutPayload::from(body));
            sending.spawn(async move {
                part.await?;
                drop(permit);
                Ok(bytes)
            });
        }
        while let Some(joined) = sending.join_next().await {
            done(joined)?;
        }
        Ok(reader.end()?)
    }

    /// Stores `head` and what is named of the objects at `parts` one after another under `key`.
    pub(super) fn join(&self, key: &str, head: &[u8], parts: &[Piece], cancel: &CancelToken) -> Result<u64, Error> {
        let path = self.path(key)?;
        let joined = async {
            let mut upload = self.parts.put_multipart_opts(&path, PutMultipartOptions::default()).await?;
            let sent = tokio::select! {
                biased;
                sent = self.send_objects(upload.as_mut(), head, parts, cancel) => sent,
                () = cancelled(cancel) => Err(Cancelled.into()),
            };
            let done = match sent {
                Ok(bytes) => upload.complete().await.map(|_| bytes).map_err(Failure::from),
                Err(failure) => Err(failure),
            };
            if done.is_err() {
                let _ = timeout(ABORT, upload.abort()).await;
            }
            done
        };
        self.runtime.block_on(joined).map_err(|failure| match failure {
            Failure::Ours(error) => error,
            Failure::Store(error) => error.explain("write", self.url(key)),
        })
    }

    async fn send_objects(
        &self,
        upload: &mut dyn MultipartUpload,
        head: &[u8],
        parts: &[Piece],
        cancel: &CancelToken,
    ) -> Result<u64, Failure> {
        let (mut waiting, mut bytes) = (head.to_vec(), head.len() as u64);
        for (path, range) in parts {
            cancel.check()?;
            let body = self.piece(path, *range).await?;
            bytes += body.len() as u64;
            waiting.extend_from_slice(&body);
            // Every part but the last is as long as the others: some stores want it so.
            while waiting.len() as u64 >= PART {
                let rest = waiting.split_off(PART as usize);
                upload.put_part(PutPayload::from(std::mem::replace(&mut waiting, rest))).await?;
            }
        }
        if !waiting.is_empty() || bytes == 0 {
            upload.put_part(PutPayload::from(waiting)).await?;
        }
        Ok(bytes)
    }

    async fn piece(&self, path: &Path, range: Option<(u64, u64)>) -> Result<Vec<u8>, Failure> {
        let Some((first, bytes)) = range else { return Ok(self.get(path).await?.bytes().await?.into()) };
        let (end, size) = (first.saturating_add(bytes), self.store.head(path).await?.size);
        if end > size {
            let source = io::ErrorKind::UnexpectedEof.into();
            return Err(Error::Read { target: path.to_string(), source }.into());
        }
        // No range of HTTP is empty.
        if bytes == 0 { Ok(Vec::new()) } else { Ok(self.store.get_range(path, first..end).await?.into()) }
    }

    fn attributes(&self, headers: &Headers) -> object_store::Attributes {
        if self.keeps_headers { headers.to_attributes() } else { object_store::Attributes::default() }
    }
}

/// A body, piece by piece, checked against what is known of it.
struct Reader<'a> {
    source: Source<'a>,
    file: Option<File>,
    /// Bytes that were read, and their hash, when there is one to compare it with.
    read: u64,
    hash: Option<(Sha256, &'a str)>,
}

impl<'a> Reader<'a> {
    fn open(source: Source<'a>, headers: &'a Headers) -> Result<Self, Error> {
        let file = match source {
            Source::Bytes(_) => None,
            Source::File(path, _) => Some(File::open(path).map_err(unreadable(path))?),
        };
        let hash = headers.sha256.as_deref().map(|expected| (Sha256::new(), expected));
        Ok(Self { source, file, read: 0, hash })
    }

    /// The next piece of at most `bytes`; nothing at the end.
    fn next(&mut self, bytes: u64) -> Result<Option<Vec<u8>>, Error> {
        let piece = match (self.source, &mut self.file) {
            (Source::File(path, _), Some(file)) => {
                let mut piece = Vec::new();
                file.take(bytes).read_to_end(&mut piece).map_err(unreadable(path))?;
                piece
            }
            (Source::Bytes(all), _) => {
                let rest = &all[self.read as usize..];
                rest[..rest.len().min(bytes as usize)].to_vec()
            }
            (Source::File(path, _), None) => return Err(unreadable(path)(io::ErrorKind::NotFound.into())),
        };
        self.read += piece.len() as u64;
        if let Some((hash, _)) = &mut self.hash {
            hash.update(&piece);
        }
        Ok(Some(piece).filter(|piece| !piece.is_empty()))
    }

    /// Fails when it was not the body that was promised.
    fn end(self) -> Result<(), Error> {
        let Source::File(path, bytes) = self.source else { return Ok(()) };
        let same = self.hash.is_none_or(|(hash, expected)| hex(&hash.finalize()) == expected);
        if self.read == bytes && same { Ok(()) } else { Err(Error::Changed { target: path.display().to_string() }) }
    }
}

fn unreadable(path: &FilePath) -> impl Fn(io::Error) -> Error + '_ {
    |source| Error::Unreadable { target: path.display().to_string(), source }
}

/// A hash in hexadecimal.
pub(crate) fn hex(hash: &[u8]) -> String {
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}
