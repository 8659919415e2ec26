//! The lane of one audio rendition: one continuous pass, exactly as long as the grid.

use rayon::ThreadPool;

use super::Error;
use crate::av::audio::{AudioEncoder, AudioSpec, Framer, Resampler, SampleForm};
use crate::codec::{AudioSource, AudioStream};
use crate::event::{Control, Event};
use crate::media::{AudioCodec, AudioTrack, Sample, SampleSink, Span, Timescale, Timestamp, TrackConfig, TrackMedia};
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
        Ok(Self { encoder: AudioEncoder::open(spec(rendition))?, rendition: rendition.clone() })
    }

    /// What the segmenter must know to cut it.
    pub fn units(&self) -> AudioUnits {
        AudioUnits {
            sample_rate: self.rendition.sample_rate,
            frame_length: self.encoder.frame_length(),
            priming: self.encoder.priming(),
        }
    }

    /// What the CMAF header says of this rendition, read from the headers and the packets that its encoder makes.
    pub fn track(&self) -> Result<TrackConfig, Error> {
        let rendition = &self.rendition;
        let (config, first) = (self.encoder.extradata(), AudioEncoder::packet_of_silence(spec(rendition))?);
        let source = AudioSource { codec: rendition.codec, config: &config, first: &first };
        let units = self.units();
        let stream = AudioStream::new(&source).ok().filter(|stream| {
            let track = stream.track();
            (track.sample_rate, track.layout, track.frame_length)
                == (units.sample_rate, rendition.layout, units.frame_length)
        });
        let stream = stream.ok_or_else(|| Error::ParameterSets {
            encoder: rendition.encoder.clone(),
            rendition: rendition.id.to_string(),
        })?;
        Ok(TrackConfig {
            timescale: Timescale::new(units.sample_rate),
            language: rendition.language.clone(),
            codec: stream.config().clone(),
            codec_string: stream.codec_string().clone(),
            media: TrackMedia::Audio(AudioTrack { priming: units.priming, ..stream.track().clone() }),
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
        let form = spec(&self.rendition).form;
        let framer = Framer::new(units.sample_rate, layout, units.frame_length, form).map_err(Error::from)?;
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

/// What the encoder of a rendition is opened with.
fn spec(rendition: &AudioRendition) -> AudioSpec<'_> {
    AudioSpec {
        encoder: &rendition.encoder,
        bit_rate: rendition.bitrate.as_bps(),
        sample_rate: rendition.sample_rate,
        layout: rendition.layout,
        form: match rendition.codec {
            AudioCodec::Aac | AudioCodec::Ac3 | AudioCodec::Eac3 | AudioCodec::Mp3 => SampleForm::PlanarFloat,
            AudioCodec::Opus => SampleForm::Float,
            AudioCodec::Flac => SampleForm::Integer16,
        },
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
    use crate::media::{Bitrate, ChannelLayout, FrameRate, Language, RenditionId, RenditionKind, TrackIndex};
    use crate::plan::{AudioReason, AudioRole};

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
            reason: AudioReason::Asked,
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
