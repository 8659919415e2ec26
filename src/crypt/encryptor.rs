//! The samples of one rendition, encrypted.

use super::Error;
use super::cipher::Cipher;
use super::cpix::SystemData;
use super::key::ContentKey;
use super::ranges::{Ends, told};
use super::schedule::Schedule;
use super::signal::{KeySignal, Signal};
use super::vector;
use crate::codec::Headers;
use crate::config::Encryption;
use crate::media::{
    Pattern, Protection, Sample, SampleProtection, Scheme, SegmentNumber, TrackConfig, TrackMedia, VectorOf,
};

/// The pattern of video under `cbcs`: one block in ten (Apple's HLS Authoring Specification, rule 13.7; ISO/IEC
/// 23000-19:2020 § 8.2.2.3).
const VIDEO_PATTERN: Pattern = Pattern { crypt: 1, skip: 9 };

/// Encrypts the samples of a track, fragment by fragment from one on that begins with a sync sample.
#[derive(Debug)]
pub struct SampleEncryptor {
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

impl SampleEncryptor {
    /// Of a track with the key of each period. Fails when its headers cannot be told from its pictures.
    pub(super) fn new(
        (encryption, schedule, scheme): (&Encryption, Schedule, Scheme),
        given: &[SystemData],
        keys: &[&ContentKey],
        track: &TrackConfig,
    ) -> Result<Self, Error> {
        let pattern = match (scheme, &track.media) {
            (Scheme::Cbcs, TrackMedia::Video(_)) => Some(VIDEO_PATTERN),
            (Scheme::Cbcs, TrackMedia::Audio(_) | TrackMedia::Text) | (Scheme::Cenc, _) => None,
        };
        let signal = |key: &&ContentKey| {
            let vector = match scheme {
                Scheme::Cenc => VectorOf::Sample,
                Scheme::Cbcs => VectorOf::Track(key.vector.unwrap_or_else(|| vector::of_track(key.kid))),
            };
            KeySignal::new(Protection { scheme, kid: key.kid, pattern, vector }, encryption, given)
        };
        Ok(Self {
            signal: Signal::new(keys.iter().map(signal).collect(), schedule, encryption),
            headers: Headers::of(&track.codec)?,
            ends: Ends::of(scheme, &track.codec),
            keys: keys.iter().map(|key| (Cipher::new(&key.key), (*key).clone())).collect(),
        })
    }

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
            let Some(parts) = headers.parts(data)? else { return Ok(Vec::new()) };
            told(&parts, ends, vector)
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
