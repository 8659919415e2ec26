//! A live source in, a set that players can follow while it grows: the stages of [`vod`](super::vod) with one endless
//! shard, lanes that run beside each other, and one publisher behind them.

mod anchor;
mod connection;
mod finish;
mod ingest;
mod keep;
mod lanes;
mod loss;
mod overload;
mod parts;
mod publish;
mod reader;
mod record;
mod recorded;
pub mod secret;
mod sliding;
mod watch;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::sync_channel;
use std::thread::{Scope, ScopedJoinHandle};
use std::time::Duration;

use super::direct::{self, Follower};
use super::journal::Journal;
use super::owner::Owned;
use super::sync::CacheControl;
use super::{Error, Report, keys, lock, vod};
use crate::av;
use crate::cancel::CancelToken;
use crate::clock::LiveClock;
use crate::config::Settings;
use crate::crypt::{Keys, Vault};
use crate::event::{Control, Event, Warning};
use crate::media::{RenditionId, TrackConfig, TrackIndex};
use crate::origin::{
    self,
    live::{Address, Listener, Stage},
};
use crate::output::{Dir, Stored, store};
use crate::package::InitSegment;
use crate::plan::{Parts, Plan, Window, names};
use crate::source::live::timeline::Timeline;
use crate::source::live::{LiveSource, Look, Opener};
use crate::source::locator::Locator;
use anchor::Anchor;
use connection::Connection;
use ingest::{Ingest, State};
use lanes::{Lanes, headers, wanted};
pub use loss::{Loss, OnLoss};
use overload::Load;
pub use overload::Overload;
use publish::{Place, Publisher, documents_of};
use reader::Reader;
use record::Recorder;
use watch::Watch;

/// Packets that may wait until they are placed.
const PACKETS_WAITING: usize = 64;

/// Segments that may wait to be stored.
const SEGMENTS_WAITING: usize = 16;

/// What is asked of a live run.
#[derive(Debug, Clone)]
pub struct Request {
    /// Where media comes from.
    pub input: Locator,
    /// The directory of the set, or the URL of a bucket and a prefix.
    pub output: PathBuf,
    /// Every decision of the user about the media.
    pub settings: Settings,
    /// The keys, where the media shall be encrypted.
    pub keys: Option<Keys>,
    /// Segments that players are offered at a time.
    pub window: u64,
    /// As much time, if that is more.
    pub back: Option<Duration>,
    /// Read no faster than the media is shown.
    pub paced: bool,
    /// When the source is lost, and what is done then.
    pub loss: Loss,
    /// What is done when the machine does not keep up with a source that comes in real time.
    pub overload: Overload,
    /// How many processors there are for it.
    pub jobs: usize,
    /// How long caches keep it, where the output is in a bucket.
    pub cache_control: CacheControl,
    /// Replace files of others.
    pub force: bool,
    /// Where to serve it.
    pub serve: Option<Address>,
    /// Keep all of it in this directory, as a set of its own.
    pub record: Option<PathBuf>,
    /// Serve it in parts of about so much time as well.
    pub part: Option<Duration>,
}

/// How a source has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended {
    /// By itself.
    Source,
    /// The run was told to stop.
    Stopped,
    /// Nothing has come for too long.
    Stalled,
    /// It broke off, for this reason.
    Broken(String),
    /// The machine did not keep up with it.
    Overloaded,
}

/// Encodes, packages and publishes a live source until it ends or the token of `control` is cancelled. Then the set
/// is complete and says that nothing follows, whatever the end was.
///
/// `served` is told where it is served, if it is. After the end of the source the server goes on for as long as players
/// may need to come to the end as well, unless the token is cancelled.
///
/// # Errors
/// [`Error::Lost`] when the source was lost, after the set was completed.
pub fn run(
    request: &Request,
    clock: &dyn LiveClock,
    control: Control<'_>,
    served: impl FnOnce(SocketAddr),
) -> Result<Report, Error> {
    direct::follow(&request.output, &request.cache_control, control, |output, away| {
        run_into(&Request { output: output.to_owned(), ..request.clone() }, away, clock, control, served)
    })
}

