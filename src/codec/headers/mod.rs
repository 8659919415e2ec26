//! Which bytes of a sample are headers: what a player reads before it decrypts, and what stays in the clear when the
//! rest is encrypted.

mod av1;
mod avc;
mod hevc;
mod position;
mod units;
mod vp9;

use super::Error;
use crate::media::CodecConfig;

/// Bytes of headers, and the coded picture or sound behind them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Part {
    /// Bytes that headers take, lengths of NAL units among them.
    pub header: usize,
    /// Bytes that are nothing but coded media.
    pub payload: usize,
}

/// Tells headers from media in the samples of one track, in decode order from a sample on that a decoder can start at.
#[derive(Debug)]
pub struct Headers(Kind);

#[derive(Debug)]
enum Kind {
    Avc(avc::Slices),
    Hevc(Box<hevc::Slices>),
    Vp9(vp9::Frames),
    Av1(Box<av1::Tiles>),
    /// A sample of sound has no header that anybody needs.
    Whole,
}

impl Headers {
    /// Of the track with this record.
    pub fn of(config: &CodecConfig) -> Result<Self, Error> {
        Ok(Self(match config {
            CodecConfig::Avc(record) => Kind::Avc(avc::Slices::new(record)?),
            CodecConfig::Hevc(record) => Kind::Hevc(Box::new(hevc::Slices::new(record)?)),
            CodecConfig::Vp9(_) => Kind::Vp9(vp9::Frames::default()),
            CodecConfig::Av1(record) => Kind::Av1(Box::new(av1::Tiles::new(record)?)),
            CodecConfig::Aac(_)
            | CodecConfig::Ac3(_)
            | CodecConfig::Eac3(_)
            | CodecConfig::Opus(_)
            | CodecConfig::Flac(_)
            | CodecConfig::Mp3(_)
            | CodecConfig::WebVtt(_) => Kind::Whole,
        }))
    }

    /// The parts of the next sample, in order; together they are all of it. Nothing of sound, which has none.
    pub fn parts(&mut self, sample: &[u8]) -> Result<Option<Vec<Part>>, Error> {
        match &mut self.0 {
            Kind::Avc(slices) => slices.parts(sample, sample.len()).map(Some),
            Kind::Hevc(slices) => slices.parts(sample, sample.len()).map(Some),
            Kind::Vp9(frames) => frames.parts(sample).map(Some),
            Kind::Av1(tiles) => tiles.parts(sample).map(Some),
            Kind::Whole => Ok(None),
        }
    }

    /// The parts of a sample of so many bytes, told by its front; nothing where that is not enough.
    pub fn parts_by_front(&self, front: &[u8], bytes: usize) -> Option<Vec<Part>> {
        match &self.0 {
            Kind::Avc(slices) => slices.parts(front, bytes).ok(),
            Kind::Hevc(slices) => slices.parts(front, bytes).ok(),
            Kind::Vp9(_) | Kind::Av1(_) | Kind::Whole => None,
        }
    }
}
