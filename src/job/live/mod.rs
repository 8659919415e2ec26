//! A live source in, a set that players can follow while it grows: the stages of [`vod`](super::vod) with one endless
//! shard, lanes that run beside each other, and one publisher behind them.

mod anchor;
mod board;
mod connection;
mod copies;
mod delay;
mod disk;
mod edge;
mod ended;
mod finish;
mod ingest;
mod keep;
mod lanes;
mod loss;
mod marks;
mod messages;
mod opening;
mod overload;
mod parts;
mod place;
mod programme;
mod publish;
mod rates;
mod reader;
mod record;
mod recorded;
mod refusals;
mod request;
mod rest;
mod resume;
pub mod secret;
mod sliding;
mod task;
mod thread;
mod told;
mod watch;
mod work;

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::direct::{self, Follower};
use super::journal::Journal;
use super::owner::Owned;
use super::{Error, Report, keys, lock, vod};
use crate::cancel::CancelToken;
use crate::clock::LiveClock;
use crate::crypt::{TrackType, Vault};
use crate::event::{Control, Event, Warning};
use crate::media::{SegmentNumber, TrackIndex};
use crate::origin::{
    self,
    live::{Listener, Stage},
};
use crate::output::{Dir, Stored, store};
use crate::package::{InitSegment, announce_messages};
use crate::plan::{Parts, Plan, Window, names};
use crate::source::live::{LiveSource, Opener};
use connection::Connection;
use disk::WhenFull;
pub use ended::Ended;
use lanes::{carries_messages, headers};
pub use loss::{Loss, OnLoss};
use messages::Written;
pub use overload::Overload;
use place::Place;
use programme::Programme;
use publish::{Publisher, documents_of};
use record::Recorder;
use refusals::Refusals;
pub use request::Request;
use resume::{Resumed, Terms};

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
    keys::check(&request.settings, request.keys.as_ref())?;
    if let Some(root) = &request.record {
        lock::check_free(root)?;
        // The record of a programme that goes on is looked at when that is found.
        if !request.resume {
            record::check(root, request.force)?;
        }
    }
    let written = request.metadata.as_deref().map(Written::open).transpose()?;
    // Before anybody is on air. Nobody knows what will come, nor how many periods there will be.
    let wanted = (TrackType::ALL.into(), None);
    let vault = keys::vault(&request.settings, request.keys.as_ref(), wanted, control.cancel)?;
    let listener = request.serve.as_ref().map(Listener::bind).transpose()?;
    if let Some(listener) = &listener {
        served(listener.address()?);
    }
    let connection = Connection::new(control.cancel.child());
    let opener = Opener::new(&request.input, request.loss.after)?;
    let refusals = &Refusals::new(&opener, control.observer);
    let opening = (&opener, refusals);
    let (mut source, mut warnings) = opening::open(request, opening, &connection, listener.as_ref(), clock, control)?;
    let plan = request.plan(source.info())?;
    warnings.extend(plan.left_out.iter().map(vod::left_out));
    warnings.extend(keys::odd(&request.settings));
    // Whole pictures make segments a little longer or shorter than asked, and the periods that there are keys for come
    // again.
    let vault = vault.map(|vault| vault.of_segments(plan.grid.segment_duration().as_seconds()).endless());
    let vault = vault.as_ref();
    warnings.extend(vault.and_then(|vault| keys::round(vault, plan.grid.segment_duration().as_seconds())));
    for warning in &warnings {
        control.observer.on(&Event::Warned(warning));
    }
    vod::require_encoders(&plan)?;
    vault.map_or(Ok(()), |vault| keys::require(vault, &plan))?;
    let window = request.windowed(&plan)?;
    let parts = request.parts(&plan)?;
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
        refusals,
        connection: &connection,
        control,
        stage,
        started,
    };
    let make = || lock::hold(&request.output, || Journal::stands_in(dir), || run.locked((source, written), warnings));
    match (listener, stage) {
        (Some(listener), Some(stage)) => run.serving(listener, stage, make),
        _ => make(),
    }
}

fn unreadable(path: &Path, source: std::io::Error) -> Error {
    Error::Origin(origin::Error::Unreadable { path: path.to_owned(), source })
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
    refusals: &'a Refusals<'a>,
    /// Stops the reading of the source alone.
    connection: &'a Connection,
    control: Control<'a>,
    /// Where requests find what is made, when it is served.
    stage: Option<&'a Stage>,
    started: Duration,
}

/// What is read: the source, and timed metadata where it comes from.
type Read = (LiveSource, Option<Written>);

/// What a run has found and made before anything of it can be followed.
struct Begun<'a> {
    /// What earlier runs have made.
    owned: Owned,
    headers: Vec<(InitSegment, Vec<u8>)>,
    /// The keys of its headers and documents.
    own: Vec<String>,
    /// What tells it from other runs.
    key: String,
    terms: Terms,
    /// What it goes on with.
    resumed: Option<Resumed>,
    recorder: Option<&'a Recorder<'a>>,
}

/// How often it is looked whether the server should stop.
const POLL: Duration = Duration::from_millis(50);

