//! The workers of one run: audio tracks and shards, several at a time.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use rayon::ThreadPool;

use super::budgets::Budgets;
use super::journal::{Damage, Entry};
use super::keep::{Keep, Trick};
use super::loudness;
use super::scene::{AudioDone, Done, Scene, ShardDone};
use super::stills::{ShardStills, Stills};
use super::stretch::Stretch;
use super::survey;
use super::{Error, crew};
use crate::encode::audio::AudioLane;
use crate::encode::pictures::{ShardPictures, graph, sizes};
use crate::encode::rung::VideoRung;
use crate::encode::{self, Lane};
use crate::event::Control;
use crate::media::{RenditionId, Resolution, SegmentNumber, TrackConfig};
use crate::package::{self, Packager};
use crate::plan::{AudioRendition, Plan, Shard, VideoPlan, VideoRendition, names};
use crate::source::feed::{PictureFeed, SoundFeed};

/// Memory that shards may take together, in bytes: for each job, at least and at most. One of them is
/// encoded in any case.
const MEMORY_PER_JOB: u64 = 300 << 20;
const MEMORY_AT_LEAST: u64 = 1_400 << 20;
const MEMORY_AT_MOST: u64 = 3_600 << 20;

/// Bytes that a shard in flight is reckoned to take for each pixel of its source and of its renditions
/// (references and batches), and for each pixel of a frame in an encoder's lookahead.
const BYTES_PER_PIXEL: u64 = 64;
const BYTES_PER_PIXEL_AHEAD: u64 = 4;

/// Packets that an audio rendition will have, before its encoder is open: as FFmpeg's encoders make them.
pub(super) fn expected_packets(plan: &Plan, rendition: &AudioRendition) -> u64 {
    plan.grid.audio_packets(rendition.usual_units())
}

/// One piece of work that a worker takes.
enum Item<'a> {
    Audio(&'a AudioRendition),
    Pictures(&'a VideoPlan, Stretch),
}

struct Crew<'a> {
    scene: &'a Scene<'a>,
    tracks: BTreeMap<RenditionId, TrackConfig>,
    budgets: Budgets,
    pool: ThreadPool,
    done: Mutex<Done>,
}

/// Does everything that is not done yet.
pub(super) fn run(scene: &Scene<'_>, mut done: Done, control: Control<'_>) -> Result<Done, Error> {
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(scene.jobs)
        .thread_name(|index| format!("lane-{index}"))
        .build()
        .map_err(|e| Error::Internal(format!("starting worker threads failed: {e}")))?;
    loudness::run(scene, &mut done, &pool, control)?;
    let tracks = headers(scene, &mut done)?;
    let workers = workers(scene);
    let budgets = match &scene.plan.video {
        Some(video) => survey::run(scene, video, &mut done, &pool, workers, control)?,
        None => Budgets::default(),
    };
    let items = items(scene, &done);
    let crew = Crew { scene, tracks, budgets, pool, done: Mutex::new(done) };
    crew::run(workers, items, control, |item, control| match item {
        Item::Audio(rendition) => crew.audio(rendition, control),
        Item::Pictures(video, stretch) => crew.pictures(video, &stretch, control),
    })?;
    Ok(crew.done.into_inner().unwrap_or_else(PoisonError::into_inner))
}

/// What the encoders write of themselves: for x264 its version, its options and the parameter sets. A
/// set must not be put together of parts that different encoders made.
pub(super) fn signatures(plan: &Plan) -> Result<Vec<String>, Error> {
    let renditions = plan.video.iter().flat_map(|video| &video.renditions);
    let signature = |rendition: &VideoRendition| {
        Ok(VideoRung::open(rendition, &rendition.encoding.options, &plan.grid, 0)?.signature())
    };
    renditions.map(signature).collect()
}

