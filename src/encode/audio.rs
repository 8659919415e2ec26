//! The lane of one audio rendition: one continuous pass, exactly as long as the grid.

use rayon::ThreadPool;

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
/// Frames that are encoded before the pool may turn to something else: enough that entering it costs
/// nothing beside them, few enough that a shard's lanes do not wait for long.
const FRAMES_AT_ONCE: u64 = 50;

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
                joint_objects: None,
            }),
        })
    }

    /// Encodes the whole track: silence where the source has none, nothing after the grid's end. Work enters
    /// the pool a second of sound at a time, so that no more threads are busy than it has.
    pub fn run<S>(
        self,
        feed: &mut SoundFeed,
        grid: &SegmentGrid,
        sink: &mut S,
        pool: &ThreadPool,
        control: Control<'_>,
    ) -> Result<(), S::Error>
    where
        S: SampleSink + Send,
        S::Error: From<Error> + Send,
    {
        let units = self.units();
        let packets = grid.audio_packets(units);
        let layout = self.rendition.layout;
        let framer = Framer::new(units.sample_rate, layout, units.frame_length).map_err(Error::from)?;
        // An encoder gives the packets of its priming on top of one for each frame.
        let frames = packets - u64::from(units.priming / units.frame_length).min(packets);
        let mut pass = Pass { lane: self, framer, sink, control, units, packets, frames, sent: 0, given: 0 };
        let mut resampler = Resampler::new(units.sample_rate, layout);
        while pass.sent < pass.frames {
            let until = pass.frames.min(pass.sent + FRAMES_AT_ONCE);
            pool.install(|| pass.advance(until, feed, &mut resampler))?;
        }
        pool.install(|| pass.finish())
    }
}

/// One pass over a track: how much was sent to the encoder, how much came out.
struct Pass<'a, S> {
    lane: AudioLane,
    framer: Framer,
    sink: &'a mut S,
    control: Control<'a>,
    units: AudioUnits,
    packets: u64,
    frames: u64,
    sent: u64,
    given: u64,
}

impl<S: SampleSink> Pass<'_, S>
where
    S::Error: From<Error>,
{
    /// Reads and encodes until `until` frames are sent, or a few more.
    fn advance(&mut self, until: u64, feed: &mut SoundFeed, resampler: &mut Resampler) -> Result<(), S::Error> {
        while self.sent < until {
            self.control.cancel.check().map_err(Error::from)?;
            match feed.read().map_err(Error::from)? {
                Some((sound, at)) => {
                    while self.sent < self.frames && resampler.bridge(at, &mut self.framer).map_err(Error::from)? {
                        self.encode()?;
                    }
                    resampler.push(sound, at, &mut self.framer).map_err(Error::from)?;
                }
                None => {
                    resampler.finish(&mut self.framer).map_err(Error::from)?;
                    self.framer.finish().map_err(Error::from)?;
                }
            }
            self.encode()?;
        }
        Ok(())
    }

    /// Encodes the frames that are whole, up to the end of the grid.
    fn encode(&mut self) -> Result<(), S::Error> {
        while self.sent < self.frames && self.lane.encoder.encode_from(&mut self.framer).map_err(Error::from)? {
            self.sent += 1;
            self.hand_on()?;
        }
        Ok(())
    }

    fn finish(mut self) -> Result<(), S::Error> {
        self.lane.encoder.finish().map_err(Error::from)?;
        self.hand_on()?;
        if self.given < self.packets {
            let rendition = self.lane.rendition.id.to_string();
            return Err(Error::Count { rendition, given: self.given, sent: self.packets }.into());
        }
        Ok(())
    }

    fn hand_on(&mut self) -> Result<(), S::Error> {
        let (scale, length) = (Timescale::new(self.units.sample_rate), u64::from(self.units.frame_length));
        while let Some(data) = self.lane.encoder.receive().map_err(Error::from)? {
            if self.given == self.packets {
                continue;
            }
            let dts = Timestamp::new((self.given * length) as i64, scale);
            self.sink.push(Sample { dts, cts_offset: 0, duration: Span::new(length, scale), sync: true, data })?;
            self.given += 1;
            let partial = self.given % EVENT_PACKETS;
            if partial == 0 || self.given == self.packets {
                let frames = if partial == 0 { EVENT_PACKETS } else { partial };
                self.control.observer.on(&Event::Encoded { rendition: &self.lane.rendition.id, frames });
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::time::Duration;

    use super::*;
    use crate::cancel::CancelToken;
    use crate::event::Silent;
    use crate::media::{
        AudioCodec, Bitrate, ChannelLayout, FrameRate, Language, RenditionId, RenditionKind, TrackIndex,
    };
    use crate::plan::AudioRole;

    /// Counts samples, and those that come from outside of the pool.
    #[derive(Default)]
    struct Given {
        samples: u64,
        outside: u64,
    }

    impl SampleSink for Given {
        type Error = Error;

        fn push(&mut self, _: Sample) -> Result<(), Error> {
            self.samples += 1;
            self.outside += u64::from(rayon::current_thread_index().is_none());
            Ok(())
        }
    }

    /// Sound was encoded beside the pool: more threads were busy than were asked for.
    #[test]
    fn all_sound_is_encoded_in_the_pool() {
        crate::av::init(false);
        let rendition = AudioRendition {
            id: RenditionId::new(RenditionKind::Audio, "und_aac_64k"),
            track: TrackIndex(0),
            language: Language::undetermined(),
            label: "und".to_owned(),
            default: true,
            role: AudioRole::Main,
            codec: AudioCodec::Aac,
            encoder: "aac".to_owned(),
            bitrate: Bitrate::from_kbps(64),
            sample_rate: 48_000,
            layout: ChannelLayout::Stereo,
        };
        let second = Duration::from_secs(1);
        let grid = SegmentGrid::new(FrameRate::whole(25), second, second, 50);
        let clip = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/testdata/audio_only.m4a"));
        let (mut given, cancel) = (Given::default(), CancelToken::default());
        let mut feed = SoundFeed::open(clip, rendition.track, 0, &[], &cancel).expect("a clip");
        let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("threads can be made");
        let lane = AudioLane::open(&rendition).expect("FFmpeg has AAC");
        let packets = grid.audio_packets(lane.units());
        let control = Control { observer: &Silent, cancel: &cancel };
        lane.run(&mut feed, &grid, &mut given, &pool, control).expect("it is encoded");
        assert_eq!((given.samples, given.outside), (packets, 0));
    }
}
