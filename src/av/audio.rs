//! Decoded sound in, coded packets out: resampled, placed on the programme's timeline, cut to frames.

use std::borrow::Cow;

use ffmpeg_next::{Packet, Rational, codec, encoder, format, frame};

use super::decode::Sound;
use super::filter::{Ends, Graph};
use super::{Error, given, raw};
use crate::media::{ChannelLayout, Decibels};

/// Drift between timestamps and samples above this is mended at once, by silence or by leaving out;
/// below, by stretching a little (libswresample's `min_hard_comp`, seconds).
const HARD_COMPENSATION: f64 = 0.05;

/// At most so many samples per second are stretched in or out.
const SOFT_COMPENSATION: u32 = 1000;

/// Silence that is wanted at once comes in steps of no less than this part of a second.
const AT_ONCE_PER_SECOND: u64 = 50;

/// No encoder takes more frames than this before it gives a packet.
const MOST_DELAYED: usize = 64;

/// What the encoder makes.
#[derive(Debug, Clone, Copy)]
pub struct AudioSpec<'a> {
    /// FFmpeg's name: `aac`.
    pub encoder: &'a str,
    /// Bits per second.
    pub bit_rate: u64,
    /// PCM samples per second.
    pub sample_rate: u32,
    /// The channels.
    pub layout: ChannelLayout,
    /// What it takes.
    pub form: SampleForm,
}

/// In which form an encoder takes PCM samples.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SampleForm {
    /// Floating point, each channel for itself.
    PlanarFloat,
    /// Floating point, the channels interleaved.
    Float,
    /// 16 bits, the channels interleaved.
    Integer16,
}

impl SampleForm {
    fn format(self) -> format::Sample {
        use format::sample::Type;
        match self {
            Self::PlanarFloat => format::Sample::F32(Type::Planar),
            Self::Float => format::Sample::F32(Type::Packed),
            Self::Integer16 => format::Sample::I16(Type::Packed),
        }
    }
}

/// FFmpeg's name of a layout (`ffmpeg -layouts`).
fn layout_name(layout: ChannelLayout) -> Cow<'static, str> {
    Cow::Borrowed(match layout {
        ChannelLayout::Mono => "mono",
        ChannelLayout::Stereo => "stereo",
        ChannelLayout::DualMono => "2C",
        ChannelLayout::Surround30 => "3.0",
        ChannelLayout::Surround30Back => "3.0(back)",
        ChannelLayout::Surround40 => "4.0",
        ChannelLayout::Quad => "quad",
        ChannelLayout::Surround50 => "5.0",
        ChannelLayout::Surround51 => "5.1",
        ChannelLayout::Surround61 => "6.1",
        ChannelLayout::Surround71 => "7.1",
        ChannelLayout::Surround71Wide => "7.1(wide)",
        ChannelLayout::Discrete(channels) => return format!("{channels}C").into(),
    })
}

fn build(source: &str, spec: &str) -> Result<Graph, Error> {
    Graph::build(&Ends::SOUND, source, &format!("[in]{spec}[out0]"), 1)
}

fn pull(graph: &mut Graph, samples: Option<usize>) -> Result<Option<frame::Audio>, Error> {
    let mut sound = frame::Audio::empty();
    let there = graph.pull(0, samples, &mut sound)?.is_some();
    Ok(there.then_some(sound))
}

/// Brings decoded sound of any and changing shape to one shape on one timeline that starts at 0:
/// gaps become silence, overlaps and what lies before 0 are left out, slow drift is stretched away.
pub struct Resampler {
    sample_rate: u32,
    layout: ChannelLayout,
    stage: Option<(Shape, Graph)>,
    samples: u64,
}

/// What a graph must know of the blocks it gets; when it changes, the graph is built anew.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Shape {
    source: String,
    sample_rate: u32,
    named: bool,
    channels: u16,
}

impl std::fmt::Debug for Resampler {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Resampler")
            .field("sample_rate", &self.sample_rate)
            .field("samples", &self.samples)
            .finish_non_exhaustive()
    }
}

impl Resampler {
    /// Makes `layout` at `sample_rate`.
    pub fn new(sample_rate: u32, layout: ChannelLayout) -> Self {
        Self { sample_rate, layout, stage: None, samples: 0 }
    }

    /// The same for a timeline of which only what comes after so many samples is wanted.
    pub fn after(self, samples: u64) -> Self {
        Self { samples, ..self }
    }

