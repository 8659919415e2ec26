//! The terminal: arguments in; messages, bars, JSON lines and an exit code out. The only user of clap and
//! indicatif.

mod args;
mod asked;
mod color;
mod defaults;
mod delivery;
mod destined;
mod doctor;
mod document;
mod encode;
mod encryption;
mod error;
mod exit;
mod hook;
mod json;
mod keys;
mod layer;
mod line;
mod live;
mod man;
mod moving;
mod notify;
mod package;
mod patience;
mod presets;
mod progress;
mod publishing;
mod report;
mod run;
mod screen;
mod serve;
mod several;
mod show;
mod signal;
mod speke;
mod sync;
mod tally;
mod terminal;
mod token;
mod verify;
mod view;

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::FromArgMatches;
use clap::error::ErrorKind;
use streampack::cancel::CancelToken;
use streampack::clock::SystemClock;

use args::{CommandLine, Telling, Verb};
use asked::Asked;
use error::{Error, Rerun};
use exit::Code;
use json::Json;
use signal::Signals;
use terminal::{Hints, Terminal};
use view::{Subject, View};

/// What every verb that works on media gets.
pub(crate) struct Run {
    pub(crate) terminal: Terminal,
    pub(crate) clock: SystemClock,
    pub(crate) cancel: CancelToken,
    signals: Signals,
}

/// Does what the words of the command line say.
pub(crate) fn main(words: &[OsString]) -> Code {
    let clock = SystemClock::start();
    let hints = Hints::scan(words);
    let parsed = defaults::command().try_get_matches_from(words);
    match parsed.and_then(|mut matches| CommandLine::from_arg_matches_mut(&mut matches)) {
        Ok(CommandLine { shared, verb }) => {
            let terminal = Terminal::new(&shared);
            match dispatch(verb, terminal, clock, hints) {
                Ok(()) => Code::Ok,
                Err(error) => {
                    terminal.fail(&error);
                    Code::from(&error)
                }
            }
        }
        Err(error) => refuse(&error, clock, hints),
    }
}

fn dispatch(verb: Verb, terminal: Terminal, clock: SystemClock, hints: Hints) -> Result<(), Error> {
    match verb {
        Verb::Encode(encode) => {
            let told = |error: &Error| summarise_failure(&clock, hints.json, only(&encode.inputs), error);
            let asked = Asked::of_encode(&encode).inspect_err(told)?;
            let run = Run::start(terminal, clock)?;
            if encode.dry_run {
                return run.answer(only(&asked.inputs), encode.telling.json, |run| {
                    encode::plan(&asked, encode.telling.json, run)
                });
            }
            let work = |run: &Run, view: &View<'_>| encode::encode(&encode, &asked, run, view);
            run.watch(asked.subject(), encode.telling, Rerun::GoesOn, work)
        }
        Verb::Package(package) => {
            let work = |run: &Run, view: &View<'_>| package::package(&package, run, view);
            let telling = Telling { no_progress: package.telling.no_progress || package.dry_run, ..package.telling };
            let first = package.inputs.first().cloned().unwrap_or_default();
            Run::start(terminal, clock)?.watch(Subject::One(first), telling, Rerun::StartsOver, work)
        }
        Verb::Plan(plan) => {
            let told = |error: &Error| summarise_failure(&clock, hints.json, only(&plan.inputs), error);
            let asked = Asked::of_plan(&plan).inspect_err(told)?;
            let work = |run: &Run| encode::plan(&asked, plan.json, run);
            Run::start(terminal, clock)?.answer(only(&asked.inputs), plan.json, work)
        }
        Verb::Live(live) => {
            let (telling, input) = (live.telling, live.source_name());
            let work = |run: &Run, view: &View<'_>| live::live(*live, run, view);
            let run = Run::start_with(terminal, clock, signal::GRACE_OF_LIVE)?;
            run.watch(Subject::One(input.into()), telling, Rerun::StartsOver, work)
        }
        Verb::Probe(probe) => {
            Run::start(terminal, clock)?.answer(Some(&probe.input), probe.json, |run| run::probe(&probe, run))
        }
        Verb::Thumbnails(thumbnails) => {
            let work = |run: &Run, view: &View<'_>| run::thumbnails(&thumbnails, run, view);
            Run::start(terminal, clock)?.watch(
                Subject::One(thumbnails.input.clone()),
                thumbnails.telling,
                Rerun::StartsOver,
                work,
            )
        }
        Verb::Serve(serve) => {
            // No work is counted here, so there is no progress to show.
            let telling = Telling { json: serve.json, no_progress: true };
            let root = serve.root.clone().unwrap_or_else(|| ".".into());
            Run::start(terminal, clock)?.watch(Subject::One(root.clone()), telling, Rerun::StartsOver, |run, view| {
                serve::serve(&serve, &root, run, view)
            })
        }
        Verb::Sync(sync) => {
            let work = |run: &Run, view: &View<'_>| sync::sync(&sync, run, view);
            let telling = Telling { no_progress: sync.telling.no_progress || sync.dry_run, ..sync.telling };
            Run::start(terminal, clock)?.watch(Subject::One(sync.source.clone()), telling, Rerun::GoesOn, work)
        }
        Verb::Verify(verify) => {
            let telling = Telling { json: verify.json, no_progress: true };
            Run::start(terminal, clock)?.watch(
                Subject::One(verify.set.clone()),
                telling,
                Rerun::StartsOver,
                |run, view| verify::verify(&verify, run, view),
            )
        }
        Verb::Doctor(doctor) => doctor::doctor(&doctor, &Run::start(terminal, clock)?),
        Verb::Keys(flags) => keys::keys(&flags, &terminal),
        Verb::Token(flags) => token::token(&flags, &clock, &terminal),
        Verb::Presets(presets) => presets::presets(&presets, &terminal)
            .inspect_err(|error| summarise_failure(&clock, hints.json, None, error)),
        Verb::Completions(completions) => terminal.print(&completion_script(completions.shell)?),
        Verb::Man(manual) => terminal.print(&man::print(manual.command.as_deref())?),
    }
}