/// The same where the output is a directory, which somebody may follow.
fn run_into(
    request: &Request,
    away: Option<&Follower<'_>>,
    clock: &dyn LiveClock,
    control: Control<'_>,
    served: impl FnOnce(SocketAddr),
) -> Result<Report, Error> {
    let vault = keys::live_vault(&request.settings, request.keys.as_ref())?;
    let vault = vault.as_ref();
    if let Some(root) = &request.record {
        lock::check_free(root)?;
        record::check(root, request.force)?;
    }
    let listener = request.serve.as_ref().map(Listener::bind).transpose()?;
    if let Some(listener) = &listener {
        served(listener.address()?);
    }
    let waits = CancelToken::default();
    let watch = Watch::new();
    let connection = Connection::new(control.cancel.child());
    let first = connection.begin(clock.elapsed());
    let opener = Opener::new(&request.input, request.loss.after)?;
    let (mut source, mut warnings) = std::thread::scope(|scope| {
        let watched = is_watched(&request.input) && !request.input.waits();
        let guard = watched.then(|| scope.spawn(|| watch.guard(request.loss.after, clock, &first)));
        // Who asks whether it is well gets an answer, also before there is a source.
        let health = listener.as_ref().map(|listener| scope.spawn(|| listener.serve_health(&waits)));
        let opened = watch.waiting(clock, || open_first(&opener, &first, clock, control));
        watch.end();
        waits.cancel();
        guard.map(ScopedJoinHandle::join);
        health.map_or(Ok(Ok(())), ScopedJoinHandle::join).map_err(|_| Error::Panicked)??;
        opened.map_err(|error| match error {
            _ if control.cancel.is_cancelled() => Error::Cancelled(crate::cancel::Cancelled),
            _ if watch.has_stalled() => nothing_came(request),
            error => Error::from(error),
        })
    })?;
    let plan = Plan::live(source.info(), &request.settings, request.jobs, request.part.is_some())?;
    warnings.extend(plan.left_out.iter().map(vod::left_out));
    warnings.extend(keys::odd(&request.settings));
    warnings.extend(vault.and_then(|vault| keys::round(vault, plan.grid.segment_duration().as_seconds())));
    for warning in &warnings {
        control.observer.on(&Event::Warned(warning));
    }
    vod::require_encoders(&plan)?;
    vault.map_or(Ok(()), |vault| keys::require(vault, &plan))?;
    let window = Window::new(&plan, request.window, request.back)?;
    let parts = request.part.map(|part| Parts::new(&plan, part)).transpose()?;
    source.select(&tracks(&plan));
    connection.made();
    let dir = Dir::create(&request.output, names::WORK)?;
    let started = clock.elapsed();
    let length = Duration::from_secs_f64(window.segment.as_seconds());
    let root = request.output.canonicalize().map_err(|source| unreadable(&request.output, source))?;
    let stage = listener.as_ref().map(|_| Stage::new(root, length));
    let stage = stage.as_ref();
    let dir = &dir;
    let run = Run {
        request,
        plan: &plan,
        vault,
        window,
        parts,
        dir,
        away,
        clock,
        opener: &opener,
        connection: &connection,
        control,
        stage,
        started,
    };
    let make = || lock::hold(&request.output, || Journal::stands_in(dir), || run.locked(source, warnings));
    match (listener, stage) {
        (Some(listener), Some(stage)) => run.serving(listener, stage, make),
        _ => make(),
    }
}

fn unreadable(path: &Path, source: std::io::Error) -> Error {
    Error::Origin(origin::Error::Unreadable { path: path.to_owned(), source })
}

fn nothing_came(request: &Request) -> Error {
    let why = format!("nothing came for {} s", request.loss.after.as_secs_f64());
    Error::Av(av::Error::Network { target: request.input.to_string(), why })
}

/// Whether a source may fall silent. A file never does.
fn is_watched(input: &Locator) -> bool {
    match input {
        Locator::File(_) => false,
        Locator::Stdin | Locator::Url(_) | Locator::Listen(..) => true,
    }
}

/// How long the next publisher is not waited for after one of no use: he may come again at once.
const REST: Duration = Duration::from_millis(200);

/// Opens a source for the first time. Where somebody is waited for, one of whom nothing can be used, or who breaks off or
/// says nothing, is told of, and the next one is waited for.
fn open_first(
    opener: &Opener,
    connection: &CancelToken,
    clock: &dyn LiveClock,
    control: Control<'_>,
) -> Result<(LiveSource, Vec<Warning>), av::Error> {
    loop {
        match opener.open(Look::Closely, connection) {
            Err(error @ (av::Error::Input { .. } | av::Error::Network { .. }))
                if opener.locator().waits() && !connection.is_cancelled() =>
            {
                let message = format!("a publisher is of no use: {error}");
                control.observer.on(&Event::Warned(&Warning { code: "unusable_publisher", message }));
                clock.pause(REST);
            }
            opened => return opened,
        }
    }
}

