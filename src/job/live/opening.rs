//! A live source is opened for the first time.

use std::thread::ScopedJoinHandle;
use std::time::Duration;

use super::connection::Connection;
use super::copies;
use super::ended::nothing_came;
use super::programme;
use super::refusals::Refusals;
use super::request::Request;
use super::watch::Watch;
use crate::av;
use crate::cancel::{CancelToken, Cancelled};
use crate::clock::LiveClock;
use crate::event::{Control, Event, Warning};
use crate::job::Error;
use crate::origin::live::Listener;
use crate::source::live::{LiveSource, Look, Opener};
use crate::source::locator::Locator;

/// Opens the source of a run, and gives what is odd about it. Who asks at the `listener` whether all is well gets an answer
/// meanwhile.
pub(super) fn open(
    request: &Request,
    (opener, refusals): (&Opener, &Refusals<'_>),
    connection: &Connection,
    listener: Option<&Listener>,
    clock: &dyn LiveClock,
    control: Control<'_>,
) -> Result<(LiveSource, Vec<Warning>), Error> {
    let (waits, watch) = (CancelToken::default(), Watch::new());
    let begin = |source: &mut LiveSource| begin(request, source);
    let first = connection.begin(clock.elapsed());
    std::thread::scope(|scope| {
        let watched = is_watched(&request.input) && !request.input.waits();
        let guard = watched.then(|| scope.spawn(|| watch.guard(request.loss.after, clock, &first)));
        // Players of a programme that goes on find what there is of it.
        let left = request.resume.then(|| programme::left_in(&request.output)).flatten();
        let health = listener.map(|listener| scope.spawn(|| listener.serve_meanwhile(left, &waits)));
        let telling = request.input.waits().then(|| scope.spawn(|| tell_refused(refusals, clock, &waits)));
        let opened = watch.waiting(clock, || open_first(opener, &begin, &first, clock, control));
        watch.end();
        waits.cancel();
        guard.map(ScopedJoinHandle::join);
        telling.map(ScopedJoinHandle::join);
        health.map_or(Ok(Ok(())), ScopedJoinHandle::join).map_err(|_| Error::Panicked)??;
        opened.map_err(|error| match error {
            _ if control.cancel.is_cancelled() => Error::Cancelled(Cancelled),
            _ if watch.has_stalled() => nothing_came(request),
            error => Error::from(error),
        })
    })
}

/// Whether a source may fall silent. A file never does.
pub(super) fn is_watched(input: &Locator) -> bool {
    match input {
        Locator::File(_) => false,
        Locator::Stdin | Locator::Url(_) | Locator::Listen(..) => true,
    }
}

/// How often it is looked whether somebody was refused.
const POLL: Duration = Duration::from_millis(200);

fn tell_refused(refusals: &Refusals<'_>, clock: &dyn LiveClock, until: &CancelToken) {
    while !until.is_cancelled() {
        refusals.look(None);
        clock.pause(POLL);
    }
}

/// Brings a source that is copied to where its programme begins. What has no plan is refused by who asks for that.
fn begin(request: &Request, source: &mut LiveSource) -> Result<(), av::Error> {
    let plan = request.copy.then(|| request.plan(source.info())).and_then(Result::ok);
    let Some((main, sounds)) = plan.as_ref().and_then(copies::beginning) else { return Ok(()) };
    let all: Vec<_> = std::iter::once(main).chain(sounds.iter().copied()).collect();
    source.select(&all);
    source.begin(main, &sounds)
}

/// How long the next publisher is not waited for after one of no use: he may come again at once.
const REST: Duration = Duration::from_millis(200);

/// Opens a source for the first time. Where somebody is waited for, one of whom nothing can be used, or who breaks off or
/// says nothing, is told of, and the next one is waited for.
fn open_first(
    opener: &Opener,
    begin: &dyn Fn(&mut LiveSource) -> Result<(), av::Error>,
    connection: &CancelToken,
    clock: &dyn LiveClock,
    control: Control<'_>,
) -> Result<(LiveSource, Vec<Warning>), av::Error> {
    loop {
        let opened = opener.open(Look::Closely, connection, &|| {});
        let opened = opened.and_then(|(mut source, warnings)| begin(&mut source).map(|()| (source, warnings)));
        match opened {
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
