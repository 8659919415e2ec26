//! Packets of one stream in, frames out.

use std::marker::PhantomData;

use ffmpeg_next::format::Sample;
use ffmpeg_next::format::sample::Type;
use ffmpeg_next::{Frame as AvFrame, Packet as AvPacket, Rational, codec, decoder, frame};

use super::demux::{Demuxer, Packet};
use super::frame::Frame;
use super::packet::to_us;
use super::{Error, given, raw};
use crate::media::TrackIndex;

pub(super) fn open(demuxer: &Demuxer, track: TrackIndex) -> Result<(decoder::Opened, Rational), Error> {
    let target = || format!("track {} of {}", track.0, demuxer.target());
    let gone = || Error::Input { target: target(), why: "the track is not there".to_owned() };
    let stream = demuxer.input.stream(track.0).ok_or_else(gone)?;
    let (parameters, time_base) = (stream.parameters(), stream.time_base());
    let name = raw::codec_name(parameters.id());
    let codec = decoder::find(parameters.id()).ok_or(Error::Missing { kind: "decoder", name: name.clone() })?;
    let refuse = |why: ffmpeg_next::Error| Error::Input {
        target: target(),
        why: format!("its {name} cannot be decoded: {why}"),
    };
    let mut context = codec::context::Context::from_parameters(parameters).map_err(refuse)?;
    raw::set_packet_time_base(&mut context, (time_base.numerator(), time_base.denominator()));
    // One thread: what is decoded must not depend on the number of jobs, which run shards side by side.
    context.set_threading(codec::threading::Config { count: 1, ..Default::default() });
    let opened = context.decoder().open_as(codec).map_err(refuse)?;
    Ok((opened, time_base))
}

/// Decodes one picture stream.
pub type VideoDecoder = Decoder<Frame>;

/// Decodes one sound stream.
pub type AudioDecoder = Decoder<Sound>;

/// Decodes one stream to pictures or blocks of sound.
pub struct Decoder<T> {
    inner: decoder::Opened,
    time_base: Rational,
    sent_us: Option<i64>,
    refused: Vec<Option<i64>>,
    makes: PhantomData<T>,
}

impl<T> std::fmt::Debug for Decoder<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Decoder").field("refused", &self.refused.len()).finish_non_exhaustive()
    }
}

impl<T> Decoder<T> {
    /// Opens the decoder of `track`.
    pub fn open(demuxer: &Demuxer, track: TrackIndex) -> Result<Self, Error> {
        let (inner, time_base) = open(demuxer, track)?;
        Ok(Self { inner, time_base, sent_us: None, refused: Vec::new(), makes: PhantomData })
    }

    /// Takes one packet, or the end; a packet that cannot be decoded is noted and skipped.
    pub fn send(&mut self, packet: Option<&Packet>) {
        let sent = match packet {
            Some(packet) => {
                self.sent_us = packet.at_us().or(packet.decode_us());
                self.inner.send_packet(&packet.inner)
            }
            None => self.inner.send_eof(),
        };
        self.note(sent.is_err());
    }

    /// Fills `frame` with what was decoded next; false when there is nothing.
    fn fill(&mut self, frame: &mut AvFrame) -> bool {
        let filled = given(self.inner.receive_frame(frame));
        self.note(filled.is_err());
        filled.unwrap_or(false)
    }

    fn note(&mut self, refused: bool) {
        if refused {
            self.refused.push(self.sent_us);
        }
    }

    fn at_us(&self, frame: &AvFrame) -> Option<i64> {
        frame.timestamp().map(|ticks| to_us(ticks, self.time_base))
    }

    /// Forgets everything, for reading on elsewhere.
    pub fn flush(&mut self) {
        self.inner.flush();
    }

    /// The times of packets that could not be decoded, since this was asked last; nothing for those that do
    /// not say theirs.
    pub fn take_refused(&mut self) -> Vec<Option<i64>> {
        std::mem::take(&mut self.refused)
    }
}

impl Decoder<Frame> {
    /// The next picture, when there is one.
    pub fn receive(&mut self) -> Option<Frame> {
        let mut picture = frame::Video::empty();
        while self.fill(&mut picture) {
            if picture.width() > 0 && picture.height() > 0 {
                let at_us = self.at_us(&picture);
                return Some(Frame::new(picture, at_us));
            }
        }
        None
    }
}

impl Decoder<Sound> {
    /// Opens FFmpeg's own decoder `name` for packets that come without a file; `config` is the configuration of
    /// their encoder.
    pub fn of_codec(name: &str, config: &[u8]) -> Result<Self, Error> {
        let failed = || Error::failed("opening the decoder", name);
        let codec = decoder::find_by_name(name);
        let codec = codec.ok_or_else(|| Error::Missing { kind: "decoder", name: name.to_owned() })?;
        let mut context = codec::context::Context::new_with_codec(codec);
        raw::set_extradata(&mut context, config).map_err(failed())?;
        context.set_threading(codec::threading::Config { count: 1, ..Default::default() });
        let inner = context.decoder().open_as(codec).map_err(failed())?;
        let time_base = Rational(1, 1_000_000);
        Ok(Self { inner, time_base, sent_us: None, refused: Vec::new(), makes: PhantomData })
    }

    /// Takes one packet that comes without a file.
    pub fn send_bytes(&mut self, packet: &[u8]) {
        let sent = self.inner.send_packet(&AvPacket::copy(packet));
        self.note(sent.is_err());
    }

    /// The next block, when there is one.
    pub fn receive(&mut self) -> Option<Sound> {
        let mut inner = frame::Audio::empty();
        while self.fill(&mut inner) {
            if inner.samples() > 0 && inner.rate() > 0 {
                raw::name_channels(&mut inner);
                let at_us = self.at_us(&inner);
                return Some(Sound { inner, at_us });
            }
        }
        None
    }
}

/// One decoded block of sound.
pub struct Sound {
    pub(super) inner: frame::Audio,
    /// When it is heard, in microseconds of its source.
    pub at_us: Option<i64>,
}

/// PCM samples, where they have a form that is known here.
#[derive(Clone, Debug)]
pub enum Pcm<'a> {
    /// Floating point, a plane for each channel.
    Planar(Vec<&'a [f32]>),
    /// 16 bits, the channels interleaved.
    Interleaved16(&'a [i16]),
}

impl Sound {
    /// Its samples; nothing when they have another form.
    pub fn pcm(&self) -> Option<Pcm<'_>> {
        match self.inner.format() {
            Sample::F32(Type::Planar) => {
                Some(Pcm::Planar((0..self.inner.planes()).map(|plane| self.inner.plane::<f32>(plane)).collect()))
            }
            Sample::I16(Type::Packed) => Some(Pcm::Interleaved16(raw::interleaved(&self.inner))),
            _ => None,
        }
    }
}

impl std::fmt::Debug for Sound {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sound").field("samples", &self.inner.samples()).field("at_us", &self.at_us).finish()
    }
}