/// The tracks that are read, the pictures first.
fn tracks(plan: &Plan) -> Vec<TrackIndex> {
    let mut tracks: Vec<TrackIndex> = plan.video.iter().map(|video| video.track).collect();
    tracks.extend(plan.audio.iter().map(|rendition| rendition.track));
    tracks
}

/// One run, planned.
struct Run<'a> {
    request: &'a Request,
    plan: &'a Plan,
    /// What encrypts the media, unless it stays clear.
    vault: Option<&'a Vault>,
    window: Window,
    parts: Option<Parts>,
    dir: &'a Dir,
    /// Who brings it all to a store.
    away: Option<&'a Follower<'a>>,
    clock: &'a dyn LiveClock,
    /// Opens the source again.
    opener: &'a Opener,
    /// Stops the reading of the source alone.
    connection: &'a Connection,
    control: Control<'a>,
    /// Where requests find what is made, when it is served.
    stage: Option<&'a Stage>,
    started: Duration,
}

/// What a run has found and made before anything of it can be followed.
struct Begun<'a> {
    /// What earlier runs have made.
    owned: Owned,
    headers: Vec<(InitSegment, Vec<u8>)>,
    /// The keys of its headers and documents.
    own: Vec<String>,
    /// What tells it from other runs.
    key: String,
    recorder: Option<&'a Recorder<'a>>,
}

/// How often it is looked whether the server should stop.
const POLL: Duration = Duration::from_millis(50);

