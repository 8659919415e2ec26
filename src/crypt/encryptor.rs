//! The samples of one rendition, encrypted.

use std::sync::Arc;

use super::Error;
use super::cipher::{Cipher, protected};
use super::cpix::SystemData;
use super::key::ContentKey;
use super::ranges::{Ends, told};
use super::schedule::Schedule;
use super::signal::{KeySignal, Signal};
use super::vector::{self, Vectors};
use crate::codec::Headers;
use crate::config::Encryption;
use crate::media::{
    CutNumber, Pattern, Protection, Sample, SampleProtection, Scheme, Subsample, TrackConfig, TrackMedia, VectorOf,
};

/// The pattern of video under `cbcs`: one block in ten (Apple's HLS Authoring Specification, rule 13.7; ISO/IEC
/// 23000-19:2020 § 8.2.2.3).
const VIDEO_PATTERN: Pattern = Pattern { crypt: 1, skip: 9 };

/// Tells how the samples of a track are to be encrypted, fragment by fragment from one on that begins with a sync sample.
#[derive(Debug)]
pub struct SampleEncryptor {
    track: Arc<Track>,
    headers: Headers,
    ends: Ends,
}

/// The keys of a track, and what is said of them.
#[derive(Debug)]
struct Track {
    signal: Signal,
    keys: Vec<(Cipher, Vectors)>,
}

/// How the samples of a fragment are to be encrypted. Whoever has it can do so, in any order and place.
#[derive(Debug)]
pub struct Task {
    track: Arc<Track>,
    period: usize,
    /// The ranges of each sample.
    ranges: Vec<Vec<Subsample>>,
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
        let signal = Signal::new(keys.iter().map(signal).collect(), schedule, encryption);
        let keys = keys.iter().map(|key| (Cipher::new(&key.key), Vectors::of(key))).collect();
        let ends = Ends::of(scheme, &track.codec);
        Ok(Self { track: Arc::new(Track { signal, keys }), headers: Headers::of(&track.codec)?, ends })
    }

    /// What headers and manifests say of the track.
    pub fn signal(&self) -> &Signal {
        &self.track.signal
    }

    /// What is to be done to all samples of the next fragment, which is one of the segment at `cut`; nothing when that
    /// stays clear.
    pub fn task(&mut self, cut: CutNumber, samples: &[Sample]) -> Result<Option<Task>, Error> {
        let signal = &self.track.signal;
        let Some(period) = signal.schedule.of(cut) else { return Ok(None) };
        // There are as many as the track has segments for.
        let Some(key) = signal.keys.get(period) else { return Err(Error::Segment { cut }) };
        let vector = key.protection.vector;
        let ranges =
            samples.iter().map(|sample| match self.headers.parts(sample.data.here().ok_or(Error::Elsewhere)?)? {
                Some(parts) => told(&parts, self.ends, vector),
                None => Ok(Vec::new()),
            });
        let ranges = ranges.collect::<Result<_, Error>>()?;
        Ok(Some(Task { track: Arc::clone(&self.track), period, ranges }))
    }
}

impl Task {
    /// The key.
    pub fn key(&self) -> &KeySignal {
        &self.track.signal.keys[self.period]
    }

    /// It is not the one that the header names.
    pub fn rotated(&self) -> bool {
        self.period > 0
    }

    /// The segment carries what the systems are told.
    pub fn in_segment(&self) -> bool {
        self.track.signal.in_segments
    }

    /// Encrypts the samples, which are those that it was made for; gives what `senc` says of each.
    pub fn encrypt(self, samples: &mut [Sample]) -> Vec<SampleProtection> {
        let Protection { pattern, vector, .. } = self.key().protection;
        let (cipher, vectors) = &self.track.keys[self.period];
        let told = |vector: Option<[u8; 8]>, subsamples| SampleProtection { vector, subsamples };
        match vector {
            VectorOf::Sample => {
                let vectors = vectors.of_samples(samples);
                let each = samples.iter_mut().zip(vectors).zip(self.ranges).map(|((sample, vector), ranges)| {
                    cipher.count(protected(bytes_of(sample), &ranges), vector);
                    told(Some(vector), ranges)
                });
                each.collect()
            }
            VectorOf::Track(vector) => {
                let each = samples.iter_mut().zip(&self.ranges);
                cipher.chain(each.flat_map(|(sample, ranges)| protected(bytes_of(sample), ranges)), vector, pattern);
                self.ranges.into_iter().map(|ranges| told(None, ranges)).collect()
            }
        }
    }
}

/// The bytes of a sample, which were in memory when its ranges were told.
fn bytes_of(sample: &mut Sample) -> &mut [u8] {
    sample.data.here_mut().unwrap_or_default()
}
