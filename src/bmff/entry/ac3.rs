//! `ac-3` and `ec-3` (ETSI TS 102 366 V1.4.1 §§ F.3, F.5).

use super::Sound;
use crate::bmff::Error;
use crate::bmff::writer::BoxWriter;
use crate::media::AudioTrack;

/// The sample entry of an AC-3 or E-AC-3 track.
#[derive(Debug)]
pub(in crate::bmff) struct Dolby<'a> {
    sound: Sound,
    entry: &'static [u8; 4],
    specific: &'static [u8; 4],
    record: &'a [u8],
}

impl<'a> Dolby<'a> {
    /// The entry of AC-3 with `record`, the AC3SpecificBox, verbatim in its `dac3`.
    pub(super) fn ac3(audio: &AudioTrack, record: &'a [u8]) -> Result<Self, Error> {
        if record.len() != 3 {
            return Err(Error::CodecRecord { record: "AC3SpecificBox", bytes: record.len() });
        }
        Ok(Self { sound: Sound::new(audio), entry: b"ac-3", specific: b"dac3", record })
    }

    /// The entry of E-AC-3 with `record`, the EC3SpecificBox, verbatim in its `dec3`.
    pub(super) fn eac3(audio: &AudioTrack, record: &'a [u8]) -> Result<Self, Error> {
        // § F.6.1: rate and count in two bytes, and at least three for an independent substream.
        if record.len() < 5 {
            return Err(Error::CodecRecord { record: "EC3SpecificBox", bytes: record.len() });
        }
        Ok(Self { sound: Sound::new(audio), entry: b"ec-3", specific: b"dec3", record })
    }

    /// The sound.
    pub(in crate::bmff) fn sound(&self) -> &Sound {
        &self.sound
    }

    pub(super) fn write(&self, w: &mut BoxWriter<'_>) {
        self.sound.write(w, self.entry, |w| w.boxed(self.specific, |w| w.bytes(self.record)));
    }
}
