//! The lanes of a live programme: one for all pictures, one for each rendition of sound, each in a thread.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, SyncSender, sync_channel};
use std::thread::{Scope, ScopedJoinHandle};

use super::anchor::Anchor;
use super::board::Board;
use super::ingest::Outlet;
use super::keep::{Keep, Made};
use super::overload::{Judge, Load, Spared, State};
use super::reader::Wanted;
use super::thread::spawn;
use crate::cancel::CancelToken;
use crate::clock::LiveClock;
use crate::crypt::Vault;
use crate::encode::audio::AudioLane;
use crate::encode::pictures::{ShardPictures, graph, sizes};
use crate::encode::rung::VideoRung;
use crate::encode::{self, Lane};
use crate::event::{Control, Event, Warning};
use crate::job::Error;
use crate::job::scene::encryptor;
use crate::media::{RenditionId, RenditionKind, SegmentNumber, TrackConfig, TrackIndex};
use crate::origin::live::Metrics;
use crate::package::{self, InitSegment, Packager, Zero};
use crate::plan::{AudioRendition, Parts, Plan, VideoPlan, VideoRendition, Window};
use crate::source::live::pictures::LivePictures;
use crate::source::live::sound::LiveSound;
use crate::source::live::{Fed, LiveSource};

/// Packets of a track that may wait for its lane: about ten seconds. A burst is taken in, and a lane that does not
/// keep up holds the source back instead of filling the memory.
const PACKETS_WAITING: usize = 512;

/// What the lanes of a programme are made of.
pub(super) struct Lanes<'a> {
    pub(super) plan: &'a Plan,
    /// What encrypts the media, unless it stays clear.
    pub(super) vault: Option<&'a Vault>,
    pub(super) tracks: Vec<(RenditionId, TrackConfig)>,
    pub(super) parts: Option<Parts>,
    pub(super) window: Window,
    /// Who must know where a programme rests of which nothing is encoded, in microseconds.
    pub(super) rests: Sender<i64>,
    /// The segment with which they begin.
    pub(super) first: SegmentNumber,
    /// When the zero of the programme was, once that is known.
    pub(super) anchor: Arc<Anchor>,
    /// What is told besides the media, where something is.
    pub(super) board: Option<Arc<Board>>,
    pub(super) made: SyncSender<Made>,
    /// Stops the work when a part of it fails; the end of the source does not.
    pub(super) work: &'a CancelToken,
    pub(super) control: Control<'a>,
    /// How much there is to do.
    pub(super) load: Arc<Load>,
    pub(super) clock: &'a dyn LiveClock,
    pub(super) metrics: Option<&'a Metrics>,
}

/// The tracks that the lanes want, in the order of their outlets.
pub(super) fn wanted(plan: &Plan) -> Vec<Wanted> {
    let sound = plan.audio.iter().map(|rendition| Wanted { track: rendition.track, pictures: false });
    sound.chain(plan.video.iter().map(|video| Wanted { track: video.track, pictures: true })).collect()
}

/// The header of every rendition, with its bytes: every encoder is opened once for what it says.
pub(super) fn headers(plan: &Plan, vault: Option<&Vault>) -> Result<Vec<(InitSegment, Vec<u8>)>, Error> {
    let video = plan.video.iter().flat_map(|video| video.renditions.iter().map(move |rendition| (video, rendition)));
    let pictures = video.map(|(video, rendition)| {
        let rung = VideoRung::open(rendition, &rendition.encoding.options, &plan.grid, 0)?;
        Ok((&rendition.id, rung.track(rendition, video.color)?))
    });
    let sound = plan.audio.iter().map(|rendition| Ok((&rendition.id, AudioLane::open(rendition, None)?.track()?)));
    let tracks = pictures.chain(sound).collect::<Result<Vec<_>, Error>>()?;
    tracks.into_iter().map(|(id, track)| header(plan, vault, id, &track)).collect()
}

/// The header of one rendition, with its bytes.
pub(super) fn header(
    plan: &Plan,
    vault: Option<&Vault>,
    id: &RenditionId,
    track: &TrackConfig,
) -> Result<(InitSegment, Vec<u8>), Error> {
    let encryptor = encryptor(vault, id, track, plan.grid.segments())?;
    Ok(package::init(id, track, plan.grid.rate(), plan.layout, encryptor.as_ref())?)
}

