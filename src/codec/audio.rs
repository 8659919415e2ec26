//! Any coded sound.

use super::ac3::{self, FRAME_LENGTH};
use super::{Error, aac, adts, eac3, flac, mp3, opus};
use crate::media::{AudioCodec, AudioTrack, CodecConfig, CodecString};

/// What a container brings of a sound track.
#[derive(Clone, Copy, Debug)]
pub struct AudioSource<'a> {
    /// The codec.
    pub codec: AudioCodec,
    /// AudioSpecificConfig, OpusHead, STREAMINFO, or nothing (FFmpeg: extradata).
    pub config: &'a [u8],
    /// The first packet.
    pub first: &'a [u8],
}

/// Coded sound on its way into CMAF.
#[derive(Debug)]
pub struct AudioStream {
    config: CodecConfig,
    codec_string: CodecString,
    track: AudioTrack,
    samples: Samples,
}

/// The access unit of a sample.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// Its bytes.
    pub data: Vec<u8>,
    /// PCM samples per channel, at the track's rate.
    pub length: u32,
}

/// How packets become samples, and what they must agree with.
#[derive(Debug)]
enum Samples {
    Aac,
    Adts([u8; 2]),
    Ac3(ac3::Header),
    Eac3 { unit: eac3::AccessUnit, held: Vec<u8>, blocks: u8 },
    Opus,
    Flac(flac::Shape),
    Mp3(mp3::Header),
}

impl AudioStream {
    /// Reads the headers.
    pub fn new(source: &AudioSource<'_>) -> Result<Self, Error> {
        match source.codec {
            AudioCodec::Aac => Self::aac(source),
            AudioCodec::Ac3 => {
                let header = ac3::Header::parse(source.first)?;
                Ok(Self {
                    config: CodecConfig::Ac3(header.record()),
                    codec_string: CodecString::ac3(),
                    track: header.track(),
                    samples: Samples::Ac3(header),
                })
            }
            AudioCodec::Eac3 => {
                let unit = eac3::AccessUnit::parse(source.first)?;
                Ok(Self {
                    config: CodecConfig::Eac3(unit.record()?),
                    codec_string: CodecString::eac3(),
                    track: unit.track(),
                    samples: Samples::Eac3 { unit, held: Vec::new(), blocks: 0 },
                })
            }
            AudioCodec::Opus => {
                let record = opus::record(source.config)?;
                let track = opus::track(&record, opus::length(source.first)?)?;
                let (config, codec_string) = (CodecConfig::Opus(record), CodecString::opus());
                Ok(Self { config, codec_string, track, samples: Samples::Opus })
            }
            AudioCodec::Flac => {
                let info = flac::Info::parse(source.config)?;
                Ok(Self {
                    config: CodecConfig::Flac(info.record()),
                    codec_string: CodecString::flac(),
                    track: info.track(),
                    samples: Samples::Flac(info.shape()),
                })
            }
            AudioCodec::Mp3 => {
                let header = mp3::Header::parse(source.first)?;
                Ok(Self {
                    config: CodecConfig::Mp3(header.object_type()),
                    codec_string: CodecString::mp3(header.object_type()),
                    track: header.track(),
                    samples: Samples::Mp3(header),
                })
            }
        }
    }

    /// AAC with its AudioSpecificConfig, or behind ADTS headers.
    fn aac(source: &AudioSource<'_>) -> Result<Self, Error> {
        let (config, samples) = if source.config.is_empty() {
            let header = adts::Header::parse(source.first)?;
            (header.config.to_vec(), Samples::Adts(header.config))
        } else {
            (source.config.to_vec(), Samples::Aac)
        };
        let specific = aac::Specific::parse(&config)?;
        let (codec_string, track) = (specific.codec_string(), specific.track());
        if track.layout.channels() == 0 {
            return Err(Error::Damaged { what: "AudioSpecificConfig" });
        }
        Ok(Self { config: CodecConfig::Aac(config), codec_string, track, samples })
    }

    /// The record for the CMAF header.
    pub fn config(&self) -> &CodecConfig {
        &self.config
    }

    /// The codec string.
    pub fn codec_string(&self) -> &CodecString {
        &self.codec_string
    }

    /// Rate, channels and frame length. The priming is what the stream itself says, which only Opus does: the
    /// container knows it of the others.
    pub fn track(&self) -> &AudioTrack {
        &self.track
    }

    /// One packet in the form that the record promises. Nothing while a packet of E-AC-3 is only a part of the
    /// six blocks of a sample, which then begins where the first part did. Fails when the packet differs from
    /// the record.
    pub fn frame(&mut self, packet: &[u8]) -> Result<Option<Frame>, Error> {
        let whole = |length: u32| Some(Frame { data: packet.to_vec(), length });
        match &mut self.samples {
            Samples::Aac => Ok(whole(self.track.frame_length)),
            Samples::Adts(config) => {
                let data = adts::raw(packet, config)?.to_vec();
                Ok(Some(Frame { data, length: self.track.frame_length }))
            }
            Samples::Ac3(header) if header.continues(ac3::Header::parse(packet)?) => Ok(whole(FRAME_LENGTH)),
            Samples::Mp3(header) if *header == mp3::Header::parse(packet)? => Ok(whole(self.track.frame_length)),
            Samples::Ac3(_) => Err(Error::Changed { what: "AC-3 sync frame" }),
            Samples::Mp3(_) => Err(Error::Changed { what: "header of MPEG audio frames" }),
            Samples::Opus => Ok(whole(opus::length(packet)?)),
            Samples::Flac(shape) => Ok(whole(shape.length(packet)?)),
            Samples::Eac3 { unit, held, blocks } => joined(unit, held, blocks, packet),
        }
    }
}

/// Adds `packet` to the frames that are held, and gives them away when they have six blocks.
fn joined(unit: &eac3::AccessUnit, held: &mut Vec<u8>, blocks: &mut u8, packet: &[u8]) -> Result<Option<Frame>, Error> {
    let next = eac3::AccessUnit::parse(packet)?;
    if !unit.continues(&next) || *blocks + next.blocks > eac3::BLOCKS {
        return Err(Error::Changed { what: "E-AC-3 sync frame" });
    }
    held.extend_from_slice(packet);
    *blocks += next.blocks;
    if *blocks < eac3::BLOCKS {
        return Ok(None);
    }
    *blocks = 0;
    Ok(Some(Frame { data: std::mem::take(held), length: FRAME_LENGTH }))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A frame of E-AC-3 with three blocks of 5.1.
    const HALF: [u8; 8] = [0x0b, 0x77, 0x00, 0x03, 0x2f, 0x80, 0x00, 0x00];

    fn half() -> AudioStream {
        let source = AudioSource { codec: AudioCodec::Eac3, config: &[], first: &HALF };
        AudioStream::new(&source).expect("an independent substream")
    }

    #[test]
    fn parts_of_an_access_unit_are_joined() {
        let mut stream = half();
        for _ in 0..2 {
            assert_eq!(stream.frame(&HALF), Ok(None));
            assert_eq!(stream.frame(&HALF), Ok(Some(Frame { data: HALF.repeat(2), length: 1536 })));
        }
    }

    #[test]
    fn parts_that_make_more_than_a_whole_are_an_error() {
        let mut stream = half();
        assert_eq!(stream.frame(&HALF), Ok(None));
        let mut whole = HALF;
        whole[4] |= 0x30;
        assert_eq!(stream.frame(&whole), Err(Error::Changed { what: "E-AC-3 sync frame" }));
    }
}
