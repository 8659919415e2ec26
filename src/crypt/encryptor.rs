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
use crate::codec::{Headers, Part};
use crate::config::Encryption;
use crate::media::{
    Change, Changed, CutNumber, Fronted, Pattern, Payload, Protection, Sample, SampleProtection, Scheme, Subsample,
    TrackConfig, TrackMedia, VectorOf,
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
        (given, inputs): (&[SystemData], Option<&str>),
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
        let keys = keys.iter().map(|key| (Cipher::new(&key.key), Vectors::of(key, inputs))).collect();
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
        let ranges = samples.iter().map(|sample| match self.parts(&sample.data)? {
            Some(parts) => told(&parts, self.ends, vector),
            None => Ok(Vec::new()),
        });
        let ranges = ranges.collect::<Result<_, Error>>()?;
        Ok(Some(Task { track: Arc::clone(&self.track), period, ranges }))
    }

    fn parts(&mut self, data: &Payload) -> Result<Option<Vec<Part>>, Error> {
        match data.here() {
            Some(bytes) => Ok(self.headers.parts(bytes)?),
            // Whoever left it in its file has seen that its front is enough.
            None => self.headers.parts_by_front(data.front(), data.len()).map(Some).ok_or(Error::Elsewhere),
        }
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

    /// Encrypts the samples, which are those that it was made for, or says that they are to be when they are written;
    /// gives what `senc` says of each.
    ///
    /// # Errors
    /// When samples of an unknown input lie in it.
    pub fn encrypt(self, samples: &mut [Sample]) -> Result<Vec<SampleProtection>, Error> {
        let vectors = match self.key().protection.vector {
            VectorOf::Sample => {
                let (_, vectors) = &self.track.keys[self.period];
                vectors.of_samples(samples).ok_or(Error::Elsewhere)?.take(samples.len()).collect()
            }
            VectorOf::Track(_) => Vec::new(),
        };
        let Self { track, period, ranges } = self;
        let veil = Arc::new(Veil { track, period, ranges, vectors });
        let mut here = Vec::new();
        for (number, sample) in samples.iter_mut().enumerate() {
            match &mut sample.data {
                Payload::Here(bytes) => here.push((number, bytes.as_mut_slice())),
                lying => *lying = veil_over(&veil, lying, number)?,
            }
        }
        veil.cover(here.into_iter());
        Ok(veil.told())
    }
}

/// A sample that lies elsewhere, to be covered when it is written.
fn veil_over(veil: &Arc<Veil>, sample: &Payload, number: usize) -> Result<Payload, Error> {
    let Payload::There(Fronted { extent, .. }) = sample else { return Err(Error::Elsewhere) };
    let change: Arc<dyn Change> = Arc::<Veil>::clone(veil);
    Ok(Payload::Changed(Changed::new(*extent, number, change)))
}

/// What is done to the samples of a fragment.
#[derive(Debug)]
struct Veil {
    track: Arc<Track>,
    period: usize,
    /// The ranges of each sample.
    ranges: Vec<Vec<Subsample>>,
    /// The vector of each sample, where it has one of its own.
    vectors: Vec<[u8; 8]>,
}

impl Veil {
    /// Encrypts samples in their place, each with its number.
    fn cover<'s>(&'s self, samples: impl Iterator<Item = (usize, &'s mut [u8])>) {
        let Protection { pattern, vector, .. } = self.track.signal.keys[self.period].protection;
        let (cipher, _) = &self.track.keys[self.period];
        match vector {
            VectorOf::Sample => samples.for_each(|(number, sample)| {
                cipher.count(protected(sample, &self.ranges[number]), self.vectors[number]);
            }),
            VectorOf::Track(vector) => {
                let ranges = samples.flat_map(|(number, sample)| protected(sample, &self.ranges[number]));
                cipher.chain(ranges, vector, pattern);
            }
        }
    }

    /// What `senc` says of each sample.
    fn told(&self) -> Vec<SampleProtection> {
        let vectors = self.vectors.iter().copied().map(Some).chain(std::iter::repeat(None));
        let told =
            |(subsamples, vector): (&Vec<Subsample>, _)| SampleProtection { vector, subsamples: subsamples.clone() };
        self.ranges.iter().zip(vectors).map(told).collect()
    }
}

impl Change for Veil {
    fn apply(&self, first: usize, samples: &mut [&mut [u8]]) {
        self.cover((first..).zip(samples.iter_mut().map(|sample| &mut **sample)));
    }
}
