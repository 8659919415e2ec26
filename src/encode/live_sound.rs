//! Packets of a live sound track in, samples out, without decoding.

use super::Error;
use super::copy::position;
use crate::av::audio::{AudioEncoder, AudioSpec, SampleForm};
use crate::av::demux::Packet;
use crate::codec::{self, AudioSource, AudioStream};
use crate::media::{AudioCodec, AudioTrack, Language, Sample, Span, Timescale, Timestamp, TrackConfig, TrackMedia};
use crate::plan::AudioRendition;
use crate::source::live::Head;
use crate::source::packets::shown_at;

/// What silence is made by where the source has no sound.
const SILENCE: &str = "aac";

/// PCM samples of a packet of it.
const SILENT: u32 = 1024;

/// Sound of a live source on its way into a rendition. Its packets are as long as they say, and lie where the first one
/// says; where times differ from that by more than half a packet, what is missing is silent, and an overlap is left out.
#[derive(Debug)]
pub struct LiveSoundCopier {
    input: String,
    rendition: AudioRendition,
    stream: AudioStream,
    config: Vec<u8>,
    scale: Timescale,
    priming: u32,
    /// The decode time of the next sample.
    next: i64,
    /// The last sample, which a gap may lengthen.
    held: Option<Sample>,
    /// A packet of silence, once one was needed; nothing where none can be made.
    silence: Option<Option<Vec<u8>>>,
    left_out: u64,
}

impl LiveSoundCopier {
    /// Reads the headers of the track of which `head` is the first packet, for a programme that begins at `origin_us`.
    /// What comes before it is priming.
    pub fn open(input: &str, rendition: &AudioRendition, head: &Head<'_>, origin_us: i64) -> Result<Self, Error> {
        let source = AudioSource { codec: rendition.codec, config: head.config, first: head.data };
        let coded = |source| Error::Coded { input: input.to_owned(), track: rendition.track, seconds: 0.0, source };
        let stream = AudioStream::new(&source).map_err(coded)?;
        let scale = Timescale::new(stream.track().sample_rate);
        let priming = u32::try_from(-position(head.at_us - origin_us, scale)).unwrap_or(0);
        Ok(Self {
            input: input.to_owned(),
            rendition: rendition.clone(),
            config: head.config.to_vec(),
            stream,
            scale,
            priming,
            next: 0,
            held: None,
            silence: None,
            left_out: 0,
        })
    }

    /// What the CMAF header says of it.
    pub fn track(&self) -> TrackConfig {
        TrackConfig {
            timescale: self.scale,
            language: self.language().clone(),
            codec: self.stream.config().clone(),
            codec_string: self.stream.codec_string().clone(),
            media: TrackMedia::Audio(AudioTrack { priming: self.priming, ..self.stream.track().clone() }),
        }
    }

    fn language(&self) -> &Language {
        &self.rendition.language
    }

    /// How many packets were of no use, or came for a time that others have.
    pub fn left_out(&self) -> u64 {
        self.left_out
    }

    /// When something of the programme is decoded, on the timeline of the samples.
    pub fn decoded_at(&self, at: Timestamp) -> i64 {
        at.rescale(self.scale, crate::media::Rounding::Nearest).ticks() + i64::from(self.priming)
    }

    /// Takes the next packet.
    ///
    /// # Errors
    /// When the headers of the track change.
    pub fn push(&mut self, packet: &Packet) -> Result<Vec<Sample>, Error> {
        if packet.new_config().is_some_and(|config| config != self.config) {
            return Err(self.changed("headers"));
        }
        let mut done = Vec::new();
        let frame = match self.stream.frame(packet.data()) {
            Ok(frame) => frame,
            Err(codec::Error::Changed { what }) => return Err(self.changed(what)),
            Err(_) => None,
        };
        let (Some(at_us), Some(frame)) = (shown_at(packet), frame) else {
            self.left_out += 1;
            return Ok(done);
        };
        let at = position(at_us, self.scale) + i64::from(self.priming);
        let bearable = i64::from(frame.length / 2);
        if at - self.next < -bearable {
            self.left_out += 1;
            return Ok(done);
        }
        if at - self.next > bearable {
            self.bridge(at, &mut done);
        }
        self.take(frame.data, frame.length.into(), &mut done);
        Ok(done)
    }

