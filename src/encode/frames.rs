//! Sound of one track, brought to one shape and cut into frames: silence where the source has none.

use super::Error;
use crate::av::audio::{AudioSpec, Framer, Resampler, SampleForm};
use crate::cancel::CancelToken;
use crate::media::{AudioCodec, Decibels};
use crate::plan::AudioRendition;
use crate::source::feed::SoundFeed;

/// Frames that are encoded before the pool may turn to something else: enough that entering it costs
/// nothing beside them, few enough that a shard's lanes do not wait for long.
pub(super) const FRAMES_AT_ONCE: u64 = 50;

/// The frames of a track.
#[derive(Debug)]
pub(super) struct Frames<'a> {
    feed: &'a mut SoundFeed,
    resampler: Resampler,
    framer: Framer,
    left: u64,
}

impl<'a> Frames<'a> {
    /// So many frames of `length` samples as `spec` describes them, made louder by `gain`.
    pub(super) fn new(
        feed: &'a mut SoundFeed,
        spec: &AudioSpec<'_>,
        length: u32,
        gain: Decibels,
        count: u64,
    ) -> Result<Self, Error> {
        let framer = Framer::new(spec.sample_rate, spec.layout, length, spec.form, gain)?;
        Ok(Self { feed, resampler: Resampler::new(spec.sample_rate, spec.layout), framer, left: count })
    }

    /// Whether all frames were given.
    pub(super) const fn is_over(&self) -> bool {
        self.left == 0
    }

    /// Reads until `each` has taken `count` more frames, or a few more, or all. It takes one when there is one, and
    /// says whether it did.
    pub(super) fn give<E: From<Error>>(
        &mut self,
        count: u64,
        cancel: &CancelToken,
        mut each: impl FnMut(&mut Framer) -> Result<bool, E>,
    ) -> Result<(), E> {
        let until = self.left.saturating_sub(count);
        while self.left > until {
            cancel.check().map_err(Error::from)?;
            match self.feed.read().map_err(Error::from)? {
                Some((sound, at)) => {
                    while self.left > 0 && self.resampler.bridge(at, &mut self.framer).map_err(Error::from)? {
                        self.hand_on(&mut each)?;
                    }
                    self.resampler.push(sound, at, &mut self.framer).map_err(Error::from)?;
                }
                None => {
                    self.resampler.finish(&mut self.framer).map_err(Error::from)?;
                    self.framer.finish().map_err(Error::from)?;
                }
            }
            self.hand_on(&mut each)?;
        }
        Ok(())
    }

    fn hand_on<E>(&mut self, each: &mut impl FnMut(&mut Framer) -> Result<bool, E>) -> Result<(), E> {
        while self.left > 0 && each(&mut self.framer)? {
            self.left -= 1;
        }
        Ok(())
    }
}

/// What the encoder of a rendition is opened with.
pub(super) fn spec(rendition: &AudioRendition) -> AudioSpec<'_> {
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
