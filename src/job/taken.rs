//! Sound that is taken as the source has it.

use super::Error;
use super::keep::Keep;
use super::scene::Scene;
use crate::encode::copy::SoundCopier;
use crate::event::{Control, Event};
use crate::media::{Sample, SampleSink, TrackConfig, TrackMedia};
use crate::output::Stored;
use crate::package::Segment;
use crate::plan::package::SoundCopy;
use crate::plan::{AudioRendition, AudioUnits};
use crate::source::packets::{AccessUnit, PacketReader};

/// Events are told once for so many packets.
const EVENT_PACKETS: u64 = 250;

/// What the CMAF header says of it.
pub(super) fn track(scene: &Scene<'_>, rendition: &AudioRendition) -> Result<TrackConfig, Error> {
    Ok(SoundCopier::open(scene.sounds, &copy(scene, rendition)?)?.track())
}

fn copy(scene: &Scene<'_>, rendition: &AudioRendition) -> Result<SoundCopy, Error> {
    let scan = scene.sounds.audio.iter().find(|scan| scan.track == rendition.track);
    let scan = scan.ok_or_else(|| Error::Internal(format!("the packets of {} were not looked at", rendition.id)))?;
    Ok(scene.plan.sound_copy(rendition, scan))
}

/// Copies it.
pub(super) fn run(
    scene: &Scene<'_>,
    rendition: &AudioRendition,
    keep: Keep<'_>,
    control: Control<'_>,
) -> Result<Vec<Stored<Segment>>, Error> {
    let copy = copy(scene, rendition)?;
    let mut copier = SoundCopier::open(scene.sounds, &copy)?;
    let TrackMedia::Audio(sound) = copier.track().media else {
        return Err(Error::Internal(format!("{} is no sound", rendition.id)));
    };
    let (sample_rate, frame_length, priming) = (sound.sample_rate, sound.frame_length, sound.priming);
    let units = AudioUnits { sample_rate, frame_length, priming };
    let mut sink = AtMost { keep, left: scene.plan.grid.audio_packets(units) };
    let shifts = scene.info.shifts_of(rendition.track);
    let mut reader = PacketReader::open(scene.input, &[rendition.track], &shifts, control.cancel)?;
    let mut packets = 0;
    while let Some(packet) = reader.read()? {
        if let Some(unit) = AccessUnit::of(&packet) {
            copier.push(unit, &mut sink)?;
        }
        packets += 1;
        if packets == EVENT_PACKETS {
            packets = 0;
            control.observer.on(&Event::Encoded { rendition: &rendition.id, frames: EVENT_PACKETS });
        }
    }
    control.observer.on(&Event::Encoded { rendition: &rendition.id, frames: packets });
    copier.finish(&mut sink)?;
    sink.keep.finish()
}

/// Keeps what belongs to the programme: what follows is left out.
struct AtMost<'a> {
    keep: Keep<'a>,
    left: u64,
}

impl SampleSink for AtMost<'_> {
    type Error = Error;

    fn push(&mut self, sample: Sample) -> Result<(), Error> {
        if self.left == 0 {
            return Ok(());
        }
        self.left -= 1;
        self.keep.push(sample)
    }
}
