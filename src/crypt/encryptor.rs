//! The samples of one rendition, encrypted.

use super::Error;
use super::cipher::Cipher;
use super::key::ContentKey;
use super::keys::Keys;
use super::ranges::{Ends, ranges};
use super::schedule::Schedule;
use super::signal::{KeySignal, Signal};
use super::track_type::TrackType;
use super::vector;
use crate::codec::Headers;
use crate::config::{Encryption, EncryptionMode};
use crate::media::{
    Pattern, Protection, Sample, SampleProtection, Scheme, SegmentNumber, TrackConfig, TrackMedia, VectorOf,
};

/// The pattern of video under `cbcs`: one block in ten (Apple's HLS Authoring Specification, rule 13.7; ISO/IEC
/// 23000-19:2020 § 8.2.2.3).
const VIDEO_PATTERN: Pattern = Pattern { crypt: 1, skip: 9 };

/// What is asked, and the keys for it.
#[derive(Clone, Debug)]
pub struct Vault {
    encryption: Encryption,
    schedule: Schedule,
    keys: Keys,
}

impl Vault {
    /// Of these wishes and keys, for segments of about so many seconds.
    pub fn new(encryption: Encryption, keys: Keys, segment_s: f64) -> Self {
        Self { schedule: Schedule::new(&encryption, segment_s), encryption, keys }
    }

    /// Tells the keys from others, without telling what they are.
    pub fn fingerprint(&self) -> String {
        self.keys.fingerprint()
    }

    /// Fails when a key is missing for tracks of this type with so many segments.
    pub fn require(&self, track: TrackType, segments: u64) -> Result<(), Error> {
        self.of(track, segments).map(|_| ())
    }

    /// The key of each period.
    fn of(&self, track: TrackType, segments: u64) -> Result<Vec<&ContentKey>, Error> {
        let periods = self.schedule.periods(segments);
        let key = |period| match self.schedule.period {
            None => self.keys.of(track, period).ok_or(Error::NoKey { track }),
            // A key for all periods would be one that never changes.
            Some(_) => self.keys.of_period(track, period).ok_or(Error::NoPeriod { track, period, periods }),
        };
        (0..periods).map(key).collect()
    }

    /// An encryptor for a track of so many segments, or for a run of whole segments of it. Fails when a key is missing
    /// for the track, or its headers cannot be told from its pictures.
    pub fn encryptor(&self, track: &TrackConfig, segments: u64) -> Result<Encryptor, Error> {
        let keys = self.of(TrackType::of(&track.media).ok_or(Error::Text)?, segments)?;
        let scheme = match self.encryption.mode {
            EncryptionMode::Cbcs => Scheme::Cbcs,
            EncryptionMode::Cenc => Scheme::Cenc,
        };
        let pattern = match (scheme, &track.media) {
            (Scheme::Cbcs, TrackMedia::Video(_)) => Some(VIDEO_PATTERN),
            (Scheme::Cbcs, TrackMedia::Audio(_) | TrackMedia::Text) | (Scheme::Cenc, _) => None,
        };
        let signal = |key: &&ContentKey| {
            let vector = match scheme {
                Scheme::Cenc => VectorOf::Sample,
                Scheme::Cbcs => VectorOf::Track(key.vector.unwrap_or_else(|| vector::of_track(key.kid))),
            };
            KeySignal::new(Protection { scheme, kid: key.kid, pattern, vector }, &self.encryption)
        };
        Ok(Encryptor {
            signal: Signal::new(keys.iter().map(signal).collect(), self.schedule, &self.encryption),
            headers: Headers::of(&track.codec)?,
            ends: Ends::of(scheme, &track.codec),
            keys: keys.into_iter().map(|key| (Cipher::new(&key.key), key.clone())).collect(),
        })
    }
}

/// Encrypts the samples of a track, fragment by fragment from one on that begins with a sync sample.
#[derive(Debug)]
pub struct Encryptor {
    signal: Signal,
    headers: Headers,
    ends: Ends,
    keys: Vec<(Cipher, ContentKey)>,
}

/// How the samples of a fragment were encrypted.
#[derive(Debug)]
pub struct Encrypted<'e> {
    /// What `senc` says of each.
    pub samples: Vec<SampleProtection>,
    /// Their key.
    pub key: &'e KeySignal,
    /// It is not the one that the header names.
    pub rotated: bool,
    /// The segment carries what the systems are told.
    pub in_segment: bool,
}

impl Encryptor {
    /// What headers and manifests say of the track.
    pub fn signal(&self) -> &Signal {
        &self.signal
    }

    /// Encrypts all samples of the next fragment, which is one of the segment `number`; nothing when that stays clear.
    pub fn encrypt(&mut self, number: SegmentNumber, samples: &mut [Sample]) -> Result<Option<Encrypted<'_>>, Error> {
        let Some(period) = self.signal.schedule.of(number) else { return Ok(None) };
        // There are as many as the track has segments for.
        let (period, key) = match self.signal.keys.get(period) {
            Some(key) => (period, key),
            None => return Err(Error::Segment { number }),
        };
        let (cipher, secret) = &self.keys[period];
        let Protection { pattern, vector, .. } = key.protection;
        let (headers, ends) = (&mut self.headers, self.ends);
        let mut subsamples = |data: &[u8]| -> Result<Vec<_>, Error> {
            Ok(headers.parts(data)?.map_or(Vec::new(), |parts| ranges(&parts, ends)))
        };
        let samples = match vector {
            VectorOf::Sample => {
                let vectors = vector::of_samples(secret, samples);
                let each = samples.iter_mut().zip(vectors).map(|(sample, vector)| {
                    let subsamples = subsamples(&sample.data)?;
                    cipher.count(&mut sample.data, vector, &subsamples);
                    Ok(SampleProtection { vector: Some(vector), subsamples })
                });
                each.collect::<Result<_, Error>>()?
            }
            VectorOf::Track(vector) => {
                let each = samples.iter_mut().map(|sample| {
                    let subsamples = subsamples(&sample.data)?;
                    cipher.chain(&mut sample.data, vector, &subsamples, pattern);
                    Ok(SampleProtection { vector: None, subsamples })
                });
                each.collect::<Result<_, Error>>()?
            }
        };
        Ok(Some(Encrypted { samples, key, rotated: period > 0, in_segment: self.signal.in_segments }))
    }
}
