//! The keys of a run and what is asked of them: where encryptors come from.

use super::Error;
use super::encryptor::SampleEncryptor;
use super::key::ContentKey;
use super::keys::Keys;
use super::schedule::{KeyCuts, Schedule};
use super::segment::SegmentEncryptor;
use super::track_type::TrackType;
use crate::config::{Encryption, EncryptionMode};
use crate::media::{RenditionId, Scheme, TrackConfig};

/// What is asked, and the keys for it.
#[derive(Clone, Debug)]
pub struct Vault {
    encryption: Encryption,
    schedule: Schedule,
    keys: Keys,
    /// Tells inputs in which media lies from all others.
    inputs: Option<String>,
}

impl Vault {
    /// Of these wishes and keys, for segments of about so many seconds.
    pub fn new(encryption: Encryption, keys: Keys, segment_s: f64) -> Self {
        Self { schedule: Schedule::new(&encryption, segment_s), encryption, keys, inputs: None }
    }

    /// The same for a track that is cut where it can be.
    pub fn on_cuts(&self, cuts: &KeyCuts) -> Self {
        Self { schedule: Schedule::on_cuts(&self.encryption, cuts), ..self.clone() }
    }

    /// The same for segments of so many seconds.
    pub fn of_segments(self, segment_s: f64) -> Self {
        Self { schedule: Schedule::new(&self.encryption, segment_s), ..self }
    }

    /// The same for a programme whose end is not known: when all keys were used they are used again, the first one first.
    pub fn endless(self) -> Self {
        let periods = self.keys.entries().iter().filter_map(|entry| entry.period).max().map_or(1, |last| last + 1);
        Self { schedule: self.schedule.endless(periods.into()), ..self }
    }

    /// The same for media that may lie in input files: `inputs` tells these, and what is made of them, from all others and
    /// from what they were before.
    pub fn of_inputs(self, inputs: String) -> Self {
        Self { inputs: Some(inputs), ..self }
    }

    /// Whether samples are encrypted, each by itself.
    pub fn takes_samples(&self) -> bool {
        match self.encryption.mode {
            EncryptionMode::Cbcs | EncryptionMode::Cenc => true,
            EncryptionMode::Aes128 => false,
        }
    }

    /// After so many segments the first key comes again; nothing where that never is.
    pub fn round(&self) -> Option<u64> {
        let &Schedule { period, round, .. } = &self.schedule;
        Some(period?.get().saturating_mul(round?.get()))
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
        let key = |period| match self.schedule.rotates() {
            false => self.keys.of(track, period).ok_or(Error::NoKey { track }),
            // A key for all periods would be one that never changes.
            true => self.keys.of_period(track, period).ok_or(Error::NoPeriod { track, period, periods }),
        };
        (0..periods).map(key).collect()
    }

    /// An encryptor for the track of a rendition of so many segments, or for a run of whole segments of it. Fails when a key is missing
    /// for the track, or its headers cannot be told from its pictures.
    pub fn encryptor(&self, id: &RenditionId, track: &TrackConfig, segments: u64) -> Result<Encryptor, Error> {
        let keys = self.of(TrackType::of(&track.media).ok_or(Error::Text)?, segments)?;
        let samples = |scheme| {
            // Two renditions may be alike in all that is hashed of them.
            let inputs = self.inputs.as_ref().map(|inputs| format!("{inputs} {id}"));
            let given = (self.keys.systems(), inputs.as_deref());
            SampleEncryptor::new((&self.encryption, self.schedule.clone(), scheme), given, &keys, track)
        };
        Ok(match self.encryption.mode {
            EncryptionMode::Cbcs => Encryptor::Samples(samples(Scheme::Cbcs)?),
            EncryptionMode::Cenc => Encryptor::Samples(samples(Scheme::Cenc)?),
            EncryptionMode::Aes128 => {
                Encryptor::Segments(SegmentEncryptor::new(&self.encryption, self.schedule.clone(), &keys))
            }
        })
    }
}

/// Encrypts a track.
#[derive(Debug)]
pub enum Encryptor {
    /// Its samples: headers stay clear.
    Samples(SampleEncryptor),
    /// Its segments, as a whole.
    Segments(SegmentEncryptor),
}
