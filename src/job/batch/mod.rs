//! Several files in, a set for each and one report out. All of them share the threads and the memory of the run.

pub mod junit;
mod place;
pub mod report;

use std::ffi::OsStr;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::key::Identity;
use super::pool::Pool;
use super::report::Report;
use super::sync::{Delivery, Error as Refused};
use super::{Error, crew, keys, vod};
use crate::cancel::CancelToken;
use crate::clock::{Clock, Since};
use crate::config::Settings;
use crate::event::{Control, End, Event, Input, OneOf};
use crate::output::is_key;
use crate::output::object::Location;
use crate::source::discover::{Discovery, Found};
use crate::source::probe::{self, Depth};
use place::Place;
use report::{BatchReport, Entry};

/// What is asked of one run over several files.
#[derive(Debug, Clone)]
pub struct Request {
    /// The files, and what was left out.
    pub inputs: Discovery,
    /// The directory of all sets, or the URL of a bucket and a prefix; each is in one of its own below it.
    pub output: PathBuf,
    /// Every decision of the user.
    pub settings: Settings,
    /// What to encrypt with, when it is to be encrypted.
    pub keys: Option<keys::KeySource>,
    /// How all of it is delivered, where the output is in a bucket.
    pub delivery: Delivery,
    /// How many threads work; the bytes do not depend on it.
    pub jobs: usize,
    /// Ignore finished work and do it again, and replace files of others.
    pub force: bool,
    /// Go on with the others when one fails.
    pub keep_going: bool,
    /// The exit code of a run that fails like this, for the report.
    pub exit_code: fn(&Error) -> u8,
}

impl Request {
    /// The files and where their sets go.
    pub fn listed(&self) -> Vec<Input> {
        let one = |found: &Found| Input {
            path: found.path.clone(),
            output: self.output.join(&found.name),
            bytes: found.bytes,
        };
        self.inputs.found.iter().map(one).collect()
    }
}

/// How a run over several files ended.
#[derive(Debug)]
pub struct Ended {
    /// What became of every input.
    pub report: BatchReport,
    /// What ended all of it and is no failure of an input: a key server that gives no keys, or a thread that broke.
    pub stopped: Option<Error>,
}

/// Encodes every input that is not encoded yet. What fails is told in the report; the first failure stops the others
/// unless they are to go on. Fails itself when nothing was begun, or when the report cannot be written.
pub fn encode(request: &Request, clock: &dyn Clock, control: Control<'_>) -> Result<Ended, Error> {
    let output = Location::parse(request.output.as_os_str())?;
    let places =
        request.inputs.found.iter().map(|found| place_of(&output, found)).collect::<Result<Vec<_>, Error>>()?;
    if !request.keep_going {
        require_media(&request.inputs.found, control.cancel)?;
    }
    let place = Place::of(&output, control.cancel)?;
    place.hold(|| {
        place.clear_the_way(request.force)?;
        let pool = Pool::new(request.jobs)?;
        let inputs = request.listed();
        control.observer.on(&Event::Inputs { inputs: &inputs });
        let batch = Batch { request, inputs: &inputs, places: &places, pool: &pool, clock, ended: Mutex::default() };
        let start = clock.elapsed();
        let stopped = batch.run(control);
        let report = batch.report(clock.elapsed() - start, control.cancel);
        place.write(&report.text()?, request.delivery.cache_control.manifest.as_deref())?;
        Ok(Ended { report, stopped })
    })
}

/// Where the set of an input goes. No object has a name that is not text.
fn place_of(output: &Location, found: &Found) -> Result<Location, Error> {
    match output {
        Location::Directory(directory) => Ok(Location::Directory(directory.join(&found.name))),
        Location::Bucket(_) => {
            let parts = found.name.iter().map(OsStr::to_str).collect::<Option<Vec<_>>>();
            let key = parts.map(|parts| parts.join("/")).filter(|key| is_key(key));
            Ok(output.join(&key.ok_or_else(|| Refused::Name(found.path.clone()))?))
        }
    }
}

/// Before an hour of work, not after it: what was named must be there, and media.
fn require_media(found: &[Found], cancel: &CancelToken) -> Result<(), Error> {
    for found in found.iter().filter(|found| found.named) {
        probe::probe(&found.path, Depth::Header, cancel)?;
        Identity::of(&found.path)?.ok_or_else(|| Error::NotAFile(found.path.clone()))?;
    }
    Ok(())
}