impl Run {
    fn start(terminal: Terminal, clock: SystemClock) -> Result<Self, Error> {
        Self::start_with(terminal, clock, signal::GRACE)
    }

    fn start_with(terminal: Terminal, clock: SystemClock, grace: Duration) -> Result<Self, Error> {
        let cancel = CancelToken::default();
        let signals = Signals::watch(&cancel, grace).map_err(Error::Signals)?;
        Ok(Self { terminal, clock, cancel, signals })
    }

    /// Does long work under the eyes of a view, and tells the view the end.
    fn watch(
        &self,
        subject: Subject,
        telling: Telling,
        rerun: Rerun,
        work: impl FnOnce(&Self, &View<'_>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let view = View::new(telling, &self.terminal, &self.clock, &self.cancel, &subject);
        let result = work(self, &view);
        view.close();
        let result = match view.take_failure() {
            Some(failure) => return Err(Error::Stdout(failure)),
            None => self.name_the_signal(result, rerun),
        };
        match &result {
            Ok(()) => view.summary(Code::Ok, None),
            Err(error) => view.summary(Code::from(error), Some(error.chain())),
        }
        match view.take_failure() {
            Some(failure) => result.and(Err(Error::Stdout(failure))),
            None => result,
        }
    }

    /// Does work whose result is printed as data; under `--json` a failure is told there too.
    fn answer(
        &self,
        input: Option<&Path>,
        json: bool,
        work: impl FnOnce(&Self) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let result = self.name_the_signal(work(self), Rerun::StartsOver);
        result.inspect_err(|error| summarise_failure(&self.clock, json, input, error))
    }

    /// Work that stopped because it was told to, was told by a signal.
    fn name_the_signal(&self, result: Result<(), Error>, rerun: Rerun) -> Result<(), Error> {
        result.map_err(|error| match self.signals.caught() {
            Some(signal) if error.is_stop() => Error::Stopped { signal, rerun },
            Some(_) | None => error,
        })
    }
}

/// What completes the words of our command line in a shell.
fn completion_script(shell: clap_complete::Shell) -> Result<String, Error> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut defaults::command(), "streampack", &mut script);
    String::from_utf8(script).map_err(|error| Error::Stdout(io::Error::other(error)))
}

/// The input, when there is one alone.
fn only(inputs: &[PathBuf]) -> Option<&Path> {
    match inputs {
        [one] => Some(one),
        _ => None,
    }
}

/// Ends with what clap has to say: help and version on stdout, errors as one line on stderr.
fn refuse(error: &clap::Error, clock: SystemClock, hints: Hints) -> Code {
    let terminal = Terminal::colored(hints.color);
    let text = |colored: bool| {
        let text = error.render();
        if colored { text.ansi().to_string() } else { text.to_string() }
    };
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            match terminal.print(&text(terminal.stdout.is_colored())) {
                Ok(()) => Code::Ok,
                Err(error) => Code::from(&error),
            }
        }
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            terminal.tell(&text(terminal.stderr.is_colored()));
            Code::Usage
        }
        _ => {
            let error = error::usage(error);
            terminal.fail(&error);
            summarise_failure(&clock, hints.json, None, &error);
            Code::from(&error)
        }
    }
}

/// The one line that a script gets from a run that failed before it began.
fn summarise_failure(clock: &SystemClock, json: bool, input: Option<&Path>, error: &Error) {
    if json && !error.is_silent() {
        let cancel = CancelToken::default();
        let input = input.map(|path| path.display().to_string());
        Json::new(clock, &cancel, input, io::stdout()).summary(Code::from(error), Some(error.chain()));
    }
}
