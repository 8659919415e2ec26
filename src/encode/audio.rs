//! The lane of one audio rendition: one continuous pass, exactly as long as the grid.

use rayon::ThreadPool;

use super::Error;
use super::frames::{FRAMES_AT_ONCE, Frames, spec};
use super::loudness::Check;
use crate::av::audio::{AudioEncoder, Framer};
use crate::codec::{AudioSource, AudioStream};
use crate::event::{Control, Event};
use crate::media::{
    AudioTrack, Decibels, Loudness, Sample, SampleSink, Span, Timescale, Timestamp, TrackConfig, TrackMedia,
};
use crate::plan::{AudioRendition, AudioUnits, Levelled, SegmentGrid};
use crate::source::feed::{Ending, Sounds};

/// Events are told once for so many packets.
const EVENT_PACKETS: u64 = 100;

/// An open encoder of one audio rendition.
#[derive(Debug)]
pub struct AudioLane {
    encoder: AudioEncoder,
    rendition: AudioRendition,
    levelled: Option<Levelled>,
    /// The packet of the track that is its first.
    first: u64,
}

/// What has come of a pass.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Passed {
    /// How loud it has become, where it was to become as loud as something.
    pub loudness: Option<Loudness>,
    /// The packet of the track that comes next.
    pub next: u64,
}

impl AudioLane {
    /// Opens the encoder for sound that was measured, or was not.
    pub fn open(rendition: &AudioRendition, levelled: Option<Levelled>) -> Result<Self, Error> {
        Ok(Self { encoder: AudioEncoder::open(spec(rendition))?, rendition: rendition.clone(), levelled, first: 0 })
    }

    /// The same for what follows the first so many packets of the track, which another encoder has made. The sound of
    /// its first packet is that of its priming: silence.
    pub fn after(self, packets: u64) -> Self {
        Self { first: packets, ..self }
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
            media: TrackMedia::Audio(AudioTrack {
                priming: units.priming,
                loudness: self.levelled.map(|levelled| levelled.result()),
                ..stream.track().clone()
            }),
        })
    }

    /// Encodes the whole track: silence where the source has none, nothing after the grid's end. Work enters
    /// the pool a second of sound at a time, so that no more threads are busy than it has.
    pub fn run<S>(
        self,
        feed: &mut dyn Sounds,
        grid: &SegmentGrid,
        sink: &mut S,
        pool: &ThreadPool,
        control: Control<'_>,
    ) -> Result<Passed, S::Error>
    where
        S: SampleSink + Send,
        S::Error: From<Error> + Send,
    {
        let (units, first) = (self.units(), self.first);
        let packets = grid.audio_packets(units).saturating_sub(first);
        // An encoder gives the packets of its priming on top of one for each frame.
        let frames_of = move |packets: u64| packets - u64::from(units.priming / units.frame_length).min(packets);
        let packets_at = move |ending: Ending| {
            let all = match ending {
                Ending::Programme(slots) => grid.ending_at(slots).audio_packets(units),
                Ending::Segment(slots) => grid.audio_fragment_start(slots / grid.gop_frames(), units),
            };
            all.saturating_sub(first)
        };
        let gain = self.levelled.map_or(Decibels::ZERO, |levelled| levelled.gain_db);
        let rendition = self.rendition.clone();
        let mut frames = Frames::new(feed, &spec(&rendition), units.frame_length, gain, frames_of(packets))?
            .ending(move |ending| frames_of(packets_at(ending)))
            .after(first * u64::from(units.frame_length));
        let check = self.levelled.map(|_| Check::new(&rendition, &self.encoder.extradata())).transpose()?;
        let mut pass = Pass { lane: self, check, sink, control, units, packets, given: 0 };
        while !frames.is_over() {
            pool.install(|| frames.give(FRAMES_AT_ONCE, control.cancel, |framer| pass.encode(framer)))?;
        }
        if let Some(ending) = frames.ended_at() {
            // A track that ends before its first frame has none: the packets of priming come with those of frames.
            let packets = packets_at(ending);
            pass.packets = if frames_of(packets) == 0 { 0 } else { packets };
        }
        pool.install(|| pass.finish())
    }
}

/// One pass over a track, and how much has come out of the encoder.
struct Pass<'a, S> {
    lane: AudioLane,
    check: Option<Check>,
    sink: &'a mut S,
    control: Control<'a>,
    units: AudioUnits,
    packets: u64,
    given: u64,
}

impl<S: SampleSink> Pass<'_, S>
where
    S::Error: From<Error>,
{
    /// Encodes the next frame when it is whole.
    fn encode(&mut self, framer: &mut Framer) -> Result<bool, S::Error> {
        let taken = self.lane.encoder.encode_from(framer).map_err(Error::from)?;
        if taken {
            self.hand_on()?;
        }
        Ok(taken)
    }

    fn finish(mut self) -> Result<Passed, S::Error> {
        self.lane.encoder.finish().map_err(Error::from)?;
        self.hand_on()?;
        if self.given < self.packets {
            let rendition = self.lane.rendition.id.to_string();
            return Err(Error::Count { rendition, given: self.given, sent: self.packets }.into());
        }
        let next = self.lane.first + self.given;
        Ok(Passed { loudness: self.check.map(Check::finish).transpose()?, next })
    }

    fn hand_on(&mut self) -> Result<(), S::Error> {
        let (scale, length) = (Timescale::new(self.units.sample_rate), u64::from(self.units.frame_length));
        while let Some(data) = self.lane.encoder.receive().map_err(Error::from)? {
            if self.given == self.packets {
                continue;
            }
            if let Some(check) = &mut self.check {
                check.push(&data)?;
            }
            let dts = Timestamp::new(((self.lane.first + self.given) * length) as i64, scale);
            self.sink.push(Sample {
                dts,
                cts_offset: 0,
                duration: Span::new(length, scale),
                sync: true,
                data: data.into(),
            })?;
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
    use crate::plan::{AudioReason, AudioRole};
    use crate::source::feed::SoundFeed;

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
        let lane = AudioLane::open(&rendition, None).expect("FFmpeg has AAC");
        let packets = grid.audio_packets(lane.units());
        let control = Control { observer: &Silent, cancel: &cancel };
        lane.run(&mut feed, &grid, &mut given, &pool, control).expect("it is encoded");
        assert_eq!((given.samples, given.outside), (packets, 0));
    }
}
