//! What the sample entries of all audio codecs share.

use super::sample_entry;
use crate::bmff::writer::BoxWriter;
use crate::media::AudioTrack;

/// What a sample entry says of a sound track, whatever its codec.
#[derive(Clone, Copy, Debug)]
pub(in crate::bmff) struct Sound {
    channels: u16,
    sample_rate: u32,
}

impl Sound {
    pub(super) fn new(audio: &AudioTrack) -> Self {
        Self { channels: audio.layout.channels(), sample_rate: audio.sample_rate }
    }

    /// Channels.
    pub(in crate::bmff) fn channels(&self) -> u16 {
        self.channels
    }

    /// PCM samples per second.
    pub(in crate::bmff) fn sample_rate(&self) -> u32 {
        self.sample_rate
    }

    /// The entry `kind` with the codec's own box, which `configuration` writes. A rate that does not fit the
    /// field is left to that box.
    pub(super) fn write(&self, w: &mut BoxWriter<'_>, kind: &[u8; 4], configuration: impl FnOnce(&mut BoxWriter<'_>)) {
        const USUAL_DEPTH: u16 = 16;
        self.write_with(w, kind, USUAL_DEPTH, u16::try_from(self.sample_rate).unwrap_or(0), configuration);
    }

    /// The same with the depth and the rate that the fields shall hold.
    pub(super) fn write_with(
        &self,
        w: &mut BoxWriter<'_>,
        kind: &[u8; 4],
        depth: u16,
        rate: u16,
        configuration: impl FnOnce(&mut BoxWriter<'_>),
    ) {
        w.boxed(kind, |w| {
            sample_entry(w);
            // AudioSampleEntry, ISO/IEC 14496-12:2022 § 12.2.3.2
            w.zeros(8);
            w.u16(self.channels);
            w.u16(depth); // samplesize
            w.zeros(4);
            w.u32(u32::from(rate) << 16); // 16.16
            configuration(w);
        });
    }
}
