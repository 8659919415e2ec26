//! The samples of one rendition, encrypted.

use super::Error;
use super::cipher::Cipher;
use super::key::ContentKey;
use super::keys::Keys;
use super::ranges::{Ends, ranges};
use super::signal::Signal;
use super::track_type::TrackType;
use super::vector;
use crate::codec::Headers;
use crate::config::{Encryption, EncryptionMode};
use crate::media::{Pattern, Protection, Sample, SampleProtection, Scheme, TrackConfig, TrackMedia, VectorOf};

/// The pattern of video under `cbcs`: one block in ten (Apple's HLS Authoring Specification, rule 13.7; ISO/IEC
/// 23000-19:2020 § 8.2.2.3).
const VIDEO_PATTERN: Pattern = Pattern { crypt: 1, skip: 9 };

/// What is asked, and the keys for it.
#[derive(Clone, Debug)]
pub struct Vault {
    encryption: Encryption,
    keys: Keys,
}

impl Vault {
    /// Of these wishes and keys.
    pub fn new(encryption: Encryption, keys: Keys) -> Self {
        Self { encryption, keys }
    }

    /// Tells the keys from others, without telling what they are.
    pub fn fingerprint(&self) -> String {
        self.keys.fingerprint()
    }

    /// Fails when no key is for tracks of this type.
    pub fn require(&self, track: TrackType) -> Result<(), Error> {
        self.key(track).map(|_| ())
    }

    fn key(&self, track: TrackType) -> Result<&ContentKey, Error> {
        self.keys.of(track, 0).ok_or(Error::NoKey { track })
    }

    /// An encryptor for a track, or for a run of whole segments of it. Fails when no key is for the track, or its
    /// headers cannot be told from its pictures.
    pub fn encryptor(&self, track: &TrackConfig) -> Result<Encryptor, Error> {
        let key = self.key(TrackType::of(&track.media).ok_or(Error::Text)?)?.clone();
        let scheme = match self.encryption.mode {
            EncryptionMode::Cbcs => Scheme::Cbcs,
            EncryptionMode::Cenc => Scheme::Cenc,
        };
        let pattern = match (scheme, &track.media) {
            (Scheme::Cbcs, TrackMedia::Video(_)) => Some(VIDEO_PATTERN),
            (Scheme::Cbcs, TrackMedia::Audio(_) | TrackMedia::Text) | (Scheme::Cenc, _) => None,
        };
        let vector = match scheme {
            Scheme::Cenc => VectorOf::Sample,
            Scheme::Cbcs => VectorOf::Track(key.vector.unwrap_or_else(|| vector::of_track(key.kid))),
        };
        let protection = Protection { scheme, kid: key.kid, pattern, vector };
        Ok(Encryptor {
            signal: Signal::new(protection, &self.encryption),
            headers: Headers::of(&track.codec)?,
            ends: Ends::of(scheme, &track.codec),
            cipher: Cipher::new(&key.key),
            key,
        })
    }
}

/// Encrypts the samples of a track, fragment by fragment from one on that begins with a sync sample.
#[derive(Debug)]
pub struct Encryptor {
    signal: Signal,
    headers: Headers,
    ends: Ends,
    cipher: Cipher,
    key: ContentKey,
}

impl Encryptor {
    /// What headers and manifests say of the track.
    pub fn signal(&self) -> &Signal {
        &self.signal
    }

    /// Encrypts all samples of the next fragment, and gives back what `senc` says of each.
    pub fn encrypt(&mut self, samples: &mut [Sample]) -> Result<Vec<SampleProtection>, Error> {
        let Protection { pattern, vector, .. } = self.signal.protection;
        let subsamples = |headers: &mut Headers, data: &[u8]| -> Result<Vec<_>, Error> {
            Ok(headers.parts(data)?.map_or(Vec::new(), |parts| ranges(&parts, self.ends)))
        };
        match vector {
            VectorOf::Sample => {
                let vectors = vector::of_samples(&self.key, samples);
                let each = samples.iter_mut().zip(vectors).map(|(sample, vector)| {
                    let subsamples = subsamples(&mut self.headers, &sample.data)?;
                    self.cipher.count(&mut sample.data, vector, &subsamples);
                    Ok(SampleProtection { vector: Some(vector), subsamples })
                });
                each.collect()
            }
            VectorOf::Track(vector) => {
                let each = samples.iter_mut().map(|sample| {
                    let subsamples = subsamples(&mut self.headers, &sample.data)?;
                    self.cipher.chain(&mut sample.data, vector, &subsamples, pattern);
                    Ok(SampleProtection { vector: None, subsamples })
                });
                each.collect()
            }
        }
    }
}
