//! The encoder of one video rendition: key frames by the grid, decode times by counting.

use super::{Error, Rung, annexb};
use crate::av::frame::Frame;
use crate::av::video::{Coded, VideoEncoder, VideoSpec};
use crate::cancel::CancelToken;
use crate::media::{ColorInfo, Language, Sample, Span, Timestamp, TrackConfig, TrackMedia, VideoTrack};
use crate::plan::{SegmentGrid, VideoRendition};

/// An encoder that begins at a frame of the grid.
#[derive(Debug)]
pub struct VideoRung {
    encoder: VideoEncoder,
    rendition: String,
    grid: SegmentGrid,
    first: u64,
    sent: u64,
    given: u64,
}

impl VideoRung {
    /// Opens the encoder of `rendition` with these options for a run of frames that begins at `first`.
    pub fn open(
        rendition: &VideoRendition,
        options: &[(String, String)],
        grid: &SegmentGrid,
        first: u64,
    ) -> Result<Self, Error> {
        let spec = VideoSpec {
            encoder: &rendition.encoding.encoder,
            resolution: rendition.resolution,
            rate: grid.rate(),
            options,
        };
        let encoder = VideoEncoder::open(spec)?;
        Ok(Self { encoder, rendition: rendition.id.to_string(), grid: *grid, first, sent: 0, given: 0 })
    }

    /// What the encoder writes of itself in its global headers, as hexadecimal digits.
    pub fn signature(&self) -> String {
        self.encoder.extradata().iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// What the CMAF header says of this rendition; the same for every run of frames.
    pub fn track(&self, rendition: &VideoRendition, color: ColorInfo) -> Result<TrackConfig, Error> {
        let (codec, codec_string) = annexb::configuration(&self.encoder.extradata()).ok_or_else(|| {
            Error::ParameterSets { encoder: rendition.encoding.encoder.clone(), rendition: self.rendition.clone() }
        })?;
        Ok(TrackConfig {
            timescale: self.grid.rate().timescale(),
            language: Language::undetermined(),
            codec,
            codec_string,
            media: TrackMedia::Video(VideoTrack::new(rendition.resolution, color)),
        })
    }

    /// GOPs are closed and the rate is constant: the n-th coded picture of the programme is decoded at
    /// frame n, and a first picture of a fragment is shown when it is decoded, as `cmf2` wants it
    /// (ISO/IEC 23000-19:2024 § 7.7.2: no edit list, so composition offsets may be negative).
    fn sample(&mut self, coded: &Coded) -> Result<Sample, Error> {
        let index = self.first + self.given;
        self.given += 1;
        let on_grid = u64::try_from(coded.frame).is_ok_and(|frame| self.grid.starts_fragment(frame));
        if coded.key != on_grid || (coded.key && coded.frame != index as i64) {
            return Err(Error::OffGrid { rendition: self.rendition.clone(), frame: coded.frame });
        }
        let frame = self.grid.rate().frame();
        let ticks = frame.ticks() as i64;
        Ok(Sample {
            dts: Timestamp::new(index as i64 * ticks, frame.scale()),
            cts_offset: ((coded.frame - index as i64) * ticks) as i32,
            duration: Span::new(frame.ticks(), frame.scale()),
            sync: coded.key,
            data: annexb::to_sample(&coded.data).into(),
        })
    }

    fn drain(&mut self, done: &mut Vec<Sample>) -> Result<(), Error> {
        while let Some(coded) = self.encoder.receive()? {
            done.push(self.sample(&coded)?);
        }
        Ok(())
    }
}

impl Rung for VideoRung {
    fn encode(&mut self, frame: &Frame, number: u64, key: bool, done: &mut Vec<Sample>) -> Result<(), Error> {
        self.encoder.send(frame, number as i64, key)?;
        self.sent += 1;
        self.drain(done)
    }

    fn finish(&mut self, done: &mut Vec<Sample>, cancel: &CancelToken) -> Result<(), Error> {
        self.encoder.finish()?;
        while let Some(coded) = self.encoder.receive()? {
            cancel.check()?;
            done.push(self.sample(&coded)?);
        }
        if self.given != self.sent {
            return Err(Error::Count { rendition: self.rendition.clone(), given: self.given, sent: self.sent });
        }
        Ok(())
    }
}