impl Run<'_> {
    /// Does `make` while what it makes is served, and for as long after it as players may need.
    fn serving(
        &self,
        listener: Listener,
        stage: &Stage,
        make: impl FnOnce() -> Result<Report, Error>,
    ) -> Result<Report, Error> {
        let server = CancelToken::default();
        std::thread::scope(|scope| {
            let serving = scope.spawn(|| listener.serve(stage, &server));
            let made = make();
            if matches!(made, Ok(_) | Err(Error::Lost { .. } | Error::Overloaded { .. })) {
                let until = self.clock.elapsed() + self.window.lasting();
                while !self.control.cancel.is_cancelled() && self.clock.elapsed() < until {
                    self.clock.pause(POLL);
                }
            }
            server.cancel();
            let served = match serving.join() {
                Ok(served) => served.map_err(Error::from),
                Err(_) => Err(Error::Panicked),
            };
            made.and_then(|report| served.map(|()| report))
        })
    }

    /// Does it, with the output locked.
    fn locked(&self, source: LiveSource, warnings: Vec<Warning>) -> Result<Report, Error> {
        let Self { request, plan, vault, dir, control, .. } = *self;
        dir.sweep()?;
        let owned = Owned::read(dir)?;
        let headers = headers(plan, vault)?;
        let own: Vec<String> = headers.iter().map(|(init, _)| init.key.clone()).chain(documents_of(plan)).collect();
        owned.clear_the_way(dir, &own, request.force)?;
        let info = source.info().clone();
        let key = finish::key(self, &info)?;
        let (record, all, terms) = (request.record.as_deref(), own.clone(), (request.force, control));
        let recorder = record.map(|root| Recorder::begin(root, &key, all, &headers, terms)).transpose()?;
        let begun = Begun { owned, headers, own, key, recorder: recorder.as_ref() };
        let (ended, published) = self.programme(source, begun).unwrap_or_else(|error| (Err(error), None));
        let Some(published) = published else {
            // What failed when players had been offered something takes nothing away from them.
            let offered = [names::MASTER, names::MPD].iter().any(|key| dir.root().join(key).exists());
            let withdrawn = if offered { Ok(()) } else { withdraw(dir, recorder) };
            let nothing = self.nothing(&ended?);
            return withdrawn.and(Err(nothing));
        };
        // What players have been offered is completed, also when the work has failed: what failed first is told.
        let duration = published.duration;
        let finished = finish::finish(self, &info, published, warnings.clone());
        let recorded = recorder
            .and_then(Recorder::end)
            .map_or(Ok(()), |kept| recorded::complete(kept, self, &info, duration, &warnings));
        let outcome = ended.and_then(|ended| self.outcome(ended, finished?));
        match (outcome, recorded) {
            (Ok(report), recorded) => recorded.map(|()| report),
            (Err(error), recorded) => {
                // What ended the programme is told as such, and this would be told nowhere.
                if let (Err(why), Some(root)) = (recorded, &request.record) {
                    let message = format!("{} is no complete set: {why}", root.display());
                    control.observer.on(&Event::Warned(&Warning { code: "record_failed", message }));
                }
                Err(error)
            }
        }
    }

    /// Makes all of it, which players may follow from here on. Gives how the source ended, and what was published.
    fn programme(
        &self,
        source: LiveSource,
        Begun { owned, headers, own, key, recorder }: Begun<'_>,
    ) -> Result<(Result<Ended, Error>, Option<publish::Published>), Error> {
        let Self { request, plan, window, parts, dir, away, clock, control, stage, .. } = *self;
        owned.remove(dir, control)?;
        away.map_or(Ok(()), Follower::begin)?;
        // Nothing of an earlier run is used again.
        let (journal, _) = Journal::open(dir, &key, true)?;
        journal.claim(own)?;
        let tracks = headers.iter().map(|(init, _)| (init.rendition.clone(), init.track.clone())).collect();
        if let Some(stage) = stage {
            headers.iter().for_each(|(init, body)| stage.object(&init.key, body.clone()));
        }
        let inits =
            headers.into_iter().map(|(init, body)| store_header(dir, away, init, &body)).collect::<Result<_, _>>()?;
        control.observer.on(&Event::LiveStarted {
            renditions: &finish::ids(plan),
            segment_seconds: window.segment.as_seconds(),
            window_segments: window.segments,
        });
        let (anchor, force) = (&Anchor::default(), request.force);
        let (journal, owned) = (&journal, &owned);
        let place =
            Place { plan, window, parts, dir, away, stage, recorder, journal, owned, force, anchor, clock, control };
        self.work(source, tracks, Publisher::new(place, inits), anchor)
    }

    /// Runs every part of it until the source has ended and all that came of it is published; or until a part of it
    /// fails, and then gives what was published as well.
    fn work(
        &self,
        source: LiveSource,
        tracks: Vec<(RenditionId, TrackConfig)>,
        publisher: Publisher<'_>,
        anchor: &Anchor,
    ) -> Result<(Result<Ended, Error>, Option<publish::Published>), Error> {
        let (connection, work) = (self.connection, CancelToken::default());
        let (made, segments) = sync_channel(SEGMENTS_WAITING);
        let (sender, come) = sync_channel(PACKETS_WAITING);
        let control = Control { observer: self.control.observer, cancel: &work };
        let zero = anchor.told();
        let real_time = self.request.paced || self.request.input.comes_evenly();
        let load = Arc::new(Load::new(real_time.then_some(self.request.overload)));
        let metrics = self.stage.map(Stage::metrics);
        let lanes = Lanes {
            plan: self.plan,
            vault: self.vault,
            tracks,
            parts: self.parts,
            zero,
            made,
            work: &work,
            control,
            load: Arc::clone(&load),
            clock: self.clock,
            metrics,
        };
        let load = &load;
        // What fails stops the others.
        let stop = || {
            connection.stop().cancel();
            work.cancel();
        };
        std::thread::scope(|scope| {
            let (outlets, running) = lanes.start(scope, &source, self.request.jobs, &stop)?;
            drop(lanes);
            let input = &self.request.input;
            let again = input.can_come_back();
            let reader = Reader {
                opener: self.opener,
                info: source.info().clone(),
                wanted: wanted(self.plan),
                connection,
                clock: self.clock,
                again,
                come: sender,
            };
            let reading = spawn(scope, "reader", &stop, || {
                reader.run(source);
                Ok(())
            })?;
            let ingest = Ingest {
                come,
                timeline: Timeline::new(self.main_track()),
                outlets,
                paced: self.request.paced,
                watched: is_watched(input),
                again,
                even: input.comes_evenly(),
                loss: self.request.loss,
                load,
                anchor,
                clock: self.clock,
                connection,
                control: self.control,
                metrics,
                state: State::default(),
            };
            let ingest = spawn(scope, "ingest", &stop, || {
                let ended = ingest.run();
                connection.stop().cancel();
                ended
            })?;
            let publishing = spawn(scope, "publish", &stop, || publisher.run(segments))?;
            let (ended, lanes, published) =
                (join(ingest), running.into_iter().map(join).collect::<Vec<_>>(), join(publishing));
            let mut failures: Vec<Error> = lanes.into_iter().filter_map(Result::err).collect();
            failures.extend(join(reading).err());
            let ended = ended.map_err(|error| failures.push(error)).ok();
            let mut published = published.map_err(|error| failures.push(error)).ok().flatten();
            failures.extend(published.as_mut().and_then(|published| published.failed.take()));
            // The first real failure stopped the others, which then report only that they were stopped.
            let (cancelled, real): (Vec<_>, Vec<_>) = failures.into_iter().partition(Error::is_cancelled);
            let failed = real.into_iter().chain(cancelled).next();
            let lost = || Error::Internal(LOST.to_owned());
            Ok((failed.map_or_else(|| ended.ok_or_else(lost), Err), published))
        })
    }

    /// The track by which the programme is placed.
    fn main_track(&self) -> TrackIndex {
        tracks(self.plan).first().copied().unwrap_or(TrackIndex(0))
    }

    /// What a run is called that has published nothing.
    fn nothing(&self, ended: &Ended) -> Error {
        let target = self.request.input.to_string();
        match ended {
            Ended::Stopped => Error::Cancelled(crate::cancel::Cancelled),
            Ended::Source => {
                Error::Av(av::Error::Input { target, why: "it ended before anything could be shown".to_owned() })
            }
            Ended::Stalled => nothing_came(self.request),
            Ended::Overloaded => Error::Overloaded { input: target },
            Ended::Broken(why) => Error::Av(av::Error::Network { target, why: why.clone() }),
        }
    }

    fn outcome(&self, ended: Ended, report: Report) -> Result<Report, Error> {
        let Loss { then, at_most, .. } = self.request.loss;
        let waited = (then != OnLoss::End && self.request.input.can_come_back())
            .then(|| format!(", and it did not come back within {} s", at_most.as_secs_f64()));
        let lost = |why: String| {
            let why = why + waited.as_deref().unwrap_or_default();
            Err(Error::Lost { input: self.request.input.to_string(), why })
        };
        match ended {
            Ended::Source | Ended::Stopped => Ok(report),
            Ended::Overloaded => Err(Error::Overloaded { input: self.request.input.to_string() }),
            Ended::Stalled => lost(format!("nothing came for {} s", self.request.loss.after.as_secs_f64())),
            Ended::Broken(why) => lost(why),
        }
    }
}

