//! One coded access unit.

use super::payload::Payload;
use super::time::{Span, Timestamp};

/// One coded access unit (sample, ISO/IEC 14496-12:2022 § 3.1): what FFmpeg calls a packet.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    /// Decode time on the track's media timeline (priming included for audio).
    pub dts: Timestamp,
    /// Composition time minus decode time, in the ticks of `dts`.
    pub cts_offset: i32,
    /// How long the sample lasts, in the ticks of `dts`.
    pub duration: Span,
    /// A decoder can start here.
    pub sync: bool,
    /// The access unit in the form the sample entry promises (length-prefixed NAL units for H.264).
    pub data: Payload,
}

/// Takes samples in decode order.
pub trait SampleSink {
    /// Why a sample could not be taken.
    type Error;
    /// Takes the next sample.
    fn push(&mut self, sample: Sample) -> Result<(), Self::Error>;
}
