//! Sound of one track, brought to one shape and cut into frames: silence where the source has none.

use super::Error;
use crate::av::audio::{AudioSpec, Framer, Resampler, SampleForm};
use crate::cancel::CancelToken;
use crate::media::{AudioCodec, Decibels};
use crate::plan::AudioRendition;
use crate::source::feed::{Ending, Heard, Sounds};

/// Frames that are encoded before the pool may turn to something else: enough that entering it costs
/// nothing beside them, few enough that a shard's lanes do not wait for long.
pub(super) const FRAMES_AT_ONCE: u64 = 50;

/// How many frames there are when sound ends there.
type FramesAt<'a> = Box<dyn Fn(Ending) -> u64 + Send + 'a>;

/// The frames of a track.
pub(super) struct Frames<'a> {
    feed: &'a mut dyn Sounds,
    resampler: Resampler,
    framer: Framer,
    left: u64,
    given: u64,
    /// What tells the number of frames when the source tells its end only when it has come.
    frames_at: Option<FramesAt<'a>>,
    ended_at: Option<Ending>,
}

impl<'a> Frames<'a> {
    /// So many frames of `length` samples as `spec` describes them, made louder by `gain`.
    pub(super) fn new(
        feed: &'a mut dyn Sounds,
        spec: &AudioSpec<'_>,
        length: u32,
        gain: Decibels,
        count: u64,
    ) -> Result<Self, Error> {
        let framer = Framer::new(spec.sample_rate, spec.layout, length, spec.form, gain)?;
        let resampler = Resampler::new(spec.sample_rate, spec.layout);
        Ok(Self { feed, resampler, framer, left: count, given: 0, frames_at: None, ended_at: None })
    }

    /// The same, where sound that turns out to end there has as many frames as `frames_at` says: it ends with them,
    /// unless it is further already.
    pub(super) fn ending(self, frames_at: impl Fn(Ending) -> u64 + Send + 'a) -> Self {
        Self { frames_at: Some(Box::new(frames_at)), ..self }
    }

    /// The same, of which the first one begins after so many samples of the programme.
    pub(super) fn after(self, samples: u64) -> Self {
        Self { resampler: self.resampler.after(samples), ..self }
    }

    /// Where the sound has turned out to end.
    pub(super) const fn ended_at(&self) -> Option<Ending> {
        self.ended_at
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
                Some(Heard { sound, at_us, at_once }) => {
                    while self.left > 0
                        && self.resampler.bridge(at_us, at_once, &mut self.framer).map_err(Error::from)?
                    {
                        self.hand_on(&mut each)?;
                    }
                    if let Some(sound) = sound {
                        self.resampler.push(sound, at_us, &mut self.framer).map_err(Error::from)?;
                    }
                }
                None => {
                    self.end();
                    self.resampler.finish(&mut self.framer).map_err(Error::from)?;
                    self.framer.finish().map_err(Error::from)?;
                }
            }
            self.hand_on(&mut each)?;
        }
        Ok(())
    }

    /// Asks the source once where it has ended.
    fn end(&mut self) {
        let Some(frames_at) = self.frames_at.take() else { return };
        self.ended_at = self.feed.end();
        if let Some(ending) = self.ended_at {
            self.left = frames_at(ending).saturating_sub(self.given);
        }
    }

    fn hand_on<E>(&mut self, each: &mut impl FnMut(&mut Framer) -> Result<bool, E>) -> Result<(), E> {
        while self.left > 0 && each(&mut self.framer)? {
            self.left -= 1;
            self.given += 1;
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