/// Opens every encoder once for what the CMAF headers say, and stores these.
fn headers(scene: &Scene<'_>, done: &mut Done) -> Result<BTreeMap<RenditionId, TrackConfig>, Error> {
    let plan = scene.plan;
    let mut tracks = BTreeMap::new();
    if let Some(video) = &plan.video {
        for rendition in &video.renditions {
            let track = VideoRung::open(rendition, &rendition.encoding.options, &plan.grid, 0)?
                .track(rendition, video.color)?;
            if let Some(trick) = video.trick.as_ref().filter(|trick| trick.of == rendition.id) {
                tracks.insert(trick.id.clone(), track.clone());
            }
            tracks.insert(rendition.id.clone(), track);
        }
    }
    for rendition in &plan.audio {
        let levelled = loudness::level(plan, &done.loudness, rendition);
        tracks.insert(rendition.id.clone(), AudioLane::open(rendition, levelled)?.track()?);
    }
    for (id, track) in &tracks {
        let (facts, body) = package::init(id, track, plan.grid.rate(), plan.layout)?;
        let key = facts.key.clone();
        scene.journal.claim(vec![key.clone()])?;
        done.inits.push(crate::output::store(scene.dir, &key, &body, facts)?);
    }
    Ok(tracks)
}

fn items<'a>(scene: &Scene<'a>, done: &Done) -> Vec<Item<'a>> {
    let audio = scene.plan.audio.iter().filter(|r| !done.audio.contains_key(&r.id)).map(Item::Audio);
    let mut items: Vec<Item<'a>> = audio.collect();
    let Some(video) = &scene.plan.video else { return items };
    let open: Vec<Shard> = video.shards.iter().filter(|s| !done.shards.contains_key(&s.index)).copied().collect();
    let stretches = Stretch::all(scene, video, open);
    // What takes longest begins first.
    let at = if stretches.iter().any(Stretch::reads_all) { 0 } else { items.len() };
    items.splice(at..at, stretches.into_iter().map(|stretch| Item::Pictures(video, stretch)));
    items
}

/// Shards in flight: one for each job, as far as memory allows.
fn workers(scene: &Scene<'_>) -> usize {
    let jobs = scene.jobs as u64;
    let Some(video) = &scene.plan.video else { return scene.jobs };
    let source = scene.info.video.iter().find(|info| info.track == video.track).map_or(0, |v| v.resolution.pixels());
    let of = |r: &VideoRendition| {
        r.resolution.pixels() * (BYTES_PER_PIXEL + u64::from(r.encoding.lookahead) * BYTES_PER_PIXEL_AHEAD)
    };
    let shard = source * BYTES_PER_PIXEL + video.renditions.iter().map(of).sum::<u64>();
    let budget = (jobs * MEMORY_PER_JOB).clamp(MEMORY_AT_LEAST, MEMORY_AT_MOST);
    (budget / shard.max(1)).clamp(1, jobs) as usize
}

