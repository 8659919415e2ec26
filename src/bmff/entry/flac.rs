//! `fLaC` (Encapsulation of FLAC in ISO Base Media File Format, version 0.0.4, § 3.3).

use super::Sound;
use crate::bmff::Error;
use crate::bmff::writer::BoxWriter;
use crate::media::AudioTrack;

/// The header of a metadata block and a STREAMINFO (RFC 9639 §§ 8.1, 8.2).
const STREAMINFO: usize = 4 + 34;

/// The sample entry of a FLAC track.
#[derive(Debug)]
pub(in crate::bmff) struct Flac<'a> {
    sound: Sound,
    blocks: &'a [u8],
}

impl<'a> Flac<'a> {
    /// The entry with `blocks`, metadata blocks of which STREAMINFO is the first, verbatim in its `dfLa`.
    pub(super) fn new(audio: &AudioTrack, blocks: &'a [u8]) -> Result<Self, Error> {
        if blocks.len() < STREAMINFO || blocks[0] & 0x7f != 0 || blocks[1..4] != [0, 0, 34] {
            return Err(Error::CodecRecord { record: "FLACSpecificBox", bytes: blocks.len() });
        }
        Ok(Self { sound: Sound::new(audio), blocks })
    }

    /// Bits per sample: five bits behind 20 of rate and three of channels, less one.
    fn depth(&self) -> u16 {
        u16::from(self.blocks[16] & 1) << 4 | u16::from(self.blocks[17] >> 4)
    }

    /// § 3.3.1: a rate above 65535 Hz is halved until it fits, and 65535 stands for those that cannot.
    fn rate(&self) -> u16 {
        let mut rate = self.sound.sample_rate();
        while rate > u32::from(u16::MAX) && rate.is_multiple_of(2) {
            rate /= 2;
        }
        u16::try_from(rate).unwrap_or(u16::MAX)
    }

    pub(super) fn write(&self, w: &mut BoxWriter<'_>) {
        let configuration = |w: &mut BoxWriter<'_>| w.full(b"dfLa", 0, 0, |w| w.bytes(self.blocks));
        self.sound.write_with(w, b"fLaC", self.depth() + 1, self.rate(), configuration);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::ChannelLayout;

    fn rate(sample_rate: u32) -> u16 {
        let audio = AudioTrack {
            sample_rate,
            layout: ChannelLayout::Stereo,
            frame_length: 4096,
            priming: 0,
            joint_objects: None,
            loudness: None,
        };
        let mut blocks = [0; STREAMINFO];
        blocks[3] = 34;
        Flac::new(&audio, &blocks).expect("a STREAMINFO").rate()
    }

    #[test]
    fn high_rates_are_divided_until_they_fit() {
        assert_eq!([44_100, 96_000, 192_000, 88_200, 65_537].map(rate), [44_100, 48_000, 48_000, 44_100, 65_535]);
    }
}
