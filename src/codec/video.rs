//! Any coded pictures.

use std::borrow::Cow;

use super::Error;
use super::av1::Av1;
use super::avc::{self, Avc};
use super::hevc::{self, Hevc};
use super::nal::Framing;
use super::sets::{OutOfBand, PEEKED};
use super::vp9::Vp9;
use crate::media::{CodecConfig, CodecString, ColorInfo, FrameRate, PixelAspect, VideoCodec, VideoTrack};

/// What a container brings of a picture track.
#[derive(Clone, Copy, Debug)]
pub struct VideoSource<'a> {
    /// The codec.
    pub codec: VideoCodec,
    /// The configuration record, headers in Annex B form, or nothing (FFmpeg: extradata).
    pub config: &'a [u8],
    /// The first access unit, which a decoder can start at.
    pub key: &'a [u8],
    /// Pictures per second.
    pub rate: FrameRate,
    /// Colour, as the container says it; goes where the stream says nothing.
    pub color: ColorInfo,
    /// Shape of the pixels, as the container says it; goes where the stream says nothing.
    pub pixel_aspect: PixelAspect,
}

/// Coded pictures on their way into CMAF.
#[derive(Debug)]
pub struct VideoStream {
    config: CodecConfig,
    codec_string: CodecString,
    track: VideoTrack,
    samples: Samples,
}

/// How access units become samples.
#[derive(Debug)]
enum Samples {
    Nal(OutOfBand),
    Av1(Av1),
    Vp9(Vp9),
}

impl VideoStream {
    /// Reads the headers.
    pub fn new(source: &VideoSource<'_>) -> Result<Self, Error> {
        let mut stream = match source.codec {
            VideoCodec::H264 => {
                let Avc { record, codec_string, track, samples } = Avc::new(source.config, source.key)?;
                Self { config: CodecConfig::Avc(record), codec_string, track, samples: Samples::Nal(samples) }
            }
            VideoCodec::Hevc => {
                let Hevc { record, codec_string, track, samples } = Hevc::new(source.config, source.key)?;
                Self { config: CodecConfig::Hevc(record), codec_string, track, samples: Samples::Nal(samples) }
            }
            VideoCodec::Av1 => {
                let stream = Av1::new(source.config, source.key)?;
                let (codec_string, track) = (stream.codec_string.clone(), stream.track.clone());
                let config = CodecConfig::Av1(stream.record.clone());
                Self { config, codec_string, track, samples: Samples::Av1(stream) }
            }
            VideoCodec::Vp9 => {
                let stream = Vp9::new(source.key, source.rate, source.color)?;
                let (codec_string, track) = (stream.codec_string.clone(), stream.track.clone());
                let config = CodecConfig::Vp9(stream.record.clone());
                Self { config, codec_string, track, samples: Samples::Vp9(stream) }
            }
        };
        stream.complete(source);
        Ok(stream)
    }

    /// What the stream leaves open is what the container says.
    fn complete(&mut self, source: &VideoSource<'_>) {
        let color = self.track.color;
        if (color.primaries, color.transfer, color.matrix) == (2, 2, 2) {
            let full_range = color.full_range || source.color.full_range;
            self.track.color = ColorInfo { full_range, ..source.color };
        }
        if self.track.pixel_aspect == PixelAspect::SQUARE {
            self.track.pixel_aspect = source.pixel_aspect;
        }
    }

    /// The record for the CMAF header.
    pub fn config(&self) -> &CodecConfig {
        &self.config
    }

    /// The codec string.
    pub fn codec_string(&self) -> &CodecString {
        &self.codec_string
    }

    /// Size, pixels, colour and HDR metadata.
    pub fn track(&self) -> &VideoTrack {
        &self.track
    }

    /// Whether an access unit of so many `bytes` is in that form already, told from less than all of it: `peek` gives
    /// the bytes at an offset. Of some codecs it is never told.
    pub fn keeps(&self, bytes: usize, peek: impl FnMut(usize) -> Option<[u8; PEEKED]>) -> bool {
        match &self.samples {
            Samples::Nal(samples) => samples.keeps(bytes, peek),
            Samples::Av1(_) | Samples::Vp9(_) => false,
        }
    }

    /// One access unit in the form that the record promises. Fails when it brings parameters that differ from
    /// those of the record.
    pub fn sample(&self, access_unit: Cow<'_, [u8]>) -> Result<Vec<u8>, Error> {
        match &self.samples {
            Samples::Nal(samples) => samples.sample(access_unit),
            Samples::Av1(stream) => stream.sample(&access_unit),
            Samples::Vp9(stream) => stream.sample(access_unit),
        }
    }
}

/// Whether an access unit of so many `bytes`, its NAL units behind lengths of four bytes, is a sample as it is, told by its
/// front alone.
pub fn is_sample(codec: VideoCodec, front: &[u8], bytes: usize) -> bool {
    let kind = match codec {
        VideoCodec::H264 => avc::role,
        VideoCodec::Hevc => hevc::role,
        VideoCodec::Av1 | VideoCodec::Vp9 => return false,
    };
    let samples = OutOfBand { framing: Framing::Length(4), kind, sets: Vec::new() };
    samples.keeps(bytes, |at| front.get(at..)?.first_chunk().copied())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sequence header of SVT-AV1, 320x180, without a colour.
    const SEQUENCE: &[u8] = &[0x0a, 0x0b, 0x00, 0x00, 0x00, 0x04, 0x3c, 0xfe, 0xcc, 0xfb, 0xf9, 0x00, 0x40];

    #[test]
    fn the_container_fills_in_what_the_stream_leaves_open() {
        let wide = PixelAspect { num: 4, den: 3 };
        let source = VideoSource {
            codec: VideoCodec::Av1,
            config: &[],
            key: SEQUENCE,
            rate: FrameRate::whole(25),
            color: ColorInfo::BT709,
            pixel_aspect: wide,
        };
        let stream = VideoStream::new(&source).expect("a sequence header");
        assert_eq!((stream.track().color, stream.track().pixel_aspect), (ColorInfo::BT709, wide));
    }

    #[test]
    fn the_front_tells_of_a_sample_where_every_unit_begins_in_it() {
        let unit = |header: u8, bytes: usize| [&(bytes as u32).to_be_bytes()[..], &vec![header; bytes]].concat();
        let told = |codec, all: &[u8], front: usize| is_sample(codec, &all[..front.min(all.len())], all.len());
        let (slice, delimiter) = (unit(0x41, 3000), unit(9, 2));
        let pictures = [unit(6, 20), slice.clone()].concat();
        assert!(told(VideoCodec::H264, &pictures, 512) && told(VideoCodec::H264, &pictures, 30));
        assert!(!told(VideoCodec::H264, &pictures, 29), "the header of the slice is not in it");
        assert!(!told(VideoCodec::H264, &[slice.clone(), slice.clone()].concat(), 512), "nor is that of the second");
        assert!(!told(VideoCodec::H264, &[delimiter, slice].concat(), 512));
        // TRAIL_R and VPS_NUT of ITU-T H.265 Table 7-1.
        let hevc = |kind: u8| [&[0, 0, 2, 0, kind << 1, 1][..], &[0; 510]].concat();
        assert!(told(VideoCodec::Hevc, &hevc(1), 256) && !told(VideoCodec::Hevc, &hevc(32), 256));
        assert!(!told(VideoCodec::Av1, &pictures, 512));
    }
}
