//! Frames in, coded pictures out: one video encoder.

use ffmpeg_next::{Packet, Rational, codec, encoder, format, picture};

use super::frame::Frame;
use super::{Error, raw};
use crate::media::{FrameRate, Resolution};

/// One coded picture as the encoder gives it: Annex B bytes, numbered by frame.
#[derive(Debug)]
pub struct Coded {
    /// The number of the frame it shows, as it was sent.
    pub frame: i64,
    /// A decoder can start here.
    pub key: bool,
    /// The bytes.
    pub data: Vec<u8>,
}

/// What an encoder is opened with.
#[derive(Debug, Clone, Copy)]
pub struct VideoSpec<'a> {
    /// FFmpeg's name: `libx264`.
    pub encoder: &'a str,
    /// Size of the pictures.
    pub resolution: Resolution,
    /// Frames per second.
    pub rate: FrameRate,
    /// The encoder's options, in order.
    pub options: &'a [(String, String)],
}

/// One open video encoder.
pub struct VideoEncoder {
    inner: encoder::video::Encoder,
    name: String,
}

impl std::fmt::Debug for VideoEncoder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("VideoEncoder").field("name", &self.name).finish_non_exhaustive()
    }
}

impl VideoEncoder {
    /// Opens an encoder for 8-bit 4:2:0 pictures, its parameter sets out of band.
    pub fn open(spec: VideoSpec<'_>) -> Result<Self, Error> {
        let name = spec.encoder.to_owned();
        let failed = || Error::failed("opening the encoder", name.clone());
        let codec = encoder::find_by_name(spec.encoder)
            .ok_or_else(|| Error::Missing { kind: "encoder", name: name.clone() })?;
        let mut video = codec::context::Context::new_with_codec(codec).encoder().video().map_err(failed())?;
        video.set_width(spec.resolution.width);
        video.set_height(spec.resolution.height);
        video.set_format(format::Pixel::YUV420P);
        video.set_aspect_ratio(Rational(1, 1));
        let (num, den) = (spec.rate.num() as i32, spec.rate.den() as i32);
        video.set_time_base(Rational(den, num));
        video.set_frame_rate(Some(Rational(num, den)));
        video.set_flags(codec::Flags::GLOBAL_HEADER);
        for (key, value) in spec.options {
            raw::set_option(&mut video, key, value).map_err(|source| Error::Option {
                encoder: name.clone(),
                key: key.clone(),
                value: value.clone(),
                source,
            })?;
        }
        let inner = video.open_as(codec).map_err(failed())?;
        Ok(Self { inner, name })
    }

    /// The parameter sets (Annex B).
    pub fn extradata(&self) -> Vec<u8> {
        raw::extradata(&self.inner)
    }

    /// Sends a frame; `key` forces an IDR picture.
    pub fn send(&mut self, frame: &Frame, number: i64, key: bool) -> Result<(), Error> {
        let mut picture = frame.share()?;
        picture.set_pts(Some(number));
        picture.set_kind(if key { picture::Type::I } else { picture::Type::None });
        self.inner.send_frame(&picture).map_err(Error::failed("encoding a frame", self.name.clone()))
    }

    /// Says that no more frames come.
    pub fn finish(&mut self) -> Result<(), Error> {
        self.inner.send_eof().map_err(Error::failed("ending the encoder", self.name.clone()))
    }

    /// The next coded picture, when there is one.
    pub fn receive(&mut self) -> Result<Option<Coded>, Error> {
        let mut packet = Packet::empty();
        match self.inner.receive_packet(&mut packet) {
            Ok(()) => Ok(Some(Coded {
                frame: packet.pts().unwrap_or_default(),
                key: packet.is_key(),
                data: packet.data().unwrap_or_default().to_vec(),
            })),
            Err(ffmpeg_next::Error::Eof | ffmpeg_next::Error::Other { errno: ffmpeg_next::error::EAGAIN }) => Ok(None),
            Err(e) => Err(Error::failed("encoding a frame", self.name.clone())(e)),
        }
    }
}
