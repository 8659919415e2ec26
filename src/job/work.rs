//! The workers of one run: audio tracks and shards, several at a time.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use super::budgets::Budgets;
use super::journal::{Damage, Entry};
use super::keep::{Keep, Trick};
use super::loudness;
use super::pool::{self, Load};
use super::scene::{AudioDone, Done, Scene, ShardDone};
use super::stills::{ShardStills, Stills};
use super::stretch::Stretch;
use super::survey;
use super::{Error, copied, taken};
use crate::encode::audio::AudioLane;
use crate::encode::pictures::{ShardPictures, graph, sizes};
use crate::encode::rung::VideoRung;
use crate::encode::{self, Lane};
use crate::event::Control;
use crate::media::{Loudness, RenditionId, Resolution, SegmentNumber, TrackConfig};
use crate::output::Stored;
use crate::package::{self, Packager, Segment};
use crate::plan::package::PictureCopy;
use crate::plan::{AudioRendition, Plan, Shard, VideoPlan, VideoRendition, names};
use crate::source::Scan;
use crate::source::feed::{PictureFeed, SoundFeed};

/// Packets that an audio rendition will have, before its encoder is open: as FFmpeg's encoders make them.
pub(super) fn expected_packets(plan: &Plan, rendition: &AudioRendition) -> u64 {
    plan.grid.audio_packets(rendition.usual_units())
}

/// One piece of work that a worker takes.
enum Item<'a> {
    Audio(&'a AudioRendition),
    Copy(&'a Scan, PictureCopy),
    Text,
    Pictures(&'a VideoPlan, Stretch),
}

struct Crew<'a> {
    scene: &'a Scene<'a>,
    tracks: BTreeMap<RenditionId, TrackConfig>,
    budgets: Budgets,
    done: Mutex<Done>,
}

/// Does everything that is not done yet.
pub(super) fn run(scene: &Scene<'_>, mut done: Done, control: Control<'_>) -> Result<Done, Error> {
    loudness::run(scene, &mut done, control)?;
    let tracks = {
        let _place = scene.share.enter(0, pool::shard(scene.plan, scene.info), control.cancel)?;
        headers(scene, &mut done)?
    };
    let budgets = match &scene.plan.video {
        Some(video) => survey::run(scene, video, &mut done, control)?,
        None => Budgets::default(),
    };
    let items = items(scene, &done);
    let crew = Crew { scene, tracks, budgets, done: Mutex::new(done) };
    scene.share.run(
        items,
        control,
        |item| crew.load(item),
        |item, control| match item {
            Item::Audio(rendition) => crew.audio(rendition, control),
            Item::Copy(taken, copy) => crew.copy(taken, &copy, control),
            Item::Text => crew.text(control),
            Item::Pictures(video, stretch) => crew.pictures(video, &stretch, control),
        },
    )?;
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
    if let Some((taken, copy)) = scene.coded.zip(plan.picture_copy()) {
        let track = copied::track(taken, &copy)?;
        for trick in plan.video.iter().filter_map(|video| video.trick.as_ref()).filter(|trick| trick.of == copy.id) {
            tracks.insert(trick.id.clone(), track.clone());
        }
        tracks.insert(copy.id, track);
    }
    for rendition in plan.audio.iter().filter(|rendition| rendition.is_copy()) {
        tracks.insert(rendition.id.clone(), taken::track(scene, rendition)?);
    }
    for rendition in plan.audio.iter().filter(|rendition| !rendition.is_copy()) {
        let levelled = loudness::level(plan, &done.loudness, rendition);
        tracks.insert(rendition.id.clone(), AudioLane::open(rendition, levelled)?.track()?);
    }
    for (id, track) in &tracks {
        let encryptor = scene.encryptor(id, track)?;
        let (facts, body) = package::init(id, track, plan.grid.rate(), plan.layout, encryptor.as_ref())?;
        let key = facts.key.clone();
        scene.journal.claim(vec![key.clone()])?;
        done.inits.push(crate::output::store(scene.dir, &key, &body, facts)?);
    }
    Ok(tracks)
}

fn items<'a>(scene: &Scene<'a>, done: &Done) -> Vec<Item<'a>> {
    let audio = scene.plan.audio.iter().filter(|r| !done.audio.contains_key(&r.id)).map(Item::Audio);
    let copy = scene.coded.zip(scene.plan.picture_copy()).filter(|_| done.copied.is_none());
    let copy = copy.map(|(taken, copy)| Item::Copy(taken, copy));
    let text = (!scene.plan.text.is_empty()).then_some(Item::Text);
    let mut items: Vec<Item<'a>> = audio.chain(copy).chain(text).collect();
    let Some(video) = &scene.plan.video else { return items };
    let open: Vec<Shard> = video.shards.iter().filter(|s| !done.shards.contains_key(&s.index)).copied().collect();
    let stretches = Stretch::all(scene, video, open);
    // What takes longest begins first.
    let at = if stretches.iter().any(Stretch::reads_all) { 0 } else { items.len() };
    items.splice(at..at, stretches.into_iter().map(|stretch| Item::Pictures(video, stretch)));
    items
}