/// What cannot be: a part of the run failed and did not say why.
const LOST: &str = "a part of the live run ended without a reason";

/// Starts a part of the run, whose failure stops the others.
fn spawn<'scope, T: Send + 'scope>(
    scope: &'scope Scope<'scope, '_>,
    name: &str,
    stop: &'scope (impl Fn() + Sync),
    part: impl FnOnce() -> Result<T, Error> + Send + 'scope,
) -> Result<ScopedJoinHandle<'scope, Result<T, Error>>, Error> {
    let body = move || part().inspect_err(|_| stop());
    let failed = |error| {
        stop();
        Error::Internal(format!("starting a thread failed: {error}"))
    };
    std::thread::Builder::new().name(name.to_owned()).spawn_scoped(scope, body).map_err(failed)
}

fn join<T>(handle: ScopedJoinHandle<'_, Result<T, Error>>) -> Result<T, Error> {
    handle.join().unwrap_or_else(|_| Err(Error::Internal("a thread of the live run panicked".to_owned())))
}

/// Removes what a programme that has come to nothing has made.
fn withdraw(dir: &Dir, recorder: Option<Recorder<'_>>) -> Result<(), Error> {
    Journal::withdraw(dir)?;
    recorder.map_or(Ok(()), Recorder::withdraw)
}

fn store_header(
    dir: &Dir,
    away: Option<&Follower<'_>>,
    init: InitSegment,
    body: &[u8],
) -> Result<Stored<InitSegment>, Error> {
    let key = init.key.clone();
    let stored = store(dir, &key, body, init)?;
    away.map_or(Ok(()), |away| away.put(&key, body))?;
    Ok(stored)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::time::Duration;

    use crate::clock::{Clock, LiveClock};

    /// Time that passes only when somebody waits for it.
    #[derive(Debug, Default)]
    pub(super) struct ManualClock(AtomicU64);

    impl Clock for ManualClock {
        fn elapsed(&self) -> Duration {
            Duration::from_micros(self.0.load(Ordering::SeqCst))
        }
    }

    impl LiveClock for ManualClock {
        fn utc(&self) -> Duration {
            Duration::from_secs(1_700_000_000) + self.elapsed()
        }

        fn pause(&self, time: Duration) {
            self.0.fetch_add(time.as_micros() as u64, Ordering::SeqCst);
        }
    }
}