impl Crew<'_> {
    fn audio(&self, rendition: &AudioRendition, control: Control<'_>) -> Result<(), Error> {
        let plan = self.scene.plan;
        let segments = (1..=plan.grid.segments()).map(SegmentNumber);
        self.scene.journal.claim(segments.map(|n| stored_key(plan, &rendition.id, n)).collect())?;
        let levelled = {
            let done = self.done.lock().unwrap_or_else(PoisonError::into_inner);
            loudness::level(plan, &done.loudness, rendition)
        };
        let lane = AudioLane::open(rendition, levelled)?;
        let shifts = self.scene.info.shifts_of(rendition.track);
        let mut feed = SoundFeed::open(self.scene.input, rendition.track, plan.origin_us, &shifts, control.cancel)?;
        let mut keep = Keep::new(self.packager(&rendition.id, SegmentNumber(1))?, None, self.scene.dir, control);
        let loudness = lane.run(&mut feed, &plan.grid, &mut keep, &self.pool, control)?;
        let segments = keep.finish()?;
        let damage = Damage { refused: feed.refused(), ..Damage::default() };
        let facts = segments.iter().map(|s| s.facts().clone()).collect();
        self.scene.journal.done(&Entry::Audio {
            rendition: rendition.id.clone(),
            segments: facts,
            damage,
            loudness,
        })?;
        let done = AudioDone { segments, damage, loudness };
        self.done.lock().unwrap_or_else(PoisonError::into_inner).audio.insert(rendition.id.clone(), done);
        Ok(())
    }

    fn packager(&self, id: &RenditionId, first: SegmentNumber) -> Result<Packager, Error> {
        let track = self.tracks.get(id).ok_or_else(|| Error::Internal(format!("no header was made for {id}")))?;
        Ok(Packager::new(id.clone(), track, self.scene.plan.grid, first, self.scene.plan.layout)?)
    }

    fn pictures(&self, video: &VideoPlan, stretch: &Stretch, control: Control<'_>) -> Result<(), Error> {
        let twice = !video.first_passes().is_empty();
        stretch.read(self.scene, video, control.cancel, |shard, feed| {
            let encoded = self.shard(video, shard, feed, control);
            encoded.map_err(|error| if twice { error.in_pass("last", shard) } else { error })
        })
    }

    fn shard(
        &self,
        video: &VideoPlan,
        shard: Shard,
        feed: &mut PictureFeed,
        control: Control<'_>,
    ) -> Result<(), Error> {
        let plan = self.scene.plan;
        let before = damage(feed);
        let frames = shard.frames(&plan.grid);
        let sizes = sizes(&video.renditions);
        self.scene.journal.claim(self.shard_keys(video, shard))?;
        let lanes: Result<Vec<_>, Error> =
            video.renditions.iter().map(|r| self.lane(video, r, &sizes, shard, frames.start, control)).collect();
        let mut lanes = lanes?;
        let stills = Stills::new(video.thumbnails, video.poster, &plan.grid, video.picture.display);
        let mut stills = ShardStills::new(stills, self.scene.dir);
        let graph = graph(&video.picture, video.color, &sizes)?;
        let mut pictures = ShardPictures::new(feed, frames.end, graph, sizes.len(), Some(&mut stills));
        encode::run(&mut pictures, &mut lanes, &plan.grid, &self.pool, control)?;
        let mut segments = Vec::new();
        for lane in lanes {
            segments.extend(lane.sink.finish()?);
        }
        let stills = stills.finish()?;
        let damage = damage(feed).since(before);
        let entry = Entry::Shard {
            index: shard.index,
            segments: segments.iter().map(|s| s.facts().clone()).collect(),
            extra: serde_json::to_value(&stills).map_err(|e| Error::Internal(e.to_string()))?,
            damage,
        };
        self.scene.journal.done(&entry)?;
        survey::forget(self.scene, video, shard)?;
        let done = ShardDone { segments, stills, damage };
        self.done.lock().unwrap_or_else(PoisonError::into_inner).shards.insert(shard.index, done);
        Ok(())
    }

    fn shard_keys(&self, video: &VideoPlan, shard: Shard) -> Vec<String> {
        let ids = video.renditions.iter().map(|r| &r.id).chain(video.trick.iter().map(|t| &t.id));
        ids.flat_map(|id| (shard.first.0..=shard.last.0).map(|n| stored_key(self.scene.plan, id, SegmentNumber(n))))
            .collect()
    }

    fn lane<'a>(
        &'a self,
        video: &VideoPlan,
        rendition: &VideoRendition,
        sizes: &[Resolution],
        shard: Shard,
        first: u64,
        control: Control<'a>,
    ) -> Result<Lane<Keep<'a>>, Error> {
        let rung = VideoRung::open(
            rendition,
            &shard.begin(self.budgets.options(shard, rendition)),
            &self.scene.plan.grid,
            first,
        )?;
        let track = rung.track(rendition, video.color)?;
        if self.tracks.get(&rendition.id) != Some(&track) {
            return Err(Error::Internal(format!(
                "the encoder of {} changed its parameter sets between shards",
                rendition.id
            )));
        }
        let trick = video.trick.as_ref().filter(|trick| trick.of == rendition.id);
        let trick = trick.map(|trick| self.packager(&trick.id, shard.first)).transpose()?;
        let trick = trick.map(|trick| Trick::on_grid(trick, self.scene.plan.grid));
        let keep = Keep::new(self.packager(&rendition.id, shard.first)?, trick, self.scene.dir, control);
        let size = sizes.iter().position(|size| *size == rendition.resolution).unwrap_or(0);
        Ok(Lane { id: rendition.id.clone(), size, rung: Box::new(rung), sink: keep })
    }
}

/// What `feed` has lost so far.
fn damage(feed: &PictureFeed) -> Damage {
    Damage { refused: feed.refused(), patched: feed.patched(), late: feed.late() }
}

fn stored_key(plan: &Plan, id: &RenditionId, number: SegmentNumber) -> String {
    package::key(plan.layout, names::segment(id, number))
}
