//! `mp4a` (ISO/IEC 14496-14:2020 § 6.7): MPEG audio behind an elementary stream descriptor.

use super::Sound;
use crate::bmff::Error;
use crate::bmff::writer::BoxWriter;
use crate::media::AudioTrack;

/// objectTypeIndication of ISO/IEC 14496-3 audio (ISO/IEC 14496-1:2010 Table 5).
const MPEG4_AUDIO: u8 = 0x40;

/// The sample entry of an AAC or MP3 track.
#[derive(Debug)]
pub(in crate::bmff) struct Mp4a<'a> {
    sound: Sound,
    object_type_indication: u8,
    config: Option<&'a [u8]>,
}

impl<'a> Mp4a<'a> {
    /// The entry of AAC with `config`, the AudioSpecificConfig, verbatim in its `esds`.
    pub(super) fn aac(audio: &AudioTrack, config: &'a [u8]) -> Result<Self, Error> {
        // ISO/IEC 14496-3:2019 § 1.6.2.1: 5 bits of object type, 4 of rate, 4 of channels; it ends
        // after a few bytes, and a descriptor can say no more than 28 bits of length.
        if !(2..=1024).contains(&config.len()) {
            return Err(Error::CodecRecord { record: "AudioSpecificConfig", bytes: config.len() });
        }
        Ok(Self { sound: Sound::new(audio), object_type_indication: MPEG4_AUDIO, config: Some(config) })
    }

    /// The entry of MP3, whose frames say all there is.
    pub(super) fn mp3(audio: &AudioTrack, object_type_indication: u8) -> Self {
        Self { sound: Sound::new(audio), object_type_indication, config: None }
    }

    /// The sound.
    pub(in crate::bmff) fn sound(&self) -> &Sound {
        &self.sound
    }

    /// The audio object type of AAC, the first five bits; 31 stands for the types that need more.
    pub(in crate::bmff) fn object_type(&self) -> Option<u8> {
        self.config.map(|config| config[0] >> 3)
    }

    pub(super) fn write(&self, w: &mut BoxWriter<'_>) {
        self.sound.write(w, b"mp4a", |w| w.full(b"esds", 0, 0, |w| w.bytes(&self.stream_descriptor())));
    }

    /// ES_Descriptor, ISO/IEC 14496-1:2010 § 7.2.6.5.
    fn stream_descriptor(&self) -> Vec<u8> {
        const ES: u8 = 0x03;
        const DECODER_CONFIG: u8 = 0x04;
        const DECODER_SPECIFIC: u8 = 0x05;
        const SL_CONFIG: u8 = 0x06;
        // streamType 5 is audio, and a reserved bit is set.
        // Buffer size and bit rates are left at 0: the manifests say the measured ones.
        let mut decoder = vec![self.object_type_indication, 5 << 2 | 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        decoder.extend(self.config.into_iter().flat_map(|config| descriptor(DECODER_SPECIFIC, config)));
        // ISO/IEC 14496-14:2020 § 4.1.2: in a file ES_ID is 0 (CMAF § 10.3.4.2.3 repeats it) and the
        // sync layer has the predefined value 2.
        let mut stream = vec![0, 0, 0];
        stream.extend(descriptor(DECODER_CONFIG, &decoder));
        stream.extend(descriptor(SL_CONFIG, &[2]));
        descriptor(ES, &stream)
    }
}

/// A descriptor with its length in groups of seven bits (ISO/IEC 14496-1:2010 § 8.3.3).
fn descriptor(tag: u8, body: &[u8]) -> Vec<u8> {
    let mut out = vec![tag];
    let groups = (1..4).rev().find(|group| body.len() >> (7 * group) > 0).unwrap_or(0);
    for group in (0..=groups).rev() {
        let more = if group > 0 { 0x80 } else { 0 };
        out.push(more | (body.len() >> (7 * group)) as u8 & 0x7f);
    }
    out.extend_from_slice(body);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn descriptor_lengths_take_as_many_groups_as_they_need() {
        assert_eq!(descriptor(6, &[2]), [6, 1, 2]);
        assert_eq!(descriptor(5, &[0; 127])[..2], [5, 127]);
        assert_eq!(descriptor(5, &[0; 128])[..3], [5, 0x81, 0x00]);
        assert_eq!(descriptor(5, &[0; 20_000])[..4], [5, 0x81, 0x9c, 0x20]);
    }
}
