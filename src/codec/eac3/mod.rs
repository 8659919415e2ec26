//! E-AC-3: the EC3SpecificBox (ETSI TS 102 366 V1.4.1 § F.6) made of the frames of the first access unit, with
//! dependent substreams (7.1) and the sign of joint object coding (Dolby Atmos, ETSI TS 103 420 § 8.3).

mod frame;

use super::Error;
use super::ac3::{FRAME_LENGTH, SAMPLE_RATES, Speakers};
use crate::media::AudioTrack;
use frame::{Frame, Kind};

/// Blocks of an access unit (§ F.5.1: a sample is six blocks of every substream).
pub(super) const BLOCKS: u8 = 6;

/// What an access unit says of the stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct AccessUnit {
    substreams: Vec<Substream>,
    rate: u32,
    /// Kilobits per second of all substreams.
    data_rate: u32,
    /// Blocks, which may be a part of the six.
    pub(super) blocks: u8,
    /// The complexity index of joint object coding.
    joint_objects: Option<u8>,
}

/// An independent substream and those that depend on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Substream {
    rate_code: u8,
    bsid: u8,
    bsmod: u8,
    acmod: u8,
    lfe: bool,
    dependents: u8,
    speakers: Speakers,
}

impl AccessUnit {
    /// Of all frames in `bytes`.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, Error> {
        let mut unit = Self { substreams: Vec::new(), rate: 0, data_rate: 0, blocks: 0, joint_objects: None };
        let mut size = 0;
        let mut rest = bytes;
        while !rest.is_empty() {
            let (frame, after) = Frame::split(rest).map_err(|_| DAMAGED)?;
            size += rest.len() - after.len();
            unit.add(&frame)?;
            rest = after;
        }
        let bits = size as u64 * 8 * u64::from(unit.rate);
        let samples = u64::from(unit.blocks) * 256;
        if samples == 0 || unit.blocks > BLOCKS {
            return Err(DAMAGED);
        }
        unit.data_rate = u32::try_from(bits / samples / 1000).unwrap_or(u32::MAX);
        Ok(unit)
    }

    fn add(&mut self, frame: &Frame) -> Result<(), Error> {
        self.joint_objects = self.joint_objects.or(frame.joint_objects);
        match frame.kind {
            Kind::Dependent => {
                let of = self.substreams.last_mut().ok_or(DAMAGED)?;
                // The frames of a further block repeat the substreams of the first.
                of.dependents += u8::from(self.blocks == frame.blocks);
                of.speakers.0 |= frame.speakers.0;
            }
            Kind::Independent { id: 0 } => {
                self.rate = frame.sample_rate;
                self.blocks += frame.blocks;
                if self.substreams.is_empty() {
                    self.substreams.push(Substream::of(frame));
                }
            }
            // Further programmes, by their number.
            Kind::Independent { id } if usize::from(id) == self.substreams.len() => {
                self.substreams.push(Substream::of(frame));
            }
            Kind::Independent { .. } if self.blocks > frame.blocks => (),
            Kind::Independent { .. } => return Err(DAMAGED),
        }
        Ok(())
    }

    /// Whether a decoder can go on with `other`: only sizes may differ.
    pub(super) fn continues(&self, other: &Self) -> bool {
        (&self.substreams, self.rate) == (&other.substreams, other.rate)
    }

    /// The payload of `dec3`.
    pub(super) fn record(&self) -> Result<Vec<u8>, Error> {
        let count = u16::try_from(self.substreams.len()).ok().filter(|count| (1..=8).contains(count)).ok_or(DAMAGED)?;
        let data_rate = u16::try_from(self.data_rate.min(0x1fff)).expect("13 bits");
        let mut record = (data_rate << 3 | (count - 1)).to_be_bytes().to_vec();
        for substream in &self.substreams {
            record.extend(substream.record());
        }
        if let Some(complexity) = self.joint_objects {
            const FLAG_EC3_EXTENSION_TYPE_A: u8 = 1;
            record.extend([FLAG_EC3_EXTENSION_TYPE_A, complexity]);
        }
        Ok(record)
    }

    pub(super) fn track(&self) -> AudioTrack {
        // Further independent substreams are other programmes, which players leave out.
        let layout = self.substreams.first().map_or(Speakers(0), |programme| programme.speakers).layout();
        AudioTrack {
            sample_rate: self.rate,
            layout,
            frame_length: FRAME_LENGTH,
            priming: 0,
            joint_objects: self.joint_objects,
            loudness: None,
        }
    }
}

