//! MP3: what the header of a frame says (ISO/IEC 11172-3 § 2.4.1.3, ISO/IEC 13818-3 § 2.4.1.3).

use super::Error;
use crate::media::{AudioTrack, ChannelLayout};

/// objectTypeIndication values of ISO/IEC 14496-1:2010 Table 5.
const MPEG1_AUDIO: u8 = 0x6b;
const MPEG2_AUDIO: u8 = 0x69;
const SAMPLE_RATES: [u32; 3] = [44_100, 48_000, 32_000];

/// What must stay the same from frame to frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header {
    rate: u32,
    layout: ChannelLayout,
    lower_rates: bool,
}

impl Header {
    pub(super) fn parse(frame: &[u8]) -> Result<Self, Error> {
        const LAYER_III: u8 = 1;
        const MONO: u8 = 3;
        let damaged = Error::Damaged { what: "header of an MPEG audio frame" };
        let Some(&[0xff, second, third, fourth]) = frame.first_chunk() else { return Err(damaged) };
        let (version, layer) = (second >> 3 & 3, second >> 1 & 3);
        let divided = match version {
            3 => 1, // MPEG-1
            2 => 2, // MPEG-2
            0 => 4, // MPEG-2.5, which nobody standardised and everybody plays
            _ => return Err(damaged),
        };
        if second >> 5 != 7 {
            return Err(damaged);
        }
        if layer != LAYER_III {
            return Err(Error::Unsupported { what: "MPEG audio of layer I or II" });
        }
        let rate = *SAMPLE_RATES.get(usize::from(third >> 2 & 3)).ok_or(damaged)? / divided;
        let layout = if fourth >> 6 == MONO { ChannelLayout::Mono } else { ChannelLayout::Stereo };
        Ok(Self { rate, layout, lower_rates: divided > 1 })
    }

    /// objectTypeIndication of `esds`.
    pub(super) fn object_type(self) -> u8 {
        if self.lower_rates { MPEG2_AUDIO } else { MPEG1_AUDIO }
    }

    pub(super) fn track(self) -> AudioTrack {
        AudioTrack {
            sample_rate: self.rate,
            layout: self.layout,
            frame_length: if self.lower_rates { 576 } else { 1152 },
            priming: 0,
            joint_objects: None,
            loudness: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_differ_in_object_type_and_length() {
        let mpeg1 = Header::parse(&[0xff, 0xfb, 0x94, 0x00]).expect("a header");
        assert_eq!((mpeg1.object_type(), mpeg1.track().sample_rate, mpeg1.track().frame_length), (0x6b, 48_000, 1152));
        let mpeg2 = Header::parse(&[0xff, 0xf3, 0x44, 0xc0]).expect("a header");
        assert_eq!((mpeg2.object_type(), mpeg2.track().sample_rate, mpeg2.track().frame_length), (0x69, 24_000, 576));
        assert_eq!(mpeg2.track().layout, ChannelLayout::Mono);
    }

    #[test]
    fn other_layers_are_refused() {
        let refused = Err(Error::Unsupported { what: "MPEG audio of layer I or II" });
        assert_eq!(Header::parse(&[0xff, 0xfd, 0x94, 0x00]), refused);
        assert!(matches!(Header::parse(&[0xff, 0x0b, 0x94, 0x00]), Err(Error::Damaged { .. })));
    }
}