    fn shape(sound: &Sound) -> Shape {
        let named = raw::has_named_layout(&sound.inner);
        let channels = if named {
            format!("channel_layout={}", raw::frame_layout(&sound.inner))
        } else {
            format!("channels={}", sound.inner.channels())
        };
        let source = format!(
            "time_base=1/1000000:sample_rate={}:sample_fmt={}:{channels}",
            sound.inner.rate(),
            sound.inner.format().name(),
        );
        Shape { source, sample_rate: sound.inner.rate(), named, channels: sound.inner.channels() }
    }

    fn build(&self, shape: &Shape) -> Result<Graph, Error> {
        // Nobody knows how channels without names mix: the first two are taken.
        let chosen = match (shape.named, shape.channels) {
            (true, _) => "",
            (false, 1) => "pan=stereo|c0=c0|c1=c0,",
            (false, _) => "pan=stereo|c0=c0|c1=c1,",
        };
        // swresample counts `first_pts` in samples of its input.
        let first = self.samples * u64::from(shape.sample_rate) / u64::from(self.sample_rate);
        // rematrix_maxval=1: a downmix never exceeds full scale, so nothing clips. flags=res: swresample
        // that passes sound on untouched begins again at `first_pts` when it has to stretch, and puts
        // silence before all that follows.
        let spec = format!(
            "{chosen}aresample={rate}:async={SOFT_COMPENSATION}:min_hard_comp={HARD_COMPENSATION}:first_pts={first}:\
             flags=res:rematrix_maxval=1,aformat=sample_fmts=fltp:sample_rates={rate}:channel_layouts={layout}",
            rate = self.sample_rate,
            layout = layout_name(self.layout),
        );
        build(&shape.source, &spec)
    }

    /// Hands on silence while a block that begins at `at_us` is more than a second away, or no sound is known to come
    /// and silence is wanted at once; at most a second at a time, so that a long gap never stands in memory. False when
    /// there is no gap left.
    pub fn bridge(&mut self, at_us: Option<i64>, at_once: bool, out: &mut Framer) -> Result<bool, Error> {
        let Some(at) = at_us.and_then(|us| u64::try_from(us).ok()) else { return Ok(false) };
        let due = (u128::from(at) * u128::from(self.sample_rate) / 1_000_000) as u64;
        let second = u64::from(self.sample_rate);
        let gap = due.saturating_sub(self.samples);
        if gap <= if at_once { second / AT_ONCE_PER_SECOND } else { second } {
            return Ok(false);
        }
        // The stage after the gap starts anew behind it, and what the one before it held back is a part of the gap.
        self.finish(out)?;
        let gap = due.saturating_sub(self.samples).min(second);
        self.samples += gap;
        out.push_silence(gap as usize)?;
        Ok(true)
    }

    /// Takes a block that is heard at `at_us` of the programme, and hands on what is ready.
    pub fn push(&mut self, mut sound: Sound, at_us: Option<i64>, out: &mut Framer) -> Result<(), Error> {
        let shape = Self::shape(&sound);
        if self.stage.as_ref().is_none_or(|(built, _)| *built != shape) {
            self.finish(out)?;
            self.stage = Some((shape.clone(), self.build(&shape)?));
        }
        sound.inner.set_pts(at_us);
        if let Some((_, graph)) = &mut self.stage {
            graph.send(&sound.inner)?;
        }
        self.hand_on(out)
    }

    fn hand_on(&mut self, out: &mut Framer) -> Result<(), Error> {
        let Some((_, graph)) = &mut self.stage else { return Ok(()) };
        while let Some(sound) = pull(graph, None)? {
            self.samples += sound.samples() as u64;
            out.push(&sound)?;
        }
        Ok(())
    }

    /// Hands on what is held back.
    pub fn finish(&mut self, out: &mut Framer) -> Result<(), Error> {
        if let Some((_, graph)) = &mut self.stage {
            graph.finish()?;
        }
        self.hand_on(out)?;
        self.stage = None;
        Ok(())
    }
}

/// Cuts sound into frames of one length in the form that an encoder takes, with silence after its end for as
/// long as one asks.
pub struct Framer {
    graph: Graph,
    sample_rate: u32,
    layout: ChannelLayout,
    frame_length: usize,
}

