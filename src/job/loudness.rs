//! The first pass over sound whose loudness is asked for, and what is told of it.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Error;
use super::journal::Entry;
use super::pool;
use super::scene::{Done, Scene};
use crate::encode;
use crate::event::{Control, Warning};
use crate::media::{Decibels, Loudness, RenditionId};
use crate::plan::{AudioRendition, Levelled, Plan};
use crate::source::feed::SoundFeed;

/// Sound that stays so much softer than it was asked for is told.
const AUDIBLE: Decibels = Decibels::from_hundredths(50);

/// How loud a rendition was and has become.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LoudnessReport {
    /// Of the source, in the channels of the rendition.
    pub source: Loudness,
    /// How much louder the whole programme was made.
    pub gain_db: Decibels,
    /// Of the rendition, measured of what a decoder makes of it.
    pub result: Loudness,
}

/// Measures every track that is not measured yet, unless all of its renditions are finished anyway.
pub(super) fn run(scene: &Scene<'_>, done: &mut Done, control: Control<'_>) -> Result<(), Error> {
    let plan = scene.plan;
    let waits = |first: &AudioRendition| {
        let alike = plan.audio.iter().filter(|r| plan.measured_as(r).is_some_and(|other| other.id == first.id));
        alike.into_iter().any(|rendition| !done.audio.contains_key(&rendition.id))
    };
    let open = plan.measured().into_iter().filter(|r| !done.loudness.contains_key(&r.id) && waits(r)).collect();
    let found = Mutex::new(&mut done.loudness);
    scene.share.run(
        open,
        control,
        |_| pool::SOUND,
        |rendition, control| {
            let shifts = scene.info.shifts_of(rendition.track);
            let mut feed = SoundFeed::open(scene.input, rendition.track, plan.origin_us, &shifts, control.cancel)?;
            let measured = encode::loudness::measure(rendition, &mut feed, &plan.grid, scene.share.threads(), control)?;
            scene.journal.done(&Entry::Loudness { rendition: rendition.id.clone(), measured })?;
            found.lock().unwrap_or_else(PoisonError::into_inner).insert(rendition.id.clone(), measured);
            Ok(())
        },
    )
}

/// What is done about the loudness of a rendition; nothing when nobody asks for any.
pub(super) fn level(
    plan: &Plan,
    measured: &BTreeMap<RenditionId, Loudness>,
    rendition: &AudioRendition,
) -> Option<Levelled> {
    let measured = measured.get(&plan.measured_as(rendition)?.id)?;
    Some(plan.loudness?.level(*measured))
}

/// What came of all renditions.
pub(super) fn reports(plan: &Plan, done: &Done) -> BTreeMap<RenditionId, LoudnessReport> {
    let report = |rendition: &AudioRendition| {
        let Levelled { measured, gain_db } = level(plan, &done.loudness, rendition)?;
        let result = done.audio.get(&rendition.id)?.loudness?;
        Some((rendition.id.clone(), LoudnessReport { source: measured, gain_db, result }))
    };
    plan.audio.iter().filter_map(report).collect()
}

/// Where peaks kept sound from becoming as loud as was asked for.
pub(super) fn warnings(plan: &Plan, done: &Done) -> Vec<Warning> {
    let Some(asked) = plan.loudness else { return Vec::new() };
    let told = |rendition: &&AudioRendition| {
        let levelled = level(plan, &done.loudness, rendition)?;
        let result = levelled.result();
        let missing = asked.target_lufs.above(result.integrated_lufs);
        (missing > AUDIBLE && !result.is_silence()).then(|| {
            let (id, peak) = (&rendition.id, asked.highest_peak_dbtp);
            let message = format!(
                "the sound of {id} has {} LUFS, not {}: louder, its peaks would rise above {peak} dBTP",
                result.integrated_lufs, asked.target_lufs
            );
            Warning { code: "soft_sound", message }
        })
    };
    plan.measured().iter().filter_map(told).collect()
}