/// Messages stand in all pictures, or in all sound where there are none.
pub(super) fn carries_messages(plan: &Plan, id: &RenditionId) -> bool {
    plan.video.is_none() || id.kind() == RenditionKind::Video
}

pub(super) type Running<'scope> = Vec<ScopedJoinHandle<'scope, Result<(), Error>>>;

impl<'a> Lanes<'a> {
    /// Starts the lane of every track. They run until the outlets are gone.
    pub(super) fn start<'scope>(
        &self,
        scope: &'scope Scope<'scope, '_>,
        source: &LiveSource,
        jobs: usize,
        stop: &'scope (impl Fn() + Sync),
    ) -> Result<(Vec<Outlet>, Running<'scope>), Error>
    where
        'a: 'scope,
    {
        let (mut outlets, mut running, mut endings) = (Vec::new(), Vec::new(), Vec::new());
        for rendition in &self.plan.audio {
            let main = self.plan.video.is_none() && outlets.is_empty();
            let fed = outlet(&mut outlets, rendition.track, main);
            let ending = self.plan.video.is_some().then(|| {
                let (ending, end) = sync_channel(1);
                endings.push(ending);
                end
            });
            let feed = LiveSound::open(source, rendition.track, self.plan.grid.rate(), fed, ending)?;
            let keep = self.keep(&rendition.id)?;
            let (plan, first, control) = (self.plan, self.first, self.control);
            running.push(spawn(scope, "sound", stop, move || sound((plan, first), rendition, feed, keep, control))?);
        }
        if let Some(video) = &self.plan.video {
            let fed = outlet(&mut outlets, video.track, true);
            let how = (self.plan.grid.rate(), video.picture.deinterlace, self.plan.grid.frames_of(self.first).start);
            let feed = LivePictures::open(source, video.track, how, fed, endings)?;
            let keeps = video.renditions.iter().map(|rendition| self.keep(&rendition.id)).collect::<Result<_, _>>()?;
            let (plan, load) = (self.plan, Arc::clone(&self.load));
            let (clock, metrics, control) = (self.clock, self.metrics, self.control);
            running.push(spawn(scope, "pictures", stop, move || {
                pictures(plan, video, feed, keeps, jobs, Burden { load, clock, metrics }, control)
            })?);
        }
        self.work.check()?;
        Ok((outlets, running))
    }

    fn keep(&self, id: &RenditionId) -> Result<Keep, Error> {
        let track = self.track(id)?;
        let packager = Packager::new(id.clone(), track, self.plan.grid, self.first, self.plan.layout)?;
        self.keep_with(packager, id)
    }

    /// The same for what is cut where it is told.
    pub(super) fn keep_of_copy(&self, id: &RenditionId) -> Result<Keep, Error> {
        let packager = Packager::told(id.clone(), self.track(id)?, self.plan.layout);
        let packager = match self.parts {
            Some(parts) => packager.lasting(parts.longest),
            None => packager,
        };
        self.keep_with(packager, id)
    }

    fn track(&self, id: &RenditionId) -> Result<&TrackConfig, Error> {
        let track = self.tracks.iter().find(|(other, _)| other == id).map(|(_, track)| track);
        track.ok_or_else(|| Error::Internal(format!("no header was made for {id}")))
    }

    fn keep_with(&self, packager: Packager, id: &RenditionId) -> Result<Keep, Error> {
        let track = self.track(id)?;
        let packager = packager.encrypted(encryptor(self.vault, id, track, self.plan.grid.segments())?);
        let zero: Arc<dyn Zero> = self.anchor.clone();
        let sound = self.plan.audio.iter().find(|rendition| rendition.id == *id);
        let packager = match (self.parts, sound) {
            (None, _) => packager,
            (Some(parts), Some(sound)) => packager.in_chunks(parts.of_sound(sound)).timed(zero),
            (Some(parts), None) => packager.in_chunks(parts.of_pictures()).timed(zero),
        };
        let packager = match self.board.as_ref().filter(|_| carries_messages(self.plan, id)) {
            Some(board) => packager.telling(board.carrier()),
            None => packager,
        };
        Ok(Keep::new(packager, self.made.clone()))
    }
}