    /// The programme has come to `until` without sound: as far as packets of silence go.
    pub fn fill(&mut self, until: Timestamp) -> Vec<Sample> {
        let mut done = Vec::new();
        self.silent(self.decoded_at(until), &mut done);
        done
    }

    /// The source is there again, and what follows begins so.
    ///
    /// # Errors
    /// When its headers are others than before.
    pub fn go_on(&mut self, head: &Head<'_>) -> Result<(), Error> {
        let source = AudioSource { codec: self.rendition.codec, config: head.config, first: head.data };
        let stream = AudioStream::new(&source).ok().filter(|stream| stream.config() == self.stream.config());
        self.stream = stream.ok_or_else(|| self.changed("headers"))?;
        self.config = head.config.to_vec();
        Ok(())
    }

    /// What is missing up to the cut at this decode time is silent: a packet belongs where its middle lies.
    pub fn fill_to_cut(&mut self, cut: i64) -> Vec<Sample> {
        let (mut done, half) = (Vec::new(), i64::from(self.stream.track().frame_length / 2));
        self.silent(cut + half, &mut done);
        if self.next + half < cut {
            self.bridge(cut, &mut done);
        }
        done.extend(self.finish());
        done
    }

    /// What begins at this decode time was not handed on: it is where the next packet goes.
    pub fn go_back(&mut self, to: i64) {
        self.next = to;
    }

    /// The decode time that the next sample has, and when that is shown.
    pub fn next(&self) -> (i64, Timestamp) {
        (self.next, Timestamp::new(self.next - i64::from(self.priming), self.scale))
    }

    /// Hands on what is held.
    pub fn finish(&mut self) -> Option<Sample> {
        self.held.take()
    }

    /// What is missing up to the tick `at` is silent.
    fn bridge(&mut self, at: i64, done: &mut Vec<Sample>) {
        self.silent(at, done);
        let missing = at - self.next;
        match &mut self.held {
            Some(held) => {
                held.duration = Span::new(held.duration.ticks() + missing.unsigned_abs(), self.scale);
                self.next = at;
            }
            None => {
                if let Some(silence) = self.silence() {
                    self.take(silence, missing, done);
                }
            }
        }
    }

    fn silent(&mut self, until: i64, done: &mut Vec<Sample>) {
        let length = i64::from(SILENT);
        while self.next + length <= until {
            let Some(silence) = self.silence() else { return };
            self.take(silence, length, done);
        }
    }

    /// A packet of silence, where the stream can have one.
    fn silence(&mut self) -> Option<Vec<u8>> {
        let (rendition, track) = (&self.rendition, self.stream.track());
        let fits = rendition.codec == AudioCodec::Aac && track.frame_length == SILENT;
        let make = || {
            let (sample_rate, layout) = (track.sample_rate, track.layout);
            let bit_rate = 64_000 * u64::from(layout.channels());
            AudioEncoder::packet_of_silence(AudioSpec {
                encoder: SILENCE,
                bit_rate,
                sample_rate,
                layout,
                form: SampleForm::PlanarFloat,
            })
        };
        self.silence.get_or_insert_with(|| fits.then(|| make().ok()).flatten()).clone()
    }

    fn take(&mut self, data: Vec<u8>, length: i64, done: &mut Vec<Sample>) {
        let (dts, duration) = (Timestamp::new(self.next, self.scale), Span::new(length.unsigned_abs(), self.scale));
        self.next += length;
        done.extend(self.held.replace(Sample { dts, cts_offset: 0, duration, sync: true, data: data.into() }));
    }

    fn changed(&self, what: &str) -> Error {
        let why = format!("the {what} of its sound has changed; start again, or leave out --copy to encode it");
        Error::Uncopied { input: self.input.clone(), why }
    }
}
