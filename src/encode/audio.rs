//! The lane of one audio rendition: one continuous pass, exactly as long as the grid.

use super::Error;
use crate::av::audio::{AudioEncoder, AudioSpec, Framer, Resampler};
use crate::event::{Control, Event};
use crate::media::{
    AudioTrack, CodecConfig, CodecString, Sample, SampleSink, Span, Timescale, Timestamp, TrackConfig, TrackMedia,
};
use crate::plan::{AudioRendition, AudioUnits, SegmentGrid};
use crate::source::feed::SoundFeed;

/// Events are told once for so many packets.
const EVENT_PACKETS: u64 = 100;

/// An open encoder of one audio rendition.
#[derive(Debug)]
pub struct AudioLane {
    encoder: AudioEncoder,
    rendition: AudioRendition,
}

impl AudioLane {
    /// Opens the encoder.
    pub fn open(rendition: &AudioRendition) -> Result<Self, Error> {
        let spec = AudioSpec {
            encoder: &rendition.encoder,
            bit_rate: rendition.bitrate.as_bps(),
            sample_rate: rendition.sample_rate,
            layout: rendition.layout,
        };
        Ok(Self { encoder: AudioEncoder::open(spec)?, rendition: rendition.clone() })
    }

    /// What the segmenter must know to cut it.
    pub fn units(&self) -> AudioUnits {
        AudioUnits {
            sample_rate: self.rendition.sample_rate,
            frame_length: self.encoder.frame_length(),
            priming: self.encoder.priming(),
        }
    }

    /// What the CMAF header says of this rendition.
    pub fn track(&self) -> Result<TrackConfig, Error> {
        let config = self.encoder.extradata();
        // The first five bits of an AudioSpecificConfig are the object type (ISO/IEC 14496-3 § 1.6.2.1).
        let object_type = config.first().map(|byte| byte >> 3).filter(|t| *t != 0).ok_or_else(|| {
            Error::ParameterSets { encoder: self.rendition.encoder.clone(), rendition: self.rendition.id.to_string() }
        })?;
        let units = self.units();
        Ok(TrackConfig {
            timescale: Timescale::new(units.sample_rate),
            language: self.rendition.language.clone(),
            codec: CodecConfig::Aac(config),
            codec_string: CodecString::mp4a(object_type),
            media: TrackMedia::Audio(AudioTrack {
                sample_rate: units.sample_rate,
                layout: self.rendition.layout,
                frame_length: units.frame_length,
                priming: units.priming,
            }),
        })
    }

    /// Encodes the whole track: silence where the source has none, nothing after the grid's end.
    /// The resampler's silence cannot run ahead of the grid: feeding stops once enough frames are made.
    pub fn run<S>(
        mut self,
        feed: &mut SoundFeed,
        grid: &SegmentGrid,
        sink: &mut S,
        control: Control<'_>,
    ) -> Result<(), S::Error>
    where
        S: SampleSink,
        S::Error: From<Error>,
    {
        let units = self.units();
        let packets = grid.audio_packets(units);
        // An encoder gives the packets of its priming on top of one for each frame.
        let frames = packets - u64::from(units.priming / units.frame_length).min(packets);
        let mut resampler = Resampler::new(units.sample_rate, self.rendition.layout);
        let mut framer =
            Framer::new(units.sample_rate, self.rendition.layout, units.frame_length).map_err(Error::from)?;
        let (mut sent, mut given) = (0, 0);
        while sent < frames {
            control.cancel.check().map_err(Error::from)?;
            match feed.read().map_err(Error::from)? {
                Some((sound, at)) => resampler.push(sound, at, &mut framer).map_err(Error::from)?,
                None => {
                    resampler.finish(&mut framer).map_err(Error::from)?;
                    framer.finish().map_err(Error::from)?;
                }
            }
            while sent < frames && self.encoder.encode_from(&mut framer).map_err(Error::from)? {
                sent += 1;
                self.drain(units, &mut given, packets, sink, control)?;
            }
        }
        self.encoder.finish().map_err(Error::from)?;
        self.drain(units, &mut given, packets, sink, control)?;
        if given < packets {
            let rendition = self.rendition.id.to_string();
            return Err(Error::Count { rendition, given, sent: packets }.into());
        }
        Ok(())
    }

    fn drain<S>(
        &mut self,
        units: AudioUnits,
        given: &mut u64,
        packets: u64,
        sink: &mut S,
        control: Control<'_>,
    ) -> Result<(), S::Error>
    where
        S: SampleSink,
        S::Error: From<Error>,
    {
        let scale = Timescale::new(units.sample_rate);
        while let Some(data) = self.encoder.receive().map_err(Error::from)? {
            if *given == packets {
                continue;
            }
            let length = u64::from(units.frame_length);
            sink.push(Sample {
                dts: Timestamp::new((*given * length) as i64, scale),
                cts_offset: 0,
                duration: Span::new(length, scale),
                sync: true,
                data,
            })?;
            *given += 1;
            if given.is_multiple_of(EVENT_PACKETS) || *given == packets {
                let frames = if given.is_multiple_of(EVENT_PACKETS) { EVENT_PACKETS } else { *given % EVENT_PACKETS };
                control.observer.on(&Event::Encoded { rendition: &self.rendition.id, frames });
            }
        }
        Ok(())
    }
}
