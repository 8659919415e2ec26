//! Finished shards in, a complete set out, with thumbnails and poster.

use super::Error;
use super::assemble::{Assembly, Set, believed};
use super::scene::{Done, Scene};
use super::stills;
use crate::event::Control;
use crate::output::{Dir, Stored};
use crate::plan::{ThumbnailPlan, names};
use crate::thumbs::poster::{self, Candidate};
use crate::thumbs::sheet::{Drawn, SheetWriter};
use crate::thumbs::{Sheet, Sheets, vtt};

/// The poster that was chosen.
#[derive(Debug, Clone, Copy)]
pub(super) struct Poster {
    pub(super) frame: u64,
}

/// Brings what the workers made into its final place.
pub(super) fn finish(scene: &Scene<'_>, done: Done, control: Control<'_>) -> Result<(Set, Option<Poster>), Error> {
    let plan = scene.plan;
    let tiles = stored_tiles(&done);
    let poster = choose_poster(scene, &done)?;
    let shards = done.shards.into_values().flat_map(|shard| shard.segments);
    let segments = shards.chain(done.copied.into_iter().flatten());
    let segments = segments.chain(done.audio.into_values().flat_map(|audio| audio.segments));
    let segments = segments.chain(done.text.segments);
    let inits = done.inits.into_iter().chain(done.text.inits).collect();
    let at = (scene.dir, scene.journal);
    let mut assembly = Assembly::of_media(at, plan.layout, inits, segments, control)?;
    assembly.add_text(done.text.pages, &done.text.whole)?;
    let video = plan.video.as_ref();
    if let Some(thumbnails) = video.and_then(|video| video.thumbnails.as_ref()) {
        let sheets = sheets(scene, thumbnails, &tiles, &mut assembly, control)?;
        let text = vtt::vtt(&sheets, plan.duration());
        assembly.put(names::THUMBNAILS, text.as_bytes())?;
        assembly.presentation.set_sheets(sheets_stored(scene.dir, sheets)?);
    }
    if let Some((_, jpeg)) = &poster {
        assembly.put(names::POSTER, jpeg)?;
    }
    for plain in &plan.progressive {
        let renditions: Vec<_> = std::iter::once(&plain.video).chain(&plain.audio).collect();
        assembly.put_flat(&plain.file, &renditions)?;
    }
    let mut offer = plan.offer();
    offer.text.retain(|text| done.text.cues.contains_key(&text.rendition.id));
    Ok((assembly.finish(&offer)?, poster.map(|(poster, _)| poster)))
}

fn stored_tiles(done: &Done) -> Vec<u64> {
    let mut tiles: Vec<u64> = done.shards.values().flat_map(|shard| shard.stills.tiles.iter().copied()).collect();
    tiles.sort_unstable();
    tiles
}

/// Composes the sprite sheets from the tiles, one sheet in memory at a time.
fn sheets(
    scene: &Scene<'_>,
    plan: &ThumbnailPlan,
    stored: &[u64],
    assembly: &mut Assembly<'_>,
    control: Control<'_>,
) -> Result<Sheets, Error> {
    let mut writer = SheetWriter::new(plan);
    let mut sheets: Vec<Sheet> = Vec::new();
    let mut keep = |drawn: Option<Drawn>| -> Result<(), Error> {
        let Some(made) = drawn.as_ref().map(Drawn::encode).transpose()? else { return Ok(()) };
        assembly.put(&made.facts.key, &made.jpeg)?;
        sheets.push(made.facts);
        Ok(())
    };
    for number in 0..plan.tiles(scene.plan.grid.frames()) {
        control.cancel.check()?;
        let tile = stored.binary_search(&number).is_ok().then(|| stills::tile(scene.dir, number)).transpose()?;
        keep(writer.push(tile.as_ref())?)?;
    }
    keep(writer.finish())?;
    Ok(Sheets::new(plan, sheets))
}

/// Facts of sheets that were stored a moment ago.
pub(super) fn sheets_stored(dir: &Dir, sheets: Sheets) -> Result<Stored<Sheets>, Error> {
    let last = sheets.sheets.last().cloned();
    match last {
        Some(last) => believed(dir, &last.key, last.bytes, sheets),
        None => Err(Error::Internal("a programme has at least one thumbnail".to_owned())),
    }
}

/// The best candidate of all shards; each shard has kept the picture of its own best.
fn choose_poster(scene: &Scene<'_>, done: &Done) -> Result<Option<(Poster, Vec<u8>)>, Error> {
    let best: Vec<Candidate> = done.shards.values().filter_map(|shard| shard.stills.best.clone()).collect();
    let Some(plan) = scene.plan.video.as_ref().and_then(|video| video.poster) else { return Ok(None) };
    let chosen = match plan.frame {
        Some(frame) => best.iter().find(|candidate| candidate.frame == frame),
        None => poster::choose(&best).and_then(|index| best.get(index)),
    };
    let Some(chosen) = chosen else { return Ok(None) };
    let jpeg = stills::poster(scene.dir, chosen.frame)?;
    Ok(Some((Poster { frame: chosen.frame }, jpeg)))
}
