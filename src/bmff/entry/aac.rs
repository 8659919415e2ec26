//! `mp4a` (ISO/IEC 14496-14:2020 § 6.7): MPEG-4 audio behind an elementary stream descriptor.

use super::sample_entry;
use crate::bmff::Error;
use crate::bmff::writer::BoxWriter;
use crate::media::AudioTrack;

/// The sample entry of an AAC track.
#[derive(Debug)]
pub(in crate::bmff) struct Mp4a<'a> {
    channels: u16,
    sample_rate: u32,
    config: &'a [u8],
}

impl<'a> Mp4a<'a> {
    /// The entry with `config`, the AudioSpecificConfig, verbatim in its `esds`.
    pub(super) fn new(audio: &AudioTrack, config: &'a [u8]) -> Result<Self, Error> {
        // ISO/IEC 14496-3:2019 § 1.6.2.1: 5 bits of object type, 4 of rate, 4 of channels; it ends
        // after a few bytes, and a descriptor can say no more than 28 bits of length.
        if !(2..=1024).contains(&config.len()) {
            return Err(Error::CodecRecord { record: "AudioSpecificConfig", bytes: config.len() });
        }
        Ok(Self { channels: audio.layout.channels(), sample_rate: audio.sample_rate, config })
    }

    /// Channels.
    pub(in crate::bmff) fn channels(&self) -> u16 {
        self.channels
    }

    /// PCM samples per second.
    pub(in crate::bmff) fn sample_rate(&self) -> u32 {
        self.sample_rate
    }

    /// The audio object type, the first five bits; 31 stands for the types that need more.
    pub(in crate::bmff) fn object_type(&self) -> u8 {
        self.config[0] >> 3
    }

    pub(super) fn write(&self, w: &mut BoxWriter<'_>) {
        w.boxed(b"mp4a", |w| {
            sample_entry(w);
            // AudioSampleEntry, ISO/IEC 14496-12:2022 § 12.2.3.2
            w.zeros(8);
            w.u16(self.channels);
            w.u16(16); // samplesize
            w.zeros(4);
            // 16.16; a rate that does not fit is left to the AudioSpecificConfig.
            w.u32(u16::try_from(self.sample_rate).map_or(0, |rate| u32::from(rate) << 16));
            w.full(b"esds", 0, 0, |w| w.bytes(&self.stream_descriptor()));
        });
    }

    /// ES_Descriptor, ISO/IEC 14496-1:2010 § 7.2.6.5.
    fn stream_descriptor(&self) -> Vec<u8> {
        const ES: u8 = 0x03;
        const DECODER_CONFIG: u8 = 0x04;
        const DECODER_SPECIFIC: u8 = 0x05;
        const SL_CONFIG: u8 = 0x06;
        // objectTypeIndication 0x40 is ISO/IEC 14496-3; streamType 5 is audio, and a reserved bit is set.
        // Buffer size and bit rates are left at 0: the manifests say the measured ones.
        let mut decoder = vec![0x40, 5 << 2 | 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        decoder.extend(descriptor(DECODER_SPECIFIC, self.config));
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
