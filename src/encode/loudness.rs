//! How loud sound is: a pass over a track before it is encoded, and a look at what was made of it.

use ebur128::{EbuR128, Mode};
use rayon::ThreadPool;

use super::Error;
use super::frames::{FRAMES_AT_ONCE, Frames, spec};
use crate::av::audio::{AudioSpec, SampleForm};
use crate::av::decode::{AudioDecoder, Pcm, Sound};
use crate::event::{Control, Event};
use crate::media::{ChannelLayout, Decibels, Loudness, RenditionId};
use crate::plan::{AudioRendition, SegmentGrid};
use crate::source::feed::SoundFeed;

/// Measures sound as it comes.
struct Meter {
    inner: EbuR128,
    channels: usize,
    rendition: String,
}

impl std::fmt::Debug for Meter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Meter").finish_non_exhaustive()
    }
}

impl Meter {
    /// For the channels of a rendition.
    fn new(rendition: &RenditionId, sample_rate: u32, layout: ChannelLayout) -> Result<Self, Error> {
        let (channels, rendition) = (layout.channels(), rendition.to_string());
        let inner = EbuR128::new(channels.into(), sample_rate, Mode::I | Mode::LRA | Mode::TRUE_PEAK);
        let inner = inner.map_err(|why| Error::Loudness { rendition: rendition.clone(), why: why.to_string() })?;
        Ok(Self { inner, channels: channels.into(), rendition })
    }

    fn push(&mut self, sound: &Sound) -> Result<(), Error> {
        let added = match sound.pcm() {
            Some(Pcm::Planar(planes)) if planes.len() == self.channels => self.inner.add_frames_planar_f32(&planes),
            Some(Pcm::Interleaved16(samples)) if samples.len().is_multiple_of(self.channels) => {
                self.inner.add_frames_i16(samples)
            }
            Some(Pcm::Planar(_) | Pcm::Interleaved16(_)) | None => {
                let why = "FFmpeg's decoder gives it in another form".to_owned();
                return Err(Error::Loudness { rendition: self.rendition.clone(), why });
            }
        };
        added.map_err(self.failed())
    }

    fn read(&self) -> Result<Loudness, Error> {
        let peaks = (0..self.inner.channels()).map(|channel| self.inner.true_peak(channel));
        let peaks = peaks.collect::<Result<Vec<_>, _>>().map_err(self.failed())?;
        let peak = peaks.into_iter().fold(0.0, f64::max);
        Ok(Loudness {
            integrated_lufs: Decibels::from_f64(self.inner.loudness_global().map_err(self.failed())?),
            range_lu: Decibels::from_f64(self.inner.loudness_range().map_err(self.failed())?),
            true_peak_dbtp: Decibels::from_f64(20.0 * peak.log10()),
        })
    }

    fn failed(&self) -> impl Fn(ebur128::Error) -> Error + use<> {
        let rendition = self.rendition.clone();
        move |why| Error::Loudness { rendition: rendition.clone(), why: why.to_string() }
    }
}

/// Measures the sound that `rendition` will hold: its channels and its part of the track. Work enters the pool a
/// second or so at a time.
pub fn measure(
    rendition: &AudioRendition,
    feed: &mut SoundFeed,
    grid: &SegmentGrid,
    pool: &ThreadPool,
    control: Control<'_>,
) -> Result<Loudness, Error> {
    let units = rendition.usual_units();
    let spec = AudioSpec { form: SampleForm::PlanarFloat, ..spec(rendition) };
    let mut meter = Meter::new(&rendition.id, units.sample_rate, rendition.layout)?;
    let mut frames = Frames::new(feed, &spec, units.frame_length, Decibels::ZERO, grid.audio_packets(units))?;
    while !frames.is_over() {
        let mut taken = 0;
        pool.install(|| {
            frames.give(FRAMES_AT_ONCE, control.cancel, |framer| {
                let Some(sound) = framer.read()? else { return Ok(false) };
                meter.push(&sound)?;
                taken += 1;
                Ok::<_, Error>(true)
            })
        })?;
        control.observer.on(&Event::Encoded { rendition: &rendition.id, frames: taken });
    }
    meter.read()
}

/// Decodes what was encoded, and measures it.
#[derive(Debug)]
pub(super) struct Check {
    decoder: AudioDecoder,
    meter: Meter,
}

impl Check {
    /// Of what the encoder of `rendition` makes; `config` is its configuration.
    pub(super) fn new(rendition: &AudioRendition, config: &[u8]) -> Result<Self, Error> {
        let decoder = AudioDecoder::of_codec(rendition.codec.name(), config)?;
        Ok(Self { decoder, meter: Meter::new(&rendition.id, rendition.sample_rate, rendition.layout)? })
    }

    /// Takes the next packet.
    pub(super) fn push(&mut self, packet: &[u8]) -> Result<(), Error> {
        self.decoder.send_bytes(packet);
        self.take()
    }

    /// How loud all of it is.
    pub(super) fn finish(mut self) -> Result<Loudness, Error> {
        self.decoder.send(None);
        self.take()?;
        self.meter.read()
    }

    fn take(&mut self) -> Result<(), Error> {
        while let Some(sound) = self.decoder.receive() {
            self.meter.push(&sound)?;
        }
        Ok(())
    }
}