/// No input can be worked on after this.
fn ends_all(error: &Error) -> bool {
    matches!(error, Error::Panicked | Error::Keys(keys::Error::Closed(_)))
}

/// One run.
struct Batch<'a> {
    request: &'a Request,
    inputs: &'a [Input],
    /// Where the set of each goes.
    places: &'a [Location],
    pool: &'a Pool,
    clock: &'a dyn Clock,
    /// What became of the inputs that were begun, by their positions.
    ended: Mutex<Vec<(usize, Entry)>>,
}

impl Batch<'_> {
    /// Works on as many inputs side by side as there are threads. Where those that come first in the list do not
    /// keep all threads busy, the next ones do. Gives what ended all of it, if something did.
    fn run(&self, control: Control<'_>) -> Option<Error> {
        let positions = (0..self.inputs.len()).collect();
        let result = crew::run(self.pool.jobs(), positions, control, |position, control| {
            let start = self.clock.elapsed();
            let result = self.one(position, control);
            let end = End::of(&result);
            let failure = result.as_ref().err().filter(|_| end == End::Failed);
            let error = failure.map(|error| error as &(dyn std::error::Error + 'static));
            control.observer.on(&Event::Ended { input: position, end, error });
            let mut entry = self.entry(position, end);
            entry.elapsed_ms = (self.clock.elapsed() - start).as_millis() as u64;
            entry.error = failure.map(|error| report::Failure::of(error, self.request.exit_code));
            if let Ok(report) = &result {
                entry.add(report);
            }
            self.ended.lock().unwrap_or_else(PoisonError::into_inner).push((position, entry));
            match result {
                Err(error) if ends_all(&error) || !(self.request.keep_going && end == End::Failed) => Err(error),
                Ok(_) | Err(_) => Ok(()),
            }
        });
        result.err().filter(ends_all)
    }

    fn entry(&self, position: usize, end: End) -> Entry {
        Entry::named(&self.inputs[position].path, &self.request.inputs.found[position].name, end)
    }

    fn one(&self, position: usize, control: Control<'_>) -> Result<Report, Error> {
        let observer = OneOf { observer: control.observer, input: position };
        let Input { path, output, .. } = &self.inputs[position];
        // Of an output in a bucket it is text, and no root of the paths is said of another.
        let name = self.request.inputs.found[position].name.to_string_lossy();
        let request = vod::Request {
            input: path.clone(),
            output: output.clone(),
            subtitles: Vec::new(),
            settings: self.request.settings.clone(),
            keys: self.request.keys.clone(),
            delivery: self.request.delivery.below(&name),
            jobs: self.pool.jobs(),
            force: self.request.force,
        };
        let (share, clock) = (self.pool.share(position), Since::now(self.clock));
        vod::encode_at(
            share,
            &self.places[position],
            &request,
            &clock,
            Control { observer: &observer, cancel: control.cancel },
        )
    }

    fn report(&self, elapsed: Duration, cancel: &CancelToken) -> BatchReport {
        let mut ended = std::mem::take(&mut *self.ended.lock().unwrap_or_else(PoisonError::into_inner));
        ended.sort_by_key(|(position, _)| *position);
        let mut ended = ended.into_iter().peekable();
        let entry = |position: usize| match ended.next_if(|(ended, _)| *ended == position) {
            Some((_, entry)) => entry,
            None => self.entry(position, End::NotStarted),
        };
        let entries = (0..self.inputs.len()).map(entry).collect();
        BatchReport::of(entries, &self.request.inputs.skipped, elapsed, cancel.is_cancelled())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(output: &str, name: PathBuf) -> Result<String, Error> {
        let output = Location::parse(output.as_ref()).expect("a place");
        let found = Found { path: name.clone(), name, bytes: 0, named: false };
        place_of(&output, &found).map(|place| place.to_string())
    }

    #[cfg(unix)]
    #[test]
    fn a_set_goes_below_the_output_under_the_name_of_its_file_or_nowhere() {
        use std::os::unix::ffi::OsStrExt;
        let odd = PathBuf::from(OsStr::from_bytes(b"caf\xe9"));
        assert_eq!(place("s3://b/x", "a/Episode #1?".into()).expect("a key"), "s3://b/x/a/Episode #1?");
        assert!(place("s3://b/x", odd.clone()).expect_err("no text").to_string().contains("not valid Unicode"));
        assert!(place("s3://b", "a\\b".into()).is_err());
        assert!(place("out", odd).is_ok());
    }
}