const DAMAGED: Error = Error::Damaged { what: "E-AC-3 sync frame" };

impl Substream {
    fn of(frame: &Frame) -> Self {
        let rate_code = SAMPLE_RATES.iter().position(|rate| *rate == frame.sample_rate).unwrap_or(3) as u8;
        Self {
            rate_code,
            bsid: frame.bsid,
            bsmod: frame.bsmod,
            acmod: frame.acmod,
            lfe: frame.lfe,
            dependents: 0,
            speakers: Speakers::of(frame.acmod, frame.lfe),
        }
    }

    /// The substream's part of the box.
    fn record(&self) -> Vec<u8> {
        let mut fields = vec![
            (self.rate_code.into(), 2),
            (self.bsid.into(), 5),
            (0, 2), // reserved, asvc: not an associated service
            (self.bsmod.into(), 3),
            (self.acmod.into(), 3),
            (u32::from(self.lfe), 1),
            (0, 3),
            (self.dependents.into(), 4),
        ];
        fields.push(if self.dependents > 0 { (self.locations(), 9) } else { (0, 1) });
        let width: u32 = fields.iter().map(|(_, width)| width).sum();
        let packed = fields.iter().fold(0_u64, |packed, &(value, width)| packed << width | u64::from(value));
        packed.to_be_bytes()[8 - width as usize / 8..].to_vec()
    }

    /// chan_loc (Table F.6.1): what dependent substreams add, centre left and right in the lowest bit, which is
    /// the order of chanmap turned round.
    fn locations(&self) -> u32 {
        let map = self.speakers.0;
        let low_frequencies_2 = u32::from(map >> 1 & 1) << 8;
        (0..8).map(|bit| u32::from(map >> (10 - bit) & 1) << bit).sum::<u32>() | low_frequencies_2
    }
}

#[cfg(test)]
mod tests {
    use super::frame::made;
    use super::*;
    use crate::media::ChannelLayout;

    #[test]
    fn one_substream_makes_five_bytes() {
        let unit = AccessUnit::parse(&made(Kind::Independent { id: 0 }, None, None, 1792)).expect("one frame");
        assert_eq!(unit.record(), Ok(vec![0x0e, 0x00, 0x20, 0x0f, 0x00]));
        assert_eq!((unit.track().layout, unit.blocks), (ChannelLayout::Surround51, 6));
    }

    #[test]
    fn a_dependent_substream_adds_its_channels() {
        let rear = Speakers(1 << 9);
        let bytes = [made(Kind::Independent { id: 0 }, None, None, 1792), made(Kind::Dependent, Some(rear), None, 768)];
        let unit = AccessUnit::parse(&bytes.concat()).expect("two frames");
        assert_eq!(unit.track().layout, ChannelLayout::Surround71);
        // 640 kb/s; one dependent substream with the rear pair, bit 1 of chan_loc.
        assert_eq!(unit.record(), Ok(vec![0x14, 0x00, 0x20, 0x0f, 0x02, 0x02]));
    }

    #[test]
    fn joint_object_coding_is_kept() {
        let unit = AccessUnit::parse(&made(Kind::Independent { id: 0 }, None, Some(16), 1792)).expect("one frame");
        assert_eq!(unit.track().joint_objects, Some(16));
        assert_eq!(unit.record(), Ok(vec![0x0e, 0x00, 0x20, 0x0f, 0x00, 0x01, 16]));
    }

    #[test]
    fn a_dependent_substream_alone_is_an_error() {
        let alone = made(Kind::Dependent, Some(Speakers(1 << 9)), None, 768);
        assert_eq!(AccessUnit::parse(&alone), Err(DAMAGED));
        assert_eq!(AccessUnit::parse(&[]), Err(DAMAGED));
    }
}