pub(super) fn outlet(outlets: &mut Vec<Outlet>, track: TrackIndex, main: bool) -> Receiver<Fed> {
    let (lane, fed) = sync_channel(PACKETS_WAITING);
    outlets.push(Outlet { track: Some(track), lane, told_us: 0, main });
    fed
}

fn pool(threads: usize) -> Result<rayon::ThreadPool, Error> {
    let builder = rayon::ThreadPoolBuilder::new().num_threads(threads).thread_name(|index| format!("lane-{index}"));
    builder.build().map_err(|e| Error::Internal(format!("starting worker threads failed: {e}")))
}

/// What tells whether the machine keeps up, and whom.
struct Burden<'a> {
    load: Arc<Load>,
    clock: &'a dyn LiveClock,
    metrics: Option<&'a Metrics>,
}

/// All video renditions, from one decode.
fn pictures(
    plan: &Plan,
    video: &VideoPlan,
    mut feed: LivePictures,
    mut keeps: Vec<Keep>,
    jobs: usize,
    Burden { load, clock, metrics }: Burden<'_>,
    control: Control<'_>,
) -> Result<(), Error> {
    let sizes = sizes(video.renditions.iter().map(|rendition| rendition.resolution));
    let lane = |first: u64, (at, (rendition, sink)): (usize, (&VideoRendition, Keep))| {
        let rung = VideoRung::open(rendition, &rendition.encoding.options, &plan.grid, first)?;
        let size = sizes.iter().position(|size| *size == rendition.resolution).unwrap_or(0);
        let rung = Box::new(Spared { rung, load: Arc::clone(&load), at, shown: None });
        Ok(Lane { id: rendition.id.clone(), size, rung, sink })
    };
    let (rate, rungs, load) = (plan.grid.rate(), video.renditions.len(), &*load);
    let mut judge = Judge { load, clock, rate, rungs, metrics, control, state: State::default() };
    // One of them waits for the source.
    let pool = pool(jobs.max(1) + 1)?;
    // Where nothing is made for a while encoders give all that they have, and others begin behind it.
    loop {
        let first = feed.position();
        let each = video.renditions.iter().zip(keeps).enumerate().map(|each| lane(first, each));
        let mut lanes = each.collect::<Result<Vec<_>, Error>>()?;
        let graph = graph(&video.picture, video.color, &sizes)?;
        let mut slots = ShardPictures::new(&mut feed, plan.grid.frames(), graph, sizes.len(), Some(&mut judge));
        encode::run(&mut slots, &mut lanes, &plan.grid, &pool, control)?;
        keeps = lanes.into_iter().map(|lane| lane.sink).collect();
        if !feed.goes_on()? {
            break;
        }
    }
    keeps.into_iter().try_for_each(Keep::finish)?;
    tell_lost("pictures", feed.refused(), control);
    Ok(())
}

/// One audio rendition from a segment on.
fn sound(
    (plan, first): (&Plan, SegmentNumber),
    rendition: &AudioRendition,
    mut feed: LiveSound,
    mut keep: Keep,
    control: Control<'_>,
) -> Result<(), Error> {
    let (pool, mut next) = (pool(1)?, None);
    loop {
        let lane = AudioLane::open(rendition, None)?;
        let begun = plan.grid.frames_of(first).start / plan.grid.gop_frames();
        let packets = next.unwrap_or_else(|| plan.grid.audio_fragment_start(begun, lane.units()));
        let passed = lane.after(packets).run(&mut feed, &plan.grid, &mut keep, &pool, control)?;
        next = Some(passed.next);
        if !feed.goes_on() {
            break;
        }
    }
    keep.finish()?;
    tell_lost("sound", feed.refused(), control);
    Ok(())
}

fn tell_lost(what: &str, packets: u64, control: Control<'_>) {
    if packets > 0 {
        let message = format!("{packets} packets of {what} could not be decoded");
        control.observer.on(&Event::Warned(&Warning { code: "undecodable_packets", message }));
    }
}