impl Crew<'_> {
    fn load(&self, item: &Item<'_>) -> Load {
        match item {
            Item::Audio(_) | Item::Copy(..) | Item::Text => pool::SOUND,
            Item::Pictures(..) => pool::shard(self.scene.plan, self.scene.info),
        }
    }

    fn audio(&self, rendition: &AudioRendition, control: Control<'_>) -> Result<(), Error> {
        let plan = self.scene.plan;
        let segments = (1..=plan.grid.segments()).map(SegmentNumber);
        self.scene.journal.claim(segments.map(|n| stored_key(plan, &rendition.id, n)).collect())?;
        if rendition.is_copy() {
            let keep = Keep::new(self.packager(&rendition.id, SegmentNumber(1))?, None, self.scene.dir, control);
            let segments = taken::run(self.scene, rendition, keep, control)?;
            return self.keep_audio(rendition, segments, Damage::default(), None);
        }
        let levelled = {
            let done = self.done.lock().unwrap_or_else(PoisonError::into_inner);
            loudness::level(plan, &done.loudness, rendition)
        };
        let lane = AudioLane::open(rendition, levelled)?;
        let shifts = self.scene.info.shifts_of(rendition.track);
        let mut feed = SoundFeed::open(self.scene.input, rendition.track, plan.origin_us, &shifts, control.cancel)?;
        let mut keep = Keep::new(self.packager(&rendition.id, SegmentNumber(1))?, None, self.scene.dir, control);
        let loudness = lane.run(&mut feed, &plan.grid, &mut keep, self.scene.share.threads(), control)?.loudness;
        let segments = keep.finish()?;
        let damage = Damage { refused: feed.refused(), ..Damage::default() };
        self.keep_audio(rendition, segments, damage, loudness)
    }

    /// Says that a rendition is finished.
    fn keep_audio(
        &self,
        rendition: &AudioRendition,
        segments: Vec<Stored<Segment>>,
        damage: Damage,
        loudness: Option<Loudness>,
    ) -> Result<(), Error> {
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

    fn copy(&self, taken: &Scan, copy: &PictureCopy, control: Control<'_>) -> Result<(), Error> {
        let (plan, first) = (self.scene.plan, SegmentNumber(1));
        let trick = plan.video.iter().filter_map(|video| video.trick.as_ref()).find(|trick| trick.of == copy.id);
        let ids = std::iter::once(&copy.id).chain(trick.map(|trick| &trick.id));
        let segments = (1..=plan.grid.segments()).map(SegmentNumber);
        let keys = ids.flat_map(|id| segments.clone().map(|number| stored_key(plan, id, number)));
        self.scene.journal.claim(keys.collect())?;
        let trick = trick.map(|trick| self.packager(&trick.id, first)).transpose()?;
        let made = copied::run(self.scene, (taken, copy), self.packager(&copy.id, first)?, trick, control)?;
        self.done.lock().unwrap_or_else(PoisonError::into_inner).copied = Some(made);
        Ok(())
    }

    fn text(&self, control: Control<'_>) -> Result<(), Error> {
        let done = self.scene.text.run(self.scene.dir, self.scene.journal, control)?;
        self.done.lock().unwrap_or_else(PoisonError::into_inner).text = done;
        Ok(())
    }

    fn packager(&self, id: &RenditionId, first: SegmentNumber) -> Result<Packager, Error> {
        let track = self.tracks.get(id).ok_or_else(|| Error::Internal(format!("no header was made for {id}")))?;
        let packager = Packager::new(id.clone(), track, self.scene.plan.grid, first, self.scene.plan.layout)?;
        Ok(packager.encrypted(self.scene.encryptor(id, track)?))
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
        let sizes = sizes(video.all().map(|rendition| rendition.resolution));
        self.scene.journal.claim(self.shard_keys(video, shard))?;
        let lanes: Result<Vec<_>, Error> =
            video.renditions.iter().map(|r| self.lane(video, r, &sizes, shard, frames.start, control)).collect();
        let mut lanes = lanes?;
        let stills = Stills::new(video.thumbnails, video.poster, &plan.grid, video.picture.display);
        let mut stills = ShardStills::new(stills, self.scene.dir);
        let graph = graph(&video.picture, video.color, &sizes)?;
        let mut pictures = ShardPictures::new(feed, frames.end, graph, sizes.len(), Some(&mut stills));
        encode::run(&mut pictures, &mut lanes, &plan.grid, self.scene.share.threads(), control)?;
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
        let trick = video.trick.iter().filter(|trick| video.renditions.iter().any(|r| r.id == trick.of));
        let ids = video.renditions.iter().map(|r| &r.id).chain(trick.map(|t| &t.id));
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
