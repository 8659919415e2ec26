//! `Opus` (Encapsulation of Opus in ISO Base Media File Format, version 0.8.1, § 4.3).

use super::Sound;
use crate::bmff::Error;
use crate::bmff::writer::BoxWriter;
use crate::media::AudioTrack;

/// The sample entry of an Opus track.
#[derive(Debug)]
pub(in crate::bmff) struct Opus<'a> {
    sound: Sound,
    record: &'a [u8],
}

impl<'a> Opus<'a> {
    /// The entry with `record`, the OpusSpecificBox, verbatim in its `dOps`.
    pub(super) fn new(audio: &AudioTrack, record: &'a [u8]) -> Result<Self, Error> {
        // § 4.3.2: version 0 and ten more bytes, then the mapping table of family 1 and up.
        if record.len() < 11 || record[0] != 0 {
            return Err(Error::CodecRecord { record: "OpusSpecificBox", bytes: record.len() });
        }
        Ok(Self { sound: Sound::new(audio), record })
    }

    pub(super) fn write(&self, w: &mut BoxWriter<'_>) {
        self.sound.write(w, b"Opus", |w| w.boxed(b"dOps", |w| w.bytes(self.record)));
    }
}