impl Run<'_> {
    /// Whether the source comes as fast as its time passes, and waits for nobody.
    fn real_time(&self) -> bool {
        self.request.paced || self.request.input.comes_evenly()
    }

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
            if matches!(made, Ok(_) | Err(Error::Lost { .. } | Error::Overloaded { .. } | Error::Unstored { .. })) {
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
    fn locked(&self, (source, written): Read, warnings: Vec<Warning>) -> Result<Report, Error> {
        let Self { request, plan, vault, dir, control, .. } = *self;
        dir.sweep()?;
        let owned = Owned::read(dir)?;
        let mut headers = if request.copy { copies::headers(plan, vault, &source)? } else { headers(plan, vault)? };
        if written.is_some() {
            let carriers = headers.iter_mut().filter(|(init, _)| carries_messages(plan, &init.rendition));
            carriers.for_each(|(init, header)| announce_messages(init, header));
        }
        let own: Vec<String> = headers.iter().map(|(init, _)| init.key.clone()).chain(documents_of(plan)).collect();
        owned.clear_the_way(dir, &own, request.force)?;
        let info = source.info().clone();
        let terms = Terms::of(self, &headers)?;
        let resumed = if request.resume { Resumed::find(dir, self.window, &terms, &headers)? } else { None };
        let key = resumed.as_ref().map_or_else(|| finish::key(self, &info), |resumed| Ok(resumed.key().to_owned()))?;
        let (record, all) = (request.record.as_deref(), own.clone());
        let begin = |root| match &resumed {
            None => Recorder::begin(root, &key, all, &headers, (request.force, control)),
            Some(resumed) => Recorder::go_on(root, &key, all, &headers, (resumed.last(), control)),
        };
        let recorder = record.map(begin).transpose()?;
        let begun = Begun { owned, headers, own, key, terms, resumed, recorder: recorder.as_ref() };
        let (ended, published) = self.programme((source, written), begun).unwrap_or_else(|error| (Err(error), None));
        let Some(published) = published else {
            // What failed when players had been offered something takes nothing away from them.
            let offered = [names::MASTER, names::MPD].iter().any(|key| dir.root().join(key).exists());
            let withdrawn = if offered { Ok(()) } else { withdraw(dir, recorder) };
            let nothing = ended?.nothing(request);
            return withdrawn.and(Err(nothing));
        };
        // What players have been offered is completed, also when the work has failed: what failed first is told.
        let start = published.start;
        let finished = finish::finish(self, &info, published, warnings.clone());
        let recorded = recorder
            .and_then(Recorder::end)
            .map_or(Ok(()), |kept| recorded::complete(kept, self, &info, start, &warnings));
        let outcome = match (ended, finished) {
            // What stopped the rest is no failure of its own where players had all that was made.
            (Err(error), Err(why)) if error.is_cancelled() => Err(why),
            (Err(error), _) => Err(error),
            (Ok(ended), finished) => finished.and_then(|report| ended.outcome(request, report)),
        };
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
        read: Read,
        Begun { owned, headers, own, key, terms, resumed, recorder }: Begun<'_>,
    ) -> Result<(Result<Ended, Error>, Option<publish::Published>), Error> {
        let Self { request, plan, window, parts, dir, away, clock, control, stage, .. } = *self;
        match &resumed {
            Some(resumed) => resumed.remove_unoffered(dir, &own)?,
            None => owned.remove(dir, control)?,
        }
        away.map_or(Ok(()), Follower::begin)?;
        // Nothing of another run is used again.
        let (journal, _) = Journal::open(dir, &key, resumed.is_none())?;
        journal.claim(own)?;
        let programme = match &resumed {
            Some(resumed) => resumed.programme(dir)?,
            None => Programme::begin(dir, &key, &terms)?,
        };
        let tracks = headers.iter().map(|(init, _)| (init.rendition.clone(), init.track.clone())).collect();
        if let Some(stage) = stage {
            headers.iter().for_each(|(init, body)| stage.object(&init.key, body.clone()));
        }
        let first = resumed.as_ref().map_or(SegmentNumber(1), Resumed::next);
        let inits =
            headers.into_iter().map(|(init, body)| store_header(dir, away, init, &body)).collect::<Result<_, _>>()?;
        control.observer.on(&Event::LiveStarted {
            renditions: &finish::ids(plan),
            segment_seconds: window.segment.as_seconds(),
            window_segments: window.segments,
            first_segment: first,
        });
        let from = plan.grid.time_of(plan.grid.frames_of(first).start);
        let shared = Arc::new(resumed.as_ref().and_then(|resumed| resumed.anchor(from)).unwrap_or_default());
        let force = request.force;
        let (anchor, rest) = (&*shared, request.loss.at_most);
        let (journal, owned) = (&journal, &owned);
        // Where the source waits as well, or something would be lost for good, the disk is waited for.
        let gives_up = self.real_time() && recorder.is_none() && away.is_none();
        let place = Place {
            plan,
            window,
            parts,
            dir,
            away,
            stage,
            when_full: if gives_up { WhenFull::GiveUp } else { WhenFull::Wait },
            recorder,
            journal,
            programme: &programme,
            owned,
            force,
            anchor,
            messages: request.metadata.is_some(),
            rest,
            clock,
            control,
        };
        self.work(read, tracks, Publisher::new(place, inits, resumed)?, (&shared, first))
    }
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