impl std::fmt::Debug for Framer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Framer").field("frame_length", &self.frame_length).finish_non_exhaustive()
    }
}

impl Framer {
    /// Frames of `frame_length` samples, made louder by `gain`.
    pub fn new(
        sample_rate: u32,
        layout: ChannelLayout,
        frame_length: u32,
        form: SampleForm,
        gain: Decibels,
    ) -> Result<Self, Error> {
        let source = format!(
            "time_base=1/{sample_rate}:sample_rate={sample_rate}:sample_fmt=fltp:channel_layout={}",
            layout_name(layout)
        );
        let louder = if gain == Decibels::ZERO { String::new() } else { format!("volume={gain}dB:precision=float,") };
        let spec = format!("{louder}apad,aformat=sample_fmts={}", form.format().name());
        Ok(Self { graph: build(&source, &spec)?, sample_rate, layout, frame_length: frame_length as usize })
    }

    fn push(&mut self, sound: &frame::Audio) -> Result<(), Error> {
        self.graph.send(sound)
    }

    fn push_silence(&mut self, samples: usize) -> Result<(), Error> {
        let format = SampleForm::PlanarFloat.format();
        let mut silence =
            frame::Audio::new(format, samples, ffmpeg_next::ChannelLayout::default(self.layout.channels().into()));
        for plane in 0..silence.planes() {
            silence.plane_mut::<f32>(plane).fill(0.0);
        }
        silence.set_rate(self.sample_rate);
        self.push(&silence)
    }

    /// Says that only silence follows.
    pub fn finish(&mut self) -> Result<(), Error> {
        self.graph.finish()
    }

    /// The next whole frame, when there is one, as it would be encoded.
    pub fn read(&mut self) -> Result<Option<Sound>, Error> {
        Ok(self.pull()?.map(|inner| Sound { inner, at_us: None }))
    }

    /// The next whole frame, when there is one; after [`finish`](Self::finish) there always is.
    fn pull(&mut self) -> Result<Option<frame::Audio>, Error> {
        pull(&mut self.graph, Some(self.frame_length))
    }
}

/// One open audio encoder.
pub struct AudioEncoder {
    inner: encoder::audio::Encoder,
    name: String,
    sent: i64,
}

impl std::fmt::Debug for AudioEncoder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AudioEncoder").field("name", &self.name).field("sent", &self.sent).finish_non_exhaustive()
    }
}

impl AudioEncoder {
    /// Opens an encoder, its configuration out of band.
    pub fn open(spec: AudioSpec<'_>) -> Result<Self, Error> {
        let name = spec.encoder.to_owned();
        let failed = || Error::failed("opening the encoder", name.clone());
        let codec = encoder::find_by_name(spec.encoder)
            .ok_or_else(|| Error::Missing { kind: "encoder", name: name.clone() })?;
        let mut audio = codec::context::Context::new_with_codec(codec).encoder().audio().map_err(failed())?;
        audio.set_rate(spec.sample_rate as i32);
        audio.set_format(spec.form.format());
        raw::set_audio_layout(&mut audio, spec.layout.channels());
        audio.set_bit_rate(spec.bit_rate as usize);
        audio.set_time_base(Rational(1, spec.sample_rate as i32));
        audio.set_flags(codec::Flags::GLOBAL_HEADER | codec::Flags::BITEXACT);
        audio.set_threading(codec::threading::Config { count: 1, ..Default::default() });
        let inner = audio.open_as(codec).map_err(failed())?;
        Ok(Self { inner, name, sent: 0 })
    }

    /// The configuration record (AudioSpecificConfig for AAC).
    pub fn extradata(&self) -> Vec<u8> {
        raw::extradata(&self.inner)
    }

    /// PCM samples before the first real one.
    pub fn priming(&self) -> u32 {
        raw::initial_padding(&self.inner)
    }

    /// PCM samples per packet.
    pub fn frame_length(&self) -> u32 {
        raw::frame_size(&self.inner)
    }

    /// The first packet that such an encoder makes of silence: some codecs say in their packets what they are.
    pub fn packet_of_silence(spec: AudioSpec<'_>) -> Result<Vec<u8>, Error> {
        let mut encoder = Self::open(spec)?;
        let length = encoder.frame_length();
        let mut silence = Framer::new(spec.sample_rate, spec.layout, length, spec.form, Decibels::ZERO)?;
        silence.push_silence(length as usize)?;
        silence.finish()?;
        for _ in 0..MOST_DELAYED {
            encoder.encode_from(&mut silence)?;
            if let Some(packet) = encoder.receive()? {
                return Ok(packet);
            }
        }
        Ok(Vec::new())
    }

