//! Keys: read from where the flags say, and new ones made by `streampack keys`.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use serde_json::Value;
use streampack::config::Encryption;
use streampack::crypt::{Keys, KeysWanted, Token};
use streampack::event::{Event, Observer, Warning};
use streampack::job::keys::KeySource;
use streampack::job::{self, keys as files};
use streampack::plan::names;

use super::Run;
use super::encryption::{KeyFlags, KeysFlags, KeysVerb};
use super::error::Error;
use super::speke;
use super::terminal::Terminal;

/// Keys for what there is already in `root`, if the flags name any; of a key server those for all types of tracks and all
/// periods. Tells `observer` when others may read their file, or the way to the server.
pub(crate) fn read(flags: &KeyFlags, root: &Path, run: &Run, observer: &dyn Observer) -> Result<Option<Keys>, Error> {
    if let Some(server) = server(flags, None, observer)? {
        let wanted = KeysWanted { periods: periods(root), ..KeysWanted::all() };
        return Ok(Some(server.ask(&wanted, &run.cancel)?));
    }
    given(flags, observer)
}

/// No key server is asked for more periods, whatever a report says: days of one a minute.
const MOST_PERIODS: f64 = 10_000.0;

/// The most key periods that a set in `root` or, after a run over several files, one of those below it can have by its
/// report; nothing where keys do not change.
fn periods(root: &Path) -> Option<u32> {
    let json = |path: &Path| serde_json::from_slice::<Value>(&fs::read(path).ok()?).ok();
    let batch = json(&root.join(names::BATCH_REPORT));
    let inputs = batch.iter().filter_map(|batch| batch["inputs"].as_array()).flatten();
    let below = inputs.filter_map(|input| input["report"].as_str()).map(|report| root.join(report));
    let reports = std::iter::once(root.join(names::REPORT)).chain(below).filter_map(|path| json(&path));
    let periods = reports.filter_map(|report| {
        let period = report["settings"]["encryption"]["crypto_period_s"].as_f64()?;
        // The last one may be shorter, and no other is.
        Some((report["duration_s"].as_f64()? / period).ceil().clamp(1.0, MOST_PERIODS) as u32)
    });
    periods.max()
}

/// Keys to encrypt with, if the flags name any; a key server is asked when it is known for what.
pub(crate) fn source(
    flags: &KeyFlags,
    encryption: Option<&Encryption>,
    observer: &dyn Observer,
) -> Result<Option<KeySource>, Error> {
    if let Some(server) = server(flags, encryption, observer)? {
        return Ok(Some(KeySource::Server(Arc::new(server))));
    }
    Ok(given(flags, observer)?.map(KeySource::Given))
}

fn server(
    flags: &KeyFlags,
    encryption: Option<&Encryption>,
    observer: &dyn Observer,
) -> Result<Option<speke::Server>, Error> {
    let Some(url) = &flags.speke else { return Ok(None) };
    if let Some(warning) = speke::exposed(url) {
        observer.on(&Event::Warned(&warning));
    }
    let content_id = flags.content_id.as_deref().unwrap_or_default();
    Ok(Some(speke::Server::new(url, content_id, encryption)?))
}

/// The keys of a file or a command.
fn given(flags: &KeyFlags, observer: &dyn Observer) -> Result<Option<Keys>, Error> {
    let told = |read: Result<(Keys, Option<Warning>), files::Error>| {
        let (keys, warning) = read.map_err(job::Error::from)?;
        warning.iter().for_each(|warning| observer.on(&Event::Warned(warning)));
        Ok(Some(keys))
    };
    match flags {
        KeyFlags { key_file: Some(path), .. } => told(files::read(path)),
        KeyFlags { cpix: Some(path), .. } => told(files::read_cpix(path)),
        KeyFlags { key_command: Some(command), .. } => Ok(Some(files::of_command(command).map_err(job::Error::from)?)),
        KeyFlags { key_file: None, cpix: None, key_command: None, speke: _, content_id: _ } => Ok(None),
    }
}

/// The token in a file. Tells `observer` when others may read it.
pub(crate) fn token(path: &Path, observer: &dyn Observer) -> Result<Token, Error> {
    let (token, warning) = files::token(path).map_err(job::Error::from)?;
    warning.iter().for_each(|warning| observer.on(&Event::Warned(warning)));
    Ok(token)
}

/// `streampack keys`.
pub(crate) fn keys(flags: &KeysFlags, terminal: &Terminal) -> Result<(), Error> {
    match &flags.verb {
        KeysVerb::New { output, per_type, periods } => new(output, *per_type, *periods, terminal),
    }
}

fn new(output: &Path, per_type: bool, periods: Option<u32>, terminal: &Terminal) -> Result<(), Error> {
    let made = files::generate(per_type, periods).map_err(job::Error::from)?;
    files::create(output, &made).map_err(job::Error::from)?;
    let count = made.entries().len();
    let plural = if count == 1 { "" } else { "s" };
    terminal.tell(&format!("{count} new key{plural} in {}\n", output.display()));
    Ok(())
}
