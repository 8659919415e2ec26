//! Finished shards in, a complete set out: single files, thumbnails, poster; the manifests come last.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Error;
use super::scene::{Done, Scene};
use super::stills;
use crate::event::{Control, Event};
use crate::manifest::{self, Document, Presentation};
use crate::media::RenditionId;
use crate::output::{Dir, Output, Stored, Workspace, store};
use crate::package::{self, Segment};
use crate::plan::{Layout, ThumbnailPlan, names};
use crate::thumbs::poster::{self, Candidate};
use crate::thumbs::sheet::{Made, SheetWriter};
use crate::thumbs::{Sheet, Sheets, vtt};

/// Everything that stands in the output, and the manifests that are still to be written.
pub(super) struct Set {
    pub(super) presentation: Presentation,
    pub(super) poster: Option<Poster>,
    documents: Vec<Document>,
    files: Vec<File>,
}

/// One object of the set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct File {
    /// Its path in the output.
    pub key: String,
    /// Its size in bytes.
    pub bytes: u64,
}

/// The poster that was chosen.
#[derive(Debug, Clone, Copy)]
pub(super) struct Poster {
    pub(super) frame: u64,
}

/// Brings what the workers made into its final place.
pub(super) fn finish(scene: &Scene<'_>, done: Done, control: Control<'_>) -> Result<Set, Error> {
    let plan = scene.plan;
    let mut files = Vec::new();
    let tiles = stored_tiles(&done);
    let poster = choose_poster(scene, &done)?;
    let mut presentation = Presentation::default();
    for init in done.inits {
        note(&mut files, plan.layout, &init.facts().key, init.facts().bytes);
        presentation.add_init(init);
    }
    let shards = done.shards.into_values().flat_map(|shard| shard.segments);
    for segment in shards.chain(done.audio.into_values().flat_map(|audio| audio.segments)) {
        note(&mut files, plan.layout, &segment.facts().key, segment.facts().bytes);
        presentation.add_segment(segment);
    }
    check_first_segments(scene, &presentation)?;
    if plan.layout == Layout::SingleFile {
        join(scene, &mut presentation, &mut files, control)?;
    }
    let video = plan.video.as_ref();
    if let Some(thumbnails) = video.and_then(|video| video.thumbnails.as_ref()) {
        let sheets = sheets(scene, thumbnails, &tiles, &mut files, control)?;
        let text = vtt::vtt(&sheets, plan.duration());
        claim_and_put(scene, names::THUMBNAILS, text.as_bytes(), &mut files, control)?;
        presentation.set_sheets(sheets_stored(scene.dir, sheets)?);
    }
    if let Some((_, jpeg)) = &poster {
        claim_and_put(scene, names::POSTER, jpeg, &mut files, control)?;
    }
    let documents = manifest::documents(&plan.offer(), &presentation)?;
    for document in &documents {
        files.push(File { key: document.key.clone(), bytes: document.body.len() as u64 });
    }
    Ok(Set { presentation, poster: poster.map(|(poster, _)| poster), documents, files })
}

/// Objects of the single-file layout that are still apart stand in the work directory, not in the set.
fn note(files: &mut Vec<File>, layout: Layout, key: &str, bytes: u64) {
    if layout == Layout::SegmentFiles {
        files.push(File { key: key.to_owned(), bytes });
    }
}

/// Stores an object that is neither header nor segment. The journal knows of it first: killed before
/// the report lists it, a run with other settings could not tell it from a foreign file.
fn claim_and_put(
    scene: &Scene<'_>,
    key: &str,
    body: &[u8],
    files: &mut Vec<File>,
    control: Control<'_>,
) -> Result<(), Error> {
    scene.journal.claim(vec![key.to_owned()])?;
    scene.dir.put(key, body)?;
    files.push(File { key: key.to_owned(), bytes: body.len() as u64 });
    control.observer.on(&Event::ManifestStored { key });
    Ok(())
}

/// Reads one segment of each rendition back with an independent reader: what a player would choke on
/// stops the run before a manifest names it.
fn check_first_segments(scene: &Scene<'_>, presentation: &Presentation) -> Result<(), Error> {
    for rendition in presentation.renditions() {
        let Some(first) = rendition.segments.values().next() else { continue };
        let header = scene.dir.get(&rendition.init.key)?;
        let body = scene.dir.get(&first.key)?;
        package::verify(&header, &rendition.init.track, &body, first)?;
    }
    Ok(())
}

/// Joins header, index and segments of each rendition into its one file.
fn join(
    scene: &Scene<'_>,
    presentation: &mut Presentation,
    files: &mut Vec<File>,
    control: Control<'_>,
) -> Result<(), Error> {
    let ids: Vec<RenditionId> = presentation.renditions().map(|r| r.init.rendition.clone()).collect();
    for id in ids {
        let Some(rendition) = presentation.rendition(&id) else { continue };
        let segments: Vec<&Segment> = rendition.segments.values().collect();
        let (single, index) = package::single_file(&rendition.init, segments.iter().copied())?;
        let mut head = scene.dir.get(&rendition.init.key)?;
        head.extend_from_slice(&index);
        let parts: Vec<String> = segments.iter().map(|s| s.key.clone()).collect();
        scene.journal.claim(vec![single.key.clone()])?;
        let key = single.key.clone();
        let bytes = scene.dir.concat(&key, &head, &parts, control.cancel)?;
        if bytes != single.bytes {
            return Err(Error::Internal(format!("{key} came out with {bytes} bytes instead of {}", single.bytes)));
        }
        files.push(File { key: key.clone(), bytes });
        presentation.set_single(&id, believed(scene.dir, &key, bytes, single)?);
    }
    Ok(())
}

/// Facts about an object that was stored a moment ago.
fn believed<T>(dir: &Dir, key: &str, bytes: u64, facts: T) -> Result<Stored<T>, Error> {
    Stored::found(dir, key, bytes, facts)?.ok_or_else(|| Error::Internal(format!("{key} is gone or has changed")))
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
    files: &mut Vec<File>,
    control: Control<'_>,
) -> Result<Sheets, Error> {
    let mut writer = SheetWriter::new(plan);
    let mut sheets: Vec<Sheet> = Vec::new();
    let mut keep = |made: Option<Made>| -> Result<(), Error> {
        let Some(made) = made else { return Ok(()) };
        claim_and_put(scene, &made.facts.key, &made.jpeg, files, control)?;
        sheets.push(made.facts);
        Ok(())
    };
    for number in 0..plan.tiles(scene.plan.grid.frames()) {
        control.cancel.check()?;
        let tile = stored.binary_search(&number).is_ok().then(|| stills::tile(scene.dir, number)).transpose()?;
        keep(writer.push(tile.as_ref())?)?;
    }
    keep(writer.finish()?)?;
    Ok(Sheets::new(plan, sheets))
}

fn sheets_stored(dir: &Dir, sheets: Sheets) -> Result<Stored<Sheets>, Error> {
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

impl Set {
    /// Every object of the set but the report.
    pub(super) fn files(&self) -> &[File] {
        &self.files
    }

    /// Writes the manifests, the ones that name others last.
    pub(super) fn publish(&self, dir: &Dir, control: Control<'_>) -> Result<(), Error> {
        for document in &self.documents {
            let stored = store(dir, &document.key, document.body.as_bytes(), ())?;
            control.observer.on(&Event::ManifestStored { key: &document.key });
            stored.into_facts();
        }
        Ok(())
    }
}