    /// Encodes the next whole frame of `frames`; false when there is none yet.
    pub fn encode_from(&mut self, frames: &mut Framer) -> Result<bool, Error> {
        let Some(mut sound) = frames.pull()? else { return Ok(false) };
        sound.set_pts(Some(self.sent));
        self.sent += sound.samples() as i64;
        self.inner.send_frame(&sound).map_err(Error::failed("encoding sound", self.name.clone()))?;
        Ok(true)
    }

    /// Says that no more frames come.
    pub fn finish(&mut self) -> Result<(), Error> {
        self.inner.send_eof().map_err(Error::failed("ending the encoder", self.name.clone()))
    }

    /// The next packet, when there is one.
    pub fn receive(&mut self) -> Result<Option<Vec<u8>>, Error> {
        let mut packet = Packet::empty();
        let failed = Error::failed("encoding sound", self.name.clone());
        let there = given(self.inner.receive_packet(&mut packet)).map_err(failed)?;
        Ok(there.then(|| packet.data().unwrap_or_default().to_vec()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: u32 = 48_000;

    /// A block of 1024 samples of one value, heard at some microsecond.
    fn block(value: f32, at_us: i64) -> Sound {
        let format = format::Sample::F32(format::sample::Type::Planar);
        let mut inner = frame::Audio::new(format, 1024, ffmpeg_next::ChannelLayout::MONO);
        inner.set_rate(RATE);
        inner.plane_mut::<f32>(0).fill(value);
        Sound { inner, at_us: Some(at_us) }
    }

    /// Where sound is heard, when blocks of it come at these instants: runs of samples above silence.
    fn heard(at_us: &[i64]) -> Vec<std::ops::Range<usize>> {
        let mut resampler = Resampler::new(RATE, ChannelLayout::Mono);
        let mut framer = Framer::new(RATE, ChannelLayout::Mono, 1024, SampleForm::PlanarFloat, Decibels::ZERO)
            .expect("FFmpeg has its filters");
        let mut samples = Vec::new();
        let mut take = |framer: &mut Framer, most: usize| {
            while samples.len() < most
                && let Some(frame) = framer.pull().expect("it filters")
            {
                samples.extend_from_slice(frame.plane::<f32>(0));
            }
        };
        for at in at_us {
            resampler.push(block(0.5, *at), Some(*at), &mut framer).expect("it filters");
            take(&mut framer, usize::MAX);
        }
        resampler.finish(&mut framer).expect("it ends");
        framer.finish().expect("it ends");
        take(&mut framer, at_us.len() * 1024 + RATE as usize);
        let loud: Vec<usize> = (0..samples.len()).filter(|n| samples[*n] > 0.25).collect();
        loud.chunk_by(|one, other| one + 1 == *other).map(|run| run[0]..run[run.len() - 1] + 1).collect()
    }

    /// When blocks begin that follow each other, but for a gap before the thirtieth.
    fn with_gap(gap_us: i64) -> Vec<i64> {
        (0..100).map(|n| n * 1024 * 1_000_000 / i64::from(RATE) + if n < 30 { 0 } else { gap_us }).collect()
    }

    #[test]
    fn sound_without_gaps_keeps_every_sample() {
        assert_eq!(heard(&with_gap(0)), vec![0..100 * 1024]);
    }

    /// A lost packet brought silence as long as all sound before it.
    #[test]
    fn small_gaps_are_stretched_over() {
        for gap_us in [10_000, 40_000] {
            let heard = heard(&with_gap(gap_us));
            let [one] = &heard[..] else { panic!("{gap_us}: {heard:?}") };
            assert!((100 * 1024..100 * 1024 + 4800).contains(&one.end) && one.start == 0, "{gap_us}: {heard:?}");
        }
    }

    #[test]
    fn large_gaps_are_silence() {
        for gap_us in [60_000, 200_000] {
            let gap = gap_us as usize * RATE as usize / 1_000_000;
            assert_eq!(heard(&with_gap(gap_us)), vec![0..30 * 1024, 30 * 1024 + gap..100 * 1024 + gap]);
        }
    }
}
